// @ts-check
// What is liked and disliked: as Python has it, and as it was just clicked.

/** @import { Connection } from "./connection.js" */

const OPPOSITE = /** @type {const} */ ({ like: "unlike", dislike: "undislike" });

export class Taste {
  /** @type {Map<string, { mark: "like" | "dislike" | "none", request: string }>} */
  #clicked = new Map(); // until Python has confirmed it

  /**
   * @param {Connection} connection
   * @param {() => void} onChange
   */
  constructor(connection, onChange) {
    this.connection = connection;
    this.onChange = onChange;
  }

  get liked() {
    return this.#marked(this.connection.get("liked_ids"), "like");
  }

  get disliked() {
    return this.#marked(this.connection.get("disliked_ids"), "dislike");
  }

  /** Works whose mark was the last to be taken back, and is not there again. */
  get takenBack() {
    const marked = new Set([...this.liked, ...this.disliked]);
    return this.connection.get("taken_back").filter((itemId) => !marked.has(itemId));
  }

  /**
   * @param {string} itemId
   * @param {"like" | "dislike"} mark
   */
  toggle(itemId, mark) {
    const marked = mark === "like" ? this.liked : this.disliked;
    const on = !marked.includes(itemId);
    const request = this.#click([itemId], on ? mark : "none");
    this.connection.send({ type: on ? mark : OPPOSITE[mark], item_id: itemId, request });
  }

  clear() {
    this.connection.send({ type: "clear_likes", request: this.#click(this.liked, "none") });
  }

  undo() {
    this.connection.send({ type: "undo", request: this.connection.request() });
  }

  /** Python will not confirm what was clicked. */
  forget() {
    this.#clicked.clear();
    this.onChange();
  }

  /** @param {string} request */
  settle(request) {
    for (const [itemId, click] of this.#clicked) if (click.request === request) this.#clicked.delete(itemId);
  }

  /**
   * @param {string[]} itemIds
   * @param {"like" | "dislike"} mark
   */
  #marked(itemIds, mark) {
    const stays = itemIds.filter((itemId) => (this.#clicked.get(itemId)?.mark ?? mark) === mark);
    const comes = [...this.#clicked].filter(
      ([itemId, click]) => click.mark === mark && !stays.includes(itemId),
    );
    return [...stays, ...comes.map(([itemId]) => itemId)];
  }

  /**
   * @param {string[]} itemIds
   * @param {"like" | "dislike" | "none"} mark
   */
  #click(itemIds, mark) {
    const request = this.connection.request();
    for (const itemId of itemIds) this.#clicked.set(itemId, { mark, request });
    this.onChange();
    return request;
  }
}
