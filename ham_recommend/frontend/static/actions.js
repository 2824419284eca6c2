// @ts-check
// What one can do with a work wherever it is shown: like it, not like it, see more like it.

import { h, iconButton } from "./dom.js";

/** @import { Taste } from "./taste.js" */

export class Actions {
  /**
   * @param {Taste} taste
   * @param {(itemId: string) => void} onSimilar
   */
  constructor(taste, onSimilar) {
    this.taste = taste;
    this.onSimilar = onSimilar;
  }

  /**
   * @param {string} itemId
   * @param {string} titleId the id of the element that names the work
   */
  buttons(itemId, titleId) {
    const about = { "aria-describedby": titleId };
    const toggle = { ...about, "aria-pressed": "false" };
    const word = h("span", { class: "ham-word", "aria-hidden": "true", text: "More like this" });
    return h(
      "div",
      { class: "ham-actions" },
      iconButton("heart", "Like", () => this.taste.toggle(itemId, "like"), toggle),
      iconButton("not", "Not for me", () => this.taste.toggle(itemId, "dislike"), toggle),
      iconButton("similar", "More like this", () => this.onSimilar(itemId), about, word),
    );
  }

  /**
   * Show on each of these whether its work is liked or disliked.
   *
   * @param {Iterable<HTMLElement>} elements with the item in `data-item`
   */
  press(elements) {
    const { liked, disliked } = this.taste;
    for (const element of elements) {
      const itemId = element.dataset.item ?? "";
      const not = disliked.includes(itemId);
      element.querySelector(".ham-heart")?.setAttribute("aria-pressed", String(liked.includes(itemId)));
      element.querySelector(".ham-not")?.setAttribute("aria-pressed", String(not));
      element.classList.toggle("ham-disliked", not);
    }
  }
}
