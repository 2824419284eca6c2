"""Cursors: places in the answers of one version of a collection, so that pages follow each other."""

from __future__ import annotations

import base64
import binascii

from ham_recommend.web.problems import Refused


def cursor_text(version: str, position: int) -> str:
    """Return a cursor: a place in the answers of one version of a collection."""
    return base64.urlsafe_b64encode(f"{version}:{position}".encode()).decode().rstrip("=")


def position_of(cursor: str | None, version: str, most: int) -> int:
    """Return the position that a cursor names; 0 without one.

    Raises
    ------
    Refused
        It is none of ours, or the collection is no longer the same.
    """
    if not cursor:
        return 0
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        of, _, position = text.partition(":")
        place = int(position)
    except (binascii.Error, ValueError) as error:
        raise Refused(422, "The cursor is none that was given out here. Leave it out to begin.") from error
    if of != version:
        raise Refused(410, "The collection has changed since that page. Begin anew, without the cursor.")
    if not 0 <= place <= most:
        raise Refused(422, f"Pages end after {most:,} works. Ask something narrower.")
    return place
