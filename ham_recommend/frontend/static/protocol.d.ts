// The protocol as `protocol.py` has it, for the type checker: no browser ever loads this file.

/** What a visitor asked for, as in `Recommender.search`. */
export interface Where {
  [field: string]: string | string[] | [number | null, number | null] | undefined;
  years?: [number | null, number | null];
}

interface Event {
  request?: string | null;
}

interface Question extends Event {
  replaces?: string | null;
  where?: Where;
}

export interface Search extends Question {
  type: "search";
  text?: string;
  turn_id?: number | null;
  allow_repeats?: boolean;
  correct?: boolean;
  ignore?: string[];
}

export interface Recommend extends Question {
  type: "recommend";
}

export interface Similar extends Question {
  type: "similar";
  item_id: string;
}

export interface Surprise extends Question {
  type: "surprise";
}

export interface Browse extends Question {
  type: "browse";
}

export interface SearchByPicture extends Question {
  type: "picture";
  data: string;
  name?: string;
}

export interface SearchByColour extends Question {
  type: "colour";
  colour: string;
}

export interface Refilter extends Question {
  type: "refilter";
  turn_id: number;
}

export interface More extends Event {
  type: "more";
  turn_id: number;
}

export interface Like extends Event {
  type: "like";
  item_id: string;
}

export interface Unlike extends Event {
  type: "unlike";
  item_id: string;
}

export interface Dislike extends Event {
  type: "dislike";
  item_id: string;
}

export interface Undislike extends Event {
  type: "undislike";
  item_id: string;
}

export interface ClearLikes extends Event {
  type: "clear_likes";
}

export interface Undo extends Event {
  type: "undo";
}

export interface ShowFacets extends Event {
  type: "facets";
  where?: Where;
  field?: string | null;
  containing?: string;
  view?: string | null;
}

interface SetEvent extends Event {
  name: string;
}

export interface AddToSet extends SetEvent {
  type: "add_to_set";
  item_ids: string[];
}

export interface RemoveFromSet extends SetEvent {
  type: "remove_from_set";
  item_ids: string[];
}

export interface NoteSet extends SetEvent {
  type: "note_set";
  note: string;
  item_id?: string | null;
}

export interface ArrangeSet extends SetEvent {
  type: "arrange_set";
  item_ids: string[];
}

export interface RenameSet extends SetEvent {
  type: "rename_set";
  to: string;
}

export interface DeleteSet extends SetEvent {
  type: "delete_set";
}

export interface UndoSets extends Event {
  type: "undo_sets";
}

export interface ShowSet extends Event {
  type: "set";
  name: string;
  view?: string | null;
}

export interface ShowComparison extends Event {
  type: "compare";
  turn_ids: number[];
  view?: string | null;
}

export interface ShowCitation extends Event {
  type: "cite";
  item_id?: string | null;
  turn_id?: number | null;
  view?: string | null;
}

export interface ShowHeadings extends Event {
  type: "headings";
  turn_ids: number[];
}

export interface ShowTurn extends Event {
  type: "turn";
  turn_id: number;
  view?: string | null;
}

export interface ShowWorks extends Event {
  type: "works";
  item_ids: string[];
}

export interface ShowDetail extends Event {
  type: "detail";
  item_id: string;
  turn_id?: number | null;
  view?: string | null;
}

export interface ShowThroughTime extends Event {
  type: "through_time";
  item_id: string;
  view?: string | null;
}

export interface ShowPictures extends Event {
  type: "pictures";
  item_ids: string[];
}

export interface ShowLargePicture extends Event {
  type: "large_picture";
  item_id: string;
  view?: string | null;
}

export interface Export extends Event {
  type: "export";
  format: string;
  likes_only?: boolean;
  turn_id?: number | null;
  set_name?: string | null;
  view?: string | null;
}

export type AnyQuestion =
  | Search
  | Recommend
  | Similar
  | Surprise
  | Browse
  | SearchByPicture
  | SearchByColour
  | Refilter;

export type AnyEvent =
  | AnyQuestion
  | More
  | Like
  | Unlike
  | Dislike
  | Undislike
  | ClearLikes
  | Undo
  | AddToSet
  | RemoveFromSet
  | NoteSet
  | ArrangeSet
  | RenameSet
  | DeleteSet
  | UndoSets
  | ShowSet
  | ShowComparison
  | ShowCitation
  | ShowFacets
  | ShowHeadings
  | ShowTurn
  | ShowWorks
  | ShowDetail
  | ShowThroughTime
  | ShowPictures
  | ShowLargePicture
  | Export;

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

export interface Heading {
  turn_id: number;
  kind: "search" | "recommend" | "similar" | "surprise" | "browse" | "picture" | "colour";
  text: string;
  colour: string;
  filters: string[];
  k: number;
  liked: [item_id: string, title: string][];
  liked_count: number;
  count: number;
  corrected: [wrong: string, right: string][];
  understood: { words: string; key: string }[];
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
  turns: [turn_id: number, count: number][];
  liked_ids: string[];
  disliked_ids: string[];
  taken_back: string[];
  sets: [name: string, item_ids: string[]][];
  sets_undoable: boolean;
  busy: boolean;
  message: string;
  error: string;
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
