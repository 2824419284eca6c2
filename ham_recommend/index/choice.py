"""Which kind of store suits how many vectors and how much memory: what ``--store auto`` means."""

from __future__ import annotations

import os
import platform
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

AUTO = "auto"
_READ_ALL_UP_TO = 200_000
"""Works that are read one by one in some 14 ms (``benchmarks/scale.py``); a person waits for no less."""
_SHARE = 0.5
"""Of the memory that vectors may fill: texts, the catalogue and other programs need the rest."""
_LINKS = 270
"""Bytes of a work's place in the graph of ``hnsw``."""
_UNKNOWN = 4 * 2**30


@dataclass(frozen=True, slots=True)
class Choice:
    """A kind of store, and why.

    Parameters
    ----------
    kind : str
        As in ``--store``.
    why : str
        A sentence, without its full stop.
    """

    kind: str
    why: str


def chosen(works: int, dim: int, memory: int | None = None) -> Choice:
    """Return the kind of store that answers exactly where that is fast, else fast, else in little memory.

    Parameters
    ----------
    works : int
        How many have a vector.
    dim : int
        Number of dimensions.
    memory : int or None
        Bytes that this process may use at most; ``None`` for what the machine has.
    """
    room = _SHARE * (machine_memory() if memory is None else memory)
    flat, graph = 4 * dim * works, (4 * dim + _LINKS) * works
    if works <= _READ_ALL_UP_TO and flat <= room:
        return Choice(
            "flat", f"Store: flat, as {works:,} vectors are few enough to read all of them ({_size(flat)})"
        )
    if graph <= room:
        return Choice(
            "hnsw",
            f"Store: hnsw, as {works:,} vectors take long to read one by one, and their graph fits into "
            f"memory ({_size(graph)} of {_size(2 * room)})",
        )
    return Choice(
        "ivfpq",
        f"Store: ivfpq, as {works:,} vectors ({_size(flat)}) would fill more than half of the memory "
        f"({_size(2 * room)}): codes stay there ({_size(works * (dim / 8 + 16))}), vectors on disk",
    )


def machine_memory() -> int:
    """Return how many bytes of memory this process may use: the machine's, or fewer where it is confined."""
    limits = []
    with suppress(OSError, ValueError, AttributeError):  # Windows has no sysconf
        limits.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    if platform.system() == "Windows":
        limits += _windows_memory()
    for file in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with suppress(OSError, ValueError):  # a cgroup without a limit says "max"
            limits.append(int(Path(file).read_text()))
    return min((limit for limit in limits if limit > 0), default=_UNKNOWN)


def _windows_memory() -> list[int]:
    import ctypes

    kilobytes = ctypes.c_ulonglong(0)
    windows: Any = ctypes
    found = windows.windll.kernel32.GetPhysicallyInstalledSystemMemory(ctypes.byref(kilobytes))
    return [kilobytes.value * 1024] if found else []


def _size(count: float) -> str:
    for unit, size in (("GB", 1e9), ("MB", 1e6)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count / 1e3:.0f} kB"
