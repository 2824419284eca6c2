"""Ways into a collection that need no words: a picture, a colour, chance, and leafing through it."""

from __future__ import annotations

import os
import re
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ham_recommend import registry
from ham_recommend.answers import Query, Ranking
from ham_recommend.catalog.filters import EXACTLY
from ham_recommend.encode.base import ColourReader, ImageEncoder, comparable
from ham_recommend.errors import SettingsError, StoreUnavailableError
from ham_recommend.facets import Facets
from ham_recommend.index.stores import open_pictures
from ham_recommend.recommend.query import check_pictures, checked_exclude, checked_k, checked_where
from ham_recommend.records import FIELDS, Vectors, Where

if TYPE_CHECKING:
    from ham_recommend.catalog.catalog import Catalog
    from ham_recommend.index.base import VectorStore
    from ham_recommend.index.text_search import TextSearch
    from ham_recommend.recommend.channels import Channel
    from ham_recommend.recommend.pictures import PictureSearch
    from ham_recommend.recommend.question import Question
    from ham_recommend.recommend.understand import Understanding
    from ham_recommend.workspace import Workspace

BROWSED = ("classification", "artist", "culture", "period")
"""The fields that people leaf through a collection by."""
POOL = 400
"""Works that the best of a colour are chosen from, and that a surprise is: enough for both to be varied, and
the vectors of so many come in a few milliseconds."""

_TRIED = 8
"""Works drawn for each one of a surprise, of which the farthest is taken."""
_WITH_PICTURES = "Build it with --image-encoder style or clip."
_COLOUR = re.compile("#?([0-9a-fA-F]{6})")
_CONTAINED = frozenset(field.name for field in FIELDS if field.filter == "contain")


class WithoutWords(ABC):
    """What one can ask a collection without words; a :class:`Recommender` is one."""

    workspace: Workspace
    catalog: Catalog
    text: TextSearch
    pictures: VectorStore | None
    image_encoder: str | None
    reads_words: bool

    @property
    @abstractmethod
    def channels(self) -> tuple[Channel, ...]:
        """The ways in which works can be close to each other."""

    @abstractmethod
    def _question(
        self, liked: tuple[str, ...], disliked: tuple[str, ...], hidden: set[str], where: Where | None
    ) -> Question: ...

    @abstractmethod
    def _distinct(
        self, ask: Callable[[int], Ranking], count: int, known: set[str], question: Question
    ) -> Ranking: ...

    @property
    @abstractmethod
    def _understanding(self) -> Understanding: ...

    @abstractmethod
    def _finish(self, ranking: Ranking, query: Query) -> Ranking: ...

    @cached_property
    def _picture_search(self) -> PictureSearch:
        from ham_recommend.recommend.pictures import PictureSearch

        encoder, facts = str(self.image_encoder), self.workspace.manifest.facts
        made = facts.encoders[facts.encoder_named(encoder) or ""]
        return PictureSearch(self.channels[0], encoder, made.model_id)

    def prepare(self) -> None:
        """Load now what the first question would, where processes forked off later can share it.

        A model takes half a gigabyte, the artists of 117,243 works .2 s; else each process loads its own.
        """
        self._understanding.read("")  # gathers the names and values that questions may hold
        with suppress(StoreUnavailableError):  # whoever asks is told
            self.text.exact("sihp", 0)  # and what corrects a slip
        if self.reads_words:
            self._picture_search.load()

    @property
    def trouble(self) -> str:
        """What does not work for now, as a sentence; empty while all is well."""
        store = "" if self.pictures is None else self.pictures.trouble
        return store or self.text.trouble or (self._picture_search.trouble if self.reads_words else "")

    def search_by_picture(
        self,
        picture: str | os.PathLike[str] | bytes,
        k: int = 12,
        *,
        where: Where | None = None,
        exclude: Iterable[str] = (),
    ) -> Ranking:
        """Find the works that look most like a picture of one's own.

        Parameters
        ----------
        picture : path-like or bytes
            A JPEG, PNG, WebP, TIFF or GIF, or its content.
        k, where, exclude
            As in :meth:`Recommender.search`.

        Returns
        -------
        Ranking
            Scores are 1 for the very picture and 0 for an average one; ``channels["picture"]`` holds cosines.

        Raises
        ------
        UnreadablePictureError
            It is no picture.
        SettingsError
            The collection has no picture vectors, or an option is out of range.
        MissingExtraError, EncodeError
            The encoder that made the vectors cannot be loaded here.
        """
        count = checked_k(k)
        name = f"{len(picture)} bytes" if isinstance(picture, bytes) else Path(picture).name
        query = Query(picture=name, k=count, where=checked_where(where))
        check_pictures(self.pictures)
        hidden = checked_exclude(exclude)
        question = self._question((), (), hidden, where)
        vector = self._picture_search.vector_of(picture)
        ask = partial(self._picture_search.near, vector, exclude=hidden, within=question.within)
        return self._finish(self._distinct(ask, count, hidden, question), query)

    def search_by_colour(
        self,
        colour: str,
        k: int = 12,
        *,
        where: Where | None = None,
        exclude: Iterable[str] = (),
    ) -> Ranking:
        """Find the works whose pictures have most of a colour.

        Parameters
        ----------
        colour : str
            ``"#c04020"``.
        k, where, exclude
            As in :meth:`Recommender.search`.

        Returns
        -------
        Ranking
            Scores say how much of the picture has about that colour, 0 to 1.

        Raises
        ------
        SettingsError
            It is no colour, no encoder of the collection tells colours, or an option is out of range.
        """
        count, rgb = checked_k(k), _rgb(colour)
        query = Query(colour=f"#{bytes(rgb).hex()}", k=count, where=checked_where(where))
        if self._colours is None:
            raise SettingsError(
                "No encoder of this collection tells colours. Build it once more with --image-encoder style "
                "to add one that does."
            )
        reader, store = self._colours
        hidden = checked_exclude(exclude)
        question = self._question((), (), hidden, where)
        vector = reader.colour_vector(rgb)

        def ask(wanted: int) -> Ranking:
            depth = max(POOL, 2 * wanted)
            near = store.search(vector[None], depth, exclude=hidden, within=question.within)[0]
            found = store.get(near.item_ids.tolist())
            return Ranking.from_scores(found.item_ids, reader.colour_shares(found.vectors, rgb), wanted)

        return self._finish(self._distinct(ask, count, hidden, question), query)

    @property
    def reads_colours(self) -> bool:
        """Whether :meth:`search_by_colour` works here."""
        return self._colours is not None

    @cached_property
    def _colours(self) -> tuple[ColourReader, VectorStore] | None:
        """What tells colours from vectors, and the vectors; ``None`` where the collection has none."""
        for vectors, (name, model_id) in self._encoders().items():
            encoder = registry.load("encoder", name.partition(":")[0])
            if not issubclass(encoder, ColourReader):
                continue
            made: ImageEncoder = registry.make_encoder(name, fetch=False)
            if isinstance(made, ColourReader) and comparable(made.model_id, model_id):
                return made, self._vectors_of(vectors)
        return None

    def _encoders(self) -> dict[str, tuple[str, str]]:
        """Return the encoders whose vectors the collection has, the one that answers first."""
        if self.pictures is None or self.image_encoder is None:
            return {}
        facts = self.workspace.manifest.facts
        first = facts.encoder_named(self.image_encoder)
        ordered = sorted(facts.encoders.items(), key=lambda made: made[0] != first)
        return {vectors: (made.name, made.model_id) for vectors, made in ordered}

    def _vectors_of(self, encoder: str) -> VectorStore:
        """Return the picture vectors of an encoder, a key of :meth:`_encoders`."""
        facts = self.workspace.manifest.facts
        if self.pictures is not None and encoder == facts.encoder_named(self.image_encoder):
            return self.pictures
        return open_pictures(self.workspace, self.catalog, encoder, facts.encoders[encoder], None)

    def surprise(
        self,
        k: int = 12,
        *,
        where: Where | None = None,
        exclude: Iterable[str] = (),
        drawn: int | None = None,
    ) -> Ranking:
        """Find works by chance that have little in common; with a picture, where some have.

        Each is the farthest from those before of a few that are drawn with a chance that grows with the
        square of that distance (the greedy seeding of k-means++: Arthur and Vassilvitskii, SODA 2007).

        Parameters
        ----------
        k, where, exclude
            As in :meth:`Recommender.search`.
        drawn : int or None
            The number to draw with, as in ``ranking.query.drawn``: the same gives the same works. ``None``
            for one that was never there.

        Returns
        -------
        Ranking
            In the order drawn; all scores are 0.
        """
        count, seed = checked_k(k), secrets.randbits(32) if drawn is None else int(drawn)
        query = Query(k=count, where=checked_where(where), drawn=seed)
        chance = np.random.default_rng(seed)
        ids = np.array(_without(self._browsed(where), checked_exclude(exclude)), dtype=object)
        pool = self._pictured_first(chance.permutation(ids).tolist(), count)
        store = self.text.meaning if self.pictures is None else self.pictures
        known = store.get(pool)
        chosen = known.item_ids[_spread_out(known.vectors, count, chance)].tolist()
        without = set(pool).difference(known.item_ids.tolist())
        chosen += [item_id for item_id in pool if item_id in without][: count - len(chosen)]
        return self._finish(_unscored(chosen), query)

    def _pictured_first(self, ids: list[str], count: int) -> list[str]:
        """Return the first of some works, none without a picture where enough of them have one."""
        size = max(POOL, 2 * count)
        several = ids[: 4 * size]
        pictured = [item_id for item_id in several if item_id in self.catalog.pictured]
        return (pictured if len(pictured) >= count else several)[:size]

    def browse(self, k: int = 12, *, where: Where | None = None, exclude: Iterable[str] = ()) -> Ranking:
        """Leaf through the works that meet a filter: those with a picture first, the most popular first.

        Parameters
        ----------
        k, where, exclude
            As in :meth:`Recommender.search`.

        Returns
        -------
        Ranking
            All scores are 0; ``found`` says how many works meet the filter.
        """
        hidden, query = checked_exclude(exclude), Query(k=checked_k(k), where=checked_where(where))
        return self._leafed(self._browsed(where), hidden, query)

    def _browsed(self, where: Where | None = None) -> list[str]:
        """Return the works that meet a filter, in the order of leafing through."""
        order, ids = self.catalog.browsing_order, self.catalog.item_ids
        rows = order[self.catalog.mask(where)[order]] if where else order
        found: list[str] = ids[rows].tolist()
        return found

    def _in_order(self, item_ids: Collection[str]) -> list[str]:
        """Return works in the order of leafing through."""
        wanted = frozenset(item_ids)
        return [item_id for item_id in self._browsed() if item_id in wanted]

    def _leafed(self, item_ids: list[str], hidden: Collection[str], query: Query) -> Ranking:
        """Answer with works in this order, and say how many there are."""
        shown = _without(item_ids, hidden)
        return replace(self._finish(_unscored(shown[: query.k]), query), found=len(item_ids))

    def facets(
        self,
        where: Where | None = None,
        *,
        fields: Sequence[str] = BROWSED,
        limit: int = 12,
        containing: str = "",
    ) -> Facets:
        """Return what the works that meet a filter can be narrowed to, with the number of works of each.

        Parameters
        ----------
        where : mapping or None
            As in :meth:`Recommender.search`. The values of a field are counted as the other conditions leave
            them, so that a second one can be chosen beside the first.
        fields : sequence of str
            Fields to count the values of.
        limit : int
            How many values of each at most.
        containing : str
            Only values with this in them.

        Raises
        ------
        SettingsError
            There is no such field, or a condition cannot be one.
        """
        wanted = checked_where(where)
        counted = {
            field: tuple(self.catalog.facets(field, limit, where=wanted, containing=containing))
            for field in fields
        }
        works = int(np.count_nonzero(self.catalog.mask(wanted))) if wanted else len(self.catalog)
        return Facets(works, counted, self.catalog.timeline(wanted))


def wanted_text(field: str, value: str) -> str:
    """Return what to filter a field by for works that have just this value."""
    return EXACTLY + value if field in _CONTAINED else value


def value_of(wanted: str) -> str:
    """Return the value that a wanted text names, as people read it."""
    return wanted.removeprefix(EXACTLY)


def _without(item_ids: list[str], hidden: Collection[str]) -> list[str]:
    return [item_id for item_id in item_ids if item_id not in hidden] if hidden else item_ids


def _unscored(item_ids: list[str]) -> Ranking:
    return Ranking(np.array(item_ids, dtype=object), np.zeros(len(item_ids), dtype=np.float32))


def _spread_out(vectors: Vectors, count: int, chance: np.random.Generator) -> list[int]:
    """Draw rows that lie far from each other."""
    if not len(vectors):
        return []
    rows = [int(chance.integers(len(vectors)))]
    distance = np.full(len(vectors), np.inf)
    while len(rows) < min(count, len(vectors)):
        distance = np.minimum(distance, np.maximum(1.0 - vectors @ vectors[rows[-1]].astype(np.float64), 0.0))
        distance[rows] = 0.0
        weights = distance**2
        if not weights.sum():  # nothing but copies is left
            left = np.setdiff1d(np.arange(len(vectors)), rows)
            return [*rows, *left[: count - len(rows)].tolist()]
        drawn = chance.choice(len(vectors), size=_TRIED, p=weights / weights.sum())
        rows.append(int(drawn[distance[drawn].argmax()]))
    return rows


def _rgb(colour: object) -> tuple[int, int, int]:
    found = _COLOUR.fullmatch(colour) if isinstance(colour, str) else None
    if not found:
        raise SettingsError(f"A colour is six hexadecimal digits such as '#c04020', not {colour!r:.60}.")
    red, green, blue = bytes.fromhex(found[1])
    return red, green, blue
