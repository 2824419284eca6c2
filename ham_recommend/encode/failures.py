"""Which pictures could not be had from the web, why, and whether to ask again.

Kept as JSON Lines beside the embeddings. What a slow or overloaded server did not give is asked for again in
the next run; what it said not to have, or what is no picture, only after :data:`PATIENCE`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from ham_recommend.workspace import EMBEDDINGS

FAILURES = f"{EMBEDDINGS}/failures.jsonl"
PATIENCE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class FailedPicture:
    """A picture that could not be had.

    Parameters
    ----------
    address : str
        Where it should be.
    reason : str
        Why not.
    temporary : bool
        Whether it may be there in the next run.
    on : str
        The day it was last asked for, as ``YYYY-MM-DD``.
    """

    address: str
    reason: str
    temporary: bool
    on: str


class Failures:
    """The failures known so far; each is written down at once.

    Parameters
    ----------
    journal : Path
        Where those of this run are noted; what a killed run left there counts.
    earlier : Path or None
        What the last finished run wrote.
    today : date or None
        For tests.
    """

    def __init__(self, journal: Path, earlier: Path | None = None, *, today: date | None = None) -> None:
        self._journal = journal
        self._today = today or datetime.now(UTC).date()
        files = [path for path in (earlier, journal) if path is not None]
        self._known = {failed.address: failed for path in files for failed in _read(path)}

    def __len__(self) -> int:
        return len(self._known)

    def settled(self, address: str) -> str:
        """Return why a picture need not be asked for now; empty when it should be."""
        failed = self._known.get(address)
        if failed is None or failed.temporary:
            return ""
        asked_again = date.fromisoformat(failed.on) + PATIENCE
        return "" if asked_again <= self._today else f"{failed.reason} Asked again from {asked_again} on."

    def note(self, address: str, reason: str, *, temporary: bool) -> None:
        """Remember a failure."""
        failed = FailedPicture(address, reason, temporary, self._today.isoformat())
        self._known[address] = failed
        self._journal.parent.mkdir(parents=True, exist_ok=True)
        with self._journal.open("a", encoding="utf-8") as stream:
            stream.write(_line(failed))

    def forget(self, address: str) -> None:
        """Drop what is known of a picture that could be had after all."""
        self._known.pop(address, None)

    def write(self, path: Path) -> None:
        """Write all that is known, sorted by address."""
        lines = [_line(self._known[address]) for address in sorted(self._known)]
        path.write_text("".join(lines), encoding="utf-8")


def _line(failed: FailedPicture) -> str:
    return json.dumps(asdict(failed)) + "\n"


def _read(path: Path) -> Iterator[FailedPicture]:
    """Yield what a file says; a line cut short by a kill says nothing."""
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            failed = FailedPicture(**json.loads(line))
            date.fromisoformat(failed.on)
        except (ValueError, TypeError):
            continue
        yield failed
