"""The graph of works on disk: ``5-analysis/<encoder>.works.parquet`` and ``<encoder>.edges.parquet``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ham_recommend.analysis.graph import Edges, Graph
from ham_recommend.analysis.stored import parents_of, read_table, write_tables
from ham_recommend.analysis.works import DatedWorks
from ham_recommend.workspace import ANALYSIS, Workspace

METHOD = 1
"""Goes up whenever the same collection would get another graph."""
_EDGES = ("earlier", "later", "cosine", "score", "p_earlier")


def file_names(encoder: str) -> tuple[str, str]:
    """Return the names of the files of works and of edges, relative to the workspace."""
    return f"{ANALYSIS}/{encoder}.works.parquet", f"{ANALYSIS}/{encoder}.edges.parquet"


def read_graph(
    workspace: Workspace, encoder: str, works: DatedWorks, made_with: Mapping[str, Any]
) -> Graph | None:
    """Return the graph that is kept, or ``None`` where there is none of these works with these settings.

    Raises
    ------
    ArtifactError
        A file of it is damaged.
    """
    made = {"settings": {"method": METHOD, **made_with}, "parents": parents_of(workspace, encoder)}
    nodes, edges = (read_table(workspace, name, **made) for name in file_names(encoder))
    if nodes is None or edges is None or nodes["item_id"].to_pylist() != works.item_ids.tolist():
        return None
    return Graph(Edges(**{name: edges[name].to_numpy() for name in _EDGES}), nodes["hubness"].to_numpy())


def write_graph(
    workspace: Workspace,
    encoder: str,
    works: DatedWorks,
    *,
    graph: Graph,
    ranks: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]],
    made_with: Mapping[str, Any],
) -> None:
    """Keep a graph, with the plain and the rescaled PageRank of each work.

    Raises
    ------
    ArtifactError
        The folder cannot be written, or a build in it was cut short.
    """
    nodes = {
        "item_id": works.item_ids.tolist(),
        "hubness": graph.hubness,
        "pagerank": ranks[0],
        "rescaled_pagerank": ranks[1],
    }
    edges = {name: getattr(graph.edges, name) for name in _EDGES}
    write_tables(
        workspace,
        dict(zip(file_names(encoder), (pa.table(nodes), pa.table(edges)), strict=True)),
        settings={"method": METHOD, **made_with},
        parents=parents_of(workspace, encoder),
    )
