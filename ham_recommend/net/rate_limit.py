"""Rate limits: how often a server is asked, how many times at once, and when it asked for a pause."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime

_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.5, 60.0


class HostPausedError(Exception):
    """A host asked for a longer pause than anybody here waits; nothing was asked of it.

    Parameters
    ----------
    seconds : float
        For how long.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Clock:
    """The time and the waiting; tests put their own in.

    Parameters
    ----------
    now : callable
        Returns Unix seconds.
    sleep : callable
        Waits that many seconds.
    """

    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep


@dataclass(slots=True)
class _Host:
    slots: threading.BoundedSemaphore
    free_at: float = 0.0
    paused_until: float = 0.0
    refusals: int = 0
    seen_at: float = 0.0


@dataclass(slots=True)
class RateLimit:
    """Limits per host: requests a second, requests at once, and pauses when it is busy; shared by threads.

    Parameters
    ----------
    rate : float
        Most requests a second to one host; their starts are spread evenly.
    at_once : int
        Most requests under way to one host.
    clock : Clock
        The time and the waiting.
    longest_pause : float
        Nobody waits for a host that is paused for more than this many seconds.
    """

    rate: float
    at_once: int
    clock: Clock = field(default_factory=Clock)
    longest_pause: float = 120.0
    _hosts: dict[str, _Host] = field(default_factory=dict, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    @contextmanager
    def slot(self, host: str) -> Iterator[None]:
        """Wait until this host may be asked again, and hold one of its requests at once meanwhile.

        Raises
        ------
        HostPausedError
            It is paused for longer than anybody waits.
        """
        known = self._host(host)
        with known.slots:
            self._wait(known)
            yield

    def _wait(self, known: _Host) -> None:
        while True:
            with self._lock:
                now = self.clock.now()
                # A clock that was set back must not leave everybody waiting until it has caught up.
                set_back = max(0.0, known.seen_at - now)
                known.free_at -= set_back
                known.paused_until -= set_back
                known.seen_at = now
                pause = known.paused_until - now
                if pause > self.longest_pause:
                    raise HostPausedError(pause)
                wait = max(pause, known.free_at - now)
                if wait <= 0.0:
                    known.free_at = now + 1.0 / self.rate
                    return
            self.clock.sleep(wait)

    def pause(self, host: str, seconds: float | None) -> None:
        """Ask nothing of a busy host for a while, in any thread.

        Parameters
        ----------
        host : str
            Which.
        seconds : float or None
            For how long it asks; when it does not say, the pause grows each time that this happens in a row.
        """
        known = self._host(host)
        with self._lock:
            now = self.clock.now()
            if seconds is None:
                if known.paused_until > now:
                    return  # requests that were under way together are refused together
                seconds = backoff(known.refusals)
            known.refusals += 1
            known.paused_until = max(known.paused_until, now + seconds)

    def succeeded(self, host: str) -> None:
        """Note that a host is not busy."""
        known = self._host(host)
        with self._lock:
            known.refusals = 0

    def _host(self, host: str) -> _Host:
        with self._lock:
            return self._hosts.setdefault(host, _Host(threading.BoundedSemaphore(self.at_once)))


def backoff(attempt: int) -> float:
    """Return how long to wait after a failed attempt, in seconds: exponential, with full jitter.

    Parameters
    ----------
    attempt : int
        0 for the first attempt.

    Notes
    -----
    Brooker, "Exponential Backoff And Jitter" (2015): a wait drawn evenly from zero to the exponential bound
    spreads clients best.
    """
    return random.uniform(0.0, min(_LONGEST_PAUSE, _SHORTEST_PAUSE * 2.0**attempt))  # noqa: S311


def retry_after(value: str | None, now: float) -> float | None:
    """Return the seconds a ``Retry-After`` header asks for; ``None`` when it says nothing that can be read.

    Parameters
    ----------
    value : str or None
        Seconds, or an HTTP date.
    now : float
        Unix seconds.
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    return max(0.0, (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now)
