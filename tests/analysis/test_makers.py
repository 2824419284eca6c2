"""Who made a work: spellings are one person, and nobody is no one."""

from __future__ import annotations

import pytest

from ham_recommend.analysis.makers import NOBODY, Makers, name_key, name_of
from ham_recommend.errors import SettingsError


@pytest.mark.parametrize(
    "text",
    [
        *("", "Unknown", "Unidentified Artist", "after Rembrandt", "Workshop of Rubens", "Circle of Titian"),
        *("Anonymous, 17th century", "d'après Poussin", "Неизвестный художник", "Werkstatt Cranach", "佚名"),
        *("School of Paris", "Follower of Giotto"),
    ],
)
def test_nobody(text):
    assert name_of(text) == ""
    assert Makers.read([text]).of.tolist() == [NOBODY]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("John Singleton Copley (American, 1738–1815)", "John Singleton Copley"),
        ("Attributed to Rembrandt van Rijn", "Rembrandt van Rijn"),
        ("Katsushika Hokusai, 1760–1849", "Katsushika Hokusai"),
        ("Edvard Munch; Unknown printer", "Edvard Munch"),
        ("石濱 Shi Bin", "石濱 Shi Bin"),
    ],
)
def test_somebody(text, name):
    assert name_of(text) == name


def test_spellings_of_one_name_are_one_artist_under_the_most_frequent():
    makers = Makers.read(["Édouard Manet", "Edouard Manet", "Édouard Manet", "MANET, Édouard"])
    assert makers.names == ("Édouard Manet", "MANET, Édouard")
    assert makers.of.tolist() == [0, 0, 0, 1]
    assert name_key("Jean-Baptiste Chardin") == name_key("Jean Baptiste Chardin")


def test_two_works_of_nobody_have_no_artist_in_common():
    assert Makers.read(["Unknown", "unknown"]).of.tolist() == [NOBODY, NOBODY]


def test_an_artist_is_found_by_part_of_the_name_and_a_wrong_one_names_the_nearest():
    makers = Makers.read(["Judith Leysdael", "Anna Bol", "Hanna Bol"])
    assert makers.names[makers.find("leysdael")] == "Judith Leysdael"
    with pytest.raises(SettingsError, match="Did you mean: Judith Leysdael"):
        makers.find("Judit Leisdael")
    with pytest.raises(SettingsError, match="2 artists are called 'Bol'"):
        makers.find("Bol")
