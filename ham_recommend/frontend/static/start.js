// @ts-check
// What stands where there are no works yet: a few words to begin with, and the ways that need none.

import { h, icon } from "./dom.js";
import { palette } from "./ways.js";
import { beginning } from "./words.js";

/** @import { Collection } from "./protocol.d.ts" */
/** @import { Asked } from "./ways.js" */

export class Start {
  /**
   * @param {Asked} asked
   * @param {(words: string) => void} onWords
   */
  constructor(asked, onWords) {
    this.asked = asked;
    this.onWords = onWords;
    this.element = h("div", { class: "ham-start" });
  }

  /** @param {Collection} collection */
  draw(collection) {
    const { examples, pictures, colours } = collection;
    const words = h(
      "div",
      { class: "ham-examples", role: "group", "aria-label": "Example searches" },
      ...examples.map((words) => this.#example(words)),
    );
    const surprise = { type: "button", class: "ham-button", onclick: this.asked.surprise };
    const picture = { type: "button", class: "ham-button", onclick: this.asked.picture };
    this.element.replaceChildren(
      h("p", { class: "ham-start-title", text: beginning(collection) }),
      examples.length ? words : "",
      h(
        "div",
        { class: "ham-start-ways" },
        h("button", surprise, icon("surprise"), "Surprise me"),
        pictures ? h("button", picture, icon("picture"), "Drop, paste or choose a picture") : "",
        colours.length ? palette(colours, this.asked.colour) : "",
      ),
    );
  }

  /** @param {string} words */
  #example(words) {
    const onclick = () => this.onWords(words);
    return h("button", { type: "button", class: "ham-example", dir: "auto", text: words, onclick });
  }
}
