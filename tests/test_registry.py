"""Names lead to classes, and unknown names to a list of known ones."""

from __future__ import annotations

import sys

import pytest

from ham_recommend import errors, registry
from ham_recommend.encode.base import ImageEncoder
from ham_recommend.index.base import VectorStore
from ham_recommend.recommend.strategies import Strategy
from ham_recommend.sources.base import Source

BASES = {"source": Source, "encoder": ImageEncoder, "store": VectorStore, "strategy": Strategy}


@pytest.fixture
def plugins(tmp_path, monkeypatch):
    """Return what installs a stranger's package: entry points by group, and its one module's text."""

    def install(groups, text):
        (tmp_path / "stranger.py").write_text(text)
        points = "".join(
            f"[{group}]\n" + "".join(f"{name} = {target}\n" for name, target in named.items())
            for group, named in groups.items()
        )
        meta = tmp_path / "ham_stranger-1.0.dist-info"
        meta.mkdir()
        (meta / "METADATA").write_text("Metadata-Version: 2.1\nName: ham-stranger\nVersion: 1.0\n")
        (meta / "entry_points.txt").write_text(points)
        monkeypatch.syspath_prepend(str(tmp_path))

    yield install
    sys.modules.pop("stranger", None)


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind in BASES for name in registry.known(kind)])
def test_every_name_leads_to_a_class_of_its_kind(kind, name):
    assert issubclass(registry.load(kind, name), BASES[kind])


@pytest.mark.parametrize("name", registry.known("source"))
def test_a_source_is_registered_under_its_own_name(name):
    assert registry.load("source", name).name == name


@pytest.mark.parametrize("kind", list(BASES))
def test_unknown_name_lists_the_known(kind):
    with pytest.raises(errors.SettingsError) as caught:
        registry.load(kind, "no such name")
    assert all(name in str(caught.value) for name in registry.known(kind))


@pytest.mark.parametrize(
    ("kind", "typed", "meant"),
    [("source", "havard", "harvard"), ("source", "tabel", "table"), ("encoder", "color", "colour")],
)
def test_the_nearest_name_is_listed_first(kind, typed, meant):
    with pytest.raises(errors.SettingsError, match=f"Known: {meant}, "):
        registry.load(kind, typed)


def test_the_sample_comes_in_like_a_strangers_source():
    assert "sample" not in registry.BUILT_IN["source"]
    assert "sample" in registry.known("source")


def test_plugins_come_through_entry_points(plugins):
    plugins(
        {
            "ham_recommend.sources": {"mine": "stranger:Mine"},
            "ham_recommend.stores": {"yours": "stranger:Yours"},
        },
        "from ham_recommend.index.exact import ExactStore as Yours\n"
        "from ham_recommend.sources.folder import FolderSource as Mine\n",
    )
    assert "mine" in registry.known("source")
    assert issubclass(registry.load("source", "mine"), Source)
    assert issubclass(registry.load("store", "yours"), VectorStore)
    assert "mine" not in registry.known("store")


def test_a_plugin_does_not_take_the_place_of_what_is_built_in(plugins):
    plugins({"ham_recommend.sources": {"table": "stranger:Mine"}}, "")
    assert registry.load("source", "table").__module__ == "ham_recommend.sources.table"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import no_such_module", "cannot be loaded: ModuleNotFoundError: No module named 'no_such_module'"),
        ("1 / 0", "ZeroDivisionError"),
        ("", "AttributeError"),
        ("raise OSError('a long\\nstory')", "OSError: a long story"),
        ("Mine = 7", "is no Source"),
        ("from ham_recommend.index.exact import ExactStore as Mine", "is no Source"),
    ],
)
def test_a_broken_plugin_is_named_in_one_line_and_breaks_nothing_else(plugins, text, said):
    plugins({"ham_recommend.sources": {"mine": "stranger:Mine"}}, text)
    assert {"mine", "table", "sample"} <= set(registry.known("source"))
    with pytest.raises(errors.SettingsError, match=said) as caught:
        registry.load("source", "mine")
    assert "'mine' of the package ham-stranger" in str(caught.value)
    assert str(caught.value).isprintable()
    assert registry.load("source", "table").name == "table"


@pytest.mark.parametrize(
    ("name", "said"), [("style:", "no model after the colon"), ("style:big", "no models to choose from")]
)
def test_a_model_is_named_after_the_colon_where_there_are_several(name, said):
    with pytest.raises(errors.SettingsError, match=said):
        registry.make_encoder(name)
