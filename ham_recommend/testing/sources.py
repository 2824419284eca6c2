"""What every source must do, as tests to inherit."""

from __future__ import annotations

import json
import re
import shlex
from abc import ABC, abstractmethod
from dataclasses import fields
from datetime import date
from itertools import islice
from pathlib import Path

import pytest

from ham_recommend.net.addresses import on_the_web
from ham_recommend.records import Description, Problem, RawRecord
from ham_recommend.sources.base import Source

_ITEM_ID = re.compile(r"[A-Za-z][\w+-]*:\S")
_TEXTS = tuple(field.name for field in fields(RawRecord) if field.type == "str")


class SourceContract(ABC):
    """The tests that every source must pass.

    Inherit from it in a test module, in a class called ``Test…``, and say how to make your source::

        class TestMySource(SourceContract):
            def make(self, folder):
                (folder / "works.xml").write_text(THREE_WORKS)
                return MySource(folder / "works.xml")
    """

    @abstractmethod
    def make(self, folder: Path) -> Source:
        """Return a new source with at least three works, the same ones each time.

        Parameters
        ----------
        folder : Path
            A place for the files it reads; the same one, with what was put there, within a test.
        """

    @pytest.fixture
    def source(self, tmp_path: Path) -> Source:
        """Return the source under test, ready to fetch."""
        return self._ready(tmp_path)

    def test_its_name_can_be_a_prefix(self, source: Source) -> None:
        assert re.fullmatch(r"[a-z][a-z0-9_-]*", source.name)

    def test_each_id_comes_once_and_carries_a_prefix(self, source: Source) -> None:
        item_ids = [record.item_id for record in source.fetch()]
        assert len(item_ids) >= 3
        assert len(set(item_ids)) == len(item_ids)
        assert [item_id for item_id in item_ids if not _ITEM_ID.match(item_id)] == []

    def test_every_field_is_of_its_type(self, source: Source) -> None:
        for record in source.fetch():
            assert type(record) is RawRecord
            assert [name for name in _TEXTS if not isinstance(getattr(record, name), str)] == []
            assert type(record.copies_allowed) is bool
            assert all(type(year) in {int, type(None)} for year in (record.year_begin, record.year_end))
            assert isinstance(record.descriptions, tuple)
            assert all(type(description) is Description for description in record.descriptions)
            assert record.popularity is None or 0 <= record.popularity < float("inf")

    def test_every_text_can_be_written_to_a_file(self, source: Source) -> None:
        for record in source.fetch():
            repr(record).encode("utf-8")
            for text in [getattr(record, name) for name in _TEXTS]:
                text.encode("utf-8")
            for description in record.descriptions:
                (description.text + description.source + description.model).encode("utf-8")

    def test_a_picture_is_an_address_or_an_absolute_path(self, source: Source) -> None:
        for record in source.fetch():
            assert not record.picture or on_the_web(record.picture) or Path(record.picture).is_absolute()

    def test_it_can_be_fetched_again(self, source: Source) -> None:
        first, problems = list(source.fetch()), list(source.problems)
        assert list(source.fetch()) == first
        assert source.problems == problems

    def test_it_tells_the_same_in_another_process(self, tmp_path: Path) -> None:
        one, other = self._ready(tmp_path), self._ready(tmp_path)
        assert list(one.fetch()) == list(other.fetch())
        assert one.fingerprint() == other.fingerprint()
        assert dict(one.settings()) == dict(other.settings())

    def test_a_fetch_can_be_given_up(self, source: Source) -> None:
        begun = source.fetch()
        assert iter(begun) is begun
        two = list(islice(begun, 2))
        del begun
        assert list(islice(source.fetch(), 2)) == two

    def test_problems_are_told_apart(self, source: Source) -> None:
        assert source.problems == []
        assert list(source.fetch())
        assert all(type(problem) is Problem for problem in source.problems)
        assert all(problem.where and problem.reason for problem in source.problems)

    def test_settings_are_json_and_hold_no_place_on_this_machine(
        self, source: Source, tmp_path: Path
    ) -> None:
        written = json.dumps(dict(source.settings()), allow_nan=False)
        assert json.loads(written) == dict(source.settings())
        assert str(tmp_path) not in written

    def test_its_command_is_one_line_for_a_shell(self, source: Source) -> None:
        command = source.command()
        assert shlex.split(command)[0] == source.name
        assert command.isprintable()
        assert command.encode("utf-8")

    def test_the_count_is_right_but_for_bad_records(self, source: Source) -> None:
        count = source.count()
        found = len(list(source.fetch()))
        assert count is None or found <= count <= found + len(source.problems)

    def test_looking_ahead_leaves_no_trace(self, source: Source) -> None:
        source.count(), source.fingerprint(), source.settings()
        assert source.problems == []

    def test_since_asks_for_no_more_than_all(self, source: Source) -> None:
        every = {record.item_id for record in source.fetch()}
        assert {record.item_id for record in source.fetch(since=date(2000, 1, 1))} <= every

    def _ready(self, tmp_path: Path) -> Source:
        inputs = tmp_path / "inputs"
        inputs.mkdir(exist_ok=True)
        source = self.make(inputs)
        source.settle(tmp_path / "kept")
        return source
