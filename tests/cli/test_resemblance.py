"""``ham influence``, ``evolution``, ``bias`` and ``enrich``, as a stranger runs them."""

from __future__ import annotations

import json
import shutil

import pytest
from typer.testing import CliRunner

from ham_recommend.cli.main import app, exit_code
from ham_recommend.errors import HamRecommendError


def ham(*arguments, columns=100):
    """Run a command in this process; return its exit code and what it printed."""
    done = CliRunner(env={"COLUMNS": str(columns)}).invoke(app, [str(each) for each in arguments])
    if isinstance(done.exception, HamRecommendError):
        return exit_code(done.exception), str(done.exception)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def answer(*arguments):
    code, said = ham(*arguments, "--json")
    assert code == 0, said
    return json.loads(said)


@pytest.fixture(scope="module")
def asked(museum, tmp_path_factory):
    """Copy the small collection: what is asked of it is written into it."""
    return shutil.copytree(museum, tmp_path_factory.mktemp("resembling") / "sample")


@pytest.fixture(scope="module")
def item(recommender):
    works = [work for work in recommender.catalog if work.thumbnail and work.year_begin and work.artist]
    return sorted(works, key=lambda work: (work.year_begin, work.item_id))[len(works) // 2]


def test_every_question_has_a_table_and_json(asked, item):
    artist = item.artist.removeprefix("Attributed to ")
    for words in (
        ["artists", "-k", "5", "--draws", "19"],
        ["rank", "-k", "5"],
        ["communities"],
        ["bridges", artist, "culture=French", "--draws", "0"],
        ["reception", item.item_id],
        ["diffusion", "--least", "3"],
    ):
        found = answer("influence", words[0], asked, *words[1:])
        assert found["rows"], words
        assert "not evidence" in found["note"]
        code, said = ham("influence", words[0], asked, *words[1:], columns=80)
        assert code == 0
        assert "not evidence" in " ".join(said.split())
        assert max(map(len, said.splitlines())) <= 80
    for words in (["before", item.item_id], ["after", item.item_id], ["after", "--artist", artist]):
        found = answer("influence", words[0], asked, *words[1:])
        assert found["hits"]
        assert "not evidence" in found["note"]


def test_building_says_what_it_is_about_and_writes_files(asked, tmp_path):
    written = ("--graphml", tmp_path / "w.graphml", "--parquet", tmp_path / "e.parquet")
    found = answer("influence", "build", asked, *written)
    assert found["dated"] + found["undated"] <= found["works"] == 240
    assert found["edges"] > 1000
    assert sorted(path.name for path in tmp_path.iterdir()) == ["e.parquet", "w.graphml"]


def test_a_tour_goes_on_in_time(asked, item, recommender):
    later = answer("influence", "after", asked, item.item_id, "-k", "1")["hits"][0]["item_id"]
    rows = answer("influence", "tour", asked, item.item_id, later, "--stops", "4")["rows"]
    assert [rows[0]["item_id"], rows[-1]["item_id"]] == [item.item_id, later]


def test_evolution_and_bias(asked, tmp_path):
    steps = answer("evolution", asked, "portrait", "--years", "1600:2000", "--step", "100")["rows"]
    assert [row["years"] for row in steps] == ["1600–1699", "1700–1799", "1800–1899", "1900–2000"]
    (tmp_path / "asked.txt").write_text("ships\ncat\n", encoding="utf-8")
    page = tmp_path / "bias.html"
    found = answer("bias", asked, "--queries", tmp_path / "asked.txt", "--html", page, "--fair", "culture")
    assert found["asked"] == ["ships", "cat"]
    assert page.read_text("utf-8").startswith("<!doctype html>")
    code, said = ham("bias", asked, "--queries", tmp_path / "asked.txt")
    assert code == 0
    assert "By culture" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["influence", "before", "{}", "sample:99999"], "No work has the item_id"),
        (["influence", "artists", "{}", "Zzyzx Qqq"], "No artist with dated works is called"),
        (["influence", "after", "{}", "zzzqqq"], "No work with a picture vector and a date is in the group"),
        (["influence", "after", "{}"], "Say what later works should resemble"),
        (["influence", "after", "{}", "cat", "--years", "1900:1800"], "end before they begin"),
        (["influence", "before", "{}", "sample:1", "--encoder", "clip"], "no picture vectors of 'clip'"),
        (["influence", "build", "{}", "--edges", "0"], "1 to 50"),
        (["influence", "diffusion", "{}", "--by", "taste"], "Unknown field to group by"),
        (["influence", "fuse", "{}", "style"], "is not ENCODER=WEIGHT"),
        (["evolution", "{}", "portrait", "--step", "0"], "1 to 1,000 years"),
        (["bias", "{}", "--fair", "height"], "Unknown field to be fair by"),
        (["enrich", "{}", "nowhere.csv"], "cannot be read as a table"),
    ],
)
def test_bad_input_is_one_sentence(asked, words, said):
    code, told = ham(*(str(asked) if word == "{}" else word for word in words))
    assert code == 2
    assert said in told
    assert "Traceback" not in told


def test_a_collection_without_dates_says_so(tmp_path):
    (tmp_path / "works.csv").write_text("id,title\n1,Cat\n2,Dog\n", encoding="utf-8")
    assert ham("build", "table", tmp_path / "works.csv", "--out", tmp_path / "out")[0] == 0
    code, told = ham("influence", "rank", tmp_path / "out")
    assert code == 2
    assert "no picture vectors" in told


def test_enriching_says_what_is_known_now(museum, recommender, tmp_path):
    own = tmp_path / "own"
    shutil.copytree(museum, own)
    names = sorted(
        {work.artist for work in recommender.catalog if work.artist and "Attrib" not in work.artist}
    )
    lines = [f'"{name}",1800,1880,female' for name in names[:5] if ";" not in name]
    (tmp_path / "artists.csv").write_text("\n".join(["artist,born,died,gender", *lines]), encoding="utf-8")
    found = answer("enrich", own, tmp_path / "artists.csv")
    assert 0 < found["matched"] <= 5
    assert found["known"]["gender"] == found["matched_works"]
    code, said = ham("enrich", own, tmp_path / "artists.csv")
    assert code == 0
    assert "artists are in the table" in said


def test_a_map_is_made_added_to_and_described(museum, tmp_path):
    folder = tmp_path / "sample"
    shutil.copytree(museum, folder)
    code, said = ham("map", "info", folder)
    assert (code, "ham map build" in said) == (2, True)
    made = answer("map", "build", folder, "--method", "pca")
    assert made["works"] == made["laid_out"] > 200
    assert made["current"]
    assert 0.5 < made["trustworthiness"] <= 1
    code, said = ham("map", "build", folder, columns=80)
    assert code == 0
    assert "are on the map" in said
    code, said = ham("map", "info", folder, columns=80)
    assert code == 0
    assert "Regions: " in said
    code, said = ham("map", "build", folder, "--method", "tsne")
    assert (code, "pca, umap" in said) == (2, True)
    code, said = ham("map", "build", folder, "--vectors", "clip")
    assert (code, "no picture vectors of 'clip'" in said) == (2, True)
