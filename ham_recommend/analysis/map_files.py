"""A map on disk: ``5-analysis/<vectors>.map.parquet``, ``.regions.parquet`` and ``.tiles.zip``.

The table of works is in the order of the map, which is the order of the tiles; so the number of a work on the
map is its row. ``settings`` in the manifest says what laid it out, how often it has grown since, and how far
it can be trusted.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ham_recommend.analysis.map_layout import Cells
from ham_recommend.analysis.map_regions import Region
from ham_recommend.analysis.map_tiles import Tints
from ham_recommend.analysis.stored import read_table, refuse_unfinished
from ham_recommend.errors import ArtifactCorruptError, ArtifactError, SettingsError
from ham_recommend.records import ItemIds
from ham_recommend.workspace import ANALYSIS, TILES, Workspace

if TYPE_CHECKING:
    from ham_recommend.recommend.recommender import Recommender

TEXT = "text"
"""What the map by texts is called: it is made from the vectors of what they mean."""
FORMAT = 1
"""Goes up whenever a map that is kept cannot be read any more."""
FARTHEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Made:
    """How a map came to be what it is.

    Parameters
    ----------
    method : str
        ``"umap"`` or ``"pca"``.
    model_id : str
        What made the vectors.
    laid_out : int
        Works that were laid out together; the others were placed among them later.
    scale : int
        Cells to one cell of the first layout: the whole map is stretched when it gets crowded.
    holds : int
        Works from which on it has to be stretched again.
    trust : float or None
        How far neighbours on it are neighbours, 0 to 1; ``None`` where works are too few to tell.
    format : int
        Of the files.
    """

    method: str
    model_id: str
    laid_out: int
    scale: int
    holds: int
    trust: float | None
    format: int = FORMAT


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """What is kept of a map.

    Parameters
    ----------
    made : Made
        How it came to be.
    item_ids : ndarray of str objects, shape (n,)
        The works, in the order of the map.
    cells : ndarray of int64, shape (n, 2)
        Column and row of each.
    tints : Tints
        Their colours and shapes.
    regions : tuple of Region
        Its named parts.
    parents : mapping of str to str
        Hashes of the files it was made from.
    """

    made: Made
    item_ids: ItemIds
    cells: Cells
    tints: Tints
    regions: tuple[Region, ...]
    parents: Mapping[str, str]


def file_names(vectors: str) -> tuple[str, str, str]:
    """Return the names of the files of works, regions and tiles, relative to the workspace."""
    return (
        f"{ANALYSIS}/{vectors}.map.parquet",
        f"{ANALYSIS}/{vectors}.regions.parquet",
        f"{ANALYSIS}/{vectors}{TILES}",
    )


def read_map(workspace: Workspace, vectors: str) -> Kept | None:
    """Return the map that is kept, whatever it was made from; ``None`` where there is none.

    Raises
    ------
    ArtifactError
        A file of it is missing or damaged.
    """
    points, regions, tiles = file_names(vectors)
    entry = workspace.manifest.files.get(points) if workspace.exists else None
    if entry is None or entry.settings.get("format") != FORMAT:
        return None
    try:
        if tiles in workspace:  # a build that removes works takes out the tiles, which show them
            workspace.checked(tiles)
        table, named = read_table(workspace, points), read_table(workspace, regions)
        made = Made(**{each.name: entry.settings[each.name] for each in fields(Made)})
        return _kept(made, table, named, entry.parents)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, pa.ArrowException) as error:
        raise _damaged(workspace, f"{workspace.path(points)} is no map ({error})") from error
    except ArtifactError as error:
        raise _damaged(workspace, str(error).partition(". ")[0]) from error


def _damaged(workspace: Workspace, what: str) -> ArtifactCorruptError:
    again = f"ham map build {shlex.quote(str(workspace.root))} --anew"
    return ArtifactCorruptError(f"{what}. Make the map anew: {again}")


def _kept(made: Made, table: Any, named: Any, parents: Mapping[str, str]) -> Kept:
    cells = np.column_stack([table[name].to_numpy().astype(np.int64) for name in ("column", "row")])
    colours = np.column_stack([table[name].to_numpy().astype(np.uint8) for name in ("red", "green", "blue")])
    ids = np.array(table["item_id"].to_pylist(), dtype=object)
    if (
        len(np.unique(cells[:, 0] * (FARTHEST + 1) + cells[:, 1])) < len(cells)
        or len(set(ids.tolist())) < len(ids)
        or None in ids
    ):
        raise ValueError("two works are in one place, or one is in two")
    if len(cells) and (np.abs(cells) > FARTHEST // 2).any():
        raise ValueError("a work lies beyond all measure")
    tints = Tints(colours, table["aspect"].to_numpy().astype(np.float32))
    regions = tuple(Region(**row) for row in named.to_pylist())
    return Kept(made, ids, cells, tints, regions, dict(parents))


def write_map(workspace: Workspace, vectors: str, kept: Kept, write_tiles: Callable[[Path], Tints]) -> Tints:
    """Put a map into a collection, all of it or nothing.

    Parameters
    ----------
    workspace : Workspace
        The collection.
    vectors : str
        What its vectors are called.
    kept : Kept
        The map; its tints come from the tiles.
    write_tiles : callable
        Writes the tiles to a path, and returns the tints.

    Raises
    ------
    ArtifactError
        The folder cannot be written, a build in it was cut short, or it was built anew meanwhile.
    """
    points, regions, tiles = file_names(vectors)
    with workspace.draft() as draft:
        refuse_unfinished(workspace, draft)
        stand = draft.before.files
        if any(name not in stand or stand[name].sha256 != digest for name, digest in kept.parents.items()):
            raise ArtifactError(f"{workspace.root} was built anew meanwhile. Run the analysis again.")
        how: dict[str, Any] = {"settings": asdict(kept.made), "parents": kept.parents}
        with draft.write(tiles, rows=len(kept.item_ids), **how) as path:
            tints = write_tiles(path)
        table = _table(kept, tints)
        with draft.write(points, rows=table.num_rows, **how) as path:
            pq.write_table(table, path, compression="zstd")
        named = pa.Table.from_pylist([asdict(region) for region in kept.regions], schema=_REGIONS)
        with draft.write(regions, rows=named.num_rows, **how) as path:
            pq.write_table(named, path, compression="zstd")
        draft.commit(draft.before.facts, built=False)
    return tints


_REGIONS = pa.schema(
    [
        ("level", pa.int32()),
        ("column", pa.int32()),
        ("row", pa.int32()),
        ("works", pa.int32()),
        ("name", pa.string()),
    ]
)


def _table(kept: Kept, tints: Tints) -> pa.Table:
    return pa.table(
        {
            "item_id": kept.item_ids.tolist(),
            "column": kept.cells[:, 0].astype(np.int32),
            "row": kept.cells[:, 1].astype(np.int32),
            **{name: tints.colours[:, at] for at, name in enumerate(("red", "green", "blue"))},
            "aspect": tints.aspects,
        }
    )


def vectors_named(recommender: Recommender, vectors: str | None) -> str:
    """Return whose vectors a map is made from: a key of the manifest's encoders, or ``"text"``.

    Raises
    ------
    SettingsError
        There are none.
    """
    if vectors is None and recommender.image_encoder is None:
        vectors = TEXT
    if vectors in (TEXT, "none"):
        if recommender.text.is_empty:
            raise SettingsError(
                "The works have neither pictures nor words to lay them out by. Build the collection with "
                "--image-encoder style or clip."
            )
        return TEXT
    name = recommender.workspace.manifest.facts.encoder_named(vectors or recommender.image_encoder)
    return TEXT if name is None else name
