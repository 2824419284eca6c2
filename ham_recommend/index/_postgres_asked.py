"""What a search asks PostgreSQL: which works it is about, and whether a graph is walked for them.

Of 117,245 works ``benchmarks/scale.py`` prints what comes of these numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ham_recommend.catalog.tags import Condition, Within
from ham_recommend.index._postgres import Connection, halfvec
from ham_recommend.records import Vectors

Row = tuple[str, Any]
"""A work, and its vector as PostgreSQL gives it."""

_BREADTH, _BROADEST = 64, 1000
"""Works a walk keeps in view, set by ``benchmarks/scale.py``; the second is pgvector's limit."""
_VIEW = 6
"""Times as many works in view as are asked for: with 2, one in seven of what several likes name is missed
(``benchmarks/same_answers.py``), as their mean is near nothing."""
_READ_BELOW, _MOST_READ = 0.12, 20_000
"""Share of allowed works, and works, under which reading is faster than walking, and finds all: a twelfth
of a museum's 117,243 in 12 ms by tags and 26 by ids, where walks took 20 and 40; of a fortieth these missed
one work in ten. Of 300,000 a sixteenth was read in 29 ms and walked for in 55; a tenth, which is more than
PostgreSQL's usual buffers hold, in 130 to 190, and 60."""
_SHORT, _SHORT_SHARE = 1_000, 0.008
"""Works, and share of all, under which a list of ids is fastest: .6 % of a museum's 117,243 were read so in
2.0 ms, and by their tags in 2.5; 1.3 % in 4.8 and 2.5."""
_MOST_WALKED = 400
"""Works asked for at once; from here on all are read."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Which works an answer may be of.

    Parameters
    ----------
    sql : str
        A condition of PostgreSQL's on a row, of our own words alone.
    values : dict
        What it compares with, by the names that ``sql`` has for them.
    meant : Within or None
        The works that are meant, where others may meet the condition too: two values may share a tag, and the
        works of another state have tags as well.
    """

    sql: str = "true"
    values: dict[str, Any] = field(default_factory=dict)
    meant: Within | None = None


EVERYTHING = Limits()


def by_ids(item_ids: list[str]) -> Limits:
    """Return the limits that leave these works."""
    return Limits("item_id = ANY(%(within)s)", {"within": item_ids})


def is_short(allowed: int, works: int) -> bool:
    """Return whether so many of all works are few enough to be asked for by their ids."""
    return allowed < min(_SHORT, _SHORT_SHARE * works)


def by_tags(within: Within, condition: Condition, loose: Collection[str]) -> Limits:
    """Return the limits that leave the works that meet a condition, and few others.

    Parameters
    ----------
    within : Within
        The works that are meant.
    condition : Condition
        What they meet: numbers alone go to the server.
    loose : collection of str
        Works whose tags cannot be gone by: of these the ones that are meant are named.
    """
    values: dict[str, Any] = {f"tags{place}": list(tags) for place, tags in enumerate(condition.tags)}
    parts = [f"tags && %({name})s::bigint[]" for name in values]
    if condition.begin is not None or condition.end is not None:
        parts.append("years && int4range(%(begin)s, %(end)s, '[]')")
    sql = " AND ".join(parts) or "true"
    values |= {"begin": condition.begin, "end": condition.end}
    if loose:
        sql = f"({sql} AND item_id <> ALL(%(loose)s) OR item_id = ANY(%(named)s))"
        values |= {"loose": list(loose), "named": [item_id for item_id in loose if item_id in within]}
    return Limits(sql, values, within)


@dataclass(frozen=True, slots=True)
class Way:
    """One way to ask.

    Parameters
    ----------
    limits : Limits
        Which works.
    breadth : int or None
        How many works a walk of the graph keeps in view: what comes back may be fewer than there are.
        ``None`` to read every work that is allowed.
    """

    limits: Limits
    breadth: int | None

    def complete(self, rows: list[Row], most: int) -> list[Row] | None:
        """Return what came back of what is meant; ``None`` where there may be more."""
        meant = self.limits.meant
        kept = rows if meant is None else [row for row in rows if row[0] in meant]
        whole = len(kept) >= most or (self.breadth is None and len(kept) == len(rows))
        return kept if whole else None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a search may answer with: how many works of a table at most, and which ones not."""

    table: str
    most: int
    exclude: list[str]

    def ways(self, limits: Limits, walked: int | None, allowed: int) -> Iterator[Way]:
        """Yield how to ask for the works that some limits leave: first by a walk, where that is faster.

        Parameters
        ----------
        limits : Limits
            Which works.
        walked : int or None
            How many works the graph is of; ``None`` where there is none.
        allowed : int
            How many of them the limits leave.
        """
        if walked is not None and self.most <= _MOST_WALKED:
            left = min(walked, allowed) - len(self.exclude)
            if left >= min(_READ_BELOW * walked, _MOST_READ):
                yield Way(limits, int(min(_BROADEST, max(_BREADTH, _VIEW * self.most) * walked / left)))
        yield Way(limits, None)

    def fetch(self, connection: Connection, queries: Vectors, way: Way) -> list[list[Row]]:
        """Return the nearest works for each question, nearest first.

        Parameters
        ----------
        connection : Connection
            To a server.
        queries : ndarray of float32, shape (n, dim)
            The questions.
        way : Way
            How to ask.
        """
        limits = way.limits
        nearest = "vector <#> %(query)s"
        order = nearest if way.breadth is not None else f"({nearest}) + 0, item_id"  # keeps the graph out
        where = f"{limits.sql} AND item_id <> ALL(%(exclude)s)" if self.exclude else limits.sql
        sql = f"SELECT item_id, vector FROM {self.table} WHERE {where} ORDER BY {order} LIMIT %(most)s"
        asked = {**limits.values, "exclude": self.exclude, "most": self.most}
        # all in one round trip; what is set ends with it: a pooler lends the connection to others then
        with connection.pipeline(), connection.transaction():
            # the planner would rather compare the tags of all works than fetch a tenth: 77 ms, not 7
            by_index = way.breadth is None and limits.meant is not None
            connection.execute(f"SET LOCAL enable_seqscan = {'off' if by_index else 'on'}")
            if way.breadth is not None:
                connection.execute(f"SET LOCAL hnsw.ef_search = {way.breadth}")
            cursors = [
                connection.execute(sql, {**asked, "query": halfvec(_direction(query))}, binary=True)
                for query in queries
            ]
        return [cursor.fetchall() for cursor in cursors]


def _direction(query: Vectors) -> Any:
    """Return a question in half precision, scaled to fit: its direction alone decides what is nearest."""
    largest = float(np.abs(query).max())
    return (query / largest if largest else query).astype(np.float16)
