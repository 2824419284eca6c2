"""What reaches the terminal: text alone, whatever a collection holds.

A collection may come from a stranger, and a terminal obeys what it is sent: a title can hold characters that
move the cursor, set the window's title, answer for the person, or turn the reading direction.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable

from rich import console
from rich.console import ConsoleOptions, RenderableType
from rich.segment import Segment

_COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u202a-\u202e\u2066-\u2069]")
"""Control characters but tab and line feed, and those that override the reading direction."""


def as_text(text: str) -> str:
    """Return a text without the characters that a terminal obeys instead of showing them."""
    return _COMMANDS.sub("", text)


def escaped(json: str) -> str:
    """Return JSON that says the same, with those characters spelt out."""
    return _COMMANDS.sub(lambda found: f"\\u{ord(found[0]):04x}", json)


class Console(console.Console):
    """Rich's console, for text alone: styles are its own, and none comes from what is printed."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Render, and take out of every text what a terminal would obey."""
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else as_text(text), style, control)


class PlainFormatter(logging.Formatter):
    """Formats what is logged as text alone."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line to show."""
        return as_text(super().format(record))
