"""What is taken away of a session, what it was made from, and what it says in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime

from ham_recommend._version import __version__
from ham_recommend.answers import Turn, WorkSet
from ham_recommend.errors import SettingsError
from ham_recommend.frontend import messages
from ham_recommend.recommend.session import Session
from ham_recommend.records import Artwork


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What an export was made from and when.

    Parameters
    ----------
    collection : str
        Its name.
    manifest_sha256 : str
        The hash of its manifest, which knows each of its files by their hashes.
    built_with : str
        The version of this package that built it.
    exported_with : str
        The version of this package that made the export.
    exported_at : str
        When, in UTC.
    """

    collection: str
    manifest_sha256: str
    built_with: str
    exported_with: str = __version__
    exported_at: str

    @classmethod
    def of(cls, session: Session) -> Origin:
        """Return what an export of a session that is made now comes from."""
        workspace = session.recommender.workspace
        digest = workspace.manifest_sha256
        return cls(
            collection=workspace.name,
            manifest_sha256=digest,
            built_with=workspace.manifest.package_version if digest else "",
            exported_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )

    def to_json(self) -> dict[str, str]:
        """Return it as JSON values."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


@dataclass(frozen=True, slots=True)
class Findings:
    """The part of a session that is exported: its likes, some of its turns, some of its sets."""

    session: Session
    liked: tuple[str, ...]
    turns: tuple[Turn, ...]
    sets: tuple[WorkSet, ...] = ()

    @classmethod
    def of(
        cls,
        session: Session,
        *,
        likes_only: bool = False,
        turn_id: int | None = None,
        set_name: str | None = None,
    ) -> Findings:
        """Return all of a session, its likes alone, one turn and what is liked of it, or one set.

        Raises
        ------
        SettingsError
            There is no such turn or set, or several parts are asked for.
        """
        if likes_only + (turn_id is not None) + (set_name is not None) > 1:
            raise SettingsError("Export the likes alone, one turn or one set, not several of them.")
        if set_name is not None:
            return cls(session, (), (), (session.sets[set_name],))
        if likes_only:
            return cls(session, session.liked, ())
        if turn_id is None:
            return cls(session, session.liked, session.turns, tuple(session.sets.values()))
        turn = session.turn(turn_id)
        here = set(turn.ranking.item_ids.tolist())
        return cls(session, tuple(item_id for item_id in session.liked if item_id in here), (turn,))

    @property
    def works(self) -> Mapping[str, Artwork]:
        """The liked works that are still in the collection."""
        return self.session.recommender.catalog.get(list(self.liked))

    def works_of(self, kept: WorkSet) -> Mapping[str, Artwork]:
        """Return the works of a set that are still in the collection."""
        catalog = self.session.recommender.catalog
        return catalog.get([item_id for item_id in kept.item_ids if item_id in catalog])


def asked_for(session: Session, turn: Turn) -> str:
    """Return in words what a turn asked for."""
    query = turn.ranking.query
    plain = {
        "search": query.text,
        "surprise": f"A surprise, drawn with {query.drawn}",
        "browse": "Works to leaf through",
        "picture": f"Works like the picture {query.picture}",
        "colour": f"Works with the colour {query.colour}",
    }
    if turn.kind in plain:
        return plain[turn.kind]
    works = session.recommender.catalog.get(list(query.liked))
    titles = [works[item_id].title or "Untitled" for item_id in query.liked if item_id in works]
    named = ", ".join(titles[:3]) + (f" and {len(titles) - 3} more" if len(titles) > 3 else "")
    reach = f", discovery {query.dials.discovery:g}" if query.dials.discovery else ""
    return f"More like {named}" if turn.kind == "similar" else f"Recommended from {named}{reach}"


def turn_title(session: Session, turn: Turn) -> str:
    """Return what a turn asked for, with its filters and corrections."""
    asked = asked_for(session, turn)
    parts = [f"“{asked}”" if turn.kind == "search" else asked, *messages.filters(turn.ranking.query.where)]
    parts += [f"“{wrong}” read as “{right}”" for wrong, right in turn.ranking.corrected.items()]
    return " · ".join(parts)


def origin_in_words(session: Session) -> str:
    """Return what an export was made from, in a line."""
    origin = Origin.of(session)
    made = (
        f"manifest sha256 {origin.manifest_sha256 or 'unknown'}, built with ham_recommend {origin.built_with}"
    )
    exported = f"Exported with ham_recommend {origin.exported_with}, {origin.exported_at}"
    return f"Collection {origin.collection}, {made}. {exported}."
