// @ts-check
// The filters: chosen ones as chips that can be taken away, and a drawer with all there is to choose from.

import { chip } from "./chip.js";
import { h, icon, keepingFocus } from "./dom.js";
import { FacetList } from "./facet_list.js";
import { Timeline } from "./timeline.js";
import { count, span } from "./words.js";

/** @import { Connection } from "./connection.js" */
/** @import { FacetList as Field, FacetsMessage, Stretch, Where } from "./protocol.d.ts" */
/** @import { Years } from "./timeline.js" */

const CENTURY = "century";

export class Filters {
  /** @type {Map<string, Map<string, string>>} Field → wanted text → how it reads. */
  #values = new Map();
  /** @type {Years} */
  #years = [null, null];
  /** Works inside a line drawn on the map: the line, and how it reads. */
  #lasso = { outline: "", words: "" };
  /** @type {Map<string, FacetList>} */
  #lists = new Map();
  /** @type {Stretch[]} */
  #centuries = [];
  /** @type {number | undefined} */
  #timer;
  #asked = "";
  /** Whether the collection has nothing that works can be narrowed by. */
  #bare = false;

  /**
   * @param {Connection} connection
   * @param {() => void} onFilter called when other filters are on the screen
   */
  constructor(connection, onFilter) {
    this.connection = connection;
    this.onFilter = onFilter;
    this.chips = h("div", { class: "ham-chips", role: "group", "aria-label": "Filters" });
    this.toggle = h(
      "button",
      {
        type: "button",
        class: "ham-way",
        "aria-label": "Filter",
        "aria-expanded": "false",
        onclick: () => this.setOpen(!this.isOpen),
      },
      icon("filter"),
      h("span", { class: "ham-way-word", text: "Filter" }),
    );
    this.timeline = new Timeline((years) => this.#setYears(years, 300));
    this.begin = this.#yearField("From year", 0);
    this.end = this.#yearField("To year", 1);
    this.works = h("span", { class: "ham-works" });
    this.exact = h(
      "p",
      { class: "ham-exact" },
      this.works,
      h("span", { class: "ham-span" }, this.begin, " – ", this.end),
    );
    this.lists = h("div", { class: "ham-facets" });
    this.drawer = h(
      "section",
      { class: "ham-drawer", "aria-label": "Filter by", hidden: true },
      h("div", { class: "ham-time" }, this.timeline.element, this.exact),
      this.lists,
    );
    this.drawChips();
  }

  /** @returns {Where} */
  get where() {
    const fields = [...this.#values].map(([name, values]) => [name, [...values.keys()]]);
    const years = this.#years.some((each) => each !== null) ? { years: this.#years } : {};
    const lasso = this.#lasso.outline ? { lasso: this.#lasso.outline } : {};
    return { ...Object.fromEntries(fields), ...years, ...lasso };
  }

  /**
   * Put filters on the screen that were set elsewhere, such as by an address.
   *
   * @param {Where} where
   */
  set({ years, lasso, ...fields }) {
    const outline = String([lasso ?? ""].flat()[0] ?? "");
    if (outline !== this.#lasso.outline) this.#lasso = { outline, words: "Inside the lasso" };
    const wanted = Object.entries(fields).map(([name, values]) => {
      const texts = [values].flat().filter((each) => typeof each === "string");
      return /** @type {const} */ ([name, new Map(texts.map((each) => [each, each]))]);
    });
    this.#values = new Map(wanted.filter(([, values]) => values.size));
    this.#years = years ?? [null, null];
    this.drawChips();
    this.ask();
  }

  /**
   * Look only among the works inside a line on the map.
   *
   * @param {string} outline empty for all works
   * @param {number} [works] how many there are inside
   */
  setLasso(outline, works = 0) {
    this.#lasso = { outline, words: `${count(works, "work")} of the map` };
    this.#changed(0);
  }

  get any() {
    return Object.keys(this.where).length > 0;
  }

  get isOpen() {
    return !this.drawer.hidden;
  }

  /** @param {boolean} open */
  setOpen(open) {
    this.drawer.hidden = !open || this.#bare;
    this.toggle.hidden = this.#bare;
    this.toggle.setAttribute("aria-expanded", String(this.isOpen));
    if (open) this.ask();
  }

  /** Ask, where it is not known, how many works each filter would leave. */
  ask() {
    const where = JSON.stringify(this.where);
    if (!this.isOpen || where === this.#asked) return;
    this.#asked = where;
    this.connection.send({ type: "facets", where: this.where, view: this.connection.view });
  }

  /** What was asked will not be answered, or is no longer true. */
  forget() {
    this.#asked = "";
    this.#bare = false;
    this.toggle.hidden = false;
  }

  /** @param {FacetsMessage} message */
  receive(message) {
    if (this.connection.isForAnother(message.view)) return;
    const { fields, field, works, stretches, centuries } = message;
    if (field) return this.#found(message);
    this.#centuries = centuries;
    this.timeline.draw(stretches, this.#years);
    this.exact.classList.toggle("ham-undated", !stretches.length);
    this.begin.placeholder = String(stretches[0]?.[0] ?? "");
    this.end.placeholder = String(stretches.at(-1)?.[1] ?? "");
    this.works.textContent = count(works, "work");
    const shown = [...fields, this.#centuryList()];
    for (const [at, each] of shown.entries()) {
      const list = this.#list(each.name, each);
      list.draw(each);
      const there = this.lists.children[at]; // one that is moved loses the keyboard's place
      if (there !== list.element) this.lists.insertBefore(list.element, there ?? null);
    }
    while (this.lists.children.length > shown.length) this.lists.lastElementChild?.remove();
    this.#bare = !this.any && !stretches.length && shown.every(({ values }) => !values.length);
    this.setOpen(this.isOpen);
  }

  stop() {
    clearTimeout(this.#timer);
    for (const list of this.#lists.values()) list.stop();
  }

  drawChips() {
    const chosen = [...this.#values].flatMap(([name, values]) =>
      [...values].map(([wanted, words]) => chip(words, () => this.#toggle(name, wanted, words))),
    );
    if (this.#years.some((each) => each !== null))
      chosen.push(chip(span(...this.#years), () => this.#setYears([null, null])));
    if (this.#lasso.outline) chosen.push(chip(this.#lasso.words, () => this.setLasso("")));
    const other = () => this.chips.querySelector("button") ?? this.toggle;
    keepingFocus(this.chips, () => this.chips.replaceChildren(...chosen), other);
    for (const [at, field] of [this.begin, this.end].entries()) field.value = String(this.#years[at] ?? "");
  }

  /** @param {FacetsMessage} message */
  #found({ fields: [values], containing }) {
    const list = values && this.#lists.get(values.name);
    if (list && list.find.value === containing) list.draw(values);
  }

  /**
   * @param {string} name
   * @param {Field} field
   */
  #list(name, field) {
    const known = this.#lists.get(name);
    if (known) return known;
    const made = new FacetList(field, {
      has: (of, wanted) => (of === CENTURY ? this.#hasCentury(wanted) : !!this.#values.get(of)?.has(wanted)),
      of: (of) => [...(this.#values.get(of) ?? [])],
      toggle: (of, value) => this.#toggle(of, value.wanted, value.text),
      find: (of, containing) => this.#find(of, containing),
    });
    this.#lists.set(name, made);
    return made;
  }

  /**
   * @param {string} name
   * @param {string} containing
   */
  #find(name, containing) {
    const { view } = this.connection;
    this.connection.send({ type: "facets", where: this.where, field: name, containing, view });
  }

  /**
   * @param {string} name
   * @param {string} wanted
   * @param {string} words
   */
  #toggle(name, wanted, words) {
    if (name === CENTURY) return this.#toggleCentury(wanted);
    const values = this.#values.get(name) ?? new Map();
    if (!values.delete(wanted)) values.set(wanted, words);
    if (values.size) this.#values.set(name, values);
    else this.#values.delete(name);
    this.#changed(0);
  }

  /** @returns {Field} */
  #centuryList() {
    const values = this.#centuries
      .filter(([, , works]) => works)
      .map(([begin, end, works]) => ({ text: century(begin, end), wanted: `${begin}:${end}`, works }));
    return { name: CENTURY, label: "Century", values: values.reverse(), more: false };
  }

  /** @param {string} wanted */
  #hasCentury(wanted) {
    const [begin, end] = this.#years;
    const [first, last] = yearsOf(wanted);
    return (begin !== null || end !== null) && first >= (begin ?? first) && last <= (end ?? last);
  }

  /** @param {string} wanted */
  #toggleCentury(wanted) {
    const [first, last] = yearsOf(wanted);
    const [begin, end] = this.#years;
    if (begin === first && end === last) this.#setYears([null, null]);
    else if (!this.#hasCentury(wanted) && begin !== null && end !== null)
      this.#setYears([Math.min(begin, first), Math.max(end, last)]);
    else this.#setYears([first, last]);
  }

  /**
   * @param {Years} years
   * @param {number} [wait]
   */
  #setYears(years, wait = 0) {
    this.#years = years;
    this.#changed(wait);
  }

  /** @param {number} wait milliseconds: keys that are held go through many years, and the last one counts */
  #changed(wait) {
    this.drawChips();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.onFilter(); // the works come before their counts
      this.ask();
    }, wait);
  }

  /**
   * @param {string} label
   * @param {0 | 1} which
   */
  #yearField(label, which) {
    const kind = { type: "number", step: "1", inputmode: "numeric", dir: "ltr", class: "ham-year" };
    const field = h("input", { ...kind, "aria-label": label, title: `${label} (-450 is 450 BCE)` });
    const changed = () => {
      /** @type {Years} */
      const years = [...this.#years];
      years[which] = field.value === "" ? null : Number(field.value);
      if (years[which] !== this.#years[which]) this.#setYears(years, 0);
    };
    field.addEventListener("change", changed);
    field.addEventListener("keydown", (event) => event.key === "Enter" && changed());
    return field;
  }
}

/** @type {(wanted: string) => [begin: number, end: number]} */
function yearsOf(wanted) {
  const [begin, end] = wanted.split(":");
  return [Number(begin), Number(end)];
}

/** @type {(begin: number, end: number) => string} */
function century(begin, end) {
  const which = Math.ceil(end > 0 ? end / 100 : (1 - end) / 100);
  const ending = which % 100 > 10 && which % 100 < 14 ? "th" : (["th", "st", "nd", "rd"][which % 10] ?? "th");
  const name = `${which}${ending}${end > 0 ? "" : " BCE"}`;
  return end - begin > 100 ? `${name} and before` : name;
}
