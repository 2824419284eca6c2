"""Rows by id: as a dictionary would find them, whatever the ids hash to."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ham_recommend.index._ids import ItemRows


class Alike(str):
    """An id with the hash of many others."""

    def __hash__(self):
        return len(self) % 3


def rows(ids, alive=None):
    held = np.empty(len(ids), dtype=np.object_)
    held[:] = ids
    return ItemRows(held, alive)


@given(
    ids=st.lists(st.text(max_size=6), unique=True),
    asked=st.lists(st.text(max_size=6)),
    kind=st.sampled_from([str, Alike]),
    data=st.data(),
)
def test_rows_are_those_of_a_dictionary(ids, asked, kind, data):
    alive = np.array(data.draw(st.lists(st.booleans(), min_size=len(ids), max_size=len(ids))), dtype=np.bool_)
    known = {item_id: row for row, item_id in enumerate(ids) if alive[row]}
    wanted = [kind(item_id) for item_id in asked + ids[::2]]
    found = rows([kind(item_id) for item_id in ids], alive).rows_of(wanted)
    assert found.tolist() == [known.get(str(item_id), -1) for item_id in wanted]
    assert found.dtype == np.intp


def test_what_is_asked_for_may_be_any_collection():
    held = rows(["a:1", "a:2", "a:3"])
    for asked in ({"a:2"}, frozenset({"a:2"}), dict.fromkeys(["a:2"]), ("a:2",)):
        assert held.find(asked).tolist() == [1]
    assert held.find([]).tolist() == [] and rows([]).find(["a:1"]).tolist() == []
