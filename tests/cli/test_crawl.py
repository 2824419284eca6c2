"""``ham crawl``, ``ham build MUSEUM``, ``ham info`` and ``ham purge``, against the fake museum."""

import json
import re
import shlex
import sqlite3
import time
from datetime import datetime, timedelta

import pytest

from ham_recommend.builder.build import build
from ham_recommend.builder.merge import merge
from ham_recommend.cli.crawl import in_words, print_report
from ham_recommend.errors import DataWarning
from ham_recommend.sample_museum.source import SampleSource
from ham_recommend.sources.crawled import CrawlReport, Progress
from ham_recommend.sources.harvard import HarvardSource
from ham_recommend.sources.met import MetSource
from ham_recommend.testing.fake_museum import FakeMuseum, harvard_works

KEY = "5e77a1de-f00d-4bad-cafe-fedcba987654"


@pytest.fixture
def museum(monkeypatch):
    objects, annotations = harvard_works(90)
    with FakeMuseum(objects, annotations, key=KEY) as open_museum:
        monkeypatch.setattr(HarvardSource, "api", open_museum.url)
        monkeypatch.setattr(HarvardSource, "rate", 1e6)
        monkeypatch.setenv("HAM_API_KEY", KEY)
        monkeypatch.setenv("HAM_ALLOW_PRIVATE", open_museum.place)
        yield open_museum


@pytest.fixture
def out(tmp_path):
    return tmp_path / "collection"


def age(out, days):
    """Make the records of a workspace older: those crawled, those built, and those of a build cut short."""
    for path in out.glob("1-raw/*/crawl.sqlite"):
        with sqlite3.connect(path) as ledger:
            ledger.execute("UPDATE crawl SET started = started - ?", (days * 86_400,))
        ledger.close()

    def earlier(found):
        return f'"fetched": "{datetime.fromisoformat(found[1]) - timedelta(days=days)}"'

    for path in [*out.glob("manifest.json"), *out.glob(".draft/manifest.json")]:
        path.write_text(re.sub('"fetched": "(.+)"', earlier, path.read_text()))


def files_with(out, text):
    """Return the files in which a text is found, plainly or in a table."""
    return [path for path in out.rglob("*") if path.is_file() and text in path.read_bytes()]


def test_crawl_then_build_then_search(ham, museum, out):
    code, text, _ = ham("crawl", "harvard", "--out", out)
    assert code == 0
    assert "90 works of harvard" in text
    assert f"ham build harvard --out {out}" in text.replace("\n", "")
    calls = museum.count()
    code, text, _ = ham("build", "harvard", "--out", out, "--image-encoder", "none")
    assert code == 0
    assert "90 works" in text
    assert museum.count() == calls
    code, text, _ = ham("search", out, "two dancers", "--json")
    assert json.loads(text)["hits"][0]["title"].startswith("Two dancers")


@pytest.mark.parametrize(
    "command",
    [
        ["purge"],
        *([group, name] for group in ("build", "crawl") for name in ("harvard", "met", "artic", "smk")),
    ],
)
def test_help_gives_examples(ham, command):
    code, text, _ = ham(*command, "--help")
    assert code == 0
    assert f"ham {' '.join(command)}" in text
    assert "--json" in text


def test_build_crawls_what_is_missing(ham, museum, out):
    assert ham("build", "harvard", "--out", out, "--limit", 30, "--image-encoder", "none")[0] == 0
    assert len(json.loads((out / "manifest.json").read_text())["files"]) > 3
    code, text, _ = ham("build", "harvard", "--out", out, "--image-encoder", "none", "--json")
    assert code == 0
    assert json.loads(text)["works"] == 90


@pytest.mark.parametrize("command", ["crawl", "build"])
def test_a_crawl_of_everything_is_not_replaced_by_a_few_works(ham, museum, out, command):
    ham("crawl", "harvard", "--out", out)
    code, _, problem = ham(command, "harvard", "--out", out, "--limit", 5)
    assert code == 2
    assert "90 works" in problem
    assert ham("purge", out, "--everything")[0] == 0
    assert ham(command, "harvard", "--out", out, "--limit", 5)[0] == 0


def test_an_interrupted_crawl_says_so_and_goes_on(ham, museum, out, monkeypatch):
    monkeypatch.setattr(HarvardSource, "daily_calls", 1)
    code, _, problem = ham("crawl", "harvard", "--out", out, "--no-wait")
    assert code == 1
    assert "24 hours are used up" in problem
    code, text, _ = ham("info", out)
    assert code == 0
    assert "unfinished" in text
    monkeypatch.setattr(HarvardSource, "daily_calls", 100)
    assert ham("crawl", "harvard", "--out", out, "--no-wait")[0] == 0
    assert museum.count() == -(-len(museum.objects) // 100) + -(-len(museum.annotations) // 100)


def test_json_tells_what_changed(ham, museum, out):
    ham("crawl", "harvard", "--out", out)
    museum.objects[0].update(title="Renamed", lastupdate="2026-06-02")
    code, text, _ = ham("crawl", "harvard", "--out", out, "--since", "2026-06-01", "--json")
    assert code == 0
    content = json.loads(text)
    assert (content["works"], content["added"], content["changed"]) == (90, 0, 1)


def test_the_next_command_builds_the_same_part(ham, museum, out):
    _, text, _ = ham("crawl", "harvard", "--out", out, "--query", "classification:Prints", "--limit", 5)
    line = text.replace("\n", "").partition("Now run: ham ")[2]
    calls = museum.count()
    assert ham(*shlex.split(line), "--image-encoder", "none")[0] == 0
    assert museum.count() == calls


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["crawl", "louvre"], "Known: "),
        (["crawl", "sample"], "ham build sample"),
        (["crawl", "harvard", "--since", "yesterday"], "--since"),
        (["crawl", "harvard", "--since", "2026-01-01"], "without --since"),
        (["crawl", "harvard", "--limit", "0"], "--limit"),
    ],
)
def test_mistakes_are_answered_with_what_to_do(ham, museum, out, arguments, hint):
    code, _, problem = ham(*arguments, "--out", out)
    assert code == 2
    assert hint in problem
    assert museum.count() == 0


def test_without_a_key_the_error_says_where_to_get_one(ham, museum, out, monkeypatch):
    monkeypatch.delenv("HAM_API_KEY")
    code, _, problem = ham("crawl", "harvard", "--out", out)
    assert code == 2
    assert "HAM_API_KEY" in problem
    assert "https://" in problem


def test_info_shows_ages(ham, museum, out):
    ham("build", "harvard", "--out", out, "--image-encoder", "none")
    age(out, 3)
    raw = json.loads(ham("info", out, "--json")[1])["raw"]["harvard"]
    assert raw["age_days"] == pytest.approx(3.0, abs=0.01)
    assert (raw["term_days"], raw["stale"], raw["complete"]) == (14, False, True)
    assert raw["calls_left_today"] == 2_500 - museum.count()
    assert "3 days" in ham("info", out)[1]
    age(out, 12)
    assert "older than allowed" in ham("info", out)[1]


def test_stale_records_warn_when_built_from(ham, museum, out):
    ham("crawl", "harvard", "--out", out)
    age(out, 15)
    with pytest.warns(DataWarning, match="14 days"):
        build(HarvardSource(), out, image_encoder=None, progress=False)


def test_build_refreshes_stale_records(ham, museum, out):
    ham("build", "harvard", "--out", out, "--image-encoder", "none")
    age(out, 15)
    calls = museum.count()
    code, _, problem = ham("build", "harvard", "--out", out, "--image-encoder", "none")
    assert code == 0
    assert "days" not in problem
    assert museum.count() == 2 * calls


def test_purge_removes_what_is_too_old_and_says_what_else_holds_it(ham, museum, out):
    ham("build", "harvard", "--out", out, "--image-encoder", "none")
    code, text, _ = ham("purge", out)
    assert code == 0
    assert "0 raw files" in text
    age(out, 15)
    code, text, _ = ham("purge", out)
    assert code == 0
    assert "2 raw files" in text
    assert "2-catalog/catalog.parquet" in text
    assert list(out.glob("1-raw/harvard/*.jsonl.gz")) == []
    assert ham("search", out, "dancers")[0] == 0
    code, text, _ = ham("purge", out, "--built")
    assert code == 0
    assert list(out.rglob("*.parquet")) == []
    shown = " ".join(ham("info", out)[1].split())
    assert "removed by `ham purge`" in shown
    assert "ham build harvard" in shown
    code, _, problem = ham("search", out, "dancers")
    assert code == 2
    assert "ham build harvard" in problem


def test_purge_removes_records_whose_ledger_is_gone(ham, museum, out):
    ham("crawl", "harvard", "--out", out)
    (out / "1-raw" / "harvard" / "crawl.sqlite").unlink()
    code, text, _ = ham("purge", out)
    assert code == 0
    assert "2 raw files" in text
    assert files_with(out, b"dancers") == []


def test_what_is_young_enough_stays_unless_everything_is_to_go(ham, museum, out):
    ham("build", "harvard", "--out", out, "--image-encoder", "none")
    assert json.loads(ham("purge", out, "--built", "--json")[1])["built_removed"] is False
    assert ham("search", out, "dancers")[0] == 0
    assert json.loads(ham("purge", out, "--built", "--everything", "--json")[1])["built_removed"] is True
    assert files_with(out, b"dancers") == []


def test_a_joined_collection_knows_how_old_its_records_are(ham, museum, out, tmp_path):
    for part, source in {"one": "harvard", "two": "harvard", "other": "sample"}.items():
        ham("build", source, "--limit", 50, "--out", tmp_path / part, "--image-encoder", "none")
    age(tmp_path / "two", 10)
    assert ham("merge", *(tmp_path / part for part in ("one", "two", "other")), "--out", out)[0] == 0
    harvard, sample = json.loads(ham("info", out, "--json")[1])["origins"]
    assert (harvard["source"], harvard["term_days"], harvard["stale"]) == ("harvard", 14, False)
    assert harvard["age_days"] == pytest.approx(10.0, abs=0.01)
    assert (sample["source"], sample["age_days"], sample["term_days"]) == ("sample", None, None)
    assert "10 days old, may be kept for 14 days" in " ".join(ham("info", out)[1].split())
    assert ham("purge", out, "--built")[0] == 0
    assert ham("search", out, "dancers")[0] == 0
    age(out, 5)
    assert "older than allowed" in ham("info", out)[1]
    with pytest.warns(DataWarning, match="14 days"):
        build(SampleSource(5), out, image_encoder=None, add=True, progress=False)
    assert json.loads(ham("info", out, "--json")[1])["origins"][0]["stale"]
    with pytest.warns(DataWarning, match="14 days"):
        merge(tmp_path / "again", [out, tmp_path / "one"], progress=False)
    assert json.loads(ham("purge", out, "--built", "--json")[1])["built_removed"] is True
    assert ham("search", out, "dancers")[0] == 2


def test_adding_the_records_again_makes_them_young(ham, museum, out):
    build(SampleSource(5), out, image_encoder=None, progress=False)
    ham("build", "harvard", "--out", out, "--image-encoder", "none", "--add")
    age(out, 15)
    assert ham("build", "harvard", "--out", out, "--image-encoder", "none", "--add")[0] == 0
    assert [one["stale"] for one in json.loads(ham("info", out, "--json")[1])["origins"]] == [False, False]


@pytest.mark.parametrize("before", [False, True])
def test_purge_removes_what_a_killed_build_left(ham, museum, out, monkeypatch, before):
    if before:
        build(SampleSource(5), out, image_encoder=None, progress=False)
    ham("crawl", "harvard", "--out", out)

    def stopped(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("ham_recommend.builder.build.write_text_index", stopped)
        build(HarvardSource(), out, image_encoder=None, progress=False)
    ham("purge", out, "--built")
    assert files_with(out / ".draft", b"dancers") != []
    age(out, 15)
    text = ham("purge", out)[1]
    assert ".draft/2-catalog/catalog.parquet" in text
    assert ham("purge", out, "--built")[0] == 0
    assert files_with(out, b"dancers") == []
    assert ham("info", out)[0] == (0 if before else 2)


def test_purge_removes_a_file_that_was_half_written_when_the_build_was_killed(ham, out):
    half = out / ".draft" / "2-catalog" / "catalog.parquet.partial"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"two dancers")
    assert ham("purge", out, "--built")[0] == 0
    assert files_with(out, b"dancers") == []


def test_purge_leaves_other_collections_alone(ham, museum, out, tmp_path):
    assert ham("build", "sample", "--limit", 5, "--out", out, "--image-encoder", "none")[0] == 0
    code, text, _ = ham("purge", out, "--built", "--everything", "--json")
    assert code == 0
    assert json.loads(text) == {"removed": [], "built_from_them": [], "built_removed": False}
    assert ham("info", out)[0] == 0
    assert ham("purge", tmp_path / "nothing")[0] == 2


def test_purge_everything_ends_an_unfinished_crawl(ham, museum, out, monkeypatch):
    monkeypatch.setattr(HarvardSource, "daily_calls", 1)
    ham("crawl", "harvard", "--out", out, "--no-wait")
    monkeypatch.setattr(HarvardSource, "daily_calls", 100)
    assert ham("crawl", "harvard", "--out", out, "--limit", 5)[0] == 2
    assert ham("purge", out, "--everything")[0] == 0
    assert ham("crawl", "harvard", "--out", out, "--limit", 5)[0] == 0


def test_the_key_is_in_no_file_of_a_built_collection(ham, museum, out):
    ham("--verbose", "build", "harvard", "--out", out, "--image-encoder", "none")
    files = [path for path in out.rglob("*") if path.is_file()]
    assert len(files) > 5
    assert [path for path in files if KEY.encode() in path.read_bytes()] == []


def test_works_that_were_passed_over_are_told(out, capsys):
    print_report(
        MetSource(folder=out), CrawlReport(records=59, added=59, changed=0, vanished=0, missed=1), out
    )
    assert "1 passed over" in capsys.readouterr().out


def test_one_line_says_what_is_done_left_and_when_it_ends():
    noon = time.mktime((2026, 11, 23, 12, 0, 0, 0, 0, -1))
    progress = Progress(12_300, 517_243, 1_230, noon)
    assert in_words(progress) == (
        "12,300 of 517,243 records, 504,943 left · 1,230 calls left today · finished about Mon 23 Nov 12:00"
    )
    waiting = Progress(12_300, None, 0, None, waits_until=noon)
    assert in_words(waiting) == "12,300 records · 0 calls left today · goes on Mon 23 Nov 12:00"
    assert in_words(Progress(7, None, None, None)) == "7 records"
