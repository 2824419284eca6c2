"""FAISS: the only file that imports it, and what all who use it need."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ham_recommend.index._ids import Mask


def faiss_module() -> Any:
    import faiss

    return faiss


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep FAISS from starting threads; the number is per calling thread, so others go on as before.

    Several threads would link a graph in another order at every build, and one query is answered five times
    slower by two threads that wait for each other than by one that reads on.
    """
    faiss = faiss_module()
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


def selector(mask: Mask | None) -> Any:
    return None if mask is None else faiss_module().IDSelectorBitmap(np.packbits(mask, bitorder="little"))
