"""Raw folders: what they lock and remove lies in them, whatever a received workspace links to."""

from __future__ import annotations

import pytest

from ham_recommend.errors import ArtifactError
from ham_recommend.sources.raw import locked, purge_raw, raw_folders


@pytest.fixture
def outside(tmp_path):
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "crawl.jsonl.gz").write_bytes(b"mine")
    return folder


def test_a_lock_that_is_a_link_is_refused(tmp_path, outside):
    raw = tmp_path / "works" / "1-raw" / "harvard"
    raw.mkdir(parents=True)
    (raw / ".lock").symlink_to(outside / "crawl.jsonl.gz")
    with pytest.raises(ArtifactError, match="is a link"), locked(raw):
        pass
    assert (outside / "crawl.jsonl.gz").read_bytes() == b"mine"


def test_a_raw_folder_that_is_a_link_is_neither_purged_nor_written(tmp_path, outside):
    raw = tmp_path / "works" / "1-raw"
    raw.mkdir(parents=True)
    (raw / "harvard").symlink_to(outside)
    with pytest.raises(ArtifactError, match="is a link"):
        raw_folders(raw)
    with pytest.raises(ArtifactError, match="is a link"):
        purge_raw(raw / "harvard", everything=True)
    with pytest.raises(ArtifactError, match="is a link"), locked(raw / "harvard"):
        pass
    assert [path.name for path in outside.iterdir()] == ["crawl.jsonl.gz"]
