import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ham_recommend.encode.analyzer import LONGEST_WORD, fold, stem, words, year_words


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Édouard", "edouard"),
        ("E\u0301douard", "edouard"),
        ("ÉDOUARD", "edouard"),
        ("Weiß", "weiss"),
        ("Søren Kierkegård", "soren kierkegard"),
        ("Łódź", "lodz"),
        ("Œuvre, Ægir", "oeuvre, aegir"),
        ("Þór, Đỗ", "thor, do"),
        ("ﬁgure", "figure"),
        ("１９６０", "1960"),
        ("İstanbul", "istanbul"),
        ("soft\u00adhyphen", "softhyphen"),
    ],
)
def test_folding_brings_spellings_together(written, folded):
    assert fold(written) == folded


@pytest.mark.parametrize("text", ["Товарищ", "한국", "القاهرة", "Αθήνα", "עברית"])
def test_other_scripts_keep_their_letters(text):
    (word,) = words(text)
    assert len(word) >= len(text) - 1
    assert words(text.upper()) == [word]


def test_chinese_and_japanese_are_found_by_any_part():
    title = set(words("富嶽三十六景"))
    assert set(words("富嶽")) <= title
    assert set(words("景")) <= title
    assert not set(words("波")) & title


def test_stop_words_go_unless_there_is_nothing_else():
    assert words("The cat on the mat") == ["cat", "mat"]
    assert words("It") == ["it"]
    assert words("To be or not to be") == ["to", "be", "or", "not", "to", "be"]
    assert words(" … ") == []


def test_possessives_and_hyphens():
    assert words("Rembrandt’s self-portrait") == words("rembrandt self portrait")
    assert words("O'Keeffe's") == ["o", "keeffe"]


@pytest.mark.parametrize(
    "asked",
    ["17th century", "seventeenth century", "17th-century", "Seventeenth-Century", "the 17th  Century"],
)
def test_a_century_is_one_word_however_it_is_written(asked):
    assert words(asked) == ["17thcentury"]
    assert "17thcentury" in year_words(1650, 1650)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("3rd century BCE", ["3rdcenturybce"]),
        ("3rd century B.C. bowl", ["3rdcenturybce", "bowl"]),
        ("16th-17th century", ["16thcentury", "17thcentury"]),
        ("late 18th–early 19th century", ["late", "18thcentury", "19thcentury"]),
        ("fifth to 4th century BC", ["4thcenturybce", "5thcenturybce"]),
        ("twenty-first century", ["21stcentury"]),
        ("2nd century CE", ["2ndcentury"]),
        ("1st century B.C.E.", ["1stcenturybce"]),
        ("1960s", ["1960s"]),
        ("1960's", ["1960s"]),
    ],
)
def test_spans_of_time_in_text(text, found):
    assert words(text) == found


@pytest.mark.parametrize(
    ("begin", "end", "found"),
    [
        (1650, 1650, {"17thcentury", "1650s"}),
        (1700, 1700, {"17thcentury", "1700s"}),
        (1701, None, {"18thcentury", "1700s"}),
        (None, 1965, {"20thcentury", "1960s"}),
        (1958, 1963, {"20thcentury", "1950s", "1960s"}),
        (1550, 1650, {"16thcentury", "17thcentury"}),
        (-250, -210, {"3rdcenturybce"}),
        (-100, -100, {"1stcenturybce"}),
        (-20, 20, {"1stcenturybce", "1stcentury"}),
        (None, None, set()),
        (0, 0, set()),
        (-3000, 1900, set()),
        (1963, 1958, {"20thcentury", "1950s", "1960s"}),
    ],
)
def test_years_become_words(begin, end, found):
    assert set(year_words(begin, end)) == found


@given(st.integers(-2000, 2030).filter(bool), st.integers(0, 400))
def test_a_query_for_the_century_meets_every_year_of_it(year, span):
    century = (abs(year) - 1) // 100 + 1
    ordinal = (
        f"{century}{'th' if century // 10 == 1 else {1: 'st', 2: 'nd', 3: 'rd'}.get(century % 10, 'th')}"
    )
    asked = words(f"{ordinal} century {'BCE' if year < 0 else ''}")
    assert set(asked) <= set(year_words(year, year + span))


@given(st.text(max_size=200))
def test_any_text_gives_capped_words_that_fold_to_themselves(text):
    found = words(text)
    assert all(0 < len(word) <= LONGEST_WORD for word in found)
    assert len(stem(found)) == len(found)


@given(st.text(alphabet="abcé ’-'3", max_size=40))
def test_words_read_again_are_the_same(text):
    found = [word for word in words(text) if len(word) > 1]
    assert words(" ".join(found)) == found or not found


def test_hostile_lengths_are_capped():
    long = "x" * 10_000
    assert words(long) == ["x" * LONGEST_WORD]
    start = time.perf_counter()
    words("1st to " * 30_000 + "century")
    words("'" * 100_000)
    assert time.perf_counter() - start < 2


def test_stems_meet():
    assert len(set(stem(["jumping", "jumps", "jumped", "jump"]))) == 1
    assert stem(["1650", "17thcentury"])[0] == "1650"
