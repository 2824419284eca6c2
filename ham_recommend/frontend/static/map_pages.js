// @ts-check
// The pages of tiles of a map: asked for when they are looked at, given up when others need their place.

/** @import { Camera } from "./map_camera.js" */
/** @import { Land } from "./map_land.js" */

const FROM = 6; // pixels of a cell on the screen from which a picture tells more than its colour
const AT_ONCE = 6;
const MOST_SEEN = 60_000;

export class Pages {
  /** @type {Map<number, number>} Page → its layer, least recently seen first. */
  #layers = new Map();
  /** @type {number[]} Layers that hold nothing. */
  #free = [];
  /** @type {Set<number>} Pages under way. */
  #asked = new Set();
  /** @type {Set<number>} Pages that came and were none. */
  #failed = new Set();
  /** @type {Set<number>} Pages that are looked at. */
  #seen = new Set();

  /**
   * @param {Land} land
   * @param {number} layers how many pages can be held
   * @param {(names: string[]) => void} ask
   */
  constructor(land, layers, ask) {
    this.land = land;
    this.ask = ask;
    this.#free = Array.from({ length: layers }, (_, at) => at).reverse();
  }

  /** Whether what is looked at is there. */
  get settled() {
    return [...this.#seen].every((page) => this.#layers.has(page) || this.#failed.has(page));
  }

  get held() {
    return this.#layers.size;
  }

  /** The size of tiles, by its position, that shows a cell; -1 for its colour. @param {number} pixels */
  levelAt(pixels) {
    if (pixels < FROM) return -1;
    const { tiles } = this.land.message;
    const level = tiles.findIndex((size) => size * 1.4 >= pixels);
    return level < 0 ? tiles.length - 1 : level;
  }

  /** Ask for what a camera sees and is not there. @param {Camera} camera @param {number[]} also works */
  look(camera, also) {
    const { land } = this;
    const level = this.levelAt(camera.z * devicePixelRatio);
    const top = land.message.tiles.length - 1;
    /** @type {Map<number, number>} */
    const counted = new Map();
    const count = (/** @type {number} */ row, /** @type {number} */ at) => {
      const page = (land.firstPages[at] ?? 0) + Math.floor(row / land.perPage(land.message.tiles[at] ?? 1));
      counted.set(page, (counted.get(page) ?? 0) + 1);
    };
    if (level >= 0) for (const row of land.seen(camera, MOST_SEEN)) count(row, level);
    for (const row of also.slice(0, 40)) count(row, top);
    const most = this.#layers.size + this.#free.length;
    const wanted = [...counted].sort((a, b) => b[1] - a[1]).slice(0, most);
    this.#seen = new Set(wanted.map(([page]) => page));
    for (const page of this.#seen) this.#touch(page);
    const lacking = [...this.#seen].filter((page) => !this.#layers.has(page) && !this.#failed.has(page));
    const next = lacking.filter((page) => !this.#asked.has(page)).slice(0, AT_ONCE - this.#asked.size);
    for (const page of next) this.#asked.add(page);
    if (next.length) this.ask(next.map((page) => this.nameOf(page)));
  }

  /** @param {number} page */
  #touch(page) {
    const layer = this.#layers.get(page);
    if (layer === undefined) return;
    this.#layers.delete(page);
    this.#layers.set(page, layer);
  }

  /** @param {number} page */
  nameOf(page) {
    const { firstPages, message } = this.land;
    const level = firstPages.findLastIndex((first) => first <= page);
    return `${message.tiles[level]}-${page - (firstPages[level] ?? 0)}`;
  }

  /** @param {string} name @returns {number | null} */
  pageOf(name) {
    const [size, number] = name.split("-").map(Number);
    const level = this.land.message.tiles.indexOf(size ?? 0);
    return level < 0 || number === undefined ? null : (this.land.firstPages[level] ?? 0) + number;
  }

  /** A page came: the layer that it gets, and the page that had to go for it. @param {number} page */
  place(page) {
    this.#asked.delete(page);
    let gone = null;
    let layer = this.#layers.get(page) ?? this.#free.pop();
    if (layer === undefined) {
      const [oldest] = [...this.#layers].find(([each]) => !this.#seen.has(each)) ?? [];
      if (oldest === undefined) return null;
      layer = this.#layers.get(oldest) ?? 0;
      this.#layers.delete(oldest);
      gone = oldest;
    }
    this.#layers.set(page, layer);
    return { layer, gone };
  }

  /** A page is none, or did not come. @param {number} page */
  fail(page) {
    this.#asked.delete(page);
    this.#failed.add(page);
  }
}
