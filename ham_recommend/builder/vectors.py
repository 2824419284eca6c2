"""Step 3 for the encoders that a build does not ask: their vectors stay, as far as they still tell the truth.

A vector belongs to the content of a picture. Those of works that are gone or show another picture now are
left out; works that came since lack one until a build asks their encoder again.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ham_recommend.builder.run import Run
from ham_recommend.catalog.thumbnails import Thumbnails
from ham_recommend.errors import ArtifactError, DataWarning
from ham_recommend.manifest import EncoderFacts
from ham_recommend.records import Embeddings
from ham_recommend.vectors import file_names, load_embeddings, save_embeddings
from ham_recommend.workspace import THUMBNAILS


def fit_vectors(run: Run, *, but: str | None) -> None:
    """Bring the vectors of earlier encoders into line with the thumbnails, without encoding anything.

    Parameters
    ----------
    run : Run
        The build.
    but : str or None
        The set of vectors that this build makes itself.
    """
    earlier = {name: made for name, made in run.draft.before.facts.encoders.items() if name != but}
    contents = Thumbnails.read(run.draft.made(THUMBNAILS)).contents() if earlier else {}
    for name, made in earlier.items():
        _fit(run, name, made, contents)


def _fit(run: Run, name: str, made: EncoderFacts, contents: Mapping[str, str]) -> None:
    try:
        embeddings = load_embeddings(name, made.model_id, run.draft.committed)
    except ArtifactError:
        run.draft.remove(*file_names(name))
        warnings.warn(
            f"The vectors of {made.name} in {run.workspace.root} are damaged and were left out. "
            f"To have them again, {made.again}.",
            DataWarning,
            stacklevel=2,
        )
        return
    true = _still_true(embeddings, contents)
    lacking = len(contents) - int(true.sum())
    settings = {"model_id": made.model_id, **({"lacking": lacking} if lacking else {})}
    made_from: dict[str, Any] = {"settings": settings, "parents": run.draft.sha256(THUMBNAILS)}
    if not true.any():
        run.draft.remove(*file_names(name))
    elif true.all():
        run.draft.carry(*file_names(name), **made_from)
    elif not run.draft.keep(*file_names(name), **made_from):
        save_embeddings(_rows(embeddings, true), name, partial(run.draft.write, **made_from))


def _still_true(embeddings: Embeddings, contents: Mapping[str, str]) -> npt.NDArray[np.bool_]:
    """Return which vectors are of what their work shows now, shape (n,)."""
    if embeddings.contents is None:
        return np.zeros(len(embeddings), dtype=np.bool_)
    pairs = zip(embeddings.item_ids.tolist(), embeddings.contents.tolist(), strict=True)
    return np.array([contents.get(item_id) == content for item_id, content in pairs], dtype=np.bool_)


def _rows(embeddings: Embeddings, chosen: npt.NDArray[np.bool_]) -> Embeddings:
    contents = None if embeddings.contents is None else embeddings.contents[chosen]
    return Embeddings(embeddings.item_ids[chosen], embeddings.vectors[chosen], embeddings.model_id, contents)
