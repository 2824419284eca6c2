"""A stranger's package: its museum and its file format are crawled and built through ``ham`` like our own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ham_recommend.testing.fake_museum import FakeMuseum, json_answer

HAM = str(Path(sys.executable).with_name("ham"))
STRANGER = '''
"""A museum and a file format, over the public modules alone."""

import os
from pathlib import Path

from ham_recommend.errors import RecordError, SourceError
from ham_recommend.records import Problem, RawRecord
from ham_recommend.sources.base import LIMIT, Option, Source, checked_limit
from ham_recommend.sources.crawled import CrawledSource, Page, records_in
from ham_recommend.sources.json_values import as_text, as_whole


class LouvreSource(CrawledSource):
    name = "louvre"
    title = "Musée du Louvre"
    help = "Titles come in one of several languages."
    api = os.environ.get("LOUVRE", "https://louvre.example")
    options = (*CrawledSource.options, Option(name="language", default="en", help="The language of titles."))
    rate = 1e6
    page_size = 10

    def __init__(self, query="", limit=None, *, language="en", **settings):
        super().__init__(query, limit, **settings)
        self.language = language

    def settings(self):
        return {**super().settings(), "language": self.language}

    def command(self):
        return super().command() + (f" --language {self.language}" if self.language != "en" else "")

    def page(self, request):
        start = int(request.cursor or 0)
        answer = self.ask(request, "works", {"start": start, "q": self.query, "lang": self.language})
        return Page.counted(records_in(self.name, answer, "works"), start, as_whole(answer.get("total")) or 0)

    def native_id(self, record):
        return as_text(record.get("ark"))

    def record(self, entry):
        if not entry.get("title"):
            raise RecordError("It has no title.")
        return RawRecord(item_id=f"louvre:{self.native_id(entry)}", title=as_text(entry["title"]))


class LinesSource(Source):
    name = "lines"
    title = "A text file, a title on each line"
    options = (
        Option(name="path", type=Path, flag="", metavar="FILE", help="The file."),
        LIMIT,
        Option(name="skip", metavar="TITLE", repeated=True, default=(), help="A title to leave out."),
        Option(name="upper", type=bool, default=False, help="In capitals."),
    )
    examples = ("titles.txt",)

    def __init__(self, path, *, limit=None, skip=(), upper=False):
        super().__init__()
        self.path, self.limit, self.skip, self.upper = Path(path), checked_limit(limit), skip, upper
        if not self.path.is_file():
            raise SourceError(f"There is no file {path}.")

    def fetch(self, *, since=None):
        self.problems.clear()
        for number, line in enumerate(self.path.read_text().splitlines()[: self.limit], start=1):
            if not line:
                self.problems.append(Problem(f"line {number}", "It is blank."))
            elif line not in self.skip:
                yield RawRecord(item_id=f"lines:{number}", title=line.upper() if self.upper else line)


class Nameless(LinesSource):
    name = "other"


class Clashing(LinesSource):
    name = "clashing"
    options = (Option(name="store", help="As one of ham's own."),)
'''
POINTS = """[ham_recommend.sources]
louvre = stranger:LouvreSource
lines = stranger:LinesSource
absent = stranger_that_is_not_there:Absent
misnamed = stranger:Nameless
clashing = stranger:Clashing
"""


@pytest.fixture
def stranger(tmp_path):
    """Return the folder into which the stranger's package was installed."""
    home = tmp_path / "site"
    meta = home / "ham_stranger-1.0.dist-info"
    meta.mkdir(parents=True)
    (home / "stranger.py").write_text(STRANGER, encoding="utf-8")
    (meta / "METADATA").write_text("Metadata-Version: 2.1\nName: ham-stranger\nVersion: 1.0\n")
    (meta / "entry_points.txt").write_text(POINTS)
    return home


@pytest.fixture
def ham(stranger, tmp_path):
    """Return what runs ``ham`` where the stranger's package is installed."""

    def run(*arguments, **environment):
        return subprocess.run(
            [HAM, *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            check=False,
            timeout=120,
            env={**os.environ, "PYTHONPATH": str(stranger), "COLUMNS": "200", **environment},
        )

    return run


def works_of(museum, asked):
    works = [
        {"ark": f"cl{number}", "title": f"{'Navire' if asked['lang'] == 'fr' else 'Ship'} {number}"}
        for number in range(25)
    ]
    works[7]["title"] = ""
    start = int(asked["start"])
    return json_answer({"total": len(works), "works": works[start : start + 10]})


def test_a_strangers_museum_is_crawled_and_built(ham, tmp_path):
    with FakeMuseum(dialects=[("/works", works_of)]) as museum:
        place = {"LOUVRE": museum.url, "HAM_ALLOW_PRIVATE": museum.place}
        crawled = ham("crawl", "louvre", "--language", "fr", "--out", "mine", **place)
        assert crawled.returncode == 0, crawled.stderr
        assert "25 works of louvre" in crawled.stdout
        assert "ham build louvre --language fr --out mine" in crawled.stdout
        calls = museum.count()
        assert calls == 3
        refused = ham("build", "louvre", "--out", "mine", "--image-encoder", "none", **place)
        assert refused.returncode == 2
        assert "no --query, --language fr, no --limit" in refused.stderr
        built = ham(
            "build", "louvre", "--language", "fr", "--out", "mine", "--image-encoder", "none", **place
        )
        assert built.returncode == 0, built.stderr
        assert "24 works" in built.stdout
        assert "louvre:cl7: It has no title." in built.stdout
        assert museum.count() == calls
    found = json.loads(ham("search", "mine", "navire 17", "--json").stdout)["hits"]
    assert found[0]["item_id"] == "louvre:cl17"
    shown = json.loads(ham("info", "mine", "--json").stdout)
    assert shown["command"].startswith("ham build louvre --language fr")
    assert shown["origins"][0]["settings"] == {"query": "", "limit": None, "language": "fr"}


def test_a_strangers_file_format_is_built_with_options_of_its_own(ham, tmp_path):
    (tmp_path / "titles.txt").write_text("Cat\n\nDog\nHorse\nShip\n")
    built = ham(
        "build",
        "lines",
        "titles.txt",
        "--skip",
        "Dog",
        "--skip",
        "Cat",
        "--upper",
        "--limit",
        4,
        "--out",
        "a",
    )
    assert built.returncode == 0, built.stderr
    assert "1 works" in built.stdout
    assert "line 2: It is blank." in built.stdout
    assert json.loads(ham("search", "a", "horse", "--json").stdout)["hits"][0]["title"] == "HORSE"
    missing = ham("build", "lines", "nothing.txt", "--out", "a")
    assert (missing.returncode, missing.stderr) == (2, "Error: There is no file nothing.txt.\n")
    none = ham("build", "lines", "--out", "a")
    assert none.returncode == 2
    assert "FILE" in none.stderr


def test_help_lists_strangers_and_names_what_is_broken_in_a_line(ham):
    shown = ham("build", "--help")
    assert shown.returncode == 0, shown.stderr
    for name, title in {
        "louvre": "Musée du Louvre",
        "lines": "A text file",
        "absent": "The source 'absent' of the package ham-stranger cannot be loaded: ModuleNotFoundError",
        "misnamed": "calls itself 'other'",
        "clashing": "The options of the source 'clashing' cannot be offered",
        "harvard": "Harvard Art Museums",
        "sample": "invented works",
    }.items():
        assert any(name in line and title in line for line in shown.stdout.splitlines()), name
    crawled = ham("crawl", "--help").stdout
    assert "louvre" in crawled
    assert "lines" not in crawled
    page = ham("build", "louvre", "--help").stdout
    for word in (
        "Musée du Louvre",
        "several languages",
        "--language",
        "--no-fetch-pictures",
        "ham build louvre --query",
    ):
        assert word in page
    assert "--fetch-pictures" not in ham("build", "lines", "--help").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["build", "absent", "file.txt", "--out", "a"], "ham-stranger cannot be loaded"),
        (["build", "misnamed", "--out", "a"], "calls itself 'other'"),
        (["crawl", "lines", "--out", "a"], "ham build lines"),
        (["crawl", "louver", "--out", "a"], "Known: louvre, "),
        (["build", "line", "--out", "a"], "Known: lines, "),
    ],
)
def test_a_broken_or_unknown_source_is_answered_in_one_line(ham, arguments, said):
    done = ham(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""
