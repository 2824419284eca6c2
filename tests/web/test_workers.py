"""Workers answer what the process in front would, share its memory, and are replaced when they end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest
import requests
from serving import below, metric, until, workers_of

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="workers are forked")


def ask(address, words, **options):
    asked = {"q": words, "limit": 5, **options}
    return requests.get(f"{address}/api/v1/collections/sample/search", params=asked, timeout=30)


def about(address):
    return requests.get(f"{address}/api/v1/collections/sample", timeout=30).json()


def ids(response):
    return [hit["item_id"] for hit in response.json()["hits"]]


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


@pytest.mark.parametrize("workers", ["0", "1"])
def test_what_stores_take_is_counted_beside_the_whole_wherever_it_is_answered(command, workers):
    _, address = command("--workers", workers)
    until(lambda: requests.get(f"{address}/readyz", timeout=30).ok)
    assert ask(address, "cat").ok

    def count(name, kind):
        told = requests.get(f"{address}/metrics", timeout=30).text.splitlines()
        return {
            part: float(line.split()[-1])
            for line in told
            for part in ("count", "sum")
            if line.startswith(f'{name}_{part}{{kind="{kind}"}}')
        }

    whole, stores = count("ham_work_seconds", "search"), count("ham_store_seconds", "search")
    assert whole["count"] == stores["count"] == 1
    assert 0 < stores["sum"] < whole["sum"]
    assert count("ham_encode_seconds", "search") == {}


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
    until(lambda: metric(address, "ham_workers") == 1 and workers_of(server))
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
    until(lambda: about(address)["works"] == 20)  # it is opened beside everything else
    works, answer = about(address), ask(address, "ship").json()
    assert answer["version"] == works["version"]


FAR = "9" * 30


def test_a_question_that_cannot_travel_costs_no_worker(command, recommender):
    _, address = command("--workers", "1")
    until(lambda: metric(address, "ham_workers") == 1)
    for number in range(3):
        far = ask(address, f"ship{number}", where=f"years=1:{FAR}")
        assert (far.status_code, "1000000" in far.json()["detail"]) == (422, True)
        body = f'{{"q": "ship{number}", "where": {{"years": [1, {FAR}]}}}}'
        there = f"{address}/api/v1/collections/sample/search"
        json = {"Content-Type": "application/json"}
        assert requests.post(there, data=body, headers=json, timeout=30).status_code == 422
    assert ids(ask(address, "cat")) == recommender.search("cat", 5).item_ids.tolist()
    assert metric(address, "ham_questions_under_way") == 0


def test_without_the_process_that_forks_workers_the_one_in_front_answers(command, recommender):
    server, address = command("--workers", "1")
    until(lambda: metric(address, "ham_workers") == 1 and workers_of(server))
    (worker,) = workers_of(server)
    for process in (*psutil.Process(server.pid).children(), worker):
        process.kill()
    for words in ("ship", "cat", "a red ship"):
        assert ids(ask(address, words)) == recommender.search(words, 5).item_ids.tolist()
    time.sleep(1.5)  # another worker would be started meanwhile
    assert metric(address, "ham_workers") == 0
    assert ids(ask(address, "still life")) == recommender.search("still life", 5).item_ids.tolist()


ODD = """
import asyncio, pathlib, sys, time
from ham_recommend import errors
from ham_recommend.web import workers as module
from ham_recommend.web.collections import Collections
from ham_recommend.web.metrics import Metrics
from ham_recommend.web.questions import Question

class PluginError(errors.SettingsError):
    pass

class Odd(Collections):
    def open(self, name):
        if name == "plugin":
            raise PluginError("Ask the plugin.")
        while name == "stuck":
            time.sleep(1)
        return super().open(name)

module.LONGEST, module._LONGER = 5, 1
collections = Odd([pathlib.Path(sys.argv[1])])
version = collections.open("sample").version
workers = module.Workers(collections, 1, 8)

async def ask(name, given={}):
    given = {"q": "ship", "where": {}, "correct": True, "ignore": [], **given}
    asked = Question(collection=name, version=version, kind="search", given=given)
    try:
        return type(await workers.ask(asked, Metrics().working, Metrics().parts)).__name__
    except Exception as error:
        return type(error).__name__

async def all_of_them():
    await workers.start()
    while not len(workers):
        await asyncio.sleep(0.01)
    told = [await ask("plugin"), await ask("sample", {"ignore": [object()]}), await ask("sample")]
    told.append(await ask("stuck"))
    while not len(workers):
        await asyncio.sleep(0.01)
    told.append(await ask("sample"))
    workers.close()
    return told, workers.under_way

print(*asyncio.run(all_of_them()))
"""


def test_no_error_and_no_delay_of_a_question_takes_a_worker_from_the_next(museums):
    done = subprocess.run(
        [sys.executable, "-c", ODD, museums], capture_output=True, text=True, check=True, timeout=60
    )
    told = ["SettingsError", "TypeError", "bytes", "BusyError", "bytes"]
    assert done.stdout.strip() == f"{told} 0", done.stderr


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
    return await workers.ask(asked, Metrics().working, Metrics().parts)

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


def test_workers_share_one_model(command, museums, tmp_path):
    pytest.importorskip("torch")
    from tiny_clip import save_clip

    from ham_recommend import SampleSource, build

    weights = save_clip(tmp_path / "tiny")
    build(SampleSource(40), museums / "seen", image_encoder=f"clip:{weights}", progress=False)
    server, address = command("--workers", "2")
    loaded = weights / "config.json"
    until(lambda: requests.get(f"{address}/readyz", timeout=30).ok)
    loaded.unlink()  # from now on nobody can load it
    found = [
        requests.get(f"{address}/api/v1/collections/seen/search", params={"q": f"a cat {at}"}, timeout=60)
        for at in range(8)
    ]
    assert all(each.ok for each in found)
    assert metric(address, 'ham_encode_seconds_count{kind="search"}') == len(found)
    assert metric(address, "ham_workers") == 2
    assert len(below(server)) == 3
