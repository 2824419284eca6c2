"""``ham.bias``: what a collection holds more of than its answers show, and less.

Shares of cultures, centuries, genders of artists, departments and single artists are counted in the
catalog, in answers to a fixed set of questions, in recommendations, and among the works that resemblance
ranks highest. "Unknown" is a value like any other: what is not recorded is part of the picture.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ham_recommend.analysis.checks import is_whole
from ham_recommend.analysis.dates import as_written, counted_through, years_in
from ham_recommend.analysis.enrich import Artists
from ham_recommend.analysis.fair import reranked
from ham_recommend.analysis.graph import occurrences
from ham_recommend.analysis.influence import Influence
from ham_recommend.analysis.makers import name_of
from ham_recommend.analysis.reception import UNKNOWN
from ham_recommend.answers import Ranking
from ham_recommend.errors import SettingsError

if TYPE_CHECKING:
    import pandas as pd

    from ham_recommend.recommend.recommender import Recommender

BY = ("culture", "century", "gender", "department", "artist")
"""What shares are counted of."""
QUESTIONS = (
    *("portrait of a woman", "portrait of a man", "landscape", "sea and ships", "city street", "still life"),
    *("flowers", "animals", "a cat", "horse", "battle", "religious scene", "myth", "mother and child"),
    *(
        "dance and music",
        "winter",
        "night",
        "river",
        "mountains",
        "garden",
        "abstract",
        "pattern and ornament",
    ),
    *(
        "vase",
        "textile",
        "sculpture",
        "drawing",
        "print",
        "photograph",
        "mask",
        "writing",
        "blue",
        "red",
        "gold",
    ),
)
"""The fixed set of questions, unless others are given."""
K = 12
CANDIDATES = 5
"""Times as many works as are shown, among which a correction chooses."""
TOP = 100
_SAMPLED = 200
"""Works that recommendations are asked for."""
_RESAMPLED = 500
_SHOWN = 12
"""Values of one kind that are told apart; the rest is added up as "others"."""
OTHERS = "others"

Labels = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True, eq=False)
class Bias:
    """What was counted.

    Parameters
    ----------
    collection : str
        Its name.
    works : int
        How many it holds.
    shares : pandas.DataFrame
        ``by, value, works, catalog, answers, ratio, low, high, recommendations, recommendations_ratio,
        recommendations_low, recommendations_high, top``: shares of each value in the catalog, in answers, in
        recommendations and in the top hundred; ratios to the catalog with 95 % intervals, questions drawn
        anew. NaN where there is nothing to count.
    missing : mapping of str to int
        Works without a date, a culture, a named artist, a picture, and by an artist of unknown gender.
    hubs, anti_hubs : pandas.DataFrame
        ``item_id, title, artist, lists``: the works that most lists of nearest works hold, and how many works
        are in none.
    skew : float
        Of how often works are in lists of nearest works: 0 where all are in as many.
    asked : tuple of str
        The questions.
    unanswered : tuple of str
        Those that found nothing.
    fair : str or None
        What answers were re-ranked by.
    cost : float
        What share of the closeness of the answers that correction gave up.
    shift : mapping of str to float
        For each of ``by``, the largest difference between the shares in catalog and answers.
    """

    collection: str
    works: int
    shares: pd.DataFrame
    missing: Mapping[str, int]
    hubs: pd.DataFrame
    anti_hubs: int
    skew: float
    asked: tuple[str, ...]
    unanswered: tuple[str, ...] = ()
    fair: str | None = None
    cost: float = 0.0
    shift: Mapping[str, float] = field(default_factory=dict)

    def to_frame(self) -> pd.DataFrame:
        """Return the shares as a table."""
        return self.shares.copy()

    def to_html(self, path: str | os.PathLike[str]) -> Path:
        """Write a report as a page; see :func:`ham_recommend.analysis.bias_page.write`."""
        from ham_recommend.analysis.bias_page import write

        return write(self, path)

    def plot(self, by: str = "culture") -> Any:
        """Return a matplotlib figure of shares; see :mod:`ham_recommend.analysis.plots`."""
        from ham_recommend.analysis.plots import bias

        return bias(self, by)


def bias(
    recommender: Recommender,
    questions: Iterable[str] | str | os.PathLike[str] | None = None,
    *,
    k: int = K,
    fair: str | None = None,
) -> Bias:
    """Count what a collection holds and what its answers show.

    Parameters
    ----------
    recommender : Recommender
        The collection.
    questions : iterable of str, path-like or None
        What is searched for, or a text file with one question a line; ``None`` for :data:`QUESTIONS`.
    k : int
        Works of each answer, 1 to 100.
    fair : str or None
        ``"culture"`` or another of :data:`BY`: re-rank each answer among five times as many candidates, so
        that shares come nearer to those of the candidates; :attr:`Bias.cost` says what closeness that takes.

    Raises
    ------
    SettingsError
        No question is given, there is no such field, or a number is out of range.
    """
    if not is_whole(k, 1, 100):
        raise SettingsError(f"An answer has 1 to 100 works here, not {k!r}.")
    if fair is not None and fair not in BY:
        raise SettingsError.unknown("field to be fair by", fair, BY)
    asked = _questions(questions)
    labels = labels_of(recommender)
    ids = recommender.catalog.item_ids
    place = {item_id: at for at, item_id in enumerate(ids.tolist())}
    costs: list[float] = []

    def shown(ranking: Ranking) -> npt.NDArray[np.int64]:
        if fair is not None and len(ranking):
            ranking, cost = reranked(ranking, labels[fair], place, k)
            costs.append(cost)
        return np.array([place[item_id] for item_id in ranking.item_ids[:k].tolist()], dtype=np.int64)

    wanted = min(len(ids), k * (CANDIDATES if fair else 1))
    answers = [shown(recommender.search(text, k=wanted)) for text in asked]
    seeds = ids[np.unique(np.linspace(0, len(ids) - 1, min(_SAMPLED, len(ids))).round().astype(int))]
    recommended = [shown(recommender.recommend([item_id], k=wanted)) for item_id in seeds.tolist()]
    nearest = _nearest(recommender)
    top = np.empty(0, dtype=np.int64)
    hubs, anti, skew = _no_hubs(), 0, float("nan")
    if nearest is not None:
        found, lists = nearest
        counts = occurrences(lists, len(found.works))
        best = np.argsort(-found.rank_values[1], kind="stable")[:TOP]
        top = np.array([place[item_id] for item_id in found.works.item_ids[best].tolist()])
        most = np.argsort(-counts, kind="stable")[:10]
        hubs, anti, skew = found.table(most, lists=counts[most]), int((counts == 0).sum()), skewness(counts)
    shares = _shares(labels, answers, recommended, top)
    return Bias(
        collection=recommender.workspace.name,
        works=len(ids),
        shares=shares,
        missing=_missing(recommender, labels),
        hubs=hubs,
        anti_hubs=anti,
        skew=skew,
        asked=asked,
        unanswered=tuple(text for text, rows in zip(asked, answers, strict=True) if not len(rows)),
        fair=fair,
        cost=float(np.mean(costs)) if costs else 0.0,
        shift={
            str(by): float((group["answers"] - group["catalog"]).abs().max())
            for by, group in shares.groupby("by")
        },
    )


def labels_of(recommender: Recommender) -> dict[str, Labels]:
    """Return for each of :data:`BY` the value of every work, :data:`UNKNOWN` where it has none."""
    frame = recommender.catalog.to_frame()
    artists = Artists.read(recommender.workspace)
    texts = frame["artist"].astype(str).tolist()
    known = {
        text: (name_of(text) or UNKNOWN, str(artists.of(text).get("gender", UNKNOWN))) for text in set(texts)
    }
    begin, end = years_in(frame)
    middle = (counted_through(begin) + counted_through(end)) / 2
    return {
        "culture": _first(frame["culture"].astype(str).tolist()),
        "century": np.array([_century(year) for year in middle.tolist()], dtype=object),
        "gender": np.array([known[text][1] for text in texts], dtype=object),
        "department": _first(frame["department"].astype(str).tolist()),
        "artist": np.array([known[text][0] for text in texts], dtype=object),
    }


def _first(texts: Sequence[str]) -> Labels:
    return np.array([text.split(";")[0].strip() or UNKNOWN for text in texts], dtype=object)


def _century(year: float) -> str:
    if np.isnan(year):
        return UNKNOWN
    written = int(as_written([year])[0])
    number = (abs(written) + 99) // 100
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending} century{' BCE' if written < 0 else ''}"


def _questions(given: Iterable[str] | str | os.PathLike[str] | None) -> tuple[str, ...]:
    if given is None:
        return QUESTIONS
    if isinstance(given, str | os.PathLike):
        try:
            given = Path(given).read_text("utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(
                f"{given} cannot be read ({error}). Give a text file, one question a line."
            ) from error
    asked = tuple(dict.fromkeys(text.strip() for text in given if text.strip()))
    if not asked:
        raise SettingsError("No question is given. Write one a line, such as: portrait of a woman")
    return asked


def _nearest(recommender: Recommender) -> tuple[Influence, npt.NDArray[np.int64]] | None:
    """Return each dated work's nearest ones; ``None`` where there are no vectors or dates."""
    from ham_recommend.analysis.influence import influence
    from ham_recommend.analysis.nearest import nearest_lists

    try:
        found = influence(recommender)
    except SettingsError:
        return None
    return found, nearest_lists(found, 10)


def _no_hubs() -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({name: [] for name in ("item_id", "title", "artist", "date", "lists")})


def skewness(counts: npt.NDArray[np.int64]) -> float:
    """Return the skewness of how often works are in lists, which measures hubs (Radovanović 2010)."""
    spread = counts.std()
    return float((((counts - counts.mean()) / spread) ** 3).mean()) if spread else 0.0


def _missing(recommender: Recommender, labels: Mapping[str, Labels]) -> dict[str, int]:
    frame = recommender.catalog.to_frame()
    return {
        "no date": int((labels["century"] == UNKNOWN).sum()),
        "no culture": int((labels["culture"] == UNKNOWN).sum()),
        "no named artist": int((labels["artist"] == UNKNOWN).sum()),
        "artist of unknown gender": int((labels["gender"] == UNKNOWN).sum()),
        "no picture": int((frame["thumbnail"].astype(str) == "").sum()),
    }


def _shares(
    labels: Mapping[str, Labels],
    answers: Sequence[npt.NDArray[np.int64]],
    recommended: Sequence[npt.NDArray[np.int64]],
    top: npt.NDArray[np.int64],
) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for by, values in labels.items():
        names, place, counts = np.unique(values.astype(str), return_inverse=True, return_counts=True)
        kept = np.argsort(-counts, kind="stable")[:_SHOWN]
        shown = np.full(len(names), len(kept))
        shown[kept] = np.arange(len(kept))
        group = shown[place]
        total = len(kept) + int(len(names) > len(kept))
        catalog = np.bincount(group, minlength=total) / max(len(group), 1)
        sides = {
            "": _ratios(group, answers, catalog, total),
            "recommendations_": _ratios(group, recommended, catalog, total),
        }
        leading = np.bincount(group[top], minlength=total) / len(top) if len(top) else np.full(total, np.nan)
        for at in range(total):
            row = {
                "by": by,
                "value": names[kept[at]] if at < len(kept) else OTHERS,
                "works": int((group == at).sum()),
                "catalog": catalog[at],
            }
            for prefix, (share, ratio, low, high) in sides.items():
                row[prefix.rstrip("_") or "answers"] = share[at]
                row |= {f"{prefix}ratio": ratio[at], f"{prefix}low": low[at], f"{prefix}high": high[at]}
            rows.append({**row, "top": leading[at]})
    return pd.DataFrame(rows)


def _ratios(
    group: npt.NDArray[np.int64],
    lists: Sequence[npt.NDArray[np.int64]],
    catalog: npt.NDArray[np.float64],
    total: int,
) -> tuple[npt.NDArray[np.float64], ...]:
    """Return shares in lists, their ratios to the catalog's, and the 95 % intervals of these."""
    filled = [rows for rows in lists if len(rows)]
    if not filled:
        nothing = np.full(total, np.nan)
        return nothing, nothing, nothing, nothing
    counts = np.array([np.bincount(group[rows], minlength=total) for rows in filled], dtype=np.float64)
    share = counts.sum(axis=0) / counts.sum()
    times = np.random.default_rng(0).multinomial(
        len(counts), np.full(len(counts), 1 / len(counts)), size=_RESAMPLED
    )
    drawn = times @ counts
    drawn /= drawn.sum(axis=1, keepdims=True)
    low, high = np.percentile(drawn, [2.5, 97.5], axis=0)
    return share, share / catalog, low / catalog, high / catalog
