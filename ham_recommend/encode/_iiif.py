"""Asks picture servers for the size that is needed, where an address says how (IIIF Image API 2 and 3)."""

from __future__ import annotations

import re

_IIIF = re.compile(
    r"^(?P<base>https?://.+?/(?:full|square|pct:[\d.,]+|\d+,\d+,\d+,\d+))"
    r"/(?P<size>[^/]+)"
    r"/(?P<rest>!?\d+(?:\.\d+)?/(?:default|color|gray|bitonal|native)\.\w+(?:\?.*)?)$"
)
_SPARE = 1.25
"""A size this much larger is taken as it is: a museum names sizes that it keeps ready."""
_BOX = re.compile(r"^!?(\d*),(\d*)$")


def sized(address: str, side: int) -> str:
    """Return an address that asks for at most ``side`` pixels on the longer side, if it is a IIIF address.

    An address that asks for less stays as it is, as a museum may show no more; so does one that asks for
    hardly more, as a museum names sizes that it keeps ready.

    Parameters
    ----------
    address : str
        Any; what is not IIIF comes back unchanged.
    side : int
        Pixels.

    Examples
    --------
    >>> sized("https://ids.example.org/iiif/7/full/full/0/default.jpg", 384)
    'https://ids.example.org/iiif/7/full/!384,384/0/default.jpg'
    """
    parts = _IIIF.match(address)
    if parts is None or not _is_larger(parts["size"], side):
        return address
    return f"{parts['base']}/!{side},{side}/{parts['rest']}"


def _is_larger(size: str, side: int) -> bool:
    if size in {"full", "max", "^max"}:
        return True
    box = _BOX.match(size)
    return box is not None and any(int(length) > _SPARE * side for length in box.groups() if length)
