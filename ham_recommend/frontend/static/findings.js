// @ts-check
// Take away what was found, as a file.

import { h } from "./dom.js";

/** @import { Connection } from "./connection.js" */
/** @import { FileMessage } from "./protocol.d.ts" */

export const FORMATS = Object.entries({ html: "HTML", csv: "CSV", json: "JSON", md: "Markdown" });

export class Findings {
  /**
   * @param {Connection} connection
   * @param {() => number | undefined} newest the turn on top
   */
  constructor(connection, newest) {
    this.connection = connection;
    this.newest = newest;
    this.part = h(
      "select",
      { class: "ham-select", "aria-label": "What to keep" },
      h("option", { value: "all", text: "everything" }),
      h("option", { value: "likes", text: "the works you like" }),
      h("option", { value: "turn", text: "the newest list" }),
    );
    const buttons = FORMATS.map(([format, label]) => this.#button(format, label));
    this.element = h("p", { class: "ham-keep", hidden: true }, "Keep", this.part, "as", ...buttons);
  }

  /**
   * @param {FileMessage} message
   * @param {DataView<ArrayBuffer>[]} content its only buffer
   */
  receive({ name, mime, view }, content) {
    if (this.connection.isForAnother(view)) return;
    const address = URL.createObjectURL(new Blob(content, { type: mime }));
    h("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }

  /**
   * @param {string} format
   * @param {string} label
   */
  #button(format, label) {
    const onclick = () => {
      const part = this.part.value;
      const turn_id = part === "turn" ? (this.newest() ?? null) : null;
      const { view } = this.connection;
      this.connection.send({ type: "export", format, likes_only: part === "likes", turn_id, view });
    };
    const attributes = { type: "button", class: "ham-link", "aria-label": `Save as ${label}` };
    return h("button", { ...attributes, text: label, onclick });
  }
}
