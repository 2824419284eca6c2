// @ts-check
// A model over HTTP: events are posted, their messages come back; a stream tells when another page changed
// something. While the server does not answer, it is asked again and again.

/** @import { AnyEvent, Known, Message, State } from "../../frontend/static/protocol.d.ts" */

const LOOKING = new Set(
  "headings turn works detail export facets set compare cite map_works map_places map_turn lasso".split(" "),
);
const PATIENCE = 1_500; // milliseconds a stream may be gone before the page says so
const LONGEST_WAIT = 10_000;

/** @type {import("../../frontend/static/protocol.d.ts").MapMessage} */
const NO_MAP = {
  type: "map",
  vectors: "",
  choices: [],
  works: 0,
  size: [1, 1],
  origin: [0, 0],
  scale: 1,
  page: 0,
  tiles: [],
  regions: [],
  note: "",
  trouble: "",
  view: null,
};

/** What the server refused, and what it said. */
class Refusal extends Error {
  /** @param {number} status @param {string} detail */
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

export class ServerModel {
  /** @type {Record<string, any>} */
  #state = { theme: null, served: true };
  /** @type {Map<string, Set<(...given: never[]) => void>>} */
  #listeners = new Map();
  #base;
  #stream = Math.random().toString(36).slice(2, 12);
  #events = 0;
  /** @type {Promise<void>} What changes something goes out in the order it was done. */
  #queue = Promise.resolve();
  #changing = 0;
  /** @type {Promise<void> | null} */
  #refreshing = null;
  #stale = false;
  #unreached = 0;
  /** @type {number | undefined} */
  #doubt;
  /** The version of the map, so that its tiles may be kept. */
  #version = "";
  /** @type {(event: AnyEvent) => void} Hears of every event. */
  onSend = () => {};
  /** @type {(reached: boolean) => void} Hears whether the server answers. */
  onReach = () => {};
  /** @type {(said: string) => void} Hears why there is no state yet. */
  onRefused = () => {};

  /** @param {string} collection */
  constructor(collection) {
    this.#base = `/api/v1/collections/${encodeURIComponent(collection)}`;
  }

  /** Learn the state, then listen for news of it. */
  async start() {
    while (!this.#state.collection) {
      await this.#refresh();
      if (!this.#state.collection) await new Promise((resolve) => setTimeout(resolve, LONGEST_WAIT));
    }
    this.#listen();
  }

  /**
   * @template {keyof Known} Name
   * @param {Name} name
   * @returns {Known[Name]}
   */
  get(name) {
    return this.#state[name];
  }

  /**
   * @template {keyof Known} Name
   * @param {Name} name
   * @param {Known[Name]} value
   */
  set(name, value) {
    this.#apply({ [name]: value });
  }

  /** @param {string} event @param {(...given: never[]) => void} callback */
  on(event, callback) {
    const known = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, known.add(callback));
  }

  /** @param {string} event @param {(...given: never[]) => void} callback */
  off(event, callback) {
    this.#listeners.get(event)?.delete(callback);
  }

  /** @param {AnyEvent} event */
  send(event) {
    this.onSend(event);
    if (event.type === "pictures") for (const id of event.item_ids) this.#fetchThumbnail(id);
    else if (event.type === "large_picture") this.#fetchPicture(event.item_id, event.view ?? null);
    else if (event.type === "map") this.#fetchMap(event.vectors ?? "", event.view ?? null);
    else if (event.type === "map_tiles")
      for (const name of event.names) this.#fetchTile(event.vectors ?? "", name, event.view ?? null);
    else if (LOOKING.has(event.type)) this.#post(event);
    else {
      this.#changing += 1;
      this.#queue = this.#queue.then(() => this.#post(event)).then(() => this.#changed());
    }
  }

  // ---- to the server ------------------------------------------------------------------------------------

  /** @param {AnyEvent} event */
  async #post(event) {
    this.#events += 1;
    const name = `${this.#stream}-${this.#events}`;
    const init = {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(event),
    };
    try {
      const response = await this.#ask(`/session/events?stream=${this.#stream}&name=${name}`, init);
      for (const [message, buffers] of await response.json()) this.#receive(message, buffers.map(bytes));
    } catch (error) {
      this.#apply({
        busy: false,
        error: error instanceof Refusal ? error.message : "The answer is not readable.",
      });
      if (event.request) this.#fire("msg:custom", { type: "done", request: event.request }, []);
    }
  }

  /** @param {string} itemId */
  async #fetchThumbnail(itemId) {
    const [mime, content] = await this.#picture("thumbnails", itemId);
    this.#fire("msg:custom", { type: "pictures", item_ids: [itemId], mimes: [mime] }, [content]);
  }

  /** @param {string} itemId @param {string | null} view */
  async #fetchPicture(itemId, view) {
    const [mime, content] = await this.#picture("pictures", itemId);
    this.#fire("msg:custom", { type: "large_picture", item_id: itemId, mime, view }, [content]);
  }

  /** @param {string} vectors @param {string | null} view */
  async #fetchMap(vectors, view) {
    const none = { ...NO_MAP, vectors };
    /** @type {[import("../../frontend/static/protocol.d.ts").MapMessage, DataView<ArrayBuffer>[]]} */
    let found;
    try {
      const described = await this.#ask(`/map?vectors=${encodeURIComponent(vectors)}`);
      const facts = await described.json();
      this.#version = (described.headers.get("ETag") ?? "").replace(/\W/g, "");
      const points = await this.#ask(`/map/${encodeURIComponent(facts.vectors)}/points?v=${this.#version}`);
      found = [{ ...facts, type: "map", trouble: "", view }, [new DataView(await points.arrayBuffer())]];
    } catch (error) {
      const trouble = error instanceof Refusal ? error.message : "The map is not readable.";
      found = [{ ...none, trouble, view }, []];
    }
    this.#fire("msg:custom", ...found);
  }

  /** @param {string} vectors @param {string} name @param {string | null} view */
  async #fetchTile(vectors, name, view) {
    const path = `/map/${encodeURIComponent(vectors)}/tiles/${name}?v=${this.#version}`;
    const content = await this.#ask(path)
      .then((response) => response.arrayBuffer())
      .catch(() => new ArrayBuffer(0));
    this.#fire("msg:custom", { type: "map_tiles", vectors, names: [name], view }, [new DataView(content)]);
  }

  /**
   * @param {"thumbnails" | "pictures"} kind
   * @param {string} itemId
   * @returns {Promise<[mime: string, content: DataView<ArrayBuffer>]>} without a type where there is none
   */
  async #picture(kind, itemId) {
    try {
      const response = await this.#ask(`/${kind}/${encodeURIComponent(itemId)}`);
      return [response.headers.get("Content-Type") ?? "", new DataView(await response.arrayBuffer())];
    } catch {
      return ["", new DataView(new ArrayBuffer(0))];
    }
  }

  /**
   * Ask until there is an answer.
   *
   * @param {string} path
   * @param {RequestInit} [init]
   * @returns {Promise<Response>}
   */
  async #ask(path, init) {
    for (let tried = 0; ; tried += 1) {
      const response = await fetch(this.#base + path, init).catch(() => null);
      if (response?.ok) {
        if (tried) this.#unreached -= 1;
        this.#tellReach();
        return response;
      }
      if (response && response.status !== 429 && response.status < 502) {
        if (tried) this.#unreached -= 1;
        this.#tellReach();
        const said = await response.json().catch(() => ({}));
        throw new Refusal(response.status, said.detail ?? "The server refused that.");
      }
      if (!tried) this.#unreached += 1;
      this.#tellReach();
      await pause(response, tried);
    }
  }

  // ---- from the server ----------------------------------------------------------------------------------

  #listen() {
    const source = new EventSource(`${this.#base}/session/stream?stream=${this.#stream}`);
    source.addEventListener("hello", () => {
      clearTimeout(this.#doubt);
      this.#doubt = undefined;
      this.#tellReach();
      this.#refresh();
    });
    source.addEventListener("news", () => this.#refresh());
    source.addEventListener("error", () => {
      this.#doubt ??= setTimeout(() => this.onReach(false), PATIENCE);
      if (source.readyState !== EventSource.CLOSED) return; // it tries again by itself
      setTimeout(() => this.#listen(), 3_000);
    });
  }

  /** Fetch the state; what this page changed meanwhile is newer, so then it is fetched once more. */
  #refresh() {
    this.#stale = true;
    this.#refreshing ??= this.#catchUp().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  async #catchUp() {
    while (this.#stale && !this.#changing) {
      this.#stale = false;
      const state = await this.#ask("/session")
        .then((response) => response.json())
        .catch((error) => this.onRefused(error instanceof Refusal ? error.message : ""));
      if (this.#changing) this.#stale = true;
      else if (state) this.#apply(state);
    }
  }

  #changed() {
    this.#changing -= 1;
    if (this.#stale && !this.#changing) this.#refresh();
  }

  /** @param {Message | { type: "state", changes: Partial<State> }} message @param {DataView[]} buffers */
  #receive(message, buffers) {
    if (message.type === "state") this.#apply(message.changes);
    else this.#fire("msg:custom", message, buffers);
  }

  /** @param {Partial<Known>} values */
  #apply(values) {
    const changed = Object.entries(values).filter(
      ([name, value]) => JSON.stringify(this.#state[name]) !== JSON.stringify(value),
    );
    Object.assign(this.#state, Object.fromEntries(changed));
    for (const [name] of changed) this.#fire(`change:${name}`);
  }

  #tellReach() {
    if (this.#unreached) this.onReach(false);
    else if (this.#doubt === undefined) this.onReach(true);
  }

  /** @param {string} event @param {...any} given */
  #fire(event, ...given) {
    for (const callback of [...(this.#listeners.get(event) ?? [])])
      callback(.../** @type {never[]} */ (given));
  }
}

/** @param {string} text */
function bytes(text) {
  return new DataView(Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0)).buffer);
}

/** @param {Response | null} response @param {number} tried */
function pause(response, tried) {
  const asked = Number(response?.headers.get("Retry-After") ?? 0) * 1_000;
  const wait = Math.min(LONGEST_WAIT, 400 * 2 ** tried) * (0.75 + Math.random() / 2);
  return new Promise((resolve) => setTimeout(resolve, Math.max(asked, wait)));
}
