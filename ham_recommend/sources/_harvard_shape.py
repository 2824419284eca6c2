"""Objects and annotations as the Harvard Art Museums API tells them → RawRecord.

Any field may be null, missing, empty or of another type than documented; only an object without an id is
refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from ham_recommend.errors import RecordError
from ham_recommend.records import Description, Problem, RawRecord

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
    web = _web_address(base)
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
    """Group the annotations of type ``description`` by the image they describe, in their order."""
    grouped: dict[int, list[Description]] = {}
    for entry in annotations:
        if not isinstance(entry, Mapping) or entry.get("type") != "description":
            continue
        image, body = _whole(entry.get("imageid")), _text(entry.get("body"))
        if image is not None and body:
            voice = Description(body, _text(entry.get("source")), _text(entry.get("model")))
            grouped.setdefault(image, []).append(voice)
    return {image: tuple(voices) for image, voices in grouped.items()}


def image_ids(entry: Json) -> list[int]:
    """Return the ids of an object's images, in their order, each once."""
    ids = dict.fromkeys(_whole(image.get("imageid")) for image in _in_order(entry.get("images")))
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
    native = _whole(entry.get("id"))
    native = _whole(entry.get("objectid")) if native is None else native
    if native is None:
        raise RecordError("The object has neither id nor objectid; the record was left out.")
    images = _in_order(entry.get("images"))
    begin, end = _year(entry.get("datebegin")), _year(entry.get("dateend"))
    return RawRecord(
        item_id=f"{source}:{native}",
        title=_text(entry.get("title")) or _first(entry.get("titles"), "title"),
        artist=_artist(entry.get("people")),
        culture=_text(entry.get("culture")),
        date=_text(entry.get("dated")) or _text(entry.get("century")),
        year_begin=begin,
        year_end=end,
        classification=_text(entry.get("classification")),
        medium=_text(entry.get("medium")),
        technique=_text(entry.get("technique")),
        period=_text(entry.get("period")),
        department=_text(entry.get("department")),
        descriptions=_descriptions(entry, images, written, museum),
        picture=_picture(entry, images, picture_of),
        page_url=_web_address(_text(entry.get("url"))),
        rights=_text(entry.get("copyright")) or _first(images, "copyright"),
        credit=_text(entry.get("creditline")),
        popularity=_count(entry.get("totalpageviews")),
        copies_allowed=copies_allowed and _longest_side(entry.get("imagepermissionlevel")) == LARGE,
    )


def _descriptions(
    entry: Json, images: list[Json], written: Mapping[int, tuple[Description, ...]], museum: str
) -> tuple[Description, ...]:
    texts = [_text(entry.get(name)) for name in _MUSEUM_TEXTS]
    texts += [_text(context.get("text")) for context in _mappings(entry.get("contextualtext"))]
    texts += [_text(image.get(name)) for image in images for name in _IMAGE_TEXTS]
    own = [Description(text, museum) for text in dict.fromkeys(texts) if text]
    return (*own, *(voice for image in image_ids(entry) for voice in written.get(image, ())))


def _picture(entry: Json, images: list[Json], picture_of: PictureOf) -> str:
    side = _longest_side(entry.get("imagepermissionlevel"))
    if not side:
        return ""
    bases = [_text(image.get("baseimageurl")) for image in images] + [_text(entry.get("primaryimageurl"))]
    return next((found for base in bases if base and (found := picture_of(base, side))), "")


def _longest_side(permission: Any) -> int:
    """Return how large a picture may be shown; where the level is missing or unknown, only small."""
    return {0: LARGE, 2: 0}.get(-1 if (level := _whole(permission)) is None else level, SMALL)


def _artist(people: Any) -> str:
    """Return the makers in display order, with what is known of their part (``After``, ``Attributed to``)."""
    listed = _mappings(people)
    makers = [
        person
        for person in listed
        if _text(person.get("role")).lower() in {"artist", "maker", "photographer", "author"}
    ]
    names = []
    for person in sorted(makers or listed, key=_display_order):
        name = _text(person.get("displayname")) or _text(person.get("name"))
        names.append(f"{_text(person.get('prefix'))} {name}".strip() if name else "")
    return "; ".join(dict.fromkeys(name for name in names if name))


def _in_order(images: Any) -> list[Json]:
    return sorted(_mappings(images), key=_display_order)


def _display_order(entry: Json) -> int:
    order = _whole(entry.get("displayorder"))
    return 1_000_000 if order is None else order


def _mappings(value: Any) -> list[Json]:
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list | tuple) else []


def _first(entries: Any, name: str) -> str:
    return next((text for entry in _mappings(entries) if (text := _text(entry.get(name)))), "")


def _text(value: Any) -> str:
    """Return a text or number as text; anything else says nothing."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _whole(value: Any) -> int | None:
    """Return a whole number, also one written as text; ``None`` for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and len(value) <= 18:
        try:
            return int(value)
        except ValueError:
            return None
    return value if isinstance(value, int) else None


def _year(value: Any) -> int | None:
    """Return a year; 0 stands for unknown."""
    year = _whole(value)
    return year if year and -1_000_000 < year < 10_000 else None


def _count(value: Any) -> float | None:
    views = _whole(value)
    return float(views) if views is not None and 0 <= views < 10**15 else None


def _web_address(text: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in {"http", "https"} and parts.netloc else ""
