// @ts-check
// The works beside a map as a list: for those who cannot see the map, and in step with it for those who can.

import { h, setText, text, texts } from "./dom.js";
import { count, makerAndDate, titleOf } from "./words.js";

/** @import { Pictures } from "./pictures.js" */
/** @import { WorkCard } from "./protocol.d.ts" */

export const LISTED = 24;

/** @typedef {{ row: number, work: WorkCard }} Listed */

export class MapList {
  #heading = h("h3", { class: "ham-map-heading" });
  #said = h("p", { class: "ham-hidden", role: "status" });
  #rows = h("ol", { class: "ham-map-rows", role: "list" });
  #shown = "";

  /**
   * @param {Pictures} pictures
   * @param {{ onOpen: (listed: Listed) => void, onPoint: (row: number | null) => void }} hands
   * @param {HTMLElement} tools
   */
  constructor(pictures, hands, tools) {
    this.pictures = pictures;
    this.hands = hands;
    this.element = h(
      "section",
      { class: "ham-map-list", "aria-label": "Works on the map, as a list" },
      h("div", { class: "ham-map-list-head" }, this.#heading, tools),
      this.#rows,
      this.#said,
    );
  }

  /**
   * @param {string} heading
   * @param {Listed[]} listed
   * @param {boolean} aloud whether it is said too
   */
  draw(heading, listed, aloud) {
    setText(this.#heading, heading);
    const shown = listed.map(({ row }) => row).join();
    if (shown !== this.#shown) {
      this.#shown = shown;
      const focused = this.#rows.contains(document.activeElement);
      this.pictures.release(this.#rows);
      this.#rows.replaceChildren(...listed.map((each) => this.#row(each)));
      this.#rows.scrollTop = 0;
      if (focused) this.#rows.querySelector("button")?.focus({ preventScroll: true });
    }
    const names = listed.slice(0, 3).map(({ work }) => titleOf(work));
    if (aloud) this.#said.textContent = `${heading}: ${count(listed.length, "work")}. ${names.join("; ")}`;
  }

  /** @param {Listed} listed */
  #row(listed) {
    const { work } = listed;
    const words = h(
      "span",
      { class: "ham-row-words" },
      text(titleOf(work), { class: "ham-row-title" }),
      h("span", { class: "ham-quiet" }, ...texts(makerAndDate(work), ", ")),
    );
    const point = () => this.hands.onPoint(listed.row);
    const leave = () => this.hands.onPoint(null);
    const button = h(
      "button",
      {
        type: "button",
        onclick: () => this.hands.onOpen(listed),
        onpointerenter: point,
        onpointerleave: leave,
        onfocus: point,
        onblur: leave,
      },
      this.pictures.frame(work, "ham-thumb"),
      words,
    );
    return h("li", {}, button);
  }
}
