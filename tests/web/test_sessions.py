"""Visitors: each has likes and history of their own, on every device and at every worker."""

from __future__ import annotations

import shutil
import sqlite3
import threading
import time
from contextlib import closing, contextmanager

import pytest
from serving import running

SESSION = "/api/v1/collections/sample/session"


def send(who, event, **parameters):
    response = who.post(f"{SESSION}/events", json=event, params=parameters)
    assert response.status_code == 200, response.text
    return [message for message, _ in response.json()]


def liked(who):
    response = who.get(SESSION)
    assert response.status_code == 200, response.text
    return response.json()["liked_ids"]


@pytest.fixture
def two(client, settings):
    """Return two visitors at one server."""
    from ham_recommend.web.app import make_app

    app = make_app(settings())
    return client(app=app), client(app=app)


def test_events_are_answered_by_messages(client):
    visitor = client()
    messages = send(visitor, {"type": "search", "text": "circus cat", "request": "a-1"})
    kinds = [message["type"] for message in messages]
    assert kinds[-1] == "done"
    assert "turn" in kinds
    first = next(message for message in messages if message["type"] == "turn")["works"][0]["item_id"]
    send(visitor, {"type": "like", "item_id": first})
    assert liked(visitor) == [first]


def test_a_refused_event_is_told_in_the_state(client):
    visitor = client()
    messages = send(visitor, {"type": "like", "item_id": "no such"})
    assert any("no such" in message.get("changes", {}).get("error", "") for message in messages)
    assert visitor.post(f"{SESSION}/events", json=[1]).status_code == 422


def test_likes_and_history_are_there_after_a_restart(client, settings):
    from ham_recommend.web.app import make_app

    before = client()
    send(before, {"type": "search", "text": "ship", "request": "a"})
    send(before, {"type": "like", "item_id": "sample:1"})
    after = client(app=make_app(settings()))
    after.cookies = before.cookies
    state = after.get(SESSION).json()
    assert state["liked_ids"] == ["sample:1"]
    assert len(state["turns"]) == 1


def test_visitors_do_not_see_each_other(two):
    one, other = two
    send(one, {"type": "like", "item_id": "sample:1"})
    send(other, {"type": "like", "item_id": "sample:2"})
    assert (liked(one), liked(other)) == (["sample:1"], ["sample:2"])


@pytest.mark.parametrize("change", ["cut", "flip", "bare", "other"])
def test_a_cookie_that_was_not_made_here_is_nobody(two, change):
    one, other = two
    send(one, {"type": "like", "item_id": "sample:1"})
    value = one.cookies["ham_visitor"]
    visitor = value.partition(".")[0]
    forged = {
        "cut": value[:-2],
        "flip": ("0" if value[0] != "0" else "1") + value[1:],
        "bare": visitor,
        "other": f"{visitor}.{'A' * 43}",
    }[change]
    response = other.get(SESSION, headers={"cookie": f"ham_visitor={forged}"})
    assert response.json()["liked_ids"] == []
    assert response.headers["set-cookie"].startswith("ham_visitor=")


def test_a_cookie_is_for_no_script_and_no_other_site(client):
    cookie = client().get(SESSION).headers["set-cookie"]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))


def test_another_device_goes_on_by_a_code_that_works_once(two):
    here, there = two
    send(here, {"type": "like", "item_id": "sample:1"})
    code = here.post("/api/v1/sessions/code").json()["code"]
    assert (
        there.post("/api/v1/sessions/join", json={"code": code.lower().replace("-", " ")}).status_code == 204
    )
    assert liked(there) == ["sample:1"]
    send(there, {"type": "like", "item_id": "sample:2"})
    assert liked(here) == ["sample:1", "sample:2"]
    again = there.post("/api/v1/sessions/join", json={"code": code})
    assert again.status_code == 422
    assert "new one" in again.json()["detail"]


def test_a_code_works_for_ten_minutes(two, monkeypatch):
    from ham_recommend.web import visitors

    here, there = two
    code = here.post("/api/v1/sessions/code").json()["code"]
    later = time.time() + visitors.CODE_SECONDS + 1
    monkeypatch.setattr(visitors.time, "time", lambda: later)
    assert there.post("/api/v1/sessions/join", json={"code": code}).status_code == 422


def test_codes_cannot_be_guessed_by_trying(client):
    visitor = client()
    statuses = [
        visitor.post("/api/v1/sessions/join", json={"code": f"AAAA-{number:04}"}).status_code
        for number in range(20)
    ]
    assert statuses[0] == 422
    assert statuses[-1] == 429


def test_a_session_is_forgotten_when_asked(client):
    visitor = client()
    send(visitor, {"type": "like", "item_id": "sample:1"})
    assert visitor.delete(SESSION).status_code == 204
    assert liked(visitor) == []


def test_an_event_sent_again_is_answered_but_not_done_again(client):
    visitor = client()
    event = {"type": "search", "text": "painting", "request": "a-1"}
    first = send(visitor, event, name="x-1")
    assert send(visitor, event, name="x-1") == first
    assert len(visitor.get(SESSION).json()["turns"]) == 1
    send(visitor, event, name="x-2")
    assert len(visitor.get(SESSION).json()["turns"]) == 2


def heard(address, cookies, stream, news, opened, session):
    """Collect what a stream says until it ends."""
    import httpx

    with httpx.stream(
        "GET", f"{address}{session}/stream", params={"stream": stream}, cookies=cookies, timeout=30
    ) as response:
        for line in response.iter_lines():
            if line.startswith("event: "):
                news.append(line.removeprefix("event: "))
                opened.set()


def listening(address, cookies, stream, session=SESSION):
    news, opened = [], threading.Event()
    given = (address, cookies, stream, news, opened, session)
    thread = threading.Thread(target=heard, args=given, daemon=True)
    thread.start()
    assert opened.wait(10)
    return news, thread


def within(seconds, condition):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_other_pages_are_told_of_news_and_of_the_end(settings):
    import httpx

    with running(settings()) as address, httpx.Client(base_url=address, timeout=30) as visitor:
        assert liked(visitor) == []
        cookies = dict(visitor.cookies)
        own, first = listening(address, cookies, "own")
        other, second = listening(address, cookies, "other")
        send(visitor, {"type": "like", "item_id": "sample:1"}, stream="own")
        assert within(5, lambda: other == ["hello", "news"])
        assert own == ["hello"]
        send(visitor, {"type": "detail", "item_id": "sample:1"}, stream="own")
        time.sleep(0.2)
        assert other == ["hello", "news"]
    first.join(5)
    second.join(5)
    assert own[-1] == other[-1] == "bye"


@contextmanager
def visitor_of_two(settings):
    """Yield a visitor at one of two workers that share everything, and the address of the other."""
    import httpx

    shared = settings()
    with (
        running(shared) as here,
        running(shared) as there,
        httpx.Client(base_url=here, timeout=60) as one,
    ):
        assert liked(one) == []
        yield one, there


def test_two_workers_share_sessions(settings):
    """Each keeps a conversation; a mark at one is in the state at the other, whose pages hear of it."""
    import httpx

    with visitor_of_two(settings) as (one, there):
        cookies = dict(one.cookies)
        with httpx.Client(base_url=there, timeout=30, cookies=cookies) as other:
            assert liked(other) == []
            news, _ = listening(there, cookies, "other")
            send(one, {"type": "like", "item_id": "sample:1"})
            assert within(10, lambda: "news" in news)
            send(other, {"type": "like", "item_id": "sample:2"})
            assert liked(one) == liked(other) == ["sample:1", "sample:2"]


def test_sessions_that_cannot_be_read_keep_no_news_of_others_back(settings, museums, tmp_path, caplog):
    shutil.copytree(museums / "sample", museums / "broken")
    with visitor_of_two(settings) as (one, there):
        cookies = dict(one.cookies)
        listening(there, cookies, "broken", SESSION.replace("sample", "broken"))
        with closing(sqlite3.connect(tmp_path / "sessions" / "broken.sqlite")) as newer:
            newer.execute("PRAGMA user_version = 99")
        assert within(10, lambda: "broken.sqlite is not shown" in caplog.text)
        news, _ = listening(there, cookies, "other")
        send(one, {"type": "like", "item_id": "sample:1"})
        assert within(10, lambda: "news" in news)


def test_marks_at_two_workers_at_once_are_all_kept(settings):
    import httpx

    with visitor_of_two(settings) as (one, there):
        cookies = dict(one.cookies)

        def mark(address, numbers):
            with httpx.Client(base_url=address, timeout=60, cookies=cookies) as who:
                for number in numbers:
                    send(who, {"type": "like", "item_id": f"sample:{number}"})

        threads = [
            threading.Thread(target=mark, args=(str(one.base_url), range(1, 21))),
            threading.Thread(target=mark, args=(there, range(21, 41))),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert set(liked(one)) == {f"sample:{number}" for number in range(1, 41)}
