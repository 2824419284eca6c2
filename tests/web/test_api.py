"""The API answers what the recommender answers: in pages, with versions, and with problems that say why."""

from __future__ import annotations

import asyncio
import json
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from ham_recommend import Recommender, SampleSource, build

SAMPLE = "/api/v1/collections/sample"


@pytest.fixture
def api(client):
    return client()


def run_apart(coroutine):
    """Run a coroutine in a thread of its own, as the browser of other tests holds the loop of this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def ids(response):
    assert response.status_code == 200, response.text
    return [hit["item_id"] for hit in response.json()["hits"]]


def test_search_answers_what_the_recommender_answers(api, recommender):
    response = api.get(f"{SAMPLE}/search", params={"q": "circus cat", "limit": 7})
    expected = recommender.search("circus cat", 7)
    assert ids(response) == expected.item_ids.tolist()
    for hit, told in zip(expected, response.json()["hits"], strict=True):
        assert told["score"] == pytest.approx(hit.score)
        assert told["channels"] == pytest.approx(dict(hit.channels))
        assert told["work"]["title"] == hit.work.title
        assert told["work"]["artist"] == list(hit.work.values("artist"))


def test_filters_are_those_of_the_command_line(api, recommender):
    where = ["classification=Prints", "classification=Paintings", "years=1850:1900"]
    response = api.get(f"{SAMPLE}/search", params={"q": "ship", "where": where})
    wanted = {"classification": ["Prints", "Paintings"], "years": (1850, 1900)}
    assert ids(response) == recommender.search("ship", where=wanted).item_ids.tolist()


def test_what_is_not_meant_is_not_understood(api, recommender):
    text = "ship 19th century"
    meant = recommender.search(text)
    (century,) = meant.understood
    otherwise = recommender.search(text, ignore=[century.key])
    assert otherwise.item_ids.tolist() != meant.item_ids.tolist()
    told = api.get(f"{SAMPLE}/search", params={"q": text}).json()["understood"]
    assert told == [{"field": "years", "value": century.value, "words": century.words, "exact": False}]
    ignore = [f"{one['field']}={one['value']}" for one in told]
    for response in (
        api.get(f"{SAMPLE}/search", params={"q": text, "ignore": ignore}),
        api.post(f"{SAMPLE}/search", json={"q": text, "ignore": ignore}),
    ):
        assert ids(response) == otherwise.item_ids.tolist()
        assert response.json()["understood"] == []
    assert ids(api.get(f"{SAMPLE}/search", params={"q": text})) == meant.item_ids.tolist()


def test_recommendations_and_similar_works(api, recommender):
    first, second = recommender.search("circus cat", 2).item_ids.tolist()
    body = {"liked": [first], "disliked": [second], "limit": 5, "exclude": ["sample:3"]}
    expected = recommender.recommend([first], [second], 5, exclude=["sample:3"])
    response = api.post(f"{SAMPLE}/recommend", json=body)
    assert ids(response) == expected.item_ids.tolist()
    assert [hit["nearest_liked"] for hit in response.json()["hits"]] == [first] * 5
    alike = recommender.similar_items(first, 5).item_ids.tolist()
    assert ids(api.get(f"{SAMPLE}/similar/{first}", params={"limit": 5})) == alike
    assert ids(api.post(f"{SAMPLE}/similar", json={"item_id": first, "limit": 5})) == alike


def test_search_by_a_picture_that_is_not_kept(api, recommender, museums):
    work = next(work for work in recommender.catalog if work.thumbnail)
    content = (recommender.workspace.root / work.thumbnail).read_bytes()
    before = sorted(museums.rglob("*"))
    response = api.post(
        f"{SAMPLE}/search-by-picture", content=content, headers={"content-type": "image/webp"}
    )
    assert ids(response) == recommender.search_by_picture(content).item_ids.tolist()
    assert response.json()["hits"][0]["score"] > 0.9
    assert sorted(museums.rglob("*")) == before


def test_pages_join_to_one_long_answer(api, recommender):
    found, cursor = [], None
    for _ in range(4):
        response = api.get(f"{SAMPLE}/search", params={"q": "painting", "limit": 5, "cursor": cursor})
        found += ids(response)
        assert [hit["rank"] for hit in response.json()["hits"]] == list(range(len(found) - 4, len(found) + 1))
        cursor = response.json()["next"]
    assert found == recommender.search("painting", 20).item_ids.tolist()


def test_every_work_is_listed_once(api, recommender):
    found, cursor = [], None
    while True:
        page = api.get(f"{SAMPLE}/items", params={"limit": 100, "cursor": cursor}).json()
        found += [work["item_id"] for work in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert found == recommender.catalog.item_ids.tolist()
    assert page["total"] == len(found)


def test_some_works_by_their_ids(api):
    page = api.post(f"{SAMPLE}/items", json={"item_ids": ["sample:3", "no such", "sample:1"]}).json()
    assert [work["item_id"] for work in page["items"]] == ["sample:3", "sample:1"]


def test_a_collection_says_what_it_is_like(api, recommender):
    body = api.get(SAMPLE).json()
    assert body["works"] == len(recommender.catalog) == 240
    assert tuple(body["years"]) == recommender.catalog.years()
    assert body["encoder"] == "style"
    assert api.get("/api/v1/collections").json()["collections"][0]["name"] == "sample"
    values = api.get(f"{SAMPLE}/facets/classification").json()["values"]
    assert [tuple(each) for each in values] == recommender.catalog.facets("classification")


def test_pictures(api, recommender):
    work = next(work for work in recommender.catalog if work.thumbnail)
    response = api.get(f"{SAMPLE}/thumbnails/{work.item_id}")
    assert response.content == (recommender.workspace.root / work.thumbnail).read_bytes()
    assert response.headers["content-type"].startswith("image/")
    without = next(work for work in recommender.catalog if not work.thumbnail)
    assert api.get(f"{SAMPLE}/thumbnails/{without.item_id}").status_code == 404


def test_what_is_unchanged_is_not_sent_again(api):
    first = api.get(f"{SAMPLE}/search", params={"q": "ship"})
    tag = first.headers["etag"]
    again = api.get(f"{SAMPLE}/search", params={"q": "ship"}, headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("said", "packed"),
    [
        ("gzip, br", True),
        ("GZIP;q=0.5", True),
        ("identity", False),
        ("gzip;q=0, br", False),
        ("gzip-x, xgzip", False),
    ],
)
def test_an_answer_comes_packed_to_whoever_reads_that(api, said, packed):
    plain = api.get(f"{SAMPLE}/search", params={"q": "ship"}, headers={"accept-encoding": ""})
    assert "content-encoding" not in plain.headers
    answer = api.get(f"{SAMPLE}/search", params={"q": "ship"}, headers={"accept-encoding": said})
    assert answer.headers.get("content-encoding") == ("gzip" if packed else None)
    assert (answer.headers["vary"], answer.json()) == ("accept-encoding", plain.json())
    assert (int(answer.headers["content-length"]) < len(plain.content)) == packed


def test_a_collection_built_anew_is_answered_from_as_soon_as_it_is_open(api, museums):
    first = api.get(f"{SAMPLE}/search", params={"q": "ship", "limit": 2})
    shutil.rmtree(museums / "sample")
    build(SampleSource(count=40), museums / "sample", image_encoder="none", progress=False)
    until = time.monotonic() + 20
    while api.get(SAMPLE).json()["works"] != 40:
        assert time.monotonic() < until
        time.sleep(0.05)
    second = api.get(
        f"{SAMPLE}/search", params={"q": "ship"}, headers={"if-none-match": first.headers["etag"]}
    )
    assert second.status_code == 200
    assert second.headers["etag"] != first.headers["etag"]
    gone = api.get(f"{SAMPLE}/search", params={"q": "ship", "cursor": first.json()["next"]})
    assert gone.status_code == 410


@pytest.mark.parametrize(
    ("status", "method", "path", "options"),
    [
        (404, "get", "/api/v1/collections/none", {}),
        (404, "get", f"{SAMPLE}/items/none", {}),
        (404, "get", "/api/v1/nothing", {}),
        (405, "delete", f"{SAMPLE}/search", {}),
        (422, "get", f"{SAMPLE}/search", {}),
        (422, "get", f"{SAMPLE}/search?q=%20", {}),
        (422, "get", f"{SAMPLE}/search?q=a&limit=0", {}),
        (422, "get", f"{SAMPLE}/search?q=a&limit=201", {}),
        (422, "get", f"{SAMPLE}/search?q=a&where=nonsense", {}),
        (422, "get", f"{SAMPLE}/search?q=a&where=nonsense=1", {}),
        (422, "get", f"{SAMPLE}/search?q=a&cursor=nonsense", {}),
        (422, "get", f"{SAMPLE}/search", {"params": {"q": "a", "ignore": ["artist=x"] * 101}}),
        (422, "post", f"{SAMPLE}/search", {"json": {"q": "a", "ignore": "artist=x"}}),
        (422, "get", f"{SAMPLE}/facets/title", {}),
        (422, "get", f"{SAMPLE}/facets?where=nonsense=1", {}),
        (422, "get", f"{SAMPLE}/facets?field=title", {}),
        (422, "post", f"{SAMPLE}/recommend", {"json": {"liked": []}}),
        (422, "post", f"{SAMPLE}/recommend", {"json": {"liked": ["sample:1"], "more": 1}}),
        (404, "post", f"{SAMPLE}/recommend", {"json": {"liked": ["no such"]}}),
        (
            400,
            "post",
            f"{SAMPLE}/recommend",
            {"content": "{", "headers": {"content-type": "application/json"}},
        ),
        (415, "post", f"{SAMPLE}/recommend", {"content": "{}"}),
        (
            422,
            "post",
            f"{SAMPLE}/search-by-picture",
            {"content": b"x", "headers": {"content-type": "image/png"}},
        ),
        (
            415,
            "post",
            f"{SAMPLE}/search-by-picture",
            {"content": b"x", "headers": {"content-type": "text/plain"}},
        ),
    ],
)
def test_what_cannot_be_answered_is_a_problem_that_says_so(api, status, method, path, options):
    response = getattr(api, method)(path, **options)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status
    assert body["detail"]
    assert body["title"]


def test_health_and_metrics(api):
    assert api.get("/healthz").json() == {"status": "ok"}
    for _ in range(500):
        if api.get("/readyz").status_code == 200:
            break
    assert api.get("/readyz").json() == {"status": "ready", "collections": 1}
    api.get(f"{SAMPLE}/search", params={"q": "a private question"})
    api.get(f"{SAMPLE}/search", params={"q": "a private question"})
    text = api.get("/metrics").text
    assert (
        'ham_requests_total{method="GET",route="/api/v1/collections/{collection}/search",status="200"} 2.0'
        in text
    )
    assert "ham_answers_remembered 1.0" in text
    assert "private" not in text


def test_the_log_says_what_was_slow_but_not_who_asked_what(api, caplog):
    with caplog.at_level("INFO", "ham_recommend.web.requests"):
        api.get(f"{SAMPLE}/search", params={"q": "a private question"})
    (line,) = (record.getMessage() for record in caplog.records)
    content = json.loads(line)
    assert content.pop("ms") > 0
    assert content == {"method": "GET", "route": "/api/v1/collections/{collection}/search", "status": 200}


def test_equal_questions_at_the_same_time_are_asked_once():
    from ham_recommend.web.pool import Answers

    asked = []

    async def together():
        answers, gate = Answers(), asyncio.Event()

        async def ask():
            asked.append(1)
            await gate.wait()
            return b"answer"

        waiting = [asyncio.ensure_future(answers.get("question", ask)) for _ in range(20)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        gate.set()
        done = await asyncio.gather(*waiting, return_exceptions=True)
        return done, await answers.get("question", ask)

    done, later = run_apart(together())
    assert asked == [1]
    assert isinstance(done[0], asyncio.CancelledError)
    assert set(done[1:]) == {b"answer"} == {later}


def test_answers_are_remembered_within_bounds():
    from ham_recommend.web.pool import Answers

    async def many():
        answers = Answers(most=1_000)

        async def ask():
            return bytes(100)

        for number in range(50):
            await answers.get(number, ask)
        before = answers.misses
        for number in range(40, 50):
            await answers.get(number, ask)
        assert answers.misses == before
        await answers.get(0, ask)
        assert answers.misses == before + 1

    run_apart(many())


def test_a_queue_that_is_full_refuses_rather_than_grows():
    from ham_recommend.web.pool import BusyError, Pool

    async def crowd():
        gate, pool = threading.Event(), Pool(1, 2)
        waiting = [asyncio.ensure_future(pool.run(gate.wait)) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await pool.run(gate.wait)
        gate.set()
        assert await asyncio.gather(*waiting) == [True] * 3
        assert await pool.run(lambda: "free again") == "free again"
        pool.close()

    run_apart(crowd())


def test_what_the_server_cannot_do_now_says_when_to_come_back(client, monkeypatch):
    api = client()
    assert api.get(SAMPLE).status_code == 200

    def busy(*_given, **_options):
        from ham_recommend.web.pool import BusyError

        raise BusyError("Too much is asked at once.")

    monkeypatch.setattr(Recommender, "search", busy)
    response = api.get(f"{SAMPLE}/search", params={"q": "ship"})
    assert response.status_code == 503
    assert response.headers["retry-after"] == "1"


def test_a_fault_inside_tells_its_visitor_nothing_of_it(client, monkeypatch):
    from ham_recommend.errors import ArtifactError

    api = client()

    def fails(*_given, **_options):
        raise ArtifactError("/secret/place/manifest.json cannot be read")

    monkeypatch.setattr(Recommender, "search", fails)
    response = api.get(f"{SAMPLE}/search", params={"q": "ship"})
    assert response.status_code == 500
    assert "secret" not in response.text
