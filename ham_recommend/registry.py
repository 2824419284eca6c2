"""Names of sources, encoders, stores, strategies and methods → their classes, imported on first use.

To add a built-in one, add a line to the table here. A package of its own adds an entry point to the group of
its kind (:data:`GROUPS`); a name that is taken here stays what it is. A store that lives behind an address is
named by the address's scheme.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, cast, overload
from weakref import WeakValueDictionary

from ham_recommend.errors import SettingsError

if TYPE_CHECKING:
    from ham_recommend.encode.base import ImageEncoder, TextEncoder
    from ham_recommend.evaluate.methods import Method
    from ham_recommend.index.base import VectorStore
    from ham_recommend.recommend.strategies import Strategy
    from ham_recommend.sources.base import Source

Kind = Literal["source", "encoder", "store", "strategy", "method", "text_encoder"]

BUILT_IN: dict[Kind, dict[str, str]] = {
    "source": {
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
        "remote": "ham_recommend.encode.remote:RemoteEncoder",
    },
    "store": {
        "exact": "ham_recommend.index.exact:ExactStore",
        "flat": "ham_recommend.index.faiss_store:FlatStore",
        "fp16": "ham_recommend.index.faiss_store:Fp16Store",
        "hnsw": "ham_recommend.index.faiss_nearby:HnswStore",
        "ivf": "ham_recommend.index.faiss_nearby:IvfStore",
        "ivfpq": "ham_recommend.index.faiss_nearby:IvfPqStore",
        "postgresql": "ham_recommend.index.pgvector_store:PgvectorStore",
        "postgres": "ham_recommend.index.pgvector_store:PgvectorStore",
        "postgresql+embedded": "ham_recommend.index.pgvector_store:PgvectorStore",
        "milvus": "ham_recommend.index.milvus_store:MilvusStore",
        "milvus+lite": "ham_recommend.index.milvus_store:MilvusStore",
    },
    "strategy": {
        "interleave": "ham_recommend.recommend.strategies:Interleave",
        "mean": "ham_recommend.recommend.strategies:Mean",
        "each": "ham_recommend.recommend.strategies:Each",
        "best_score": "ham_recommend.recommend.strategies:BestScore",
    },
    "text_encoder": {
        "sentences": "ham_recommend.encode.sentences:SentenceEncoder",
    },
    "method": {
        "ham": "ham_recommend.evaluate.methods:Ours",
        "words": "ham_recommend.evaluate.methods:Words",
        "meaning": "ham_recommend.evaluate.methods:Meaning",
        "notebook": "ham_recommend.evaluate.methods:Notebook",
        "tfidf": "ham_recommend.evaluate.methods:PlainTfidf",
        "bm25": "ham_recommend.evaluate.methods:Bm25",
    },
}

BASES: dict[Kind, str] = {
    "source": "ham_recommend.sources.base:Source",
    "encoder": "ham_recommend.encode.base:ImageEncoder",
    "store": "ham_recommend.index.base:VectorStore",
    "strategy": "ham_recommend.recommend.strategies:Strategy",
    "method": "ham_recommend.evaluate.methods:Method",
    "text_encoder": "ham_recommend.encode.base:TextEncoder",
}
"""What each class of a kind inherits from."""

GROUPS: dict[Kind, str] = {
    "source": "ham_recommend.sources",
    "encoder": "ham_recommend.encoders",
    "store": "ham_recommend.stores",
    "strategy": "ham_recommend.strategies",
    "method": "ham_recommend.methods",
    "text_encoder": "ham_recommend.text_encoders",
}
"""The entry points under which plugins name their classes."""


def known(kind: Kind) -> list[str]:
    """Return the names of a kind, built-in and plugged in, sorted; nothing is imported."""
    return sorted({*BUILT_IN[kind], *_plugins(kind)})


@overload
def load(kind: Literal["source"], name: str) -> type[Source]: ...
@overload
def load(kind: Literal["encoder"], name: str) -> type[ImageEncoder]: ...
@overload
def load(kind: Literal["store"], name: str) -> type[VectorStore]: ...
@overload
def load(kind: Literal["strategy"], name: str) -> type[Strategy]: ...
@overload
def load(kind: Literal["method"], name: str) -> type[Method]: ...
@overload
def load(kind: Literal["text_encoder"], name: str) -> type[TextEncoder]: ...
def load(kind: Kind, name: str) -> type:
    """Import the class behind a name.

    Parameters
    ----------
    kind : {"source", "encoder", "store", "strategy", "method", "text_encoder"}
        What is looked for.
    name : str
        A name from :func:`known`.

    Raises
    ------
    SettingsError
        No such name, with the known ones in the message, the nearest first; or a plugin that cannot be
        loaded or is of another kind, with the package it comes from.
    """
    if name in BUILT_IN[kind]:
        return _imported(BUILT_IN[kind][name])
    plugins = _plugins(kind)
    if name not in plugins:
        raise SettingsError.unknown(kind, name, known(kind))
    return _plugged_in(kind, plugins[name])


def make_encoder(name: str, *, fetch: bool = True) -> ImageEncoder:
    """Make an encoder.

    Parameters
    ----------
    name : str
        A name from :func:`known`, and after a colon which model it should load, where it can load several:
        ``"clip:openai/clip-vit-large-patch14"``, ``"clip:models/my-clip"``.
    fetch : bool
        Whether a model that is not on this machine may be downloaded: only where a person named it.

    Raises
    ------
    SettingsError
        No such name, no model after the colon, or it has no models to choose from.
    MissingExtraError, EncodeError
        It cannot be loaded here; the message says what it lacks.
    """
    return cast("ImageEncoder", _made("encoder", name, fetch=fetch))


_SHARED: WeakValueDictionary[str, ImageEncoder] = WeakValueDictionary()
_SHARING = Lock()


def shared_encoder(name: str, *, fetch: bool = False) -> ImageEncoder:
    """Return an encoder: the one that somebody else holds already, if there is one.

    A model takes half a gigabyte; collections that were encoded with the same one need it once.

    Parameters
    ----------
    name, fetch
        As of :func:`make_encoder`.

    Raises
    ------
    SettingsError, MissingExtraError, EncodeError
        As of :func:`make_encoder`.
    """
    with _SHARING:
        known = _SHARED.get(name)
        if known is None:
            known = _SHARED[name] = make_encoder(name, fetch=fetch)
        return known


def make_text_encoder(name: str, *, fetch: bool = True) -> TextEncoder:
    """Make an encoder of texts; parameters and errors are those of :func:`make_encoder`."""
    return cast("TextEncoder", _made("text_encoder", name, fetch=fetch))


def _made(kind: Literal["encoder", "text_encoder"], name: str, *, fetch: bool) -> object:
    base, colon, model = name.partition(":")
    encoder = cast("Any", load(kind, base))
    local: dict[str, bool] = {"fetch": False} if encoder.takes_model and not fetch else {}
    if not colon:
        return encoder(**local)
    if not model:
        raise SettingsError(f"The encoder {name!r} names no model after the colon.")
    if not encoder.takes_model:
        raise SettingsError(f"The encoder {base!r} has no models to choose from; leave {':' + model!r} out.")
    return encoder(model, **local)


def _plugins(kind: Kind) -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUPS[kind])}


def _imported(target: str) -> type:
    module, _, name = target.partition(":")
    return cast("type", getattr(import_module(module), name))


def _plugged_in(kind: Kind, point: EntryPoint) -> type:
    """Import a plugin's class; whatever is wrong with it is the plugin's own fault, and said in a line."""
    package = f"the package {point.dist.name}" if point.dist else point.value
    try:
        found = point.load()
    except Exception as error:
        what = " ".join(f"{type(error).__name__}: {error}".split())
        raise SettingsError(
            f"The {kind} {point.name!r} of {package} cannot be loaded: {what}. "
            "Mend or uninstall that package."
        ) from error
    if isinstance(found, type) and issubclass(found, _imported(BASES[kind])):
        return found
    raise SettingsError(
        f"The {kind} {point.name!r} of {package} is no {BASES[kind].partition(':')[2]}. "
        "Mend or uninstall that package."
    )
