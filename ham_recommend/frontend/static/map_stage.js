// @ts-check
// The map itself: what is drawn in a frame, where it is, and which pictures are fetched for it.

import { h } from "./dom.js";
import { Camera } from "./map_camera.js";
import { FlatPainter } from "./map_canvas.js";
import { Gestures } from "./map_gestures.js";
import { Painter, PICTURE_SIDE } from "./map_gl.js";
import { Labels } from "./map_labels.js";
import { Land } from "./map_land.js";
import { Pages } from "./map_pages.js";

/** @import { Raised } from "./map_gl.js" */
/** @import { MapMessage } from "./protocol.d.ts" */

const CLOSE = 84; // pixels of a cell on the screen from which a tile is too coarse: the picture is fetched
const FADED = 0.16;
const SETTLED_MS = 140;
const CORNERS = 64;
const FLAT = "This browser has no WebGL 2: pictures appear where some hundreds of works are in view.";

/**
 * What stands out, each by its rows.
 *
 * @typedef {object} Standing
 * @property {number[]} lit answers, best first
 * @property {number | null} start the work that they are like
 * @property {boolean} gathered whether answers come together
 * @property {number[]} chosen inside the lasso
 * @property {number[]} liked
 * @property {number | null} pointed
 */

/**
 * @typedef {object} StageHost
 * @property {(names: string[]) => void} askTiles
 * @property {(rows: number[]) => void} askPictures
 * @property {(row: number) => void} onOpen
 * @property {(row: number | null) => void} onPoint
 * @property {(polygon: [number, number][]) => void} onLasso
 * @property {() => void} onSettle
 * @property {() => void} onKey
 * @property {() => void} onEscape
 */

export class Stage {
  /** @type {Land | null} */
  land = null;
  /** @type {Camera | null} */
  camera = null;
  /** @type {Painter | FlatPainter | null} */
  painter = null;
  /** @type {Pages | null} */
  pages = null;
  /** @type {Standing} */
  standing = { lit: [], start: null, gathered: true, chosen: [], liked: [], pointed: null };
  labels = new Labels();
  #light = 1;
  #together = 0;
  #frame = 0;
  #last = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #settling;
  /** @type {Map<number, number>} Row → slot of its picture, least recently seen first. */
  #pictures = new Map();
  /** @type {Set<number>} Rows whose picture is under way, or will never come. */
  #asked = new Set();
  #line = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  #path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  /** What is to be said of how it is drawn. */
  note = "";
  #watching;

  /** @param {StageHost} host */
  constructor(host) {
    this.host = host;
    this.canvas = h("canvas", { class: "ham-map-canvas" });
    this.#line.setAttribute("class", "ham-map-line");
    this.#line.setAttribute("aria-hidden", "true");
    this.#line.append(this.#path);
    this.surface = h(
      "div",
      {
        class: "ham-map-surface",
        tabindex: "0",
        role: "application",
        "aria-label": "Map of the collection",
        "aria-roledescription": "map",
        "data-lm-suppress-shortcuts": "true",
      },
      this.canvas,
      this.labels.element,
    );
    this.surface.append(this.#line);
    this.element = h("div", { class: "ham-map-stage" }, this.surface);
    this.gestures = new Gestures(this.surface, () => this.camera, {
      onClick: (left, top) => this.#click(left, top),
      onPoint: (left, top) => this.#point(left, top),
      onDraw: (line, done) => this.#draw(line, done),
      onZoom: (factor) => this.zoomBy(factor),
      onEnter: () => this.#enter(),
      onEscape: () => host.onEscape(),
      onKey: () => host.onKey(),
    });
    this.#watching = new ResizeObserver(() => this.#resize());
    this.#watching.observe(this.surface);
  }

  // ---- what it shows ------------------------------------------------------------------------------------

  /** @param {MapMessage} message @param {DataView} points */
  show(message, points) {
    this.land = new Land(message, points);
    this.camera = new Camera(this.land.columns, this.land.rows, () => this.#moved());
    this.labels.set(message.regions);
    this.surface.setAttribute(
      "aria-label",
      `Map of ${message.works} works. Arrow keys move it, plus and minus change its size, Home shows all ` +
        "of it, Enter opens the work in the middle.",
    );
    this.#equip(this.land);
    this.#resize();
    this.camera.jumpTo(this.camera.home);
  }

  /** @param {Land} land */
  #equip(land) {
    this.#pictures.clear();
    this.#asked.clear();
    this.painter?.close();
    this.painter = null;
    try {
      this.painter = new Painter(this.#freshCanvas(), land);
    } catch {
      this.painter = new FlatPainter(this.#freshCanvas(), land);
    }
    this.note = this.painter.canSeeAll ? "" : FLAT;
    this.pages = new Pages(land, this.painter.layers, this.host.askTiles);
    this.redraw();
  }

  /** A canvas that was drawn on in one way cannot be drawn on in another. */
  #freshCanvas() {
    const fresh = h("canvas", { class: "ham-map-canvas" });
    fresh.addEventListener("webglcontextlost", (event) => {
      event.preventDefault();
      this.painter = null;
    });
    fresh.addEventListener("webglcontextrestored", () => this.land && this.#equip(this.land));
    this.canvas.replaceWith(fresh);
    this.canvas = fresh;
    this.#size();
    return fresh;
  }

  /** @param {string} name @param {Blob | null} blob */
  async receiveTile(name, blob) {
    const { pages, painter } = this;
    const page = pages?.pageOf(name);
    if (!pages || page === null || page === undefined) return;
    const picture = blob && (await createImageBitmap(blob).catch(() => null));
    if (pages !== this.pages || painter !== this.painter || !painter) return;
    const place = picture ? pages.place(page) : null;
    if (picture && place) painter.addPage(page, place.layer, place.gone, picture);
    else pages.fail(page);
    if (picture && painter instanceof Painter) picture.close();
    this.redraw();
    this.#look();
  }

  /** @param {number} row @param {Blob | null} blob */
  async receivePicture(row, blob) {
    const { painter } = this;
    if (!blob || !painter) return;
    const sized = /** @type {const} */ ({ resizeWidth: PICTURE_SIDE, resizeHeight: PICTURE_SIDE });
    const picture = await createImageBitmap(blob, { ...sized, resizeQuality: "medium" }).catch(() => null);
    if (!picture || painter !== this.painter) return;
    const slot = this.#slot(row, painter.slots);
    painter.addPicture(slot, picture);
    if (painter instanceof Painter) picture.close();
    this.redraw();
  }

  /** @param {number} row @param {number} slots */
  #slot(row, slots) {
    let slot = this.#pictures.get(row) ?? this.#pictures.size;
    if (slot >= slots) {
      const [oldest = row, of = 0] = this.#pictures.entries().next().value ?? [];
      this.#pictures.delete(oldest);
      this.#asked.delete(oldest);
      slot = of;
    }
    this.#pictures.set(row, slot);
    return slot;
  }

  /** @param {Partial<Standing>} standing */
  stand(standing) {
    Object.assign(this.standing, standing);
    this.redraw();
    this.#look();
  }

  get rests() {
    return (this.pages?.settled ?? true) && !this.#frame && !this.camera?.flying;
  }

  close() {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#settling);
    this.#watching.disconnect();
    this.painter?.close();
    this.painter = null;
    this.land = null;
  }

  // ---- frames -------------------------------------------------------------------------------------------

  redraw() {
    this.#frame ||= requestAnimationFrame((now) => this.#drawFrame(now));
  }

  /** @param {number} now */
  #drawFrame(now) {
    this.#frame = 0;
    const { camera, painter, pages, land, standing } = this;
    if (!camera || !painter || !pages || !land || !this.surface.isConnected) return;
    const passed = Math.min(200, now - this.#last);
    this.#last = now;
    camera.step(now);
    const apart = standing.lit.length > 0 || standing.chosen.length > 0;
    this.#light = this.#towards(this.#light, apart ? FADED : 1, passed);
    this.#together = this.#towards(this.#together, standing.lit.length && standing.gathered ? 1 : 0, passed);
    painter.draw(camera, pages.levelAt(camera.z * devicePixelRatio), this.#light, this.#raised());
    this.labels.element.classList.toggle("ham-faded", apart);
    this.labels.draw(camera, land.message.origin);
    if (camera.flying) this.redraw();
  }

  /** @param {number} value @param {number} end @param {number} passed milliseconds */
  #towards(value, end, passed) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (calm || Math.abs(end - value) < 0.004) return end;
    this.redraw();
    return value + (end - value) * (1 - Math.exp(-passed / 130));
  }

  /** @returns {Raised[]} what is drawn above the ground, the last on top */
  #raised() {
    const { camera, land, standing } = this;
    if (!camera || !land) return [];
    const ink = rgb(getComputedStyle(this.surface).color);
    const heart = rgb(getComputedStyle(this.#line).color);
    const quiet = /** @type {[number, number, number, number]} */ ([0, 0, 0, 0]);
    /** @type {(row: number, pixels: number, more?: Partial<Raised>) => Raised} */
    const raise = (row, pixels, more = {}) => {
      const [x, y] = land.middleOf(row);
      const size = Math.max(1, pixels / camera.z);
      const picture = this.#pictures.get(row) ?? -1;
      return { row, x, y, size, opacity: 1, ring: quiet, picture, ...more };
    };
    const near = camera.z * devicePixelRatio >= CLOSE ? land.seen(camera, 400) : [];
    const opacity = this.#light;
    const shown = near.filter((row) => this.#pictures.has(row)).map((row) => raise(row, 0, { opacity }));
    const marks = standing.liked.map((row) => raise(row, 20, { ring: [...heart, 2.5] }));
    const chosen = standing.chosen.map((row) => raise(row, 12));
    const answers = standing.lit.map((row, at) => raise(row, ...this.#answer(at, land.middleOf(row))));
    const pointed = standing.pointed === null ? [] : [this.#pointed(raise, standing.pointed, ink)];
    return [...shown, ...chosen, ...answers.reverse(), ...marks, ...pointed];
  }

  /**
   * @param {(row: number, pixels: number, more?: Partial<Raised>) => Raised} raise
   * @param {number} row
   * @param {[number, number, number]} ink
   */
  #pointed(raise, row, ink) {
    const at = this.standing.lit.indexOf(row);
    const [pixels, place] = at < 0 || !this.land ? [44, {}] : this.#answer(at, this.land.middleOf(row));
    return raise(row, Math.max(44, pixels), { ...place, ring: [...ink, 2] });
  }

  /**
   * How large an answer is, and where: at its own place, or with the others round their middle.
   *
   * @param {number} at
   * @param {[x: number, y: number]} own
   * @returns {[pixels: number, place: { x: number, y: number }]}
   */
  #answer(at, own) {
    const { camera } = this;
    if (!camera) return [0, { x: 0, y: 0 }];
    const roomy = Math.min(1, Math.min(camera.width, camera.height) / 640);
    const turn = at * 2.39996; // the golden angle: no two in line
    const [mx, my] = this.middle;
    const far = (27 * roomy * Math.sqrt(at + 0.4)) / camera.z;
    const [x, y] = [mx + far * Math.cos(turn), my + far * Math.sin(turn)];
    const share = this.#together;
    const pixels = (at < 12 ? 46 : 34) * roomy;
    return [
      pixels + (44 * roomy - pixels) * share,
      { x: own[0] + (x - own[0]) * share, y: own[1] + (y - own[1]) * share },
    ];
  }

  /** Where answers gather: at the work that they are like, else in the middle of the best. */
  get middle() {
    const { land, standing } = this;
    if (!land) return /** @type {[number, number]} */ ([0, 0]);
    if (standing.start !== null) return land.middleOf(standing.start);
    const best = standing.lit.slice(0, 12).map((row) => land.middleOf(row));
    const of = (/** @type {0 | 1} */ axis) =>
      best.map((place) => place[axis]).sort((a, b) => a - b)[Math.floor(best.length / 2)] ?? 0;
    return /** @type {[number, number]} */ ([of(0), of(1)]);
  }

  // ---- moving -------------------------------------------------------------------------------------------

  #moved() {
    this.redraw();
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => {
      if (this.camera?.flying) return this.#moved();
      this.#look();
      this.host.onSettle();
    }, SETTLED_MS);
    this.#look();
  }

  #looked = 0;

  /** Ask for what is seen and not there; while moving, not with every frame. */
  #look() {
    const { camera, land, pages, standing } = this;
    const now = performance.now();
    if (!camera || !land || !pages || now - this.#looked < 60) return;
    this.#looked = now;
    const best = [...standing.lit, ...standing.liked];
    pages.look(camera, best);
    const wide = camera.z * devicePixelRatio >= CLOSE;
    const wanted = wide && !camera.flying ? land.seen(camera, this.painter?.slots ?? 0) : [];
    const lacking = wanted.filter(
      (row) => !this.#pictures.has(row) && !this.#asked.has(row) && land.aspectOf(row),
    );
    for (const row of lacking) this.#asked.add(row);
    if (lacking.length) this.host.askPictures(lacking);
  }

  #resize() {
    this.#size();
    this.camera?.resize(this.surface.clientWidth, this.surface.clientHeight);
    this.redraw();
  }

  #size() {
    const ratio = Math.min(2, devicePixelRatio);
    this.canvas.width = Math.max(1, Math.round(this.surface.clientWidth * ratio));
    this.canvas.height = Math.max(1, Math.round(this.surface.clientHeight * ratio));
  }

  // ---- hands --------------------------------------------------------------------------------------------

  /** Come nearer; where that would show nothing but water, to the nearest land. @param {number} factor */
  zoomBy(factor) {
    const { camera, land } = this;
    if (!camera || !land) return;
    const z = camera.z * factor;
    const [row] = land.nearest(camera.x, camera.y, 1, Math.max(land.columns, land.rows));
    const [x, y] = row === undefined ? [camera.x, camera.y] : land.middleOf(row);
    const away = Math.hypot(x - camera.x, y - camera.y) * z > Math.min(camera.width, camera.height) / 3;
    if (factor > 1 && away) camera.flyTo({ x, y, z }, 260);
    else camera.glideBy(factor);
  }

  /** The work under a point: what is raised is above the ground. @param {number} left @param {number} top */
  workAt(left, top) {
    const { camera, land } = this;
    if (!camera || !land) return null;
    const [x, y] = camera.cellAt(left, top);
    const above = this.#raised().findLast(
      (each) => Math.abs(each.x - x) < each.size / 2 && Math.abs(each.y - y) < each.size / 2,
    );
    if (above) return above.row;
    const found = land.workAt(x, y);
    if (found !== null || camera.z > 12) return found;
    return land.nearest(x, y, 1, 8 / camera.z)[0] ?? null; // a finger is wider than a work far away
  }

  /** @param {number} left @param {number} top */
  #click(left, top) {
    const { camera } = this;
    const row = this.workAt(left, top);
    if (!camera || row === null) return;
    const tiny = camera.z < 14 && !this.#raised().some((each) => each.row === row);
    if (tiny) camera.glideBy(4, left, top);
    else this.host.onOpen(row);
  }

  /** @param {number | null} left @param {number} top */
  #point(left, top) {
    const row = left === null || this.gestures.drawing ? null : this.workAt(left, top);
    this.surface.classList.toggle("ham-on-work", row !== null);
    const far = (this.camera?.z ?? 0) < 5 && !this.standing.lit.includes(row ?? -1);
    this.host.onPoint(far ? null : row);
  }

  #enter() {
    const { camera, land } = this;
    if (!camera || !land) return;
    if (this.gestures.drawing)
      return this.#choose([
        [0, 0],
        [camera.width, 0],
        [camera.width, camera.height],
        [0, camera.height],
      ]);
    const [row] = land.nearest(camera.x, camera.y, 1, Math.max(land.columns, land.rows));
    if (row !== undefined) this.host.onOpen(row);
  }

  /** @param {[left: number, top: number][]} line @param {boolean} done */
  #draw(line, done) {
    const corners = line.map((corner) => corner.map(Math.round).join(" ")).join(" L");
    this.#path.setAttribute("d", done || !corners ? "" : `M${corners} Z`);
    if (done && line.length > 2) this.#choose(line);
  }

  /** @param {[left: number, top: number][]} line */
  #choose(line) {
    const { camera, land } = this;
    if (!camera || !land) return;
    const [column, row] = land.message.origin;
    const step = Math.ceil(line.length / CORNERS); // so few that an address can hold them
    const corners = line.filter((_, at) => at % step === 0);
    this.host.onLasso(
      (corners.length > 2 ? corners : line).map(([left, top]) => {
        const [x, y] = camera.cellAt(left, top);
        return [Math.round((x + column) * 100) / 100, Math.round((y + row) * 100) / 100];
      }),
    );
  }
}

/** @type {(colour: string) => [number, number, number]} A computed colour, each part from 0 to 1. */
function rgb(colour) {
  const parts = (colour.match(/[\d.]+/g) ?? []).map(Number);
  const whole = colour.startsWith("rgb") ? 255 : 1;
  const [red = 0, green = 0, blue = 0] = parts;
  return [red / whole, green / whole, blue / whole];
}
