"""What a user would otherwise pick for text search, to compare with: each is a search over the same texts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from ham_recommend.answers import Ranking
from ham_recommend.encode.analyzer import stem, words
from ham_recommend.encode.base import TextEncoder
from ham_recommend.errors import MissingExtraError, SettingsError
from ham_recommend.evaluate.metrics import Search
from ham_recommend.records import Document, ItemIds, Vectors


def text_of(document: Document) -> str:
    """Return all texts of a work in one, as a notebook would join them."""
    texts = (document.title, document.artist, *document.fields.values(), *document.descriptions)
    return " ".join(text for text in texts if text)


def ids_of(documents: Sequence[Document]) -> ItemIds:
    """Return the ids of documents, shape (n,)."""
    return np.array([document.item_id for document in documents], dtype=np.object_)


def sparse_tfidf(documents: Sequence[Document], within: Collection[str] | None = None) -> Search:
    """Return plain scikit-learn's search: its default TF-IDF with English stop words, times the query."""
    return _tfidf(documents, within, stop_words="english")


def notebook(documents: Sequence[Document], within: Collection[str] | None = None) -> Search:
    """Return the search of the notebook this began with: TF-IDF of 1–3-grams, the 15,000 most frequent.

    It kept them dense, in a flat FAISS index; the scores are the same from a sparse matrix.
    """
    return _tfidf(documents, within, stop_words="english", ngram_range=(1, 3), max_features=15_000)


def _tfidf(documents: Sequence[Document], within: Collection[str] | None, **settings: Any) -> Search:
    from sklearn.feature_extraction.text import TfidfVectorizer

    item_ids = ids_of(documents)
    allowed = _allowed(item_ids, within)
    vectorizer = TfidfVectorizer(dtype=np.float32, **settings)
    matrix = vectorizer.fit_transform([text_of(document) for document in documents])

    def search(text: str, k: int) -> Ranking:
        scores = (matrix @ vectorizer.transform([text]).T).toarray().ravel()
        return _best(item_ids, scores * allowed, k)

    return search


def bm25(documents: Sequence[Document], within: Collection[str] | None = None) -> Search:
    """Return the search of bm25s with its default settings, over the same stems as ours.

    Raises
    ------
    MissingExtraError
        bm25s is not installed.
    """
    try:
        import bm25s
    except ImportError as error:
        raise MissingExtraError.needing("The BM25 baseline", "evaluate") from error

    logging.getLogger("bm25s").setLevel(logging.WARNING)  # it sets itself to DEBUG when it is imported
    item_ids = ids_of(documents)
    allowed = _allowed(item_ids, within)
    retriever: Any = bm25s.BM25()
    retriever.index([stem(words(text_of(document))) for document in documents], show_progress=False)

    def search(text: str, k: int) -> Ranking:
        known = [word for word in stem(words(text)) if word in retriever.vocab_dict]
        if not known:
            return _best(item_ids, np.zeros(len(item_ids), dtype=np.float32), k)
        return _best(item_ids, retriever.get_scores(known) * allowed, k)

    return search


def clip_text(documents: Sequence[Document], encoder: str | TextEncoder = "clip") -> Search:
    """Return the search the notebook's author tried: CLIP's vectors of the catalogue fields, one text a work.

    Parameters
    ----------
    documents : sequence of Document
        The works.
    encoder : str or TextEncoder
        A name from the registry, with a model after a colon, or an encoder that is loaded.

    Raises
    ------
    SettingsError
        The encoder reads pictures only.
    MissingExtraError, EncodeError
        The encoder cannot be loaded here.
    """
    from ham_recommend import registry
    from ham_recommend.index.faiss_store import FlatStore
    from ham_recommend.records import Embeddings

    made = registry.make_encoder(encoder) if isinstance(encoder, str) else encoder
    if not isinstance(made, TextEncoder):
        raise SettingsError(
            f"The encoder {encoder!r} reads pictures only; choose one that reads words, as clip."
        )
    fields = [". ".join((each.title, each.artist, *each.fields.values())) for each in documents]
    store = FlatStore(made.dim)
    store.upsert(Embeddings(ids_of(documents), made.encode_texts(fields), made.model_id))

    def search(text: str, k: int) -> Ranking:
        return store.search(made.encode_texts([text])[0], k)[0]

    return search


BASELINES: Mapping[str, Callable[..., Search]] = MappingProxyType(
    {"scikit-learn TF-IDF": sparse_tfidf, "bm25s": bm25, "notebook: TF-IDF of 1–3-grams": notebook}
)

WITH_WEIGHTS: Mapping[str, Callable[..., Search]] = MappingProxyType(
    {"notebook: CLIP text vectors": clip_text}
)
"""Baselines that need a checkpoint; which one can be given after the documents."""


def _allowed(item_ids: ItemIds, within: Collection[str] | None) -> npt.NDArray[np.bool_]:
    """Return which works may come back, shape (n,)."""
    if within is None:
        return np.ones(len(item_ids), dtype=np.bool_)
    wanted = frozenset(within)
    return np.fromiter((item_id in wanted for item_id in item_ids), np.bool_, len(item_ids))


def _best(item_ids: ItemIds, scores: Vectors, k: int) -> Ranking:
    found = np.flatnonzero(scores > 0)
    return Ranking.from_scores(item_ids[found], scores[found], k)
