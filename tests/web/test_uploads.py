"""Uploads: pieces that go on where they stopped, collections that are there at once, and what comes back."""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ham_recommend import FolderSource, Recommender, build
from ham_recommend.web.uploads import PICTURES, Uploads

UPLOADS = "/api/v1/uploads"
_KILLED = int(os.environ.get("HAM_KILLS", "5"))
KILLS = Counter(receiving=2 * _KILLED // 5, building=3 * _KILLED // 5)


def picture(seed, side=160, kind="JPEG"):
    colours = random.Random(seed)
    image = Image.new("RGB", (side, side + seed % 40), tuple(colours.randrange(256) for _ in range(3)))
    for _ in range(6):
        x, y = colours.randrange(side), colours.randrange(side)
        tile = Image.new(
            "RGB", (colours.randrange(10, 70), 40), tuple(colours.randrange(256) for _ in range(3))
        )
        image.paste(tile, (x, y))
    stream = io.BytesIO()
    image.save(stream, kind)
    return stream.getvalue()


def begin(who, collection, files):
    wanted = [{"name": name, "size": len(content)} for name, content in files]
    response = who.post(UPLOADS, json={"collection": collection, "files": wanted})
    assert response.status_code == 201, response.text
    return response.json()


def send(who, upload, number, content, offset=0):
    path = f"{UPLOADS}/{upload['upload_id']}/files/{number}"
    return who.put(path, params={"offset": offset}, content=content[offset:])


def finish(who, upload, seconds=60):
    assert who.post(f"{UPLOADS}/{upload['upload_id']}/finish").status_code == 202
    return ended(who, upload, seconds)


def ended(who, upload, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        now = who.get(f"{UPLOADS}/{upload['upload_id']}").json()
        if now["stage"] in {"done", "failed"}:
            return now
        time.sleep(0.05)
    raise AssertionError(now)


def uploaded(who, collection, files):
    upload = begin(who, collection, files)
    for number, (_, content) in enumerate(files):
        assert send(who, upload, number, content).json() == {"received": len(content)}
    return finish(who, upload)


FILES = [(f"holiday/red house {number}.jpg", picture(number)) for number in range(6)]


def test_pictures_become_a_collection_that_answers_at_once(client, museums, tmp_path):
    who = client()
    done = uploaded(who, "mine", FILES)
    assert (done["stage"], done["works"], done["problems"]) == ("done", 6, [])
    found = who.get("/api/v1/collections/mine/search", params={"q": "red house 3"}).json()["hits"]
    assert found[0]["work"]["title"] == "red house 3"
    headers = {"content-type": "image/jpeg"}
    like = who.post("/api/v1/collections/mine/search-by-picture", content=FILES[4][1], headers=headers).json()
    assert like["hits"][0]["item_id"] == "folder:holiday/red house 4.jpg"
    assert like["hits"][0]["score"] > 0.95
    for name, content in FILES:
        (tmp_path / "plain" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "plain" / name).write_bytes(content)
    build(FolderSource(tmp_path / "plain"), tmp_path / "built", progress=False)
    ours, theirs = Recommender.load(museums / "mine"), Recommender.load(tmp_path / "built")
    assert ours.catalog.item_ids.tolist() == theirs.catalog.item_ids.tolist()
    assert not list((museums / ".uploads").glob("*/*.part"))


def test_more_pictures_are_added_and_searchable_at_once(client):
    who = client()
    uploaded(who, "mine", FILES[:3])
    before = who.get("/api/v1/collections/mine").json()
    assert uploaded(who, "mine", [("late/blue tower.png", picture(77, kind="PNG"))])["works"] == 4
    after = who.get("/api/v1/collections/mine").json()
    assert (before["works"], after["works"]) == (3, 4)
    found = who.get("/api/v1/collections/mine/search", params={"q": "blue tower"}).json()["hits"]
    assert found[0]["work"]["title"] == "blue tower"


def table_of(rows):
    lines = ["Objectnummer;Titel;Maker;Afbeelding", *(";".join(row) for row in rows)]
    return ("\n".join(lines) + "\n").encode()


ROWS = [
    ("A-1", "Winter at the river", "Jan Visser", "river.jpg"),
    ("A-2", "Ships before the storm", "Lena Bakker", "ships.jpg"),
    ("A-3", "A lost drawing", "Lena Bakker", "lost.jpg"),
    ("A-1", "The same number again", "", ""),
]


def table_files(rows=ROWS, table="gift/works.csv"):
    names = ["gift/images/river.jpg", "gift/ships.jpg", "gift/stray.jpg"]
    pictures = [(name, picture(number)) for number, name in enumerate(names)]
    return [*pictures[:2], (table, table_of(rows)), *pictures[2:]]


def test_a_table_with_its_pictures_becomes_works_and_what_is_wrong_is_named(client, museums):
    who = client()
    done = uploaded(who, "gift", table_files())
    assert (done["stage"], done["works"]) == ("done", 3), done
    assert "title ← Titel" in done["said"]
    assert "artist ← Maker" in done["said"]
    left = dict(done["problems"])
    assert left["works.csv, line 5"] == "the id table:A-1 came before"
    assert "'lost.jpg'" in left["works.csv, line 4"]
    assert left["gift/stray.jpg"] == "no row of the table names it"
    assert len(left) == 3
    assert str(museums) not in json.dumps(done)
    found = who.get("/api/v1/collections/gift/search", params={"q": "lena bakker storm"}).json()["hits"]
    assert found[0]["item_id"] == "table:A-2"
    assert who.get("/api/v1/collections/gift/pictures/table:A-1").status_code == 200
    assert who.get("/api/v1/collections/gift/pictures/table:A-3").status_code == 404


def test_tables_and_pictures_share_a_collection_and_follow_its_new_name(client, museums):
    who = client()
    uploaded(who, "gift", table_files())
    assert uploaded(who, "gift", FILES[:2])["works"] == 5
    more = [("B-1", "A red mill", "Jan Visser", "river.jpg")]
    assert uploaded(who, "gift", table_files(more, "gift/more.csv"))["works"] == 6
    assert who.post("/api/v1/collections/gift/rename", json={"name": "present"}).status_code == 200
    new = str(museums / ".pictures" / "present")
    end = time.monotonic() + 60
    while time.monotonic() < end:
        works = list(Recommender.load(museums / "present").catalog)
        if all(work.picture.startswith(new) for work in works if work.picture):
            break
        time.sleep(0.2)
    assert len(works) == 6
    assert sum(bool(work.picture) for work in works) == 5
    assert all(work.picture.startswith(new) for work in works if work.picture)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("works.csv", b"alpha;beta\n1;2\n", "no column whose name is known"),
        ("works.json", b"{", "works.json"),
        ("works.parquet", b"PAR1", "works.parquet"),
        ("works.xlsx", b"PK\x03\x04", "works.xlsx"),
        ("works.csv", b"Titel;Afbeelding\n;\n", "no usable work"),
    ],
)
def test_a_table_that_cannot_be_read_says_why_and_leaves_what_was(client, museums, name, content, said):
    who = client()
    uploaded(who, "mine", FILES[:2])
    failed = uploaded(who, "mine", [(name, content)])
    assert failed["stage"] == "failed"
    assert said in failed["said"]
    assert str(museums) not in failed["said"]
    assert who.get("/api/v1/collections/mine").json()["works"] == 2
    done = uploaded(who, "mine", [(name, content), ("late.png", picture(77, kind="PNG"))])
    assert (done["stage"], done["works"]) == ("done", 3)
    assert [stray for stray, _ in done["problems"]] == [name]
    assert str(museums) not in json.dumps(done)


SIDECAR = b'{"title": "IMG_1.jpg", "description": "", "photoTakenTime": {"timestamp": "1"}}'


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("IMG_1.jpg.json", SIDECAR, "names none of these pictures"),
        ("settings.json", b'{"zoom": 3}', "is no table of these pictures"),
        ("notes.jsonl", b"\x00\xff", "is no table of these pictures"),
        ("costs.csv", b"Titel;Afbeelding\nBread;bread.jpg\n", "names none of these pictures"),
        ("empty.csv", b"Titel;Afbeelding\n", "names none of these pictures"),
    ],
)
def test_a_stray_table_among_pictures_is_said_and_changes_nothing(client, name, content, said):
    who = client()
    pictures = [(f"holiday/IMG_{number}.jpg", picture(number)) for number in range(1, 4)]
    done = uploaded(who, "mine", [(f"holiday/{name}", content), *pictures])
    assert (done["stage"], done["works"]) == ("done", 3)
    ((stray, why),) = done["problems"]
    assert stray == f"holiday/{name}"
    assert why.startswith(said)
    ids = [work["item_id"] for work in who.get("/api/v1/collections/mine/items").json()["items"]]
    assert ids == [f"folder:holiday/IMG_{number}.jpg" for number in range(1, 4)]


def test_a_table_beside_a_stray_one_has_its_pictures(client):
    who = client()
    files = [("gift/rights.json", b"[]"), *table_files(), ("gift/prices.csv", b"Titel;Preis\nA;1\n")]
    done = uploaded(who, "gift", files)
    assert (done["stage"], done["works"]) == ("done", 3)
    assert {"gift/rights.json", "gift/prices.csv", "gift/stray.jpg"} <= dict(done["problems"]).keys()


def works_with_pictures(museums, collection="mine"):
    catalog = Recommender.load(museums / collection).catalog
    return {work.item_id: Path(work.picture).read_bytes() for work in catalog if work.picture}


def test_pictures_are_known_by_other_cases_paths_and_twice(client, museums):
    rows = [
        ("1", "By case", "", "RIVER.JPG"),
        ("2", "By path", "", "scans/2020/ships.jpg"),
        ("3", "From Windows", "", "C:\\scans\\Tower.Jpg"),
        ("4", "Twice", "", "river.jpg"),
        ("5", "Missing", "", "lost.jpg"),
        ("6", "Either", "", "same.jpg"),
    ]
    names = ["River.jpg", "ships.jpg", "tower.jpg", "a/same.jpg", "b/same.jpg"]
    files = [(name, picture(number)) for number, name in enumerate(names)]
    done = uploaded(client(), "mine", [("works.csv", table_of(rows)), *files])
    assert done["works"] == 6
    found = works_with_pictures(museums)
    assert found == {
        "table:1": picture(0),
        "table:2": picture(1),
        "table:3": picture(2),
        "table:4": picture(0),
    }
    left = dict(done["problems"])
    assert "'lost.jpg'" in left["works.csv, line 6"]
    assert "'same.jpg'" in left["works.csv, line 7"]
    assert {"a/same.jpg", "b/same.jpg"} <= left.keys()


def test_pictures_that_come_after_their_table_become_its(client, museums):
    who = client()
    rows = [("1", "A river", "", "images/river.jpg"), ("2", "Ships", "", "ships.jpg")]
    first = uploaded(who, "mine", [("gift/works.csv", table_of(rows))])
    assert (first["works"], len(first["problems"])) == (2, 2)
    files = [("River.JPG", picture(1)), ("another.jpg", picture(2))]
    second = uploaded(who, "mine", files)
    assert second["works"] == 3
    assert [name for name, _ in second["problems"]] == ["works.csv, line 3"]
    assert works_with_pictures(museums) == {"table:1": picture(1), "folder:another.jpg": picture(2)}
    again = [("1", "A river in winter", "", "images/river.jpg"), rows[1]]
    assert uploaded(who, "mine", [("works.csv", table_of(again))])["works"] == 3
    assert works_with_pictures(museums)["table:1"] == picture(1)
    assert Recommender.load(museums / "mine").catalog["table:1"].title == "A river in winter"


def test_an_upload_has_no_more_tables_than_are_read_for_it(client):
    who = client()
    tables = [(f"{number}.json", b'[{"title": "x"}]') for number in range(23)]
    wanted = [{"name": name, "size": len(content)} for name, content in [*tables, ("a.jpg", picture(1))]]
    upload = who.post(UPLOADS, json={"collection": "mine", "files": wanted}).json()
    assert [name for name, _ in upload["refused"]] == ["20.json", "21.json", "22.json"]
    assert all("20 tables" in why for _, why in upload["refused"])
    assert len(upload["files"]) == 21


def test_a_table_that_cannot_be_read_is_in_nobodys_way(client):
    who = client()
    bad = ("works.csv", b"alpha;beta\n1;2\n")
    assert uploaded(who, "mine", [bad])["stage"] == "failed"
    assert uploaded(who, "mine", FILES[:2])["works"] == 2
    assert uploaded(who, "mine", [bad])["stage"] == "failed"
    assert uploaded(who, "mine", table_files())["works"] == 5


def test_no_table_takes_the_works_or_pictures_of_another(client, museums):
    who = client()
    first = [("1", "Sunflowers", "", "x.jpg"), ("2", "Irises", "", "")]
    files = [("paintings.csv", table_of(first)), ("x.jpg", picture(1))]
    assert uploaded(who, "mine", files)["works"] == 2
    failed = uploaded(who, "mine", [("prints.csv", table_of([("1", "Great Wave", "", "")]))])
    assert failed["stage"] == "failed"
    assert "paintings.csv: table:1" in failed["said"]
    second = [("3", "Great Wave", "", "x.jpg"), ("2", "Irises in a vase", "", "")]
    files = [("paintings.csv", table_of(second)), ("x.jpg", picture(2))]
    assert uploaded(who, "mine", files)["works"] == 3
    catalog = Recommender.load(museums / "mine").catalog
    assert [catalog[f"table:{n}"].title for n in (1, 2, 3)] == [
        "Sunflowers",
        "Irises in a vase",
        "Great Wave",
    ]
    pictures = [Path(catalog[f"table:{n}"].picture).read_bytes() for n in (1, 3)]
    assert pictures == [picture(1), picture(2)]


def test_a_row_names_no_file_of_the_server(client, museums):
    secret = museums / "secret.jpg"
    secret.write_bytes(picture(3))
    rows = [(f"A-{n}", "Stolen", "", path) for n, path in enumerate((str(secret), "../../../../secret.jpg"))]
    done = uploaded(client(), "mine", [("works.csv", table_of(rows))])
    assert done["works"] == 2
    assert len(done["problems"]) == 2
    assert not any(work.picture for work in Recommender.load(museums / "mine").catalog)


def test_pictures_of_an_upload_that_failed_come_with_the_next(client, monkeypatch):
    import ham_recommend.builder.build as builder

    who = client()
    uploaded(who, "mine", FILES[:2])
    with monkeypatch.context() as patched:
        patched.setattr(builder, "write_text_index", lambda *_: 1 / 0)
        assert uploaded(who, "mine", [FILES[2]])["stage"] == "failed"
    assert uploaded(who, "mine", [FILES[3]])["works"] == 4


def test_more_pictures_reach_the_database_that_a_collection_is_in(client, museums, embedded, monkeypatch):
    monkeypatch.setenv("HAM_POSTGRES", embedded)
    who = client()
    uploaded(who, "mine", FILES[:3])
    build(FolderSource(museums / PICTURES / "mine"), museums / "mine", store="postgresql:", progress=False)
    late = picture(77, kind="PNG")
    assert uploaded(who, "mine", [("late/blue tower.png", late)])["works"] == 4
    kept = Recommender.load(museums / "mine")
    assert kept.workspace.manifest.facts.encoders["style"].store == "postgresql:" and len(kept.pictures) == 4
    address, headers = "/api/v1/collections/mine/search-by-picture", {"content-type": "image/png"}
    found = who.post(address, content=late, headers=headers).json()["hits"]
    assert len(found) == 4 and found[0]["item_id"] == "folder:late/blue tower.png"


def job_events(who, job_id):
    told = who.get(f"/api/v1/jobs/{job_id}/events/stream").text
    return [json.loads(line.removeprefix("data: ")) for line in told.splitlines() if line.startswith("data:")]


def test_a_job_says_how_far_it_is_until_it_is_done(client, monkeypatch):
    monkeypatch.setattr("ham_recommend.web.jobs.TOLD", 0.0)
    monkeypatch.setattr("ham_recommend.web.api.jobs.LOOK", 0.001)
    who = client()
    upload = begin(who, "houses", FILES)
    job = f"/api/v1/jobs/{upload['upload_id']}"
    assert who.get(job).status_code == 404
    for number, (_, content) in enumerate(FILES):
        send(who, upload, number, content)
    begun = who.post(f"{UPLOADS}/{upload['upload_id']}/finish")
    assert begun.headers["location"] == job
    events = job_events(who, upload["upload_id"])
    read = [each["done"] for each in events if each["doing"] == "Reading pictures"]
    assert read == sorted(read)
    assert all(each["total"] == len(FILES) for each in events if each["doing"] == "Reading pictures")
    assert [each["stage"] for each in events][-1] == "done"
    assert who.get(job).json() == events[-1]
    assert events[-1]["works"] == len(FILES)
    assert client().get(job).status_code == 404


@pytest.fixture
def held(served, monkeypatch):
    """Return a server, a visitor of it and the job of a build that does not end before the test."""
    gate = threading.Event()
    monkeypatch.setattr("ham_recommend.web.uploads.Uploads._make", lambda *_: gate.wait(30))
    who = Visitor(served())
    upload = begin(who, "houses", FILES)
    for number, (_, content) in enumerate(FILES):
        send(who, upload, number, content)
    who.post(f"{UPLOADS}/{upload['upload_id']}/finish")
    yield who, upload["upload_id"]
    gate.set()


class Visitor(requests.Session):
    def __init__(self, address):
        super().__init__()
        self.address = address
        self.get(f"{address}/")

    def request(self, method, path, content=None, **options):
        address = path if path.startswith("http") else self.address + path
        return super().request(method, address, **{"timeout": 20, **options, "data": content})


def test_a_stream_ends_quietly_when_its_upload_is_gone(held, museums, caplog):
    who, job = held
    told = who.get(f"/api/v1/jobs/{job}/events/stream", stream=True).iter_lines()
    assert next(told) == b"event: job"
    shutil.rmtree(museums / ".uploads" / job)
    assert not [line for line in told if line.startswith(b"event")]
    assert "Traceback" not in caplog.text


def test_nobody_listens_to_more_than_some_streams_and_all_are_counted(held):
    who, job = held
    opened = [who.get(f"/api/v1/jobs/{job}/events/stream", stream=True) for _ in range(8)]
    lines = [each.iter_lines() for each in opened]  # dropping one would close its stream
    assert {next(each) for each in lines} == {b"event: job"}
    refused = who.get(f"/api/v1/jobs/{job}/events/stream", stream=True)
    assert refused.status_code == 429
    assert "ham_streams_open 8.0" in who.get("/metrics").text
    for each in opened:
        each.close()
    end = time.monotonic() + 10
    while "ham_streams_open 0.0" not in who.get("/metrics").text:
        assert time.monotonic() < end
        time.sleep(0.1)


def test_sending_goes_on_where_it_stopped(client, settings):
    from ham_recommend.web.app import make_app

    who = client()
    content = picture(1, side=600)
    upload = begin(who, "mine", [("a.jpg", content)])
    path = f"{UPLOADS}/{upload['upload_id']}/files/0"
    assert who.put(path, params={"offset": 0}, content=content[:1000]).json() == {"received": 1000}
    again = who.put(path, params={"offset": 0}, content=content[:1000])
    assert (again.status_code, again.json()) == (200, {"received": 1000})
    assert who.put(path, params={"offset": 500}, content=content[500:1500]).status_code == 409
    assert who.put(path, params={"offset": 5000}, content=content[5000:]).json() == {"received": 1000}
    later = client(app=make_app(settings()))
    later.cookies = who.cookies
    now = later.get(f"{UPLOADS}/{upload['upload_id']}").json()
    assert now["files"][0]["received"] == 1000
    assert later.post(f"{UPLOADS}/{upload['upload_id']}/finish").status_code == 422
    assert later.put(path, params={"offset": 1000}, content=content[1000:]).status_code == 200
    assert finish(later, upload)["works"] == 1


def test_each_bad_picture_is_named_with_its_reason(client, museums):
    who = client()
    files = [
        ("good.jpg", picture(1)),
        ("half.jpg", picture(2, side=400)[:-900]),
        ("start.jpg", picture(2)[:400]),
        ("text.png", b"this is no picture"),
        ("notes.txt", b"words"),
        ("empty.jpg", b""),
    ]
    wanted = [{"name": name, "size": len(content)} for name, content in files]
    upload = who.post(UPLOADS, json={"collection": "mine", "files": wanted}).json()
    assert {name for name, _ in upload["refused"]} == {"notes.txt", "empty.jpg"}
    contents = dict(files)
    for number, file in enumerate(upload["files"]):
        send(who, upload, number, contents[file["name"]])
    done = finish(who, upload)
    assert done["stage"] == "done"
    named = " ".join(f"{where} {reason}" for where, reason in done["problems"])
    assert all(name in named for name in ("half.jpg", "start.jpg", "text.png"))
    assert ".pictures" not in named
    assert str(museums) not in named


def test_limits_are_said_beforehand_and_kept(client):
    who = client()
    limits = who.get(f"{UPLOADS}/limits").json()
    huge = {"name": "a.jpg", "size": limits["bytes_of_a_file"] + 1}
    response = who.post(UPLOADS, json={"collection": "mine", "files": [huge]})
    assert response.status_code == 422
    assert "larger" in response.json()["detail"]
    many = [{"name": f"{number}.jpg", "size": limits["bytes_of_a_file"]} for number in range(400)]
    assert who.post(UPLOADS, json={"collection": "mine", "files": many}).status_code == 422
    upload = begin(who, "mine", [("a.jpg", b"12345")])
    path = f"{UPLOADS}/{upload['upload_id']}/files/0"
    assert who.put(path, params={"offset": 0}, content=b"123456").status_code == 422
    assert (
        who.put(path, params={"offset": 0}, content=bytes(limits["bytes_of_a_piece"] + 1)).status_code == 413
    )
    assert who.put(path[:-1] + "7", params={"offset": 0}, content=b"1").status_code == 422


def test_an_upload_is_its_visitors_alone(client, settings):
    from ham_recommend.web.app import make_app

    app = make_app(settings())
    one, other = client(app=app), client(app=app)
    upload = begin(one, "mine", [("a.jpg", picture(1))])
    assert other.get(f"{UPLOADS}/{upload['upload_id']}").status_code == 404
    assert send(other, upload, 0, picture(1)).status_code == 404
    assert other.post(f"{UPLOADS}/{upload['upload_id']}/finish").status_code == 404


def test_a_read_only_server_takes_nothing(client):
    who = client(read_only=True)
    body = {"collection": "mine", "files": [{"name": "a.jpg", "size": 5}]}
    assert who.post(UPLOADS, json=body).status_code == 403
    assert who.post("/api/v1/collections/sample/remove").status_code == 403
    assert who.post("/api/v1/collections/sample/rename", json={"name": "other"}).status_code == 403


def test_a_collection_that_was_built_elsewhere_stays_as_it_is(client):
    who = client()
    body = {"collection": "sample", "files": [{"name": "a.jpg", "size": 5}]}
    for response in (
        who.post(UPLOADS, json=body),
        who.post("/api/v1/collections/sample/remove"),
        who.post("/api/v1/collections/sample/rename", json={"name": "other"}),
    ):
        assert response.status_code == 422
        assert "uploaded" in response.json()["detail"]


@pytest.mark.parametrize(
    "name", ["", "..", ".hidden", "a/b", "a\\b", "api", "Static", "a\0b", "x" * 81, "end."]
)
def test_a_collection_cannot_have_a_name_that_means_something_else(client, name):
    body = {"collection": name, "files": [{"name": "a.jpg", "size": 5}]}
    assert client().post(UPLOADS, json=body).status_code == 422


@given(
    st.text(max_size=80)
    | st.lists(st.sampled_from(["..", ".", "", "a", "C:", "\\", "~", "con\0"])).map("/".join)
)
def test_whatever_a_file_is_called_it_stays_in_its_folder(name):
    from ham_recommend.web.file_names import safe_path

    safe = safe_path(f"{name}.jpg")
    root = Path("/srv/pictures")
    place = Path(os.path.normpath(root / safe))
    assert place.is_relative_to(root)
    assert not any(part.startswith(".") for part in place.relative_to(root).parts)
    assert safe.isprintable()
    assert all(len(part.encode()) <= 255 for part in safe.split("/"))


def test_files_of_one_name_are_told_apart(client):
    who = client()
    files = [("../../a.jpg", picture(1)), ("/a.jpg", picture(2)), ("A.jpg", picture(3))]
    upload = begin(who, "mine", files)
    names = [file["name"] for file in upload["files"]]
    assert names == ["a.jpg", "a (2).jpg", "A (3).jpg"]


def test_what_was_removed_comes_back(client):
    who = client()
    uploaded(who, "mine", FILES[:2])
    token = who.post("/api/v1/collections/mine/remove").json()["undo"]
    assert who.get("/api/v1/collections/mine").status_code == 404
    assert who.post(f"/api/v1/undo/{token}").json() == {"name": "mine"}
    assert who.get("/api/v1/collections/mine").json()["works"] == 2
    assert who.post(f"/api/v1/undo/{token}").status_code == 404


def test_an_upload_is_built_once_its_end_is_written_whoever_goes_on_with_earlier_ones(client, monkeypatch):
    write, make, making = Uploads._write, Uploads._make, threading.Event()

    def make_and_tell(self, upload):
        making.set()
        make(self, upload)

    def write_while_others_are_gone_on_with(self, upload):
        if upload.stage == "building" and not making.is_set():
            threading.Thread(target=self.resume).start()
            assert not making.wait(1)
        write(self, upload)

    monkeypatch.setattr(Uploads, "_make", make_and_tell)
    monkeypatch.setattr(Uploads, "_write", write_while_others_are_gone_on_with)
    assert uploaded(client(), "mine", FILES[:2])["works"] == 2


def test_what_a_frame_showed_follows_its_collection(client):
    who = client()
    uploaded(who, "mine", FILES[:2])
    works = who.post("/api/v1/collections/mine/frame/next", json={}).json()["works"]
    shown = [{"item_id": work["item_id"], "at": 1_000.0 + at} for at, work in enumerate(works)]
    assert len(shown) == 2

    def history(name):
        told = who.get(f"/api/v1/collections/{name}/frame/history").json()["shown"]
        return [each["at"] for each in told]

    who.post("/api/v1/collections/mine/frame/shown", json={"shown": shown})
    token = who.post("/api/v1/collections/mine/remove").json()["undo"]
    uploaded(who, "mine", FILES[:2])
    assert history("mine") == []
    assert who.post("/api/v1/collections/mine/rename", json={"name": "theirs"}).status_code == 200
    assert who.post(f"/api/v1/undo/{token}").status_code == 200
    assert history("mine") == [1_001.0, 1_000.0]


def test_a_collection_gets_another_name_and_its_old_one_again(client, museums):
    who = client()
    uploaded(who, "mine", FILES[:2])
    for old, new in (("mine", "ours"), ("ours", "mine")):
        assert who.post(f"/api/v1/collections/{old}/rename", json={"name": new}).json() == {"name": new}
        assert who.get(f"/api/v1/collections/{old}").status_code == 404
        assert who.get(f"/api/v1/collections/{new}").json()["works"] == 2
    end = time.monotonic() + 30
    while time.monotonic() < end:
        work = next(iter(Recommender.load(museums / "mine").catalog))
        if str(museums / ".pictures" / "mine") in work.picture:
            break
        time.sleep(0.1)
    assert who.get(f"/api/v1/collections/mine/pictures/{work.item_id}").status_code == 200
    assert who.post("/api/v1/collections/mine/rename", json={"name": "sample"}).status_code == 422


@pytest.mark.slow
def test_a_server_killed_at_random_moments_loses_nothing_and_makes_nothing_twice(museums, tmp_path):
    """While pictures arrive and while they are built, in as many uploads as that takes."""
    state, moments, port = tmp_path / "state", random.Random(5), free_port()
    server, files, kills = started(museums, port, state), {}, Counter()
    try:
        with Sender(f"http://127.0.0.1:{port}") as who:
            for upload in range(2 * _KILLED):
                if kills == KILLS:
                    break
                batch = {f"{upload}/{at:02}.jpg": picture(100 * upload + at, side=400) for at in range(12)}
                files |= batch
                who.begin(batch)
                kill_at = time.monotonic() + moments.uniform(0.02, 0.3)
                while (stage := who.step()) != "done":
                    if time.monotonic() > kill_at and kills[stage] < KILLS[stage]:
                        server.send_signal(signal.SIGKILL)
                        server.wait()
                        server = started(museums, port, state)
                        kills[stage] += who.stage() == stage  # else it had just ended
                        kill_at = time.monotonic() + moments.uniform(0.02, 0.8)
            assert who.works() == len(files)
    finally:
        server.terminate()
        server.wait(20)
    assert kills == KILLS
    built = Recommender.load(museums / "mine")
    assert built.catalog.item_ids.tolist() == sorted(f"folder:{name}" for name in files)
    assert sorted(built.pictures.item_ids().tolist()) == built.catalog.item_ids.tolist()
    assert not [work.item_id for work in built.catalog if not work.thumbnail]
    for name, content in files.items():
        assert (museums / ".pictures" / "mine" / name).read_bytes() == content
    left = [
        path for path in (museums / ".uploads").rglob("*") if path.suffix == ".part" or path.name == "files"
    ]
    assert left == []


class Sender:
    """Sends pictures in small pieces, from where what has arrived ends."""

    def __init__(self, address):
        import httpx

        self.asks = httpx.Client(base_url=address, timeout=60)
        self.upload, self.files = {}, []

    def __enter__(self):
        self.asks.get("/")
        return self

    def __exit__(self, *_):
        self.asks.close()

    def begin(self, files):
        self.files = list(files.items())
        self.upload = begin(self.asks, "mine", self.files)

    def now(self):
        now = self.asks.get(f"{UPLOADS}/{self.upload['upload_id']}").json()
        assert now["stage"] != "failed", now
        return now

    def stage(self):
        return self.now()["stage"]

    def works(self):
        return self.now()["works"]

    def step(self):
        """Send one piece, or finish; return how far the upload is then."""
        now = self.now()
        if now["stage"] != "receiving":
            time.sleep(0.02)
            return now["stage"]
        for number, (arrived, (_, content)) in enumerate(zip(now["files"], self.files, strict=True)):
            if arrived["received"] < arrived["size"]:
                offset = arrived["received"]
                path = f"{UPLOADS}/{self.upload['upload_id']}/files/{number}"
                piece = content[offset : offset + 1_500]
                self.asks.put(path, params={"offset": offset}, content=piece)
                return "receiving"
        self.asks.post(f"{UPLOADS}/{self.upload['upload_id']}/finish")
        return self.stage()


def free_port():
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def started(museums, port, state):
    """Start `ham serve` and wait until it answers."""
    import httpx

    ham = Path(sys.executable).with_name("ham")
    server = subprocess.Popen(
        [ham, "serve", museums, "--port", str(port), "--sessions", state],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code == 200:
                return server
        except httpx.HTTPError:
            time.sleep(0.05)
    raise AssertionError("the server did not start")


def test_nothing_is_left_where_nothing_was_uploaded(client, museums):
    client().get("/api/v1/collections")
    assert sorted(each.name for each in museums.iterdir()) == ["sample"]
