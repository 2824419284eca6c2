// @ts-check
// One work, large: its picture, its descriptions, its fields, and why it is among the answers.

import { bar, button, h, iconButton, keepingFocus, link, setText, text, texts, webAddress } from "./dom.js";
import { marked, reason } from "./marks.js";
import { enlarge } from "./pictures.js";
import { count, makerAndDate, titleOf } from "./words.js";
import { zoomable } from "./zoom.js";

/** @import { Actions } from "./actions.js" */
/** @import { Connection } from "./connection.js" */
/** @import { Pictures } from "./pictures.js" */
/** @import { Detail, DetailMessage } from "./protocol.d.ts" */
/** @import { LargePictureMessage, WorkCard } from "./protocol.d.ts" */

export class OpenedWork {
  /** @type {{ item_id: string, turn_id: number | null } | null} */
  #shown = null;
  #leaf = h("div", { class: "ham-leaf" });
  #place = h("span", { class: "ham-place" });
  #away;
  #previous;
  #next;

  /**
   * @param {{ connection: Connection, pictures: Pictures, actions: Actions,
   *   onThroughTime: (work: WorkCard) => void }} shared
   * @param {(turnId: number | null) => WorkCard[]} beside the works among which one is opened
   * @param {(work: WorkCard) => HTMLElement} below what else can be done with it
   */
  constructor({ connection, pictures, actions, onThroughTime }, beside, below) {
    this.below = below;
    this.beside = beside;
    this.connection = connection;
    this.pictures = pictures;
    this.actions = actions;
    this.onThroughTime = onThroughTime;
    this.titleId = `${connection.view}-detail`;
    this.#away = iconButton("close", "Close", () => this.close(), { autofocus: true });
    this.#previous = iconButton("back", "Previous work", () => this.#turnOver(-1));
    this.#next = iconButton("forth", "Next work", () => this.#turnOver(1));
    const tools = h("div", { class: "ham-tools" }, this.#place, this.#previous, this.#next, this.#away);
    this.element = h("dialog", { class: "ham-dialog", "aria-labelledby": this.titleId }, tools, this.#leaf);
    this.element.addEventListener("keydown", (event) => this.#key(event));
    this.element.addEventListener("click", (event) => event.target === this.element && this.close());
    this.element.addEventListener("close", () => this.#return());
  }

  /**
   * @param {WorkCard} work
   * @param {number | null} turnId the turn it is opened from, if it is
   */
  open(work, turnId) {
    this.#show(work, turnId);
    this.element.showModal();
  }

  /**
   * @param {WorkCard} work
   * @param {number | null} turnId
   */
  #show(work, turnId) {
    this.#shown = { item_id: work.item_id, turn_id: turnId };
    this.#draw(work, null);
    setText(this.#place, this.#amongOthers());
    this.#ready(this.#previous, this.#neighbour(-1));
    this.#ready(this.#next, this.#neighbour(1));
    this.connection.send({ type: "detail", ...this.#shown, view: this.connection.view });
  }

  /** @param {-1 | 1} step */
  #neighbour(step) {
    const { works, at } = this.#beside();
    return at < 0 ? undefined : works[at + step];
  }

  /**
   * @param {HTMLElement} way
   * @param {WorkCard | undefined} work where it leads
   */
  #ready(way, work) {
    way.setAttribute("aria-disabled", String(!work));
    way.hidden = !this.#place.textContent; // there is nowhere to go
  }

  #amongOthers() {
    const { works, at } = this.#beside();
    return at < 0 || works.length < 2 ? "" : `${at + 1} of ${works.length}`;
  }

  #beside() {
    const works = this.#shown ? this.beside(this.#shown.turn_id) : [];
    return { works, at: works.findIndex((work) => work.item_id === this.#shown?.item_id) };
  }

  /** @param {-1 | 1} step */
  #turnOver(step) {
    const work = this.#neighbour(step);
    if (!work || !this.#shown) return;
    const turnId = this.#shown.turn_id;
    this.#forget();
    this.#show(work, turnId);
    this.element.scrollTop = 0;
    if (!this.element.contains(document.activeElement)) this.#away.focus();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const taken = event.target instanceof Element && event.target.closest(".ham-zoomed, input, pre");
    if (!step || taken || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.#turnOver(step);
  }

  /** @param {LargePictureMessage} message @param {DataView<ArrayBuffer>[]} buffers */
  receivePicture({ item_id, mime, view }, [content]) {
    if (this.connection.isForAnother(view) || this.#shown?.item_id !== item_id) return;
    const frame = this.#leaf.querySelector(".ham-large");
    if (mime && content && frame) enlarge(frame, new Blob([content], { type: mime }));
  }

  close() {
    this.element.close();
  }

  /** @param {DetailMessage} message */
  receive({ work, turn_id, view }) {
    if (this.connection.isForAnother(view)) return;
    if (this.#shown?.item_id === work.item_id && this.#shown.turn_id === turn_id) this.#draw(work, work);
  }

  /** The keyboard goes on where the last one stands among the answers. */
  #return() {
    const { item_id, turn_id } = this.#shown ?? {};
    this.#forget();
    const turn = this.element.parentElement?.querySelector(`[data-turn="${turn_id}"]`);
    const cards = /** @type {HTMLElement[]} */ ([...(turn?.querySelectorAll(".ham-card") ?? [])]);
    const card = cards.find((each) => each.dataset.item === item_id);
    /** @type {HTMLElement | null | undefined} */ (card?.querySelector(".ham-open"))?.focus();
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
    const picture = this.#leaf.querySelector(".ham-large") ?? this.#picture(work);
    const side = this.#side(work, detail);
    const old = this.#leaf.querySelector(".ham-side");
    if (detail?.large_picture_url) enlarge(picture, detail.large_picture_url);
    if (detail?.large_picture_url === null)
      this.connection.send({ type: "large_picture", item_id: work.item_id, view: this.connection.view });
    this.#leaf.dataset.item = work.item_id;
    if (old) keepingFocus(this.#leaf, () => old.replaceWith(side));
    else this.#leaf.replaceChildren(picture, side);
    this.actions.press([this.#leaf]);
  }

  /** @param {WorkCard} work */
  #picture(work) {
    const picture = this.pictures.frame(work, "ham-large", true);
    if (work.picture_url !== "") zoomable(picture);
    return picture;
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
      h(
        "h2",
        { class: "ham-detail-title", id: this.titleId, dir: "auto" },
        ...marked(titleOf(work), detail?.why ?? null),
      ),
      h("p", { class: "ham-detail-by" }, ...texts(makerAndDate(work), ", ")),
      this.actions.buttons(work.item_id, this.titleId),
      button("Through time", "ham-link", () => this.onThroughTime(work)),
      ...(detail ? [why(detail), ...descriptions(detail), facts(detail)] : []),
      detail ? this.below(work) : "",
      page ? h("p", {}, link(page, "See it at the museum")) : "",
    );
  }
}

/** @param {Detail} detail */
function why({ why: reasons, channels, nearest_liked: nearest, near_duplicates: duplicates }) {
  const line = reasons && !nearest ? reason(reasons).filter(Boolean) : [];
  if (!line.length && !channels.length && !nearest && !duplicates) return "";
  const telling = channels.filter(({ value }) => value >= 0.005); // what would read 0.00 tells nothing
  const shares = telling.flatMap(({ label, value }) => [
    h("dt", { text: label }),
    h("dd", {}, h("span", { text: value.toFixed(2) }), bar(value)),
  ]);
  const like = nearest ? text(titleOf(nearest), { class: "ham-named" }) : "";
  const stands = `Stands for ${count(duplicates, "more work")} with a nearly identical picture.`;
  return h(
    "section",
    { class: "ham-why" },
    h("h3", { text: "Why it is here" }),
    line.length ? h("p", { class: "ham-reason" }, ...line) : "",
    shares.length ? h("dl", {}, ...shares) : "",
    nearest ? h("p", {}, "Closest to ", like, ", which you liked.") : "",
    duplicates ? h("p", { text: stands }) : "",
  );
}

/** @param {Detail} detail */
function descriptions({ descriptions: given, why: reasons }) {
  return given.map(({ text: words, attribution }) =>
    h(
      "figure",
      { class: "ham-description" },
      h("blockquote", { dir: "auto" }, ...marked(words, reasons)),
      attribution ? h("figcaption", { dir: "auto", text: attribution }) : "",
    ),
  );
}

/** @param {Detail} detail */
function facts({ facts: known, why: reasons }) {
  const rows = known.flatMap(({ label, text: value }) => [
    h("dt", { text: label }),
    h("dd", { dir: "auto" }, ...marked(value, reasons)),
  ]);
  return h("dl", { class: "ham-facts" }, ...rows);
}
