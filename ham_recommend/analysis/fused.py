"""One vector of looks and date: blocks put side by side, so that a product is a weighted sum of likenesses.

``√α·clip ⊕ √β·time ⊕ √γ·style``: each block is centred and of unit length, and the weights sum to 1; so the
whole is of unit length, the product of two works is ``α·clip + β·time + γ·style``, and any store can hold
it. The block of time is a radial basis over the interval of the date: works of the same decade are alike,
those centuries apart are not, and a vague date is a little like many.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import erf

from ham_recommend.analysis.checks import is_number
from ham_recommend.analysis.dates import Dates
from ham_recommend.analysis.stored import refuse_unfinished
from ham_recommend.errors import SettingsError
from ham_recommend.index.stores import file_store
from ham_recommend.manifest import FUSED, EncoderFacts
from ham_recommend.records import Embeddings, Vectors
from ham_recommend.vectors import file_names, load_embeddings, save_embeddings
from ham_recommend.workspace import CATALOG, THUMBNAILS

if TYPE_CHECKING:
    from ham_recommend.recommend.recommender import Recommender

TIME = "time"
STEP = 25.0
"""Years between the centres of the basis."""
WIDTH = 50.0
"""Standard deviation of each basis function, in years."""
MOST_CENTRES = 256


def fused(recommender: Recommender, weights: Mapping[str, float]) -> Embeddings:
    """Join the vectors of several encoders, and the date, into one vector per work.

    Parameters
    ----------
    recommender : Recommender
        The collection.
    weights : mapping of str to float
        Encoder, or ``"time"`` → its weight: ``{"clip": 0.6, "time": 0.2, "style": 0.2}``. They are divided by
        their sum.

    Returns
    -------
    Embeddings
        Unit length, of the works that have every block: a work without a date has no block of time.

    Raises
    ------
    SettingsError
        There are no such vectors, a weight is no positive number, fewer than two blocks are given, or fewer
        than two works have all of them.
    """
    shares = _checked(weights)
    workspace, facts = recommender.workspace, recommender.workspace.manifest.facts
    held: dict[str, Embeddings] = {}
    for name in shares:
        if name != TIME:
            key = facts.encoder_named(name)
            if key is None:
                raise SettingsError("Name the encoders whose vectors are to be joined.")
            held[name] = load_embeddings(key, facts.encoders[key].model_id, workspace.checked)
    frame = recommender.catalog.to_frame()
    ids = set(frame.index)
    for embeddings in held.values():
        ids &= set(embeddings.item_ids.tolist())
    if TIME in shares:
        dated = frame["year_begin"].notna() & frame["year_end"].notna()
        ids &= set(frame.index[dated])
    order = np.array(sorted(ids), dtype=object)
    if len(order) < 2:
        raise SettingsError(f"Fewer than two works have all of: {', '.join(shares)}. Leave one out.")
    blocks = []
    for name, share in shares.items():
        if name == TIME:
            rows = frame.loc[order.tolist()]
            block = time_block(
                Dates.of(rows["year_begin"].astype(float), rows["year_end"].astype(float), 1.0)
            )
        else:
            place = {item_id: at for at, item_id in enumerate(held[name].item_ids.tolist())}
            block = np.asarray(held[name].vectors[[place[item_id] for item_id in order.tolist()]])
        blocks.append(np.float32(np.sqrt(share)) * unit_block(block))
    contents = None
    first = next(iter(held.values()), None)
    if first is not None and first.contents is not None:
        known = dict(zip(first.item_ids.tolist(), first.contents.tolist(), strict=True))
        contents = np.array([known[item_id] for item_id in order.tolist()], dtype=object)
    parts = [f"{name} {share:.4g}" for name, share in shares.items()]
    made = [f"{name}={each.model_id}" for name, each in held.items()]
    vectors = np.concatenate(blocks, axis=1).astype(np.float32)
    # a block without length, such as one picture that is the very average, must not leave a vector short
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return Embeddings(order, vectors, f"{FUSED} {' + '.join(parts)} of {', '.join(made)}", contents)


def fuse(recommender: Recommender, weights: Mapping[str, float], *, name: str = "fused") -> int:
    """Put fused vectors into a collection, beside those of its encoders.

    ``Recommender.load(path, encoder="fused")`` and ``--encoder fused`` then answer by them.

    Parameters
    ----------
    recommender : Recommender
        The collection.
    weights : mapping of str to float
        As in :func:`fused`.
    name : str
        What the vectors are called; that of no encoder.

    Returns
    -------
    int
        How many works have one.

    Raises
    ------
    SettingsError
        As in :func:`fused`, or the name is that of an encoder.
    ArtifactError
        The folder cannot be written, or a build in it was cut short.
    """
    from ham_recommend import registry

    plain = name.replace("-", "").replace("_", "")
    if not (plain.isascii() and plain.isalnum()) or name in (
        *registry.known("encoder"),
        TIME,
        "none",
        "text",
    ):
        raise SettingsError(f"Fused vectors need a name of their own of letters and digits, not {name!r}.")
    embeddings = fused(recommender, weights)
    workspace = recommender.workspace
    with workspace.draft() as draft:
        refuse_unfinished(workspace, draft)
        stand = draft.before
        parents = {each: stand.files[each].sha256 for each in (CATALOG, THUMBNAILS) if each in stand.files}
        write = partial(draft.write, settings={"model_id": embeddings.model_id}, parents=parents)
        save_embeddings(embeddings, name, write)
        store = file_store("flat")(embeddings.vectors.shape[1])
        store.upsert(embeddings)
        made_from = draft.sha256(*file_names(name))
        with draft.write(store.file_name(name), rows=len(embeddings), parents=made_from) as path:
            store.save(path)
        facts = EncoderFacts(name, embeddings.model_id, len(embeddings), reads_words=False, store="flat")
        draft.commit(replace(stand.facts, encoders={**stand.facts.encoders, name: facts}))
    return len(embeddings)


def unit_block(block: Vectors) -> Vectors:
    """Return a block with its mean taken off and its rows of unit length."""
    rest = block - block.mean(axis=0)
    lengths = np.linalg.norm(rest, axis=1, keepdims=True)
    unit: Vectors = (rest / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)
    return unit


def time_block(dates: Dates) -> Vectors:
    """Return a radial basis over the intervals of dates: each basis function's mean over the interval.

    Returns
    -------
    ndarray of float32, shape (n, centres)
        0 to 1. Centres stand every 25 years from the first to the last, at most 256.
    """
    first, last = float(dates.begin.min()), float(dates.end.max())
    count = int(np.clip(np.ceil((last - first) / STEP) + 1, 2, MOST_CENTRES))
    centres = np.linspace(first, last, count)
    width = max(WIDTH, (last - first) / count * (WIDTH / STEP))
    ends = [erf((year[:, None] - centres) / (width * np.sqrt(2))) for year in (dates.begin, dates.end)]
    area = width * np.sqrt(np.pi / 2) * (ends[1] - ends[0])
    mean: Vectors = (area / (dates.end - dates.begin)[:, None]).astype(np.float32)
    return mean


def _checked(weights: Mapping[str, float]) -> dict[str, float]:
    for name, weight in weights.items():
        if not is_number(weight, 1e-9, 1e9):
            raise SettingsError(f"The weight of {name} is a positive number, not {weight!r}.")
    if len(weights) < 2:
        raise SettingsError('Fused vectors need two blocks at least, such as {"style": 0.8, "time": 0.2}.')
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()}
