"""The parts of messages: works, turns and the collection as small JSON, texts cut to what a page can show.

A card carries what a card shows; descriptions and the long fields travel only when a work is opened.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from ham_recommend.answers import Hit, Ranking, Turn, Understood
from ham_recommend.errors import SettingsError, StoreUnavailableError
from ham_recommend.frontend.protocol import (
    Chip,
    Collection,
    Detail,
    FacetList,
    FacetValue,
    Fact,
    Heading,
    HitCard,
    NearestLiked,
    Share,
    WhyCard,
    WorkCard,
)
from ham_recommend.frontend.thumbnails import LARGE_SIDE, is_here
from ham_recommend.recommend.without_words import value_of, wanted_text
from ham_recommend.records import FIELDS, Artwork, Where, shown_in
from ham_recommend.showing import picture_address, showable, sized_address, web_address

if TYPE_CHECKING:
    from ham_recommend.catalog.catalog import Catalog
    from ham_recommend.recommend.recommender import Recommender

TITLE_LENGTH = 160
LINE_LENGTH = 100
NAME_LENGTH = 60
FACT_LENGTH = 1_000
DESCRIPTION_LENGTH = 6_000
CARD_ADDRESS_LENGTH = 500
MOST_KINDS = 40
DETAIL_FIELDS = tuple(
    (field.name, field.label)
    for field in sorted(shown_in("detail"), key=lambda field: field.name == "item_id")
)
"""The facts of an opened work, its id last: name of the field, and what people read."""
EXPORT_FIELDS = tuple(field.name for field in shown_in("export"))
"""The fields of a work that an exported table has as columns."""
MOST_PLACES = 3
"""Places that a card names of those where a work says a word."""
MOST_MARKED = 40
MOST_VALUES = 12
"""Values of a field that are listed; others are found by searching the list."""
LARGEST_PICTURE = 20_000_000
"""Bytes of a picture of one's own; the page makes it smaller where it can."""
_A_WORD = re.compile(
    r"(?<![^\W_])(?!(?:img|dsc|dscn|dscf|scan|image|photo|picture)\b)[^\W\d_]{2,}(?![^\W_])", re.I
)
CHANNEL_LABELS = {
    "words": "Words they share",
    "meaning": "Meaning of the texts",
    "picture": "Look of the picture",
}
COLOURS = (
    ("red", "#b3261e"),
    ("orange", "#d9771f"),
    ("yellow", "#e3bd3c"),
    ("green", "#4c7a3d"),
    ("turquoise", "#4fa3a0"),
    ("blue", "#2a559e"),
    ("violet", "#6b4a8c"),
    ("pink", "#d891a0"),
    ("brown", "#7a5230"),
    ("cream", "#e8dcc0"),
    ("grey", "#8a8a88"),
    ("black", "#1f1d1c"),
)
"""A small palette to begin with."""
EXAMPLES = (
    "circus cat",
    "ships in a storm",
    "17th century portrait",
    "vibrant abstract landscape",
    "ancient Chinese vase",
    "a city at night",
    "still life with fruit",
    "dancer",
    "flowers in a vase",
    "moonlit water",
    "horses",
    "castle on a hill",
)
"""Searches to begin with; a collection offers three that it answers well."""


def work_card(work: Artwork) -> WorkCard:
    """Return what a card shows of a work; about half a kilobyte."""
    return {
        "item_id": work.item_id,
        "title": showable(work.title, TITLE_LENGTH),
        "artist": showable(work.artist, LINE_LENGTH),
        "date": showable(work.text("date"), LINE_LENGTH),
        "credit": showable(work.credit or work.rights, LINE_LENGTH),
        "page_url": web_address(work.page_url, CARD_ADDRESS_LENGTH),
        "picture_url": None if work.thumbnail else picture_address(work.picture, CARD_ADDRESS_LENGTH),
    }


def hit_card(hit: Hit, works: Mapping[str, Artwork]) -> HitCard:
    """Return the card of a work as an answer: with its score and rank."""
    work = works.get(hit.item_id) or Artwork(item_id=hit.item_id)
    return {**work_card(work), "score": round(hit.score, 4), "rank": hit.rank, "why": why_card(hit)}


def why_card(hit: Hit) -> WhyCard:
    """Return why a work is among the answers, as a card says it."""
    why = hit.why
    return {
        "words": [showable(word, NAME_LENGTH) for word in why.words],
        "places": [showable(place, NAME_LENGTH) for place in why.places[:MOST_PLACES]],
        "marked": [showable(form, NAME_LENGTH) for form in why.marked[:MOST_MARKED]],
        "liked": showable(why.liked, NAME_LENGTH),
        "line": "" if why.words or why.liked else str(why),
    }


def turn_cards(turn: Turn, start: int = 0) -> list[HitCard]:
    """Return the cards of a turn from one position on."""
    return [hit_card(hit, turn.ranking.works) for hit in turn.ranking[start:]]


def heading(turn: Turn, title_of: Callable[[str], str], more: bool) -> Heading:
    """Return what is said above a turn.

    Parameters
    ----------
    turn : Turn
        The turn.
    title_of : callable
        ``item_id`` → title, for the works it came from.
    more : bool
        Whether it can go on.
    """
    query, ranking = turn.ranking.query, turn.ranking
    names = {code: name for name, code in COLOURS}
    says = [bool(score > 0) for score in ranking.channels.get("words", ())]
    return {
        "turn_id": turn.turn_id,
        "kind": turn.kind,
        "text": showable(query.text or query.picture or names.get(query.colour, query.colour), FACT_LENGTH),
        "colour": query.colour,
        "filters": filters(query.where),
        "k": query.k,
        "liked": [(item_id, showable(title_of(item_id), NAME_LENGTH)) for item_id in query.liked[:4]],
        "liked_count": len(query.liked),
        "discovery": query.dials.discovery,
        "count": len(turn.ranking),
        "corrected": [
            (showable(wrong, LINE_LENGTH), showable(right, LINE_LENGTH))
            for wrong, right in list(turn.ranking.corrected.items())[:5]
        ],
        "suggested": showable(_suggested(ranking), FACT_LENGTH),
        "understood": [_chip(one) for one in ranking.understood[:8]],
        "ignore": list(query.ignore),
        "ignored": [showable(word, NAME_LENGTH) for word in ranking.ignored[:5]],
        "saying": ranking.saying,
        "by_meaning": turn.kind == "search" and not all(says),
        "found": ranking.found,
        "skipped_seen": turn.skipped_seen,
        "more": more,
    }


def _suggested(ranking: Ranking) -> str:
    """Return the question with the words that may be meant in place of those typed; empty for none."""
    text = ranking.query.text if ranking.suggested else ""
    for word, meant in ranking.suggested.items():
        text = text.replace(word, meant)
    return text


def _chip(one: Understood) -> Chip:
    """Return what words were read as, and the key by which that is taken back."""
    said = f"{one.words} = {one.value}" if one.words.casefold() != one.value.casefold() else one.value
    fixed = one.exact or one.field == "number"
    return {"words": showable(said, NAME_LENGTH), "key": "" if fixed else one.key}


def filters(where: Where) -> list[str]:
    """Return a filter in words, one text per field."""
    texts = []
    for name, wanted in where.items():
        if name == "years":
            texts += _span(*wanted)
        elif name == "item_id":
            texts.append("1 chosen work" if len(wanted) == 1 else f"{len(wanted):,} chosen works")
        else:
            values = [wanted] if isinstance(wanted, str) else sorted(map(str, wanted))
            texts.append(showable(" or ".join(map(value_of, values)), LINE_LENGTH))
    return texts


def _span(begin: int | None, end: int | None) -> list[str]:
    if begin is None:
        return [] if end is None else [f"until {end}"]
    return [f"from {begin}" if end is None else f"{begin} to {end}"]


def detail(work: Artwork, hit: Hit | None, title_of: Callable[[str], str]) -> Detail:
    """Return everything about a work, and why it is among the answers.

    Parameters
    ----------
    work : Artwork
        The work.
    hit : Hit or None
        The answer it was opened from.
    title_of : callable
        ``item_id`` → title, for the liked work it is closest to.
    """
    card = work_card(work)
    return {
        **card,
        "page_url": web_address(work.page_url),
        "facts": facts(work),
        "descriptions": [
            {
                "text": showable(each.text, DESCRIPTION_LENGTH),
                "attribution": _attribution(each.source, each.model),
            }
            for each in work.descriptions
        ],
        "large_picture_url": _large_picture(work),
        "why": why_card(hit) if hit else None,
        "channels": _shares(hit.channels) if hit else [],
        "nearest_liked": _nearest(hit.nearest_liked, title_of) if hit and hit.nearest_liked else None,
        "near_duplicates": len(hit.folded) if hit else 0,
    }


def _large_picture(work: Artwork) -> str | None:
    """Return the address of a picture that fits a screen; ``None`` where it is a file on this machine."""
    if not work.copies_allowed:
        return ""
    if is_here(work):
        return None
    address = picture_address(work.picture)
    return sized_address(address, LARGE_SIDE)


def facts(work: Artwork) -> list[Fact]:
    """Return the fields that a work has, in the order of :data:`DETAIL_FIELDS`."""
    texts = ((label, work.text(name)) for name, label in DETAIL_FIELDS)
    return [{"label": label, "text": showable(text, FACT_LENGTH)} for label, text in texts if text]


def _attribution(source: str, model: str) -> str:
    return showable(" · ".join(part for part in (source, model) if part), LINE_LENGTH)


def _shares(channels: Mapping[str, float]) -> list[Share]:
    return [
        {"label": CHANNEL_LABELS.get(name, name), "value": round(value, 4)}
        for name, value in channels.items()
    ]


def _nearest(item_id: str, title_of: Callable[[str], str]) -> NearestLiked:
    return {"item_id": item_id, "title": showable(title_of(item_id), LINE_LENGTH)}


def collection(recommender: Recommender) -> Collection:
    """Return what the interface shows of the collection itself: its name, size, filters and examples.

    It is found out once, in some 30 ms for 117,243 works (`benchmarks/web_load.py`): each visitor needs it.
    While a database that holds its texts is silent, whoever comes begins without words.
    """
    found = _collections.get(recommender)
    if found is not None:
        return found
    try:
        good = good_examples(recommender)
        examples = good or titles(recommender)
    except StoreUnavailableError:
        return _collection(recommender, [], few_words=True)
    found = _collections[recommender] = _collection(recommender, examples, few_words=not good)
    return found


_collections: WeakKeyDictionary[Recommender, Collection] = WeakKeyDictionary()


def _collection(recommender: Recommender, examples: list[str], *, few_words: bool) -> Collection:
    catalog = recommender.catalog
    return {
        "name": showable(recommender.workspace.name, LINE_LENGTH),
        "works": len(catalog),
        "kinds": [
            (str(kind), int(works))
            for kind, works in catalog.facets("classification", MOST_KINDS)
            if kind and showable(str(kind), LINE_LENGTH) == kind
        ],
        "years": _years(catalog),
        "examples": examples,
        "few_words": few_words,
        "pictures": recommender.pictures is not None,
        "colours": list(COLOURS) if recommender.reads_colours else [],
    }


def facet_list(name: str, values: Sequence[tuple[str, int]]) -> FacetList:
    """Return the values of a field, of which one more was asked for than is listed."""
    label = next(field.label for field in FIELDS if field.name == name)
    shown = [
        FacetValue(text=showable(text, LINE_LENGTH), wanted=wanted_text(name, text), works=works)
        for text, works in values[:MOST_VALUES]
    ]
    return {"name": name, "label": label, "values": shown, "more": len(values) > MOST_VALUES}


def _years(catalog: Catalog) -> tuple[int, int] | None:
    span = catalog.years()
    return (int(span[0]), int(span[1])) if span else None


def good_examples(recommender: Recommender, most: int = 3) -> list[str]:
    """Return the first searches to begin with that this collection answers well, else the best there are."""
    best: dict[str, float] = {}
    for text in EXAMPLES:
        # The texts alone: choosing examples must not load the encoder of the pictures.
        ranking = recommender.text.search(text, 1, correct=False)
        best[text] = ranking[0].channels.get("words", 0.0) if ranking.total else 0.0
    good = [text for text in EXAMPLES if best[text] > 0.6 * max(best.values())]
    rest = sorted((text for text in EXAMPLES if text not in good and best[text] > 0), key=lambda t: -best[t])
    return [*good, *rest][:most]


def titles(recommender: Recommender, most: int = 3) -> list[str]:
    """Return titles that can be searched for: the way in where works have no other words.

    The number that a camera gave a file is no word to begin with.
    """
    first = recommender.catalog.get(recommender.catalog.item_ids[:20])
    texts = dict.fromkeys(
        showable(work.title, LINE_LENGTH) for work in first.values() if _A_WORD.search(work.title)
    )
    return [text for text in texts if len(recommender.text.search(text, 1, correct=False))][:most]


def where_from(given: object) -> Where | None:
    """Return the filter that a front end sent, without what its visitor left empty; ``None`` if that is all.

    Parameters
    ----------
    given : object
        Fields as in :meth:`ham_recommend.Recommender.search`. An empty text stands for any value; in a pair
        of years, anything but a number leaves that end open.
    """
    where = dict(given) if isinstance(given, Mapping) else {}
    years = where.pop("years", None)
    span = tuple(map(_year, years)) if isinstance(years, list | tuple) and len(years) == 2 else (None, None)
    where = {name: value for name, value in where.items() if value}
    if span != (None, None):
        where["years"] = span
    return where or None


def _year(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if abs(value) < 100_000 else None


def picture_from(data: str) -> bytes:
    """Return the picture that a front end sent.

    Raises
    ------
    SettingsError
        It is no base64, or too large.
    """
    if len(data) > LARGEST_PICTURE * 4 // 3 + 4:
        raise SettingsError(
            f"This picture is larger than {LARGEST_PICTURE // 1_000_000} MB. Make it smaller."
        )
    try:
        return base64.b64decode(data, validate=True)
    except ValueError as error:
        raise SettingsError("The picture did not arrive whole. Choose it once more.") from error


def strings(values: object, most: int = 1_000) -> list[str]:
    """Return the strings of a list that came from the front end."""
    listed: Iterable[object] = values if isinstance(values, list) else ()
    return [value for value in listed if isinstance(value, str)][:most]


def numbers(values: object, most: int = 1_000) -> list[int]:
    """Return the whole numbers of a list that came from the front end."""
    listed: Iterable[object] = values if isinstance(values, list) else ()
    return [value for value in listed if isinstance(value, int) and not isinstance(value, bool)][:most]
