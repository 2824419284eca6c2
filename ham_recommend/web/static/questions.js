// @ts-check
// A question as the part of an address after the "?", and back.

/** @import { AnyQuestion, Heading, Where } from "../../frontend/static/protocol.d.ts" */

/** Names that are no field of a work; any other name is one to filter by. */
const OWN = new Set(["q", "like", "colour", "by", "work", "from", "to", "view", "map", "x", "y", "z"]);

/**
 * What is asked, whoever asks: by words, like a work, by a colour, by one's likes or by chance; else by
 * filters.
 *
 * @typedef {object} Question
 * @property {string} [q]
 * @property {string} [like]
 * @property {string} [colour]
 * @property {"likes" | "chance"} [by]
 * @property {Where} where
 */

/**
 * @param {AnyQuestion} event
 * @param {Heading | undefined} heading of the turn that the event names, if it does
 * @param {Where} before the filters of that turn
 * @returns {Question | null} null where no address can say it
 */
export function questionOf(event, heading, before) {
  const where = event.where ?? {};
  switch (event.type) {
    case "recommend":
      return { by: "likes", where };
    case "surprise":
      return { by: "chance", where };
    case "browse":
      return { where };
    case "similar":
      return { like: event.item_id, where };
    case "colour":
      return { colour: event.colour, where };
    case "picture":
      return null;
    case "refilter":
      return heading ? asked(heading, where) : null;
    case "search":
      if (event.turn_id === undefined || event.turn_id === null) return { q: event.text ?? "", where };
      return heading ? asked(heading, before) : null;
  }
}

/**
 * @param {Heading} heading
 * @param {Where} where
 * @returns {Question | null}
 */
function asked({ kind, text, liked, colour }, where) {
  switch (kind) {
    case "search":
      return { q: text, where };
    case "similar":
      return { like: liked[0]?.[0] ?? "", where };
    case "recommend":
      return { by: "likes", where };
    case "surprise":
      return { by: "chance", where };
    case "colour":
      return { colour, where };
    case "picture":
      return null;
    case "browse":
      return { where };
  }
}

/** @param {Question | null} question */
export function written(question) {
  const parameters = new URLSearchParams();
  if (!question) return parameters;
  for (const name of /** @type {const} */ (["q", "like", "colour", "by"]))
    if (question[name]) parameters.set(name, question[name]);
  for (const [field, wanted] of Object.entries(question.where)) {
    if (field === "years" && Array.isArray(wanted)) {
      if (wanted[0] !== null) parameters.set("from", String(wanted[0]));
      if (wanted[1] !== null) parameters.set("to", String(wanted[1]));
    } else for (const value of [wanted].flat()) if (value) parameters.append(field, String(value));
  }
  return parameters;
}

/**
 * @param {URLSearchParams} parameters
 * @returns {Question | null}
 */
export function read(parameters) {
  const where = whereOf(parameters);
  for (const name of /** @type {const} */ (["q", "like", "colour"])) {
    const value = parameters.get(name);
    if (value) return { [name]: value, where };
  }
  const by = parameters.get("by");
  if (by === "likes" || by === "chance") return { by, where };
  return Object.keys(where).length ? { where } : null;
}

/**
 * @param {URLSearchParams} parameters
 * @returns {Where}
 */
function whereOf(parameters) {
  /** @type {Where} */
  const where = {};
  for (const name of new Set(parameters.keys())) if (!OWN.has(name)) where[name] = parameters.getAll(name);
  const [begin, end] = [year(parameters.get("from")), year(parameters.get("to"))];
  if (begin !== null || end !== null) where.years = [begin, end];
  return where;
}

/** @param {string | null} text */
function year(text) {
  const number = Number.parseInt(text ?? "", 10);
  return Number.isNaN(number) ? null : number;
}
