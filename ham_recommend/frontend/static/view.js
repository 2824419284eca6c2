// @ts-check
// One view of the conversation: its parts, and which of them a message or a change of the state concerns.

import { Actions } from "./actions.js";
import { Cards } from "./card.js";
import { Connection } from "./connection.js";
import { h, text } from "./dom.js";
import { Findings } from "./findings.js";
import { OpenedWork } from "./opened_work.js";
import { Pictures } from "./pictures.js";
import { SearchBar } from "./search_bar.js";
import { Status } from "./status.js";
import { Taste } from "./taste.js";
import { Tray } from "./tray.js";
import { Turns } from "./turns.js";
import { count } from "./words.js";
import { Works } from "./works.js";

/** @import { AnyQuestion, Message, Model, TurnMessage, WorkCard } from "./protocol.d.ts" */
/** @import { TurnHost } from "./turn.js" */

export class View {
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
    this.opened = new OpenedWork({ connection, pictures, actions: this.actions }, (turnId) =>
      turnId === null ? marked() : (this.turns.get(turnId)?.works ?? []),
    );
    this.findings = new Findings(connection, () => this.turns.newest?.id);
    this.status = new Status(() => this.drawStatus());
    this.bar = new SearchBar(
      (query) => this.search(query),
      () => this.refilter(),
      this.status.element,
    );
    const tray = {
      onRecommend: () => this.recommend(),
      onOpen: (/** @type {WorkCard} */ work) => this.opened.open(work, null),
    };
    this.tray = new Tray({ works, pictures, taste }, tray, {
      field: this.bar.field,
      newest: () => this.turns.newest?.summary,
    });
    this.turns = this.#buildTurns();
    this.name = h("p", { class: "ham-eyebrow" });
    this.root = this.#buildRoot();
    connection.onLost = () => this.lose();
  }

  open() {
    const { connection } = this;
    this.host.classList.add("ham-host");
    this.host.append(this.root);
    connection.onMessage((message, buffers) => this.receive(message, buffers));
    connection.onChange(["turns"], () => this.drawTurns());
    connection.onChange(["liked_ids", "disliked_ids", "taken_back"], () => this.drawTaste());
    connection.onChange(["busy", "message", "error"], () => this.drawStatus());
    connection.onChange(["query"], () => this.bar.setQuery(connection.get("query")));
    connection.onChange(["theme"], () => this.drawTheme());
    connection.onChange(["collection"], () => this.drawCollection());
    this.drawReach();
    this.drawTheme();
    this.drawCollection();
    this.bar.setQuery(connection.get("query"));
    this.drawTaste();
    this.drawStatus();
    this.drawTurns();
  }

  close() {
    this.connection.close();
    this.status.stop();
    this.bar.stop();
    this.pictures.close();
    this.opened.close();
    this.root.remove();
    this.host.classList.remove("ham-host");
  }

  // ---- asking -------------------------------------------------------------------------------------------

  /** @param {string} query */
  search(query) {
    const { where, allowRepeats } = this.bar;
    this.ask({ type: "search", text: query, where, allow_repeats: allowRepeats });
  }

  recommend() {
    this.ask({ type: "recommend", where: this.bar.where });
  }

  /** @param {string} itemId */
  findSimilar(itemId) {
    this.opened.close();
    this.ask({ type: "similar", item_id: itemId, where: this.bar.where });
  }

  /** The current question again, within the filters that are now on the screen. */
  refilter() {
    const { connection, turns } = this;
    const { where } = this.bar;
    const { newest } = turns;
    const changing = connection.pending !== null || (newest && newest.request === connection.refiltered);
    if (changing && connection.question) this.ask({ ...connection.question, where });
    else if (newest) this.ask({ type: "refilter", turn_id: newest.id, where });
    else return false;
    return true;
  }

  /** @param {AnyQuestion} question */
  ask(question) {
    this.connection.ask(question);
    this.wait();
  }

  wait() {
    if (!this.connection.lost) this.status.wait();
    this.drawStatus();
  }

  /** Python has stopped: what was under way will not be answered. */
  lose() {
    this.status.stop();
    this.taste.forget();
    this.turns.forget();
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
      case "pictures":
        return this.pictures.receive(message.item_ids, message.mimes, buffers);
      case "large_picture":
        return this.opened.receivePicture(message, buffers);
      case "file":
        return this.findings.receive(message, buffers);
      case "done":
        return this.receiveDone(message.request);
    }
  }

  /** @param {TurnMessage} message */
  receiveTurn(message) {
    if (!this.turns.receive(message)) return;
    this.status.announcement = message.works.length ? "Results are shown below." : "Nothing was found.";
    this.drawStatus();
  }

  /** @param {string} request */
  receiveDone(request) {
    this.taste.settle(request);
    if (request === this.connection.pending) this.connection.pending = null;
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
    this.bar.draw(collection);
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
    this.actions.press(this.root.querySelectorAll("[data-item]"));
  }

  drawTurns() {
    const shown = this.connection.get("turns").map(([id]) => id);
    this.turns.reconcile(shown);
    this.bar.examples.hidden = shown.length > 0 || this.connection.pending !== null;
    this.findings.element.hidden = shown.length === 0;
    this.tray.setWaiting(shown.length === 0);
  }

  #buildTurns() {
    const { connection, works, pictures } = this;
    const shared = { view: connection.view, pictures, actions: this.actions };
    const cards = new Cards(shared, (work, turnId) => this.opened.open(work, turnId));
    /** @type {TurnHost["again"]} */
    const again = (turn, how) => {
      const allow_repeats = how.allow_repeats ?? this.bar.allowRepeats;
      this.ask({ type: "search", turn_id: turn.id, correct: how.correct ?? true, allow_repeats });
    };
    const collection = () => connection.get("collection");
    const beside = { connection, works, examples: this.bar.examples };
    return new Turns(beside, { cards, pictures, again, collection }, () => this.wait());
  }

  #buildRoot() {
    return h(
      "section",
      { class: "ham", "aria-label": "HAM recommend" },
      h("div", { class: "ham-progress", "aria-hidden": "true" }),
      h("header", { class: "ham-head" }, this.name, this.bar.element),
      this.bar.examples,
      this.tray.element,
      this.turns.element,
      this.findings.element,
      this.opened.element,
    );
  }
}
