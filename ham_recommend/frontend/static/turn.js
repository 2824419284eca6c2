// @ts-check
// One turn: what was asked, and when it is open, its works.

import { chip } from "./chip.js";
import { button, h, icon, text, texts } from "./dom.js";
import { advice, quoted, shortened, summary, titleOf } from "./words.js";

/** @import { Cards } from "./card.js" */
/** @import { Pictures } from "./pictures.js" */
/** @import { Collection, Heading, HitCard } from "./protocol.d.ts" */

/** @typedef {{ correct?: boolean, allow_repeats?: boolean, ignore?: string[] }} Again */

/**
 * What a turn needs from the others.
 *
 * @typedef {object} TurnHost
 * @property {Cards} cards
 * @property {Pictures} pictures
 * @property {() => Collection} collection
 * @property {(turn: Turn) => void} load ask for its works
 * @property {(turn: Turn) => void} more ask for the works after these
 * @property {(turn: Turn, how: Again) => void} again ask the same again
 * @property {(words: string) => void} instead ask for other words
 * @property {(turn: Turn) => HTMLElement} below what can be done with all of it
 */

export class Turn {
  /** @type {string | null} The request that it answers. */
  request = null;
  /** @type {string | null} The request for more works that is under way. */
  continuing = null;
  /** @type {Blob | null} The picture that it was asked with, as far as this view has it. */
  picture = null;
  #cards = h("ul", { class: "ham-cards", role: "list" });
  #more = h("div", { class: "ham-more" });
  #body = h("div", { class: "ham-turn-body" });
  #title = h("h3", { class: "ham-turn-title" });

  /**
   * @param {TurnHost} host
   * @param {Heading} heading
   * @param {HitCard[] | null} works null when they have not been asked for yet
   * @param {boolean} open
   */
  constructor(host, heading, works, open) {
    this.host = host;
    this.heading = heading;
    this.works = works ?? [];
    this.loaded = works !== null;
    this.isOpen = open;
    this.summary = h("summary", { class: "ham-summary" }, this.#title, icon("chevron"));
    this.element = h(
      "details",
      { class: "ham-turn", "data-turn": heading.turn_id, open },
      this.summary,
      this.#body,
    );
    this.draw();
    this.element.addEventListener("toggle", () => this.#toggled());
  }

  /** What was asked, as one would say it. */
  get heard() {
    return shortened(asked(this.heading).textContent ?? "");
  }

  get id() {
    return this.heading.turn_id;
  }

  /**
   * Take over what Python sent: its works from a position on.
   *
   * @param {Heading} heading
   * @param {HitCard[]} works
   * @param {number} start
   */
  receive(heading, works, start) {
    this.heading = heading;
    this.works = [...this.works.slice(0, start), ...works];
    this.draw(start);
  }

  /**
   * Show, before what was asked, the picture that it was asked with.
   *
   * @param {Blob} picture
   */
  showPicture(picture) {
    const address = URL.createObjectURL(picture);
    const image = h("img", { class: "ham-own", alt: "", onload: () => URL.revokeObjectURL(address) });
    image.src = address;
    this.picture = picture;
    this.summary.prepend(image);
  }

  /** @param {boolean} open */
  setOpen(open) {
    this.element.open = open;
    this.#toggled();
  }

  /** What was under way has ended. */
  continued() {
    this.continuing = null;
    this.#more.firstElementChild?.removeAttribute("aria-disabled");
  }

  remove() {
    this.host.pictures.release(this.element);
    this.element.remove();
  }

  draw(start = 0) {
    this.#title.replaceChildren(asked(this.heading), about(this.heading));
    if (!this.isOpen || !this.loaded) return;
    if (start === 0) this.#begin();
    const best = Math.max(...this.works.map((work) => work.score), 1e-9);
    const fresh = this.works.slice(start).map((work) => this.host.cards.card(work, this.id, best));
    const follow = start > 0 && this.#more.contains(document.activeElement);
    this.#cards.append(...fresh);
    this.#cards.hidden = !this.works.length;
    this.#drawMore();
    if (follow) opener(fresh[0] ?? this.#cards.lastElementChild)?.focus({ preventScroll: true });
  }

  #begin() {
    this.host.pictures.release(this.#body);
    this.#cards.replaceChildren();
    const below = this.works.length ? this.host.below(this) : "";
    this.#body.replaceChildren(...this.#notes(), this.#cards, this.#more, below);
  }

  /** A closed turn holds no cards, so a long session stays as light as a short one. */
  #toggled() {
    if (this.isOpen === this.element.open) return;
    this.isOpen = this.element.open;
    if (!this.isOpen) {
      this.host.pictures.release(this.#body);
      this.#cards.replaceChildren();
      this.#body.replaceChildren();
    } else if (this.loaded) this.draw();
    else {
      this.loaded = true;
      this.host.load(this);
    }
  }

  #notes() {
    const { corrected, skipped_seen, kind, count: works, text: query } = this.heading;
    const { understood, ignore } = this.heading;
    const notes = [];
    if (understood.length) {
      const chips = understood.map(({ words, key }) =>
        key
          ? chip(words, () => this.host.again(this, { ignore: [...ignore, key] }))
          : h("span", { class: "ham-chip" }, text(words)),
      );
      notes.push(h("div", { class: "ham-chips", role: "group", "aria-label": "Understood" }, ...chips));
    }
    if (corrected.length) {
      const label = `Search for ${quoted(shortened(query))} as written`;
      notes.push(note(button(label, "ham-link", () => this.host.again(this, { correct: false }))));
    }
    if (skipped_seen && kind === "search") {
      const onclick = () => this.host.again(this, { allow_repeats: true });
      const again = button("Show them again", "ham-link", onclick);
      notes.push(note("Works you have already seen are left out. ", again));
    }
    if (!works) notes.push(this.#nothing());
    return notes;
  }

  /** What is said where no work was found: what may be meant, or what to try. */
  #nothing() {
    const { suggested } = this.heading;
    const said = h("p", { class: "ham-empty", text: advice(this.heading, this.host.collection()) });
    if (suggested) {
      const onclick = () => this.host.instead(suggested);
      const instead = button(quoted(shortened(suggested)), "ham-link", onclick);
      said.append(" Did you mean ", instead, "?");
    }
    return said;
  }

  #drawMore() {
    if (!this.heading.more) {
      const several = this.works.length > this.heading.k;
      return this.#more.replaceChildren(several ? note("That is all.") : "");
    }
    const waiting = this.continuing ? "true" : null; // not disabled, which would lose the keyboard's place
    const more = button("Show more", "ham-button", () => this.#continue(), { "aria-disabled": waiting });
    this.#more.replaceChildren(more);
  }

  #continue() {
    if (this.continuing) return;
    this.#more.firstElementChild?.setAttribute("aria-disabled", "true");
    this.host.more(this);
  }
}

/** @param {Heading} heading */
export function asked({ kind, text: query, liked, filters, colour }) {
  const className = { class: "ham-asked" };
  switch (kind) {
    case "search":
      return text(quoted(query), className);
    case "recommend":
      return h("span", { ...className, text: "Recommended for you" });
    case "similar":
      return h("span", className, "More like ", text(titleOf({ title: liked[0]?.[1] ?? "" })));
    case "surprise":
      return h("span", { ...className, text: "A surprise" });
    case "browse":
      return text(filters.join(", ") || "All works", className);
    case "picture":
      return h("span", className, "Like your picture ", text(query, { class: "ham-named" }));
    case "colour": {
      const swatch = h("span", { class: "ham-swatch-small", "aria-hidden": "true" });
      swatch.style.setProperty("--colour", /^#[0-9a-f]{6}$/.test(colour) ? colour : "transparent");
      return h("span", className, swatch, "With ", text(query));
    }
  }
}

/** @param {Heading} heading */
function about(heading) {
  return h("span", { class: "ham-about" }, ...texts(summary(heading), " · "));
}

/** @param {...(Node | string)} children */
function note(...children) {
  return h("p", { class: "ham-note" }, ...children);
}

/**
 * @param {Element | null | undefined} card
 * @returns {HTMLElement | null | undefined}
 */
function opener(card) {
  return card?.querySelector(".ham-open");
}
