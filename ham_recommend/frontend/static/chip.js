// @ts-check
// What is chosen or understood, as a word that can be taken away.

import { h, iconButton, text } from "./dom.js";

/**
 * What is chosen, with a way to take it back.
 *
 * @param {string} words
 * @param {() => void} onRemove
 */
export function chip(words, onRemove) {
  return h("span", { class: "ham-chip" }, text(words), iconButton("close", `Without ${words}`, onRemove));
}
