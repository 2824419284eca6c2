"""What the fake museum answers: the paths, shapes and limits of real museums' APIs, and invented records."""

from __future__ import annotations

import io
import json
import random
import re
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

Json = dict[str, Any]
HARVARD_MOST = 100
HARVARD_DEEPEST = 10_000
"""Records beyond this one are refused to those who page instead of asking by id."""


@dataclass(slots=True)
class Answer:
    """What is sent back.

    Parameters
    ----------
    status : int
        HTTP status.
    body : bytes
        As sent.
    headers : dict of str to str
        Besides the length.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


Dialects = Sequence[tuple[str, Callable[..., Answer]]]
"""Patterns of paths, each with what answers it: ``(museum, asked, *groups) -> Answer``."""


class Holdings(Protocol):
    """What a dialect needs to know of the museum."""

    objects: Sequence[Json]
    annotations: Sequence[Json]
    works: Mapping[str, Sequence[Json]]
    key: str
    dialects: Dialects

    @property
    def url(self) -> str: ...

    def picture(self, native: str) -> bytes | None: ...


def good_answer(museum: Holdings, path: str, asked: Json) -> Answer:
    """Return what a museum without faults answers to a path and a query string."""
    for pattern, reply in (*museum.dialects, *_DIALECTS):
        match = re.fullmatch(pattern, path)
        if match:
            return reply(museum, asked, *match.groups())
    return json_answer({"error": "Not Found"}, 404)


def harvard_works(
    count: int, *, spacing: int = 7, voices: int = 3, base: str = ""
) -> tuple[list[Json], list[Json]]:
    """Return invented objects and annotations in Harvard's shapes, with sparse ids.

    Parameters
    ----------
    count : int
        How many objects.
    spacing : int
        Mean distance of ids.
    voices : int
        Most descriptions of a picture.
    base : str
        Address of the museum, for the pictures.
    """
    chance = random.Random(count)  # noqa: S311
    objects: list[Json] = []
    annotations: list[Json] = []
    native = 1_000
    for number in range(count):
        native += chance.randint(1, 2 * spacing - 1)
        image = 400_000 + 3 * native
        objects.append(_object(native, image, number, base))
        for _ in range(chance.randint(0, voices)):
            annotations.append(_annotation(9_000_000 + 5 * len(annotations), image, number))
    return objects, annotations


_SUBJECTS = (
    "a ship in a storm",
    "two dancers",
    "a bowl of pears",
    "a bridge at night",
    "an old woman reading",
)
_MEDIA = ("Oil on canvas", "Watercolor", "Etching", "Bronze")


def _object(native: int, image: int, number: int, base: str) -> Json:
    address = f"{base}/iiif/{image}"
    return {
        "id": native,
        "objectid": native,
        "objectnumber": f"1943.{number}",
        "title": f"{_SUBJECTS[number % 5].capitalize()}, no. {number}",
        "dated": f"c. {1600 + number % 300}",
        "datebegin": 1595 + number % 300,
        "dateend": 1605 + number % 300,
        "culture": ("Dutch", "French", None)[number % 3],
        "classification": ("Paintings", "Prints", "Drawings")[number % 3],
        "medium": _MEDIA[number % 4],
        "department": "Department of European Paintings",
        "creditline": "Invented Art Museum, Gift of Nobody",
        "people": [{"role": "Artist", "displayname": f"Painter {number % 40}", "displayorder": 1}],
        "url": f"https://harvardartmuseums.org/collections/object/{native}",
        "totalpageviews": number % 97,
        "imagepermissionlevel": (0, 0, 1, 2)[number % 4],
        "primaryimageurl": address,
        "images": [{"imageid": image, "baseimageurl": address, "displayorder": 1, "width": 900}],
        "lastupdate": "2026-01-01T00:00:00-05:00",
    }


def _annotation(native: int, image: int, number: int) -> Json:
    return {
        "annotationid": native,
        "imageid": image,
        "body": f"A picture of {_SUBJECTS[number % 5]}, seen from the left.",
        "type": "description",
        "source": ("OpenAI", "Anthropic", "Amazon")[native % 3],
        "model": "invented-1",
        "lastupdate": "2026-01-01T00:00:00-05:00",
    }


def drawn(native: str, side: int = 64) -> bytes:
    """Return a small JPEG, the same for the same id."""
    from PIL import Image

    chance = random.Random(native)  # noqa: S311
    picture = Image.new("RGB", (side, side), tuple(chance.randbytes(3)))
    picture.paste(tuple(chance.randbytes(3)), (8, 8, 8 + side // 2, 8 + side // 3))
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=85)
    return written.getvalue()


# Dialects


def _harvard(museum: Holdings, asked: Json, resource: str) -> Answer:
    if museum.key and asked.get("apikey") != museum.key:
        return json_answer({"error": "Unauthorized"}, 401)
    records = museum.objects if resource == "object" else museum.annotations
    found = _matching(records, asked.get("q", ""))
    size, page = min(int(asked.get("size", 10)), HARVARD_MOST), int(asked.get("page", 1))
    if size * page > HARVARD_DEEPEST:
        return json_answer({"error": "Result window is too large"}, 500)
    shown = [records[row] for row in found[(page - 1) * size : page * size]]
    last = page * size >= len(found)
    info = {
        "totalrecordsperquery": size,
        "totalrecords": len(found),
        "pages": -(-len(found) // size),
        "page": page,
        "responsetime": "5 ms",
    }
    if not last:
        info["next"] = f"{museum.url}/{resource}?apikey={asked.get('apikey', '')}&page={page + 1}"
    fields = asked.get("fields")
    if fields:
        wanted = set(fields.split(","))
        shown = [{name: value for name, value in record.items() if name in wanted} for record in shown]
    return json_answer({"info": info, "records": shown})


def _matching(records: Sequence[Json], query: str) -> Sequence[int]:
    """Return the rows that match; as much of the query language is understood as a careful client needs."""
    rows: Sequence[int] = range(len(records))
    span = re.search(r"\b(id|annotationid):\[(\d+) TO (\d+)\]", query)
    if span:
        low, high = (_first_at_least(records, span[1], native) for native in (int(span[2]), int(span[3]) + 1))
        rows = range(low, high)
    images = re.search(r"imageid:\(([\d OR]+)\)", query)
    if images:
        wanted = {int(image) for image in images[1].split(" OR ")}
        rows = [row for row in rows if records[row].get("imageid") in wanted]
    since = re.search(r"lastupdate:\[(\S+) TO \*\]", query)
    if since:
        rows = [row for row in rows if str(records[row].get("lastupdate", "")) >= since[1]]
    kind = re.search(r"classification:(\w+)", query)
    return [row for row in rows if records[row].get("classification") == kind[1]] if kind else rows


def _first_at_least(records: Sequence[Json], field: str, native: int) -> int:
    return bisect_left(records, native, key=lambda record: record[field])


def _met_ids(museum: Holdings, asked: Json) -> Answer:
    since = asked.get("metadataDate", "")
    ids = [one["objectID"] for one in museum.works["met"] if one.get("metadataDate", "9")[:10] >= since]
    return json_answer({"total": len(ids), "objectIDs": ids})


def _met_search(museum: Holdings, asked: Json) -> Answer:
    ids = [one["objectID"] for one in museum.works["met"] if _mentions(one, asked.get("q", ""))]
    return json_answer({"total": len(ids), "objectIDs": ids or None})


def _met_object(museum: Holdings, asked: Json, native: str) -> Answer:
    del asked
    found = [one for one in museum.works["met"] if one["objectID"] == int(native)]
    return json_answer(found[0]) if found else json_answer({"message": "ObjectID not found"}, 404)


def _artic(museum: Holdings, asked: Json) -> Answer:
    question = json.loads(asked["params"])
    found = list(museum.works["artic"])
    for clause in question["query"]["bool"]["must"]:
        found = [one for one in found if _artic_keeps(one, clause)]
    limit = min(int(question["limit"]), 100)
    pages = {"total": len(found), "limit": limit, "offset": 0, "current_page": 1}
    config = {"iiif_url": f"{museum.url}/iiif/2", "website_url": "https://www.artic.edu"}
    return json_answer({"pagination": pages, "data": found[:limit], "info": {}, "config": config})


def _artic_keeps(one: Json, clause: Json) -> bool:
    (kind, condition), *_ = clause.items()
    if kind == "range":
        (name, bounds), *_ = condition.items()
        return bool(one[name] > bounds["gt"]) if "gt" in bounds else bool(one[name] >= bounds["gte"])
    return _mentions(one, str(condition["query"]))


def _cleveland(museum: Holdings, asked: Json) -> Answer:
    since = asked.get("updated_after", "")
    found = [
        one
        for one in museum.works["cleveland"]
        if one.get("updated_at", "9") >= since and _mentions(one, asked.get("q", ""))
    ]
    skip, limit = int(asked.get("skip", 0)), min(int(asked.get("limit", 1000)), 1000)
    return json_answer(
        {"info": {"total": len(found), "parameters": asked}, "data": found[skip : skip + limit]}
    )


def _smk(museum: Holdings, asked: Json) -> Answer:
    words = asked.get("keys", "*")
    found = [one for one in museum.works["smk"] if words == "*" or _mentions(one, words)]
    offset, rows = int(asked.get("offset", 0)), min(int(asked.get("rows", 10)), 2000)
    items = found[offset : offset + rows]
    return json_answer({"offset": offset, "rows": rows, "found": len(found), "items": items})


def _mentions(record: Json, words: str) -> bool:
    return words.lower() in json.dumps(record, ensure_ascii=False).lower()


def _picture(museum: Holdings, asked: Json, native: str) -> Answer:
    del asked
    picture = museum.picture(native)
    return Answer(404) if picture is None else Answer(200, picture, {"Content-Type": "image/jpeg"})


def _elsewhere(museum: Holdings, asked: Json, native: str) -> Answer:
    del asked
    return Answer(303, b"", {"Location": f"{museum.url}/iiif/{native}/full/!384,384/0/default.jpg"})


_DIALECTS: Dialects = (
    (r"/(object|annotation)", _harvard),
    (r"/public/collection/v1/objects", _met_ids),
    (r"/public/collection/v1/search", _met_search),
    (r"/public/collection/v1/objects/(\d+)", _met_object),
    (r"/api/v1/artworks/search", _artic),
    (r"/api/artworks/", _cleveland),
    (r"/api/v1/art/search/", _smk),
    (r"/iiif/(?:2/|3/)?([^/]+)/full/[^/]+/0/default\.jpg", _picture),
    (r"/pictures/([^/]+)\.jpg", _picture),
    (r"/moved/([^/]+)/full/[^/]+/0/default\.jpg", _elsewhere),
)


def json_answer(content: Any, status: int = 200) -> Answer:
    """Return an answer that is JSON."""
    return Answer(status, json.dumps(content).encode(), {"Content-Type": "application/json"})
