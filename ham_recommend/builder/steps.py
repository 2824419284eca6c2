"""The steps of a build: each keeps what is fresh and writes the rest into a draft."""

from __future__ import annotations

import hashlib
import json
import time
import warnings
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from tqdm.auto import tqdm

from ham_recommend import registry
from ham_recommend.catalog.catalog import Catalog
from ham_recommend.catalog.clean import RULES
from ham_recommend.encode.base import ImageEncoder
from ham_recommend.encode.failures import FAILURES, Failures
from ham_recommend.encode.pipeline import encode_pictures
from ham_recommend.encode.reading import Picture
from ham_recommend.encode.shards import Shards, in_share, parse_share
from ham_recommend.errors import ArtifactError, DataWarning
from ham_recommend.index.stores import file_store
from ham_recommend.index.text_index import TextIndex
from ham_recommend.manifest import Origin, joined, origins_in
from ham_recommend.net.http import Fetcher, allowed_by_environment
from ham_recommend.records import Embeddings, Problem
from ham_recommend.sources.base import Source
from ham_recommend.vectors import (
    file_names,
    load_embeddings,
    model_of,
    save_embeddings,
)
from ham_recommend.workspace import CATALOG, EMBEDDINGS, PICTURES, RAW, Draft, Workspace

PROBLEMS = "2-catalog/problems.json"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which picture vectors are wanted.

    Parameters
    ----------
    name : str
        The encoder's name, with its model.
    encoder : ImageEncoder
        What makes them.
    share : (int, int) or None
        Of which share of the works; ``None`` for all.
    fetch : bool
        Whether to fetch pictures that lie on the web.
    """

    name: str
    encoder: ImageEncoder
    share: tuple[int, int] | None = None
    fetch: bool = False

    @classmethod
    def of(cls, name: str, shard: str | None, *, fetch: bool) -> Wanted:
        """Load the encoder; a folder with a model is remembered so that it is found from anywhere."""
        share = None if shard is None else parse_share(shard)
        base, _, model = name.partition(":")
        if model and Path(model).is_dir():
            name = f"{base}:{Path(model).resolve()}"
        return cls(name, registry.make_encoder(name), share, fetch)

    def settings(self) -> dict[str, Any]:
        """Return what shapes the vectors besides the catalog."""
        fetched = {"fetched": True} if self.fetch else {}
        shared = {"share": "{}/{}".format(*self.share)} if self.share else {}
        return {"model_id": self.encoder.model_id, **fetched, **shared}


class Steps:
    """One run over one draft; each method is a step, and keeps what is fresh.

    Parameters
    ----------
    workspace : Workspace
        The collection's folder.
    draft : Draft
        Its next state.
    shown : bool
        Whether to show progress bars.
    fetcher : Fetcher or None
        What fetches pictures that lie on the web; ``None`` for one that asks public servers politely.
    """

    def __init__(
        self,
        workspace: Workspace,
        draft: Draft,
        *,
        shown: bool,
        fetcher: Fetcher | None = None,
    ) -> None:
        self.workspace = workspace
        self.draft = draft
        self.shown = shown
        self.fetcher = fetcher
        self.encoded: Embeddings | None = None
        self.problems: list[Problem] = []
        self.seconds: dict[str, float] = {}
        self.removed = 0

    def catalog(self, source: Source, wanted: Wanted | None, *, add: bool) -> Catalog:
        """Take steps 1 to 3 as far as works and pictures go: records → catalog, thumbnails and vectors."""
        source.settle(self.workspace.path(RAW) / source.name)
        previous = self._newest(lambda: Catalog.read(self.draft.checked(CATALOG)))
        # before anything is read: what is crawled meanwhile must not make the rest look younger
        origin, fingerprint = source.origin(), source.fingerprint()
        fresh = previous is not None and not add and self._catalog_is_fresh(origin, previous, fingerprint)
        if previous and fresh and (wanted is None or self._vectors_are_fresh(wanted, previous)):
            self._keep_failures()
            return previous
        read = previous if previous and fresh else self._read(source, previous)
        catalog = previous.merged(read) if previous and add else read
        changeable = set() if fresh else set(read.item_ids.tolist())
        catalog = self._with_pictures(catalog, previous, changeable, wanted, source.picture_rate)
        if previous:
            self.removed = len(set(previous.item_ids.tolist()) - set(catalog.item_ids.tolist()))
        settings = _catalog_settings(origin, catalog, fingerprint)
        if add:
            settings = {"added": True, "origins": told(self._origins_with(origin, previous, read))}
        with self.draft.write(CATALOG, rows=len(catalog), settings=settings) as path:
            catalog.write(path)
        return catalog

    @property
    def origins(self) -> list[Origin]:
        """Where the works come from."""
        entry = self.draft.entry(CATALOG)
        return origins_in(entry.settings) if entry else []

    def _origins_with(self, added: Origin, previous: Catalog | None, read: Catalog) -> list[Origin]:
        """Return the origins of what stays and of what is added; warn where the former is too old."""
        stays = set(() if previous is None else previous.item_ids.tolist()) - set(read.item_ids.tolist())
        sources = {str(item_id).partition(":")[0] for item_id in stays}
        kept = [origin for origin in self.origins if origin.source in sources]
        warn_of_stale(self.workspace, kept)
        return joined([*kept, added])

    def _vectors_are_fresh(self, wanted: Wanted, catalog: Catalog) -> bool:
        names = file_names(wanted.name)
        if self.draft.entry(names[0]) is None:
            return not any(_pictures(catalog, catalog, (), wanted))
        return self._all_kept(names, settings=wanted.settings(), parents=self._parents(CATALOG))

    def _catalog_is_fresh(self, origin: Origin, previous: Catalog, fingerprint: str | None) -> bool:
        """Whether source and picture files are as they were; what was left out may have been mended since."""
        left_out = self._newest(lambda: json.loads(self.draft.checked(PROBLEMS).read_bytes()))
        if left_out != [] or fingerprint is None:
            return False
        settings = _catalog_settings(origin, previous, fingerprint)
        return self.draft.keep(CATALOG, settings=settings, parents={})

    def _read(self, source: Source, previous: Catalog | None) -> Catalog:
        with self._step("catalog", "Reading records", source.count()) as bar:
            catalog = Catalog.from_records(_counted(source.fetch(), bar.update), previous=previous)
            self.problems += source.problems
            return catalog

    def _with_pictures(
        self,
        catalog: Catalog,
        previous: Catalog | None,
        changeable: Container[str],
        wanted: Wanted | None,
        rate: float,
    ) -> Catalog:
        """Read the pictures: make thumbnails, and vectors where they are wanted.

        What ``previous`` knows is not read again, unless it is a file of a work that may have changed.
        """
        pictures = list(_pictures(catalog, previous, changeable, wanted))
        if not pictures:
            self._keep_failures()
            return catalog
        fetch = wanted is not None and wanted.fetch
        journal = self.draft.root / FAILURES
        failures = Failures(journal, self._newest(lambda: self.draft.checked(FAILURES)))
        with (
            self._step("pictures", "Reading pictures", len(pictures)) as bar,
            self._fetching(rate) if fetch else nullcontext() as fetcher,
        ):
            if wanted:
                bar.set_postfix_str(wanted.encoder.runs_on)
            done = encode_pictures(
                pictures,
                self.workspace.root,
                wanted.encoder if wanted else None,
                self._shards(wanted) if wanted else None,
                fetcher=fetcher,
                failures=failures,
                progress=bar.update,
            )
        self.problems += done.problems
        self.encoded = done.embeddings
        if len(failures):
            with self.draft.write(FAILURES, rows=len(failures)) as path:
                failures.write(path)
        return catalog.with_thumbnails(done.made)

    def _keep_failures(self) -> None:
        """Keep what is known of pictures that cannot be had, where none is asked for."""
        self.draft.keep(FAILURES, settings={}, parents={})

    def _shards(self, wanted: Wanted) -> Shards:
        earlier = self._newest(lambda: self._embeddings(wanted.name))
        return Shards(
            self.draft.root / EMBEDDINGS / f"{wanted.name.partition(':')[0]}.shards",
            wanted.encoder.model_id,
            wanted.encoder.dim,
            earlier=() if earlier is None else (earlier,),
        )

    @contextmanager
    def _fetching(self, rate: float) -> Iterator[Fetcher]:
        if self.fetcher is not None:
            yield self.fetcher
            return
        with Fetcher(rate_per_host=rate, allow_private=allowed_by_environment()) as fetcher:
            yield fetcher

    def text_index(self, catalog: Catalog) -> None:
        """Take steps 3 and 4 for texts: documents → text index."""
        made_from: dict[str, Any] = {
            "settings": {"method": TextIndex.METHOD},
            "parents": self._parents(CATALOG),
        }
        if self._all_kept(TextIndex.FILES, **made_from):
            return
        with self._step("text index", "Indexing texts", len(catalog)) as bar:
            previous = self._newest(self._earlier_text_index)
            documents = _counted(catalog.documents(), bar.update)
            index = TextIndex.build(documents, previous=previous, progress=bar.set_postfix_str)
            bar.set_postfix_str("writing")
            index.save(partial(self.draft.write, **made_from))
            bar.set_postfix_str("")

    def _earlier_text_index(self) -> TextIndex | None:
        """Return the text index of an earlier build, unless a kill left files of two builds."""
        entries = [self.draft.entry(name) for name in TextIndex.FILES]
        made_from = {json.dumps(dict(entry.parents), sort_keys=True) for entry in entries if entry}
        return TextIndex.load(self.draft.checked) if len(made_from) == 1 else None

    def picture_index(self, wanted: Wanted, kind: str) -> int:
        """Take step 4 for pictures: vectors → embeddings and store; return how many there are."""
        made_from: dict[str, Any] = {"settings": wanted.settings(), "parents": self._parents(CATALOG)}
        if not self._all_kept(file_names(wanted.name), **made_from):
            if self.encoded is None or not len(self.encoded):
                return 0
            save_embeddings(self.encoded, wanted.name, partial(self.draft.write, **made_from))
        embeddings = self._embeddings(wanted.name)
        self.store(embeddings, wanted.name, kind)
        return len(embeddings)

    def store(self, embeddings: Embeddings, encoder: str, kind: str) -> None:
        """Put vectors into a store and write it."""
        store_class = file_store(kind)
        name = store_class.file_name(encoder)
        made_from: dict[str, Any] = {
            "settings": {"kind": kind, "model_id": embeddings.model_id},
            "parents": self._parents(*file_names(encoder)),
        }
        if self.draft.keep(name, **made_from):
            return
        with self._step("picture index", "Indexing pictures", len(embeddings)) as bar:
            store = store_class(embeddings.vectors.shape[1])
            store.upsert(embeddings)
            with self.draft.write(name, rows=len(embeddings), **made_from) as path:
                store.save(path)
            bar.update(len(embeddings))

    def _embeddings(self, encoder: str) -> Embeddings:
        return load_embeddings(encoder, model_of(self.draft.entry, encoder), self.draft.checked)

    def note_problems(self) -> None:
        """Write down what was left out, unless this run found everything fresh and has nothing to add."""
        if not self.seconds and self.draft.keep(PROBLEMS, settings={}, parents={}):
            return
        with self.draft.write(PROBLEMS, rows=len(self.problems)) as path:
            content = [asdict(problem) for problem in self.problems]
            path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")

    def _parents(self, *names: str) -> dict[str, str]:
        return {name: self.draft.sha256(name) for name in names}

    def _all_kept(
        self, names: Iterable[str], *, settings: Mapping[str, Any], parents: Mapping[str, str]
    ) -> bool:
        return all(self.draft.keep(name, settings=settings, parents=parents) for name in names)

    def _newest(self, read: Callable[[], T]) -> T | None:
        """Return what an earlier build made, as far as it can be read."""
        try:
            return read()
        except (ArtifactError, OSError, ValueError):
            return None

    @contextmanager
    def _step(self, name: str, shown_as: str, total: int | None) -> Iterator[tqdm[Any]]:
        start = time.perf_counter()
        with tqdm(desc=shown_as, total=total, disable=not self.shown, unit="", leave=True) as bar:
            yield bar
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start


def told(origins: Iterable[Origin]) -> list[dict[str, Any]]:
    """Return origins as JSON values."""
    return [asdict(origin) for origin in origins]


def warn_of_stale(workspace: Workspace, origins: Iterable[Origin]) -> None:
    """Warn of records that a collection holds longer than it may."""
    for origin in origins:
        if origin.stale:
            warnings.warn(
                f"Records of {origin.source} in {workspace.root} are older than the {origin.term_days} days "
                "they may be kept. Crawl and build them again, or remove them with `ham purge --built`.",
                DataWarning,
                stacklevel=2,
            )


def _catalog_settings(origin: Origin, catalog: Catalog, fingerprint: str | None) -> dict[str, Any]:
    """Return what a catalog depends on."""
    return {
        "origins": told([origin]),
        "fingerprint": fingerprint,
        "rules": RULES,
        "pictures": _state_of_files(
            original.picture for original in catalog.originals() if original.is_local
        ),
    }


def _pictures(
    catalog: Catalog,
    previous: Catalog | None,
    changeable: Container[str],
    wanted: Wanted | None,
) -> Iterator[Picture]:
    """Yield the pictures to read, with what is known of them."""
    known = {} if previous is None else previous.picture_hashes()
    before = () if previous is None or not known else previous.originals()
    at = {old.picture: known[old.item_id][1] for old in before if old.item_id in known}
    for original in catalog.originals():
        if wanted and wanted.share and not in_share(original.item_id, wanted.share):
            continue
        if original.is_local:
            content = "" if original.item_id in changeable else known.get(original.item_id, ("", ""))[1]
        elif wanted:
            content = at.get(original.picture, "")
            if not (content or wanted.fetch):
                continue
        else:
            continue
        yield Picture(original.item_id, original.picture, original.copies_allowed, content)


def _state_of_files(paths: Iterable[str]) -> str:
    """Return a digest of the sizes and times of files."""
    digest = hashlib.sha256()
    for path in paths:
        try:
            stat = Path(path).stat()
            digest.update(f"{path}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
        except OSError:
            digest.update(f"{path}\0gone\n".encode())
    return digest.hexdigest()


def _counted(records: Iterable[T], advance: Callable[[float | None], object]) -> Iterator[T]:
    for record in records:
        yield record
        advance(1)


def remove_unused_thumbnails(workspace: Workspace, catalog: Catalog) -> None:
    """Delete the thumbnails that no work of the catalog shows."""
    used = {workspace.path(name) for name in catalog.pictures().thumbnails}
    for path in workspace.path(PICTURES).glob("*/*"):
        if path not in used:
            path.unlink(missing_ok=True)
