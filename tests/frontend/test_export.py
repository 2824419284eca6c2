"""What people take away: complete, safe to open anywhere, and small."""

from __future__ import annotations

import copy
import csv
import hashlib
import io
import json
import re
import time
import unicodedata
import warnings
from datetime import UTC, datetime

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ham_recommend import HAM_recommend, Session, errors
from ham_recommend.frontend import Conversation, export


@pytest.fixture
def found(recommender):
    """Return a widget with a search, two likes and a recommendation."""
    widget = HAM_recommend(recommender)
    widget.search_for_text("circus cat")
    for item_id in widget.session.turns[0].ranking.item_ids[:2]:
        widget.like(item_id)
    widget.search_by_likes()
    return widget


def exported(widget, path):
    return widget.export(path).read_text("utf-8")


def test_html_is_one_file_with_its_pictures(found, tmp_path):
    page = exported(found, tmp_path / "out.html")
    assert page.startswith("<!DOCTYPE html>")
    assert page.count("<section>") == 3
    assert page.count("<figure>") == 26
    works = [work for turn in found.session.turns for work in turn.ranking.works.values()]
    allowed = sum(bool(work.thumbnail) and work.copies_allowed for work in works)
    assert page.count("data:image/jpeg;base64,") >= allowed > 0
    assert "<script" not in page
    assert not re.search(r'(?:src|href)="(?!https?:|data:image/)', page)
    assert len(page) < 26 * 20_000


def test_pictures_that_may_not_be_copied_stay_at_the_museum(tmp_path):
    from ham_recommend import Recommender, build
    from ham_recommend.records import RawRecord
    from ham_recommend.sources.base import Source

    class Loan(Source):
        name = "loan"

        def fetch(self, *, since=None):
            picture = "https://pictures.test/1.jpg?a=1&b=2"
            yield RawRecord(item_id="loan:1", title="Cat", picture=picture, copies_allowed=False)

    build(Loan(), tmp_path / "out", image_encoder=None, progress=False)
    widget = HAM_recommend(Recommender.load(tmp_path / "out"))
    widget.search_for_text("cat")
    page = exported(widget, tmp_path / "out.html")
    assert 'src="https://pictures.test/1.jpg?a=1&amp;b=2"' in page
    assert "data:image" not in page


def test_headings_tell_filters_and_corrections(recommender, tmp_path):
    widget = HAM_recommend(recommender)
    widget.search_for_text("jumpng cat", where={"years": (1800, None)})
    widget.search_for_text("cat", where={"years": (9000, None)})
    page = exported(widget, tmp_path / "out.html")
    assert "“jumpng cat” · from 1800 · “jumpng” read as “jumping”" in page
    assert "“cat” · from 9000 <small>Nothing found" in page
    assert "“jumpng” read as “jumping”" in exported(widget, tmp_path / "out.md")


def test_csv_reads_back_as_the_history(found, tmp_path):
    table = pd.read_csv(found.export(tmp_path / "out.csv"), keep_default_na=False)
    assert list(table.columns)[:-6] == list(found.history.columns)
    assert table.columns[-6] == "note"
    assert list(table.item_id) == list(found.history.item_id)
    assert table.liked.sum() == 2


def test_json_is_the_session_and_what_it_was_made_from(found, tmp_path):
    content = json.loads(exported(found, tmp_path / "out.json"))
    origin = content.pop("origin")
    assert content == json.loads(found.session.to_json())
    assert origin["collection"] == "sample"


@pytest.mark.parametrize("ending", ["html", "csv", "json", "md"])
def test_an_export_says_all_that_is_needed_to_repeat_it(recommender, tmp_path, ending):
    from ham_recommend import __version__

    widget = HAM_recommend(recommender)
    widget.search_for_text("jumpng cat", where={"classification": "Paintings", "years": (1800, None)})
    text = exported(widget, tmp_path / f"out.{ending}")
    manifest = (recommender.workspace.root / "manifest.json").read_bytes()
    (turn,) = widget.session.turns
    asked = ("jumpng", "jumping", "Paintings", "1800", f"{turn.at:%Y-%m-%d}")
    made = ("sample", hashlib.sha256(manifest).hexdigest(), __version__, f"{datetime.now(UTC):%Y-%m-%d}")
    plain = text.replace("\\", "")
    assert [each for each in (*asked, *made, *turn.ranking.item_ids) if each not in plain] == []


@pytest.mark.parametrize("ending", ["html", "csv", "md", "json"])
def test_an_export_says_how_far_a_recommendation_reached(recommender, tmp_path, ending):
    widget = HAM_recommend(recommender)
    widget.search_for_text("circus cat")
    widget.like(widget.session.turns[0].ranking.item_ids[0])
    for discovery in (0.0, 0.75):
        widget.search_by_likes(discovery=discovery)
    text = exported(widget, tmp_path / f"out.{ending}")
    if ending == "json":
        told = [turn.ranking.query.dials.discovery for turn in Session.from_json(recommender, text).turns]
        assert told == [0.0, 0.0, 0.75]
    else:
        recommended = len(widget.session.turns[-1].ranking) if ending == "csv" else 1
        assert (text.count("discovery 0.75"), text.count(", discovery 0")) == (recommended, recommended)


def test_the_history_can_be_asked_again(recommender):
    widget = HAM_recommend(recommender)
    widget.search_for_text(
        "jumpng cat", where={"classification": {"Prints", "Paintings"}, "years": (1800, None)}
    )
    widget.search_for_text("cat")
    rows = widget.history.groupby("turn").first()
    assert json.loads(rows.filters[1]) == {"classification": ["Paintings", "Prints"], "years": [1800, None]}
    assert json.loads(rows.corrected[1]) == {"jumpng": "jumping"}
    assert (rows.filters[2], rows.corrected[2]) == ("", "")


@pytest.mark.parametrize("ending", ["html", "csv", "json", "md"])
def test_the_likes_alone_or_one_turn_can_be_exported(found, tmp_path, ending):
    first, second = found.session.turns
    found.like(second.ranking.item_ids[3])

    def named(**part):
        text = found.export(tmp_path / f"out.{ending}", **part).read_text("utf-8").replace("\\", "")
        return {
            item_id for item_id in found.recommender.catalog.item_ids if re.search(rf"\b{item_id}\b", text)
        }

    assert named(likes_only=True) == set(found.liked_ids)
    one = named(turn_id=2)
    assert set(second.ranking.item_ids) <= one
    assert not one & (set(first.ranking.item_ids) - set(found.liked_ids))
    with pytest.raises(errors.SettingsError, match="no turn 9"):
        named(turn_id=9)
    with pytest.raises(errors.SettingsError, match="not several"):
        named(turn_id=1, likes_only=True)


def test_one_exported_turn_is_a_session_to_go_on_with(found, recommender, tmp_path):
    other = HAM_recommend(recommender)
    other.import_session(found.export(tmp_path / "out.json", turn_id=2))
    assert [turn.kind for turn in other.session.turns] == ["recommend"]


def test_markdown_lists_every_work(found, tmp_path):
    text = exported(found, tmp_path / "out.md")
    assert len(re.findall(r"^\d+\. ", text, flags=re.M)) == 24
    assert len(re.findall(r"^- ", text, flags=re.M)) == 2


def test_an_empty_session_exports_too(recommender, tmp_path):
    widget = HAM_recommend(recommender)
    assert "Nothing was searched for yet" in exported(widget, tmp_path / "out.html")
    assert len(pd.read_csv(widget.export(tmp_path / "out.csv"))) == 0


def test_an_unknown_ending_lists_the_known_ones(found, tmp_path):
    with pytest.raises(errors.SettingsError, match=r"\.csv, \.html, \.json, \.md"):
        found.export(tmp_path / "out.pdf")
    assert list(tmp_path.iterdir()) == []


def test_the_snapshot_is_plain_html(found, capsys, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    found.snapshot()
    assert shown[0].data.count("<figure>") == 26
    assert "<script" not in shown[0].data


def converted(folder, code, *, state=True):
    """Run code as a notebook and return it as nbconvert's HTML, with the state of its widgets or without."""
    import nbformat
    from nbconvert import HTMLExporter
    from nbconvert.preprocessors import ExecutePreprocessor

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    ExecutePreprocessor(timeout=60).preprocess(notebook, {"metadata": {"path": str(folder)}})
    if not state:
        del notebook.metadata["widgets"]
    return HTMLExporter().from_notebook_node(notebook)[0]


OPENED = "from ham_recommend import HAM_recommend\nw = HAM_recommend({!r})\nw.search_for_text({!r})\n"


def test_the_snapshot_survives_nbconvert(museum, tmp_path):
    page = converted(tmp_path, OPENED.format(str(museum), "circus cat") + "w.snapshot()")
    assert page.count("<figure>") == 12
    assert "circus cat" in page


def test_a_notebook_keeps_the_last_results_for_those_without_python(museum, tmp_path):
    for code in ("w", "from IPython.display import display\ndisplay(w)", "w.show()"):
        page = converted(tmp_path, f"{OPENED.format(str(museum), 'circus cat')}\n{code}", state=False)
        assert page.count("<figure>") == 12, code
        assert "circus cat" in page
    page = converted(tmp_path, f"from ham_recommend import HAM_recommend\nHAM_recommend({str(museum)!r})")
    assert "run the cell above to explore" in page


@pytest.mark.browser
def test_a_converted_notebook_shows_the_last_results(museum, tmp_path, page):
    html = converted(tmp_path, OPENED.format(str(museum), "circus cat") + "w")
    (tmp_path / "out.html").write_text(html, "utf-8")
    page.route("https://**", lambda route: route.abort())
    page.goto((tmp_path / "out.html").as_uri(), wait_until="domcontentloaded")
    page.wait_for_timeout(300)
    assert page.locator("figure:visible").count() == 12


@pytest.mark.browser
def test_nothing_runs_in_a_converted_notebook_of_hostile_text(hostile, tmp_path, page):
    asked = "cat </script><script>window.ran = 1</script>"
    html = converted(tmp_path, OPENED.format(str(hostile.workspace.root), asked) + "w.snapshot()\nw")
    (tmp_path / "out.html").write_text(html, "utf-8")
    page.route("https://**", lambda route: route.abort())
    page.goto((tmp_path / "out.html").as_uri(), wait_until="domcontentloaded")
    page.wait_for_timeout(300)
    assert page.locator("figure").count() == 8 + 8  # the snapshot, and what stands in for the widget
    assert page.evaluate("window.ran === undefined")
    state = page.locator("script[type='application/vnd.jupyter.widget-state+json']").text_content()
    assert "HAM_recommend" in json.dumps(json.loads(state))


def test_no_cell_of_a_table_is_a_formula(hostile, tmp_path):
    widget = HAM_recommend(hostile)
    widget.search_for_text("cat")
    widget.search_for_text("=1+1 cat")
    rows = list(csv.reader(io.StringIO(exported(widget, tmp_path / "out.csv"))))
    cells = [cell for row in rows[1:] for cell in row]
    assert any(cell.startswith("'=HYPERLINK") for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


FORMULAS = (
    *("=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", " =1", "  \t +1", "\xa0=1", "\u3000@x"),
    *("＝1+1", "＋1", "－1", "＠x", "﹦1", "−1", "⁼1", "\xad=1", "\u200b=1", "\ufeff=1", "\u2060\u180e-1"),
    *("\x00=1", "\x0b=1", "\u2028=1", "'=1", '"=1"', "\U000e0001=1", "\u202e=1"),
    *("a;=1", "a; =1", "a;\xad=1", 'a;"=1"', "a\t=1", "a\n=1", "a|=1", "a;;=1", "a;＝1", "a\r\n;-1"),
)


@pytest.mark.parametrize("text", FORMULAS)
def test_no_spreadsheet_of_any_country_finds_a_formula(recommender, text):
    """Read with every separator, and trimmed as spreadsheets do, no cell begins with a sign."""
    document = example(recommender)
    document["turns"][0]["text"] = text
    session = Session.from_json(recommender, json.dumps(document))
    table = export.csv_text(export.Findings.of(session)).removeprefix("\ufeff")
    assert text.strip("\r\n\x00\x0b\u2028")[-1] in table
    for separator in ",;\t|":
        for row in csv.reader(io.StringIO(table, newline=""), delimiter=separator):
            assert not [cell for cell in map(as_a_spreadsheet_reads, row) if cell[:1] in set("=+-@\t\r")]


def as_a_spreadsheet_reads(cell):
    """Return a cell in plain signs, without what a spreadsheet may pass over in front."""
    plain = unicodedata.normalize("NFKC", cell.replace("−", "-"))
    passed_over = {"Cf", "Cc", "Zs", "Zl", "Zp", "Mn"}
    start = next((at for at, sign in enumerate(plain) if unicodedata.category(sign) not in passed_over), 0)
    return plain[start:].lstrip('"')


def test_half_a_megabyte_of_separators_takes_no_time(recommender):
    document = example(recommender)
    for filler in ("\t", ";", " ", ";\xad", "\n"):
        document["turns"][0]["text"] = filler * 500_000 + "x"
        session = Session.from_json(recommender, json.dumps(document))
        begun = time.perf_counter()
        export.csv_text(export.Findings.of(session))
        assert time.perf_counter() - begun < 5


def test_markdown_from_hostile_text_is_text(hostile, tmp_path):
    from markdown_it import MarkdownIt

    widget = HAM_recommend(hostile)
    widget.search_for_text("cat")
    widget.like(widget.session.turns[0].ranking.item_ids[0])
    html = MarkdownIt("commonmark").render(exported(widget, tmp_path / "out.md"))
    assert not re.search(r"<(?!/?(?:h1|h2|ul|ol|li|em|a|p)\b)", html)
    assert "javascript:" not in " ".join(re.findall(r'href="([^"]*)', html))


@pytest.mark.browser
def test_nothing_runs_in_a_page_made_from_hostile_text(hostile, tmp_path, page):
    widget = HAM_recommend(hostile)
    widget.search_for_text("cat")
    widget.search_for_text("</script></style><script>window.ran = 1</script>\ud800 cat")
    for item_id in widget.session.turns[0].ranking.item_ids:
        widget.like(item_id)
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.route("https://**", lambda route: route.abort())
    page.goto(widget.export(tmp_path / "out.html").as_uri())
    page.wait_for_timeout(300)
    assert page.locator("figure").count() == 24
    assert page.evaluate("window.ran === undefined")
    assert page.locator("script, iframe, [onerror], [onclick]").count() == 0
    assert page.locator("img").evaluate_all("all => all.every((each) => /^(https?|data):/.test(each.src))")
    assert faults == []
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("name", ["a" * 5_000 + ".html", "x/" * 3_000 + "a.csv", "a\0.md", "file/a.json"])
def test_a_place_that_cannot_be_written_is_told_in_one_sentence(found, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_bytes(b"mine")
    with pytest.raises(errors.SettingsError, match="cannot be written") as refused:
        found.export(name)
    assert len(str(refused.value)) < 300
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


# ---- sessions that others give away -----------------------------------------------------------------------

odd_numbers = st.sampled_from([-1, 10**6, 10**30, 1e308, float("nan"), float("inf"), 2**53])
odd_texts = st.sampled_from(
    ["", " ", "\ud800", "\x1b[2J", "years", "title", "sample:1", "0001-01-01T00:00:00+00:00", "like", "more"]
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | odd_numbers | odd_texts | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(odd_texts | st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


def places(value, path=()):
    """Return the path of every value in a JSON document."""
    keys = range(len(value)) if isinstance(value, list) else value if isinstance(value, dict) else ()
    return [path, *(place for key in keys for place in places(value[key], (*path, key)))]


def put(document, place, value):
    """Return a document with another value in one place."""
    if not place:
        return value
    changed = copy.deepcopy(document)
    inner = changed
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return changed


def go_on(session):
    """Do with a session whatever a person can, and return what the page said about it."""
    said = []
    talk = Conversation(session, lambda message, _buffers: said.append(message))
    turns = [turn.turn_id for turn in session.turns]
    talk.receive({"type": "headings", "turn_ids": turns})
    for turn_id in turns:
        for kind in ("turn", "more"):
            talk.receive({"type": kind, "turn_id": turn_id})
        talk.receive({"type": "search", "turn_id": turn_id})
    talk.search("circus cat")
    if session.liked:
        talk.recommend()
    for item_id in session.liked:
        talk.receive({"type": "detail", "item_id": item_id, "turn_id": session.turns[-1].turn_id})
    for ending in ("html", "csv", "json", "md"):
        assert export.content(export.Findings.of(session), f"out.{ending}")
    assert len(export.history_frame(session)) >= len(session.turns[-1].ranking)
    assert json.dumps([said, talk.state.to_json()], ensure_ascii=False, allow_nan=False).encode()
    again = Session.from_json(session.recommender, session.to_json())
    assert json.loads(again.to_json())["turns"] == json.loads(session.to_json())["turns"]


def example(recommender):
    session = Session(recommender, k=2)
    session.search("ship", where={"classification": ["Paintings", "Prints"], "years": (1500, None)})
    for item_id in session.turns[0].ranking.item_ids:
        session.like(item_id)
    session.recommend()
    session.more_like(session.liked[0])
    return json.loads(session.to_json())


@given(data=st.data())
@settings(max_examples=150)
def test_whatever_is_imported_can_go_on_or_is_refused_whole(recommender, data):
    document = example(recommender)
    for _ in range(data.draw(st.integers(1, 2))):
        place = data.draw(st.sampled_from(places(document)))
        document = put(document, place, data.draw(json_values))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", errors.DataWarning)
        try:
            session = Session.from_json(recommender, json.dumps(document))
        except errors.SettingsError:
            return
        go_on(session)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("turns", 0, "where", "classification"), 5),
        (("turns", 0, "where", "years"), [1]),
        (("turns", 0, "where", "years"), [1900, 1700]),
        (("turns", 0, "where", "years"), "1900"),
        (("turns", 0, "where", "nothing"), "x"),
        (("turns", 0, "where"), [["title", "x"]]),
        (("turns", 0, "hits", 0, "channels"), [1]),
        (("turns", 0, "hits", 0, "channels"), [0]),
        (("turns", 0, "hits", 0, "channels"), {"other": 1}),
        (("turns", 0, "hits", 0, "folded"), "sample:1"),
        (("turns", 0, "liked"), "sample:1"),
        (("turns", 0, "corrected"), {"a": 1}),
        (("turns", 0, "at"), "2026-01-01"),
        (("turns", 0), {"event": "forget", "turn_id": 1}),
        (("turns", 0, "where", "title"), "deep"),
    ],
)
def test_a_session_with_odd_parts_is_refused_in_one_sentence(recommender, place, value):
    text = json.dumps(put(example(recommender), place, value))
    if value == "deep":
        text = text.replace('"deep"', "[" * 50_000 + "]" * 50_000)
    with pytest.raises(errors.SettingsError, match="not a session's JSON") as refused:
        Session.from_json(recommender, text)
    assert len(str(refused.value)) < 400


def test_half_a_character_in_a_search_is_no_trouble_later(recommender):
    document = put(example(recommender), ("turns", 0, "text"), "a ship \ud800")
    session = Session.from_json(recommender, json.dumps(document))
    assert export.history_frame(session).asked[0] == "a ship ?"
    go_on(session)
