"""``ham.map``: every work of a collection as its picture on a plane, near those that it resembles.

The plane keeps its place: works that are added later come to lie among their neighbours, and no other work
moves. It is kept in ``5-analysis/``, one map for each set of vectors.
"""

from __future__ import annotations

import hashlib
import shutil
import weakref
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from tqdm.auto import tqdm

from ham_recommend.analysis import map_layout, map_tiles
from ham_recommend.analysis._umap import is_installed as umap_is_installed
from ham_recommend.analysis.map_files import TEXT, Kept, Made, file_names, read_map, vectors_named, write_map
from ham_recommend.analysis.map_layout import Cells
from ham_recommend.analysis.map_regions import Region, regions_of
from ham_recommend.analysis.map_tiles import Shown, Tints, write_tiles
from ham_recommend.errors import ArtifactError, SettingsError
from ham_recommend.files import own_path
from ham_recommend.records import Embeddings, ItemIds, Vectors
from ham_recommend.vectors import file_names as files_of_vectors
from ham_recommend.vectors import load_embeddings
from ham_recommend.workspace import CATALOG, INDEX

if TYPE_CHECKING:
    import pandas as pd

    from ham_recommend.manifest import FileEntry
    from ham_recommend.recommend.recommender import Recommender

METHODS = ("umap", "pca")
WITHOUT_ASKING = 5_000
"""Works up to which a map is made while somebody waits: some ten seconds by UMAP."""
CROWDED, STRETCHED = 1.1, 2.5
"""A map is stretched once it holds that many times the works that were laid out on it, or that were there
when it was stretched: from there on new works no longer find room among their neighbours
(``benchmarks/map_speed.py``)."""
SEED = 0
NOWHERE = 65_535
"""Column and row, in :meth:`Map.points`, of a work that the catalog no longer has."""


def map(
    recommender: Recommender,
    *,
    vectors: str | None = None,
    method: str | None = None,
    progress: bool = False,
) -> Map:
    """Lay a collection out on a plane, so that works that resemble each other lie near each other.

    A map that is kept is brought up to date: what it shows stays where it is, what is new is added. Where the
    folder may not be written, that is done anew each time.

    Parameters
    ----------
    recommender : Recommender
        The collection.
    vectors : str or None
        Whose picture vectors; ``"text"`` for what the texts mean. ``None`` for the pictures that answer, and
        for the texts where there are none.
    method : {"umap", "pca"} or None
        How it is laid out (McInnes, Healy and Melville, "UMAP", 2018; principal components). ``None`` for
        UMAP, which the extra ``map`` installs, and PCA without it. Another method than that of the map that
        is kept makes a new one.
    progress : bool
        Show a progress bar on standard error.

    Raises
    ------
    SettingsError
        There are no such vectors, or no such method.
    MissingExtraError
        UMAP is asked for and not installed.
    """
    found = Map.open(recommender, vectors=vectors, method=method)
    if not found.is_current:
        found.build(progress=progress)
    return found


class Map:
    """One collection on a plane; get one with :func:`map`.

    Parameters
    ----------
    recommender : Recommender
        The collection.
    vectors : str
        Whose vectors: a key of the manifest's ``encoders``, or ``"text"``.
    method : str
        How it is laid out anew.
    kept : Kept or None
        What is kept of it.
    """

    def __init__(self, recommender: Recommender, vectors: str, method: str, kept: Kept | None) -> None:
        # not the recommender: what is remembered of it must not keep it alive
        self.workspace, self.catalog, self._text = (
            recommender.workspace,
            recommender.catalog,
            recommender.text,
        )
        self.vectors = vectors
        self.method = method
        self._kept = kept
        self._aside: Path | None = None
        self._entry = self._entry_now

    def __repr__(self) -> str:
        held = f"{len(self):,} works by {self.vectors}" if self.is_built else "nothing yet"
        return f"<Map of {held} in {str(self.workspace.root)!r}>"

    def __len__(self) -> int:
        return len(self.kept.item_ids)

    @classmethod
    def open(cls, recommender: Recommender, *, vectors: str | None = None, method: str | None = None) -> Map:
        """Open what is kept, without building anything; see :func:`map`."""
        fresh = cls.fresh(recommender, vectors=vectors, method=method)
        kept = read_map(recommender.workspace, fresh.vectors)
        if kept is None or method not in (None, kept.made.method):
            return fresh
        return cls(recommender, fresh.vectors, kept.made.method, kept)

    @classmethod
    def fresh(cls, recommender: Recommender, *, vectors: str | None = None, method: str | None = None) -> Map:
        """Begin anew, whatever is kept: :meth:`build` then lays all works out; see :func:`map`."""
        if method is not None and method not in METHODS:
            raise SettingsError.unknown("method", method, METHODS)
        usual = "umap" if umap_is_installed() else "pca"
        return cls(recommender, vectors_named(recommender, vectors), method or usual, None)

    # ---- building ---------------------------------------------------------------------------------------

    @property
    def is_built(self) -> bool:
        """Whether there is a map, be it of the collection as it was before."""
        return self._kept is not None

    @property
    def is_current(self) -> bool:
        """Whether it is made from the collection as it is."""
        return self._kept is not None and dict(self._kept.parents) == self._parents

    @property
    def is_newest(self) -> bool:
        """Whether no other map by these vectors was written into the collection since this one was opened."""
        return self._entry == self._entry_now

    @property
    def has_tiles(self) -> bool:
        """Whether its pictures are there: a build of the collection that removes works takes them out."""
        return self._aside is not None or file_names(self.vectors)[2] in self.workspace

    @property
    def _entry_now(self) -> FileEntry | None:
        return self.workspace.manifest.files.get(file_names(self.vectors)[0])

    @property
    def kept(self) -> Kept:
        """What there is; built now where there is nothing."""
        if self._kept is None:
            self.build()
        assert self._kept is not None  # noqa: S101 - for the type checker
        return self._kept

    def build(self, *, progress: bool = False, keep: bool | None = None) -> None:
        """Bring the map up to date, or make it.

        Parameters
        ----------
        progress : bool
            Show a progress bar on standard error.
        keep : bool or None
            Whether it must be written, or must not; ``None`` to go on without where the folder may not be.

        Raises
        ------
        ArtifactError
            It must be written and cannot be.
        """
        with tqdm(total=None, desc="Laying out works", unit="", disable=not progress) as bar:
            embeddings = self._embeddings()
            before = self._of_same_vectors(embeddings)
            made, ids, cells = self._places(embeddings, before)
            works = self.catalog.get(ids.tolist())
            bar.set_description_str("Naming regions")
            regions = tuple(regions_of(cells, list(works.values()), SEED))
            bar.set_description_str("Making tiles")
            bar.reset(total=len(ids))
            nothing = Tints(np.zeros((len(ids), 3), np.uint8), np.zeros(len(ids), np.float32))
            fresh = Kept(made, ids, cells, nothing, regions, self._parents)
            tints = self._written(fresh, bar.update, keep=keep)
            self._kept = replace(fresh, tints=tints)
            self._entry = self._entry_now
            for name in ("_gone", "_row_of", "digest"):
                self.__dict__.pop(name, None)

    def _written(self, fresh: Kept, advance: Any, *, keep: bool | None) -> Tints:
        """Write a map into the collection, or where that may not be its tiles aside; return the tints."""
        write = partial(self._write_tiles, ids=fresh.item_ids, advance=advance)
        if keep is not False:
            try:
                tints = write_map(self.workspace, self.vectors, fresh, write)
            except ArtifactError:
                if keep:
                    raise
            else:
                self._aside = None
                return tints
        folder = mkdtemp(prefix="ham-map-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self._aside = Path(folder) / "tiles.zip"
        return write(self._aside)

    @property
    def _tiles(self) -> Path:
        """Where the tiles lie."""
        if self._aside is not None:
            return self._aside
        return self.workspace.checked(file_names(self.vectors)[2])

    def _of_same_vectors(self, embeddings: Embeddings) -> Kept | None:
        """Return the map whose works keep their places."""
        kept = self._kept
        same = kept is not None and kept.made.model_id == embeddings.model_id
        return kept if same and kept is not None and len(kept.item_ids) else None

    def _places(self, embeddings: Embeddings, before: Kept | None) -> tuple[Made, ItemIds, Cells]:
        ids, vectors = embeddings.item_ids, np.asarray(embeddings.vectors)
        row_of = {item_id: row for row, item_id in enumerate(ids.tolist())}
        still = [] if before is None else [row for row, each in enumerate(before.item_ids) if each in row_of]
        if before is None or not still:
            cells = map_layout.laid_out(vectors, self.method, SEED)
            order = map_layout.in_map_order(cells)
            made = Made(self.method, embeddings.model_id, len(ids), 1, int(CROWDED * len(ids)), None)
            return self._trusted(made, vectors[order], cells[order]), ids[order], cells[order]
        made, old = before.made, before.cells[still]
        placed_ids = before.item_ids[still]
        new = np.setdiff1d(np.arange(len(ids)), [row_of[each] for each in placed_ids])
        total = len(still) + len(new)
        while total > made.holds:
            held = max(made.holds, len(before.item_ids))
            made = replace(made, scale=2 * made.scale, holds=int(STRETCHED * held) + 1)
            old = 2 * old
        placed = vectors[[row_of[each] for each in placed_ids]]
        cells = map_layout.placed_among(vectors[new], placed, old)
        order = map_layout.in_map_order(cells)
        all_vectors = np.concatenate([placed, vectors[new][order]])
        all_cells = np.concatenate([old, cells[order]])
        all_ids = np.concatenate([placed_ids, ids[new][order]])
        return self._trusted(made, all_vectors, all_cells), all_ids, all_cells

    @staticmethod
    def _trusted(made: Made, vectors: Vectors, cells: Cells) -> Made:
        trust = map_layout.trustworthiness(vectors, cells)
        return replace(made, trust=None if np.isnan(trust) else round(trust, 4))

    def _write_tiles(self, path: Path, ids: ItemIds, advance: Any) -> Tints:
        catalog, workspace = self.catalog, self.workspace
        pictures = catalog.pictures()
        shown = dict(
            zip(pictures.item_ids, zip(pictures.thumbnails, pictures.digests, strict=True), strict=True)
        )
        works = []
        for item_id, work in catalog.get(ids.tolist()).items():
            thumbnail, digest = shown.get(item_id, ("", ""))
            group = (*work.values("classification"), "")[0]
            at = own_path(workspace.root, thumbnail) if thumbnail else None
            works.append(Shown(at, digest or group, group))
        before, known = None, None
        if (
            self._kept is not None
            and self._aside is None
            and np.array_equal(self._kept.item_ids[: len(ids)], ids[: len(self._kept.item_ids)])
        ):
            before, known = workspace.path(file_names(self.vectors)[2]), self._kept.tints
        return write_tiles(path, works, before=before, known=known, advance=advance)

    def _embeddings(self) -> Embeddings:
        """Read the vectors of works that the catalog has."""
        catalog, workspace = self.catalog, self.workspace
        if self.vectors == TEXT:
            found = self._text.meaning.get(catalog.item_ids.tolist())
            return replace(found, model_id=TEXT)
        facts = workspace.manifest.facts.encoders[self.vectors]
        found = load_embeddings(self.vectors, facts.model_id, workspace.checked)
        there = set(catalog.item_ids.tolist())
        rows = [row for row, item_id in enumerate(found.item_ids.tolist()) if item_id in there]
        return Embeddings(found.item_ids[rows], np.asarray(found.vectors)[rows], found.model_id)

    @property
    def _parents(self) -> dict[str, str]:
        files = self.workspace.manifest.files
        if self.vectors == TEXT:
            made_from = [name for name in files if name.startswith(f"{INDEX}/text.")]
        else:
            made_from = [name for name in files_of_vectors(self.vectors) if name in files]
        return {name: files[name].sha256 for name in sorted({CATALOG, *made_from})}

    # ---- what is where ----------------------------------------------------------------------------------

    @property
    def item_ids(self) -> ItemIds:
        """The works, in the order of the map; shape (n,)."""
        return self.kept.item_ids

    @property
    def cells(self) -> Cells:
        """Column and row of each work's cell, int64, shape (n, 2)."""
        return self.kept.cells

    @property
    def regions(self) -> tuple[Region, ...]:
        """The named parts, the largest first on each level."""
        return self.kept.regions

    @property
    def made(self) -> Made:
        """How it came to be."""
        return self.kept.made

    def rows_of(self, item_ids: Iterable[str]) -> list[int]:
        """Return the number on the map of each work that is there, in the order given."""
        return [self._row_of[item_id] for item_id in item_ids if item_id in self._row_of]

    def ids_at(self, rows: Iterable[int]) -> list[str]:
        """Return the works with these numbers; those that are not there are left out."""
        return [str(self.item_ids[row]) for row in rows if 0 <= row < len(self) and not self._gone[row]]

    def within(self, polygon: Sequence[Sequence[float]]) -> list[str]:
        """Return the works inside a polygon, in the order of the map.

        Parameters
        ----------
        polygon : sequence of (float, float)
            Its corners, in the columns and rows of :attr:`cells`; at least three and at most 2,000.

        Raises
        ------
        SettingsError
            It is no polygon.
        """
        inside = map_layout.inside(self.cells, polygon)
        return [str(item_id) for item_id in self.item_ids[inside & ~self._gone]]

    def to_frame(self) -> pd.DataFrame:
        """Return the works with their columns and rows, and the fields of the catalog."""
        import pandas as pd

        places = pd.DataFrame(
            {"column": self.cells[:, 0], "row": self.cells[:, 1]},
            index=pd.Index(self.item_ids, name="item_id"),
        )[~self._gone]
        return places.join(self.catalog.to_frame(), how="left").reset_index()

    @cached_property
    def _row_of(self) -> Mapping[str, int]:
        return {item_id: row for row, item_id in enumerate(self.item_ids.tolist()) if not self._gone[row]}

    @cached_property
    def _gone(self) -> npt.NDArray[np.bool_]:
        """Which works of the map the catalog no longer has."""
        there = set(self.catalog.item_ids.tolist())
        return np.array([item_id not in there for item_id in self.item_ids.tolist()], dtype=np.bool_)

    # ---- for a front end --------------------------------------------------------------------------------

    def points(self) -> bytes:
        """Return where every work is and what it looks like from afar, eight bytes each.

        Returns
        -------
        bytes
            Column and row as little-endian uint16, counted from :attr:`origin`; red, green and blue; and the
            shape of the picture, ``128 + 32 · log2(width / height)``, 0 where there is none.
        """
        table = np.zeros(
            len(self), dtype=np.dtype([("cell", "<u2", 2), ("colour", "u1", 3), ("shape", "u1")])
        )
        table["cell"] = np.where(self._gone[:, None], NOWHERE, self.cells - self.origin)
        table["colour"] = self.kept.tints.colours
        aspects = self.kept.tints.aspects
        shape = 128 + 32 * np.log2(np.maximum(aspects, 1e-6))
        table["shape"] = np.where(aspects > 0, np.clip(shape.round(), 1, 255), 0)
        return table.tobytes()

    @cached_property
    def digest(self) -> str:
        """A hash of all that is shown: while it is the same, so are the places, the names and the tiles."""
        told = repr((self.made, self.regions, sorted(self.kept.parents.items())))
        return hashlib.blake2b(told.encode() + self.points(), digest_size=8).hexdigest()

    @property
    def origin(self) -> tuple[int, int]:
        """The first column and the first row that are taken."""
        column, row = self.cells.min(axis=0).tolist() if len(self) else (0, 0)
        return column, row

    @property
    def size(self) -> tuple[int, int]:
        """How many columns and rows it stretches over."""
        width, height = (self.cells.max(axis=0) - self.origin + 1).tolist() if len(self) else (1, 1)
        return width, height

    def tile(self, name: str) -> bytes:
        """Return a page of tiles, a JPEG file.

        Parameters
        ----------
        name : str
            Size and number of the page, ``"16-0"``; see :mod:`ham_recommend.analysis.map_tiles`.

        Raises
        ------
        SettingsError
            There is no such page.
        ArtifactError
            The file is missing or damaged.
        """
        size, _, page = name.partition("-")
        if not (size.isascii() and size.isdigit() and page.isascii() and page.isdigit() and len(name) < 16):
            raise SettingsError(f"A page of tiles is called like 16-0, not {name!r:.40}.")
        if not self.has_tiles:
            raise SettingsError(
                "The pictures of this map went with works that are no more. Make them again with: "
                f"ham map build {self.workspace.root}"
            )
        return map_tiles.read_page(self._tiles, int(size), int(page))
