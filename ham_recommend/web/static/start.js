// @ts-check
// The collections; or, where an address leads nowhere, where to go instead.

import { h } from "../../frontend/static/dom.js";
import { count } from "../../frontend/static/words.js";
import { managed } from "./managing.js";
import { install, pageHead, reachLine } from "./page.js";

/**
 * @typedef {object} Collection
 * @property {string} name
 * @property {number} works
 * @property {string} built_at
 * @property {string | null} example
 * @property {boolean} changeable
 */

const missing = document.documentElement.dataset.view === "missing";
const reach = reachLine();
const list = h("ul", { class: "page-collections", role: "list", "aria-busy": "true" });
const notes = h("div");
const title = missing ? "There is nothing here" : "Collections";
const add = h("a", { class: "page-add", href: "/upload", text: "Add your own pictures", hidden: true });
const foot = h(
  "footer",
  { class: "page-foot" },
  h("a", { href: "/frame", text: "A picture frame" }),
  h("a", { href: "/docs", text: "The API" }),
);

document.body.append(
  pageHead(),
  reach.element,
  h(
    "main",
    { class: "page-main page-start" },
    h("h1", { text: title }),
    lead(),
    list,
    h("p", {}, add),
    notes,
    foot,
  ),
);
install();

for (let tried = 0; ; tried += 1) {
  const response = await fetch("/api/v1/collections").catch(() => null);
  if (response?.ok) {
    reach.draw(true);
    draw(await response.json());
    break;
  }
  reach.draw(false);
  await new Promise((resolve) => setTimeout(resolve, Math.min(10_000, 500 * 2 ** tried)));
}

function lead() {
  const said = missing
    ? "The address names no collection of this server. These are there:"
    : "Find art by describing it, like what you see, and be led to more.";
  return h("p", { class: "page-lead", text: said });
}

/** @param {{ collections: Collection[], closed: string[], read_only: boolean }} known */
function draw({ collections, closed, read_only }) {
  add.hidden = read_only;
  list.replaceChildren(...collections.map(entry));
  list.removeAttribute("aria-busy");
  if (!collections.length) notes.append(h("p", { text: "None is served yet. Build one with: ham build" }));
  if (closed.length)
    notes.append(
      h("p", {
        class: "page-said",
        text: `Cannot be opened now: ${closed.join(", ")}. The server's log says why.`,
      }),
    );
}

/** @param {Collection} collection */
function entry({ name, works, built_at, example, changeable }) {
  const picture = h("span", { class: "page-picture" });
  if (example) picture.append(h("img", { src: example, alt: "", loading: "lazy", decoding: "async" }));
  const built = new Date(built_at);
  const when = Number.isNaN(built.getTime())
    ? ""
    : ` · built ${built.toLocaleDateString("en", { dateStyle: "medium" })}`;
  return h(
    "li",
    {},
    h(
      "a",
      { class: "page-collection", href: `/${encodeURIComponent(name)}` },
      picture,
      h("span", { class: "page-name", dir: "auto", text: name }),
      h("span", { class: "page-about", text: `${count(works, "work")}${when}` }),
    ),
    changeable ? managed(name) : null,
  );
}
