// @ts-check
// Why a work is among the answers, in words, and these words marked in its texts.

import { h, text, texts } from "./dom.js";

/** @import { Child } from "./dom.js" */
/** @import { WhyCard } from "./protocol.d.ts" */

const UNSPACED = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u9fff\uac00-\ud7a3]/u;
const LETTER = "[\\p{L}\\p{N}\\p{M}]";

/**
 * A text with the words marked by which it was found.
 *
 * @param {string} words
 * @param {WhyCard | null} why
 * @returns {Child[]}
 */
export function marked(words, why) {
  const forms = why?.marked.filter((form) => form && words.includes(form)) ?? []; // patterns are dear to make
  if (!forms.length) return [words];
  return words
    .split(
      new RegExp(
        `(${forms
          .toSorted((a, b) => b.length - a.length)
          .map(pattern)
          .join("|")})`,
        "u",
      ),
    )
    .map((part, at) => (at % 2 ? h("mark", { class: "ham-mark", text: part }) : part));
}

/** @type {(form: string) => string} */
function pattern(form) {
  const plain = form.replace(/[.*+?^${}()|[\]\\/-]/gu, "\\$&");
  return UNSPACED.test(form) ? plain : `(?<!${LETTER})${plain}(?!${LETTER})`;
}

/**
 * The line that says why a work is here.
 *
 * @param {WhyCard} why
 * @returns {Child[]}
 */
export function reason({ words, places, liked, line }) {
  if (liked) return ["because you liked ", text(liked, { class: "ham-named" })];
  if (!words.length) return [line];
  const said = words.flatMap((word, at) => [at ? ", " : "", text(word, { class: "ham-mark" })]);
  return [...said, " – ", ...texts(places, ", ")];
}
