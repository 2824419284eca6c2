"""What every source promises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

from ham_recommend.errors import SettingsError
from ham_recommend.manifest import Origin
from ham_recommend.records import Problem, RawRecord


def checked_limit(limit: object) -> int | None:
    """Return how many works are wanted at most; ``None`` for all.

    Raises
    ------
    SettingsError
        It is not a whole number of at least 1.
    """
    if limit is None:
        return None
    number = limit.__index__() if hasattr(limit, "__index__") and not isinstance(limit, bool) else 0
    if number < 1:
        raise SettingsError(f"The limit must be a whole number of at least 1, it is {limit!r:.60}.")
    return int(number)


class Source(ABC):
    """A place museum records come from.

    Attributes
    ----------
    name : str
        The prefix of its ``item_id`` values and its name in the registry.
    picture_rate : float
        Most pictures a second that one server of its pictures is asked for.
    problems : list of Problem
        The records that the last :meth:`fetch` left out, filled while it runs.
    """

    name: ClassVar[str]
    picture_rate: ClassVar[float] = 5.0

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    @abstractmethod
    def fetch(self, *, since: date | None = None) -> Iterator[RawRecord]:
        """Yield the records one by one, in a stable order, holding only a few at a time.

        Each ``item_id`` comes once. A bad record is added to :attr:`problems` and left out.

        Parameters
        ----------
        since : date or None
            Only records changed since then, where the source can tell; else all.

        Raises
        ------
        SourceError
            The collection as a whole cannot be read.
        """

    def settle(self, folder: Path) -> None:  # noqa: B027 - most sources keep nothing
        """Take a folder of the workspace in which to keep what the source draws or crawls; most keep nothing.

        Parameters
        ----------
        folder : Path
            Lasts as long as the workspace; need not exist yet.
        """

    def fingerprint(self) -> str | None:
        """Return a digest that changes whenever :meth:`fetch` might yield something else.

        ``None`` means that only reading everything can tell.
        """
        return None

    def settings(self) -> Mapping[str, Any]:
        """Return what shapes the records, as JSON values; kept in the manifest, so nothing secret."""
        return {}

    def origin(self) -> Origin:
        """Return where the records come from, how old they are, and how long they may be kept."""
        return Origin(self.name, dict(self.settings()))

    def command(self) -> str:
        """Return what ``ham build`` is to be followed by to read these records again, quoted for a shell.

        Files are named from the root on, as a command may be typed anywhere; nothing secret is in it.
        """
        return self.name

    def count(self) -> int | None:
        """Return how many records there will be, when that is cheap to know (for the progress bar)."""
        return None
