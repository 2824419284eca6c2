// @ts-check
// What is known of a map: where each work lies, what it looks like from afar, which tiles show it.

/** @import { MapMessage } from "./protocol.d.ts" */
/** @import { Camera } from "./map_camera.js" */

const NOWHERE = 65_535;
const EACH = 8; // bytes

export class Land {
  /**
   * @param {MapMessage} message
   * @param {DataView} points
   */
  constructor(message, points) {
    this.columns = message.size[0];
    this.rows = message.size[1];
    this.works = Math.min(message.works, Math.floor(points.byteLength / EACH));
    this.message = message;
    this.points = new Uint8Array(points.buffer, points.byteOffset, this.works * EACH);
    /** The work in each cell, counted from 1; 0 where there is none. */
    this.cells = new Uint32Array(this.columns * this.rows);
    this.xs = new Uint16Array(this.works);
    this.ys = new Uint16Array(this.works);
    for (let row = 0; row < this.works; row += 1) {
      const x = points.getUint16(row * EACH, true);
      const y = points.getUint16(row * EACH + 2, true);
      this.xs[row] = x;
      this.ys[row] = y;
      if (x !== NOWHERE && x < this.columns && y < this.rows) this.cells[y * this.columns + x] = row + 1;
    }
  }

  /** @param {number} row @returns {[x: number, y: number]} the middle of its cell */
  middleOf(row) {
    return [(this.xs[row] ?? 0) + 0.5, (this.ys[row] ?? 0) + 0.5];
  }

  /** @param {number} x @param {number} y @returns {number | null} */
  workAt(x, y) {
    const [column, row] = [Math.floor(x), Math.floor(y)];
    if (column < 0 || row < 0 || column >= this.columns || row >= this.rows) return null;
    const found = this.cells[row * this.columns + column] ?? 0;
    return found ? found - 1 : null;
  }

  /** @param {number} row @returns {[red: number, green: number, blue: number]} */
  colourOf(row) {
    const at = row * EACH + 4;
    return [this.points[at] ?? 0, this.points[at + 1] ?? 0, this.points[at + 2] ?? 0];
  }

  /** Width divided by height; 0 where there is no picture. @param {number} row */
  aspectOf(row) {
    const shape = this.points[row * EACH + 7] ?? 0;
    return shape ? 2 ** ((shape - 128) / 32) : 0;
  }

  /**
   * The works nearest to a point, the nearest first.
   *
   * @param {number} x
   * @param {number} y
   * @param {number} most
   * @param {number} farthest in cells
   */
  nearest(x, y, most, farthest) {
    /** @type {[distance: number, row: number][]} */
    const found = [];
    const [column, row] = [Math.floor(x), Math.floor(y)];
    const end = Math.min(Math.ceil(farthest), Math.max(this.columns, this.rows));
    for (let ring = 0; ring <= end; ring += 1) {
      // one ring more than is needed: the corner of a ring is farther away than the middle of the next
      if (found.length >= most && ring > 1.5 * Math.sqrt(most) + 1) break;
      for (const [dx, dy] of around(ring)) {
        const work = this.workAt(column + dx, row + dy);
        if (work === null) continue;
        const [cx, cy] = this.middleOf(work);
        found.push([Math.hypot(cx - x, cy - y), work]);
      }
      if (found.length >= most * 4) break;
    }
    return found
      .sort((a, b) => a[0] - b[0])
      .slice(0, most)
      .map(([, work]) => work);
  }

  /**
   * The works that a camera sees.
   *
   * @param {Camera} camera
   * @param {number} most stop at so many
   */
  seen(camera, most) {
    const [left, top] = camera.cellAt(0, 0);
    const [right, bottom] = camera.cellAt(camera.width, camera.height);
    const found = [];
    for (let y = Math.max(0, Math.floor(top)); y < Math.min(this.rows, bottom); y += 1)
      for (let x = Math.max(0, Math.floor(left)); x < Math.min(this.columns, right); x += 1) {
        const work = this.cells[y * this.columns + x];
        if (work) found.push(work - 1);
        if (found.length >= most) return found;
      }
    return found;
  }

  // ---- tiles --------------------------------------------------------------------------------------------

  /** How many works a page of such tiles holds. @param {number} size */
  perPage(size) {
    return (this.message.page / size) ** 2;
  }

  /** The pages of each size, one after the other: where those of a size begin. @returns {number[]} */
  get firstPages() {
    let before = 0;
    return this.message.tiles.map((size) => {
      const first = before;
      before += Math.ceil(this.works / this.perPage(size));
      return first;
    });
  }

  get pages() {
    return this.message.tiles.reduce((sum, size) => sum + Math.ceil(this.works / this.perPage(size)), 0);
  }
}

/** @type {(ring: number) => Generator<[number, number]>} The cells of a square around the middle. */
function* around(ring) {
  if (ring === 0) yield [0, 0];
  for (let at = -ring; at < ring; at += 1) {
    yield [at, -ring];
    yield [ring, at];
    yield [-at, ring];
    yield [-ring, -at];
  }
}
