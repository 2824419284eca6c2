// @ts-check
// Works over time: a histogram on which one chooses the years, by dragging or from the keyboard.

import { h } from "./dom.js";
import { count, span, year } from "./words.js";

/** @import { Stretch } from "./protocol.d.ts" */
/** @typedef {[begin: number | null, end: number | null]} Years */

const LEAP = 5; // stretches that Page Up and Page Down go

export class Timeline {
  /** @type {Stretch[]} */
  #stretches = [];
  /** @type {[first: number, after: number]} The chosen stretches; all of them mean any year. */
  #chosen = [0, 0];
  /** @type {Years} */
  #years = [null, null];
  /** @type {number | null} Where a drag began. */
  #held = null;

  /** @param {(years: Years) => void} onChoose */
  constructor(onChoose) {
    this.onChoose = onChoose;
    this.bars = h("div", { class: "ham-bars", "aria-hidden": "true" });
    this.begin = this.#handle("First year", 0);
    this.end = this.#handle("Last year", 1);
    this.first = h("span");
    this.last = h("span");
    this.chosen = h("span", { class: "ham-chosen" });
    this.track = h("div", { class: "ham-track" }, this.bars, this.begin, this.end);
    this.element = h(
      "div",
      { class: "ham-timeline", role: "group", "aria-label": "Years" },
      this.track,
      h("p", { class: "ham-axis", "aria-hidden": "true" }, this.first, this.chosen, this.last),
    );
    this.track.addEventListener("pointerdown", (event) => this.#grab(event));
    this.track.addEventListener("pointermove", (event) => this.#drag(event));
    this.track.addEventListener("pointerup", () => this.#release());
    this.track.addEventListener("pointercancel", () => this.#release());
  }

  /**
   * @param {Stretch[]} stretches
   * @param {Years} years
   */
  draw(stretches, years) {
    this.element.hidden = stretches.length < 2;
    this.#stretches = stretches;
    this.#years = years;
    this.#chosen = this.#places(years);
    const most = Math.sqrt(Math.max(1, ...stretches.map(([, , works]) => works)));
    this.bars.replaceChildren(
      ...stretches.map(([begin, end, works]) => {
        const bar = h("span", { class: "ham-column", title: `${span(begin, end)}: ${count(works, "work")}` });
        bar.style.setProperty("--works", (Math.sqrt(works) / most).toFixed(3)); // else few works are no bar
        return bar;
      }),
    );
    const [oldest, newest] = this.#ends;
    this.first.textContent = stretches.length ? year(oldest) : "";
    this.last.textContent = stretches.length ? year(newest) : "";
    this.#show();
  }

  /**
   * @param {string} label
   * @param {0 | 1} which
   */
  #handle(label, which) {
    const handle = h("span", { class: "ham-handle", role: "slider", tabindex: "0", "aria-label": label });
    handle.setAttribute("data-lm-suppress-shortcuts", "true");
    handle.addEventListener("keydown", (event) => this.#key(event, which));
    return handle;
  }

  /** @type {(years: Years) => [number, number]} */
  #places([begin, end]) {
    const last = this.#stretches.length;
    const first = begin === null ? 0 : this.#stretches.findIndex(([, ends]) => ends >= begin);
    const after = end === null ? last : this.#stretches.findLastIndex(([begins]) => begins <= end) + 1;
    return [first < 0 ? last : first, after];
  }

  /** @returns {[oldest: number, newest: number]} */
  get #ends() {
    return [this.#stretches[0]?.[0] ?? 0, this.#stretches.at(-1)?.[1] ?? 0];
  }

  #show() {
    const [first, after] = this.#chosen;
    const size = this.#stretches.length || 1;
    for (const [at, column] of [...this.bars.children].entries())
      column.classList.toggle("ham-outside", at < first || at >= after);
    this.track.style.setProperty("--begin", String(first / size));
    this.track.style.setProperty("--end", String(after / size));
    const [begin, end] = this.#held === null ? this.#years : this.#yearsChosen();
    this.chosen.textContent = begin === null && end === null ? "" : span(begin, end);
    this.#say(this.begin, begin, this.#stretches[Math.min(first, size - 1)]?.[0], "any year");
    this.#say(this.end, end, this.#stretches[Math.max(after - 1, 0)]?.[1], "any year");
  }

  /** @type {(handle: HTMLElement, chosen: number | null, value: number | undefined, any: string) => void} */
  #say(handle, chosen, value, any) {
    if (!this.#stretches.length || value === undefined) return;
    const [oldest, newest] = this.#ends;
    handle.setAttribute("aria-valuemin", String(oldest));
    handle.setAttribute("aria-valuemax", String(newest));
    handle.setAttribute("aria-valuenow", String(chosen ?? value));
    handle.setAttribute("aria-valuetext", chosen === null ? any : year(chosen));
  }

  /** @returns {Years} */
  #yearsChosen() {
    const [first, after] = this.#chosen;
    const begin = first > 0 ? (this.#stretches[first]?.[0] ?? null) : null;
    const end = after < this.#stretches.length ? (this.#stretches[after - 1]?.[1] ?? null) : null;
    return [begin, end];
  }

  /**
   * @param {number} first
   * @param {number} after
   */
  #choose(first, after) {
    this.#chosen = [Math.max(0, first), Math.min(this.#stretches.length, after)];
    this.#years = this.#yearsChosen();
    this.#show();
  }

  /**
   * @param {KeyboardEvent} event
   * @param {0 | 1} which
   */
  #key(event, which) {
    const [first, after] = this.#chosen;
    const size = this.#stretches.length;
    const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -LEAP, PageUp: LEAP };
    const ends = { Home: -size, End: size };
    const step = { ...steps, ...ends }[event.key];
    if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (which === 0) this.#choose(Math.max(0, Math.min(after - 1, first + step)), after);
    else this.#choose(first, Math.min(size, Math.max(first + 1, after + step)));
    this.onChoose(this.#years);
  }

  /** @param {PointerEvent} event */
  #place(event) {
    const box = this.bars.getBoundingClientRect();
    const share = (event.clientX - box.left) / (box.width || 1);
    return Math.max(0, Math.min(this.#stretches.length - 1, Math.floor(share * this.#stretches.length)));
  }

  /** @param {PointerEvent} event */
  #grab(event) {
    if (event.button) return;
    this.track.setPointerCapture(event.pointerId);
    const [first, after] = this.#chosen;
    if (event.target === this.begin) this.#held = after - 1;
    else if (event.target === this.end) this.#held = first;
    else {
      this.#held = this.#place(event);
      this.#drag(event);
    }
    if (event.target instanceof HTMLElement && event.target.role === "slider") event.target.focus();
    event.preventDefault();
  }

  /** @param {PointerEvent} event */
  #drag(event) {
    if (this.#held === null) return;
    const at = this.#place(event);
    this.#choose(Math.min(this.#held, at), Math.max(this.#held, at) + 1);
  }

  #release() {
    if (this.#held === null) return;
    this.#held = null;
    this.#show();
    this.onChoose(this.#years);
  }
}
