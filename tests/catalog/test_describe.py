"""Hostile HTML, refusals, repeats, and the document of a work."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ham_recommend.catalog.describe import (
    LONGEST_TEXT,
    clean_descriptions,
    document,
    is_refusal,
    match_key,
    plain_text,
)
from ham_recommend.records import Artwork, Description


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("Landscape with cows", "Landscape with cows"),
        ("x < y & 3 > 2", "x < y & 3 > 2"),
        ("Fish &amp; chips &eacute;&#233;&#xE9;", "Fish & chips ééé"),
        ("<p>One</p><p>Two<br/>three</p>", "One Two three"),
        ("in<b>divid</b>ual", "individual"),
        (
            "<p class=MsoNormal><o:p>&nbsp;</o:p></p><p>Word<!-- [if gte mso 9]><xml>x</xml> --> text</p>",
            "Word text",
        ),
        ("<script>alert('<b>x</b>')</script>after", "after"),
        ("<STYLE>p{}</STYLE >kept<script src=x>y", "kept"),
        ("never closed <script src=x", "never closed <script src=x"),
        ("""<img alt="a > b" title='<c>'>text<br />more""", "text more"),
        ("<![CDATA[x]]><?php y ?><!DOCTYPE html>text<!-- to the end", "text"),
        ("<svg/>after an empty drawing", "after an empty drawing"),
        ("<svg><text>hidden</text><svg>too</svg></svg>shown", "shown"),
        ("<img src=x onerror=alert(1)>plain", "plain"),
        ("&lt;script&gt;said&lt;/script&gt;", "<script>said</script>"),
        ("unclosed <b>bold <i>text", "unclosed bold text"),
        ("tabs\t and\r\n lines\u2028\u00a0 ", "tabs and lines"),
        ("nul\x00bell\x07del\x7fnel\x85.", "nulbelldel nel .".replace("del ", "del")),
        ("evil\u202egnp.exe\u202c", "evilgnp.exe"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("lone \ud83d surrogate", "lone \ufffd surrogate"),
        ("شعر فارسی", "شعر فارسی"),
        ("Cafe\u0301", "Café"),
        ("&#x202e;&#0;&#xD800;x", "\ufffd\ufffdx"),
        ("", ""),
    ],
)
def test_html_becomes_plain_text(html, text):
    assert plain_text(html) == text


HTML = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "<p>",
                "</p>",
                "<script>",
                "</script>",
                "<!--",
                "-->",
                "<![CDATA[",
                "&",
                "&#",
                "<",
                ">",
                "</",
                "<!",
            ]
        ),
        st.text(max_size=8),
    ),
    max_size=30,
).map("".join)


@given(HTML)
def test_plain_text_is_clean_whatever_comes(html):
    text = plain_text(html)
    assert text == " ".join(text.split())
    assert unicodedata.is_normalized("NFC", text)
    text.encode("utf-8")
    bidi = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    assert not any(unicodedata.category(letter) == "Cc" for letter in text)
    assert not any(unicodedata.bidirectional(letter) in bidi for letter in text)


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "<!",
        "<a ",
        "&",
        "&#",
        "<!--",
        "</",
        "<script>",
        "<p",
        "<a b='",
        "<![",
        "&amp",
        "\u0301",
        "<?",
        "a",
        "<a a=\"'>",
    ],
)
def test_adversarial_text_takes_linear_time(piece):
    html = piece * (LONGEST_TEXT // len(piece))
    began = time.process_time()
    plain_text(html)
    assert time.process_time() - began < 2


def test_what_is_too_long_is_cut():
    assert len(plain_text("word " * LONGEST_TEXT)) <= LONGEST_TEXT


@pytest.mark.parametrize(
    "text",
    [
        "Content filtered. Blocked by Bedrock Guardrails",
        "I'm sorry, but I can't help with identifying people in images.",
        "I’m sorry, but I cannot assist with that request.",
        "**Sorry, I can't help with that.**",
        "As an AI language model, I am not able to view images.",
        "I cannot identify real people in photographs.",
        "I'm unable to process this image.",
        "I am not able to provide a description of this image.",
        "I apologize, but I don't feel comfortable describing this image.",
        "Unfortunately, I cannot provide a description.",
        "The response was filtered due to the prompt triggering content management policy.",
        "Your request was rejected as a result of our safety system.",
        "No description available.",
        "n/a",
    ],
)
def test_refusals_are_recognised(text):
    assert is_refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "A woman says she is sorry, but she cannot go on.",
        "Sorry! The cat cannot come down from the tree.",
        "Sorry",
        "As an aid to prayer, this icon hung in a bedroom.",
        "I can see a dog and a cat.",
        "I cannot identify the sitter by name, but the image shows a woman wearing a red dress, seated.",
        "The content is rich in symbols.",
        "The image is filtered through blue light.",
        "The artist could not finish; unable to see, he painted by touch.",
        "Unfortunately for the hunter, the stag escapes.",
        "An error in the weave",
        "We cannot know who this child was.",
    ],
)
def test_descriptions_that_sound_like_refusals_stay(text):
    assert not is_refusal(text)


@pytest.mark.data
def test_no_real_description_is_taken_for_a_refusal(data_dir):
    import pyarrow.parquet as pq

    table = pq.read_table(data_dir / "collections" / "museum_117k.parquet", columns=["description"])
    refused = [text for text in table["description"].to_pylist() if text and is_refusal(text)]
    assert refused == []


def said(*texts):
    return [Description(text) for text in texts]


def test_repeats_and_empty_descriptions_go():
    kept = clean_descriptions(
        said("A cat.", "", "<p> </p>", "a  CAT!", "Content filtered", "The Title", "Á cat", "A dog."),
        ["the title"],
    )
    assert [description.text for description in kept] == ["A cat.", "A dog."]


def test_who_said_it_is_kept():
    told = Description("A <b>cat</b>", "Open<i>AI</i>", "gpt")
    assert clean_descriptions([told]) == (Description("A cat", "OpenAI", "gpt"),)


@given(
    st.lists(st.sampled_from(["A cat.", "A dog <b>barks</b>", "Two ships", "no", ""]), max_size=6), st.data()
)
def test_saying_it_twice_changes_nothing(texts, data):
    once = clean_descriptions(said(*texts))
    repeated = texts + data.draw(st.lists(st.sampled_from(texts), max_size=4) if texts else st.just([]))
    assert clean_descriptions(said(*repeated)) == once


def test_a_document_holds_what_a_work_is_found_by():
    work = Artwork(
        item_id="a:1",
        title="Dancer",
        artist="Degas",
        medium="pastel",
        period="Third Republic",
        descriptions=(Description("A girl", "m", "x"),),
        year_begin=1880,
        year_end=1881,
        credit="Gift",
    )
    found = document(work)
    assert (found.item_id, found.title, found.artist) == ("a:1", "Dancer", "Degas")
    assert found.fields == {"medium": "pastel", "period": "Third Republic"}
    assert found.descriptions == ("A girl",)
    assert (found.year_begin, found.year_end) == (1880, 1881)


@given(st.text(), st.text())
def test_digests_are_equal_exactly_when_documents_are(one, other):
    first = document(Artwork(item_id="a:1", title=one, medium=other))
    second = document(Artwork(item_id="a:1", title=other, medium=one))
    assert (first.digest == second.digest) == (one == other)
    assert first.digest == document(Artwork(item_id="b:2", title=one, medium=other, credit="x")).digest


def test_match_keys():
    assert match_key("Édouard MANET") == "edouard manet"
    assert match_key("Straße") == "strasse"
    assert match_key("が") != match_key("か")
