// @ts-check
// Elements, icons and links. Text of a catalogue only ever becomes text, never markup.

/** @typedef {string | number | boolean | null | undefined | ((event: any) => void)} Attribute */
/** @typedef {Node | string | null | undefined} Child */

const ICONS = {
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM15.4 15.4 20 20",
  heart: "M12 19.8S4 15.2 4 9.4A4.4 4.4 0 0 1 12 7a4.4 4.4 0 0 1 8 2.4c0 5.8-8 10.4-8 10.4Z",
  not: "M12 3.8a8.2 8.2 0 1 0 0 16.4 8.2 8.2 0 0 0 0-16.4ZM6.3 6.3l11.4 11.4",
  similar:
    "M9 6.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 9 6.2ZM15 6.2a5.8 5.8 0 1 0 0 11.6 5.8 5.8 0 0 0 0-11.6Z",
  close: "M6 6l12 12M18 6 6 18",
  away: "M8 16 17 7M9.5 7H17v7.5",
  back: "M14 6l-6 6 6 6",
  forth: "M10 6l6 6-6 6",
  chevron: "M7 10l5 5 5-5",
  filter: "M4 7h10M18 7h2M4 17h2M10 17h10M16 5v4M8 15v4",
  map: "M4 6.2 9.2 4l5.6 2.2L20 4v13.8L14.8 20l-5.6-2.2L4 20ZM9.2 4v13.8M14.8 6.2V20",
  picture: "M4 5.5h16v13H4zM4 16l4.6-4.4 3.6 3.2 3.2-2.8 4.6 4M9 9.4v.2",
  colour: "M12 3.8c3.4 4 5.4 6.8 5.4 9.6a5.4 5.4 0 0 1-10.8 0c0-2.8 2-5.6 5.4-9.6Z",
  keep: "M7 4.5h10v15l-5-4-5 4Z",
  clock: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16ZM12 7.6V12l3 2",
  dials: "M4 8h8M18 8h2M4 16h2M12 16h8M15 5.5v5M9 13.5v5",
  whole: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  surprise: "M12 4v4M12 16v4M4 12h4M16 12h4M6.4 6.4l2.6 2.6M15 15l2.6 2.6M6.4 17.6 9 15M15 9l2.6-2.6",
};
const SVG = "http://www.w3.org/2000/svg";

// JupyterLab runs its shortcuts (D, D deletes the cell) on what has the focus, unless that element objects.
const FOCUSABLE = new Set(["a", "button", "dialog", "input", "pre", "select", "summary"]);

/**
 * Make an element. `text` is its text, `on…` a listener; `true` sets an attribute without a value.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, Attribute>} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  if (FOCUSABLE.has(tag)) element.setAttribute("data-lm-suppress-shortcuts", "true");
  for (const [name, value] of Object.entries(attributes)) set(element, name, value);
  element.append(...children.filter((child) => child != null));
  return element;
}

/** @type {(element: HTMLElement, name: string, value: Attribute) => void} */
function set(element, name, value) {
  if (typeof value === "function") element.addEventListener(name.slice(2), value);
  else if (name === "text") element.textContent = String(value);
  else if (value === true) element.setAttribute(name, "");
  else if (value !== false && value != null) element.setAttribute(name, String(value));
}

/** @param {keyof typeof ICONS} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", `ham-icon ham-icon-${name}`);
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/**
 * A button that shows a word.
 *
 * @param {string} label
 * @param {string} className
 * @param {() => void} onclick
 * @param {Record<string, Attribute>} [attributes]
 */
export function button(label, className, onclick, attributes = {}) {
  const kind = { type: "button", class: className, "data-key": label };
  return h("button", { ...kind, text: label, onclick, ...attributes });
}

/**
 * A round button that shows an icon.
 *
 * @param {keyof typeof ICONS} name
 * @param {string} label
 * @param {() => void} onclick
 * @param {Record<string, Attribute>} [attributes]
 * @param {...Child} children
 */
export function iconButton(name, label, onclick, attributes = {}, ...children) {
  const kind = { type: "button", class: `ham-icon-button ham-${name}`, "data-key": label };
  const all = { ...kind, "aria-label": label, title: label, onclick, ...attributes };
  return h("button", all, icon(name), ...children);
}

/**
 * Text of any language and direction.
 *
 * @param {string} value
 * @param {Record<string, Attribute>} [attributes]
 */
export function text(value, attributes = {}) {
  return h("span", { dir: "auto", text: value, ...attributes });
}

/**
 * Texts with something between them, each read in its own direction.
 *
 * @param {string[]} parts
 * @param {string} between
 * @returns {Child[]}
 */
export function texts(parts, between) {
  return parts.flatMap((part, at) => (at ? [between, text(part)] : [text(part)]));
}

/**
 * An element's text; without any, it is hidden.
 *
 * @param {HTMLElement} element
 * @param {string} value
 */
export function setText(element, value) {
  if (element.textContent !== value) element.textContent = value;
  element.hidden = !value;
}

/**
 * Draw something anew without losing the keyboard's place: it goes to what has the same `data-key` again, or
 * else to what stands in for it.
 *
 * @param {Element} place
 * @param {() => void} draw
 * @param {() => HTMLElement | null} [instead]
 */
export function keepingFocus(place, draw, instead = () => null) {
  const focused = document.activeElement;
  const inside = place.contains(focused);
  const key = focused?.getAttribute("data-key");
  draw();
  if (!inside || place.contains(document.activeElement)) return;
  const keyed = /** @type {HTMLElement[]} */ ([...place.querySelectorAll("[data-key]")]);
  (keyed.find((each) => each.dataset.key === key) ?? instead())?.focus();
}

/**
 * A web address, or an empty text for anything else.
 *
 * @param {string} address
 */
export function webAddress(address) {
  try {
    const url = new URL(address);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : "";
  } catch {
    return "";
  }
}

/**
 * A link to another site.
 *
 * @param {string} address
 * @param {string} label
 */
export function link(address, label) {
  const attributes = { href: address, target: "_blank", rel: "noopener noreferrer", class: "ham-away" };
  return h("a", attributes, label, icon("away"));
}

/**
 * A bar that is filled to a share of 0 to 1.
 *
 * @param {number} share
 */
export function bar(share) {
  const element = h("span", { class: "ham-bar" });
  element.style.setProperty("--share", Math.min(1, Math.max(0, share)).toFixed(3));
  return element;
}
