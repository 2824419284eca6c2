"""The procedural museum: the same every time, dirty as a real one, and with right answers in it."""

import gc
import hashlib
import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ham_recommend.errors import SettingsError, SourceError
from ham_recommend.sample_museum import plan
from ham_recommend.sample_museum.artists import ARTISTS
from ham_recommend.sample_museum.dirt import harvard_json
from ham_recommend.sample_museum.drawn import draw
from ham_recommend.sample_museum.hues import hues
from ham_recommend.sample_museum.manners import MANNERS
from ham_recommend.sample_museum.motifs import MOTIFS
from ham_recommend.sample_museum.palettes import PALETTES
from ham_recommend.sample_museum.scene import Scene
from ham_recommend.sample_museum.source import SampleSource
from ham_recommend.sample_museum.words import VOICES, Glance

QUERIES = (
    "circus cat",
    "jumping cat",
    "vibrant abstract landscape",
    "blue painting",
    "ancient Chinese vase",
    "17th century portrait",
    "black and white family in a city",
    "ships in a storm",
    "dancer",
)
MANY = 600


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return SampleSource(count=36, seed=7, folder=tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="module")
def records(source):
    return list(source.fetch())


@pytest.fixture(scope="module")
def truth():
    return SampleSource(count=MANY).truth


@pytest.fixture(scope="module")
def entries():
    """Return records as the API would give them, over small blank pictures, for counting the dirt."""
    blank = Image.new("RGB", (48, 48), (40, 90, 160))
    found = []
    for work in plan.works(MANY, 3):
        sight = _sight(work)
        found.append(harvard_json(work, _Blank(blank, sight), 3))
    return found


class _Blank:
    def __init__(self, picture, sight):
        self.picture, self.sight = picture, sight


def _sight(work, known={}):  # noqa: B006  one drawing per kind is enough here
    kind = (work.motif, work.variant)
    if kind not in known:
        scene = Scene((40, 40), PALETTES[work.palette], np.random.default_rng(0))
        known[kind] = MOTIFS[work.motif].draw(scene, work.variant)
    return known[kind]


def digests(source):
    records = [asdict(record) | {"picture": _digest(record.picture)} for record in source.fetch()]
    return hashlib.sha256(json.dumps(records, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _digest(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest() if path else ""


def test_the_same_seed_gives_the_same_bytes_in_another_process(tmp_path):
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from test_sample import digests;"
        "from ham_recommend.sample_museum.source import SampleSource;"
        "print(digests(SampleSource(count=5, seed=11, folder=sys.argv[2])))"
    )
    there = subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).parent), str(tmp_path / "there")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert there.stdout.strip() == digests(SampleSource(count=5, seed=11, folder=tmp_path / "here"))


def test_another_seed_gives_another_museum(tmp_path):
    one, other = (SampleSource(3, seed, tmp_path / str(seed)) for seed in (1, 2))
    assert digests(one) != digests(other)


def test_a_larger_museum_starts_with_the_smaller_one():
    small, large = SampleSource(count=20).truth, SampleSource(count=90).truth
    assert large.works[:20] == small.works


def test_records_and_pictures(records):
    assert [record.item_id for record in records] == [f"sample:{number}" for number in range(1, 37)]
    pictures = [record.picture for record in records if record.picture]
    assert len(pictures) > 30
    for path in pictures:
        with Image.open(path) as picture:
            assert (picture.mode, max(picture.size)) == ("RGB", 384)
    assert not any(record.page_url for record in records), "there is no museum to look at"


def test_invented_descriptions_name_no_company(records):
    voices = {(each.source, each.model) for record in records for each in record.descriptions}
    assert {source for source, _ in voices} == {"Imaginary", "Sample Museum"}
    assert len(voices) > 5


def test_pictures_hold_more_than_one_tone(records):
    for record in records:
        if record.picture:
            with Image.open(record.picture) as picture:
                assert np.asarray(picture.convert("L")).std() > 8, record.item_id


def test_it_is_drawn_only_as_far_as_it_is_read(tmp_path):
    source = SampleSource(count=5000, folder=tmp_path)
    first = next(source.fetch())
    assert first.item_id == "sample:1"
    assert len(list((tmp_path / "pictures").iterdir())) < 30


@pytest.mark.parametrize("motif", MOTIFS)
def test_every_motif_can_be_drawn_in_every_format(motif):
    for variant in MOTIFS[motif].variants:
        for shape in MOTIFS[motif].formats:
            scene = Scene((round(60 * shape), 60), PALETTES["meadow"], np.random.default_rng(5))
            sight = MOTIFS[motif].draw(scene, variant)
            plate = scene.plate(np.random.default_rng(5))
            assert plate.rgb.shape == (60, round(60 * shape), 3)
            assert plate.rgb.std() > 0.02
            assert all((sight.subject, sight.title, sight.objects, sight.setting, sight.mood, sight.subjects))


@pytest.mark.parametrize("manner", MANNERS)
def test_every_manner_keeps_shape_and_range(manner):
    scene = Scene((131, 97), PALETTES["clay"], np.random.default_rng(2))
    MOTIFS["fruit"].draw(scene, "bowl")
    plate = scene.plate(np.random.default_rng(3))
    before = plate.rgb.copy()
    painted = MANNERS[manner].paint(plate)
    assert painted.shape == (97, 131, 3)
    assert np.isfinite(painted).all() and painted.min() >= 0 and painted.max() <= 1
    assert (plate.rgb == before).all(), "a manner must not change the plate"
    assert np.abs(painted - plate.rgb).mean() > 0.005, "it must leave its mark"


def test_there_is_enough_to_see(truth):
    assert len({work.motif for work in truth.works}) >= 14
    assert len({work.manner for work in truth.works}) >= 8
    named = [artist for artist in ARTISTS if not artist.workshop]
    assert len({artist.name for artist in named}) >= 24
    assert all(1500 < artist.born < artist.died for artist in named)
    assert all(1600 <= artist.working[0] < artist.working[1] <= 1990 for artist in named)
    assert {work.artist for work in truth.works} == {artist.name for artist in ARTISTS}


@pytest.mark.parametrize("query", QUERIES)
def test_each_promised_search_has_right_answers(truth, query):
    assert len(truth.answers[query]) >= 10
    assert len(SampleSource(count=30).truth.answers[query]) >= 1


def test_answers_are_what_they_are_called(truth):
    works = {work.item_id: work for work in truth.works}
    assert all(1600 <= works[i].year < 1700 for i in truth.answers["17th century portrait"])
    assert all(works[i].year < 600 for i in truth.answers["ancient Chinese vase"])
    assert all(works[i].palette == "ultramarine" for i in truth.answers["blue painting"])


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("circus cat", {"circus", "cat"}),
        ("jumping cat", {"jumping", "cat"}),
        ("ancient Chinese vase", {"ancient", "chinese", "vase"}),
        ("black and white family in a city", {"black and white", "family", "city"}),
        ("17th century portrait", {"portrait"}),
        ("ships in a storm", {"ships", "storm"}),
        ("dancer", {"dancer"}),
    ],
)
def test_descriptions_say_what_was_drawn(query, words):
    work = next(work for work in plan.works(200, 5) if plan.ANSWERS[query](work))
    drawn = draw(work, 5)
    glance = Glance(work, drawn.sight, hues(drawn.picture), np.random.default_rng(0))
    texts = [write(glance).lower() for _, _, write in VOICES]
    assert sum(all(word in text for word in words) for text in texts) >= len(VOICES) / 2, texts


def test_colours_are_named_as_seen():
    assert hues(Image.new("RGB", (60, 60), "#2f5fae")).ruler == "blue"
    assert hues(Image.new("L", (60, 60), 90).convert("RGB")).colourless
    assert hues(Image.new("RGB", (60, 60), "#c4322a")).names == ("red",)
    blue = next(work for work in plan.works(200, 1) if plan.ANSWERS["blue painting"](work))
    assert "blue" in " ".join(hues(draw(blue, 1).picture).names)


def test_the_later_artist_took_it_from_the_earlier_one(truth):
    artists = {artist.name: artist for artist in ARTISTS if not artist.workshop}
    assert len(truth.influences) >= 24
    assert {influence.what for influence in truth.influences} == {"palette", "manner", "motif"}
    for influence in truth.influences:
        later, earlier = artists[influence.later], artists[influence.earlier]
        assert earlier.working[0] < later.working[0], influence
        if influence.what == "palette":
            assert later.palette == earlier.palette, influence
        elif influence.what == "manner":
            assert set(later.manners) & set(earlier.manners), influence
        else:
            assert set(later.motifs) & set(earlier.motifs), influence


def test_works_agree_with_their_makers(truth):
    known = {artist.name: artist for artist in ARTISTS if not artist.workshop}
    for work in truth.works:
        artist = known.get(work.artist)
        if artist:
            assert artist.working[0] <= work.year <= artist.working[1], work
            assert work.manner in artist.manners and work.palette == artist.palette, work


def test_truth_lies_beside_the_pictures(source, records):
    written = json.loads((source.folder / "truth.json").read_text(encoding="utf-8"))
    assert written == json.loads(json.dumps(asdict(source.truth)))
    assert [work["item_id"] for work in written["works"]] == [record.item_id for record in records]


def test_impressions_of_one_print_look_alike_but_are_not_the_same():
    again = next(work for work in plan.works(MANY, 1889) if work.plate != work.number)
    first = next(work for work in plan.works(MANY, 1889) if work.number == again.plate)
    assert MANNERS[first.manner].printed
    one, other = (np.asarray(draw(work, 1889).picture, dtype=float) for work in (first, again))
    assert one.shape == other.shape
    assert 0 < np.abs(one - other).mean() < 25
    assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.85


def test_impressions_are_some_of_the_works(truth):
    repeats = [work for work in truth.works if work.same_plate_as]
    assert 6 <= len(repeats) <= 60
    by_id = {work.item_id: work for work in truth.works}
    assert all(by_id[work.same_plate_as].motif == work.motif for work in repeats)


class TestDirt:
    def test_between_none_and_five_descriptions(self, entries):
        counts = [sum(a["type"] == "description" for a in annotations) for _, annotations in entries]
        assert set(counts) == {0, 1, 2, 3, 4, 5}
        voices = {(a["source"], a["model"]) for _, annotations in entries for a in annotations}
        assert len(voices) >= 6
        assert {a["type"] for _, annotations in entries for a in annotations} > {"description"}

    def test_refusals_and_html(self, entries):
        bodies = [a["body"] for _, annotations in entries for a in annotations]
        assert any(body.startswith("Content filtered.") for body in bodies)
        assert any("can't" in body for body in bodies)
        texts = json.dumps([entry for entry, _ in entries], ensure_ascii=False)
        for piece in ("MsoNormal", "&eacute;", "&nbsp;", "<script>", "<em>"):
            assert piece in texts, piece

    def test_dates_of_every_kind(self, entries):
        dates = {entry["dated"] for entry, _ in entries}
        assert {None, "", "n.d.", "17th century"} <= dates
        for kind in ("c. 1", " BCE", "s", "/", "–", "dated ", "probably ", "early ", "late ", "before "):
            assert any(kind in date for date in dates if date), kind
        years = [(entry.get("datebegin", "missing"), entry.get("dateend", "missing")) for entry, _ in entries]
        assert {(0, 0), (None, None), ("missing", "missing")} <= set(years)
        assert any(isinstance(begin, int) and begin < 0 for begin, _ in years)

    def test_pictures_are_missing_now_and_then(self, entries):
        pictureless = [e for e, _ in entries if not e.get("images") or e["imagepermissionlevel"] == 2]
        assert 0.015 < len(pictureless) / len(entries) < 0.08
        assert any("images" not in e for e in pictureless) and any(e.get("images") for e in pictureless)

    def test_fields_are_null_missing_or_of_another_type(self, entries):
        assert {type(entry["accessionyear"]) for entry, _ in entries} == {int, str}
        assert any("people" not in entry for entry, _ in entries)
        assert any(entry.get("people", ()) is None for entry, _ in entries)
        assert any(entry["title"] is None and entry["titles"] for entry, _ in entries)
        names = " ".join(e["people"][0]["name"] for e, _ in entries if e.get("people"))
        assert all(letter in names for letter in "Éíø石")

    def test_it_is_json(self, entries):
        assert json.loads(json.dumps(entries, allow_nan=False))


class TestArguments:
    @pytest.mark.parametrize("count", [0, -3, 10_001, 2.5, "600", None, True])
    def test_nonsense_counts(self, count):
        with pytest.raises(SettingsError, match="count must be a whole number from 1 to 10000"):
            SampleSource(count=count)

    @pytest.mark.parametrize("seed", [-1, 1.5, "x", None, 2**64])
    def test_nonsense_seeds(self, seed):
        with pytest.raises(SettingsError, match="seed"):
            SampleSource(count=3, seed=seed)

    def test_settings_and_count(self):
        source = SampleSource(count=12, seed=4)
        assert dict(source.settings()) == {"count": 12, "seed": 4}
        assert source.count() == 12

    def test_a_folder_that_cannot_be_made(self, tmp_path):
        (tmp_path / "file").write_text("in the way")
        with pytest.raises(SourceError, match="cannot be written"):
            next(SampleSource(count=1, folder=tmp_path / "file").fetch())

    def test_a_temporary_folder_goes_with_its_source(self):
        source = SampleSource(count=1)
        folder = source.folder
        assert folder.is_dir()
        del source
        gc.collect()
        assert not folder.exists()

    def test_a_source_that_settles_draws_there_even_after_a_first_fetch(self, tmp_path):
        source = SampleSource(count=1)
        list(source.fetch())
        source.settle(tmp_path / "kept")
        (record,) = source.fetch()
        assert Path(record.picture).is_relative_to(tmp_path / "kept")

    def test_a_chosen_folder_stays_chosen(self, tmp_path):
        source = SampleSource(count=1, folder=tmp_path / "mine")
        source.settle(tmp_path / "other")
        assert source.folder == tmp_path / "mine"


def test_the_command_tells_what_is_not_usual():
    assert SampleSource().command() == "sample"
    assert SampleSource(40, 3).command() == "sample --limit 40 --seed 3"
    assert SampleSource(seed=3).command() == "sample --seed 3"
