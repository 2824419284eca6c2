// @ts-check
// Two turns side by side: where each work stands in both.

import { h, text, texts } from "./dom.js";
import { asked } from "./turn.js";
import { count, makerAndDate, titleOf } from "./words.js";

/** @import { Pictures } from "./pictures.js" */
/** @import { ComparedWork, ComparisonMessage, Heading, WorkCard } from "./protocol.d.ts" */

/**
 * @param {ComparisonMessage} compared
 * @param {Pictures} pictures
 * @param {(work: WorkCard) => void} onOpen
 */
export function comparison({ first, second, works, overlap }, pictures, onOpen) {
  const both = works.filter((work) => work.first !== null && work.second !== null).length;
  const of = `${Math.round(overlap * 100)} % of the ${count(works.length, "work")} here`;
  const share = both
    ? `${count(both, "work")} ${both === 1 ? "is" : "are"} in both lists, ${of}.`
    : "No work is in both lists.";
  return h(
    "div",
    { class: "ham-comparison" },
    h("p", { class: "ham-note", text: share }),
    h("div", { class: "ham-compared" }, column(first, "first", "second"), column(second, "second", "first")),
  );

  /**
   * @param {Heading} heading
   * @param {"first" | "second"} here
   * @param {"first" | "second"} there
   */
  function column(heading, here, there) {
    const listed = works.filter((work) => work[here] !== null);
    listed.sort((a, b) => (a[here] ?? 0) - (b[here] ?? 0));
    const rows = listed.map((work) => row(work, work[here] ?? 0, work[there]));
    return h(
      "section",
      {},
      h("h3", { class: "ham-compared-title" }, asked(heading)),
      rows.length ? h("ol", { class: "ham-compared-works" }, ...rows) : h("p", { text: "Nothing found" }),
    );
  }

  /**
   * @param {ComparedWork} work
   * @param {number} rank
   * @param {number | null} other
   */
  function row(work, rank, other) {
    const title = titleOf(work);
    const open = { type: "button", class: "ham-open", "aria-label": `Details of ${title}` };
    return h(
      "li",
      { class: other === null ? "ham-alone" : "ham-both" },
      h("span", { class: "ham-rank", text: rank }),
      h("button", { ...open, onclick: () => onOpen(work) }, pictures.frame(work, "ham-thumb-mat")),
      h(
        "div",
        {},
        h("p", { class: "ham-title", dir: "auto", text: title }),
        h("p", { class: "ham-by" }, ...texts(makerAndDate(work), ", ")),
        text(place(rank, other), { class: "ham-place" }),
      ),
    );
  }
}

/** @type {(rank: number, other: number | null) => string} */
function place(rank, other) {
  if (other === null) return "only here";
  if (other === rank) return "same place";
  return `no. ${other} there`;
}
