"""The graph as files that other programs read: GraphML for Gephi and Cytoscape, Parquet for tables."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ham_recommend.analysis import CAVEAT
from ham_recommend.analysis.dates import as_written
from ham_recommend.errors import SettingsError
from ham_recommend.files import cannot_be_written, unwritable, whole_file

if TYPE_CHECKING:
    from ham_recommend.analysis.influence import Influence

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML file may hold."""


def to_graphml(found: Influence, path: str | Path) -> Path:
    """Write the graph, with title, artist, years and ranks of each work and what joins them.

    Raises
    ------
    SettingsError
        The name does not end in ``.graphml``.
    MissingExtraError
        igraph is not installed.
    ArtifactError
        The file cannot be written.
    """
    from ham_recommend.analysis._igraph import write_graphml

    target = _named(path, ".graphml")
    works, edges = found.works, found.graph.edges
    plain, even = found.rank_values
    table = found.table(np.arange(len(works)))
    nodes: dict[str, Any] = {
        name: [_NOT_XML.sub("", text) for text in table[name]]
        for name in ("item_id", "title", "artist", "date")
    }
    nodes |= {
        "year_begin": as_written(works.dates.begin).tolist(),
        "year_end": as_written(works.dates.end - 1).tolist(),
        "date_confidence": works.dates.confidence.tolist(),
        "pagerank": plain.tolist(),
        "rescaled_pagerank": even.tolist(),
    }
    pairs = list(zip(edges.earlier.tolist(), edges.later.tolist(), strict=True))
    weights = {"weight": np.maximum(edges.score, 0.0), "cosine": edges.cosine, "p_earlier": edges.p_earlier}
    partial = target.with_name(f"{target.name}.partial")
    try:
        write_graphml(partial, nodes, pairs, {name: values.tolist() for name, values in weights.items()})
        partial.replace(target)
    except OSError as error:
        raise unwritable(target, error) from error
    finally:
        partial.unlink(missing_ok=True)
    return target


def to_parquet(found: Influence, path: str | Path) -> Path:
    """Write one row per edge: ids, titles, artists, years of both works, cosine, score and p_earlier.

    Raises
    ------
    SettingsError
        The name does not end in ``.parquet``.
    ArtifactError
        The file cannot be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    target = _named(path, ".parquet")
    works, edges = found.works, found.graph.edges
    table = found.table(np.arange(len(works)))
    columns: dict[str, Any] = {}
    for side, rows in (("earlier", edges.earlier), ("later", edges.later)):
        for name in ("item_id", "title", "artist", "date"):
            columns[f"{side}_{name}"] = table[name].to_numpy()[rows]
        columns[f"{side}_year_begin"] = as_written(works.dates.begin[rows])
        columns[f"{side}_year_end"] = as_written(works.dates.end[rows] - 1)
    columns |= {"cosine": edges.cosine, "score": edges.score, "p_earlier": edges.p_earlier}
    held = pa.table(columns).replace_schema_metadata({"note": CAVEAT})
    try:
        with whole_file(target) as stream:
            pq.write_table(held, stream, compression="zstd")
    except OSError as error:
        if not cannot_be_written(error):
            raise
        raise unwritable(target, error) from error
    return target


def _named(path: str | Path, ending: str) -> Path:
    target = Path(path)
    if target.suffix.lower() != ending:
        raise SettingsError(f"Give the file a name that ends in {ending}, not {target.name!r}.")
    if not target.parent.is_dir():
        raise SettingsError(f"There is no folder {target.parent}. Make it, or choose another.")
    return target
