"""What may stand in an ``item_id``."""

from __future__ import annotations

import re

from ham_recommend.errors import RecordError

LONGEST_ID = 400
"""Characters."""

_PREFIXED = re.compile(r"[A-Za-z][\w+-]{0,31}:(?!//)\S")
# Control characters, line separators, marks that turn the reading direction, halves of characters.
_UNUSABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def usable_id(native: str, prefix: str) -> str:
    """Return an ``item_id``: the museum's own id, with a prefix unless it already carries one.

    Parameters
    ----------
    native : str
        ``"D03754"`` becomes ``"table:D03754"``, ``"tate:D03754"`` stays.
    prefix : str
        The source's name.

    Raises
    ------
    RecordError
        The id is missing, too long, or holds characters that cannot be shown.
    """
    check_id(native)
    return native if _PREFIXED.match(native) else f"{prefix}:{native}"


def check_id(native: str) -> None:
    """Refuse an id that is missing, too long, or holds characters that cannot be shown.

    Raises
    ------
    RecordError
        It is one of these.
    """
    if not native:
        raise RecordError("it has no id")
    if len(native) > LONGEST_ID:
        raise RecordError(f"its id is longer than {LONGEST_ID} characters: {native[:40]!r}…")
    if _UNUSABLE.search(native):
        raise RecordError(f"its id holds characters that cannot be shown: {native[:40]!a}")
