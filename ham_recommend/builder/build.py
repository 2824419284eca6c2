"""Run steps 1 to 4 into a workspace: read the source, clean it, encode it, index it.

Only what is stale is done again, and a build that was killed goes on where it was. Whatever happens, the
workspace shows either the state before or the state after, never a mixture.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from ham_recommend.builder.steps import Steps, Wanted, remove_unused_thumbnails, told
from ham_recommend.encode.base import TextEncoder
from ham_recommend.errors import SettingsError
from ham_recommend.index.stores import file_store
from ham_recommend.net.http import Fetcher
from ham_recommend.records import Problem
from ham_recommend.sources.base import Source
from ham_recommend.workspace import Workspace


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did.

    Parameters
    ----------
    workspace : Path
        The collection's folder.
    works : int
        How many works the catalog holds.
    pictures : int
        How many of them have a picture vector.
    problems : tuple of Problem
        Every record and picture that was left out, with the reason.
    seconds : mapping of str to float
        Step → wall time; a step that was fresh is not named.
    removed : int
        How many works were there before and are no more.
    """

    workspace: Path
    works: int
    pictures: int
    problems: tuple[Problem, ...]
    seconds: Mapping[str, float]
    removed: int = 0


def build(
    source: Source,
    out: str | os.PathLike[str],
    *,
    image_encoder: str | None = "style",
    store: str = "flat",
    add: bool = False,
    shard: str | None = None,
    fetch_pictures: bool = False,
    fetcher: Fetcher | None = None,
    progress: bool = True,
) -> BuildReport:
    """Turn a source into a collection that can be searched.

    Parameters
    ----------
    source : Source
        Where the records come from.
    out : path-like
        The collection's folder; an existing collection is brought up to date.
    image_encoder : str or None
        A name from the registry, with a model after a colon where it can load several
        (``"clip:openai/clip-vit-large-patch14"``); ``None`` or ``"none"`` for a collection without picture
        vectors.
    store : str
        How picture vectors are kept: ``"flat"`` (exact), ``"fp16"``, ``"hnsw"``, ``"ivf"`` or ``"exact"``.
    add : bool
        Keep the works that are there already, and add or replace those of the source.
    shard : str or None
        Read only this share of the pictures: ``"2/5"``, the second of five. So five machines share the work;
        :func:`ham_recommend.builder.merge.merge` joins what they made.
    fetch_pictures : bool
        Also fetch pictures that lie on the web, to encode them. It is done politely, and so takes long: at
        five a second, the usual rate for a server, some six hours for 100,000.
    fetcher : Fetcher or None
        What fetches them; by default one that asks public servers only.
    progress : bool
        Show a progress bar for each step on standard error.

    Returns
    -------
    BuildReport
        What was done and what was left out.

    Raises
    ------
    SettingsError
        An unknown encoder or store, or a shard that cannot be.
    MissingExtraError, EncodeError
        The encoder cannot be loaded here; the message says what it lacks.
    SourceError
        The source cannot be read; the collection stays as it was.
    ArtifactError
        The folder cannot be written, or another build is at work in it.
    """
    wanted = None
    if image_encoder not in (None, "none"):
        wanted = Wanted.of(str(image_encoder), shard, fetch=fetch_pictures)
    elif shard is not None:
        raise SettingsError("A shard is a share of the pictures; without an image encoder none are read.")
    file_store(store)
    workspace = Workspace(out)
    with workspace.draft() as draft:
        steps = Steps(workspace, draft, shown=progress, fetcher=fetcher)
        catalog = steps.catalog(source, wanted, add=add)
        steps.text_index(catalog)
        vectors = 0 if wanted is None else steps.picture_index(wanted, store)
        steps.note_problems()
        cosines = wanted.encoder.near_duplicates if wanted else None
        draft.commit(
            {
                "origins": told(steps.origins),
                "works": len(catalog),
                "pictures": vectors,
                "image_encoder": wanted.name if wanted and vectors else None,
                "reads_words": bool(wanted and vectors and isinstance(wanted.encoder, TextEncoder)),
                "near_duplicates": asdict(cosines) if vectors and cosines else None,
                "store": store,
                "problems": len(steps.problems),
                "command": _command(source, image_encoder, store, shard, add=add, fetch=fetch_pictures),
            }
        )
        remove_unused_thumbnails(workspace, catalog)
    return BuildReport(
        workspace.root, len(catalog), vectors, tuple(steps.problems), steps.seconds, steps.removed
    )


def _command(
    source: Source, image_encoder: str | None, store: str, shard: str | None, *, add: bool, fetch: bool
) -> str:
    """Return the command that does this build again, but for ``--out``."""
    options = {"--image-encoder": image_encoder or "none", "--store": store, "--shard": shard}
    usual = {"--image-encoder": "style", "--store": "flat", "--shard": None}
    given = [
        f"{name} {shlex.quote(value)}" for name, value in options.items() if value and value != usual[name]
    ]
    switches = [name for name, on in (("--add", add), ("--fetch-pictures", fetch)) if on]
    return " ".join(["ham build", source.command(), *given, *switches])
