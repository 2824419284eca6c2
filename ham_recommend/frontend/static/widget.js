// The interface of HAM_recommend: it draws what Python says and tells Python what the visitor does.
//
// All it needs is a model with get, on, off and send, so the same file serves a notebook and a web page.
// State (`turns`, `liked_ids`, …) is small and belongs to Python; the works of a turn arrive once, as a message,
// and a view that opens later asks for what it missed. Catalogue text only ever becomes text, never markup.

const PICTURE_MEMORY = 32 * 1024 * 1024; // bytes kept so that unfolding a turn needs no new transfer
const MARGIN = "400px"; // how close to the screen a picture is fetched
const PATIENCE = 10_000; // milliseconds before the interface wonders whether Python is still there
const CHANNELS = { words: "Words", meaning: "Meaning", picture: "Picture" };
const FACTS = [
  ["Culture", "culture"],
  ["Date", "date"],
  ["Kind", "classification"],
  ["Medium", "medium"],
  ["Technique", "technique"],
  ["Period", "period"],
  ["Department", "department"],
  ["Credit", "credit"],
  ["Rights", "rights"],
  ["Identifier", "id"],
];
const FORMATS = [["html", "HTML"], ["csv", "CSV"], ["json", "JSON"], ["md", "Markdown"]];
const ICONS = {
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM15.4 15.4 20 20",
  heart: "M12 19.8S4 15.2 4 9.4A4.4 4.4 0 0 1 12 7a4.4 4.4 0 0 1 8 2.4c0 5.8-8 10.4-8 10.4Z",
  not: "M12 3.8a8.2 8.2 0 1 0 0 16.4 8.2 8.2 0 0 0 0-16.4ZM6.3 6.3l11.4 11.4",
  similar: "M9 6.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 9 6.2ZM15 6.2a5.8 5.8 0 1 0 0 11.6 5.8 5.8 0 0 0 0-11.6Z",
  close: "M6 6l12 12M18 6 6 18",
  away: "M8 16 17 7M9.5 7H17v7.5",
  fold: "M7 10l5 5 5-5",
};

// JupyterLab runs its shortcuts (D, D deletes the cell) on whatever has the focus, unless that very element objects.
const FOCUSABLE = new Set(["a", "button", "dialog", "input", "select", "summary"]);

function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  if (FOCUSABLE.has(tag)) element.setAttribute("data-lm-suppress-shortcuts", "true");
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "text") element.textContent = value;
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null && child !== ""));
  return element;
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", "aria-hidden": "true", class: `ham-icon ham-icon-${name}` }))
    svg.setAttribute(key, value);
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

function iconButton(name, label, onclick, extra = {}, ...rest) {
  return h("button", { type: "button", class: `ham-icon-button ham-${name}`, "aria-label": label, title: label, onclick, ...extra }, icon(name), ...rest);
}

function webAddress(text) {
  try {
    const url = new URL(text);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : "";
  } catch {
    return "";
  }
}

const count = (n, one, many = `${one}s`) => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
const quoted = (text) => `“${text}”`;
const titleOf = (work) => work?.title || "Untitled";
const text = (value, attributes = {}) => h("span", { dir: "auto", text: value, ...attributes });

const shortened = (value) => (value.length > 60 ? `${value.slice(0, 59).trimEnd()}…` : value);

function listed(names, total, most = 3) {
  const shown = names.slice(0, most);
  const rest = total - shown.length;
  if (rest) return `${shown.join(", ")} and ${rest} more`;
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}

/** Pictures come as bytes once their frame is near the screen, many in one message; remote ones by address. */
class Pictures {
  constructor(ask, element) {
    this.ask = ask;
    this.element = element;
    this.works = new Map(); // frame → work
    this.waiting = new Map(); // item → frames that want its bytes
    this.wanted = new Set();
    this.blobs = new Map(); // item → blob, least recently used first
    this.bytes = 0;
  }

  /** Return a frame that fills once it is close to the screen, or right away. */
  frame(work, className = "ham-mat", rightAway = false) {
    const frame = h("span", { class: `${className} ham-frame` });
    if (!work.remote && !work.picture) frame.append(placeholder());
    else if (rightAway) this.#load(frame, work);
    else {
      this.works.set(frame, work);
      this.observer.observe(frame);
    }
    return frame;
  }

  /** A margin only counts around the observer's own root, and a notebook scrolls inside the page. */
  get observer() {
    this.watching ??= new IntersectionObserver((entries) => this.#seen(entries), { root: scroller(this.element), rootMargin: MARGIN });
    return this.watching;
  }

  receive(items, types, buffers) {
    items.forEach((item, at) => {
      const frames = this.waiting.get(item);
      if (!frames) return; // another view asked
      this.waiting.delete(item);
      const blob = types[at] ? new Blob([buffers[at]], { type: types[at] }) : null;
      this.#keep(item, blob);
      for (const frame of frames) this.#paint(frame, blob);
    });
  }

  /** Forget the frames inside an element that leaves the page. */
  drop(element) {
    for (const frame of element.querySelectorAll(".ham-frame")) {
      this.observer.unobserve(frame);
      this.works.delete(frame);
    }
  }

  close() {
    this.watching?.disconnect();
    for (const store of [this.works, this.waiting, this.wanted, this.blobs]) store.clear();
  }

  #seen(entries) {
    for (const { isIntersecting, target } of entries) {
      const work = isIntersecting && this.works.get(target);
      if (!work) continue;
      this.observer.unobserve(target);
      this.#load(target, work);
    }
  }

  #load(frame, work) {
    if (work.remote) frame.replaceChildren(remotePicture(work.remote));
    else if (this.blobs.has(work.id)) this.#paint(frame, this.#recall(work.id));
    else this.#want(work.id, frame);
  }

  #want(item, frame) {
    if (!this.wanted.size) queueMicrotask(() => this.#flush());
    if (!this.waiting.has(item)) {
      this.waiting.set(item, new Set());
      this.wanted.add(item);
    }
    this.waiting.get(item).add(frame);
  }

  #flush() {
    if (this.wanted.size) this.ask([...this.wanted]);
    this.wanted.clear();
  }

  #paint(frame, blob) {
    if (!blob) return frame.replaceChildren(placeholder());
    const address = URL.createObjectURL(blob);
    const done = () => URL.revokeObjectURL(address);
    const picture = h("img", { alt: "", decoding: "async", onload: done });
    picture.addEventListener("error", () => (done(), frame.replaceChildren(placeholder())));
    picture.src = address;
    frame.replaceChildren(picture);
  }

  #keep(item, blob) {
    this.blobs.set(item, blob);
    this.bytes += blob?.size ?? 0;
    for (const [oldest, old] of this.blobs) {
      if (this.bytes <= PICTURE_MEMORY) break;
      this.blobs.delete(oldest);
      this.bytes -= old?.size ?? 0;
    }
  }

  #recall(item) {
    const blob = this.blobs.get(item);
    this.blobs.delete(item);
    this.blobs.set(item, blob);
    return blob;
  }
}

function scroller(element) {
  for (let each = element.parentElement; each && each !== document.body; each = each.parentElement)
    if (/auto|scroll/.test(getComputedStyle(each).overflowY)) return each;
  return null;
}

function placeholder() {
  return h("span", { class: "ham-no-picture", text: "No picture" });
}

function remotePicture(address) {
  const picture = h("img", { alt: "", loading: "lazy", decoding: "async", referrerpolicy: "no-referrer" });
  picture.addEventListener("error", () => picture.replaceWith(placeholder()));
  picture.src = webAddress(address);
  return picture;
}

class View {
  constructor(model, el) {
    this.model = model;
    this.el = el;
    this.name = `v${Math.random().toString(36).slice(2, 10)}`;
    this.requests = 0;
    this.pending = null; // the question under way; a newer one replaces it
    this.intents = new Map(); // item → what was just clicked, until Python has confirmed it
    this.works = new Map(); // item → what is known of it
    this.turns = new Map(); // turn id → {heading, works, element, body}
    this.asked = new Set(); // turn ids whose content is on its way
    this.pictures = new Pictures((items) => this.send("pictures", { items }), el);
    this.listeners = [];
    this.news = "";
  }

  open() {
    this.build();
    this.el.classList.add("ham-host");
    this.el.append(this.root);
    this.listen("msg:custom", (content, buffers) => this.receive(content, buffers));
    this.listen("change:turns", () => this.reconcile());
    for (const name of ["liked_ids", "disliked_ids"]) this.listen(`change:${name}`, () => this.drawTaste());
    for (const name of ["busy", "message", "error"]) this.listen(`change:${name}`, () => this.drawStatus());
    this.listen("change:query", () => (this.field.value = this.model.get("query")));
    this.listen("change:theme", () => this.drawTheme());
    this.listen("change:collection", () => this.drawCollection());
    this.drawTheme();
    this.drawCollection();
    this.field.value = this.model.get("query");
    this.drawTaste();
    this.drawStatus();
    this.reconcile();
  }

  close() {
    for (const [event, callback] of this.listeners) this.model.off(event, callback);
    clearTimeout(this.patience);
    this.pictures.close();
    this.dialog.close();
    this.root.remove();
    this.el.classList.remove("ham-host");
  }

  listen(event, callback) {
    this.listeners.push([event, callback]);
    this.model.on(event, callback);
  }

  // ---- talking with Python ------------------------------------------------------------------------------------

  send(type, content = {}) {
    this.model.send({ type, ...content });
  }

  /** Ask for a new turn. If an older question is still open, this one takes its place. */
  ask(type, content = {}) {
    const request = `${this.name}-${++this.requests}`;
    this.send(type, { ...content, ...this.wishes(), request, replaces: this.pending });
    this.pending = request;
    this.wait();
  }

  wait() {
    clearTimeout(this.patience);
    this.patient = true;
    this.patience = setTimeout(() => ((this.patient = false), this.drawStatus()), PATIENCE);
    this.drawStatus();
  }

  receive(content, buffers) {
    const answer = {
      turn: () => this.receiveTurn(content),
      headings: () => this.receiveHeadings(content.turns),
      works: () => this.receiveWorks(content.works),
      pictures: () => this.pictures.receive(content.items, content.types, buffers),
      detail: () => this.receiveDetail(content),
      file: () => this.receiveFile(content, buffers[0]),
      done: () => this.receiveDone(content),
    }[content.type];
    answer?.();
  }

  receiveTurn({ request, turn, start, works, for: view }) {
    const stale = request?.startsWith(this.name) && this.pending && request !== this.pending;
    if (stale || (view && view !== this.name)) return;
    const known = this.turns.get(turn.id);
    const kept = known ? known.works.slice(0, start) : [];
    if (kept.length < start) return; // a continuation of something this view never saw; it will ask when unfolded
    for (const work of works) this.works.set(work.id, { ...this.works.get(work.id), ...work });
    const entry = known ?? { open: !view };
    Object.assign(entry, { heading: turn, works: [...kept, ...works] });
    this.asked.delete(turn.id);
    this.turns.set(turn.id, entry);
    if (!known) this.arrive(entry, request);
    else this.drawTurn(entry, start);
    this.news = works.length ? "Results are shown below." : "Nothing was found.";
    this.drawStatus();
  }

  receiveHeadings(headings) {
    for (const heading of headings) {
      this.asked.delete(heading.id);
      if (this.turns.has(heading.id)) continue;
      const entry = { heading, works: [], open: false, partial: true };
      this.turns.set(heading.id, entry);
      this.insert(entry);
    }
    const newest = Math.max(...this.turns.keys());
    const entry = this.turns.get(newest);
    if (entry?.partial && !this.pending) this.fold(entry, true);
  }

  receiveWorks(works) {
    for (const work of works) this.works.set(work.id, { ...work, ...this.works.get(work.id) });
    this.drawTaste();
  }

  receiveDone({ request }) {
    for (const [item, intent] of this.intents) if (intent.request === request) this.intents.delete(item);
    if (request === this.pending) {
      this.pending = null;
      clearTimeout(this.patience);
    }
    for (const entry of this.turns.values()) if (entry.continuing === request) this.continued(entry);
    this.drawTaste();
    this.drawStatus();
    this.reconcile();
  }

  receiveFile({ name, mime, for: view }, buffer) {
    if (view !== this.name) return;
    const address = URL.createObjectURL(new Blob([buffer], { type: mime }));
    h("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }

  /** Make the turns on the page those that Python has, asking for headings that never arrived. */
  reconcile() {
    const shown = new Map(this.model.get("turns") ?? []);
    for (const [id, entry] of this.turns) {
      if (shown.has(id)) continue;
      this.remove(entry);
      this.turns.delete(id);
    }
    this.start.hidden = shown.size > 0 || this.pending !== null;
    this.keep.hidden = shown.size === 0;
    this.tray.classList.toggle("ham-tray-waiting", shown.size === 0);
    if (this.pending) return;
    const missing = [...shown.keys()].filter((id) => !this.turns.has(id) && !this.asked.has(id));
    for (const id of missing) this.asked.add(id);
    if (missing.length) this.send("headings", { turns: missing });
  }

  // ---- what stays on the page ---------------------------------------------------------------------------------

  build() {
    this.field = h("input", {
      type: "search", class: "ham-field", name: "query", "aria-label": "Search the collection", autocomplete: "off",
      placeholder: "Describe what you would like to see", enterkeyhint: "search", dir: "auto", maxlength: "1000",
    });
    this.kind = h("select", { class: "ham-select", "aria-label": "Kind" });
    this.from = this.yearField("From year");
    this.to = this.yearField("To year");
    this.repeats = h("input", { type: "checkbox", role: "switch" });
    this.form = this.buildForm();
    this.start = h("div", { class: "ham-start", role: "group", "aria-label": "Example searches" });
    this.tray = this.buildTray();
    this.status = h("p", { class: "ham-status", role: "status" });
    this.alert = h("p", { class: "ham-alert", role: "alert" });
    this.list = h("div", { class: "ham-turns" });
    this.dialog = this.buildDialog();
    this.eyebrow = h("p", { class: "ham-eyebrow" });
    this.keep = this.buildKeep();
    this.root = h(
      "section",
      { class: "ham", "aria-label": "HAM recommend" },
      h("div", { class: "ham-progress", "aria-hidden": "true" }),
      h("header", { class: "ham-head" }, h("div", { class: "ham-top" }, this.eyebrow, this.status), this.form),
      this.alert, this.start, this.tray, this.list, this.keep, this.dialog,
    );
  }

  buildKeep() {
    const save = ([format, label]) => h("button", { type: "button", class: "ham-link", "aria-label": `Save as ${label}`, text: label, onclick: () => this.send("export", { format, for: this.name }) });
    return h("p", { class: "ham-keep", hidden: true }, "Keep what you found: ", ...FORMATS.map(save));
  }

  yearField(label) {
    return h("input", { type: "number", class: "ham-year", "aria-label": label, title: label, step: "1", inputmode: "numeric", dir: "ltr" });
  }

  buildForm() {
    const submit = (event) => {
      event.preventDefault();
      this.ask("search", { text: this.field.value });
    };
    const enter = (event) => { // JupyterLab keeps Enter from submitting a form inside a cell
      if (event.key !== "Enter" || event.isComposing || event.target.tagName !== "INPUT") return;
      event.preventDefault();
      this.form.requestSubmit();
    };
    this.years = h("span", { class: "ham-filter" }, "Years", this.from, "–", this.to);
    this.kinds = h("label", { class: "ham-filter" }, "Kind", this.kind);
    return h(
      "form",
      { class: "ham-form", role: "search", onsubmit: submit, onkeydown: enter },
      h("div", { class: "ham-search" }, icon("search"), this.field, h("button", { type: "submit", class: "ham-button ham-primary", text: "Search" })),
      h("div", { class: "ham-filters" }, this.kinds, this.years,
        h("label", { class: "ham-filter ham-switch", title: "A repeated search normally goes on to works you have not seen" }, this.repeats, "Allow repeats")),
    );
  }

  buildTray() {
    this.likedRow = h("div", { class: "ham-tray-works", role: "group", "aria-label": "Works you like" });
    this.dislikedRow = h("div", { class: "ham-tray-works ham-tray-not", role: "group", "aria-label": "Works that are not for you" });
    this.trayTitle = h("h3", { class: "ham-tray-title" });
    this.recommend = h("button", { type: "button", class: "ham-button ham-primary", text: "Get recommendations", onclick: () => this.ask("recommend") });
    this.clear = h("button", { type: "button", class: "ham-button", text: "Clear likes", onclick: () => this.clearLikes() });
    return h(
      "section",
      { class: "ham-tray", "aria-label": "Your choice" },
      h("div", { class: "ham-tray-head" }, this.trayTitle, h("div", { class: "ham-tray-actions" }, this.clear, this.recommend)),
      h("div", { class: "ham-tray-rows" }, this.likedRow, this.dislikedRow),
    );
  }

  wishes() {
    const year = (field) => (field.value === "" ? null : Number(field.value));
    return { kind: this.kind.value, from: year(this.from), to: year(this.to), repeats: this.repeats.checked };
  }

  drawTheme() {
    const theme = this.model.get("theme");
    if (theme) this.root.dataset.theme = theme;
    else delete this.root.dataset.theme;
  }

  drawCollection() {
    const { name = "", works = 0, kinds = [], years = null, examples = [] } = this.model.get("collection") ?? {};
    this.eyebrow.replaceChildren(text(name), h("span", { text: count(works, "work") }));
    this.kind.replaceChildren(h("option", { value: "", text: "All kinds" }), ...kinds.map(([kind, n]) => h("option", { value: kind, text: `${kind} (${n})` })));
    this.kinds.hidden = kinds.length < 2;
    this.years.hidden = !years;
    [this.from.placeholder, this.to.placeholder] = years ?? ["", ""];
    const tried = (example) => {
      this.field.value = example;
      this.ask("search", { text: example });
    };
    this.start.replaceChildren(
      h("p", { class: "ham-start-title", text: "Begin with a few words" }),
      h("div", { class: "ham-examples" },
        ...examples.map((example) => h("button", { type: "button", class: "ham-example", dir: "auto", text: example, onclick: () => tried(example) }))),
    );
  }

  drawStatus() {
    const continuing = [...this.turns.values()].some((entry) => entry.continuing);
    const busy = this.pending !== null || continuing || this.model.get("busy");
    const error = busy ? "" : this.model.get("error");
    const waiting = this.patient ? "Looking through the collection…" : "Still waiting for Python. Is the kernel running, or busy with another cell?";
    this.root.classList.toggle("ham-busy", busy);
    this.list.setAttribute("aria-busy", busy);
    const message = busy ? (this.pending || continuing ? waiting : "Looking through the collection…") : this.model.get("message");
    this.status.classList.toggle("ham-hidden", !message); // what has just arrived is told to screen readers alone
    setText(this.status, message || (error ? "" : this.news));
    setText(this.alert, error);
  }

  // ---- taste --------------------------------------------------------------------------------------------------

  liked() {
    return this.taste("liked_ids", "like");
  }

  disliked() {
    return this.taste("disliked_ids", "dislike");
  }

  taste(trait, wish) {
    const settled = this.model.get(trait).filter((item) => !this.intents.has(item) || this.intents.get(item).wish === wish);
    const hoped = [...this.intents].filter(([item, intent]) => intent.wish === wish && !settled.includes(item)).map(([item]) => item);
    return [...settled, ...hoped];
  }

  /** Show at once what was clicked; Python confirms it by the request's number. */
  mark(items, wish) {
    const request = `${this.name}-${++this.requests}`;
    for (const item of items) this.intents.set(item, { wish, request });
    this.drawTaste();
    return request;
  }

  toggle(item, wish) {
    const on = !(wish === "like" ? this.liked() : this.disliked()).includes(item);
    const request = this.mark([item], on ? wish : "none");
    this.send(on ? wish : `un${wish}`, { item, request });
  }

  clearLikes() {
    const focused = document.activeElement === this.clear; // which is about to be disabled
    this.send("clear", { request: this.mark(this.liked(), "none") });
    if (focused) (this.list.querySelector("summary") ?? this.field).focus({ preventScroll: true });
  }

  drawTaste() {
    const liked = this.liked();
    const disliked = this.disliked();
    const unknown = [...liked, ...disliked].filter((item) => !this.works.has(item) && !this.asked.has(item));
    for (const item of unknown) this.asked.add(item);
    if (unknown.length) this.send("works", { items: unknown });
    setText(this.trayTitle, liked.length ? `You like ${count(liked.length, "work")}` : "Like works to be led to more");
    this.recommend.disabled = !liked.length;
    this.clear.disabled = !liked.length;
    this.tray.classList.toggle("ham-tray-empty", !liked.length && !disliked.length);
    this.drawTrayRow(this.likedRow, liked, "like", "Unlike");
    this.drawTrayRow(this.dislikedRow, disliked, "dislike", "Take back “not for me”:");
    for (const card of this.root.querySelectorAll("[data-item]")) press(card, liked, disliked);
  }

  drawTrayRow(row, items, wish, verb) {
    const held = new Map([...row.children].map((button) => [button.dataset.work, button]));
    const wanted = items.filter((item) => this.works.has(item));
    for (const [item, button] of held) if (!wanted.includes(item)) this.discard(button, row);
    wanted.forEach((item, at) => {
      const button = held.get(item) ?? this.trayButton(item, wish, verb);
      if (row.children[at] !== button) row.insertBefore(button, row.children[at] ?? null);
    });
    row.hidden = wish === "dislike" && !wanted.length; // the row of likes keeps its place, so that nothing jumps
  }

  trayButton(item, wish, verb) {
    const work = this.works.get(item);
    const label = `${verb} ${titleOf(work)}`;
    const mat = this.pictures.frame(work, "ham-thumb-mat");
    mat.dataset.title = titleOf(work); // shown where there is no picture
    const button = h("button", { type: "button", class: "ham-thumb", "aria-label": label, title: label, "data-work": item, onclick: () => this.toggle(item, wish) },
      mat, h("span", { class: "ham-thumb-away", "aria-hidden": "true" }, icon("close")));
    return button;
  }

  /** Remove a thumbnail without losing the keyboard's place. */
  discard(button, row) {
    const focused = button === document.activeElement;
    const next = button.nextElementSibling ?? button.previousElementSibling;
    this.pictures.drop(button);
    button.remove();
    if (focused) (next ?? (this.recommend.disabled ? this.field : this.recommend)).focus();
  }

  // ---- turns --------------------------------------------------------------------------------------------------

  insert(entry) {
    entry.body = h("div", { class: "ham-turn-body" });
    entry.title = h("h3", { class: "ham-turn-title" });
    entry.element = h("details", { class: "ham-turn", "data-turn": entry.heading.id }, h("summary", { class: "ham-summary" }, entry.title, icon("fold")), entry.body);
    const older = [...this.list.children].find((element) => Number(element.dataset.turn) < entry.heading.id);
    if (!entry.partial && entry.open) this.foldNewest();
    this.list.insertBefore(entry.element, older ?? null);
    entry.element.open = entry.open;
    this.drawTurn(entry, 0);
    entry.element.addEventListener("toggle", () => this.toggled(entry));
  }

  /** What asked for an answer goes away with it, be it an example or a card; the keyboard and the eye follow. */
  arrive(entry, request) {
    const leaving = [this.start, this.list].some((place) => place.contains(document.activeElement));
    const follow = request && request === this.pending && leaving;
    this.insert(entry);
    if (!follow) return;
    entry.element.firstElementChild.focus({ preventScroll: true });
    entry.element.scrollIntoView({ block: entry.element.getBoundingClientRect().top < 0 ? "start" : "nearest" });
  }

  remove(entry) {
    this.pictures.drop(entry.element);
    entry.element.remove();
  }

  /** A new turn folds the one that was on top. */
  foldNewest() {
    const top = this.turns.get(Number(this.list.firstElementChild?.dataset.turn));
    if (top) this.fold(top, false);
  }

  fold(entry, open) {
    entry.element.open = open;
    this.toggled(entry);
  }

  /** Folded turns hold no cards, so a long session stays as light as a short one. */
  toggled(entry) {
    if (entry.open === entry.element.open && !entry.partial) return;
    entry.open = entry.element.open;
    if (!entry.open) {
      this.pictures.drop(entry.body);
      entry.body.replaceChildren();
    } else if (entry.partial) {
      entry.partial = false;
      this.send("turn", { turn: entry.heading.id, for: this.name });
    } else this.drawTurn(entry, 0);
  }

  drawTurn(entry, start) {
    entry.title.replaceChildren(...this.headline(entry.heading));
    if (!entry.open || entry.partial) return;
    if (start === 0) {
      this.pictures.drop(entry.body);
      entry.cards = h("ul", { class: "ham-cards", role: "list" });
      entry.more = h("div", { class: "ham-more" });
      entry.body.replaceChildren(...this.notes(entry.heading), entry.cards, entry.more);
    }
    const best = Math.max(...entry.works.map((work) => work.score), 1e-9);
    const fresh = entry.works.slice(start).map((work) => this.card(work, entry, best));
    const follow = start > 0 && entry.more.contains(document.activeElement);
    entry.cards.append(...fresh);
    entry.cards.hidden = !entry.works.length;
    this.drawMore(entry);
    if (follow) (fresh[0] ?? entry.cards.lastElementChild)?.querySelector(".ham-open").focus({ preventScroll: true });
  }

  headline({ kind, text: asked, filters, from, sources, count: n, corrected, skipped }) {
    const head = {
      search: () => text(quoted(asked), { class: "ham-asked" }),
      recommend: () => h("span", { class: "ham-asked", text: "Recommended for you" }),
      similar: () => h("span", { class: "ham-asked" }, "More like ", text(from[0]?.[1] || "Untitled")),
    }[kind]();
    const further = kind === "search" && skipped > 0;
    const told = [...filters, n ? count(n, further ? "more work" : "work") : further ? "Nothing more" : "Nothing found"];
    for (const [wrong, right] of corrected) told.push(`${quoted(wrong)} read as ${quoted(right)}`);
    if (kind === "recommend") told.push(`from ${listed(from.map(([, title]) => title || "Untitled"), sources)}`);
    return [head, h("span", { class: "ham-told" }, ...told.flatMap((part, at) => (at ? [" · ", text(part)] : [text(part)])))];
  }

  notes(heading) {
    const notes = [];
    const again = (label, wishes) => h("button", { type: "button", class: "ham-link", text: label, onclick: () => this.ask("search", { turn: heading.id, ...wishes }) });
    if (heading.corrected.length) notes.push(h("p", { class: "ham-note" }, again(`Search for ${quoted(shortened(heading.text))} as written`, { literal: true })));
    if (heading.skipped && heading.kind === "search")
      notes.push(h("p", { class: "ham-note" }, "Works you have already seen are left out. ", again("Show them again", { again: true })));
    if (!heading.count) notes.push(h("p", { class: "ham-empty", text: advice(heading) }));
    return notes;
  }

  drawMore(entry) {
    if (!entry.heading.more) {
      const end = entry.works.length > entry.heading.k ? h("p", { class: "ham-note", text: "That is all." }) : "";
      return entry.more.replaceChildren(end);
    }
    const waiting = entry.continuing ? "true" : null; // not disabled, which would lose the keyboard's place
    entry.more.replaceChildren(h("button", { type: "button", class: "ham-button", text: "Show more", "aria-disabled": waiting, onclick: () => this.continue(entry) }));
  }

  continue(entry) {
    if (entry.continuing) return;
    entry.continuing = `${this.name}-${++this.requests}`;
    entry.more.firstElementChild.setAttribute("aria-disabled", "true");
    this.send("more", { turn: entry.heading.id, request: entry.continuing });
    this.wait();
  }

  continued(entry) {
    entry.continuing = null;
    if (!this.pending) clearTimeout(this.patience);
    entry.more?.firstElementChild?.removeAttribute("aria-disabled");
  }

  card(work, entry, best) {
    const label = `${this.name}-${entry.heading.id}-${work.rank}`;
    const by = [work.artist, work.date].filter(Boolean);
    const card = h(
      "li",
      { class: "ham-card", "aria-labelledby": label, "data-item": work.id },
      h("button", { type: "button", class: "ham-open", "aria-label": `Details of ${titleOf(work)}`, onclick: () => this.showDetail(work, entry) }, this.pictures.frame(work)),
      h("div", { class: "ham-caption" },
        h("p", { class: "ham-title", id: label, dir: "auto", text: titleOf(work), title: titleOf(work) }),
        h("p", { class: "ham-by" }, ...by.flatMap((part, at) => (at ? [", ", text(part)] : [text(part)])))),
      h("div", { class: "ham-actions" }, ...this.actions(work.id, label), score(work, best)),
      attribution(work),
    );
    press(card, this.liked(), this.disliked());
    return card;
  }

  actions(item, label) {
    const about = { "aria-describedby": label };
    return [
      iconButton("heart", "Like", () => this.toggle(item, "like"), { ...about, "aria-pressed": "false" }),
      iconButton("not", "Not for me", () => this.toggle(item, "dislike"), { ...about, "aria-pressed": "false" }),
      iconButton("similar", "More like this", () => (this.dialog.close(), this.ask("similar", { item })), about, h("span", { class: "ham-word", "aria-hidden": "true", text: "More like this" })),
    ];
  }

  // ---- one work, large ----------------------------------------------------------------------------------------

  buildDialog() {
    this.leaf = h("div", { class: "ham-leaf" });
    const dialog = h("dialog", { class: "ham-dialog", "aria-labelledby": `${this.name}-detail` },
      iconButton("close", "Close", () => dialog.close()), this.leaf);
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("close", () => (this.pictures.drop(this.leaf), this.leaf.replaceChildren(), (this.detail = null)));
    return dialog;
  }

  showDetail(work, entry) {
    this.detail = { id: work.id, turn: entry.heading.id };
    this.drawDetail(work);
    this.dialog.showModal();
    this.send("detail", { item: work.id, turn: entry.heading.id, for: this.name });
  }

  receiveDetail({ work, turn, for: view }) {
    if (view !== this.name || this.detail?.id !== work.id || this.detail.turn !== turn) return;
    this.drawDetail({ ...this.works.get(work.id), ...work }, true);
  }

  drawDetail(work, whole = false) {
    const label = `${this.name}-detail`;
    let mat = this.leaf.querySelector(".ham-large");
    if (!mat) mat = this.pictures.frame(work, "ham-large", true);
    const by = [work.artist, work.date].filter(Boolean);
    const page = webAddress(work.page);
    this.leaf.setAttribute("data-item", work.id);
    const side = h(
      "div",
      { class: "ham-side" },
      h("h2", { class: "ham-detail-title", id: label, dir: "auto", text: titleOf(work) }),
      h("p", { class: "ham-detail-by" }, ...by.flatMap((part, at) => (at ? [", ", text(part)] : [text(part)]))),
      h("div", { class: "ham-actions" }, ...this.actions(work.id, label)),
      whole ? why(work, this.works) : "",
      ...(whole ? work.descriptions.map(description) : []),
      whole ? facts(work) : "",
      page ? h("p", {}, link(page, "See it at the museum")) : "",
    );
    const old = this.leaf.querySelector(".ham-side");
    if (whole && work.large) enlarge(mat, work.large);
    const focused = old?.contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") : null;
    if (old) old.replaceWith(side);
    else this.leaf.replaceChildren(mat, side);
    if (focused) side.querySelector(`[aria-label="${focused}"]`)?.focus();
    press(this.leaf, this.liked(), this.disliked());
  }
}

function setText(element, value) {
  if (element.textContent !== value) element.textContent = value;
  element.hidden = !value;
}

function press(element, liked, disliked) {
  const { item } = element.dataset;
  const [like, dislike] = [liked.includes(item), disliked.includes(item)];
  element.querySelector(".ham-heart")?.setAttribute("aria-pressed", like);
  element.querySelector(".ham-not")?.setAttribute("aria-pressed", dislike);
  element.classList.toggle("ham-disliked", dislike);
}

function score(work, best) {
  const bar = h("span", { class: "ham-bar" });
  bar.style.setProperty("--share", Math.max(0, work.score / best).toFixed(3));
  return h("span", { class: "ham-score", title: "How well it answers; comparable within one list" }, h("span", { class: "ham-hidden", text: "Score " }), h("span", { text: work.score.toFixed(2) }), bar);
}

function link(address, label) {
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer", class: "ham-away" }, label, icon("away"));
}

function attribution(work) {
  const page = webAddress(work.page);
  return h("p", { class: "ham-credit" }, work.credit ? text(work.credit, { class: "ham-credit-text", title: work.credit }) : "", page ? link(page, "Museum page") : "");
}

/** Put the museum's own picture in the place of the small one, once it is there; without it nothing changes. */
function enlarge(mat, address) {
  const picture = h("img", { alt: "", decoding: "async", referrerpolicy: "no-referrer" });
  picture.addEventListener("load", () => mat.replaceChildren(picture));
  picture.src = webAddress(address);
}

function advice({ kind, text: asked, skipped }) {
  if (kind === "search" && skipped) return `You have seen everything that answers ${quoted(asked)}. Show it again, or try other words.`;
  if (kind === "search") return `Nothing answers ${quoted(asked)}. Try fewer or more general words, another spelling, or widen the filters.`;
  return "No work is left that fits. Like something else, widen the filters, or search for words.";
}

function why(work, works) {
  const rows = Object.entries(work.channels).map(([name, value]) => {
    const bar = h("span", { class: "ham-bar" });
    bar.style.setProperty("--share", Math.min(1, Math.max(0, value)).toFixed(3));
    return [h("dt", { text: CHANNELS[name] ?? name }), h("dd", {}, h("span", { text: value.toFixed(2) }), bar)];
  });
  const notes = [];
  if (work.nearest) notes.push(h("p", {}, "Closest to ", text(titleOf(works.get(work.nearest) ?? { title: work.nearest_title }), { class: "ham-named" }), ", which you liked."));
  if (work.folded) notes.push(h("p", { text: `Stands for ${count(work.folded, "more work")} with a nearly identical picture.` }));
  if (!rows.length && !notes.length) return "";
  return h("section", { class: "ham-why" }, h("h3", { text: "Why it is here" }), h("dl", {}, ...rows.flat()), ...notes);
}

function description({ text: words, by }) {
  return h("figure", { class: "ham-description" }, h("blockquote", { dir: "auto", text: words }), by ? h("figcaption", { dir: "auto", text: by }) : "");
}

function facts(work) {
  const known = FACTS.filter(([, name]) => work[name]);
  return h("dl", { class: "ham-facts" }, ...known.flatMap(([label, name]) => [h("dt", { text: label }), h("dd", { dir: "auto", text: work[name] })]));
}

export default {
  render({ model, el }) {
    const view = new View(model, el);
    view.open();
    return () => view.close();
  },
};
