"""The map: a place for each work, which it keeps; tiles that show it; regions with names; what is refused."""

from __future__ import annotations

import io
import shutil
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import ham_recommend as ham
from ham_recommend.analysis import map_layout
from ham_recommend.analysis.map import NOWHERE, Map
from ham_recommend.analysis.map_tiles import SIDE, SIZES, pages_of
from ham_recommend.errors import ArtifactError, SettingsError


@pytest.fixture(scope="module")
def mapped(museum, tmp_path_factory):
    """Copy the small collection and lay it out; return its recommender and the map."""
    folder = tmp_path_factory.mktemp("mapped") / "sample"
    shutil.copytree(museum, folder)
    recommender = ham.Recommender.load(folder)
    return recommender, ham.map(recommender, method="pca")


def clustered(count, seed=0, groups=12, dim=32):
    chance = np.random.default_rng(seed)
    vectors = chance.normal(size=(groups, dim))[chance.integers(groups, size=count)]
    vectors = (vectors + 0.7 * chance.normal(size=(count, dim))).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def distinct(cells):
    return len({tuple(cell) for cell in cells.tolist()}) == len(cells)


def part_of(recommender, rows):
    """Return a recommender that knows only some of the works."""
    catalog = recommender.catalog
    some = np.isin(catalog.item_ids, catalog.item_ids[rows])
    fewer = type(catalog)(catalog._table.filter(some))
    return ham.Recommender(recommender.workspace, fewer, recommender.text, image_encoder="style")


# ---- places -----------------------------------------------------------------------------------------------


@settings(max_examples=20)
@given(st.integers(0, 300), st.integers(0, 200), st.integers(0, 5))
def test_every_work_has_a_cell_of_its_own_and_no_placed_work_moves(first, later, seed):
    vectors = clustered(first + later, seed)
    cells = map_layout.laid_out(vectors[:first], "pca", 0)
    assert distinct(cells)
    if first:
        added = map_layout.placed_among(vectors[first:], vectors[:first], cells)
        assert distinct(np.concatenate([cells, added]))


def test_equal_works_get_cells_beside_each_other():
    cells = map_layout.laid_out(np.tile(clustered(1), (50, 1)), "pca", 0)
    assert distinct(cells)
    assert np.ptp(cells, axis=0).max() <= 12


@pytest.mark.parametrize("method", ["pca", "umap"])
@pytest.mark.slow
def test_works_added_later_lie_as_near_their_neighbours_as_in_a_new_layout(recommender, method):
    before = Map.fresh(part_of(recommender, slice(0, None, 2)), method=method)
    before.build(keep=False)
    placed = dict(zip(before.item_ids, before.cells.tolist(), strict=True))
    after = Map(recommender, "style", method, before.kept)
    after.build(keep=False)
    assert after.made.laid_out == len(placed) < len(after)
    moved = [
        np.abs(np.array(cell) / after.made.scale - placed[item_id]).max()
        for item_id, cell in zip(after.item_ids, after.cells.tolist(), strict=True)
        if item_id in placed
    ]
    assert len(moved) == len(placed)
    assert max(moved) == 0.0
    fresh = Map.fresh(recommender, method=method)
    fresh.build(keep=False)
    assert after.made.trust >= fresh.made.trust - 0.02
    assert fresh.made.trust > 0.8


def test_a_map_is_stretched_where_new_works_would_not_find_room(mapped):
    found = mapped[1]
    embeddings = found._embeddings()
    half = len(embeddings) // 2
    few = replace(
        embeddings, item_ids=embeddings.item_ids[:half], vectors=embeddings.vectors[:half], contents=None
    )
    whole = replace(embeddings, contents=None)
    made, ids, cells = found._places(few, None)
    kept = replace(found.kept, made=made, item_ids=ids, cells=cells)
    grown, all_ids, all_cells = found._places(whole, kept)
    assert (made.scale, grown.scale) == (1, 2)
    assert all_ids[:half].tolist() == ids.tolist()
    assert (all_cells[:half] == 2 * cells).all()
    assert distinct(all_cells)


def test_neighbours_on_the_map_are_neighbours():
    vectors = clustered(600)
    cells = map_layout.laid_out(vectors, "pca", 0)
    shuffled = np.random.default_rng(1).permutation(cells)
    trust = [map_layout.trustworthiness(vectors, each) for each in (cells, shuffled)]
    assert trust[0] > trust[1] + 0.15
    assert trust[1] == pytest.approx(0.5, abs=0.05)


def test_the_order_of_the_map_brings_near_works_together():
    cells = np.array([[x, y] for x in range(16) for y in range(16)])
    ordered = cells[map_layout.in_map_order(cells)]
    for start in range(0, 256, 16):
        assert np.ptp(ordered[start : start + 16], axis=0).tolist() == [3, 3]


# ---- what is kept -----------------------------------------------------------------------------------------


def test_a_map_is_kept_and_read_again(mapped):
    recommender, found = mapped
    again = ham.map(ham.Recommender.load(recommender.workspace.root))
    assert again.is_current
    assert again.points() == found.points()
    assert again.item_ids.tolist() == found.item_ids.tolist()
    assert again.regions == found.regions
    assert not recommender.workspace.verify()


def test_pictures_and_texts_have_maps_side_by_side(mapped):
    recommender, found = mapped
    texts = ham.map(recommender, vectors="text", method="pca")
    assert texts.vectors == "text"
    assert len(texts) == len(recommender.catalog) > len(found)
    assert ham.map(recommender).vectors == "style"


def test_works_that_are_gone_are_nowhere(mapped):
    recommender, found = mapped
    gone = str(found.item_ids[0])
    opened = Map.open(part_of(recommender, recommender.catalog.item_ids != gone))
    column, row = np.frombuffer(opened.points(), "<u2")[:2]
    assert (column, row) == (NOWHERE, NOWHERE)
    assert gone not in opened.ids_at(range(len(opened)))
    assert opened.rows_of([gone]) == []


def test_tiles_go_with_the_works_that_they_show(tmp_path):
    for number in range(12):
        colour = (20 * number, 255 - 20 * number, 60)
        Image.new("RGB", (90, 60), colour).save(tmp_path / f"{number}.png")
    table, folder = tmp_path / "works.csv", tmp_path / "built"

    def built(numbers):
        rows = [f"{each},A work in {each} colours,{each}.png" for each in numbers]
        table.write_text("\n".join(["id,title,image", *rows]), "utf-8")
        ham.build(ham.TableSource(table), folder, image_encoder="colour")
        return ham.Recommender.load(folder)

    found = ham.map(built(range(12)), method="pca")
    tiles = folder / "5-analysis" / "colour.tiles.zip"
    places = dict(zip(found.item_ids, found.cells.tolist(), strict=True))
    built(range(13))
    assert tiles.is_file()
    left = Map.open(built(range(11)))
    assert not tiles.exists()
    assert (left.has_tiles, left.is_current, len(left.points())) == (False, False, 8 * 12)
    with pytest.raises(SettingsError, match="ham map build"):
        left.tile("16-0")
    left.build(keep=True)
    assert tiles.is_file()
    assert len(left) == 11
    assert all(places[each] == cell for each, cell in zip(left.item_ids, left.cells.tolist(), strict=True))
    assert Image.open(io.BytesIO(left.tile("64-0"))).size == (SIDE, 64)


def test_where_nothing_may_be_written_the_map_is_made_aside(museum, monkeypatch):
    def refuse(*_):
        raise ArtifactError("no")

    monkeypatch.setattr("ham_recommend.analysis.map.write_map", refuse)
    found = Map.fresh(ham.Recommender.load(museum), method="pca")
    found.build()
    assert Image.open(io.BytesIO(found.tile("16-0"))).size[0] == SIDE
    with pytest.raises(ArtifactError):
        found.build(keep=True)


@pytest.mark.parametrize("part", ["map.parquet", "regions.parquet", "tiles.zip"])
def test_a_damaged_file_is_named_with_the_way_to_mend_it(mapped, tmp_path, part):
    folder = tmp_path / "damaged"
    shutil.copytree(mapped[0].workspace.root, folder)
    path = folder / "5-analysis" / f"style.{part}"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    recommender = ham.Recommender.load(folder)
    with pytest.raises(ArtifactError, match=f"{part}.*ham map build .*--anew"):
        Map.open(recommender)
    Map.fresh(recommender, method="pca").build(keep=True)
    assert Map.open(ham.Recommender.load(folder)).is_current


# ---- tiles ------------------------------------------------------------------------------------------------


def test_a_tile_shows_the_picture_of_its_work(mapped):
    recommender, found = mapped
    work = recommender.catalog[str(found.item_ids[5])]
    with Image.open(recommender.workspace.root / work.thumbnail) as picture:
        aspect = picture.width / picture.height
        for size in SIZES:
            page = Image.open(io.BytesIO(found.tile(f"{size}-0")))
            across = SIDE // size
            corner = (5 % across * size, 5 // across * size)
            shown = page.crop((*corner, corner[0] + size, corner[1] + size))
            expected = picture.convert("RGB").resize((size, size), Image.Resampling.BOX)
            difference = np.abs(np.asarray(shown, float) - np.asarray(expected, float)).mean()
            assert difference < 12, size
    shape = np.frombuffer(found.points(), np.uint8)[5 * 8 + 7]
    assert 2 ** ((shape - 128) / 32) == pytest.approx(aspect, rel=0.02)


def test_there_are_tiles_for_all_works_and_no_more(mapped):
    found = mapped[1]
    for size in SIZES:
        pages = pages_of(size, len(found))
        found.tile(f"{size}-{pages - 1}")
        with pytest.raises(SettingsError, match="no page"):
            found.tile(f"{size}-{pages}")


def test_a_work_without_a_picture_has_the_quiet_colour_of_its_kind(mapped):
    texts = ham.map(mapped[0], vectors="text", method="pca")
    table = np.frombuffer(texts.points(), np.uint8).reshape(-1, 8)
    catalog = mapped[0].catalog
    kinds = {}
    for item_id, row in zip(texts.item_ids, table, strict=True):
        work = catalog[item_id]
        if not work.thumbnail:
            assert row[7] == 0
            kinds.setdefault(work.classification, set()).add(tuple(row[4:7].tolist()))
    assert kinds
    assert all(len(colours) == 1 for colours in kinds.values())


def test_tiles_that_are_the_same_are_not_read_again(mapped, monkeypatch):
    recommender = ham.Recommender.load(mapped[0].workspace.root)
    found = Map.open(recommender)
    before = found.tile("64-0"), found.points()

    def fail(_):
        raise AssertionError("a picture was read")

    monkeypatch.setattr("ham_recommend.analysis.map_tiles._tile", fail)
    found.build(keep=True)
    assert (found.tile("64-0"), found.points()) == before


# ---- regions and groups -----------------------------------------------------------------------------------


def test_regions_are_named_after_what_is_in_them(mapped):
    found = mapped[1]
    assert {region.level for region in found.regions} >= {0, 1}
    kinds = {name.casefold() for name, _ in mapped[0].catalog.facets("classification", 50)}
    assert kinds & {region.name.casefold() for region in found.regions}
    cells = set(map(tuple, found.cells.tolist()))
    assert all((region.column, region.row) in cells for region in found.regions)


def test_a_lasso_holds_the_works_inside_it(mapped):
    found = mapped[1]
    middle = np.median(found.cells, axis=0)
    (left, top), (right, bottom) = middle - 4, middle + 4
    inside = found.within([(left, top), (right, top), (right, bottom), (left, bottom)])
    x, y = found.cells[:, 0] + 0.5, found.cells[:, 1] + 0.5
    expected = found.item_ids[(x > left) & (x < right) & (y > top) & (y < bottom)]
    assert inside == expected.tolist() != []
    assert found.within([(-9, -9), (-8, -9), (-8, -8)]) == []


@pytest.mark.parametrize(
    "polygon", [[], [(0, 0), (1, 1)], [(0, 0, 0)] * 3, [("a", "b")] * 3, [(0, np.nan)] * 3]
)
def test_a_lasso_that_is_none_is_refused(mapped, polygon):
    with pytest.raises(SettingsError, match="lasso"):
        mapped[1].within(polygon)


def test_a_frame_tells_the_place_of_every_work(mapped):
    frame = mapped[1].to_frame()
    assert len(frame) == len(mapped[1])
    assert {"item_id", "column", "row", "title"} <= set(frame.columns)


@pytest.mark.parametrize(
    ("options", "said"),
    [({"method": "tsne"}, "Unknown method"), ({"vectors": "clip"}, "no picture vectors of 'clip'")],
)
def test_what_there_is_not_is_named(recommender, options, said):
    with pytest.raises(SettingsError, match=said):
        Map.open(recommender, **options)


@pytest.mark.parametrize("name", ["16", "16-x", "-1-0", "8-0", "16-0/../..", "16-99999999999", ""])
def test_a_page_that_is_none_is_refused(mapped, name):
    with pytest.raises(SettingsError):
        mapped[1].tile(name)


def test_without_umap_the_map_is_made_by_pca(recommender, monkeypatch):
    monkeypatch.setattr("ham_recommend.analysis.map.umap_is_installed", lambda: False)
    assert Map.fresh(recommender).method == "pca"
    monkeypatch.setattr("ham_recommend.analysis._umap.is_installed", lambda: False)
    with pytest.raises(ham.HamRecommendError, match=r"ham-recommend\[map\]"):
        Map.fresh(recommender, method="umap").build(keep=False)
