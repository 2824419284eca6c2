"""Pairs: which artists resemble which earlier ones, and which works stand between two groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ham_recommend.analysis import artists
from ham_recommend.analysis.artists import Grouped
from ham_recommend.analysis.groups import representatives
from ham_recommend.analysis.makers import NOBODY
from ham_recommend.analysis.works import Rows
from ham_recommend.errors import SettingsError
from ham_recommend.recommend.query import checked_k
from ham_recommend.records import Vectors

if TYPE_CHECKING:
    import pandas as pd

    from ham_recommend.analysis.groups import Group
    from ham_recommend.analysis.influence import Influence

LEAST_DRAWS, USUAL_DRAWS, MOST_DRAWS = 19, 499, 9999
_EFFORT = 3e9
"""Products of vectors that permutations may take when nobody says how many: half a minute on two cores."""
_NEAREST = 3
"""Works of a group whose mean likeness is a work's affinity to it; one to eight differ by 0.01 in the AUC of
planted bridges (``benchmarks/influence.py``)."""


def artist_pairs(
    found: Influence,
    artist: str | None = None,
    *,
    k: int | None = None,
    draws: int | None = None,
    least: int = 1,
) -> pd.DataFrame:
    """Return which later artist's works resemble which earlier artist's, most alike first.

    The score is the mean best match, both ways: for each work of the one its best match among those of the
    other, averaged over either artist's works, so that who left many does not count for more; less half of
    what either artist has in common with the three most like them (see
    :class:`~ham_recommend.analysis.scoring.Scoring`). Of each artist at most 64 works count, evenly through
    their time.

    Parameters
    ----------
    found : Influence
        The collection.
    artist : str or None
        Only pairs of which this artist is one; ``None`` for all.
    k : int or None
        How many pairs are returned; all of them are asked about, and the correction counts all.
    draws : int or None
        How many permutations the p-values come from, 0 for none, else 19 to 9,999; ``None`` for 499 or as
        many as half a minute allows.
    least : int
        Dated works that an artist must have.

    Returns
    -------
    pandas.DataFrame
        ``earlier, later, score, p_earlier, works, p, p_corrected``, and ``documented`` where pairs were
        loaded: ``p_earlier`` is how probable it is that a work of the one is earlier than one of the other,
        over ½; ``works`` how many of both were compared; ``p`` the probability that works which other artists
        made in the same generations would match as well; ``p_corrected`` that even one of all the pairs that
        were asked about would stand out as much.

    Raises
    ------
    SettingsError
        Nobody is called so, or an option is out of range.
    """
    import pandas as pd

    works, off = found.works, found.taken_off
    known = [at for at, rows in enumerate(works.works_of) if len(rows) >= max(1, least)]
    groups = Grouped.of([works.works_of[at] for at in known])
    if len(known) < 2:
        raise SettingsError(
            f"Fewer than two artists with {max(1, least)} dated works or more are named in this collection."
        )
    own = known
    if artist is not None:
        place = works.makers.find(artist)
        if place not in known:
            raise SettingsError(f"{works.makers.names[place]} has fewer than {least} dated works here.")
        own = [place]
    asked = Grouped.of([works.works_of[at] for at in own])
    likeness = artists.Likeness(works.vectors, off)
    years = artists.years_between(works.dates, asked, groups)
    observed = found.scoring.in_time(artists.mean_best_match(likeness, asked, groups), years)
    before = artists.chance_earlier(works.dates, asked, groups)
    own_names = np.array(own)[:, None]
    apart = own_names != np.array(known)[None, :]
    # each pair once: where all are asked about, those whose first one is earlier
    pairs = apart & ((before > 0.5) if artist is None else (before != 0.5))
    p = corrected = np.full(observed.shape, np.nan)
    count = _draws(draws, len(asked.rows) * len(groups.rows))
    if count and pairs.any():
        stand_ins = artists.StandIns(works, groups.rows)

        def draw() -> Vectors:
            drawn = stand_ins.draw(asked, groups)
            return found.scoring.in_time(artists.mean_best_match(likeness, *drawn), years)

        tested = artists.significance(observed, draw, count, pairs)
        p, corrected = tested.p, tested.corrected
    hubs = found.scoring.taken_off(found.artist_hubness)
    observed = observed - hubs[own][:, None] - hubs[known]
    one, other = np.nonzero(pairs)
    first = before[one, other] > 0.5
    names = np.array(works.makers.names, dtype=object)
    a, b = names[np.array(own)[one]], names[np.array(known)[other]]
    table = pd.DataFrame(
        {
            "earlier": np.where(first, a, b),
            "later": np.where(first, b, a),
            "score": observed[one, other],
            "p_earlier": np.where(first, before[one, other], 1 - before[one, other]),
            "works": asked.sizes[one] + groups.sizes[other],
            "p": p[one, other],
            "p_corrected": corrected[one, other],
        }
    )
    if found.documented is not None:
        table["documented"] = found.documented.sources(table["earlier"], table["later"])
    table = table.sort_values(["score", "earlier", "later"], ascending=[False, True, True], ignore_index=True)
    return table if k is None else table.head(checked_k(k))


def _draws(asked: int | None, products: int) -> int:
    if asked is None:
        return int(np.clip(_EFFORT / max(products, 1), LEAST_DRAWS, USUAL_DRAWS))
    if asked and not LEAST_DRAWS <= asked <= MOST_DRAWS:
        raise SettingsError(
            f"The permutations are 0 for none, or {LEAST_DRAWS} to {MOST_DRAWS}, not {asked!r}."
        )
    return asked


def bridges(
    found: Influence, one: Group, other: Group, k: int = 12, *, draws: int | None = None
) -> pd.DataFrame:
    """Return the works that stand between two groups: close to both, and in neither.

    A work's affinity to a group is its mean likeness to the three works of it, by other artists, that are
    closest; affinities are standardised over the collection, and the smaller of the two counts.

    Parameters
    ----------
    found : Influence
        The collection.
    one, other
        The groups, as in :meth:`Influence.after`.
    k : int
        How many works are returned; all outside of both groups are asked about.
    draws : int or None
        How many permutations the p-values come from, 0 for none, else 19 to 9,999; ``None`` for 499 or as
        many as some ten seconds allow.

    Returns
    -------
    pandas.DataFrame
        ``item_id, title, artist, date, score, to_one, to_other, p, p_corrected``: ``p`` is the probability
        that two groups of the same generations and sizes, drawn by chance, would be as close; ``p_corrected``
        that they would be as close to even one work.

    Raises
    ------
    SettingsError
        A group is empty, no work is outside of both, or an option is out of range.
    """
    works, count = found.works, checked_k(k)
    sides = [found.rows(group) for group in (one, other)]
    outside = np.ones(len(works), dtype=np.bool_)
    outside[np.concatenate(sides)] = False
    there = np.flatnonzero(outside)
    if not len(there):
        raise SettingsError("No work is outside of both groups. Narrow them down.")
    sides = [representatives(works, rows) for rows in sides]
    shown = [_affinity(found, there, rows) for rows in sides]
    observed = np.minimum(*shown)
    p = corrected = np.full(len(there), np.nan)
    number = _draws(draws, 3 * len(there) * sum(map(len, sides)))
    if number:
        stand_ins = artists.StandIns(works, np.arange(len(works)))
        groups = [Grouped.of([rows]) for rows in sides]

        def draw() -> Vectors:
            drawn = stand_ins.draw(*groups)
            return np.minimum(*(_affinity(found, there, group.rows) for group in drawn))

        tested = artists.significance(observed, draw, number)
        p, corrected = tested.p, tested.corrected
    order = np.lexsort((there, -observed))[:count]
    columns = {"score": observed, "to_one": shown[0], "to_other": shown[1], "p": p, "p_corrected": corrected}
    return found.table(there[order], **{name: values[order] for name, values in columns.items()})


def _affinity(found: Influence, there: Rows, group: Rows) -> Vectors:
    """Return how close works are to a group, standardised: 0 for an average work, shape (len(there),)."""
    works, off = found.works, found.taken_off
    makers, contents = works.makers.of, works.contents
    likeness = works.vectors[group] @ works.vectors.T - off[group, None] - off
    usual = likeness.mean()
    # the group's own artists and pictures, wherever else they are
    kin = np.flatnonzero(np.isin(makers, makers[group]) | np.isin(contents, contents[group]))
    own = (makers[kin] == makers[group, None]) & (makers[kin] != NOBODY)
    own |= contents[kin] == contents[group, None]
    likeness[:, kin] = np.where(own, usual, likeness[:, kin])
    nearest = min(_NEAREST, len(group))
    best = np.partition(likeness, len(group) - nearest, axis=0)[-nearest:].mean(axis=0)[there]
    standard: Vectors = ((best - best.mean()) / (best.std() or 1.0)).astype(np.float32)
    return standard
