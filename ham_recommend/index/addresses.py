"""Addresses of stores, as they may be shown and written down."""

from __future__ import annotations

import re

HIDDEN = "…"
"""What stands for a password where an address is shown."""
_IN_AUTHORITY = re.compile(r"(?<=://)([^:@/?#]*):(.*)@", re.DOTALL)
_IN_QUERY = re.compile(r"(?<=[?&])((?:ssl)?password|passwd|pwd|token|secret|api_?key)=[^&#]*", re.IGNORECASE)


def is_url(store: str) -> bool:
    """Return whether a store is given by its address rather than by its kind."""
    return ":" in store


def without_password(url: str) -> str:
    """Return an address as it may be shown, whatever signs its password has."""
    return _IN_QUERY.sub(rf"\1={HIDDEN}", _IN_AUTHORITY.sub(rf"\1:{HIDDEN}@", url))
