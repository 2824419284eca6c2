"""Raw record → artwork: plain text, parsed years, addresses that are safe to follow."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain, islice
from typing import Any

from ham_recommend.catalog.dates import years_of
from ham_recommend.catalog.describe import clean_descriptions, match_key, plain_text
from ham_recommend.catalog.schema import artwork_of
from ham_recommend.fields import joined
from ham_recommend.records import FIELDS, Artwork, RawRecord

LONGEST_FIELD = 2_000
"""Characters of one value of a catalogue field that are kept; descriptions may be longer."""

MOST_VALUES = 200
"""How many values of one field are kept."""

LONGEST_ADDRESS = 4_000

Values = str | tuple[str, ...]
"""What a text field holds: one value, or several."""

RULES = 5  # to be raised with every change of what cleaning does, so that kept rows are cleaned again
_TEXTS = tuple(field.name for field in FIELDS if field.kind == "text" and field.name != "item_id")
_SEVERAL = frozenset(field.name for field in FIELDS if field.several)
_LISTED = frozenset(field.name for field in FIELDS if field.listed)
_WEB = re.compile(r"https?://[^\s/?#@\\]+(?:[/?#]\S*)?", re.IGNORECASE)
_ABSOLUTE = re.compile(r"(?:/|[A-Za-z]:[\\/]|\\\\)[^\0]*\Z")
_DIGESTED = tuple(RawRecord.__dataclass_fields__)


def artwork_from(raw: RawRecord) -> Artwork:
    """Clean one record.

    Its numeric years, its date and its period are weighed by :func:`~ham_recommend.catalog.dates.years_of`.

    Parameters
    ----------
    raw : RawRecord
        As a source told it.

    Returns
    -------
    Artwork
        Without thumbnail.
    """
    given = {name: values for name in _TEXTS if (values := getattr(raw, name))}
    texts = {name: cleaned for name, values in given.items() if (cleaned := _cleaned(name, values))}
    date, period = (joined(texts.get(name, "")) for name in ("date", "period"))
    years = years_of(date, raw.year_begin, raw.year_end, period)
    fields: dict[str, Any] = {
        **texts,
        "item_id": _writable(raw.item_id),
        "year_begin": years.begin,
        "year_end": years.end,
        "date_confidence": years.confidence,
        "descriptions": clean_descriptions(raw.descriptions, _read_as(texts.values())),
        "picture": _picture(raw.picture),
        "other_pictures": tuple(filter(None, map(_picture, raw.other_pictures[:MOST_VALUES]))),
        "page_url": _web_address(raw.page_url),
        "popularity": _popularity(raw.popularity),
        "copies_allowed": bool(raw.copies_allowed),
    }
    return artwork_of(fields)


def digest_of(raw: RawRecord) -> bytes:
    """Return the 16-byte hash of everything in a record; equal digests mean that it cleans to equal works."""
    content = repr((RULES, [getattr(raw, name) for name in _DIGESTED]))
    return hashlib.blake2b(content.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def picture_of(raw: RawRecord) -> str:
    """Return the picture that the artwork of a record has."""
    return _picture(raw.picture)


def _cleaned(name: str, given: Values) -> Values:
    """Return what an artwork keeps of a text field: a text, or several different values."""
    if isinstance(given, str) and name not in _LISTED:
        return _value(given)
    if name not in _SEVERAL:
        return _value(joined(given))
    values = map(_value, [given] if isinstance(given, str) else islice(given, MOST_VALUES))
    different = _different(values)
    return different if name in _LISTED or len(different) > 1 else joined(different)


def _different(values: Iterable[str]) -> tuple[str, ...]:
    """Return values in their order, each once; case and accents make no difference, as in filters."""
    kept: dict[str, str] = {}
    for value in values:
        if value:
            kept.setdefault(match_key(value), value)
    return tuple(kept.values())


def _read_as(texts: Iterable[Values]) -> Iterable[str]:
    """Return all that a description could repeat: each value, and several in one."""
    return chain.from_iterable([text] if isinstance(text, str) else [joined(text), *text] for text in texts)


def _value(value: str) -> str:
    return _remembered(value) if len(value) <= _SHORT else _shortened(value)


def _shortened(value: str) -> str:
    text = plain_text(value)
    return text if len(text) <= LONGEST_FIELD else text[: LONGEST_FIELD - 1].rstrip() + "…"


_SHORT = 500
_remembered = lru_cache(maxsize=1 << 15)(_shortened)


def _web_address(address: str) -> str:
    """Return the address when it is http(s) with a host, and without a password; else nothing."""
    address = address.strip()
    acceptable = len(address) <= LONGEST_ADDRESS and address.isprintable() and _WEB.fullmatch(address)
    return address if acceptable else ""


def _picture(picture: str) -> str:
    """Return an http(s) address or an absolute path; nothing else is ever opened."""
    if _ABSOLUTE.match(picture):
        return picture if len(picture) <= LONGEST_ADDRESS and _writable(picture) == picture else ""
    return _web_address(picture)


def _writable(text: str) -> str:
    """Return text that UTF-8 can hold."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _popularity(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) and value >= 0 else None
