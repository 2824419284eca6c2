"""Citations: every style by its own rules, and a search that another process repeats from them."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_museum import build_collection, museum

from ham_recommend.answers import Query
from ham_recommend.errors import DataWarning, SettingsError, UnknownItemError
from ham_recommend.manifest import Facts, Origin
from ham_recommend.recommend import citation
from ham_recommend.recommend.citation import cite, left_out, repeat
from ham_recommend.recommend.recommender import Recommender
from ham_recommend.recommend.session import Session
from ham_recommend.records import Artwork, RawRecord
from ham_recommend.workspace import Workspace

DAY = date(2026, 11, 27)
FULL = RawRecord(
    item_id="mus:7/ä b",
    title="Dancer & {Bear} 50%",
    accession_number="1998.3_4",
    artist=("Zoë ~ Ünlü", "O'Brien, Máire"),
    date="c. 1890",
    year_begin=1888,
    year_end=1892,
    medium="Oil on canvas",
    credit="The Museum, Gift of A. #1",
    page_url="https://museum.test/a_b?x=1&y={2}",
)
CSL_STRINGS = {"title", "medium", "archive", "archive_location", "note", "URL"}
HAM = str(Path(sys.executable).with_name("ham"))


@pytest.fixture(scope="module")
def rec(tmp_path_factory):
    """A museum that is named, with one work that has everything to escape and one that has nothing."""
    records, vectors = museum(pictures=False)
    folder = tmp_path_factory.mktemp("cited") / "cited museum"
    workspace = build_collection(folder, [*records, FULL, RawRecord(item_id="mus:bare")], vectors)
    with workspace.draft() as draft:
        draft.commit(Facts(origins=(Origin("mus", museum="The Museum"),)))
    return Recommender.load(folder)


def test_plain_text_says_who_what_where_and_when(rec):
    assert cite(rec, FULL.item_id, accessed=DAY) == (
        "Zoë ~ Ünlü; O'Brien, Máire, Dancer & {Bear} 50%, c. 1890, Oil on canvas. The Museum, 1998.3_4. "
        "Gift of A. #1. https://museum.test/a_b?x=1&y={2} (accessed 27 November 2026)."
    )
    assert cite(rec, "1998.3_4", accessed=DAY, museum="Another House").count("Another House, 1998.3_4.") == 1
    assert cite(rec, "mus:bare", accessed=DAY) == (
        "Untitled. The Museum. mus:bare (accessed 27 November 2026)."
    )


def test_what_cannot_be_cited_is_said(rec):
    with pytest.raises(UnknownItemError):
        cite(rec, "mus:nowhere")
    with pytest.raises(SettingsError, match=r"Unknown style of citation .mla.[.] Known: bibtex, csl, plain"):
        cite(rec, FULL.item_id, "mla")


# ---- BibTeX: read as BibTeX itself reads it ---------------------------------------------------------------

UNTEX = {
    r"\textbackslash{}": "\\",
    r"\textbraceleft{}": "{",
    r"\textbraceright{}": "}",
    r"\textasciitilde{}": "~",
    r"\textasciicircum{}": "^",
    **{f"\\{sign}": sign for sign in "$&#_%"},
}


def untex(text):
    """Return what TeX prints; anything it would read as more than text is a fault."""
    plain = re.sub("|".join(map(re.escape, UNTEX)), lambda found: chr(0xE000) + UNTEX[found[0]], text)
    left = re.sub("\ue000.", "", plain, flags=re.DOTALL)
    assert not set(left) & set("\\{}$&#_%~^"), left
    return plain.replace("\ue000", "")


def read_bibtex(text):
    """Return key and fields of one entry; braces are counted as BibTeX counts them, backslash or not."""
    kind, key, body = re.fullmatch(r"@(\w+)\{([^\s,{}\"#%~=]+),\n(.*)\n\}", text, re.DOTALL).groups()
    assert kind == "misc"
    fields, at = {}, 0
    while at < len(body):
        name = re.compile(r"\s*(\w+) = \{").match(body, at)
        depth, end = 1, name.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(body[end], 0)
            end += 1
        fields[name[1]] = body[name.end() : end - 1]
        at = body.index(",", end) + 1
    return key, fields


def test_bibtex_is_read_back_as_it_was(rec):
    key, fields = read_bibtex(cite(rec, FULL.item_id, "bibtex", accessed=DAY))
    assert re.fullmatch(r"mus:7-b-[0-9a-f]{8}", key)
    names = [untex(name[1:-1]) for name in fields["author"].split(" and ")]
    assert names == list(FULL.artist)
    assert untex(fields["title"][1:-1]) == FULL.title
    assert (untex(fields["year"]), untex(fields["howpublished"])) == ("c. 1890", "The Museum")
    assert untex(fields["note"]) == "Oil on canvas; 1998.3_4; Gift of A. #1"
    assert fields["url"] == "https://museum.test/a_b?x=1&y=%7B2%7D"
    assert fields["urldate"] == "2026-11-27"
    assert read_bibtex(cite(rec, "m:cat01", "bibtex"))[0] == "m:cat01"


@given(st.text(max_size=40))
def test_no_text_breaks_an_entry(text):
    work = Artwork(item_id="m:1", title=text or "x", artist=text, medium=text, credit=text)
    cited = citation._Cited.of(work, text, DAY)
    _, fields = read_bibtex(citation._bibtex(cited))
    assert untex(fields["title"][1:-1]) == cited.title
    item = json.loads(citation._csl(cited, work))[0]
    check_csl(item)


@given(st.text(min_size=1, max_size=90), st.text(min_size=1, max_size=90))
def test_two_works_never_share_a_key(one, other):
    keys = citation._key(one), citation._key(other)
    assert (keys[0] == keys[1]) == (one == other)


# ---- CSL-JSON: the rules of its schema (csl-data.json, of the Citation Style Language project) -------------


def check_csl(item):
    """Hold an item to the schema: only known fields, each of its type."""
    assert item["type"] == "graphic"
    assert isinstance(item["id"], str)
    for name, value in item.items():
        if name in CSL_STRINGS | {"id", "type"}:
            assert isinstance(value, str)
        elif name == "author":
            assert all(each.keys() == {"literal"} and isinstance(each["literal"], str) for each in value)
        else:
            assert name in {"issued", "accessed"}
            assert value.keys() <= {"date-parts", "literal", "circa"}
            parts = value.get("date-parts", [[1]])
            assert 1 <= len(parts) <= 2
            assert all(1 <= len(part) <= 3 and all(isinstance(n, int) for n in part) for part in parts)
            assert isinstance(value.get("circa", True), bool)
            assert isinstance(value.get("literal", ""), str)


def test_csl_json_follows_its_schema(rec):
    (item,) = json.loads(cite(rec, FULL.item_id, "csl", accessed=DAY))
    check_csl(item)
    assert item["id"] == FULL.item_id
    assert item["author"] == [{"literal": name} for name in FULL.artist]
    assert item["accessed"] == {"date-parts": [[2026, 11, 27]]}
    assert item["issued"]["date-parts"] == [[1888], [1892]]
    assert (item["archive"], item["archive_location"]) == ("The Museum", "1998.3_4")
    assert item["URL"] == "https://museum.test/a_b?x=1&y={2}"
    (bare,) = json.loads(cite(rec, "mus:bare", "csl", accessed=DAY))
    check_csl(bare)
    assert "issued" not in bare
    for item_id in rec.catalog.item_ids[::7]:
        check_csl(json.loads(cite(rec, item_id, "csl"))[0])


# ---- searches ---------------------------------------------------------------------------------------------


def from_python(line):
    """Return the ids that the line of Python gives in a process of its own."""
    code = f"{line.replace('; ham.', '; found = ham.')}; print(*found.item_ids, sep=chr(10))"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def from_shell(command):
    """Return the ids that the command gives."""
    words = shlex.split(command)
    assert words[0] == "ham"
    at = words.index("--") if "--" in words else len(words)
    done = subprocess.run(
        [HAM, *words[1:at], "--json", *words[at:]], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return [hit["item_id"] for hit in json.loads(done.stdout)["hits"]]


def questions(rec):
    """Ask what is hard to quote and hard to repeat; return session and turns."""
    session = Session(rec, k=5)
    session.search(
        "it's a cat; echo $HOME", where={"classification": ["Prints", "Paintings"], "years": (1600, None)}
    )
    session.search("circus cat")
    session.search("circus cat")
    session.like("m:cat01")
    session.like("m:ship02")
    session.dislike("m:vase03")
    session.recommend(strategy="mean")
    session.more_like("m:castle01")
    session.search("-cat", where={"years": (None, 1700)})
    return session


def test_a_line_and_a_command_repeat_an_answer_in_another_process(rec):
    session = questions(rec)
    turns = [session.turns[at] for at in (0, 2, 3, 4, 5)]
    for turn in turns:
        again = repeat(rec, turn.ranking, exclude=left_out(session, turn))
        wanted = turn.ranking.item_ids.tolist()
        assert again.exact
        assert rec.workspace.manifest_sha256.startswith(again.manifest)
        assert again.manifest in again.python
        assert again.manifest in again.command
        if turn.turn_id in (1, 3, 4):
            assert from_python(again.python) == wanted
            assert from_shell(again.command) == wanted
        else:
            assert shlex.split(again.command)[1] in {"search", "similar"}


def test_spelling_stays_as_it_was_asked(rec):
    corrected = repeat(rec, rec.search("circsu"))
    as_is = repeat(rec, rec.search("circsu cat", correct=False))
    assert "--as-is" not in corrected.command
    assert corrected.exact
    assert "--as-is" in as_is.command
    assert "correct=False" in as_is.python
    assert as_is.exact


def test_an_answer_that_no_longer_comes_is_said(rec):
    ranking = rec.search("circus cat", 5)
    other = replace(ranking, item_ids=ranking.item_ids[::-1])
    assert not repeat(rec, other).exact


def test_a_picture_of_ones_own_cannot_be_repeated(rec):
    ranking = replace(rec.search("cat"), query=Query(picture="mine.jpg"))
    with pytest.raises(SettingsError, match="picture is not kept"):
        repeat(rec, ranking)


def test_chance_and_leafing_are_repeated(rec):
    for ranking in (rec.surprise(4), rec.browse(4, where={"classification": "Prints"})):
        again = repeat(rec, ranking)
        assert again.exact
        assert from_python(again.python) == ranking.item_ids.tolist()
        assert from_shell(again.command) == ranking.item_ids.tolist()


def test_another_collection_is_noticed(rec):
    digest = rec.workspace.manifest_sha256
    for same in (digest, digest[:8], digest[:12].upper()):
        Recommender.load(rec.workspace.root, manifest=same)
    with pytest.warns(
        DataWarning, match=r"is not the one that was cited: its manifest begins with \w{8}, not"
    ):
        Recommender.load(rec.workspace.root, manifest="00000000")
    for bad in ("", "abc", "zzzzzzzz", "0" * 65):
        with pytest.raises(SettingsError, match="8 to 64 hexadecimal digits"):
            Workspace(rec.workspace.root).expect(bad)
    done = subprocess.run(
        [HAM, "search", str(rec.workspace.root), "cat", "--manifest", "0" * 12],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "is not the one that was cited" in done.stderr
    assert "Cat no." in done.stdout


def test_dials_and_dislikes_alone_are_repeated(rec):
    turned = rec.recommend(["m:cat01"], k=4, discovery=0.5, anchor="ship", recency=0.1)
    for ranking in (turned, rec.recommend([], ["m:cat01"], k=4)):
        again = repeat(rec, ranking)
        assert again.exact
        assert from_shell(again.command) == ranking.item_ids.tolist()
    assert "--discovery" in repeat(rec, turned).command
