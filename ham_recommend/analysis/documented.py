"""Pairs of artists whose influence somebody has documented, and how well a score agrees with them.

A list of documented pairs records fame as well as influence: who is written about more is listed more. So
agreement is shown beside that of dates alone and of fame alone.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ham_recommend.analysis.dates import Floats
from ham_recommend.analysis.makers import Makers, name_key, name_of
from ham_recommend.catalog.describe import match_key
from ham_recommend.errors import SettingsError

if TYPE_CHECKING:
    import pandas as pd

    from ham_recommend.analysis.influence import Influence

_EARLIER = ("earlier", "influencer", "source artist", "teacher", "from")
_LATER = ("later", "influenced", "target artist", "pupil", "to")
_SOURCES = ("source", "reference", "relation", "url")
MATCHED = 10.0
"""Years by which the gap in time of a false pair may differ from that of the true one it is compared with."""
_RESAMPLED = 500


@dataclass(frozen=True, slots=True, eq=False)
class Documented:
    """Pairs of artists with their source.

    Parameters
    ----------
    pairs : mapping of (str, str) to str
        Names, folded, of the earlier and the later artist → what documents it.
    here : int
        Of how many both artists are in the collection.
    fame : mapping of str to int
        Name, folded → how many pairs list the artist, in the collection or not.
    """

    pairs: Mapping[tuple[str, str], str]
    here: int = 0
    fame: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def read(
        cls, given: str | os.PathLike[str] | Mapping[tuple[str, str], str], makers: Makers
    ) -> Documented:
        """Read pairs.

        Parameters
        ----------
        given : path-like or mapping
            A CSV file in UTF-8 with the headings ``earlier`` and ``later``, and ``source`` where it says so;
            or (earlier, later) → source.
        makers : Makers
            The collection's artists.

        Raises
        ------
        SettingsError
            It cannot be read, or has no such columns.
        """
        rows = given.items() if isinstance(given, Mapping) else _read(Path(given))
        pairs: dict[tuple[str, str], str] = {}
        fame: dict[str, int] = {}
        for names, source in rows:
            earlier, later = (name_key(name_of(name) or name) for name in names)
            if earlier and later:
                pairs[earlier, later] = source
                for name in (earlier, later):
                    fame[name] = fame.get(name, 0) + 1
        known = {name_key(name) for name in makers.names}
        return cls(pairs, sum(known.issuperset(pair) for pair in pairs), fame)

    def sources(self, earlier: Iterable[str], later: Iterable[str]) -> list[str]:
        """Return what documents each pair, empty for those that nothing does."""
        keys = zip(map(name_key, earlier), map(name_key, later), strict=True)
        return [self.pairs.get(key, "") for key in keys]


def _read(path: Path) -> list[tuple[tuple[str, str], str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            table = csv.DictReader(stream)
            columns = {match_key(name or "").replace("_", " "): name for name in table.fieldnames or ()}
            earlier, later, source = (
                next((columns[name] for name in names if name in columns), None)
                for names in (_EARLIER, _LATER, _SOURCES)
            )
            if earlier is None or later is None:
                raise SettingsError(
                    f"{path} has no columns called earlier and later. It has: {', '.join(columns.values())}."
                )
            return [
                ((row[earlier] or "", row[later] or ""), (row.get(source or "") or path.name).strip())
                for row in table
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SettingsError(
            f"{path} cannot be read as a table of pairs ({error}). Give a CSV file in UTF-8 with the "
            "headings earlier, later, source."
        ) from error


def agreement(found: Influence, *, seed: int = 0) -> pd.DataFrame:
    """Compare the score with documented pairs, beside dates alone and fame alone.

    Parameters
    ----------
    found : Influence
        With documented pairs.
    seed : int
        Of the resampling.

    Returns
    -------
    pandas.DataFrame
        Rows ``by`` ``resemblance``, ``dates only`` and ``fame``, ``among`` ``all artists`` of the collection,
        and among ``listed artists``: those in some documented pair, as of others the list cannot say that
        nothing passed between them. ``auc`` is over all pairs in this order of time; ``date_matched`` is it
        where a documented pair is compared only with pairs that lie as far apart in time, to ten years;
        ``low, high`` is the interval that holds it in 95 % of collections with artists drawn anew;
        ``over_dates, over_dates_low, over_dates_high`` is by how much it exceeds dates alone;
        ``pairs`` is the number of documented pairs that is about. One half is chance.

    Raises
    ------
    SettingsError
        No documented pairs were loaded, or the collection has fewer than two of them.
    """
    import pandas as pd

    if found.documented is None:
        raise SettingsError("No documented pairs were loaded. Give a table of them.")
    table = found.artists(draws=0)
    count = int((table["documented"] != "").sum())
    if count < 2 or count == len(table):
        raise SettingsError(
            f"{count} of the documented pairs {'is' if count == 1 else 'are'} in the collection in this "
            "order of time: too few to compare with."
        )
    fame = found.documented.fame
    listed = table[["earlier", "later"]].map(lambda name: name_key(name) in fame).all(axis=1)
    rows = [
        row
        for among, part in (("all artists", table), ("listed artists", table[listed]))
        if (part["documented"] == "").any()
        for row in _compared(found, part, fame, among, seed)
    ]
    return pd.DataFrame(rows)


def _compared(
    found: Influence, table: pd.DataFrame, fame: Mapping[str, int], among: str, seed: int
) -> list[dict[str, Any]]:
    truth = (table["documented"] != "").to_numpy()
    works = found.works
    middle = {
        name: works.dates.middle[rows].mean()
        for name, rows in zip(works.makers.names, works.works_of, strict=True)
    }
    earlier, later = table["earlier"].tolist(), table["later"].tolist()
    gaps = np.array([middle[b] - middle[a] for a, b in zip(earlier, later, strict=True)])
    # a pair must not make its own artists famous
    known = [
        min(fame.get(name_key(a), 0), fame.get(name_key(b), 0)) - int(true)
        for a, b, true in zip(earlier, later, truth, strict=True)
    ]
    scores = {
        "resemblance": table["score"].to_numpy(np.float64),
        "dates only": -np.abs(gaps),
        "fame": np.array(known, dtype=np.float64),
    }
    matched = {name: won_of_matched(values, truth, gaps) for name, values in scores.items()}
    resampled = _resampled(earlier, later, truth, matched, seed)
    rows = []
    for name, values in scores.items():
        over = resampled[name] - resampled["dates only"]
        (low, high), (over_low, over_high) = _interval(resampled[name]), _interval(over)
        rows.append(
            {
                "among": among,
                "by": name,
                "auc": auc(values[truth], values[~truth]),
                "date_matched": _mean(matched[name]),
                "low": low,
                "high": high,
                "over_dates": _mean(matched[name]) - _mean(matched["dates only"]),
                "over_dates_low": over_low,
                "over_dates_high": over_high,
                "pairs": int(np.isfinite(matched[name]).sum()),
            }
        )
    return rows


def _mean(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def _interval(values: Floats) -> tuple[float, float]:
    """Return what holds 95 % of some values; NaN where there are none."""
    known = values[np.isfinite(values)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.percentile(known, [2.5, 97.5])
    return float(low), float(high)


def auc(positive: Floats, negative: Floats) -> float:
    """Return the probability that a true pair scores higher than a false one; ties count half."""
    from scipy.stats import rankdata

    count = len(positive)
    ranks = rankdata(np.concatenate([positive, negative]))[:count]
    return float((ranks.sum() - count * (count + 1) / 2) / (count * len(negative)))


def won_of_matched(scores: Floats, truth: npt.NDArray[np.bool_], gaps: Floats) -> Floats:
    """Return for each true pair which share of the false ones with about its gap in time it exceeds.

    Returns
    -------
    ndarray of float64, shape (number of true pairs,)
        NaN where there is no such false pair.
    """
    shares = []
    for pair in np.flatnonzero(truth):
        rivals = scores[~truth & (np.abs(gaps - gaps[pair]) <= MATCHED)]
        won = (rivals < scores[pair]).sum() + 0.5 * (rivals == scores[pair]).sum()
        shares.append(won / len(rivals) if len(rivals) else np.nan)
    return np.array(shares)


def _resampled(
    earlier: list[str],
    later: list[str],
    truth: npt.NDArray[np.bool_],
    matched: Mapping[str, Floats],
    seed: int,
) -> dict[str, Floats]:
    """Return means over artists drawn anew: pairs that share an artist stand or fall together."""
    random = np.random.default_rng(seed)
    pairs = [(earlier[at], later[at]) for at in np.flatnonzero(truth)]
    names = sorted({name for pair in pairs for name in pair})
    place = {name: at for at, name in enumerate(names)}
    ends = np.array([[place[a], place[b]] for a, b in pairs])
    means: dict[str, list[float]] = {name: [] for name in matched}
    for _ in range(_RESAMPLED):
        times = np.bincount(random.integers(len(names), size=len(names)), minlength=len(names))
        weights = times[ends].prod(axis=1).astype(np.float64)
        for name, values in matched.items():
            there = np.isfinite(values)
            total = weights[there].sum()
            means[name].append(float(values[there] @ weights[there] / total) if total else np.nan)
    return {name: np.array(values) for name, values in means.items()}
