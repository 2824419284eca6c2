"""Step 3 for texts, where a sentence encoder is named: documents → ``3-embeddings/sentences.*``.

Each vector belongs to the digest of a document. A build that names no sentence encoder keeps those that are
still true, and a build that was killed goes on where it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from ham_recommend.builder.run import Run, readable
from ham_recommend.encode.base import TextEncoder
from ham_recommend.encode.journal import VectorJournal
from ham_recommend.encode.sentences import sentences_of
from ham_recommend.records import Document, Embeddings
from ham_recommend.vectors import file_names, load_embeddings, save_embeddings
from ham_recommend.workspace import EMBEDDINGS, SENTENCES, WORKS, Workspace

_BATCH = 256
"""Texts that are encoded between two writes: a kill loses no more."""


def write_sentences(run: Run, encoder: TextEncoder | None, name: str) -> None:
    """Encode what works say, as far as it has not been encoded yet.

    Parameters
    ----------
    run : Run
        The build.
    encoder : TextEncoder or None
        What encodes; ``None`` to keep those vectors that are still true.
    name : str
        The encoder's name.
    """
    files = file_names(SENTENCES)
    before = run.draft.before.files.get(files[0])
    if encoder is not None:
        made_from = _made_from(run, {"encoder": name, "model_id": encoder.model_id}, lacking=0)
        if not run.draft.keep(*files, **made_from):
            _renew(run, encoder, made_from)
    elif before is not None:
        _fit(run, before.settings)


def _renew(run: Run, encoder: TextEncoder, made_from: dict[str, Any]) -> None:
    """Encode every document that no earlier build has, nor the one that was stopped."""
    before = run.draft.before.files.get(file_names(SENTENCES)[0])
    same = before is not None and before.settings.get("model_id") == encoder.model_id
    earlier = readable(lambda: _earlier(run, encoder.model_id)) if same else None
    folder = run.draft.own(f"{EMBEDDINGS}/{SENTENCES}.journal")
    held = [earlier] if earlier is not None else []
    journal = VectorJournal(folder, encoder.model_id, encoder.dim, earlier=held)
    documents = _documents(run)
    _encode(run, encoder, journal, [each for each in documents if each.digest not in journal])
    known = {each.item_id: each.digest for each in documents}
    save_embeddings(journal.embeddings(known), SENTENCES, partial(run.draft.write, **made_from))


def _fit(run: Run, settings: Mapping[str, Any]) -> None:
    """Bring the vectors of an earlier build into line with the catalog, without encoding anything."""
    files, model_id = file_names(SENTENCES), str(settings.get("model_id"))
    earlier = readable(lambda: _earlier(run, model_id))
    if earlier is None or earlier.contents is None:
        run.draft.remove(*files)
        return
    row_of = {content: row for row, content in enumerate(earlier.contents.tolist())}
    documents = _documents(run)
    known = [each for each in documents if each.digest in row_of]
    made_from = _made_from(run, settings, lacking=len(documents) - len(known))
    if not run.draft.keep(*files, **made_from):
        rows = [row_of[each.digest] for each in known]
        ids = np.array([each.item_id for each in known], dtype=object)
        kept = Embeddings(ids, earlier.vectors[rows], model_id, earlier.contents[rows])
        save_embeddings(kept, SENTENCES, partial(run.draft.write, **made_from))


def _made_from(run: Run, settings: Mapping[str, Any], *, lacking: int) -> dict[str, Any]:
    """Return what the files say they were made from; how many works lack a vector, where any do."""
    kept = {name: settings[name] for name in ("encoder", "model_id")}
    lack = {"lacking": lacking} if lacking else {}
    return {"settings": {**kept, **lack}, "parents": run.draft.sha256(WORKS)}


def _earlier(run: Run, model_id: str) -> Embeddings:
    return load_embeddings(SENTENCES, model_id, run.draft.committed)


def _documents(run: Run) -> list[Document]:
    """Return the documents that say anything."""
    return [each for each in run.works().documents() if sentences_of(each)]


def _encode(run: Run, encoder: TextEncoder, journal: VectorJournal, documents: Sequence[Document]) -> None:
    with run.step("sentences", "Encoding texts", len(documents)) as bar:
        for start in range(0, len(documents), _BATCH):
            batch = documents[start : start + _BATCH]
            vectors = encoder.encode_texts([sentences_of(document) for document in batch])
            journal.add([document.digest for document in batch], vectors, {})
            bar.update(len(batch))


def merge_sentences(run: Run, parts: Sequence[Workspace]) -> None:
    """Join the vectors of texts of several collections, where all of them have such of one model."""
    files = file_names(SENTENCES)
    run.draft.remove(*files)
    entries = [part.manifest.files.get(files[0]) for part in parts]
    models = {None if entry is None else str(entry.settings.get("model_id")) for entry in entries}
    model_id, *others = models
    if others or model_id is None or entries[0] is None:
        return
    every = [load_embeddings(SENTENCES, model_id, part.checked) for part in parts]
    folder = run.draft.own(f"{EMBEDDINGS}/{SENTENCES}.merging")
    journal = VectorJournal(folder, model_id, int(every[0].vectors.shape[1]), earlier=every)
    documents = _documents(run)
    known = {each.item_id: each.digest for each in documents if each.digest in journal}
    made_from = _made_from(run, entries[0].settings, lacking=len(documents) - len(known))
    save_embeddings(journal.embeddings(known), SENTENCES, partial(run.draft.write, **made_from))
