// @ts-check
// Into which sets works go: a box to tick for each, and a field for a new one.

import { h, keepingFocus, text } from "./dom.js";
import { number } from "./words.js";

/** @import { Connection } from "./connection.js" */

export class SetMenu {
  #list = h("div", { class: "ham-set-choices" });
  #name = h("input", {
    class: "ham-set-new",
    type: "text",
    maxlength: 60,
    placeholder: "New set, such as slides",
    "aria-label": "Name of a new set",
  });

  /**
   * @param {Connection} connection
   * @param {string} label
   * @param {() => string[]} itemIds the works that it is about
   */
  constructor(connection, label, itemIds) {
    this.connection = connection;
    this.itemIds = itemIds;
    const add = h("button", { type: "submit", class: "ham-button ham-small", text: "Add" });
    const form = h(
      "form",
      { class: "ham-set-form", onsubmit: (event) => this.#make(event) },
      this.#name,
      add,
    );
    this.element = h(
      "details",
      { class: "ham-set-menu", ontoggle: () => this.draw() },
      h("summary", { class: "ham-link", text: label }),
      this.#list,
      form,
    );
  }

  draw() {
    if (!this.element.open) return;
    const works = this.itemIds();
    const boxes = this.connection.get("sets").map(([name, held]) => this.#box(name, held, works));
    keepingFocus(this.#list, () => this.#list.replaceChildren(...boxes));
  }

  /**
   * @param {string} name
   * @param {string[]} held
   * @param {string[]} works
   */
  #box(name, held, works) {
    const inside = works.filter((itemId) => held.includes(itemId));
    const all = works.length > 0 && inside.length === works.length;
    const box = h("input", {
      type: "checkbox",
      checked: all,
      "data-key": name,
      onchange: () =>
        this.connection.send({ type: all ? "remove_from_set" : "add_to_set", name, item_ids: works }),
    });
    box.indeterminate = inside.length > 0 && !all;
    const count = h("span", { class: "ham-count", text: number(held.length) });
    return h("label", { class: "ham-set-choice" }, box, text(name), count);
  }

  /** @param {Event} event */
  #make(event) {
    event.preventDefault();
    const name = this.#name.value.trim();
    if (!name) return this.#name.focus();
    this.connection.send({ type: "add_to_set", name, item_ids: this.itemIds() });
    this.#name.value = "";
  }
}
