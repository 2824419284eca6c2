"""The manifest is read strictly: typed facts, or one sentence that says what is wrong."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ham_recommend.errors import ArtifactCorruptError, ArtifactError, SettingsError
from ham_recommend.manifest import (
    FORMAT,
    EncoderFacts,
    Facts,
    FileEntry,
    Manifest,
    Origin,
    PastBuild,
    joined,
    origins_in,
)

STYLE = EncoderFacts("style", "style-1", 30, reads_words=False, store="flat")
CLIP = EncoderFacts("clip:models/mine", "clip-1 ab in float32", 28, reads_words=True, store="hnsw")
WHOLE = Manifest(
    {"2-catalog/catalog.parquet": FileEntry("ab", 3, 5, 7, {"rules": 1, "origins": []}, {"a": "b"})},
    Facts(
        works=40,
        pictures=30,
        origins=(Origin("harvard", {"query": "ship"}, "2026-01-02T03:04:05+00:00", 14),),
        encoder="clip",
        encoders={"style": STYLE, "clip": CLIP},
        problems=2,
        builds=(PastBuild("ham build harvard", "style"), PastBuild("ham build harvard", "clip")),
        built_at="2026-01-02T04:00:00+00:00",
    ),
    "1.0",
)


def read(tmp_path, content):
    path = tmp_path / "manifest.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return Manifest.read(path)


def test_what_is_written_comes_back(tmp_path):
    assert read(tmp_path, WHOLE.to_json()) == WHOLE


def altered(place, value):
    """Return the whole manifest as JSON values, with one of them replaced; ``...`` takes it away."""
    content = json.loads(WHOLE.to_json())
    *way, last = place
    inner = content
    for step in way:
        inner = inner[step]
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    return content


FILE = ("files", "2-catalog/catalog.parquet")
WRONG = [
    (("facts",), []),
    (("facts",), None),
    (("files",), []),
    (("package_version",), 1),
    ((*FILE, "rows"), "x"),
    ((*FILE, "rows"), True),
    ((*FILE, "rows"), 1.0),
    ((*FILE, "sha256"), 5),
    ((*FILE, "parents"), {"a": 1}),
    ((*FILE, "settings"), "x"),
    ((*FILE, "settings"), ...),
    ((*FILE, "colour"), "red"),
    (("facts", "works"), None),
    (("facts", "works"), ...),
    (("facts", "unheard_of"), 1),
    (("facts", "encoder"), "colour"),
    (("facts", "encoders"), ["style"]),
    (("facts", "encoders", "style"), None),
    (("facts", "encoders", "style", "reads_words"), 1),
    (("facts", "origins"), {}),
    (("facts", "origins", 0), "harvard"),
    (("facts", "origins", 0, "fetched"), "yesterday"),
    (("facts", "origins", 0, "fetched"), "2026-01-02T03:04:05"),
    (("facts", "origins", 0, "term_days"), 10**30),
    (("facts", "origins", 0, "term_days"), -1),
    (("facts", "builds"), "ham build"),
    (("facts", "builds", 0), ["ham build", "style"]),
]


@pytest.mark.parametrize(("place", "value"), WRONG, ids=lambda part: repr(part)[:50])
def test_what_has_the_wrong_type_is_refused_in_one_sentence(tmp_path, place, value):
    with pytest.raises(ArtifactCorruptError, match=r"is not a readable manifest \(.+\)\. Build") as refused:
        read(tmp_path, altered(place, value))
    assert len(str(refused.value)) < 300 + len(str(tmp_path))


NAMES = (
    "",
    "/etc/passwd",
    "../up",
    "a/../../b",
    "a//b",
    "./a",
    "a/",
    ".lock",
    "a/.b",
    "a\0b",
    "sessions.sqlite",
)


@pytest.mark.parametrize("name", [*NAMES, "sessions.sqlite-wal", "manifest.json"])
def test_names_of_what_is_no_file_of_a_collection_are_refused(tmp_path, name):
    content = altered(("files",), {name: json.loads(WHOLE.to_json())["files"][FILE[1]]})
    with pytest.raises(ArtifactCorruptError, match="no file of a collection"):
        read(tmp_path, content)


@pytest.mark.parametrize("levels", [30, 900, 3000, 200_000])
@pytest.mark.parametrize("signs", ["[]", '{"a":}'])
@pytest.mark.parametrize("place", ["format", "facts", "settings"])
def test_a_nested_manifest_is_refused_in_one_sentence(tmp_path, levels, signs, place):
    opening, closing = signs[:-1], signs[-1]
    deep = opening * levels + "1" + closing * levels
    whole = WHOLE.to_json()
    text = {
        "format": whole.replace(f'"format": {FORMAT}', f'"format": {deep}'),
        "facts": whole.replace('"works": 40', f'"works": {deep}'),
        "settings": whole.replace('"rules": 1', f'"rules": {deep}'),
    }[place]
    assert text != whole
    with pytest.raises(ArtifactError, match="ham build"):
        read(tmp_path, text)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.data())
def test_any_change_is_refused_or_read_and_nothing_else_is_raised(tmp_path_factory, data):
    content = json.loads(WHOLE.to_json())
    inner = content
    while isinstance(inner, dict | list) and inner:
        keys = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
        key = data.draw(st.sampled_from(keys))
        if data.draw(st.booleans()) or not isinstance(inner[key], dict | list):
            inner[key] = data.draw(values)
            break
        inner = inner[key]
    folder = tmp_path_factory.mktemp("manifest")
    try:
        found = read(folder, content)
    except ArtifactError as refused:
        assert "ham build" in str(refused)
    else:
        assert read(folder, found.to_json()) == found


def test_an_encoder_is_found_by_its_name_with_or_without_its_model():
    facts = WHOLE.facts
    assert facts.encoder_named(None) == "clip"
    assert facts.encoder_named("none") is None
    assert [facts.encoder_named(name) for name in ("style", "clip", "clip:models/mine")] == [
        "style",
        "clip",
        "clip",
    ]
    assert facts.default == CLIP
    assert Facts().encoder_named(None) is None
    for name in ("clip:models/other", "colour", ""):
        with pytest.raises(SettingsError, match=r"clip:models/mine, style, none"):
            facts.encoder_named(name)


@pytest.mark.parametrize("origins", ["x", {}, [1], [{"source": "met"}], [[]]])
def test_settings_with_odd_origins_are_refused_in_one_sentence(origins):
    with pytest.raises(ArtifactCorruptError, match="ham build"):
        origins_in({"origins": origins})
    assert origins_in({}) == ()


def test_of_the_same_records_the_oldest_fetch_and_the_shortest_term_count():
    old = Origin("met", {"query": "ship"}, "2026-01-01T00:00:00+00:00", None)
    new = Origin("met", {"query": "ship"}, "2026-02-01T00:00:00+00:00", 14)
    other = Origin("met", {"query": "cat"})
    assert joined([new, other, copy.copy(old)]) == [Origin("met", old.settings, old.fetched, 14), other]
