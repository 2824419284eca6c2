// @ts-check
// What every page has: a line on top, the choice of light or dark, and going on with another device.

import { h, iconButton, setText } from "../../frontend/static/dom.js";

const THEMES = /** @type {const} */ (["light", "dark"]);

/** @typedef {"light" | "dark" | null} Theme null follows the device */

/** @returns {Theme} */
export function keptTheme() {
  const kept = localStorage.getItem("theme");
  return THEMES.find((theme) => theme === kept) ?? null;
}

/** @param {Theme} theme */
export function showTheme(theme) {
  if (theme) document.documentElement.setAttribute("theme", theme);
  else document.documentElement.removeAttribute("theme");
}

/**
 * The line on top of a page.
 *
 * @param {object} what
 * @param {{ label: string, href: string } | null} [what.back] where the first link leads
 * @param {(theme: Theme) => void} [what.onTheme]
 */
export function pageHead({ back = null, onTheme = () => {} } = {}) {
  const label = () => ({ light: "Light", dark: "Dark", auto: "Light or dark" })[keptTheme() ?? "auto"];
  const theme = h("button", { type: "button", class: "page-link", onclick: () => turn() });
  const turn = () => {
    const order = /** @type {Theme[]} */ ([null, "light", "dark"]);
    const next = order[(order.indexOf(keptTheme()) + 1) % 3] ?? null;
    if (next) localStorage.setItem("theme", next);
    else localStorage.removeItem("theme");
    draw();
    onTheme(next);
  };
  const draw = () => {
    showTheme(keptTheme());
    theme.textContent = label();
    theme.setAttribute("aria-label", `Colours: ${label()}. Change them`);
  };
  draw();
  const device = h("button", { type: "button", class: "page-link", text: "Another device" });
  const dialog = otherDevice();
  device.addEventListener("click", () => dialog.show());
  const first = back ? h("a", { class: "page-back", href: back.href, text: back.label }) : h("span");
  return h(
    "header",
    { class: "page-head" },
    first,
    h("nav", { class: "page-nav", "aria-label": "Page" }, device, theme),
    dialog.element,
  );
}

/** The line that says that the server is away. */
export function reachLine() {
  const line = h("p", { class: "page-unreached", role: "status", hidden: true });
  const said = "The server does not answer. It is asked again until it does; nothing is lost.";
  let told = "";
  let answers = true;
  const draw = () => setText(line, answers ? told : said);
  return {
    element: line,
    /** @param {boolean} reached */
    draw(reached) {
      answers = reached;
      draw();
    },
    /** @param {string} words what else is in the way */
    say(words) {
      told = words;
      draw();
    },
  };
}

/** Take likes and history along: a code made here works there, and the other way round. */
function otherDevice() {
  const said = h("p", { class: "page-said", role: "status" });
  const code = h("output", { class: "page-code" });
  const field = h("input", {
    class: "page-field",
    "aria-label": "Code of the other device",
    placeholder: "ABCD-EFGH",
    autocomplete: "off",
    autocapitalize: "characters",
    spellcheck: "false",
    maxlength: "9",
  });
  const form = h(
    "form",
    { onsubmit: (/** @type {Event} */ event) => join(event) },
    field,
    h("button", { class: "page-button", text: "Go on with it here" }),
  );
  const element = h(
    "dialog",
    { class: "page-dialog", "aria-labelledby": "page-device" },
    iconButton("close", "Close", () => element.close(), { class: "page-close" }),
    h("h2", { id: "page-device", text: "Another device" }),
    h("p", { text: "Type this code there, within ten minutes, to find the same likes and history:" }),
    code,
    h("p", { text: "Or type the code that it shows. What this device knows is then left behind." }),
    form,
    said,
  );
  /** @param {Event} event */
  const join = async (event) => {
    event.preventDefault();
    const refused = await post("/api/v1/sessions/join", { code: field.value });
    if (refused.ok) location.reload();
    else setText(said, (await refused.json().catch(() => null))?.detail ?? "That did not work. Try again.");
  };
  const show = async () => {
    code.textContent = "····-····";
    setText(said, "");
    element.showModal();
    const made = await post("/api/v1/sessions/code", {}).catch(() => null);
    if (made?.ok) code.textContent = (await made.json()).code;
    else setText(said, "The server does not answer. Close this and try again.");
  };
  return { element, show };
}

/** @param {string} address @param {object} body */
function post(address, body) {
  const headers = { "Content-Type": "application/json" };
  return fetch(address, { method: "POST", headers, body: JSON.stringify(body) });
}

/** Keep the files of the page, so that it opens without a network too, where the browser lets it. */
export function install() {
  navigator.serviceWorker?.register("/sw.js").catch(() => {});
}
