"""What every source promises, and what the command line is made of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, Self

from ham_recommend.errors import SettingsError
from ham_recommend.manifest import Origin
from ham_recommend.records import Problem, RawRecord
from ham_recommend.sources.explanation import Explanation


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A setting of a source that ``ham build`` takes.

    Parameters
    ----------
    name : str
        The parameter of the constructor that it sets.
    help : str
        What it does, in a sentence.
    type : type
        Of a value: ``str``, ``int``, ``float``, ``bool`` or ``Path``.
    default : object
        The constructor's own default; for a repeated option ``()``.
    flag : str
        What is typed, such as ``"--map"``; by default the name after two dashes. Empty for the one that is
        typed without a flag and has to be given, such as a file.
    metavar : str
        What the help calls a value, such as ``"FILE"``.
    least : int or None
        The smallest number allowed.
    repeated : bool
        Whether it may be given several times: its value is then a tuple.
    """

    name: str
    help: str
    type: type = str
    default: Any = None
    flag: str | None = None
    metavar: str | None = None
    least: int | None = None
    repeated: bool = False


LIMIT = Option(name="limit", type=int, least=1, metavar="N", help="Read only the first N works.")


class Source(ABC):
    """A place museum records come from.

    Attributes
    ----------
    name : str
        The prefix of its ``item_id`` values and its name in the registry.
    title : str
        What people call it, such as ``"Art Institute of Chicago"``.
    museum : str
        The museum whose works these are, for citations; empty where it is not known.
    help : str
        What there is to know before building from it, for ``ham build NAME --help``; may be empty.
    options : tuple of Option
        What ``ham build NAME`` takes.
    examples : tuple of str
        What may follow ``ham build NAME``, one for each example of the help.
    fetch_pictures : bool or None
        Whether ``ham build`` fetches pictures that lie on the web unless asked otherwise; ``None`` where the
        source has none there.
    picture_rate : float
        Most pictures a second that one server of its pictures is asked for.
    problems : list of Problem
        The records that the last :meth:`fetch` left out, filled while it runs.
    notes : list of str
        What a person should know of how they were read, such as an encoding that was guessed; nothing was
        left out for it. Filled as the problems are.
    """

    name: ClassVar[str]
    title: ClassVar[str] = ""
    museum: ClassVar[str] = ""
    help: ClassVar[str] = ""
    options: ClassVar[tuple[Option, ...]] = ()
    examples: ClassVar[tuple[str, ...]] = ("",)
    fetch_pictures: ClassVar[bool | None] = None
    picture_rate: ClassVar[float] = 5.0

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.notes: list[str] = []

    @classmethod
    def from_options(cls, **values: Any) -> Self:
        """Make the source from what was typed: a value for each of :attr:`options`, by its name.

        Raises
        ------
        SettingsError, SourceError
            As the constructor.
        """
        return cls(**values)

    @abstractmethod
    def fetch(self, *, since: date | None = None) -> Iterator[RawRecord]:
        """Yield the records one by one, in a stable order, holding only a few at a time.

        Each ``item_id`` comes once. A bad record is added to :attr:`problems` and left out.

        Parameters
        ----------
        since : date or None
            Only records changed since then, where the source knows; else all.

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

        ``None`` means that only reading everything shows it.
        """
        return None

    def settings(self) -> Mapping[str, Any]:
        """Return what shapes the records, as JSON values; kept in the manifest, so nothing secret."""
        return {}

    def origin(self) -> Origin:
        """Return where the records come from, how old they are, and how long they may be kept."""
        explanation = self.explain(0)
        columns = None if explanation is None else explanation.columns
        return Origin(self.name, dict(self.settings()), columns=columns, museum=self.museum)

    def explain(self, rows: int = 1000) -> Explanation | None:
        """Say which column becomes which field, with samples; nothing is built.

        Parameters
        ----------
        rows : int
            How many records to look at; 0 to look at the names of the columns alone.

        Returns
        -------
        Explanation or None
            ``None`` where the records do not come from columns, as those of a museum's own interface.
        """
        del rows
        return None

    def command(self) -> str:
        """Return what ``ham build`` is to be followed by to read these records again, quoted for a shell.

        Files are named from the root on, as a command may be typed anywhere; nothing secret is in it.
        """
        return self.name

    def count(self) -> int | None:
        """Return how many records there will be, when that is cheap to know (for the progress bar)."""
        return None
