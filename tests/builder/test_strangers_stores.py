"""A collection from a stranger: whatever its manifest names, this machine's secrets stay here."""

from __future__ import annotations

import pytest
from strangers import overheard, rewrite_encoders

from ham_recommend import SampleSource, build
from ham_recommend.errors import HamRecommendError
from ham_recommend.sources.table import TableSource

SECRET = "my-own-secret"


@pytest.mark.parametrize("encoder", [None, "colour", "style"])
def test_adding_to_it_tells_its_database_nothing(tmp_path, monkeypatch, encoder):
    pytest.importorskip("psycopg")
    monkeypatch.delenv("HAM_POSTGRES", raising=False)
    monkeypatch.setenv("PGPASSWORD", SECRET)
    build(SampleSource(count=6), tmp_path / "theirs", progress=False)
    (tmp_path / "more.csv").write_text("id,title\n1,ship\n")
    with overheard() as (port, told):
        rewrite_encoders(tmp_path / "theirs", store=f"postgresql://u@127.0.0.1:{port}/db")
        more = TableSource(tmp_path / "more.csv")
        try:
            build(more, tmp_path / "theirs", image_encoder=encoder, add=True, progress=False)
        except HamRecommendError as error:
            assert "HAM_POSTGRES" in str(error)
    assert told == []
