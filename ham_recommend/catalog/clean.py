"""Raw record → artwork: plain text, parsed years, addresses that are safe to follow."""

from __future__ import annotations

import hashlib
import math
import re
from functools import lru_cache

from ham_recommend.catalog.dates import years_of
from ham_recommend.catalog.describe import clean_descriptions, plain_text
from ham_recommend.records import Artwork, RawRecord

LONGEST_FIELD = 2_000
"""Characters of a catalogue field that are kept; descriptions may be longer."""

LONGEST_ADDRESS = 4_000

RULES = 3  # to be raised with every change of what cleaning does, so that kept rows are cleaned again
_FIELDS = (
    "title", "artist", "culture", "date", "classification", "medium",
    "technique", "period", "department", "rights", "credit",
)  # fmt: skip
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
    texts = {name: _field(value) for name in _FIELDS if (value := getattr(raw, name))}
    years = years_of(texts.get("date", ""), raw.year_begin, raw.year_end, texts.get("period", ""))
    return Artwork(
        item_id=_writable(raw.item_id),
        **texts,
        year_begin=years.begin,
        year_end=years.end,
        date_confidence=years.confidence,
        descriptions=clean_descriptions(raw.descriptions, texts.values()) if raw.descriptions else (),
        picture=_picture(raw.picture),
        page_url=_web_address(raw.page_url),
        popularity=_popularity(raw.popularity),
        copies_allowed=bool(raw.copies_allowed),
    )


def digest_of(raw: RawRecord) -> bytes:
    """Return the 16-byte hash of everything in a record; equal digests mean that it cleans to equal works."""
    told = repr((RULES, [getattr(raw, name) for name in _DIGESTED]))
    return hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=16).digest()


@lru_cache(maxsize=1 << 15)
def _field(value: str) -> str:
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


def _writable(text: str) -> str:
    """Return text that UTF-8 can hold."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _popularity(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) and value >= 0 else None
