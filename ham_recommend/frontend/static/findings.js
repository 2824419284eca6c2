// @ts-check
// Take away what was found, as a file.

import { button, h } from "./dom.js";

/** @import { Connection } from "./connection.js" */
/** @import { FileMessage } from "./protocol.d.ts" */

const FORMATS = Object.entries({ html: "HTML", csv: "CSV", json: "JSON", md: "Markdown" });

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
    const formats = formatButtons("Save", (format) => this.#save(format));
    this.element = h("p", { class: "ham-keep", hidden: true }, "Keep", this.part, "as", ...formats);
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

  /** @param {string} format */
  #save(format) {
    const part = this.part.value;
    const turn_id = part === "turn" ? (this.newest() ?? null) : null;
    const { view } = this.connection;
    this.connection.send({ type: "export", format, likes_only: part === "likes", turn_id, view });
  }
}

/**
 * A button for each kind of file.
 *
 * @param {string} what
 * @param {(format: string) => void} onSave
 */
export function formatButtons(what, onSave) {
  return FORMATS.map(([format, label]) =>
    button(label, "ham-link", () => onSave(format), { "aria-label": `${what} as ${label}` }),
  );
}
