// @ts-check
// Ways in without words: by chance, by a picture of one's own, by a colour.

import { h, icon } from "./dom.js";

/** @import { Collection } from "./protocol.d.ts" */

/**
 * @typedef {object} Asked
 * @property {() => void} surprise
 * @property {() => void} picture
 * @property {(colour: string) => void} colour
 */

export class Ways {
  /** @param {Asked} asked */
  constructor(asked) {
    this.asked = asked;
    this.picture = way("picture", "By picture", "Find works like a picture of your own", asked.picture);
    this.colours = palette([], asked.colour);
    this.colours.hidden = true;
    this.colour = way("colour", "By colour", "Find works that have a colour", () => this.#toggle());
    this.colour.setAttribute("aria-expanded", "false");
    this.element = h(
      "div",
      { class: "ham-ways" },
      way("surprise", "Surprise me", "Show a varied dozen, by chance", asked.surprise),
      this.picture,
      this.colour,
    );
  }

  /** @param {Collection} collection */
  draw({ pictures, colours }) {
    this.picture.hidden = !pictures;
    this.colour.hidden = !colours.length;
    this.colours.replaceChildren(...palette(colours, this.asked.colour).children);
  }

  #toggle() {
    this.colours.hidden = !this.colours.hidden;
    this.colour.setAttribute("aria-expanded", String(!this.colours.hidden));
  }
}

/**
 * @param {"surprise" | "picture" | "colour"} name
 * @param {string} word
 * @param {string} title
 * @param {() => void} onclick
 */
function way(name, word, title, onclick) {
  const attributes = { type: "button", class: "ham-way", title, "aria-label": word, onclick };
  return h("button", attributes, icon(name), h("span", { class: "ham-way-word", text: word }));
}

/**
 * Colours to begin with.
 *
 * @param {[name: string, code: string][]} colours
 * @param {(colour: string) => void} onChoose
 */
export function palette(colours, onChoose) {
  const swatches = colours.map(([name, code]) => {
    const onclick = () => onChoose(code);
    const swatch = h("button", {
      type: "button",
      class: "ham-swatch",
      "aria-label": name,
      title: name,
      onclick,
    });
    swatch.style.setProperty("--colour", code);
    return swatch;
  });
  return h("div", { class: "ham-palette", role: "group", "aria-label": "Colours" }, ...swatches);
}
