"""A small dated collection on disk, opened once."""

from __future__ import annotations

import pytest
from dated_museum import build, records

from ham_recommend import influence


@pytest.fixture(scope="package")
def dated(tmp_path_factory):
    """Build the collection of four artists; return its recommender."""
    return build(tmp_path_factory.mktemp("dated") / "dated", *records())


@pytest.fixture(scope="package")
def found(dated):
    return influence(dated)
