"""Made-up vectors to test with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ham_recommend.records import Embeddings, ItemIds, Vectors

DIM = 16


def unit_vectors(count: int, dim: int = DIM, seed: int = 0) -> Vectors:
    """Return random unit vectors.

    Returns
    -------
    ndarray of float32, shape (count, dim)
        The same for the same arguments.
    """
    vectors = np.random.default_rng(seed).normal(size=(count, dim))
    unit: Vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return unit


def clustered_vectors(count: int, queries: int, dim: int = 32, seed: int = 0) -> tuple[Vectors, Vectors]:
    """Return unit vectors as pictures have them, in small groups far from each other, and others like them.

    Returns
    -------
    ndarray of float32, shape (count, dim)
        Some twenty in each group.
    ndarray of float32, shape (queries, dim)
        From the same groups.
    """
    rng = np.random.default_rng(seed)
    centres = 1.5 * rng.normal(size=(max(1, count // 20), dim))
    vectors = centres[rng.integers(0, len(centres), count + queries)] + rng.normal(
        size=(count + queries, dim)
    )
    unit = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return unit[:count], unit[count:]


def embeddings_of(vectors: Vectors, item_ids: Sequence[str] | ItemIds | None = None) -> Embeddings:
    """Return embeddings whose ids are in no order, as read-only arrays.

    Parameters
    ----------
    vectors : ndarray of float32, shape (n, dim)
        Copied.
    item_ids : sequence or array of str, or None
        ``None`` makes some up.
    """
    shuffled = np.random.default_rng(1).permutation(len(vectors))
    ids = np.array(
        item_ids if item_ids is not None else [f"made:{n:05d}" for n in shuffled], dtype=np.object_
    )
    vectors = vectors.copy()
    ids.flags.writeable = vectors.flags.writeable = False
    return Embeddings(ids, vectors, "made-up")
