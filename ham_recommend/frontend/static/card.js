// @ts-check
// The card of a work among the answers.

import { bar, h, link, text, webAddress } from "./dom.js";
import { marked, reason } from "./marks.js";
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
    if (work.score > 0) actions.append(score(work.score, best));
    const by = makerAndDate(work).map((part) => h("span", { dir: "auto" }, ...marked(part, work.why)));
    const card = h(
      "li",
      { class: "ham-card", "aria-labelledby": titleId, "data-item": work.item_id },
      h("button", open, this.pictures.frame(work)),
      h(
        "div",
        { class: "ham-caption" },
        h("p", { class: "ham-title", id: titleId, dir: "auto", title }, ...marked(title, work.why)),
        h("p", { class: "ham-by" }, ...by.flatMap((part, at) => (at ? [", ", part] : [part]))),
        h("p", { class: "ham-reason" }, ...reason(work.why)),
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
  const label = "How well it answers, beside the others of this list";
  const range = { "aria-valuemin": "0", "aria-valuemax": "1", "aria-valuenow": (value / best).toFixed(2) };
  return h(
    "span",
    { class: "ham-score", role: "meter", "aria-label": label, title: label, ...range },
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
