"""A collection in Milvus: what its works are filtered by follows the catalogue."""

from __future__ import annotations

from contextlib import closing

from small_collection import write_table

from ham_recommend import Recommender, TableSource, build
from ham_recommend.index.stores import open_store, tags_of


def held(address, rec):
    """Return the marks of what works are filtered by in Milvus."""
    with closing(open_store(address, "made.style", rec.pictures.dim)) as store:
        return store.marks()


def test_changed_values_reach_milvus_and_filters_there_go_by_them(tmp_path, monkeypatch):
    address = f"milvus+lite://{tmp_path}/milvus"
    monkeypatch.setenv("HAM_MILVUS", address)
    out = tmp_path / "made"
    table = write_table(tmp_path / "museum", range(60))
    first, *works = table.read_text().splitlines()

    def write(kind_of):
        rows = [f"{line},{kind_of(number)}" for number, line in enumerate(works)]
        table.write_text("\n".join([f"{first},classification", *rows]) + "\n")

    write(lambda number: "Prints")
    build(TableSource(table), out, progress=False, store="milvus:")
    before = Recommender.load(out)
    assert held(address, before) == tags_of(before.catalog).marks
    before.pictures.close()

    write(lambda number: "Maps" if number < 40 else "Prints")
    build(TableSource(table), out, progress=False)
    after = Recommender.load(out)
    assert held(address, after) == tags_of(after.catalog).marks
    assert tags_of(before.catalog).marks != tags_of(after.catalog).marks
    maps = after.catalog.filter({"classification": "map"})
    assert len(maps) == 40
    found = after.recommend(after.catalog.item_ids[-2:].tolist(), k=12, where={"classification": "map"})
    assert len(found) == 12
    assert set(found.item_ids) <= set(maps)
    after.pictures.close()
