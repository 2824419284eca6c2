"""``Conversation``: one session and its front end, whatever connects them.

It knows nothing of notebooks or of the web. An adapter hands it the events of its front end and carries what
it sends; :mod:`ham_recommend.frontend.protocol` says what those are.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from threading import RLock
from typing import Any

from ham_recommend.answers import Turn
from ham_recommend.errors import HamRecommendError
from ham_recommend.frontend import events, map_replies, messages, replies, research
from ham_recommend.frontend.kept_pictures import KeptPictures
from ham_recommend.frontend.protocol import Heading, Message
from ham_recommend.frontend.state import State, follow, frozen, of_session, sets_of, shown_query, turns_of
from ham_recommend.frontend.through_time import through_time_reply
from ham_recommend.recommend.session import Session
from ham_recommend.records import Where
from ham_recommend.showing import showable

Send = Callable[[Message, list[bytes]], None]

ASK_FOR_WORDS = "Type what you would like to see, then press Enter."


class Conversation:
    """Receives events, asks the session, and sends messages and changes of the state.

    Any thread may call it; one at a time is answered.

    Parameters
    ----------
    session : Session
        Who is asked.
    send : callable
        Takes a message and the bytes that belong to it, and brings them to every view, in order. It is called
        before the call that caused the message returns.
    kept : KeptPictures or None
        Where large pictures of opened works are kept, to be there without a network; ``None`` keeps none.

    Attributes
    ----------
    state : State
        What a front end that joins now has to know; each change is also sent, as a ``state`` message.
    selected : list of str
        The works inside the last lasso on the map.

    Examples
    --------
    >>> talk = Conversation(session, lambda message, buffers: print(message["type"]))  # doctest: +SKIP
    >>> talk.receive({"type": "search", "text": "ships", "request": "a-1"})            # doctest: +SKIP
    state
    turn
    state
    done
    """

    def __init__(self, session: Session, send: Send, *, kept: KeptPictures | None = None) -> None:
        self._session = session
        self._kept = kept
        self._send_message = send
        self._exhausted: set[int] = set()
        self._answered: tuple[str, int] | None = None
        self._marks_before = (session.liked, session.disliked)
        self._lock = RLock()
        self.selected: list[str] = []
        self.state = State(collection=messages.collection(session.recommender), **of_session(self._session))

    @property
    def session(self) -> Session:
        """The session behind it: likes, dislikes, seen, turns."""
        return self._session

    # ---- from code --------------------------------------------------------------------------------------

    def search(
        self, text: str, *, where: Where | None = None, allow_repeats: bool = False, correct: bool = True
    ) -> None:
        """Search; see :meth:`Session.search`."""
        self._ask(
            lambda: self._session.search(text, where=where, allow_repeats=allow_repeats, correct=correct)
        )

    def recommend(self, *, where: Where | None = None, discovery: float = 0.0) -> None:
        """Recommend works from what is liked; see :meth:`Session.recommend`."""
        self._ask(lambda: self._session.recommend(where=where, discovery=discovery))

    def more_like(self, item_id: str, *, where: Where | None = None) -> None:
        """Show works similar to one; see :meth:`Session.more_like`."""
        self._ask(lambda: self._session.more_like(item_id, where=where))

    def surprise(self, *, where: Where | None = None) -> None:
        """Show works by chance; see :meth:`Session.surprise`."""
        self._ask(lambda: self._session.surprise(where=where))

    def browse(self, *, where: Where | None = None) -> None:
        """Leaf through works; see :meth:`Session.browse`."""
        self._ask(lambda: self._session.browse(where=where))

    def search_by_picture(
        self, picture: str | os.PathLike[str] | bytes, *, name: str = "", where: Where | None = None
    ) -> None:
        """Find works like a picture; see :meth:`Session.search_by_picture`."""
        self._ask(lambda: self._session.search_by_picture(picture, name=name, where=where))

    def search_by_colour(self, colour: str, *, where: Where | None = None) -> None:
        """Find works that have a colour; see :meth:`Session.search_by_colour`."""
        self._ask(lambda: self._session.search_by_colour(colour, where=where))

    def show_through_time(self, item_id: str) -> None:
        """Show in every view what came before and after a work."""
        with self._lock:
            self._send(through_time_reply(self._session, events.ShowThroughTime(item_id=item_id)))

    def show_map(self, vectors: str = "") -> None:
        """Show the map in every view, and in those that open later.

        Raises
        ------
        SettingsError
            There is no such map, or it has to be made first.
        """
        with self._lock:
            map_replies.opened_map(self._session.recommender, vectors)
            self._change(shows="map")
            self._show_on_map(events.ShowMap(vectors=vectors))

    def like(self, item_id: str) -> None:
        """Like a work."""
        self._mark(self._session.like, item_id)

    def unlike(self, item_id: str) -> None:
        """Take a like back."""
        self._mark(self._session.unlike, item_id)

    def dislike(self, item_id: str) -> None:
        """Say that a work is not for the visitor."""
        self._mark(self._session.dislike, item_id)

    def undislike(self, item_id: str) -> None:
        """Take a dislike back."""
        self._mark(self._session.undislike, item_id)

    def clear_likes(self) -> None:
        """Forget all likes; turns and dislikes stay."""
        self._mark(self._session.clear_likes)

    def undo(self) -> None:
        """Bring likes and dislikes back to what they were before the last mark took some back."""
        with self._lock:
            if self.state.taken_back:
                liked, disliked = self._marks_before
                self.assign(liked_ids=liked, disliked_ids=disliked, taken_back=())

    def reset(self) -> None:
        """Begin anew: forget likes, dislikes, turns and sets."""
        with self._lock:
            self._session.reset()
            self.replace_session(self._session)

    def refresh(self) -> None:
        """Show what code or another process did to the session meanwhile."""
        with self._lock:
            self._session.refresh()
            self._change(**of_session(self._session))
            for name in self._session.sets:
                self._send(research.set_message(self._session, name))

    def replace_session(self, session: Session) -> None:
        """Let another session take the place of this one."""
        with self._lock:
            self._session = session
            self._exhausted.clear()
            self._answered = None
            self._change(taken_back=(), **of_session(self._session))

    def assign(self, **values: Any) -> None:
        """Take over fields of the state that were set from outside.

        ``liked_ids`` and ``disliked_ids`` bring the session to what they say; the others are only shown.

        Raises
        ------
        UnknownItemError
            A work to like is not in the catalog. The state is then again what the session says.
        """
        with self._lock:
            self._change(**values)
            session = self._session
            try:
                if "liked_ids" in values:
                    follow(self.state.liked_ids, session.liked, session.like, session.unlike)
                if "disliked_ids" in values:
                    follow(self.state.disliked_ids, session.disliked, session.dislike, session.undislike)
            finally:
                self._show_marks()

    # ---- from the front end -----------------------------------------------------------------------------

    def receive(self, content: Mapping[str, Any]) -> None:
        """Do what an event says.

        What is meant for people, such as a search without words or an event that does not exist, becomes the
        state's ``error``. Anything else surfaces, after a line that says so.

        Parameters
        ----------
        content : mapping
            The event, as JSON values.
        """
        with self._lock, self._answering(content.get("request")):
            event = events.read_event(content)
            if isinstance(event, events.MapEvent):
                self._show_on_map(event)
            else:
                self._handle(event)

    def _handle(self, event: events.Event) -> None:
        match event:
            case events.Search():
                self._search(event)
            case events.Question():
                self._answer(event, self._found_by(event))
            case events.More():
                self._continue(event.turn_id)
            case events.Like():
                self.like(event.item_id)
            case events.Unlike():
                self.unlike(event.item_id)
            case events.Dislike():
                self.dislike(event.item_id)
            case events.Undislike():
                self.undislike(event.item_id)
            case events.ClearLikes():
                self.clear_likes()
            case events.Undo():
                self.undo()
            case events.SetEvent() | events.UndoSets():
                self._change_sets(event)
            case _:
                self._show(event)

    def _found_by(self, event: events.Question) -> Callable[[], Turn]:
        """Return what answers a question without words."""
        session = self._session
        find: Callable[..., Turn]
        match event:
            case events.Recommend():
                find = partial(session.recommend, discovery=event.discovery)
            case events.Similar():
                find = partial(session.more_like, event.item_id)
            case events.Surprise():
                find = session.surprise
            case events.Browse():
                find = session.browse
            case events.SearchByPicture():
                name = showable(event.name, messages.NAME_LENGTH)
                find = partial(session.search_by_picture, messages.picture_from(event.data), name=name)
            case events.SearchByColour():
                find = partial(session.search_by_colour, event.colour)
            case events.Refilter():
                find = partial(session.refilter, event.turn_id)
            case _:
                raise AssertionError(event)
        return partial(find, where=map_replies.where_on(session, event.where))

    def _show(self, event: events.Event) -> None:
        match event:
            case events.ShowFacets():
                self._send(replies.facets_reply(self._session, event))
            case events.ShowHeadings():
                shown = [turn for turn in self._session.turns if turn.turn_id in event.turn_ids]
                self._send({"type": "headings", "headings": [self._heading(turn) for turn in shown]})
            case events.ShowTurn():
                self._send_turn(self._session.turn(event.turn_id), view=event.view)
            case events.ShowWorks():
                self._send(replies.works_reply(self._session, event))
            case events.ShowDetail():
                self._send(replies.detail_reply(self._session, event, self._kept))
            case events.ShowThroughTime():
                self._send(through_time_reply(self._session, event))
            case events.ShowPictures():
                self._send(*replies.pictures_reply(self._session, event))
            case events.ShowLargePicture():
                self._send(*replies.large_picture_reply(self._session, event, self._kept))
            case events.ShowSet():
                self._send(research.set_message(self._session, event.name, event.view))
            case events.ShowComparison():
                self._send(research.comparison_message(self._session, event, self._heading))
            case events.ShowCitation():
                self._send(research.citation_message(self._session, event))
            case events.Export():
                self._send(*replies.file_reply(self._session, event))

    def _show_on_map(self, event: events.MapEvent) -> None:
        if isinstance(event, events.Lasso):
            self.selected = map_replies.selected_by(self._session, event)
        self._send(*map_replies.reply(self._session, event))

    @contextmanager
    def _answering(self, request: str | None) -> Iterator[None]:
        """Show errors meant for people as a line; let others surface, but never leave the page waiting."""
        try:
            yield
        except HamRecommendError as error:
            self._change(error=showable(str(error), messages.FACT_LENGTH))
        except Exception as error:
            kind = type(error).__name__
            self._change(error=f"Something went wrong inside ({kind}). Please try something else.")
            raise
        else:
            if request:
                self._change(error="")
        finally:
            if request:
                self._send({"type": "done", "request": request})

    def _search(self, event: events.Search) -> None:
        text, where = event.text, map_replies.where_on(self._session, event.where)
        if event.turn_id is not None:
            query = self._session.turn(event.turn_id).ranking.query
            text, where = query.text, query.where
        if not text.strip() and where:
            self._answer(event, lambda: self._session.browse(where=where))
            return
        if not text.strip():
            self._take_back(event.replaces)
            self._change(message=ASK_FOR_WORDS, error="", turns=turns_of(self._session))
            return
        how: dict[str, Any] = {"allow_repeats": event.allow_repeats, "correct": event.correct}
        how["ignore"] = event.ignore
        self._answer(event, lambda: self._session.search(text, where=where, **how))

    def _answer(self, question: events.Question, find: Callable[[], Turn]) -> None:
        self._take_back(question.replaces)
        self._ask(find, question.request)

    def _take_back(self, replaces: str | None) -> None:
        """Forget the answer that another takes the place of; it stays on the page until that one is there."""
        if self._answered and replaces == self._answered[0]:
            self._session.forget(self._answered[1])
            self._answered = None

    def _continue(self, turn_id: int) -> None:
        before = self._session.turn(turn_id)
        turn = self._session.more(before.turn_id)
        if len(turn.ranking) < len(before.ranking) + before.ranking.query.k:
            self._exhausted.add(turn.turn_id)
        self._send_turn(turn, start=len(before.ranking))
        self._change(turns=turns_of(self._session))

    # ---- towards the front end --------------------------------------------------------------------------

    def _ask(self, find: Callable[[], Turn], request: str | None = None) -> None:
        with self._lock:
            self._change(busy=True)
            told: dict[str, Any] = {"busy": False}
            try:
                turn = find()
                if request:
                    self._answered = (request, turn.turn_id)
                self._send_turn(turn, request=request)
                told |= {"message": self._session.recommender.trouble, "error": ""}
                if turn.kind == "search":
                    told["query"] = shown_query(turn)
                if turn.kind == "recommend":
                    told["discovery"] = turn.ranking.query.dials.discovery
            finally:
                self._change(**told, turns=turns_of(self._session))

    def _mark(self, mark: Callable[..., None], *item_ids: str) -> None:
        with self._lock:
            session = self._session
            before = session.liked, session.disliked
            mark(*item_ids)
            after = {*session.liked, *session.disliked}
            taken_back = tuple(item_id for held in before for item_id in held if item_id not in after)
            self._marks_before = before
            self._change(taken_back=taken_back)
            self._show_marks()

    def _change_sets(self, event: events.SetEvent | events.UndoSets) -> None:
        sets = self._session.sets
        before = dict(sets)
        research.change_sets(sets, event)
        self._change(**sets_of(self._session))
        for name, kept in sets.items():
            if before.get(name) != kept:
                self._send(research.set_message(self._session, name))

    def _show_marks(self) -> None:
        self._change(liked_ids=self._session.liked, disliked_ids=self._session.disliked)

    def _change(self, **values: Any) -> None:
        before = self.state
        self.state = replace(before, **{name: frozen(value) for name, value in values.items()})
        changes = self.state.changes_since(before)
        if changes:
            self._send({"type": "state", "changes": changes})

    def _heading(self, turn: Turn) -> Heading:
        more = turn.turn_id not in self._exhausted and len(turn.ranking) >= turn.ranking.query.k
        more = more and self._session.can_continue(turn)
        return messages.heading(turn, lambda item_id: replies.title_of(self._session, item_id), more)

    def _send_turn(
        self, turn: Turn, *, start: int = 0, request: str | None = None, view: str | None = None
    ) -> None:
        self._send(
            {
                "type": "turn",
                "heading": self._heading(turn),
                "start": start,
                "works": messages.turn_cards(turn, start),
                "request": request,
                "view": view,
            }
        )

    def _send(self, message: Message, buffers: Iterable[bytes] = ()) -> None:
        self._send_message(message, list(buffers))
