// @ts-check
// What the interface says.

/** @import { Collection, Heading, WorkCard } from "./protocol.d.ts" */

export const LOOKING = "Looking through the collection…";
export const STILL_WAITING =
  "Python does not answer. It is busy with something else, or it has stopped: then run the cell again.";
export const SERVER_STILL_WAITING = "The server takes its time. The answer appears here as soon as it comes.";
export const STOPPED = "Python has stopped. Run the cell again to go on.";

/** @type {(n: number, one: string) => string} */
export const count = (n, one) => `${n.toLocaleString("en")} ${n === 1 ? one : `${one}s`}`;

/** @type {(words: string) => string} */
export const quoted = (words) => `“${words}”`;

/** @type {(words: string) => string} */
export const shortened = (words) => (words.length > 60 ? `${words.slice(0, 59).trimEnd()}…` : words);

/** @type {(work: Pick<WorkCard, "title">) => string} */
export const titleOf = (work) => work.title || "Untitled";

/** @type {(work: WorkCard) => string[]} */
export const makerAndDate = (work) => [work.artist, work.date].filter(Boolean);

/**
 * The first names in a row, and how many more there are.
 *
 * @param {string[]} names
 * @param {number} total
 */
export function listed(names, total) {
  const shown = names.slice(0, 3);
  const rest = total - shown.length;
  if (rest) return `${shown.join(", ")} and ${rest} more`;
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}

/**
 * What to begin with.
 *
 * @param {Collection} collection
 */
export function beginning({ examples, few_words }) {
  if (!few_words) return "Begin with a few words";
  if (examples.length) return "The works here have few words. Begin with a title:";
  return "The works here have no words to search for. From code, more_like(item_id) begins with any of them.";
}

/**
 * What to try when nothing was found.
 *
 * @param {Heading} heading
 * @param {Collection} collection
 */
export function advice({ kind, text, skipped_seen }, collection) {
  if (kind !== "search")
    return "No work is left that fits. Like something else, widen the filters, or search for words.";
  if (skipped_seen)
    return `You have seen everything that answers ${quoted(text)}. Show it again, or try other words.`;
  const nothing = `Nothing answers ${quoted(text)}.`;
  if (collection.few_words)
    return [nothing, beginning(collection), collection.examples.map(quoted).join(", ")].join(" ").trim();
  const other = "Try fewer or more general words, another spelling, or widen the filters.";
  return `${nothing} ${other}`;
}

/**
 * What a turn was narrowed to, how many works it has, and where they come from.
 *
 * @param {Heading} heading
 * @returns {string[]}
 */
export function summary({ kind, filters, liked, liked_count, count: works, corrected, skipped_seen }) {
  const goesOn = kind === "search" && skipped_seen > 0;
  const none = goesOn ? "Nothing more" : "Nothing found";
  const parts = [...filters, works ? count(works, goesOn ? "more work" : "work") : none];
  for (const [wrong, right] of corrected) parts.push(`${quoted(wrong)} read as ${quoted(right)}`);
  const titles = liked.map(([, title]) => titleOf({ title }));
  if (kind === "recommend") parts.push(`from ${listed(titles, liked_count)}`);
  return parts;
}
