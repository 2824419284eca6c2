// @ts-check
// What this view knows of works.

/** @import { Connection } from "./connection.js" */
/** @import { WorkCard } from "./protocol.d.ts" */

export class Works {
  /** @type {Map<string, WorkCard>} */
  #known = new Map();
  #asked = new Set();

  /** @param {Connection} connection */
  constructor(connection) {
    this.connection = connection;
  }

  /** @param {string} itemId */
  get(itemId) {
    return this.#known.get(itemId);
  }

  /** @param {WorkCard[]} works */
  add(works) {
    for (const work of works) this.#known.set(work.item_id, { ...this.#known.get(work.item_id), ...work });
  }

  /**
   * Ask, once, for those that are not known yet.
   *
   * @param {string[]} itemIds
   */
  want(itemIds) {
    const unknown = itemIds.filter((itemId) => !this.#known.has(itemId) && !this.#asked.has(itemId));
    for (const itemId of unknown) this.#asked.add(itemId);
    if (unknown.length) this.connection.send({ type: "works", item_ids: unknown });
  }
}
