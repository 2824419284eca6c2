"""A class's exported sessions in one comparison: whose tastes agree, what all like, what nobody found."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from ham_recommend.answers import Ranking
from ham_recommend.errors import DataWarning, SettingsError
from ham_recommend.recommend.channels import Batch
from ham_recommend.recommend.query import checked_recommender
from ham_recommend.recommend.session import Session
from ham_recommend.recommend.taste import taste_vector
from ham_recommend.records import Vectors

if TYPE_CHECKING:
    import pandas as pd

    from ham_recommend.catalog.catalog import Catalog
    from ham_recommend.recommend.recommender import Recommender

LARGEST = 50_000_000
"""Bytes of one export: ten thousand turns have less."""

Measure = Literal["likes", "taste"]
MEASURES: tuple[Measure, ...] = ("likes", "taste")


@dataclass(frozen=True, slots=True, eq=False)
class Classroom:
    """The sessions of a class; :func:`gather` makes it of exported files.

    Parameters
    ----------
    recommender : Recommender
        Of the collection that all of them explored.
    sessions : mapping of str to Session
        Student → session, by name.
    """

    recommender: Recommender = field(repr=False)
    sessions: Mapping[str, Session]

    @property
    def students(self) -> tuple[str, ...]:
        """Their names, sorted."""
        return tuple(self.sessions)

    @property
    def seen(self) -> frozenset[str]:
        """Every work that anyone was shown."""
        return frozenset().union(*(session.seen for session in self.sessions.values()))

    def overview(self) -> pd.DataFrame:
        """Return what each student did.

        Returns
        -------
        pandas.DataFrame
            One row per ``student``: ``turns``, works ``seen``, ``liked`` and ``disliked``, and ``sets``.
        """
        import pandas as pd

        rows = [
            {
                "student": name,
                "turns": len(session.turns),
                "seen": len(session.seen),
                "liked": len(session.liked),
                "disliked": len(session.disliked),
                "sets": ", ".join(f"{each.name} ({len(each)})" for each in session.sets.values()),
            }
            for name, session in self.sessions.items()
        ]
        return pd.DataFrame(rows, columns=["student", "turns", "seen", "liked", "disliked", "sets"])

    def agreement(self) -> pd.DataFrame:
        """Return how far each two students agree, those who agree most first.

        Returns
        -------
        pandas.DataFrame
            ``student``, ``other``; ``shared``, how many works both like; ``likes``, their share of all that
            either likes (Jaccard), 0 to 1; ``taste``, the cosine of their tastes, -1 to 1: it is high for
            works of one kind, though they be other works. NaN where one of them likes nothing.
        """
        import pandas as pd

        likes, taste = self.matrix("likes"), self.matrix("taste")
        rows = [
            {
                "student": one,
                "other": other,
                "shared": len({*self.sessions[one].liked} & {*self.sessions[other].liked}),
                "likes": likes.loc[one, other],
                "taste": taste.loc[one, other],
            }
            for one, other in combinations(self.students, 2)
        ]
        frame = pd.DataFrame(rows, columns=["student", "other", "shared", "likes", "taste"])
        ordered = frame.sort_values(["taste", "likes"], ascending=False, kind="stable", na_position="last")
        return ordered.reset_index(drop=True)

    def matrix(self, measure: Measure = "taste") -> pd.DataFrame:
        """Return how far everyone agrees with everyone, as a square table.

        Parameters
        ----------
        measure : {"likes", "taste"}
            As in :meth:`agreement`.

        Raises
        ------
        SettingsError
            There is no such measure.
        """
        import pandas as pd

        if measure not in MEASURES:
            raise SettingsError.unknown("measure of agreement", measure, MEASURES)
        values = self._overlaps() if measure == "likes" else self._cosines()
        return pd.DataFrame(values, index=list(self.students), columns=list(self.students))

    def works(self) -> pd.DataFrame:
        """Return the works that someone liked or disliked, those liked by most first.

        Returns
        -------
        pandas.DataFrame
            ``item_id, title, artist, date``; ``likes`` and ``dislikes``, how many students; ``shown``, to how
            many it was; ``liked_by``, their names.
        """
        import pandas as pd

        marked = {item for each in self.sessions.values() for item in (*each.liked, *each.disliked)}
        catalog = self.recommender.catalog.get(sorted(item for item in marked if item in self._catalog))
        rows = []
        for item_id, work in catalog.items():
            fans = [name for name, each in self.sessions.items() if item_id in each.liked]
            rows.append(
                {
                    "item_id": item_id,
                    **{name: work.text(name) for name in ("title", "artist", "date")},
                    "likes": len(fans),
                    "dislikes": sum(item_id in each.disliked for each in self.sessions.values()),
                    "shown": sum(item_id in each.seen for each in self.sessions.values()),
                    "liked_by": ", ".join(fans),
                }
            )
        columns = ["item_id", "title", "artist", "date", "likes", "dislikes", "shown", "liked_by"]
        frame = pd.DataFrame(rows, columns=columns)
        ordered = frame.sort_values(["likes", "item_id"], ascending=[False, True], kind="stable")
        return ordered.reset_index(drop=True)

    def unfound(self, k: int = 12, *, among: Iterable[str] | None = None) -> Ranking:
        """Return works that nobody was shown: those closest to what the class likes first.

        Parameters
        ----------
        k : int
            How many, at most.
        among : iterable of str or None
            Look among these alone, such as the works a task was about; ``None`` for the whole collection.
        """
        seen, liked = self.seen, self._liked_by_any()
        if among is not None:
            seen = seen | (frozenset(self._catalog.item_ids.tolist()) - frozenset(among))
        if liked:
            return self.recommender.recommend(liked, (), k, exclude=seen)
        left = [item for item in self._catalog.item_ids.tolist() if item not in seen][:k]
        works = self._catalog.get(left)
        nothing = np.zeros(len(left), dtype=np.float32)
        ids = np.array(left, dtype=object)
        return Ranking(ids, nothing, works=works, root=self.recommender.workspace.root)

    @property
    def _catalog(self) -> Catalog:
        return self.recommender.catalog

    def _liked_by_any(self) -> list[str]:
        liked = dict.fromkeys(item for each in self.sessions.values() for item in each.liked)
        return [item for item in liked if item in self._catalog]

    def _overlaps(self) -> Vectors:
        likes = [frozenset(each.liked) for each in self.sessions.values()]
        rows = [[len(a & b) / len(a | b) if a and b else np.nan for b in likes] for a in likes]
        return np.array(rows, dtype=np.float32).reshape(len(likes), len(likes))

    def _cosines(self) -> Vectors:
        """Return the cosines of tastes, averaged over the channels that both have, each by its weight."""
        count = len(self.sessions)
        total = np.zeros((count, count), dtype=np.float64)
        weight = np.zeros_like(total)
        for share, tastes in self._tastes():
            says = tastes.any(axis=1)
            both = np.outer(says, says)
            total += share * np.where(both, tastes.astype(np.float64) @ tastes.T, 0.0)
            weight += share * both
        cosines = np.divide(total, weight, out=np.full_like(total, np.nan), where=weight > 0)
        clipped: Vectors = np.clip(cosines, -1.0, 1.0).astype(np.float32)
        return clipped

    def _tastes(self) -> Iterator[tuple[float, Vectors]]:
        """Yield of each channel of short vectors its weight, and each student's taste; zero for none."""
        push = self.recommender.weights.dislike
        for channel in self.recommender.channels:
            if channel.sparse:
                continue
            batch = Batch(channel.store)
            rows = []
            for each in self.sessions.values():
                liked, disliked = (batch.vectors(self._known(ids)) for ids in (each.liked, each.disliked))
                origin = channel.centroid(batch)
                rows.append(taste_vector(liked, disliked, origin, push) if len(liked) else 0 * origin)
            yield channel.weight, np.stack(rows) if rows else np.empty((0, channel.store.dim), np.float32)

    def _known(self, item_ids: Iterable[str]) -> list[str]:
        return [item_id for item_id in item_ids if item_id in self._catalog]


def gather(
    recommender: Recommender, exports: str | os.PathLike[str] | Iterable[str | os.PathLike[str]]
) -> Classroom:
    """Bring the exported sessions of a class together.

    Parameters
    ----------
    recommender : Recommender
        Of the collection that all of them explored.
    exports : path-like or iterable of path-like
        A folder of JSON files as the interface saves them, or the files; a student is called like the file.

    Raises
    ------
    SettingsError
        There is no such folder, no file that can be read, or two students have one name.

    Warns
    -----
    DataWarning
        A file is no exported session and was left out, or it is of another collection or another build of it.
    """
    checked_recommender(recommender)
    sessions: dict[str, Session] = {}
    for path in _files(exports):
        session = _read(recommender, path)
        if session is None:
            continue
        if path.stem in sessions:
            raise SettingsError(f"Two students are called {path.stem!r}. Give their files different names.")
        sessions[path.stem] = session
    if not sessions:
        raise SettingsError(
            "None of these is an exported session. Save each session as JSON into one folder."
        )
    return Classroom(recommender, dict(sorted(sessions.items())))


def _files(exports: str | os.PathLike[str] | Iterable[str | os.PathLike[str]]) -> list[Path]:
    if not isinstance(exports, str | os.PathLike):
        return [Path(each) for each in exports]
    folder = Path(exports)
    if not folder.is_dir():
        raise SettingsError(f"There is no folder {os.fspath(exports)!r:.200}. Put the exported files there.")
    return sorted(folder.glob("*.json"))


def _read(recommender: Recommender, path: Path) -> Session | None:
    """Return a session, or ``None`` for a file that is none, after saying so."""
    try:
        if path.stat().st_size > LARGEST:
            raise SettingsError(f"it is larger than {LARGEST // 1_000_000} MB")
        text = path.read_text("utf-8")
        session = Session.from_json(recommender, text)
        origin = json.loads(text).get("origin", {})
    except (OSError, ValueError) as error:
        warnings.warn(f"{path.name} was left out: {error!s:.300}", DataWarning, stacklevel=3)
        return None
    made_of = origin.get("manifest_sha256") if isinstance(origin, dict) else None
    if made_of and made_of != recommender.workspace.manifest_sha256:
        warnings.warn(
            f"{path.name} is from another collection, or from another build of this one: its scores may "
            "not compare.",
            DataWarning,
            stacklevel=3,
        )
    return session


def invent_class(
    recommender: Recommender, folder: str | os.PathLike[str], names: Iterable[str] = ("Ada", "Ben", "Chloé")
) -> tuple[Path, ...]:
    """Write the exports of invented students, to try :func:`gather` without a class.

    Each starts from another work, looks at what is like it, and likes some of that; the first two start from
    the same one.

    Parameters
    ----------
    recommender : Recommender
        The collection.
    folder : path-like
        Where to write; made if it is not there.
    names : iterable of str
        What the students are called.

    Returns
    -------
    tuple of Path
        The files, one per student.
    """
    ids = recommender.catalog.item_ids.tolist()
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    files = []
    for at, name in enumerate(names):
        session = Session(recommender, k=6)
        start = ids[max(0, at - 1) * len(ids) // 3 % len(ids)]
        shown = session.more_like(start).ranking.item_ids.tolist() or [start]
        for item_id in [start, *shown[at : at + 3]]:
            session.like(item_id)
        session.sets.add("candidates", *shown[:2])
        session.recommend()
        files.append(place / f"{name}.json")
        files[-1].write_text(session.to_json(), "utf-8")
    return tuple(files)
