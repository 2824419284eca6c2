"""A ranking at the end of a cell: pictures inside, hostile text escaped, and a plain text for terminals."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from ham_recommend.answers import Query, Ranking
from ham_recommend.cell import MOST
from ham_recommend.records import Artwork


class Seen(HTMLParser):
    """Collects what a browser would make of a page."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes

    def handle_data(self, data):
        self.text.append(data)

    def all(self, name):
        return [value for key, value in self.attributes if key == name]


ALLOWED = {"div", "p", "b", "table", "tr", "td", "img", "br", "span", "a", "code", "tbody"}


def test_it_shows_every_work_with_its_picture_inside(recommender):
    ranking = recommender.search("circus cat", where={"years": (1500, 1990)})
    seen = Seen(ranking._repr_html_())
    assert seen.tags.count("td") == len(ranking) == 12
    pictures = seen.all("src")
    assert len(pictures) == sum(bool(hit.work.thumbnail) for hit in ranking) > 8
    for address in pictures:
        kind, _, coded = address.partition(";base64,")
        assert kind == "data:image/jpeg"
        assert max(Image.open(io.BytesIO(base64.b64decode(coded))).size) <= 160
    text = "".join(seen.text)
    for wanted in ("“circus cat”", "12 works", "years: 1500–1990", *ranking.item_ids, ranking[0].work.title):
        assert wanted in text
    assert set(seen.tags) <= ALLOWED
    assert len(ranking._repr_html_()) < 14_000 * len(ranking)


def test_its_look_needs_no_style_sheet_and_names_no_colour(recommender):
    html = recommender.search("cat")._repr_html_()
    assert "<style" not in html
    assert "class=" not in html
    assert not re.search(r"#[0-9a-f]{3,6}\b|\bcolor:|rgb\(", re.sub(r'src="[^"]*"', "", html))


def test_catalogue_text_runs_nothing(hostile):
    for ranking in (hostile.search("cat <script>alert(1)</script>"), hostile.search("circus")):
        seen = Seen(ranking._repr_html_())
        assert set(seen.tags) <= ALLOWED
        assert not [name for name, _ in seen.attributes if name.startswith("on")]
        for address in [*seen.all("href"), *seen.all("src")]:
            assert address.startswith(("https://", "http://", "data:image/jpeg;base64,"))


def test_a_work_of_which_no_copies_are_allowed_shows_its_museums_picture(recommender):
    address = "https://museum.test/iiif/7/full/full/0/default.jpg"
    hit = recommender.search("circus cat")[0]
    forbidden = replace(hit.work, copies_allowed=False, picture=address)
    ranking = Ranking(
        np.array([hit.item_id], dtype=object),
        np.ones(1, dtype=np.float32),
        works={hit.item_id: forbidden},
        root=recommender.workspace.root,
    )
    assert Seen(ranking._repr_html_()).all("src") == [address.replace("full/full", "full/!256,256")]


@pytest.mark.parametrize("address", ["http://127.0.0.1/x.png", "http://[::1]/x", "/etc/passwd", "file:///x"])
def test_the_readers_own_network_is_never_asked(address):
    work = Artwork(item_id="m:1", title="x", picture=address)
    ranking = Ranking(np.array(["m:1"], dtype=object), np.ones(1, dtype=np.float32), works={"m:1": work})
    assert Seen(ranking._repr_html_()).all("src") == []
    assert "No picture" in ranking._repr_html_()


def test_a_long_or_empty_ranking_stays_readable(recommender):
    long = recommender.similar_items(recommender.search("cat").item_ids[0], 60)
    seen = Seen(long._repr_html_())
    assert seen.tags.count("td") == MOST
    assert f"and {len(long) - MOST} more" in "".join(seen.text)
    empty = Ranking(np.array([], dtype=object), np.array([], dtype=np.float32), query=Query(text="zzz"))
    assert "nothing found" in "".join(Seen(empty._repr_html_()).text)
    assert "<table" not in empty._repr_html_()


def test_a_recommendation_a_correction_and_a_kept_turn_say_what_they_are(recommender):
    from ham_recommend import Session

    first = recommender.search("circus cat").item_ids[0]
    assert f"From {first}" in recommender.recommend([first])._repr_html_()
    assert "read as" in recommender.search("circsu cat")._repr_html_()
    session = Session(recommender)
    turn = session.search("circus cat")
    assert "data:image/jpeg" in turn.ranking._repr_html_(), "a session's rankings know where pictures lie"


def test_a_terminal_gets_text(recommender):
    assert repr(recommender.search("cat")).startswith("Ranking(item_ids=array(")
