"""The protocol between one session and a front end, on one page: what travels.

Python owns the :class:`ham_recommend.frontend.state.State`. A front end draws it, sends events when its
visitor does something, and receives messages. Both are JSON objects with a ``type``; pictures and exported
files travel beside their message as bytes, in ``buffers``. `static/events.d.ts` and `protocol.d.ts` say the
same to the type checker.

An event may carry a ``request``, a name that its sender makes up. Whatever happens, a ``done`` message with
that name comes after everything else the event caused. A question asked while an older one is open names that
one in ``replaces``: the older turn is taken back; nobody looked at its works, so they do not count as seen.

Every message goes to every view of the conversation. One that answers a single view repeats the ``view`` its
event named, and the others pass it over. A view that opens later asks for what it missed: the headings of the
turns in the state, then the works of a turn that is opened. State is small; the works of a turn travel once.

=================  ===========================================================================================
event              what it asks for, and what answers it
=================  ===========================================================================================
search             a turn by words, or the question of an earlier turn again → state, ``turn``
recommend          a turn from what is liked → state, ``turn``
similar            a turn of works like one → state, ``turn``
surprise           a turn of works by chance → state, ``turn``
browse             a turn of the works that meet a filter → state, ``turn``
picture            a turn of works like a picture of one's own → state, ``turn``
colour             a turn of works that have a colour → state, ``turn``
refilter           a turn by what an earlier one asked, within other filters → state, ``turn``
more               the next works of a turn → ``turn`` from where it ended, state
like, unlike       → state
dislike,           → state
undislike
clear_likes        → state
undo               the likes and dislikes as they were before the last mark → state
add_to_set,        → state, and each changed ``set`` to every view
remove_from_set,
note_set, rename_set,
arrange_set,
delete_set
undo_sets          the sets as they were before the last change → state, each changed ``set``
set                the works of a set and what is said of them → ``set``
compare            how two turns differ → ``comparison``
cite               how to cite a work or a turn → ``citation``
facets             what works can be narrowed to, with numbers of works → ``facets``
headings           what is said above some turns → ``headings``
turn               the works of a turn → ``turn``
works              the cards of some works → ``works``
detail             everything about a work of a turn → ``detail``
through_time       the earlier works that a work resembles, and its echoes → ``through_time``
map                the places of all works → ``map``, with them in one buffer
map_tiles          pages of small pictures for a map → ``map_tiles``, with one buffer for each
map_works          the works at some places of a map → ``map_works``
map_places         the places of some works on a map → ``map_works``
map_turn           the places of a turn's works, and of others that answer the same → ``map_turn``
lasso              the works inside a polygon on a map → ``lasso``
pictures           thumbnails → ``pictures``, with one buffer for each
large_picture      the picture of an opened work → ``large_picture``, with its bytes in one buffer
export             a file to save → ``file``, with its bytes in one buffer
=================  ===========================================================================================
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from ham_recommend.answers import TurnKind
from ham_recommend.frontend.map_protocol import LassoMessage, MapMessage, PlacedTurnMessage, TilesMessage

# ---- messages: to the front end ---------------------------------------------------------------------------


class WorkCard(TypedDict):
    """What a card shows of a work.

    ``picture_url`` is ``None`` where there is a thumbnail to ask for, and empty where there is no picture.
    """

    item_id: str
    title: str
    artist: str
    date: str
    credit: str
    page_url: str
    picture_url: str | None


class WhyCard(TypedDict):
    """Why a work is among the answers: as in :class:`ham_recommend.answers.Why`.

    ``line`` says it where there are no ``words``; ``marked`` are the forms to mark in the texts of the work.
    """

    words: list[str]
    places: list[str]
    marked: list[str]
    liked: str
    line: str


class HitCard(WorkCard):
    """The card of a work as an answer."""

    score: float
    rank: int
    why: WhyCard


class Chip(TypedDict):
    """Something that words of a search were read as; without a ``key`` it cannot be taken away."""

    words: str
    key: str


class Heading(TypedDict):
    """What is said above a turn, whether its works are shown or not.

    ``liked`` names the first of the ``liked_count`` works it came from as [item_id, title]; ``corrected``
    pairs a word with what it was read as, ``suggested`` is the question as it may be meant where nothing was
    found, else empty, ``ignored`` are words that no work says; ``saying`` is how many
    works say all words, ``by_meaning`` whether others are among those shown; ``found`` is how many there are,
    where that is known; ``more`` says whether it can go on. ``colour`` is what was asked for, ``#rrggbb``;
    ``discovery`` how far a recommendation reaches, 0 to 1.
    """

    turn_id: int
    kind: TurnKind
    text: str
    colour: str
    filters: list[str]
    k: int
    liked: list[tuple[str, str]]
    liked_count: int
    discovery: float
    count: int
    corrected: list[tuple[str, str]]
    suggested: str
    understood: list[Chip]
    ignore: list[str]
    ignored: list[str]
    saying: int | None
    by_meaning: bool
    found: int | None
    skipped_seen: int
    more: bool


class Fact(TypedDict):
    """A field of a work under the label it is shown with."""

    label: str
    text: str


class Share(TypedDict):
    """What one channel gave to a score, 0 to 1."""

    label: str
    value: float


class DescriptionText(TypedDict):
    """A description, and whose it is."""

    text: str
    attribution: str


class NearestLiked(TypedDict):
    """The liked work that an answer is closest to."""

    item_id: str
    title: str


class Detail(WorkCard):
    """Everything about a work, and why it is among the answers.

    ``large_picture_url`` is ``None`` where there is a ``large_picture`` to ask for, and empty where there is
    none.
    """

    facts: list[Fact]
    descriptions: list[DescriptionText]
    large_picture_url: str | None
    why: WhyCard | None
    channels: list[Share]
    nearest_liked: NearestLiked | None
    near_duplicates: int


class Collection(TypedDict):
    """The collection itself: ``kinds`` are [classification, how many works], most frequent first.

    ``examples`` are searches to begin with; titles, where ``few_words`` says that the works have hardly any
    other words, as in a folder of pictures. ``pictures`` says whether a picture of one's own can be searched
    by, ``colours`` are [name, ``#rrggbb``] where works can be found by one.
    """

    name: str
    works: int
    kinds: list[tuple[str, int]]
    years: tuple[int, int] | None
    examples: list[str]
    few_words: bool
    pictures: bool
    colours: list[tuple[str, str]]


class FacetValue(TypedDict):
    """A value of a field, what to filter the field by for it, and how many works have it."""

    text: str
    wanted: str
    works: int


class FacetList(TypedDict):
    """The most frequent values of a field; ``more`` says whether there are others."""

    name: str
    label: str
    values: list[FacetValue]
    more: bool


class SetCard(WorkCard):
    """The card of a work in a set, with what is said of it there."""

    note: str


class ComparedWork(WorkCard):
    """The card of a work with its rank in each of two turns, ``None`` where it is not."""

    first: int | None
    second: int | None


class CitationText(TypedDict):
    """A text to copy under what people call it."""

    label: str
    text: str


class TurnMessage(TypedDict):
    """The works of a turn from position ``start`` on."""

    type: Literal["turn"]
    heading: Heading
    start: int
    works: list[HitCard]
    request: str | None
    view: str | None


class HeadingsMessage(TypedDict):
    """Headings, oldest first."""

    type: Literal["headings"]
    headings: list[Heading]


class WorksMessage(TypedDict):
    """Cards, such as those of works liked before this view was opened."""

    type: Literal["works"]
    works: list[WorkCard]


class DetailMessage(TypedDict):
    """A work in full."""

    type: Literal["detail"]
    work: Detail
    turn_id: int | None
    view: str | None


class TimedWork(WorkCard):
    """A work with its place in time: ``years`` are counted through, so that 0 is 1 BCE.

    ``p_earlier`` is how probable it is that the order in time is right, ``likeness`` a cosine.
    """

    years: tuple[int, int]
    p_earlier: float
    likeness: float


class ThroughTimeMessage(TypedDict):
    """A work between earlier works it resembles and its echoes; ``tour`` leads through both by small steps.

    Where there is nothing to show, ``trouble`` says why.
    """

    type: Literal["through_time"]
    work: WorkCard
    years: tuple[int, int] | None
    before: list[TimedWork]
    after: list[TimedWork]
    tour: list[TimedWork]
    note: str
    trouble: str
    view: str | None


class PlacedWorksMessage(TypedDict):
    """Works with their numbers on a map; those that are not there are left out."""

    type: Literal["map_works"]
    vectors: str
    rows: list[int]
    works: list[WorkCard]
    view: str | None


class PicturesMessage(TypedDict):
    """Thumbnails: one type and one buffer for each, both empty where there is none."""

    type: Literal["pictures"]
    item_ids: list[str]
    mimes: list[str]


class LargePictureMessage(TypedDict):
    """The picture of an opened work; its bytes are the only buffer, empty where there are none."""

    type: Literal["large_picture"]
    item_id: str
    mime: str
    view: str | None


class SetMessage(TypedDict):
    """A set as it is now."""

    type: Literal["set"]
    name: str
    note: str
    works: list[SetCard]
    view: str | None


class ComparisonMessage(TypedDict):
    """Two turns side by side: the works of either, and the share of them that both have, 0 to 1."""

    type: Literal["comparison"]
    first: Heading
    second: Heading
    works: list[ComparedWork]
    overlap: float
    view: str | None


class CitationMessage(TypedDict):
    """How to cite a work, or a turn; ``note`` says what else there is to know."""

    type: Literal["citation"]
    item_id: str | None
    turn_id: int | None
    texts: list[CitationText]
    note: str
    view: str | None


class FileMessage(TypedDict):
    """A file to save; its bytes are the only buffer."""

    type: Literal["file"]
    name: str
    mime: str
    view: str | None


class FacetsMessage(TypedDict):
    """What works can be narrowed to. With ``field``, only what was asked of that one.

    ``works`` is how many works meet the filter; of ``stretches`` and ``centuries`` each is [first year, last
    year, how many works may be from then].
    """

    type: Literal["facets"]
    fields: list[FacetList]
    field: str | None
    containing: str
    works: int
    stretches: list[tuple[int, int, int]]
    centuries: list[tuple[int, int, int]]
    view: str | None


class DoneMessage(TypedDict):
    """The end of a request."""

    type: Literal["done"]
    request: str


class StateMessage(TypedDict):
    """The fields of the state that have changed."""

    type: Literal["state"]
    changes: dict[str, Any]


Message = (
    TurnMessage
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
    | SetMessage
    | ComparisonMessage
    | CitationMessage
    | FileMessage
    | FacetsMessage
    | DoneMessage
    | StateMessage
)
