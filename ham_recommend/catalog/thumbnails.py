"""The pictures of works: where the originals lie, the thumbnails made of them, and what each one shows.

``2-catalog/thumbnails.parquet`` has one row per work whose picture has been read, sorted by ``item_id``:

============ ==================================================================================
item_id      the work
original     where its picture lay: a web address or a path
state        size and time of that file; empty for a web address
content      hash of the original's bytes; the same content is the same picture
thumbnail    path of the thumbnail relative to the workspace; empty where no copy may be kept
digest       hash of the thumbnail's own bytes; empty where there is none
============ ==================================================================================
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ham_recommend.catalog.parquet import check_rows, read_parquet
from ham_recommend.errors import (
    ArtifactCorruptError,
    ArtifactError,
    ArtifactMismatchError,
)
from ham_recommend.files import own_path, whole_file
from ham_recommend.net.addresses import on_the_web
from ham_recommend.workspace import PICTURES

if TYPE_CHECKING:
    from PIL import Image

SIDE = 384
"""Pixels of a thumbnail's longer side, at most."""
GONE = "gone"
"""The state of a file that is not there."""

SCHEMA = pa.schema(
    {name: pa.string() for name in ("item_id", "original", "state", "content", "thumbnail", "digest")}
)

_END_OF_JPEG = b"\xff\xd9"
_THUMBNAIL = rf"^{re.escape(PICTURES)}/[0-9a-f]{{2}}/[0-9a-f]{{32}}\.jpg$"
_FOLDER = re.compile("[0-9a-f]{2}")
_FILE = re.compile(r"[0-9a-f]{32}\.jpg(\.[0-9-]+\.partial)?")


@dataclass(frozen=True, slots=True)
class Original:
    """The picture of a work, where its museum keeps it.

    Parameters
    ----------
    item_id : str
        The work.
    address : str
        Web address or path.
    copies_allowed : bool
        Whether a thumbnail may be kept.
    content : str
        Hash of its bytes, when it was read before and need not be read again; else empty.
    pinned : bool
        Whether only the bytes with that hash count: nobody who builds here named the address.
    """

    item_id: str
    address: str
    copies_allowed: bool = True
    content: str = ""
    pinned: bool = False

    @property
    def on_the_web(self) -> bool:
        """Whether it has to be fetched."""
        return on_the_web(self.address)

    @property
    def server(self) -> str:
        """Host and port of a web address; empty for a path."""
        return self.address.split("/", 3)[2].lower() if self.on_the_web else ""

    def state(self) -> str:
        """Return size and time of the file as it is; empty for a web address, :data:`GONE` for no file."""
        if self.on_the_web:
            return ""
        try:
            stat = os.stat(self.address)  # noqa: PTH116 - a path need not be made of what may be none
        except (OSError, ValueError):
            return GONE
        return f"{stat.st_size}-{stat.st_mtime_ns}"


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """What was read of the picture of a work: a row of the table; see the module.

    Parameters
    ----------
    item_id, original, state, content, thumbnail, digest : str
        As the columns.
    """

    item_id: str
    original: str
    state: str
    content: str
    thumbnail: str = ""
    digest: str = ""


def check_thumbnails(table: pa.Table, path: str | os.PathLike[str]) -> None:
    """Raise `ArtifactCorruptError` if a table names a thumbnail that is not one of a collection's own."""
    shown = pc.match_substring_regex(table["thumbnail"], f"^$|{_THUMBNAIL}")
    if pc.all(shown).as_py() is False:
        raise ArtifactCorruptError(
            f"{path} names a thumbnail that is none of the collection's. Build the collection again with "
            "`ham build`."
        )


_CELLS = attrgetter(*(field.name for field in fields(Thumbnail)))


class Thumbnails:
    """The thumbnails of a collection, at most one per work.

    Parameters
    ----------
    table : pyarrow.Table
        With the columns of :data:`SCHEMA`, sorted by unique ``item_id``.
    """

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    @classmethod
    def of(cls, rows: Iterable[Thumbnail]) -> Thumbnails:
        """Gather rows in any order; of two for one work the last counts."""
        last = {row.item_id: row for row in rows}
        ordered = [_CELLS(last[item_id]) for item_id in sorted(last)]
        columns = zip(*ordered, strict=True) if ordered else [()] * len(SCHEMA)
        return cls(pa.table([pa.array(column, pa.string()) for column in columns], SCHEMA))

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Thumbnails:
        """Read the table written by :meth:`write`.

        Raises
        ------
        ArtifactMissingError
            There is no such file.
        ArtifactMismatchError
            It has other columns.
        ArtifactCorruptError
            It is damaged, no such table, or holds what no build writes.
        ArtifactError
            The system does not let us read it.
        """
        missing = f"There are no thumbnails at {path}. Make them with `ham build`."
        table = read_parquet(path, "table of thumbnails", missing)
        if not table.schema.equals(SCHEMA):
            raise ArtifactMismatchError(
                f"{path} was made by another version of ham_recommend. Build the collection again with "
                "`ham build`, into the same folder."
            )
        check_rows(table, path)
        check_thumbnails(table, path)
        return cls(table)

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write one Parquet file, whole or not at all; the same rows give the same bytes."""
        with whole_file(Path(path)) as stream:
            pq.write_table(self.table, stream, compression="zstd")

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __iter__(self) -> Iterator[Thumbnail]:
        """Yield the rows, in the order of the ids."""
        return (Thumbnail(*values) for values in zip(*self._columns(*SCHEMA.names), strict=True))

    def contents(self) -> dict[str, str]:
        """Return the hash of each work's picture, by ``item_id``."""
        return dict(zip(*self._columns("item_id", "content"), strict=True))

    def digests(self) -> dict[str, str]:
        """Return the hash of each thumbnail's own bytes, by the content it shows."""
        return {
            content: digest
            for content, digest in zip(*self._columns("content", "digest"), strict=True)
            if digest
        }

    def paths(self) -> set[str]:
        """Return the paths of all thumbnails, relative to the workspace."""
        (paths,) = self._columns("thumbnail")
        return set(paths) - {""}

    def damaged(self, root: Path) -> list[str]:
        """Read every thumbnail, and return the paths of those that are not as they were written.

        Parameters
        ----------
        root : Path
            The workspace.
        """
        folder = ThumbnailFolder(root, self.digests())
        return sorted({row.thumbnail for row in self if row.thumbnail and not folder.digest(row.content)})

    def _columns(self, *names: str) -> list[list[str]]:
        return [self.table[name].to_pylist() for name in names]


class ThumbnailFolder:
    """The thumbnails as files, named by the hash of the original: ``2-catalog/pictures/ab/ab….jpg``.

    Parameters
    ----------
    root : Path
        The workspace.
    digests : mapping of str to str
        Content → hash of the bytes of its thumbnail, where that is known: anything else is damaged.
    """

    def __init__(self, root: Path, digests: Mapping[str, str] | None = None) -> None:
        self.root = root
        self._digests = digests or {}

    @staticmethod
    def name(content: str) -> str:
        """Return the path of a thumbnail relative to the workspace."""
        return f"{PICTURES}/{content[:2]}/{content}.jpg"

    def path(self, content: str) -> Path:
        """Return the path of a thumbnail.

        Raises
        ------
        ArtifactError
            It is a link, or lies in a folder that is one.
        """
        return own_path(self.root, self.name(content))

    def digest(self, content: str) -> str:
        """Return the hash of a thumbnail's bytes; empty when there is none that is whole."""
        try:
            packed = self.path(content).read_bytes()
        except (OSError, ArtifactError):
            return ""
        if not packed.endswith(_END_OF_JPEG):  # as a power cut can leave it
            return ""
        digest = content_hash(packed)
        return digest if self._digests.get(content, digest) == digest else ""

    def contents(self) -> set[str]:
        """Return the contents of which there is a thumbnail; none is opened."""
        folders = _folders(own_path(self.root, PICTURES))
        return {file.name[:-4] for folder in folders for file in os.scandir(folder) if file.stat().st_size}

    def open(self, content: str) -> Image.Image:
        """Open a thumbnail.

        Raises
        ------
        UnreadablePictureError
            It is damaged.
        """
        from ham_recommend.catalog.decoding import open_picture

        return open_picture(self.path(content))

    def write(self, image: Image.Image, content: str) -> tuple[Image.Image, str]:
        """Write a thumbnail that appears whole; unlike ``whole_file`` it does not wait for the disk.

        Parameters
        ----------
        image : PIL.Image.Image
            At most :data:`SIDE` pixels on its longer side.
        content : str
            Hash of the original.

        Returns
        -------
        (PIL.Image.Image, str)
            The picture as the file shows it, and the hash of the file's bytes.
        """
        image, packed = as_thumbnail(image)
        return image, self.keep(packed, content)

    def keep(self, packed: bytes, content: str) -> str:
        """Write the bytes of a thumbnail, as :func:`as_thumbnail` gives them; return their hash.

        Parameters
        ----------
        packed : bytes
            A JPEG file.
        content : str
            Hash of the original.
        """
        path = self.path(content)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.partial")
        try:
            partial.write_bytes(packed)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
        return content_hash(packed)

    def remove_all_but(self, used: Iterable[str]) -> None:
        """Remove thumbnails, and what a killed build left of some; other files stay, links are not followed.

        Parameters
        ----------
        used : iterable of str
            Paths of those that stay, relative to the workspace.
        """
        pictures = own_path(self.root, PICTURES)
        stays = {tuple(name.split("/")[-2:]) for name in used}
        for folder in _folders(pictures):
            for file in os.scandir(folder):
                if (folder.name, file.name) in stays or not _FILE.fullmatch(file.name):
                    continue
                if file.is_file(follow_symlinks=False):
                    Path(file.path).unlink()
            _remove_if_empty(folder)
        _remove_if_empty(pictures)


def as_thumbnail(image: Image.Image) -> tuple[Image.Image, bytes]:
    """Return a picture as the file of its thumbnail shows it, and the bytes of that file.

    Parameters
    ----------
    image : PIL.Image.Image
        At most :data:`SIDE` pixels on its longer side.
    """
    from PIL import Image

    packed = io.BytesIO()
    image.save(packed, "JPEG", quality=88)
    with Image.open(packed, formats=["JPEG"]) as written:
        written.load()
        return written.copy(), packed.getvalue()


def content_hash(content: bytes) -> str:
    """Return the hash that names a picture: that of the original file's bytes."""
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def _folders(pictures: Path) -> list[Path]:
    if not pictures.is_dir():
        return []
    return [
        Path(folder.path)
        for folder in os.scandir(pictures)
        if _FOLDER.fullmatch(folder.name) and folder.is_dir(follow_symlinks=False)
    ]


def _remove_if_empty(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
