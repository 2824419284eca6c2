"""Each server is told its own token, and nobody else's."""

from __future__ import annotations

import pytest

from ham_recommend.errors import SettingsError
from ham_recommend.net.servers import token_for

TOKENS = "http://host:8000=one, https://Museum.example/=two,three==,http://[::1]:80=four"


@pytest.mark.parametrize(
    ("server", "token"),
    [
        ("http://host:8000", "one"),
        ("http://HOST:8000/sample", "one"),
        ("https://museum.example:443", "two,three=="),
        ("http://[::1]", "four"),
        ("https://host:8000", ""),
        ("http://host", ""),
        ("http://host:8001", ""),
        ("http://museum.example", ""),
        ("http://host:8000.evil.example", ""),
        ("http://evil.example/http://host:8000", ""),
    ],
)
def test_a_token_belongs_to_one_server(monkeypatch, server, token):
    monkeypatch.setenv("HAM_TOKENS", TOKENS)
    monkeypatch.setenv("HAM_TOKEN", "what visitors of one's own server must know")
    assert token_for(server) == token


def test_without_tokens_nobody_is_told_any(monkeypatch):
    monkeypatch.delenv("HAM_TOKENS", raising=False)
    assert token_for("http://host:8000") == ""


@pytest.mark.parametrize(
    "tokens", ["correct-horse", "http://host:8000", "http://host=", "host:8000=correct-horse"]
)
def test_what_cannot_be_read_is_said_without_it(monkeypatch, tokens):
    monkeypatch.setenv("HAM_TOKENS", tokens)
    with pytest.raises(SettingsError, match="HAM_TOKENS=http://host:8000=SECRET") as raised:
        token_for("http://host:8000")
    assert "correct-horse" not in str(raised.value)
