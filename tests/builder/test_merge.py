"""Shards: shared between machines, and joined into what one machine would have made."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_clip import save_clip

from ham_recommend import Recommender, TableSource, build, errors
from ham_recommend.builder.merge import merge
from ham_recommend.builder.shard import Shard
from ham_recommend.catalog.catalog import Catalog
from ham_recommend.net.http import Fetcher
from ham_recommend.testing.encoders import picture
from ham_recommend.testing.fake_museum import FakeMuseum


@given(st.lists(st.text(min_size=1), unique=True, max_size=60), st.integers(1, 7))
def test_every_work_is_in_exactly_one_share(item_ids, parts):
    for item_id in item_ids:
        assert sum(item_id in Shard(number, parts) for number in range(1, parts + 1)) == 1


def test_shares_are_even_and_never_change():
    shares = Counter(shard_of(f"m:{row}", 4) for row in range(4000))
    assert min(shares.values()) > 900
    assert [shard_of(f"harvard:{row}", 3) for row in range(8)] == SHARES


def shard_of(item_id, parts):
    return next(number for number in range(1, parts + 1) if item_id in Shard(number, parts))


SHARES = [2, 2, 3, 2, 3, 1, 1, 3]


@pytest.mark.parametrize("text", ["", "1", "0/3", "4/3", "a/b", "-1/3", "1/0", "1/2/3"])
def test_what_is_no_share_is_refused(text):
    with pytest.raises(errors.SettingsError, match="shard"):
        Shard.parse(text)


# Whole collections


@pytest.fixture
def museum(tmp_path):
    folder = tmp_path / "museum"
    folder.mkdir()
    with (
        FakeMuseum() as server,
        (folder / "works.csv").open("w", newline="", encoding="utf-8") as stream,
    ):
        rows = csv.writer(stream)
        rows.writerow(["id", "title", "image"])
        for number in range(60):
            web = f"{server.url}/iiif/{number}/full/full/0/default.jpg"
            picture(number).save(folder / f"{number}.png")
            rows.writerow([number, f"Harbour {number}", web if number % 3 else f"{number}.png"])
        (folder / "broken.png").write_bytes(b"broken")
        rows.writerow(["broken", "Lost", "broken.png"])
        rows.writerow(["none", "No picture", ""])
        stream.flush()
        yield server, folder / "works.csv"


def make(museum, out, **options):
    server, table = museum
    with Fetcher(allow_private=[server.place], rate_per_host=1000) as fetcher:
        return build(TableSource(table), out, fetch_pictures=True, fetcher=fetcher, progress=False, **options)


def artifacts(out):
    names = [
        "2-catalog/works.parquet",
        "2-catalog/catalog.parquet",
        "2-catalog/thumbnails.parquet",
        *(f"3-embeddings/style.{part}.npy" for part in ("vectors", "ids", "contents")),
    ]
    thumbnails = sorted(path.relative_to(out).as_posix() for path in out.glob("2-catalog/pictures/*/*"))
    return {name: (out / name).read_bytes() for name in [*names, *thumbnails, "4-index/style.flat.npz"]}


def test_shares_join_to_what_one_machine_would_have_made(museum, tmp_path):
    whole = make(museum, tmp_path / "whole")
    asked = Counter(museum[0].calls)
    assert set(asked.values()) == {1}
    parts = [make(museum, tmp_path / f"part{part}", shard=f"{part}/3") for part in (1, 2, 3)]
    assert museum[0].calls == asked + asked, "each picture was to be fetched by one machine only"
    assert sum(part.pictures for part in parts) == whole.pictures == 60
    report = merge(tmp_path / "joined", [part.workspace for part in parts], progress=False)
    assert (report.works, report.pictures) == (62, 60)
    assert [problem.where for problem in report.problems] == ["table:broken"]
    assert artifacts(tmp_path / "joined") == artifacts(tmp_path / "whole")
    joined, alone = Recommender.load(tmp_path / "joined"), Recommender.load(tmp_path / "whole")
    assert (
        joined.similar_items("table:7", 5).item_ids.tolist()
        == alone.similar_items("table:7", 5).item_ids.tolist()
    )


def test_a_part_grows_to_the_whole_without_fetching_again(museum, tmp_path):
    make(museum, tmp_path / "out", shard="1/2")
    assert make(museum, tmp_path / "out").pictures == 60
    assert set(museum[0].calls.values()) == {1}
    make(museum, tmp_path / "whole")
    assert artifacts(tmp_path / "out") == artifacts(tmp_path / "whole")


def test_another_encoder_needs_no_second_download(museum, tmp_path):
    make(museum, tmp_path / "out")
    assert make(museum, tmp_path / "out", image_encoder="colour").pictures == 60
    assert set(museum[0].calls.values()) == {1}


def test_pictures_on_the_web_are_fetched_only_when_asked(museum, tmp_path):
    server, table = museum
    assert build(TableSource(table), tmp_path / "out", progress=False).pictures == 20
    assert not server.calls
    assert make(museum, tmp_path / "out").pictures == 60
    assert build(TableSource(table), tmp_path / "out", progress=False).pictures == 60
    assert set(server.calls.values()) == {1}


def test_thumbnails_of_the_web_are_shown(museum, tmp_path):
    make(museum, tmp_path / "out")
    catalog = Catalog.read(tmp_path / "out" / "2-catalog" / "catalog.parquet")
    assert catalog["table:1"].picture.startswith("http:")
    assert (tmp_path / "out" / catalog["table:1"].thumbnail).is_file()


def test_a_share_without_pictures_takes_nothing_from_the_others(museum, tmp_path):
    _, table = museum
    encoder = f"clip:{save_clip(tmp_path / 'tiny')}"
    build(TableSource(table), tmp_path / "none", image_encoder=None, progress=False)
    build(TableSource(table), tmp_path / "words", image_encoder=encoder, progress=False)
    merge(tmp_path / "joined", [tmp_path / "none", tmp_path / "words"], progress=False)
    assert Recommender.load(tmp_path / "joined").reads_words


def test_a_share_left_empty_by_mistake_is_not_taken_for_everything(museum, tmp_path):
    with pytest.raises(errors.SettingsError, match="shard"):
        build(TableSource(museum[1]), tmp_path / "out", shard="", progress=False)


def test_a_build_without_pictures_forgets_no_failure(museum, tmp_path):
    server, table = museum
    table.write_text(f"id,title,image\n1,Harbour,{server.url}/nothing.jpg\n", encoding="utf-8")
    make(museum, tmp_path / "out")
    build(TableSource(table), tmp_path / "out", image_encoder=None, progress=False)
    make(museum, tmp_path / "out")
    assert dict(server.calls) == {"/nothing.jpg": 1}


def test_what_does_not_fit_is_not_merged(museum, tmp_path):
    _, table = museum
    build(TableSource(table), tmp_path / "style", progress=False)
    build(TableSource(table), tmp_path / "colour", image_encoder="colour", progress=False)
    with pytest.raises(errors.ArtifactMismatchError, match="same --image-encoder"):
        merge(tmp_path / "joined", [tmp_path / "style", tmp_path / "colour"], progress=False)
    with pytest.raises(errors.SettingsError, match="into itself"):
        merge(tmp_path / "style", [tmp_path / "style"], progress=False)
    with pytest.raises(errors.SettingsError, match="nothing to merge"):
        merge(tmp_path / "joined", [], progress=False)
    with pytest.raises(errors.ArtifactMissingError):
        merge(tmp_path / "joined", [Path(tmp_path / "nowhere")], progress=False)
