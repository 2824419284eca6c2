"""A field is declared once: whatever is derived from the declarations knows it."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import ham_recommend
from ham_recommend.catalog import Catalog, filters, schema
from ham_recommend.cli._show import answer
from ham_recommend.encode.text import FIELD_WEIGHTS
from ham_recommend.errors import SettingsError
from ham_recommend.frontend import export, messages
from ham_recommend.records import FIELDS, Artwork, Ranking, RawRecord
from ham_recommend.sources._table.columns import KNOWN_FIELDS
from ham_recommend.workspace import Workspace

TEXTS = [field for field in FIELDS if field.kind == "text" and field.name != "item_id"]


def catalog_with(name, value):
    return Catalog.from_records([RawRecord(item_id="m:1", **{name: value}), RawRecord(item_id="m:2")])


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_every_field_is_a_column(field):
    assert field.name in schema.SCHEMA.names
    assert (field.name in KNOWN_FIELDS) == (field.name in RawRecord.__dataclass_fields__)


@pytest.mark.parametrize("field", TEXTS, ids=lambda field: field.name)
def test_a_text_is_kept_filtered_counted_and_searched_as_declared(field):
    catalog = catalog_with(field.name, "Zebra Crossing")
    assert catalog["m:1"].text(field.name) == "Zebra Crossing"
    finds = {"": None, "equal": ["zebra crossing"], "contain": ["zebra crossing", "zebra"]}[field.filter]
    for wanted in ("zebra crossing", "zebra"):
        if finds is None:
            with pytest.raises(SettingsError):
                catalog.filter({field.name: wanted})
        else:
            assert list(catalog.filter({field.name: wanted})) == (["m:1"] if wanted in finds else [])
    if field.facet:
        assert catalog.facets(field.name) == [("Zebra Crossing", 1)]
    else:
        with pytest.raises(SettingsError):
            catalog.facets(field.name)
    found, _ = catalog.documents()
    texts = [found.title, found.artist, *found.fields.values()]
    assert ("Zebra Crossing" in texts) == bool(field.weight) == (field.name in FIELD_WEIGHTS)


def test_the_front_end_shows_and_exports_what_is_declared():
    work = Artwork(item_id="m:1", **{field.name: ("Zebra",) if field.listed else "Zebra" for field in TEXTS})
    shown = messages.detail(work, None, str)
    for field in TEXTS:
        assert ((field.name, field.label) in messages.DETAIL_FIELDS) == ("detail" in field.shown)
        if field.shown & {"card", "detail"}:
            assert shown[field.name] == "Zebra"
        assert (field.name in export.FIELDS) == ("export" in field.shown)
    assert set(export.FIELDS) <= set(export.COLUMNS)


def test_the_command_line_prints_what_is_exported(tmp_path):
    catalog = Catalog.from_records(
        [RawRecord(item_id="m:1", artist=("Anna", "Bo"), page_url="https://a.b/1")]
    )
    scores = np.ones(1, dtype=np.float32)
    ranking = Ranking(catalog.item_ids, scores, works=catalog.get(catalog.item_ids))
    (hit,) = answer(ranking, 1.0, Workspace(tmp_path))["hits"]
    assert {field.name for field in FIELDS if "export" in field.shown} <= set(hit)
    assert (hit["artist"], hit["page_url"]) == ("Anna; Bo", "https://a.b/1")


def test_filters_know_nothing_but_what_is_declared():
    assert set(filters.KNOWN) - {field.name for field in FIELDS} == {"years", "source"}
    assert set(filters.COUNTED) - {field.name for field in FIELDS} == {"source"}


LINE = '    mood: Texts = fields.text("Mood", several=True, weight=1, filter="equal", facet=True)\n'
PROGRAM = """
import csv, sys
from pathlib import Path
import ham_recommend as ham
from ham_recommend.frontend import export, messages

root = Path(sys.argv[1])
assert Path(ham.__file__).is_relative_to(root), ham.__file__
(root / "works.jsonl").write_text(
    '{"id": 1, "title": "Harbour", "mood": ["Serene", "Wistful"]}\\n'
    '{"id": 2, "title": "Storm", "mood": "wistful"}\\n{"id": 3, "title": "Field"}\\n'
)
from ham_recommend.records import RawRecord
catalog = ham.Catalog.from_records(
    [RawRecord(item_id="m:1", mood=("Serene", "Wistful")), RawRecord(item_id="m:2", mood="wistful")]
)
catalog.write(root / "c.parquet")
catalog = ham.Catalog.read(root / "c.parquet")
assert catalog["m:1"].mood == "Serene; Wistful", catalog["m:1"]
assert catalog["m:1"].values("mood") == ("Serene", "Wistful")
assert list(catalog.filter({"mood": "wistful"})) == ["m:1", "m:2"]
assert sorted(catalog.facets("mood")) == [("Serene", 1), ("Wistful", 2)]
assert catalog.to_frame().loc["m:1", "mood"] == "Serene; Wistful"

source = ham.TableSource(root / "works.jsonl", mapping={"mood": "mood"})
ham.build(source, root / "built", image_encoder=None, progress=False)
rec = ham.Recommender.load(root / "built")
hits = rec.search("wistful")
assert set(hits.item_ids) == {"table:1", "table:2"}
assert set(hits.to_frame()["mood"]) == {"Serene; Wistful", "wistful"}
opened = messages.detail(rec.catalog["table:2"], hits[0], str)
assert opened["mood"] == "wistful" and ("mood", "Mood") in messages.DETAIL_FIELDS
session = ham.Session(rec)
session.search("wistful")
rows = list(csv.DictReader(export.csv_text(session).lstrip("\\ufeff").splitlines()))
assert {row["mood"] for row in rows} == {"Serene; Wistful", "wistful"}
"""


def test_a_new_field_is_one_line(tmp_path):
    """A copy of the package with one line more keeps, filters, searches, shows and exports a new field."""
    package = Path(ham_recommend.__file__).parent
    copy = tmp_path / "ham_recommend"
    shutil.copytree(package, copy, ignore=shutil.ignore_patterns("__pycache__"))
    records = copy / "records.py"
    before, after = records.read_text().split("    place: Texts", 1)
    records.write_text(f"{before}{LINE}    place: Texts{after}")
    subprocess.run([sys.executable, "-c", PROGRAM, str(tmp_path)], cwd=tmp_path, check=True)
