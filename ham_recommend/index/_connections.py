"""Connections to a database, which a process that is forked off leaves to its parent."""

from __future__ import annotations

import os
from threading import Lock
from typing import Any, Generic, TypeVar
from weakref import WeakSet

T = TypeVar("T")


class Connected(Generic[T]):
    """Whoever keeps connections.

    Attributes
    ----------
    connections : list
        Those that are open and not in use; empty in a process forked off: two would read each other's
        answers from one.
    """

    def __init__(self) -> None:
        self.connections: list[T] = []
        self.opening = Lock()
        _CONNECTED.add(self)


_CONNECTED: WeakSet[Connected[Any]] = WeakSet()
_OF_THE_PARENT: list[Any] = []


def _forget_connections() -> None:
    """Leave a parent's connections to it; kept, as whatever closes one here would end it for the parent."""
    for one in _CONNECTED:
        _OF_THE_PARENT.extend(one.connections)
        one.connections.clear()
        one.opening = Lock()  # a thread of the parent's may have held it, and does not run here


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_connections)
