"""``HAM_recommend``: search, like, and be led to more, inside a notebook.

An anywidget over a :class:`ham_recommend.frontend.Conversation`, nothing more. The state of the conversation
is mirrored in traits, which can be observed, linked and set; its messages and events are the widget's own.
"""

from __future__ import annotations

import asyncio
import os
import uuid
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from ham_recommend.errors import SettingsError
from ham_recommend.frontend import Conversation, export, export_pages
from ham_recommend.frontend.kept_pictures import KeptPictures
from ham_recommend.frontend.modules import interface_module, interface_style
from ham_recommend.frontend.protocol import Message
from ham_recommend.frontend.state import State
from ham_recommend.recommend.recommender import Recommender
from ham_recommend.recommend.session import Session
from ham_recommend.records import Where
from ham_recommend.widget.map_view import MapView

if TYPE_CHECKING:
    import pandas as pd

THEMES = ("light", "dark")
MIRRORED = tuple(each.name for each in fields(State))
CALM = 0.5
"""Seconds after an answer before what stands in for the widget is drawn anew: the cards come first."""


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
    sessions : path-like or None
        Where it is kept instead, as in :class:`ham_recommend.Session`.
    theme : {"light", "dark"} or None
        ``None`` follows the notebook.

    Attributes
    ----------
    query : str
        The last search.
    discovery : float
        How far the last recommendation reached: 0, what is closest to the likes, to 1, far afield.
    turns : list of [int, int]
        Number of each turn and how many works it shows, oldest first.
    liked_ids, disliked_ids : list of str
        Oldest first; may be set.
    taken_back : list of str
        The works that the last mark left neither liked nor disliked; :meth:`undo` brings them back.
    sets : list of [str, list of str]
        Name of each set and its works; :attr:`session` changes them, see :attr:`ham_recommend.Session.sets`.
    sets_undoable : bool
        Whether a change to a set can be taken back.
    busy : bool
        Whether an answer is being made.
    message, error : str
        The line below the search field; one of them is empty.
    shows : str
        What a view that opens shows first: ``"map"``, or nothing but the answers.

    Raises
    ------
    ArtifactError
        There is no collection in the folder, or it is damaged; the message names the command that mends it.
    SettingsError
        An argument is out of range.
    """

    _esm = interface_module()
    _css = interface_style()

    query = traitlets.Unicode("").tag(sync=True)
    discovery = traitlets.Float(0.0).tag(sync=True)
    turns = traitlets.List(traitlets.List(traitlets.Int())).tag(sync=True)
    liked_ids = traitlets.List(traitlets.Unicode()).tag(sync=True)
    disliked_ids = traitlets.List(traitlets.Unicode()).tag(sync=True)
    taken_back = traitlets.List(traitlets.Unicode()).tag(sync=True)
    sets: Any = traitlets.List().tag(sync=True)
    sets_undoable = traitlets.Bool(False).tag(sync=True)
    busy = traitlets.Bool(False).tag(sync=True)
    message = traitlets.Unicode("").tag(sync=True)
    error = traitlets.Unicode("").tag(sync=True)
    shows = traitlets.Unicode("").tag(sync=True)
    fallback = traitlets.Unicode("", read_only=True).tag(sync=True)
    theme = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    collection = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        workspace_or_recommender: str | os.PathLike[str] | Recommender = "artifacts/sample",
        *,
        k: int = 12,
        session: str | None = None,
        sessions: str | os.PathLike[str] | None = None,
        theme: str | None = None,
        **traits: Any,
    ) -> None:
        given = workspace_or_recommender
        recommender = Recommender.load(given) if isinstance(given, str | os.PathLike) else given
        self._k = k
        self._displayed = False
        self._answering = False
        self._redrawing: asyncio.TimerHandle | None = None
        self._sessions = sessions
        kept = Session(recommender, name=session, k=k, sessions=sessions)
        self._conversation = Conversation(kept, self._deliver, kept=KeptPictures.here())
        self.set_trait("fallback", f"ham-{uuid.uuid4().hex[:12]}")
        super().__init__(theme=theme, **{**self._conversation.state.to_json(), **traits})
        self.on_msg(lambda _widget, content, _buffers: self._receive(content))

    # ---- from code --------------------------------------------------------------------------------------

    @property
    def session(self) -> Session:
        """The session behind the interface: likes, dislikes, seen, turns."""
        return self._conversation.session

    @property
    def recommender(self) -> Recommender:
        """What answers."""
        return self.session.recommender

    @property
    def liked(self) -> pd.DataFrame:
        """The liked works, oldest first, with their catalogue fields."""
        return export.liked_frame(self.session)

    @property
    def history(self) -> pd.DataFrame:
        """Every work of every turn, in the order shown, with scores and whether it is liked."""
        return export.history_frame(self.session)

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
        self._conversation.search(text, where=where, allow_repeats=allow_repeats, correct=correct)

    def search_by_likes(self, *, where: Where | None = None, discovery: float = 0.0) -> None:
        """Recommend works from what is liked, as "Get recommendations" does.

        Parameters
        ----------
        where : mapping or None
            The filter, as in :meth:`ham_recommend.Recommender.search`.
        discovery : float
            From 0, what is closest to the likes, to 1, what is far from every single one and still fits.

        Raises
        ------
        SettingsError
            Nothing is liked, or ``discovery`` is out of range.
        """
        self._conversation.recommend(where=where, discovery=discovery)

    def more_like(self, item_id: str, *, where: Where | None = None) -> None:
        """Show works similar to one, as "More like this" does."""
        self._conversation.more_like(item_id, where=where)

    def surprise(self, *, where: Where | None = None) -> None:
        """Show works by chance that have little in common, as "Surprise me" does."""
        self._conversation.surprise(where=where)

    def browse(self, *, where: Where | None = None) -> None:
        """Leaf through the works that meet a filter."""
        self._conversation.browse(where=where)

    def search_by_picture(
        self, picture: str | os.PathLike[str] | bytes, *, where: Where | None = None
    ) -> None:
        """Find the works that look most like a picture of one's own, as dropping it on the interface does."""
        self._conversation.search_by_picture(picture, where=where)

    def search_by_colour(self, colour: str, *, where: Where | None = None) -> None:
        """Find the works whose pictures have most of a colour, such as ``"#c04020"``."""
        self._conversation.search_by_colour(colour, where=where)

    def show_timeline(self, item_id: str) -> None:
        """Show what came before and after a work, as "Through time" does in the opened work.

        Parameters
        ----------
        item_id : str
            The work.

        Raises
        ------
        UnknownItemError
            There is no such work.
        """
        self._conversation.show_through_time(item_id)

    def show_map(self, encoder: str | None = None) -> MapView:
        """Show every work as its picture on a plane, near those that it resembles.

        Parameters
        ----------
        encoder : str or None
            Whose picture vectors lay them out, as in :func:`ham_recommend.map`; ``"text"`` for what the texts
            mean.

        Returns
        -------
        MapView
            Shows the widget with its map where a cell ends with it; ``.selected`` are the works inside the
            last lasso.

        Raises
        ------
        SettingsError
            There are no such vectors, or the collection is so large that ``ham map build`` has to come first.
        """
        self._conversation.show_map(encoder or "")
        return MapView(self)

    @property
    def selected(self) -> pd.DataFrame:
        """The works inside the last lasso on the map, with their catalogue fields."""
        item_ids = self._conversation.selected
        return self.recommender.catalog.to_frame().loc[item_ids].reset_index()

    def like(self, item_id: str) -> None:
        """Like a work."""
        self._conversation.like(item_id)

    def unlike(self, item_id: str) -> None:
        """Take a like back."""
        self._conversation.unlike(item_id)

    def dislike(self, item_id: str) -> None:
        """Say that a work is not for you."""
        self._conversation.dislike(item_id)

    def undislike(self, item_id: str) -> None:
        """Take "not for me" back."""
        self._conversation.undislike(item_id)

    def clear_likes(self) -> None:
        """Forget all likes; turns and dislikes stay."""
        self._conversation.clear_likes()

    def undo(self) -> None:
        """Bring back the likes and dislikes that the last mark took back."""
        self._conversation.undo()

    def reset(self) -> None:
        """Begin anew, as for the next class: forget likes, dislikes, turns and sets."""
        self._conversation.reset()

    def refresh(self) -> None:
        """Show what code did to :attr:`session`, such as to its sets."""
        self._conversation.refresh()

    def export(
        self,
        path: str | os.PathLike[str],
        *,
        likes_only: bool = False,
        turn_id: int | None = None,
        set_name: str | None = None,
    ) -> Path:
        """Write what was found to a file, with the collection, versions and questions it came from.

        Parameters
        ----------
        path : path-like
            Ends in ``.html`` (a page with small pictures, safe to open and to print), ``.csv`` (one row per
            work and turn), ``.json`` (for :meth:`import_session`) or ``.md``.
        likes_only : bool
            Whether to write the liked works alone.
        turn_id : int or None
            The one turn to write, its number as in ``turns``.
        set_name : str or None
            The one set to write.

        Returns
        -------
        Path
            The file, which appears whole or not at all.

        Raises
        ------
        SettingsError
            Another ending, or no such turn or set.
        """
        part = {"likes_only": likes_only, "turn_id": turn_id, "set_name": set_name}
        return export.write(self.session, Path(path), **part)

    def snapshot(self) -> None:
        """Put what was found into the notebook as static output, which lives on without Python."""
        from IPython.display import HTML, display

        display(HTML(export_pages.html_fragment(self.session)))

    def import_session(self, json: str | os.PathLike[str]) -> None:
        """Go on with an exported session, which takes the place of this one in a single step.

        Parameters
        ----------
        json : str or path-like
            The exported JSON text, or the path of a ``.json`` file.

        Raises
        ------
        SettingsError
            It is not an exported session.
        """
        text, name = _json_text(json), self.session.name
        session = Session.from_json(
            self.recommender, text, name, k=self._k, sessions=self._sessions, replace=True
        )
        self._conversation.replace_session(session)

    # ---- the adapter ------------------------------------------------------------------------------------

    def _receive(self, content: dict[str, Any]) -> None:
        self._answering = True
        try:
            self._conversation.receive(content)
        finally:
            self._answering = False

    def _deliver(self, message: Message, buffers: list[bytes]) -> None:
        """Bring changes of the state to the traits, and every other message to the front end."""
        if message["type"] != "state":
            self.send(message, buffers)
            if message["type"] == "turn" and message["view"] is None:
                self._redraw_fallback()
            return
        state = self._conversation.state.to_json()
        with self.hold_sync():
            for name in message["changes"]:
                setattr(self, name, state[name])

    def _ipython_display_(self) -> None:
        """Show the interface, and beside it what stands in for it in a notebook without its kernel."""
        from IPython.display import display

        data, metadata = self._repr_mimebundle_()
        display(data, metadata=metadata, raw=True)
        self._displayed = True
        self._show_fallback(update=False)

    def _redraw_fallback(self) -> None:
        """Draw what stands in for the widget: at once for code, whose kernel may end with it, else soon."""
        if not self._displayed:
            return
        if self._redrawing:
            self._redrawing.cancel()
            self._redrawing = None
        loop = _running_loop() if self._answering else None
        if loop:
            self._redrawing = loop.call_later(CALM, lambda: self._show_fallback(update=True))
        else:
            self._show_fallback(update=True)

    def _show_fallback(self, *, update: bool) -> None:
        from IPython import get_ipython
        from IPython.display import HTML, display

        if self._displayed and hasattr(get_ipython(), "kernel"):
            page = HTML(export_pages.fallback(self.session, self.fallback))
            display(page, display_id=self.fallback, update=update)

    @traitlets.observe(*MIRRORED)
    def _trait_set(self, change: Any) -> None:
        self._conversation.assign(**{change.name: change.new})

    @traitlets.validate("theme")
    def _known_theme(self, proposal: Any) -> str | None:
        if proposal.value is not None and proposal.value not in THEMES:
            raise SettingsError.unknown("theme", proposal.value, THEMES)
        return proposal.value  # type: ignore[no-any-return]


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


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
