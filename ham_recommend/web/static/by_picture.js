// @ts-check
// Search by a picture of one's own: chosen, dropped or pasted; it is looked at and not kept.

import { h, iconButton, setText } from "../../frontend/static/dom.js";
import { makerAndDate, titleOf } from "../../frontend/static/words.js";

/** @typedef {{ item_id: string, score: number, work: { title: string, artist: string[], date: string, thumbnail_url: string | null } }} Hit */

const MOST = 24;

/**
 * The button, and the dialog that it opens.
 *
 * @param {string} collection
 * @param {(itemId: string) => void} onOpen
 */
export function searchByPicture(collection, onOpen) {
  const input = h("input", {
    type: "file",
    accept: "image/*",
    class: "page-file",
    "aria-label": "A picture to search by",
  });
  const own = h("img", { class: "page-own", alt: "Your picture" });
  const said = h("p", { class: "page-said", role: "status" });
  const found = h("ol", { class: "page-found", role: "list" });
  const element = h(
    "dialog",
    { class: "page-dialog page-wide", "aria-labelledby": "page-alike" },
    iconButton("close", "Close", () => element.close(), { class: "page-close" }),
    h("h2", { id: "page-alike", text: "Works that look like it" }),
    h("div", { class: "page-alike" }, own, h("div", {}, said, found)),
  );

  /** @param {File} picture */
  const search = async (picture) => {
    const shown = URL.createObjectURL(picture);
    own.src = shown;
    found.replaceChildren();
    setText(said, "Looking…");
    if (!element.open) element.showModal();
    const address = `/api/v1/collections/${encodeURIComponent(collection)}/search-by-picture?limit=${MOST}`;
    const headers = { "Content-Type": "application/octet-stream" };
    const response = await fetch(address, { method: "POST", headers, body: picture }).catch(() => null);
    const content = await response?.json().catch(() => null);
    if (!response?.ok) return setText(said, content?.detail ?? "The server does not answer. Try again.");
    setText(said, content.hits.length ? "The picture is not kept." : "Nothing looks like it.");
    found.replaceChildren(...content.hits.map(entry));
  };

  /** @param {Hit} hit */
  const entry = ({ item_id, score, work }) => {
    const card = { title: work.title, artist: work.artist.join("; "), date: work.date };
    const picture = work.thumbnail_url
      ? h("img", { src: work.thumbnail_url, alt: "", loading: "lazy" })
      : null;
    const open = () => {
      element.close();
      onOpen(item_id);
    };
    return h(
      "li",
      {},
      h(
        "button",
        { type: "button", class: "page-hit", onclick: open, "aria-label": `Details of ${titleOf(card)}` },
        h("span", { class: "page-picture" }, picture),
        h("span", { class: "page-hit-title", dir: "auto", text: titleOf(card) }),
        h("span", { class: "page-about" }, makerAndDate(/** @type {any} */ (card)).join(", ")),
        h("span", { class: "page-score", text: Math.max(0, score).toFixed(2) }),
      ),
    );
  };

  input.addEventListener("change", () => {
    const [picture] = input.files ?? [];
    if (picture) search(picture);
    input.value = "";
  });
  for (const event of ["dragover", "dragenter"])
    document.addEventListener(event, (given) => given.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    const [picture] = event.dataTransfer?.files ?? [];
    if (picture) search(picture);
  });
  document.addEventListener("paste", ({ clipboardData }) => {
    const picture = [...(clipboardData?.files ?? [])].find(({ type }) => type.startsWith("image/"));
    if (picture) search(picture);
  });
  const button = h("label", { class: "page-link page-pick-link" }, input, "Search by a picture");
  return { button, element };
}
