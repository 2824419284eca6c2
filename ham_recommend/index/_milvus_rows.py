"""Works as Milvus keeps them: a vector, and beside it what its work is called and filtered by."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from ham_recommend.catalog.tags import Tagged
from ham_recommend.records import ItemIds, Vectors

Row = tuple[str, Vectors]
"""A work and its vector, shape (dim,)."""


def entity_of(key: int, item_id: str, vector: Vectors, tagged: Tagged) -> dict[str, Any]:
    """Return a work as it is written."""
    return {
        "key": key,
        "item_id": item_id,
        "vector": vector,
        "first": tagged.first,
        "last": tagged.last,
        "tags": list(tagged.tags),
        "mark": tagged.mark,
    }


def row_of(entity: dict[str, Any]) -> Row:
    """Return a work that was read."""
    return str(entity["item_id"]), np.asarray(entity["vector"], dtype=np.float32)


def columns(rows: Collection[Row], dim: int) -> tuple[ItemIds, Vectors]:
    """Return works and their vectors as columns, shapes (n,) and (n, dim)."""
    ids = np.array([item_id for item_id, _ in rows], dtype=np.object_)
    vectors = np.stack([vector for _, vector in rows]) if len(rows) else np.empty((0, dim), np.float32)
    return ids, vectors
