"""The open museums, each in its own dialect, played by the fake museum."""

import time
from datetime import date

import pytest

pytest.register_assert_rewrite("ham_recommend.testing.sources")

from ham_recommend import registry  # noqa: E402
from ham_recommend.builder.build import build  # noqa: E402
from ham_recommend.errors import SettingsError, SourceUnavailableError  # noqa: E402
from ham_recommend.net.rate_limit import Clock  # noqa: E402
from ham_recommend.records import Description  # noqa: E402
from ham_recommend.sources.table import TableSource  # noqa: E402
from ham_recommend.testing.fake_museum import Answer, FakeMuseum, harvard_works, json_answer  # noqa: E402
from ham_recommend.testing.sources import MuseumContract  # noqa: E402

OPEN = ("met", "artic", "cleveland", "smk")
ALL = ("harvard", *OPEN)


def met_work(number):
    free = number % 3 != 0
    address = f"https://images.example/{number}.jpg" if free else ""
    return {
        "objectID": 40_000 + 3 * number,
        "isPublicDomain": free,
        "primaryImage": address.replace(".jpg", "-large.jpg"),
        "primaryImageSmall": address,
        "department": "European Paintings",
        "objectName": "Painting",
        "accessionNumber": f"44.1.{number}",
        "title": f"Harbour no. {number}" if number % 5 else "",
        "culture": "",
        "period": "",
        "artistPrefix": "Copy after" if number % 4 == 0 else "",
        "artistDisplayName": f"Painter {number}",
        "artistNationality": "Dutch",
        "objectDate": f"ca. {1600 + number}",
        "objectBeginDate": 1595 + number,
        "objectEndDate": 1605 + number,
        "medium": "Oil on canvas",
        "classification": "Paintings",
        "creditLine": "Gift of Nobody",
        "rightsAndReproduction": "" if free else "© The Estate",
        "objectURL": f"https://www.metmuseum.org/art/collection/search/{number}",
        "metadataDate": "2026-06-01T00:00:00Z" if number > 40 else "2025-01-01T00:00:00Z",
        "tags": [{"term": "Ships"}, {"term": "Harbors"}] if number % 2 else None,
    }


def artic_work(number):
    return {
        "id": 100 + 2 * number,
        "title": f"Ship \ud83d no. {number}" if number == 3 else f"Ship no. {number}",
        "alt_titles": ["Boat"] if number % 2 else None,
        "main_reference_number": f"1933.{number}",
        "artist_display": "Somebody\nDutch, 1600-1650",
        "artist_title": "Somebody" if number % 4 else None,
        "place_of_origin": "Netherlands",
        "date_display": "1640s",
        "date_start": 1640,
        "date_end": 1649,
        "artwork_type_title": "Painting",
        "medium_display": "Oil on panel",
        "technique_titles": ["painting", "oil painting"],
        "department_title": "Painting and Sculpture of Europe",
        "description": "<p>A ship.</p>" if number % 2 else None,
        "thumbnail": {"alt_text": "A ship on a calm sea.", "lqip": "data:"} if number % 3 else None,
        "subject_titles": ["ships", "sea"],
        "image_id": f"aaaa-{number}" if number % 5 else None,
        "is_public_domain": number % 3 != 0,
        "copyright_notice": None if number % 3 else "© The Artist",
        "credit_line": "Gift of Nobody",
        "updated_at": "2026-06-01T00:00:00-05:00" if number > 40 else "2025-01-01T00:00:00-05:00",
    }


def cleveland_work(number):
    free = number % 3 != 0
    image = {"web": {"url": f"https://openaccess-cdn.example/{number}_web.jpg", "width": "893"}}
    return {
        "id": 90_000 + number,
        "accession_number": f"1958.{number}",
        "share_license_status": "CC0" if free else "Copyrighted",
        "title": f"Ship no. {number}",
        "creation_date": f"c. {1500 + number}",
        "creation_date_earliest": 1495 + number,
        "creation_date_latest": 1505 + number,
        "creators": [{"description": "Jan Somebody (Dutch, 1500–1560)", "role": "artist"}],
        "culture": ["Netherlands, 16th century"],
        "find_spot": "Delft",
        "technique": "oil on wood",
        "department": "European Painting and Sculpture",
        "type": "Painting",
        "description": "A ship." if number % 2 else "",
        "wall_description": None,
        "did_you_know": "The ship was called <i>Hope</i>.",
        "copyright": None if free else "© The Estate",
        "creditline": "Gift of Nobody",
        "url": f"https://clevelandart.org/art/1958.{number}",
        "images": image if number % 5 else None,
        "updated_at": "2026-06-01 00:00:00.000" if number > 40 else "2025-01-01 00:00:00.000",
    }


def smk_work(number):
    return {
        "object_number": f"KMS{number}" if number % 7 else f"KKS 1969-{number}",
        "titles": [
            {"title": f"Skib nr. {number}", "language": "dansk"},
            {"title": f"Ship no. {number}", "language": "engelsk"},
        ],
        "artist": ["C.W. Eckersberg"] if number % 4 else None,
        "production": [{"creator": "C.W. Eckersberg", "creator_nationality": "Danish"}],
        "production_date": [
            {"start": "1810-01-01T00:00:00Z", "end": "1819-12-31T00:00:00Z", "period": "1810s"}
        ],
        "object_names": [{"name": "Painting"}],
        "materials": ["oil", "canvas"],
        "techniques": ["Oil on canvas"],
        "labels": ["A ship leaves."],
        "content_description": ["Et skib."] if number % 2 else None,
        "responsible_department": "Art 1700-1945",
        "public_domain": number % 3 != 0,
        "rights": "https://creativecommons.org/publicdomain/mark/1.0/" if number % 3 else "© VISDA",
        "image_iiif_id": f"https://iip.example/iiif/jp2/kms{number}.tif.jp2" if number % 5 else None,
        "image_thumbnail": f"https://iip.example/thumb/{number}.jpg" if number % 5 == 0 else None,
        "frontend_url": f"https://open.smk.dk/artwork/image/KMS{number}" if number % 2 else None,
    }


MAKERS = {"met": met_work, "artic": artic_work, "cleveland": cleveland_work, "smk": smk_work}


def fake_museum():
    objects, annotations = harvard_works(60, base="http://museum.test")
    works = {name: [make(number) for number in range(1, 61)] for name, make in MAKERS.items()}
    return FakeMuseum(objects, annotations, works, key="key")


@pytest.fixture
def museum():
    return fake_museum()


def source_of(museum, name, folder, query="", limit=None, **settings):
    key = {"key": "key"} if name == "harvard" else {}
    api = (
        museum.url
        + {
            "harvard": "",
            "met": "/public/collection/v1",
            "artic": "/api/v1",
            "cleveland": "/api",
            "smk": "/api/v1",
        }[name]
    )
    kind = registry.load("source", name)
    settings = {"clock": Clock(sleep=lambda _: None), "rate": 1e6, **key, **settings}
    return kind(query, limit, folder=folder, api=api, adapter=museum.adapter(), **settings)


class Registered(MuseumContract):
    name = ""

    def open_museum(self):
        return fake_museum()

    def museum_source(self, museum, folder, **settings):
        return source_of(museum, self.name, folder, **settings)


class TestHarvard(Registered):
    name = "harvard"


class TestMet(Registered):
    name = "met"


class TestArtic(Registered):
    name = "artic"


class TestCleveland(Registered):
    name = "cleveland"


class TestSmk(Registered):
    name = "smk"


@pytest.fixture
def crawled(museum, tmp_path):
    """Return a maker of crawled sources and their records by native id."""

    def make(name, query="", limit=None, **crawl):
        source = source_of(museum, name, tmp_path / name, query, limit)
        report = source.crawl(**crawl)
        return report, {record.item_id.partition(":")[2]: record for record in source.fetch()}

    return make


@pytest.mark.parametrize("name", ALL)
def test_every_work_comes(name, crawled):
    report, records = crawled(name)
    assert report.records == len(records) == 60


@pytest.mark.parametrize(("name", "size"), [("met", 20), ("artic", 100), ("cleveland", 500), ("smk", 500)])
def test_works_come_page_by_page(name, size, museum, crawled):
    count = 2 * size + 7
    museum.works = {name: [MAKERS[name](number) for number in range(1, count + 1)]}
    _, records = crawled(name)
    assert len(records) == count
    assert museum.count() == (count + 1 if name == "met" else 3)


@pytest.mark.parametrize("name", OPEN)
def test_only_public_domain_pictures_may_be_copied(name, museum, crawled):
    _, records = crawled(name)
    assert {record.copies_allowed for record in records.values()} == {True, False}
    free = {"met": "isPublicDomain", "artic": "is_public_domain", "smk": "public_domain"}
    for record, work in zip(records.values(), museum.works[name], strict=True):
        allowed = work["share_license_status"] == "CC0" if name == "cleveland" else work[free[name]]
        assert record.copies_allowed == allowed
        assert record.rights in (
            {"CC0", "Public domain"} if allowed else {"© The Estate", "© The Artist", "© VISDA"}
        )


@pytest.mark.parametrize("name", OPEN)
def test_every_work_has_a_page_and_a_credit_or_none_is_known(name, crawled):
    _, records = crawled(name)
    assert all(record.page_url.startswith("https://") for record in records.values())
    assert name == "smk" or all(record.credit == "Gift of Nobody" for record in records.values())


@pytest.mark.parametrize("name", OPEN)
def test_a_query_brings_a_part(name, crawled):
    _, records = crawled(name, "no. 17")
    assert [record.title.rpartition(" ")[2] for record in records.values()] == ["17"]


@pytest.mark.parametrize("name", ALL)
def test_the_limit_is_kept(name, crawled, museum):
    report, records = crawled(name, limit=7)
    assert report.records == len(records) == 7
    assert museum.count() <= 8


@pytest.mark.parametrize("name", ["met", "artic", "cleveland"])
def test_changes_are_asked_for_by_date(name, crawled, museum):
    crawled(name)
    for work in museum.works[name]:
        work["title"] = "Renamed"
    report, records = crawled(name, since=date(2026, 1, 1))
    assert report.changed == 20
    assert sum(record.title == "Renamed" for record in records.values()) == 20
    assert len(records) == 60


def test_works_the_met_withdrew_meanwhile_are_passed_over(crawled, museum):
    # As text the id is listed, but no work is found under the number.
    museum.works["met"][4]["objectID"] = str(museum.works["met"][4]["objectID"])
    _, records = crawled("met")
    assert len(records) == 59


def never_given(*natives):
    """Return faults that answer some of The Met's works with an error, always."""
    broken = tuple(f"/objects/{native}" for native in natives)
    return lambda path, before: "error" if path.endswith(broken) else None


@pytest.mark.parametrize("number", [1, 30, 59, 60])
def test_a_work_the_met_cannot_give_is_named_and_passed_over(number, museum, crawled, tmp_path):
    native = 40_000 + 3 * number
    museum.faults = never_given(native)
    report, records = crawled("met", wait=False)
    assert (report.records, len(records), report.missed) == (59, 59, 1)
    source = source_of(museum, "met", tmp_path / "met")
    list(source.fetch())
    (problem,) = source.problems
    assert problem.where == f"met:{native}"
    assert "500" in problem.reason
    museum.faults = lambda path, before: None
    for work in museum.works["met"]:
        work["metadataDate"] = "2020-01-01"
    report, records = crawled("met", since=date(2026, 1, 1))
    assert (len(records), report.added, report.missed) == (60, 1, 0)


def test_a_last_page_of_one_broken_work_does_not_block_the_met(museum, crawled):
    museum.works["met"].append(met_work(61))
    museum.faults = never_given(40_000 + 3 * 61)
    assert crawled("met", wait=False)[0].missed == 1


def test_a_met_that_goes_out_of_order_within_a_page_loses_no_work(museum, crawled):
    asked = []

    def faults(path, before):
        asked.append(path)
        return "error" if len(asked) > 30 else None

    museum.faults = faults
    with pytest.raises(SourceUnavailableError, match="500"):
        crawled("met", wait=False)
    museum.faults = lambda path, before: None
    report, _ = crawled("met")
    assert (report.records, report.missed) == (60, 0)


def test_a_met_that_stumbles_for_a_moment_loses_no_work(museum, crawled):
    never = never_given(40_033, 40_036, 40_039)
    museum.faults = lambda path, before: never(path, before) if before < 4 else None
    report, _ = crawled("met", wait=False)
    assert (report.records, report.missed) == (60, 0)


def test_what_the_met_says_is_kept(crawled):
    _, records = crawled("met")
    record = records["40012"]
    assert (record.title, record.artist, record.culture) == ("Harbour no. 4", "Copy after Painter 4", "Dutch")
    assert (record.year_begin, record.year_end, record.date) == (1599, 1609, "ca. 1604")
    assert record.picture == "https://images.example/4.jpg"
    assert (record.accession_number, records["40003"].subjects) == ("44.1.4", ("Ships", "Harbors"))
    assert records["40003"].descriptions == (Description("Ships, Harbors", "The Metropolitan Museum of Art"),)


def test_what_chicago_says_is_kept(crawled, museum):
    _, records = crawled("artic")
    record = records["102"]
    assert record.picture == f"{museum.url}/iiif/2/aaaa-1/full/400,/0/default.jpg"
    assert record.page_url == "https://www.artic.edu/artworks/102"
    assert [one.text for one in record.descriptions] == [
        "<p>A ship.</p>",
        "A ship on a calm sea.",
        "ships, sea",
    ]
    assert (record.other_titles, record.accession_number) == (("Boat",), "1933.1")
    assert (record.technique, record.subjects) == (("painting", "oil painting"), ("ships", "sea"))
    assert records["108"].artist == "Somebody\nDutch, 1600-1650"
    assert records["106"].title == "Ship ? no. 3"


def test_what_cleveland_says_is_kept(crawled):
    _, records = crawled("cleveland")
    record = records["90001"]
    assert (record.artist, record.culture) == (("Jan Somebody",), ("Netherlands, 16th century",))
    assert (record.accession_number, record.place) == ("1958.1", "Delft")
    assert record.picture == "https://openaccess-cdn.example/1_web.jpg"
    assert [one.text for one in record.descriptions] == ["A ship.", "The ship was called <i>Hope</i>."]
    assert records["90005"].picture == ""


def test_what_copenhagen_says_is_kept(crawled):
    _, records = crawled("smk")
    record = records["KMS1"]
    assert (record.title, record.other_titles, record.culture) == ("Ship no. 1", ("Skib nr. 1",), "Danish")
    assert (record.artist, record.medium) == (("C.W. Eckersberg",), ("oil", "canvas"))
    assert (record.accession_number, records["KKS1969-7"].accession_number) == ("KMS1", "KKS 1969-7")
    assert (record.year_begin, record.year_end, record.date) == (1810, 1819, "1810s")
    assert record.picture == "https://iip.example/iiif/jp2/kms1.tif.jp2/full/!384,384/0/default.jpg"
    assert records["KMS5"].picture == "https://iip.example/thumb/5.jpg"
    assert records["KKS1969-7"].title == "Ship no. 7"
    assert records["KMS2"].page_url == "https://open.smk.dk/artwork/image/KMS2"


@pytest.mark.parametrize(
    ("name", "field", "page"),
    [
        ("smk", "object_number", "https://open.smk.dk/artwork/image/KKS1%2F7%3Fa%23b%22"),
        ("cleveland", "accession_number", "https://www.clevelandart.org/art/KKS1%2F7%3Fa%23b%22"),
    ],
)
def test_a_number_with_signs_of_its_own_does_not_lead_elsewhere(name, field, page, museum, crawled):
    odd = {field: 'KKS1/7?a#b"', "frontend_url": None, "url": "https://me:secret@museum.test/1"}
    museum.works = {name: [{**museum.works[name][0], **odd}]}
    _, records = crawled(name)
    assert [record.page_url for record in records.values()] == [page]


def test_the_picture_of_a_work_in_chicago_is_where_the_museum_keeps_them(museum, crawled):
    museum.works["artic"][0]["image_id"] = "../x?y#z"
    _, records = crawled("artic")
    assert records["102"].picture == f"{museum.url}/iiif/2/..%2Fx%3Fy%23z/full/400,/0/default.jpg"


def test_a_source_says_how_often_its_pictures_may_be_asked_for(tmp_path, monkeypatch):
    class Slow(TableSource):
        picture_rate = 2.0

    moments = []
    with FakeMuseum(faults=lambda path, before: moments.append(time.monotonic())) as museum:
        monkeypatch.setenv("HAM_ALLOW_PRIVATE", museum.place)
        rows = [f"{row},Ship,{museum.url}/iiif/{row}/full/full/0/default.jpg\n" for row in range(4)]
        (tmp_path / "works.csv").write_text("id,title,picture\n" + "".join(rows), encoding="utf-8")
        build(Slow(tmp_path / "works.csv"), tmp_path / "out", fetch_pictures=True, progress=False)
    assert len(moments) == 4
    assert moments[-1] - moments[0] > 3 / 2.0 - 0.25


@pytest.mark.parametrize("name", OPEN)
def test_hostile_values_spoil_only_their_own_field(name, museum, crawled):
    hostile = [None, 7, "text", [], {}, [None, 7, [], {"x": 1}], {"url": 3}, True, "\ud83d", "1" * 5_000]
    work = museum.works[name][0]
    native = {"met": "objectID", "artic": "id", "cleveland": "id", "smk": "object_number"}[name]
    works = [museum.works[name][-1]]
    for number, value in enumerate(hostile):
        ident = f"X{number}" if name == "smk" else 500_000 + number
        works.append(
            {**dict.fromkeys(work, value), native: ident, "updated_at": "2026", "metadataDate": "2026"}
        )
    museum.works = {name: works}
    _, records = crawled(name)
    assert len(records) == len(works)
    for record in records.values():
        repr(record).encode()
        assert not record.picture or record.picture.startswith("http")


@pytest.mark.parametrize("name", OPEN)
def test_an_open_museum_that_forbids_a_visitor_is_out_of_order_for_a_while(name, museum, crawled):
    museum.faults = lambda path, before: Answer(403, b"Forbidden")
    with pytest.raises(SourceUnavailableError, match=r"403.* refuses visitors for now") as caught:
        crawled(name, wait=False)
    assert caught.value.worth_retrying
    museum.faults = lambda path, before: None
    assert crawled(name)[0].records == 60


def test_a_limit_must_make_sense(tmp_path, museum):
    with pytest.raises(SettingsError, match="at least 1"):
        source_of(museum, "met", tmp_path, limit=0)


def artic_answer(ids, total):
    page = [artic_work(1) | {"id": number} for number in ids]
    return json_answer({"pagination": {"total": total}, "data": page, "config": {}})


@pytest.mark.parametrize(
    ("pages", "said"),
    [
        (lambda at: artic_answer(range(1, 101), 5_000), "the same page again and again"),
        (lambda at: artic_answer(range(1 + at % 2 * 100, 101 + at % 2 * 100), 5_000), "again and again"),
        (lambda at: artic_answer(range(at * 100, at * 100 + 100), 500), "more and more"),
        (lambda at: artic_answer(range(at * 100, at * 100 + 100), 10**30), "which cannot be"),
        (lambda at: artic_answer(range(at * 100, at * 100 + 100), -5), "which cannot be"),
    ],
    ids=["one page", "two pages", "endless", "10^30", "negative"],
)
def test_a_museum_that_never_ends_is_left_with_a_clear_error(museum, crawled, pages, said):
    museum.faults = lambda path, before: pages(before)
    with pytest.raises(SourceUnavailableError, match=said) as refused:
        crawled("artic")
    assert not refused.value.worth_retrying
    assert museum.count() < 20
