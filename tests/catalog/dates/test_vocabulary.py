"""Every word of every language does what its table says."""

import pytest

from ham_recommend.catalog.dates import parse_date
from ham_recommend.catalog.dates.languages import LANGUAGES
from ham_recommend.catalog.dates.vocabulary import all_meanings, words_of


def phrases(*kinds):
    """Return the phrases of some kinds; one letter is left to its context, which forms.txt shows."""
    found = (phrase for words in LANGUAGES for kind in kinds for phrase in words.get(kind, "").split(","))
    return sorted({phrase.strip() for phrase in found if len("".join(words_of(phrase))) > 1})


def reads(*texts):
    found = [parse_date(text) for text in texts]
    return [(one.begin, one.end) for one in found]


def test_a_phrase_means_one_thing_in_all_languages():
    assert {phrase: meanings for phrase, meanings in all_meanings().items() if len(meanings) > 1} == {}


def test_capitals_accents_dots_and_hyphens_do_not_matter():
    assert words_of("AV. J.-C.") == words_of("av j c")
    assert words_of("příbližně") == words_of("pribliˇzne".replace("ˇ", ""))
    assert words_of("公元前") == ("公", "元", "前")


@pytest.mark.parametrize(
    ("kinds", "texts", "years"),
    [
        (("circa",), ("{} 1850", "1850 {}"), (1845, 1855)),
        (("before",), ("{} 1850", "1850 {}"), (1800, 1850)),
        (("after",), ("{} 1850", "1850 {}"), (1850, 1875)),
        (("until",), ("{} 1850", "1850 {} 1850"), (1800, 1850)),
        (("until", "and"), ("1850 {} 1860",), (1850, 1860)),
        (("or later",), ("1850 {}",), (1850, 1875)),
        (("or earlier",), ("1850 {}",), (1800, 1850)),
        (("present",), ("1850 - {}",), (1850, 1875)),
        (("bce",), ("300 {}", "{} 300"), (-300, -300)),
        (("bce behind",), ("300 {}",), (-300, -300)),
        (("ce",), ("30 {}", "{} 30"), (30, 30)),
        (("century",), ("16. {}", "{} XVI"), (1501, 1600)),
        (("millennium",), ("2. {} v. Chr.", "{} II a.C."), (-2000, -1001)),
        (("decade word",), ("1850 {}", "{} 1850"), (1850, 1859)),
        (("half",), ("2. {} 16. Jh.", "16. Jh., 2. {}"), (1551, 1600)),
        (("third",), ("2. {} 16. Jh.", "16. Jh., 2. {}"), (1534, 1567)),
        (("quarter",), ("2. {} 16. Jh.", "16. Jh., 2. {}"), (1526, 1550)),
        (("early",), ("{} 16. Jh.", "16. Jh. {}"), (1501, 1525)),
        (("mid",), ("{} 16. Jh.", "16. Jh. {}"), (1526, 1575)),
        (("late",), ("{} 16. Jh.", "16. Jh. {}"), (1576, 1600)),
        (("last",), ("{} quarter 16. Jh.",), (1576, 1600)),
        (("turn",), ("{} 16. Jh.",), (1491, 1510)),
        (("dynasty",), ("18. {}",), (-1550, -1295)),
        (("life",), ("{} 1850",), (None, None)),
        (("copy",), ("1850, {} 1900",), (1850, 1850)),
        (("label",), ("{} 1850",), (None, None)),
        (("counted",), ("11th {}",), (None, None)),
        (("month",), ("11 {} 1850",), (1850, 1850)),
    ],
)
def test_every_word_does_what_its_table_says(kinds, texts, years):
    known = phrases(*kinds)
    assert known
    assert [phrase for phrase in known if years not in reads(*(text.format(phrase) for text in texts))] == []


@pytest.mark.parametrize("rank", [1, 2, 3, 4])
def test_every_word_that_counts_does(rank):
    groups = [words["ranks"].split("/") for words in LANGUAGES if "ranks" in words]
    words = [word.strip() for group in groups if len(group) >= rank for word in group[rank - 1].split(",")]
    known = [word for word in words if len(word) > 2]
    quarter = (1476 + 25 * rank, 1500 + 25 * rank)
    assert [word for word in known if reads(f"{word} quarter 16. Jh.") != [quarter]] == []


@pytest.mark.parametrize("kind", ["plain", "month"])
def test_what_says_nothing_leaves_a_year_sure(kind):
    assert [word for word in phrases(kind) if parse_date(f"1850 {word}").confidence != 1] == []


def test_perhaps_is_doubt():
    assert [word for word in phrases("doubt") if parse_date(f"{word} 1850").confidence != 0.7] == []
