// @ts-check
// What hands do on a map: move, come nearer, choose, draw round works.

/** @import { Camera } from "./map_camera.js" */

const STILL = 5; // pixels that a finger may slip in a click
const STEP = 90; // pixels of an arrow key
const NEARER = 1.6;
const MOST_CORNERS = 400;

/**
 * @typedef {object} Hands
 * @property {(left: number, top: number) => void} onClick
 * @property {(left: number | null, top: number) => void} onPoint null when the pointer leaves
 * @property {(line: [left: number, top: number][], done: boolean) => void} onDraw
 * @property {(factor: number) => void} onZoom
 * @property {() => void} onEnter
 * @property {() => void} onEscape
 * @property {() => void} onKey a key moved the map
 */

export class Gestures {
  /** Whether a line is drawn round works, instead of moving. */
  drawing = false;
  /** @type {Map<number, [left: number, top: number]>} Pointer → where it is. */
  #down = new Map();
  #moved = false;
  /** @type {[left: number, top: number][]} */
  #line = [];

  /**
   * @param {HTMLElement} element
   * @param {() => Camera | null} camera
   * @param {Hands} hands
   */
  constructor(element, camera, hands) {
    this.element = element;
    this.camera = camera;
    this.hands = hands;
    element.addEventListener("pointerdown", (event) => this.#press(event));
    element.addEventListener("pointermove", (event) => this.#move(event));
    element.addEventListener("pointerup", (event) => this.#lift(event));
    element.addEventListener("pointercancel", (event) => this.#lift(event, false));
    element.addEventListener("pointerleave", () => hands.onPoint(null, 0));
    element.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    element.addEventListener("keydown", (event) => this.#key(event));
    element.addEventListener("dblclick", (event) => event.preventDefault());
  }

  /** @param {MouseEvent} event @returns {[left: number, top: number]} */
  #at(event) {
    const box = this.element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  /** @param {PointerEvent} event */
  #press(event) {
    if (event.button !== 0) return;
    this.element.focus({ preventScroll: true });
    this.element.setPointerCapture(event.pointerId);
    this.#down.set(event.pointerId, this.#at(event));
    this.#moved = this.#down.size > 1;
    this.#line = [this.#at(event)];
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const camera = this.camera();
    const [left, top] = this.#at(event);
    const before = this.#down.get(event.pointerId);
    if (!before) return this.hands.onPoint(left, top);
    if (!camera) return;
    const [start] = this.#line;
    if (start && Math.hypot(left - start[0], top - start[1]) > STILL) this.#moved = true;
    if (this.drawing && this.#down.size === 1) return this.#draw(left, top);
    const others = [...this.#down].filter(([id]) => id !== event.pointerId);
    const other = others[0]?.[1];
    if (other) {
      const [was, is] = [before, [left, top]].map(([x = 0, y = 0]) => Math.hypot(x - other[0], y - other[1]));
      camera.moveBy((left - before[0]) / 2, (top - before[1]) / 2);
      if (was && is) camera.zoomBy(is / was, (left + other[0]) / 2, (top + other[1]) / 2);
    } else if (this.#moved) camera.moveBy(left - before[0], top - before[1]);
    if (other || this.#moved) this.#down.set(event.pointerId, [left, top]);
  }

  /** @param {number} left @param {number} top */
  #draw(left, top) {
    const last = this.#line.at(-1);
    if (last && Math.hypot(left - last[0], top - last[1]) < 4) return;
    if (this.#line.length < MOST_CORNERS) this.#line.push([left, top]);
    this.hands.onDraw(this.#line, false);
  }

  /** @param {PointerEvent} event @param {boolean} [counts] */
  #lift(event, counts = true) {
    if (!this.#down.delete(event.pointerId) || this.#down.size) return;
    if (this.drawing && this.#moved) this.hands.onDraw(counts ? this.#line : [], true);
    else if (counts && !this.#moved) this.hands.onClick(...this.#at(event));
  }

  /** A page scrolls on until the map is meant: it has the focus, or the wheel is turned for it alone.
   * @param {WheelEvent} event */
  #wheel(event) {
    const meant = event.ctrlKey || event.metaKey || this.element.contains(document.activeElement);
    const camera = this.camera();
    if (!meant || !camera) return;
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 30 : 1;
    const turned = Math.max(-240, Math.min(240, event.deltaY * lines));
    camera.zoomBy(2 ** (-turned / (event.ctrlKey ? 90 : 260)), ...this.#at(event));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const camera = this.camera();
    if (!camera || event.target !== this.element || event.ctrlKey || event.metaKey || event.altKey) return;
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowLeft: () => camera.moveBy(STEP, 0),
      ArrowRight: () => camera.moveBy(-STEP, 0),
      ArrowUp: () => camera.moveBy(0, STEP),
      ArrowDown: () => camera.moveBy(0, -STEP),
      "+": () => this.hands.onZoom(NEARER),
      "=": () => this.hands.onZoom(NEARER),
      "-": () => this.hands.onZoom(1 / NEARER),
      Home: () => camera.flyHome(),
      Enter: () => this.hands.onEnter(),
      Escape: () => this.hands.onEscape(),
    };
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
    if (event.key !== "Enter" && event.key !== "Escape") this.hands.onKey();
  }
}
