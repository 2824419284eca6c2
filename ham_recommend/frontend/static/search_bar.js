// @ts-check
// The search field with its filters, and the examples to begin with.

import { h, icon } from "./dom.js";

/** @import { Collection, Where } from "./protocol.d.ts" */

const REPEATS = "A repeated search normally goes on to works you have not seen";

export class SearchBar {
  /** @param {(text: string) => void} onSearch */
  constructor(onSearch) {
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
    this.kind = h("select", { class: "ham-select", "aria-label": "Kind" });
    this.kinds = h("label", { class: "ham-filter" }, "Kind", this.kind);
    this.begin = yearField("From year");
    this.end = yearField("To year");
    this.years = h("span", { class: "ham-filter" }, "Years", this.begin, "–", this.end);
    this.repeats = h("input", { type: "checkbox", role: "switch" });
    this.element = this.#form();
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

  /** @param {Collection} collection */
  draw({ kinds, years, examples }) {
    const options = kinds.map(([kind, works]) => h("option", { value: kind, text: `${kind} (${works})` }));
    this.kind.replaceChildren(h("option", { value: "", text: "All kinds" }), ...options);
    this.kinds.hidden = kinds.length < 2;
    this.years.hidden = !years;
    this.begin.placeholder = String(years?.[0] ?? "");
    this.end.placeholder = String(years?.[1] ?? "");
    this.examples.replaceChildren(
      h("p", { class: "ham-start-title", text: "Begin with a few words" }),
      h("div", { class: "ham-examples" }, ...examples.map((example) => this.#example(example))),
    );
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
    this.element.requestSubmit();
  }

  /** @param {string} example */
  #example(example) {
    const onclick = () => {
      this.setQuery(example);
      this.onSearch(example);
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
