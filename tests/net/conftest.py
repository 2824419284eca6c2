"""What the tests of fetching share."""

import threading

import pytest

from ham_recommend.net.rate_limit import Clock


class FakeTime:
    """A time that passes only by sleeping."""

    def __init__(self, now=1_700_000_000.0):
        self.now, self.sleeps, self._lock = now, [], threading.Lock()

    def sleep(self, seconds):
        with self._lock:
            self.now += seconds
            self.sleeps.append(seconds)

    def clock(self):
        return Clock(lambda: self.now, self.sleep)


@pytest.fixture
def fake_time():
    return FakeTime()
