"""UMAP, for the one thing that only it does: a plane on which neighbours stay neighbours."""

from __future__ import annotations

import warnings
from importlib.util import find_spec

import numpy as np
import numpy.typing as npt

from ham_recommend.errors import MissingExtraError
from ham_recommend.records import Vectors

NEIGHBOURS = 15
SPREAD, CLOSEST = 1.0, 0.1


def is_installed() -> bool:
    """Return whether umap-learn can be imported, without doing so: that takes seconds."""
    return find_spec("umap") is not None


def umap(vectors: Vectors, seed: int) -> npt.NDArray[np.float64]:
    """Lay vectors out on a plane (McInnes, Healy and Melville, "UMAP", 2018).

    Parameters
    ----------
    vectors : ndarray of float32, shape (n, dim)
        Unit length; n is at least 16.
    seed : int
        Of chance: the same gives the same.

    Returns
    -------
    ndarray of float64, shape (n, 2)

    Raises
    ------
    MissingExtraError
        umap-learn is not installed.
    """
    if not is_installed():
        raise MissingExtraError.needing("A map by UMAP", "map")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of threads that a seed does without, and of its compiler
        from umap import UMAP

        model = UMAP(
            n_neighbors=min(NEIGHBOURS, len(vectors) - 1),
            min_dist=CLOSEST,
            spread=SPREAD,
            init="pca",
            random_state=seed,
        )
        return np.asarray(model.fit_transform(vectors), dtype=np.float64)
