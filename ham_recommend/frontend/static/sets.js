// @ts-check
// The named sets: a tab for each, and the works of the open one with what is said of them.

import { button, h, iconButton, keepingFocus, text, texts } from "./dom.js";
import { formatButtons } from "./findings.js";
import { makerAndDate, number, titleOf } from "./words.js";

/** @import { Connection } from "./connection.js" */
/** @import { Pictures } from "./pictures.js" */
/** @import { SetCard, SetMessage, WorkCard } from "./protocol.d.ts" */

export class Sets {
  /** @type {string | null} The name of the open one. */
  #open = null;
  /** @type {string | null} The name that was asked for it. */
  #renamed = null;
  #tabs = h("div", { class: "ham-set-tabs", role: "group", "aria-label": "Sets" });
  #body = h("div", { class: "ham-set" });

  /**
   * @param {Connection} connection
   * @param {Pictures} pictures
   * @param {{ onOpen: (work: WorkCard) => void, home: () => HTMLElement }} around
   *   where the keyboard goes when all of this goes away
   */
  constructor(connection, pictures, { onOpen, home }) {
    this.connection = connection;
    this.pictures = pictures;
    this.onOpen = onOpen;
    this.home = home;
    this.undo = button("Undo", "ham-link", () => connection.send({ type: "undo_sets" }));
    this.title = h("h3", { class: "ham-tray-title", text: "Sets" });
    this.element = h(
      "section",
      { class: "ham-sets", "aria-label": "Sets", hidden: true },
      h("div", { class: "ham-set-head" }, this.title, this.#tabs, this.undo),
      this.#body,
    );
  }

  /** The sets have changed, or their works. */
  draw() {
    const sets = this.connection.get("sets");
    const names = sets.map(([name]) => name);
    const inside = this.element.contains(document.activeElement);
    if (this.#renamed !== null && names.includes(this.#renamed)) this.#open = this.#renamed;
    this.#renamed = null;
    if (this.#open !== null && !names.includes(this.#open)) this.#close();
    const tabs = sets.map(([name, works]) => this.#tab(name, works.length));
    keepingFocus(this.#tabs, () => this.#tabs.replaceChildren(...tabs));
    this.undo.hidden = !this.connection.get("sets_undoable");
    this.element.hidden = !sets.length && this.undo.hidden;
    if (!inside || (this.element.contains(document.activeElement) && shown(document.activeElement))) return;
    const next = this.undo.hidden ? this.#tabs.querySelector("button") : this.undo;
    (next ?? this.home()).focus({ preventScroll: true });
  }

  /** @param {SetMessage} message */
  receive({ name, note, works, view }) {
    if (this.connection.isForAnother(view) || name !== this.#open) return;
    this.pictures.release(this.#body);
    const rows = works.map((work, at) => this.#row(name, works, work, at));
    const empty = h("p", { class: "ham-note", text: "This set is empty. Open a work to put it in." });
    const list = rows.length ? h("ol", { class: "ham-set-works" }, ...rows) : empty;
    const parts = [this.#about(name, note), list, this.#keep(name)];
    keepingFocus(
      this.#body,
      () => this.#body.replaceChildren(...parts),
      () => this.undo,
    );
  }

  #close() {
    this.#open = null;
    this.pictures.release(this.#body);
    this.#body.replaceChildren();
  }

  /**
   * @param {string} name
   * @param {number} works
   */
  #tab(name, works) {
    const onclick = () => {
      const opens = this.#open !== name;
      this.#close();
      if (opens) {
        this.#open = name;
        this.connection.send({ type: "set", name, view: this.connection.view });
      }
      this.draw();
    };
    const open = String(this.#open === name);
    return h(
      "button",
      { type: "button", class: "ham-set-tab", "aria-expanded": open, "data-key": name, onclick },
      text(name),
      h("span", { class: "ham-count", text: number(works) }),
    );
  }

  /**
   * @param {string} name
   * @param {string} note
   */
  #about(name, note) {
    const title = field("ham-set-name", "Name of the set", "name", name, 60, (value) =>
      this.#rename(name, value),
    );
    const said = field("ham-set-note", "Note on the set", "note", note, 5_000, (value) =>
      this.connection.send({ type: "note_set", name, note: value }),
    );
    said.placeholder = "What is this set for?";
    const remove = button("Delete set", "ham-link", () => this.connection.send({ type: "delete_set", name }));
    return h("div", { class: "ham-set-about" }, title, said, remove);
  }

  /**
   * @param {string} name
   * @param {string} to
   */
  #rename(name, to) {
    if (!to.trim() || to === name) return;
    this.#renamed = to.trim();
    this.connection.send({ type: "rename_set", name, to });
  }

  /**
   * @param {string} name
   * @param {SetCard[]} works
   * @param {SetCard} work
   * @param {number} at
   */
  #row(name, works, work, at) {
    const title = titleOf(work);
    const itemId = work.item_id;
    const note = field("ham-set-note", `Note on ${title}`, `note ${itemId}`, work.note, 5_000, (value) =>
      this.connection.send({ type: "note_set", name, note: value, item_id: itemId }),
    );
    note.placeholder = "A note";
    /** @type {(step: -1 | 1) => void} */
    const move = (step) => {
      const order = works.map((each) => each.item_id).filter((each) => each !== itemId);
      order.splice(at + step, 0, itemId);
      if (at + step >= 0 && at + step < works.length)
        this.connection.send({ type: "arrange_set", name, item_ids: order });
    };
    const away = () => this.connection.send({ type: "remove_from_set", name, item_ids: [itemId] });
    const open = { type: "button", class: "ham-open", "aria-label": `Details of ${title}` };
    const ends = [at === 0 ? "true" : null, at === works.length - 1 ? "true" : null];
    return h(
      "li",
      { class: "ham-set-work" },
      h("button", { ...open, onclick: () => this.onOpen(work) }, this.pictures.frame(work, "ham-thumb-mat")),
      h(
        "div",
        { class: "ham-set-words" },
        h("p", { class: "ham-title", dir: "auto", text: title }),
        h("p", { class: "ham-by" }, ...texts(makerAndDate(work), ", ")),
        note,
      ),
      iconButton("back", `Move ${title} forward`, () => move(-1), {
        "aria-disabled": ends[0],
        "data-key": `back ${itemId}`,
      }),
      iconButton("forth", `Move ${title} back`, () => move(1), {
        "aria-disabled": ends[1],
        "data-key": `forth ${itemId}`,
      }),
      iconButton("close", `Take ${title} out of the set`, away, { "data-key": `close ${itemId}` }),
    );
  }

  /** @param {string} name */
  #keep(name) {
    const { view } = this.connection;
    const formats = formatButtons("Save the set", (format) =>
      this.connection.send({ type: "export", format, set_name: name, view }),
    );
    return h("p", { class: "ham-keep" }, "Keep this set as", ...formats);
  }
}

/** @type {(element: Element | null) => boolean} */
const shown = (element) => element?.closest("[hidden]") === null;

/**
 * A field that tells when its text was changed and left.
 *
 * @param {string} className
 * @param {string} label
 * @param {string} key what it is, so that it keeps the focus when it is drawn again
 * @param {string} value
 * @param {number} longest
 * @param {(value: string) => void} onChange
 */
function field(className, label, key, value, longest, onChange) {
  const element = h("input", {
    type: "text",
    class: className,
    maxlength: longest,
    dir: "auto",
    "aria-label": label,
    "data-key": key,
    onchange: () => onChange(element.value),
  });
  element.value = value;
  return element;
}
