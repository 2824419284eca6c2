// @ts-check
// The card of a work among the answers.

import { bar, h, link, text, texts, webAddress } from "./dom.js";
import { makerAndDate, titleOf } from "./words.js";

/** @import { Actions } from "./actions.js" */
/** @import { Pictures } from "./pictures.js" */
/** @import { HitCard, WorkCard } from "./protocol.d.ts" */

export class Cards {
  /**
   * @param {{ view: string, pictures: Pictures, actions: Actions }} shared
   * @param {(work: WorkCard, turnId: number) => void} onOpen
   */
  constructor({ view, pictures, actions }, onOpen) {
    this.view = view;
    this.pictures = pictures;
    this.actions = actions;
    this.onOpen = onOpen;
  }

  /**
   * @param {HitCard} work
   * @param {number} turnId
   * @param {number} best the highest score of its turn
   */
  card(work, turnId, best) {
    const titleId = `${this.view}-${turnId}-${work.rank}`;
    const title = titleOf(work);
    const onclick = () => this.onOpen(work, turnId);
    const open = { type: "button", class: "ham-open", "aria-label": `Details of ${title}`, onclick };
    const actions = this.actions.buttons(work.item_id, titleId);
    actions.append(score(work.score, best));
    const card = h(
      "li",
      { class: "ham-card", "aria-labelledby": titleId, "data-item": work.item_id },
      h("button", open, this.pictures.frame(work)),
      h(
        "div",
        { class: "ham-caption" },
        h("p", { class: "ham-title", id: titleId, dir: "auto", text: title, title }),
        h("p", { class: "ham-by" }, ...texts(makerAndDate(work), ", ")),
      ),
      actions,
      credit(work),
    );
    this.actions.press([card]);
    return card;
  }
}

/** @type {(score: number, best: number) => HTMLElement} */
function score(value, best) {
  return h(
    "span",
    { class: "ham-score", title: "How well it answers; comparable within one list" },
    h("span", { class: "ham-hidden", text: "Score " }),
    h("span", { text: value.toFixed(2) }),
    bar(value / best),
  );
}

/** @param {WorkCard} work */
function credit(work) {
  const page = webAddress(work.page_url);
  return h(
    "p",
    { class: "ham-credit" },
    work.credit ? text(work.credit, { class: "ham-credit-text", title: work.credit }) : "",
    page ? link(page, "Museum page") : "",
  );
}
