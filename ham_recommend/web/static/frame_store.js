// @ts-check
// What a frame has at hand: the next pictures, what it has shown, and what the server has not heard yet.
// All of it is kept on the device, so that a reload or a night without a network changes nothing on the wall.

import { posted } from "./sending.js";

/**
 * @typedef {object} Work as much of one as a wall needs
 * @property {string} id
 * @property {string} title
 * @property {string} by
 * @property {string} about
 * @property {string} kind
 * @property {string} picture an address here, or elsewhere
 * @property {string} small an address here; empty where there is none
 */
/** @typedef {{ work: Work, at: number }} Showing `at` in milliseconds since 1970 */
/** @typedef {{ path: string, body: object }} Letter */
/** @typedef {{ discovery: number, without: string[] }} Wanted */
/** @typedef {"fits" | "unreached" | "none"} Filled */

const KEPT = "ham-frame-1";
const HELD = 20; // pictures at hand: a night at half an hour each
const LOW = 12;
const REMEMBERED = 80;

export class FrameStore {
  /** @type {Map<string, Promise<string>>} Address → the picture's own address on this device. */
  #pictures = new Map();
  #filling = /** @type {Promise<Filled> | null} */ (null);
  #sending = Promise.resolve();
  /** @type {Work[]} */
  waiting = [];
  /** @type {Showing[]} The newest last; the last one is on the wall. */
  shown = [];
  /** @type {Letter[]} */
  #letters = [];
  /** @type {Record<string, string[]>} Which works are liked, disliked and kept. */
  marked = { like: [], dislike: [], keep: [] };

  /** @param {string} collection */
  constructor(collection) {
    this.collection = collection;
    this.base = `/api/v1/collections/${encodeURIComponent(collection)}`;
    const kept = JSON.parse(localStorage.getItem(this.#key) ?? "{}");
    this.waiting = kept.waiting ?? [];
    this.shown = kept.shown ?? [];
    this.#letters = kept.letters ?? [];
    this.marked = kept.marked ?? this.marked;
  }

  get #key() {
    return `frame of ${this.collection}`;
  }

  /** @returns {Showing | undefined} */
  get current() {
    return this.shown.at(-1);
  }

  save() {
    const { waiting, shown, marked } = this;
    localStorage.setItem(this.#key, JSON.stringify({ waiting, shown, marked, letters: this.#letters }));
  }

  /**
   * Have the next works at hand.
   *
   * @param {Wanted} wanted
   * @returns {Promise<Filled>}
   */
  fill(wanted) {
    if (this.waiting.length >= LOW) return Promise.resolve("fits");
    this.#filling ??= this.#fill(wanted).finally(() => {
      this.#filling = null;
    });
    return this.#filling;
  }

  /** @param {Wanted} wanted @returns {Promise<Filled>} */
  async #fill(wanted) {
    await this.flush();
    const held = [...this.waiting, ...(this.current ? [this.current.work] : [])].map(({ id }) => id);
    const body = { ...wanted, held, limit: HELD - this.waiting.length };
    const response = await fetch(`${this.base}/frame/next`, posted(body)).catch(() => null);
    if (!response?.ok) return this.waiting.length ? "fits" : "unreached";
    const { works } = await response.json();
    this.waiting.push(...works.map(ofWall));
    this.save();
    await this.#keepPictures();
    return this.waiting.length ? "fits" : "none";
  }

  /** Choose anew: something else is wanted. */
  drop() {
    this.waiting = [];
    this.save();
  }

  /** Put the next work on the wall. @returns {Work | undefined} */
  advance() {
    const work = this.waiting.shift();
    if (work) this.hang(work);
    return work;
  }

  /** @param {Work} work */
  hang(work) {
    this.shown = [...this.shown, { work, at: Date.now() }].slice(-REMEMBERED);
    this.#write("/frame/shown", { shown: [{ item_id: work.id, at: Date.now() / 1_000 }] });
  }

  /**
   * Say of a work that it is liked, not for one, or kept; or take that back.
   *
   * @param {"like" | "dislike" | "keep"} mark
   * @param {Work} work
   * @param {boolean} on
   */
  mark(mark, { id }, on) {
    const without = (/** @type {string[]} */ ids) => ids.filter((each) => each !== id);
    const other = { like: "dislike", dislike: "like", keep: "" }[mark];
    if (other && on) this.marked[other] = without(this.marked[other] ?? []);
    this.marked[mark] = on ? [...without(this.marked[mark] ?? []), id] : without(this.marked[mark] ?? []);
    if (mark === "dislike" && on) this.waiting = this.waiting.filter((each) => each.id !== id);
    const name = crypto.getRandomValues(new Uint32Array(4)).join("-");
    const events = {
      like: { type: on ? "like" : "unlike", item_id: id },
      dislike: { type: on ? "dislike" : "undislike", item_id: id },
      keep: { type: on ? "add_to_set" : "remove_from_set", name: "From the frame", item_ids: [id] },
    };
    this.#write(`/session/events?name=${name}`, events[mark]);
  }

  /** Learn what other pages of the same visitor said. */
  async learn() {
    await this.flush();
    const response = await fetch(`${this.base}/session`).catch(() => null);
    if (!response?.ok || this.#letters.length) return;
    const { liked_ids, disliked_ids, sets } = await response.json();
    const kept = sets.find((/** @type {[string, string[]]} */ [name]) => name === "From the frame");
    this.marked = { like: liked_ids, dislike: disliked_ids, keep: kept?.[1] ?? [] };
    this.save();
  }

  /** @param {string} path @param {object} body */
  #write(path, body) {
    this.#letters.push({ path, body });
    this.save();
    this.flush();
  }

  /** Tell the server what it has not heard, in order, as far as it answers. */
  flush() {
    this.#sending = this.#sending.then(async () => {
      for (let letter = this.#letters[0]; letter; letter = this.#letters[0]) {
        const response = await fetch(this.base + letter.path, posted(letter.body)).catch(() => null);
        if (!response || response.status === 429 || response.status >= 500) return;
        this.#letters.shift();
        this.save();
      }
    });
    return this.#sending;
  }

  // ---- pictures -----------------------------------------------------------------------------------------

  /**
   * The address of a work's picture on this device, or where it lies if it cannot be brought here.
   *
   * @param {Work} work
   * @returns {Promise<string>}
   */
  picture(work) {
    const here = [work.picture, work.small].find((address) => address.startsWith("/"));
    if (!here) return Promise.resolve(work.picture);
    const known = this.#pictures.get(here) ?? brought(here);
    this.#pictures.set(here, known);
    known.catch(() => this.#pictures.delete(here));
    return known.catch(() => work.small || work.picture);
  }

  /** Bring the next pictures here, and let go of those that are not needed any more. */
  async #keepPictures() {
    const wanted = [...this.waiting, ...this.shown.slice(-2).map(({ work }) => work)];
    const addresses = new Set(wanted.flatMap(({ picture, small }) => [picture, small]));
    for (const [address, kept] of this.#pictures) {
      if (addresses.has(address)) continue;
      this.#pictures.delete(address);
      kept.then((url) => URL.revokeObjectURL(url)).catch(() => {});
    }
    for (const work of wanted) await this.picture(work);
    const cache = await kept();
    for (const request of (await cache?.keys()) ?? [])
      if (!addresses.has(new URL(request.url).pathname)) await cache?.delete(request);
  }
}

/** @param {any} work @returns {Work} */
function ofWall({ item_id, title, artist, date, classification, medium, picture_url, thumbnail_url }) {
  const first = (/** @type {string[] | string} */ value) =>
    (Array.isArray(value) ? value.join(", ") : value) || "";
  return {
    id: item_id,
    title: title || "Untitled",
    by: first(artist),
    about: [first(date), first(medium)].filter(Boolean).join(" · "),
    kind: first(classification),
    picture: picture_url ?? thumbnail_url ?? "",
    small: thumbnail_url ?? "",
  };
}

/** Bring a picture here. @param {string} address */
async function brought(address) {
  const cache = await kept();
  const known = await cache?.match(address);
  const response = known ?? (await fetch(address));
  if (!response.ok) throw new Error("There is no such picture.");
  if (!known) await cache?.put(address, response.clone());
  return URL.createObjectURL(await response.blob());
}

/** Where pictures outlive a reload; browsers have it for safe addresses only. */
async function kept() {
  return globalThis.caches?.open(KEPT).catch(() => null);
}
