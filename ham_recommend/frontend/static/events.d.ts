// The events as `events.py` has them, for the type checker: no browser ever loads this file.

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
  discovery?: number;
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

export interface MapEvent extends Event {
  vectors?: string;
  view?: string | null;
}

export interface ShowMap extends MapEvent {
  type: "map";
}

export interface ShowTiles extends MapEvent {
  type: "map_tiles";
  names: string[];
}

export interface ShowPlaces extends MapEvent {
  type: "map_works";
  rows: number[];
}

export interface FindPlaces extends MapEvent {
  type: "map_places";
  item_ids: string[];
}

export interface PlaceTurn extends MapEvent {
  type: "map_turn";
  turn_id: number;
}

export interface Lasso extends MapEvent {
  type: "lasso";
  polygon: [column: number, row: number][];
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
  | ShowMap
  | ShowTiles
  | ShowPlaces
  | FindPlaces
  | PlaceTurn
  | Lasso
  | ShowPictures
  | ShowLargePicture
  | Export;
