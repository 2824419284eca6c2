"""A procedural museum: works that never existed, drawn in code, with the dirt of a real catalogue."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ham_recommend import __version__
from ham_recommend.errors import SettingsError, SourceError
from ham_recommend.records import RawRecord
from ham_recommend.sources.base import Option, Source
from ham_recommend.sources.harvard_records import records_from_harvard

if TYPE_CHECKING:
    from ham_recommend.sample_museum.truth import SampleTruth

MOST = 10_000
"""The largest collection that is drawn."""

_COUNT, _SEED = 600, 1889


class SampleSource(Source):
    """A museum of invented works, the same for the same seed.

    Artists of four centuries borrow palettes, manners and motifs from each other; who did is kept in
    :attr:`truth` and, once records are fetched, in ``truth.json`` beside the pictures.

    Parameters
    ----------
    count : int
        How many works, 1–10,000. The first works are the same for every count.
    seed : int
        Not negative.
    folder : str, Path or None
        Where ``pictures/`` and ``truth.json`` are written. By default a temporary folder that lives as long
        as this source.

    Raises
    ------
    SettingsError
        ``count`` or ``seed`` is no whole number or out of range.
    """

    name: ClassVar[str] = "sample"
    museum: ClassVar[str] = "Sample Museum"
    title: ClassVar[str] = "A museum of invented works, for trying things out offline"
    options: ClassVar[tuple[Option, ...]] = (
        Option(
            name="count",
            flag="--limit",
            type=int,
            default=_COUNT,
            metavar="N",
            help="How many works to draw.",
        ),
        Option(name="seed", type=int, default=_SEED, help="Draw another museum."),
    )
    examples: ClassVar[tuple[str, ...]] = ("", "--limit 60")

    def __init__(self, count: int = _COUNT, seed: int = _SEED, folder: str | Path | None = None) -> None:
        super().__init__()
        self._count = _whole("count", count, 1, MOST)
        self._seed = _whole("seed", seed, 0, 2**63)
        self._folder = None if folder is None else Path(folder).absolute()
        self._movable = folder is None

    @property
    def folder(self) -> Path:
        """Where the pictures and ``truth.json`` are."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="ham-sample-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        return self._folder

    def settle(self, folder: Path) -> None:
        """Draw into this folder from now on, unless another was asked for."""
        if self._movable:
            self._folder = folder.absolute()

    def fingerprint(self) -> str:
        """Return what decides every record: the version that draws, the count and the seed."""
        return f"{__version__} {self._count} {self._seed}"

    @cached_property
    def truth(self) -> SampleTruth:
        """What was planted: influences, and motif, manner and maker of every work; nothing is drawn."""
        from ham_recommend.sample_museum import plan

        return plan.truth(self._count, self._seed)

    def fetch(self, *, since: date | None = None) -> Iterator[RawRecord]:
        """Draw and yield the works one by one, a few ahead.

        Parameters
        ----------
        since : date or None
            Of no effect: these works never change.

        Raises
        ------
        SourceError
            The folder cannot be written.
        """
        from ham_recommend.sample_museum.pipeline import drawn_entries, picture_path

        del since
        self.problems.clear()
        pictures = self.folder / "pictures"
        try:
            pictures.mkdir(parents=True, exist_ok=True)
            self._write_truth()
            for entry, annotations in drawn_entries(self._count, self._seed, pictures):
                yield from records_from_harvard(
                    [entry],
                    annotations,
                    source=self.name,
                    museum=self.museum,
                    picture_of=lambda address, _side: str(picture_path(pictures, address)),
                    copies_allowed=True,
                    problems=self.problems,
                )
        except OSError as error:
            raise SourceError(
                f"The sample's pictures cannot be written to {self.folder}: {error}. Choose another folder."
            ) from error

    def _write_truth(self) -> None:
        """Write ``truth.json``, whole or not at all."""
        partial = self.folder / "truth.json.partial"
        partial.write_text(self.truth.to_json(), encoding="utf-8")
        partial.replace(self.folder / "truth.json")

    def settings(self) -> Mapping[str, Any]:
        """Return count and seed."""
        return {"count": self._count, "seed": self._seed}

    def command(self) -> str:
        """Return the command's words; count and seed only where they are not the usual ones."""
        count = f" --limit {self._count}" if self._count != _COUNT else ""
        seed = f" --seed {self._seed}" if self._seed != _SEED else ""
        return f"{self.name}{count}{seed}"

    def count(self) -> int:
        """Return how many works there are."""
        return self._count


def _whole(name: str, value: object, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise SettingsError(
            f"The sample's {name} must be a whole number from {least} to {most}, not {value!r}."
        )
    return value
