"""The graph of works on disk: ``<encoder>.works``, ``.edges`` and ``.makers`` in ``5-analysis/``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ham_recommend.analysis.graph import Edges, Graph
from ham_recommend.analysis.makers import NOBODY
from ham_recommend.analysis.stored import parents_of, read_table, write_tables
from ham_recommend.analysis.works import DatedWorks
from ham_recommend.workspace import ANALYSIS, Workspace

METHOD = 2
"""Goes up whenever the same collection would get another graph."""
_EDGES = ("earlier", "later", "cosine", "score", "p_earlier")


def file_names(encoder: str) -> tuple[str, str, str]:
    """Return the names of the files of works, edges and artists, relative to the workspace."""
    works, edges, makers = (f"{ANALYSIS}/{encoder}.{kind}.parquet" for kind in ("works", "edges", "makers"))
    return works, edges, makers


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
    nodes, edges, makers = (read_table(workspace, name, **made) for name in file_names(encoder))
    if nodes is None or edges is None or makers is None:
        return None
    if nodes["item_id"].to_pylist() != works.item_ids.tolist():
        return None
    if makers["artist"].to_pylist() != list(works.makers.names):
        return None
    return Graph(
        Edges(**{name: edges[name].to_numpy() for name in _EDGES}),
        nodes["hubness"].to_numpy(),
        nodes["pagerank"].to_numpy(),
        nodes["creativity"].to_numpy(),
        makers["hubness"].to_numpy(),
    )


def write_graph(
    workspace: Workspace,
    encoder: str,
    works: DatedWorks,
    *,
    graph: Graph,
    rescaled_pagerank: npt.NDArray[np.float64],
    made_with: Mapping[str, Any],
) -> None:
    """Keep a graph, with the rescaled PageRank of each work beside the plain one.

    Raises
    ------
    ArtifactError
        The folder cannot be written, or a build in it was cut short.
    """
    nodes = {
        "item_id": works.item_ids.tolist(),
        "hubness": graph.hubness,
        "pagerank": graph.pagerank,
        "rescaled_pagerank": rescaled_pagerank,
        "creativity": graph.creativity,
    }
    makers = {
        "artist": list(works.makers.names),
        "works": np.bincount(works.makers.of[works.makers.of != NOBODY], minlength=len(works.makers.names)),
        "hubness": graph.artist_hubness,
    }
    edges = {name: getattr(graph.edges, name) for name in _EDGES}
    write_tables(
        workspace,
        dict(zip(file_names(encoder), map(pa.table, (nodes, edges, makers)), strict=True)),
        settings={"method": METHOD, **made_with},
        parents=parents_of(workspace, encoder),
    )
