// The protocol as `protocol.py` has it, for the type checker: no browser ever loads this file.

import type { AnyEvent } from "./events.d.ts";

export type * from "./events.d.ts";

/** `picture_url` is null where there is a thumbnail to ask for, and empty where there is no picture. */
export interface WorkCard {
  item_id: string;
  title: string;
  artist: string;
  date: string;
  credit: string;
  page_url: string;
  picture_url: string | null;
}

export interface WhyCard {
  words: string[];
  places: string[];
  marked: string[];
  liked: string;
  line: string;
}

export interface HitCard extends WorkCard {
  score: number;
  rank: number;
  why: WhyCard;
}

/** Without a `key` it cannot be taken away. */
export interface Chip {
  words: string;
  key: string;
}

export interface Heading {
  turn_id: number;
  kind: "search" | "recommend" | "similar" | "surprise" | "browse" | "picture" | "colour";
  text: string;
  colour: string;
  filters: string[];
  k: number;
  liked: [item_id: string, title: string][];
  liked_count: number;
  discovery: number;
  count: number;
  corrected: [wrong: string, right: string][];
  suggested: string;
  understood: Chip[];
  ignore: string[];
  ignored: string[];
  saying: number | null;
  by_meaning: boolean;
  found: number | null;
  skipped_seen: number;
  more: boolean;
}

export interface Fact {
  label: string;
  text: string;
}

export interface Share {
  label: string;
  value: number;
}

export interface DescriptionText {
  text: string;
  attribution: string;
}

export interface NearestLiked {
  item_id: string;
  title: string;
}

export interface Detail extends WorkCard {
  facts: Fact[];
  descriptions: DescriptionText[];
  large_picture_url: string | null;
  why: WhyCard | null;
  channels: Share[];
  nearest_liked: NearestLiked | null;
  near_duplicates: number;
}

export interface Collection {
  name: string;
  works: number;
  kinds: [classification: string, works: number][];
  years: [number, number] | null;
  examples: string[];
  few_words: boolean;
  pictures: boolean;
  colours: [name: string, code: string][];
}

export interface FacetValue {
  text: string;
  wanted: string;
  works: number;
}

export interface FacetList {
  name: string;
  label: string;
  values: FacetValue[];
  more: boolean;
}

export type Stretch = [begin: number, end: number, works: number];

export interface SetCard extends WorkCard {
  note: string;
}

export interface ComparedWork extends WorkCard {
  first: number | null;
  second: number | null;
}

export interface CitationText {
  label: string;
  text: string;
}

export interface SetMessage {
  type: "set";
  name: string;
  note: string;
  works: SetCard[];
  view: string | null;
}

export interface ComparisonMessage {
  type: "comparison";
  first: Heading;
  second: Heading;
  works: ComparedWork[];
  overlap: number;
  view: string | null;
}

export interface CitationMessage {
  type: "citation";
  item_id: string | null;
  turn_id: number | null;
  texts: CitationText[];
  note: string;
  view: string | null;
}

export interface TurnMessage {
  type: "turn";
  heading: Heading;
  start: number;
  works: HitCard[];
  request: string | null;
  view: string | null;
}

export interface HeadingsMessage {
  type: "headings";
  headings: Heading[];
}

export interface WorksMessage {
  type: "works";
  works: WorkCard[];
}

export interface DetailMessage {
  type: "detail";
  work: Detail;
  turn_id: number | null;
  view: string | null;
}

/** `years` are counted through, so that 0 is 1 BCE. */
export interface TimedWork extends WorkCard {
  years: [number, number];
  p_earlier: number;
  likeness: number;
}

export interface ThroughTimeMessage {
  type: "through_time";
  work: WorkCard;
  years: [number, number] | null;
  before: TimedWork[];
  after: TimedWork[];
  tour: TimedWork[];
  note: string;
  trouble: string;
  view: string | null;
}

export interface MapRegion {
  level: number;
  column: number;
  row: number;
  works: number;
  name: string;
}

/** `scale` is how many columns are one of the map's first layout. */
export interface MapFacts {
  vectors: string;
  choices: [vectors: string, name: string][];
  works: number;
  size: [columns: number, rows: number];
  origin: [column: number, row: number];
  scale: number;
  page: number;
  tiles: number[];
  regions: MapRegion[];
  note: string;
}

export interface MapMessage extends MapFacts {
  type: "map";
  trouble: string;
  view: string | null;
}

export interface TilesMessage {
  type: "map_tiles";
  vectors: string;
  names: string[];
  view: string | null;
}

export interface PlacedWorksMessage {
  type: "map_works";
  vectors: string;
  rows: number[];
  works: WorkCard[];
  view: string | null;
}

export interface PlacedTurnMessage {
  type: "map_turn";
  vectors: string;
  turn_id: number;
  rows: number[];
  further: number[];
  start: number | null;
  view: string | null;
}

export interface LassoMessage {
  type: "lasso";
  vectors: string;
  works: number;
  rows: number[];
  item_ids: string[];
  view: string | null;
}

export interface PicturesMessage {
  type: "pictures";
  item_ids: string[];
  mimes: string[];
}

export interface LargePictureMessage {
  type: "large_picture";
  item_id: string;
  mime: string;
  view: string | null;
}

export interface FileMessage {
  type: "file";
  name: string;
  mime: string;
  view: string | null;
}

export interface FacetsMessage {
  type: "facets";
  fields: FacetList[];
  field: string | null;
  containing: string;
  works: number;
  stretches: Stretch[];
  centuries: Stretch[];
  view: string | null;
}

export interface DoneMessage {
  type: "done";
  request: string;
}

/** A `state` message never gets here: the adapter turns it into changes of the model. */
export type Message =
  | TurnMessage
  | HeadingsMessage
  | WorksMessage
  | DetailMessage
  | ThroughTimeMessage
  | MapMessage
  | TilesMessage
  | PlacedWorksMessage
  | PlacedTurnMessage
  | LassoMessage
  | PicturesMessage
  | LargePictureMessage
  | FileMessage
  | SetMessage
  | ComparisonMessage
  | CitationMessage
  | FacetsMessage
  | DoneMessage;

export interface State {
  query: string;
  discovery: number;
  turns: [turn_id: number, count: number][];
  liked_ids: string[];
  disliked_ids: string[];
  taken_back: string[];
  sets: [name: string, item_ids: string[]][];
  sets_undoable: boolean;
  busy: boolean;
  message: string;
  error: string;
  shows: string;
  collection: Collection;
}

/** What the host of the interface decides beside the state. */
export interface Appearance {
  theme: "light" | "dark" | null;
  /** Whether a server answers, as on a page, and not the Python of a notebook. */
  served?: boolean;
  /** What names the static results that stand in for the interface while it cannot be used. */
  fallback?: string;
}

export type Known = State & Appearance;

/** The part of anywidget's model that the interface uses; a page makes its own. */
export interface Model {
  get<Name extends keyof Known>(name: Name): Known[Name];
  on(event: "msg:custom", callback: (message: Message, buffers: DataView<ArrayBuffer>[]) => void): void;
  on(event: `change:${keyof Known}` | "comm_live_update", callback: () => void): void;
  off(event: string, callback: (...given: never[]) => void): void;
  send(event: AnyEvent): void;
}
