"""Another machine's model: pictures and words go there, vectors come back. Needs no torch here.

The server is ``ham serve --encoder clip``. Vectors are the same as if its model were here, so that a
collection may be built by one and searched by the other.
"""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, ClassVar
from urllib.parse import urlsplit

import numpy as np
import requests
from PIL import Image
from urllib3.util.retry import Retry

from ham_recommend.encode.base import ImageEncoder, NearDuplicateCosines, TextEncoder
from ham_recommend.errors import EncodeError, EncoderUnavailableError, SettingsError
from ham_recommend.net.servers import (
    CONNECTING,
    QUESTION,
    TOKENS,
    asks_for_token,
    is_waited_for,
    session_for,
)
from ham_recommend.records import Vectors

ALLOWED = "HAM_ENCODERS"
"""The environment variable that lists servers, with commas between, which a collection may name."""
SECONDS = 60.0
"""How long a batch of a build may take, waiting for its turn included."""
AT_ONCE = 2
"""Batches under way: one is encoded there while the other travels."""
LONG_SIDE = 768
"""Pixels of the longer side of what is sent: twice a thumbnail's, and more than any model looks at."""
UNIT = 1e-3
"""How far the length of a vector may be from 1."""
_REMEMBERED = 2048
_TRIES = Retry(
    connect=1,
    read=False,  # what takes too long once takes too long again
    status=5,
    backoff_factor=0.5,
    status_forcelist=(429, 503),
    allowed_methods=None,
    raise_on_status=False,
)
_ONCE = Retry(total=0, read=False)
"""Of a question: whoever asks it has an answer from texts at once."""
_named: set[str] = set()
"""Servers that a person named in this process."""


class RemoteEncoder(ImageEncoder, TextEncoder):
    """Asks a server that ``ham serve --encoder NAME`` runs.

    Parameters
    ----------
    server : str
        Its address: ``"http://host:8000"``.
    fetch : bool
        Whether a person named the server. One that only a collection names is asked if the environment
        variable ``HAM_ENCODERS`` lists it: a collection may come from anybody, and would send what is looked
        for anywhere.

    Raises
    ------
    SettingsError
        It is no address of a server, has a password in it, or the server asks for a token that the variable
        ``HAM_TOKENS`` does not hold for it.
    EncodeError
        The server may not be asked, is another one, or encodes nothing for others.
    EncoderUnavailableError
        It does not answer now.
    """

    takes_model: ClassVar[bool] = True

    def __init__(self, server: str, *, fetch: bool = True) -> None:
        self._origin = _origin(server)
        if fetch:
            _named.add(self._origin)
        elif self._origin not in _named | _allowed():
            raise EncodeError(
                f"The collection wants {self._origin} to be asked for vectors. If you trust that server, say "
                f"so: {ALLOWED}={self._origin}"
            )
        self._patient = session_for(self._origin, _TRIES, 2 * AT_ONCE)
        self._hurried = session_for(self._origin, _ONCE)
        for session in (self._patient, self._hurried):
            session.trust_env = False  # a .netrc would send its password along
        told = self._asked("GET")
        try:
            self.model_id, self.dim = str(told["model_id"]), int(told["dim"])
            self.batch_size = max(1, min(64, int(told["batch"])))
            near = told["near_duplicates"]
            self.near_duplicates = None if near is None else NearDuplicateCosines(*map(float, near))
        except (KeyError, TypeError, ValueError) as error:
            raise self._no_server() from error
        self.at_once = AT_ONCE
        self.runs_on = self._origin
        self._query = lru_cache(maxsize=_REMEMBERED)(self._query_vector)

    def __repr__(self) -> str:
        return f"<{self.model_id} at {self._origin}>"

    def prepare(self, image: Image.Image) -> str:
        """Return a picture as it travels: its PNG, unchanged, in base64; large ones are reduced."""
        if max(image.size) > LONG_SIDE:
            image = image.copy()
            image.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS)
        content = io.BytesIO()
        image.save(content, "PNG", compress_level=1)
        return base64.b64encode(content.getvalue()).decode()

    def encode_prepared(self, prepared: Sequence[Any]) -> Vectors:
        """Encode what :meth:`prepare` returned; see :meth:`ImageEncoder.encode_prepared`."""
        return self._vectors("pictures", prepared)

    def encode_images(self, images: Sequence[Image.Image]) -> Vectors:
        """Encode pictures; see :meth:`ImageEncoder.encode_images`."""
        return self.encode_prepared([self.prepare(image) for image in images])

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """Encode texts; see :meth:`TextEncoder.encode_texts`."""
        return self._vectors("texts", [_plain(text) for text in texts])

    def encode_query(self, text: str) -> Vectors:
        """Encode what somebody looks for, of which the last are remembered; see :class:`TextEncoder`."""
        vector: Vectors = self._query(_plain(text))
        return vector

    def _query_vector(self, text: str) -> Vectors:
        vector: Vectors = self._vectors("texts", [text], purpose="query")[0]
        vector.setflags(write=False)
        return vector

    def _vectors(self, kind: str, items: Sequence[str], **how: str) -> Vectors:
        rows = [
            self._batch(kind, list(items[start : start + self.batch_size]), how)
            for start in range(0, len(items), self.batch_size)
        ]
        return np.concatenate(rows) if rows else np.empty((0, self.dim), np.float32)

    def _batch(self, kind: str, items: list[str], how: dict[str, str]) -> Vectors:
        told = self._asked("POST", {kind: items, **how})
        if "model_id" not in told:
            raise self._no_server()
        if told["model_id"] != self.model_id:
            raise EncodeError(
                f"{self._origin} serves another model now, {told['model_id']!r:.80} instead of "
                f"{self.model_id!r}. Begin anew with that one."
            )
        try:
            rows: Vectors = np.asarray(told["vectors"], np.float32)
        except (KeyError, TypeError, ValueError) as error:
            raise self._no_server() from error
        if rows.shape != (len(items), self.dim) or not np.all(
            np.abs(np.linalg.norm(rows, axis=1) - 1) < UNIT
        ):
            raise self._no_server()
        return rows

    def _asked(self, method: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the JSON object that answers.

        Raises
        ------
        SettingsError, EncodeError
            There is none; the message says why in one sentence.
        """
        hurried = is_waited_for()
        session, seconds = (self._hurried, QUESTION) if hurried else (self._patient, SECONDS)
        try:
            response = session.request(
                method,
                f"{self._origin}/api/v1/embed",
                json=body,
                timeout=(CONNECTING, seconds),
                allow_redirects=False,
            )
        except requests.ReadTimeout as error:
            raise EncoderUnavailableError(
                f"{self._origin} took longer than {seconds:.0f} seconds to encode."
            ) from error
        except requests.RequestException as error:
            raise EncoderUnavailableError(
                f"{self._origin} does not answer. Start it there with: ham serve --encoder clip"
            ) from error
        try:
            told = response.json()
        except requests.JSONDecodeError as error:
            raise self._no_server() from error
        if response.ok and isinstance(told, dict):
            return told
        if response.status_code == 401:
            raise asks_for_token(self._origin)
        detail = told.get("detail") if isinstance(told, dict) else None
        if not detail:
            raise self._no_server()
        busy = response.status_code in _TRIES.status_forcelist
        kind = EncoderUnavailableError if busy else EncodeError
        raise kind(f"{self._origin}: {str(detail)[:300]}")

    def _no_server(self) -> EncodeError:
        return EncodeError(f"{self._origin} is no server of this package: it does not answer with vectors.")


def _origin(server: str) -> str:
    """Return a server's address, by which it is known; what is secret does not belong into it.

    Raises
    ------
    SettingsError
        It is none.
    """
    example = "Name it like this: remote:http://host:8000"
    try:
        parts = urlsplit(server)
        _ = parts.port
    except ValueError as error:
        raise SettingsError(f"That is no address of a server. {example}") from error
    if parts.username or parts.password or parts.query or parts.fragment:
        raise SettingsError(
            f"An encoder's address goes into the collection, so it holds no password. {example}, and put the "
            f"token into the variable {TOKENS}."
        )
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/"):
        raise SettingsError(f"{server!r:.100} is no address of a server. {example}")
    return f"{parts.scheme}://{parts.netloc}"


def _allowed() -> set[str]:
    return {each.strip().rstrip("/") for each in os.environ.get(ALLOWED, "").split(",") if each.strip()}


def _plain(text: str) -> str:
    """Return a text that can travel: without halves of letters, and no longer than any model reads."""
    return text.encode("utf-8", "replace").decode()[:5_000]
