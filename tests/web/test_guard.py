"""What is refused, each way in by a test of its own."""

from __future__ import annotations

import gc
import io
import shutil
import time
import zlib
from pathlib import Path

import pytest

from ham_recommend.errors import SettingsError
from ham_recommend.web.guard import Asked

SAMPLE = "/api/v1/collections/sample"
TOKEN = "correct-horse"
PUBLIC = {"host": "0.0.0.0", "names": ("museum.test",)}


# ---- where it listens -----------------------------------------------------------------------------------


def test_it_listens_on_this_machine_alone_unless_told(settings):
    from ham_recommend.web.settings import Settings

    assert Settings().host == "127.0.0.1"
    assert settings().is_local


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "10.0.0.1", "museum.test"])
def test_beyond_this_machine_it_wants_a_guard(settings, host):
    for wrong in ({}, {"read_only": True}, {"public": True}):
        with pytest.raises(SettingsError, match="--token"):
            settings(host=host, **wrong)
    settings(host=host, token=TOKEN)
    settings(host=host, read_only=True, public=True)


def test_a_short_token_is_none(settings):
    with pytest.raises(SettingsError, match="guessed"):
        settings(token="1234")


# ---- who may ask ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/", "/sample", "/docs", "/api/v1/collections", "/metrics", "/static/x/web/static/page.css"]
)
def test_without_the_token_nothing_is_told(client, path):
    visitor = client(token=TOKEN)
    refused = visitor.get(path)
    assert refused.status_code == 401
    assert "sample" not in refused.text.replace('action="/sample"', "")
    assert visitor.get(path, headers={"authorization": "Bearer wrong-token"}).status_code == 401
    assert visitor.get(path, headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_a_watchdog_needs_no_token(client):
    assert client(token=TOKEN).get("/healthz").status_code == 200


def test_the_token_in_an_address_becomes_a_cookie_and_leaves_the_address(client):
    visitor = client(token=TOKEN)
    response = visitor.get("/sample", params={"q": "a b", "token": TOKEN})
    assert response.status_code == 303
    assert response.headers["location"] == "/sample?q=a+b"
    assert TOKEN not in response.headers["set-cookie"]
    assert visitor.get("/sample").status_code == 200


def test_the_way_on_never_leads_elsewhere(client):
    visitor = client(token=TOKEN)
    for path in ("//evil.test/", "/\\evil.test/", "///evil.test"):
        response = visitor.get(f"http://localhost{path}?token={TOKEN}")
        assert not response.headers.get("location", "/").startswith(("//", "/\\", "http"))


def test_who_asks_for_a_page_is_asked_for_the_token(client):
    page = client(token=TOKEN).get('/sample"><script>x', headers={"accept": "text/html"})
    assert page.status_code == 401
    assert 'name="token"' in page.text
    assert "<script" not in page.text


def test_guessing_the_token_ends_soon(client):
    visitor = client(token=TOKEN)
    statuses = [visitor.get("/", params={"token": f"wrong-{number}"}).status_code for number in range(20)]
    assert statuses[0] == 401
    assert statuses[-1] == 429


# ---- by which name --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["evil.test", "evil.test:8000", "localhost.evil.test", "127.0.0.1.evil.test", ""]
)
def test_a_name_that_is_not_ours_is_refused(client, host):
    """Else a page of that name, pointed at this machine, could read everything (DNS rebinding)."""
    response = client().get("/api/v1/collections", headers={"host": host})
    assert response.status_code == 421
    assert "sample" not in response.text


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
def test_our_own_names_are_known(client, host):
    assert client().get("/healthz", headers={"host": host}).status_code == 200


def test_a_public_server_goes_by_its_address_and_the_names_it_was_given(client):
    visitor = client(**PUBLIC, read_only=True, public=True)
    status = {
        host: visitor.get("/healthz", headers={"host": host}).status_code
        for host in ("museum.test", "MUSEUM.test:80", "192.168.1.4:8000", "evil.test")
    }
    assert status == {"museum.test": 200, "MUSEUM.test:80": 200, "192.168.1.4:8000": 200, "evil.test": 421}


# ---- from which page ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.test"},
        {"origin": "http://localhost:9999"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_a_page_elsewhere_changes_nothing(client, headers):
    visitor = client()
    visitor.get(f"{SAMPLE}/session")
    event = {"type": "like", "item_id": "sample:1"}
    response = visitor.post(f"{SAMPLE}/session/events", json=event, headers=headers)
    assert response.status_code == 403
    assert visitor.post("/api/v1/sessions/join", json={"code": "A"}, headers=headers).status_code == 403
    assert visitor.delete(f"{SAMPLE}/session", headers=headers).status_code == 403
    assert visitor.get(f"{SAMPLE}/session").json()["liked_ids"] == []


def test_a_form_cannot_speak_json(client):
    form = {"content-type": "text/plain"}
    body = '{"type": "like", "item_id": "sample:1"}'
    assert client().post(f"{SAMPLE}/session/events", content=body, headers=form).status_code == 415


def test_our_own_page_changes_things(client):
    headers = {"origin": "http://localhost", "sec-fetch-site": "same-origin"}
    event = {"type": "like", "item_id": "sample:1"}
    assert client().post(f"{SAMPLE}/session/events", json=event, headers=headers).status_code == 200


def test_no_other_page_may_read_or_frame_an_answer(client):
    for path in (
        "/",
        "/sample",
        f"{SAMPLE}/search?q=ship",
        f"{SAMPLE}/none",
        "/static/x/web/static/page.css",
    ):
        headers = client().get(path, headers={"origin": "https://evil.test"}).headers
        assert "access-control-allow-origin" not in headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["x-content-type-options"] == "nosniff"


def test_no_script_but_our_own_files_runs(client):
    visitor = client()
    policy = dict(
        part.split(" ", 1) for part in visitor.get("/sample").headers["content-security-policy"].split("; ")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    page = visitor.get("/sample").text
    assert "<script>" not in page
    assert "<style" not in page
    assert " style=" not in page
    assert "http://" not in page
    assert "https://" not in page


# ---- what is asked for ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/static/x/../../../../etc/passwd",
        "/static/x/..%2f..%2f..%2fetc/passwd",
        "/static/x/web/static/..%2f..%2fguard.py",
        "/static/x/web/static/%2e%2e/guard.py",
        "/static/x//etc/passwd",
        "/static/x/web/static/page.css%00.js",
        "/..%2f..%2fetc%2fpasswd",
        f"{SAMPLE}/thumbnails/..%2f..%2fmanifest.json",
        f"{SAMPLE}/pictures/%2fetc%2fpasswd",
        "/api/v1/collections/..%2fsample/items",
        "/api/v1/collections/%2e%2e/items",
        f"/api/v1/collections/{'a' * 5000}/items",
    ],
)
def test_no_path_leads_out_of_what_is_served(client, path):
    response = client().get(f"http://localhost{path}")
    assert response.status_code in {404, 422}
    assert "root:" not in response.text
    assert "import" not in response.text


def test_a_thumbnail_that_is_a_link_elsewhere_is_not_sent(client, museums, recommender, tmp_path):
    work = next(work for work in recommender.catalog if work.thumbnail)
    secret = tmp_path / "secret.webp"
    shutil.copy(museums / "sample" / work.thumbnail, secret)
    place = museums / "sample" / work.thumbnail
    place.unlink()
    place.symlink_to(secret)
    assert client().get(f"{SAMPLE}/thumbnails/{work.item_id}").status_code == 404


def test_a_picture_elsewhere_is_never_fetched_by_the_server(client, tmp_path, monkeypatch):
    """The server is no proxy: it hands out addresses of museums, and none in the reader's own network."""
    import socket

    from ham_recommend import TableSource, build

    private = [
        "http://169.254.169.254/a.jpg",
        "http://127.0.0.1:8000/b.jpg",
        "file:///etc/passwd",
        "http://[::1]/c",
    ]
    public = "https://pictures.museum.test/d.jpg"
    rows = [f"{number},Ship,{address}" for number, address in enumerate([*private, public])]
    (tmp_path / "works.csv").write_text("\n".join(["id,title,image", *rows]))
    build(TableSource(tmp_path / "works.csv"), tmp_path / "art" / "far", image_encoder="none", progress=False)
    visitor = client(places=(tmp_path / "art",))
    far = "/api/v1/collections/far"
    works = visitor.get(f"{far}/items").json()["items"]
    assert [work["picture_url"] for work in works] == [None] * 4 + [public]
    assert [work["picture"] for work in works] == [""] * 4 + [public]

    def refuse(*_given):
        raise AssertionError("the server went out")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    for work in works:
        for kind in ("pictures", "thumbnails"):
            assert visitor.get(f"{far}/{kind}/{work['item_id']}").status_code == 404


@pytest.mark.parametrize("name", ["a\r\nset-cookie: x=1", "a\nb", "a\0b"])
def test_no_header_begins_another_line(client, name):
    from ham_recommend.web.guard import _clean

    assert _clean([(b"x", name.encode()), (b"y", b"z")]) == [(b"y", b"z")]
    visitor = client(token=TOKEN)
    response = visitor.get("/sample%0d%0aset-cookie:%20x=1", params={"token": TOKEN, "q": name})
    assert "x" not in response.cookies
    assert response.headers["location"].isprintable()


# ---- how much -------------------------------------------------------------------------------------------


def test_a_body_has_a_limit_that_is_kept_before_it_is_read(client):
    visitor = client()
    large = b'{"q": "' + b"a" * 300_000 + b'"}'
    headers = {"content-type": "application/json"}
    assert visitor.post(f"{SAMPLE}/search", content=large, headers=headers).status_code == 413
    read = []

    def endless():
        while True:
            read.append(1)
            yield b" " * 65_536

    response = visitor.post(f"{SAMPLE}/search", content=iter_limited(endless()), headers=headers)
    assert response.status_code == 413


def iter_limited(chunks):
    """Yield so many chunks that an unbounded reader would be noticed, and no more."""
    for _ in range(200):
        yield next(chunks)


def bomb():
    """Return a PNG of 30,000 × 30,000 pixels in some kilobytes."""

    def chunk(kind, data):
        checksum = zlib.crc32(kind + data).to_bytes(4, "big")
        return len(data).to_bytes(4, "big") + kind + data + checksum

    side = 30_000
    rows = zlib.compressobj(9)
    packed = b"".join(rows.compress(b"\0" * (side // 8 + 1)) for _ in range(side)) + rows.flush()
    header = side.to_bytes(4, "big") * 2 + bytes([1, 0, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def test_a_picture_that_would_fill_the_memory_is_refused(client):
    import tracemalloc

    visitor = client()
    visitor.get(f"{SAMPLE}/search?q=ship")
    content, headers = bomb(), {"content-type": "image/png"}
    assert len(content) < 1_000_000
    start = time.process_time()
    tracemalloc.start()
    response = visitor.post(f"{SAMPLE}/search-by-picture", content=content, headers=headers)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert response.status_code == 422
    assert peak < 200e6
    assert time.process_time() - start < 10


def test_a_picture_larger_than_the_limit_is_not_read(client):
    from ham_recommend.web.settings import Limits

    visitor = client(limits=Limits(picture=10_000))
    headers = {"content-type": "image/jpeg"}
    assert (
        visitor.post(f"{SAMPLE}/search-by-picture", content=bytes(10_001), headers=headers).status_code == 413
    )


def test_what_a_camera_wrote_into_a_picture_is_told_to_nobody(client):
    from PIL import Image

    image, stream = Image.new("RGB", (300, 200), "#a05030"), io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "</script><script>window.ran = 1</script>"
    exif[0x8825] = {1: "N", 2: (52.0, 22.0, 11.0)}
    image.save(stream, "JPEG", exif=exif)
    headers = {"content-type": "image/jpeg"}
    response = client().post(f"{SAMPLE}/search-by-picture", content=stream.getvalue(), headers=headers)
    assert response.status_code == 200
    assert "window.ran" not in response.text


# ---- how often ------------------------------------------------------------------------------------------


def test_one_visitor_cannot_ask_without_end_and_does_not_stand_in_the_way(client, settings):
    from ham_recommend.web.app import make_app
    from ham_recommend.web.settings import Limits

    app = make_app(settings(limits=Limits(rate=1.0, burst=20.0)))
    one, other = client(app=app), client(app=app)
    for visitor in (one, other):
        visitor.get(f"{SAMPLE}/session")
    statuses = [one.get("/api/v1/collections").status_code for _ in range(40)]
    assert statuses[0] == 200
    assert statuses[-1] == 429
    refused = one.get("/api/v1/collections")
    assert int(refused.headers["retry-after"]) >= 1
    assert other.get("/api/v1/collections").status_code == 200


def test_the_bucket_fills_at_its_rate():
    from ham_recommend.web.rates import Rates

    now = [0.0]
    rates = Rates(2.0, 3.0, lambda: now[0])
    assert [rates.wait("a") for _ in range(4)] == [0, 0, 0, pytest.approx(0.5)]
    now[0] = 0.5
    assert rates.wait("a") == 0
    assert rates.wait("a") > 0
    now[0] = 1e6
    assert [rates.wait("a") > 0 for _ in range(4)] == [False, False, False, True]


def test_an_address_cannot_become_many_visitors(client):
    statuses = []
    visitor = client()
    for _ in range(80):
        visitor.cookies.clear()
        statuses.append(visitor.get(f"{SAMPLE}/session").status_code)
    assert statuses[0] == 200
    assert statuses[-1] == 429


# ---- what is kept ---------------------------------------------------------------------------------------


def test_the_key_of_the_cookies_is_its_owners_alone(client, settings):
    client()
    file = settings().state / "visitors.sqlite"
    assert Path(file).stat().st_mode & 0o077 == 0


def test_reserved_and_doubled_names_are_refused_at_the_start(museum, settings, tmp_path):
    from ham_recommend.web.app import make_app

    shutil.copytree(museum, tmp_path / "one" / "api")
    with pytest.raises(SettingsError, match="Rename"):
        make_app(settings(places=(tmp_path / "one",)))
    for place in ("two", "three"):
        shutil.copytree(museum, tmp_path / place / "same")
    with pytest.raises(SettingsError, match="Two collections"):
        make_app(settings(places=(tmp_path / "two", tmp_path / "three")))


def test_a_question_leaves_no_circle_of_garbage(client):
    """The page looks for such circles every few minutes only: one left at each question would pile up."""
    asked = client()
    asked.get("/api/v1/collections/sample/search?q=cat")
    gc.collect()
    gc.disable()
    try:
        for number in range(3):
            asked.get(f"/api/v1/collections/sample/search?q=ship {number}")
        assert sum(isinstance(each, Asked) for each in gc.get_objects()) == 0
    finally:
        gc.enable()
