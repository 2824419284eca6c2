"""Step 3, pictures → thumbnails and vectors: every picture is opened once, for both.

Reads the works; writes ``2-catalog/thumbnails.parquet``, joins both to ``2-catalog/catalog.parquet``, and
writes, where an encoder is wanted, its ``3-embeddings/<encoder>.*.npy``. A picture that was read before and
lies there as it was is not read again.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from ham_recommend import registry
from ham_recommend.builder.on_ray import cluster_at
from ham_recommend.builder.run import Run, readable
from ham_recommend.builder.shard import Shard
from ham_recommend.catalog.catalog import Catalog
from ham_recommend.catalog.changes import same_records
from ham_recommend.catalog.originals import originals_of
from ham_recommend.catalog.thumbnails import (
    GONE,
    Original,
    Thumbnail,
    ThumbnailFolder,
    Thumbnails,
)
from ham_recommend.encode.base import ImageEncoder
from ham_recommend.encode.failures import FAILURES, Failures
from ham_recommend.encode.journal import VectorJournal
from ham_recommend.encode.pipeline import EncodedPictures, Seen, encode_pictures
from ham_recommend.encode.sharing import Cluster
from ham_recommend.net.http import Fetcher, allowed_by_environment
from ham_recommend.records import Embeddings
from ham_recommend.vectors import file_names, load_embeddings, save_embeddings
from ham_recommend.workspace import CATALOG, EMBEDDINGS, THUMBNAILS, WORKS


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which picture vectors are wanted.

    Parameters
    ----------
    name : str
        The encoder's name, with its model.
    encoder : ImageEncoder
        What makes them.
    shard : Shard or None
        Of which share of the works; ``None`` for all.
    fetch : bool
        Whether to fetch pictures that lie on the web.
    on : str or None
        The cluster that encodes them; ``None`` for this machine.
    gpus : float
        How much of a GPU each share takes there.
    """

    name: str
    encoder: ImageEncoder
    shard: Shard | None = None
    fetch: bool = False
    on: str | None = None
    gpus: float = 0.0

    @classmethod
    def of(
        cls, name: str, shard: str | None, *, fetch: bool, fetch_model: bool, on: str | None, gpus: float
    ) -> Wanted:
        """Load the encoder; a folder with a model is remembered so that it is found from anywhere."""
        share = None if shard is None else Shard.parse(shard)
        base, _, model = name.partition(":")
        if model and Path(model).is_dir():
            name = f"{base}:{Path(model).resolve()}"
        return cls(name, registry.make_encoder(name, fetch=fetch_model), share, fetch, on, gpus)

    def cluster(self) -> AbstractContextManager[Cluster | None]:
        """Join the cluster that encodes; ``None`` where this machine does."""
        if self.on is None:
            return nullcontext()
        return cluster_at(self.on, self.name, self.encoder.model_id, gpus=self.gpus)

    @property
    def vectors(self) -> str:
        """What the set of vectors is called, whichever model makes them."""
        return self.name.partition(":")[0]

    def settings(self) -> dict[str, Any]:
        """Return what shapes the vectors besides the thumbnails."""
        return {"model_id": self.encoder.model_id, **({"shard": str(self.shard)} if self.shard else {})}


def write_pictures(
    run: Run, wanted: Wanted | None, *, add: bool, rate: float, fetcher: Fetcher | None = None
) -> None:
    """Make thumbnails, and vectors where they are wanted, unless all of them are fresh.

    Parameters
    ----------
    run : Run
        The build.
    wanted : Wanted or None
        Which vectors; ``None`` for thumbnails of the pictures on this machine only.
    add : bool
        Whether works were added: pictures of the others may have moved away since they were read.
    rate : float
        Most pictures a second that one server is asked for.
    fetcher : Fetcher or None
        What fetches pictures that lie on the web; ``None`` for one that asks public servers politely.
    """
    plan = _Plan.of(run, wanted, add=add)
    if _is_fresh(run, wanted, plan):
        _keep_failures(run)
        return
    done = _read(run, wanted, plan, rate, fetcher)
    run.problems += done.problems
    _write_thumbnails(run, plan, done)
    if wanted is not None:
        _write_vectors(run, wanted, done.embeddings)


def write_catalog(run: Run) -> None:
    """Join works and thumbnails to the catalog, unless it is as it would be now."""
    made_from: dict[str, Any] = {"settings": {}, "parents": run.draft.sha256(WORKS, THUMBNAILS)}
    if run.draft.keep(CATALOG, **made_from):
        kept = readable(lambda: Catalog.read(run.draft.made(CATALOG)))
        if kept is not None and same_records(kept, run.works()):
            return
    thumbnails = Thumbnails.read(run.draft.made(THUMBNAILS))
    with run.draft.write(CATALOG, rows=run.draft.files[WORKS].rows, **made_from) as path:
        if len(thumbnails):
            run.works().with_thumbnails(thumbnails).write(path)
        else:
            shutil.copyfile(run.draft.made(WORKS), path)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Which pictures are to be read, and what is known of the others.

    Parameters
    ----------
    to_read : list of Original
        Those to be read, with their content where it is known.
    states : dict of str to str
        ``item_id`` → state of the original, as it was before anything is read.
    known : dict of str to Thumbnail
        ``item_id`` → what earlier builds have seen of its original in that state.
    digests : mapping of str to str
        Content → hash of the thumbnail's bytes.
    settings : mapping
        What the table of thumbnails depends on besides the catalog.
    """

    to_read: list[Original]
    states: dict[str, str]
    known: dict[str, Thumbnail]
    digests: Mapping[str, str]
    settings: Mapping[str, Any]

    @classmethod
    def of(cls, run: Run, wanted: Wanted | None, *, add: bool) -> _Plan:
        earlier = _Earlier.of(run, add=add)
        fetch = wanted is not None and wanted.fetch
        originals = originals_of(run.works(), None if fetch else earlier.addresses)
        states: dict[str, str] = {}
        known: dict[str, Thumbnail] = {}
        to_read = []
        for original in originals:
            pinned = run.named is not None and not original.on_the_web and original.address not in run.named
            state = GONE if pinned else original.state()
            row = earlier.row(original, state)
            states[original.item_id] = row.state if row else state
            if pinned and row is None:
                continue
            if row is not None:
                known[original.item_id] = row
            if _is_read(original, row, wanted):
                to_read.append(replace(original, content=row.content if row else "", pinned=pinned))
        settings = {
            "files": _digest(originals, states),
            "fetched": fetch,
            "shard": str(wanted.shard) if wanted and wanted.shard else None,
        }
        return cls(to_read, states, known, earlier.digests, settings)


@dataclass(frozen=True, slots=True)
class _Earlier:
    """What earlier builds have seen, and one that was killed.

    Parameters
    ----------
    by_state : dict of (str, str) to Thumbnail
        Address and state of an original → what was seen there.
    kept : dict of (str, str) to Thumbnail
        Work and address → what was seen there, of works that stay though their files may have moved away.
    digests : dict of str to str
        Content → hash of the thumbnail's bytes.
    """

    by_state: dict[tuple[str, str], Thumbnail]
    kept: dict[tuple[str, str], Thumbnail]
    digests: dict[str, str]

    @classmethod
    def of(cls, run: Run, *, add: bool) -> _Earlier:
        places = (run.draft.committed, run.draft.newest)
        paths = dict.fromkeys(readable(partial(place, THUMBNAILS)) for place in places)
        tables = [readable(partial(Thumbnails.read, path)) for path in paths if path is not None]
        found = [table for table in tables if table is not None]
        rows = [row for table in found for row in table]
        return cls(
            {(row.original, row.state): row for row in rows},
            {(row.item_id, row.original): row for row in rows} if add else {},
            {content: digest for table in found for content, digest in table.digests().items()},
        )

    @property
    def addresses(self) -> set[str]:
        """Where the pictures lay that were seen."""
        return {address for address, _ in self.by_state}

    def row(self, original: Original, state: str) -> Thumbnail | None:
        """Return what was seen of an original in this state; ``None`` where it has to be read."""
        row = self.by_state.get((original.address, state))
        if row is None and state == GONE:
            row = self.kept.get((original.item_id, original.address))
        if row is None:
            return None
        copy = {} if original.copies_allowed else {"thumbnail": "", "digest": ""}
        return replace(row, item_id=original.item_id, **copy)


def _is_read(original: Original, row: Thumbnail | None, wanted: Wanted | None) -> bool:
    """Return whether a picture is to be opened in this build."""
    if wanted is None:
        return not original.on_the_web
    if wanted.shard and original.item_id not in wanted.shard:
        return False
    return not original.on_the_web or row is not None or wanted.fetch


def _digest(originals: Iterable[Original], states: Mapping[str, str]) -> str:
    """Return a digest of where the pictures on this machine lie, and of their sizes and times."""
    digest = hashlib.sha256()
    for original in originals:
        if state := states[original.item_id]:
            digest.update(f"{original.address}\0{state}\n".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _is_fresh(run: Run, wanted: Wanted | None, plan: _Plan) -> bool:
    """Keep thumbnails and vectors that are as they would be made now, every file of them whole."""
    settings = {**plan.settings, "left_out": 0}
    if not run.draft.keep(THUMBNAILS, settings=settings, parents=run.draft.sha256(WORKS)):
        return False
    table = readable(lambda: Thumbnails.read(run.draft.made(THUMBNAILS)))
    if table is None or table.damaged(run.workspace.root):
        return False
    if wanted is None:
        return True
    files = file_names(wanted.vectors)
    if not plan.to_read:
        return files[0] not in run.draft.before.files
    made_from: dict[str, Any] = {"settings": wanted.settings(), "parents": run.draft.sha256(THUMBNAILS)}
    if not run.draft.keep(*files, **made_from):
        return False
    made = readable(lambda: load_embeddings(wanted.vectors, wanted.encoder.model_id, run.draft.made))
    return made is not None and made.vectors.shape[1] == wanted.encoder.dim


def _keep_failures(run: Run) -> None:
    """Keep what is known of pictures that cannot be had, where none is asked for."""
    run.draft.keep(FAILURES, settings={}, parents={})


def _read(
    run: Run, wanted: Wanted | None, plan: _Plan, rate: float, fetcher: Fetcher | None
) -> EncodedPictures:
    if not plan.to_read:
        _keep_failures(run)
        return EncodedPictures({}, None, [])
    failures = Failures(run.draft.own(FAILURES), readable(lambda: run.draft.newest(FAILURES)))
    fetch = wanted is not None and wanted.fetch
    thumbnails = ThumbnailFolder(run.workspace.root, plan.digests)
    journal = _journal(run, wanted) if wanted else None
    known = _taken_over(plan, thumbnails, journal)
    to_read = [original for original in plan.to_read if original.item_id not in known]
    with (
        run.step("pictures", "Reading pictures", len(to_read)) as bar,
        _fetching(fetcher, rate) if fetch else nullcontext() as asked,
        wanted.cluster() if wanted else nullcontext() as cluster,
    ):
        if wanted:
            bar.set_postfix_str(f"{cluster.slots} at once" if cluster else wanted.encoder.runs_on)
        done = encode_pictures(
            to_read,
            thumbnails,
            wanted.encoder if wanted else None,
            journal,
            fetcher=asked,
            failures=failures,
            progress=bar.update,
            cluster=cluster,
            known=known,
        )
    if len(failures):
        with run.draft.write(FAILURES, rows=len(failures)) as path:
            failures.write(path)
    else:
        run.draft.remove(FAILURES)
    return done


def _taken_over(plan: _Plan, thumbnails: ThumbnailFolder, journal: VectorJournal | None) -> dict[str, Seen]:
    """Return what was seen of pictures that no one named now, where thumbnail and vector are there.

    Their thumbnails are not opened, or adding one work would take as long as there are works: a build of all
    of them looks at each.
    """
    pinned = [original for original in plan.to_read if original.pinned and original.content]
    there = thumbnails.contents() if pinned else set()
    rows = [plan.known[original.item_id] for original in pinned]
    return {
        row.item_id: Seen(row.content, row.digest)
        for row, original in zip(rows, pinned, strict=True)
        if (journal is None or row.content in journal)
        and (not original.copies_allowed or (row.digest and row.content in there))
    }


@contextmanager
def _fetching(fetcher: Fetcher | None, rate: float) -> Iterator[Fetcher]:
    if fetcher is not None:
        yield fetcher
        return
    with Fetcher(rate_per_host=rate, allow_private=allowed_by_environment()) as polite:
        yield polite


def _journal(run: Run, wanted: Wanted) -> VectorJournal:
    """Return the journal of these vectors, which knows those of the state that stands."""
    name = wanted.vectors
    made = run.draft.before.facts.encoders.get(name)
    earlier = made and readable(lambda: load_embeddings(name, made.model_id, run.draft.committed))
    return VectorJournal(
        run.draft.own(f"{EMBEDDINGS}/{name}.journal"),
        wanted.encoder.model_id,
        wanted.encoder.dim,
        earlier=[earlier] if earlier else [],
    )


def _write_thumbnails(run: Run, plan: _Plan, done: EncodedPictures) -> None:
    """Write what is known of every picture: what was seen now and, of those not opened, before."""
    read = {original.item_id: original for original in plan.to_read}
    rows = [row for item_id, row in plan.known.items() if item_id not in read]
    for item_id, seen in done.seen.items():
        if seen.content:
            name = ThumbnailFolder.name(seen.content) if seen.digest else ""
            original = read[item_id].address
            rows.append(Thumbnail(item_id, original, plan.states[item_id], seen.content, name, seen.digest))
    settings = {**plan.settings, "left_out": len(done.problems)}
    parents = run.draft.sha256(WORKS)
    with run.draft.write(THUMBNAILS, rows=len(rows), settings=settings, parents=parents) as path:
        Thumbnails.of(rows).write(path)


def _write_vectors(run: Run, wanted: Wanted, embeddings: Embeddings | None) -> None:
    if embeddings is None or not len(embeddings):
        run.draft.remove(*file_names(wanted.vectors))
        return
    made_from: dict[str, Any] = {
        "settings": wanted.settings(),
        "parents": run.draft.sha256(THUMBNAILS),
    }
    save_embeddings(embeddings, wanted.vectors, partial(run.draft.write, **made_from))
