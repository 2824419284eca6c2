// @ts-check
// A question as the part of an address after the "?", and back.

/** @import { AnyQuestion, Heading, Where } from "../../frontend/static/protocol.d.ts" */

/** Names that are no field of a work; any other name is one to filter by. */
const OWN = new Set(["q", "like", "for", "work", "kind", "from", "to"]);

/**
 * What is asked, whoever asks: words, the work that answers should be like, or "you" for what is liked.
 *
 * @typedef {object} Question
 * @property {string} [q]
 * @property {string} [like]
 * @property {"you"} [for]
 * @property {Where} where
 */

/**
 * @param {AnyQuestion} event
 * @param {Heading | undefined} heading of the turn that the event names, if it does
 * @param {Where} before the filters of that turn
 * @returns {Question | null} null where its turn is not known
 */
export function questionOf(event, heading, before) {
  switch (event.type) {
    case "recommend":
      return { for: "you", where: event.where ?? {} };
    case "similar":
      return { like: event.item_id, where: event.where ?? {} };
    case "refilter":
      return heading ? { ...asked(heading), where: event.where ?? {} } : null;
    case "search":
      if (event.turn_id === undefined || event.turn_id === null)
        return { q: event.text ?? "", where: event.where ?? {} };
      return heading ? { ...asked(heading), where: before } : null;
  }
}

/**
 * @param {Heading} heading
 * @returns {Omit<Question, "where">}
 */
function asked({ kind, text, liked }) {
  if (kind === "search") return { q: text };
  return kind === "similar" ? { like: liked[0]?.[0] ?? "" } : { for: "you" };
}

/** @param {Question | null} question */
export function written(question) {
  const parameters = new URLSearchParams();
  if (!question) return parameters;
  for (const name of /** @type {const} */ (["q", "like", "for"]))
    if (question[name]) parameters.set(name, question[name]);
  for (const [field, wanted] of Object.entries(question.where)) {
    if (field === "years" && Array.isArray(wanted)) {
      if (wanted[0] !== null) parameters.set("from", String(wanted[0]));
      if (wanted[1] !== null) parameters.set("to", String(wanted[1]));
    } else for (const value of [wanted].flat()) if (value) parameters.append(nameOf(field), String(value));
  }
  return parameters;
}

/**
 * @param {URLSearchParams} parameters
 * @returns {Question | null}
 */
export function read(parameters) {
  const [q, like] = [parameters.get("q") ?? "", parameters.get("like") ?? ""];
  const where = whereOf(parameters);
  if (q) return { q, where };
  if (like) return { like, where };
  return parameters.get("for") === "you" ? { for: "you", where } : null;
}

/** @param {URLSearchParams} parameters */
function whereOf(parameters) {
  /** @type {Record<string, any>} */
  const where = {};
  const years = [year(parameters.get("from")), year(parameters.get("to"))];
  if (years.some((each) => each !== null)) where.years = years;
  for (const name of new Set(parameters.keys())) {
    if (OWN.has(name) && name !== "kind") continue;
    const values = parameters.getAll(name);
    where[name === "kind" ? "classification" : name] = values.length > 1 ? values : values[0];
  }
  return /** @type {Where} */ (where);
}

/** @param {string} field */
const nameOf = (field) => (field === "classification" ? "kind" : field);

/** @param {string | null} text */
function year(text) {
  const number = Number.parseInt(text ?? "", 10);
  return Number.isNaN(number) ? null : number;
}
