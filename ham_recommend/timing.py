"""How long the parts of an answer take: what a store or an encoder takes is noted for whoever listens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from time import perf_counter
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

STORE, ENCODER = "store", "encoder"
"""The parts that are noted: asking stores of vectors, encoding what is asked."""

_listening: ContextVar[dict[str, float] | None] = ContextVar("listening", default=None)
_within: ContextVar[str] = ContextVar("within", default="")


@contextmanager
def listening() -> Iterator[dict[str, float]]:
    """Note how many seconds each part takes of what is done in the block, by the same thread."""
    seconds: dict[str, float] = {}
    before = _listening.set(seconds)
    try:
        yield seconds
    finally:
        _listening.reset(before)


@contextmanager
def part(name: str) -> Iterator[None]:
    """Note the time of a block as that of a part; inside of another part it is that one's."""
    seconds = _listening.get()
    if seconds is None or _within.get():
        yield
        return
    before, start = _within.set(name), perf_counter()
    try:
        yield
    finally:
        _within.reset(before)
        seconds[name] = seconds.get(name, 0.0) + perf_counter() - start


def timed(name: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Note the time of a function as that of a part."""

    def of(call: Callable[P, T]) -> Callable[P, T]:
        @wraps(call)
        def noted(*given: P.args, **options: P.kwargs) -> T:
            with part(name):
                return call(*given, **options)

        return noted

    return of
