"""Drawing the works: with a few threads, a few works ahead, in order, each picture written as it is done."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ham_recommend.sample_museum import plan
from ham_recommend.sample_museum.dirt import SITE, harvard_json
from ham_recommend.sample_museum.drawn import draw
from ham_recommend.sample_museum.plan import Work

_WORKERS = 2
_AHEAD = 8

Entry = tuple[dict[str, Any], list[dict[str, Any]]]
"""A work as an entry of Harvard's ``/object``, and its entries of ``/annotation``."""


def drawn_entries(count: int, seed: int, folder: Path) -> Iterator[Entry]:
    """Draw works into a folder, and yield what a museum's API would say of each.

    Parameters
    ----------
    count : int
        How many works.
    seed : int
        Which museum.
    folder : Path
        Where the pictures are written; exists.

    Raises
    ------
    OSError
        A picture cannot be written.
    """
    pending: deque[Future[Entry]] = deque()
    with ThreadPoolExecutor(_WORKERS, thread_name_prefix="ham-sample") as workers:
        try:
            for work in plan.works(count, seed):
                pending.append(workers.submit(_drawn, work, seed, folder))
                if len(pending) > _AHEAD:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()


def picture_path(folder: Path, address: str) -> Path:
    """Return where the picture lies that an entry names by its address."""
    return _path(folder, int(address.removeprefix(f"{SITE}/image/")))


def _drawn(work: Work, seed: int, folder: Path) -> Entry:
    drawn = draw(work, seed)
    entry, annotations = harvard_json(work, drawn, seed)
    if entry.get("images"):
        drawn.picture.save(_path(folder, work.number), quality=90)
    return entry, annotations


def _path(folder: Path, number: int) -> Path:
    return folder / f"{number:05d}.jpg"
