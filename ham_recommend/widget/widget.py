"""``HAM_recommend``: search, like, and be led to more, inside a notebook.

One model in the notebook however long the session. Small state (which turns there are, what is liked) is kept
in traits, which can be observed and linked; the works of a turn and the bytes of pictures travel once, as
messages, when someone looks at them.

A message from the front end may carry a ``request``; whatever happens, ``done`` answers it. A question asked
while an older one is still open names that one in ``replaces``, and the older turn is taken back: nobody
looked at its works, so they do not count as seen.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from ham_recommend.errors import HamRecommendError, SettingsError
from ham_recommend.frontend import export, messages
from ham_recommend.frontend.replies import REPLIES, Content, title_of, turn_of
from ham_recommend.recommend.recommender import Recommender
from ham_recommend.recommend.session import Session
from ham_recommend.records import Turn, Where

if TYPE_CHECKING:
    import pandas as pd

STATIC = Path(export.__file__).parent / "static"
THEMES = ("light", "dark")


class HAM_recommend(anywidget.AnyWidget):  # type: ignore[misc]  # noqa: N801 - the name people know
    """Explore a collection by words and by taste; show it by naming it last in a cell, or with :meth:`show`.

    Parameters
    ----------
    workspace_or_recommender : path-like or Recommender
        A folder made by ``ham build``, or a recommender that is already loaded.
    k : int
        How many works a turn brings.
    session : str or None
        A name under which likes and history are kept in the workspace; with the same name everything is
        there again after a restart.
    theme : {"light", "dark"} or None
        ``None`` follows the notebook.

    Attributes
    ----------
    query : str
        The last search.
    turns : list of [int, int]
        Number of each turn and how many works it shows, oldest first.
    liked_ids, disliked_ids : list of str
        Oldest first; may be set.
    busy : bool
        Whether an answer is being made.
    message, error : str
        The line below the search field; one of them is empty.

    Raises
    ------
    ArtifactError
        There is no collection in the folder, or it is damaged; the message names the command that mends it.
    SettingsError
        An argument is out of range.
    """

    _esm = STATIC / "widget.js"
    _css = STATIC / "widget.css"

    query = traitlets.Unicode("").tag(sync=True)
    turns = traitlets.List(traitlets.List(traitlets.Int())).tag(sync=True)
    liked_ids = traitlets.List(traitlets.Unicode()).tag(sync=True)
    disliked_ids = traitlets.List(traitlets.Unicode()).tag(sync=True)
    busy = traitlets.Bool(False).tag(sync=True)
    message = traitlets.Unicode("").tag(sync=True)
    error = traitlets.Unicode("").tag(sync=True)
    theme = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    collection = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        workspace_or_recommender: str | os.PathLike[str] | Recommender = "artifacts/sample",
        *,
        k: int = 12,
        session: str | None = None,
        theme: str | None = None,
        **traits: Any,
    ) -> None:
        given = workspace_or_recommender
        recommender = Recommender.load(given) if isinstance(given, str | os.PathLike) else given
        self._k = k
        self._session = Session(recommender, name=session, k=k)
        self._ended: set[int] = set()
        self._answered: tuple[str, int] | None = None
        super().__init__(theme=theme, collection=messages.collection(recommender), **traits)
        self._draw_session()
        self.on_msg(self._receive)

    # ---- from code --------------------------------------------------------------------------------------

    @property
    def session(self) -> Session:
        """The session behind the interface: likes, dislikes, seen, turns."""
        return self._session

    @property
    def recommender(self) -> Recommender:
        """What answers."""
        return self._session.recommender

    @property
    def liked(self) -> pd.DataFrame:
        """The liked works, oldest first, with their catalogue fields."""
        return export.liked_frame(self._session)

    @property
    def history(self) -> pd.DataFrame:
        """Every work of every turn, in the order shown, with scores and whether it is liked."""
        return export.history_frame(self._session)

    def show(self) -> None:
        """Show the interface here."""
        from IPython.display import display

        display(self)

    def search_for_text(
        self, text: str, *, where: Where | None = None, allow_repeats: bool = False, correct: bool = True
    ) -> None:
        """Search, as the search field does.

        Parameters
        ----------
        text : str
            What to look for.
        where : mapping or None
            The filter, as in :meth:`ham_recommend.Recommender.search`.
        allow_repeats : bool
            Whether a repeated search starts again instead of going on to the next works.
        correct : bool
            Whether unknown words are replaced by their nearest known neighbours.

        Raises
        ------
        SettingsError
            The text is empty or the filter names an unknown field.
        """
        self._ask(
            lambda: self._session.search(text, where=where, allow_repeats=allow_repeats, correct=correct)
        )

    def search_by_likes(self, *, where: Where | None = None) -> None:
        """Recommend works from what is liked, as "Get recommendations" does.

        Raises
        ------
        SettingsError
            Nothing is liked.
        """
        self._ask(lambda: self._session.recommend(where=where))

    def more_like(self, item_id: str) -> None:
        """Show works similar to one, as "More like this" does."""
        self._ask(lambda: self._session.more_like(item_id))

    def like(self, item_id: str) -> None:
        """Like a work."""
        self._session.like(item_id)
        self._draw_taste()

    def unlike(self, item_id: str) -> None:
        """Take a like back."""
        self._session.unlike(item_id)
        self._draw_taste()

    def dislike(self, item_id: str) -> None:
        """Say that a work is not for you."""
        self._session.dislike(item_id)
        self._draw_taste()

    def undislike(self, item_id: str) -> None:
        """Take "not for me" back."""
        self._session.undislike(item_id)
        self._draw_taste()

    def clear_likes(self) -> None:
        """Forget all likes; turns and dislikes stay."""
        self._session.clear_likes()
        self._draw_taste()

    def export(self, path: str | os.PathLike[str]) -> Path:
        """Write what was found to a file.

        Parameters
        ----------
        path : path-like
            Ends in ``.html`` (a page with small pictures, safe to open and to print), ``.csv`` (one row per
            work and turn), ``.json`` (for :meth:`import_session`) or ``.md``.

        Returns
        -------
        Path
            The file, which appears whole or not at all.

        Raises
        ------
        SettingsError
            Another ending.
        """
        return export.write(self._session, Path(path))

    def snapshot(self) -> None:
        """Put what was found into the notebook as static output, which lives on without Python."""
        from IPython.display import HTML, display

        display(HTML(export.html_fragment(self._session)))

    def import_session(self, json: str | os.PathLike[str]) -> None:
        """Go on with an exported session, which takes the place of this one.

        Parameters
        ----------
        json : str or path-like
            The exported JSON text, or the path of a ``.json`` file.

        Raises
        ------
        SettingsError
            It is not an exported session.
        """
        text, name = _json_text(json), self._session.name
        session = Session.from_json(self.recommender, text, k=self._k)
        if name is not None:
            Session.delete(self.recommender, name)
            session = Session.from_json(self.recommender, text, name, k=self._k)
        self._session = session
        self._ended.clear()
        self._draw_session()

    # ---- towards the front end --------------------------------------------------------------------------

    def _ask(self, make: Callable[[], Turn], request: str | None = None) -> None:
        self.busy = True
        try:
            turn = make()
        finally:
            self.busy = False
        if request:
            self._answered = (request, turn.turn_id)
        self._send_turn(turn, 0, request=request)
        with self.hold_sync():
            self.message = self.error = ""
            if turn.kind == "search":
                self.query = messages.showable(turn.ranking.query.text, messages.FACT_LENGTH)
            self._draw_turns()

    def _draw_session(self) -> None:
        with self.hold_sync():
            self._draw_turns()
            self._draw_taste()
            searches = [turn.ranking.query.text for turn in self._session.turns if turn.kind == "search"]
            self.query = messages.showable(searches[-1], messages.FACT_LENGTH) if searches else ""

    def _draw_turns(self) -> None:
        self.turns = [[turn.turn_id, len(turn.ranking)] for turn in self._session.turns]

    def _draw_taste(self) -> None:
        with self.hold_sync():
            self.liked_ids = list(self._session.liked)
            self.disliked_ids = list(self._session.disliked)

    def _heading(self, turn: Turn) -> Content:
        more = turn.turn_id not in self._ended and len(turn.ranking) >= turn.ranking.query.k
        return messages.heading(turn, lambda item_id: title_of(self._session, item_id), more)

    def _send_turn(self, turn: Turn, start: int, **rest: Any) -> None:
        cards = messages.turn_cards(turn, start)
        self.send({"type": "turn", "turn": self._heading(turn), "start": start, "works": cards, **rest})

    @traitlets.validate("theme")
    def _known_theme(self, proposal: Any) -> str | None:
        if proposal.value is not None and proposal.value not in THEMES:
            raise SettingsError.unknown("theme", proposal.value, THEMES)
        return proposal.value  # type: ignore[no-any-return]

    @traitlets.observe("liked_ids")
    def _liked_set(self, change: Any) -> None:
        self._follow(change.new, self._session.liked, self._session.like, self._session.unlike)

    @traitlets.observe("disliked_ids")
    def _disliked_set(self, change: Any) -> None:
        self._follow(change.new, self._session.disliked, self._session.dislike, self._session.undislike)

    def _follow(
        self, wanted: list[str], held: Iterable[str], add: Callable[[str], Any], drop: Callable[[str], Any]
    ) -> None:
        """Bring the session to what was set from outside; a drawing of the session itself changes nothing."""
        before = list(held)
        if wanted == before:
            return
        try:
            for item_id in before:
                if item_id not in wanted:
                    drop(item_id)
            for item_id in wanted:
                if item_id not in before:
                    add(item_id)
        finally:
            self._draw_taste()

    # ---- from the front end -----------------------------------------------------------------------------

    def _receive(self, _widget: object, content: Content, _buffers: object) -> None:
        handlers: dict[str, Callable[[Content], None]] = {
            "search": self._on_search,
            "recommend": self._on_recommend,
            "similar": self._on_similar,
            "more": self._on_more,
            "like": lambda message: self.like(message["item"]),
            "unlike": lambda message: self.unlike(message["item"]),
            "dislike": lambda message: self.dislike(message["item"]),
            "undislike": lambda message: self.undislike(message["item"]),
            "clear": lambda _: self.clear_likes(),
            "headings": self._on_headings,
            "turn": self._on_turn,
        }
        kind = str(content.get("type"))
        with self._answering(content):
            if kind in handlers:
                handlers[kind](content)
            elif kind in REPLIES:
                self.send(*REPLIES[kind](self._session, content))

    @contextmanager
    def _answering(self, content: Content) -> Iterator[None]:
        """Show errors meant for people as a line; let others surface, but never leave the page waiting."""
        try:
            yield
        except HamRecommendError as error:
            self.error = messages.showable(str(error), messages.FACT_LENGTH)
        except Exception as error:
            self.error = f"Something went wrong inside ({type(error).__name__}). Please try something else."
            raise
        else:
            if content.get("request"):
                self.error = ""
        finally:
            if content.get("request"):
                self.send({"type": "done", "request": content["request"]})

    def _take_back(self, replaces: object) -> None:
        if self._answered and replaces == self._answered[0]:
            self._session.forget(self._answered[1])
            self._answered = None
            self._draw_turns()

    def _where(self, content: Content) -> Where | None:
        return messages.where_from(content.get("kind"), content.get("from"), content.get("to"))

    def _on_search(self, content: Content) -> None:
        self._take_back(content.get("replaces"))
        text, where = str(content.get("text", "")), self._where(content)
        if content.get("turn") is not None:  # the same question again, whatever the fields say by now
            query = turn_of(self._session, content["turn"]).ranking.query
            text, where = query.text, query.where
        if not text.strip():
            with self.hold_sync():
                self.message, self.error = "Type what you would like to see, then press Enter.", ""
            return
        self._ask(
            lambda: self._session.search(
                text,
                where=where,
                allow_repeats=bool(content.get("repeats") or content.get("again")),
                correct=not content.get("literal"),
            ),
            content.get("request"),
        )

    def _on_recommend(self, content: Content) -> None:
        self._take_back(content.get("replaces"))
        self._ask(lambda: self._session.recommend(where=self._where(content)), content.get("request"))

    def _on_similar(self, content: Content) -> None:
        self._take_back(content.get("replaces"))
        self._ask(lambda: self._session.more_like(str(content["item"])), content.get("request"))

    def _on_more(self, content: Content) -> None:
        before = turn_of(self._session, content["turn"])
        turn = self._session.more(before.turn_id)
        if len(turn.ranking) < len(before.ranking) + before.ranking.query.k:
            self._ended.add(turn.turn_id)
        self._send_turn(turn, len(before.ranking))
        self._draw_turns()

    def _on_headings(self, content: Content) -> None:
        wanted = set(content.get("turns") or ())
        headings = [self._heading(turn) for turn in self._session.turns if turn.turn_id in wanted]
        self.send({"type": "headings", "turns": headings})

    def _on_turn(self, content: Content) -> None:
        self._send_turn(turn_of(self._session, content["turn"]), 0, **{"for": content.get("for")})


def _json_text(given: str | os.PathLike[str]) -> str:
    """Return a JSON text, or that of the file it names."""
    if isinstance(given, str) and given.lstrip().startswith("{"):
        return given
    try:
        return Path(given).read_text("utf-8")
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"No exported session can be read from {os.fspath(given)!r:.200} ({error!r:.200}). "
            "Give the JSON text, or the path of a file that export() wrote."
        ) from error
