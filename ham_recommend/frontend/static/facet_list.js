// @ts-check
// The values of one field with their numbers of works: several can be chosen, and a long list be searched.

import { h, keepingFocus, text } from "./dom.js";
import { number } from "./words.js";

/** @import { FacetList as Values, FacetValue } from "./protocol.d.ts" */

const SOON = 200; // milliseconds after the last letter

/**
 * @typedef {object} Chosen
 * @property {(name: string, wanted: string) => boolean} has
 * @property {(name: string) => [wanted: string, text: string][]} of
 * @property {(name: string, value: FacetValue) => void} toggle
 * @property {(name: string, containing: string) => void} find
 */

export class FacetList {
  /** @type {number | undefined} */
  #timer;

  /**
   * @param {Values} field
   * @param {Chosen} chosen
   */
  constructor(field, chosen) {
    this.name = field.name;
    this.chosen = chosen;
    this.find = h("input", {
      type: "text",
      class: "ham-find",
      placeholder: "Find one",
      "aria-label": `Find in ${field.label}`,
      oninput: () => this.#findSoon(),
    });
    this.list = h("ul", { class: "ham-values", role: "list" });
    this.element = h(
      "section",
      { class: "ham-facet", role: "group", "aria-label": field.label },
      h("h3", { class: "ham-facet-title", text: field.label }),
      this.find,
      this.list,
    );
    this.draw(field);
  }

  /** @param {Values} field */
  draw(field) {
    const searching = this.find.value !== "";
    const shown = new Set(field.values.map(({ wanted }) => wanted));
    const beside = this.chosen
      .of(this.name)
      .filter(([wanted]) => !shown.has(wanted))
      .map(([wanted, name]) => ({ wanted, text: name, works: -1 }));
    const values = searching ? field.values : [...beside, ...field.values];
    this.find.hidden = !field.more && !searching;
    this.element.hidden = !values.length && !searching;
    const none = h("li", { class: "ham-none", text: "None" });
    const rows = values.length ? values.map((value) => this.#value(value)) : [none];
    keepingFocus(this.list, () => this.list.replaceChildren(...rows));
  }

  stop() {
    clearTimeout(this.#timer);
  }

  #findSoon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.chosen.find(this.name, this.find.value), SOON);
  }

  /** @param {FacetValue} value */
  #value(value) {
    const checked = this.chosen.has(this.name, value.wanted);
    const box = h("input", {
      type: "checkbox",
      checked,
      "data-key": value.wanted,
      onchange: () => this.chosen.toggle(this.name, value),
    });
    return h(
      "li",
      { class: "ham-value" },
      h(
        "label",
        { class: "ham-pick" },
        box,
        text(value.text, { class: "ham-value-text", title: value.text }),
        h("span", { class: "ham-number", text: value.works < 0 ? "" : number(value.works) }),
      ),
    );
  }
}
