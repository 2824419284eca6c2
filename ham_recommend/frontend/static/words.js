// @ts-check
// What the interface says.

/** @import { Collection, Heading, WorkCard } from "./protocol.d.ts" */

export const LOOKING = "Looking through the collection…";
export const STILL_WAITING =
  "Python does not answer. It is busy with something else, or it has stopped: then run the cell again.";
export const SERVER_STILL_WAITING = "The server takes its time. The answer appears here as soon as it comes.";
export const STOPPED = "Python has stopped. Run the cell again to go on.";

/** @type {(n: number) => string} */
export const number = (n) => n.toLocaleString("en");

/** @type {(n: number, one: string) => string} */
export const count = (n, one) => `${number(n)} ${n === 1 ? one : `${one}s`}`;

/** @type {(which: number) => string} */
export const year = (which) => (which < 0 ? `${-which} BCE` : String(which));

/** @type {(begin: number | null, end: number | null) => string} */
export function span(begin, end) {
  if (begin === null) return end === null ? "" : `until ${year(end)}`;
  if (end === null) return `from ${year(begin)}`;
  if (begin === end) return year(begin);
  if (end < 0) return `${-begin}–${year(end)}`;
  return `${year(begin)}–${end}${begin < 0 ? " CE" : ""}`;
}

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
export function beginning({ examples, few_words, pictures }) {
  if (!few_words) return "Begin with a few words";
  if (examples.length) return "The works here have few words. Begin with a title";
  return pictures
    ? "Begin with a picture, a colour, or a surprise"
    : "Leaf through the works, or be surprised";
}

/**
 * What to try when nothing was found.
 *
 * @param {Heading} heading
 * @param {Collection} collection
 */
export function advice({ kind, text, skipped_seen, filters, suggested }, collection) {
  const fewer = filters.length ? ", or take away a filter" : "";
  if (kind === "browse") return "No work is left. Take away a filter.";
  if (kind !== "search") return `No work is left that fits. Like something else, search for words${fewer}.`;
  if (skipped_seen)
    return `You have seen everything that answers ${quoted(text)}. Show it again, or try other words.`;
  const nothing = `Nothing answers ${quoted(text)}.`;
  if (suggested) return nothing;
  if (collection.few_words)
    return `${nothing} The works here have few words: begin with ${pictures(collection)}.`;
  return `${nothing} Try fewer or more general words, another spelling${fewer}.`;
}

/** @type {(collection: Collection) => string} */
const pictures = ({ colours }) => (colours.length ? "a picture, a colour, or a surprise" : "a surprise");

const REACH = [
  "closest to your likes",
  "a little further",
  "further afield",
  "far afield",
  "as far as it fits",
];

/** How far recommendations reach, from 0 to 1, in words.
 *
 * @type {(discovery: number) => string} */
export const reach = (discovery) => REACH[Math.round(discovery * (REACH.length - 1))] ?? "";

/**
 * What a turn was narrowed to, how many works it has, and where they come from.
 *
 * @param {Heading} heading
 * @returns {string[]}
 */
export function summary(heading) {
  const { kind, filters, liked, liked_count, corrected, ignored } = heading;
  const parts = kind === "browse" ? [] : [...filters];
  const unsaid = ignored.length ? [`no work says ${alternatives(ignored.map(quoted))}`] : [];
  parts.push(...(heading.count ? [unsaid, found(heading)] : [found(heading), unsaid]).flat());
  for (const [wrong, right] of corrected) parts.push(`${quoted(wrong)} read as ${quoted(right)}`);
  const titles = liked.map(([, title]) => titleOf({ title }));
  if (kind === "recommend") parts.push(`from ${listed(titles, liked_count)}`);
  if (kind === "recommend" && heading.discovery > 0) parts.push(reach(heading.discovery));
  return parts;
}

/**
 * How many works there are, as far as that is known.
 *
 * @param {Heading} heading
 * @returns {string[]}
 */
function found({ kind, count: shown, found: all, saying, by_meaning, skipped_seen, more, ignored }) {
  const goesOn = kind === "search" && skipped_seen > 0;
  if (!shown) return [goesOn ? "Nothing more" : "Nothing found"];
  if (all !== null) return [count(all, "work")];
  if (kind !== "search") return more ? [] : [count(shown, "work")];
  if (!saying) return [by_meaning ? "close in meaning" : "no work says all of it"];
  const what = ignored.length ? "the rest" : "so";
  const says = `${count(saying, "work")} ${saying === 1 ? "says" : "say"} ${what}`;
  return [by_meaning ? `${says}; more by meaning` : says];
}

/** @type {(words: string[]) => string} */
const alternatives = (words) =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
