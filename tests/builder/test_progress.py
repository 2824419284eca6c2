"""A build tells how far it is, step by step, to whoever asks."""

from __future__ import annotations

from ham_recommend import SampleSource, build


def test_whoever_asks_is_told_of_every_picture(tmp_path):
    told = []
    report = build(SampleSource(count=30), tmp_path / "museum", progress=lambda *how: told.append(how))
    read = [(done, total) for what, done, total in told if what == "Reading pictures"]
    assert read[0][0] == 0
    assert [done for done, _ in read] == sorted(done for done, _ in read)
    assert read[-1][0] == read[-1][1] == report.pictures
    steps = list(dict.fromkeys(what for what, *_ in told))
    assert steps[0] == "Reading records"
    assert {"Reading pictures", "Indexing texts", "Indexing pictures"} <= set(steps)
