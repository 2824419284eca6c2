"""What is written where works are added to many, and what is not."""

import numpy as np
import pytest
from small_collection import draw_museum, make

from ham_recommend import Recommender
from ham_recommend.builder.merge import merge
from ham_recommend.errors import ArtifactError
from ham_recommend.index.text_index import TextIndex
from ham_recommend.workspace import Workspace


def test_adding_a_work_to_many_leaves_the_base_of_the_text_index_as_it_lies(tmp_path):
    museum, out = tmp_path / "museum", tmp_path / "out"
    draw_museum(museum)
    make(museum / "many.csv", out)
    before = {name: (out / name).stat() for name in TextIndex.FILES}
    make(museum / "one.csv", out, add=True)
    after = {name: (out / name).stat() for name in TextIndex.FILES}
    written = {name for name in TextIndex.FILES if before[name].st_ino != after[name].st_ino}
    assert written == {TextIndex.SINCE}
    make(museum / "one.csv", tmp_path / "more")
    whole = merge(tmp_path / "whole", [out, tmp_path / "more"], progress=False)
    assert whole.works == 13
    for question in ("old ship storm", "circus", "12", "vase flowers 5"):
        found = [Recommender.load(each).text.exact(question, 40) for each in (out, tmp_path / "whole")]
        assert found[0].item_ids.tolist() == found[1].item_ids.tolist()
        np.testing.assert_array_equal(found[0].scores, found[1].scores)


def test_a_damaged_file_of_what_came_since_is_named_and_mended(tmp_path):
    museum, out = tmp_path / "museum", tmp_path / "out"
    draw_museum(museum)
    make(museum / "many.csv", out)
    make(museum / "one.csv", out, add=True)
    path = out / TextIndex.SINCE
    path.write_bytes(path.read_bytes()[:-9])
    assert Workspace(out).verify() == [TextIndex.SINCE]
    with pytest.raises(ArtifactError, match=r"text\.since\.npz is not the file that was built.*ham build"):
        Recommender.load(out)
    make(museum / "one.csv", out, add=True)
    assert Workspace(out).verify() == []
    assert Recommender.load(out).search("old ship 12", 1).item_ids.tolist() == ["table:12"]
