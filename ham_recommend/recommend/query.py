"""What may be asked: reads filters from strings, and refuses bad questions with what to try instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ham_recommend.catalog.filters import pair_of_years
from ham_recommend.errors import ArtifactMismatchError, SettingsError, StoreUnavailableError, UnknownItemError

if TYPE_CHECKING:
    from ham_recommend.catalog.catalog import Catalog
    from ham_recommend.index.base import VectorStore
    from ham_recommend.index.text_search import TextSearch
    from ham_recommend.recommend.recommender import Recommender
    from ham_recommend.workspace import Workspace

MAX_TEXT = 2_000
"""Characters of a search that are read; the rest says nothing new."""

MAX_K = 10_000
"""Most works that one answer holds."""

_SHOWN = 5


def parse_where(filters: Iterable[str]) -> dict[str, Any]:
    """Read filters as they are typed on a command line.

    Parameters
    ----------
    filters : iterable of str
        ``"classification=Paintings"``; the same field again adds a wanted value. Years are ``"years=1889"``,
        ``"years=1800:1900"``, ``"years=1800:"`` or ``"years=:-300"``, negative = BCE.

    Returns
    -------
    dict
        Field → wanted value or list of wanted values; ``"years"`` → ``(begin, end)`` with ``None`` for an
        open end.

    Raises
    ------
    SettingsError
        A filter is not of this form.

    Examples
    --------
    >>> parse_where(["classification=Prints", "years=-300:-200"])
    {'classification': 'Prints', 'years': (-300, -200)}
    """
    wanted: dict[str, Any] = {}
    for text in filters:
        field, equals, value = (part.strip() for part in text.partition("="))
        if not (field and equals and value):
            raise SettingsError(f"Filter {text!r} is not FIELD=VALUE, such as classification=Paintings.")
        if field == "years":
            if field in wanted:
                raise SettingsError("Filter by years only once, such as years=1800:1900.")
            wanted[field] = _years(value)
        elif field in wanted:
            earlier = wanted[field] if isinstance(wanted[field], list) else [wanted[field]]
            wanted[field] = [*earlier, value]
        else:
            wanted[field] = value
    return wanted


def _years(value: str) -> tuple[int | None, int | None]:
    begin, colon, end = (part.strip() for part in value.partition(":"))
    try:
        first = int(begin) if begin else None
        last = int(end) if end else (None if colon else first)
    except ValueError:
        raise SettingsError(
            f"Years {value!r} are not a range such as 1800:1900, 1800: or -300:-200."
        ) from None
    if first is None and last is None:
        raise SettingsError("Years need a beginning or an end, such as 1800:1900, 1800: or :1900.")
    if first is not None and last is not None and first > last:
        raise SettingsError(f"Years {value!r} end before they begin. Try {last}:{first}.")
    return pair_of_years((first, last))


def checked_text(text: object) -> str:
    """Return the text to search for: one line, printable, at most :data:`MAX_TEXT` characters.

    Raises
    ------
    SettingsError
        It is not a string, or nothing is in it.
    """
    if not isinstance(text, str):
        raise SettingsError(f"A search is a text, not {type(text).__name__}. Try 'ships in a storm'.")
    printable = "".join(letter if letter.isprintable() else " " for letter in text[:MAX_TEXT])
    line = " ".join(printable.split())
    if not line:
        raise SettingsError(
            "There is nothing to search for. Say what you would like to see: a motif, an "
            "artist, a colour, a century."
        )
    return line


def check_pictures(pictures: VectorStore | None) -> None:
    """Refuse a search by a picture where the collection has no vectors of pictures.

    Raises
    ------
    SettingsError
        It has none; it says how to have them.
    StoreUnavailableError
        Their store does not answer now.
    """
    if pictures is None:
        raise SettingsError(
            "The collection has no picture vectors. Build it with --image-encoder style or clip."
        )
    if pictures.trouble:
        raise StoreUnavailableError(f"{pictures.trouble} Search by words, or try again in a minute.")


def check_works(text: TextSearch, catalog: Catalog, workspace: Workspace) -> None:
    """Refuse a text index of other works than the catalog's.

    Raises
    ------
    ArtifactMismatchError
        It is; the message says how to mend it.
    """
    if not np.array_equal(text.item_ids, catalog.item_ids):
        raise ArtifactMismatchError(
            f"The text index of {workspace.root} is of other works than its catalog. {workspace.mending}"
        )


def checked_picture_weight(asked: float | None, usual: float, wordless: str | None) -> float:
    """Return what the pictures count in a search by words.

    Parameters
    ----------
    asked : float or None
        What was asked for; ``None`` for the usual.
    usual : float
        What they count where nothing is asked for.
    wordless : str or None
        The encoder of the pictures, where it does not read words: they count nothing then.

    Raises
    ------
    SettingsError
        The weight is out of range, or one is given where the encoder does not read words.
    """
    weight = None if asked is None else checked_weight(asked)
    if wordless is None:
        return usual if weight is None else weight
    if weight:
        raise SettingsError(
            f"This collection was built with --image-encoder {wordless}, which does not read words. "
            "Leave the image weight out, or build it with --image-encoder clip."
        )
    return 0.0


def check_words(text: TextSearch, pictures: VectorStore | None) -> None:
    """Refuse a search by words where no work has a word.

    Raises
    ------
    SettingsError
        There is none; it says what to ask instead.
    """
    if text.is_empty and len(text):
        instead = (
            "Like some of its pictures, or search by a picture of your own."
            if pictures is not None
            else "Build it with --image-encoder style, then search by pictures."
        )
        raise SettingsError(f"No work of this collection has any words to search for. {instead}")


def checked_where(where: object) -> dict[str, Any]:
    """Return a filter of one's own; its fields and values are the catalog's to check.

    Raises
    ------
    SettingsError
        It is not a mapping.
    """
    if where is not None and not isinstance(where, Mapping):
        raise SettingsError(
            f"A filter is a mapping such as {{'classification': 'Prints'}}, not {where!r:.60}."
        )
    return dict(where or {})


def checked_k(k: object) -> int:
    """Return how many works are wanted.

    Raises
    ------
    SettingsError
        It is not a whole number from 1 to :data:`MAX_K`.
    """
    try:
        number = int(k.__index__())  # type: ignore[attr-defined]
    except (AttributeError, TypeError):
        number = 0
    if isinstance(k, bool) or not 1 <= number <= MAX_K:
        raise SettingsError(f"k is how many works you want, a whole number from 1 to {MAX_K:,}, not {k!r}.")
    return number


def checked_weight(weight: object) -> float:
    """Return what the pictures count.

    Raises
    ------
    SettingsError
        It is no number from 0 to 1.
    """
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0.0 <= weight <= 1.0:
        raise SettingsError(f"The image weight is a number from 0, texts only, to 1, not {weight!r}.")
    return float(weight)


def checked_items(item_ids: object, catalog: Catalog) -> tuple[str, ...]:
    """Return works of the catalog, each once, in the order given.

    A work may also be given by what follows the colon of its id or by its accession number, in any case.

    Raises
    ------
    UnknownItemError
        The catalog does not have one of them; the message names those with nearly the same id.
    SettingsError
        It is neither an id nor a list of ids, or several works have such a number.
    """
    return tuple(dict.fromkeys(_item(named, catalog) for named in _listed(item_ids)))


def _item(named: object, catalog: Catalog) -> str:
    """Return the id of the one work that is meant."""
    if isinstance(named, str) and named in catalog:
        return named
    meant = catalog.numbered(named.strip()) if isinstance(named, str) else []
    if not meant:
        raise unknown_item(named, catalog)
    if len(meant) > 1:
        ids = ", ".join(map(repr, meant[:_SHOWN])) + (", …" if len(meant) > _SHOWN else "")
        raise SettingsError(f"{len(meant)} works have the number {named!r}. Name one by its item_id: {ids}.")
    return meant[0]


def checked_exclude(item_ids: object) -> set[str]:
    """Return the works that must not come back; the catalog need not have them.

    Raises
    ------
    SettingsError
        It is neither an id nor a list of ids.
    """
    named = _listed(item_ids)
    for item_id in named:
        if not isinstance(item_id, str):
            raise SettingsError(f"An item_id is a text such as 'sample:17', not {item_id!r:.60}.")
    return set(named)


def _listed(item_ids: object) -> tuple[Any, ...]:
    """Return ids as a tuple; a single one need not be in a list."""
    if isinstance(item_ids, str):
        return (item_ids,)
    if not isinstance(item_ids, Iterable):
        raise SettingsError(
            f"Works are given as a list of item_ids such as ['sample:17'], [] for none, not {item_ids!r:.60}."
        )
    return tuple(item_ids)


def unknown_item(item_id: object, catalog: Catalog) -> UnknownItemError:
    """Build the error for a work that the catalog does not have, naming those with nearly the same id."""
    from rapidfuzz import process

    near = process.extract(str(item_id), catalog.item_ids.tolist(), limit=3, score_cutoff=70)
    names = ", ".join(repr(name) for name, *_ in near)
    return UnknownItemError(
        f"No work has the item_id {item_id!r} in this collection. "
        + (f"Did you mean one of {names}?" if names else "Take an item_id from an answer.")
    )


def checked_recommender(recommender: Recommender) -> Recommender:
    """Return what a session asks, which must be an open collection.

    Raises
    ------
    SettingsError
        It is something else.
    """
    from ham_recommend.recommend.recommender import Recommender

    if not isinstance(recommender, Recommender):
        raise SettingsError(
            "A session needs an open collection: Session(Recommender.load(FOLDER)), "
            f"not Session({recommender!r:.60})."
        )
    return recommender
