"""What a question names, in a small museum of which everything is known."""

import random
import string

import pytest

import ham_recommend as ham
from ham_recommend.encode.real_words import _listed, is_real_word
from ham_recommend.encode.related import related_words
from ham_recommend.errors import SettingsError
from ham_recommend.recommend.understand import exactly
from ham_recommend.sources.table import TableSource

WORKS = [
    ("N05513", "Bathers at the Seine", "Georges Seurat", "painting", "French", "1884"),
    ("P06290", "Lilies", "David Hockney", "prints", "British", "1971"),
    ("A1", "Dance Class", "Edgar Degas", "painting", "French", "1874"),
    ("A2", "Homage to Degas", "Jane Poe", "prints", "British", "1960"),
    ("A3", "Storm over boats", "Jane Poe", "prints", "British", "1650"),
    ("A4", "Boats at rest, a still life", "Ann Wood", "drawings", "Dutch", "1660"),
    ("A5", "Carved wood panel", "Unknown", "furniture", "Dutch", "1700"),
    ("A6", "Wood in winter", "Unknown", "painting", "Dutch", "1701"),
    ("A7", "Wood with deer", "Unknown", "painting", "Dutch", "1702"),
]
NAMES = ("id", "title", "artist", "classification", "culture", "date")


@pytest.fixture(scope="module")
def museum(tmp_path_factory):
    return collection_of(WORKS, tmp_path_factory.mktemp("museum"))


def collection_of(works, folder):
    table = folder / "works.csv"
    lines = [",".join(NAMES), *(",".join(f'"{cell}"' for cell in row) for row in works)]
    table.write_text("\n".join(lines), encoding="utf-8")
    ham.build(TableSource(table), folder / "built")
    return ham.Recommender.load(folder / "built")


def native(ranking):
    return [item_id.partition(":")[2] for item_id in ranking.item_ids]


def named(ranking):
    return {one.field: one.value for one in ranking.understood}


@pytest.mark.parametrize("asked", ["N05513", "n05513", "n 05513", "N5513", "no. N05513"])
def test_a_number_is_the_first_hit(museum, asked):
    assert native(museum.search(asked))[0] == "N05513"


def test_works_by_an_artist_come_before_works_about_him(museum):
    found = museum.search("Degas")
    assert native(found)[:2] == ["A1", "A2"]
    assert named(found) == {"artist": "Edgar Degas"}


def test_an_ordinary_word_is_no_artist(museum):
    assert "artist" not in named(museum.search("wood"))
    assert named(museum.search("by Wood"))["artist"] == "Ann Wood"


def test_a_family_name_after_another_forename_is_somebody_else(museum):
    assert named(museum.search("Degas prints"))["artist"] == "Edgar Degas"
    assert "artist" not in named(museum.search("David Degas prints"))


@pytest.mark.parametrize(
    "typed", ["Georges Surat", "Gorges Seurta", "gerges seurat", "Edgr Deags", "Davd Hokney"]
)
def test_a_name_is_known_by_the_company_of_its_words(museum, typed):
    found = museum.search(typed)
    first = found[0].work.artist
    assert first == {"g": "Georges Seurat", "e": "Edgar Degas", "d": "David Hockney"}[typed[0].lower()]
    assert named(found) == {"artist": first}
    assert set(" ".join(found.corrected.values()).split()) <= set(first.lower().split())
    assert museum.search(typed, correct=False).corrected == {}


@pytest.mark.parametrize("typed", ["Seurta", "hockny"])
def test_a_slip_in_a_family_name_alone_names_the_artist(museum, typed):
    found = museum.search(typed)
    assert named(found) == {"artist": {"S": "Georges Seurat", "h": "David Hockney"}[typed[0]]}
    assert list(found.corrected) == [typed]


def test_what_some_work_says_is_no_slip_in_a_name(museum):
    assert museum.search("homage degas").corrected == {}


@pytest.mark.parametrize(
    ("asked", "value", "first"),
    [
        ("17th century boats", "1601–1700", "A3"),
        ("1870s", "1870–1879", "A1"),
        ("boats before 1655", "until 1654", "A3"),
        ("prints after 1965", "from 1966", "P06290"),
        ("1884", "1884", "N05513"),
    ],
)
def test_times_are_read_and_not_searched_as_words(museum, asked, value, first):
    found = museum.search(asked)
    assert named(found)["years"] == value
    assert native(found)[0] == first


def test_kinds_in_any_form_and_what_is_not_meant_after_all(museum):
    found = museum.search("French paintings")
    assert named(found) == {"classification": "painting", "culture": "French"}
    assert set(native(found)[:2]) == {"N05513", "A1"}
    again = museum.search("French paintings", ignore=[one.key for one in found.understood])
    assert again.understood == ()


def test_exact_is_exact(museum):
    assert native(museum.search('artist:"Edgar Degas" dance')) == ["A1"]
    assert native(museum.search("boats -storm"))[0] == "A4"
    assert "A3" not in native(museum.search("boats -storm"))
    assert native(museum.search('"still life"')) == ["A4"]
    assert set(native(museum.search("boats years:1640..1655"))) == {"A3"}
    assert native(museum.search('"life still"')) == []


@pytest.mark.parametrize(
    "text", ['artist:"Edgar Degas"', "years:1640..1655", "-boats", "years:1800..2000 -dance"]
)
def test_what_is_asked_for_exactly_needs_no_other_words(museum, text):
    found = museum.search(text, 100)
    without = text.rpartition("-")[2] if "-" in text else ""
    may = set(museum.catalog.filter(exactly(text).where)) if ":" in text else set(museum.catalog.item_ids)
    said = set(museum.text.item_ids[museum.text.saying(without).rows]) if without else set()
    assert set(found.item_ids) == {item_id for item_id in may if item_id not in said}
    assert found.found == len(found) > 0
    assert museum.search(text, 1).found == len(found)


@pytest.mark.parametrize("text", ["years:soon", "years:1900..1850", "years:.."])
def test_years_that_are_none_are_refused(text):
    with pytest.raises(SettingsError, match="Years"):
        exactly(text)


def test_what_only_looks_exact_is_left_alone():
    for text in ("Untitled: study", "London - non-specific", "mother-in-law", "-5"):
        assert exactly(text).text == text


def test_how_many_fit_and_that_nonsense_does_not(museum):
    assert museum.search("boats").total == 2
    for asked in ("zzzz qqqq", "xkcdvw"):
        nothing = museum.search(asked)
        assert len(nothing) == 0
        assert nothing.total == 0
        assert nothing.fit == 0


def test_strings_of_letters_show_no_works(sample):
    draw = random.Random(1)
    real = frozenset(related_words().words)
    drawn = ("".join(draw.choices(string.ascii_lowercase, k=draw.randint(4, 12))) for _ in range(100))
    nonsense = [word for word in drawn if word not in real and not sample.text.frequency(word)]
    assert len(nonsense) > 95
    assert [word for word in nonsense if len(sample.search(word))] == []


@pytest.mark.parametrize("letters", [4, 5, 6, 7])
def test_two_strings_of_letters_show_no_works_either(sample, letters):
    draw = random.Random(letters)
    real = frozenset(related_words().words)
    for _ in range(60):
        drawn = ["".join(draw.choices(string.ascii_lowercase, k=letters)) for _ in range(2)]
        if not any(word in real or sample.text.frequency(word) for word in drawn):
            assert len(sample.search(" ".join(drawn))) == 0


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("portriat", "portrait"), ("houze", "house"), ("circus ccat", "cat"), ("landscpe", "landscape")],
)
def test_slips_in_real_words_are_still_read(sample, typed, meant):
    assert [*sample.search(typed).corrected.values()] == [meant]


OTHER_FIELDS = """
    eigenvalue kinase tachycardia amortization kubernetes subpoena polymerase denormalization stoichiometry
    refinancing mitochondria plaintiff backpropagation estoppel heteroscedasticity angioplasty titration
    hypervisor reinsurance phoneme geothermal defibrillator arbitrage halogen covalent serialization
    injunction retention radiotherapy warehousing likelihood guardianship broadband blender standup fusion
    relational operational checksum thymine recusal hysterectomy debenture semaphore photolysis
"""


@pytest.mark.parametrize("size", [1, 2, 3])
def test_words_of_other_fields_show_no_works(sample, size):
    elsewhere = [word for word in OTHER_FIELDS.split() if not sample.text.frequency(word)]
    draw = random.Random(size)
    asked = [" ".join(draw.sample(elsewhere, size)) for _ in range(40)]
    assert [text for text in asked if len(sample.search(text))] == []


@pytest.mark.parametrize("size", [1, 2])
def test_syllables_show_no_works(sample, size):
    draw = random.Random(size)

    def syllables():
        return "".join(
            draw.choice("bdfgklmnprstvz") + draw.choice("aeiou") for _ in range(draw.randint(2, 4))
        )

    for _ in range(60):
        drawn = [syllables() for _ in range(size)]
        if not any(is_real_word(word) or sample.text.frequency(word) for word in drawn):
            assert len(sample.search(" ".join(drawn))) == 0


def test_a_real_word_is_never_corrected(sample):
    draw, listed = random.Random(3), [word.decode() for word in _listed()]
    for word in draw.sample(listed, 150):
        meant = [*sample.search(word).corrected.values()]
        assert [one for one in meant if one.replace(" ", "") != word] == []


MASTERS = [
    ("R1", "The Night Watch", "Rembrandt van Rijn", "painting", "Dutch", "1642"),
    ("R2", "The Jewish Bride", "Rembrandt van Rijn", "painting", "Dutch", "1665"),
    ("R3", "Rembrandt in his studio", "Jane Poe", "prints", "British", "1960"),
    ("T1", "Rain and steam", "Joseph Mallord William Turner", "painting", "British", "1844"),
    ("T2", "Portrait of J.M.W. Turner", "Charles Turner", "prints", "British", "1851"),
    ("T3", "A JMW joke", "Jane Poe", "prints", "British", "1970"),
    ("P1", "Head of a woman", "Pablo Picasso", "drawings", "Spanish", "1924"),
    ("P2", "Hommage to Picasso", "Ann Hart", "drawings", "British", "1973"),
    ("C1", "A street", "Charles Rose", "photographs", "American", "1950"),
    ("C2", "A bridge", "Charles Lane", "photographs", "American", "1951"),
    ("C3", "A harbour", "Charles Deck", "photographs", "American", "1952"),
    ("C4", "A tower", "Charles Moor", "photographs", "American", "1953"),
    ("C5", "A mill", "Charles Ford", "photographs", "American", "1954"),
    ("W1", "A lake", "Ann Hart", "drawings and watercolors", "British", "1855"),
    ("F1", "Still life with flowers", "Jane Poe", "painting", "British", "1961"),
    ("F2", "Landscape with a road", "Jan Frans van Bloemen", "painting", "Flemish", "1720"),
    ("F3", "Portrait of a man", "Jane Poe", "painting", "British", "1962"),
    ("F4", "Caida de un picador de toros", "Ann Hart", "prints", "Spanish", "1816"),
]


@pytest.fixture(scope="module")
def masters(tmp_path_factory):
    return collection_of(MASTERS, tmp_path_factory.mktemp("masters"))


def test_who_is_known_by_a_forename_is_named_by_it_and_a_usual_forename_names_nobody(masters):
    found = masters.search("Rembrandt")
    assert named(found) == {"artist": "Rembrandt van Rijn"}
    assert set(native(found)[:2]) == {"R1", "R2"}
    assert "artist" not in named(masters.search("Charles"))


@pytest.mark.parametrize("typed", ["JMW Turner", "J.M.W. Turner", "J. M. W. Turner", "j m w turner"])
def test_initials_stand_for_the_name_and_works_about_him_come_later(masters, typed):
    found = masters.search(typed)
    assert named(found) == {"artist": "Joseph Mallord William Turner"}
    assert native(found)[0] == "T1"
    assert found.corrected == {}


@pytest.mark.parametrize(("typed", "first"), [("P. Picasso", "P1"), ("A. Hart lake", "W1")])
def test_one_initial_is_enough(masters, typed, first):
    assert native(masters.search(typed))[0] == first
    assert "artist" in named(masters.search(typed))


@pytest.mark.parametrize("typed", ["St Rose", "dr. Turner", "cat Picasso", "Joe Turner", "Mona Lisa"])
def test_a_short_word_before_a_family_name_is_no_initials(masters, typed):
    found = masters.search(typed)
    assert found.query.text == typed and found.corrected == {}
    assert all(typed.split()[0] not in one.words.split() for one in found.understood)
    assert "Charles Rose" not in named(found).values() or typed == "St Rose"


@pytest.mark.parametrize("typed", ["C Rose street", "C. Rose street"])
def test_a_capital_alone_is_an_initial(masters, typed):
    assert named(masters.search(typed))["artist"] == "Charles Rose"


def test_an_article_is_no_initial(masters):
    assert named(masters.search("a Hart"))["artist"] == "Ann Hart"
    assert masters.search("a Hart").understood[0].words == "Hart"


def test_a_slip_in_a_family_name_beside_other_words_names_the_artist(masters):
    found = masters.search("Picaso drawing")
    assert named(found)["artist"] == "Pablo Picasso"
    assert native(found)[0] == "P1"
    assert found.corrected == {"Picaso": "picasso"}
    assert masters.search("Picaso drawing", correct=False).corrected == {}


def test_british_plurals_name_kinds(masters):
    assert named(masters.search("1850s watercolours")) == {
        "years": "1850–1859",
        "classification": "drawings and watercolors",
    }


def test_kinds_are_named_in_other_languages(masters):
    assert named(masters.search("Gemälde des 17. Jahrhunderts"))["classification"] == "painting"
    assert native(masters.search("Gemälde des 17. Jahrhunderts"))[0] in {"R1", "R2"}


def test_a_word_of_another_language_is_no_artist(masters):
    found = masters.search("stilleven met bloemen")
    assert "artist" not in named(found)
    assert native(found)[0] == "F1"


def test_small_words_of_another_language_are_not_searched_for(masters):
    assert native(masters.search("retrato de un hombre"))[0] == "F3"
    assert "F4" not in native(masters.search("retrato de un hombre"))


def test_the_words_of_a_kind_are_those_that_say_it(masters):
    assert [one.words for one in masters.search("show me paintings by Rembrandt").understood] == [
        "paintings",
        "Rembrandt",
    ]


def test_a_number_is_the_first_hit_among_other_words(museum):
    assert native(museum.search("Hockney P06290"))[0] == "P06290"
    assert native(museum.search("storm over P06290 boats"))[0] == "P06290"


def test_counts_and_shares_are_no_numbers_and_phrases_stay(museum):
    for asked in ("1,000 flowers", "100% gold"):
        assert "number" not in named(museum.search(asked))
    assert native(museum.search('P06290 "zebra crossing"')) == []


def test_a_time_with_small_words_is_only_a_time(museum):
    assert native(museum.search("in 1884")) == native(museum.search("1884"))


@pytest.mark.parametrize(
    ("asked", "value"),
    [
        ("from 1884", "1884"),
        ("from 1884 onwards", "from 1884"),
        ("since 1884", "from 1884"),
        ("from 1884 to the present", "from 1884"),
        ("from 1884 until today", "from 1884"),
        ("from 1884 on", "from 1884"),
        ("from 1884 or later", "from 1884"),
    ],
)
def test_from_a_year_is_that_year_unless_it_goes_on(museum, asked, value):
    assert named(museum.search(asked)) == {"years": value}


def test_a_year_in_a_number_says_nothing_of_when_a_work_was_made(museum):
    assert "years" not in named(museum.search("1884.206"))


def test_a_quotation_mark_that_is_left_open_reaches_to_the_end(museum):
    assert native(museum.search('artist:"Edgar Degas')) == ["A1"]


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("years:1640-1655", (1640, 1655)),
        ("years:-300--200", (-300, -200)),
        ("years:-300", (-300, -300)),
        ("years:1640-", (1640, None)),
    ],
)
def test_years_may_be_written_with_a_hyphen(text, years):
    assert exactly(text).where == {"years": years}
