"""A connection to Milvus, and what its errors mean: the only file that imports pymilvus.

An address is ``milvus://user@host:19530/database``; ``milvus:`` alone takes the one in the environment
variable ``HAM_MILVUS``. A password or a token is better kept out of commands: ``HAM_MILVUS`` may hold the
same address with it.
"""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit
from weakref import finalize

from ham_recommend.errors import (
    HamRecommendError,
    MissingExtraError,
    SettingsError,
    StoreError,
    StoreUnavailableError,
)
from ham_recommend.index._connections import Connected
from ham_recommend.index._milvus_errors import ENVIRONMENT, advice_for, is_silence, reason_of
from ham_recommend.index.addresses import HIDDEN, without_password

T = TypeVar("T")
Client = Any
_Opened = tuple[Client, Callable[[], None]]
"""A client, and what is to be done once it is closed."""

LITE = "milvus+lite:"
ANSWERING = 10.0
"""Seconds for one question, however often Milvus is asked for it: a thousand times what one usually takes."""
PATIENCE = 30.0
"""Seconds for what concerns all works, each time Milvus is asked."""
WRITING = 600.0
"""Seconds for one change."""
_CONNECTING = 5.0
"""Seconds; a server that is there answers in milliseconds."""
_PORT = 19530
_OLDEST = (2, 3), "which cannot replace a vector"
"""The first Milvus that replaces what is written again."""
_OLDEST_WITH_WORDS = (2, 4), "which has no sparse vectors, and so cannot search by words"
_MOST_INDEXED_WAIT = 3600.0
_LOADING = 5.0
"""Seconds that whoever wants to search waits for vectors to be loaded; until then texts answer alone."""
SPARSE = ("words", "says")
"""The fields of sparse vectors: how much a work says of each stem, and that it says it."""
LONGEST_TEXT = 65_535
"""Bytes of a text that Milvus keeps."""
_LAYOUT = 2
"""Of the collections; those laid out otherwise have other names."""
_LISTS = 256
_BUILD = {
    "flat": {},
    "hnsw": {"M": 16, "efConstruction": 128},
    "ivf_sq8": {"nlist": _LISTS},
    "ivf_pq": {"nlist": _LISTS, "nbits": 8},
}
"""How each kind of index is made. ``hnsw`` so finds all of what ``benchmarks/scale.py`` makes; the lists were
tried on 3,000 works alone, those of the tests."""
_BREADTH, _BROADEST = 64, 32_768
"""Works a walk keeps in view; with 48, 64 and 96 all twelve were found of 117,245 works that
``benchmarks/scale.py`` makes, in 1.9, 2.2 and 2.5 ms of the server. The second is Milvus's limit."""
_PROBED = 48
"""Of the lists, how many are read; chosen on the 3,000 works of the tests."""
_AUTHORITY = "milvus://user@host:19530/database"


class Milvus(Connected[_Opened]):
    """A Milvus at an address.

    Parameters
    ----------
    url : str
        The address, as somebody typed it.
    words : bool
        Whether it is to search by words too, which takes a newer Milvus.

    Attributes
    ----------
    shown : str
        The address, without its password.
    settings : dict
        Those of a client: ``uri``, and if the address has them ``token`` and ``db_name``.
    kind : str
        Of the index that is asked for: ``"flat"``, ``"hnsw"``, ``"ivf_sq8"`` or ``"ivf_pq"``; empty for the
        one there is.

    Raises
    ------
    SettingsError
        The address cannot be read.
    MissingExtraError
        There is no pymilvus here.
    StoreUnavailableError
        ``HAM_MILVUS`` is needed and not set.
    """

    def __init__(self, url: str, *, words: bool = False) -> None:
        super().__init__()
        self._oldest, self._lacks = _OLDEST_WITH_WORDS if words else _OLDEST
        self._held = "The texts" if words else "The pictures' vectors"
        named = os.environ.get(ENVIRONMENT, "") if url == "milvus:" else url
        if not named:
            raise StoreUnavailableError(
                f"{self._held} are in Milvus, but nobody said where that is. Set {ENVIRONMENT} to "
                f"its address, such as {_AUTHORITY} or milvus+lite:///path/to/folder."
            )
        self.shown = without_password(named)
        self._url = named
        if HIDDEN in named:
            known = os.environ.get(ENVIRONMENT, "")
            self._url = known if without_password(known) == named else named.replace(f":{HIDDEN}@", "@")
        self.is_lite = self._url.startswith(LITE)
        self.settings = {} if self.is_lite else _read(self._url, self.shown)
        self.kind = self.settings.pop("kind", "flat")
        finalize(self, _close, self.connections)  # whoever forgets a store leaves no connection behind
        self._pymilvus()

    def run(self, work: Callable[[Client], T]) -> T:
        """Do some work, once; what the server says of it is put into a sentence.

        Parameters
        ----------
        work : callable
            Given a client; every call it makes takes a ``timeout``, such as :data:`PATIENCE`.

        Raises
        ------
        StoreUnavailableError
            The server does not answer, answers too late, lets nobody in or is out of room.
        StoreError
            It refuses the work for another reason.
        """
        import grpc

        try:
            return work(self._client())
        except (self._pymilvus().MilvusException, grpc.RpcError) as error:
            raise self._translated(error) from error
        except HamRecommendError:
            raise
        except ValueError as error:  # what gRPC says of a line that was closed beside it
            raise StoreUnavailableError(f"Milvus at {self.shown} breaks off: {reason_of(error)}.") from error

    def check_in_time(self, until: float) -> None:
        """Give up a question of several parts, of which each was answered in time.

        Raises
        ------
        StoreUnavailableError
            It is later than ``until``, by :func:`time.monotonic`.
        """
        if time.monotonic() > until:
            raise StoreUnavailableError(
                f"Milvus at {self.shown} does not answer in time: it reads all vectors for this question. "
                "Ask for fewer works, or try again when it is less busy."
            )

    def close(self) -> None:
        """Close the connection."""
        _close(self.connections)

    def _client(self) -> Client:
        with self.opening:
            if not self.connections:
                self.connections.append(self._connected())
            return self.connections[0][0]

    def _connected(self) -> _Opened:
        pymilvus = self._pymilvus()

        def nothing() -> None: ...

        leave, settings = nothing, self.settings
        if self.is_lite:
            from ham_recommend.index import _embedded_milvus

            settings = {"uri": _embedded_milvus.started(self._url)}

            def leave() -> None:
                _embedded_milvus.left(self._url)

        try:
            client = pymilvus.MilvusClient(**settings, timeout=_CONNECTING, dedicated=True)
            version = str(client.get_server_version(timeout=_CONNECTING))
        except pymilvus.MilvusException as error:
            leave()
            raise StoreUnavailableError(
                f"{self._held} at {self.shown} cannot be reached: {reason_of(error)}. {advice_for(error)}"
            ) from error
        except BaseException:
            leave()
            raise
        numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
        if numbers and numbers < self._oldest:
            client.close()
            leave()
            oldest = ".".join(map(str, self._oldest))
            raise StoreUnavailableError(
                f"At {self.shown} is Milvus {version}, {self._lacks}. Install {oldest} or later there."
            )
        return client, leave

    def _translated(self, error: Exception) -> StoreError:
        """Say in one sentence what an error of the server means."""
        said = reason_of(error)
        lower = str(error).lower()
        if re.search(
            r"no space|disk.*(full|quota|exhaust)|memory.*(quota|exhaust|limit)|deny to write", lower
        ):
            return StoreUnavailableError(
                f"Milvus at {self.shown} is out of room: {said}. Make room and try again: what was there "
                "still is."
            )
        if re.search(r"permission|auth check|unauthenticated|privilege", lower):
            return StoreUnavailableError(
                f"Milvus at {self.shown} does not let its user do that: {said}. {advice_for(error)}"
            )
        if is_silence(error):
            return StoreUnavailableError(
                f"Milvus at {self.shown} does not answer in time, or broke off: {said}. Try again when it is "
                "well; nothing it confirmed is lost."
            )
        return StoreError(f"Milvus at {self.shown} refuses: {said}.")

    @staticmethod
    def _pymilvus() -> Any:
        try:
            import pymilvus
        except ImportError as error:
            raise MissingExtraError.needing("A store in Milvus", "milvus") from error
        # What it would print of an error, with tracebacks, is raised as well, and said in one sentence here.
        logging.getLogger("pymilvus").setLevel(logging.CRITICAL)
        return pymilvus


def _close(clients: list[_Opened]) -> None:
    while clients:
        client, leave = clients.pop()
        client.close()
        leave()


def asking_sparse() -> dict[str, Any]:
    """Return how to ask for the greatest inner products of sparse vectors, every one of which counts."""
    return {"metric_type": "IP", "params": {"drop_ratio_search": 0.0}}


def asking(kind: str, depth: int, breadth: int = 0) -> dict[str, Any]:
    """Return how to ask an index of a kind for so many works, keeping at least ``breadth`` in view."""
    broad = min(_BROADEST, max(_BREADTH, breadth, depth))
    settings = {"flat": {}, "hnsw": {"ef": broad}}.get(kind, {"nprobe": _PROBED})
    return {"metric_type": "IP", "params": settings}


def named(name: str) -> tuple[str, list[str]]:
    """Return which collection holds the vectors of a name, and in which earlier versions put them."""
    names = [f"ham{layout}_{sha256(name.encode()).hexdigest()[:24]}" for layout in range(1, _LAYOUT + 1)]
    return names[-1], names[:-1]


def dimensions_in(client: Client, collection: str) -> int | None:
    """Return of how many dimensions the vectors of a collection are; ``None`` where there is no such one."""
    if not client.has_collection(collection, timeout=PATIENCE):
        return None
    fields = client.describe_collection(collection, timeout=PATIENCE)["fields"]
    return next(int(field["params"]["dim"]) for field in fields if field["name"] == "vector")


def make_collection(
    client: Client, collection: str, dim: int, longest_id: int, most_tags: int, *, words: bool = False
) -> None:
    """Make a collection, with words beside the vectors or without, unless somebody else just did."""
    import pymilvus

    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("key", pymilvus.DataType.INT64, is_primary=True)
    schema.add_field("item_id", pymilvus.DataType.VARCHAR, max_length=longest_id)
    schema.add_field("vector", pymilvus.DataType.FLOAT_VECTOR, dim=dim)
    schema.add_field("first", pymilvus.DataType.INT64)
    schema.add_field("last", pymilvus.DataType.INT64)
    schema.add_field(
        "tags",
        pymilvus.DataType.ARRAY,
        element_type=pymilvus.DataType.INT64,
        max_capacity=most_tags,
    )
    schema.add_field("mark", pymilvus.DataType.INT64)
    if words:
        for field in SPARSE:
            schema.add_field(field, pymilvus.DataType.SPARSE_FLOAT_VECTOR)
        schema.add_field("said", pymilvus.DataType.VARCHAR, max_length=LONGEST_TEXT)
        schema.add_field("content", pymilvus.DataType.INT64)
    try:
        client.create_collection(
            collection, schema=schema, num_shards=1, consistency_level="Session", timeout=PATIENCE
        )
    except pymilvus.MilvusException:
        if not client.has_collection(collection, timeout=PATIENCE):
            raise


def index_of(client: Client, collection: str) -> str | None:
    """Return of which kind the index of a collection is; ``None`` where it has none."""
    if "vector" not in client.list_indexes(collection, timeout=PATIENCE):
        return None
    return str(client.describe_index(collection, "vector", timeout=PATIENCE)["index_type"]).lower()


def made_index(client: Client, collection: str, wanted: str, dim: int, usual: str) -> str:
    """See to it that a collection has an index of the kind wanted, or of any; return the kind.

    Parameters
    ----------
    client, collection
        Which.
    wanted : str
        Empty for the kind it has, or the usual one.
    dim : int
        Of its vectors.
    usual : str
        The kind where it has none.
    """
    has = index_of(client, collection)
    if has is not None and wanted in {"", has}:
        return has
    if has is not None:
        client.release_collection(collection, timeout=PATIENCE)
        client.drop_index(collection, "vector", timeout=PATIENCE)
    kind = wanted or usual
    parts = {"m": _parts(dim)} if kind == "ivf_pq" else {}
    index = client.prepare_index_params()
    index.add_index(
        "vector",
        index_name="vector",
        index_type=kind.upper(),
        metric_type="IP",
        params={**_BUILD[kind], **parts},
    )
    client.create_index(collection, index, timeout=WRITING, sync=False)
    return kind


def index_words(client: Client, collection: str) -> None:
    """See to it that the words of a collection are indexed, so that every one counts."""
    there = client.list_indexes(collection, timeout=PATIENCE)
    for field in SPARSE:
        if field not in there:
            index = client.prepare_index_params()
            index.add_index(
                field, index_name=field, index_type="SPARSE_INVERTED_INDEX", metric_type="IP", params={}
            )
            client.create_index(collection, index, timeout=WRITING, sync=False)


def _parts(dim: int) -> int:
    """Return into how many parts of some eight numbers a vector is cut."""
    return max(part for part in range(1, max(1, dim // 8) + 1) if dim % part == 0)


def ready(client: Client, collection: str, shown: str, *, patient: bool) -> None:
    """Have a collection loaded; asked for more often than pymilvus would, which waits half a second.

    Parameters
    ----------
    client, collection
        Which.
    shown : str
        The address, without its password.
    patient : bool
        Whether to wait for as long as a change may take: nobody waits for an answer.

    Raises
    ------
    StoreUnavailableError
        It is not loaded in time; Milvus goes on loading it.
    """
    import pymilvus

    until, asked = time.monotonic() + (WRITING if patient else _LOADING), False
    loaded = pymilvus.client.types.LoadState.Loaded
    while client.get_load_state(collection, timeout=PATIENCE)["state"] != loaded:
        if not asked:
            client.load_collection(collection, timeout=WRITING, _async=True)
            asked = True
        if time.monotonic() > until:
            raise StoreUnavailableError(
                f"Milvus at {shown} is still loading its vectors. Ask again in a minute."
            )
        time.sleep(0.02)


def settle(client: Client, collection: str) -> None:
    """Write down what is in memory, and wait until it is indexed."""
    client.flush(collection, timeout=WRITING)
    until = time.monotonic() + _MOST_INDEXED_WAIT
    while client.describe_index(collection, "vector", timeout=PATIENCE).get("pending_index_rows", 0):
        if time.monotonic() > until:
            return  # it goes on by itself; until then more is read than need be
        time.sleep(0.05)


def _read(url: str, shown: str) -> dict[str, str]:
    """Return what an address says: ``uri``, ``user``, ``password``, ``db_name``, and ``kind`` of index."""
    unreadable = SettingsError(
        f"The address {shown} cannot be read; it should look like {_AUTHORITY}, with unusual letters in a "
        "password written as in %40, and may end with ?index=hnsw (or flat, ivf_sq8, ivf_pq) and &tls=yes."
    )
    try:
        parts = urlsplit(url)
        options = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
        port = parts.port or _PORT
    except ValueError:
        raise unreadable from None  # it may show a part of the password
    kind, tls = options.pop("index", ""), options.pop("tls", "no")
    database = unquote(parts.path.strip("/"))
    if parts.scheme != "milvus" or not parts.hostname or options or tls not in {"yes", "no"}:
        raise unreadable
    if kind and kind not in _BUILD:
        raise SettingsError.unknown("index of Milvus", kind, sorted(_BUILD))
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    said = {"uri": f"{'https' if tls == 'yes' else 'http'}://{host}:{port}", "kind": kind}
    if user or password:
        said["token"] = f"{user}:{password}" if user else password
    return {**said, "db_name": database} if database else said
