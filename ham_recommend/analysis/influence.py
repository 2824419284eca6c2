"""``ham.influence``: what a work resembles that came before it, what came after, and who resembles whom.

Resemblance and order in time are measured; no score says that an artist saw a work. Only pairs that a person
loads with their source are called documented influence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from tqdm.auto import tqdm

from ham_recommend.analysis import groups, pairs
from ham_recommend.analysis.checks import is_whole
from ham_recommend.analysis.creativity import creativity_at
from ham_recommend.analysis.dates import counted_through, date_in_words
from ham_recommend.analysis.documented import Documented
from ham_recommend.analysis.graph import Graph, build_graph, rescaled
from ham_recommend.analysis.graph_files import read_graph, write_graph
from ham_recommend.analysis.groups import Group, Years
from ham_recommend.analysis.ranked import AFTER, BEFORE, in_time
from ham_recommend.analysis.scoring import Scoring
from ham_recommend.analysis.works import DatedWorks, Rows
from ham_recommend.answers import Ranking
from ham_recommend.errors import SettingsError
from ham_recommend.recommend.query import checked_items, checked_k
from ham_recommend.records import Vectors, Where

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from ham_recommend.recommend.recommender import Recommender

MOST_EDGES = 50
WITHOUT_ASKING = 5_000
"""Works up to which the graph is built while somebody waits: about a second."""


def influence(
    recommender: Recommender,
    *,
    encoder: str | None = None,
    k: int = 10,
    hubs: str = "csls",
    beta: float = 0.1,
    decay: str | None = None,
    progress: bool = False,
) -> Influence:
    """Map resemblance through time in a collection.

    The graph is kept in ``5-analysis/`` and read from there while catalog, vectors and settings are the same.
    Where the folder may not be written it is made anew each time.

    Parameters
    ----------
    recommender : Recommender
        The collection.
    encoder : str or None
        Whose picture vectors, where there are several; ``None`` for those that answer.
    k : int
        How many earlier works each work is joined to, 1 to 50.
    hubs, beta, decay
        How resemblance and time count; see :class:`~ham_recommend.analysis.scoring.Scoring`.
    progress : bool
        Show a progress bar on standard error.

    Raises
    ------
    SettingsError
        The collection has no picture vectors or no dates, or a setting is out of range.
    """
    found = Influence.open(recommender, encoder=encoder, k=k, hubs=hubs, beta=beta, decay=decay)
    if not found.is_built:
        found.build(progress=progress)
    return found


class Influence:
    """Resemblance through time in one collection; get one with :func:`influence`.

    Parameters
    ----------
    recommender : Recommender
        The collection.
    encoder : str
        Whose vectors, a key of the manifest's ``encoders``.
    works : DatedWorks
        Those with a vector and a date, earliest first.
    scoring : Scoring
        What counts how much.
    k : int
        How many earlier works each work is joined to.
    graph : Graph or None
        The graph of works, where it is known.
    documented : Documented or None
        Pairs of artists that a person has loaded.
    """

    def __init__(
        self,
        recommender: Recommender,
        encoder: str,
        works: DatedWorks,
        scoring: Scoring,
        *,
        k: int = 10,
        graph: Graph | None = None,
        documented: Documented | None = None,
    ) -> None:
        self.recommender = recommender
        self.encoder = encoder
        self.works = works
        self.scoring = scoring
        self.k = k
        self.documented = documented
        self._graph = graph

    def __repr__(self) -> str:
        return f"<Influence of {len(self.works):,} dated works in {str(self.recommender.workspace.root)!r}>"

    @classmethod
    def open(
        cls,
        recommender: Recommender,
        *,
        encoder: str | None = None,
        k: int = 10,
        hubs: str = "csls",
        beta: float = 0.1,
        decay: str | None = None,
    ) -> Influence:
        """Open what is known, without building anything; see :func:`influence`."""
        scoring = Scoring(hubs, beta, decay)
        if not is_whole(k, 1, MOST_EDGES):
            raise SettingsError(
                f"k is how many earlier works each is joined to, 1 to {MOST_EDGES}, not {k!r}."
            )
        facts = recommender.workspace.manifest.facts
        name = facts.encoder_named(encoder or recommender.image_encoder)
        if name is None:
            raise SettingsError(
                "The collection has no picture vectors, so nothing can be said to resemble anything. "
                "Build it with --image-encoder style or clip."
            )
        opened = cls(recommender, name, DatedWorks.of(recommender, name), scoring, k=k)
        opened._graph = read_graph(recommender.workspace, name, opened.works, opened._made_with)
        return opened

    # ---- building ---------------------------------------------------------------------------------------

    @property
    def is_built(self) -> bool:
        """Whether the graph is known."""
        return self._graph is not None

    @property
    def graph(self) -> Graph:
        """The graph of works; built now where it is not known."""
        if self._graph is None:
            self.build()
        assert self._graph is not None  # noqa: S101 - for the type checker
        return self._graph

    def build(self, *, progress: bool = False, keep: bool | None = None) -> None:
        """Build the graph and put it into ``5-analysis/``.

        Parameters
        ----------
        progress : bool
            Show a progress bar on standard error.
        keep : bool or None
            Whether it must be written; ``None`` to go on without where the folder may not be.

        Raises
        ------
        ArtifactError
            It must be written and cannot be.
        """
        from ham_recommend.errors import ArtifactError

        bar = tqdm(total=len(self.works), desc="Comparing works", unit="", disable=not progress)
        with bar:
            self._graph = build_graph(self.works, self.scoring, self.k, bar.update)
        if keep is False:
            return
        try:
            workspace = self.recommender.workspace
            write_graph(
                workspace,
                self.encoder,
                self.works,
                graph=self._graph,
                rescaled_pagerank=self.rank_values[1],
                made_with=self._made_with,
            )
        except ArtifactError:
            if keep:
                raise

    @property
    def _made_with(self) -> dict[str, Any]:
        scoring = self.scoring
        return {"k": self.k, "hubs": scoring.hubs, "beta": scoring.beta, "decay": scoring.decay}

    # ---- one work or a group ----------------------------------------------------------------------------

    def before(self, item: str, k: int = 12, *, years: Years = None, where: Where | None = None) -> Ranking:
        """Find the earlier works, by other artists, that a work resembles most.

        Parameters
        ----------
        item : str
            The work: its id or accession number.
        k : int
            How many, from 1 to 10,000.
        years : (int or None, int or None) or None
            Only works whose date lies within these years.
        where : mapping or None
            Only works with these fields, as in :meth:`Recommender.search`.

        Returns
        -------
        Ranking
            Best first. ``channels`` hold ``picture``, the cosine after the mean was taken off, and
            ``p_earlier``, how probable it is that the work is earlier.

        Raises
        ------
        UnknownItemError
            There is no such work.
        SettingsError
            It has no picture vector or no date, or an option is out of range.
        """
        row = self.row(item)
        return in_time(self, np.array([row]), BEFORE, k, years=years, where=where)

    def after(self, what: Group, k: int = 12, *, years: Years = None, where: Where | None = None) -> Ranking:
        """Find the later works, by other artists, that resemble a work, an artist's works or a group's.

        Parameters
        ----------
        what : str, mapping or list of str
            A work (its id), an artist (their name), a group: words to search for, a filter such as
            ``{"period": "Impressionism"}``, or a list of ids.
        k, years, where
            As in :meth:`before`.

        Returns
        -------
        Ranking
            As in :meth:`before`; ``nearest_liked`` names the work of the group that each is closest to.
        """
        return in_time(self, self.rows(what), AFTER, k, years=years, where=where)

    def row(self, item: str) -> int:
        """Return the position of a work among the dated ones.

        Raises
        ------
        UnknownItemError
            There is no such work.
        SettingsError
            It has no picture vector or no date.
        """
        (item_id,) = checked_items([item], self.recommender.catalog)
        row = self.works.row_of.get(item_id)
        if row is None:
            work = self.recommender.catalog[item_id]
            dated = work.year_begin is not None or work.year_end is not None
            lacks = f"no picture vector of {self.encoder}" if dated else "no date"
            raise SettingsError(
                f"{item_id} has {lacks}, so it has no place in this order. Choose another work."
            )
        return row

    def rows(self, what: Group) -> Rows:
        """Return the positions of a group's works; see :meth:`after`."""
        return groups.rows_of(self, what)

    @property
    def taken_off(self) -> Vectors:
        """What each work's being a hub takes off; nothing while a large collection's graph is not built."""
        if self._waits_for_graph:
            return np.zeros(len(self.works), dtype=np.float32)
        if self._graph is None:
            self.build(keep=False)
        return self.scoring.taken_off(self.graph.hubness)

    @property
    def artist_hubness(self) -> Vectors:
        """How alike each artist is to those most alike; 0 while a large collection's graph is not built."""
        if self._waits_for_graph:
            return np.zeros(len(self.works.makers.names), dtype=np.float32)
        if self._graph is None:
            self.build(keep=False)
        return self.graph.artist_hubness

    @property
    def _waits_for_graph(self) -> bool:
        return self._graph is None and len(self.works) > WITHOUT_ASKING

    # ---- the whole collection ---------------------------------------------------------------------------

    @cached_property
    def rank_values(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """PageRank of each dated work, plain and rescaled among works of the same time."""
        return self.graph.pagerank, rescaled(self.graph.pagerank)

    def rank(self, k: int | None = None) -> pd.DataFrame:
        """Return the works that later ones lead to most, by PageRank rescaled among works of the same time.

        Parameters
        ----------
        k : int or None
            How many; ``None`` for all.

        Returns
        -------
        pandas.DataFrame
            ``item_id, title, artist, date, rescaled_pagerank, pagerank, plain_place, echoes, creativity``;
            ``plain_place`` is the place that plain PageRank, which measures age, would give; ``creativity``
            is how much more the work is like later works than like earlier ones, for works of one time.
        """
        plain, even = self.rank_values
        order = np.lexsort((np.arange(len(even)), -even))[: None if k is None else checked_k(k)]
        place = np.empty(len(plain), dtype=np.int64)
        place[np.lexsort((np.arange(len(plain)), -plain))] = np.arange(1, len(plain) + 1)
        echoes = np.bincount(self.graph.edges.earlier, minlength=len(self.works))
        return self.table(
            order,
            rescaled_pagerank=even[order],
            pagerank=plain[order],
            plain_place=place[order],
            echoes=echoes[order],
            creativity=self.graph.creativity[order],
        )

    def creativity(self, item: str, year: int | None = None) -> float:
        """Return how much more a work is like later works than like earlier ones.

        Parameters
        ----------
        item : str
            The work.
        year : int or None
            What it would be, had the work been made in that year (negative = BCE); ``None`` for its own date.

        Returns
        -------
        float
            Compare it only with works of the same time, or with the same work at another date: an early work
            has few before it.

        Raises
        ------
        UnknownItemError, SettingsError
            There is no such work, it has no date or no vector, or the year is none.
        """
        row = self.row(item)
        if year is not None and (not is_whole(year, -1_000_000, 1_000_000) or year == 0):
            raise SettingsError(f"A year is a whole number such as 1600 or -300, and never 0, not {year!r}.")
        middle = self.works.dates.middle[row] if year is None else float(counted_through(year)) + 0.5
        return creativity_at(self.works, row, middle)

    def table(self, rows: Sequence[int] | Rows, **columns: Any) -> pd.DataFrame:
        """Return works as a table: id, title, artist and date, then further columns."""
        import pandas as pd

        ids = self.works.item_ids[np.asarray(rows, dtype=np.int64)].tolist()
        known = self.recommender.catalog.get(ids)
        shown = [known[item_id] for item_id in ids]
        texts = {name: [work.text(name) for work in shown] for name in ("title", "artist")}
        dates = [date_in_words(work) for work in shown]
        return pd.DataFrame({"item_id": ids, **texts, "date": dates, **columns})

    def artists(
        self, artist: str | None = None, *, k: int | None = None, draws: int | None = None, least: int = 1
    ) -> pd.DataFrame:
        """Return which artists resemble which earlier ones; see :func:`pairs.artist_pairs`."""
        return pairs.artist_pairs(self, artist, k=k, draws=draws, least=least)

    def bridges(self, one: Group, other: Group, k: int = 12, *, draws: int | None = None) -> pd.DataFrame:
        """Return the works that stand between two groups; see :func:`pairs.bridges`."""
        return pairs.bridges(self, one, other, k, draws=draws)

    def communities(self, *, resolution: float = 1.0, seed: int = 0) -> pd.DataFrame:
        """Return groups of works that resemble each other; see :func:`communities.communities`."""
        from ham_recommend.analysis.communities import communities

        return communities(self, resolution=resolution, seed=seed)

    def tour(self, start: str, end: str, stops: int = 8) -> pd.DataFrame:
        """Lead from an earlier work to a later one by small steps; see :func:`tours.tour`."""
        from ham_recommend.analysis.tours import tour

        return tour(self, start, end, stops)

    def reception(self, item: str) -> pd.DataFrame:
        """Return how often later works resemble a work, decade by decade; see :func:`reception.reception`."""
        from ham_recommend.analysis.reception import reception

        return reception(self, item)

    def diffusion(self, by: str = "culture", *, least: int = 10) -> pd.DataFrame:
        """Return which groups resemble which earlier ones; see :func:`reception.diffusion`."""
        from ham_recommend.analysis.reception import diffusion

        return diffusion(self, by, least=least)

    def with_documented(self, path: str | Path | Mapping[tuple[str, str], str]) -> Influence:
        """Return the same with pairs of artists whose influence is documented; see :class:`Documented`."""
        known = Documented.read(path, self.works.makers)
        return Influence(
            self.recommender,
            self.encoder,
            self.works,
            self.scoring,
            k=self.k,
            graph=self._graph,
            documented=known,
        )

    def to_graphml(self, path: str | Path) -> Path:
        """Write the graph for Gephi, Cytoscape and the like; see :func:`export.to_graphml`."""
        from ham_recommend.analysis.export import to_graphml

        return to_graphml(self, path)

    def to_parquet(self, path: str | Path) -> Path:
        """Write the edges, with ids, titles and artists, as one table; see :func:`export.to_parquet`."""
        from ham_recommend.analysis.export import to_parquet

        return to_parquet(self, path)
