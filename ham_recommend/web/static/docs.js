// @ts-check
// The description of the API, drawn from openapi.json: no library, nothing from elsewhere.

import { h } from "../../frontend/static/dom.js";
import { pageHead } from "./page.js";

/** @typedef {Record<string, any>} Json */

const main = h("main", { class: "page-main docs", "aria-busy": "true" });
document.body.append(pageHead({ back: { label: "Collections", href: "/" } }), main);

const description = await fetch("/api/v1/openapi.json").then((response) => response.json());
/** @type {Record<string, ReturnType<typeof operations>>} */
const byTag = {};
for (const each of operations(description)) byTag[each.tag] = [...(byTag[each.tag] ?? []), each];
main.append(
  h("h1", { text: "The API" }),
  h("p", { class: "page-lead" }, ...marked(description.info.description)),
  h("p", {}, h("a", { href: "/api/v1/openapi.json", text: "openapi.json" }), " describes it for programs."),
  ...Object.entries(byTag).flatMap(([tag, of]) => [h("h2", { text: tag }), ...of.map(drawn)]),
);
main.removeAttribute("aria-busy");

/** @param {Json} described */
function operations({ paths }) {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(/** @type {Json} */ (methods)).map(([method, operation]) => ({
      path,
      method: method.toUpperCase(),
      tag: operation.tags?.[0] ?? "more",
      operation,
    })),
  );
}

/** @param {{ path: string, method: string, operation: Json }} of */
function drawn({ path, method, operation }) {
  const answers = Object.entries(operation.responses).filter(([status]) => Number(status) < 400);
  return h(
    "details",
    { class: "docs-operation" },
    h(
      "summary",
      {},
      h("span", { class: "docs-method", text: method }),
      h("span", { class: "docs-path", text: path }),
      h("span", { class: "docs-about", text: operation.summary ?? "" }),
    ),
    h(
      "div",
      { class: "docs-body" },
      h("p", {}, ...marked(operation.description ?? "")),
      parameters(operation.parameters ?? []),
      content("Body", operation.requestBody?.content),
      ...answers.map(([status, answer]) => content(`Answer ${status}`, answer.content)),
    ),
  );
}

/** @param {Json[]} known */
function parameters(known) {
  if (!known.length) return null;
  const rows = known.map(({ name, in: where, required, schema, description: said }) => {
    const limits = [where, required ? "needed" : "", type(schema), said ?? schema.description ?? ""];
    const texts = limits.filter(Boolean).flatMap((each, at) => [at ? " · " : "", ...marked(each)]);
    return h("tr", {}, h("th", { scope: "row" }, h("code", { text: name })), h("td", {}, ...texts));
  });
  return h(
    "section",
    {},
    h("h3", { text: "Parameters" }),
    h("table", { class: "docs-table" }, h("tbody", {}, ...rows)),
  );
}

/** @param {string} title @param {Json | undefined} of */
function content(title, of) {
  if (!of) return null;
  const shown = Object.entries(of).map(([media, { schema }]) => {
    const shape = schema ? JSON.stringify(example(schema), null, 2) : "";
    return h(
      "div",
      {},
      h("p", {}, h("code", { text: media })),
      shape ? h("pre", { tabindex: "0", text: shape }) : null,
    );
  });
  return h("section", {}, h("h3", { text: title }), ...shown);
}

/** @param {Json} schema @returns {string} */
function type(schema) {
  if (schema.$ref) return type(resolved(schema));
  if (schema.anyOf)
    return schema.anyOf
      .map(type)
      .filter((/** @type {string} */ one) => one !== "null")
      .join(" or ");
  if (schema.type === "array") return `list of ${type(schema.items ?? {})}`;
  const known = [schema.type ?? "anything"];
  if (schema.minimum !== undefined) known.push(`from ${schema.minimum}`);
  if (schema.maximum !== undefined) known.push(`to ${schema.maximum}`);
  if (schema.default !== undefined && schema.default !== null) known.push(`else ${schema.default}`);
  return known.join(" ");
}

/** What such a value looks like, by its types. @param {Json} schema @param {number} [depth] @returns {any} */
function example(schema, depth = 0) {
  if (schema.$ref) return depth > 6 ? "…" : example(resolved(schema), depth + 1);
  if (schema.prefixItems)
    return schema.prefixItems.map((/** @type {Json} */ each) => example(each, depth + 1));
  if (schema.properties) {
    const fields = Object.entries(schema.properties);
    return Object.fromEntries(fields.map(([name, field]) => [name, example(field, depth + 1)]));
  }
  if (schema.type === "array") return [example(schema.items ?? {}, depth + 1)];
  return type(schema);
}

/** @param {Json} schema @returns {Json} */
function resolved({ $ref }) {
  return $ref
    .slice(2)
    .split("/")
    .reduce((/** @type {Json} */ at, /** @type {string} */ step) => at[step], description);
}

/** Text with `code` in it. @param {string} words */
function marked(words) {
  return words.split("`").map((part, at) => (at % 2 ? h("code", { text: part }) : part));
}
