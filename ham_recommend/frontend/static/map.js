// @ts-check
// The map of a collection: every work as its picture, near those that it resembles, and the same as a list.

import { button, h, icon, iconButton, setText } from "./dom.js";
import { LISTED, MapList } from "./map_list.js";
import { Stage } from "./map_stage.js";
import { PlacedWorks } from "./map_works.js";
import { SetMenu } from "./set_menu.js";
import { count, makerAndDate, number, titleOf } from "./words.js";

/** @import { Connection } from "./connection.js" */
/** @import { Standing } from "./map_stage.js" */
/** @import { Pictures } from "./pictures.js" */
/** @import { AnyEvent, LassoMessage, MapMessage, PlacedTurnMessage } from "./protocol.d.ts" */
/** @import { PlacedWorksMessage, TilesMessage, WorkCard } from "./protocol.d.ts" */
/** @import { Taste } from "./taste.js" */

/**
 * Where a visitor looks: `x` and `y` in cells of the map's first layout, `z` in pixels of one; 0 for all.
 *
 * @typedef {{ vectors: string, x: number, y: number, z: number }} Looking
 */

const NEARER = 1.8;
const HINT_MS = 120;

export class WorkMap {
  /** @type {(at: Looking | null) => void} Hears where the visitor looks; null when the map is closed. */
  onLook = () => {};
  /** @type {number | null} The row that is opened once its work is there. */
  #opening = null;
  /** @type {Looking | null} Where to look once the map is there. */
  #wanted = null;
  /** @type {number | null} The turn that is lit. */
  #turn = null;
  #vectors = "";
  #chosen = /** @type {string[]} */ ([]);
  #chosenCount = 0;
  #aloud = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #asking;

  #choice = h("select", { class: "ham-map-by", "aria-label": "What works lie near each other by" });
  #said = h("p", { class: "ham-map-said", role: "status" });
  #tip = h("p", { class: "ham-map-tip", dir: "auto", "aria-hidden": "true", hidden: true });
  #note = h("p", { class: "ham-note" });
  #gather = h("button", { type: "button", class: "ham-link", onclick: () => this.#toggleGathering() });
  #release = button("Show all", "ham-link", () => this.#letGo());
  #within = button("Search only these", "ham-link", () =>
    this.hands.onWithin(this.#outline, this.#chosenCount),
  );
  /** The last lasso, as a filter says it: the map's vectors and the corners. */
  #outline = "";
  #sets;
  #works;

  /**
   * @param {{ connection: Connection, pictures: Pictures, taste: Taste }} shared
   * @param {{ onOpen: (work: WorkCard, turnId: number | null) => void, newest: () => number | undefined,
   *   onToggle: (open: boolean) => void, onWithin: (outline: string, works: number) => void }} hands
   */
  constructor({ connection, pictures, taste }, hands) {
    this.connection = connection;
    this.taste = taste;
    this.hands = hands;
    this.#works = new PlacedWorks({
      works: (rows) => this.#send({ type: "map_works", rows }),
      places: (item_ids) => this.#send({ type: "map_places", item_ids }),
      pictures: (item_ids) => connection.send({ type: "pictures", item_ids }),
    });
    this.#sets = new SetMenu(connection, "Put into a set", () => this.#chosen);
    const tools = h(
      "div",
      { class: "ham-map-tools" },
      this.#gather,
      this.#within,
      this.#sets.element,
      this.#release,
    );
    this.list = new MapList(
      pictures,
      { onOpen: ({ row }) => this.#open(row), onPoint: (row) => this.#pointAt(row) },
      tools,
    );
    this.stage = new Stage({
      askTiles: (names) => this.#send({ type: "map_tiles", names }),
      askPictures: (rows) => this.#works.wantPictures(rows),
      onOpen: (row) => this.#open(row),
      onPoint: (row) => this.#pointAt(row),
      onLasso: (polygon) => this.#choose(polygon),
      onSettle: () => this.#settled(),
      onKey: () => {
        this.#aloud = true;
      },
      onEscape: () => this.#letGo(),
    });
    this.lasso = h("button", {
      type: "button",
      class: "ham-map-button",
      text: "Lasso",
      title: "Draw round works to choose them",
      "aria-pressed": "false",
      onclick: () => this.#setDrawing(!this.stage.gestures.drawing),
    });
    this.toggle = h(
      "button",
      {
        type: "button",
        class: "ham-way ham-way-map",
        title: "See all works on a map",
        "aria-label": "Map",
        "aria-expanded": "false",
        onclick: () => (this.isOpen ? this.close() : this.open()),
      },
      icon("map"),
      h("span", { class: "ham-way-word", text: "Map" }),
    );
    this.element = this.#build();
    this.#choice.addEventListener("change", () => this.#ask(this.#choice.value));
  }

  #build() {
    const { stage } = this;
    const zoom = (
      /** @type {string} */ label,
      /** @type {string} */ sign,
      /** @type {() => void} */ onclick,
    ) =>
      h("button", {
        type: "button",
        class: "ham-map-button",
        "aria-label": label,
        title: label,
        text: sign,
        onclick,
      });
    const buttons = h(
      "div",
      { class: "ham-map-buttons", role: "group", "aria-label": "Move the map" },
      zoom("Nearer", "+", () => stage.zoomBy(NEARER)),
      zoom("Farther", "−", () => stage.zoomBy(1 / NEARER)),
      zoom("Show the whole map", "All", () => stage.camera?.flyHome()),
      this.lasso,
    );
    stage.element.append(this.#choice, buttons, this.#tip, this.#said);
    const close = iconButton("close", "Close the map", () => this.close(), {
      class: "ham-icon-button ham-map-close",
    });
    stage.element.append(close);
    return h(
      "section",
      { class: "ham-map", "aria-label": "Map", hidden: true },
      h("div", { class: "ham-map-body" }, stage.element, this.list.element),
      this.#note,
    );
  }

  // ---- opening ------------------------------------------------------------------------------------------

  get isOpen() {
    return !this.element.hidden;
  }

  /** @param {Looking | null} [at] */
  open(at = null) {
    this.#wanted = at;
    this.#reveal();
    if (this.stage.land && (!at?.vectors || at.vectors === this.#vectors)) this.#arrive();
    else this.#ask(at?.vectors ?? this.#vectors);
  }

  #reveal() {
    if (this.isOpen) return;
    this.element.hidden = false;
    this.toggle.setAttribute("aria-expanded", "true");
    this.hands.onToggle(true);
  }

  close() {
    if (!this.isOpen) return;
    const focused = this.element.contains(document.activeElement);
    this.element.hidden = true;
    this.toggle.setAttribute("aria-expanded", "false");
    this.hands.onToggle(false);
    this.onLook(null);
    if (focused) this.toggle.focus();
  }

  end() {
    clearTimeout(this.#asking);
    this.stage.close();
  }

  /** @param {string} vectors */
  #ask(vectors) {
    setText(this.#said, "Laying out the works…");
    this.connection.send({ type: "map", vectors, view: this.connection.view });
  }

  /** @param {AnyEvent} event */
  #send(event) {
    this.connection.send(
      /** @type {AnyEvent} */ ({ ...event, vectors: this.#vectors, view: this.connection.view }),
    );
  }

  // ---- what comes ---------------------------------------------------------------------------------------

  /** @param {MapMessage} message @param {DataView<ArrayBuffer>[]} buffers */
  receive(message, [points]) {
    if (this.connection.isForAnother(message.view)) return;
    this.#reveal();
    setText(this.#said, message.trouble);
    if (message.trouble || !points) return;
    this.#vectors = message.vectors;
    this.#works.clear();
    this.#forget();
    this.#choice.replaceChildren(
      ...message.choices.map(([value, text]) =>
        h("option", { value, text, selected: value === message.vectors }),
      ),
    );
    this.#choice.hidden = message.choices.length < 2;
    this.stage.show(message, points);
    setText(this.#note, `${message.note} ${this.stage.note}`.trim());
    this.drawTaste();
    const newest = this.hands.newest();
    if (newest !== undefined && !this.#wanted) this.light(newest);
    this.#arrive();
  }

  #arrive() {
    const { camera, land } = this.stage;
    const at = this.#wanted;
    this.#wanted = null;
    if (!camera || !land) return;
    const { scale, origin } = land.message;
    if (at?.z) camera.jumpTo({ x: at.x * scale - origin[0], y: at.y * scale - origin[1], z: at.z / scale });
    this.stage.surface.focus({ preventScroll: true });
    this.#settled();
  }

  /** @param {TilesMessage} message @param {DataView<ArrayBuffer>[]} buffers */
  receiveTiles({ vectors, names, view }, buffers) {
    if (this.connection.isForAnother(view) || vectors !== this.#vectors) return;
    for (const [at, name] of names.entries()) {
      const content = buffers[at];
      this.stage.receiveTile(name, content?.byteLength ? new Blob([content], { type: "image/jpeg" }) : null);
    }
  }

  /** @param {PlacedWorksMessage} message */
  receiveWorks(message) {
    if (this.connection.isForAnother(message.view) || message.vectors !== this.#vectors) return;
    this.#works.receive(message);
    if (this.#opening !== null && this.#works.at(this.#opening)) this.#open(this.#opening);
    this.#drawTip();
    this.#drawList();
    this.drawTaste();
  }

  /** @param {PlacedTurnMessage} message */
  receiveTurn({ vectors, turn_id, rows, further, start, view }) {
    if (this.connection.isForAnother(view) || vectors !== this.#vectors || turn_id !== this.#turn) return;
    const { stage } = this;
    const lit = [...rows, ...further];
    this.#chosen = [];
    this.#chosenCount = 0;
    stage.stand({ lit, start, chosen: [] });
    const { camera, land } = stage;
    if (camera && land && lit.length) {
      const best = rows.length ? rows : lit;
      const places = [...best, ...(start === null ? [] : [start])].map((row) => land.middleOf(row));
      const there = camera.around(places, Math.max(camera.widest, 34));
      const [x, y] = stage.middle;
      camera.flyTo(stage.standing.gathered ? { x, y, z: there.z } : there);
    }
    this.#drawList();
  }

  /** @param {[number, number][]} polygon */
  #choose(polygon) {
    this.#outline = [this.#vectors, ...polygon.map((corner) => corner.join(","))].join(" ");
    this.#send({ type: "lasso", polygon });
  }

  /** @param {LassoMessage} message */
  receiveLasso({ vectors, works, rows, item_ids, view }) {
    if (this.connection.isForAnother(view) || vectors !== this.#vectors) return;
    this.#setDrawing(false);
    this.#turn = null;
    this.#chosen = item_ids;
    this.#chosenCount = works;
    this.stage.stand({ chosen: rows, lit: [], start: null });
    this.#aloud = true;
    this.#drawList();
  }

  /** @param {string[]} itemIds @param {string[]} mimes @param {DataView<ArrayBuffer>[]} buffers */
  receivePictures(itemIds, mimes, buffers) {
    for (const [row, picture] of this.#works.receivePictures(itemIds, mimes, buffers))
      this.stage.receivePicture(row, picture);
  }

  /** Light up what a turn found. @param {number} turnId */
  light(turnId) {
    if (!this.isOpen || !this.stage.land) return;
    this.#turn = turnId;
    this.#send({ type: "map_turn", turn_id: turnId });
  }

  drawTaste() {
    if (this.isOpen && this.stage.land) this.stage.stand({ liked: this.#works.rowsOf(this.taste.liked) });
  }

  /** @param {number} row */
  #open(row) {
    const work = this.#works.at(row);
    this.#opening = work ? null : row;
    if (!work) return this.#works.want([row]);
    const answers = this.#turn !== null && this.stage.standing.lit.includes(row);
    this.hands.onOpen(work, answers ? this.#turn : null);
  }

  // ---- pointing, choosing -------------------------------------------------------------------------------

  /** @param {number | null} row */
  #pointAt(row) {
    if (this.stage.standing.pointed === row) return;
    this.stage.stand({ pointed: row });
    clearTimeout(this.#asking);
    if (row !== null) this.#asking = setTimeout(() => this.#works.want([row]), HINT_MS);
    this.#drawTip();
  }

  #drawTip() {
    const { pointed } = this.stage.standing;
    const work = this.#works.at(pointed);
    this.#tip.hidden = !work;
    if (work) setText(this.#tip, [titleOf(work), ...makerAndDate(work)].join(", "));
  }

  /** @param {boolean} drawing */
  #setDrawing(drawing) {
    this.stage.gestures.drawing = drawing;
    this.lasso.setAttribute("aria-pressed", String(drawing));
    this.stage.surface.classList.toggle("ham-drawing", drawing);
    setText(this.#said, drawing ? "Draw round the works that you want, or press Enter for all in view." : "");
    if (drawing) this.stage.surface.focus({ preventScroll: true });
  }

  #letGo() {
    if (this.stage.gestures.drawing) return this.#setDrawing(false);
    if (this.#chosen.length) this.#send({ type: "lasso", polygon: [] });
    this.#forget();
    this.#drawList();
    this.stage.surface.focus({ preventScroll: true });
  }

  #forget() {
    this.#turn = null;
    this.#chosen = [];
    this.#chosenCount = 0;
    this.stage.stand({ lit: [], start: null, chosen: [], pointed: null });
  }

  #toggleGathering() {
    this.stage.stand({ gathered: !this.stage.standing.gathered });
    const { camera, land, standing } = this.stage;
    if (camera && land && !standing.gathered)
      camera.flyTo(
        camera.around(
          standing.lit.slice(0, 40).map((row) => land.middleOf(row)),
          34,
        ),
      );
    this.#drawList();
  }

  // ---- the list -----------------------------------------------------------------------------------------

  #settled() {
    const { camera, land } = this.stage;
    if (!camera || !land || !this.isOpen) return;
    this.#drawList();
    const { scale, origin } = land.message;
    const round = (/** @type {number} */ value) => Number(value.toPrecision(6));
    const [x, y] = [(camera.x + origin[0]) / scale, (camera.y + origin[1]) / scale];
    this.onLook({ vectors: this.#vectors, x: round(x), y: round(y), z: round(camera.z * scale) });
  }

  #drawList() {
    const { camera, land, standing } = this.stage;
    if (!camera || !land) return;
    const [heading, rows] = this.#listed(standing);
    this.#gather.hidden = !standing.lit.length;
    this.#gather.textContent = standing.gathered ? "Where they lie" : "Gather them";
    this.#sets.element.hidden = !this.#chosen.length;
    this.#within.hidden = !this.#chosen.length || this.#chosen.length < this.#chosenCount;
    if (this.#chosen.length) this.#sets.draw();
    this.#release.hidden = !standing.lit.length && !standing.chosen.length && !this.#chosenCount;
    this.#works.want(rows);
    const known = rows.flatMap((row) => {
      const work = this.#works.at(row);
      return work ? [{ row, work }] : [];
    });
    if (known.length < rows.length) return; // they are on their way
    this.list.draw(heading, known, this.#aloud);
    this.#aloud = false;
  }

  /** @param {Standing} standing @returns {[heading: string, rows: number[]]} */
  #listed({ lit, chosen }) {
    const { camera, land } = this.stage;
    if (lit.length) return [`${count(lit.length, "answer")} on the map`, lit.slice(0, LISTED)];
    if (chosen.length)
      return [`${count(this.#chosenCount, "work")} inside the lasso`, chosen.slice(0, LISTED)];
    if (!camera || !land) return ["", []];
    const farthest = Math.hypot(camera.width, camera.height) / camera.z / 2;
    const rows = land.nearest(camera.x, camera.y, LISTED, farthest);
    return [`Near the middle of ${number(land.works)} works`, rows];
  }
}
