// @ts-check
// One work between the earlier works it resembles and its echoes: bars on an axis of time, as wide as their
// dates are vague, and a tour from the oldest to the newest. The rows are a list: by keyboard and read aloud.

import { button, h, iconButton, text, texts } from "./dom.js";
import { Timeline } from "./timeline.js";
import { makerAndDate, titleOf, year } from "./words.js";

/** @import { Connection } from "./connection.js" */
/** @import { Pictures } from "./pictures.js" */
/** @import { ThroughTimeMessage, TimedWork, WorkCard } from "./protocol.d.ts" */
/** @typedef {"before" | "here" | "after"} Side */
/** @typedef {TimedWork & { side: Side }} Placed */

const SVG = "http://www.w3.org/2000/svg";
const STEP_MS = 2800; // as long as one looks at a picture before one wants the next
const TICKS = 5;
const ROLE = { before: "Earlier work it resembles", here: "This work", after: "Echo" };

export class ThroughTime {
  /** @type {WorkCard[]} The works one came by, the one that is shown last. */
  #way = [];
  /** @type {Placed[]} */
  #placed = [];
  #body = h("div", { class: "ham-through" });
  #rows = h("ol", { class: "ham-rows" });
  #lines = document.createElementNS(SVG, "svg");
  #said = h("p", { class: "ham-hidden", role: "status" });
  #back = iconButton("back", "Back", () => this.#return());
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #playing;
  #watching = new ResizeObserver(() => this.#drawLines());

  /**
   * @param {{ connection: Connection, pictures: Pictures }} shared
   * @param {(work: WorkCard) => void} onOpen
   */
  constructor({ connection, pictures }, onOpen) {
    this.connection = connection;
    this.pictures = pictures;
    this.onOpen = onOpen;
    this.titleId = `${connection.view}-through`;
    this.brush = new Timeline((years) => this.#narrow(years));
    const away = iconButton("close", "Close", () => this.close(), { autofocus: true });
    const tools = h("div", { class: "ham-tools" }, this.#back, away);
    const named = { class: "ham-dialog", "aria-labelledby": this.titleId };
    this.element = h("dialog", named, tools, this.#body, this.#said);
    this.element.addEventListener("click", (event) => event.target === this.element && this.close());
    this.element.addEventListener("close", () => this.#forget());
    this.#lines.setAttribute("aria-hidden", "true");
    this.#lines.setAttribute("class", "ham-lines");
  }

  /** @param {WorkCard} work */
  open(work) {
    this.#way.push(work);
    this.#wait(work);
    this.connection.send({ type: "through_time", item_id: work.item_id, view: this.connection.view });
    if (!this.element.open) this.element.showModal();
  }

  close() {
    this.element.close();
  }

  /** @param {ThroughTimeMessage} message */
  receive(message) {
    if (this.connection.isForAnother(message.view)) return;
    if (message.view === null) this.#way = [message.work]; // asked for from code
    if (this.#way.at(-1)?.item_id !== message.work.item_id) return;
    this.#back.hidden = this.#way.length < 2;
    this.#draw(message);
    if (!this.element.open) this.element.showModal();
  }

  #return() {
    this.#way.pop();
    const before = this.#way.pop();
    if (before) this.open(before);
  }

  #forget() {
    this.#stop();
    this.#clear();
    this.#way = [];
  }

  #clear() {
    this.pictures.release(this.#body);
    this.#watching.disconnect();
    this.#body.replaceChildren();
  }

  /** @param {WorkCard} work */
  #wait(work) {
    this.#stop();
    this.#clear();
    this.#back.hidden = this.#way.length < 2;
    this.#body.append(this.#heading(work), h("p", { class: "ham-quiet", text: "Comparing through time…" }));
  }

  /** @param {WorkCard} work */
  #heading(work) {
    return h(
      "header",
      { class: "ham-through-head" },
      this.pictures.frame(work, "ham-thumb", true),
      h(
        "div",
        {},
        h("p", { class: "ham-quiet", text: "Through time" }),
        h("h2", { class: "ham-detail-title", id: this.titleId, dir: "auto", text: titleOf(work) }),
        h("p", { class: "ham-detail-by" }, ...texts(makerAndDate(work), ", ")),
        button("Open this work", "ham-link", () => this.#leave(work)),
      ),
    );
  }

  /** @param {WorkCard} work */
  #leave(work) {
    this.close();
    this.onOpen(work);
  }

  /** @param {ThroughTimeMessage} message */
  #draw({ work, years, before, after, tour, note, trouble }) {
    const focused = this.#body.contains(document.activeElement);
    this.#clear();
    this.#body.append(this.#heading(work));
    if (trouble || !years) {
      this.#body.append(h("p", { class: "ham-quiet", dir: "auto", text: trouble }));
      return;
    }
    /** @type {(works: TimedWork[], side: Side) => Placed[]} */
    const placed = (works, side) => works.map((each) => ({ ...each, side }));
    /** @type {Placed} */
    const here = { ...work, years, p_earlier: 1, likeness: 1, side: "here" };
    const middle = (/** @type {Placed} */ each) => each.years[0] + each.years[1];
    this.#placed = [...placed(before, "before"), here, ...placed(after, "after")];
    this.#placed.sort((a, b) => middle(a) - middle(b));
    const [first, last] = ends(this.#placed);
    this.#rows.replaceChildren(...this.#placed.map((each) => this.#row(each, first, last)));
    const stage = h("div", { class: "ham-stage" }, this.#lines, this.#rows);
    this.#body.append(this.#key(), this.brush.element, stage, axis(first, last));
    this.brush.draw(decades(this.#placed, first, last), [null, null]);
    if (tour.length > 2) this.#body.append(this.#tour(tour));
    this.#body.append(h("p", { class: "ham-quiet", text: note }));
    this.#watching.observe(stage);
    const [earlier, echoes] = [before.length, after.length];
    this.#said.textContent = `${titleOf(work)}: ${earlier} earlier works, ${echoes} echoes.`;
    if (focused) this.#back.hidden ? this.#body.querySelector("button")?.focus() : this.#back.focus();
  }

  #key() {
    const named = (/** @type {Side} */ side, /** @type {string} */ words) =>
      h("span", { class: `ham-${side}` }, h("i", { "aria-hidden": "true" }), words);
    return h(
      "p",
      { class: "ham-key" },
      named("before", "earlier works it resembles"),
      named("after", "echoes: later works that resemble it"),
      h("span", { text: "A bar is as wide as the date is vague." }),
    );
  }

  /**
   * @param {Placed} work
   * @param {number} first
   * @param {number} last
   */
  #row(work, first, last) {
    const bar = h("span", { class: "ham-when" });
    bar.style.setProperty("--from", ((work.years[0] - first) / (last - first)).toFixed(4));
    bar.style.setProperty("--wide", ((work.years[1] + 1 - work.years[0]) / (last - first)).toFixed(4));
    const own = work.side === "here";
    const label = h(
      "span",
      { class: "ham-row-words" },
      text(titleOf(work), { class: "ham-row-title" }),
      h("span", { class: "ham-quiet" }, ...texts(makerAndDate(work), ", ")),
      h("span", { class: "ham-hidden", text: ` ${ROLE[work.side]}. ${likeness(work)}` }),
    );
    const parts = [this.pictures.frame(work, "ham-thumb"), label, h("span", { class: "ham-lane" }, bar)];
    const onclick = () => (own ? this.#leave(work) : this.open(work));
    const title = own ? "Open this work" : `${ROLE[work.side]}. ${likeness(work)} Go on from here.`;
    return h("li", { class: `ham-${work.side}` }, h("button", { type: "button", title, onclick }, ...parts));
  }

  /** @param {[number | null, number | null]} years */
  #narrow([begin, end]) {
    for (const [at, work] of this.#placed.entries()) {
      const [from, to] = [written(work.years[0]), written(work.years[1])];
      const outside = (begin !== null && to < begin) || (end !== null && from > end);
      const row = /** @type {HTMLElement} */ (this.#rows.children[at]);
      row.hidden = outside && work.side !== "here";
    }
    this.#drawLines();
  }

  /** A line from this work's bar to each other one's. */
  #drawLines() {
    const box = this.#lines.getBoundingClientRect();
    const places = this.#placed.map((work, at) => {
      const bar = this.#rows.children[at]?.querySelector(".ham-when")?.getBoundingClientRect();
      const x = bar ? bar.left + bar.width / 2 - box.left : 0;
      return { ...work, there: Boolean(bar?.height), x, y: bar ? bar.top + bar.height / 2 - box.top : 0 };
    });
    const own = places.find(({ side }) => side === "here");
    if (!own) return;
    const others = places.filter(({ side, there }) => there && side !== "here");
    const paths = others.map(({ side, likeness: alike, x, y }) => {
      const path = document.createElementNS(SVG, "path");
      const turn = (own.y + y) / 2;
      path.setAttribute("d", `M${own.x} ${own.y} C${own.x} ${turn} ${x} ${turn} ${x} ${y}`);
      path.setAttribute("class", `ham-${side}`);
      path.style.setProperty("--alike", String(Math.max(0, alike)));
      return path;
    });
    this.#lines.replaceChildren(...paths);
  }

  // ---- the tour -----------------------------------------------------------------------------------------

  /** @param {TimedWork[]} stops */
  #tour(stops) {
    const cards = stops.map((stop) =>
      h(
        "li",
        {},
        h(
          "button",
          { type: "button", title: "Go on from here", onclick: () => this.open(stop) },
          this.pictures.frame(stop),
          text(titleOf(stop), { class: "ham-row-title" }),
          h("span", { class: "ham-quiet" }, ...texts(makerAndDate(stop), ", ")),
        ),
      ),
    );
    const play = button("Play", "ham-link", () => {
      if (this.#playing) this.#stop();
      else this.#play(stops, cards, play);
    });
    return h(
      "section",
      { class: "ham-tour" },
      h("div", { class: "ham-tour-head" }, h("h3", { text: "A tour by small steps" }), play),
      h("ol", {}, ...cards),
    );
  }

  /**
   * @param {TimedWork[]} stops
   * @param {HTMLElement[]} cards
   * @param {HTMLElement} switched
   */
  #play(stops, cards, switched) {
    let at = -1;
    const step = () => {
      cards[at]?.removeAttribute("aria-current");
      at += 1;
      const [stop, card] = [stops[at], cards[at]];
      if (!stop || !card) return this.#stop();
      card.setAttribute("aria-current", "step");
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      card.scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "nearest", inline: "center" });
      const words = [titleOf(stop), ...makerAndDate(stop)].join(", ");
      this.#said.textContent = `${at + 1} of ${stops.length}: ${words}`;
    };
    this.#stop();
    switched.textContent = "Pause";
    this.#playing = setInterval(step, STEP_MS);
    step();
  }

  #stop() {
    clearInterval(this.#playing);
    this.#playing = undefined;
    for (const each of this.#body.querySelectorAll(".ham-tour-head button")) each.textContent = "Play";
    for (const card of this.#body.querySelectorAll("[aria-current]")) card.removeAttribute("aria-current");
  }
}

/** @type {(counted: number) => number} Years as they are written: 0 is 1 BCE. */
const written = (counted) => (counted <= 0 ? counted - 1 : counted);

/** @type {(work: TimedWork) => string} */
function likeness({ likeness: alike, p_earlier: sure }) {
  return `Likeness ${alike.toFixed(2)}; order in time ${Math.round(sure * 100)} % sure.`;
}

/** @type {(works: TimedWork[]) => [number, number]} The first and last year of the axis, full decades. */
function ends(works) {
  const first = Math.floor(Math.min(...works.map(({ years }) => years[0])) / 10) * 10;
  const last = Math.ceil((Math.max(...works.map(({ years }) => years[1])) + 1) / 10) * 10;
  return [first, last];
}

/** @type {(works: TimedWork[], first: number, last: number) => [number, number, number][]} */
function decades(works, first, last) {
  const step = Math.ceil((last - first) / 10 / 60) * 10; // at most sixty stretches
  return Array.from({ length: Math.ceil((last - first) / step) }, (_, at) => {
    const [begin, end] = [first + at * step, first + (at + 1) * step - 1];
    const there = works.filter(({ years }) => {
      const middle = (years[0] + years[1]) / 2;
      return middle >= begin && middle <= end + 1 && middle < end + 1;
    });
    return [written(begin), written(end), there.length];
  });
}

/** @type {(first: number, last: number) => HTMLElement} */
function axis(first, last) {
  const rough = (last - first) / TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough) ?? rough;
  const ticks = [];
  for (let at = Math.ceil(first / step) * step; at <= last; at += step) ticks.push(at);
  const marks = ticks.map((at) => {
    const mark = h("span", { text: year(written(at)) });
    mark.style.setProperty("--from", ((at - first) / (last - first)).toFixed(4));
    return mark;
  });
  return h("div", { class: "ham-years", "aria-hidden": "true" }, h("span", { class: "ham-lane" }, ...marks));
}
