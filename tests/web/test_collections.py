"""The collections of a folder that are open: what is removed is let go."""

from __future__ import annotations

import gc
import shutil
import weakref

import pytest

from ham_recommend.errors import ArtifactMissingError
from ham_recommend.web.collections import Collections


def test_a_collection_that_is_removed_is_let_go_and_comes_back(museum, tmp_path):
    for name in ("first", "second"):
        shutil.copytree(museum, tmp_path / "here" / name)
    served = Collections([tmp_path / "here"])
    stays, leaves = (served.open(name) for name in ("first", "second"))
    ids, gone = leaves.recommender.catalog.item_ids[:3].tolist(), weakref.ref(leaves.recommender)
    del leaves
    (tmp_path / "here" / "second").rename(tmp_path / "aside")
    assert list(served.roots()) == ["first"]
    gc.collect()
    assert gone() is None
    assert served.current("second") is None
    with pytest.raises(ArtifactMissingError, match="second"):
        served.open("second")
    assert served.current("first") is stays
    (tmp_path / "aside").rename(tmp_path / "here" / "second")
    assert served.open("second").recommender.catalog.item_ids[:3].tolist() == ids
