// @ts-check
// The works of a map by their numbers on it, fetched when somebody wants to know.

/** @import { PlacedWorksMessage, WorkCard } from "./protocol.d.ts" */

/**
 * @typedef {object} Asking
 * @property {(rows: number[]) => void} works
 * @property {(itemIds: string[]) => void} places
 * @property {(itemIds: string[]) => void} pictures
 */

export class PlacedWorks {
  /** @type {Map<number, WorkCard>} */
  #works = new Map();
  /** @type {Map<string, number>} Work → its row. */
  #rows = new Map();
  /** @type {Set<number | string>} Rows and works that were asked for. */
  #asked = new Set();
  /** @type {Set<number>} Rows whose picture is wanted as soon as their work is known. */
  #wanted = new Set();
  /** @type {Set<string>} Works whose picture is on its way. */
  #pending = new Set();

  /** @param {Asking} ask */
  constructor(ask) {
    this.ask = ask;
  }

  clear() {
    for (const store of [this.#works, this.#rows, this.#asked, this.#wanted, this.#pending]) store.clear();
  }

  /** @param {number | null} row */
  at(row) {
    return row === null ? undefined : this.#works.get(row);
  }

  /** Where works lie, as far as that is known; the others are asked for. @param {string[]} itemIds */
  rowsOf(itemIds) {
    const unknown = itemIds.filter((itemId) => !this.#rows.has(itemId) && !this.#asked.has(itemId));
    for (const itemId of unknown) this.#asked.add(itemId);
    if (unknown.length) this.ask.places(unknown);
    return itemIds.flatMap((itemId) => this.#rows.get(itemId) ?? []);
  }

  /** @param {number[]} rows */
  want(rows) {
    const unknown = rows.filter((row) => !this.#works.has(row) && !this.#asked.has(row));
    for (const row of unknown) this.#asked.add(row);
    if (unknown.length) this.ask.works(unknown);
  }

  /** @param {number[]} rows */
  wantPictures(rows) {
    for (const row of rows) this.#wanted.add(row);
    this.want(rows);
    this.#askForPictures();
  }

  /** @param {PlacedWorksMessage} message */
  receive({ rows, works }) {
    for (const [at, work] of works.entries()) {
      const row = rows[at];
      if (row === undefined) continue;
      this.#works.set(row, work);
      this.#rows.set(work.item_id, row);
    }
    this.#askForPictures();
  }

  /**
   * The pictures that came for this map, as far as they did.
   *
   * @param {string[]} itemIds
   * @param {string[]} mimes
   * @param {DataView<ArrayBuffer>[]} buffers
   * @returns {[row: number, picture: Blob | null][]}
   */
  receivePictures(itemIds, mimes, buffers) {
    return itemIds.flatMap((itemId, at) => {
      const row = this.#pending.delete(itemId) ? this.#rows.get(itemId) : undefined;
      const [mime, content] = [mimes[at], buffers[at]];
      if (row === undefined) return [];
      return [[row, mime && content ? new Blob([content], { type: mime }) : null]];
    });
  }

  /** Remote pictures stay where they are: a page of another site may not be drawn from. */
  #askForPictures() {
    const ready = [...this.#wanted].filter((row) => this.#works.has(row));
    for (const row of ready) this.#wanted.delete(row);
    const works = ready.flatMap((row) => this.#works.get(row) ?? []);
    const here = works.filter(({ picture_url }) => picture_url === null).map(({ item_id }) => item_id);
    for (const itemId of here) this.#pending.add(itemId);
    if (here.length) this.ask.pictures(here);
  }
}
