// @ts-check
// Draws a map without WebGL 2: works by their colours, and by pictures where some hundreds are seen.

import { PICTURE_SIDE } from "./map_gl.js";

/** @import { Camera } from "./map_camera.js" */
/** @import { Raised } from "./map_gl.js" */
/** @import { Land } from "./map_land.js" */

const LAYERS = 12;
const PICTURES = 60;
const PICTURED = 1_500; // works whose pictures are drawn in one frame
const APART = 4; // pixels of a cell from which on works are seen one by one
const PAINTED = 6_000; // works that are drawn one by one in their colours

export class FlatPainter {
  calls = 0;
  bytes = 0;
  canSeeAll = false;
  layers = LAYERS;
  slots = PICTURES;
  /** @type {Map<number, ImageBitmap>} */
  #pages = new Map();
  /** @type {Map<number, ImageBitmap>} */
  #pictures = new Map();
  #afar;
  #context;

  /** @param {HTMLCanvasElement} canvas @param {Land} land */
  constructor(canvas, land) {
    const context = canvas.getContext("2d");
    if (!context) throw new Error("This browser cannot draw");
    this.#context = context;
    this.canvas = canvas;
    this.land = land;
    this.#afar = afar(land);
  }

  /** @param {number} page @param {number} _layer @param {number | null} gone @param {ImageBitmap} picture */
  addPage(page, _layer, gone, picture) {
    if (gone !== null) this.#pages.delete(gone);
    this.#pages.set(page, picture);
  }

  /** @param {number} slot @param {ImageBitmap} picture */
  addPicture(slot, picture) {
    this.#pictures.set(slot, picture);
  }

  /** @param {Camera} camera @param {number} level @param {number} light @param {Raised[]} raised */
  draw(camera, level, light, raised) {
    const context = this.#context;
    const ratio = this.canvas.width / camera.width;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.setTransform(camera.z * ratio, 0, 0, camera.z * ratio, 0, 0);
    const [left, top] = camera.cellAt(0, 0);
    context.translate(-left, -top);
    context.globalAlpha = light;
    const near = camera.z < APART ? [] : this.land.seen(camera, PAINTED + 1);
    const tile = near.length > PICTURED ? -1 : level;
    context.imageSmoothingEnabled = camera.z < APART;
    if (camera.z < APART || near.length > PAINTED) context.drawImage(this.#afar, 0, 0);
    else for (const row of near) this.#drawWork(row, ...this.land.middleOf(row), 1, -1, tile);
    context.imageSmoothingEnabled = true;
    const top_level = this.land.message.tiles.length - 1;
    for (const { row, x, y, size, opacity, ring, picture } of raised) {
      context.globalAlpha = opacity;
      this.#drawWork(row, x, y, size, picture, top_level, ring, 1 / camera.z);
    }
  }

  /**
   * @param {number} row
   * @param {number} x
   * @param {number} y
   * @param {number} size
   * @param {number} slot
   * @param {number} level
   * @param {[number, number, number, number]} [ring]
   * @param {number} [pixel] in cells
   */
  #drawWork(row, x, y, size, slot, level, ring = [0, 0, 0, 0], pixel = 0) {
    const context = this.#context;
    const aspect = this.land.aspectOf(row);
    const width = size * (aspect ? 0.92 * Math.min(1, aspect) : 0.68);
    const height = size * (aspect ? 0.92 * Math.min(1, 1 / aspect) : 0.68);
    const [left, top] = [x - width / 2, y - height / 2];
    const edge = ring[3] * pixel;
    if (edge) {
      context.fillStyle = `rgb(${ring
        .slice(0, 3)
        .map((part) => Math.round(part * 255))
        .join(" ")})`;
      context.fillRect(left - edge, top - edge, width + 2 * edge, height + 2 * edge);
    }
    const own = this.#pictures.get(slot);
    if (own) return context.drawImage(own, 0, 0, PICTURE_SIDE, PICTURE_SIDE, left, top, width, height);
    for (let at = aspect ? level : -1; at >= 0; at -= 1) {
      const tile = this.land.message.tiles[at] ?? 1;
      const each = this.land.perPage(tile);
      const page = this.#pages.get((this.land.firstPages[at] ?? 0) + Math.floor(row / each));
      if (!page) continue;
      const across = this.land.message.page / tile;
      const [column, line] = [(row % each) % across, Math.floor((row % each) / across)];
      return context.drawImage(page, column * tile, line * tile, tile, tile, left, top, width, height);
    }
    context.fillStyle = `rgb(${this.land.colourOf(row).join(" ")})`;
    return context.fillRect(left, top, width, height);
  }

  close() {
    for (const picture of [...this.#pages.values(), ...this.#pictures.values()]) picture.close();
  }
}

/** The colours of all cells as a picture, one pixel each. @param {Land} land */
function afar(land) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [land.columns, land.rows];
  const context = canvas.getContext("2d");
  const picture = new ImageData(land.columns, land.rows);
  for (const [cell, work] of land.cells.entries())
    if (work) picture.data.set([...land.colourOf(work - 1), 255], cell * 4);
  context?.putImageData(picture, 0, 0);
  return canvas;
}
