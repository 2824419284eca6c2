// @ts-check
// The address of what is seen: question, filters and opened work, to send, to bookmark, to go back to.

import { questionOf, read, written } from "./questions.js";

/** @import { AnyEvent, Message } from "../../frontend/static/protocol.d.ts" */
/** @import { Looking } from "../../frontend/static/map.js" */
/** @import { View } from "../../frontend/static/view.js" */
/** @import { ServerModel } from "./model.js" */
/** @import { Question } from "./questions.js" */

/** @typedef {{ turn?: number, opened?: boolean }} Place what the browser keeps with an address */

const QUESTIONS = new Set("search recommend similar surprise browse picture colour refilter".split(" "));

const MAP = ["view", "map", "x", "y", "z"];

/** @param {URLSearchParams} parameters @returns {Looking | null} */
function looking(parameters) {
  if (parameters.get("view") !== "map") return null;
  const [x, y, z] = ["x", "y", "z"].map((name) => Number.parseFloat(parameters.get(name) ?? ""));
  const vectors = parameters.get("map") ?? "";
  const known = [x, y, z].every((value) => Number.isFinite(value)) && Number(z) > 0;
  return known ? { vectors, x: Number(x), y: Number(y), z: Number(z) } : { vectors, x: 0, y: 0, z: 0 };
}

/** @param {URLSearchParams} parameters @param {Looking} at */
function setLooking(parameters, { vectors, x, y, z }) {
  const values = { view: "map", map: vectors, x, y, z };
  for (const [name, value] of Object.entries(values)) parameters.set(name, String(value));
}

export class Address {
  /** @type {Map<string, { question: Question, replaces: boolean }>} Request → what it asks. */
  #asked = new Map();
  /** @type {Map<number, Question>} Turn → what it answers. */
  #answered = new Map();
  /** Whether the page follows the address, and not the address the page. */
  #following = false;

  /**
   * @param {View} view
   * @param {ServerModel} model
   * @param {string} name the collection's
   */
  constructor(view, model, name) {
    this.view = view;
    this.model = model;
    this.name = name;
    model.onSend = (event) => this.#sent(event);
    model.on("msg:custom", (message) => this.#received(message));
    view.map.onLook = (at) => this.#looked(at);
    view.opened.element.addEventListener("close", () => this.#closed());
    window.addEventListener("popstate", () => this.#follow());
  }

  /** Show what the address names, once the page is there. */
  start() {
    this.#follow();
  }

  get #place() {
    return /** @type {Place} */ (history.state ?? {});
  }

  // ---- the page changes the address ---------------------------------------------------------------------

  /** @param {AnyEvent} event */
  #sent(event) {
    if (QUESTIONS.has(event.type)) this.#remember(/** @type {any} */ (event));
    else if (event.type === "detail" && !this.#following) this.#opened(event.item_id);
  }

  /** @param {import("../../frontend/static/protocol.d.ts").AnyQuestion} event */
  #remember(event) {
    const turnId = "turn_id" in event ? event.turn_id : undefined;
    const turn = typeof turnId === "number" ? this.view.turns.get(turnId) : undefined;
    const before = turn ? this.#answered.get(turn.id)?.where : undefined;
    const question = questionOf(event, turn?.heading, before ?? {});
    if (event.request && question)
      this.#asked.set(event.request, { question, replaces: this.#following || Boolean(event.replaces) });
  }

  /** @param {Message} message */
  #received(message) {
    if (message.type !== "turn" || !message.request) return;
    const asked = this.#asked.get(message.request);
    if (!asked) return;
    this.#asked.delete(message.request);
    this.#answered.set(message.heading.turn_id, asked.question);
    this.#write(this.#onMap(written(asked.question)), { turn: message.heading.turn_id }, asked.replaces);
  }

  /** @param {string} itemId */
  #opened(itemId) {
    const parameters = new URLSearchParams(location.search);
    if (parameters.get("work") === itemId) return;
    const turning = parameters.has("work");
    parameters.set("work", itemId);
    this.#write(parameters, { ...this.#place, opened: turning ? this.#place.opened : true }, turning);
  }

  /**
   * Where a visitor looks on the map: opening and closing it is a step back, moving on it is not.
   *
   * @param {Looking | null} at
   */
  #looked(at) {
    if (this.#following) return;
    const parameters = new URLSearchParams(location.search);
    const moving = parameters.get("view") === "map";
    for (const name of MAP) parameters.delete(name);
    if (!at && !moving) return;
    if (at) setLooking(parameters, at);
    this.#write(parameters, this.#place, Boolean(at) && moving);
  }

  /** A question asked on the map is answered there. @param {URLSearchParams} parameters */
  #onMap(parameters) {
    const before = new URLSearchParams(location.search);
    for (const name of MAP) if (before.has(name)) parameters.set(name, before.get(name) ?? "");
    return parameters;
  }

  #closed() {
    const parameters = new URLSearchParams(location.search);
    if (this.#following || !parameters.has("work")) return;
    if (this.#place.opened) history.back();
    else {
      parameters.delete("work");
      this.#write(parameters, this.#place, true);
    }
  }

  /** @param {URLSearchParams} parameters @param {Place} place @param {boolean} replaces */
  #write(parameters, place, replaces) {
    const query = parameters.toString();
    const address = location.pathname + (query && `?${query}`);
    if (replaces) history.replaceState(place, "", address);
    else history.pushState(place, "", address);
    this.#title();
  }

  // ---- the address changes the page ---------------------------------------------------------------------

  #follow() {
    const parameters = new URLSearchParams(location.search);
    const question = read(parameters);
    this.#following = true;
    this.#title();
    this.view.bar.setQuery(question?.q ?? "");
    this.view.filters.set(question?.where ?? {});
    if (question && !this.#show(this.#place.turn)) this.#ask(question);
    const at = looking(parameters);
    if (at) this.view.map.open(at);
    else this.view.map.close();
    const work = parameters.get("work");
    if (work) this.#open(work);
    else if (this.view.opened.element.open) this.view.opened.close();
    this.#following = false;
  }

  /** @param {number | undefined} turnId */
  #show(turnId) {
    if (turnId === undefined) return false;
    const known = this.model.get("turns").map(([id]) => id);
    if (!known.includes(turnId)) return false;
    this.view.turns.show(turnId);
    return true;
  }

  /** @param {Question} question */
  #ask({ q, like, colour, by, where }) {
    const { view } = this;
    if (q) view.ask({ type: "search", text: q, where, allow_repeats: true });
    else if (like) view.ask({ type: "similar", item_id: like, where });
    else if (colour) view.ask({ type: "colour", colour, where });
    else if (by === "likes") view.ask({ type: "recommend", where });
    else if (by === "chance") view.ask({ type: "surprise", where });
    else view.ask({ type: "browse", where });
  }

  /** @param {string} itemId */
  #open(itemId) {
    const { view } = this;
    const turn = view.turns.newest;
    const work = view.works.get(itemId);
    if (work) {
      const inTurn = turn?.works.some((each) => each.item_id === itemId);
      return view.opened.open(work, inTurn ? (turn?.id ?? null) : null);
    }
    /** @param {Message} message */
    const arrived = (message) => {
      if (message.type !== "works") return;
      this.model.off("msg:custom", arrived);
      if (new URLSearchParams(location.search).get("work") !== itemId || !view.works.get(itemId)) return;
      this.#following = true;
      this.#open(itemId);
      this.#following = false;
    };
    this.model.on("msg:custom", arrived);
    view.works.want([itemId]);
  }

  #title() {
    const { q } = read(new URLSearchParams(location.search)) ?? {};
    document.title = q ? `${q} · ${this.name}` : `${this.name} · HAM recommend`;
  }
}
