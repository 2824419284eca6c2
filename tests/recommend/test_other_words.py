"""Words of a question that works say otherwise: in English, by another name, by what lies within."""

import pytest

import ham_recommend as ham
from ham_recommend.sources.table import TableSource

TITLES = """
    The Grand Canal, Venice
    Venice from the sea
    Venezia, a poster
    Bruges, a quay
    The belfry of Bruges
    Ghent at night
    Whitby harbour
    Scarborough from the pier
    Oxford Street, London
    Cats at play
    A cat asleep
    Portrait of Helen
    Helen of Troy
    Helen in the garden
    Circe and her swine
    A street in Hell
    Firemen at a pump
    A fireman's helmet
    Rome from the hills
    The ruins of Rome
    Non Specific Threat
    Sunset over the hills
    Norse longboats
"""
ROWS = [title.strip() for title in TITLES.strip().splitlines()]


@pytest.fixture(scope="module")
def museum(tmp_path_factory):
    folder = tmp_path_factory.mktemp("words")
    rows = [f'{at},"{title}",{"School of London" if at % 2 else ""}' for at, title in enumerate(ROWS)]
    (folder / "works.csv").write_text("\n".join(["id,title,period", *rows]), encoding="utf-8")
    ham.build(TableSource(folder / "works.csv"), folder / "built", progress=False)
    return ham.Recommender.load(folder / "built")


def titles(found):
    return [hit.work.title for hit in found]


def keys(found):
    return [one.key for one in found.understood]


def test_a_place_is_found_by_the_name_that_works_have_for_it(museum):
    found = museum.search("Venedig")
    assert set(titles(found)[:2]) == set(ROWS[:2])
    assert keys(found) == ["meaning=Venice"]
    assert [str(hit.why) for hit in found[:2]] == ["Venice – title"] * 2
    assert not found.corrected and not found.suggested
    assert found.saying == 2


@pytest.mark.parametrize("asked", ["Venice", "Venezia", "Rome", "London"])
def test_no_other_name_is_read_where_works_say_the_one_asked_for(museum, asked):
    assert not any(key.startswith("meaning=") for key in keys(museum.search(asked)))


@pytest.mark.parametrize(("asked", "meaning"), [("Venedig", "Venice"), ("Katze", "cat")])
def test_what_a_word_was_read_as_is_taken_back(museum, asked, meaning):
    read, typed = museum.search(asked), museum.search(asked, ignore=[f"meaning={meaning}"])
    assert keys(read) == [f"meaning={meaning}"]
    assert typed.understood == () and typed.total < read.total


def test_a_name_that_works_say_is_no_form_of_a_foreign_word(museum):
    found = museum.search("Helen")
    assert found.understood == ()
    assert all("Helen" in title for title in titles(found)[:3])
    assert "A street in Hell" not in titles(found)


def test_foreign_words_are_the_reason_by_what_they_mean(museum):
    first = museum.search("Katze")[0].why
    assert (first.words, first.places) == (("cat",), ("title",))
    assert {form.casefold() for form in first.marked} <= {"cat", "cats"}


@pytest.mark.parametrize(
    ("region", "inside"),
    [
        ("Belgium", {"Bruges, a quay", "The belfry of Bruges", "Ghent at night"}),
        ("Yorkshire, North", {"Whitby harbour", "Scarborough from the pier"}),
        ("North Yorkshire", {"Whitby harbour", "Scarborough from the pier"}),
    ],
)
def test_a_region_that_no_work_says_is_found_by_its_places(museum, region, inside):
    found = museum.search(region)
    assert set(titles(found)) == inside
    assert not found.corrected and not found.suggested
    assert {str(hit.why).split(" – ")[0] for hit in found} <= {"Bruges", "Ghent", "Whitby", "Scarborough"}
    assert all(hit.why.marked and "words" not in hit.why.by for hit in found)


def test_a_region_beside_words_that_no_work_says_is_not_all_that_is_asked(museum):
    assert titles(museum.search("qwrtz Belgium vbnmk")) == []


def test_works_that_say_a_region_come_before_those_of_its_places(tmp_path):
    (tmp_path / "works.csv").write_text(
        "id,title\n1,Ghent at night\n2,A map of Belgium\n3,Sunset\n4,A horse\n", encoding="utf-8"
    )
    ham.build(TableSource(tmp_path / "works.csv"), tmp_path / "built", progress=False)
    found = ham.Recommender.load(tmp_path / "built").search("Belgium")
    assert titles(found) == ["A map of Belgium", "Ghent at night"]


def test_the_school_of_a_place_is_not_the_place(museum):
    assert "period=School of London" not in keys(museum.search("London"))
    assert titles(museum.search("London"))[0] == "Oxford Street, London"
    assert "period=School of London" in keys(museum.search("School of London"))


@pytest.mark.parametrize("asked", ["Rome - non-specific", "Rome (unspecified)", "Rome – miscellaneous"])
def test_what_a_cataloguer_adds_to_a_heading_is_not_asked_for(museum, asked):
    found = museum.search(asked)
    assert titles(found) == titles(museum.search("Rome"))
    assert found.ignored == () and found.saying == 2


@pytest.mark.parametrize("asked", ["non-specific threat", "non-specific", "Rome non-specific"])
def test_the_same_words_elsewhere_are(museum, asked):
    assert "Non Specific Threat" in titles(museum.search(asked))


@pytest.mark.parametrize(
    ("asked", "both"),
    [
        ("fireman", {"Firemen at a pump", "A fireman's helmet"}),
        ("firemen", {"Firemen at a pump", "A fireman's helmet"}),
    ],
)
def test_odd_plurals_are_one_word(museum, asked, both):
    found = museum.search(asked)
    assert set(titles(found)[:2]) == both
    assert all("words" in hit.why.by for hit in found[:2])
