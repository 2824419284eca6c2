"""Raw record → artwork: plain text, parsed years, addresses that are safe to follow."""

from __future__ import annotations

import hashlib
import math
from pathlib import PurePosixPath, PureWindowsPath
from urllib.parse import urlsplit

from ham_recommend.catalog.dates import EARLIEST, LATEST, DateRange, parse_date
from ham_recommend.catalog.describe import clean_descriptions, plain_text
from ham_recommend.records import Artwork, RawRecord

LONGEST_FIELD = 2_000
"""Characters of a catalogue field that are kept; descriptions may be longer."""

LONGEST_ADDRESS = 4_000

_FIELDS = (
    "title", "artist", "culture", "date", "classification", "medium",
    "technique", "period", "department", "rights", "credit",
)  # fmt: skip
_DIGESTED = tuple(RawRecord.__dataclass_fields__)
_ITS_OWN_YEARS = 1.0
_FROM_THE_PERIOD = 0.8


def artwork_from(raw: RawRecord) -> Artwork:
    """Clean one record.

    Its own numeric years win over its date, and its date over its period; 0 for both means unknown, and years
    no work can have are refused.

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
    years = _years(raw, texts)
    return Artwork(
        item_id=raw.item_id,
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
    """Return the 16-byte hash of everything in a record; equal digests mean equal records."""
    told = repr([getattr(raw, name) for name in _DIGESTED])
    return hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _field(value: str) -> str:
    text = plain_text(value)
    return text if len(text) <= LONGEST_FIELD else text[: LONGEST_FIELD - 1].rstrip() + "…"


def _years(raw: RawRecord, texts: dict[str, str]) -> DateRange:
    own = _own_years(raw.year_begin, raw.year_end)
    if own is not None:
        return own
    said = parse_date(texts.get("date", ""))
    if said.begin is not None or "period" not in texts:
        return said
    period = parse_date(texts["period"])
    return DateRange(period.begin, period.end, round(period.confidence * _FROM_THE_PERIOD, 3))


def _own_years(begin: int | None, end: int | None) -> DateRange | None:
    """Return the record's numeric years, or ``None`` when they say nothing."""
    if begin == 0 and end in {0, None} or begin is None and end == 0:
        return None
    known = [year for year in (begin, end) if year is not None]
    if not known or not all(EARLIEST <= year <= LATEST for year in known):
        return None
    first, last = min(known), max(known)
    return DateRange(first or 1, last or -1, _ITS_OWN_YEARS)


def _web_address(address: str) -> str:
    """Return the address when it is http(s) with a host; else nothing."""
    address = address.strip()
    if not address or len(address) > LONGEST_ADDRESS or not address.isprintable() or " " in address:
        return ""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return ""
    return address if parts.scheme.lower() in {"http", "https"} and host and "@" not in parts.netloc else ""


def _picture(picture: str) -> str:
    """Return an http(s) address or an absolute path; nothing else is ever opened."""
    if not picture or len(picture) > LONGEST_ADDRESS or "\0" in picture:
        return ""
    if PurePosixPath(picture).is_absolute() or PureWindowsPath(picture).is_absolute():
        return picture
    return _web_address(picture)


def _popularity(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) and value >= 0 else None
