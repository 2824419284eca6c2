"""Objects and annotations in the shapes of the Harvard Art Museums API → RawRecord.

Any field may be null, missing, empty or of another type than documented; only an object without an id is
refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import itemgetter
from sys import intern
from typing import Any

from ham_recommend.errors import RecordError
from ham_recommend.net.addresses import web_address
from ham_recommend.records import Description, Problem, RawRecord
from ham_recommend.sources.json_values import (
    as_count,
    as_text,
    as_whole,
    as_year,
    first_text,
    mappings,
    texts,
)

Json = Mapping[str, Any]
"""One decoded JSON object."""

PictureOf = Callable[[str, int], str]
"""``(base address of an image, longest side allowed in pixels) -> address or path of the picture``."""

SMALL, LARGE = 256, 384
"""Longest sides asked for, in pixels: where the permission is limited, and where it is not."""

_MUSEUM_TEXTS = ("description", "labeltext", "commentary")
_IMAGE_TEXTS = ("description", "alttext", "publiccaption")


def iiif_picture(base: str, side: int) -> str:
    """Return the IIIF Image API 2.1 address of a picture.

    Parameters
    ----------
    base : str
        An image's ``baseimageurl``.
    side : int
        Longest side in pixels.

    Returns
    -------
    str
        Empty unless ``base`` is an http(s) address, so that a record can never name a local file.
    """
    web = web_address(base)
    return f"{web.rstrip('/')}/full/!{side},{side}/0/default.jpg" if web else ""


def records_from_harvard(
    objects: Iterable[Any],
    annotations: Iterable[Any] = (),
    *,
    source: str = "harvard",
    museum: str = "Harvard Art Museums",
    picture_of: PictureOf = iiif_picture,
    copies_allowed: bool = False,
    problems: list[Problem] | None = None,
) -> Iterator[RawRecord]:
    """Yield one record per object, each ``item_id`` once.

    Parameters
    ----------
    objects : iterable of mapping
        Entries of ``/object``, read one at a time.
    annotations : iterable of mapping
        Entries of ``/annotation``; only those of type ``description`` are kept, joined by ``imageid``.
    source : str
        Prefix of the ``item_id`` values.
    museum : str
        Who wrote the museum's own texts.
    picture_of : callable
        Turns an image's base address and the longest side allowed into what is kept.
    copies_allowed : bool
        Whether the terms let us keep thumbnails.
    problems : list of Problem or None
        Where objects that had to be left out are added; ``None`` forgets them.

    Yields
    ------
    RawRecord
        In the order of ``objects``.
    """
    written = descriptions_by_image(annotations)
    known: set[str] = set()
    left_out = [] if problems is None else problems
    for number, entry in enumerate(objects, start=1):
        try:
            record = record_from_harvard(
                entry,
                written,
                source=source,
                museum=museum,
                picture_of=picture_of,
                copies_allowed=copies_allowed,
            )
        except RecordError as error:
            left_out.append(Problem(f"object {number}", str(error)))
            continue
        if record.item_id in known:
            left_out.append(Problem(record.item_id, "The id came twice; the first record was kept."))
            continue
        known.add(record.item_id)
        yield record


def descriptions_by_image(annotations: Iterable[Any]) -> dict[int, tuple[Description, ...]]:
    """Group the annotations of type ``description`` by the image they describe, in the order of their ids."""
    grouped: dict[int, list[tuple[int, Description]]] = {}
    for entry in annotations:
        if not isinstance(entry, Mapping) or entry.get("type") != "description":
            continue
        image, body = as_whole(entry.get("imageid")), as_text(entry.get("body"))
        if image is not None and body:
            # few write the texts of a whole museum: each name is held once
            said_by = (intern(as_text(entry.get(name))) for name in ("source", "model"))
            number = as_whole(entry.get("annotationid")) or 0
            grouped.setdefault(image, []).append((number, Description(body, *said_by)))
    return {image: _by_number(grouped.pop(image)) for image in list(grouped)}


def _by_number(voices: list[tuple[int, Description]]) -> tuple[Description, ...]:
    return tuple(voice for _, voice in sorted(voices, key=itemgetter(0)))


def image_ids(entry: Json) -> list[int]:
    """Return the ids of an object's images, in their order, each once."""
    ids = dict.fromkeys(as_whole(image.get("imageid")) for image in _in_order(entry.get("images")))
    return [image for image in ids if image is not None]


def record_from_harvard(
    entry: Any,
    written: Mapping[int, tuple[Description, ...]],
    *,
    source: str,
    museum: str,
    picture_of: PictureOf,
    copies_allowed: bool,
) -> RawRecord:
    """Return one object as a record.

    Parameters
    ----------
    entry : mapping
        An entry of ``/object``.
    written : mapping of int to tuple of Description
        What :func:`descriptions_by_image` returned.
    source, museum, picture_of, copies_allowed
        As in :func:`records_from_harvard`.

    Raises
    ------
    RecordError
        It has no id.
    """
    if not isinstance(entry, Mapping):
        raise RecordError(f"Expected an object, found {type(entry).__name__}; the record was left out.")
    native = as_whole(entry.get("id"))
    native = as_whole(entry.get("objectid")) if native is None else native
    if native is None:
        raise RecordError("The object has neither id nor objectid; the record was left out.")
    images = _in_order(entry.get("images"))
    begin, end = as_year(entry.get("datebegin")), as_year(entry.get("dateend"))
    title, *others = texts([entry.get("title"), *_each(entry.get("titles"), "title")]) or [""]
    return RawRecord(
        item_id=f"{source}:{native}",
        title=title,
        other_titles=tuple(others),
        accession_number=as_text(entry.get("objectnumber")),
        artist=_artists(entry.get("people")),
        culture=as_text(entry.get("culture")),
        date=as_text(entry.get("dated")) or as_text(entry.get("century")),
        year_begin=begin,
        year_end=end,
        classification=as_text(entry.get("classification")),
        medium=as_text(entry.get("medium")),
        technique=as_text(entry.get("technique")),
        period=as_text(entry.get("period")),
        department=as_text(entry.get("department")),
        place=tuple(texts(_each(entry.get("places"), "displayname"))),
        descriptions=_descriptions(entry, images, written, museum),
        picture=_picture(entry, images, picture_of),
        page_url=web_address(as_text(entry.get("url"))),
        rights=as_text(entry.get("copyright")) or first_text(images, "copyright"),
        credit=as_text(entry.get("creditline")),
        popularity=as_count(entry.get("totalpageviews")),
        copies_allowed=copies_allowed and _longest_side(entry.get("imagepermissionlevel")) == LARGE,
    )


def _descriptions(
    entry: Json, images: list[Json], written: Mapping[int, tuple[Description, ...]], museum: str
) -> tuple[Description, ...]:
    written_here = [entry.get(name) for name in _MUSEUM_TEXTS]
    written_here += _each(entry.get("contextualtext"), "text")
    written_here += [image.get(name) for image in images for name in _IMAGE_TEXTS]
    own = [Description(text, museum) for text in texts(written_here)]
    return (*own, *(voice for image in image_ids(entry) for voice in written.get(image, ())))


def _picture(entry: Json, images: list[Json], picture_of: PictureOf) -> str:
    side = _longest_side(entry.get("imagepermissionlevel"))
    if not side:
        return ""
    bases = [as_text(image.get("baseimageurl")) for image in images] + [as_text(entry.get("primaryimageurl"))]
    return next((found for base in bases if base and (found := picture_of(base, side))), "")


def _longest_side(permission: Any) -> int:
    """Return how large a picture may be shown; where the level is missing or unknown, only small."""
    return {0: LARGE, 2: 0}.get(-1 if (level := as_whole(permission)) is None else level, SMALL)


def _each(entries: Any, name: str) -> list[Any]:
    return [entry.get(name) for entry in mappings(entries)]


def _artists(people: Any) -> tuple[str, ...]:
    """Return the makers in display order, with what is known of their part (``After``, ``Attributed to``)."""
    listed = mappings(people)
    makers = [
        person
        for person in listed
        if as_text(person.get("role")).lower() in {"artist", "maker", "photographer", "author"}
    ]
    names = []
    for person in sorted(makers or listed, key=_display_order):
        name = as_text(person.get("displayname")) or as_text(person.get("name"))
        names.append(f"{as_text(person.get('prefix'))} {name}".strip() if name else "")
    return tuple(dict.fromkeys(name for name in names if name))


def _in_order(images: Any) -> list[Json]:
    return sorted(mappings(images), key=_display_order)


def _display_order(entry: Json) -> int:
    order = as_whole(entry.get("displayorder"))
    return 1_000_000 if order is None else order
