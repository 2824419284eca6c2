"""Answer: search by words, recommend from likes, find what is similar."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Self, cast

from ham_recommend.answers import Query, Ranking
from ham_recommend.errors import ArtifactError, SettingsError
from ham_recommend.index.stores import open_pictures
from ham_recommend.manifest import NearDuplicateCosines
from ham_recommend.net.addresses import on_the_web
from ham_recommend.recommend.channels import Channel, channels_of
from ham_recommend.recommend.near_duplicates import Ask, NearDuplicates
from ham_recommend.recommend.popularity import Popularity
from ham_recommend.recommend.query import (
    check_words,
    check_works,
    checked_exclude,
    checked_items,
    checked_k,
    checked_picture_weight,
    checked_text,
    checked_where,
)
from ham_recommend.recommend.question import Question
from ham_recommend.recommend.semantic import SentenceSearch, sentence_search
from ham_recommend.recommend.strategies import DEFAULT, interleaved, strategy_named, unlike
from ham_recommend.recommend.taste import Taste
from ham_recommend.recommend.understand import Understanding, understood, works_asked_for
from ham_recommend.recommend.weights import Weights
from ham_recommend.recommend.without_words import WithoutWords
from ham_recommend.records import AS_LIKED, EMPTY, Dials, Where
from ham_recommend.workspace import CATALOG, Workspace

if TYPE_CHECKING:
    from ham_recommend.catalog.catalog import Catalog
    from ham_recommend.index.base import VectorStore
    from ham_recommend.index.text_search import TextSearch


class Recommender(WithoutWords):
    """Answers questions about one collection; get one with :meth:`load`.

    What can be asked without words, by a picture, a colour, by chance or by leafing through, is in
    :class:`ham_recommend.recommend.without_words.WithoutWords`.

    It never changes anything, so several threads may ask it at once.

    Parameters
    ----------
    workspace : Workspace
        Where the collection lies.
    catalog : Catalog
        Its works.
    text : TextSearch
        Their texts.
    pictures : VectorStore or None
        Vectors of their pictures, where it was built with an encoder.
    image_encoder : str or None
        The encoder that made them.
    reads_words : bool
        Whether that encoder encodes words too, into the same space.
    near_duplicates : NearDuplicateCosines or None
        From which of its cosines on two pictures count as one; ``None`` where only equal files do.
    weights : Weights
        What counts how much.
    sentences : SentenceSearch or None
        What orders searches by what sentences mean, where it is wanted and pictures take no part.
    """

    def __init__(
        self,
        workspace: Workspace,
        catalog: Catalog,
        text: TextSearch,
        *,
        pictures: VectorStore | None = None,
        image_encoder: str | None = None,
        reads_words: bool = False,
        near_duplicates: NearDuplicateCosines | None = None,
        weights: Weights | None = None,
        sentences: SentenceSearch | None = None,
    ) -> None:
        self.workspace = workspace
        self.catalog = catalog
        self.text = text
        self.pictures = pictures
        self.image_encoder = image_encoder
        self.reads_words = reads_words
        self.weights = weights or Weights()
        self.near_duplicates = near_duplicates
        self.sentences = sentences
        self._popularity = Popularity(catalog)

    def __repr__(self) -> str:
        return f"<Recommender of {len(self.catalog):,} works in {str(self.workspace.root)!r}>"

    @property
    def root(self) -> Path | None:
        """The collection's folder; ``None`` where a server has it."""
        return self.workspace.root

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str] | Workspace,
        *,
        encoder: str | None = None,
        store: str | None = None,
        semantic: str | None = None,
        manifest: str | None = None,
        text_store: str | None = None,
    ) -> Self:
        """Open a collection.

        Parameters
        ----------
        path : path-like, Workspace or str
            The folder it was built into; or its page at a server that ``ham serve`` runs,
            ``"http://host:8000/sample"``.
        encoder : str or None
            Whose picture vectors answer, where it was built with several encoders: ``"style"``, ``"clip"``;
            ``"none"`` to do without pictures, ``None`` for the encoder it was last built with.
        store : str or None
            Search the picture vectors in this store instead of the one they were built for: a kind that they
            are put into now, ``"exact"``, ``"flat"``, ``"fp16"``, ``"hnsw"``, ``"ivf"`` or ``"ivfpq"``, or
            the address of one that holds them already, ``"postgresql://…"``.
        semantic : str or None
            The sentence encoder that orders searches anew: ``"sentences"``, with any model after a colon, or
            ``"none"``; ``None`` for the one whose vectors ``ham build --text-encoder`` has made.
        manifest : str or None
            The hash of the manifest of the collection that is meant, as a citation gives it, or the first 8
            digits of it or more.
        text_store : str or None
            Search texts in ``"files"``, or in the database with this address; ``None`` as they were built.

        Warns
        -----
        DataWarning
            It is another collection.

        Raises
        ------
        ArtifactError
            A file is missing, damaged or of another version, or a store holds others; it says what to do.
        SettingsError
            No such store, or no vectors of such an encoder.
        StoreUnavailableError
            The address does not answer.
        """
        if isinstance(path, str) and on_the_web(path):
            from ham_recommend.recommend.remote import RemoteRecommender

            return cast("Self", RemoteRecommender.at(path, encoder=encoder, store=store))
        workspace = path if isinstance(path, Workspace) else Workspace(path)
        if manifest is not None:
            workspace.expect(manifest)
        try:
            return cls._open(workspace, encoder, store, semantic, text_store)
        except ArtifactError:
            renewed = Workspace(workspace.root)
            if renewed.manifest == workspace.manifest:
                raise
            # a build replaced the files while they were being read
            return cls._open(renewed, encoder, store, semantic, text_store)

    @classmethod
    def _open(cls, workspace: Workspace, *chosen: str | None) -> Self:
        from ham_recommend.catalog.catalog import Catalog
        from ham_recommend.index.text_stores import open_texts

        (encoder, store, semantic, text_store), facts = chosen, workspace.manifest.facts
        vectors = facts.encoder_named(encoder)
        catalog = Catalog.read(workspace.checked(CATALOG))
        text = open_texts(workspace, catalog, text_store)
        sentences = sentence_search(workspace, catalog, semantic)
        check_works(text, catalog, workspace)
        if vectors is None:
            return cls(workspace, catalog, text, sentences=sentences)
        made = facts.encoders[vectors]
        return cls(
            workspace,
            catalog,
            text,
            pictures=open_pictures(workspace, catalog, vectors, made, store),
            image_encoder=made.name,
            reads_words=made.reads_words,
            near_duplicates=made.near_duplicates,
            sentences=sentences,
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
        ignore: Iterable[str] = (),
    ) -> Ranking:
        """Find works by words; where the encoder of the pictures reads words, by what they show too.

        Artists, kinds, cultures, periods and times that the words name move the score softly;
        :attr:`Ranking.understood` tells. Exact are ``artist:"Edgar Degas"`` (or another field),
        ``years:1850..1900``, ``-word`` and ``"a phrase"``.

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
        ignore : iterable of str
            What the words do not name after all: the ``key`` of each thing understood.

        Raises
        ------
        SettingsError
            The text is empty, what is asked for exactly cannot be, ``k`` or the weight is out of range,
            there is no such field, or a weight is given where the encoder does not read words.
        """
        line, count = checked_text(text), checked_k(k)
        query = Query(text=line, k=count, where=checked_where(where), ignore=tuple(sorted(set(ignore))))
        hidden = checked_exclude(exclude)
        reading = self._understanding.read(line, query.ignore, correct=correct)
        weight = self._weight(image_weight, reading.text)
        if not weight:
            check_words(self.text, self.pictures)
        question = self._question((), (), hidden, where)
        within = works_asked_for(reading, question.within, self.catalog, self.text)
        if within is not None and not (reading.text or reading.boosts or reading.phrases):
            return replace(self._leafed(self._in_order(within), hidden, query), understood=reading.understood)
        pictures = question.channel("picture")
        sentences = self.sentences if self.sentences and self.sentences.works_here else None
        texts = partial(
            self.text.candidates,
            reading.text,
            exclude=hidden,
            within=within,
            correct=correct,
            meaning_share=self.weights.meaning,
            boosts=reading.boosts,
            untranslated=reading.untranslated,
        )

        def ask(wanted: int) -> Ranking:
            if sentences is not None and not weight and reading.text:
                return sentences.ordered(reading.text, wanted, texts, exclude=hidden, within=within)
            if not weight or pictures is None or not reading.text:
                return texts(wanted).only(slice(wanted))
            return self._picture_search.by_words(
                reading.text, wanted, weight, lambda count, also: texts(count, also=also), pictures
            )

        found = self._distinct(ask, count, hidden, question)
        corrected, named = {**reading.corrected, **found.corrected}, understood(reading, found.translated)
        return self._finish(replace(found, corrected=corrected, understood=named), query)

    @cached_property
    def _understanding(self) -> Understanding:
        return Understanding(self.catalog, self.text, self.weights)

    def recommend(
        self,
        liked: Iterable[str],
        disliked: Iterable[str] = (),
        k: int = 12,
        *,
        exclude: Iterable[str] = (),
        where: Where | None = None,
        strategy: str = DEFAULT,
        anchor: str = "",
        discovery: float = 0.0,
        popularity: float = 0.0,
        recency: float = 0.0,
    ) -> Ranking:
        """Recommend works from the ones that are liked.

        Parameters
        ----------
        liked : iterable of str
            Any number of works, the latest like last. Those with neither text nor picture say nothing.
        disliked : iterable of str
            Works whose like is not wanted. Where nothing is liked, what comes back has least of them.
        k : int
            How many works, from 1 to 10,000; fewer come back only when fewer are left.
        exclude : iterable of str
            Further works that must not come back, usually those seen. Works with the same picture as one of
            these, or as a liked or disliked one, come last.
        where : mapping or None
            As in :meth:`search`.
        strategy : str
            How likes become an answer: ``"interleave"``, ``"mean"``, ``"each"``, ``"best_score"``, or the
            name of a plugin's; see :mod:`ham_recommend.recommend.strategies`.
        anchor : str
            Words that the works should answer too, as a search would; empty for none.
        discovery : float
            From 0, what is closest to the likes, to 1, what is far from every single one and still fits them.
        popularity : float
            From -1, works that few people look at, to 1, works that many do, as the catalogue tells it.
        recency : float
            How much less each like counts than the one after it, as a share from 0, all alike, to 1.

        Returns
        -------
        Ranking
            Scores say how close a work is to the interest it is closest to, and to the anchor: 1 for the
            likes themselves, 0 for an average work. ``channels`` holds the cosines with ``nearest_liked``.

        Raises
        ------
        UnknownItemError
            A liked or disliked work is not in the catalog.
        SettingsError
            Nothing is liked or disliked, a work is both, an option is unknown or out of range, or popularity
            is asked for where the catalogue does not tell it.
        """
        chosen, count = strategy_named(strategy), checked_k(k)
        likes, dislikes = checked_items(liked, self.catalog), checked_items(disliked, self.catalog)
        if not likes and not dislikes:
            raise SettingsError("Nothing is liked yet. Like at least one work, then ask again.")
        anchor = anchor and checked_text(anchor)
        dials = Dials(anchor=anchor, discovery=discovery, popularity=popularity, recency=recency)
        both = sorted(set(likes) & set(dislikes))
        if both:
            raise SettingsError(f"{both[0]!r} is liked and disliked at once. Keep one of the two.")
        query = Query(
            liked=likes,
            disliked=dislikes,
            strategy=strategy,
            dials=dials,
            k=count,
            where=checked_where(where),
        )
        hidden = {*checked_exclude(exclude), *likes, *dislikes}
        question = self._question(likes, dislikes, hidden, where, dials)
        ask = partial(chosen.rank if likes else unlike, question)
        found = self._distinct(ask, count, hidden, question)
        return self._finish(question.explained(found), query)

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
        hidden = checked_exclude(exclude)
        question = self._question((start,), (), {*hidden, start}, where)
        ask = partial(interleaved, question, [Taste.of(question, [0], centred=True)])
        found = self._distinct(ask, count, hidden, question)
        return self._finish(replace(question.explained(found), nearest_liked=EMPTY), query)

    def _question(
        self,
        liked: tuple[str, ...],
        disliked: tuple[str, ...],
        hidden: set[str],
        where: Where | None,
        dials: Dials = AS_LIKED,
    ) -> Question:
        within = self.catalog.filters.within(self.catalog.item_ids, where) if where else None
        ask, share = self.text.candidates, self.weights.meaning
        answer = partial(ask, dials.anchor, exclude=hidden, within=within, meaning_share=share)
        standing = partial(self._popularity.standing, dials.popularity * self.weights.popularity)
        return Question(
            self.channels,
            liked,
            disliked,
            exclude=hidden,
            within=within,
            weights=self.weights,
            dials=dials,
            answer=answer if dials.anchor else None,
            standing=standing if dials.popularity else None,
        )

    def _distinct(self, ask: Ask, count: int, known: set[str], question: Question) -> Ranking:
        most = len(self.catalog) if question.within is None else len(question.within)
        return self._same_pictures.distinct(ask, count, known, question.channel("picture"), most=most)

    @cached_property
    def channels(self) -> tuple[Channel, ...]:
        """The ways in which works can be close to each other, each with its vectors and its weight."""
        return channels_of(self.catalog.item_ids, self.text, self.pictures, self.weights)

    def _weight(self, asked: float | None, text: str) -> float:
        """Return what the pictures count in a search by words."""
        reads = asked is None and self.reads_words and self._picture_search.reads(text)
        usual = self.weights.picture_in_search if reads else 0.0
        wordless = None if self.reads_words else self.image_encoder or "none"
        return checked_picture_weight(asked, usual, wordless)

    @cached_property
    def _same_pictures(self) -> NearDuplicates:
        return NearDuplicates(self.workspace, self.catalog, self.near_duplicates)

    def _finish(self, ranking: Ranking, query: Query) -> Ranking:
        shown = ranking.item_ids.tolist()
        told, works = self.text.by_picture.intersection(shown), self.catalog.get(shown)
        return self.explained(replace(ranking, query=query, works=works, by_picture=told, root=self.root))

    def explained(self, ranking: Ranking) -> Ranking:
        """Return a ranking that can say why its works are there, as one read from a file cannot."""
        from ham_recommend.recommend.reasons import ReasonsInWords

        reasons = ReasonsInWords(ranking, self.text, self.catalog)
        return replace(ranking, reasons=reasons)
