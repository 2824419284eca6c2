"""Searches by what sentences mean: an encoder orders the best works anew, and brings in some of its own.

What the words found stays in the lead: the encoder counts :data:`SHARE`. Nogueira and Cho, "Passage
Re-ranking with BERT" (2019), is the pattern; here with one vector a text, so that it may be encoded when the
collection is built.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from threading import Lock

import numpy as np

from ham_recommend import registry
from ham_recommend.answers import Ranking, best_first
from ham_recommend.catalog.catalog import Catalog
from ham_recommend.catalog.describe import document
from ham_recommend.encode.base import TextEncoder, comparable
from ham_recommend.encode.sentences import sentences_of
from ham_recommend.errors import ArtifactMismatchError, EncodeError, MissingExtraError
from ham_recommend.index.exact import ExactStore
from ham_recommend.records import EMPTY, Embeddings, Vectors
from ham_recommend.timing import ENCODER, part
from ham_recommend.vectors import file_names, load_embeddings
from ham_recommend.workspace import SENTENCES, Workspace

log = logging.getLogger(__name__)

DEPTH = 100
"""Works that are ordered anew; those after them keep their order."""
SHARE = 0.5
"""What the encoder counts beside the words: ``benchmarks/semantic.py`` sets it."""
LEAST_COSINE = 0.35
"""From here on a work that words do not find comes in by its sentences alone. Chosen."""
_REMEMBERED = 20_000


class SentenceSearch:
    """Orders what words find by what it means.

    Parameters
    ----------
    encoder : str
        Its name, with a model after a colon.
    catalog : Catalog
        The works; texts that were not encoded when they were built are encoded when they are needed.
    built : Embeddings or None
        The vectors of the works' texts, where a build has made them.
    fetch : bool
        Whether weights that are not on this machine may be downloaded: only where a person named them.
    """

    def __init__(self, encoder: str, catalog: Catalog, built: Embeddings | None, *, fetch: bool) -> None:
        self.name, self._fetch = encoder, fetch
        self._catalog = catalog
        self._built = built
        self._recent: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = Lock()

    @cached_property
    def encoder(self) -> TextEncoder:
        """What encodes, loaded with the first question.

        Raises
        ------
        MissingExtraError, EncodeError
            It cannot be loaded here.
        ArtifactMismatchError
            The collection's texts were encoded by something else of this name.
        """
        encoder = registry.make_text_encoder(self.name, fetch=self._fetch)
        if self._built is not None and not comparable(encoder.model_id, self._built.model_id):
            raise ArtifactMismatchError(
                f"The collection's texts were encoded with {self._built.model_id!r}, but {self.name!r} is "
                f"{encoder.model_id!r} here. Build it again with --text-encoder {self.name}."
            )
        return encoder

    @cached_property
    def works_here(self) -> bool:
        """Whether the encoder can be loaded; that it cannot is said once."""
        try:
            return bool(self.encoder)
        except (MissingExtraError, EncodeError) as error:
            log.warning("Sentences are not read. %s", error)
            return False

    @cached_property
    def _store(self) -> ExactStore | None:
        if self._built is None:
            return None
        store = ExactStore(int(self._built.vectors.shape[1]))
        store.upsert(self._built)
        return store

    def ordered(
        self,
        text: str,
        count: int,
        ask: Callable[[int], Ranking],
        *,
        exclude: Collection[str],
        within: Collection[str] | None,
    ) -> Ranking:
        """Order what words find by what it means, too.

        Parameters
        ----------
        text : str
            What is looked for.
        count : int
            How many works, at least, if there are so many.
        ask : callable
            How many → at least as many of the best works by words.
        exclude, within
            As in :meth:`ham_recommend.index.base.VectorStore.search`.

        Returns
        -------
        Ranking
            The first hundred by both; those after them as they were. ``channels["sentences"]`` holds cosines.
        """
        found = ask(max(count, DEPTH))
        with part(ENCODER):
            query = self.encoder.encode_query(text)
        near = self._near(query, exclude, within)
        first = found.item_ids[:DEPTH].tolist()
        own = [item_id for item_id in near if item_id not in set(found.item_ids.tolist())]
        best = float(found.scores.max(initial=0.0)) or 1.0
        said = np.concatenate([found.scores / best, np.zeros(len(own), dtype=np.float32)])
        cosines = np.full(len(said), np.nan, dtype=np.float32)
        cosines[: len(first)] = self._cosines(query, first)
        cosines[len(found) :] = [near[item_id] for item_id in own]
        scores = ((1.0 - SHARE) * said + SHARE * np.maximum(np.nan_to_num(cosines), 0.0)).astype(np.float32)
        ids = np.concatenate([found.item_ids, np.array(own, dtype=object)])
        channels = {
            name: np.concatenate([values, np.zeros(len(own), dtype=np.float32)])
            for name, values in found.channels.items()
        }
        whole = Ranking(
            ids,
            scores,
            channels={**channels, "sentences": cosines},
            corrected=found.corrected,
            suggested=EMPTY if len(ids) else found.suggested,
        )
        head = np.flatnonzero(~np.isnan(cosines))
        head = head[best_first(ids[head], scores[head], len(head))]
        return whole.only(np.concatenate([head, np.arange(len(first), len(found))]))

    def _near(
        self, query: Vectors, exclude: Collection[str], within: Collection[str] | None
    ) -> dict[str, float]:
        """Return the works nearest by their sentences, where all were encoded."""
        if self._store is None:
            return {}
        near = self._store.search(query, DEPTH, exclude=exclude, within=within)[0]
        pairs = zip(near.item_ids.tolist(), near.scores.tolist(), strict=True)
        return {item_id: score for item_id, score in pairs if score >= LEAST_COSINE}

    def _cosines(self, query: Vectors, item_ids: Sequence[str]) -> Vectors:
        if self._store is not None:
            cosines: Vectors = np.nan_to_num(self._store.products(query[None], item_ids)[0])
            return cosines
        return np.array([vector @ query for vector in self._encoded(item_ids)], dtype=np.float32)

    def _encoded(self, item_ids: Sequence[str]) -> list[Vectors]:
        """Return the vectors of works, and remember them for the next question."""
        with self._lock:
            known = {item_id: self._recent[item_id] for item_id in item_ids if item_id in self._recent}
        missing = [item_id for item_id in item_ids if item_id not in known]
        if missing:
            texts = [sentences_of(document(self._catalog[item_id])) for item_id in missing]
            with part(ENCODER):
                known |= dict(zip(missing, self.encoder.encode_texts(texts), strict=True))
            with self._lock:
                self._recent.update((item_id, known[item_id]) for item_id in missing)
                while len(self._recent) > _REMEMBERED:
                    self._recent.popitem(last=False)
        return [known[item_id] for item_id in item_ids]


def sentence_search(workspace: Workspace, catalog: Catalog, asked: str | None) -> SentenceSearch | None:
    """Return what orders searches by sentences, if anything does.

    Parameters
    ----------
    workspace : Workspace
        The collection.
    catalog : Catalog
        Its works.
    asked : str or None
        An encoder's name, with a model after a colon; ``"none"`` for none, ``None`` for the one whose vectors
        a build has made.

    Raises
    ------
    SettingsError
        No such encoder.
    """
    entry = workspace.manifest.files.get(file_names(SENTENCES)[0])
    built = None if entry is None else str(entry.settings.get("encoder", ""))
    name = asked or built
    if not name or name == "none":
        return None
    registry.load("text_encoder", name.partition(":")[0])
    vectors = None
    if entry is not None and name == built:
        vectors = load_embeddings(SENTENCES, str(entry.settings.get("model_id", "")), workspace.checked)
    return SentenceSearch(name, catalog, vectors, fetch=asked is not None)
