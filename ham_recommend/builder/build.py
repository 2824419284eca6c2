"""Run the steps into a workspace: read a source, clean it, read its pictures, encode them, index all of it.

Each step reads the files of those before it and writes its own. Only what is stale is done again, and a build
that was killed goes on where it was. Whatever happens, the workspace shows either the state before or the
state after, never a mixture.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ham_recommend import registry
from ham_recommend.builder.facts import facts_of, write_problems
from ham_recommend.builder.indexes import (
    fill_stores,
    prepare_stores,
    settled_store,
    write_picture_index,
    write_text_index,
)
from ham_recommend.builder.on_ray import check_cluster
from ham_recommend.builder.pictures import Wanted, write_catalog, write_pictures
from ham_recommend.builder.removal import remove_tiles, sweep
from ham_recommend.builder.run import Progress, Run
from ham_recommend.builder.sentences import write_sentences
from ham_recommend.builder.texts import fill_text_store, prepare_texts, write_known_texts
from ham_recommend.builder.vectors import fit_vectors
from ham_recommend.builder.works import count_removed, write_works
from ham_recommend.encode.base import TextEncoder
from ham_recommend.errors import SettingsError
from ham_recommend.index.addresses import is_url
from ham_recommend.index.stores import check_store, remembered, with_own_stores
from ham_recommend.index.text_stores import address_of, check_text_store, remembered_texts, texts_in
from ham_recommend.manifest import EncoderFacts, Facts, Origin, PastBuild
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
    origins : tuple of Origin
        Where the works come from, and which of its columns became which field.
    notes : tuple of str
        What a person should know of how the source was read, such as an encoding that was guessed.
    """

    workspace: Path
    works: int
    pictures: int
    problems: tuple[Problem, ...]
    seconds: Mapping[str, float]
    removed: int = 0
    origins: tuple[Origin, ...] = ()
    notes: tuple[str, ...] = ()


def build(
    source: Source,
    out: str | os.PathLike[str],
    *,
    image_encoder: str | None = "style",
    text_encoder: str | None = None,
    store: str | None = None,
    text_store: str | None = None,
    add: bool = False,
    renew: bool = False,
    shard: str | None = None,
    fetch_pictures: bool = False,
    fetch_models: bool = True,
    fetcher: Fetcher | None = None,
    on: str | None = None,
    gpus: float = 0.0,
    progress: bool | Progress = True,
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
    text_encoder : str or None
        Also encode what works say, so that searches are ordered by what sentences mean: ``"sentences"``, with
        any model after a colon (``"sentences:intfloat/multilingual-e5-small"``). ``None`` keeps what an
        earlier build encoded, as far as it is still true.
    store : str or None
        How picture vectors are kept: ``"flat"`` (exact), ``"fp16"``, ``"hnsw"``, ``"ivf"``, ``"ivfpq"`` or
        ``"exact"``; ``"auto"`` for what suits their number and the memory here, with a note why; or the
        address of a database, such as ``"postgresql://…"``, which is filled. Its password is not kept.
        ``None`` for what keeps them already, and ``"flat"`` where nothing does.
    text_store : str or None
        Where searches by words find what works say and mean: ``"files"`` of the collection; or the address of
        a Milvus from 2.4 on, such as ``"milvus://…"`` or ``"milvus+lite:"``, which is filled, so that whoever
        answers keeps only what does not grow with the texts. The files stay, for builds. ``None`` for as it
        is, and ``"files"`` at first.
    add : bool
        Keep the works that are there already, and add or replace those of the source.
    renew : bool
        With ``add``: those go that an earlier build took from a source of this name and that it has no more.
    shard : str or None
        Read only this share of the pictures: ``"2/5"``, the second of five. So five machines share the work;
        :func:`ham_recommend.builder.merge.merge` joins what they made.
    fetch_pictures : bool
        Also fetch pictures that lie on the web, to encode them. It is done politely, and so takes long: at
        five a second, the usual rate for a server, some six hours for 100,000.
    fetch_models : bool
        Also download a model that is not here, and ask any server for vectors (``"remote:…"``): only where a
        person named the encoders, not a collection that may come from anybody.
    fetcher : Fetcher or None
        What fetches pictures; by default one that asks public servers only.
    on : str or None
        Have a cluster encode the pictures: ``"ray"`` for the one that ``RAY_ADDRESS`` names or else one
        started on this machine now, ``"ray://head:10001"`` for another. This machine alone reads, fetches and
        writes, at the same pace for a museum's server; the collection is the same.
    gpus : float
        How much of a GPU a share of pictures takes there: 1, or 0.25 to encode four at once on each.
    progress : bool or callable
        Show a progress bar for each step on standard error; or what is told instead: what is done, how many
        of it are, and of how many, or ``None``.

    Returns
    -------
    BuildReport
        What was done and what was left out.

    Raises
    ------
    SettingsError
        An unknown encoder, store or cluster, or a shard that cannot be.
    MissingExtraError, EncodeError
        The encoder or Ray cannot be loaded here; the message says what it lacks.
    ClusterError
        The cluster is out of reach or broke off; the same build goes on from there.
    SourceError
        The source cannot be read; the collection stays as it was.
    ArtifactError
        The folder cannot be written, or another build is at work in it.
    """
    wanted = None
    if on is not None:
        check_cluster(on, gpus)
    elif gpus:
        raise SettingsError("GPUs are those of a cluster: say which with --on ray or --on ray://host:port.")
    if image_encoder not in (None, "none"):
        wanted = Wanted.of(
            str(image_encoder), shard, fetch=fetch_pictures, fetch_model=fetch_models, on=on, gpus=gpus
        )
    elif shard is not None:
        raise SettingsError("A shard is a share of the pictures; without an image encoder none are read.")
    elif on is not None:
        raise SettingsError("A cluster encodes pictures; without an image encoder none are read.")
    if store is not None:
        check_store(store)
    if text_store is not None:
        check_text_store(text_store)
    reader = None if text_encoder is None else registry.make_text_encoder(text_encoder, fetch=fetch_models)
    workspace = Workspace(out)
    with workspace.draft() as draft:
        told = progress if callable(progress) else None
        run = Run(workspace, draft, shown=progress is True, told=told, adds=add)
        before = draft.before.facts
        store = store or _store_before(before, wanted)
        texts = texts_in(draft.before.files) if text_store is None else address_of(text_store)
        command = _command(
            source, image_encoder, text_encoder, store, shard, texts=texts, add=add, fetch=fetch_pictures
        )
        write_works(run, source, add=add, renew=renew)
        write_pictures(run, wanted, add=add, rate=source.picture_rate, fetcher=fetcher)
        write_catalog(run)
        fit_vectors(run, but=wanted.vectors if wanted else None)
        write_sentences(run, reader, text_encoder or "")
        write_text_index(run, wanted.vectors if wanted else before.encoder)
        write_known_texts(run, texts)
        if wanted is not None:
            store = settled_store(run, wanted.vectors, store)
        encoders = _encoders(before, wanted, store)
        for name, encoder in encoders.items():
            write_picture_index(run, name, encoder.store)
        write_problems(run)
        shown = wanted.vectors if wanted else before.encoder
        facts = facts_of(run, encoders, shown)
        build = PastBuild(command, wanted.vectors if wanted else "")
        facts = replace(facts, builds=_builds(before, facts, build, add=add))
        removed = count_removed(run)
        if removed:
            remove_tiles(draft)
        addresses = _addresses(encoders, wanted, store)
        _prepare(run, addresses, texts)
        draft.commit(facts)
        sweep(workspace)
        _fill(run, addresses, texts)
    made = facts.encoders.get(wanted.vectors) if wanted else None
    return BuildReport(
        workspace.root,
        facts.works,
        made.pictures if made else 0,
        tuple(run.problems),
        run.seconds,
        removed,
        facts.origins,
        _notes(facts, run),
    )


def _prepare(run: Run, addresses: Mapping[str, str], texts: str) -> None:
    """Put what is new into databases, before it counts."""
    prepare_stores(run, addresses)
    prepare_texts(run, texts)


def _fill(run: Run, addresses: Mapping[str, str], texts: str) -> None:
    """Make databases hold what has been committed, and nothing else."""
    fill_stores(run, addresses)
    fill_text_store(run, texts)


def _notes(facts: Facts, run: Run) -> tuple[str, ...]:
    """Return what is to be known of the columns, also where none was read now, and of the rows."""
    of_columns = (note for origin in facts.origins if origin.columns for note in origin.columns.notes)
    return tuple(dict.fromkeys([*of_columns, *run.notes]))


def _store_before(before: Facts, wanted: Wanted | None) -> str:
    """Return what keeps the vectors that are wanted already."""
    made = None if wanted is None else with_own_stores(before.encoders).get(wanted.vectors)
    return "flat" if made is None else made.store


def _encoders(before: Facts, wanted: Wanted | None, store: str) -> dict[str, EncoderFacts]:
    """Return whose vectors there may be: those of earlier builds, and of this one."""
    earlier = with_own_stores(before.encoders)
    if wanted is None:
        return earlier
    reads_words = isinstance(wanted.encoder, TextEncoder)
    encoder = wanted.encoder
    made = EncoderFacts(
        wanted.name, encoder.model_id, 0, reads_words, remembered(store), encoder.near_duplicates
    )
    return {**earlier, wanted.vectors: made}


def _addresses(encoders: Mapping[str, EncoderFacts], wanted: Wanted | None, store: str) -> dict[str, str]:
    """Return the sets of vectors that lie in stores behind addresses; the one given now has its password."""
    addresses = {name: encoder.store for name, encoder in encoders.items() if is_url(encoder.store)}
    if wanted is not None and wanted.vectors in addresses:
        addresses[wanted.vectors] = store
    return addresses


def _builds(before: Facts, now: Facts, build: PastBuild, *, add: bool) -> tuple[PastBuild, ...]:
    """Return what makes the collection from now on: what was added to, and what made other vectors, stays."""
    others = now.encoders.keys() - {build.encoder}
    stay = (past for past in before.builds if past != build and (add or past.encoder in others))
    return (*stay, build)


def _command(
    source: Source,
    image_encoder: str | None,
    text_encoder: str | None,
    store: str,
    shard: str | None,
    *,
    texts: str,
    add: bool,
    fetch: bool,
) -> str:
    """Return the command that does this build again, but for ``--out``."""
    options = {
        "--image-encoder": image_encoder or "none",
        "--text-encoder": text_encoder,
        "--store": remembered(store),
        "--text-store": remembered_texts(texts),
        "--shard": shard,
    }
    usual = {"--image-encoder": "style", "--store": "flat"}
    given = [
        f"{name} {shlex.quote(value)}"
        for name, value in options.items()
        if value and value != usual.get(name)
    ]
    switches = [name for name, on in (("--add", add), ("--fetch-pictures", fetch)) if on]
    return " ".join(["ham build", source.command(), *given, *switches])
