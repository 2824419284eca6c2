"""How works and groups are taken up: echoes per decade, and which groups resemble which earlier ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ham_recommend.analysis.dates import as_written
from ham_recommend.analysis.enrich import Artists
from ham_recommend.analysis.makers import NOBODY
from ham_recommend.analysis.works import DatedWorks, Rows
from ham_recommend.errors import SettingsError

if TYPE_CHECKING:
    import pandas as pd

    from ham_recommend.analysis.influence import Influence

OF_WORKS = ("culture", "classification", "medium", "technique", "period", "department", "place")
OF_ARTISTS = ("gender", "movement")
UNKNOWN = "unknown"
Values = npt.NDArray[Any]
_RESAMPLED = 300
_ARTISTS = 5
"""Later artists without whom there is no interval."""


def reception(found: Influence, item: str) -> pd.DataFrame:
    """Return how often later works resemble a work, decade by decade, for as many works as each decade has.

    An echo is a later work, by another artist, that has this one among the earlier works it resembles most.

    Parameters
    ----------
    found : Influence
        The collection.
    item : str
        The work.

    Returns
    -------
    pandas.DataFrame
        ``decade, echoes, works, share, low, high``: ``works`` is how many works of that decade the collection
        holds, ``share`` echoes by works, and ``low`` to ``high`` its 95 % interval (Wilson 1927). Decades
        without a work are left out. A decade BCE is named by its first year, -320 for 320 to 311 BCE.

    Raises
    ------
    UnknownItemError, SettingsError
        There is no such work, or it has no date or no vector.
    """
    import pandas as pd

    row, works, edges = found.row(item), found.works, found.graph.edges
    decade = decades(works)
    later = np.flatnonzero(works.made_by_another(row) & (works.dates.middle > works.dates.middle[row]))
    names, count = np.unique(decade[later], return_counts=True)
    echoes = np.zeros(len(names), dtype=np.int64)
    mine = edges.later[edges.earlier == row]
    np.add.at(echoes, np.searchsorted(names, decade[mine]), 1)
    share, low, high = wilson(echoes, count)
    columns = {"echoes": echoes, "works": count, "share": share, "low": low, "high": high}
    return pd.DataFrame({"decade": names, **columns})


def decades(works: DatedWorks) -> Rows:
    """Return the decade of the middle of each work's date: 1880 for the 1880s, negative = BCE."""
    years = as_written(works.dates.middle)
    return np.where(years > 0, years // 10 * 10, -((-years + 9) // 10 * 10)).astype(np.int64)


def wilson(hits: Rows, of: Rows) -> tuple[Values, Values, Values]:
    """Return shares with their 95 % intervals (Wilson's score interval, 1927)."""
    z = 1.959964
    count = np.maximum(of, 1)
    share = hits / count
    middle = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2)) / (1 + z**2 / count)
    return share, np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)


def diffusion(found: Influence, by: str = "culture", *, least: int = 10) -> pd.DataFrame:
    """Return which groups of works resemble which earlier groups more than numbers and dates would give.

    Each later work's edges are compared with what they would be if it resembled the earlier works of other
    artists at random. Works that name several values count as the first.

    Parameters
    ----------
    found : Influence
        The collection.
    by : str
        A field of works (``culture``, ``classification``, ``medium``, ``technique``, ``period``,
        ``department``, ``place``), or of artists (``gender``, ``movement``) where ``ham enrich`` has added
        it.
    least : int
        Dated works that a group must have; the others are not shown.

    Returns
    -------
    pandas.DataFrame
        ``earlier, later, edges, expected, ratio, low, high, artists``, the greatest ratio first; ``low`` to
        ``high`` is the 95 % interval of the ratio when the later ``artists`` are drawn anew, NaN where
        they are fewer than five. A ratio of 1 is what chance would give.

    Raises
    ------
    SettingsError
        There is no such field, or no two groups are large enough.
    """
    import pandas as pd

    works, edges = found.works, found.graph.edges
    values = labels(found, by)
    names, group = np.unique(values, return_inverse=True)
    sizes = np.bincount(group, minlength=len(names))
    shown = [at for at, name in enumerate(names) if sizes[at] >= least and name != UNKNOWN]
    if len(shown) < 2:
        raise SettingsError(
            f"Fewer than two values of {by} have {least} dated works each. Try another field"
            f"{', or add it with: ham enrich' if by in OF_ARTISTS else ' or a smaller --least'}."
        )
    expected = _expected(works, group, len(names), np.bincount(edges.later, minlength=len(works)))
    observed = np.zeros_like(expected)
    np.add.at(observed, (edges.later, group[edges.earlier]), 1.0)
    rows = []
    random = np.random.default_rng(0)
    for later in shown:
        mine = np.flatnonzero(group == later)
        makers = np.where(works.makers.of[mine] == NOBODY, -2 - mine, works.makers.of[mine])
        _, maker = np.unique(makers, return_inverse=True)
        # one row per artist: the works of one artist stand or fall together
        seen, due = (_summed(each[mine], maker) for each in (observed, expected))
        times = random.multinomial(len(seen), np.full(len(seen), 1 / len(seen)), size=_RESAMPLED)
        drawn = (times @ seen) / np.maximum(times @ due, 1e-9)
        for earlier in shown:
            total = float(due[:, earlier].sum())
            if total < 1.0:
                continue
            edges_here = float(seen[:, earlier].sum())
            low, high = np.percentile(drawn[:, earlier], [2.5, 97.5])
            interval = (low, high) if len(seen) >= _ARTISTS else (np.nan, np.nan)
            ratio = edges_here / total
            rows.append((names[earlier], names[later], int(edges_here), total, ratio, *interval, len(seen)))
    columns = ["earlier", "later", "edges", "expected", "ratio", "low", "high", "artists"]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values(["ratio", "earlier", "later"], ascending=[False, True, True], ignore_index=True)


def labels(found: Influence, by: str) -> Values:
    """Return the first value of a field for each dated work, :data:`UNKNOWN` where there is none, shape (n,).

    Raises
    ------
    SettingsError
        There is no such field.
    """
    if by not in (*OF_WORKS, *OF_ARTISTS):
        raise SettingsError.unknown("field to group by", by, (*OF_WORKS, *OF_ARTISTS))
    frame = found.recommender.catalog.to_frame().loc[found.works.item_ids.tolist()]
    if by in OF_ARTISTS:
        artists = Artists.read(found.recommender.workspace)
        texts = [str(artists.of(str(name)).get(by, "")) for name in frame["artist"]]
    else:
        texts = frame[by].astype(str).tolist()
    return np.array([text.split(";")[0].strip() or UNKNOWN for text in texts], dtype=object)


def _expected(works: DatedWorks, group: Rows, groups: int, edges: Rows) -> Values:
    """Return how many of each work's edges would lead to each group by chance, shape (n, groups)."""
    member = np.zeros((len(works), groups))
    member[np.arange(len(works)), group] = 1.0
    before = np.concatenate([np.zeros((1, groups)), np.cumsum(member, axis=0)])
    middle = works.dates.middle
    until = np.searchsorted(middle, middle, side="left")
    candidates = before[until]
    for rows in _rows_by_maker(works):
        own = np.concatenate([np.zeros((1, groups)), np.cumsum(member[rows], axis=0)])
        candidates[rows] -= own[np.searchsorted(middle[rows], middle[rows], side="left")]
    total = candidates.sum(axis=1, keepdims=True)
    shares: Values = candidates / np.where(total > 0, total, 1.0) * edges[:, None]
    return shares


def _rows_by_maker(works: DatedWorks) -> list[Rows]:
    known = np.flatnonzero(works.makers.of != NOBODY)
    order = known[np.argsort(works.makers.of[known], kind="stable")]
    return np.split(order, np.flatnonzero(np.diff(works.makers.of[order])) + 1) if len(order) else []


def _summed(values: Values, by: Rows) -> Values:
    total = np.zeros((int(by.max()) + 1, values.shape[1]))
    np.add.at(total, by, values)
    return total
