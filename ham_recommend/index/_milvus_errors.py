"""What errors of Milvus mean, and what to do about them."""

from __future__ import annotations

import re

ENVIRONMENT = "HAM_MILVUS"
"""Holds the address of a server, perhaps with its password."""


def is_silence(error: Exception) -> bool:
    """Return whether an error means that a server is away, starts, or takes too long."""
    return bool(
        re.search(
            r"unavailable|deadline|timeout|timed out|retry|retries|connect|not ready|not healthy|abnormal|"
            r"no available|channel|not fully loaded|not loaded|node offline|not serving|starting|shutdown|"
            r"context canceled",
            f"{type(error).__name__} {error}".lower(),
        )
    )


def reason_of(error: Exception) -> str:
    """Return what Milvus, or the line to it, says of an error, as part of a sentence."""
    details = getattr(error.__cause__, "details", None)
    message = (details() if callable(details) else None) or getattr(error, "message", None) or str(error)
    first = next((line.strip() for line in str(message).splitlines() if line.strip()), "")
    said = re.sub(
        r"^<?MilvusException: ?|^failed to connect to all addresses; last error: (UNKNOWN: )?", "", first
    )
    return said.strip("<> .()")[:300] or "no reason is given"


def advice_for(error: Exception) -> str:
    """Return what to do about an error, as a sentence."""
    if re.search(r"password|auth|token", reason_of(error).lower()):
        return f"Check the user, and give the password in {ENVIRONMENT}."
    return "Check the address, and that Milvus runs there."
