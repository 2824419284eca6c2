"""What the steps of one build share: where they read and write, how progress is shown, what was left out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from tqdm.auto import tqdm

from ham_recommend.catalog.catalog import Catalog
from ham_recommend.draft import Draft
from ham_recommend.errors import ArtifactError, ArtifactMissingError
from ham_recommend.records import Problem
from ham_recommend.workspace import WORKS, Workspace

T = TypeVar("T")
Progress = Callable[[str, int, int | None], None]
"""Is told what is done, how many of it are, and of how many, where that is known."""


class Bar:
    """A progress bar that tells somebody else too, also where it is not shown.

    Parameters
    ----------
    what : str
        What is done.
    total : int or None
        How many things there are to do, where that is known.
    shown : bool
        Whether to show the bar.
    told : callable or None
        Is told of progress, and that it begins.
    """

    def __init__(self, what: str, total: int | None, *, shown: bool, told: Progress | None) -> None:
        self._bar = tqdm(desc=what, total=total, disable=not shown, unit="", leave=True)
        self._told, self._what, self._total, self._done = told, what, total, 0
        self.update(0)

    def update(self, count: float | None = 1) -> None:
        """Go on by so many."""
        self._bar.update(count)
        self._done += int(count or 0)
        if self._told is not None:
            self._told(self._what, self._done, self._total)

    def set_postfix_str(self, words: str) -> None:
        """Show some words beside the bar."""
        self._bar.set_postfix_str(words)

    def close(self) -> None:
        """Leave the bar as it is."""
        self._bar.close()


@dataclass(slots=True)
class Run:
    """One build at work.

    Steps hand each other nothing but the files of the draft; the works, which many ask for, are read once.

    Parameters
    ----------
    workspace : Workspace
        The collection's folder.
    draft : Draft
        Its next state.
    shown : bool
        Whether to show progress bars.
    told : callable or None
        Is told of progress.
    problems : list of Problem
        What was left out so far.
    notes : list of str
        What a person should know of how the source was read.
    seconds : dict of str to float
        Step → wall time; a step that was fresh is not named.
    adds : bool
        Whether works are added: what stays as it is is not read to see whether it is whole.
    named : frozenset of str or None
        Where works are added, the pictures that those name: others may be a stranger's, and only what was
        read of them before is taken. ``None`` for all.
    """

    workspace: Workspace
    draft: Draft
    shown: bool
    told: Progress | None = None
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    adds: bool = False
    named: frozenset[str] | None = None
    _tables: dict[str, Catalog] = field(default_factory=dict)

    def works(self) -> Catalog:
        """Return the works of this build, as they have been written or kept."""
        return self._read(self.draft.files[WORKS].sha256, lambda: self.draft.made(WORKS))

    def works_before(self) -> Catalog:
        """Return the works of the state that stands.

        Raises
        ------
        ArtifactError
            There are none, or their file is damaged.
        """
        if WORKS not in self.draft.before.files:
            raise ArtifactMissingError(f"{self.workspace.path(WORKS)} has not been built yet.")
        return self._read(self.draft.before.files[WORKS].sha256, lambda: self.workspace.checked(WORKS))

    def remember(self, works: Catalog) -> None:
        """Take these for the works of this build, which have just been written."""
        self._tables[self.draft.files[WORKS].sha256] = works

    def _read(self, sha256: str, path: Callable[[], Path]) -> Catalog:
        if sha256 not in self._tables:
            self._tables[sha256] = Catalog.read(path())
        return self._tables[sha256]

    @contextmanager
    def step(self, name: str, shown_as: str, total: int | None) -> Iterator[Bar]:
        """Time a step and show its progress.

        Parameters
        ----------
        name : str
            For :attr:`seconds`.
        shown_as : str
            For the bar.
        total : int or None
            How many things there are to do, where that is known.
        """
        start = time.perf_counter()
        with closing(Bar(shown_as, total, shown=self.shown, told=self.told)) as bar:
            yield bar
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start


def readable(read: Callable[[], T]) -> T | None:
    """Return what an earlier build made; ``None`` where it cannot be read, as it is then made anew."""
    try:
        return read()
    except (ArtifactError, OSError, ValueError):
        return None


def counted(things: Iterable[T], advance: Callable[[float | None], object]) -> Iterator[T]:
    """Yield things, and let a progress bar advance by each."""
    for thing in things:
        yield thing
        advance(1)
