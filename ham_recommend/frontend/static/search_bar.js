// @ts-check
// The search field, and below it the filters and the ways that need no words.

import { h, icon } from "./dom.js";

/** @import { Filters } from "./filters.js" */
/** @import { Ways } from "./ways.js" */

const REPEATS = "A repeated search normally goes on to works you have not seen";

export class SearchBar {
  /**
   * @param {(text: string) => void} onSearch
   * @param {{ filters: Filters, ways: Ways }} beside
   */
  constructor(onSearch, { filters, ways }) {
    this.onSearch = onSearch;
    this.field = h("input", {
      type: "search",
      class: "ham-field",
      name: "query",
      "aria-label": "Search the collection",
      autocomplete: "off",
      placeholder: "Describe what you would like to see",
      enterkeyhint: "search",
      dir: "auto",
      maxlength: "1000",
    });
    this.repeats = h("input", { type: "checkbox", role: "switch" });
    this.element = this.#form();
    this.row = h(
      "div",
      { class: "ham-row" },
      filters.toggle,
      filters.chips,
      ways.element,
      h("label", { class: "ham-switch", title: REPEATS }, this.repeats, "Show works again"),
    );
  }

  get allowRepeats() {
    return this.repeats.checked;
  }

  /** @param {string} query */
  setQuery(query) {
    this.field.value = query;
  }

  #form() {
    const submit = h("button", { type: "submit", class: "ham-button ham-primary", text: "Search" });
    return h(
      "form",
      {
        class: "ham-form",
        role: "search",
        onsubmit: (/** @type {SubmitEvent} */ event) => {
          event.preventDefault();
          this.onSearch(this.field.value);
        },
        onkeydown: (/** @type {KeyboardEvent} */ event) => this.#enter(event),
      },
      h("div", { class: "ham-search" }, icon("search"), this.field, submit),
    );
  }

  /**
   * JupyterLab keeps Enter from submitting a form inside a cell.
   *
   * @param {KeyboardEvent} event
   */
  #enter(event) {
    if (event.key !== "Enter" || event.isComposing || event.target !== this.field) return;
    event.preventDefault();
    this.element.requestSubmit();
  }
}
