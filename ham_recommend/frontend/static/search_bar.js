// @ts-check
// The search field with its filters, and the examples to begin with.

import { h, icon } from "./dom.js";
import { beginning } from "./words.js";

/** @import { Collection, Where } from "./protocol.d.ts" */

const REPEATS = "A repeated search normally goes on to works you have not seen";

export class SearchBar {
  #filters = "";
  /** @type {number | undefined} */
  #timer;

  /**
   * @param {(text: string) => void} onSearch
   * @param {() => boolean} onFilter called when other filters are on the screen; whether they applied
   * @param {HTMLElement} status what is said beside the field
   */
  constructor(onSearch, onFilter, status) {
    this.onSearch = onSearch;
    this.onFilter = onFilter;
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
    this.kind = h("select", { class: "ham-select", "aria-label": "Kind" });
    this.kinds = h("label", { class: "ham-filter" }, "Kind", this.kind);
    this.begin = yearField("From year");
    this.end = yearField("To year");
    this.years = h("span", { class: "ham-filter" }, "Years", this.begin, "–", this.end);
    this.repeats = h("input", { type: "checkbox", role: "switch" });
    this.element = this.#form(status);
    this.#filters = JSON.stringify(this.where);
    this.examples = h("div", { class: "ham-start", role: "group", "aria-label": "Example searches" });
  }

  /** @returns {Where} */
  get where() {
    return { classification: this.kind.value, years: [year(this.begin), year(this.end)] };
  }

  get allowRepeats() {
    return this.repeats.checked;
  }

  /** @param {string} query */
  setQuery(query) {
    this.field.value = query;
  }

  /**
   * Put filters on the screen that were set elsewhere.
   *
   * @param {Where} where
   */
  setWhere({ classification, years }) {
    this.kind.value = classification ?? "";
    this.begin.value = String(years?.[0] ?? "");
    this.end.value = String(years?.[1] ?? "");
    this.#filters = JSON.stringify(this.where);
  }

  /** @param {Collection} collection */
  draw(collection) {
    const { kinds, years, examples } = collection;
    const options = kinds.map(([kind, works]) => h("option", { value: kind, text: `${kind} (${works})` }));
    this.kind.replaceChildren(h("option", { value: "", text: "All kinds" }), ...options);
    this.kinds.hidden = kinds.length < 2;
    this.years.hidden = !years;
    this.begin.placeholder = String(years?.[0] ?? "");
    this.end.placeholder = String(years?.[1] ?? "");
    this.examples.replaceChildren(
      h("p", { class: "ham-start-title", text: beginning(collection) }),
      h("div", { class: "ham-examples" }, ...examples.map((example) => this.#example(example))),
    );
  }

  stop() {
    clearTimeout(this.#timer);
  }

  /** The arrows of a year step through many: the last one counts. */
  #filterSoon(wait = 300) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#filter(), wait);
  }

  #filter() {
    clearTimeout(this.#timer);
    const filters = JSON.stringify(this.where);
    if (filters === this.#filters) return false;
    this.#filters = filters;
    return this.onFilter();
  }

  /** @param {string} text */
  #search(text) {
    clearTimeout(this.#timer);
    this.#filters = JSON.stringify(this.where);
    this.onSearch(text);
  }

  /** @param {HTMLElement} status */
  #form(status) {
    const submit = h("button", { type: "submit", class: "ham-button ham-primary", text: "Search" });
    return h(
      "form",
      {
        class: "ham-form",
        role: "search",
        onsubmit: (/** @type {SubmitEvent} */ event) => {
          event.preventDefault();
          this.#search(this.field.value);
        },
        onkeydown: (/** @type {KeyboardEvent} */ event) => this.#enter(event),
        onchange: (/** @type {Event} */ { target }) => {
          if (target !== this.field && target !== this.repeats)
            this.#filterSoon(target === this.kind ? 0 : 300);
        },
      },
      h("div", { class: "ham-search" }, icon("search"), this.field, submit),
      status,
      h(
        "div",
        { class: "ham-filters" },
        this.kinds,
        this.years,
        h("label", { class: "ham-filter ham-switch", title: REPEATS }, this.repeats, "Allow repeats"),
      ),
    );
  }

  /**
   * JupyterLab keeps Enter from submitting a form inside a cell.
   *
   * @param {KeyboardEvent} event
   */
  #enter(event) {
    if (event.key !== "Enter" || event.isComposing || !(event.target instanceof HTMLInputElement)) return;
    event.preventDefault();
    if (event.target === this.field || !this.#filter()) this.element.requestSubmit();
  }

  /** @param {string} example */
  #example(example) {
    const onclick = () => {
      this.setQuery(example);
      this.#search(example);
    };
    return h("button", { type: "button", class: "ham-example", dir: "auto", text: example, onclick });
  }
}

/** @param {string} label */
function yearField(label) {
  const number = { type: "number", step: "1", inputmode: "numeric", dir: "ltr" };
  return h("input", { ...number, class: "ham-year", "aria-label": label, title: label });
}

/** @param {HTMLInputElement} field */
function year(field) {
  return field.value === "" ? null : Number(field.value);
}
