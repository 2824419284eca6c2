// @ts-check
// For research and teaching: named sets, two turns side by side, citations.

import { citations } from "./citation.js";
import { comparison } from "./comparison.js";
import { button, h, iconButton } from "./dom.js";
import { SetMenu } from "./set_menu.js";
import { Sets } from "./sets.js";

/** @import { Connection } from "./connection.js" */
/** @import { Pictures } from "./pictures.js" */
/** @import { CitationMessage, ComparisonMessage, WorkCard } from "./protocol.d.ts" */
/** @import { Turn } from "./turn.js" */

export class Research {
  /** @type {Set<SetMenu>} Those on the page. */
  #menus = new Set();
  #title = h("h2", { class: "ham-paper-title" });
  #content = h("div", { class: "ham-paper-content" });

  /**
   * @param {Connection} connection
   * @param {Pictures} pictures
   * @param {{ onOpen: (work: WorkCard) => void, turns: () => Turn[], home: () => HTMLElement }} around
   */
  constructor(connection, pictures, { onOpen, turns, home }) {
    this.connection = connection;
    this.pictures = pictures;
    this.onOpen = onOpen;
    this.turns = turns;
    this.sets = new Sets(connection, pictures, { onOpen, home });
    const away = iconButton("close", "Close", () => this.paper.close(), { autofocus: true });
    this.#title.id = `${connection.view}-paper`;
    this.paper = h(
      "dialog",
      { class: "ham-dialog ham-paper", "aria-labelledby": this.#title.id },
      h("div", { class: "ham-tools" }, away),
      h("div", { class: "ham-paper-leaf" }, this.#title, this.#content),
    );
    this.paper.addEventListener("click", (event) => event.target === this.paper && this.paper.close());
    this.paper.addEventListener("close", () => this.#clear());
  }

  draw() {
    this.sets.draw();
    for (const menu of this.#menus) {
      if (menu.element.isConnected) menu.draw();
      else this.#menus.delete(menu);
    }
  }

  close() {
    this.paper.close();
  }

  // ---- beside works and turns ---------------------------------------------------------------------------

  /**
   * What can be done with an opened work.
   *
   * @param {WorkCard} work
   */
  besideWork({ item_id }) {
    const place = h("div", { "data-cite": item_id });
    const cite = h(
      "details",
      { class: "ham-cite" },
      h("summary", { class: "ham-link", text: "Cite this work" }),
      place,
    );
    cite.addEventListener("toggle", () => {
      if (cite.open && !place.firstChild)
        this.connection.send({ type: "cite", item_id, view: this.connection.view });
    });
    return h(
      "div",
      { class: "ham-beside" },
      this.#menu("Keep in a set", () => [item_id]),
      cite,
    );
  }

  /**
   * What can be done with a turn.
   *
   * @param {Turn} turn
   */
  belowTurn(turn) {
    const { view } = this.connection;
    const menu = this.#menu("Keep all of these in a set", () => turn.works.map((work) => work.item_id));
    const onCite = () => this.connection.send({ type: "cite", turn_id: turn.id, view });
    const cite = button("Cite or repeat", "ham-link", onCite);
    return h("div", { class: "ham-below" }, menu, this.#compare(turn), cite);
  }

  /** @param {Turn} turn */
  #compare(turn) {
    const select = h("select", { class: "ham-select", "aria-label": "Compare with another list" });
    const fill = () => {
      const others = this.turns().filter((each) => each.id !== turn.id);
      const label = others.length ? "Compare with…" : "No other list to compare with";
      const options = others.map((each) => h("option", { value: each.id, text: each.heard }));
      select.replaceChildren(h("option", { value: "", text: label }), ...options);
    };
    fill();
    select.addEventListener("pointerdown", fill);
    select.addEventListener("focus", fill);
    select.addEventListener("change", () => {
      if (!select.value) return;
      const turn_ids = [turn.id, Number(select.value)];
      this.connection.send({ type: "compare", turn_ids, view: this.connection.view });
      select.value = "";
    });
    return select;
  }

  /**
   * @param {string} label
   * @param {() => string[]} itemIds
   */
  #menu(label, itemIds) {
    const menu = new SetMenu(this.connection, label, itemIds);
    for (const old of this.#menus) if (!old.element.isConnected) this.#menus.delete(old);
    this.#menus.add(menu);
    return menu.element;
  }

  // ---- answers ------------------------------------------------------------------------------------------

  /** @param {CitationMessage} message */
  receiveCitation({ item_id, turn_id, texts, note, view }) {
    if (this.connection.isForAnother(view)) return;
    if (turn_id !== null) return this.#show("Cite or repeat", citations(texts, note));
    const root = this.paper.parentElement;
    for (const place of root?.querySelectorAll("[data-cite]") ?? [])
      if (place.getAttribute("data-cite") === item_id) place.replaceChildren(citations(texts, note));
  }

  /** @param {ComparisonMessage} message */
  receiveComparison(message) {
    if (this.connection.isForAnother(message.view)) return;
    this.#show("Side by side", comparison(message, this.pictures, this.onOpen));
  }

  /**
   * @param {string} title
   * @param {HTMLElement} content
   */
  #show(title, content) {
    this.#clear();
    this.#title.textContent = title;
    this.#content.replaceChildren(content);
    if (!this.paper.open) this.paper.showModal();
  }

  #clear() {
    this.pictures.release(this.#content);
    this.#content.replaceChildren();
  }
}
