// @ts-check
// "Which picture was that?": what was on the wall, and when.

import { h, iconButton, text } from "../../frontend/static/dom.js";

/** @import { FrameStore, Showing } from "./frame_store.js" */

/**
 * A dialog that lists what a frame has shown, newest first.
 *
 * @param {FrameStore} store
 * @param {(showing: Showing) => void} onAgain
 */
export function frameHistory(store, onAgain) {
  const list = h("div", { class: "frame-past" });
  const element = h(
    "dialog",
    { class: "page-dialog frame-panel", "aria-labelledby": "frame-past" },
    iconButton("close", "Close", () => element.close(), { class: "page-close" }),
    h("h2", { id: "frame-past", text: "Which picture was that?" }),
    list,
  );
  const again = (/** @type {Showing} */ showing) => {
    element.close();
    onAgain(showing);
  };
  const show = () => {
    list.replaceChildren(...days([...store.shown].reverse(), again, store));
    element.showModal();
  };
  return { element, show };
}

/**
 * @param {Showing[]} showings newest first
 * @param {(showing: Showing) => void} onAgain
 * @param {FrameStore} store
 */
function* days(showings, onAgain, store) {
  let before = "";
  for (const showing of showings) {
    const day = dayOf(new Date(showing.at));
    if (day !== before) yield h("h3", { class: "frame-day", text: day });
    before = day;
    yield entry(showing, onAgain, store);
  }
}

/** @type {(showing: Showing, onAgain: (showing: Showing) => void, store: FrameStore) => HTMLElement} */
function entry(showing, onAgain, store) {
  const { work, at } = showing;
  const time = new Date(at).toTimeString().slice(0, 5);
  const picture = h("img", { class: "frame-small", alt: "" });
  store.picture(work).then((address) => {
    picture.src = address;
  });
  const marks = [
    store.marked.like?.includes(work.id) ? "liked" : "",
    store.marked.keep?.includes(work.id) ? "kept" : "",
  ].filter(Boolean);
  return h(
    "button",
    { type: "button", class: "frame-entry", onclick: () => onAgain(showing) },
    h("span", { class: "frame-thumb" }, picture),
    h(
      "span",
      { class: "frame-what" },
      text(work.title, { class: "frame-title" }),
      text([work.by, ...marks].filter(Boolean).join(" · "), { class: "frame-about" }),
    ),
    h("time", { class: "frame-when", datetime: new Date(at).toISOString(), text: time }),
  );
}

/** @param {Date} date */
function dayOf(date) {
  const today = new Date();
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (date.toDateString() === today.toDateString()) return "Today";
  if (date.toDateString() === yesterday.toDateString()) return "Yesterday";
  return date.toLocaleDateString("en", { weekday: "long", day: "numeric", month: "long" });
}
