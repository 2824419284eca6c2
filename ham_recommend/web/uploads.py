"""Uploads: pictures that arrive piece by piece, and the collections that are made of them.

What has arrived lies on disk, and nothing else says how much that is: after a lost connection, or a server
that was killed, sending goes on where it stopped. A finished upload is added to its collection, as
``ham build folder --add`` does it, or ``ham build table --add``; a build that was cut short goes on as that
does::

    <folder>/.uploads/<upload>/       upload.json, a .part for each file; job.json, files/ while it is built
    <folder>/.pictures/<collection>/  what was uploaded into a collection; see ``uploaded.py``
    <folder>/.trash/<token>/          what was removed and may come back
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import shutil
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from threading import RLock
from typing import Any

from filelock import FileLock

from ham_recommend.errors import ArtifactMissingError, HamRecommendError, SettingsError
from ham_recommend.web import jobs
from ham_recommend.web.collections import RESERVED, Collections
from ham_recommend.web.file_names import sorted_out
from ham_recommend.web.jobs import FileWanted, Job, Upload
from ham_recommend.workspace import Workspace

log = logging.getLogger(__name__)

UPLOADS, PICTURES, TRASH = ".uploads", ".pictures", ".trash"
MOST_FILES = 20_000
MOST_BYTES = 50 * 1024**3
SPARE = 1024**3
"""Bytes of the disk that uploads leave free."""
PIECE = 8 * 1024 * 1024
"""Bytes of one request at most."""
KEPT_SECONDS = 7 * 24 * 3600
"""How long an upload that nobody finishes, and what was removed, is kept."""

_ID = re.compile(r"[0-9a-f]{32}")
_NAME = re.compile(r"\w[\w .-]{0,79}")


class Uploads:
    """Takes in uploads and builds what they make. Any thread may call.

    Parameters
    ----------
    folder : Path or None
        Where new collections go; ``None`` where none may be made.
    collections : Collections
        What is served.

    Attributes
    ----------
    listeners : Counter of str
        How many streams of builds each visitor listens to.
    """

    def __init__(self, folder: Path | None, collections: Collections) -> None:
        self.listeners: Counter[str] = Counter()
        self._folder = folder
        self._collections = collections
        self._lock = RLock()
        self._builds = ThreadPoolExecutor(1, thread_name_prefix="build")
        self._known: dict[str, tuple[int, Upload]] = {}

    # ---- receiving ------------------------------------------------------------------------------------

    def begin(self, visitor: str, collection: str, files: list[tuple[str, int]]) -> Upload:
        """Prepare for files.

        Parameters
        ----------
        visitor : str
            Whose upload it is.
        collection : str
            A new name, or that of a collection that was uploaded before.
        files : list of (str, int)
            Names, with folders, and sizes in bytes.

        Raises
        ------
        SettingsError
            The name cannot be one or is taken, nothing of it is taken, or it is more than fits.
        """
        root = self._root()
        name = self.checked_name(collection)
        if name in self._collections.roots() and not (root / PICTURES / name).is_dir():
            raise SettingsError(
                f"The collection {name!r} was not uploaded, so nothing is added to it. Choose another name."
            )
        taken, refused = sorted_out(files)
        wanted = [FileWanted(name=name, size=size) for name, size in taken]
        self._check_room(root, wanted)
        upload = Upload(
            upload_id=secrets.token_hex(16),
            visitor=visitor,
            collection=name,
            files=wanted,
            refused=refused,
        )
        if not upload.files:
            first = f" {refused[0][0]}: {refused[0][1]}" if refused else ""
            raise SettingsError(f"There is no picture and no table among these files.{first}")
        self._place(upload).mkdir(parents=True)
        self._write(upload)
        return upload

    def of(self, visitor: str, upload_id: str) -> Upload:
        """Return an upload of a visitor.

        Raises
        ------
        ArtifactMissingError
            There is none, or it is somebody else's.
        """
        upload = self._read(upload_id)
        if upload is None or not secrets.compare_digest(upload.visitor, visitor):
            raise ArtifactMissingError("There is no such upload.")
        return upload

    def job(self, visitor: str, job_id: str) -> Job:
        """Return the build of a visitor's upload; as :meth:`of`, and where it has not begun there is none."""
        upload = self.of(visitor, job_id)
        if upload.stage == "receiving":
            raise ArtifactMissingError("There is no such job: not everything has arrived.")
        return jobs.job_of(upload, jobs.progress_in(self._place(upload)))

    def renewed(self, upload: Upload) -> Upload:
        """Return an upload as it is now, whichever server process builds it."""
        return self._read(upload.upload_id) or upload

    def received(self, upload: Upload) -> list[int]:
        """Return how many bytes of each file have arrived."""
        if upload.stage != "receiving":
            return [wanted.size for wanted in upload.files]
        place = self._place(upload)
        return [_size(place / f"{number}.part") for number in range(len(upload.files))]

    def append(self, upload: Upload, number: int, offset: int, piece: bytes) -> int:
        """Add a piece to a file; return how many bytes of it have arrived.

        A piece that begins elsewhere than where the file ends is not taken; the number returned says where.

        Raises
        ------
        SettingsError
            There is no such file, it would grow beyond its size, or the upload takes nothing any more.
        """
        with self._lock:
            if upload.stage != "receiving" or not 0 <= number < len(upload.files):
                raise SettingsError("This upload takes no such file.")
            path = self._place(upload) / f"{number}.part"
            held = _size(path)
            if offset != held:
                return held
            if held + len(piece) > upload.files[number].size:
                raise SettingsError(f"{upload.files[number].name} is longer than was said.")
            with path.open("ab") as stream:
                stream.write(piece)
            return held + len(piece)

    def finish(self, upload: Upload) -> None:
        """Build what has arrived, beside everything else; an upload that was finished is left as it is.

        Raises
        ------
        SettingsError
            Some file has not arrived whole.
        """
        with self._lock:
            if upload.stage in {"building", "done"}:
                return
            if upload.stage == "receiving":
                for wanted, held in zip(upload.files, self.received(upload), strict=True):
                    if held != wanted.size:
                        raise SettingsError(f"{wanted.name} has not arrived whole: {held} bytes.")
            upload.stage = "building"
            self._write(upload)
        self._builds.submit(self._build, upload)

    def resume(self) -> None:
        """Go on with what a server that ended had begun, and drop what is too old."""
        if self._folder is None:
            return
        for place in _folders(self._folder / UPLOADS):
            with self._lock:  # or one that is just being finished would be built before that is written
                upload = self._read(place.name)
                if upload is not None and upload.stage == "building":
                    self._builds.submit(self._build, upload)
                elif time.time() - place.stat().st_mtime > KEPT_SECONDS:
                    shutil.rmtree(place, ignore_errors=True)
        for place in _folders(self._folder / TRASH):
            if time.time() - place.stat().st_mtime > KEPT_SECONDS:
                shutil.rmtree(place, ignore_errors=True)

    def close(self) -> None:
        """Begin no more builds; what runs is gone on with by the next server."""
        self._builds.shutdown(wait=False, cancel_futures=True)

    # ---- collections ----------------------------------------------------------------------------------

    def may_change(self, name: str) -> bool:
        """Return whether a collection was uploaded here, so that it may be added to, renamed and removed."""
        return self._folder is not None and (self._folder / PICTURES / name).is_dir()

    def remove(self, name: str) -> str:
        """Take a collection away; return what brings it back within a week.

        Raises
        ------
        SettingsError
            It was not uploaded here.
        """
        with self._lock:
            root = self._own(name)
            token = secrets.token_hex(16)
            trash = root / TRASH / token
            trash.mkdir(parents=True)
            (trash / "name").write_text(name, "utf-8")
            (root / name).replace(trash / "collection")
            (root / PICTURES / name).replace(trash / "pictures")
            return token

    def bring_back(self, token: str) -> str:
        """Bring a removed collection back; return its name.

        Raises
        ------
        ArtifactMissingError
            There is none, or no longer.
        SettingsError
            Another has its name now.
        """
        with self._lock:
            root = self._root()
            trash = root / TRASH / token
            if not _ID.fullmatch(token) or not trash.is_dir():
                raise ArtifactMissingError("What was removed is no longer there.")
            name = (trash / "name").read_text("utf-8")
            if (root / name).exists():
                raise SettingsError(f"Another collection is called {name!r} now. Rename it first.")
            (root / PICTURES).mkdir(exist_ok=True)
            (trash / "pictures").replace(root / PICTURES / name)
            (trash / "collection").replace(root / name)
            shutil.rmtree(trash, ignore_errors=True)
            return name

    def rename(self, name: str, new: str) -> None:
        """Give a collection another name.

        Raises
        ------
        SettingsError
            It was not uploaded here, or the name cannot be one or is taken.
        """
        with self._lock:
            root, wanted = self._own(name), self.checked_name(new)
            if (root / wanted).exists() or wanted in self._collections.roots():
                raise SettingsError(f"There is a collection {wanted!r} already. Choose another name.")
            (root / PICTURES / name).replace(root / PICTURES / wanted)
            (root / name).replace(root / wanted)
            upload = Upload(
                upload_id=secrets.token_hex(16), visitor="", collection=wanted, files=[], stage="building"
            )
            self._place(upload).mkdir(parents=True)
            self._write(upload)
        self._builds.submit(self._build, upload)  # the works' pictures lie elsewhere now

    def checked_name(self, name: str) -> str:
        """Return a collection's name.

        Raises
        ------
        SettingsError
            It cannot be the name of a folder and of a page.
        """
        clean = unicodedata.normalize("NFC", name).strip()
        if not _NAME.fullmatch(clean) or clean.endswith(".") or clean.casefold() in RESERVED:
            raise SettingsError(
                f"A collection cannot be called {name!r:.90}. Use letters, digits, spaces, at most 80."
            )
        return clean

    # ---- inside ---------------------------------------------------------------------------------------

    def _build(self, upload: Upload) -> None:
        """Build an upload, if no other process of the server has: one builds at a time."""
        with FileLock(self._root() / UPLOADS / ".lock"):
            upload = self.renewed(upload)
            if upload.stage != "building":
                return
            try:
                self._make(upload)
                upload.stage = "done"
            except HamRecommendError as error:
                upload.stage, upload.said = "failed", self._plain(str(error), upload)
                self._take_table_away(upload)
            except Exception:
                log.exception("The upload into %s failed.", upload.collection)
                upload.stage, upload.said = "failed", "Something went wrong; the server's log says what."
            self._write(upload)
            shutil.rmtree(self._arrived(upload), ignore_errors=True)

    def _make(self, upload: Upload) -> None:
        """Put the files in place and add them to the collection; one that was renamed is read whole."""
        from ham_recommend.builder.build import build
        from ham_recommend.web.uploaded import check_apart, parts_in, parts_of, planned, table_of

        root = self._root()
        pictures, out = root / PICTURES / upload.collection, root / upload.collection
        arrived = self._put_together(upload)
        if upload.goes is None:
            plan = planned(pictures, arrived, upload.upload_id, [wanted.name for wanted in upload.files])
            upload.goes, upload.strays = plan.goes, plan.strays
            self._write(upload)  # a server that goes on with it would find other pictures lacking
        self._put_in_place(upload, arrived, pictures)
        check_apart(pictures, table_of(pictures, upload.upload_id))
        alone = upload.files and Workspace(out).exists and not self._failed_into(upload.collection)
        problems: list[tuple[str, str]] = []
        read = []
        for part in parts_of(pictures, upload.goes) if alone else parts_in(pictures):
            told = jobs.writing_progress(self._place(upload))
            report = build(part.source, out, add=Workspace(out).exists, progress=told)
            problems += part.left_out(report)
            read.append(part.read_as(report))
            upload.works = report.works
        upload.problems, upload.said = (
            jobs.shortened([*upload.strays, *problems]),
            " ".join(filter(None, read)),
        )
        self._collections.open(upload.collection)

    def _plain(self, said: str, upload: Upload) -> str:
        from ham_recommend.web.uploaded import without_places

        root = self._root()
        pictures = root / PICTURES / upload.collection
        table = self._table_of(upload)
        return without_places(said, *([table] if table else []), self._arrived(upload), pictures, root)

    def _table_of(self, upload: Upload) -> Path | None:
        from ham_recommend.web.uploaded import table_of

        return table_of(self._root() / PICTURES / upload.collection, upload.upload_id)

    def _take_table_away(self, upload: Upload) -> None:
        """Remove a table that makes no works, with its pictures: later uploads would fail because of it."""
        from ham_recommend.web.uploaded import take_away

        if (table := self._table_of(upload)) is not None:
            take_away(table)

    def _failed_into(self, collection: str) -> bool:
        """Return whether files of an earlier upload may lie there that no build has taken in."""
        uploads = (self._read(place.name) for place in _folders(self._root() / UPLOADS))
        return any(each and each.collection == collection and each.stage == "failed" for each in uploads)

    def _arrived(self, upload: Upload) -> Path:
        return self._place(upload) / "files"

    def _put_together(self, upload: Upload) -> Path:
        """Give what has arrived its names; return the folder. What was moved on before is no longer there."""
        arrived = self._arrived(upload)
        for number, wanted in enumerate(upload.files):
            _move(self._place(upload) / f"{number}.part", arrived / wanted.name)
        return arrived

    def _put_in_place(self, upload: Upload, arrived: Path, pictures: Path) -> None:
        """Move what has arrived to where it is built from, but for strays; what was moved before stays."""
        pictures.mkdir(parents=True, exist_ok=True)
        for wanted, path in zip(upload.files, upload.goes or (), strict=True):
            if path:
                _move(arrived / wanted.name, pictures / path)

    def _check_room(self, root: Path, files: list[FileWanted]) -> None:
        total = sum(wanted.size for wanted in files)
        if len(files) > MOST_FILES or total > MOST_BYTES:
            raise SettingsError(
                f"One upload holds {MOST_FILES:,} files and {MOST_BYTES // 1024**3} GB. Send several."
            )
        if total > shutil.disk_usage(root).free - SPARE:
            raise SettingsError("The server's disk has no room for that.")

    def _own(self, name: str) -> Path:
        root = self._root()
        if not self.may_change(name) or not Workspace(root / name).exists:
            raise SettingsError(f"The collection {name!r:.80} was not uploaded here, so it stays as it is.")
        return root

    def _root(self) -> Path:
        if self._folder is None:
            raise SettingsError("This server makes no new collections: it serves no folder of collections.")
        return self._folder

    def _place(self, upload: Upload) -> Path:
        return self._root() / UPLOADS / upload.upload_id

    def _write(self, upload: Upload) -> None:
        path = self._place(upload) / "upload.json"
        aside = path.with_suffix(".new")
        aside.write_text(json.dumps(asdict(upload)), "utf-8")
        aside.replace(path)

    def _read(self, upload_id: str) -> Upload | None:
        """Return an upload as its file says, which is read again when it was written."""
        if self._folder is None or not _ID.fullmatch(upload_id):
            return None
        path = self._folder / UPLOADS / upload_id / "upload.json"
        try:
            stamp = path.stat().st_mtime_ns
            known = self._known.get(upload_id)
            if known is not None and known[0] == stamp:
                return known[1]
            content: dict[str, Any] = json.loads(path.read_text("utf-8"))
            files = [FileWanted(**each) for each in content.pop("files")]
            upload = Upload(files=files, **content)
        except (OSError, ValueError, TypeError, KeyError):
            return None
        self._known[upload_id] = (stamp, upload)
        return upload


def _move(part: Path, target: Path) -> None:
    if part.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        part.replace(target)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _folders(place: Path) -> Iterator[Path]:
    return (each for each in place.iterdir() if each.is_dir()) if place.is_dir() else iter(())
