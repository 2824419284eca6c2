// @ts-check
// The tray: small pictures of what is liked and disliked, and the way to recommendations.

import { h, icon, setText } from "./dom.js";
import { count, titleOf } from "./words.js";

/** @import { Pictures } from "./pictures.js" */
/** @import { WorkCard } from "./protocol.d.ts" */
/** @import { Taste } from "./taste.js" */
/** @import { Works } from "./works.js" */

export class Tray {
  /**
   * @param {{ works: Works, pictures: Pictures, taste: Taste }} shared
   * @param {() => void} onRecommend
   * @param {{ field: HTMLElement, newest: () => HTMLElement | undefined }} around
   *   where the keyboard goes when what it was on goes away
   */
  constructor({ works, pictures, taste }, onRecommend, around) {
    this.works = works;
    this.pictures = pictures;
    this.taste = taste;
    this.around = around;
    this.liked = row("Works you like", "ham-tray-works");
    this.disliked = row("Works that are not for you", "ham-tray-works ham-tray-not");
    this.title = h("h3", { class: "ham-tray-title" });
    this.clear = button("Clear likes", "ham-button", () => this.#clearLikes());
    this.recommend = button("Get recommendations", "ham-button ham-primary", onRecommend);
    this.element = h(
      "section",
      { class: "ham-tray", "aria-label": "Your choice" },
      h(
        "div",
        { class: "ham-tray-head" },
        this.title,
        h("div", { class: "ham-tray-actions" }, this.clear, this.recommend),
      ),
      h("div", { class: "ham-tray-rows" }, this.liked, this.disliked),
    );
  }

  draw() {
    const { liked, disliked } = this.taste;
    this.works.want([...liked, ...disliked]);
    setText(
      this.title,
      liked.length ? `You like ${count(liked.length, "work")}` : "Like works to be led to more",
    );
    this.recommend.disabled = !liked.length;
    this.clear.disabled = !liked.length;
    this.element.classList.toggle("ham-tray-empty", !liked.length && !disliked.length);
    this.#drawRow(this.liked, liked, "like");
    this.#drawRow(this.disliked, disliked, "dislike");
    this.disliked.hidden = !this.disliked.children.length; // that of likes keeps its place: nothing jumps
  }

  /** @param {boolean} waiting whether there is no turn yet */
  setWaiting(waiting) {
    this.element.classList.toggle("ham-tray-waiting", waiting);
  }

  #clearLikes() {
    const focused = document.activeElement === this.clear; // which is about to be disabled
    this.taste.clear();
    if (focused) (this.around.newest() ?? this.around.field).focus({ preventScroll: true });
  }

  /**
   * @param {HTMLElement} element
   * @param {string[]} itemIds
   * @param {"like" | "dislike"} mark
   */
  #drawRow(element, itemIds, mark) {
    const held = new Map(
      [...element.querySelectorAll("button")].map((thumb) => [thumb.dataset.work ?? "", thumb]),
    );
    const works = itemIds.map((itemId) => this.works.get(itemId)).filter((work) => work !== undefined);
    const wanted = new Set(works.map((work) => work.item_id));
    for (const [itemId, thumb] of held) if (!wanted.has(itemId)) this.#discard(thumb);
    for (const [at, work] of works.entries()) {
      const thumb = held.get(work.item_id) ?? this.#thumb(work, mark);
      if (element.children[at] !== thumb) element.insertBefore(thumb, element.children[at] ?? null);
    }
  }

  /**
   * @param {WorkCard} work
   * @param {"like" | "dislike"} mark
   */
  #thumb(work, mark) {
    const title = titleOf(work);
    const label = `${mark === "like" ? "Unlike" : "Take back “not for me”:"} ${title}`;
    const mat = this.pictures.frame(work, "ham-thumb-mat");
    mat.dataset.title = title; // shown where there is no picture
    const thumb = button("", "ham-thumb", () => this.taste.toggle(work.item_id, mark));
    thumb.setAttribute("aria-label", label);
    thumb.title = label;
    thumb.dataset.work = work.item_id;
    thumb.append(mat, h("span", { class: "ham-thumb-away", "aria-hidden": "true" }, icon("close")));
    return thumb;
  }

  /**
   * Remove a small picture without losing the keyboard's place.
   *
   * @param {HTMLElement} thumb
   */
  #discard(thumb) {
    const focused = thumb === document.activeElement;
    const next = thumb.nextElementSibling ?? thumb.previousElementSibling;
    this.pictures.release(thumb);
    thumb.remove();
    if (!focused) return;
    if (next instanceof HTMLElement) next.focus();
    else (this.recommend.disabled ? this.around.field : this.recommend).focus();
  }
}

/** @type {(label: string, className: string) => HTMLElement} */
function row(label, className) {
  return h("div", { class: className, role: "group", "aria-label": label });
}

/** @type {(label: string, className: string, onclick: () => void) => HTMLButtonElement} */
function button(label, className, onclick) {
  return h("button", { type: "button", class: className, text: label, onclick });
}
