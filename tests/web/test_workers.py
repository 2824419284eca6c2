"""Workers answer what the process in front would, share its memory, and are replaced when they end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import requests

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="workers are forked")


@pytest.fixture
def command(museums, tmp_path):
    """Return a function that starts ``ham serve``; its processes end with the test."""
    started = []

    def start(*options):
        state = tmp_path / "state"
        server = subprocess.Popen(
            [
                Path(sys.executable).with_name("ham"),
                "serve",
                museums,
                "--port",
                "0",
                "--sessions",
                state,
                *options,
            ],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "COLUMNS": "200"},
        )
        started.append(server)
        line = server.stderr.readline()
        return server, line.split()[1].rstrip("/")

    yield start
    for server in started:
        server.kill()
        server.wait()
        server.stderr.close()


def ask(address, words, **options):
    asked = {"q": words, "limit": 5, **options}
    return requests.get(f"{address}/api/v1/collections/sample/search", params=asked, timeout=30)


def ids(response):
    return [hit["item_id"] for hit in response.json()["hits"]]


def metric(address, name):
    lines = requests.get(f"{address}/metrics", timeout=30).text.splitlines()
    return float(next(line for line in lines if line.startswith(f"{name} ")).split()[1])


def until(holds, seconds=20):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def below(server):
    return psutil.Process(server.pid).children(recursive=True)


def workers_of(server):
    """The first below the server forks the others."""
    return [each for each in below(server) if each.ppid() != server.pid]


def test_workers_answer_what_is_answered_here(command, recommender):
    server, address = command("--workers", "2")
    until(lambda: metric(address, "ham_workers") == 2)
    before = [each.cpu_times().user for each in workers_of(server)]
    for words in ("circus cat", "ship", "red painting", "still life"):
        assert ids(ask(address, words)) == recommender.search(words, 5).item_ids.tolist()
    assert sum(each.cpu_times().user for each in workers_of(server)) > sum(before)
    page = ask(address, "ship").json()
    assert (
        ids(ask(address, "ship", cursor=page["next"])) == recommender.search("ship", 10).item_ids.tolist()[5:]
    )


def test_what_a_worker_refuses_is_refused_alike(command):
    _, address = command("--workers", "1")
    until(lambda: metric(address, "ham_workers") == 1)
    for path, body in (("recommend", {"liked": ["no such"]}), ("search-by-colour", {"colour": "loud"})):
        there = requests.post(f"{address}/api/v1/collections/sample/{path}", json=body, timeout=30)
        assert there.status_code in {404, 422}
        assert there.headers["content-type"] == "application/problem+json"
        assert "no such" in there.json()["detail"] or "loud" in there.json()["detail"]


def test_a_worker_that_is_killed_is_replaced_and_nobody_notices(command, recommender):
    server, address = command("--workers", "1")
    until(lambda: metric(address, "ham_workers") == 1)
    (first,) = workers_of(server)
    first.kill()
    for words in ("ship", "cat", "a red ship"):
        assert ids(ask(address, words)) == recommender.search(words, 5).item_ids.tolist()
    until(lambda: metric(address, "ham_workers") == 1 and workers_of(server))
    assert workers_of(server)[0].pid != first.pid


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_no_process_is_left_when_the_server_ends(command, number):
    server, address = command("--workers", "2")
    until(lambda: metric(address, "ham_workers") == 2)
    until(lambda: len(below(server)) == 3)
    family = below(server)
    server.send_signal(number)
    server.wait(15)
    _, alive = psutil.wait_procs(family, 10)
    assert not alive
    with pytest.raises(requests.ConnectionError):
        ask(address, "ship")


def test_without_workers_the_process_answers_itself(command, recommender):
    server, address = command("--workers", "0")
    assert ids(ask(address, "ship")) == recommender.search("ship", 5).item_ids.tolist()
    assert not below(server)


def test_a_collection_built_anew_is_answered_from_by_workers(command, museums, recommender):
    from ham_recommend import SampleSource, build

    _, address = command("--workers", "1")
    until(lambda: metric(address, "ham_workers") == 1)
    assert ask(address, "ship").json()["total"]
    build(SampleSource(count=20), museums / "sample", image_encoder="none", progress=False)
    works = requests.get(f"{address}/api/v1/collections/sample", timeout=30).json()
    answer = ask(address, "ship").json()
    assert works["works"] == 20
    assert answer["version"] == works["version"]


ALL_AT_ONCE = """
import asyncio, pathlib, sys
from ham_recommend.web.collections import Collections
from ham_recommend.web.metrics import Metrics
from ham_recommend.web.questions import Question
from ham_recommend.web.workers import Workers

collections = Collections([pathlib.Path(sys.argv[1])])
version = collections.open("sample").version
workers = Workers(collections, 1, 2)

async def ask(words):
    given = {"q": words, "where": {}, "correct": True, "ignore": []}
    asked = Question(collection="sample", version=version, kind="search", given=given)
    return await workers.ask(asked, Metrics().working)

async def all_at_once():
    await workers.start()
    while not len(workers):
        await asyncio.sleep(0.01)
    answers = await asyncio.gather(*(ask(f"ship {at}") for at in range(6)), return_exceptions=True)
    again = await ask("ship again")
    workers.close()
    return [type(each).__name__ for each in [*answers, again]], workers.under_way

print(*asyncio.run(all_at_once()))
"""


def test_more_than_can_wait_is_told_to_come_back(museums):
    done = subprocess.run(
        [sys.executable, "-c", ALL_AT_ONCE, museums], capture_output=True, text=True, check=True, timeout=60
    )
    answered, refused = ["bytes"] * 3, ["BusyError"] * 3
    assert done.stdout.strip() == f"{[*answered, *refused, 'bytes']} 0"
