"""Fetching: only from public addresses, within limits, politely, and with every failure named."""

import gzip
import logging
import random
import socket
import subprocess
import sys
import threading
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from ham_recommend.errors import SourceAuthError, SourceUnavailableError
from ham_recommend.net.addresses import Secret
from ham_recommend.net.http import Failure, Fetched, Fetcher, allowed_by_environment
from ham_recommend.net.outcomes import or_raise
from ham_recommend.testing.fake_museum import Answer, FakeMuseum, drawn

PICTURE = "/iiif/17/full/!384,384/0/default.jpg"
KEY = "0f5e7c1a-secret-key"


@pytest.fixture
def museum():
    with FakeMuseum(stall_seconds=5.0) as open_museum:
        yield open_museum


@pytest.fixture
def fetch(museum, fake_time):
    """Return a maker of fetchers that may reach the museum, wait in fake time and give up soon."""
    made = []

    def make(**settings):
        fetcher = Fetcher(
            **{
                "allow_private": [museum.place],
                "clock": fake_time.clock(),
                "rate_per_host": 1e6,
                "total_seconds": 20.0,
                "attempts": 1,
                **settings,
            }
        )
        made.append(fetcher)
        return fetcher

    yield make
    for fetcher in made:
        fetcher.close()


_watching = []


def _note(event, arguments):
    if event == "socket.connect":
        for seen in _watching:
            seen.append(arguments[1][:2])


sys.addaudithook(_note)


@pytest.fixture
def connects():
    """Return the addresses to which any thread of this process tries to connect."""
    seen = []
    _watching.append(seen)
    yield seen
    _watching.remove(seen)


# Addresses


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "0x7f.1", "2130706433", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]"),
        *("0.0.0.0", "10.0.0.1", "169.254.169.254", "[fe80::1]", "[64:ff9b::7f00:1]"),
    ],
)
def test_no_connection_to_a_private_address_is_attempted(fetch, connects, host):
    outcome = fetch(attempts=3).try_bytes(f"http://{host}/")
    assert isinstance(outcome, Failure)
    assert outcome.kind == "refused address"
    assert not outcome.worth_retrying
    assert connects == []


@pytest.mark.parametrize("fault", ["to loopback", "to metadata"])
def test_a_redirect_into_the_private_network_is_refused_before_connecting(museum, fetch, connects, fault):
    museum.faults = lambda path, before: fault
    outcome = fetch(attempts=3).try_bytes(museum.url + PICTURE)
    assert outcome.kind == "refused address"
    assert {f"{host}:{port}" for host, port in connects} == {museum.place}


def test_another_port_of_an_allowed_host_is_still_refused(museum, connects):
    with Fetcher(allow_private=[museum.place.partition(":")[0] + ":1"]) as fetcher:
        assert fetcher.try_bytes(museum.url + PICTURE).kind == "refused address"
    assert connects == []


def test_the_address_that_was_judged_is_the_one_that_is_reached(monkeypatch, connects):
    answers = iter(["93.184.216.34", "127.0.0.1", "127.0.0.1"])

    def resolve(host, port, **_):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket.socket, "connect", lambda self, place: connects.append(place) or _refuse())
    with Fetcher(attempts=1) as fetcher:
        assert fetcher.try_bytes("http://rebinding.example/").kind == "no connection"
    assert connects == [("93.184.216.34", 80)]


def _refuse():
    raise ConnectionRefusedError


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_server_that_swallows_everything_cannot_be_reached(monkeypatch, scheme):
    def swallow(sock, place):
        raise TimeoutError

    monkeypatch.setattr(socket.socket, "connect", swallow)
    with Fetcher(attempts=1) as fetcher:
        assert fetcher.try_bytes(f"{scheme}://93.184.216.34/").kind == "no connection"


def test_a_name_server_that_never_answers_holds_nobody(monkeypatch, connects):
    answers = threading.Event()

    def resolve(*_, **__):
        assert answers.wait(20.0)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    begun = time.monotonic()
    with Fetcher(attempts=1, total_seconds=0.3) as fetcher:
        assert fetcher.try_bytes("http://lost.example/").kind in {"slow", "no connection"}
    assert time.monotonic() - begun < 3.0
    assert connects == []
    answers.set()


def test_a_name_with_one_private_address_is_refused_altogether(monkeypatch, connects):
    def resolve(host, port, **_):
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in ("93.184.216.34", "192.168.0.1")
        ]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with Fetcher(attempts=1) as fetcher:
        assert fetcher.try_bytes("https://two.example/").kind == "refused address"
    assert connects == []


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://a.org/x",
        "//a.org",
        "",
        "http://",
        "http://me:pw@a.org/",
        "http://@a.org",
        "http://[x",
    ],
)
def test_what_is_no_plain_web_address_is_refused(fetch, connects, url):
    assert fetch().try_bytes(url).kind == "refused address"
    assert connects == []


def test_only_the_hosts_on_the_list_are_asked(museum, fetch, connects):
    assert fetch(hosts=["museum.example"]).try_bytes(museum.url + PICTURE).kind == "refused address"
    assert connects == []
    assert isinstance(fetch(hosts=["127.0.0.1"]).try_bytes(museum.url + PICTURE), Fetched)


def test_an_ipv6_address_can_be_allowed_with_or_without_brackets(connects):
    for place in ("[::1]:9", "::1:9"):
        with Fetcher(allow_private=[place], attempts=1) as fetcher:
            assert fetcher.try_bytes("http://[::1]:9/").kind == "no connection"
    assert connects == [("::1", 9)] * 2


def test_private_places_can_be_allowed_by_the_environment(monkeypatch):
    monkeypatch.setenv("HAM_ALLOW_PRIVATE", "127.0.0.1:80, [::1]:8000,")
    assert allowed_by_environment() == {"127.0.0.1:80", "[::1]:8000"}


# What comes back


def test_a_picture_comes_whole(museum, fetch):
    fetched = fetch().try_bytes(museum.url + PICTURE, accept="image/")
    assert fetched == Fetched(drawn("17"), "image/jpeg", museum.url + PICTURE)


def test_a_redirect_to_the_picture_is_followed(museum, fetch):
    fetched = fetch().try_bytes(f"{museum.url}/moved/17/full/!384,384/0/default.jpg", accept="image/")
    assert fetched.content == drawn("17")
    assert fetched.final_url == museum.url + PICTURE


def test_redirects_in_circles_end(museum, fetch):
    museum.faults = lambda path, before: "in circles"
    assert fetch().try_bytes(museum.url + PICTURE).kind == "redirects"
    assert museum.count() == 4


ENDLESS = bytes(64 * 2**20)
BOMB = gzip.compress(bytes(64 * 2**20))
CUT = gzip.compress(random.Random(1889).randbytes(100_000))


@pytest.fixture
def redirecting():
    """Return a server of raw bytes: ``(status, headers, body) -> place, offsets of the body sent``."""
    listeners, taken = [], []

    def serve(status, headers, body):
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        threading.Thread(target=answer, args=(listener, status, headers, body), daemon=True).start()
        return f"127.0.0.1:{listener.getsockname()[1]}", taken

    def answer(listener, status, headers, body):
        with suppress(OSError):
            while True:
                client = listener.accept()[0]
                with client, suppress(OSError):
                    if b"GET /there" in client.recv(65_536):
                        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhere")
                        continue
                    client.sendall(f"HTTP/1.1 {status}\r\n{headers}\r\n".encode())
                    for at in range(0, len(body), 65_536):
                        client.sendall(body[at : at + 65_536])
                        taken.append(at)

    yield serve
    for listener in listeners:
        listener.close()


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ("", ENDLESS),
        (f"Content-Length: {len(ENDLESS)}\r\n", ENDLESS),
        (f"Content-Encoding: gzip\r\nContent-Length: {len(BOMB)}\r\n", BOMB),
        (f"Content-Encoding: gzip\r\nContent-Length: {len(CUT)}\r\n", CUT[:50_000]),
        (f"Content-Encoding: gzip\r\nContent-Length: {len(CUT)}\r\n", CUT[:500]),
        ("Content-Encoding: gzip\r\nContent-Length: 9\r\n", b"no gzip!!"),
        ("Transfer-Encoding: chunked\r\n", b"no chunk"),
    ],
    ids=["endless", "long", "bomb", "cut", "cut early", "no gzip", "no chunk"],
)
@pytest.mark.parametrize(
    ("status", "kind"), [("302 Found", None), ("404 Not Found", "not found"), ("500 Oh", "server error")]
)
def test_the_body_of_a_redirect_or_an_error_is_neither_read_to_its_end_nor_decompressed(
    redirecting, status, kind, headers, body
):
    place, taken = redirecting(status, f"Location: /there\r\n{headers}", body)
    with Fetcher(allow_private=[place], attempts=1, total_seconds=20.0) as fetcher:
        tracemalloc.start()
        outcome = fetcher.try_bytes(f"http://{place}/picture.jpg")
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    if kind is None:
        assert outcome.content == b"here"
    else:
        assert outcome.kind == kind
    assert most < 8 * 2**20
    assert max(taken, default=0) < 16 * 2**20


@pytest.mark.parametrize(
    ("fault", "kind", "worth_retrying"),
    [
        ("busy", "busy", True),
        ("error", "server error", True),
        ("stall", "slow", True),
        ("drip", "slow", True),
        ("hang up", "no connection", True),
        ("lying length", "truncated", True),
        ("wrong content", "wrong content", False),
        ("bomb", "too large", False),
    ],
)
def test_every_fault_is_told_apart(museum, fetch, fault, kind, worth_retrying):
    museum.faults = lambda path, before: fault
    begun = time.monotonic()
    patient = fetch(total_seconds=0.5 if kind == "slow" else 20.0)
    outcome = patient.try_bytes(museum.url + PICTURE, accept="image/", max_bytes=1_000_000)
    assert (outcome.kind, outcome.worth_retrying) == (kind, worth_retrying)
    assert PICTURE in str(outcome)
    assert kind != "slow" or time.monotonic() - begun < 3.0


def test_a_length_that_is_too_short_does_not_poison_the_next_answer(museum, fetch):
    museum.faults = lambda path, before: "short length" if not before else None
    fetcher = fetch()
    first = fetcher.try_bytes(museum.url + PICTURE)
    assert first.content == drawn("17")[: len(drawn("17")) // 2]
    assert fetcher.try_bytes(museum.url + PICTURE).content == drawn("17")


def test_what_is_not_there_is_not_worth_retrying(museum, fetch):
    with pytest.raises(SourceUnavailableError, match="404") as caught:
        or_raise(fetch(attempts=5).try_bytes(f"{museum.url}/nothing"))
    assert not caught.value.worth_retrying
    assert museum.count() == 1


def test_more_than_allowed_is_not_read(museum, fetch):
    assert fetch().try_bytes(museum.url + PICTURE, max_bytes=100).kind == "too large"


def test_malformed_json_is_tried_again(museum, fetch):
    museum.faults = lambda path, before: "malformed" if before < 2 else None
    assert fetch(attempts=3).get_json(f"{museum.url}/object", {"q": "x"})["records"] == []
    museum.faults = lambda path, before: "malformed"
    with pytest.raises(SourceUnavailableError, match="not readable JSON"):
        fetch(attempts=2).get_json(f"{museum.url}/object")


def test_a_refused_key_is_an_error_of_its_own(museum, fetch):
    museum.key = KEY
    with pytest.raises(SourceAuthError, match="401"):
        fetch(attempts=3).get_json(f"{museum.url}/object")
    assert museum.count() == 1


def answer_badly(museum, status):
    """Make a museum answer everything with a status."""
    museum.faults = lambda path, before: Answer(status, b"no")


def test_a_visitor_who_is_turned_away_is_told_to_check_the_key_only_where_one_was_sent(museum, fetch):
    answer_badly(museum, 403)
    with pytest.raises(SourceAuthError, match="403") as caught:
        fetch().get_json(f"{museum.url}/object")
    assert "key" not in str(caught.value)
    with pytest.raises(SourceAuthError, match="Check the key"):
        fetch(secret=Secret("apikey", KEY, museum.url)).get_json(f"{museum.url}/object")
    with pytest.raises(SourceAuthError) as caught:
        fetch(secret=Secret("apikey", KEY, "https://elsewhere.example")).get_json(f"{museum.url}/object")
    assert "key" not in str(caught.value)


def test_connections_are_kept(museum, fetch, connects):
    fetcher = fetch()
    for path in (PICTURE, "/nothing", "/moved/17/full/!384,384/0/default.jpg", PICTURE):
        fetcher.try_bytes(museum.url + path)
    assert len(connects) == 1


# Patience


@pytest.mark.parametrize("fault", ["stall", "drip"])
def test_nothing_holds_a_thread_longer_than_the_limit(museum, fetch, fault):
    museum.faults = lambda path, before: fault
    begun = time.monotonic()
    assert fetch(total_seconds=0.3, read_seconds=30.0).try_bytes(museum.url + PICTURE).kind == "slow"
    assert 0.25 < time.monotonic() - begun < 5.0


@pytest.mark.parametrize(
    ("scheme", "dripped"),
    [
        ("http", b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 1_000),
        ("http", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n" + b"a" * 1_000),
        ("https", b"\x16\x03\x03\x3f\xff\x02\x00\x3f\xfb\x03\x03" + b"a" * 1_000),
        ("https", b""),
    ],
    ids=["headers", "chunks", "handshake", "silence"],
)
def test_a_server_that_drips_whatever_it_says_is_given_up(scheme, dripped):
    done = threading.Event()

    def drip(listener):
        client, _ = listener.accept()
        with client:
            try:
                for byte in dripped:
                    client.sendall(bytes([byte]))
                    time.sleep(0.01)
                done.wait(5.0)
            except OSError:
                pass

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=drip, args=(listener,), daemon=True).start()
        place = f"127.0.0.1:{listener.getsockname()[1]}"
        begun = time.monotonic()
        with Fetcher(allow_private=[place], total_seconds=0.4, attempts=1) as fetcher:
            assert fetcher.try_bytes(f"{scheme}://{place}/").kind == "slow"
        assert time.monotonic() - begun < 5.0
    done.set()


def test_retry_after_is_honoured(museum, fetch, fake_time):
    museum.faults = lambda path, before: "busy" if before < 2 else None
    assert isinstance(fetch(attempts=3).try_bytes(museum.url + PICTURE), Fetched)
    assert sum(fake_time.sleeps) == pytest.approx(2.0)


def test_a_long_pause_is_left_to_the_caller(museum, fetch, fake_time):
    museum.faults = lambda path, before: "busy"
    with pytest.raises(SourceUnavailableError) as caught:
        or_raise(fetch(attempts=3, longest_pause=0.5).try_bytes(museum.url + PICTURE))
    assert caught.value.retry_after == 1.0
    assert caught.value.worth_retrying
    assert fake_time.sleeps == []
    assert museum.count() == 1


def test_a_server_that_asks_for_a_long_pause_is_not_asked_before_it_is_over(museum, fetch, fake_time):
    museum.faults = lambda path, before: "busy" if not before else None
    fetcher = fetch(longest_pause=0.5)
    for _ in range(3):
        failed = fetcher.try_bytes(museum.url + PICTURE)
        assert (failed.kind, failed.worth_retrying) == ("busy", True)
        assert failed.retry_after == pytest.approx(1.0)
    assert museum.count() == 1
    fake_time.now += 0.6
    assert isinstance(fetcher.try_bytes(museum.url + PICTURE), Fetched)


def pauses_double(monkeypatch):
    monkeypatch.setattr("ham_recommend.net.rate_limit.backoff", lambda attempt: 2.0**attempt)


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_left_alone_by_everybody_and_longer_each_time(
    monkeypatch, museum, fetch, fake_time, status
):
    pauses_double(monkeypatch)
    answer_badly(museum, status)
    fetcher = fetch()
    for _ in range(4):
        assert fetcher.try_bytes(museum.url + PICTURE).kind == "busy"
    assert sum(fake_time.sleeps) == pytest.approx(1.0 + 2.0 + 4.0)
    museum.faults = lambda path, before: None
    other = museum.url + PICTURE.replace("17", "18")
    assert isinstance(fetcher.try_bytes(other), Fetched)
    assert sum(fake_time.sleeps) == pytest.approx(1.0 + 2.0 + 4.0 + 8.0)
    answer_badly(museum, status)
    for _ in range(2):
        fetcher.try_bytes(other)
    assert sum(fake_time.sleeps) == pytest.approx(15.0 + 1.0)


def test_it_is_the_server_that_was_busy_that_is_left_alone(museum, fetch, fake_time):
    with FakeMuseum(faults=lambda path, before: "busy" if not before else None) as other:
        lead_to(museum, other.url + PICTURE)
        fetcher = fetch(allow_private=[museum.place, other.place])
        assert fetcher.try_bytes(museum.url + PICTURE).kind == "busy"
        assert isinstance(fetcher.try_bytes(museum.url + PICTURE.replace("17", "18")), Fetched)
        assert sum(fake_time.sleeps) < 0.01
        assert isinstance(fetcher.try_bytes(other.url + PICTURE), Fetched)
        assert sum(fake_time.sleeps) == pytest.approx(1.0)


def test_failures_wait_between_attempts(museum, fetch, fake_time):
    museum.faults = lambda path, before: "error"
    assert fetch(attempts=4).try_bytes(museum.url + PICTURE).kind == "server error"
    assert museum.count() == 4
    assert len(fake_time.sleeps) == 3


def test_a_host_is_asked_only_so_often(museum, fetch, fake_time):
    fetcher = fetch(rate_per_host=2.0)
    begun = fake_time.now
    for _ in range(7):
        fetcher.try_bytes(museum.url + PICTURE)
    assert fake_time.now - begun == pytest.approx(3.0)


def test_a_host_is_asked_only_so_many_times_at_once(museum, fetch):
    museum.latency = 0.02
    fetcher = fetch(at_once=3)
    with ThreadPoolExecutor(12) as threads:
        list(threads.map(lambda _: fetcher.try_bytes(museum.url + PICTURE), range(24)))
    assert 2 <= museum.most_at_once <= 3


def test_we_introduce_ourselves(museum, fetch):
    fetch().try_bytes(museum.url + PICTURE)
    (agent,) = museum.agents
    assert agent.startswith("ham-recommend/")


# Secrets


def lead_to(museum, target):
    """Make a museum redirect one picture to an address."""
    redirect = Answer(302, b"", {"Location": target})
    museum.faults = lambda path, before: redirect if path == PICTURE else None


def test_a_secret_goes_over_the_wire_and_nowhere_else(museum, fetch, caplog):
    museum.key = KEY
    caplog.set_level(logging.DEBUG)
    fetcher = fetch(secret=Secret("apikey", KEY, museum.url))
    answer = fetcher.get_json(f"{museum.url}/object", {"q": "id:[1 TO 2]"})
    assert museum.keys == {KEY: 1}
    museum.faults = lambda path, before: "error"
    outcome = fetcher.try_bytes(f"{museum.url}/object?q=x")
    shown = f"{answer} {outcome!r} {fetcher.__dict__} {caplog.text}"
    assert "/object" in caplog.text
    assert KEY not in shown


def test_a_secret_is_not_carried_to_another_host(museum, fetch):
    with FakeMuseum() as other:
        fetcher = fetch(allow_private=[museum.place, other.place], secret=Secret("apikey", KEY, other.url))
        fetcher.try_bytes(museum.url + PICTURE)
        fetcher.try_bytes(other.url + PICTURE)
        assert museum.keys == {"": 1}
        assert other.keys == {KEY: 1}


def test_a_redirect_that_quotes_the_secret_takes_it_nowhere(museum, fetch, caplog):
    caplog.set_level(logging.DEBUG)
    with FakeMuseum() as other:
        target = f"{other.url}/{KEY}/object?apikey={KEY}"
        lead_to(museum, target)
        places = [museum.place, other.place]
        fetch(allow_private=places, secret=Secret("apikey", KEY, museum.url)).try_bytes(museum.url + PICTURE)
        assert other.count() == 1
        assert other.keys == {"": 1}
    assert KEY not in caplog.text


def test_a_redirect_to_what_is_no_address_is_refused(museum, fetch):
    lead_to(museum, "http://[x/")
    assert fetch().try_bytes(museum.url + PICTURE).kind == "refused address"


def test_what_a_server_writes_into_an_address_cannot_steer_a_terminal(museum, fetch):
    lead_to(museum, "http://10.0.0.1/\x1b[2J\x07")
    shown = str(fetch().try_bytes(museum.url + PICTURE))
    assert "http://10.0.0.1/\N{REPLACEMENT CHARACTER}[2J" in shown
    assert shown.isprintable()


def test_an_answer_that_quotes_the_secret_is_cleaned(museum, fetch):
    museum.key = KEY
    museum.objects = [{"id": number} for number in range(1, 400)]
    fetcher = fetch(secret=Secret("apikey", KEY, museum.url))
    info = fetcher.get_json(f"{museum.url}/object", {"size": 100})["info"]
    assert "apikey=&" in info["next"]


def test_the_budget_is_asked_before_every_request(museum, fetch):
    asked = []
    museum.faults = lambda path, before: "error" if not before else None
    fetch(attempts=2, before_request=asked.append).try_bytes(museum.url + PICTURE)
    assert asked == [museum.url + PICTURE] * 2


@pytest.mark.parametrize("unit", ["[],", "{},", '{"":0},', "1.5,", '"é",', "[[[[[[]]]]]],"])
def test_an_answer_of_countless_small_values_takes_no_memory(unit):
    """Thirty megabytes of JSON became more than a gigabyte of Python's objects."""
    program = """if True:
        import resource, sys
        from ham_recommend.net.http import JSON_BYTES, Fetcher
        from ham_recommend.net.outcomes import Fetched

        unit = sys.argv[1].encode()
        body = b"[" + unit * ((JSON_BYTES - 3) // len(unit)) + b"0]"
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        outcome = Fetcher()._parsed(Fetched(body, "application/json", "https://museum.test/"))
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        print(getattr(outcome, "kind", "read"), grown)
    """
    run = subprocess.run(
        [sys.executable, "-c", program, unit], capture_output=True, text=True, check=True, timeout=120
    )
    kind, grown = run.stdout.rsplit(maxsplit=1)
    assert kind == "too large"
    assert int(grown) < 100_000  # kilobytes
