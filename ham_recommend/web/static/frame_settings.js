// @ts-check
// What the owner of a frame decides: which collection, from familiar to discovery, how long, and when not.

import { h } from "../../frontend/static/dom.js";
import { ask } from "./sending.js";

/**
 * @typedef {object} Settings
 * @property {number} discovery from 0 to 1
 * @property {number} seconds how long a work stays
 * @property {boolean} quiet whether there are quiet hours
 * @property {string} from `22:00`
 * @property {string} to `07:00`
 * @property {Record<string, string[]>} without collection → kinds that are left out
 */

const KEY = "frame";
/** @type {[seconds: number, label: string][]} */
const TIMES = [
  [15, "15 seconds"],
  [60, "1 minute"],
  [300, "5 minutes"],
  [900, "15 minutes"],
  [1_800, "Half an hour"],
  [3_600, "1 hour"],
  [86_400, "1 day"],
];
const KINDS = 12;

/** @returns {Settings} */
export function keptSettings() {
  const plain = { discovery: 0.3, seconds: 300, quiet: false, from: "22:00", to: "07:00", without: {} };
  return { ...plain, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
}

/** @param {Settings} settings */
export function keepSettings(settings) {
  localStorage.setItem(KEY, JSON.stringify(settings));
}

/**
 * Whether it is quiet at a time of day; quiet hours may go over midnight.
 *
 * @param {Settings} settings
 * @param {Date} now
 */
export function isQuiet({ quiet, from, to }, now) {
  if (!quiet || from === to) return false;
  const time = now.toTimeString().slice(0, 5);
  return from < to ? from <= time && time < to : time >= from || time < to;
}

/**
 * The form of all that.
 *
 * @param {object} what
 * @param {Settings} what.settings
 * @param {string[]} what.collections
 * @param {string} what.collection the chosen one
 * @param {string} what.action what the button says
 * @param {(settings: Settings, collection: string) => void} what.onDone
 */
export function settingsForm({ settings, collections, collection, action, onDone }) {
  const chosen = structuredClone(settings);
  let of = collection || (collections[0] ?? "");
  const kinds = h("div", { class: "frame-kinds" });
  const without = h(
    "fieldset",
    { class: "frame-group", hidden: true },
    h("legend", { text: "Leave out" }),
    kinds,
  );

  const drawKinds = async () => {
    const asked = of;
    const found = (await kindsOf(of).catch(() => [])).slice(0, KINDS);
    if (asked !== of) return;
    without.hidden = found.length < 2;
    kinds.replaceChildren(...found.map(([kind]) => pill(kind)));
  };
  const pill = (/** @type {string} */ kind) => {
    const left = () => chosen.without[of] ?? [];
    const box = h("input", { type: "checkbox", checked: left().includes(kind) });
    box.addEventListener("change", () => {
      chosen.without[of] = box.checked ? [...left(), kind] : left().filter((each) => each !== kind);
    });
    return h("label", { class: "frame-pill" }, box, h("span", { dir: "auto", text: kind }));
  };

  const dial = h("input", {
    type: "range",
    class: "frame-dial",
    min: "0",
    max: "1",
    step: "0.05",
    value: String(chosen.discovery),
    id: "frame-dial",
  });
  dial.setAttribute("aria-valuetext", dialWords(chosen.discovery));
  dial.addEventListener("input", () => {
    chosen.discovery = Number(dial.value);
    dial.setAttribute("aria-valuetext", dialWords(chosen.discovery));
  });
  const time = select(
    "frame-time",
    TIMES.map(([value, label]) => [String(value), label]),
    String(chosen.seconds),
  );
  time.addEventListener("change", () => {
    chosen.seconds = Number(time.value);
  });
  const hours = h(
    "span",
    { class: "frame-hours", hidden: !chosen.quiet },
    clock("from"),
    " to ",
    clock("to"),
  );
  const quiet = h("input", { type: "checkbox", checked: chosen.quiet });
  quiet.addEventListener("change", () => {
    chosen.quiet = quiet.checked;
    hours.hidden = !quiet.checked;
  });
  /** @param {"from" | "to"} which */
  function clock(which) {
    const label = which === "from" ? "Quiet from" : "Quiet until";
    const field = h("input", {
      type: "time",
      class: "frame-time",
      value: chosen[which],
      "aria-label": label,
    });
    field.addEventListener("change", () => {
      if (field.value) chosen[which] = field.value;
    });
    return field;
  }

  const museum = select(
    "frame-of",
    collections.map((name) => [name, name]),
    of,
  );
  museum.addEventListener("change", () => {
    of = museum.value;
    drawKinds();
  });
  drawKinds();
  return h(
    "form",
    {
      class: "frame-form",
      onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        onDone(chosen, of);
      },
    },
    collections.length > 1 ? row("frame-of", "Collection", museum) : null,
    h(
      "div",
      { class: "frame-group" },
      h("label", { for: "frame-dial", text: "What comes" }),
      dial,
      h("p", { class: "frame-ends" }, h("span", { text: "Familiar" }), h("span", { text: "Discovery" })),
    ),
    row("frame-time", "A work stays", time),
    h(
      "div",
      { class: "frame-group frame-row" },
      h("label", { class: "frame-check" }, quiet, h("span", { text: "Quiet hours" })),
      hours,
    ),
    without,
    h("button", { class: "page-button frame-go", text: action }),
  );
}

/**
 * The kinds of works in a collection, the most frequent first.
 *
 * @param {string} name
 * @returns {Promise<[string, number][]>}
 */
async function kindsOf(name) {
  return (await ask(`/collections/${encodeURIComponent(name)}`)).kinds;
}

/** @param {number} dial */
function dialWords(dial) {
  if (dial < 0.2) return "Familiar";
  return dial > 0.8 ? "Discovery" : `${Math.round(dial * 100)} percent discovery`;
}

/** @param {string} id @param {string} label @param {HTMLElement} field */
function row(id, label, field) {
  return h("div", { class: "frame-group frame-row" }, h("label", { for: id, text: label }), field);
}

/** @param {string} id @param {[value: string, label: string][]} options @param {string} value */
function select(id, options, value) {
  const known = options.some(([each]) => each === value) ? value : options[0]?.[0];
  const all = options.map(([each, label]) =>
    h("option", { value: each, text: label, selected: each === known }),
  );
  return h("select", { class: "frame-select", id }, ...all);
}
