"""Which artist's works resemble which earlier artist's, and how often chance would do as well."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ham_recommend.analysis.dates import Dates, Floats, p_earlier
from ham_recommend.analysis.makers import NOBODY
from ham_recommend.analysis.works import DatedWorks, Rows, spread
from ham_recommend.records import Vectors

_BLOCK = 1024
_WHOLE = 6_000
"""Works up to which all cosines are kept: 144 MB, and permutations take no more products."""
_REFERENCES = 300
"""Artists among whom those most like an artist are looked for, to know how much of a hub that artist is."""
_NEAREST = 3
"""Artists whose mean score says how much of a hub an artist is; three to five do about as well, and without
taking that off fewer true pairs of the weakest museum are found (``benchmarks/influence.py``)."""
_CHOICE = 3
"""Times as many works as are to be replaced, nearest in time, among which artists are drawn at least."""


@dataclass(frozen=True, slots=True, eq=False)
class Grouped:
    """Works in groups that follow each other, of a matrix's rows or columns.

    Parameters
    ----------
    rows : ndarray of int64, shape (m,)
        Positions of works, group by group.
    starts : ndarray of int64, shape (g,)
        Where each group begins; none is empty.
    """

    rows: Rows
    starts: Rows

    @classmethod
    def of(cls, groups: Sequence[Rows]) -> Grouped:
        """Put groups behind each other."""
        sizes = np.array([len(group) for group in groups])
        rows = np.concatenate(groups) if len(groups) else np.empty(0, np.int64)
        return cls(rows, (np.cumsum(sizes) - sizes).astype(np.int64))

    @property
    def sizes(self) -> Rows:
        """How many works each group has."""
        return np.diff(np.append(self.starts, len(self.rows)))


class Likeness:
    """How alike some works are: cosines less what either one's being a hub takes off.

    Parameters
    ----------
    vectors : ndarray of float32, shape (n, dim)
        Unit length, centred.
    off : ndarray of float32, shape (n,)
        What each work's being a hub takes off.
    """

    def __init__(self, vectors: Vectors, off: Vectors) -> None:
        self._vectors = vectors
        self._off = off
        self._known = self._product(slice(None), slice(None)) if len(vectors) <= _WHOLE else None

    def __call__(self, rows: Rows, columns: Rows) -> Vectors:
        """Return the likeness of each of some works to each of others, shape (len(rows), len(columns))."""
        return self._product(rows, columns) if self._known is None else self._known[np.ix_(rows, columns)]

    def _product(self, rows: Rows | slice, columns: Rows | slice) -> Vectors:
        cosines: Vectors = self._vectors[rows] @ self._vectors[columns].T
        cosines -= self._off[columns]
        cosines -= self._off[rows][:, None]
        return cosines


def mean_best_match(likeness: Likeness, one: Grouped, other: Grouped) -> Vectors:
    """Return how well groups of works match each other, both ways.

    For each work of a group its best match in the other is taken; these are averaged; and the two directions
    are averaged.

    Parameters
    ----------
    likeness : Likeness
        Of all the works.
    one, other : Grouped
        ``a`` and ``b`` groups.

    Returns
    -------
    ndarray of float32, shape (a, b)
        About −1 to 1.
    """
    matches = np.empty((len(one.rows), len(other.starts)), dtype=np.float32)
    best = np.full((len(one.starts), len(other.rows)), -np.inf, dtype=np.float32)
    group = np.repeat(np.arange(len(one.starts)), one.sizes)
    for top in range(0, len(one.rows), _BLOCK):
        block = slice(top, top + _BLOCK)
        here = likeness(one.rows[block], other.rows)
        matches[block] = np.maximum.reduceat(here, other.starts, axis=1)
        inside = group[block]
        begins = np.flatnonzero(np.diff(inside, prepend=-1))
        greatest = np.maximum.reduceat(here, begins, axis=0)
        best[inside[begins]] = np.maximum(best[inside[begins]], greatest)
    forth = np.add.reduceat(matches, one.starts, axis=0) / one.sizes[:, None]
    back = np.add.reduceat(best, other.starts, axis=1) / other.sizes
    mean: Vectors = ((forth + back) / 2).astype(np.float32)
    return mean


def chance_earlier(dates: Dates, one: Grouped, other: Grouped) -> Floats:
    """Return how probable it is that a work of one group is earlier than one of another, shape (a, b)."""
    columns = dates[other.rows]
    total = np.empty((len(one.rows), len(other.starts)))
    for top in range(0, len(one.rows), _BLOCK):
        block = one.rows[top : top + _BLOCK]
        probable = p_earlier(dates[block[:, None]], columns)
        total[top : top + _BLOCK] = np.add.reduceat(probable, other.starts, axis=1) / other.sizes
    mean: Floats = np.add.reduceat(total, one.starts, axis=0) / one.sizes[:, None]
    return mean


def middles(dates: Dates, groups: Grouped) -> Floats:
    """Return the mean of the middles of each group's dates, shape (g,)."""
    mean: Floats = np.add.reduceat(dates.middle[groups.rows], groups.starts) / groups.sizes
    return mean


def artist_hubness(works: DatedWorks, off: Vectors) -> Vectors:
    """Return how alike each artist is to those most alike, so that who resembles everybody is known.

    Of likeness alone: with nearness in time in it, who lived in busy times would be taken for a hub.

    Parameters
    ----------
    works : DatedWorks
        The collection.
    off : ndarray of float32, shape (n,)
        What each work's being a hub takes off.

    Returns
    -------
    ndarray of float32, shape (len(works.makers.names),)
        The mean of the three best matches with other artists, of at most 300, evenly through time.
    """
    groups = Grouped.of(works.works_of)
    count = len(groups.starts)
    if count < 2:
        return np.zeros(count, dtype=np.float32)
    asked = spread(np.argsort(middles(works.dates, groups), kind="stable"), _REFERENCES)
    others = Grouped.of([works.works_of[at] for at in asked.tolist()])
    matches = mean_best_match(Likeness(works.vectors, off), groups, others)
    matches[asked, np.arange(len(asked))] = -np.inf
    nearest = min(_NEAREST, len(asked) - 1)
    best = np.partition(matches, len(asked) - nearest, axis=1)[:, -nearest:]
    mean: Vectors = best.mean(axis=1, dtype=np.float32)
    return mean


def years_between(dates: Dates, one: Grouped, other: Grouped) -> Floats:
    """Return the years between the middles of groups, shape (a, b)."""
    years: Floats = np.abs(middles(dates, one)[:, None] - middles(dates, other))
    return years


class StandIns:
    """Draws, for groups of works, as many works that other artists made in the same years.

    Works are taken artist by artist, as the works of one artist are alike; and the two groups of a pair are
    replaced by works of different artists. So a pair is compared with what two other artists of its times
    would give. The null hypothesis: among the works of those years it makes no difference whose they are.

    Parameters
    ----------
    works : DatedWorks
        The collection.
    pool : ndarray of int64
        The works that may stand in.
    seed : int
        Of chance: the same gives the same.
    """

    def __init__(self, works: DatedWorks, pool: Rows, seed: int = 0) -> None:
        nobody = works.makers.of[pool] == NOBODY
        # who is nobody is a person of their own here
        makers = np.where(nobody, len(works.makers.names) + np.arange(len(pool)), works.makers.of[pool])
        self._works = works
        self._pool = pool
        _, self._makers = np.unique(makers, return_inverse=True)
        self._middle = works.dates.middle[pool]
        self._random = np.random.default_rng(seed)
        self._chosen: dict[tuple[int, ...], tuple[Rows, Rows]] = {}

    def draw(self, one: Grouped, other: Grouped) -> tuple[Grouped, Grouped]:
        """Return groups that stand in for others; the artists of the one are not those of the other."""
        makers = int(self._makers.max(initial=0)) + 1
        place = self._random.permutation(makers)
        half = place % 2 == 0
        return self._drawn(one, place, half), self._drawn(other, place, ~half)

    def _drawn(self, groups: Grouped, place: Rows, allowed: npt.NDArray[np.bool_]) -> Grouped:
        return Grouped.of(
            [self._stand_in(rows, place, allowed) for rows in np.split(groups.rows, groups.starts[1:])]
        )

    def _stand_in(self, rows: Rows, place: Rows, allowed: npt.NDArray[np.bool_]) -> Rows:
        nearest, inside = self._contemporaries(rows)
        able = allowed[self._makers[nearest]]
        there = nearest[able]
        # of those in the same years, or where these are few, of those nearest
        most = max(int(inside[able].sum()), _CHOICE * len(rows))
        chosen = there[:most]
        order = np.argsort(place[self._makers[chosen]], kind="stable")
        return self._pool[chosen[order[: len(rows)]]]

    def _contemporaries(self, rows: Rows) -> tuple[Rows, Rows]:
        """Return the works of others, nearest in time first, and which are from a group's own years."""
        key = (int(rows[0]), int(rows[-1]), len(rows))
        if key not in self._chosen:
            middle, makers = self._works.dates.middle[rows], self._works.makers.of
            own = np.unique(makers[rows])
            others = ~np.isin(makers[self._pool], own[own != NOBODY]) & ~np.isin(self._pool, rows)
            there = np.flatnonzero(others)
            apart = np.maximum(middle.min() - self._middle[there], self._middle[there] - middle.max())
            inside = apart <= 0
            apart = np.where(inside, 0.0, apart)
            order = np.argsort(apart, kind="stable")
            self._chosen[key] = there[order], inside[order]
        return self._chosen[key]


@dataclass(frozen=True, slots=True, eq=False)
class Significance:
    """What chance would give.

    Parameters
    ----------
    p : ndarray of float64, shape of the scores
        Share of permutations, and of what was observed, that reach the score.
    corrected : ndarray of float64
        The same for the greatest of all standardised scores that were asked for: the probability that chance
        alone would give even one as outstanding (single-step maxT, Westfall and Young 1993).
    draws : int
        How many permutations.
    """

    p: Floats
    corrected: Floats
    draws: int


def significance(
    observed: Vectors, draw: Callable[[], Vectors], draws: int, asked: npt.NDArray[np.bool_] | None = None
) -> Significance:
    """Compare scores with what permutations give.

    Parameters
    ----------
    observed : ndarray of float32
        The scores.
    draw : callable
        Returns the scores of one permutation, in the same shape.
    draws : int
        How many permutations, at least 19.
    asked : ndarray of bool or None
        Which scores were asked for; ``None`` for all.
    """
    asked = np.ones(observed.shape, dtype=np.bool_) if asked is None else asked
    all_scores = np.empty((draws + 1, int(asked.sum())), dtype=np.float32)
    all_scores[0] = observed[asked]
    for number in range(draws):
        all_scores[number + 1] = draw()[asked]
    spread = all_scores.std(axis=0)
    standard = (all_scores - all_scores.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    most = standard.max(axis=1, initial=-np.inf)
    p = np.full(observed.shape, np.nan)
    corrected = np.full(observed.shape, np.nan)
    # a difference in the last digits must not tell a score from itself
    p[asked] = (all_scores >= all_scores[0] - 1e-6).mean(axis=0)
    corrected[asked] = (most[:, None] >= standard[0] - 1e-6).mean(axis=0)
    return Significance(p, corrected, draws)
