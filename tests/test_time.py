"""Every function that reads text reads a hundred kilobytes of any kind in less than a second.

The functions are listed by hand; that none of a module is missing is checked too.
"""

from __future__ import annotations

import contextlib
import inspect
import time
from pathlib import Path

import pytest

from ham_recommend.catalog import clean, dates, describe
from ham_recommend.catalog.dates import weighing
from ham_recommend.encode import accession, analyzer, forms, scripts
from ham_recommend.errors import HamRecommendError, SettingsError
from ham_recommend.net import addresses
from ham_recommend.recommend import query
from ham_recommend.records import Artwork, Description, RawRecord
from ham_recommend.sources._table import columns, pictures, values
from ham_recommend.workspace import Workspace

SIZE = 100_000
"""Bytes of each text."""

PIECES = {
    "letter": "a",
    "word": "tea ",
    "initials": "J. ",
    "hyphens": "a-",
    "blanks": " ",
    "quotes": "'",
    "double quotes": '"a',
    "elision": "l'",
    "dots": ".",
    "numbers": "1.",
    "years": "1850-",
    "century": "19th c. ",
    "roman": "XIX",
    "question marks": "1850? ",
    "brackets": "(",
    "square brackets": "[",
    "braces": '{"a":',
    "lists": "['a', ",
    "tags": "<b>",
    "open tags": "<",
    "attributes": "<a b=",
    "comments": "<!--",
    "sections": "<![",
    "scripts": "<script>",
    "entities": "&amp;",
    "ampersands": "&",
    "number entities": "&#",
    "address": "http://a",
    "slashes": "/",
    "at signs": "http://a@",
    "percents": "%25",
    "refusal": "I am sorry, the image ",
    "unable": "I cannot ",
    "separators": "a; ",
    "bars": "a | ",
    "lines": "a\n",
    "accents": "é",
    "marks": "e\u0301\u0301",
    "marks alone": "\u0301",
    "joiners": "\u200d",
    "surrogates": "\ud800",
    "Chinese": "黄",
    "Japanese": "ゟ年",
    "Korean": "고",
    "Hebrew": 'ר"',
    "Arabic": "ه.",
    "Thai": "ช้",
    "Devanagari": "े",
    "ligatures": "ffi",
    "long ligature": "\ufdfa",
    "turned": "\u202e",
    "underscores": "_",
    "plus": "+1",
    "equals": "a=",
    "backslashes": "\\",
}


def text_of(piece):
    return piece * (SIZE // len(piece.encode("utf-8", "surrogatepass")))


def record(text):
    return RawRecord(
        item_id="a:1",
        title=text,
        artist=(text, text[:50_000]),
        date=text,
        period=text,
        medium=text,
        descriptions=(Description(text, text[:100], text[:100]),),
        picture=text,
        page_url=text,
    )


FUNCTIONS = {
    analyzer: {
        "fold": analyzer.fold,
        "words": analyzer.words,
        "document_words": analyzer.document_words,
        "other_spellings": analyzer.other_spellings,
        "initials": analyzer.initials,
        "century_phrases": lambda text: list(analyzer.century_phrases(text)),
        "without_qualifier": analyzer.without_qualifier,
        "initial_phrases": lambda text: list(analyzer.initial_phrases(text)),
        "stem": lambda text: analyzer.stem(analyzer.words(text)),
    },
    scripts: {
        "fold": scripts.fold,
        "words": scripts.words,
        "pieces": scripts.pieces,
        "language_of": scripts.language_of,
    },
    accession: {
        "number_words": accession.number_words,
        "number_in": lambda text: accession.number_in(text, frozenset()),
        "parts_of_numbers": accession.parts_of_numbers,
    },
    forms: {"forms": lambda text: forms.forms(text, {"tea", "a"}, "english")},
    describe: {
        "plain_text": describe.plain_text,
        "is_refusal": describe.is_refusal,
        "clean_descriptions": lambda text: describe.clean_descriptions([Description(text)], [text]),
        "match_key": describe.match_key,
        "value_key": describe.value_key,
        "document": lambda text: describe.document(Artwork(item_id="a:1", title=text, artist=text)),
        "document_of": None,
    },
    clean: {
        "cleaned": None,
        "artwork_from": lambda text: clean.artwork_from(record(text)),
        "digest_of": lambda text: clean.digest_of(record(text)),
        "digest_and_length": None,
        "picture_of": lambda text: clean.picture_of(record(text)),
    },
    dates: {"parse_date": dates.parse_date},
    weighing: {"years_of": lambda text: weighing.years_of(text, 1, 2, text)},
    addresses: {
        "on_the_web": addresses.on_the_web,
        "web_address": addresses.web_address,
        "public_address": addresses.public_address,
        "is_public": None,
    },
    query: {
        "parse_where": lambda text: query.parse_where([f"title={text}"]),
        "checked_text": query.checked_text,
    },
    values: {
        "as_text": values.as_text,
        "as_values": values.as_values,
        "out_of_brackets": lambda text: values.out_of_brackets([text]),
        "as_descriptions": lambda text: list(values.as_descriptions(text)),
        "as_year": lambda text: values.as_year(text, "year_begin", lambda _: None),
        "as_popularity": values.as_popularity,
        "as_yes": values.as_yes,
        "as_whole": values.as_whole,
        "spelled_out": values.spelled_out,
        "is_by_language": None,
        "is_of_parts": None,
        "by_preference": None,
    },
    columns: {
        "choose_columns": None,
        "canonical_mapping": None,
        "name_key": columns.name_key,
    },
    pictures: {
        "is_plain_address": pictures.is_plain_address,
        "mended_address": pictures.mended_address,
        "found_beside": lambda text: pictures.found_beside(text, Path("/tmp")),
        "addresses_in": pictures.addresses_in,
        "told_as_files": lambda text: list(pictures.told_as_files([text])),
    },
}
"""Module → function → how it is given a text; ``None`` where another of these calls it, or it reads none."""

READS_NO_TEXT = {
    analyzer: {"year_words", "century_word"},
    query: {name for name in vars(query) if name.startswith("check")} | {"unknown_item"},
}


@pytest.mark.parametrize("module", FUNCTIONS, ids=lambda module: module.__name__)
def test_no_function_is_missing(module):
    names = {
        name
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__ and not name.startswith("_")
    }
    assert names <= {*FUNCTIONS[module], *READS_NO_TEXT.get(module, ())}


@pytest.mark.parametrize("piece", PIECES)
def test_a_hundred_kilobytes_take_less_than_a_second(piece):
    text = text_of(PIECES[piece])
    slow = []
    for module, functions in FUNCTIONS.items():
        for name, function in functions.items():
            if function is None:
                continue
            start = time.process_time()
            with contextlib.suppress(HamRecommendError):
                function(text)
            took = time.process_time() - start
            if took > 1:
                slow.append(f"{module.__name__}.{name}: {took:.1f} s")
    assert slow == []


@pytest.mark.parametrize("piece", PIECES)
def test_any_query_of_that_length_is_answered_soon(piece, recommender):
    start = time.process_time()
    recommender.search(f"cat {text_of(PIECES[piece])}")
    assert time.process_time() - start < 1


def test_names_of_that_length_are_read_soon():
    for piece in PIECES.values():
        start = time.process_time()
        with contextlib.suppress(SettingsError):
            Workspace(text_of(piece))
        assert time.process_time() - start < 1
