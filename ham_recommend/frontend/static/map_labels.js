// @ts-check
// The names of regions on a map: as many as find room, the larger ones first.

import { h } from "./dom.js";

/** @import { Camera } from "./map_camera.js" */
/** @import { MapRegion } from "./protocol.d.ts" */

const FROM = [0, 1.5, 3.2]; // how much nearer than all one is when the names of a level come
const UNTIL = [3, 8, Infinity];
const MOST = 22;
const GAP = 10;

export class Labels {
  element = h("div", { class: "ham-map-labels", "aria-hidden": "true" });
  /** @type {Map<MapRegion, HTMLElement>} */
  #made = new Map();
  /** @type {MapRegion[]} */
  #regions = [];
  /** @type {WeakMap<HTMLElement, [number, number]>} */
  #sizes = new WeakMap();

  /** @param {MapRegion[]} regions */
  set(regions) {
    this.#regions = [...regions].sort((a, b) => a.level - b.level || b.works - a.works);
    this.#made.clear();
    this.element.replaceChildren();
  }

  /** @param {Camera} camera @param {[column: number, row: number]} origin */
  draw(camera, origin) {
    const nearer = camera.z / camera.widest;
    /** @type {[left: number, top: number, right: number, bottom: number][]} */
    const taken = [];
    /** @type {Set<HTMLElement>} */
    const shown = new Set();
    for (const region of this.#regions) {
      if (nearer < (FROM[region.level] ?? 0) || nearer > (UNTIL[region.level] ?? 0)) continue;
      const [x, y] = camera.screenAt(region.column - origin[0] + 0.5, region.row - origin[1] + 0.5);
      if (x < 0 || y < 0 || x > camera.width || y > camera.height || shown.size >= MOST) continue;
      const label = this.#label(region);
      const [width, height] = this.#sizeOf(label);
      const left = Math.min(Math.max(x, width / 2 + 4), camera.width - width / 2 - 4);
      /** @type {[number, number, number, number]} */
      const box = [left - width / 2, y - height / 2, left + width / 2, y + height / 2];
      if (taken.some((other) => overlap(box, other))) continue;
      taken.push(box);
      shown.add(label);
      label.style.transform = `translate(${Math.round(box[0])}px, ${Math.round(box[1])}px)`;
    }
    for (const label of this.#made.values()) label.classList.toggle("ham-shown", shown.has(label));
  }

  /** @param {MapRegion} region */
  #label(region) {
    const known = this.#made.get(region);
    if (known) return known;
    const label = h("span", {
      class: `ham-map-label ham-level-${region.level}`,
      dir: "auto",
      text: region.name,
    });
    this.#made.set(region, label);
    this.element.append(label);
    return label;
  }

  /** @param {HTMLElement} label @returns {[width: number, height: number]} */
  #sizeOf(label) {
    const known = this.#sizes.get(label);
    if (known) return known;
    /** @type {[number, number]} */
    const size = [label.offsetWidth, label.offsetHeight];
    if (size[0]) this.#sizes.set(label, size);
    return size;
  }
}

/** @type {(a: number[], b: number[]) => boolean} */
function overlap([left = 0, top = 0, right = 0, bottom = 0], [l = 0, t = 0, r = 0, b = 0]) {
  return left < r + GAP && l < right + GAP && top < b + GAP && t < bottom + GAP;
}
