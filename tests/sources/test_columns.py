"""Which column holds what."""

import pytest
from tables import fetch, one

from ham_recommend.errors import SettingsError
from ham_recommend.sources._table.columns import KNOWN_FIELDS, choose_columns, name_key
from ham_recommend.sources._table.names import TEXT_NAMES, TEXT_STEMS, USUAL_NAMES
from ham_recommend.sources.table import TableSource


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Object Number", "accession_number"),
        ("objectid", "item_id"),
        ("Inventarnummer", "accession_number"),
        ("N° d'inventaire", "accession_number"),
        ("Accession_No.", "accession_number"),
        ("Référence", "item_id"),
        ("id_objet", "item_id"),
        ("作品ID", "item_id"),
        ("dcterms:identifier", "item_id"),
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
        ("DisplayArtist", "artist"),
        ("all_artists", "artist"),
        ("Auteurs", "artist"),
        ("作者名", "artist"),
        ("artist_2", "artist"),
        ("objectCreator[1]", "artist"),
        ("ca_entities.preferred_labels", "artist"),
        ("dc:creator", "artist"),
        ("Dublin Core:Creator", "artist"),
        ("proxy_dc_creator", "artist"),
        ("dcTitleLangAware", "title"),
        ("Title (English)", "title"),
        ("title_nl", "title"),
        ("tittel", "title"),
        ("tytuł", "title"),
        ("_primaryTitle", "title"),
        ("sourceResource.title", "title"),
        ("title_in_original_language", "other_titles"),
        ("date_made", "date"),
        ("anneecreation", "date"),
        ("date_creation_string", "date"),
        ("dateRange.text", "date"),
        ("DTZG", "date"),
        ("produced_by.timespan.end_of_the_end", "year_end"),
        ("production.date.start", "year_begin"),
        ("Sujet représenté", "subjects"),
        ("Schlagwörter", "subjects"),
        ("Tags", "subjects"),
        ("place_made", "place"),
        ("Lugar de Producción/Ceca", "place"),
        ("FORM", "classification"),
        ("værktype", "classification"),
        ("Materia/Soporte", "medium"),
        ("Ecole_pays", "culture"),
        ("edmIsShownAt", "page_url"),
        ("artist_dates", None),
        ("Artist Begin Date", None),
        ("BORN-DIED", None),
        ("date_acquired", None),
        ("AccessionYear", None),
        ("current_location", None),
        ("Repository", None),
        ("artistId", None),
        ("image_title", None),
        ("width", None),
        ("x" * 140_000, None),
        ("caption" * 20_000, None),
    ],
)
def test_usual_names_are_understood_in_several_languages(header, field):
    columns = choose_columns([header], {}, ())
    found = [name for name in columns.fields if name != "item_id" or field == "item_id"]
    assert found == ([field] if field else [])
    assert (columns.left_out == (header,)) is (field is None and not columns.texts)


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
        ("captions_source", False),
        ("title", False),
        ("notes", False),
        ("inscriptions", True),
        ("Signed", True),
        ("gpt_4_caption", True),
        ("object_description", True),
        ("curator_description", True),
        ("beskrivelse", True),
        ("did_you_know", True),
        ("condition_description", False),
        ("verificationlevel_description", False),
        ("location_description", False),
        ("artist_description", False),
        ("description_of_artist", False),
        ("Zustandsbeschreibung", False),
        ("license_description", False),
        ("bio_description", False),
        ("biography", False),
        ("provenance_text", False),
        ("caption" * 20_000, False),
    ],
)
def test_columns_that_describe_are_told_from_those_about_descriptions(header, is_text):
    assert bool(choose_columns([header], {}, ()).texts) is is_text


def test_no_usual_name_stands_for_two_fields():
    keys = [key for names in USUAL_NAMES.values() for key in {name_key(name) for name in names.split()}]
    assert len(keys) == len(set(keys))
    assert set(USUAL_NAMES) == set(KNOWN_FIELDS) - {"descriptions", "other_pictures"}
    texts = {name_key(name) for names in (TEXT_NAMES, TEXT_STEMS) for name in names.split()}
    assert not texts & set(keys)


MET = """
    Object Number,Is Highlight,Object ID,Department,AccessionYear,Object Name,Title,Culture,Period,Dynasty,
    Reign,Constituent ID,Artist Role,Artist Display Name,Artist Display Bio,Artist Nationality,
    Artist Begin Date,Artist End Date,Artist Gender,Object Date,Object Begin Date,Object End Date,
    Medium,Dimensions,Credit Line,City,Country,Excavation,Classification,Rights and Reproduction,
    Link Resource,Repository,
    Tags,Tags AAT URL"""
MOMA = """
    Title,Artist,ConstituentID,ArtistBio,Nationality,BeginDate,EndDate,Gender,Date,Medium,CreditLine,
    AccessionNumber,Classification,Department,DateAcquired,ObjectID,URL,ImageURL"""
TATE = """
    id,accession_number,artist,artistRole,artistId,title,dateText,medium,creditLine,year,acquisitionYear,
    dimensions,inscription,thumbnailCopyright,thumbnailUrl,url"""
NGA = """
    objectid,accessioned,accessionnum,title,displaydate,beginyear,endyear,medium,inscription,markings,
    attributioninverted,attribution,provenancetext,creditline,classification,subclassification"""
RIJKS = """
    objectInventoryNumber,objectPersistentIdentifier,objectTitle[1],objectType[1],objectType[2],
    objectCreator[1],objectCreator[2],objectCreationDate[1],objectImage"""
JOCONDE = """
    REF,AUTR,TITR,DOMN,DENO,PERI,MILL,TECH,REPR,INV,LOCA,ECOL,DESC"""
WGA = "AUTHOR,BORN-DIED,TITLE,DATE,TECHNIQUE,LOCATION,URL,FORM,TYPE,SCHOOL,TIMEFRAME"
ADLIB = """
    priref,object_number,title,creator,creator.role,production.date.start,production.date.end,production.place,
    object_name,material,technique,content.subject,inscription.content,current_location,description"""
OMEKA = (
    "o:id,dcterms:title,dcterms:creator,dcterms:created,dcterms:spatial,dcterms:subject,dcterms:description"
)
LINKED_ART = """
    id,_label,produced_by.carried_out_by,produced_by.timespan.begin_of_the_begin,classified_as,made_of,shows"""


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            MET,
            {
                "item_id": "Object ID+Object Number", "title": "Title", "accession_number": "Object Number",
                "subjects": "Tags", "place": "Excavation+Country+City", "artist": "Artist Display Name",
                "culture": "Culture+Artist Nationality", "date": "Object Date",
                "year_begin": "Object Begin Date", "year_end": "Object End Date",
                "classification": "Classification+Object Name", "medium": "Medium",
                "period": "Period+Dynasty+Reign", "department": "Department", "page_url": "Link Resource",
                "rights": "Rights and Reproduction", "credit": "Credit Line",
            },
        ),
        (
            MOMA,
            {
                "item_id": "ObjectID+AccessionNumber", "title": "Title",
                "accession_number": "AccessionNumber",
                "artist": "Artist", "culture": "Nationality", "date": "Date",
                "classification": "Classification", "medium": "Medium", "department": "Department",
                "picture": "ImageURL", "page_url": "URL", "credit": "CreditLine",
            },
        ),
        (
            TATE,
            {
                "item_id": "id+accession_number", "title": "title", "accession_number": "accession_number",
                "artist": "artist", "date": "dateText+year", "medium": "medium",
                "descriptions": "inscription",
                "picture": "thumbnailUrl", "page_url": "url", "rights": "thumbnailCopyright",
                "credit": "creditLine",
            },
        ),
        (
            NGA,
            {
                "item_id": "objectid+accessionnum", "title": "title", "accession_number": "accessionnum",
                "artist": "attribution+attributioninverted", "date": "displaydate", "year_begin": "beginyear",
                "year_end": "endyear", "classification": "classification+subclassification",
                "medium": "medium", "descriptions": "inscription+markings", "credit": "creditline",
            },
        ),
        (
            RIJKS,
            {
                "item_id": "objectPersistentIdentifier+objectInventoryNumber", "title": "objectTitle[1]",
                "accession_number": "objectInventoryNumber", "artist": "objectCreator[1]+objectCreator[2]",
                "date": "objectCreationDate[1]", "classification": "objectType[1]+objectType[2]",
                "picture": "objectImage",
            },
        ),
        (
            JOCONDE,
            {
                "item_id": "REF+INV", "title": "TITR", "accession_number": "INV", "subjects": "REPR",
                "artist": "AUTR", "culture": "ECOL", "date": "MILL+PERI", "classification": "DOMN+DENO",
                "technique": "TECH", "descriptions": "DESC",
            },
        ),
        (
            WGA,
            {
                "title": "TITLE", "artist": "AUTHOR", "culture": "SCHOOL", "date": "DATE",
                "classification": "TYPE+FORM", "technique": "TECHNIQUE", "page_url": "URL",
            },
        ),
        (
            ADLIB,
            {
                "item_id": "priref+object_number", "title": "title", "accession_number": "object_number",
                "subjects": "content.subject", "place": "production.place", "artist": "creator",
                "year_begin": "production.date.start", "year_end": "production.date.end",
                "classification": "object_name", "medium": "material", "technique": "technique",
                "descriptions": "inscription.content+description",
            },
        ),
        (
            OMEKA,
            {
                "item_id": "o:id", "title": "dcterms:title", "subjects": "dcterms:subject",
                "place": "dcterms:spatial", "artist": "dcterms:creator", "date": "dcterms:created",
                "descriptions": "dcterms:description",
            },
        ),
        (
            LINKED_ART,
            {
                "item_id": "id", "title": "_label", "subjects": "shows",
                "artist": "produced_by.carried_out_by",
                "year_begin": "produced_by.timespan.begin_of_the_begin", "classification": "classified_as",
                "medium": "made_of",
            },
        ),
        (
            "ObjectID,ObjTitle,Dated,DateBegin,DateEnd,DisplayName,DisplayBio,BeginDate,EndDate,ThumbPath",
            {
                "item_id": "ObjectID", "title": "ObjTitle", "artist": "DisplayName", "date": "Dated",
                "year_begin": "DateBegin", "year_end": "DateEnd", "picture": "ThumbPath",
            },
        ),
        (
            "ca_objects.idno,ca_entities.preferred_labels.displayname,ca_objects.date.dates_value,"
            "ca_places.preferred_labels,ca_list_items.preferred_labels,"
            "ca_object_representations.media.large.url",
            {
                "item_id": "ca_objects.idno", "accession_number": "ca_objects.idno",
                "artist": "ca_entities.preferred_labels.displayname", "date": "ca_objects.date.dates_value",
                "place": "ca_places.preferred_labels", "subjects": "ca_list_items.preferred_labels",
                "picture": "ca_object_representations.media.large.url",
            },
        ),
        (
            "Object number,Object production person,Object production date,"
            "Object production date - earliest/single,Object production date - latest",
            {
                "item_id": "Object number", "accession_number": "Object number",
                "artist": "Object production person", "date": "Object production date",
                "year_begin": "Object production date - earliest/single",
                "year_end": "Object production date - latest",
            },
        ),
        (
            "M_ID,ID_NUMBER,TITLE",
            {"item_id": "M_ID+ID_NUMBER", "accession_number": "ID_NUMBER", "title": "TITLE"},
        ),
        (
            "lidoRecID,eventActor,subjectConcept,rightsWorkSet",
            {
                "item_id": "lidoRecID", "artist": "eventActor", "subjects": "subjectConcept",
                "rights": "rightsWorkSet",
            },
        ),
        (
            "NCTN,Cronologia,Datazione da,Datazione a",
            {
                "item_id": "NCTN", "date": "Cronologia", "year_begin": "Datazione da",
                "year_end": "Datazione a",
            },
        ),
        ("Название,Дата создания", {"title": "Название", "date": "Дата создания"}),
        (
            "Número de tombo,Objeto",
            {
                "item_id": "Número de tombo", "accession_number": "Número de tombo",
                "classification": "Objeto",
            },
        ),
        (
            "管理番号,技法・材質,画像URL",
            {"item_id": "管理番号", "medium": "技法・材質", "picture": "画像URL"},
        ),
        (
            "藏品编号,质地",
            {"item_id": "藏品编号", "accession_number": "藏品编号", "medium": "质地"},
        ),
    ],
)  # fmt: skip
def test_tables_of_real_museums_and_systems_are_understood(header, expected):
    columns = choose_columns([name.strip() for name in header.split(",")], {}, ())
    found = {field: "+".join(names) for field, names in columns.of_fields().items()}
    assert found == expected


@pytest.mark.parametrize(
    ("header", "of_the_work"),
    [
        ("Title,Artist,ArtistBio,BeginDate,EndDate,Date", False),
        ("title,maker,maker_bio,year_begin,year_end,date", False),
        ("title,artist,begin_date,end_date,medium,date", False),
        ("title,artist,nationality,start_year,end_year,title_2,date_text", False),
        ("title,artist,date,begin_date,end_date", True),
        ("title,artist,begin_date,end_date,date", True),
        ("title,artist,begin_date,end_date,medium", True),
        ("title,artist,artist_bio,object_begin_date,object_end_date", True),
        ("title,artist_bio,birth_year,death_year,year_begin,year_end,date", True),
        ("id,title,date_begin,date_end", True),
    ],
)
def test_begin_and_end_beside_an_artist_are_the_artist_s_life(header, of_the_work):
    columns = choose_columns(header.split(","), {}, ())
    assert ("year_begin" in columns.fields, "year_end" in columns.fields) == (of_the_work, of_the_work)
    assert bool(columns.notes) is not of_the_work
    asked = (
        choose_columns(header.split(","), {"year_begin": [columns.left_out[0]]}, ())
        if columns.left_out
        else None
    )
    assert asked is None or "year_begin" in asked.fields


def test_a_second_column_of_the_same_meaning_fills_gaps_row_by_row(csv_file):
    records, problems = fetch(
        csv_file,
        "Object ID,Title,DisplayTitle,Artist,Artist Display Name,date,dating,culture,nationality\n"
        "1,Kite,,,Ann Oru,,c. 1900,,Norwegian\n"
        "2,,Bowl,Tom Bel,T. Bel,1955,,Dutch,British\n",
    )
    assert problems == []
    assert [(one.title, one.artist, one.date, one.culture) for one in records] == [
        ("Kite", "Ann Oru", "c. 1900", "Norwegian"),
        ("Bowl", "Tom Bel", "1955", "Dutch"),
    ]


def test_columns_of_fields_with_several_values_add_up(csv_file):
    record = one(
        csv_file,
        "id,title,title_en,Titel,subjects,keywords,artist_1,artist_2,period,dynasty,country,city,type,kind\n"
        "1,Vlieger,Kite,Vlieger,zebras;kites,picnic|kites,Ann Oru,Tom Bel,Edo,Ming,Mali,Timbuktu,Art,Art\n",
    )
    assert (record.title, record.other_titles) == ("Vlieger", ("Kite",))
    assert record.subjects == ("zebras", "kites", "picnic")
    assert (record.artist, record.period) == (("Ann Oru", "Tom Bel"), ("Edo", "Ming"))
    assert (record.place, record.classification) == (("Mali", "Timbuktu"), "Art")


def test_several_columns_mapped_to_one_field_add_up(csv_file):
    content = "id,title,a,b,medium\n1,Cat,x,y,oil\n2,Dog,,z,oil\n3,Cow,w,w,oil\n"
    mapping = {
        "medium": ["a", "b"],
        "credit": ("a", "b"),
        "descriptions": ["a", "b"],
        "title": ["title", "a"],
    }
    records, _ = fetch(csv_file, content, mapping=mapping)
    assert [one.medium for one in records] == [("x", "y"), "z", "w"]
    assert [one.credit for one in records] == ["x; y", "z", "w"]
    assert [[told.text for told in one.descriptions] for one in records] == [["x", "y"], ["z"], ["w", "w"]]
    assert [(one.title, one.other_titles) for one in records] == [
        ("Cat", ("x",)),
        ("Dog", ()),
        ("Cow", ("w",)),
    ]


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
        ({"mapping": {"title": []}}, ["mapping", "such as"]),
        ({"mapping": {"title": ["name", 1]}}, ["mapping", "such as"]),
        ({"encoding": "klingon"}, ["encoding", "klingon", "windows-1251"]),
        ({"sheets": "Works"}, ["sheet", "Works", "works.csv"]),
    ],
)
def test_an_unknown_setting_is_refused_with_the_known_ones(csv_file, options, said):
    with pytest.raises(SettingsError) as caught:
        fetch(csv_file, "id,name\n1,Cat\n", **options)
    assert all(word in str(caught.value) for word in said)


NESTED = """[
    {"id": 1, "production": [{"creator": {"name": "Ann", "born": 1901}, "date": {"text": "c. 1930"}}],
     "title": {"en": "Kite", "fr": "Cerf-volant"}, "image": [{"url": "https://x.org/a.jpg", "width": 9}],
     "size": {"h": 3}},
    {"id": 2, "production": [{"creator": {"name": "Bo"}, "place": "Oslo"}]}
]"""


def test_what_lies_beside_the_name_in_objects_is_said_to_be_left_out(tmp_path):
    path = tmp_path / "works.json"
    path.write_text(NESTED)
    explanation = TableSource(path).explain()
    assert {use.field: use.columns for use in explanation.used}["artist"] == ("production",)
    beside = {
        "production.creator.born": "1901",
        "production.date.text": "c. 1930",
        "production.place": "Oslo",
    }
    assert dict(explanation.left_out) == {**beside, "size.h": "3"}
    mapped = TableSource(path, mapping={"date": "production.date.text"})
    assert set(mapped.explain().left_out) == set(explanation.left_out) - {"production.date.text"}
    assert [record.date for record in mapped.fetch()] == ["c. 1930", ""]


def test_parts_of_objects_in_parquet_are_said_to_be_left_out_too(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    makers = [[{"name": "Ann", "role": "carver"}], None]
    pq.write_table(pa.table({"id": ["1", "2"], "maker": makers}), tmp_path / "works.parquet")
    assert dict(TableSource(tmp_path / "works.parquet").explain().left_out) == {"maker.role": "carver"}
