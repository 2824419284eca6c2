"""Reading takes no more memory than is said, whatever a file claims: the system is told to give no more.

Each case is read by a process of its own that may not grow beyond its budget; one that needs more fails.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import resource
import struct
import traceback
import zlib
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from ham_recommend import parquet_files
from ham_recommend.catalog.catalog import Catalog
from ham_recommend.catalog.decoding import open_picture
from ham_recommend.catalog.thumbnails import Thumbnail, Thumbnails
from ham_recommend.errors import ArtifactCorruptError, SourceError, UnreadablePictureError
from ham_recommend.records import RawRecord
from ham_recommend.sources.table import TableSource

MB = 2**20
PICTURE = 480 * MB
"""The 400 MB that a hundred million pixels of four bytes take, and something for the decoder."""


def in_memory(budget, read):
    """Return what a function returns in a process that may grow by so many bytes, as text."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            held = int(re.search(r"VmSize:\s+(\d+)", Path("/proc/self/status").read_text())[1]) * 1024
            resource.setrlimit(resource.RLIMIT_AS, (held + budget, held + budget))
            said = f"{read()}"
        except (UnreadablePictureError, ArtifactCorruptError, SourceError) as error:
            said = f"{type(error).__name__}: {error}"
        except BaseException:
            said = traceback.format_exc()
        os.write(writer, said.encode()[:60_000])
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as told:
        said = told.read()
    assert os.waitpid(child, 0)[1] == 0
    return said


def claimed(width, height):
    """Return a picture that claims to be larger than it is."""
    content = png(1, 1, 8, 2)
    header = b"IHDR" + struct.pack(">II", width, height) + content[24:29]
    return content[:12] + header + struct.pack(">I", zlib.crc32(header)) + content[33:]


def png(width, height, depth, colour):
    """Write a black picture line by line; Pillow would need as much memory as reading it does."""
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    line = bytes(1 + (width * depth * samples + 7) // 8)
    packer = zlib.compressobj(1)
    content = b"".join(packer.compress(line) for _ in range(height)) + packer.flush()

    def chunk(kind, content):
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    palette = chunk(b"PLTE", bytes(768)) + chunk(b"tRNS", bytes(256)) if colour == 3 else b""
    parts = chunk(b"IHDR", header), palette, chunk(b"IDAT", content), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def saved(mode, side, format, **options):
    stream = io.BytesIO()
    Image.new(mode, (side, side)).save(stream, format, **options)
    return stream.getvalue()


READABLE = {
    "16-bit grey": lambda: png(9_999, 9_999, 16, 0),
    "16-bit colours": lambda: png(9_999, 9_999, 16, 2),
    "transparent": lambda: png(7_000, 7_000, 8, 6),
    "transparent grey": lambda: png(7_000, 7_000, 8, 4),
    "transparent palette": lambda: png(9_999, 9_999, 8, 3),
    "black and white": lambda: png(9_999, 9_999, 1, 0),
    "floating": lambda: saved("F", 7_000, "TIFF", compression="tiff_lzw"),
    "inks": lambda: saved("CMYK", 9_999, "TIFF", compression="tiff_lzw"),
    "progressive": lambda: saved("RGB", 12_000, "JPEG", progressive=True),
    "web": lambda: saved("RGB", 4_900, "WEBP"),
}


@pytest.mark.parametrize("kind", READABLE)
def test_the_largest_picture_of_each_kind_is_read_within_the_budget(kind):
    content = READABLE[kind]()
    assert in_memory(PICTURE, lambda: open_picture(content, long_side=384).size) == "(384, 384)"


WEBP_OF_10_000 = b"VP8X\x0a\0\0\0\x02\0\0\0\x0f\x27\0\x0f\x27\0"


@pytest.mark.parametrize(
    "content",
    [
        lambda: claimed(1, 100_000_000),
        lambda: claimed(20_000, 20_000),
    ],
)
def test_larger_pictures_are_refused_before_they_take_any(content):
    content = content()
    assert "pixels (HAM_MAX_MEGAPIXELS)" in in_memory(64 * MB, lambda: open_picture(content, long_side=384))


def repeated(texts, rows):
    return pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array(texts))


def write(path, columns, **options):
    pq.write_table(pa.table(columns), path, compression="zstd", **options)
    return path


def lying(path):
    """Write a page of 300 MB, and let the metadata say that it is a small one."""
    write(path, {"id": ["1"], "title": ["s" * 300 * MB]}, use_dictionary=False, write_statistics=False)
    content = path.read_bytes()
    chunk = pq.ParquetFile(path).metadata.row_group(0).column(1)
    true, false = _varint(chunk.total_uncompressed_size), _varint(99)
    at = content.rindex(true)
    footer = int.from_bytes(content[-8:-4], "little") + len(false) - len(true)
    path.write_bytes(
        content[:at] + false + content[at + len(true) : -8] + struct.pack("<I", footer) + b"PAR1"
    )
    assert pq.ParquetFile(path).metadata.row_group(0).column(1).total_uncompressed_size == 99
    return path


def _varint(number):
    number *= 2
    packed = b""
    while number > 127:
        packed += bytes([number & 127 | 128])
        number >>= 7
    return packed + bytes([number])


def test_a_small_table_of_large_texts_is_read_a_few_at_a_time(tmp_path):
    ids = list(map(str, range(80)))
    path = write(tmp_path / "works.parquet", {"id": ids, "description": repeated(["s" * 5_000_000], 80)})
    assert path.stat().st_size < 4_000
    assert in_memory(250 * MB, lambda: len(Catalog.from_records(TableSource(path).fetch()))) == "80"


def test_a_workbook_of_one_endless_row_is_refused(tmp_path):
    path = tmp_path / "works.xlsx"
    openpyxl.Workbook().save(path)
    names = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    cells = b"".join(b"<c><v>%d</v></c>" % (number**2) for number in range(500_000))
    sheet = b'<worksheet xmlns="%b"><sheetData><row>%b</row></sheetData></worksheet>' % (names, cells)
    with ZipFile(path) as whole, ZipFile(tmp_path / "long.xlsx", "w", ZIP_DEFLATED) as long:
        for name in whole.namelist():
            long.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else whole.read(name))
    said = in_memory(60 * MB, lambda: list(TableSource(tmp_path / "long.xlsx").fetch()))
    assert re.match(r"SourceError: .*long\.xlsx has a row of more than", said), said


def test_a_page_that_hides_its_size_is_refused(tmp_path):
    path = lying(tmp_path / "works.parquet")
    said = in_memory(200 * MB, lambda: list(TableSource(path).fetch()))
    assert re.match(r"SourceError: .*works\.parquet.*unpack to 3\d\d,\d\d\d,\d\d\d bytes", said), said


def test_a_catalog_or_table_of_thumbnails_that_unpacks_to_too_much_is_refused(tmp_path):
    catalog = Catalog.from_records([RawRecord(item_id=f"a:{n:03}") for n in range(300)])
    catalog.write(tmp_path / "catalog.parquet")
    table = pq.read_table(tmp_path / "catalog.parquet")
    at = table.schema.get_field_index("title")
    table = table.set_column(at, table.schema.field(at), repeated(["s" * 2_000_000], 300).cast(pa.string()))
    pq.write_table(table, tmp_path / "catalog.parquet", compression="zstd")
    said = in_memory(500 * MB, lambda: Catalog.read(tmp_path / "catalog.parquet"))
    assert re.match(r"ArtifactCorruptError: .*unpack to more than .*`ham build`\.", said), said

    Thumbnails.of([Thumbnail("a:1", "/x.jpg", "", "c")]).write(tmp_path / "thumbnails.parquet")
    table = pq.read_table(tmp_path / "thumbnails.parquet").take([0] * 3_000_000)
    pq.write_table(table, tmp_path / "thumbnails.parquet", compression="zstd")
    said = in_memory(200 * MB, lambda: Thumbnails.read(tmp_path / "thumbnails.parquet"))
    assert re.match(r"ArtifactCorruptError: .*bytes are 3,000,000 rows.*`ham build`\.", said), said


def test_no_header_of_a_page_makes_the_reader_stumble(tmp_path):
    """Every byte near the beginning changed: it is read, or refused in a sentence of ours."""
    path = write(tmp_path / "works.parquet", {"id": ["1", "2"], "title": ["a", "b"]})
    content = path.read_bytes()
    for at in range(4, 60):
        for value in (0, 0x1C, 0x7F, 0xFF):
            path.write_bytes(content[:at] + bytes([value]) + content[at + 1 :])
            with contextlib.suppress(SourceError):
                list(TableSource(path).fetch())


def test_budgets_grow_with_what_was_sent(tmp_path):
    (tmp_path / "small").write_bytes(b"")
    with (tmp_path / "large").open("wb") as stream:
        stream.truncate(2**30)
    assert parquet_files.budget(tmp_path / "small") == 256 * MB
    assert parquet_files.budget(tmp_path / "large") == 100 * 2**30
