"""The interface on a page, joined to a real widget."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def stage(page, recommender):
    """Return a function that puts a widget on the page; afterwards nothing must have gone wrong there."""
    from stage import Stage

    from ham_recommend import HAM_recommend

    stages = []

    def put(given=recommender, **options):
        stages.append(Stage(page, HAM_recommend(given, **options)))
        return stages[-1]

    yield put
    for each in stages:
        assert each.faults == []
