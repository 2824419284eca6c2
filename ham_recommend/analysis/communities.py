"""Communities: groups of works that resemble each other, with the words and times that set them apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from ham_recommend.analysis.checks import is_number
from ham_recommend.analysis.dates import as_written
from ham_recommend.catalog.describe import match_key
from ham_recommend.errors import SettingsError
from ham_recommend.fields import years_in_words
from ham_recommend.records import Artwork

if TYPE_CHECKING:
    import pandas as pd

    from ham_recommend.analysis.influence import Influence

_WORD = re.compile(r"[^\W\d_]{4,}")
_DESCRIBING = ("subjects", "classification", "medium", "culture", "period")
_WORDS = 6
_PRIOR = 10.0
_SMALLEST = 3
"""Works that a community must have to be shown."""


def communities(found: Influence, *, resolution: float = 1.0, seed: int = 0) -> pd.DataFrame:
    """Return groups of works that resemble each other more than the rest (Leiden, by modularity).

    Parameters
    ----------
    found : Influence
        The collection.
    resolution : float
        0.01 to 100; greater values give more and smaller communities.
    seed : int
        Of chance: the same gives the same.

    Returns
    -------
    pandas.DataFrame
        ``community, works, from, to, words, artists, item_ids``, the largest first: the years that hold the
        middle half of its works, the words that its works have more often than others' (log-odds with a
        prior; Monroe, Colaresi and Quinn, "Fightin' Words", 2008), its most frequent artists, and its works,
        earliest first. Of fewer than three works no community is shown.

    Raises
    ------
    MissingExtraError
        igraph is not installed.
    SettingsError
        The resolution is out of range.
    """
    import pandas as pd

    from ham_recommend.analysis._igraph import leiden

    if not is_number(resolution, 0.01, 100):
        raise SettingsError(f"The resolution is a number from 0.01 to 100, not {resolution!r}.")
    works = found.works
    member = leiden(found.graph.edges, len(works), resolution, seed)
    known = found.recommender.catalog.get(works.item_ids.tolist())
    words = [set(_words_of(known[item_id])) for item_id in works.item_ids.tolist()]
    everywhere = Counter(word for each in words for word in each)
    rows: list[dict[str, Any]] = []
    for number in range(int(member.max()) + 1):
        mine = np.flatnonzero(member == number)
        if len(mine) < _SMALLEST:
            continue
        first, last = as_written(np.percentile(works.dates.middle[mine], [25, 75])).tolist()
        makers = Counter(works.makers.names[at] for at in works.makers.of[mine].tolist() if at >= 0)
        here = Counter(word for row in mine for word in words[row])
        rows.append(
            {
                "community": len(rows) + 1,
                "works": len(mine),
                "from": first,
                "to": last,
                "years": years_in_words(first, last),
                "words": ", ".join(telling(here, everywhere, len(mine), len(works))),
                "artists": ", ".join(name for name, _ in makers.most_common(3)),
                "item_ids": works.item_ids[mine].tolist(),
            }
        )
    columns = ["community", "works", "from", "to", "years", "words", "artists", "item_ids"]
    return pd.DataFrame(rows, columns=columns)


def _words_of(work: Artwork) -> Iterable[str]:
    for name in _DESCRIBING:
        yield from (match_key(value) for value in work.values(name))
    for text in (work.title, *(each.text for each in work.descriptions)):
        yield from _WORD.findall(match_key(text))


def telling(here: Counter[str], everywhere: Counter[str], size: int, total: int) -> list[str]:
    """Return the words that works of a group have more often than the others, the most telling first."""
    rest = total - size
    scores = {}
    for word, count in here.items():
        if count < _SMALLEST or count < 0.1 * size:
            continue
        others = everywhere[word] - count
        prior = _PRIOR * everywhere[word] / total
        inside = np.log((count + prior) / (size - count + _PRIOR - prior))
        outside = np.log((others + prior) / (rest - others + _PRIOR - prior))
        scores[word] = (inside - outside) / np.sqrt(1 / (count + prior) + 1 / (others + prior))
    best = sorted((word for word in scores if scores[word] > 0), key=lambda word: (-scores[word], word))
    shown: list[str] = []
    for word in best:
        if len(shown) < _WORDS and not any(word in other or other in word for other in shown):
            shown.append(word)
    return shown
