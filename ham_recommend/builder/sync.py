"""Brings a collection up to date with its museums: crawl what changed, build it, fill the stores.

Every step takes up what a stopped one left, and a collection shows the old state until the new one is whole;
so a sync may be stopped at any moment, and the next one goes on.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime

from filelock import FileLock, Timeout

from ham_recommend import registry
from ham_recommend.builder.build import BuildReport, build
from ham_recommend.errors import ArtifactError, HamRecommendError, SettingsError
from ham_recommend.index.addresses import is_url
from ham_recommend.index.stores import with_own_stores
from ham_recommend.manifest import FUSED, Facts, Manifest
from ham_recommend.net.http import Fetcher
from ham_recommend.sources.crawled import CrawledSource, CrawlReport
from ham_recommend.vectors import file_names
from ham_recommend.workspace import RAW, SENTENCES, THUMBNAILS, Workspace

LOG = "sync.jsonl"
"""One line a sync: when, how long, what came of it, or what stopped it."""
_LOCK = ".sync.lock"

Crawl = Callable[[CrawledSource, date | None], CrawlReport]


@dataclass(frozen=True, slots=True)
class Synced:
    """What a crawl of one museum brought.

    Parameters
    ----------
    museum : str
        The source's name.
    since : str
        The day since when changes were asked for, as ISO date; empty where all was.
    crawl : CrawlReport
        What was found.
    """

    museum: str
    since: str
    crawl: CrawlReport


@dataclass(slots=True)
class SyncReport:
    """What a sync did.

    Parameters
    ----------
    museums : list of Synced
        What each museum brought.
    works : int
        How many works the collection holds now.
    pictures : int
        How many of them have a picture vector.
    removed : int
        How many works were there before and are no more.
    problems : int
        How many records and pictures were left out.
    seconds : dict of str to float
        Step → wall time; a step that was fresh is not named.
    """

    museums: list[Synced] = field(default_factory=list)
    works: int = 0
    pictures: int = 0
    removed: int = 0
    problems: int = 0
    seconds: dict[str, float] = field(default_factory=dict)

    def took(self, step: str, seconds: float) -> None:
        """Add the time that a step took."""
        self.seconds[step] = self.seconds.get(step, 0.0) + seconds

    def add(self, built: BuildReport) -> None:
        """Add what a build did, after those before it."""
        self.works, self.pictures, self.problems = built.works, built.pictures, len(built.problems)
        self.removed += built.removed
        for step, seconds in built.seconds.items():
            self.took(step, seconds)


def sync(
    workspace: Workspace,
    *,
    full: bool = False,
    store: str | None = None,
    wait: bool = False,
    fetcher: Fetcher | None = None,
    crawl: Crawl | None = None,
    progress: bool = True,
) -> SyncReport:
    """Bring a collection up to date with the museums that it was crawled from.

    Works of other sources stay as they are. Models are those on this machine, and of servers that encode only
    those that ``HAM_ENCODERS`` lists are asked: it is the collection that names them. What is done is noted
    in ``sync.jsonl``, also where it fails.

    Parameters
    ----------
    workspace : Workspace
        A collection that has been built.
    full : bool
        Ask for every record, not only for what changed since the last crawl: only so a work is missed that
        its museum has no more. It is done of itself a day before the records grow older than they may.
    store : str or None
        The address of its store, where that needs a password.
    wait : bool
        Whether to wait when the day's calls are used up or a museum is out of order.
    fetcher : Fetcher or None
        What fetches pictures; by default one that asks public servers only.
    crawl : callable or None
        What crawls a museum, given since when; by default without a word.
    progress : bool
        Show a progress bar for each step of the build on standard error.

    Raises
    ------
    SettingsError
        Nothing of it was crawled, or it is not known how it was made.
    SourceError
        A museum cannot be crawled now; what came is kept, and the next sync goes on.
    ArtifactError
        Another sync is at work here, or the collection is damaged.
    EncodeError
        A model is not here, or a server may not be asked; the message says how to allow it.
    StoreUnavailableError
        A store does not answer; the next sync fills it.
    """
    crawl = crawl or (lambda museum, since: museum.crawl(since=since, wait=wait))
    with _alone(workspace), _noted(workspace) as report:
        museums = _museums(workspace)
        for museum in museums:
            begun = time.monotonic()
            report.museums += _crawled(museum, crawl, full=full)
            report.took("crawl", time.monotonic() - begun)
        for museum in museums:
            for built in _built(workspace, museum, store, fetcher, progress=progress):
                report.add(built)
    return report


@contextmanager
def _alone(workspace: Workspace) -> Iterator[None]:
    """Hold the lock of syncs: two of one collection never meet."""
    _ = workspace.manifest
    try:
        with FileLock(workspace.own(_LOCK), timeout=0):
            yield
    except Timeout as error:
        raise ArtifactError(
            f"Another sync is at work in {workspace.root}. Let it end; the next one does the rest."
        ) from error


@contextmanager
def _noted(workspace: Workspace) -> Iterator[SyncReport]:
    """Write a line of what was done, or of what stopped it."""
    report, error, begun = SyncReport(), "stopped", datetime.now(UTC)
    try:
        yield report
        error = ""
    except HamRecommendError as raised:
        error = str(raised)
        raise
    finally:
        seconds = (datetime.now(UTC) - begun).total_seconds()
        line = {"at": begun.isoformat(timespec="seconds"), "took": round(seconds, 1), "error": error}
        with workspace.own(LOG).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps({**line, **asdict(report)}, ensure_ascii=False) + "\n")


def _museums(workspace: Workspace) -> list[CrawledSource]:
    """Return the museums of a collection, each with what was asked of it."""
    facts = workspace.manifest.facts
    if any((build.plain_command or "").startswith("ham merge") for build in facts.builds):
        raise SettingsError(f"{workspace.root} was merged from others. Sync those, then merge them again.")
    if workspace.manifest.files[THUMBNAILS].settings.get("shard"):
        raise SettingsError(f"{workspace.root} is one share of a collection. Build all of it here first.")
    found = []
    for name in dict.fromkeys(origin.source for origin in facts.origins):
        kind = registry.load("source", name)
        museum = None
        if issubclass(kind, CrawledSource):
            museum = kind.crawled_into(workspace.own(f"{RAW}/{name}"))
        if museum is not None:
            _check_origin(museum, facts)
            found.append(museum)
    if not found:
        raise SettingsError(
            f"Nothing of {workspace.root} was crawled from a museum here, so there is nothing to ask for "
            "changes. Bring it up to date with `ham build`."
        )
    return found


def _check_origin(museum: CrawledSource, facts: Facts) -> None:
    """Refuse a museum of which the collection holds something else than what was crawled."""
    held = [dict(origin.settings) for origin in facts.origins if origin.source == museum.name]
    if held != [dict(museum.settings())]:
        raise SettingsError(
            f"The collection holds other works of {museum.name} than were crawled into {museum.folder}. "
            f"Build it from these first: ham build {museum.command()}"
        )


def _crawled(museum: CrawledSource, crawl: Crawl, *, full: bool) -> Iterator[Synced]:
    """Crawl what changed; all of it where that is wanted, after a crawl that was stopped is finished."""
    state = museum.state()
    under_way = state is not None and not state.complete
    if under_way or not full:
        since = museum.since()
        yield Synced(museum.name, since.isoformat() if since else "", crawl(museum, since))
        if since is None or not full:
            return
    yield Synced(museum.name, "", crawl(museum, None))


def _built(
    workspace: Workspace, museum: CrawledSource, store: str | None, fetcher: Fetcher | None, *, progress: bool
) -> Iterator[BuildReport]:
    """Build once for each set of vectors, as they were built before; that which answers comes last."""
    manifest = workspace.manifest
    facts = manifest.facts
    mixed = len({origin.source for origin in facts.origins}) > 1
    made = sorted(with_own_stores(facts.encoders).items(), key=lambda each: each[0] == facts.encoder)
    wanted: list[tuple[str | None, str]] = [
        (encoder.name, encoder.store) for _, encoder in made if not encoder.model_id.startswith(FUSED)
    ]
    for encoder_name, kept in wanted or [(None, "flat")]:
        yield build(
            museum,
            workspace.root,
            image_encoder=encoder_name,
            text_encoder=_text_encoder(manifest),
            store=store if store is not None and is_url(kept) else kept,
            add=mixed,
            renew=mixed,
            fetch_pictures=encoder_name is not None and bool(_thumbnails(manifest).get("fetched")),
            fetch_models=False,
            fetcher=fetcher,
            progress=progress,
        )


def _text_encoder(manifest: Manifest) -> str | None:
    entry = manifest.files.get(file_names(SENTENCES)[0])
    return None if entry is None else str(entry.settings["encoder"])


def _thumbnails(manifest: Manifest) -> Mapping[str, object]:
    return manifest.files[THUMBNAILS].settings
