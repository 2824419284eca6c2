"""igraph, for what only it does well: Leiden's communities, and GraphML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ham_recommend.analysis.graph import Edges
from ham_recommend.errors import MissingExtraError


def _igraph() -> Any:
    try:
        import igraph
    except ImportError as error:
        raise MissingExtraError.needing("Communities and GraphML files", "analysis") from error
    return igraph


def leiden(edges: Edges, count: int, resolution: float, seed: int) -> npt.NDArray[np.int64]:
    """Return the community of each work, the largest first (Traag, Waltman and van Eck 2019).

    Parameters
    ----------
    edges : Edges
        The graph; its direction does not count, the probability of its order does.
    count : int
        How many works.
    resolution : float
        Greater values give more and smaller communities.
    seed : int
        Of chance: the same gives the same.
    """
    import random

    igraph = _igraph()
    graph = igraph.Graph(n=count, edges=np.column_stack([edges.earlier, edges.later]).tolist())
    weights = np.maximum(edges.cosine.astype(np.float64), 1e-6) * (2 * edges.p_earlier - 1)
    igraph.set_random_number_generator(random.Random(seed))  # noqa: S311 - not for secrets
    try:
        found = graph.community_leiden(
            objective_function="modularity", weights=weights.tolist(), resolution=resolution, n_iterations=5
        )
    finally:
        igraph.set_random_number_generator(random)
    member = np.array(found.membership, dtype=np.int64)
    sizes = np.bincount(member)
    place = np.empty(len(sizes), dtype=np.int64)
    place[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes))
    return place[member]


def write_graphml(
    path: Path,
    nodes: Mapping[str, Sequence[Any]],
    edges: Sequence[tuple[int, int]],
    weights: Mapping[str, Sequence[Any]],
) -> None:
    """Write a directed graph with what is known of its nodes and edges."""
    igraph = _igraph()
    count = len(next(iter(nodes.values())))
    graph = igraph.Graph(n=count, edges=list(edges), directed=True)
    for name, values in nodes.items():
        graph.vs[name] = list(values)
    for name, values in weights.items():
        graph.es[name] = list(values)
    graph.write_graphml(str(path))
