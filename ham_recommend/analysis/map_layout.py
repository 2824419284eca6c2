"""Where works lie on a map: a plane of cells, one work in each, near works near each other.

A cell of its own means that no picture covers another, that the work under a pointer is found by one look,
and that a work never has to move: later ones take free cells among their neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ham_recommend.errors import SettingsError
from ham_recommend.records import Vectors

Cells = npt.NDArray[np.int64]
Points = npt.NDArray[np.float64]

ROOM = 2.6
"""Cells for each work. With two the pictures are larger, and trustworthiness 0.01 lower
(``benchmarks/map_speed.py``)."""
EVENNESS = 0.6
"""How far a plane is stretched towards equal density, 0 to 1: at 0 the densest places spill over far from
where they belong, at 1 nothing is left of the islands. ``benchmarks/map_speed.py`` finds 0.4 to 0.8 alike."""
NEIGHBOURS = 10
"""Placed works that a later one is placed among."""
TOO_FEW = 16
"""Works below which UMAP has nothing to go by."""
_FIRST_CHOICES = 8
_MOST_CHOICES = 4_096


def pca(vectors: Vectors, seed: int) -> Points:
    """Return the two directions in which vectors differ most, shape (n, 2)."""
    from sklearn.decomposition import PCA

    if len(vectors) < 3:
        return np.column_stack([np.arange(len(vectors)), np.zeros(len(vectors))]).astype(np.float64)
    # the exact solver goes through dim × dim numbers only, and is the same on every machine
    found = PCA(n_components=2, svd_solver="covariance_eigh", random_state=seed).fit_transform(vectors)
    return np.asarray(found, dtype=np.float64)


def laid_out(vectors: Vectors, method: str, seed: int) -> Cells:
    """Lay works out anew.

    Parameters
    ----------
    vectors : ndarray of float32, shape (n, dim)
        Unit length.
    method : {"umap", "pca"}
        What makes a plane of them. PCA stands in for UMAP below sixteen works.
    seed : int
        Of chance.

    Returns
    -------
    ndarray of int64, shape (n, 2)
        Column and row of each work's cell; no two have the same.
    """
    if not len(vectors):
        return np.empty((0, 2), dtype=np.int64)
    if method == "umap" and len(vectors) >= TOO_FEW:
        from ham_recommend.analysis._umap import umap

        plane = umap(vectors, seed)
    else:
        plane = pca(vectors, seed)
    return in_cells(plane)


def in_cells(plane: Points) -> Cells:
    """Give each point of a plane a cell of its own near it, int64, shape (n, 2)."""
    side = max(2, int(np.ceil(np.sqrt(len(plane) * ROOM))))
    free = np.ones((side, side), dtype=np.bool_)
    return _nearest_free(_evened(plane) * (side - 1), free, origin=(0, 0))


def placed_among(vectors: Vectors, placed: Vectors, cells: Cells) -> Cells:
    """Give later works free cells among the works that are most like them; those stay where they are.

    Each is drawn to the geometric median of its nearest neighbours' cells, the nearer ones counting more: a
    mean would put a work that is like two islands into the water between them.

    Parameters
    ----------
    vectors : ndarray of float32, shape (m, dim)
        The later works, unit length.
    placed : ndarray of float32, shape (n, dim)
        The works that have a cell, n at least 1.
    cells : ndarray of int64, shape (n, 2)
        Their cells.

    Returns
    -------
    ndarray of int64, shape (m, 2)
    """
    from sklearn.neighbors import NearestNeighbors

    if not len(vectors):
        return np.empty((0, 2), dtype=np.int64)
    count = min(NEIGHBOURS, len(placed))
    finder = NearestNeighbors(n_neighbors=count, algorithm="brute", metric="sqeuclidean").fit(placed)
    distances, rows = finder.kneighbors(vectors)
    excess = distances - distances[:, :1]
    weights = np.exp(-excess / np.maximum(excess[:, -1:] / 3, 1e-9))
    wanted = _medians(cells[rows].astype(np.float64), weights)
    return _nearest_free(wanted, *_surroundings(cells, len(vectors)))


def trustworthiness(
    vectors: Vectors, cells: Cells, *, k: int = 12, most: int = 2_000, seed: int = 0
) -> float:
    """Return how far a map can be trusted: 1 where neighbours on it are neighbours (Venna and Kaski, 2001).

    Parameters
    ----------
    vectors : ndarray of float32, shape (n, dim)
        Unit length.
    cells : ndarray of int64, shape (n, 2)
        Their cells.
    k : int
        Neighbours that count.
    most : int
        Works that are compared, drawn by chance where there are more.
    seed : int
        Of that chance.

    Returns
    -------
    float
        0 to 1; NaN for works too few to tell.
    """
    from sklearn import manifold

    rows = np.random.default_rng(seed).permutation(len(vectors))[:most]
    if len(rows) < 2 * k + 2:
        return float("nan")
    return float(manifold.trustworthiness(vectors[rows], cells[rows], n_neighbors=k))


def in_map_order(cells: Cells) -> npt.NDArray[np.int64]:
    """Return the rows in the order of Morton, in which works that lie near each other come together."""
    if not len(cells):
        return np.empty(0, dtype=np.int64)
    apart = [_spread_bits(axis - axis.min()) for axis in cells.T]
    return np.argsort(apart[0] | (apart[1] << np.uint64(1)), kind="stable").astype(np.int64)


def _spread_bits(values: Cells) -> npt.NDArray[np.uint64]:
    """Put a zero between the bits of 32-bit numbers."""
    bits = values.astype(np.uint64)
    for shift, mask in (
        (16, 0x0000FFFF0000FFFF),
        (8, 0x00FF00FF00FF00FF),
        (4, 0x0F0F0F0F0F0F0F0F),
        (2, 0x3333333333333333),
        (1, 0x5555555555555555),
    ):
        bits = (bits | (bits << np.uint64(shift))) & np.uint64(mask)
    return bits


def _evened(plane: Points) -> Points:
    """Return a plane within 0 and 1 on both axes, its dense parts stretched."""
    low, high = np.percentile(plane, [0.5, 99.5], axis=0)
    plain = np.clip((plane - low) / np.maximum(high - low, 1e-12), 0, 1)
    ranks = np.argsort(np.argsort(plane, axis=0, kind="stable"), axis=0) / max(1, len(plane) - 1)
    evened: Points = (1 - EVENNESS) * plain + EVENNESS * ranks
    return evened


def _medians(points: Points, weights: Points) -> Points:
    """Return the weighted geometric median of each set of points, shape (m, 2) (Weiszfeld, 1937)."""
    share = weights / weights.sum(axis=1, keepdims=True)
    middle: Points = (points * share[:, :, None]).sum(axis=1)
    for _ in range(12):
        far = np.linalg.norm(points - middle[:, None], axis=2)
        pull = weights / np.maximum(far, 0.5)
        middle = (points * pull[:, :, None]).sum(axis=1) / pull.sum(axis=1, keepdims=True)
    return middle


def _surroundings(cells: Cells, more: int) -> tuple[npt.NDArray[np.bool_], tuple[int, int]]:
    """Return which cells on a map and around it are free, and where the first of them lies."""
    low, high = cells.min(axis=0), cells.max(axis=0)
    width, height = (high - low + 1).tolist()
    lacking = max(0.0, ROOM * (len(cells) + more) - width * height)
    margin = 1 + int(np.ceil(lacking / (2 * (width + height))))
    free = np.ones((width + 2 * margin, height + 2 * margin), dtype=np.bool_)
    start = low - margin
    free[tuple((cells - start).T)] = False
    return free, (int(start[0]), int(start[1]))


def _nearest_free(wanted: Points, free: npt.NDArray[np.bool_], origin: tuple[int, int]) -> Cells:
    """Give each point a free cell near it, those that are nearest to theirs first.

    Parameters
    ----------
    wanted : ndarray of float64, shape (m, 2)
        Where each would lie.
    free : ndarray of bool, shape (columns, rows)
        Which cells may be taken; at least m.
    origin : (int, int)
        Column and row of the first of them.
    """
    from scipy.spatial import cKDTree

    found = np.empty((len(wanted), 2), dtype=np.int64)
    left = np.arange(len(wanted))
    choices = _FIRST_CHOICES
    while len(left):
        open_cells = np.argwhere(free) + origin
        tree = cKDTree(open_cells)
        nearest = range(1, min(choices, len(open_cells)) + 1)
        far, rows = map(np.asarray, tree.query(wanted[left], k=nearest))
        taken = np.zeros(len(open_cells), dtype=np.bool_)
        refused = []
        for at in np.argsort(far[:, 0], kind="stable").tolist():
            mine = rows[at]
            unclaimed = np.flatnonzero(~taken[mine])
            if not len(unclaimed):
                refused.append(left[at])
                continue
            cell = mine[unclaimed[0]]
            taken[cell] = True
            found[left[at]] = open_cells[cell]
        free[tuple((open_cells[taken] - origin).T)] = False
        left = np.sort(np.array(refused, dtype=np.int64))
        choices = min(2 * choices, _MOST_CHOICES)
    return found


def inside(cells: Cells, polygon: Sequence[Sequence[float]]) -> npt.NDArray[np.bool_]:
    """Return which cells have their middle inside a polygon, by the parity of the edges beside it.

    Raises
    ------
    SettingsError
        It is no polygon of 3 to 2,000 corners.
    """
    corners = _checked_polygon(polygon)
    found = np.zeros(len(cells), dtype=np.bool_)
    x, y = cells[:, 0] + 0.5, cells[:, 1] + 0.5
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if y0 != y1:
            found ^= ((y0 > y) != (y1 > y)) & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
    return found


def _checked_polygon(polygon: Sequence[Sequence[float]]) -> npt.NDArray[np.float64]:
    try:
        corners = np.asarray(polygon, dtype=np.float64)
    except (TypeError, ValueError):
        corners = np.empty((0, 0))
    if corners.ndim != 2 or corners.shape[1:] != (2,) or not 3 <= len(corners) <= 2_000:
        raise SettingsError("A lasso needs 3 to 2,000 corners, each a column and a row of the map.")
    if not np.isfinite(corners).all():
        raise SettingsError("A corner of the lasso lies nowhere. Draw it again.")
    return corners
