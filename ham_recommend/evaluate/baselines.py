"""What a user would otherwise pick for text search, to compare with: each is a search over the same texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

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


def sparse_tfidf(documents: Sequence[Document]) -> Search:
    """Return plain scikit-learn's search: its default TF-IDF with English stop words, times the query."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    item_ids = ids_of(documents)
    vectorizer = TfidfVectorizer(stop_words="english", dtype=np.float32)
    matrix = vectorizer.fit_transform([text_of(document) for document in documents])

    def search(text: str, k: int) -> Ranking:
        scores = (matrix @ vectorizer.transform([text]).T).toarray().ravel()
        return _best(item_ids, scores, k)

    return search


def bm25(documents: Sequence[Document]) -> Search:
    """Return the search of bm25s with its default settings, over the same stems as ours.

    Raises
    ------
    MissingExtraError
        bm25s is not installed.
    """
    try:
        import bm25s
    except ImportError as error:
        raise MissingExtraError.needing("The BM25 baseline", "dev") from error

    item_ids = ids_of(documents)
    retriever: Any = bm25s.BM25()
    retriever.index([stem(words(text_of(document))) for document in documents], show_progress=False)

    def search(text: str, k: int) -> Ranking:
        asked = [stem(words(text))]
        rows, scores = retriever.retrieve(asked, k=min(k, len(item_ids)), show_progress=False, n_threads=1)
        return _best(item_ids[rows[0]], scores[0], k)

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
    return lambda text, k: store.search(made.encode_texts([text])[0], k)[0]


BASELINES: Mapping[str, Callable[[Sequence[Document]], Search]] = MappingProxyType(
    {"scikit-learn TF-IDF": sparse_tfidf, "bm25s": bm25}
)

WITH_WEIGHTS: Mapping[str, Callable[..., Search]] = MappingProxyType(
    {"notebook: CLIP text vectors": clip_text}
)
"""Baselines that need a checkpoint; which one can be given after the documents."""


def _best(item_ids: ItemIds, scores: Vectors, k: int) -> Ranking:
    found = np.flatnonzero(scores > 0)
    return Ranking.from_scores(item_ids[found], scores[found], k)
