// @ts-check
// The tray: small pictures of what is liked and disliked, and the way to recommendations.

import { button, h, iconButton, setText } from "./dom.js";
import { count, quoted, reach, titleOf } from "./words.js";

/** @import { Pictures } from "./pictures.js" */
/** @import { WorkCard } from "./protocol.d.ts" */
/** @import { Taste } from "./taste.js" */
/** @import { Works } from "./works.js" */

export class Tray {
  /**
   * @param {{ works: Works, pictures: Pictures, taste: Taste }} shared
   * @param {{ onRecommend: () => void, onOpen: (work: WorkCard) => void }} asked
   * @param {() => HTMLElement} home where the keyboard goes when what it was on goes away
   */
  constructor({ works, pictures, taste }, { onRecommend, onOpen }, home) {
    this.works = works;
    this.pictures = pictures;
    this.taste = taste;
    this.onOpen = onOpen;
    this.home = home;
    this.liked = row("Works you like", "ham-tray-works");
    this.disliked = row("Works that are not for you", "ham-tray-works ham-tray-not");
    this.title = h("h3", { class: "ham-tray-title" });
    this.clear = button("Clear likes", "ham-button", () => this.#clearLikes());
    this.recommend = button("Get recommendations", "ham-button ham-primary", onRecommend);
    this.dial = h("input", {
      type: "range",
      min: "0",
      max: "1",
      step: "0.25",
      value: "0",
      "aria-label": "How far recommendations reach",
      oninput: () => this.setDiscovery(this.discovery),
    });
    this.taken = h("span", { dir: "auto" });
    this.undo = h(
      "p",
      { class: "ham-undo", "aria-live": "polite" },
      this.taken,
      button("Undo", "ham-link", () => this.#undo()),
    );
    this.element = h(
      "section",
      { class: "ham-tray", "aria-label": "Your choice" },
      h(
        "div",
        { class: "ham-tray-head" },
        this.title,
        this.undo,
        h(
          "div",
          { class: "ham-tray-actions" },
          h("label", { class: "ham-dial" }, "Familiar", this.dial, "Discovery"),
          this.clear,
          this.recommend,
        ),
      ),
      h("div", { class: "ham-tray-rows" }, this.liked, this.disliked),
    );
  }

  draw() {
    const { liked, disliked } = this.taste;
    this.works.want([...liked, ...disliked]);
    setText(
      this.title,
      liked.length ? `You like ${count(liked.length, "work")}` : "Like works to get recommendations",
    );
    this.recommend.disabled = !liked.length;
    this.clear.disabled = !liked.length;
    this.element.classList.toggle("ham-tray-empty", !liked.length && !disliked.length);
    this.#drawUndo();
    this.#drawRow(this.liked, liked, "like");
    this.#drawRow(this.disliked, disliked, "dislike");
    this.disliked.hidden = !this.disliked.children.length; // that of likes keeps its place: nothing jumps
  }

  /** How far recommendations reach, 0 to 1. */
  get discovery() {
    return Number(this.dial.value);
  }

  /** @param {number} discovery */
  setDiscovery(discovery) {
    this.dial.value = String(discovery);
    this.dial.setAttribute("aria-valuetext", reach(discovery));
    this.dial.title = `Recommendations ${reach(discovery)}`;
  }

  /** @param {boolean} waiting whether there is no turn yet */
  setWaiting(waiting) {
    this.element.classList.toggle("ham-tray-waiting", waiting);
  }

  #drawUndo() {
    const { takenBack } = this.taste;
    const [only] = takenBack.length === 1 ? takenBack : [];
    const work = only && this.works.get(only);
    this.undo.hidden = !takenBack.length;
    setText(this.taken, `Taken back: ${work ? quoted(titleOf(work)) : count(takenBack.length, "work")}.`);
  }

  #undo() {
    this.taste.undo();
    this.home().focus({ preventScroll: true });
  }

  #clearLikes() {
    const focused = document.activeElement === this.clear; // which is about to be disabled
    this.taste.clear();
    if (focused) this.home().focus({ preventScroll: true });
  }

  /**
   * @param {HTMLElement} element
   * @param {string[]} itemIds
   * @param {"like" | "dislike"} mark
   */
  #drawRow(element, itemIds, mark) {
    const held = new Map(
      [...element.querySelectorAll(".ham-thumb")].map((thumb) => [
        thumb.getAttribute("data-work") ?? "",
        thumb,
      ]),
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
    const away = `${mark === "like" ? "Unlike" : "Take back “not for me”:"} ${title}`;
    const mat = this.pictures.frame(work, "ham-thumb-mat");
    mat.dataset.title = title; // shown where there is no picture
    const onclick = () => this.onOpen(work);
    const open = { type: "button", class: "ham-thumb-open", "aria-label": `Details of ${title}`, title };
    return h(
      "span",
      { class: "ham-thumb", "data-work": work.item_id },
      h("button", { ...open, onclick }, mat),
      iconButton("close", away, () => this.taste.toggle(work.item_id, mark)),
    );
  }

  /**
   * Remove a small picture without losing the keyboard's place.
   *
   * @param {Element} thumb
   */
  #discard(thumb) {
    const focused = thumb.contains(document.activeElement);
    const next = thumb.nextElementSibling ?? thumb.previousElementSibling;
    this.pictures.release(thumb);
    thumb.remove();
    if (!focused) return;
    const close = next?.querySelector(".ham-close");
    if (close instanceof HTMLElement) close.focus();
    else (this.recommend.disabled ? this.home() : this.recommend).focus({ preventScroll: true });
  }
}

/** @type {(label: string, className: string) => HTMLElement} */
function row(label, className) {
  return h("div", { class: className, role: "group", "aria-label": label });
}
