"""The command line, run as a stranger runs it: real processes, real files, exit codes and words."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HAM = str(Path(sys.executable).with_name("ham"))
COMMANDS = (
    ["build", "sample"],
    ["build", "table"],
    ["build", "folder"],
    ["search"],
    ["recommend"],
    ["similar"],
    ["info"],
)


def ham(*arguments, cwd=None, **environment):
    command = [HAM, *map(str, arguments)]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=cwd,
        check=False,
        timeout=120,
        env={**os.environ, "COLUMNS": "300", **environment},
    )


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """Return a small sample collection, built by the command itself."""
    out = tmp_path_factory.mktemp("cli") / "sample"
    done = ham("build", "sample", "--limit", 40, "--out", out)
    assert done.returncode == 0, done.stderr
    assert "40 works" in done.stdout
    return out


def answer(*arguments):
    done = ham(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def check_answer(content, k):
    assert set(content) == {
        "query", "where", "corrected", "suggested", "understood", "total", "fit", "ignored", "saying",
        "hits", "ms",
    }  # fmt: skip
    assert 0 < len(content["hits"]) <= k
    assert [hit["rank"] for hit in content["hits"]] == list(range(1, len(content["hits"]) + 1))
    scores = [hit["score"] for hit in content["hits"]]
    if isinstance(content["query"], str):
        assert scores == sorted(scores, reverse=True)
    for hit in content["hits"]:
        wanted = {"rank", "item_id", "score", "channels", "title", "artist", "date", "picture"}
        assert wanted <= set(hit)
        assert hit["picture"] is None or Path(hit["picture"]).is_file()


def test_search(workspace):
    content = answer("search", workspace, "a portrait", "-k", 5)
    check_answer(content, 5)
    assert content["query"] == "a portrait"


def test_search_says_what_was_corrected(workspace):
    assert answer("search", workspace, "portrayt")["corrected"] == {"portrayt": "portrait"}
    assert "Searched for portrait instead of portrayt" in ham("search", workspace, "portrayt").stdout
    assert answer("search", workspace, "portrayt", "--as-is")["corrected"] == {}


def test_a_search_says_what_a_word_may_mean_that_nothing_fits(workspace):
    assert answer("search", workspace, "catt")["suggested"] == {"catt": "cat"}
    assert "Nothing fits catt. Did you mean cat?" in ham("search", workspace, "catt").stdout
    assert answer("search", workspace, "catt", "--as-is")["suggested"] == {}


def test_search_within_years(workspace):
    content = answer("search", workspace, "painting", "--where", "years=1800:1900", "-k", 30)
    everything = answer("search", workspace, "painting", "-k", 30)
    assert len(content["hits"]) < len(everything["hits"])


def test_recommend_and_similar(workspace):
    liked = [hit["item_id"] for hit in answer("search", workspace, "a portrait", "-k", 2)["hits"]]
    content = answer("recommend", workspace, "--like", liked[0], "--like", liked[1], "-k", 5)
    check_answer(content, 5)
    assert content["query"] == {"liked": liked, "disliked": []}
    assert not {hit["item_id"] for hit in content["hits"]} & set(liked)
    check_answer(answer("similar", workspace, liked[0], "-k", 5), 5)
    plain = answer("recommend", workspace, "--like", liked[0], "--strategy", "mean", "--dislike", liked[1])
    check_answer(plain, 12)


def test_ways_without_words(workspace):
    first = answer("surprise", workspace, "-k", 4)
    again = answer("surprise", workspace, "-k", 4, "--drawn", first["query"]["drawn"])
    assert [hit["item_id"] for hit in again["hits"]] == [hit["item_id"] for hit in first["hits"]]
    leafed = answer("browse", workspace, "--where", "classification=painting", "-k", 50)
    assert {hit["classification"] for hit in leafed["hits"]} == {"Paintings"}
    assert leafed["found"] >= len(leafed["hits"]) > 0
    assert answer("search", workspace, "--colour", "#2A559E", "-k", 2)["query"] == {"colour": "#2a559e"}
    assert "six hexadecimal digits" in ham("search", workspace, "--colour", "blue").stderr


def test_a_search_says_why_and_what_no_work_says(workspace):
    content = answer("search", workspace, "a portrait of qqqq", "--as-is", "-k", 1)
    assert content["ignored"] == ["qqqq"]
    assert content["hits"][0]["why"].startswith("portrait – ")
    shown = ham("search", workspace, "a portrait of qqqq", "--as-is", "-k", 1).stdout
    assert "No work says qqqq." in shown
    assert "portrait – " in shown


def test_tables_for_people(workspace):
    shown = ham("search", workspace, "a portrait", "-k", 3)
    assert shown.returncode == 0
    assert "Title" in shown.stdout
    assert "3 works in" in shown.stdout


@pytest.mark.parametrize("width", [30, 40, 60, 80, 140])
def test_rank_and_score_stay_in_a_terminal_of_any_width(workspace, width):
    hits = answer("search", workspace, "a portrait", "-k", 12)["hits"]
    shown = ham("search", workspace, "a portrait", "-k", 12, COLUMNS=str(width)).stdout.splitlines()
    assert max(map(len, shown)) <= width
    assert ("Artist" in shown[2], "Date" in shown[2]) == (width >= 60, width >= 60)
    found = [match for line in shown if (match := re.fullmatch(r" *(\d+) .* (-?\d\.\d\d) *", line))]
    assert [int(match[1]) for match in found] == [hit["rank"] for hit in hits]
    if width < 110:
        assert [match[2] for match in found] == [f"{hit['score']:.2f}" for hit in hits]


def test_info(workspace):
    content = answer("info", workspace)
    assert content["works"] == 40
    assert content["image_encoder"] == "style"
    assert "manifest.json" not in content["files"]
    assert content["command"] == f"ham build sample --limit 40 --out {workspace}"
    assert "Picture encoder" in ham("info", workspace).stdout


def test_several_encoders(workspace, tmp_path):
    out = shutil.copytree(workspace, tmp_path / "copy")
    done = ham("build", "sample", "--limit", 40, "--image-encoder", "colour", "--out", out)
    assert done.returncode == 0, done.stderr
    content = answer("info", out, "--verify")
    assert content["image_encoder"] == "colour"
    assert {name: made["lacking"] for name, made in content["encoders"].items()} == {"style": 0, "colour": 0}
    liked = answer("search", out, "a portrait", "-k", 1, "--encoder", "none")["hits"][0]
    assert liked["channels"].get("picture") is None
    scores = {
        name: answer("similar", out, liked["item_id"], "-k", 1, "--encoder", name)["hits"][0]["channels"]
        for name in ("style", "colour")
    }
    assert scores["style"] != scores["colour"]
    refused = ham("recommend", out, "--like", liked["item_id"], "--encoder", "clip")
    assert refused.returncode == 2
    assert "It has: colour, style, none" in refused.stderr
    assert answer("purge", out, "--encoder", "colour")["encoder"] == "colour"
    assert list(answer("info", out)["encoders"]) == ["style"]


def test_a_damaged_thumbnail_is_found_by_verifying(workspace, tmp_path):
    out = shutil.copytree(workspace, tmp_path / "copy")
    thumbnail = next(out.glob("2-catalog/pictures/*/*.jpg"))
    thumbnail.write_bytes(b"\xff\xd9")
    assert ham("info", out).returncode == 0
    refused = ham("info", out, "--verify")
    assert refused.returncode == 1
    assert thumbnail.name in refused.stderr
    assert f"Mend the collection with: ham build sample --limit 40 --out {out}" in refused.stderr


def test_json_has_the_filters_and_every_field_to_cite(workspace):
    wanted = ("--where", "classification=Paintings", "--where", "years=1500:")
    content = answer("search", workspace, "a portrait", *wanted)
    assert content["where"] == {"classification": "Paintings", "years": [1500, None]}
    hit = content["hits"][0]
    assert hit["classification"] == "Paintings"
    assert hit["years"][0] <= hit["years"][1]
    assert hit["credit"]
    assert hit["page_url"] == "", "the sample museum has no pages"


def test_one_work_is_one_work(workspace):
    assert re.search(r"^1 work in \d+ ms", ham("search", workspace, "cat", "-k", 1).stdout, re.MULTILINE)


def test_the_values_to_filter_by_can_be_listed(workspace):
    facets = answer("info", workspace, "--facets")["facets"]
    kinds = dict(map(tuple, facets["classification"]))
    assert sum(kinds.values()) == 40
    shown = " ".join(ham("info", workspace, "--facets").stdout.split())
    for kind, works in kinds.items():
        assert f"{kind} ({works})" in shown
    assert "facets" not in answer("info", workspace)


def test_a_wrong_path_leads_to_the_collections_that_are_there(workspace):
    refused = ham("search", workspace.with_name("sampel"), "cat")
    assert refused.returncode == 2
    assert f"Did you mean {workspace}? In {workspace.parent} there are: sample" in refused.stderr
    assert "ham build" not in refused.stderr


@pytest.mark.parametrize("width", [60, 80, 110])
def test_ids_are_whole_on_any_terminal(tmp_path, width):
    names = ("a work of some length 0001", "x-" * 18 + "1")
    rows = "".join(f'{name},Cat,"Anna of the Long Name, the Elder",about 1900\n' for name in names)
    (tmp_path / "works.csv").write_text(f"id,title,artist,date\n{rows}")
    assert ham("build", "table", tmp_path / "works.csv", "--out", tmp_path / "out").returncode == 0
    shown = ham("search", tmp_path / "out", "cat", COLUMNS=str(width)).stdout
    for name in names:
        assert f"table:{name}" in shown


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_switch_has_no_value_in_the_help(command):
    assert "bool" not in ham(*command, "--help").stdout.lower()


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_gives_examples(command):
    shown = ham(*command, "--help")
    assert shown.returncode == 0
    assert f"ham {' '.join(command)}" in shown.stdout
    assert "--json" in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["search", "nowhere", "cat"], "ham build sample --out"),
        (["search", "{workspace}", ""], "nothing to search for"),
        (["search", "{workspace}", "cat", "-k", "0"], "-k"),
        (["search", "{workspace}", "cat", "--where", "colour=red"], "classification"),
        (["search", "{workspace}", "cat", "--where", "classification"], "classification"),
        (["search", "{workspace}", "cat", "--where", "classification=Paintigs"], "There are: Paintings ("),
        (["similar", "{workspace}", "sample:1", "--where", "culture=Dutchh"], "There are: Dutch"),
        (["build", "sample", "--out", "{workspace}/manifest.json"], "is a file"),
        (["search", "{workspace}", "cat", "--where", "years=long ago"], "1800:1900"),
        (["recommend", "{workspace}", "--like", "sample:no"], "sample:no"),
        (["recommend", "{workspace}"], "--like"),
        (["recommend", "{workspace}", "--like", "sample:1", "--strategy", "guess"], "interleave"),
        (["similar", "{workspace}", "sample:no"], "sample:no"),
        (["info", "nowhere"], "no collection"),
        (["build", "table", "nowhere.csv", "--out", "x"], "nowhere.csv"),
        (["build", "folder", "nowhere", "--out", "x"], "nowhere"),
        (["build", "table", "nowhere.csv", "--out", "x", "--map", "title"], "field=column"),
        (["build", "sample", "--out", "x", "--image-encoder", "styl"], "style"),
        (["build", "sample", "--out", ""], "no name"),
        (["crawl", "smk", "--out", ""], "no name"),
        (["search", "", "cat"], "no name"),
        (["paint"], "paint"),
    ],
)
def test_your_input_exits_with_2_and_says_what_to_do(workspace, tmp_path, arguments, said):
    done = ham(*(argument.format(workspace=workspace) for argument in arguments), cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not done.stdout


def test_our_failure_exits_with_1(workspace, tmp_path):
    import shutil

    damaged = tmp_path / "damaged"
    shutil.copytree(workspace, damaged)
    (damaged / "2-catalog" / "catalog.parquet").write_bytes(b"PAR1 and no more")
    done = ham("search", damaged, "cat")
    assert done.returncode == 1
    assert f"Mend the collection with: ham build sample --limit 40 --out {damaged}\n" in done.stderr
    assert "Traceback" not in done.stderr


def test_table_with_a_bad_row_names_it(tmp_path):
    (tmp_path / "works.csv").write_text(
        "Nr,Titel\n1,Ein Schiff im Sturm\n,Ohne Nummer\n3,Katze\n", encoding="utf-8"
    )
    done = ham(
        "build",
        "table",
        "works.csv",
        "--out",
        "mine",
        "--map",
        "item_id=Nr",
        "--map",
        "title=Titel",
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "2 works" in done.stdout
    assert "3" in done.stdout.split("Problems: 1")[1]
    found = json.loads(ham("search", tmp_path / "mine", "katze", "--json").stdout)
    assert found["hits"][0]["title"] == "Katze"


def test_command_that_a_source_tells_reads_the_same_works(tmp_path):
    from ham_recommend.sources.table import TableSource

    table = tmp_path / "my works.csv"
    table.write_text("Nr,Titel der Katze,alt_text\n1,Kater,x\n2,Katze,y\n3,Hund,z\n", encoding="utf-8")
    source = TableSource(
        table, mapping={"item_id": "Nr", "title": "Titel der Katze"}, ignore=["alt_text"], limit=2
    )
    done = ham(
        "build", *shlex.split(source.command()), "--out", "mine", "--image-encoder", "none", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(ham("search", tmp_path / "mine", "katze", "--json").stdout)["hits"]
    assert [hit["title"] for hit in found if hit["score"] > 0.5] == ["Katze"]
    content = json.loads(ham("info", tmp_path / "mine", "--json").stdout)
    assert content["works"] == 2
    assert [one["settings"] for one in content["origins"]] == [dict(source.settings())]


def test_command_that_a_joined_collection_tells_joins_it_again(workspace, tmp_path):
    done = ham("merge", workspace, "--out", tmp_path / "joined")
    assert done.returncode == 0, done.stderr
    shown = answer("info", tmp_path / "joined")
    assert shown["works"] == 40
    assert shown["command"] == f"ham merge {workspace} --out {tmp_path / 'joined'}"
    assert ham(*shlex.split(shown["command"])[1:]).returncode == 0


def test_terminal_without_the_letters_is_served_too(tmp_path):
    (tmp_path / "works.csv").write_text("id,title\n1,Kočka 猫 cat\n", encoding="utf-8")
    done = ham("build", "table", tmp_path / "works.csv", "--out", tmp_path / "out", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    shown = ham("search", tmp_path / "out", "cat", PYTHONIOENCODING="ascii")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "table:1" in shown.stdout
    shown = ham("search", tmp_path / "out", "cat", "--json", PYTHONIOENCODING="ascii")
    assert json.loads(shown.stdout)["hits"][0]["title"] == "Kočka 猫 cat"


def test_version():
    assert ham("--version").stdout.startswith("ham ")
