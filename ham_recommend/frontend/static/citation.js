// @ts-check
// How to cite something: texts to copy.

import { h } from "./dom.js";

/** @import { CitationText } from "./protocol.d.ts" */

/**
 * @param {CitationText[]} texts
 * @param {string} note
 */
export function citations(texts, note) {
  return h(
    "div",
    { class: "ham-citations" },
    ...texts.map(citation),
    note ? h("p", { class: "ham-note", text: note }) : "",
  );
}

/** @param {CitationText} citation */
function citation({ label, text }) {
  const words = h("pre", { class: "ham-citation", tabindex: "0", "aria-label": label, dir: "auto", text });
  const copy = h("button", {
    type: "button",
    class: "ham-link",
    text: "Copy",
    "aria-label": `Copy: ${label}`,
    onclick: async () => {
      copy.textContent = (await copied(text, words)) ? "Copied" : "Selected: press Ctrl C";
    },
  });
  const head = h("div", { class: "ham-citation-head" }, h("h4", { text: label }), copy);
  return h("div", {}, head, words);
}

/**
 * Copy a text, or select it where the page may not copy. Return whether it was copied.
 *
 * @param {string} text
 * @param {HTMLElement} element
 */
async function copied(text, element) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection()?.selectAllChildren(element);
    return document.execCommand("copy");
  }
}
