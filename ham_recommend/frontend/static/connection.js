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
    /** @type {AnyQuestion | null} The last question. */
    this.question = null;
    /** @type {string | null} The request of the last question, if it only changed the filters. */
    this.refiltered = null;
    /** Whether Python is known to be gone. */
    this.lost = false;
    /** Whether Python has sent anything to this view. */
    this.answered = false;
    this.onLost = () => {};
    this.#listen("comm_live_update", () => this.#lose()); // a notebook's model tells so when its kernel ends
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
    /** @type {typeof callback} */
    const listener = (message, buffers) => {
      this.answered = true;
      this.lost = false;
      callback(message, buffers);
    };
    this.model.on("msg:custom", listener);
    this.#listeners.push(["msg:custom", listener]);
  }

  /**
   * @param {(keyof Known)[]} names
   * @param {() => void} callback
   */
  onChange(names, callback) {
    for (const name of names) this.#listen(`change:${name}`, callback);
  }

  /** @param {AnyEvent} event */
  send(event) {
    try {
      this.model.send(event);
    } catch {
      this.#lose(); // the model of a notebook whose kernel has ended throws
    }
  }

  /** The name of a new request. */
  request() {
    this.#requests += 1;
    return `${this.view}-${this.#requests}`;
  }

  /**
   * Ask for a new turn. If an older question is still open, or only tried other filters, this one
   * takes its place.
   *
   * @param {AnyQuestion} question
   */
  ask(question) {
    const request = this.request();
    const filters = question.type === "refilter" || question.type === "browse";
    const tried = filters ? this.refiltered : null;
    this.refiltered = filters ? request : null;
    this.question = question;
    const replaces = this.pending ?? tried;
    this.pending = request;
    this.send({ ...question, request, replaces });
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

  /**
   * @param {`change:${keyof Known}` | "comm_live_update"} event
   * @param {() => void} callback
   */
  #listen(event, callback) {
    this.model.on(event, callback);
    this.#listeners.push([event, callback]);
  }

  #lose() {
    this.lost = true;
    this.pending = null;
    this.onLost();
  }

  close() {
    for (const [event, callback] of this.#listeners) this.model.off(event, callback);
  }
}
