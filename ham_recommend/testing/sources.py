"""What every source must do, as tests to inherit: ``SourceContract``, and ``MuseumContract`` for web APIs.

A source of another package passes them like a built-in one. They hold it to what the rest relies on: ids that
come once and carry a prefix, fields of their types that can be written to a file, bad records that are listed
and not raised, the same records each time, settings without anything secret or local, and a command line made
from its options.
"""

from __future__ import annotations

import inspect
import json
import re
import shlex
from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import fields
from datetime import date
from itertools import count, islice
from pathlib import Path
from typing import Any

import pytest

from ham_recommend.errors import SourceUnavailableError
from ham_recommend.net.addresses import on_the_web
from ham_recommend.net.rate_limit import Clock
from ham_recommend.records import Description, Problem, RawRecord
from ham_recommend.sources.base import Source
from ham_recommend.sources.crawled import CrawledSource
from ham_recommend.testing.fake_museum import FakeMuseum, Fault, no_faults

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

    def test_it_has_a_title_of_one_line(self, source: Source) -> None:
        assert source.title.isprintable()
        assert source.title == source.title.strip() != ""
        assert not source.title.endswith(".")

    def test_its_options_are_parameters_of_its_constructor(self, source: Source) -> None:
        parameters = inspect.signature(type(source)).parameters
        for option in source.options:
            assert option.help.endswith(".")
            assert option.name in parameters
            given = parameters[option.name].default
            if option.flag == "":
                assert given is inspect.Parameter.empty
            else:
                assert (option.default or None) == (given or None)

    def test_its_command_is_made_of_its_options(self, source: Source) -> None:
        known = {option.flag or f"--{option.name.replace('_', '-')}" for option in source.options}
        typed = {word for word in shlex.split(source.command()) if re.match("--[a-z]", word)}
        assert typed <= known

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

    def test_it_gives_the_same_in_another_process(self, tmp_path: Path) -> None:
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

    def test_problems_say_where_and_why(self, source: Source) -> None:
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
        counted = source.count()
        found = len(list(source.fetch()))
        assert counted is None or found <= counted <= found + len(source.problems)

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


class MuseumContract(SourceContract):
    """The tests that every museum behind a web API must pass, with a fake museum that speaks its dialect.

    ::

        class TestMyMuseum(MuseumContract):
            def open_museum(self):
                return FakeMuseum(works={"mine": TWENTY_WORKS}, dialects=[(r"/api/works", answer_works)])

            def museum_source(self, museum, folder, **settings):
                return MyMuseum(api=museum.url + "/api", folder=folder, adapter=museum.adapter(), **settings)
    """

    @abstractmethod
    def open_museum(self) -> FakeMuseum:
        """Return a museum of at least ten works, not yet serving: it is asked in process."""

    @abstractmethod
    def museum_source(self, museum: FakeMuseum, folder: Path, **settings: Any) -> CrawledSource:
        """Return a new source that asks this museum through its adapter and keeps its raw files in a folder.

        Parameters
        ----------
        museum : FakeMuseum
            What :meth:`open_museum` returned.
        folder : Path
            For the raw files.
        **settings
            ``query``, ``limit``, ``clock`` and ``rate``, for the constructor.
        """

    @pytest.fixture(autouse=True)
    def _open(self) -> None:
        self.museum = self.open_museum()

    def make(self, folder: Path) -> CrawledSource:
        """Return a source whose museum has been crawled."""
        source = self._asking(folder)
        if source.state() is None:
            source.crawl()
        return source

    def test_its_address_is_encrypted(self, source: CrawledSource) -> None:
        assert type(source).api.startswith("https://")

    def test_every_work_that_was_crawled_can_be_read(self, tmp_path: Path) -> None:
        source = self._asking(tmp_path)
        report = source.crawl()
        assert report.records == len(list(source.fetch())) >= 10
        assert (report.vanished, report.missed) == (0, 0)

    def test_once_crawled_the_museum_is_asked_nothing(self, source: CrawledSource) -> None:
        calls = self.museum.count()
        assert source.is_fresh()
        assert list(source.fetch())
        assert source.origin().fetched
        assert self.museum.count() == calls > 0

    def test_a_second_crawl_brings_the_same(self, source: CrawledSource) -> None:
        before = list(source.fetch())
        report = source.crawl()
        assert (report.records, report.changed, report.vanished) == (len(before), 0, 0)
        assert list(source.fetch()) == before

    def test_the_limit_is_kept(self, tmp_path: Path) -> None:
        source = self._asking(tmp_path, limit=3)
        assert source.crawl().records == len(list(source.fetch())) == 3

    @pytest.mark.parametrize("fault", ["error", "malformed", "wrong content"])
    def test_a_museum_out_of_order_can_be_crawled_later(self, tmp_path: Path, fault: Fault) -> None:
        self.museum.faults = lambda _path, _before: fault
        with pytest.raises(SourceUnavailableError):
            self._asking(tmp_path).crawl(wait=False)
        self.museum.faults = no_faults
        assert self._asking(tmp_path).crawl().records >= 10

    def test_a_crawl_that_was_cut_short_anywhere_goes_on(self, tmp_path: Path) -> None:
        whole = self._asking(tmp_path / "whole")
        whole.crawl()
        for calls in range(self.museum.count()):
            source = self._asking(tmp_path / str(calls))
            self._fail_after(calls)
            with suppress(SourceUnavailableError):
                source.crawl(wait=False)
            self.museum.faults = no_faults
            source.crawl()
            assert list(source.fetch()) == list(whole.fetch())

    def _fail_after(self, calls: int) -> None:
        answered = count()
        self.museum.faults = lambda _path, _before: "error" if next(answered) >= calls else None

    def _asking(self, folder: Path, **settings: Any) -> CrawledSource:
        clock = Clock(sleep=lambda _: None)
        return self.museum_source(self.museum, folder / "raw", clock=clock, rate=1e6, **settings)
