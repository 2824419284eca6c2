// @ts-check
// Which part of a map is seen: its middle in cells, and how many pixels a cell is wide.

const CLOSEST = 320; // pixels of a cell
const FLIGHT_MS = 700;

/** @typedef {{ x: number, y: number, z: number }} Place */

export class Camera {
  x = 0;
  y = 0;
  z = 1;
  width = 1;
  height = 1;
  /** @type {{ from: Place, to: Place, start: number, ms: number } | null} */
  #flight = null;

  /**
   * @param {number} columns
   * @param {number} rows
   * @param {() => void} onMove
   */
  constructor(columns, rows, onMove) {
    this.columns = columns;
    this.rows = rows;
    this.onMove = onMove;
  }

  /** @param {number} width @param {number} height in pixels of the page */
  resize(width, height) {
    const whole = this.z <= this.widest * 1.001;
    this.width = Math.max(1, width);
    this.height = Math.max(1, height);
    if (whole) this.#take(this.home);
  }

  /** The place from which all is seen. */
  get home() {
    return { x: this.columns / 2, y: this.rows / 2, z: this.widest };
  }

  /** Pixels of a cell when all is seen. */
  get widest() {
    const fits = Math.min(this.width / (this.columns + 2), this.height / (this.rows + 2));
    return Math.min(CLOSEST / 2, fits);
  }

  get place() {
    return { x: this.x, y: this.y, z: this.z };
  }

  get flying() {
    return this.#flight !== null;
  }

  /** @param {number} left @param {number} top pixels from the corner @returns {[x: number, y: number]} */
  cellAt(left, top) {
    return [this.x + (left - this.width / 2) / this.z, this.y + (top - this.height / 2) / this.z];
  }

  /** @param {number} x @param {number} y @returns {[left: number, top: number]} */
  screenAt(x, y) {
    return [(x - this.x) * this.z + this.width / 2, (y - this.y) * this.z + this.height / 2];
  }

  /** @param {number} left @param {number} top pixels */
  moveBy(left, top) {
    this.#flight = null;
    this.#take({ x: this.x - left / this.z, y: this.y - top / this.z, z: this.z });
  }

  /**
   * Come nearer by a factor; what lies under a point stays there.
   *
   * @param {number} factor
   * @param {number} [left]
   * @param {number} [top]
   */
  zoomBy(factor, left = this.width / 2, top = this.height / 2) {
    this.#flight = null;
    this.#take(this.#zoomed(factor, left, top));
  }

  /** @param {number} factor @param {number} [left] @param {number} [top] */
  glideBy(factor, left = this.width / 2, top = this.height / 2) {
    this.flyTo(this.#zoomed(factor, left, top), 220);
  }

  /** @param {number} factor @param {number} left @param {number} top @returns {Place} */
  #zoomed(factor, left, top) {
    const from = this.#flight?.to ?? this.place;
    const z = this.#checked(from.z * factor);
    const [right, down] = [left - this.width / 2, top - this.height / 2];
    return { x: from.x + right / from.z - right / z, y: from.y + down / from.z - down / z, z };
  }

  /** @param {Place} to @param {number} [ms] */
  flyTo(to, ms = FLIGHT_MS) {
    const checked = this.#within(to);
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return this.jumpTo(checked);
    this.#flight = { from: this.place, to: checked, start: performance.now(), ms };
    this.onMove();
  }

  flyHome() {
    this.flyTo(this.home);
  }

  /** @param {Place} to */
  jumpTo(to) {
    this.#flight = null;
    this.#take(to);
  }

  /** Go on with a flight. @param {number} now */
  step(now) {
    const flight = this.#flight;
    if (!flight) return;
    const share = Math.min(1, (now - flight.start) / flight.ms);
    const eased = 1 - (1 - share) ** 3;
    const { from, to } = flight;
    const z = from.z * (to.z / from.z) ** eased;
    // in step with the change of size, so that the way looks straight
    const along = Math.abs(to.z - from.z) < 1e-6 ? eased : (1 / from.z - 1 / z) / (1 / from.z - 1 / to.z);
    if (share === 1) this.#flight = null;
    this.#take({ x: from.x + (to.x - from.x) * along, y: from.y + (to.y - from.y) * along, z });
  }

  /**
   * The place from which some points are seen, not nearer than `closest`.
   *
   * @param {[x: number, y: number][]} points
   * @param {number} closest
   * @returns {Place}
   */
  around(points, closest) {
    if (!points.length) return this.home;
    const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const z = Math.min(this.width / (right - left + 4), this.height / (bottom - top + 4), closest);
    return { x: (left + right) / 2, y: (top + bottom) / 2, z };
  }

  /** @param {number} z */
  #checked(z) {
    return Math.min(CLOSEST, Math.max(this.widest * 0.75, z));
  }

  /** @param {Place} place @returns {Place} */
  #within({ x, y, z }) {
    const [right, down] = [this.columns, this.rows];
    return { x: Math.min(right, Math.max(0, x)), y: Math.min(down, Math.max(0, y)), z: this.#checked(z) };
  }

  /** @param {Place} place */
  #take(place) {
    Object.assign(this, this.#within(place));
    this.onMove();
  }
}
