"""Which ids a database can hold, so that no others are sent to it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ham_recommend.errors import SettingsError

LONGEST_ID = 2_000
"""Bytes that every database here can still order by."""


def sendable(item_ids: Collection[str]) -> list[str]:
    """Return those ids that a database can hold; it can know no others."""
    ids = list(item_ids)
    return ids if _holdable("".join(ids)) else [item_id for item_id in ids if _holdable(item_id)]


def check_ids(database: str, item_ids: Sequence[str]) -> None:
    """Refuse ids that a database cannot hold.

    Raises
    ------
    SettingsError
        It names the first.
    """
    bad = next((one for one in item_ids if not _holdable(one) or len(one.encode()) > LONGEST_ID), None)
    if bad is not None:
        raise SettingsError(
            f"{database} cannot hold the id {bad[:80]!r}: it holds text of at most {LONGEST_ID:,} bytes, "
            "without zero bytes and halves of characters. Give the work another id."
        )


def _holdable(text: str) -> bool:
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False
