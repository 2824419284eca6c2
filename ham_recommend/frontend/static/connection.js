// @ts-check
// One view's end of the conversation: what it asks, and which question is still open.

/** @import { AnyEvent, AnyQuestion, Known, Message, Model } from "./protocol.d.ts" */

export class Connection {
  #requests = 0;
  /** @type {[event: string, callback: (...given: never[]) => void][]} */
  #listeners = [];

  /** @param {Model} model */
  constructor(model) {
    this.model = model;
    /** The name of this view: several may show one conversation. */
    this.view = `v${Math.random().toString(36).slice(2, 10)}`;
    /** @type {string | null} The request of the question under way; a newer one replaces it. */
    this.pending = null;
  }

  /**
   * @template {keyof Known} Name
   * @param {Name} name
   */
  get(name) {
    return this.model.get(name);
  }

  /** @param {(message: Message, buffers: DataView<ArrayBuffer>[]) => void} callback */
  onMessage(callback) {
    this.model.on("msg:custom", callback);
    this.#listeners.push(["msg:custom", callback]);
  }

  /**
   * @param {(keyof Known)[]} names
   * @param {() => void} callback
   */
  onChange(names, callback) {
    for (const name of names) {
      this.model.on(`change:${name}`, callback);
      this.#listeners.push([`change:${name}`, callback]);
    }
  }

  /** @param {AnyEvent} event */
  send(event) {
    this.model.send(event);
  }

  /** The name of a new request. */
  request() {
    this.#requests += 1;
    return `${this.view}-${this.#requests}`;
  }

  /**
   * Ask for a new turn. If an older question is still open, this one takes its place.
   *
   * @param {AnyQuestion} question
   */
  ask(question) {
    const request = this.request();
    this.send({ ...question, request, replaces: this.pending });
    this.pending = request;
  }

  /**
   * Whether a request is this view's own and a newer one has taken its place.
   *
   * @param {string | null} request
   */
  isReplaced(request) {
    return request !== this.pending && this.pending !== null && !!request?.startsWith(this.view);
  }

  /** @param {string | null} view */
  isForAnother(view) {
    return view !== null && view !== this.view;
  }

  close() {
    for (const [event, callback] of this.#listeners) this.model.off(event, callback);
  }
}
