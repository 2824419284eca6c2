"""Names of sources, encoders, stores and strategies → their classes, imported on first use.

To add a built-in one, add a line to the table here; a plugin adds an entry point to one of the groups
``ham_recommend.sources``, ``ham_recommend.encoders``, ``ham_recommend.stores``, ``ham_recommend.strategies``.
A store that lives behind an address is named by the address's scheme.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, Literal

from ham_recommend.errors import SettingsError

Kind = Literal["source", "encoder", "store", "strategy"]

_GROUPS: dict[Kind, str] = {
    "source": "ham_recommend.sources",
    "encoder": "ham_recommend.encoders",
    "store": "ham_recommend.stores",
    "strategy": "ham_recommend.strategies",
}

BUILT_IN: dict[Kind, dict[str, str]] = {
    "source": {
        "sample": "ham_recommend.sample_museum.source:SampleSource",
        "table": "ham_recommend.sources.table:TableSource",
        "folder": "ham_recommend.sources.folder:FolderSource",
        "harvard": "ham_recommend.sources.harvard:HarvardSource",
        "met": "ham_recommend.sources.met:MetSource",
        "artic": "ham_recommend.sources.artic:ArticSource",
        "cleveland": "ham_recommend.sources.cleveland:ClevelandSource",
        "smk": "ham_recommend.sources.smk:SmkSource",
    },
    "encoder": {
        "style": "ham_recommend.encode.style:StyleEncoder",
        "colour": "ham_recommend.encode.colour:ColourEncoder",
        "clip": "ham_recommend.encode.clip:ClipEncoder",
    },
    "store": {
        "exact": "ham_recommend.index.exact:ExactStore",
        "flat": "ham_recommend.index.faiss_store:FlatStore",
        "fp16": "ham_recommend.index.faiss_store:Fp16Store",
        "hnsw": "ham_recommend.index.faiss_store:HnswStore",
        "ivf": "ham_recommend.index.faiss_store:IvfStore",
    },
    "strategy": {
        "interleave": "ham_recommend.recommend.strategies:Interleave",
        "mean": "ham_recommend.recommend.strategies:Mean",
    },
}


def known(kind: Kind) -> list[str]:
    """Return the names of a kind, built-in and plugged in, sorted."""
    return sorted({*BUILT_IN[kind], *_plugins(kind)})


def load(kind: Kind, name: str) -> Any:
    """Import the class behind a name.

    Parameters
    ----------
    kind : {"source", "encoder", "store", "strategy"}
        What is looked for.
    name : str
        A name from :func:`known`.

    Raises
    ------
    SettingsError
        No such name; the message lists the known ones.
    """
    target = BUILT_IN[kind].get(name)
    if target is not None:
        module, _, attribute = target.partition(":")
        return getattr(import_module(module), attribute)
    plugins = _plugins(kind)
    if name in plugins:
        return plugins[name].load()
    raise SettingsError.unknown(kind, name, known(kind))


def make_encoder(name: str) -> Any:
    """Make an encoder.

    Parameters
    ----------
    name : str
        A name from :func:`known`, and after a colon which model it should load, where it can load several:
        ``"clip:openai/clip-vit-large-patch14"``, ``"clip:models/my-clip"``.

    Raises
    ------
    SettingsError
        No such name, no model after the colon, or it has no models to choose from.
    MissingExtraError, EncodeError
        It cannot be loaded here; the message says what it lacks.
    """
    base, colon, model = name.partition(":")
    encoder = load("encoder", base)
    if not colon:
        return encoder()
    if not model:
        raise SettingsError(f"The encoder {name!r} names no model after the colon.")
    if not getattr(encoder, "takes_model", False):
        raise SettingsError(f"The encoder {base!r} has no models to choose from; leave {':' + model!r} out.")
    return encoder(model)


def _plugins(kind: Kind) -> dict[str, Any]:
    return {point.name: point for point in entry_points(group=_GROUPS[kind])}
