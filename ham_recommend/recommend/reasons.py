"""Why works are among the answers, in words: found out when somebody asks, not while searching."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import pairwise
from operator import or_
from typing import TYPE_CHECKING

import numpy as np

from ham_recommend.answers import Hit, Ranking, Why
from ham_recommend.encode import scripts
from ham_recommend.encode.accession import number_in, number_words
from ham_recommend.encode.analyzer import (
    STOP_WORDS,
    century_phrases,
    fold,
    initial_phrases,
    other_spellings,
    stem,
    without_qualifier,
    words,
    year_words,
)
from ham_recommend.encode.forms import forms
from ham_recommend.encode.places import places
from ham_recommend.encode.related import same_words
from ham_recommend.index.reading import MOST_RELATED
from ham_recommend.index.saying import WorksHere, in_all
from ham_recommend.index.text_scoring import LEAST_COSINE
from ham_recommend.records import FIELDS, Artwork

if TYPE_CHECKING:
    from ham_recommend.catalog.catalog import Catalog
    from ham_recommend.index.saying import Works
    from ham_recommend.index.text_search import TextSearch

SEARCHED = tuple(field for field in FIELDS if field.weight and field.name != "accession_number")
_TYPED = re.compile(rf"[^\W_][\w{scripts.MARKS}]*(?:['’ʼ][^\W_][\w{scripts.MARKS}]*)*")


@dataclass(frozen=True, slots=True)
class Asked:
    """A word of a query.

    Parameters
    ----------
    shown : str
        As it was typed, or what that was read as.
    needed : tuple of tuple of str
        Words of which a work says one whole group, if it says this one.
    terms : frozenset of str
        The terms by which a work says it.
    typed : str
        As it was typed.
    """

    shown: str
    needed: tuple[tuple[str, ...], ...]
    terms: frozenset[str]
    typed: str

    def said_as(self, said: Collection[str]) -> str:
        """Return the word as a work that says these terms does: as typed, where it says it only so."""
        return self.typed if self.terms.intersection(said) <= {*stem(words(self.typed))} else self.shown


class ReasonsInWords:
    """Finds out why works are among the answers to a query; see :class:`ham_recommend.answers.Reasons`.

    Parameters
    ----------
    ranking : Ranking
        The answer.
    text : TextSearch
        The texts of the collection.
    catalog : Catalog
        Its works.
    """

    def __init__(
        self,
        ranking: Ranking,
        text: TextSearch,
        catalog: Catalog,
    ) -> None:
        self._query = ranking.query
        self._corrected = {fold(typed): known for typed, known in ranking.corrected.items()}
        self._translated = {fold(typed): meaning for typed, meaning in ranking.translated.items()}
        self._strongest = ranking.strongest
        self._text = text
        self._catalog = catalog

    @cached_property
    def ignored(self) -> tuple[str, ...]:
        """The words of the query that no work says."""
        return tuple(asked.shown for asked in self._asked if not self._saying(asked))

    @cached_property
    def saying(self) -> int | None:
        """How many works within the filter say all words of the query that any work says."""
        said = [works for asked in self._asked if (works := self._saying(asked))]
        if not said:
            return None
        works = in_all(said)
        if not self._query.where or not works:
            return len(works)
        within = self._catalog.mask(self._query.where)
        places = np.searchsorted(self._catalog.item_ids, self._text.item_ids[works.rows])
        return int(np.count_nonzero(within[np.minimum(places, len(within) - 1)]))

    def why(self, hit: Hit) -> Why:
        """Return why a work is among the answers."""
        if self._query.liked:
            liked = (
                self._catalog.get([hit.nearest_liked]).get(hit.nearest_liked) if hit.nearest_liked else None
            )
            by = self._strongest.get(hit.item_id)
            return Why(by=(by,) if by else (), liked=(liked.title or "an untitled work") if liked else "")
        if self._query.colour:
            return Why(by=("colour",))
        if not self._query.text:
            return Why(by=("picture",) if self._query.picture else ())
        return self._said(hit)

    def _said(self, hit: Hit) -> Why:
        said, labels, marked = self._in_texts(hit.work, self._terms)
        for label, text, terms in _dates_and_numbers(hit.work):
            more = self._terms.intersection(stem(terms, self._text.language)).difference(said)
            if more:
                labels.setdefault(label)
                marked.setdefault(text)
                said.update(dict.fromkeys(more))
        shown = tuple(asked.said_as(said) for asked in self._asked if not asked.terms.isdisjoint(said))
        by = self._channels(hit, bool(shown))
        _, also, inside = self._in_texts(hit.work, self._inside) if self._inside else ({}, {}, {})
        return Why(words=(*shown, *inside), places=(*(labels | also),), marked=(*(marked | inside),), by=by)

    def _in_texts(self, work: Artwork, terms: frozenset[str]) -> tuple[dict[str, None], ...]:
        """Return which of some terms a work says, in which of its texts, and in which forms."""
        said, labels, marked = dict[str, None](), dict[str, None](), dict[str, None]()
        for label, text in _texts(work):
            for form, term in forms(text, terms, self._text.language).items():
                labels.setdefault(label)
                marked.setdefault(form)
                said.setdefault(term)
        return said, labels, marked

    @cached_property
    def _inside(self) -> frozenset[str]:
        """The terms of the places in the regions that the query names."""
        regions = places().regions(words(self._query.text)[:MOST_RELATED])
        inside = {place for _, found in regions for place in found}
        others = {fold(other) for place in inside for other in places().other_names(place)}
        return frozenset(stem(inside | others, self._text.language))

    def _channels(self, hit: Hit, says: bool) -> tuple[str, ...]:
        by = ["words"] if says else []
        if hit.by_picture and not says:
            return ("told",)
        if hit.channels.get("meaning", 0.0) >= LEAST_COSINE or "picture" not in hit.channels:
            by.append("meaning")
        return (*by, "picture") if "picture" in hit.channels else tuple(by)

    @cached_property
    def _terms(self) -> frozenset[str]:
        return frozenset().union(*(asked.terms for asked in self._asked))

    @cached_property
    def _asked(self) -> tuple[Asked, ...]:
        """The words of the query, each once, in their order."""
        number, text = number_in(without_qualifier(self._query.text), _Known(self._text))
        found = [self._word(shown, needed) for shown, needed in _words_typed(text)]
        if number:
            found.insert(0, self._word(number.removeprefix("#"), [(number,)]))
        return tuple({asked.shown: asked for asked in found}.values())

    def _word(self, typed: str, needed: list[tuple[str, ...]]) -> Asked:
        known, meaning = self._corrected.get(fold(typed)), self._translated.get(fold(typed))
        if known:
            needed = [*needed, tuple(words(known))]
        same = [other for word in words(typed) for other in same_words().get(word, ())]
        needed = [*needed, *((word,) for word in (*words(meaning or ""), *same))]
        terms = frozenset(stem([word for group in needed for word in group], self._text.language))
        return Asked(known or meaning or typed, tuple(needed), terms, typed)

    def _saying(self, asked: Asked) -> Works:
        """Return the works that say a word."""
        works = [in_all(map(self._text.works_saying, group)) for group in asked.needed if group]
        return reduce(or_, works) if works else WorksHere.none()


class _Known:
    """The accession numbers of a collection."""

    def __init__(self, text: TextSearch) -> None:
        self._text = text

    def __contains__(self, number: object) -> bool:
        return isinstance(number, str) and self._text.frequency(number) > 0


def _words_typed(text: str) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    """Yield each word of a query as it is typed, and the groups of words that a work may say it by."""
    phrases = {**dict(century_phrases(text)), **dict(initial_phrases(text))}
    for typed, word in phrases.items():
        text = text.replace(typed, " ")
        yield typed, [(word,)]
    every = list(dict.fromkeys(_TYPED.findall(text)))
    telling = [typed for typed in every if not STOP_WORDS.issuperset(words(typed))]
    shown = telling or ([] if phrases else every)
    joined = ["".join(map(fold, pair)) for pair in pairwise(shown)]
    for at, typed in enumerate(shown):
        counted = tuple(words(typed))
        pairs = tuple(word for word in counted if len(word) > 1) if scripts.pieces(typed) else ()
        spellings = [*other_spellings(typed), *joined[max(0, at - 1) : at + 1]]
        yield typed, [pairs or counted, *((word,) for word in spellings)]


def _texts(work: Artwork) -> Iterator[tuple[str, str]]:
    """Yield the texts of a work that are searched, each with where it stands.

    A description by a model stands under its maker's name; that of the museum is the description.
    """
    for field in SEARCHED:
        held = getattr(work, field.name)
        if held:
            yield field.label.lower(), held if isinstance(held, str) else "; ".join(held)
    for description in work.descriptions:
        by_model = description.source or description.model
        yield by_model if description.model else "description", description.text


def _dates_and_numbers(work: Artwork) -> Iterator[tuple[str, str, list[str]]]:
    """Yield what is said in terms of its own: where it stands, as it is shown, its terms."""
    years = year_words(work.year_begin, work.year_end)
    if years:
        yield "date", work.text("date"), years
    if work.accession_number:
        yield "accession number", work.accession_number, number_words(work.accession_number)
