// @ts-check
// How to cite something: texts to copy.

import { button, h } from "./dom.js";

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
  const shown = { class: "ham-citation", tabindex: "0", "aria-label": label, dir: "auto" };
  const words = h("pre", shown, ...breakable(text));
  const onCopy = async () => {
    copy.textContent = (await copied(text, words)) ? "Copied" : "Selected: press Ctrl C";
  };
  const copy = button("Copy", "ham-link", onCopy, { "aria-label": `Copy: ${label}` });
  const head = h("div", { class: "ham-citation-head" }, h("h3", { text: label }), copy);
  return h("div", {}, head, words);
}

/** A text that goes on to a new line before what stands in brackets, and never inside an option of a command.
 *
 * @param {string} text */
function breakable(text) {
  return text.split(/((?<=\s)--[a-z-]+|\()/).flatMap((part, at) => {
    if (part === "(") return [part, h("wbr")];
    return at % 2 ? h("span", { class: "ham-option", text: part }) : part;
  });
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
