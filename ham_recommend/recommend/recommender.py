"""Answer: search by words, recommend from likes, find what is similar."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Self, cast

import numpy as np

from ham_recommend.answers import Query, Ranking, Understood
from ham_recommend.errors import ArtifactError, ArtifactMismatchError, SettingsError
from ham_recommend.index.stores import file_store, is_url, open_filled
from ham_recommend.manifest import EncoderFacts, NearDuplicateCosines
from ham_recommend.net.addresses import on_the_web
from ham_recommend.recommend.channels import Channel
from ham_recommend.recommend.near_duplicates import NearDuplicates, distinct
from ham_recommend.recommend.query import (
    checked_exclude,
    checked_items,
    checked_k,
    checked_text,
    checked_weight,
    checked_where,
)
from ham_recommend.recommend.question import Question
from ham_recommend.recommend.strategies import DEFAULT, interleaved, strategy_named
from ham_recommend.recommend.taste import Taste
from ham_recommend.recommend.weights import Weights
from ham_recommend.recommend.without_words import WithoutWords
from ham_recommend.records import EMPTY, Where
from ham_recommend.vectors import load_embeddings
from ham_recommend.workspace import CATALOG, Workspace

if TYPE_CHECKING:
    from ham_recommend.catalog.catalog import Catalog
    from ham_recommend.index.base import VectorStore
    from ham_recommend.index.text_index import TextIndex
    from ham_recommend.recommend.pictures import PictureSearch
    from ham_recommend.recommend.understand import Reading, Understanding


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
    text : TextIndex
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
        near_duplicates: NearDuplicateCosines | None = None,
        weights: Weights | None = None,
    ) -> None:
        self.workspace = workspace
        self.catalog = catalog
        self.text = text
        self.pictures = pictures
        self.image_encoder = image_encoder
        self.reads_words = reads_words
        self.weights = weights or Weights()
        self.near_duplicates = near_duplicates

    def __repr__(self) -> str:
        return f"<Recommender of {len(self.catalog):,} works in {str(self.workspace.root)!r}>"

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str] | Workspace,
        *,
        encoder: str | None = None,
        store: str | None = None,
        manifest: str | None = None,
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
            are put into now, ``"exact"``, ``"flat"``, ``"fp16"``, ``"hnsw"`` or ``"ivf"``, or the address of
            one that holds them already, ``"postgresql://…"``.
        manifest : str or None
            The hash of the manifest of the collection that is meant, as a citation gives it, or the first 8
            digits of it or more.

        Warns
        -----
        DataWarning
            It is another collection.

        Raises
        ------
        ArtifactError
            A file is missing, damaged or made by another version, or the store behind the address holds other
            vectors; the message says how to mend it.
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
        catalog = Catalog.read(workspace.checked(CATALOG))
        text = TextIndex.load(workspace.checked)
        if not np.array_equal(text.item_ids, catalog.item_ids):
            raise ArtifactMismatchError(
                f"The text index of {workspace.root} is of other works than its catalog. {workspace.mending}"
            )
        if vectors is None:
            return cls(workspace, catalog, text)
        made = facts.encoders[vectors]
        return cls(
            workspace,
            catalog,
            text,
            pictures=_open_pictures(workspace, catalog, vectors, made, store),
            image_encoder=made.name,
            reads_words=made.reads_words,
            near_duplicates=made.near_duplicates,
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
        ignored = tuple(sorted(set(ignore)))
        query = Query(text=line, k=count, where=checked_where(where), ignore=ignored)
        hidden = checked_exclude(exclude)
        weight = self._weight(image_weight)
        reading = self._understanding.read(line, ignored)
        question = self._question((), (), hidden, where)
        within = self._exactly(reading, question.within)
        pictures = question.channel("picture")

        texts = partial(
            self.text.candidates,
            reading.text,
            exclude=hidden,
            within=within,
            correct=correct,
            meaning_share=self.weights.meaning,
            boosts=reading.boosts,
        )

        def ask(wanted: int) -> Ranking:
            if not weight or pictures is None or not reading.text:
                return texts(wanted).only(slice(wanted))
            return self._picture_search.by_words(
                reading.text, wanted, weight, lambda count, also: texts(count, also=also), pictures
            )

        found = self._distinct(ask, count, hidden, question)
        foreign = tuple(Understood("meaning", english, word) for word, english in found.translated.items())
        return self._finish(replace(found, understood=(*reading.understood, *foreign)), query)

    @cached_property
    def _understanding(self) -> Understanding:
        from ham_recommend.recommend.understand import Understanding

        return Understanding(self.catalog, self.text.frequency, self.weights)

    def _exactly(self, reading: Reading, within: Collection[str] | None) -> Collection[str] | None:
        """Return the works that have what was asked for exactly; ``None`` for all."""
        if not (reading.where or reading.phrases or reading.without):
            return within
        ids = self.text.item_ids
        may = np.ones(len(ids), dtype=np.bool_)
        for allowed in (within, self.catalog.filter(reading.where) if reading.where else None):
            if allowed is not None:
                may &= np.isin(ids, list(allowed))
        for phrase in reading.phrases:
            may[np.setdiff1d(np.arange(len(ids)), self.text.saying(phrase))] = False
        for word in reading.without:
            may[self.text.saying(word)] = False
        return ids[may]

    def recommend(
        self,
        liked: Iterable[str],
        disliked: Iterable[str] = (),
        k: int = 12,
        *,
        exclude: Iterable[str] = (),
        where: Where | None = None,
        strategy: str = DEFAULT,
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
        strategy : str
            How likes become an answer: ``"interleave"``, ``"mean"``, or the name of a plugin's; see
            :mod:`ham_recommend.recommend.strategies`.

        Returns
        -------
        Ranking
            Scores say how close a work is to the interest it is closest to: 1 for the likes themselves, 0 for
            an average work. ``channels`` holds the cosines with ``nearest_liked``.

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
        query = Query(liked=likes, disliked=dislikes, strategy=strategy, k=count, where=checked_where(where))
        hidden = {*checked_exclude(exclude), *likes, *dislikes}
        question = self._question(likes, dislikes, hidden, where)
        ask = partial(chosen.rank, question)
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
        self, liked: tuple[str, ...], disliked: tuple[str, ...], hidden: set[str], where: Where | None
    ) -> Question:
        within = self.catalog.filter(where) if where else None
        return Question(self.channels, liked, disliked, exclude=hidden, within=within, weights=self.weights)

    def _distinct(
        self, ask: Callable[[int], Ranking], count: int, known: set[str], question: Question
    ) -> Ranking:
        """Fold works with the same picture, fetching all the vectors that it takes at once."""
        pictures, same = question.channel("picture"), self._same_pictures
        vectors = None if pictures is None else pictures.batch
        most = len(self.catalog) if question.within is None else len(question.within)
        if not same.possible(vectors):
            return distinct(ask, count, known, None, most=most)
        if vectors is not None:
            vectors.expect(known)

        def ask_and_fetch(wanted: int) -> Ranking:
            found = ask(wanted)
            if vectors is not None:
                vectors.expect(found.item_ids.tolist())
            return found

        alike = partial(same.alike, pictures=vectors)
        return distinct(ask_and_fetch, count, known, alike, most=most)

    @cached_property
    def channels(self) -> tuple[Channel, ...]:
        """The ways in which works can be close to each other, each with its vectors and its weight."""
        ids, of = self.catalog.item_ids, self.weights
        texts = 1.0 - of.picture
        words = Channel("words", self.text.words, texts * (1.0 - of.meaning), ids, sparse=True)
        meaning = Channel("meaning", self.text.meaning, texts * of.meaning, ids)
        if self.pictures is None:
            return (words, meaning)
        return (Channel("picture", self.pictures, of.picture, ids), words, meaning)

    @cached_property
    def _picture_search(self) -> PictureSearch:
        from ham_recommend.recommend.pictures import PictureSearch

        encoder, facts = str(self.image_encoder), self.workspace.manifest.facts
        made = facts.encoders[facts.encoder_named(encoder) or ""]
        return PictureSearch(self.channels[0], encoder, made.model_id)

    def _weight(self, asked: float | None) -> float:
        """Return what the pictures count in a search by words."""
        weight = None if asked is None else checked_weight(asked)
        if self.reads_words:
            usual = self.weights.picture_in_search if self._picture_search.reads_words_here else 0.0
            return usual if weight is None else weight
        if weight:
            raise SettingsError(
                f"This collection was built with --image-encoder {self.image_encoder or 'none'}, which does "
                "not read words. Leave the image weight out, or build it with --image-encoder clip."
            )
        return 0.0

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
        return _open_pictures(self.workspace, self.catalog, encoder, facts.encoders[encoder], None)

    @cached_property
    def _same_pictures(self) -> NearDuplicates:
        return NearDuplicates(self.workspace, self.catalog, self.near_duplicates)

    def _finish(self, ranking: Ranking, query: Query) -> Ranking:
        works = self.catalog.get(ranking.item_ids.tolist())
        return self.explained(replace(ranking, query=query, works=works, root=self.workspace.root))

    def explained(self, ranking: Ranking) -> Ranking:
        """Return a ranking that can say why its works are there, as one read from a file cannot."""
        from ham_recommend.recommend.reasons import ReasonsInWords

        reasons = ReasonsInWords(ranking.query, ranking.corrected, ranking.strongest, self.text, self.catalog)
        return replace(ranking, reasons=reasons)


def _open_pictures(
    workspace: Workspace, catalog: Catalog, name: str, made: EncoderFacts, asked: str | None
) -> VectorStore:
    """Return the store of picture vectors: as it was built, or filled anew if another kind is asked for."""
    store = asked or made.store
    embeddings = load_embeddings(name, made.model_id, workspace.checked)
    if not set(embeddings.item_ids.tolist()) <= set(catalog.item_ids.tolist()):
        raise ArtifactMismatchError(
            f"The vectors {name!r} of {workspace.root} are of other works than its catalog. "
            f"{workspace.mending}"
        )
    if is_url(store):
        return open_filled(store, workspace, name, embeddings)
    store_class = file_store(store)
    file = store_class.file_name(name)
    if file in workspace:
        return store_class.load(workspace.checked(file), embeddings)
    filled = store_class(embeddings.vectors.shape[1])
    filled.upsert(embeddings)
    return filled
