"""A collection that a server answers from: the same questions, asked by address."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar, cast
from urllib.parse import quote, unquote, urlsplit

import numpy as np
import requests
from urllib3.util.retry import Retry

from ham_recommend import errors
from ham_recommend.answers import Ranking
from ham_recommend.errors import ArtifactError, SettingsError, StoreUnavailableError, UnknownItemError
from ham_recommend.facets import Facets
from ham_recommend.net.servers import CONNECTING, asks_for_token, session_for
from ham_recommend.recommend.elsewhere import ElsewhereRecommender
from ham_recommend.recommend.query import checked_exclude, checked_k, checked_where
from ham_recommend.recommend.wire import facets_from, ranking_from, work_from
from ham_recommend.recommend.without_words import BROWSED
from ham_recommend.records import Artwork, ItemIds, Where

if TYPE_CHECKING:
    from ham_recommend.catalog.catalog import Catalog
    from ham_recommend.workspace import Workspace

T = TypeVar("T")

SECONDS = 10.0
"""Until a server begins to answer; a question takes it a hundredth of that."""
_PAGE = 200
_PATHS = {"colour": "/search-by-colour"}
"""Where questions are asked whose address is not called as they are."""
_TRIES = Retry(
    total=4,
    connect=1,
    read=False,  # what takes too long once takes too long again
    backoff_factor=0.3,
    status_forcelist=(429, 503),
    allowed_methods=None,
    raise_on_status=False,
)


class RemoteRecommender(ElsewhereRecommender):
    """Asks a server that ``ham serve`` runs; get one with ``Recommender.load("http://host:8000/sample")``.

    Every question is answered as it would be there, and a :class:`ham_recommend.Session` in memory works with
    it. What reads a collection's files, such as the widget, needs the folder.

    Parameters
    ----------
    address : str
        The collection's page: ``http://host:8000/sample``.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._server = Server(address)
        self.catalog = cast("Catalog", RemoteCatalog(self._server))

    def __repr__(self) -> str:
        return f"<Recommender of {len(self.catalog):,} works at {self.address!r}>"

    @classmethod
    def at(cls, address: str, *, encoder: str | None, store: str | None) -> Self:
        """Ask whether the collection is there, and return what asks it.

        Raises
        ------
        SettingsError
            It is no address of a collection, an encoder or store is named, which the server decides, or the
            server asks for a token.
        ArtifactMissingError
            The server has no such collection.
        StoreUnavailableError
            It does not answer.
        """
        if encoder is not None or store is not None:
            raise SettingsError(
                f"Which encoder and store answer at {address} is decided there. Leave them out."
            )
        made = cls(address)
        made._server.get("")
        return made

    @property
    def root(self) -> None:
        """Nowhere on this machine."""
        return

    def explained(self, ranking: Ranking) -> Ranking:
        """Return a ranking as it is: its reasons came with it."""
        return ranking

    @property
    def workspace(self) -> Workspace:  # type: ignore[override]
        """There is none here.

        Raises
        ------
        SettingsError
            Always.
        """
        raise SettingsError(
            f"The collection at {self.address} has no folder here. Load it from its folder, or use its page."
        )

    def _found(self, kind: str, k: int, given: Mapping[str, Any]) -> Ranking:
        return self._server.ranking(_PATHS.get(kind, f"/{kind}"), {**given, "limit": k})

    def search_by_picture(
        self,
        picture: str | os.PathLike[str] | bytes,
        k: int = 12,
        *,
        where: Where | None = None,
        exclude: Iterable[str] = (),
    ) -> Ranking:
        """Find the works that look most like a picture, as :meth:`Recommender.search_by_picture` does.

        Raises
        ------
        SettingsError
            Works are to be left out, which the server does not do here.
        """
        if checked_exclude(exclude):
            raise SettingsError(
                "A search by picture at a server leaves no works out. Ask for more, then choose."
            )
        content = picture if isinstance(picture, bytes) else _content(Path(picture))
        parameters = {"limit": checked_k(k), "where": _typed(checked_where(where))}
        headers = {"Content-Type": "application/octet-stream"}
        answer = self._server.ask(
            "POST", "/search-by-picture", params=parameters, data=content, headers=headers
        )
        return self._server.read(ranking_from, answer)

    def facets(
        self,
        where: Where | None = None,
        *,
        fields: Sequence[str] = BROWSED,
        limit: int = 12,
        containing: str = "",
    ) -> Facets:
        """Count what a filter leaves, as :meth:`Recommender.facets` does."""
        asked = {"field": list(fields), "limit": limit, "containing": containing}
        answer = self._server.get("/facets", where=_typed(checked_where(where)), **asked)
        return self._server.read(facets_from, answer)


class RemoteCatalog:
    """The works of a collection that a server has; each is fetched once."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._known: dict[str, Artwork | None] = {}

    def __len__(self) -> int:
        return int(self._about["works"])

    def __repr__(self) -> str:
        return f"Catalog({len(self)} works)"

    def __contains__(self, item_id: object) -> bool:
        return isinstance(item_id, str) and bool(self.get([item_id]))

    def __getitem__(self, item_id: str) -> Artwork:
        """Return one work.

        Raises
        ------
        UnknownItemError
            No work has this id.
        """
        found = self.get([item_id])
        if not found:
            raise UnknownItemError(f"No work has the id {item_id!r}. Search to find one.")
        return found[item_id]

    def __iter__(self) -> Iterator[Artwork]:
        """Yield every work, in the order of the ids."""
        return (self._server.read(work_from, each) for each in self._items(None))

    def get(self, item_ids: Iterable[str]) -> dict[str, Artwork]:
        """Return the works that are there, by id, in the order asked for."""
        wanted = list(dict.fromkeys(item_ids))
        unknown = [item_id for item_id in wanted if item_id not in self._known]
        for start in range(0, len(unknown), _PAGE):
            part = unknown[start : start + _PAGE]
            answer = self._server.ask("POST", "/items", json={"item_ids": part})
            self._known |= dict.fromkeys(part)
            works = [self._server.read(work_from, each) for each in answer["items"]]
            self._known |= {work.item_id: work for work in works}
        found = {item_id: self._known[item_id] for item_id in wanted}
        return {item_id: work for item_id, work in found.items() if work is not None}

    @cached_property
    def item_ids(self) -> ItemIds:
        """Every id, sorted; they are fetched page by page."""
        return self.filter({})

    def filter(self, where: Where) -> ItemIds:
        """Return the ids of the works that meet every condition, sorted."""
        return np.array([each["item_id"] for each in self._items(where)], dtype=object)

    def facets(self, field: str, limit: int = 50) -> list[tuple[str, int]]:
        """Return the most frequent values of a field with their number of works, most frequent first."""
        answer = self._server.get(f"/facets/{quote(field, safe='')}", limit=limit)
        return [(str(value), int(count)) for value, count in answer["values"]]

    def years(self) -> tuple[int, int] | None:
        """Return the first and last year of all works, or ``None`` when none is dated."""
        years = self._about["years"]
        return (int(years[0]), int(years[1])) if years else None

    @cached_property
    def _about(self) -> dict[str, Any]:
        return self._server.get("")

    def _items(self, where: Where | None) -> Iterator[dict[str, Any]]:
        cursor: str | None = ""
        while cursor is not None:
            page = self._server.get("/items", limit=_PAGE, cursor=cursor, where=_typed(where or {}))
            yield from page["items"]
            cursor = page["next"]


class Server:
    """The API of one collection; problems become the errors that they were."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        names = [unquote(name) for name in parts.path.split("/") if name]
        if parts.scheme not in {"http", "https"} or not parts.netloc or len(names) != 1:
            raise SettingsError(f"{address!r} is no collection's page, such as http://localhost:8000/sample.")
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self._base = f"{self.origin}/api/v1/collections/{quote(names[0], safe='')}"
        self._session = session_for(self.origin, _TRIES)

    def get(self, path: str, **parameters: Any) -> dict[str, Any]:
        """Ask for something by its address."""
        return self.ask("GET", path, params=parameters)

    def ranking(self, path: str, body: dict[str, Any]) -> Ranking:
        """Ask a question."""
        return self.read(ranking_from, self.ask("POST", path, json=body))

    def read(self, reader: Callable[[dict[str, Any]], T], content: dict[str, Any]) -> T:
        """Return what an answer says.

        Raises
        ------
        ArtifactError
            It says nothing that ours would.
        """
        try:
            return reader(content)
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactError(f"{self.origin} does not answer as this version does.") from error

    def ask(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        """Return the JSON object that answers.

        Raises
        ------
        HamRecommendError
            What went wrong there, as the error it was; or the server does not answer, or not as ours does.
        """
        try:
            response = self._session.request(
                method, self._base + path, timeout=(CONNECTING, SECONDS), allow_redirects=False, **options
            )
        except requests.RequestException as error:
            raise StoreUnavailableError(
                f"{self.origin} does not answer ({type(error).__name__}). Start it there with: ham serve"
            ) from error
        try:
            content = response.json()
        except requests.JSONDecodeError as error:
            raise ArtifactError(
                f"{self.origin} is no server of this package: it does not answer in JSON."
            ) from error
        if response.ok and isinstance(content, dict):
            return content
        _raise(self.origin, response.status_code, content if isinstance(content, dict) else {})


def _raise(origin: str, status: int, problem: dict[str, Any]) -> NoReturn:
    """Raise the error that a problem was on the server."""
    said = str(problem.get("detail", f"{origin} answered with status {status}."))
    if status == 401:
        raise asks_for_token(origin)
    kind = getattr(errors, str(problem.get("type", "")).rpartition(":")[2], None)
    if isinstance(kind, type) and issubclass(kind, errors.HamRecommendError):
        raise kind(said)
    if status in {429, 503}:
        raise StoreUnavailableError(said)
    raise (SettingsError if status < 500 else ArtifactError)(said)


def _content(picture: Path) -> bytes:
    try:
        return picture.read_bytes()
    except OSError as error:
        raise errors.UnreadablePictureError(
            f"{picture} cannot be read: {error.strerror or error}."
        ) from error


def _typed(where: Where) -> list[str]:
    """Return a filter as the parameters of an address."""
    texts = []
    for name, wanted in where.items():
        if name == "years":
            begin, end = ("" if year is None else str(year) for year in wanted)
            texts.append(f"years={begin}:{end}")
        else:
            texts += [f"{name}={value}" for value in ([wanted] if isinstance(wanted, str) else wanted)]
    return texts
