// @ts-check
// The wall: one work at a time, full screen; marks by touch, keys and a remote's arrows.

import { h, iconButton, setText } from "../../frontend/static/dom.js";
import { frameHistory } from "./frame_history.js";
import { isQuiet, keepSettings, keptSettings, settingsForm } from "./frame_settings.js";
import { FrameStore } from "./frame_store.js";
import { keptTheme, showTheme } from "./page.js";

/** @import { Work, Showing } from "./frame_store.js" */

const IDLE = 4_000; // milliseconds after which the controls leave
const WOKEN = 60_000; // milliseconds that a touch lights the frame in quiet hours
const TICK = 1_000;
const PATIENCE = 15_000; // milliseconds between questions to a server that does not answer
const SWIPE = 50; // pixels
const LARGER = 2.2; // times that a small picture may be enlarged before it looks soft

export class Frame {
  #settings = keptSettings();
  #store;
  #idle = 0;
  #woken = 0;
  #asked = 0;
  #held = false;
  /** @type {Work | undefined} */
  #hanging;
  /** @type {(() => void) | null} */
  #undo = null;
  #wall = h("figure", { class: "frame-wall" });
  #title = h("span", { class: "frame-title", dir: "auto" });
  #by = h("span", { class: "frame-about", dir: "auto" });
  #about = h("span", { class: "frame-about", dir: "auto" });
  #said = h("p", { class: "frame-said", role: "status", hidden: true });
  #empty = h("p", { class: "frame-empty", hidden: true });

  /** @param {string} collection */
  constructor(collection) {
    this.#store = new FrameStore(collection);
    this.history = frameHistory(this.#store, (showing) => this.#again(showing));
    this.settings = this.#panel(collection);
    this.like = iconButton("heart", "Like", () => this.#mark("like"), { class: "frame-button" });
    this.dislike = iconButton("not", "Not for me", () => this.#mark("dislike"), { class: "frame-button" });
    this.keep = iconButton("keep", "Keep", () => this.#mark("keep"), { class: "frame-button" });
    this.bar = h(
      "div",
      { class: "frame-bar", role: "toolbar", "aria-label": "This work and the frame" },
      iconButton("back", "The one before", () => this.#before(), { class: "frame-button" }),
      this.like,
      this.dislike,
      this.keep,
      iconButton("forth", "The next one", () => this.#next(), { class: "frame-button" }),
      h("span", { class: "frame-gap" }),
      iconButton("clock", "Which picture was that?", () => this.history.show(), { class: "frame-button" }),
      iconButton("dials", "What hangs here", () => this.settings.showModal(), { class: "frame-button" }),
      iconButton("whole", "Full screen", () => wholeScreen(), { class: "frame-button" }),
    );
    this.root = h(
      "main",
      { class: "frame", tabindex: "-1", "aria-label": "Picture frame" },
      h("h1", { class: "frame-hidden", text: `A picture frame with works of ${collection}` }),
      this.#wall,
      h("p", { class: "frame-label", "aria-live": "polite" }, this.#title, this.#by, this.#about),
      this.#empty,
      this.#said,
      this.bar,
      this.history.element,
      this.settings,
    );
  }

  async start() {
    showTheme(keptTheme());
    document.documentElement.classList.add("frame-on");
    document.body.append(this.root);
    this.#listen();
    if (this.#store.current) this.#hang(this.#store.current.work);
    setInterval(() => this.#tick(), TICK);
    this.#tick();
    this.#stir();
    await this.#store.learn();
    this.#drawMarks();
  }

  // ---- what hangs ---------------------------------------------------------------------------------------

  #tick() {
    const now = Date.now();
    const quiet = isQuiet(this.#settings, new Date(now)) && now > this.#woken;
    if (this.root.classList.toggle("frame-quiet", quiet)) return;
    const { current } = this.#store;
    const due = !current || now - current.at >= this.#settings.seconds * 1_000;
    if (due && !this.#busy) this.#next();
    else if (now - this.#asked > PATIENCE) this.#fill();
  }

  get #busy() {
    return this.settings.open || this.history.element.open || this.#held;
  }

  async #fill() {
    this.#asked = Date.now();
    const without = this.#settings.without[this.#store.collection] ?? [];
    const filled = await this.#store.fill({ discovery: this.#settings.discovery, without });
    const said = {
      fits: "",
      none: "Nothing here has a picture that fits. Leave out less, or choose another collection.",
      unreached: "The server does not answer. It is asked again until it does.",
    };
    setText(this.#empty, this.#hanging ? "" : said[filled]);
    return filled;
  }

  async #next() {
    if (this.#held) return;
    this.#held = true;
    try {
      if (!this.#store.waiting.length && (Date.now() - this.#asked > PATIENCE || !this.#asked))
        await this.#fill();
      const work = this.#store.advance();
      if (work) await this.#hang(work);
    } finally {
      this.#held = false;
    }
    if (Date.now() - this.#asked > PATIENCE) this.#fill();
  }

  #before() {
    const earlier = this.#store.shown.at(-2);
    if (earlier) this.#again(earlier);
  }

  /** @param {Showing} showing */
  #again({ work }) {
    this.#store.hang(work);
    this.#hang(work);
  }

  /** @param {Work} work */
  async #hang(work) {
    const address = await this.#store.picture(work);
    const picture = h("img", {
      class: "frame-picture",
      draggable: "false",
      alt: [work.title, work.by].filter(Boolean).join(", "),
    });
    picture.src = address;
    await picture.decode().catch(() => {
      if (work.small && picture.src !== work.small) picture.src = work.small;
    });
    picture.style.setProperty("--widest", `${picture.naturalWidth * LARGER}px`);
    picture.style.setProperty("--highest", `${picture.naturalHeight * LARGER}px`);
    this.#hanging = work;
    setText(this.#empty, "");
    this.root.style.setProperty("--tint", tintOf(picture));
    const old = [...this.#wall.children];
    for (const each of old) {
      each.classList.add("frame-leaving");
      each.setAttribute("aria-hidden", "true");
      setTimeout(() => each.remove(), 1_600);
    }
    this.#wall.append(picture);
    setText(this.#title, work.title);
    setText(this.#by, work.by);
    setText(this.#about, work.about);
    this.#drawMarks();
  }

  // ---- what is said of it -------------------------------------------------------------------------------

  /** @param {"like" | "dislike" | "keep"} mark */
  #mark(mark) {
    const work = this.#hanging;
    if (!work) return;
    const on = !this.#store.marked[mark]?.includes(work.id);
    this.#store.mark(mark, work, on);
    this.#drawMarks();
    const words = { like: "You like this", dislike: "Not for you: it does not come again", keep: "Kept" };
    const back = { like: "No longer liked", dislike: "It may come again", keep: "No longer kept" };
    this.#undo = () => this.#store.mark(mark, work, !on);
    this.#say(on ? words[mark] : back[mark], true);
    if (mark === "dislike" && on) this.#next();
  }

  /** @param {string} words @param {boolean} undoable */
  #say(words, undoable = false) {
    const undo = h("button", { type: "button", class: "frame-undo", text: "Undo" });
    undo.addEventListener("click", () => {
      this.#undo?.();
      this.#drawMarks();
      this.#said.hidden = true;
    });
    this.#said.replaceChildren(words, ...(undoable ? [" ", undo] : []));
    this.#said.hidden = false;
    clearTimeout(this.#saying);
    this.#saying = setTimeout(() => {
      this.#said.hidden = true;
    }, 5_000);
  }
  /** @type {number | undefined} */
  #saying;

  #drawMarks() {
    const id = this.#hanging?.id ?? "";
    for (const mark of /** @type {const} */ (["like", "dislike", "keep"]))
      this[mark].setAttribute("aria-pressed", String(Boolean(this.#store.marked[mark]?.includes(id))));
  }

  /** @param {string} collection */
  #panel(collection) {
    const form = settingsForm({
      settings: this.#settings,
      collections: [collection],
      collection,
      action: "Done",
      onDone: (chosen) => {
        const same = (/** @type {typeof chosen} */ of) =>
          JSON.stringify([of.discovery, of.without[collection] ?? []]);
        const anew = same(chosen) !== same(this.#settings);
        this.#settings = chosen;
        keepSettings(chosen);
        this.settings.close();
        if (!anew) return;
        this.#store.drop();
        this.#fill();
      },
    });
    /** @type {HTMLDialogElement} */
    const element = h(
      "dialog",
      { class: "page-dialog frame-panel", "aria-labelledby": "frame-what" },
      iconButton("close", "Close", () => element.close(), { class: "page-close" }),
      h("h2", { id: "frame-what", text: "What hangs here" }),
      form,
      h(
        "p",
        { class: "frame-links" },
        h("a", { href: "/frame", text: "Another collection" }),
        h("a", { href: `/${encodeURIComponent(collection)}`, text: `Search ${collection}` }),
      ),
    );
    return element;
  }

  // ---- hands --------------------------------------------------------------------------------------------

  #listen() {
    let from = { x: 0, y: 0 };
    this.root.addEventListener("pointerdown", ({ x, y }) => {
      from = { x, y };
    });
    this.root.addEventListener("pointerup", ({ x, y, target, pointerType }) => {
      if (target instanceof Element && target.closest("button, dialog, a")) return this.#stir();
      const [across, down] = [x - from.x, y - from.y];
      if (Math.abs(across) > SWIPE && Math.abs(across) > Math.abs(down)) {
        if (across < 0) return this.#next();
        return this.#before();
      }
      const shown = this.root.classList.contains("frame-stirred");
      return pointerType === "mouse" || !shown ? this.#stir() : this.#still();
    });
    this.root.addEventListener("pointermove", ({ pointerType, movementX, movementY }) => {
      if (pointerType === "mouse" && Math.abs(movementX) + Math.abs(movementY) > 2) this.#stir();
    });
    this.root.addEventListener("focusin", () => this.#stir());
    document.addEventListener("keydown", (event) => this.#key(event));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") stayAwake();
    });
    addEventListener("online", () => {
      this.#store.flush();
      this.#fill();
    });
    stayAwake();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || this.settings.open || this.history.element.open)
      return;
    const among = this.bar.contains(document.activeElement);
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowRight: () => (among ? this.#step(1) : this.#next()),
      ArrowLeft: () => (among ? this.#step(-1) : this.#before()),
      ArrowUp: () => this.#mark("like"),
      ArrowDown: () => (among ? this.#still() : this.#mark("dislike")),
      Enter: () => this.#choose(),
      k: () => this.#mark("keep"),
      h: () => this.history.show(),
      s: () => this.settings.showModal(),
      f: () => wholeScreen(),
      Escape: () => this.#still(),
    };
    const action = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action || (event.key === "Enter" && among)) return;
    event.preventDefault();
    if (this.root.classList.contains("frame-quiet")) return this.#stir();
    action();
  }

  /** Let a remote walk through the controls. */
  #choose() {
    this.#stir();
    this.like.focus();
  }

  /** @param {number} by */
  #step(by) {
    const all = [...this.bar.querySelectorAll("button")];
    const at = all.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    all[(at + by + all.length) % all.length]?.focus();
    this.#stir();
  }

  /** Somebody is there: show the controls, in quiet hours the picture too. */
  #stir() {
    if (this.root.classList.contains("frame-quiet")) {
      this.#woken = Date.now() + WOKEN;
      this.#tick();
    }
    this.root.classList.add("frame-stirred");
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => !this.#busy && this.#still(), IDLE);
  }

  #still() {
    this.root.classList.remove("frame-stirred");
    if (this.bar.contains(document.activeElement)) this.root.focus();
  }
}

function wholeScreen() {
  const change = document.fullscreenElement
    ? document.exitFullscreen()
    : document.documentElement.requestFullscreen?.();
  change?.catch(() => {});
}

function stayAwake() {
  navigator.wakeLock?.request("screen").catch(() => {});
}

/**
 * The colour of a picture as a whole, for the wall; a picture from elsewhere does not tell.
 *
 * @param {HTMLImageElement} picture
 */
function tintOf(picture) {
  const canvas = h("canvas", { width: "1", height: "1" });
  const pen = canvas.getContext("2d");
  try {
    pen?.drawImage(picture, 0, 0, 1, 1);
    const [red, green, blue] = pen?.getImageData(0, 0, 1, 1).data ?? [];
    return red === undefined ? "gray" : `rgb(${red} ${green} ${blue})`;
  } catch {
    return "gray";
  }
}
