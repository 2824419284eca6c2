"""A folder of pictures: what is taken, what is passed over, what is reported."""

import errno
import os
import struct
import sys
import zlib
from contextlib import suppress
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image

from ham_recommend import picture_files
from ham_recommend.catalog.decoding import open_picture
from ham_recommend.errors import SettingsError, SourceError, UnreadablePictureError
from ham_recommend.manifest import FieldColumns
from ham_recommend.sources.folder import FolderSource


def draw(path, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(options.pop("mode", "RGB"), (8, 6)).save(path, **options)


def fetch(path, **options):
    source = FolderSource(path, **options)
    return list(source.fetch()), {problem.where: problem.reason for problem in source.problems}


def ids(path, **options):
    return [record.item_id for record in fetch(path, **options)[0]]


@pytest.mark.parametrize(
    "suffix", ["jpg", "JPEG", "png", "webp", "tif", "TIFF", "gif", "bmp", "jp2", "JPX", "avif", "heic"]
)
def test_every_usual_kind_is_taken(tmp_path, suffix):
    if suffix == "heic":
        pillow_heif.register_heif_opener()
    draw(tmp_path / f"a.{suffix}")
    assert ids(tmp_path) == [f"folder:a.{suffix}"]


def test_works_come_sorted_with_their_path_as_id(tmp_path):
    for name in ("b.jpg", "a/z.png", "a/b/c.gif", "a.jpg", "Ä/é.webp"):
        draw(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no picture")
    found = ids(tmp_path)
    assert found == sorted(found)
    assert set(found) == {
        "folder:b.jpg", "folder:a/z.png", "folder:a/b/c.gif", "folder:a.jpg", "folder:Ä/é.webp",
    }  # fmt: skip
    assert ids(tmp_path, limit=2) == found[:2]


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("the_great-wave.jpg", "the great wave"),
        ("Mona Lisa.png", "Mona Lisa"),
        ("v1.2__final.jpg", "v1.2 final"),
        ("Cafe\u0301.jpg", "Café"),
        ("---.jpg", "---"),
        ("IMG_0001.JPG", "IMG 0001"),
    ],
)
def test_the_title_is_the_file_name_in_words(tmp_path, name, title):
    draw(tmp_path / name)
    ((record,), _) = fetch(tmp_path)
    assert record.title == title


def test_a_picture_is_named_by_its_absolute_path(tmp_path, monkeypatch):
    draw(tmp_path / "museum" / "a.jpg")
    monkeypatch.chdir(tmp_path)
    ((record,), _) = fetch("museum")
    assert record.picture == str(tmp_path / "museum" / "a.jpg")


def test_hidden_files_and_links_in_circles_are_passed_over(tmp_path):
    draw(tmp_path / "a.jpg")
    draw(tmp_path / ".b.jpg")
    draw(tmp_path / ".thumbnails" / "c.jpg")
    draw(tmp_path / "sub" / "d.jpg")
    (tmp_path / "sub" / "round").symlink_to(tmp_path)
    (tmp_path / "linked.jpg").symlink_to(tmp_path / "a.jpg")
    assert ids(tmp_path) == ["folder:a.jpg", "folder:linked.jpg", "folder:sub/d.jpg"]


def huge_png(width, height):
    """Return a picture that claims to be huge in its first bytes."""

    def chunk(kind, content):
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")


def test_files_that_are_no_pictures_are_named_and_left_out(tmp_path):
    draw(tmp_path / "good.jpg")
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "other.jpg").write_bytes(b"P6 2 2 255\n" + b"\0" * 12)
    (tmp_path / "large.png").write_bytes(huge_png(11_000, 11_000))
    (tmp_path / "endless.png").write_bytes(huge_png(100_000, 100_000))
    (tmp_path / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    (tmp_path / "heavy.webp").touch()
    os.truncate(tmp_path / "heavy.webp", picture_files.MAX_BYTES + 1)
    os.mkfifo(tmp_path / "pipe.gif")
    records, problems = fetch(tmp_path)
    assert [record.item_id for record in records] == ["folder:good.jpg"]
    for name, reason in {
        "empty.jpg": "empty",
        "text.png": "no picture",
        "other.jpg": "no picture",
        "large.png": "11,000 × 11,000",
        "endless.png": "100,000 × 100,000",
        "gone.jpg": "No such file",
        "heavy.webp": "bytes",
        "pipe.gif": "no file",
    }.items():
        assert reason in problems.pop(name)
    assert problems == {}


def test_what_is_taken_is_what_can_be_opened_later(tmp_path, monkeypatch):
    """The header's limits are those of decoding, whatever a person sets them to."""
    for name, options in {
        "a.jpg": {}, "b.jpg": {"progressive": True}, "c.png": {}, "d.webp": {}, "e.jp2": {}, "f.tif": {},
        "g.png": {"mode": "RGBA"},
    }.items():  # fmt: skip
        Image.new(options.pop("mode", "RGB"), (1600, 1200), "red").save(tmp_path / name, **options)
    for megapixels in ("0.1", "0.5", "1", "2", "4", "9"):
        monkeypatch.setenv("HAM_MAX_MEGAPIXELS", megapixels)
        taken = []
        for path in sorted(tmp_path.iterdir()):
            with suppress(UnreadablePictureError):
                open_picture(path, long_side=384)
                taken.append(f"folder:{path.name}")
        if not taken:
            with pytest.raises(SourceError, match="HAM_MAX_MEGAPIXELS"):
                ids(tmp_path)
        else:
            assert ids(tmp_path) == taken
    assert len(taken) == 7


@pytest.mark.parametrize("given", ["many", "0", "-3", "inf", "nan"])
def test_a_limit_of_pixels_that_is_no_number_is_refused(tmp_path, monkeypatch, given):
    draw(tmp_path / "a.jpg")
    monkeypatch.setenv("HAM_MAX_MEGAPIXELS", given)
    with pytest.raises(SettingsError, match="HAM_MAX_MEGAPIXELS"):
        fetch(tmp_path)


def test_pictures_of_kinds_that_are_not_read_are_counted_and_named(tmp_path):
    draw(tmp_path / "a.jpg")
    for name in ("b.psd", "sub/c.PSD", "d.svg", ".e.psd", "notes.txt", "table.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    records, problems = fetch(tmp_path)
    assert len(records) == 1
    assert problems == {".psd, .svg": "3 pictures of kinds that are not read: left out (2 .psd, 1 .svg)"}
    assert FolderSource(tmp_path).explain().notes == (".psd, .svg: " + problems[".psd, .svg"],)


def test_heic_without_its_extra_says_what_to_install(tmp_path, monkeypatch):
    pillow_heif.register_heif_opener()
    draw(tmp_path / "a.heic")
    draw(tmp_path / "b.jpg")
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    records, problems = fetch(tmp_path)
    assert [record.item_id for record in records] == ["folder:b.jpg"]
    assert "ham-recommend[heic]" in problems["a.heic"]


def test_a_folder_explains_what_it_takes_for_what(tmp_path):
    exif = Image.Exif()
    exif[0x013B] = "Ann Oru"
    draw(tmp_path / "tin_kite.jpg", exif=exif)
    draw(tmp_path / "oak.png")
    explanation = FolderSource(tmp_path).explain()
    uses = {use.field: use for use in explanation.used}
    assert (uses["artist"].filled, uses["artist"].samples, explanation.works) == (1, ("Ann Oru",), 2)
    assert uses["title"].samples == ("oak", "tin kite")
    assert "artist ← EXIF Artist" in explanation.columns.line()
    assert FieldColumns("artist", ("EXIF Artist",)) in FolderSource(tmp_path).origin().columns.fields


def test_names_that_cannot_be_shown_are_reported(tmp_path):
    draw(tmp_path / "good.jpg")
    draw(tmp_path / "non\xa0breaking.jpg")
    draw(tmp_path / "line\nbreak.jpg")
    draw(tmp_path / "turned\u202egpj.jpg")
    os.link(tmp_path / "good.jpg", os.fsencode(tmp_path) + b"/latin\xe9.jpg")
    records, problems = fetch(tmp_path)
    assert [record.item_id for record in records] == ["folder:good.jpg", "folder:non\xa0breaking.jpg"]
    assert len(problems) == 3
    for where, reason in problems.items():
        (where + reason).encode()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_artist_and_description_come_from_the_picture(tmp_path, kind):
    exif = Image.Exif()
    exif[0x013B] = "Édouard Manet".encode()  # as most programs write it
    exif[0x010E] = "A bar at the Folies-Bergère".encode()
    exif[0x0132] = "2019:01:02 03:04:05"
    draw(tmp_path / f"a.{kind.lower()}", exif=exif)
    ((record,), problems) = fetch(tmp_path)
    assert record.artist == "Édouard Manet"
    assert [(told.text, told.source) for told in record.descriptions] == [
        ("A bar at the Folies-Bergère", "EXIF")
    ]
    assert (record.date, problems) == ("", {})


@pytest.mark.parametrize("text", ["OLYMPUS DIGITAL CAMERA", "  ", "DCIM\\100MEDIA\\DJI_0001.JPG", "---"])
def test_what_cameras_write_by_themselves_is_no_description(tmp_path, text):
    exif = Image.Exif()
    exif[0x010E] = text
    draw(tmp_path / "a.jpg", exif=exif)
    assert fetch(tmp_path)[0][0].descriptions == ()


def test_broken_exif_data_does_not_cost_the_picture(tmp_path):
    draw(tmp_path / "a.jpg", exif=b"Exif\0\0II*\0\xff\xff\xff\x7f" + b"\xff" * 40)
    ((record,), problems) = fetch(tmp_path)
    assert (record.item_id, problems) == ("folder:a.jpg", {})


def test_a_picture_cut_short_is_left_to_the_one_who_decodes_it(tmp_path):
    Image.effect_noise((64, 64), 50).save(tmp_path / "a.jpg")
    whole = (tmp_path / "a.jpg").read_bytes()
    (tmp_path / "a.jpg").write_bytes(whole[: len(whole) // 2])
    assert ids(tmp_path) == ["folder:a.jpg"]


@pytest.mark.parametrize("found", [[], ["notes.txt"], ["broken.jpg"]])
def test_a_folder_without_pictures_is_refused(tmp_path, found):
    for name in found:
        (tmp_path / name).write_text("no picture")
    with pytest.raises(SourceError, match="no readable picture.*broken" if "broken.jpg" in found else "jpg"):
        fetch(tmp_path)


def test_what_is_no_folder_is_refused_at_once(tmp_path):
    draw(tmp_path / "a.jpg")
    with pytest.raises(SourceError, match="There is no folder"):
        FolderSource(tmp_path / "missing")
    with pytest.raises(SourceError, match="is a file"):
        FolderSource(tmp_path / "a.jpg")
    for limit in (0, 1.5, "a"):
        with pytest.raises(SettingsError, match="limit"):
            FolderSource(tmp_path, limit=limit)


def test_what_may_not_be_looked_at_is_told(tmp_path, monkeypatch):
    def refused(path):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_dir", refused)
    with pytest.raises(SourceError, match=r"shut.museum cannot be read: Permission denied"):
        FolderSource(tmp_path / "shut" / "museum")


def test_a_folder_that_may_only_be_listed_is_a_problem_not_the_end(tmp_path, monkeypatch):
    draw(tmp_path / "a.jpg")
    draw(tmp_path / "listed" / "b.jpg")
    real = os.stat

    def refused(path, *arguments, **options):
        if Path(path).parent.name == "listed":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path, *arguments, **options)

    monkeypatch.setattr(os, "stat", refused)
    records, problems = fetch(tmp_path)
    assert [record.item_id for record in records] == ["folder:a.jpg"]
    assert problems == {"listed/b.jpg": "it cannot be read: Permission denied"}


def test_a_folder_whose_name_is_no_text_is_refused(tmp_path):
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/mus\xe9e"))
    draw(folder / "a.jpg")
    with pytest.raises(SourceError, match="not UTF-8"):
        FolderSource(folder)


def test_the_fingerprint_follows_the_files(tmp_path):
    draw(tmp_path / "a.jpg")
    source = FolderSource(tmp_path)
    first = source.fingerprint()
    (tmp_path / "notes.txt").write_text("no picture")
    assert source.fingerprint() == first
    draw(tmp_path / "b.jpg")
    second = source.fingerprint()
    (tmp_path / "a.jpg").write_bytes(b"changed")
    assert len({first, second, source.fingerprint()}) == 3


def test_settings_and_count(tmp_path):
    draw(tmp_path / "museum" / "a.jpg")
    draw(tmp_path / "museum" / "b.jpg")
    assert FolderSource(tmp_path / "museum" / ".").settings() == {"folder": "museum", "limit": None}
    assert FolderSource(tmp_path / "museum").count() == 2
    assert FolderSource(tmp_path / "museum", limit=1).count() == 1


def test_the_command_names_the_folder_from_anywhere(tmp_path, monkeypatch):
    draw(tmp_path / "my museum" / "a.jpg")
    monkeypatch.chdir(tmp_path)
    assert FolderSource("my museum", limit=3).command() == f"folder '{tmp_path}/my museum' --limit 3"


@pytest.mark.data
def test_a_thousand_paintings(data_dir):
    records, problems = fetch(data_dir / "paintings" / "images")
    assert (len(records), problems) == (1062, {})
    assert records[0].item_id == "folder:pa0001.jpg"


def test_only_some_of_a_folder_are_looked_at_where_the_others_are_known(tmp_path):
    from PIL import Image

    from ham_recommend import FolderSource, Recommender, build

    pictures = tmp_path / "pictures"
    (pictures / "sub").mkdir(parents=True)
    for number, name in enumerate(["a.png", "sub/b.png", "c.png"]):
        Image.new("RGB", (40, 30), (60 * number, 90, 20)).save(pictures / name)
    (pictures / "bad.png").write_bytes(b"no picture")
    only = FolderSource(pictures, only=["sub/b.png", "notes.txt", "bad.png"])
    assert [record.item_id for record in only.fetch()] == ["folder:sub/b.png"]
    assert [problem.where for problem in only.problems] == ["bad.png"]
    assert list(FolderSource(pictures, only=["bad.png"]).fetch()) == []
    (pictures / "bad.png").unlink()
    build(FolderSource(pictures), tmp_path / "whole", progress=False)
    late = pictures / "d.png"
    Image.new("RGB", (40, 30), (5, 200, 20)).save(late)
    build(FolderSource(pictures, only=["d.png"]), tmp_path / "whole", add=True, progress=False)
    build(FolderSource(pictures), tmp_path / "anew", progress=False)
    whole, anew = (Recommender.load(tmp_path / name) for name in ("whole", "anew"))
    assert list(whole.catalog) == list(anew.catalog)
    assert (whole.pictures.get(["folder:d.png"]).vectors == anew.pictures.get(["folder:d.png"]).vectors).all()
