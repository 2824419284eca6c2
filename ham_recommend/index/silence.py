"""Leaving alone for a while what does not answer, and saying so once: a database, another machine's model."""

from __future__ import annotations

import time

PAUSE = 30.0
"""Seconds for which what was silent is left alone, as each try may take some."""


class Silence:
    """Whether something far away is silent now, and whether it may be tried again.

    Parameters
    ----------
    means : str
        What a person should know while it lasts, as a sentence that anybody may read.
    """

    def __init__(self, means: str) -> None:
        self._means = means
        self._lasts = False
        self._since = 0.0

    @property
    def trouble(self) -> str:
        """What a person should know; empty while it answers."""
        return self._means if self._lasts else ""

    @property
    def left_alone(self) -> bool:
        """Whether it was silent so short a time ago that it is not tried again yet."""
        return self._lasts and time.monotonic() < self._since + PAUSE

    def noticed(self) -> bool:
        """Note that it did not answer; return whether that is news."""
        news = not self._lasts
        self._lasts, self._since = True, time.monotonic()
        return news

    def ended(self) -> None:
        """Note that it answered, or that it is not to be had at all."""
        self._lasts = False
