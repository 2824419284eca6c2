"""The gazetteer: what it says of places anybody can look up."""

import gzip

import pytest

from ham_recommend.encode.places import OUT, Places, places


def inside(*asked):
    return {place for _, found in places().regions(asked) for place in found}


@pytest.mark.parametrize(
    ("region", "place"),
    [
        ("belgium", "ghent"),
        ("belgium", "brugge"),
        ("oxfordshire", "woodstock"),
        ("cornwall", "penzance"),
        ("italy", "venice"),
        ("france", "paris"),
        ("japan", "kyoto"),
        ("scotland", "edinburgh"),
        ("yorkshire", "whitby"),
    ],
)
def test_a_region_has_its_places(region, place):
    assert place in inside(region)


def test_a_region_of_several_words_may_be_turned_round():
    assert inside("yorkshire", "north") == inside("north", "yorkshire") >= {"whitby", "scarborough"}
    assert [named for named, _ in places().regions(["churches", "north", "yorkshire"])] == [
        ("north", "yorkshire")
    ]


def test_everyday_words_and_people_are_no_places():
    assert not {"bath", "reading", "deal", "battle"} & inside("england")
    assert "paul" not in inside("france") and "turner" not in inside("england")
    assert not inside("king", "sunset") and not inside("")


def test_what_is_meant_elsewhere_is_not_in_a_large_region():
    assert "paris" not in inside("texas") and "naples" not in inside("florida")


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("venezia", "venice"),
        ("firenze", "florence"),
        ("wien", "vienna"),
        ("anvers", "antwerp"),
        ("londra", "london"),
        ("bombay", "mumbai"),
        ("constantinople", "istanbul"),
        ("conwy", "conway"),
        ("brugge", "bruges"),
    ],
)
def test_a_place_has_other_names(name, other):
    assert other in places().other_names(name)
    assert name in places().other_names(other)


def test_no_place_has_no_other_name():
    assert places().other_names("sunset") == places().other_names("") == []


def test_each_line_is_read(tmp_path):
    path = tmp_path / "places.txt.gz"
    path.write_bytes(gzip.compress(b"far land>hither yon\nhither=hierher"))
    small = Places(path)
    assert small.regions(["land", "far"]) == [(("land", "far"), ["hither", "yon"])]
    assert small.other_names("hierher") == ["hither"]


def test_the_file_is_small():
    assert OUT.stat().st_size < 300_000
