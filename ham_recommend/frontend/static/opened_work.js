// @ts-check
// One work, large: its picture, its descriptions, its fields, and why it is among the answers.

import { bar, h, iconButton, link, text, texts, webAddress } from "./dom.js";
import { enlarge } from "./pictures.js";
import { count, makerAndDate, titleOf } from "./words.js";

/** @import { Actions } from "./actions.js" */
/** @import { Connection } from "./connection.js" */
/** @import { Pictures } from "./pictures.js" */
/** @import { Detail, DescriptionText, DetailMessage, Fact, WorkCard } from "./protocol.d.ts" */

export class OpenedWork {
  /** @type {{ item_id: string, turn_id: number | null } | null} */
  #shown = null;
  #leaf = h("div", { class: "ham-leaf" });

  /** @param {{ connection: Connection, pictures: Pictures, actions: Actions }} shared */
  constructor({ connection, pictures, actions }) {
    this.connection = connection;
    this.pictures = pictures;
    this.actions = actions;
    this.titleId = `${connection.view}-detail`;
    const away = iconButton("close", "Close", () => this.close());
    this.element = h("dialog", { class: "ham-dialog", "aria-labelledby": this.titleId }, away, this.#leaf);
    this.element.addEventListener("click", (event) => event.target === this.element && this.close());
    this.element.addEventListener("close", () => this.#forget());
  }

  /**
   * @param {WorkCard} work
   * @param {number | null} turnId the turn it is opened from, if it is
   */
  open(work, turnId) {
    this.#shown = { item_id: work.item_id, turn_id: turnId };
    this.#draw(work, null);
    this.element.showModal();
    this.connection.send({ type: "detail", ...this.#shown, view: this.connection.view });
  }

  close() {
    this.element.close();
  }

  /** @param {DetailMessage} message */
  receive({ work, turn_id, view }) {
    if (this.connection.isForAnother(view)) return;
    if (this.#shown?.item_id === work.item_id && this.#shown.turn_id === turn_id) this.#draw(work, work);
  }

  #forget() {
    this.pictures.release(this.#leaf);
    this.#leaf.replaceChildren();
    this.#shown = null;
  }

  /**
   * @param {WorkCard} work
   * @param {Detail | null} detail null until it arrives
   */
  #draw(work, detail) {
    const picture = this.#leaf.querySelector(".ham-large") ?? this.pictures.frame(work, "ham-large", true);
    const side = this.#side(work, detail);
    const old = this.#leaf.querySelector(".ham-side");
    if (detail?.large_picture_url) enlarge(picture, detail.large_picture_url);
    this.#leaf.dataset.item = work.item_id;
    if (old) replaceKeepingFocus(old, side);
    else this.#leaf.replaceChildren(picture, side);
    this.actions.press([this.#leaf]);
  }

  /**
   * @param {WorkCard} work
   * @param {Detail | null} detail
   */
  #side(work, detail) {
    const page = webAddress(work.page_url);
    return h(
      "div",
      { class: "ham-side" },
      h("h2", { class: "ham-detail-title", id: this.titleId, dir: "auto", text: titleOf(work) }),
      h("p", { class: "ham-detail-by" }, ...texts(makerAndDate(work), ", ")),
      this.actions.buttons(work.item_id, this.titleId),
      ...(detail ? [why(detail), ...detail.descriptions.map(description), facts(detail.facts)] : []),
      page ? h("p", {}, link(page, "See it at the museum")) : "",
    );
  }
}

/** @param {Detail} detail */
function why({ channels, nearest_liked: nearest, near_duplicates: duplicates }) {
  if (!channels.length && !nearest && !duplicates) return "";
  const shares = channels.flatMap(({ label, value }) => [
    h("dt", { text: label }),
    h("dd", {}, h("span", { text: value.toFixed(2) }), bar(value)),
  ]);
  const like = nearest ? text(titleOf(nearest), { class: "ham-named" }) : "";
  const stands = `Stands for ${count(duplicates, "more work")} with a nearly identical picture.`;
  return h(
    "section",
    { class: "ham-why" },
    h("h3", { text: "Why it is here" }),
    h("dl", {}, ...shares),
    nearest ? h("p", {}, "Closest to ", like, ", which you liked.") : "",
    duplicates ? h("p", { text: stands }) : "",
  );
}

/** @param {DescriptionText} description */
function description({ text: words, attribution }) {
  return h(
    "figure",
    { class: "ham-description" },
    h("blockquote", { dir: "auto", text: words }),
    attribution ? h("figcaption", { dir: "auto", text: attribution }) : "",
  );
}

/** @param {Fact[]} known */
function facts(known) {
  const rows = known.flatMap(({ label, text: value }) => [
    h("dt", { text: label }),
    h("dd", { dir: "auto", text: value }),
  ]);
  return h("dl", { class: "ham-facts" }, ...rows);
}

/**
 * @param {Element} old
 * @param {Element} fresh
 */
function replaceKeepingFocus(old, fresh) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const label = focused?.getAttribute("aria-label");
  old.replaceWith(fresh);
  if (label) /** @type {HTMLElement | null} */ (fresh.querySelector(`[aria-label="${label}"]`))?.focus();
}
