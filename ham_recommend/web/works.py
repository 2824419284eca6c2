"""A work as the API shows it, with the addresses of its pictures."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from ham_recommend.frontend.thumbnails import is_here
from ham_recommend.net.addresses import public_address
from ham_recommend.recommend.wire import work_json
from ham_recommend.records import Artwork


def shown_work(work: Artwork, collection: str) -> dict[str, Any]:
    """Return a work as JSON values, with the addresses of its pictures."""
    elsewhere = public_address(work.picture) or None
    here = picture_url(collection, work.item_id) if is_here(work) and work.copies_allowed else elsewhere
    small = thumbnail_url(collection, work.item_id) if work.thumbnail else None
    return {**work_json(work), "thumbnail_url": small, "picture_url": here}


def thumbnail_url(collection: str, item_id: str) -> str:
    """Return the address of a work's thumbnail, relative to the server."""
    return f"/api/v1/collections/{quote(collection, safe='')}/thumbnails/{quote(item_id, safe='')}"


def picture_url(collection: str, item_id: str) -> str:
    """Return the address of a work's picture here, relative to the server."""
    return f"/api/v1/collections/{quote(collection, safe='')}/pictures/{quote(item_id, safe='')}"
