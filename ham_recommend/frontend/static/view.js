// @ts-check
// One view of the conversation: its parts, and which of them a message or a change of the state concerns.

import { Actions } from "./actions.js";
import { Cards } from "./card.js";
import { Connection } from "./connection.js";
import { h, text } from "./dom.js";
import { Filters } from "./filters.js";
import { Findings } from "./findings.js";
import { WorkMap } from "./map.js";
import { OpenedWork } from "./opened_work.js";
import { OwnPicture } from "./own_picture.js";
import { Pictures } from "./pictures.js";
import { Research } from "./research.js";
import { SearchBar } from "./search_bar.js";
import { Start } from "./start.js";
import { Status } from "./status.js";
import { Taste } from "./taste.js";
import { ThroughTime } from "./through_time.js";
import { Tray } from "./tray.js";
import { Turns } from "./turns.js";
import { Ways } from "./ways.js";
import { count } from "./words.js";
import { Works } from "./works.js";

/** @import { AnyQuestion, Message, Model, TurnMessage, WorkCard } from "./protocol.d.ts" */
/** @import { TurnHost } from "./turn.js" */

export class View {
  /** @type {Map<string, Blob>} Request → the picture it was asked with. */
  #pictures = new Map();
  /** @type {boolean | null} Whether there are no works yet; null until it is known. */
  #begins = null;

  /**
   * @param {Model} model
   * @param {HTMLElement} host
   */
  constructor(model, host) {
    const connection = new Connection(model);
    const works = new Works(connection);
    const pictures = new Pictures(
      (itemIds) => connection.send({ type: "pictures", item_ids: itemIds }),
      host,
    );
    const taste = new Taste(connection, () => this.drawTaste());
    this.host = host;
    this.connection = connection;
    this.works = works;
    this.pictures = pictures;
    this.taste = taste;
    this.actions = new Actions(taste, (itemId) => this.findSimilar(itemId));
    const marked = () => [...taste.liked, ...taste.disliked].flatMap((itemId) => works.get(itemId) ?? []);
    const home = () => this.turns.newest?.summary ?? this.bar.field;
    this.research = new Research(connection, pictures, {
      onOpen: (work) => this.opened.open(work, null),
      turns: () => this.turns.all,
      home,
    });
    const onThroughTime = (/** @type {WorkCard} */ work) => this.throughTime.open(work);
    this.opened = new OpenedWork(
      { connection, pictures, actions: this.actions, onThroughTime },
      (turnId) => (turnId === null ? marked() : (this.turns.get(turnId)?.works ?? [])),
      (work) => this.research.besideWork(work),
    );
    this.throughTime = new ThroughTime({ connection, pictures }, (work) => this.opened.open(work, null));
    this.map = new WorkMap(
      { connection, pictures, taste },
      {
        onOpen: (work, turnId) => this.opened.open(work, turnId),
        newest: () => this.turns.newest?.id,
        onToggle: (open) => this.#onMap(open),
        onWithin: (outline, works) => this.filters.setLasso(outline, works),
      },
    );
    this.findings = new Findings(connection, () => this.turns.newest?.id);
    this.status = new Status(() => this.drawStatus());
    const asked = {
      surprise: () => this.ask({ type: "surprise", where: this.filters.where }),
      picture: () => this.own.choose(),
      colour: (/** @type {string} */ colour) =>
        this.ask({ type: "colour", colour, where: this.filters.where }),
    };
    this.filters = new Filters(connection, () => this.refilter());
    this.ways = new Ways(asked);
    this.own = new OwnPicture({
      onPicture: (data, name, picture) => this.searchByPicture(data, name, picture),
      onFault: (said) => this.fail(said),
    });
    this.bar = new SearchBar((query) => this.search(query), { filters: this.filters, ways: this.ways });
    this.filters.toggle.after(this.map.toggle);
    this.start = new Start(asked, (words) => this.searchFor(words));
    const tray = {
      onRecommend: () => this.recommend(),
      onOpen: (/** @type {WorkCard} */ work) => this.opened.open(work, null),
    };
    this.tray = new Tray({ works, pictures, taste }, tray, home);
    this.turns = this.#buildTurns();
    this.name = h("h2", { class: "ham-name" });
    this.root = this.#buildRoot();
    this.own.listen(this.root);
    connection.onLost = () => this.lose();
  }

  open() {
    const { connection } = this;
    this.host.classList.add("ham-host");
    this.host.append(this.root);
    connection.onMessage((message, buffers) => this.receive(message, buffers));
    connection.onChange(["turns"], () => this.drawTurns());
    connection.onChange(["liked_ids", "disliked_ids", "taken_back"], () => this.drawTaste());
    connection.onChange(["sets", "sets_undoable"], () => this.research.draw());
    connection.onChange(["busy", "message", "error"], () => this.drawStatus());
    connection.onChange(["query"], () => this.bar.setQuery(connection.get("query")));
    connection.onChange(["discovery"], () => this.tray.setDiscovery(connection.get("discovery")));
    connection.onChange(["theme"], () => this.drawTheme());
    connection.onChange(["collection"], () => this.drawCollection());
    this.drawReach();
    this.drawTheme();
    this.drawCollection();
    this.bar.setQuery(connection.get("query"));
    this.tray.setDiscovery(connection.get("discovery"));
    this.drawTaste();
    this.research.draw();
    this.drawStatus();
    this.drawTurns();
    if (connection.get("shows") === "map") this.map.open();
  }

  close() {
    this.connection.close();
    this.status.stop();
    this.filters.stop();
    this.pictures.close();
    this.opened.close();
    this.research.close();
    this.throughTime.close();
    this.map.end();
    this.root.remove();
    this.host.classList.remove("ham-host");
  }

  // ---- asking -------------------------------------------------------------------------------------------

  /** @param {string} query */
  search(query) {
    const { allowRepeats } = this.bar;
    this.ask({ type: "search", text: query, where: this.filters.where, allow_repeats: allowRepeats });
  }

  /** Words that nobody typed. @param {string} words */
  searchFor(words) {
    this.bar.setQuery(words);
    this.search(words);
  }

  recommend() {
    this.ask({ type: "recommend", where: this.filters.where, discovery: this.tray.discovery });
  }

  /**
   * @param {string} data
   * @param {string} name
   * @param {Blob} picture
   */
  searchByPicture(data, name, picture) {
    this.ask({ type: "picture", data, name, where: this.filters.where }, picture);
  }

  /** @param {string} itemId */
  findSimilar(itemId) {
    this.opened.close();
    this.ask({ type: "similar", item_id: itemId, where: this.filters.where });
  }

  /** The current question again, within the filters that are now on the screen. */
  refilter() {
    const { connection, turns } = this;
    const { where } = this.filters;
    const { newest } = turns;
    const changing = connection.pending !== null || (newest && newest.request === connection.refiltered);
    const picture = newest?.picture ?? null;
    if (changing && connection.question) this.ask({ ...connection.question, where }, picture);
    else if (newest) this.ask({ type: "refilter", turn_id: newest.id, where }, picture);
    else if (this.filters.any) this.ask({ type: "browse", where });
  }

  /**
   * @param {AnyQuestion} question
   * @param {Blob | null} [picture] what it is asked with
   */
  ask(question, picture = null) {
    this.connection.ask(question);
    if (picture && this.connection.pending) this.#pictures.set(this.connection.pending, picture);
    this.wait();
  }

  wait() {
    this.status.fault = "";
    if (!this.connection.lost) this.status.wait();
    this.drawStatus();
  }

  /** @param {string} said what this page cannot do */
  fail(said) {
    this.status.fault = said;
    this.drawStatus();
  }

  /** Python has stopped: what was under way will not be answered. */
  lose() {
    this.status.stop();
    this.taste.forget();
    this.turns.forget();
    this.filters.forget();
    this.drawStatus();
  }

  // ---- answers ------------------------------------------------------------------------------------------

  /**
   * @param {Message} message
   * @param {DataView<ArrayBuffer>[]} buffers
   */
  receive(message, buffers) {
    this.drawReach();
    switch (message.type) {
      case "turn":
        return this.receiveTurn(message);
      case "headings":
        return this.turns.receiveHeadings(message.headings);
      case "works":
        this.works.add(message.works);
        return this.drawTaste();
      case "detail":
        return this.opened.receive(message);
      case "through_time":
        return this.throughTime.receive(message);
      case "pictures":
        this.map.receivePictures(message.item_ids, message.mimes, buffers);
        return this.pictures.receive(message.item_ids, message.mimes, buffers);
      case "map":
        return this.map.receive(message, buffers);
      case "map_tiles":
        return this.map.receiveTiles(message, buffers);
      case "map_works":
        return this.map.receiveWorks(message);
      case "map_turn":
        return this.map.receiveTurn(message);
      case "lasso":
        return this.map.receiveLasso(message);
      case "large_picture":
        return this.opened.receivePicture(message, buffers);
      case "set":
        return this.research.sets.receive(message);
      case "comparison":
        return this.research.receiveComparison(message);
      case "citation":
        return this.research.receiveCitation(message);
      case "facets":
        return this.filters.receive(message);
      case "file":
        return this.findings.receive(message, buffers);
      case "done":
        return this.receiveDone(message.request);
    }
  }

  /** @param {TurnMessage} message */
  receiveTurn(message) {
    if (!this.turns.receive(message)) return;
    const picture = message.request && this.#pictures.get(message.request);
    if (picture) this.turns.get(message.heading.turn_id)?.showPicture(picture);
    this.map.light(message.heading.turn_id);
    this.status.announcement = message.works.length ? "Results are shown below." : "Nothing was found.";
    this.drawStatus();
  }

  /** @param {string} request */
  receiveDone(request) {
    this.taste.settle(request);
    if (request === this.connection.pending) this.connection.pending = null;
    this.#pictures.delete(request);
    this.turns.settle(request);
    if (!this.waiting) this.status.stop();
    this.drawTaste();
    this.drawStatus();
    this.drawTurns();
  }

  // ---- drawing ------------------------------------------------------------------------------------------

  get waiting() {
    return this.connection.pending !== null || this.turns.continuing;
  }

  /** The static results beside it give way once this view can show its own. */
  drawReach() {
    const { connection, root } = this;
    const fallback = connection.get("fallback");
    if (fallback && (connection.answered || !connection.get("turns").length)) root.dataset.instead = fallback;
  }

  drawTheme() {
    const theme = this.connection.get("theme");
    if (theme) this.root.dataset.theme = theme;
    else delete this.root.dataset.theme;
  }

  drawCollection() {
    const collection = this.connection.get("collection");
    this.name.replaceChildren(text(collection.name), h("span", { text: count(collection.works, "work") }));
    this.ways.draw(collection);
    this.start.draw(collection);
    this.filters.forget();
    this.filters.ask();
  }

  drawStatus() {
    const { connection, waiting } = this;
    const { lost } = connection;
    const busy = !lost && (waiting || connection.get("busy"));
    this.root.classList.toggle("ham-busy", busy);
    this.turns.element.setAttribute("aria-busy", String(busy));
    const [message, error] = [connection.get("message"), connection.get("error")];
    const served = connection.get("served") ?? false;
    this.status.draw({ waiting, busy, message, error, lost, served });
  }

  drawTaste() {
    this.tray.draw();
    this.map.drawTaste();
    this.actions.press(this.root.querySelectorAll("[data-item]"));
  }

  drawTurns() {
    const shown = this.connection.get("turns").map(([id]) => id);
    this.turns.reconcile(shown);
    const begins = shown.length === 0 && this.connection.pending === null;
    this.#begin(begins);
    this.findings.element.hidden = shown.length === 0;
    this.tray.setWaiting(shown.length === 0);
  }

  /**
   * Where there are no works yet, everything one can begin with is open; with the first it makes room.
   *
   * @param {boolean} begins
   */
  #begin(begins) {
    if (this.#begins === begins) return;
    this.#begins = begins;
    this.start.element.hidden = !begins;
    this.root.classList.toggle("ham-begins", begins);
    this.filters.setOpen(!this.map.isOpen && (begins || this.filters.any));
  }

  /** The map takes the place of what one can begin with. @param {boolean} open */
  #onMap(open) {
    this.root.classList.toggle("ham-on-map", open);
    this.filters.setOpen(!open && (this.#begins || this.filters.any));
  }

  /** @returns {Turns} */
  #buildTurns() {
    const { connection, works, pictures } = this;
    const shared = { view: connection.view, pictures, actions: this.actions };
    const cards = new Cards(shared, (work, turnId) => this.opened.open(work, turnId));
    /** @type {TurnHost["again"]} */
    const again = (turn, how) => {
      const allow_repeats = how.allow_repeats ?? this.bar.allowRepeats;
      const ignore = how.ignore ?? turn.heading.ignore;
      this.ask({ type: "search", turn_id: turn.id, correct: how.correct ?? true, allow_repeats, ignore });
    };
    const collection = () => connection.get("collection");
    const beside = { connection, works, start: this.start.element };
    return new Turns(
      beside,
      {
        cards,
        pictures,
        again,
        instead: (words) => this.searchFor(words),
        collection,
        below: (turn) => this.research.belowTurn(turn),
      },
      {
        onWait: () => this.wait(),
        onArrive: () => this.#begin(false),
      },
    );
  }

  #buildRoot() {
    return h(
      "section",
      { class: "ham", "aria-label": "HAM recommend" },
      h("div", { class: "ham-progress", "aria-hidden": "true" }),
      h(
        "header",
        { class: "ham-head" },
        h("div", { class: "ham-eyebrow" }, this.name, this.status.element),
        this.bar.element,
        this.bar.row,
        this.ways.colours,
      ),
      this.map.element,
      this.start.element,
      this.filters.drawer,
      this.tray.element,
      this.research.sets.element,
      this.turns.element,
      this.findings.element,
      this.research.paper,
      this.opened.element,
      this.throughTime.element,
      this.own.field,
      this.own.target,
    );
  }
}
