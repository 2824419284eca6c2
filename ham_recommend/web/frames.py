"""The frame: which works come next on a wall, and which were on it when.

When each work was last shown is remembered for each visitor and collection. A round goes on until everything
that fits was shown; only then does anything return.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ham_recommend.recommend.recommender import Recommender
from ham_recommend.web.databases import opened_database

KIND = "classification"
"""The field whose values can be left out."""
APART = 20
"""Works that lie between two showings of one at least, where a new round begins."""
MOST = 1_000_000
"""Works that are remembered of all visitors, those shown most recently; each takes some 200 bytes."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS shown (
  number INTEGER PRIMARY KEY, visitor TEXT NOT NULL, collection TEXT NOT NULL, item_id TEXT NOT NULL,
  at REAL NOT NULL, UNIQUE (visitor, collection, item_id));
CREATE TABLE IF NOT EXISTS rounds (
  visitor TEXT NOT NULL, collection TEXT NOT NULL, after INTEGER NOT NULL, PRIMARY KEY (visitor, collection));
"""
_RECORD = """
INSERT INTO shown (visitor, collection, item_id, at) VALUES (?, ?, ?, ?)
ON CONFLICT (visitor, collection, item_id) DO UPDATE
SET at = excluded.at, number = (SELECT max(number) + 1 FROM shown) WHERE excluded.at > at
"""
"""What is shown again moves to the end, whose number is the highest; what is only said again does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What an owner wants to see.

    Parameters
    ----------
    liked, disliked : tuple of str
        What they said of works.
    discovery : float
        From 0, what is closest to the likes, to 1, as in :meth:`Recommender.recommend`.
    without : frozenset of str
        Kinds that are left out.
    held : frozenset of str
        Works that the frame has already and will show next.
    """

    liked: tuple[str, ...] = ()
    disliked: tuple[str, ...] = ()
    discovery: float = 0.0
    without: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {
            name: sorted(value) if isinstance(value, frozenset) else value for name, value in values.items()
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Wanted:
        """Return what :meth:`to_json` wrote."""
        return cls(
            liked=tuple(content["liked"]),
            disliked=tuple(content["disliked"]),
            discovery=content["discovery"],
            without=frozenset(content["without"]),
            held=frozenset(content["held"]),
        )


@dataclass(frozen=True, slots=True)
class Chosen:
    """What comes next.

    Parameters
    ----------
    item_ids : list of str
        The works, in the order to show them.
    fitting : int
        How many works fit at all.
    anew : bool
        Whether everything that fits was shown, so that a new round begins.
    """

    item_ids: list[str]
    fitting: int
    anew: bool


def chosen(
    recommender: Recommender, wanted: Wanted, shown: list[str], count: int, chance: random.Random
) -> Chosen:
    """Choose works for a frame: by taste where something is liked, else by chance; in no order.

    Parameters
    ----------
    recommender : Recommender
        What is shown from.
    wanted : Wanted
        What fits.
    shown : list of str
        The works of this round, oldest first.
    count : int
        How many works at most.
    chance : random.Random
        What shuffles.
    """
    catalog = recommender.catalog
    left_out = set(catalog.filter({KIND: sorted(wanted.without)})) if wanted.without else set()
    known = {each for each in wanted.liked if each in catalog}
    disliked = tuple(each for each in wanted.disliked if each in catalog)
    fitting = catalog.pictured - left_out - set(disliked)
    left = fitting - set(shown) - wanted.held
    anew = not left and bool(fitting - wanted.held)
    if anew:
        recent = set(shown[-min(APART, len(fitting) // 2) :]) if len(fitting) > 1 else set()
        left = fitting - wanted.held - recent or fitting - wanted.held
    hidden = set(catalog.item_ids.tolist()) - left
    found: list[str] = []
    most = min(count, len(left))
    if known and most:
        liked = tuple(each for each in wanted.liked if each in known)
        ranking = recommender.recommend(liked, disliked, most, exclude=hidden, discovery=wanted.discovery)
        found = ranking.item_ids.tolist()
        found += _liked_again(known & left, found, most)
    elif most:
        found = recommender.surprise(most, exclude=hidden).item_ids.tolist()
    if len(found) < most:
        found += recommender.browse(most - len(found), exclude=hidden.union(found)).item_ids.tolist()
    chance.shuffle(found)
    return Chosen(found, len(fitting), anew)


def _liked_again(liked: set[str], found: list[str], most: int) -> list[str]:
    """Return liked works, which no recommendation names, for the places that are left."""
    return sorted(liked.difference(found))[: most - len(found)]


class Frames:
    """Remembers what was shown when. Any thread may call.

    Parameters
    ----------
    folder : Path
        Where the file of it is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "frames.sqlite"
        with self._open() as database:
            database.executescript(_SCHEMA)

    def record(self, visitor: str, collection: str, shown: Iterable[tuple[str, float]]) -> None:
        """Remember when works were last shown, in seconds since 1970; the oldest of all are forgotten."""
        now = time.time()
        rows = [(visitor, collection, item_id, min(at, now)) for item_id, at in shown]
        with self._open() as database:
            database.executemany(_RECORD, rows)
            database.execute("DELETE FROM shown WHERE number <= (SELECT max(number) FROM shown) - ?", (MOST,))

    def this_round(self, visitor: str, collection: str) -> list[str]:
        """Return the works that were shown since the round began, oldest first."""
        with self._open() as database:
            rows = database.execute(
                "SELECT item_id FROM shown WHERE visitor = ?1 AND collection = ?2 AND number > coalesce("
                "(SELECT after FROM rounds WHERE visitor = ?1 AND collection = ?2), 0) ORDER BY number",
                (visitor, collection),
            )
            return [item_id for (item_id,) in rows]

    def begin_round(self, visitor: str, collection: str) -> None:
        """Let everything be shown again."""
        with self._open() as database:
            database.execute(
                "INSERT OR REPLACE INTO rounds SELECT ?1, ?2, coalesce(max(number), 0) FROM shown"
                " WHERE visitor = ?1 AND collection = ?2",
                (visitor, collection),
            )

    def history(self, visitor: str, collection: str, limit: int) -> list[tuple[str, float]]:
        """Return the last works and when they were last shown, newest first."""
        with self._open() as database:
            return database.execute(
                "SELECT item_id, at FROM shown WHERE visitor = ? AND collection = ? ORDER BY at DESC LIMIT ?",
                (visitor, collection, limit),
            ).fetchall()

    def forget(self, visitor: str, collection: str) -> None:
        """Forget what a visitor was shown of a collection."""
        with self._open() as database:
            for table in ("shown", "rounds"):
                database.execute(
                    f"DELETE FROM {table} WHERE visitor = ? AND collection = ?",  # noqa: S608 - our own names
                    (visitor, collection),
                )

    def rename(self, collection: str, new: str) -> None:
        """Keep what was shown of a collection under another name, of which nothing else is kept then."""
        with self._open() as database:
            for table in ("shown", "rounds"):
                database.execute(f"DELETE FROM {table} WHERE collection = ?", (new,))  # noqa: S608 - ours
                database.execute(
                    f"UPDATE {table} SET collection = ? WHERE collection = ?",  # noqa: S608 - our own names
                    (new, collection),
                )

    def _open(self) -> AbstractContextManager[sqlite3.Connection]:
        return opened_database(self._path, "Move it away; frames then begin anew.")
