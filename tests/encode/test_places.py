"""The gazetteer: what it says of places anybody can look up."""

import gzip

import pytest

from ham_recommend.encode.analyzer import fold
from ham_recommend.encode.places import NAMES, OUT, Places, places


def inside(*asked):
    return {place for _, found in places().regions(asked) for place in found}


@pytest.mark.parametrize(
    ("region", "place"),
    [
        ("belgium", "ghent"),
        ("belgium", "bruges"),
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
    assert not {"stanley", "alice"} & inside("england") and "fuji" not in inside("japan")
    assert not {"mora", "fuji", "guanyin", "downtown", "patti"} & (inside("india") | inside("china"))
    assert not inside("king", "sunset") and not inside("")


def test_what_is_meant_elsewhere_is_not_in_a_large_region():
    assert "paris" not in inside("texas") and "venice" not in inside("california")
    assert "kent" not in inside("united", "states"), "a region elsewhere"


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("venezia", "Venice"),
        ("firenze", "Florence"),
        ("wien", "Vienna"),
        ("anvers", "Antwerp"),
        ("londra", "London"),
        ("bombay", "Mumbai"),
        ("koln", "Cologne"),
        ("cologne", "Köln"),
        ("conwy", "Conway"),
        ("bruges", "Brugge"),
    ],
)
def test_a_place_has_other_names(name, other):
    assert other in places().other_names(name)


def test_every_name_is_that_of_one_place():
    lines = [line for line in NAMES.read_text("utf-8").splitlines() if not line.startswith("#")]
    every = [name for line in lines for name in {*map(fold, line.split())}]
    assert len(every) == len(set(every))
    assert all(len(line.split()) > 1 for line in lines)


def test_no_place_has_no_other_name():
    assert places().other_names("sunset") == places().other_names("") == []


def test_each_line_is_read(tmp_path):
    path, names = tmp_path / "places.txt.gz", tmp_path / "names.txt"
    path.write_bytes(gzip.compress(b"far land>hither yon\nnear>here"))
    names.write_text("# What they are called\nHither Hierhér\n", encoding="utf-8")
    small = Places(path, names)
    assert small.regions(["land", "far"]) == [(("land", "far"), ["hither", "yon"])]
    assert small.other_names("hierher") == ["Hither"]
    assert small.other_names("hither") == ["Hierhér"]


def test_the_file_is_small():
    assert OUT.stat().st_size < 100_000
