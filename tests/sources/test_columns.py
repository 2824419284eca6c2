"""Which column holds what."""

import pytest
from tables import fetch, one

from ham_recommend.errors import SettingsError
from ham_recommend.sources._table.columns import KNOWN_FIELDS, choose_columns, name_key
from ham_recommend.sources._table.names import USUAL_NAMES


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Object Number", "item_id"),
        ("objectid", "item_id"),
        ("Inventarnummer", "item_id"),
        ("N° d'inventaire", None),
        ("Accession_No.", "item_id"),
        ("Titel", "title"),
        ("TITRE", "title"),
        ("Título", "title"),
        ("Künstler", "artist"),
        ("Artist Display Name", "artist"),
        ("maker", "artist"),
        ("dated", "date"),
        ("Object Date", "date"),
        ("Datierung", "date"),
        ("beginDate", "year_begin"),
        ("date_begin", "year_begin"),
        ("Object End Date", "year_end"),
        ("Année", "date"),
        ("Materials and Techniques", "medium"),
        ("primaryimageurl", "picture"),
        ("image_url", "picture"),
        ("filename", "picture"),
        ("Link Resource", "page_url"),
        ("objectURL", "page_url"),
        ("Licence", "rights"),
        ("creditline", "credit"),
        ("totalpageviews", "popularity"),
        ("Object Name", "classification"),
        ("style", "period"),
        ("作品名", "title"),
        ("artist_dates", None),
        ("Artist Begin Date", None),
        ("width", None),
    ],
)
def test_usual_names_are_understood_in_several_languages(header, field):
    columns = choose_columns([header], {}, ())
    assert list(columns.fields) == ([field] if field else [])


@pytest.mark.parametrize(
    ("header", "is_text"),
    [
        ("description", True),
        ("description_1", True),
        ("Description (GPT-4)", True),
        ("ai_description", True),
        ("descriptions", True),
        ("alt_text", True),
        ("Label Text", True),
        ("caption", True),
        ("annotations", True),
        ("Beschreibung", True),
        ("description_kind", False),
        ("description_1_model", False),
        ("caption_language", False),
        ("title", False),
        ("notes", False),
    ],
)
def test_columns_that_describe_are_told_from_those_about_descriptions(header, is_text):
    assert bool(choose_columns([header], {}, ()).texts) is is_text


def test_no_usual_name_stands_for_two_fields():
    keys = [key for names in USUAL_NAMES.values() for key in {name_key(name) for name in names.split()}]
    assert len(keys) == len(set(keys))
    assert set(USUAL_NAMES) == set(KNOWN_FIELDS) - {"descriptions"}


def test_the_likeliest_of_several_columns_is_taken(csv_file):
    record = one(csv_file, "Object Number,Object ID,display title,Title\n12.3,77,shown,Cat\n")
    assert (record.item_id, record.title) == ("table:77", "Cat")


def test_a_mapping_goes_before_usual_names(csv_file):
    record = one(
        csv_file,
        "id,title,Werk,notes,description\n1,no,Katze,Seen from behind.,A cat.\n",
        mapping={"title": "Werk", "description": "notes"},
    )
    assert record.title == "Katze"
    assert [(told.text, told.source) for told in record.descriptions] == [
        ("Seen from behind.", "notes"),
        ("A cat.", "description"),
    ]


def test_mapped_fields_may_be_called_by_a_usual_name_and_columns_spelled_freely(csv_file):
    record = one(csv_file, "Nr. (alt),Wer\n1,Anna\n", mapping={"id": "nr alt", "Künstler": "Wer"})
    assert (record.item_id, record.artist) == ("table:1", "Anna")


def test_a_mapped_description_column_counts_once(csv_file):
    record = one(csv_file, "id,description\n1,A cat.\n", mapping={"title": "description"})
    assert (record.title, record.descriptions) == ("A cat.", ())


def test_ignored_columns_are_left_out(csv_file):
    content = "id,title,description,alt_text\n1,Cat,Long text.,Short text.\n"
    record = one(csv_file, content, ignore=("alt_text", "Title"))
    assert [told.text for told in record.descriptions] == ["Long text."]
    assert record.title == ""


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"mapping": {"titel_des_werks": "title"}}, ["titel_des_werks", "year_begin", "title"]),
        ({"mapping": {"title": "Titre"}}, ["Titre", "id, name"]),
        ({"ignore": ["alt_text"]}, ["alt_text", "id, name"]),
        ({"limit": 0}, ["limit", "0"]),
        ({"limit": "a"}, ["limit", "'a'"]),
        ({"limit": 1.5}, ["limit", "1.5"]),
        ({"limit": True}, ["limit", "True"]),
        ({"mapping": [("title", "name")]}, ["mapping", "such as"]),
        ({"mapping": "title=name"}, ["mapping", "such as"]),
        ({"mapping": {"title": 1}}, ["mapping", "such as"]),
    ],
)
def test_an_unknown_setting_is_refused_with_the_known_ones(csv_file, options, said):
    with pytest.raises(SettingsError) as caught:
        fetch(csv_file, "id,name\n1,Cat\n", **options)
    assert all(word in str(caught.value) for word in said)
