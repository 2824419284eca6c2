// @ts-check
// The turns of the session, newest on top.

import { h } from "./dom.js";
import { Turn } from "./turn.js";

/** @import { Connection } from "./connection.js" */
/** @import { TurnHost } from "./turn.js" */
/** @import { Heading, TurnMessage } from "./protocol.d.ts" */
/** @import { Works } from "./works.js" */

export class Turns {
  /** @type {Map<number, Turn>} */
  #turns = new Map();
  /** @type {Set<number>} Turns whose heading is on its way. */
  #asked = new Set();

  /**
   * @param {{ connection: Connection, works: Works, start: HTMLElement }} shared
   * @param {Omit<TurnHost, "load" | "more">} host
   * @param {{ onWait: () => void, onArrive: () => void }} told that more works were asked for, that some come
   */
  constructor({ connection, works, start }, host, { onWait, onArrive }) {
    this.connection = connection;
    this.works = works;
    this.start = start;
    this.onWait = onWait;
    this.onArrive = onArrive;
    this.element = h("div", { class: "ham-turns" });
    /** @type {TurnHost} */
    this.host = { ...host, load: (turn) => this.#load(turn), more: (turn) => this.#continue(turn) };
  }

  get continuing() {
    return [...this.#turns.values()].some((turn) => turn.continuing !== null);
  }

  /** @param {number} id */
  get(id) {
    return this.#turns.get(id);
  }

  /** All of them, the newest first. */
  get all() {
    return [...this.#turns.values()].sort((a, b) => b.id - a.id);
  }

  get newest() {
    return this.#turns.get(Math.max(...this.#turns.keys()));
  }

  /**
   * Show the works of a turn, unless they are for another view or come too late. Return whether they are.
   *
   * @param {TurnMessage} message
   */
  receive({ heading, start, works, request, view }) {
    if (this.connection.isReplaced(request) || this.connection.isForAnother(view)) return false;
    const known = this.#turns.get(heading.turn_id);
    if ((known?.works.length ?? 0) < start) return false; // goes on after works that this view never saw
    this.works.add(works);
    this.#asked.delete(heading.turn_id);
    if (known) known.receive(heading, works, start);
    else this.#arrive(new Turn(this.host, heading, works, view === null), request);
    return true;
  }

  /** @param {Heading[]} headings */
  receiveHeadings(headings) {
    for (const heading of headings) {
      this.#asked.delete(heading.turn_id);
      if (!this.#turns.has(heading.turn_id)) this.#insert(new Turn(this.host, heading, null, false));
    }
    const { newest } = this;
    if (newest && !newest.loaded && this.connection.pending === null) newest.setOpen(true);
  }

  /**
   * Make the turns on the page those that Python has, asking for headings that never arrived.
   *
   * @param {number[]} shown
   */
  reconcile(shown) {
    for (const [id, turn] of this.#turns) {
      if (shown.includes(id)) continue;
      turn.remove();
      this.#turns.delete(id);
    }
    if (this.connection.pending !== null) return;
    const missing = shown.filter((id) => !this.#turns.has(id) && !this.#asked.has(id));
    for (const id of missing) this.#asked.add(id);
    if (missing.length) this.connection.send({ type: "headings", turn_ids: missing });
  }

  /**
   * Open one turn and close the others.
   *
   * @param {number} id
   */
  show(id) {
    for (const turn of this.#turns.values()) if (turn.id !== id) turn.setOpen(false);
    const turn = this.#turns.get(id);
    turn?.setOpen(true);
    turn?.element.scrollIntoView({ block: "nearest" });
  }

  /** @param {string} request */
  settle(request) {
    for (const turn of this.#turns.values()) if (turn.continuing === request) turn.continued();
  }

  /** Nothing that is under way will be answered. */
  forget() {
    this.#asked.clear();
    for (const turn of this.#turns.values()) if (turn.continuing) turn.continued();
  }

  /** @param {Turn} turn */
  #insert(turn) {
    if (turn.isOpen) this.newest?.setOpen(false);
    const older = [...this.#turns.keys()].filter((id) => id < turn.id);
    const next = this.#turns.get(Math.max(...older));
    this.#turns.set(turn.id, turn);
    this.element.insertBefore(turn.element, next?.element ?? null);
  }

  /**
   * What asked for an answer goes away with it, be it an example or a card; the keyboard and the eye follow.
   *
   * @param {Turn} turn
   * @param {string | null} request
   */
  #arrive(turn, request) {
    const leaving = [this.start, this.element].some((place) => place.contains(document.activeElement));
    turn.request = request;
    this.onArrive();
    this.#insert(turn);
    if (!leaving || request === null || request !== this.connection.pending) return;
    turn.summary.focus({ preventScroll: true });
    const above = turn.element.getBoundingClientRect().top < 0;
    turn.element.scrollIntoView({ block: above ? "start" : "nearest" });
  }

  /** @param {Turn} turn */
  #load(turn) {
    this.connection.send({ type: "turn", turn_id: turn.id, view: this.connection.view });
  }

  /** @param {Turn} turn */
  #continue(turn) {
    turn.continuing = this.connection.request();
    this.connection.send({ type: "more", turn_id: turn.id, request: turn.continuing });
    this.onWait();
  }
}
