// @ts-check
// The page that takes pictures in: choose or drop them, name the collection, see them arrive.

import { h, setText } from "../../frontend/static/dom.js";
import { count } from "../../frontend/static/words.js";
import { install, pageHead, reachLine } from "./page.js";
import { ask, filesOf, sendAll } from "./sending.js";

/** @import { Chosen, Upload } from "./sending.js" */

const LOOKED_AT = "Reading pictures"; // what a build calls it
const LISTED = 200;

/** @type {Chosen[]} */
let chosen = [];
const reach = reachLine();
const said = h("p", { class: "page-said", role: "status" });
const name = h("input", {
  class: "page-field",
  id: "name",
  name: "collection",
  autocomplete: "off",
  maxlength: "80",
  list: "known",
  required: true,
});
const known = h("datalist", { id: "known" });
const go = h("button", { class: "page-button", text: "Make them searchable", disabled: true });
const bar = h("progress", { class: "page-progress", max: "1", value: "0", "aria-label": "Arrived" });
const state = h("p", { class: "page-state", role: "status" });
const problems = h("div", { class: "page-problems" });
const limits = h("p", { class: "page-about" });
const files = picker("Choose files", { multiple: true });
const folder = picker("Choose a folder", { webkitdirectory: true });
const drop = h(
  "div",
  { class: "page-drop" },
  h("p", { class: "page-drop-title", text: "Drop pictures, a folder, or a table with its pictures here" }),
  h("p", { class: "page-choose" }, files, folder),
  limits,
);
const form = h(
  "form",
  { class: "page-upload", onsubmit: (/** @type {Event} */ event) => send(event) },
  drop,
  said,
  h("label", { class: "page-label", for: "name", text: "The collection's name" }),
  h("div", { class: "page-row" }, name, known, go),
);
const progress = h("section", { class: "page-arriving", hidden: true }, bar, state, problems);

document.body.append(
  pageHead({ back: { label: "Collections", href: "/" } }),
  reach.element,
  h(
    "main",
    { class: "page-main page-start page-narrow" },
    h("h1", { text: "Your own pictures" }),
    form,
    progress,
  ),
);
install();

for (const event of ["dragover", "dragenter"])
  document.addEventListener(event, (given) => {
    given.preventDefault();
    drop.classList.add("page-over");
  });
document.addEventListener("dragleave", (event) => event.relatedTarget || drop.classList.remove("page-over"));
document.addEventListener("drop", async (event) => {
  event.preventDefault();
  drop.classList.remove("page-over");
  if (event.dataTransfer && form.isConnected && !form.hidden) choose(await filesOf(event.dataTransfer));
});

const [allowed, { collections, read_only }] = await Promise.all([
  ask("/uploads/limits", {}, reach.draw),
  ask("/collections", {}, reach.draw),
]);
const own = collections.filter((/** @type {{ changeable: boolean }} */ each) => each.changeable);
known.append(...own.map((/** @type {{ name: string }} */ each) => h("option", { value: each.name })));
const gigabytes = (/** @type {number} */ bytes) => `${Math.round(bytes / 1024 ** 3)} GB`;
const megabytes = (/** @type {number} */ bytes) => `${Math.round(bytes / 1024 ** 2)} MB`;
limits.textContent = [
  `JPEG, PNG, WebP, TIFF, GIF and more; up to ${allowed.files.toLocaleString("en")} at once,`,
  `${megabytes(allowed.bytes_of_a_file)} each, ${gigabytes(allowed.bytes)} in all.`,
  `Each row of a table (CSV, JSON, Excel, Parquet; ${megabytes(allowed.bytes_of_a_table)}) is a work;`,
  "a column names its picture's file, sent with it or later. They stay on this server.",
].join(" ");
if (read_only) {
  form.hidden = true;
  progress.hidden = false;
  bar.hidden = true;
  state.textContent = "This server takes no pictures.";
}

/** @param {string} label @param {Record<string, boolean | string>} options */
function picker(label, options) {
  const input = h("input", { type: "file", class: "page-file", "aria-label": label, ...options });
  input.addEventListener("change", () =>
    choose([...(input.files ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }))),
  );
  return h("label", { class: "page-pick" }, input, label);
}

/** @param {Chosen[]} found */
function choose(found) {
  chosen = found;
  go.disabled = !found.length;
  const bytes = found.reduce((sum, { file }) => sum + file.size, 0);
  const all = `${count(found.length, "file")}, ${size(bytes)}. ${aboutTables(found)}`.trim();
  setText(said, found.length ? all : "There are no files in that.");
  const first = found[0]?.path.split("/") ?? [];
  if (!name.value && first.length > 1)
    name.value = (first[0] ?? "").replace(/[^\p{L}\p{N}_ .-]/gu, " ").trim();
  if (found.length && !name.value) name.focus();
}

/** @param {Chosen[]} found */
function aboutTables(found) {
  const tables = found.filter(({ path }) => isTable(path));
  const [only] = tables;
  if (!only) return "";
  const named = tables.length === 1 ? only.file.name : "a table";
  if (tables.length === found.length) return `Each row of ${named} becomes a work.`;
  return `If ${named} names these pictures, each of its rows becomes a work; else it is left out.`;
}

/** @param {string} path */
function isTable(path) {
  return allowed.tables.some((/** @type {string} */ ending) => path.toLowerCase().endsWith(ending));
}

/** @param {Event} event */
async function send(event) {
  event.preventDefault();
  setText(said, "");
  form.hidden = true;
  progress.hidden = false;
  try {
    draw(await sendAll(name.value, chosen, draw, reach.draw));
  } catch (error) {
    progress.hidden = true;
    form.hidden = false;
    setText(said, error instanceof Error ? error.message : "That did not work.");
  }
}

/** @param {Upload} upload */
function draw(upload) {
  const total = upload.files.reduce((sum, file) => sum + file.size, 0) || 1;
  const arrived = upload.files.reduce((sum, file) => sum + file.received, 0);
  const whole = upload.files.filter((file) => file.received === file.size).length;
  if (upload.stage === "receiving") {
    bar.value = arrived / total;
    const files = `${whole.toLocaleString("en")} of ${count(upload.files.length, "file")}`;
    state.textContent = `${files} arrived, ${size(arrived)} of ${size(total)}.`;
  } else if (upload.stage === "building") {
    const { doing = "", done = 0, total = 0 } = upload.job ?? {};
    if (doing === LOOKED_AT && total) bar.value = done / total;
    else bar.removeAttribute("value");
    state.textContent = building(doing, done, total);
  } else {
    bar.value = 1;
    bar.hidden = true;
    state.replaceChildren(...ended(upload));
  }
  drawProblems([...upload.refused, ...upload.problems]);
}

/** @param {string} doing @param {number} done @param {number} total */
function building(doing, done, total) {
  if (doing !== LOOKED_AT || !total) return "All arrived. Now they are made searchable…";
  return `All arrived. ${done.toLocaleString("en")} of ${count(total, "picture")} looked at…`;
}

/** @param {Upload} upload */
function ended({ stage, said: why, works, collection }) {
  if (stage === "failed") return [`That did not work. ${why}`];
  const address = `/${encodeURIComponent(collection)}`;
  return [
    `${count(works, "work")} can be searched. `,
    h("a", { class: "page-go", href: address, text: `Open ${collection}` }),
    h("span", { class: "page-read", text: why }),
  ];
}

/** @param {[name: string, reason: string][]} left */
function drawProblems(left) {
  if (!left.length) return problems.replaceChildren();
  const rows = left
    .slice(0, LISTED)
    .map(([file, reason]) => h("li", {}, h("bdi", { text: file }), ` ${reason}`));
  const more =
    left.length > LISTED ? [h("p", { text: `… and ${count(left.length - LISTED, "other")}.` })] : [];
  problems.replaceChildren(h("h2", { text: "Left out" }), h("ul", {}, ...rows), ...more);
}

/** @param {number} bytes */
function size(bytes) {
  if (bytes < 1_000_000) return `${Math.ceil(bytes / 1_000)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
