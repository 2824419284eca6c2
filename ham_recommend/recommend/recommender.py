"""Answer: search by words, recommend from likes, find what is similar."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from ham_recommend import registry
from ham_recommend.errors import ArtifactError, SettingsError
from ham_recommend.manifest import EncoderFacts
from ham_recommend.recommend.channels import Channel, cosines_between, likeness, rank, tastes_of
from ham_recommend.recommend.diversity import SamePicture, distinct
from ham_recommend.recommend.query import (
    checked_exclude,
    checked_items,
    checked_k,
    checked_text,
    checked_weight,
    checked_where,
)
from ham_recommend.recommend.taste import STRATEGIES, strategy_named
from ham_recommend.records import EMPTY, Query, Ranking, Where
from ham_recommend.vectors import index_name, load_embeddings
from ham_recommend.workspace import CATALOG, THUMBNAILS, Workspace

if TYPE_CHECKING:
    from ham_recommend.catalog.catalog import Catalog
    from ham_recommend.index.base import VectorStore
    from ham_recommend.index.text_index import TextIndex
    from ham_recommend.recommend.pictures import PictureSearch

PICTURE_WEIGHT = 0.5
"""What the pictures count in a recommendation, beside the texts with the rest of 1."""
WORDS_WEIGHT = 0.8
"""What the words count in a recommendation's texts, beside their meaning with the rest of 1."""

_WITH_PICTURES = "Build it with --image-encoder style or clip."


class Recommender:
    """Answers questions about one collection; get one with :meth:`load`.

    It never changes anything, so several threads may ask it at once.

    Parameters
    ----------
    workspace : Workspace
        Where the collection lies.
    catalog : Catalog
        Its works.
    text : TextIndex
        Their texts.
    pictures : VectorStore or None
        Vectors of their pictures, where it was built with an encoder.
    image_encoder : str or None
        The encoder that made them.
    reads_words : bool
        Whether that encoder encodes words too, into the same space.
    """

    def __init__(
        self,
        workspace: Workspace,
        catalog: Catalog,
        text: TextIndex,
        *,
        pictures: VectorStore | None = None,
        image_encoder: str | None = None,
        reads_words: bool = False,
    ) -> None:
        self.workspace = workspace
        self.catalog = catalog
        self.text = text
        self.pictures = pictures
        self.image_encoder = image_encoder
        self.reads_words = reads_words

    def __repr__(self) -> str:
        return f"<Recommender of {len(self.catalog):,} works in {str(self.workspace.root)!r}>"

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str] | Workspace,
        *,
        encoder: str | None = None,
        store: str | None = None,
    ) -> Self:
        """Open a collection.

        Parameters
        ----------
        path : path-like or Workspace
            The folder it was built into.
        encoder : str or None
            Whose picture vectors answer, where it was built with several encoders: ``"style"``, ``"clip"``;
            ``"none"`` to do without pictures, ``None`` for the encoder it was last built with.
        store : str or None
            Put the picture vectors into a store of this kind instead of the one they were built for:
            ``"exact"``, ``"flat"``, ``"fp16"``, ``"hnsw"`` or ``"ivf"``.

        Raises
        ------
        ArtifactError
            A file is missing, damaged or made by another version; the message says how to mend it.
        SettingsError
            No such store, or no vectors of such an encoder.
        """
        workspace = path if isinstance(path, Workspace) else Workspace(path)
        try:
            return cls._open(workspace, encoder, store)
        except ArtifactError:
            renewed = Workspace(workspace.root)
            if renewed.manifest == workspace.manifest:
                raise
            return cls._open(renewed, encoder, store)  # a build replaced the files while they were being read

    @classmethod
    def _open(cls, workspace: Workspace, encoder: str | None, store: str | None) -> Self:
        from ham_recommend.catalog.catalog import Catalog
        from ham_recommend.index.text_index import TextIndex

        facts = workspace.manifest.facts
        vectors = facts.encoder_named(encoder)
        thumbnails = workspace.checked(THUMBNAILS) if THUMBNAILS in workspace else None
        catalog = Catalog.read(workspace.checked(CATALOG), thumbnails)
        text = TextIndex.load(workspace.checked)
        if vectors is None:
            return cls(workspace, catalog, text)
        made = facts.encoders[vectors]
        return cls(
            workspace,
            catalog,
            text,
            pictures=_open_pictures(workspace, vectors, made, store),
            image_encoder=made.name,
            reads_words=made.reads_words,
        )

    def search(
        self,
        text: str,
        k: int = 12,
        *,
        where: Where | None = None,
        exclude: Iterable[str] = (),
        correct: bool = True,
        image_weight: float | None = None,
    ) -> Ranking:
        """Find works by words; where the encoder of the pictures reads words, by what they show too.

        Parameters
        ----------
        text : str
            Any words; only the first 2,000 characters are read.
        k : int
            How many works, from 1 to 10,000; fewer come back when fewer match.
        where : mapping or None
            Only works with these fields: ``{"classification": "Prints", "years": (1800, None)}``.
        exclude : iterable of str
            Works that must not come back; others with the same picture come last.
        correct : bool
            Whether words that no work has are replaced by similar ones; :attr:`Ranking.corrected` tells.
        image_weight : float or None
            What the pictures count, from 0 to 1; the texts count the rest. ``None`` for 0.3 where the encoder
            reads words (``clip``), else 0.

        Raises
        ------
        SettingsError
            The text is empty, ``k`` or the weight is out of range, there is no such field, or a weight is
            given where the encoder does not read words.
        """
        line, count = checked_text(text), checked_k(k)
        query = Query(text=line, k=count, where=checked_where(where))
        within, hidden = self._within(where), checked_exclude(exclude)
        weight = self._weight(image_weight)

        def ask_texts(wanted: int, only: Collection[str] | None) -> Ranking:
            return self.text.search(line, wanted, exclude=hidden, within=only, correct=correct)

        def ask(wanted: int) -> Ranking:
            if not weight:
                return ask_texts(wanted, within)
            return self._picture_search.by_words(
                line, wanted, weight, ask_texts, exclude=hidden, within=within
            )

        return self._finish(distinct(ask, count, hidden, self._same), query)

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
            As in :meth:`search`.

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
        if self.pictures is None:
            raise SettingsError(f"The collection has no picture vectors. {_WITH_PICTURES}")
        within, hidden = self._within(where), checked_exclude(exclude)
        vector = self._picture_search.vector_of(picture)

        def ask(wanted: int) -> Ranking:
            return self._picture_search.near(vector, wanted, exclude=hidden, within=within)

        return self._finish(distinct(ask, count, hidden, self._same), query)

    def recommend(
        self,
        liked: Iterable[str],
        disliked: Iterable[str] = (),
        k: int = 12,
        *,
        exclude: Iterable[str] = (),
        where: Where | None = None,
        strategy: str = "turns",
    ) -> Ranking:
        """Recommend works from the ones that are liked.

        Parameters
        ----------
        liked : iterable of str
            At least one work. Those with neither text nor picture say nothing.
        disliked : iterable of str
            Works whose like is not wanted.
        k : int
            How many works, from 1 to 10,000; fewer come back only when fewer are left.
        exclude : iterable of str
            Further works that must not come back, usually those seen. Works with the same picture as one of
            these, or as a liked or disliked one, come last.
        where : mapping or None
            As in :meth:`search`.
        strategy : {"turns", "mean"}
            How likes become an answer; see :mod:`ham_recommend.recommend.taste`.

        Returns
        -------
        Ranking
            ``channels`` holds the cosines with ``nearest_liked``; the score is comparable only within it.

        Raises
        ------
        UnknownItemError
            A liked or disliked work is not in the catalog.
        SettingsError
            Nothing is liked, a work is both liked and disliked, or an option is unknown.
        """
        chosen, count = strategy_named(strategy), checked_k(k)
        likes, dislikes = checked_items(liked, self.catalog), checked_items(disliked, self.catalog)
        if not likes:
            raise SettingsError("Nothing is liked yet. Like at least one work, then ask again.")
        both = sorted(set(likes) & set(dislikes))
        if both:
            raise SettingsError(f"{both[0]!r} is liked and disliked at once. Keep one of the two.")
        query = Query(liked=likes, disliked=dislikes, k=count, where=checked_where(where))
        tastes = tastes_of(likes, dislikes, self._channels, chosen)
        hidden = {*checked_exclude(exclude), *likes, *dislikes}
        ask = partial(rank, tastes, exclude=hidden, within=self._within(where))
        found = self._explain(distinct(ask, count, hidden, self._same), likes)
        return self._finish(found, query)

    def similar_items(
        self,
        item_id: str,
        k: int = 12,
        *,
        exclude: Iterable[str] = (),
        where: Where | None = None,
    ) -> Ranking:
        """Find the works most like one work, by picture and by text.

        Parameters
        ----------
        item_id : str
            The work to start from.
        k, exclude, where
            As in :meth:`recommend`.

        Returns
        -------
        Ranking
            Scores are 1 for a work like the given one and 0 for an average work. Empty when the work has
            neither text nor picture.

        Raises
        ------
        UnknownItemError
            The work is not in the catalog.
        SettingsError
            An option is out of range.
        """
        count = checked_k(k)
        (start,) = checked_items([item_id], self.catalog)
        query = Query(liked=(start,), k=count, where=checked_where(where))
        tastes = tastes_of([start], (), self._channels, STRATEGIES["turns"])
        hidden = checked_exclude(exclude)
        ask = partial(rank, tastes, exclude={*hidden, start}, within=self._within(where))
        found = self._explain(distinct(ask, count, hidden, self._same), (start,))
        return self._finish(replace(found, nearest_liked=EMPTY), query)

    @cached_property
    def _channels(self) -> tuple[Channel, ...]:
        ids, texts = self.catalog.item_ids, 1.0 - PICTURE_WEIGHT
        words = Channel("words", self.text.words, texts * WORDS_WEIGHT, ids, centred=False)
        meaning = Channel("meaning", self.text.meaning, texts * (1.0 - WORDS_WEIGHT), ids)
        if self.pictures is None:
            return (words, meaning)
        return (Channel("picture", self.pictures, PICTURE_WEIGHT, ids), words, meaning)

    @cached_property
    def _picture_search(self) -> PictureSearch:
        from ham_recommend.recommend.pictures import PictureSearch

        encoder, facts = str(self.image_encoder), self.workspace.manifest.facts
        made = facts.encoders[facts.encoder_named(encoder) or ""]
        return PictureSearch(self._channels[0], encoder, made.model_id)

    def _weight(self, asked: float | None) -> float:
        """Return what the pictures count in a search by words."""
        weight = None if asked is None else checked_weight(asked)
        if self.reads_words:
            return self._picture_search.weight() if weight is None else weight
        if weight:
            raise SettingsError(
                f"This collection was built with --image-encoder {self.image_encoder or 'none'}, which does "
                "not read words. Leave the image weight out, or build it with --image-encoder clip."
            )
        return 0.0

    @cached_property
    def _same(self) -> SamePicture:
        return SamePicture(self.workspace, self.catalog, self.pictures, self.image_encoder)

    def _within(self, where: Where | None) -> Collection[str] | None:
        return self.catalog.filter(where) if where else None

    def _explain(self, ranking: Ranking, liked: tuple[str, ...]) -> Ranking:
        """Add the liked work each hit is closest to, and how close it is in each channel."""
        if not len(ranking):
            return ranking
        shown = ranking.item_ids.tolist()
        nearest = likeness(liked, shown, self._channels).argmax(axis=0)
        columns = np.arange(len(shown))
        return replace(
            ranking,
            channels={
                channel.name: cosines_between(liked, shown, channel)[nearest, columns]
                for channel in self._channels
            },
            nearest_liked={item_id: liked[row] for item_id, row in zip(shown, nearest, strict=True)},
        )

    def _finish(self, ranking: Ranking, query: Query) -> Ranking:
        return replace(ranking, query=query, works=self.catalog.get(ranking.item_ids.tolist()))


def _open_pictures(workspace: Workspace, name: str, made: EncoderFacts, asked: str | None) -> VectorStore:
    """Return the store of picture vectors: as it was built, or filled anew if another kind is asked for."""
    kind = asked or made.store
    store_class = registry.load("store", kind)
    embeddings = load_embeddings(name, made.model_id, workspace.checked)
    file = index_name(name, kind)
    if file in workspace:
        loaded: VectorStore = store_class.load(workspace.checked(file), embeddings, kind)
        return loaded
    filled: VectorStore = store_class(embeddings.vectors.shape[1], kind)
    filled.upsert(embeddings)
    return filled
