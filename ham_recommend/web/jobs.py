"""What an upload is, and the job that builds it: how far both are, so that every process can say it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

JOB = "job.json"
TOLD = 0.2
"""Seconds between two words on how far a build is."""

MOST_PROBLEMS = 1_000
"""What was left out that is told one by one: a table may lack 200,000 pictures."""

Stage = Literal["receiving", "building", "done", "failed"]
Progress = tuple[str, int, int]
"""What is done, how many of it are, and of how many; 0 where nobody knows."""


@dataclass(slots=True, kw_only=True)
class FileWanted:
    """A file that is to arrive.

    Parameters
    ----------
    name : str
        Its path within the collection's pictures, of harmless characters.
    size : int
        Its bytes.
    """

    name: str
    size: int


@dataclass(slots=True, kw_only=True)
class Upload:
    """An upload, as its file says.

    Parameters
    ----------
    upload_id : str
        128 random bits in hex.
    visitor : str
        Whose it is; nobody else sees it.
    collection : str
        The name of what the pictures go into.
    files : list of FileWanted
        What is to arrive.
    refused : list of (str, str)
        Names of files that are not taken, each with the reason.
    goes : list of str or None
        Where each file goes, in the folder of the collection's pictures; empty for a stray. ``None`` before
        everything has arrived.
    strays : list of (str, str)
        Names of tables that are none of the pictures they came with, each with the reason.
    stage : {"receiving", "building", "done", "failed"}
        How far it is.
    said : str
        What a person should know of that: why it failed, or which column of a table became what.
    problems : list of (str, str)
        Pictures and rows of tables that were left out, each with the reason.
    works : int
        How many works the collection has, once it is done.
    """

    upload_id: str
    visitor: str
    collection: str
    files: list[FileWanted]
    refused: list[tuple[str, str]] = field(default_factory=list)
    goes: list[str] | None = None
    strays: list[tuple[str, str]] = field(default_factory=list)
    stage: Stage = "receiving"
    said: str = ""
    problems: list[tuple[str, str]] = field(default_factory=list)
    works: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A build, and how far it is.

    Parameters
    ----------
    job_id : str
        That of its upload.
    collection : str
        What is built.
    stage : {"waiting", "running", "done", "failed"}
        How far it is.
    doing : str
        What is done now.
    done, total : int
        How many of that are done, and of how many; 0 where nobody knows.
    said : str
        What a person should know of it.
    problems : list of (str, str)
        Pictures that were left out, each with the reason.
    works : int
        How many works the collection has, once it is done.
    """

    job_id: str
    collection: str
    stage: Literal["waiting", "running", "done", "failed"]
    doing: str = ""
    done: int = 0
    total: int = 0
    said: str = ""
    problems: list[tuple[str, str]] = field(default_factory=list)
    works: int = 0


def shortened(problems: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the first of the problems, and how many there are more, where there are too many to be read."""
    first = list(problems[:MOST_PROBLEMS])
    more = len(problems) - len(first)
    return [*first, (f"{more:,} more", "were left out or are without a picture")] if more else first


def job_of(upload: Upload, progress: Progress) -> Job:
    """Return the job of an upload that has arrived whole."""
    job_id, collection = upload.upload_id, upload.collection
    if upload.stage == "building":
        doing, done, total = progress
        stage: Literal["waiting", "running"] = "running" if doing else "waiting"
        return Job(job_id=job_id, collection=collection, stage=stage, doing=doing, done=done, total=total)
    return Job(
        job_id=job_id,
        collection=collection,
        stage="done" if upload.stage == "done" else "failed",
        said=upload.said,
        problems=upload.problems,
        works=upload.works,
    )


def writing_progress(place: Path) -> Callable[[str, int, int | None], None]:
    """Return what writes down in an upload's folder how far its build is."""
    path, before = place / JOB, ("", 0.0)

    def told(doing: str, done: int, total: int | None) -> None:
        nonlocal before
        now = time.monotonic()
        if doing == before[0] and now - before[1] < TOLD and done != total:
            return
        before = doing, now
        aside = path.with_suffix(".new")
        aside.write_text(json.dumps([doing, done, total or 0]), "utf-8")
        aside.replace(path)

    return told


def progress_in(place: Path) -> Progress:
    """Return what :func:`writing_progress` wrote last; nothing where it did not yet."""
    try:
        doing, done, total = json.loads((place / JOB).read_text("utf-8"))
        return str(doing), int(done), int(total)
    except (OSError, ValueError, TypeError):
        return "", 0, 0
