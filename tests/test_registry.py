"""Names lead to classes, and unknown names to a list of known ones."""

from __future__ import annotations

import pytest

from ham_recommend import errors, registry
from ham_recommend.encode.base import ImageEncoder
from ham_recommend.index.base import VectorStore
from ham_recommend.recommend.strategies import Strategy
from ham_recommend.sources.base import Source

BASES = {"source": Source, "encoder": ImageEncoder, "store": VectorStore, "strategy": Strategy}


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind in BASES for name in registry.known(kind)])
def test_every_name_leads_to_a_class_of_its_kind(kind, name):
    assert issubclass(registry.load(kind, name), BASES[kind])


@pytest.mark.parametrize("kind", list(BASES))
def test_unknown_name_lists_the_known(kind):
    with pytest.raises(errors.SettingsError, match=registry.known(kind)[0]):
        registry.load(kind, "no such name")


def test_plugins_come_through_entry_points(monkeypatch):
    class Point:
        name = "mine"

        def load(self):
            return Source

    monkeypatch.setattr(
        registry, "entry_points", lambda group: [Point()] if group.endswith("sources") else []
    )
    assert "mine" in registry.known("source")
    assert registry.load("source", "mine") is Source


@pytest.mark.parametrize(
    ("name", "said"), [("style:", "no model after the colon"), ("style:big", "no models to choose from")]
)
def test_a_model_is_named_after_the_colon_where_there_are_several(name, said):
    with pytest.raises(errors.SettingsError, match=said):
        registry.make_encoder(name)
