"""A session: what one person liked, disliked and was shown, and what was asked, turn by turn."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, Unpack

from ham_recommend.answers import Query, Ranking, Turn, TurnKind
from ham_recommend.errors import DataWarning, SettingsError
from ham_recommend.recommend import _document as document
from ham_recommend.recommend import _log as log
from ham_recommend.recommend._kept import Kept
from ham_recommend.recommend._log import Asked, Continued
from ham_recommend.recommend.query import checked_text
from ham_recommend.records import EMPTY, DialSettings, Where

if TYPE_CHECKING:
    from ham_recommend.recommend.recommender import Recommender

WITHOUT_WORDS: frozenset[TurnKind] = frozenset({"surprise", "browse", "picture", "colour"})


class Session(Kept):
    """Holds likes, dislikes, what was seen and the turns of one person; knows no user interface.

    With a name it is kept in the workspace: a session of the same name in another process sees the same, and
    is there again after a restart. Any thread may call it, one at a time.

    Parameters
    ----------
    recommender : Recommender
        What answers.
    name : str or None
        Keep the session under this name; ``None`` keeps it in memory only.
    k : int
        How many works a turn shows, and by how many it continues.
    strategy : str
        How likes become an answer, as in :meth:`Recommender.recommend`, where a turn names none.
    sessions : path-like or None
        Where named sessions are kept, for a collection that one may only read: a file named ``….sqlite``, or
        a folder, in which each collection has a file of its own name. ``None`` for what the environment
        variable ``HAM_SESSIONS`` says, else in the workspace.

    Raises
    ------
    ArtifactError
        The sessions of this workspace cannot be read.
    SettingsError
        There is no recommender, no such strategy, or the name or ``k`` is out of range.

    Examples
    --------
    >>> session = Session(Recommender.load("artifacts/sample"), name="ships")  # doctest: +SKIP
    >>> session.search("ships in a storm")                                     # doctest: +SKIP
    >>> session.like("sample:17")                                              # doctest: +SKIP
    >>> session.recommend().ranking.to_frame()                                 # doctest: +SKIP
    """

    def search(
        self,
        text: str,
        *,
        where: Where | None = None,
        allow_repeats: bool = False,
        correct: bool = True,
        ignore: Iterable[str] = (),
    ) -> Turn:
        """Search by words; the same search again goes on to works it has not shown yet.

        Parameters
        ----------
        text : str
            Any words.
        where : mapping or None
            As in :meth:`Recommender.search`.
        allow_repeats : bool
            Start from the best works again instead.
        correct, ignore
            As in :meth:`Recommender.search`.

        Returns
        -------
        Turn
            ``skipped_seen`` says how many works were left out because the same search showed them before.

        Raises
        ------
        SettingsError
            The text is empty, or there is no such field.
        """
        line, ignored = checked_text(text), tuple(sorted(set(ignore)))
        with self._lock:
            self._refresh()
            shown = set() if allow_repeats else self._shown_by("search", line, where, ignored)
            ranking = self.recommender.search(
                line, self.k, where=where, exclude=shown, correct=correct, ignore=ignored
            )
            return self._ask("search", ranking, len(shown), repeats=allow_repeats)

    def recommend(
        self, *, where: Where | None = None, strategy: str | None = None, **dials: Unpack[DialSettings]
    ) -> Turn:
        """Recommend works from the likes and dislikes, none of them seen before.

        Parameters
        ----------
        where : mapping or None
            As in :meth:`Recommender.search`.
        strategy : str or None
            As in :meth:`Recommender.recommend`; ``None`` for the session's own.
        **dials : {anchor, discovery, popularity, recency}
            As in :meth:`Recommender.recommend`.

        Returns
        -------
        Turn
            Empty when every work was seen.

        Raises
        ------
        SettingsError
            Nothing is liked or disliked yet that is still in the collection, or an option is out of range.
        """
        with self._lock:
            self._refresh()
            seen, strategy = self.seen, strategy or self.strategy
            liked, disliked = self._known(self.liked), self._known(self.disliked)
            if self.liked and not liked:
                raise SettingsError(
                    f"What is liked, such as {self.liked[0]!r}, is no longer in this collection. "
                    "Like a work that is, then ask again."
                )
            ranking = self.recommender.recommend(
                liked, disliked, self.k, exclude=seen, where=where, strategy=strategy, **dials
            )
            return self._ask("recommend", ranking, len(seen))

    def more_like(self, item_id: str, *, where: Where | None = None) -> Turn:
        """Find works like one work, none of them seen before or disliked.

        Parameters
        ----------
        item_id : str
            The work to start from.
        where : mapping or None
            As in :meth:`Recommender.search`.

        Raises
        ------
        UnknownItemError
            The work is not in the catalog.
        """
        with self._lock:
            self._refresh()
            seen = self.seen
            hidden = seen | set(self.disliked)
            ranking = self.recommender.similar_items(item_id, self.k, exclude=hidden, where=where)
            return self._ask("similar", ranking, len(seen - {item_id}))

    def surprise(self, *, where: Where | None = None) -> Turn:
        """Show works by chance that have little in common, none of them seen before.

        Parameters
        ----------
        where : mapping or None
            As in :meth:`Recommender.search`.
        """
        return self._without_words("surprise", Query(where=where or EMPTY))

    def browse(self, *, where: Where | None = None) -> Turn:
        """Leaf through the works that meet a filter, from the first on, whatever was seen.

        Parameters
        ----------
        where : mapping or None
            As in :meth:`Recommender.search`.
        """
        return self._without_words("browse", Query(where=where or EMPTY))

    def search_by_picture(
        self, picture: str | os.PathLike[str] | bytes, *, name: str = "", where: Where | None = None
    ) -> Turn:
        """Find the works that look most like a picture of one's own, whatever was seen.

        The turn can be continued as long as this session is open: the picture itself is not kept in a file.

        Parameters
        ----------
        picture, where
            As in :meth:`Recommender.search_by_picture`.
        name : str
            What to call a picture given as bytes.

        Raises
        ------
        UnreadablePictureError, SettingsError, MissingExtraError, EncodeError
            As in :meth:`Recommender.search_by_picture`.
        """
        content = picture if isinstance(picture, bytes) else Path(picture).read_bytes()
        named = name or ("a picture" if isinstance(picture, bytes) else Path(picture).name)
        return self._without_words("picture", Query(picture=named, where=where or EMPTY), content)

    def search_by_colour(self, colour: str, *, where: Where | None = None) -> Turn:
        """Find the works whose pictures have most of a colour, whatever was seen.

        Parameters
        ----------
        colour, where
            As in :meth:`Recommender.search_by_colour`.
        """
        return self._without_words("colour", Query(colour=colour, where=where or EMPTY))

    def refilter(self, turn_id: int, *, where: Where | None = None) -> Turn:
        """Ask what a turn asked, within other filters; only the works of other turns count as seen.

        Parameters
        ----------
        turn_id : int
            The turn whose question is asked again.
        where : mapping or None
            The filters from now on, as in :meth:`Recommender.search`.

        Raises
        ------
        SettingsError
            There is no such turn, or none of the works it came from is still in the collection.
        """
        with self._lock:
            self._refresh()
            turn = self.turn(turn_id)
            if turn.kind == "search":
                asked, correct = turn.ranking.query, bool(turn.ranking.corrected)
                return self.search(
                    asked.text, where=where, allow_repeats=True, correct=correct, ignore=asked.ignore
                )
            if turn.kind in WITHOUT_WORDS:
                query = replace(turn.ranking.query, where=where or EMPTY, drawn=None)
                return self._without_words(turn.kind, query, self._pictures.get(turn_id))
            seen = frozenset().union(*(log.shown_in(each.ranking) for each in self.turns if each != turn))
            ranking = self._led_to(turn, seen, where)
            if ranking is None:
                raise SettingsError("What this turn came from is no longer in this collection. Ask anew.")
            return self._ask(turn.kind, ranking, len(seen))

    def more(self, turn_id: int) -> Turn:
        """Continue a turn with the next works, without repeats.

        Parameters
        ----------
        turn_id : int
            The turn to continue.

        Returns
        -------
        Turn
            The same turn with a longer ranking; as long as before when there are no more works.

        Raises
        ------
        SettingsError
            There is no such turn.
        """
        with self._lock:
            self._refresh()
            turn = self.turn(turn_id)
            ranking = self._continuation(turn)
            if set(ranking.item_ids) - log.shown_in(turn.ranking):
                self._record([Continued(turn_id, ranking)])
            return self.turn(turn_id)

    @classmethod
    def from_json(
        cls,
        recommender: Recommender,
        text: str,
        name: str | None = None,
        *,
        k: int = 12,
        sessions: str | os.PathLike[str] | None = None,
        replace: bool = False,
    ) -> Self:
        """Make a session from what :meth:`to_json` wrote, without works that this collection does not have.

        Parameters
        ----------
        recommender : Recommender
            What answers from now on.
        text : str
            The JSON.
        name : str or None
            Keep it under this name.
        k, sessions
            As in :class:`Session`.
        replace : bool
            Let it take the place of a session of that name, in one step: whatever happens, the old one or the
            new one is there whole. Else the name must not be taken.

        Raises
        ------
        SettingsError
            It is not the JSON of a session, or the name is taken.

        Warns
        -----
        DataWarning
            Some of its works are not in the catalog.
        """
        events = document.read(text)
        known, lost = log.only(events, recommender.catalog.__contains__)
        session = cls(recommender, name=name, k=k, sessions=sessions)
        if session._last_event and not replace:
            raise SettingsError(f"There already is a session {name!r}. Choose another name, or delete it.")
        if lost:
            warnings.warn(
                f"{len(lost)} works of the session are not in this collection and were left out, such as "
                f"{min(lost)!r}.",
                DataWarning,
                stacklevel=2,
            )
        session._record(known, replace=replace)
        return session

    def can_continue(self, turn: Turn) -> bool:
        """Return whether there may be more works of a turn; a picture of one's own may be gone by now."""
        return turn.kind != "picture" or turn.turn_id in self._pictures

    def _without_words(self, kind: TurnKind, query: Query, picture: bytes | None = None) -> Turn:
        with self._lock:
            self._refresh()
            seen = self.seen if kind == "surprise" else frozenset()
            turn = self._ask(kind, self._found(kind, query, seen, picture), len(seen))
            if picture is not None:
                self._pictures[turn.turn_id] = picture
            return turn

    def _found(self, kind: TurnKind, query: Query, hidden: frozenset[str], picture: bytes | None) -> Ranking:
        """Return what a question without words finds."""
        ask, where = self.recommender, query.where or None
        if kind == "surprise":
            return ask.surprise(self.k, where=where, exclude=hidden)
        if kind == "browse":
            return ask.browse(self.k, where=where, exclude=hidden)
        if kind == "colour":
            return ask.search_by_colour(query.colour, self.k, where=where, exclude=hidden)
        if picture is None:
            raise SettingsError("The picture of this turn is not kept. Choose it once more.")
        found = ask.search_by_picture(picture, self.k, where=where, exclude=hidden)
        return replace(found, query=replace(found.query, picture=query.picture))

    def _ask(self, kind: TurnKind, ranking: Ranking, skipped: int, *, repeats: bool = False) -> Turn:
        self._record(
            [Asked(kind=kind, ranking=ranking, at=datetime.now(UTC), skipped_seen=skipped, repeats=repeats)]
        )
        return self._state.turns[-1]

    def _shown_by(
        self, kind: TurnKind, text: str, where: Where | None, ignore: tuple[str, ...] = ()
    ) -> set[str]:
        """Return the works that the turns asking the same have shown."""
        asked = log.where_to_json(where or EMPTY)
        same = (
            turn.ranking
            for turn in self._state.turns
            if turn.kind == kind
            and turn.ranking.query.text.casefold() == text.casefold()
            and turn.ranking.query.ignore == ignore
            and log.where_to_json(turn.ranking.query.where) == asked
        )
        return set().union(*map(log.shown_in, same))

    def _continuation(self, turn: Turn) -> Ranking:
        """Return the next works of a turn."""
        query, own = turn.ranking.query, log.shown_in(turn.ranking)
        if turn.kind == "search":
            repeats = turn.turn_id in self._state.repeats
            hidden = own if repeats else self._shown_by("search", query.text, query.where, query.ignore)
            correct = bool(turn.ranking.corrected)
            return self.recommender.search(
                query.text,
                self.k,
                where=query.where,
                exclude=hidden,
                correct=correct,
                ignore=query.ignore,
            )
        if turn.kind in WITHOUT_WORDS:
            shown = self.seen if turn.kind == "surprise" else frozenset(own)
            return self._found(turn.kind, query, shown, self._pictures.get(turn.turn_id))
        return self._led_to(turn, self.seen, query.where) or turn.ranking

    def _led_to(self, turn: Turn, seen: frozenset[str], where: Where | None) -> Ranking | None:
        """Return what the works that a turn came from lead to; ``None`` if they are gone."""
        query, hidden = turn.ranking.query, {*seen, *self.liked, *self.disliked}
        liked, disliked = self._known(query.liked), self._known(query.disliked)
        if not liked and (query.liked or not disliked):
            return None
        if turn.kind == "similar":
            return self.recommender.similar_items(liked[0], self.k, exclude=hidden, where=where)
        options: dict[str, Any] = {"strategy": query.strategy or self.strategy, **asdict(query.dials)}
        return self.recommender.recommend(liked, disliked, self.k, exclude=hidden, where=where, **options)
