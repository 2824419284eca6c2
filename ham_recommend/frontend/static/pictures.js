// @ts-check
// Pictures come as bytes once their frame is near the screen, many in one message; remote ones by address.

import { button, h, webAddress } from "./dom.js";

/** @import { WorkCard } from "./protocol.d.ts" */

const MEMORY = 32 * 1024 * 1024; // bytes kept, so that opening a turn again needs no new transfer
const MARGIN = "400px"; // how close to the screen a picture is fetched

export class Pictures {
  /** @type {Map<Element, WorkCard>} Frame → the work it will show once it is close to the screen. */
  #unseen = new Map();
  /** @type {Map<string, Set<Element>>} Item → the frames that wait for its bytes. */
  #waiting = new Map();
  /** @type {Set<string>} What the next message will ask for. */
  #wanted = new Set();
  /** @type {Map<string, Blob | null>} Item → its bytes, least recently used first. */
  #kept = new Map();
  #bytes = 0;
  /** @type {WeakMap<Element, () => void>} Frame → try again to fill it. */
  #retries = new WeakMap();
  /** @type {IntersectionObserver[] | undefined} */
  #observing;

  /**
   * @param {(itemIds: string[]) => void} ask
   * @param {HTMLElement} host
   */
  constructor(ask, host) {
    this.ask = ask;
    this.host = host;
  }

  /**
   * Return a frame that fills once it is close to the screen, or right away.
   *
   * @param {WorkCard} work
   * @param {string} [className]
   * @param {boolean} [rightAway]
   */
  frame(work, className = "ham-mat", rightAway = false) {
    const frame = h("span", { class: `${className} ham-frame` });
    if (work.picture_url === "") frame.append(noPicture());
    else if (rightAway) this.#load(frame, work);
    else {
      this.#unseen.set(frame, work);
      for (const observer of this.#observers) observer.observe(frame);
    }
    return frame;
  }

  /**
   * @param {string[]} itemIds
   * @param {string[]} mimes
   * @param {DataView<ArrayBuffer>[]} buffers
   */
  receive(itemIds, mimes, buffers) {
    for (const [at, itemId] of itemIds.entries()) {
      const frames = this.#waiting.get(itemId);
      if (!frames) continue; // another view asked
      this.#waiting.delete(itemId);
      const blob = mimes[at] && buffers[at] ? new Blob([buffers[at]], { type: mimes[at] }) : null;
      this.#keep(itemId, blob);
      for (const frame of frames) paint(frame, blob, this.#retries.get(frame));
    }
  }

  /**
   * Forget the frames inside an element that leaves the page.
   *
   * @param {Element} element
   */
  release(element) {
    for (const frame of element.querySelectorAll(".ham-frame")) {
      this.#leave(frame);
      this.#unseen.delete(frame);
    }
  }

  close() {
    for (const observer of this.#observing ?? []) observer.disconnect();
    for (const store of [this.#unseen, this.#waiting, this.#wanted, this.#kept]) store.clear();
  }

  /**
   * A margin only counts around the observer's own root, and a notebook scrolls inside the page; a dialog
   * stands over the page, and nothing in it ever meets what scrolls below.
   */
  get #observers() {
    this.#observing ??= [...new Set([scroller(this.host), null])].map(
      (root) => new IntersectionObserver((entries) => this.#seen(entries), { root, rootMargin: MARGIN }),
    );
    return this.#observing;
  }

  /** @param {Element} frame */
  #leave(frame) {
    for (const observer of this.#observers) observer.unobserve(frame);
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #seen(entries) {
    for (const { isIntersecting, target } of entries) {
      const work = isIntersecting && this.#unseen.get(target);
      if (!work) continue;
      this.#unseen.delete(target);
      this.#leave(target);
      this.#load(target, work);
    }
  }

  /**
   * @param {Element} frame
   * @param {WorkCard} work
   */
  #load(frame, work) {
    const retry = () => {
      this.#forget(work.item_id);
      this.#load(frame, work);
    };
    this.#retries.set(frame, retry);
    if (work.picture_url) frame.replaceChildren(remotePicture(work.picture_url, () => failed(frame, retry)));
    else if (this.#kept.has(work.item_id)) paint(frame, this.#recall(work.item_id), retry);
    else this.#want(work.item_id, frame);
  }

  /** @param {string} itemId */
  #forget(itemId) {
    this.#bytes -= this.#kept.get(itemId)?.size ?? 0;
    this.#kept.delete(itemId);
  }

  /**
   * @param {string} itemId
   * @param {Element} frame
   */
  #want(itemId, frame) {
    if (!this.#wanted.size) queueMicrotask(() => this.#askForWanted());
    const frames = this.#waiting.get(itemId);
    if (frames) frames.add(frame);
    else {
      this.#waiting.set(itemId, new Set([frame]));
      this.#wanted.add(itemId);
    }
  }

  #askForWanted() {
    if (this.#wanted.size) this.ask([...this.#wanted]);
    this.#wanted.clear();
  }

  /**
   * @param {string} itemId
   * @param {Blob | null} blob
   */
  #keep(itemId, blob) {
    this.#kept.set(itemId, blob);
    this.#bytes += blob?.size ?? 0;
    for (const [oldest, old] of this.#kept) {
      if (this.#bytes <= MEMORY) break;
      this.#kept.delete(oldest);
      this.#bytes -= old?.size ?? 0;
    }
  }

  /** @param {string} itemId */
  #recall(itemId) {
    const blob = this.#kept.get(itemId) ?? null;
    this.#kept.delete(itemId);
    this.#kept.set(itemId, blob);
    return blob;
  }
}

/**
 * Put the museum's own picture in the place of the small one, once it is there; without it nothing changes.
 *
 * @param {Element} frame
 * @param {string | Blob} large its address, or its bytes
 */
export function enlarge(frame, large) {
  const address = typeof large === "string" ? webAddress(large) : URL.createObjectURL(large);
  const picture = h("img", { alt: "", decoding: "async", referrerpolicy: "no-referrer" });
  const settle = () => URL.revokeObjectURL(address);
  picture.addEventListener("load", () => {
    frame.replaceChildren(picture);
    settle();
  });
  picture.addEventListener("error", settle);
  picture.src = address;
}

/**
 * @param {Element} frame
 * @param {Blob | null} blob
 * @param {() => void} [retry]
 */
function paint(frame, blob, retry) {
  if (!blob) return failed(frame, retry);
  const address = URL.createObjectURL(blob);
  const picture = h("img", { alt: "", decoding: "async" });
  picture.addEventListener("load", () => URL.revokeObjectURL(address));
  picture.addEventListener("error", () => {
    URL.revokeObjectURL(address);
    failed(frame, retry);
  });
  picture.src = address;
  frame.replaceChildren(picture);
}

/** @type {(address: string, onerror: () => void) => HTMLElement} */
function remotePicture(address, onerror) {
  const hints = { loading: "lazy", decoding: "async", referrerpolicy: "no-referrer" };
  const picture = h("img", { alt: "", ...hints });
  picture.addEventListener("error", onerror);
  picture.src = webAddress(address);
  return picture;
}

/**
 * A picture that should be there is not. Inside a button there can be no other: opening the work tries again.
 *
 * @param {Element} frame
 * @param {() => void} [retry]
 */
function failed(frame, retry) {
  const said = h("span", { class: "ham-no-picture", text: "The picture did not load" });
  const role = frame.getAttribute("role");
  const again = button("Try again", "ham-button", () => {
    if (role) frame.setAttribute("role", role);
    retry?.();
    if (frame instanceof HTMLElement && !frame.contains(document.activeElement)) frame.focus();
  });
  if (frame.closest("button")) frame.replaceChildren(said);
  else {
    frame.removeAttribute("role"); // a button holds no other
    frame.replaceChildren(h("span", { class: "ham-failed" }, said, again));
  }
}

function noPicture() {
  return h("span", { class: "ham-no-picture", text: "No picture" });
}

/**
 * The element that scrolls what the interface is in, or `null` for the page.
 *
 * @param {HTMLElement} host
 */
function scroller(host) {
  for (let each = host.parentElement; each && each !== document.body; each = each.parentElement)
    if (/auto|scroll/.test(getComputedStyle(each).overflowY)) return each;
  return null;
}
