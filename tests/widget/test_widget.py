"""The widget without a browser: what code can do with it, and what it sends."""

from __future__ import annotations

import json

import ipywidgets
import pytest
from ipywidgets.widgets.widget import _instances
from stage import Wire

from ham_recommend import HAM_recommend, errors
from ham_recommend.frontend.messages import detail, filters, showable, web_address, where_from
from ham_recommend.records import Artwork


@pytest.fixture
def widget(recommender):
    widget = HAM_recommend(recommender)
    yield widget
    widget.close()


@pytest.fixture
def wired(widget):
    """Return a widget, what it sent so far, and a way to send it what the page would."""
    widget.comm = wire = Wire()

    def send(**content):
        widget._handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})
        taken = wire.take()
        send.buffers = [buffers for _, buffers in taken]
        return [data["content"] for data, _ in taken if data["method"] == "custom"]

    return widget, send


def shown(widget, turn=-1):
    return widget.session.turns[turn].ranking.item_ids.tolist()


def test_opens_a_collection_by_its_folder(museum):
    widget = HAM_recommend(museum)
    assert widget.collection["works"] == 240
    assert len(widget.collection["examples"]) == 3
    assert widget.collection["kinds"]
    assert widget.collection["years"][0] < widget.collection["years"][1]


def test_a_missing_collection_says_how_to_make_one(tmp_path):
    with pytest.raises(errors.ArtifactMissingError, match="ham build"):
        HAM_recommend(tmp_path / "nothing")


def test_the_examples_find_something(widget):
    for example in widget.collection["examples"]:
        assert len(widget.recommender.search(example, correct=False)) > 3


def test_code_moves_the_interface(widget):
    widget.search_for_text("circus cat")
    assert widget.query == "circus cat"
    assert widget.turns == [[1, 12]]
    first, second = shown(widget)[:2]
    widget.like(first)
    widget.dislike(second)
    assert (widget.liked_ids, widget.disliked_ids) == ([first], [second])
    widget.search_by_likes()
    widget.more_like(first)
    assert [turn.kind for turn in widget.session.turns] == ["search", "recommend", "similar"]
    assert not set(shown(widget, 1)) & set(shown(widget, 0))
    widget.clear_likes()
    widget.undislike(second)
    assert (widget.liked_ids, widget.disliked_ids) == ([], [])


def test_tables_tell_what_was_found_and_liked(widget):
    widget.search_for_text("circus cat")
    first, *_ = shown(widget)
    widget.like(first)
    assert list(widget.liked.item_id) == [first]
    assert widget.liked.title[0] == widget.recommender.catalog[first].title
    history = widget.history
    assert list(history.item_id) == shown(widget)
    assert list(history["rank"]) == list(range(1, 13))
    assert history.liked.sum() == 1
    assert set(history.asked) == {"circus cat"}


def test_tables_keep_no_path_of_this_machine(widget, museum):
    widget.search_for_text("circus cat")
    assert str(museum.parent) not in widget.history.to_csv()


def test_empty_tables_keep_their_columns(widget):
    assert (
        {"item_id", "title", "artist", "page_url"} <= set(widget.liked.columns) <= set(widget.history.columns)
    )
    assert len(widget.liked) == len(widget.history) == 0


def test_errors_reach_the_code_that_caused_them(widget):
    with pytest.raises(errors.SettingsError):
        widget.search_for_text("  ")
    with pytest.raises(errors.SettingsError):
        widget.search_by_likes()
    with pytest.raises(errors.UnknownItemError):
        widget.like("sample:nothing")
    with pytest.raises(errors.SettingsError, match="light"):
        HAM_recommend(widget.recommender, theme="sepia")
    assert widget.busy is False
    assert widget.turns == []


def test_traits_can_be_observed_linked_and_set(widget):
    seen = []
    widget.observe(lambda change: seen.append(change.new), "turns")
    field = ipywidgets.Text()
    ipywidgets.link((widget, "query"), (field, "value"))
    widget.search_for_text("circus cat")
    assert seen == [[[1, 12]]]
    assert field.value == "circus cat"
    first, second, *_ = shown(widget)
    widget.liked_ids = [first, second]
    assert widget.session.liked == (first, second)
    widget.liked_ids = [second]
    assert widget.session.liked == (second,)
    with pytest.raises(errors.UnknownItemError):
        widget.liked_ids = ["sample:nothing"]
    assert widget.liked_ids == []


def test_two_models_after_a_hundred_turns_and_small_messages(recommender):
    before = len(_instances)
    widget = HAM_recommend(recommender)
    assert len(_instances) == before + 2
    widget.comm = wire = Wire()
    models = len(_instances)
    sizes = []
    for turn in range(100):
        content = {
            "type": "search",
            "text": f"cat {turn % 7}",
            "request": f"a-{turn}",
            "repeats": turn % 2 == 0,
        }
        widget._handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})
        widget.like(recommender.catalog.item_ids[turn])
        sizes.append(sum(len(json.dumps(data).encode()) for data, _ in wire.take()))
    assert len(_instances) == models
    assert len(widget.turns) == 100
    assert max(sizes) <= 20_000
    widget.close()


def test_lives_in_a_box(widget):
    box = ipywidgets.HBox([widget, ipywidgets.Label("beside")])
    assert box.children[0] is widget


def test_a_session_with_a_name_is_there_again(museum):
    widget = HAM_recommend(museum, session="test there again")
    widget.search_for_text("circus cat")
    widget.like(shown(widget)[0])
    again = HAM_recommend(museum, session="test there again")
    assert again.turns == widget.turns
    assert again.liked_ids == widget.liked_ids
    assert again.query == "circus cat"


def test_an_exported_session_goes_on_elsewhere(widget, recommender, tmp_path):
    widget.search_for_text("circus cat")
    widget.like(shown(widget)[0])
    file = widget.export(tmp_path / "out.json")
    for given in (file, str(file), file.read_text("utf-8")):
        other = HAM_recommend(recommender)
        other.import_session(given)
        assert other.turns == [[1, 12]]
        assert other.liked_ids == widget.liked_ids
        other.search_for_text("circus cat")
        assert not set(shown(other)) & set(shown(widget))
    with pytest.raises(errors.SettingsError):
        other.import_session('{"format": "something else"}')
    for nothing in ("[1, 2]", "x" * 5_000, tmp_path / "away.json", tmp_path):
        with pytest.raises(errors.SettingsError, match=r"export\(\)"):
            other.import_session(nothing)
    assert len(other.turns) == 2


def test_importing_takes_the_place_of_a_named_session(museum, widget):
    widget.search_for_text("ships in a storm")
    other = HAM_recommend(museum, session="test importing", k=5)
    other.search_for_text("circus cat")
    with pytest.raises(errors.SettingsError):
        other.import_session("{}")
    assert other.query == "circus cat"
    other.import_session(widget.session.to_json())
    assert HAM_recommend(museum, session="test importing").query == "ships in a storm"
    other.search_for_text("moonlit water")
    assert len(shown(other)) == 5


def test_every_request_is_answered(wired):
    widget, send = wired
    for content in (
        {"type": "search", "text": "cat"},
        {"type": "search", "text": " "},
        {"type": "recommend"},
        {"type": "similar", "item": "sample:nothing"},
        {"type": "like", "item": "sample:nothing"},
        {"type": "more", "turn": 99},
    ):
        replies = send(**content, request="r-1")
        assert replies[-1] == {"type": "done", "request": "r-1"}
        assert widget.busy is False


def test_mistakes_become_one_calm_line(wired):
    widget, send = wired
    send(type="recommend", request="r-1")
    assert "liked" in widget.error
    send(type="search", text="cat", request="r-2")
    assert widget.error == ""
    send(type="search", text="", request="r-3")
    assert widget.error == ""
    assert "Type" in widget.message


def test_a_bug_surfaces_and_does_not_leave_the_page_waiting(wired, monkeypatch):
    widget, _ = wired
    monkeypatch.setattr(widget.session, "search", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        widget._receive(widget, {"type": "search", "text": "cat", "request": "r-1"}, [])
    assert "ZeroDivisionError" in widget.error
    assert [data["content"] for data, _ in widget.comm.take() if data["method"] == "custom"] == [
        {"type": "done", "request": "r-1"}
    ]
    assert widget.busy is False


def test_a_second_search_replaces_the_first(wired):
    widget, send = wired
    send(type="search", text="cat", request="r-1")
    send(type="search", text="ships", request="r-2", replaces="r-1")
    assert [turn.ranking.query.text for turn in widget.session.turns] == ["ships"]
    assert widget.turns == [[2, 12]]
    assert widget.session.seen == set(shown(widget)) | {
        other for group in widget.session.turns[0].ranking.folded.values() for other in group
    }


def test_a_replaced_search_stays_away_after_a_restart(museum):
    widget = HAM_recommend(museum, session="test replaced")
    for request, text, replaces in (("r-1", "circus cat", None), ("r-2", "ships", "r-1")):
        content = {"type": "search", "text": text, "request": request, "replaces": replaces}
        widget._receive(widget, content, [])
    again = HAM_recommend(museum, session="test replaced")
    assert again.turns == widget.turns
    again.search_for_text("circus cat")
    assert [(turn.turn_id, turn.skipped_seen) for turn in again.session.turns] == [(2, 0), (3, 0)]


def test_a_view_that_opens_later_gets_everything(wired):
    widget, send = wired
    send(type="search", text="cat", request="r-1")
    send(type="search", text="ships", request="r-2")
    (answer,) = send(type="headings", turns=[1, 2])
    assert [heading["text"] for heading in answer["turns"]] == ["cat", "ships"]
    (answer,) = send(type="turn", turn=1, **{"for": "v1"})
    assert [work["id"] for work in answer["works"]] == shown(widget, 0)
    (answer,) = send(type="works", items=[shown(widget, 0)[0], "sample:nothing"])
    assert [work["id"] for work in answer["works"]] == [shown(widget, 0)[0]]


def test_pictures_travel_as_bytes_and_only_when_asked_for(wired):
    _, send = wired
    replies = send(type="search", text="cat", request="r-1")
    with_picture = [work["id"] for work in replies[0]["works"] if work["picture"]]
    (answer,) = send(type="pictures", items=[*with_picture, "sample:nothing", 7])
    assert answer["items"] == [*with_picture, "sample:nothing"]
    assert set(answer["types"][:-1]) <= {"image/webp", "image/jpeg"}
    assert answer["types"][-1] == ""
    (buffers,) = send.buffers
    assert [len(each) > 500 for each in buffers] == [*[True] * len(with_picture), False]


def test_a_continued_turn_ends_when_nothing_is_left(recommender):
    widget = HAM_recommend(recommender, k=100)
    widget.comm = wire = Wire()
    widget.search_for_text("cat")
    for _ in range(3):
        content = {"type": "more", "turn": 1, "request": "r"}
        widget._handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})
    turns = [data["content"] for data, _ in wire.take() if data.get("content", {}).get("type") == "turn"]
    assert turns[-1]["turn"]["more"] is False
    ids = shown(widget)
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://museum.test/a?b=c", "https://museum.test/a?b=c"),
        ("http://museum.test", "http://museum.test"),
        ("javascript:alert(1)", ""),
        ("JavaScript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("//museum.test", ""),
        ("https://", ""),
        ("https://[", ""),
        ("", ""),
        ("https://museum.test/\u202e\ud800", ""),
        ("https://museum.test/" + "x" * 3000, ""),
    ],
)
def test_only_web_addresses_become_links(text, expected):
    assert web_address(text) == expected


def test_text_that_no_encoding_carries_is_replaced():
    assert showable("a\ud800b\x07c", 10) == "a�b�c"
    assert showable("x" * 50, 10) == "x" * 9 + "…"
    showable("".join(map(chr, range(0x11_00))) + "\udfff", 10_000).encode()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (("", None, None), None),
        (("Prints", None, None), {"classification": "Prints"}),
        (("", 1800, None), {"years": (1800, None)}),
        (("Prints", -300, 1900), {"classification": "Prints", "years": (-300, 1900)}),
        ((None, "1800", float("inf")), None),
        ((7, True, 1e99), None),
    ],
)
def test_filters_come_from_the_fields(given, expected):
    assert where_from(*given) == expected


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({}, []),
        ({"classification": "Prints"}, ["Prints"]),
        ({"culture": {"Dutch", "Danish"}, "years": (1600, 1700)}, ["Danish or Dutch", "1600 to 1700"]),
        ({"years": (-300, None)}, ["from -300"]),
        ({"years": [None, 1900]}, ["until 1900"]),
        ({"years": (None, None)}, []),
    ],
)
def test_filters_are_told_in_words(where, expected):
    assert filters(where) == expected


@pytest.mark.parametrize(
    ("picture", "allowed", "expected"),
    [
        ("https://pictures.test/1.jpg", True, "https://pictures.test/1.jpg"),
        ("https://pictures.test/1.jpg", False, ""),
        ("/home/me/1.jpg", True, ""),
    ],
)
def test_only_a_picture_on_the_web_that_may_be_shown_is_shown_large(picture, allowed, expected):
    work = Artwork(item_id="a:1", picture=picture, thumbnail="thumbnails/1.webp", copies_allowed=allowed)
    assert detail(work, None, str)["large"] == expected
