"""The Harvard Art Museums, played by the fake museum: budget, restarts, changes, terms, and the key."""

import errno
import gzip
import json
import logging
import multiprocessing
import os
import random
import sqlite3
import time
import traceback
from contextlib import closing
from datetime import date
from tempfile import TemporaryDirectory
from unittest.mock import Mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_pages import crawl_in_small_pages

from ham_recommend.errors import (
    ArtifactCorruptError,
    ArtifactError,
    ArtifactMismatchError,
    DataWarning,
    SettingsError,
    SourceAuthError,
    SourceError,
    SourceUnavailableError,
)
from ham_recommend.net.rate_limit import Clock
from ham_recommend.sources import _ledger
from ham_recommend.sources.harvard import HarvardSource
from ham_recommend.sources.harvard_records import records_from_harvard
from ham_recommend.sources.raw import purge_raw, raw_state
from ham_recommend.testing import _dialects
from ham_recommend.testing.fake_museum import FakeMuseum, harvard_works, sometimes

KEY = "5e77a1de-f00d-4bad-cafe-0123456789ab"
START = 1_780_352_000.0  # 1 June 2026, in the evening
DAY = 86_400.0


class FakeTime:
    """A time that passes only by sleeping."""

    def __init__(self, now=START):
        self.now = now

    def sleep(self, seconds):
        self.now += seconds

    def clock(self):
        return Clock(lambda: self.now, self.sleep)


@pytest.fixture
def fake_time():
    return FakeTime()


@pytest.fixture
def museum():
    objects, annotations = harvard_works(730, base="http://museum.test")
    return FakeMuseum(objects, annotations, key=KEY)


@pytest.fixture
def source(museum, fake_time, tmp_path):
    """Return a maker of sources that ask the museum in process."""

    def make(query="", limit=None, **settings):
        settings = {"key": KEY, "folder": tmp_path / "raw", **settings}
        return HarvardSource(
            query,
            limit,
            api=museum.url,
            clock=fake_time.clock(),
            adapter=museum.adapter(),
            **settings,
        )

    return make


def expected(museum):
    return {record.item_id: record for record in records_from_harvard(museum.objects, museum.annotations)}


def same_works(source, museum):
    found = {record.item_id: record for record in source.fetch()}
    wanted = expected(museum)
    assert found.keys() == wanted.keys()
    for item_id, record in wanted.items():
        assert found[item_id].descriptions == record.descriptions
        assert (found[item_id].title, found[item_id].picture) == (record.title, record.picture)


# A whole crawl


def test_objects_and_descriptions_are_crawled_and_joined(source, museum):
    report = source().crawl()
    assert report.records == len(museum.objects)
    assert report.added == len(museum.objects) + len(museum.annotations)
    same_works(source(), museum)


@given(
    ids=st.sets(st.integers(1, 10**6) | st.integers(1, 40), max_size=60),
    size=st.integers(1, 12),
    most=st.integers(1, 12),
)
@settings(max_examples=60)
def test_paging_by_id_misses_nothing_and_wastes_no_call(ids, size, most):
    museum = FakeMuseum([{"id": native, "title": "A"} for native in sorted(ids)])
    kind = type("Paged", (HarvardSource,), {"page_size": size})
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(_dialects, "HARVARD_MOST", most)
        source = kind(
            key=KEY, folder=folder, api=museum.url, clock=FakeTime().clock(), adapter=museum.adapter()
        )
        source.crawl()
        assert [record.item_id for record in source.fetch()] == [f"harvard:{one}" for one in sorted(ids)]
    assert museum.count("/object") == max(1, -(-len(ids) // min(size, most)))
    assert museum.count("/annotation") == 1


def test_every_page_is_full_however_sparse_the_ids(source, museum):
    source().crawl()
    objects, annotations = len(museum.objects), len(museum.annotations)
    assert museum.count() == -(-objects // 100) + -(-annotations // 100)


def test_three_days_of_calls_are_enough_for_everything(fake_time, tmp_path):
    objects = [{"id": 1_000 + 7 * number, "images": [{"imageid": number}]} for number in range(117_243)]
    annotations = [
        {"annotationid": 5 * number, "imageid": number % 117_243, "type": "description", "body": "A dog."}
        for number in range(1, 400_001)
    ]
    museum = FakeMuseum(objects, annotations, key=KEY)
    source = HarvardSource(
        key=KEY, folder=tmp_path, api=museum.url, clock=fake_time.clock(), adapter=museum.adapter()
    )
    days, marks = {}, []

    def note(progress):
        days[int((fake_time.now - START) // DAY)] = museum.count()
        marks.append(progress)

    report = source.crawl(progress=note)
    assert report.records == 117_243
    assert museum.count() == 1_173 + 4_000
    assert museum.count() <= 5_300
    assert [days[day] for day in sorted(days)] == [2_500, 5_000, 5_173]
    assert fake_time.now - START < 2.1 * DAY
    assert all(progress.calls_left >= 0 for progress in marks)
    waiting = [progress for progress in marks if progress.waits_until]
    assert {round((progress.waits_until - START) / DAY) for progress in waiting} == {1, 2}
    # Once both sizes are known, the end is foretold within the hour, days ahead.
    assert marks[10].total == 517_243
    assert abs(marks[10].ends_at - fake_time.now) < 3_600


def test_the_budget_survives_restarts(source, museum, fake_time, monkeypatch):
    monkeypatch.setattr(HarvardSource, "daily_calls", 5)
    for done in (5, 5, 5):
        with pytest.raises(SourceUnavailableError, match="24 hours") as caught:
            source().crawl(wait=False)
        assert museum.count() == done
        assert caught.value.retry_after == pytest.approx(DAY, abs=60)
    fake_time.now += DAY
    with pytest.raises(SourceUnavailableError):
        source().crawl(wait=False)
    assert museum.count() == 10
    source().crawl()
    same_works(source(), museum)


def test_a_clock_that_was_far_ahead_blocks_nothing(source, museum, fake_time, monkeypatch):
    monkeypatch.setattr(HarvardSource, "daily_calls", 1)
    fake_time.now += 3_000 * DAY
    with pytest.raises(SourceUnavailableError, match="used up"):
        source().crawl(wait=False)
    fake_time.now -= 3_000 * DAY
    source().crawl()
    assert fake_time.now < START + 30 * DAY
    same_works(source(), museum)


def test_an_outage_is_waited_out(source, museum, fake_time):
    begun, waits = fake_time.now, []
    museum.faults = lambda path, before: "error" if fake_time.now < begun + 3_600 else None
    source().crawl(progress=lambda progress: waits.append(progress.waits_until))
    assert fake_time.now < begun + 2 * 3_600
    assert any(waits)
    same_works(source(), museum)


def test_a_museum_that_stays_out_of_order_is_given_up(source, museum, fake_time):
    begun = fake_time.now
    museum.faults = lambda path, before: "error"
    with pytest.raises(SourceUnavailableError, match="500"):
        source().crawl()
    assert 3 * 3_600 < fake_time.now - begun < 4 * 3_600


def test_a_pause_of_years_is_not_waited_for(source, museum, fake_time, monkeypatch):
    years = SourceUnavailableError("Later.", retry_after=999_999_999.0, worth_retrying=True)
    monkeypatch.setattr(HarvardSource, "page", Mock(side_effect=years))
    begun = fake_time.now
    with pytest.raises(SourceUnavailableError, match="Later"):
        source().crawl()
    assert fake_time.now == begun


def test_failed_calls_count_too(source, museum, monkeypatch):
    monkeypatch.setattr(HarvardSource, "daily_calls", 3)
    museum.faults = lambda path, before: "error"
    with pytest.raises(SourceUnavailableError):
        source().crawl(wait=False)
    assert museum.count() == 3


def test_a_museum_that_gives_smaller_pages_is_followed(source, museum, monkeypatch):
    monkeypatch.setattr(_dialects, "HARVARD_MOST", 40)
    source().crawl()
    same_works(source(), museum)


def test_a_museum_that_does_not_sort_is_noticed(source, museum, monkeypatch):
    monkeypatch.setattr(
        _dialects, "_first_at_least", lambda records, field, native: 0 if native < 2**30 else 300
    )
    with pytest.raises(SourceError, match="does not list its records by"):
        source().crawl()


@pytest.mark.parametrize("answer", ["[]", "null", '{"records": 1}', '{"info": {}, "records": [7]}'])
def test_an_answer_of_another_shape_is_no_end_of_the_crawl(source, museum, monkeypatch, answer):
    monkeypatch.setattr(_dialects, "json_answer", lambda *_: _dialects.Answer(200, answer.encode()))
    with pytest.raises(SourceUnavailableError):
        source().crawl(wait=False)
    monkeypatch.undo()
    source().crawl()
    same_works(source(), museum)


def test_a_museum_with_faults_is_crawled_to_the_end(museum, fake_time, tmp_path):
    moods = {"busy": 0.1, "busy until": 0.05, "error": 0.1, "hang up": 0.05, "malformed": 0.05}
    museum.faults = sometimes({**moods, "lying length": 0.05, "truncated": 0.05})
    fake_time.now = time.time()
    with museum:
        source = HarvardSource(
            key=KEY,
            folder=tmp_path,
            api=museum.url,
            allow_private=[museum.place],
            clock=fake_time.clock(),
            rate=1e6,
        )
        source.crawl()
        assert museum.most_at_once == 1
    same_works(source, museum)


# A part of the collection


def test_a_part_asks_only_for_the_descriptions_of_its_pictures(source, museum):
    part = source("classification:Paintings", 60)
    part.crawl()
    records = list(part.fetch())
    wanted = [entry for entry in museum.objects if entry["classification"] == "Paintings"][:60]
    assert [record.item_id for record in records] == [f"harvard:{entry['id']}" for entry in wanted]
    whole = expected(museum)
    assert all(record.descriptions == whole[record.item_id].descriptions for record in records)
    assert museum.count("/object") == 1
    assert museum.count("/annotation") <= 4


@pytest.mark.parametrize("limit", [1, 99, 100, 101, 250])
def test_the_limit_is_kept_to_the_work(source, limit):
    part = source(limit=limit)
    assert part.crawl().records == limit
    assert len(list(part.fetch())) == limit


# Changes


def test_changes_are_found_without_crawling_everything(source, museum):
    source().crawl()
    before = museum.count()
    museum.objects[7]["title"] = "Renamed"
    museum.objects[7]["lastupdate"] = "2026-06-02T00:00:00-04:00"
    museum.annotations[3]["body"] = "Something else altogether."
    museum.annotations[3]["lastupdate"] = "2026-06-03T00:00:00-04:00"
    report = source().crawl(since=date(2026, 6, 1))
    assert (report.added, report.changed, report.vanished) == (0, 2, 0)
    assert museum.count() - before <= 4
    same_works(source(), museum)


def test_a_new_work_comes_with_its_older_descriptions(source, museum):
    late, texts = museum.objects[-1], list(museum.annotations)
    image = late["images"][0]["imageid"]
    texts.append({**texts[0], "annotationid": 99_999_999, "imageid": image, "lastupdate": "2020-01-01"})
    museum.objects, everything = museum.objects[:-1], museum.objects
    museum.annotations = texts[:-1]
    source().crawl()
    museum.objects, museum.annotations = everything, texts
    late["lastupdate"] = "2026-06-02"
    source().crawl(since=date(2026, 6, 1))
    same_works(source(), museum)


def test_what_a_new_crawl_does_not_list_has_vanished(source, museum, tmp_path):
    source().crawl()
    gone = museum.objects.pop(5)
    museum.objects[9]["title"] = "Renamed"
    report = source().crawl()
    assert (report.added, report.changed, report.vanished) == (0, 1, 1)
    assert f"harvard:{gone['id']}" not in {record.item_id for record in source().fetch()}
    same_works(source(), museum)
    assert sum(1 for _ in (tmp_path / "raw").glob("*.jsonl.gz")) == 2


def test_until_a_new_crawl_is_finished_the_old_records_stand(source, museum, monkeypatch):
    source().crawl()
    museum.objects[0]["title"] = "Renamed"
    monkeypatch.setattr(HarvardSource, "daily_calls", museum.count() + 1)
    with pytest.raises(SourceUnavailableError):
        source().crawl(wait=False)
    same_works(source(), museum)


def test_changes_need_something_to_be_changes_of(source):
    with pytest.raises(SettingsError, match="without --since"):
        source().crawl(since=date(2026, 6, 1))


def test_changes_since_a_day_after_the_last_crawl_would_leave_a_gap(source, museum):
    source().crawl()
    asked = museum.count()
    for late in (date(2026, 6, 2), date(2099, 1, 1)):
        with pytest.raises(SettingsError, match="--since 2026-06-01, or an earlier day"):
            source().crawl(since=late)
    assert museum.count() == asked
    source().crawl(since=date(2026, 6, 1))


def test_an_unfinished_crawl_is_not_thrown_away_for_another(source, museum, monkeypatch):
    monkeypatch.setattr(HarvardSource, "daily_calls", 3)
    with pytest.raises(SourceUnavailableError):
        source().crawl(wait=False)
    with pytest.raises(SettingsError, match="200 works of a crawl that is unfinished, with no --query"):
        source(limit=3).crawl()


@pytest.mark.parametrize(
    ("kept", "wanted"),
    [
        (("", None), ("", 5)),
        (("", None), ("classification:Prints", None)),
        (("classification:Prints", 9), ("classification:Prints", 8)),
        (("classification:Prints", 9), ("classification:Paintings", 9)),
        (("classification:Prints", 9), ("", 500)),
    ],
)
def test_a_finished_crawl_is_not_thrown_away_for_less(source, museum, tmp_path, kept, wanted):
    works = source(*kept).crawl().records
    before, calls = contents(tmp_path / "raw"), museum.count()
    with pytest.raises(SettingsError, match=rf"are {works} works .*--query.*--limit.*ham purge") as caught:
        source(*wanted).crawl()
    assert not kept[0] or f"--query {kept[0]}" in str(caught.value)
    assert (contents(tmp_path / "raw"), museum.count()) == (before, calls)
    assert source(*kept).is_fresh()


@pytest.mark.parametrize(
    ("kept", "wanted"),
    [
        (("", 5), ("", 7)),
        (("", 5), ("", None)),
        (("classification:Prints", 5), ("classification:Prints", None)),
        (("classification:Prints", 5), ("", None)),
        (("classification:Nothing", None), ("classification:Prints", 5)),
    ],
)
def test_a_crawl_may_grow(source, kept, wanted):
    source(*kept).crawl()
    held = {record.item_id for record in source(*kept).fetch()}
    source(*wanted).crawl()
    assert held < {record.item_id for record in source(*wanted).fetch()}


def test_the_fingerprint_changes_with_the_records(source, museum):
    assert source().fingerprint() is None
    source().crawl()
    first = source().fingerprint()
    assert source().fingerprint() == first
    museum.objects[0]["title"] = "Renamed"
    source().crawl()
    assert source().fingerprint() != first


# Terms


def test_records_past_their_term_warn_and_can_be_purged(source, fake_time, tmp_path):
    crawled = source()
    crawled.crawl()
    fake_time.now += 13 * DAY
    crawled.settle(tmp_path)
    assert purge_raw(tmp_path / "raw", clock=fake_time.clock()) == []
    assert crawled.is_fresh()
    fake_time.now += 2 * DAY
    state = raw_state(tmp_path / "raw", fake_time.clock())
    assert (state.stale, state.term_days, state.complete) == (True, 14, True)
    assert not crawled.is_fresh()
    with pytest.warns(DataWarning, match="14 days"):
        crawled.settle(tmp_path)
    removed = purge_raw(tmp_path / "raw", clock=fake_time.clock())
    assert {path.name.partition("-")[0] for path in removed} == {"objects", "annotations"}
    assert list((tmp_path / "raw").glob("*.jsonl.gz")) == []
    with pytest.raises(SourceError, match="ham crawl harvard"):
        next(crawled.fetch())


def test_a_crawl_for_changes_does_not_make_old_records_younger(source, fake_time, tmp_path):
    source().crawl()
    fake_time.now += 15 * DAY
    source().crawl(since=date(2026, 6, 1))
    assert raw_state(tmp_path / "raw", fake_time.clock()).stale
    purge_raw(tmp_path / "raw", clock=fake_time.clock())
    assert raw_state(tmp_path / "raw", fake_time.clock()) is None


def test_raw_files_carry_their_day(source, tmp_path):
    source().crawl()
    names = sorted(path.name for path in (tmp_path / "raw").glob("*.jsonl.gz"))
    assert names == ["annotations-2026-06-01-0002.jsonl.gz", "objects-2026-06-01-0001.jsonl.gz"]


def test_building_from_an_unfinished_crawl_warns(source, tmp_path, monkeypatch):
    monkeypatch.setattr(HarvardSource, "daily_calls", 3)
    with pytest.raises(SourceUnavailableError):
        source().crawl(wait=False)
    with pytest.warns(DataWarning, match="not finished"):
        source().settle(tmp_path)
    assert len(list(source().fetch())) == 200


def test_pictures_are_addresses_of_the_size_that_is_allowed(source, museum):
    source().crawl()
    sides = {0: "/full/!384,384/0/", 1: "/full/!256,256/0/"}
    for record, entry in zip(source().fetch(), museum.objects, strict=True):
        assert not record.copies_allowed
        level = entry["imagepermissionlevel"]
        assert (sides[level] in record.picture) if level in sides else record.picture == ""


def test_every_work_links_home_with_attribution(source, museum):
    for entry in museum.objects[::2]:
        del entry["url"]
    source().crawl()
    for record in source().fetch():
        native = record.item_id.partition(":")[2]
        assert record.page_url == f"https://harvardartmuseums.org/collections/object/{native}"
        assert record.credit
        assert "Harvard" in record.rights


@pytest.mark.parametrize("file_records", [10_000, 100])  # all is read by then; files go while they are read
@pytest.mark.parametrize("change", ["crawl", "purge"])
def test_records_that_are_replaced_while_they_are_read_do_not_count(
    source, museum, tmp_path, monkeypatch, change, file_records
):
    monkeypatch.setattr(_ledger, "FILE_RECORDS", file_records)
    source().crawl()
    reading = source().fetch()
    next(reading)
    if change == "crawl":
        source().crawl()
    else:
        purge_raw(tmp_path / "raw", everything=True)
    with pytest.raises(SourceError, match="same command again"):
        list(reading)
    source().crawl()
    same_works(source(), museum)


def test_records_that_are_added_while_they_are_read_come_next_time(source, museum, fake_time):
    source().crawl()
    reading = source().fetch()
    first = next(reading)
    museum.objects[5].update(title="Renamed", lastupdate="2026-06-02")
    source().crawl(since=date(2026, 6, 1))
    assert len([first, *reading]) == len(museum.objects)
    assert "Renamed" in {record.title for record in source().fetch()}


# Damage


def test_a_damaged_raw_file_is_named(source, tmp_path):
    source().crawl()
    raw = next((tmp_path / "raw").glob("objects-*"))
    raw.write_bytes(raw.read_bytes()[:-200])
    with pytest.raises(ArtifactCorruptError, match="objects-2026"):
        list(source().fetch())


def test_a_disk_without_room_is_told_and_the_crawl_goes_on(source, museum, monkeypatch):
    full = OSError(errno.ENOSPC, "No space left on device")
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", Mock(side_effect=[None, full]))
        with pytest.raises(ArtifactError, match="No space left on device"):
            source().crawl()
    source().crawl()
    same_works(source(), museum)


def test_a_ledger_that_cannot_be_opened_is_not_called_damaged(source, tmp_path):
    (tmp_path / "raw" / "crawl.sqlite").mkdir(parents=True)
    with pytest.raises(ArtifactError, match="cannot be opened") as caught:
        source().crawl()
    assert not isinstance(caught.value, ArtifactCorruptError)


def test_purging_removes_what_a_kill_left_of_an_earlier_crawl(source, tmp_path):
    source().crawl()
    left = tmp_path / "raw" / "objects-2020-01-01-0001.jsonl.gz"
    left.write_bytes(b"old")
    purge_raw(tmp_path / "raw", everything=True)
    assert not left.exists()


def test_a_ledger_of_another_layout_is_left_as_it_is(source, tmp_path):
    source().crawl()
    with closing(sqlite3.connect(tmp_path / "raw" / "crawl.sqlite")) as ledger:
        ledger.execute("PRAGMA user_version = 0")
    files = sorted((tmp_path / "raw").glob("*.jsonl.gz"))
    for use in (source().crawl, source().count, lambda: purge_raw(tmp_path / "raw", everything=True)):
        with pytest.raises(ArtifactMismatchError, match="another version"):
            use()
    assert sorted((tmp_path / "raw").glob("*.jsonl.gz")) == files


def test_a_ledger_that_is_none_is_named(source, tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "crawl.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(ArtifactCorruptError, match=r"crawl\.sqlite"):
        source().count()


# The key


def test_without_a_key_nothing_is_asked(source, museum, monkeypatch):
    monkeypatch.delenv("HAM_API_KEY", raising=False)
    with pytest.raises(SourceAuthError, match="HAM_API_KEY"):
        source(key=None).crawl()
    assert museum.count() == 0
    monkeypatch.setenv("HAM_API_KEY", KEY)
    source(key=None, limit=3).crawl()
    assert museum.keys[KEY] == museum.count()


def test_the_key_is_visible_nowhere(museum, fake_time, tmp_path, caplog, capfd):
    """Crawl with failures of every kind, then search every file, log line, output and exception."""
    caplog.set_level(logging.DEBUG)
    shown = []

    def attempt(key=KEY, api=None, **settings):
        source = HarvardSource(
            key=key,
            folder=tmp_path / "raw",
            api=api or museum.url,
            allow_private=settings.pop("allow_private", [museum.place]),
            clock=fake_time.clock(),
            rate=1e6,
        )
        try:
            source.crawl(progress=lambda progress: shown.append(repr(progress)), wait=False, **settings)
        except SourceError as error:
            shown.extend(everything_said(error))
        shown.extend(
            [repr(source), repr(source.settings()), repr(source.secret()), str(source.fingerprint())]
        )
        return source

    museum.faults = lambda path, before: "error"
    with museum:
        for fault in ("error", "hang up", "malformed", "wrong content", "to loopback", "busy"):
            museum.faults = lambda path, before, fault=fault: fault
            attempt()
        attempt(allow_private=())
        attempt(api="http://127.0.0.1:9", allow_private=["127.0.0.1:9"])
        museum.key = "another"
        attempt()
        museum.key = KEY
        museum.faults = sometimes({"busy": 0.1, "error": 0.2, "hang up": 0.1, "malformed": 0.1})
        source = attempt()
        assert museum.keys[KEY] > 50
    records = [repr(record) for record in source.fetch()]
    assert len(records) == len(museum.objects)
    output = capfd.readouterr()
    for text in [caplog.text, output.out, output.err, *shown, *records]:
        assert KEY not in text
    # by the records: Ray, once it was used in this process, leaves the names out of the text
    assert any(record.name.startswith("urllib3.") for record in caplog.records)
    for path in tmp_path.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert KEY.encode() not in content
            assert KEY not in path.name
            if path.suffix == ".gz":
                assert KEY.encode() not in gzip.decompress(content)


def everything_said(error):
    said, seen = [], set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        said += [repr(error), str(error), repr(vars(error)), "".join(traceback.format_exception(error))]
        error = error.__cause__ or error.__context__
    return said


# Interruptions


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.glob("*.jsonl.gz")}


@pytest.mark.slow
def test_a_crawl_killed_twenty_times_ends_as_if_it_had_never_been(tmp_path):
    objects, annotations = harvard_works(2_500, voices=4)
    chance = random.Random(4)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["ham_recommend.sources.harvard"])
    with FakeMuseum(objects, annotations, key=KEY) as museum:
        crawl_in_small_pages(tmp_path / "calm", museum.url, museum.place, KEY)
        calls = museum.count()
        assert calls > 600
        museum.keys.clear()
        for target in sorted(chance.sample(range(1, calls), 20)):
            child = processes.Process(
                target=crawl_in_small_pages, args=(tmp_path / "killed", museum.url, museum.place, KEY)
            )
            child.start()
            while museum.keys[KEY] < target and child.is_alive():
                time.sleep(0.001)
            time.sleep(chance.uniform(0.0, 0.01))
            child.kill()
            child.join()
            assert child.exitcode == -9
        crawl_in_small_pages(tmp_path / "killed", museum.url, museum.place, KEY)
        assert museum.keys[KEY] <= 1.05 * calls
    assert contents(tmp_path / "killed") == contents(tmp_path / "calm")
    ledgers = [sqlite3.connect(tmp_path / name / "crawl.sqlite") for name in ("calm", "killed")]
    calm, killed = (ledger.execute("SELECT * FROM seen ORDER BY kind, id").fetchall() for ledger in ledgers)
    for ledger in ledgers:
        ledger.close()
    assert calm == killed


def test_two_crawls_do_not_share_a_folder(source, museum, tmp_path):
    first, second = source(), source()
    refused = []

    def meanwhile(_):
        if not refused:
            with pytest.raises(SourceError, match="Another crawl") as caught:
                second.crawl()
            refused.append(caught)
            with pytest.raises(SourceError, match="Another crawl"):
                purge_raw(tmp_path / "raw", everything=True)
            assert not raw_state(tmp_path / "raw").complete

    first.crawl(progress=meanwhile)
    assert refused
    same_works(first, museum)


def test_raw_records_are_json_lines(source, museum, tmp_path):
    source().crawl()
    raw = next((tmp_path / "raw").glob("objects-*"))
    lines = gzip.decompress(raw.read_bytes()).decode().splitlines()
    assert [json.loads(line)["id"] for line in lines] == [entry["id"] for entry in museum.objects]
