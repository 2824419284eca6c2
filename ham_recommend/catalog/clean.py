"""Raw records → the cells of works: plain text, parsed years, addresses that are safe to follow.

Records are cleaned many at a time and field by field, as the works of a museum share most of their values:
each different one is cleaned once.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from operator import attrgetter
from typing import Any, TypeVar

from ham_recommend.catalog.dates import years_of
from ham_recommend.catalog.describe import clean_descriptions, match_key, plain_text
from ham_recommend.catalog.schema import LINE, artwork_in, description_cell
from ham_recommend.fields import SEPARATOR, joined
from ham_recommend.records import FIELDS, Artwork, Description, RawRecord

LONGEST_FIELD = 2_000
"""Characters of one value of a catalogue field that are kept; descriptions may be longer."""

MOST_VALUES = 200
"""How many values of one field are kept."""

LONGEST_ADDRESS = 4_000

T = TypeVar("T")
Values = str | tuple[str, ...]
"""What a text field holds: one value, or several."""

RULES = 6  # to be raised with every change of what cleaning does, so that kept rows are cleaned again
_TEXTS = tuple(field.name for field in FIELDS if field.kind == "text" and field.name != "item_id")
_SEVERAL = frozenset(field.name for field in FIELDS if field.several)
_LISTED = frozenset(field.name for field in FIELDS if field.listed)
_WEB = re.compile(r"https?://[^\s/?#@\\]+(?:[/?#]\S*)?", re.IGNORECASE)
_ABSOLUTE = re.compile(r"(?:/|[A-Za-z]:[\\/]|\\\\)[^\0]*\Z")
_GIVEN = tuple(RawRecord.__dataclass_fields__)
_all_given = attrgetter(*_GIVEN)


def cleaned(records: Sequence[RawRecord]) -> dict[str, list[Any]]:
    """Clean records, field by field.

    Their numeric years, dates and periods are weighed by :func:`~ham_recommend.catalog.dates.years_of`.

    Parameters
    ----------
    records : sequence of RawRecord, length n
        As a source told them.

    Returns
    -------
    dict of str to list of length n
        Field → a cell for each record, as :mod:`ham_recommend.catalog.schema` describes them, but for what is
        known of the thumbnails.
    """
    given: dict[str, list[Any]] = {name: list(map(attrgetter(name), records)) for name in _GIVEN}
    texts = {name: _each_once(given[name], partial(_cell, name)) for name in _TEXTS}
    dates, periods = (map(_as_read, texts[name]) for name in ("date", "period"))
    years = list(map(years_of, dates, given["year_begin"], given["year_end"], periods))
    return {
        **texts,
        "item_id": list(map(_writable, given["item_id"])),
        "year_begin": [known.begin for known in years],
        "year_end": [known.end for known in years],
        "date_confidence": [known.confidence for known in years],
        "descriptions": _descriptions(given["descriptions"], texts),
        "picture": list(map(_picture, given["picture"])),
        "other_pictures": _each_once(given["other_pictures"], _pictures),
        "page_url": list(map(_web_address, given["page_url"])),
        "popularity": list(map(_popularity, given["popularity"])),
        "copies_allowed": list(map(bool, given["copies_allowed"])),
    }


def artwork_from(raw: RawRecord) -> Artwork:
    """Return the artwork, without thumbnail, that one record is cleaned to."""
    return artwork_in({name: cells[0] for name, cells in cleaned([raw]).items()})


def digest_of(raw: RawRecord) -> bytes:
    """Return the 16-byte hash of everything in a record; equal digests mean that it cleans to equal works."""
    return digest_and_length(raw)[0]


def digest_and_length(raw: RawRecord) -> tuple[bytes, int]:
    """Return the digest of a record, and how many characters it has."""
    content = repr((RULES, [*_all_given(raw)]))
    return hashlib.blake2b(content.encode("utf-8", "surrogatepass"), digest_size=16).digest(), len(content)


def picture_of(raw: RawRecord) -> str:
    """Return the picture that the artwork of a record has."""
    return _picture(raw.picture)


def _each_once(given: Sequence[T], clean: Callable[[T], str]) -> list[str]:
    """Clean each different value once."""
    cells = {value: clean(value) for value in set(given)}
    return [cells[value] for value in given]


def _cell(name: str, given: Values) -> str:
    """Return what an artwork keeps of a text field: a text, or several different ones, a line each."""
    if not given:
        return ""
    if isinstance(given, str) and name not in _LISTED:
        return _value(given)
    if name not in _SEVERAL:
        return _value(joined(given))
    return LINE.join(_different(map(_value, [given] if isinstance(given, str) else given[:MOST_VALUES])))


def _different(values: Iterable[str]) -> Iterable[str]:
    """Return values in their order, each once; case and accents make no difference, as in filters."""
    kept: dict[str, str] = {}
    for value in values:
        if value:
            kept.setdefault(match_key(value), value)
    return kept.values()


def _descriptions(
    given: Sequence[Sequence[Description]], texts: Mapping[str, Sequence[str]]
) -> list[list[dict[str, str]]]:
    """Clean descriptions; those that repeat one of the texts of their work go."""
    works = zip(given, zip(*texts.values(), strict=True), strict=True)
    return [
        description_cell(clean_descriptions(told, _repeatable(cells))) if told else []
        for told, cells in works
    ]


def _repeatable(cells: Iterable[str]) -> Iterator[str]:
    """Yield all that a description could repeat: each value, and several in one."""
    for cell in filter(None, cells):
        yield _as_read(cell)
        if LINE in cell:
            yield from cell.split(LINE)


def _as_read(cell: str) -> str:
    """Return several values of a cell as people read them."""
    return cell.replace(LINE, SEPARATOR)


def _value(value: str) -> str:
    text = plain_text(value)
    return text if len(text) <= LONGEST_FIELD else text[: LONGEST_FIELD - 1].rstrip() + "…"


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


def _pictures(pictures: Sequence[str]) -> str:
    return LINE.join(filter(None, map(_picture, pictures[:MOST_VALUES])))


def _writable(text: str) -> str:
    """Return text that UTF-8 can hold."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _popularity(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) and value >= 0 else None
