"""Ways in without words: by chance, by leafing through, by a colour, and what works can be narrowed to."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from ham_recommend import FolderSource, Recommender, Session, build, errors

COLOURS = {"red": (180, 40, 35), "blue": (40, 80, 160), "green": (70, 120, 60), "grey": (128, 128, 128)}


@pytest.fixture(scope="module")
def swatches(tmp_path_factory):
    """Return a collection of pictures of which a known share has a known colour, and no words."""
    folder = tmp_path_factory.mktemp("swatches")
    (folder / "pictures").mkdir()
    noise = np.random.default_rng(1)
    for name, rgb in COLOURS.items():
        for percent in (20, 50, 90):
            pixels = noise.integers(225, 256, (60, 80, 1), dtype=np.uint8).repeat(3, axis=2)
            pixels[:, : 80 * percent // 100] = rgb
            Image.fromarray(pixels).save(folder / "pictures" / f"{name}-{percent}.png")
    build(FolderSource(folder / "pictures"), folder / "out", progress=False)
    return Recommender.load(folder / "out")


@pytest.mark.parametrize("name", COLOURS)
def test_pictures_with_most_of_a_colour_come_first(swatches, name):
    hits = swatches.search_by_colour(f"#{bytes(COLOURS[name]).hex()}", 3)
    assert [hit.work.title for hit in hits] == [f"{name} 90", f"{name} 50", f"{name} 20"]
    shares = hits.scores.tolist()
    assert 0 < shares[2] < shares[1] < shares[0] <= 1
    assert shares[1] / shares[0] == pytest.approx(5 / 9, abs=0.12)


def test_a_colour_respects_filters_and_what_must_not_come_back(sample):
    where = {"classification": "Paintings"}
    first = sample.search_by_colour("2a559e", 5, where=where)
    assert {hit.work.classification for hit in first} == {"Paintings"}
    more = sample.search_by_colour("#2A559E", 5, where=where, exclude=first.item_ids.tolist())
    assert not set(first.item_ids) & set(more.item_ids)
    assert more.scores.max() <= first.scores.min() + 1e-6
    assert first.query.colour == "#2a559e"


@pytest.mark.parametrize("colour", ["blue", "", "#12345", "#12345g", None, "#1234567"])
def test_what_is_no_colour_is_refused(sample, colour):
    with pytest.raises(errors.SettingsError, match="six hexadecimal digits"):
        sample.search_by_colour(colour)


def test_a_collection_without_pictures_says_how_to_get_colours(sample):
    without = Recommender.load(sample.workspace, encoder="none")
    assert not without.reads_colours
    with pytest.raises(errors.SettingsError, match="--image-encoder style"):
        without.search_by_colour("#ff0000")


def test_a_surprise_is_never_the_same_and_can_be_drawn_again(sample):
    first, second = sample.surprise(), sample.surprise()
    assert len(first) == len(set(first.item_ids)) == 12
    assert set(first.item_ids) != set(second.item_ids)
    again = sample.surprise(drawn=first.query.drawn)
    assert again.item_ids.tolist() == first.item_ids.tolist()
    assert all(hit.work.thumbnail for hit in first)


def test_a_surprise_is_more_varied_than_chance(sample):
    def spread(item_ids):
        vectors = sample.pictures.get(list(item_ids)).vectors
        return float(np.mean(1 - vectors @ vectors.T))

    drawn = [spread(sample.surprise(drawn=seed).item_ids) for seed in range(20)]
    ids = sample.pictures.item_ids()
    chance = [spread(np.random.default_rng(seed).choice(ids, 12, replace=False)) for seed in range(20)]
    assert np.mean(drawn) > np.mean(chance) * 1.05


def test_surprises_go_on_until_everything_was_seen(sample):
    where = {"classification": "Prints"}
    session = Session(sample, k=7)
    total, shown = len(sample.catalog.filter(where)), []
    while len(turn := session.surprise(where=where).ranking):
        shown += turn.item_ids.tolist()
    assert len(shown) == len(set(shown)) == total


def test_leafing_through_shows_each_work_once_pictures_first(sample):
    session = Session(sample, k=50)
    turn = session.browse(where={"years": (1900, None)})
    total = len(sample.catalog.filter({"years": (1900, None)}))
    assert turn.ranking.found == total
    while len(session.turn(turn.turn_id).ranking) < total:
        session.more(turn.turn_id)
    ids = session.turn(turn.turn_id).ranking.item_ids.tolist()
    assert set(ids) == set(sample.catalog.filter({"years": (1900, None)}))
    pictured = [item_id in sample.catalog.pictured for item_id in ids]
    assert pictured == sorted(pictured, reverse=True)
    wider = session.refilter(turn.turn_id).ranking
    assert wider.found == len(sample.catalog)


def test_a_picture_turn_goes_on_while_the_session_has_the_picture(sample):
    session = Session(sample, k=3)
    work = sample.catalog[next(iter(sorted(sample.catalog.pictured)))]
    content = sample.workspace.path(work.thumbnail).read_bytes()
    turn = session.search_by_picture(content, name="mine.jpg")
    assert turn.ranking[0].item_id == work.item_id
    assert turn.ranking.query.picture == "mine.jpg"
    assert len(session.more(turn.turn_id).ranking) == 6
    assert session.refilter(turn.turn_id, where={"classification": "Prints"}).kind == "picture"
    kept = Session.from_json(sample, session.to_json())
    assert [each.kind for each in kept.turns] == ["picture", "picture"]
    assert not kept.can_continue(kept.turns[0])
    with pytest.raises(errors.SettingsError, match="Choose it once more"):
        kept.more(1)


def test_facets_follow_the_other_filters_and_say_what_a_filter_finds(sample):
    where = {"classification": ["Paintings"], "years": (1850, 1950)}
    found = sample.facets(where, limit=1_000)
    assert found.works == len(sample.catalog.filter(where))
    for field, values in found.fields.items():
        others = {name: wanted for name, wanted in where.items() if name != field}
        for text, works in values:
            wanted = f"={text}" if field == "artist" else text
            assert works == len(sample.catalog.filter({**others, field: wanted})), (field, text)
    assert dict(found.fields["classification"])["Prints"] > 0
    for begin, end, works in (
        (each.begin, each.end, each.works) for each in (*found.timeline.stretches, *found.timeline.centuries)
    ):
        within = {"classification": ["Paintings"], "years": (begin, end)}
        assert works == len(sample.catalog.filter(within)), (begin, end)


def test_a_long_list_can_be_searched(sample):
    (values,) = sample.facets(fields=["artist"], containing="emile").fields.values()
    assert [text for text, _ in values] == ["Émile Corvisart"]
