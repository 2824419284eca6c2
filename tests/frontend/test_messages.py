"""The parts of messages: safe to show, small, and with every field under its label."""

from __future__ import annotations

import pytest

from ham_recommend.frontend.messages import (
    DETAIL_FIELDS,
    EXPORT_FIELDS,
    detail,
    facts,
    filters,
    showable,
    web_address,
    where_from,
)
from ham_recommend.records import Artwork


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
        ({"classification": "", "years": [None, None]}, None),
        ({"classification": "Prints"}, {"classification": "Prints"}),
        ({"classification": "", "years": [1800, None]}, {"years": (1800, None)}),
        (
            {"classification": "Prints", "years": [-300, 1900]},
            {"classification": "Prints", "years": (-300, 1900)},
        ),
        ({"classification": None, "years": ["1800", float("inf")]}, None),
        ({"years": [True, 1e99]}, None),
        ({"years": "1800"}, None),
        ({"culture": ["Dutch", "Danish"]}, {"culture": ["Dutch", "Danish"]}),
        (None, None),
        ("Prints", None),
    ],
)
def test_filters_come_from_the_fields(given, expected):
    assert where_from(given) == expected


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
def test_filters_read_as_words(where, expected):
    assert filters(where) == expected


@pytest.mark.parametrize(
    ("picture", "allowed", "expected"),
    [
        ("https://pictures.test/1.jpg", True, "https://pictures.test/1.jpg"),
        ("https://pictures.test/1.jpg", False, ""),
        ("/home/me/1.jpg", True, None),
        ("/home/me/1.jpg", False, ""),
        ("1.jpg", True, ""),
        (
            "https://a.test/iiif/2/x/full/843,/0/default.jpg",
            True,
            "https://a.test/iiif/2/x/full/!2000,2000/0/default.jpg",
        ),
        (
            "https://a.test/iiif/x/full/!400,400/0/native.jpg",
            True,
            "https://a.test/iiif/x/full/!2000,2000/0/native.jpg",
        ),
        (
            "https://a.test/iiif/x/10,10,9,9/400,/0/default.jpg",
            True,
            "https://a.test/iiif/x/10,10,9,9/400,/0/default.jpg",
        ),
    ],
)
def test_only_a_picture_on_the_web_that_may_be_shown_is_shown_large(picture, allowed, expected):
    work = Artwork(item_id="a:1", picture=picture, thumbnail="thumbnails/1.webp", copies_allowed=allowed)
    assert detail(work, None, str)["large_picture_url"] == expected


def test_a_work_is_shown_with_its_labels_and_without_what_it_lacks():
    work = Artwork(item_id="a:1", culture="Dutch", classification="Prints", credit="x" * 2_000)
    shown = facts(work)
    assert shown[:2] == [{"label": "Culture", "text": "Dutch"}, {"label": "Kind", "text": "Prints"}]
    assert [each["label"] for each in shown] == ["Culture", "Kind", "Credit", "Identifier"]
    assert len(shown[2]["text"]) == 1_000


def test_every_field_that_is_shown_or_exported_is_a_field_of_a_work():
    work = Artwork(item_id="a:1")
    for name in (*dict(DETAIL_FIELDS), *EXPORT_FIELDS):
        assert hasattr(work, name)
