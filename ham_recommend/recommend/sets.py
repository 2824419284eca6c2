"""Named sets of works: what a person puts together for a purpose, such as "candidates" or "slides"."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, get_args

from ham_recommend.answers import WorkSet
from ham_recommend.errors import SettingsError
from ham_recommend.recommend._values import as_items, as_list, as_mapping, as_text
from ham_recommend.recommend.query import checked_items

if TYPE_CHECKING:
    from ham_recommend.catalog.catalog import Catalog

LONGEST_NAME = 60
LONGEST_NOTE = 5_000
MOST_SETS = 100
MOST_WORKS = 1_000
MOST_UNDONE = 100
"""How many changes can be undone, the newest first."""

Action = Literal["put", "take_out", "note", "arrange", "rename", "delete", "undo"]


@dataclass(frozen=True, slots=True)
class SetChange:
    """One change to the sets of a session.

    Parameters
    ----------
    action : {"put", "take_out", "note", "arrange", "rename", "delete", "undo"}
        What is done.
    name : str
        The set; empty for ``"undo"``, which takes the last change back, whichever set it was.
    item_ids : tuple of str
        The works it is done to; a note without works is the set's own.
    text : str
        The note, or the new name.
    """

    action: Action
    name: str = ""
    item_ids: tuple[str, ...] = ()
    text: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"name": self.name, "item_ids": list(self.item_ids), "text": self.text}


ACTIONS: tuple[Action, ...] = get_args(Action)


@dataclass(slots=True)
class SetsState:
    """The sets of a session, and what they were before each of the last changes.

    A change that no longer fits, as when another process has deleted the set meanwhile, changes nothing: the
    same changes in the same order always give the same sets.
    """

    sets: dict[str, WorkSet] = field(default_factory=dict)
    before: list[dict[str, WorkSet]] = field(default_factory=list)

    def apply(self, change: SetChange) -> None:
        """Take one change in."""
        if change.action == "undo":
            self.sets = self.before.pop() if self.before else self.sets
            return
        after = _changed(self.sets, change)
        if list(after.items()) != list(self.sets.items()):
            self.before = [*self.before, self.sets][-MOST_UNDONE:]
            self.sets = after

    def keep(self, kept: WorkSet) -> None:
        """Take in a whole set, as one that was exported; not to be undone."""
        self.sets = {**self.sets, kept.name: kept}

    def clear(self) -> None:
        """Forget everything."""
        self.sets, self.before = {}, []


def _changed(sets: dict[str, WorkSet], change: SetChange) -> dict[str, WorkSet]:
    """Return the sets after a change."""
    name = change.name
    if change.action == "put":
        return {**sets, name: _put(sets.get(name) or WorkSet(name), change)} if _fits(sets, name) else sets
    if name not in sets or (change.action == "rename" and change.text in sets):
        return sets
    if change.action == "delete":
        return {key: each for key, each in sets.items() if key != name}
    if change.action == "rename":
        renamed = replace(sets[name], name=change.text)
        return {each.name: each for each in (renamed if key == name else sets[key] for key in sets)}
    return {**sets, name: _WAYS[change.action](sets[name], change)}


def _put(held: WorkSet, change: SetChange) -> WorkSet:
    new = {item_id: change.text or held.notes.get(item_id, "") for item_id in change.item_ids}
    return replace(held, notes=dict(islice({**held.notes, **new}.items(), MOST_WORKS)))


def _take_out(held: WorkSet, change: SetChange) -> WorkSet:
    return replace(held, notes=_of(held, (item for item in held.notes if item not in change.item_ids)))


def _note(held: WorkSet, change: SetChange) -> WorkSet:
    if not change.item_ids:
        return replace(held, note=change.text)
    said = {item_id: change.text for item_id in change.item_ids if item_id in held.notes}
    return replace(held, notes={**held.notes, **said})


def _arrange(held: WorkSet, change: SetChange) -> WorkSet:
    first = _of(held, (item for item in change.item_ids if item in held.notes))
    return replace(held, notes={**first, **held.notes})


def _of(held: WorkSet, item_ids: Iterable[str]) -> dict[str, str]:
    return {item_id: held.notes[item_id] for item_id in item_ids}


_WAYS: Mapping[str, Callable[[WorkSet, SetChange], WorkSet]] = {
    "take_out": _take_out,
    "note": _note,
    "arrange": _arrange,
}


def _fits(sets: Mapping[str, WorkSet], name: str) -> bool:
    return name in sets or len(sets) < MOST_SETS


class Sets(Mapping[str, WorkSet]):
    """The named sets of a session: name → :class:`~ham_recommend.answers.WorkSet`, and how to change them.

    They are kept with the session, exported with it, and every change can be undone.

    Parameters
    ----------
    state : callable
        Returns the sets as they are now.
    record : callable
        Takes a change and keeps it, after asking its second argument, a check, in the state it comes into.
    catalog : Catalog
        The works that may be put into a set.

    Examples
    --------
    >>> session.sets.add("slides", "sample:17", "sample:3", note="week 2")  # doctest: +SKIP
    >>> session.sets["slides"].item_ids                                   # doctest: +SKIP
    ('sample:17', 'sample:3')
    """

    def __init__(
        self,
        state: Callable[[], SetsState],
        record: Callable[[SetChange, Callable[[], None]], None],
        catalog: Catalog,
    ) -> None:
        self._state = state
        self._record = record
        self._catalog = catalog

    def __getitem__(self, name: str) -> WorkSet:
        try:
            return self._state().sets[name]
        except KeyError:
            raise SettingsError.unknown("set", name, self._state().sets) from None

    def __contains__(self, name: object) -> bool:
        return name in self._state().sets

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._state().sets))

    def __len__(self) -> int:
        return len(self._state().sets)

    def __repr__(self) -> str:
        return f"<Sets: {', '.join(f'{name} ({len(each)})' for name, each in self.items()) or 'none'}>"

    @property
    def undoable(self) -> bool:
        """Whether there is a change that :meth:`undo` takes back."""
        return bool(self._state().before)

    def add(self, name: str, *item_ids: str, note: str = "") -> None:
        """Put works into a set, after those it has; make the set if there is none.

        Parameters
        ----------
        name : str
            1 to 60 printable characters.
        *item_ids : str
            The works; those it has already stay where they are.
        note : str
            What to say of each of them; an empty one leaves what is said already.

        Raises
        ------
        UnknownItemError
            A work is not in the catalog.
        SettingsError
            The name or the note is too long, or there are too many sets or works.
        """
        name, works = checked_set_name(name), checked_items(item_ids, self._catalog)

        def check() -> None:
            sets = self._state().sets
            if not _fits(sets, name):
                raise SettingsError(f"There are {MOST_SETS} sets. Delete one before another is made.")
            held = sets[name].notes if name in sets else {}
            if len({*held, *works}) > MOST_WORKS:
                raise SettingsError(f"A set holds {MOST_WORKS:,} works. Put the others into another one.")

        self._record(SetChange("put", name, works, checked_note(note)), check)

    def remove(self, name: str, *item_ids: str) -> None:
        """Take works out of a set; works that are not in it are allowed."""
        self._change(SetChange("take_out", name, tuple(item_ids)))

    def note(self, name: str, text: str, item_id: str | None = None) -> None:
        """Say something of a set, or of one work in it; an empty text takes it back.

        Raises
        ------
        SettingsError
            There is no such set, no such work in it, or the note is too long.
        """
        works = () if item_id is None else (item_id,)
        self._change(SetChange("note", name, works, checked_note(text)), *works)

    def arrange(self, name: str, item_ids: Iterable[str]) -> None:
        """Bring works of a set to the front, in this order; the others follow as they were.

        Raises
        ------
        SettingsError
            There is no such set, or no such work in it.
        """
        order = tuple(item_ids)
        self._change(SetChange("arrange", name, order), *order)

    def rename(self, name: str, new: str) -> None:
        """Give a set another name.

        Raises
        ------
        SettingsError
            There is no such set, or one of the new name.
        """
        wanted = checked_set_name(new)

        def check() -> None:
            if wanted != name and wanted in self:
                raise SettingsError(f"There already is a set {wanted!r}. Choose another name.")

        self._change(SetChange("rename", name, (), wanted), check=check)

    def delete(self, name: str) -> None:
        """Forget a set; an unknown one is allowed."""
        self._record(SetChange("delete", name), lambda: None)

    def undo(self) -> None:
        """Take back the last change to any set, whoever made it; when there is none, do nothing."""
        self._record(SetChange("undo"), lambda: None)

    def _change(self, change: SetChange, *needed: str, check: Callable[[], None] = lambda: None) -> None:
        def checks() -> None:
            held = self[change.name].notes
            for item_id in needed:
                if item_id not in held:
                    raise SettingsError(f"{item_id!r:.200} is not in the set {change.name!r}.")
            check()

        self._record(change, checks)


def checked_set_name(name: object) -> str:
    """Return the name of a set.

    Raises
    ------
    SettingsError
        It is not a short, printable text.
    """
    if not isinstance(name, str) or not name.strip() or not name.isprintable() or len(name) > LONGEST_NAME:
        raise SettingsError(
            f"A set's name is a printable text of 1 to {LONGEST_NAME} characters, not {name!r:.80}."
        )
    return name.strip()


def checked_note(note: object) -> str:
    """Return a note.

    Raises
    ------
    SettingsError
        It is no text, or too long.
    """
    if not isinstance(note, str) or len(note) > LONGEST_NOTE:
        raise SettingsError(f"A note is a text of at most {LONGEST_NOTE:,} characters.")
    return as_text(note).strip()


def set_to_json(kept: WorkSet) -> dict[str, Any]:
    """Return a set as JSON values."""
    works = [{"item_id": item_id, "note": note} for item_id, note in kept.notes.items()]
    return {"name": kept.name, "note": kept.note, "works": works}


def set_from_json(content: Any) -> WorkSet:
    """Return a set that :func:`set_to_json` wrote.

    Raises
    ------
    ValueError, TypeError, KeyError
        It is anything else.
    """
    given = as_mapping(content)
    works = [as_mapping(work) for work in as_list(given["works"])]
    ids = as_items([work["item_id"] for work in works])
    if len(set(ids)) < len(ids) or len(ids) > MOST_WORKS:
        raise ValueError("a work comes twice in one set, or there are too many")
    notes = {item_id: checked_note(work["note"]) for item_id, work in zip(ids, works, strict=True)}
    return WorkSet(checked_set_name(as_text(given["name"])), checked_note(given["note"]), notes)


def change_from_json(action: Action, content: Mapping[str, Any]) -> SetChange:
    """Return a change that :meth:`SetChange.to_json` wrote.

    Raises
    ------
    ValueError, TypeError, KeyError
        It is anything else.
    """
    name = "" if action == "undo" else checked_set_name(as_text(content["name"]))
    text = as_text(content["text"])
    said = checked_set_name(text) if action == "rename" else checked_note(text)
    return SetChange(action, name, as_items(content["item_ids"]), said)
