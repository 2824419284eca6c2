"""How often one visitor may ask: a bucket of requests that fills at a steady rate."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

_REMEMBERED = 50_000


class Rates:
    """Counts requests by whoever makes them.

    Parameters
    ----------
    rate : float
        Requests per second in the long run.
    burst : float
        Requests at once before that counts.
    clock : callable
        Seconds that only grow.
    """

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, who: str, cost: float = 1.0) -> float:
        """Count a request and return 0; or do not, and return after how many seconds to try again."""
        now = self._clock()
        level, then = self._levels.pop(who, (self._burst, now))
        level = min(self._burst, level + (now - then) * self._rate)
        short = cost - level
        self._levels[who] = (level if short > 0 else level - cost, now)
        if len(self._levels) > _REMEMBERED:
            self._levels.popitem(last=False)
        return max(0.0, short / self._rate)
