"""Runs: what a method answered to each judged query, kept one by one so that a run goes on where it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from functools import cache
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from ham_recommend.errors import ArtifactError
from ham_recommend.evaluate.judgements import Judgements
from ham_recommend.evaluate.methods import prepared
from ham_recommend.evaluate.metrics import DEPTH, Search
from ham_recommend.recommend._log import where_to_json
from ham_recommend.records import EMPTY, Where

if TYPE_CHECKING:
    from ham_recommend.recommend.recommender import Recommender

_DECIDES = frozenset({".py", ".npz", ".txt", ".gz"})


def answers(
    method: str,
    collection: Recommender,
    judgements: Judgements,
    *,
    where: Where | None = None,
    kept: Path | None = None,
    advance: Callable[[int], object] = lambda _: None,
) -> Mapping[str, tuple[str, ...]]:
    """Ask a method every judged query.

    Parameters
    ----------
    method : str
        Its name.
    collection : Recommender
        What is searched.
    judgements : Judgements
        The queries.
    where : mapping or None
        The works that may come back, as in :meth:`Recommender.search`.
    kept : Path or None
        A folder in which answers are kept, and from which those of an earlier run are taken: of the same
        method, files and queries, by the same code of this package, to the last byte.
    advance : callable
        Told how many more queries are answered.

    Returns
    -------
    mapping of str to tuple of str
        Query id → the first hundred works.

    Raises
    ------
    SettingsError
        No such method.
    ArtifactError
        The folder cannot be read or written.
    """
    path = None if kept is None else kept / f"{method}-{_key(method, collection, judgements, where)}.jsonl"
    found = {} if path is None else _read(path)
    known = {query: found[query] for query in judgements if query in found}
    advance(len(known))
    missing = [query for query in judgements if query not in known]
    if missing:
        search = prepared(method, collection, where)
        known |= _asked(search, judgements, missing, path, advance)
    return {query: known[query] for query in judgements}


def _asked(
    search: Search,
    judgements: Judgements,
    missing: list[str],
    path: Path | None,
    advance: Callable[[int], object],
) -> dict[str, tuple[str, ...]]:
    found = {}
    try:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        with nullcontext(StringIO()) if path is None else path.open("a", encoding="utf-8") as file:
            file.write("\n")  # a kill may have cut the last line short
            for query in missing:
                found[query] = tuple(map(str, search(judgements.texts[query], DEPTH).item_ids))
                file.write(json.dumps([query, found[query]]) + "\n")
                advance(1)
    except OSError as error:
        raise ArtifactError(
            f"The answers cannot be kept in {path} ({error}). Name another folder with --keep."
        ) from error
    return found


def _read(path: Path) -> dict[str, tuple[str, ...]]:
    """Return what was kept; a line that a kill has cut short is left out."""
    found: dict[str, tuple[str, ...]] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    except (OSError, ValueError) as error:
        raise ArtifactError(f"{path} cannot be read ({error}). Name another folder with --keep.") from error
    for line in filter(None, lines):
        try:
            query, ids = json.loads(line)
            found[str(query)] = tuple(map(str, ids))
        except (ValueError, TypeError):
            continue
    return found


@cache
def _code() -> str:
    """Return a hash of this package: its code, and the tables of words beside it."""
    package = Path(__file__).parents[1]
    content = hashlib.blake2b(digest_size=16)
    for path in sorted(package.rglob("*")):
        if path.suffix in _DECIDES:
            content.update(f"{path.relative_to(package)}\0".encode())
            content.update(hashlib.blake2b(path.read_bytes()).digest())
    return content.hexdigest()


def _key(method: str, collection: Recommender, judgements: Judgements, where: Where | None) -> str:
    """Return what decides the answers: the method, the files of the collection, the queries, the code."""
    files = {name: entry.sha256 for name, entry in collection.workspace.manifest.files.items()}
    read = None if collection.sentences is None else collection.sentences.name
    decides = [method, _code(), files, collection.image_encoder, read, dict(judgements.texts)]
    content = json.dumps([*decides, where_to_json(where or EMPTY)], sort_keys=True)
    return hashlib.blake2b(content.encode(), digest_size=8).hexdigest()
