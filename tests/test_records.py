"""The fields of a work and the answers: read as people read them, told apart, always in the same columns."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ham_recommend.answers import Ranking
from ham_recommend.fields import years_in_words
from ham_recommend.records import CHANNELS, FIELDS, Artwork, RawRecord, shown_in


@pytest.mark.parametrize(
    ("years", "written"),
    [
        ((1889, 1889), "1889"),
        ((1860, 1869), "1860–1869"),
        ((-300, -200), "300–200 BCE"),
        ((-44, -44), "44 BCE"),
        ((-50, 20), "50 BCE–20 CE"),
        ((1880, None), "from 1880"),
        ((-44, None), "from 44 BCE"),
        ((None, 1900), "until 1900"),
        ((None, None), ""),
    ],
)
def test_years_are_written_as_people_write_them(years, written):
    assert years_in_words(*years) == written
    closed = None not in years
    assert years_in_words(*years, sure=False) == (f"c. {written}" if closed else written)


def test_a_work_without_a_date_shows_its_years():
    dated = {"item_id": "m:1", "year_begin": 1860, "year_end": 1869}
    assert Artwork(**dated, date_confidence=1.0).text("date") == "1860–1869"
    assert Artwork(**dated, date_confidence=0.5).text("date") == "c. 1860–1869"
    assert Artwork(**dated, date="the sixties", date_confidence=1.0).text("date") == "the sixties"
    assert Artwork(item_id="m:1").text("date") == ""


def test_fields_are_read_as_text():
    work = Artwork(item_id="m:1", subjects=("cat", "dog"), year_begin=-3, artist="Anna")
    read = {name: work.text(name) for name in ("item_id", "subjects", "year_begin", "year_end", "artist")}
    assert read == {
        "item_id": "m:1",
        "subjects": "cat; dog",
        "year_begin": "-3",
        "year_end": "",
        "artist": "Anna",
    }
    assert work.values("artist") == ("Anna",)
    assert work.values("subjects") == ("cat", "dog")
    assert work.values("place") == ()


def test_only_the_id_is_required():
    for record in (RawRecord, Artwork):
        assert record(item_id="m:1").title == ""
        with pytest.raises(TypeError, match="item_id"):
            record()


def test_records_and_artworks_hold_the_same_fields():
    own = set(Artwork.__dataclass_fields__) - set(RawRecord.__dataclass_fields__)
    assert own == {"date_confidence", "thumbnail", "several"}
    assert set(RawRecord.__dataclass_fields__) <= {field.name for field in FIELDS}


def test_every_field_has_a_label_of_its_own():
    labels = [field.label for field in FIELDS]
    assert len(set(labels)) == len(labels) == len(Artwork.__dataclass_fields__) - 1
    assert all(label[0].isupper() and label.isprintable() for label in labels)


def ranking(n, **fields):
    return Ranking(
        np.array([f"m:{row}" for row in range(n)], dtype=object),
        np.linspace(1, 0.1, n, dtype=np.float32),
        **fields,
    )


def test_a_hit_holds_its_work():
    works = {"m:0": Artwork(item_id="m:0", title="Dancer")}
    first, second = ranking(2, works=works)
    assert first.work is works["m:0"]
    assert (second.work, second.work.title) == (Artwork(item_id="m:1"), "")


COLUMNS = ["rank", "item_id", "score", *(f"score_{name}" for name in CHANNELS)]


@given(st.integers(0, 3), st.sets(st.sampled_from(CHANNELS)), st.booleans())
def test_a_table_of_answers_has_the_same_columns_always(n, given, knows_works):
    works = {f"m:{row}": Artwork(item_id=f"m:{row}", title=f"No. {row}") for row in range(n)}
    channels = {name: np.full(n, 0.5, dtype=np.float32) for name in given}
    frame = ranking(n, channels=channels, works=works if knows_works else {}).to_frame()
    assert list(frame.columns) == [*COLUMNS, *(field.name for field in shown_in("table"))]
    assert list(frame["rank"]) == list(range(1, n + 1))
    assert list(frame["title"]) == [f"No. {row}" if knows_works else "" for row in range(n)]
    for name in CHANNELS:
        assert frame[f"score_{name}"].dtype == np.float32
        assert frame[f"score_{name}"].isna().sum() == (0 if name in given else n)


def test_a_table_of_answers_reads_like_the_works():
    work = Artwork(
        item_id="m:0",
        artist="Anna; Bo",
        several={"artist": ("Anna", "Bo")},
        subjects=("cat", "dog"),
        year_begin=1860,
        year_end=1869,
        date_confidence=1.0,
    )
    row = ranking(1, works={"m:0": work}).to_frame().loc[0]
    assert (row["artist"], row["subjects"], row["date"]) == ("Anna; Bo", "cat; dog", "1860–1869")
    assert (row["year_begin"], row["date_confidence"]) == (1860, 1.0)
