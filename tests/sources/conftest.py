"""What the tests of sources share."""

import pytest


@pytest.fixture
def csv_file(tmp_path):
    return tmp_path / "works.csv"
