"""What uploaded files may be called, and which are taken: names come from strangers and become paths."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from ham_recommend.picture_files import MAX_BYTES, SUFFIXES

TABLES = (".csv", ".tsv", ".json", ".jsonl", ".parquet", ".xlsx")
"""Endings of the tables that are taken; a note or a packed file among pictures is not taken for one."""
TAKEN = (*sorted(SUFFIXES), *TABLES)
"""Endings of the files that are taken."""
MOST_BYTES_OF_A_TABLE = 64 * 1024**2
"""JSON is read whole, into some ten times that."""
MOST_TABLES = 20
"""Tables of one upload: each is read whole to see whether it is one."""
DEEPEST = 4
"""Folders that a file keeps, its own name among them."""
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\]')


def safe_path(given: str) -> str:
    """Return the path of a file as it may be written here: never out of its folder, never hidden."""
    parts = [_safe_part(part) for part in unicodedata.normalize("NFC", given).replace("\\", "/").split("/")]
    return "/".join([part for part in parts if part][-DEEPEST:])


def _safe_part(part: str) -> str:
    clean = "".join("_" if _UNSAFE.match(letter) or not letter.isprintable() else letter for letter in part)
    clean = clean.strip(" .")
    stem, dot, suffix = clean.rpartition(".")
    while len(clean.encode()) > 200:
        stem = (stem or suffix)[: len(stem or suffix) * 3 // 4]
        clean = f"{stem}{dot}{suffix}" if dot else stem
    return clean


def is_table(name: str) -> bool:
    """Return whether a file is a table by its name."""
    return name.lower().endswith(TABLES)


def refusal(name: str, size: int) -> str:
    """Return why a file is not taken; empty where it is.

    Parameters
    ----------
    name : str
        As it was given.
    size : int
        Its bytes.
    """
    if not safe_path(name).lower().endswith(TAKEN):
        return f"is none of {', '.join(TAKEN)}"
    if size <= 0:
        return "is empty"
    most = MOST_BYTES_OF_A_TABLE if is_table(name) else MAX_BYTES
    return f"is larger than {most // 1024**2} MB" if size > most else ""


def sorted_out(files: Iterable[tuple[str, int]]) -> tuple[list[tuple[str, int]], list[tuple[str, str]]]:
    """Return the files that are taken, under the names they get, and those that are not, with the reasons.

    Parameters
    ----------
    files : iterable of (str, int)
        Names as they were given, and sizes in bytes.
    """
    taken, refused, tables = [], [], 0
    for given, size in files:
        tables += is_table(given)
        reason = refusal(given, size)
        if not reason and is_table(given) and tables > MOST_TABLES:
            reason = f"is more than the {MOST_TABLES} tables of one upload"
        if reason:
            refused.append((given[:200], reason))
        else:
            taken.append((safe_path(given), size))
    names = told_apart([name for name, _ in taken])
    return [(name, size) for name, (_, size) in zip(names, taken, strict=True)], refused


def told_apart(names: Iterable[str]) -> list[str]:
    """Return names of which no two are one, also where case makes no difference; later ones get a number."""
    taken: set[str] = set()
    apart = []
    for name in names:
        stem, dot, suffix = name.rpartition(".")
        other, number = name, 2
        while other.casefold() in taken:
            other = f"{stem} ({number}){dot}{suffix}"
            number += 1
        taken.add(other.casefold())
        apart.append(other)
    return apart
