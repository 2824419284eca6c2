"""The journal of vectors: each batch is whole or not there, and joined with the others in order."""

from __future__ import annotations

import numpy as np
import pytest

from ham_recommend.encode.journal import VectorJournal


def vectors_of(contents):
    rows = np.array([[len(content), hash(content) % 97, 1] for content in contents], np.float32)
    return rows.reshape(-1, 3)


def journal(folder, model_id="m"):
    return VectorJournal(folder, model_id, 3)


def test_what_was_added_is_there_again(tmp_path):
    first = journal(tmp_path)
    first.add(["a", "b"], vectors_of("ab"), {"https://x.org/a": "a"})
    first.add(["c"], vectors_of("c"), {})
    first.add([], vectors_of(""), {"https://x.org/again": "a"})
    again = journal(tmp_path)
    assert len(again) == 3
    assert again.shown == {"https://x.org/a": "a", "https://x.org/again": "a"}
    joined = again.embeddings({"m:2": "a", "m:10": "c", "m:1": "b", "m:3": "a"})
    assert joined.item_ids.tolist() == ["m:1", "m:10", "m:2", "m:3"]
    assert joined.contents.tolist() == ["b", "c", "a", "a"]
    np.testing.assert_array_equal(joined.vectors, vectors_of("bcaa"))


@pytest.mark.parametrize(
    "damage", [lambda whole: b"", lambda whole: whole[:-40], lambda whole: whole[:60] + b"x" * 80]
)
def test_a_damaged_batch_is_as_good_as_none(tmp_path, damage):
    first = journal(tmp_path)
    first.add(["a"], vectors_of("a"), {"u": "a"})
    first.add(["b"], vectors_of("b"), {"v": "b"})
    path = sorted(tmp_path.glob("*.npz"))[0]
    path.write_bytes(damage(path.read_bytes()))
    again = journal(tmp_path)
    assert "a" not in again
    assert "b" in again
    again.add(["a"], vectors_of("a"), {})
    assert {"a", "b"} <= set(journal(tmp_path)._places)


def test_vectors_of_another_model_are_passed_over(tmp_path):
    journal(tmp_path, "one in float32").add(["a"], vectors_of("a"), {"u": "a"})
    assert "a" in journal(tmp_path, "one in bfloat16")
    other = journal(tmp_path, "two in float32")
    assert "a" not in other
    assert other.shown == {}
