"""Which column of a stranger's table holds which field of a record."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

from ham_recommend.errors import SettingsError
from ham_recommend.records import RawRecord
from ham_recommend.sources._table import names as listed
from ham_recommend.sources._table.left_out import ends_of, left_out

KNOWN_FIELDS = tuple(field.name for field in fields(RawRecord))

_TWO_PAIRS = 4
LONGEST_NAME = 120
"""Characters; a longer name of a column is none that anybody uses."""

ADDING_UP = frozenset({"other_titles", "subjects", "place", "period", "classification"})
"""Fields to which every column adds its values; elsewhere a second column only fills gaps."""

_OF_PLAIN_WORDS = frozenset(listed.USUAL_NAMES) - {
    "item_id", "accession_number", "year_begin", "year_end", "picture", "page_url", "popularity",
    "copies_allowed",
}  # fmt: skip
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})


@dataclass(frozen=True, slots=True)
class FieldColumns:
    """The columns of one field.

    Parameters
    ----------
    at : tuple of int
        Positions in :attr:`Columns.names`, the likeliest first.
    add_up : bool
        Whether the values of all of them count; else the first that is not empty.
    """

    at: tuple[int, ...]
    add_up: bool = False


@dataclass(frozen=True, slots=True)
class TextColumn:
    """A column that describes the works, and its companions.

    Parameters
    ----------
    name : str
        The column's own name.
    at : int
        Position in :attr:`Columns.names`.
    model, kind, source : int or None
        Positions of the columns that say, row by row, which model wrote the text, what kind of text it is and
        who wrote it.
    """

    name: str
    at: int
    model: int | None = None
    kind: int | None = None
    source: int | None = None


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns worth reading and what they hold.

    Parameters
    ----------
    names : tuple of str
        The columns to read.
    fields : mapping of str to FieldColumns
        Field of :class:`RawRecord` → its columns; without ``descriptions``.
    texts : tuple of TextColumn
        The description columns, in the table's order.
    left_out : tuple of str
        The columns that are not read.
    notes : tuple of str
        What a person should know about the choice.
    """

    names: tuple[str, ...]
    fields: Mapping[str, FieldColumns]
    texts: tuple[TextColumn, ...]
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def of_fields(self) -> dict[str, list[str]]:
        """Return field → the names of its columns, in the order of the fields of a record."""
        used = {field: [self.names[at] for at in found.at] for field, found in self.fields.items()}
        if self.texts:
            used["descriptions"] = [text.name for text in self.texts]
        return {field: used[field] for field in KNOWN_FIELDS if field in used}


def choose_columns(
    columns: Sequence[str],
    mapping: Mapping[str, Sequence[str]],
    ignore: Collection[str],
    parts: Sequence[str] = (),
) -> Columns:
    """Decide which column holds which field.

    Parameters
    ----------
    columns : sequence of str
        All columns of the table; those inside of an object are paths, such as ``date.text``.
    mapping : mapping of str to sequence of str
        Field → columns, as :func:`canonical_mapping` returns it; a field that is in it has no other columns,
        save that texts are still descriptions.
    ignore : collection of str
        Columns to leave out.
    parts : sequence of str
        Paths into lists of objects; only a mapping reads them by themselves.

    Raises
    ------
    SettingsError
        A column of ``mapping`` or ``ignore`` is not in the table.
    """
    mapped = {field: [_find(name, columns) for name in given] for field, given in mapping.items()}
    taken = {name for given in mapped.values() for name in given}
    taken |= {_find(name, columns) for name in ignore}
    free = [name for name in columns if name not in taken]
    found = {field: given for field, given in _usual_columns(free).items() if field not in mapped}
    notes = _without_lives(found, columns)
    found = {**found, **mapped}
    adding = {field for field in found if field in mapped or _adds_up(field, found[field])}
    if "item_id" not in found and "accession_number" in found:
        found["item_id"] = found["accession_number"]
    elif "item_id" not in mapped and "accession_number" in found:
        found["item_id"] = [*found["item_id"], *found["accession_number"]]
    texts = list(dict.fromkeys([*found.pop("descriptions", []), *filter(_is_text, free)]))
    by_key = {name_key(name): name for name in reversed(free)}
    used = [name for given in found.values() for name in given]
    names = tuple(dict.fromkeys([*used, *texts, *_companions(texts, by_key)]))
    position = {name: at for at, name in enumerate(names)}
    return Columns(
        names,
        {
            field: FieldColumns(tuple(position[name] for name in given), field in adding)
            for field, given in found.items()
        },
        tuple(_text_column(text, position, by_key) for text in texts),
        left_out(columns, parts, set(names), _read_by_name(found)),
        notes,
    )


def canonical_mapping(mapping: object) -> dict[str, tuple[str, ...]]:
    """Return a mapping whose fields carry their own names: ``{"id": "Nr"}`` → ``{"item_id": ("Nr",)}``.

    Raises
    ------
    SettingsError
        It is no mapping of names to names or lists of names, or a field is unknown; the message lists the
        known ones.
    """
    pairs: Iterable[tuple[Any, Any]] = mapping.items() if isinstance(mapping, Mapping) else [(None, None)]
    found: dict[str, tuple[str, ...]] = {}
    for field, given in pairs:
        columns = (given,) if isinstance(given, str) else given
        if not (isinstance(field, str) and _are_names(columns)):
            raise SettingsError(
                "A mapping says which column holds a field, such as {'title': 'Titel'} or "
                f"{{'subjects': ['Thema', 'Motiv']}}, not {mapping!r:.60}."
            )
        name = _field(field)
        found[name] = tuple(dict.fromkeys([*found.get(name, ()), *columns]))
    return found


def name_key(name: str) -> str:
    """Return what is left of a column name without case, accents, spaces and punctuation."""
    folded = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS))
    return "".join(letter for letter in folded if letter.isalnum())


def _are_names(columns: object) -> bool:
    return (
        isinstance(columns, list | tuple) and bool(columns) and all(isinstance(name, str) for name in columns)
    )


def _field(name: str) -> str:
    if name in KNOWN_FIELDS:
        return name
    if name_key(name) in _TEXT_STEMS:
        return "descriptions"
    understood = _understood(name)
    if understood is None:
        raise SettingsError.unknown("field", name, KNOWN_FIELDS)
    return understood.field


def _find(column: str, columns: Sequence[str]) -> str:
    """Return the column that is meant; a path into a column's objects stays a path."""
    if column in columns:
        return column
    alike = [name for name in columns if name_key(name) == name_key(column)]
    if len(alike) == 1:
        return alike[0]
    if any(column.startswith(f"{name}.") for name in columns):
        return column
    raise SettingsError.unknown("column", column, [name[:LONGEST_NAME] for name in columns])


@dataclass(frozen=True, slots=True, order=True)
class _Understood:
    """What a column's name says: a better one is smaller."""

    shortened: int
    rank: int
    field: str
    numbered: bool = False


def _usual_columns(free: Sequence[str]) -> dict[str, list[str]]:
    """Return field → its columns by their usual names, the likeliest first."""
    found: dict[str, list[tuple[_Understood, str]]] = {}
    for name in free:
        understood = _understood(name)
        if understood is not None:
            found.setdefault(understood.field, []).append((understood, name))
    return {
        field: _outermost([name for _, name in sorted(named, key=lambda one: one[0])])
        for field, named in found.items()
    }


def _outermost(names: list[str]) -> list[str]:
    """Return the columns of a field without the parts of objects that are among them as a whole."""
    return [name for name in names if not any(path in names for path in ends_of(name.rpartition(".")[0]))]


@lru_cache(maxsize=4096)
def _understood(name: str) -> _Understood | None:
    """Return which field a name stands for, if any, and how surely."""
    if len(name) > LONGEST_NAME:
        return None
    for shortened, (key, numbered) in enumerate(_forms(name)):
        known = _FIELD_OF_KEY.get(key) or _FIELD_OF_KEY.get(key.removesuffix("s"))
        if known is None:
            if key in _TEXT_NAMES or _rests(key):
                return None
            continue
        field, rank = known
        if shortened and not (numbered or field in _OF_PLAIN_WORDS) and key != _bare_key(name):
            continue
        return _Understood(shortened, rank, field, numbered)
    return None


def _forms(name: str) -> Iterator[tuple[str, bool]]:
    """Yield the keys under which a name may be known, the most exact first, and whether a number was cut."""
    yield name_key(name), False
    words = _words(_bare(name))
    yield "".join(words), False
    numbered = len(words) > 1 and words[-1].isdigit()
    words = words[:-1] if numbered else words
    yield "".join(words), numbered
    while len(words) > 1 and words[-1] in _LANGUAGES:
        words = words[:-1]
    yield "".join(words), numbered
    while len(words) > 1 and words[-1] in _NEUTRAL_AFTER:
        words = words[:-1]
        yield "".join(words), numbered
    while len(words) > 1 and words[0] in _NEUTRAL_BEFORE:
        words = words[1:]
        yield "".join(words), numbered


def _bare(name: str) -> str:
    """Return a name without prefixes of standards and without wrappers."""
    while (shorter := _LEADING.sub("", name, count=1)) != name and name_key(shorter):
        name = shorter
    return name


def _bare_key(name: str) -> str:
    return name_key(_bare(name))


def _words(name: str) -> list[str]:
    """Return the words of a name: ``displayDate_2`` → ``display``, ``date``, ``2``."""
    parts = re.findall(r"\d+|[^\W\d_]+", _HUMP.sub(" ", name))
    return [key for part in parts if (key := name_key(part))]


def _adds_up(field: str, given: Sequence[str]) -> bool:
    """Return whether every column counts: always, or as they are numbered, as in ``artist_2``."""
    if field in ADDING_UP:
        return True
    understood = [_understood(name) for name in given]
    return field in _OF_PLAIN_WORDS and sum(one is not None and one.numbered for one in understood) > 0


def _without_lives(found: dict[str, list[str]], columns: Sequence[str]) -> tuple[str, ...]:
    """Take away the columns that tell when the artist lived; return a note about them."""
    if any(name_key(name) in _OWN_LIFE for name in columns):
        return ()
    lives = []
    for field in ("year_begin", "year_end"):
        of_lives = [name for name in found.get(field, []) if _is_of_a_life(name, columns)]
        lives += of_lives
        kept = [name for name in found.pop(field, []) if name not in of_lives]
        if kept:
            found[field] = kept
    if not lives:
        return ()
    return (f"{' and '.join(lives)} were taken for the years of the artist's life, not of the work",)


def _is_of_a_life(name: str, columns: Sequence[str]) -> bool:
    if name_key(name) not in _ANYBODYS_YEARS or _follows_the_date_of_two(name, columns):
        return False
    if any(name_key(column) in _ABOUT_A_PERSON for column in columns):
        return True
    around = [column for column in columns if name_key(column) not in _ANYBODYS_YEARS or column == name]
    at = around.index(name)
    before, after = around[at - 1 : at], around[at + 1 : at + 2]
    fields_of = [{one.field for column in side if (one := _understood(column))} for side in (before, after)]
    return bool(fields_of[0] & {"artist", "culture"}) and "date" not in fields_of[1] and _has_a_date(columns)


def _follows_the_date_of_two(name: str, columns: Sequence[str]) -> bool:
    """Return whether there are two begins and two ends, and this one stands behind the date of the work."""
    years = [column for column in columns if name_key(column) in _ANYBODYS_YEARS]
    at = columns.index(name)
    while at and columns[at] in years:
        at -= 1
    understood = _understood(columns[at])
    return len(years) >= _TWO_PAIRS and understood is not None and understood.field == "date"


def _has_a_date(columns: Sequence[str]) -> bool:
    return any((one := _understood(column)) is not None and one.field == "date" for column in columns)


def _is_text(column: str) -> bool:
    if len(column) > LONGEST_NAME:
        return False
    words = _words(_bare(column))
    words = words[:-1] if len(words) > 1 and (words[-1].isdigit() or words[-1] in _LANGUAGES) else words
    key = "".join(words)
    if key in _TEXT_NAMES or key.removesuffix("s") in _TEXT_NAMES:
        return True
    if _understood(column) is not None:
        return False
    rests = _rests(key)
    return bool(rests) and not (set(words) & _NOT_OF_THE_WORK_WORDS or any(map(_is_about_else, rests)))


def _rests(key: str) -> list[str]:
    """Return what a name holds besides a stem that it begins or ends with; nothing when there is none."""
    before = [key[len(stem) :] for stem in _TEXT_STEMS if key.startswith(stem)]
    after = [key[: -len(stem)] for stem in _TEXT_STEMS if key.endswith(stem)]
    after += [key[: -len(stem) - 1] for stem in _TEXT_STEMS if key.endswith(f"{stem}s")]
    return before + after


def _is_about_else(rest: str) -> bool:
    """Return whether a text tells of something else than the work, or a column of the text."""
    return any(word in rest for word in _NOT_OF_THE_WORK) or rest.endswith(_ABOUT_TEXT)


def _companions(texts: Iterable[str], by_key: Mapping[str, str]) -> list[str]:
    keys = [name_key(text) + about for text in texts for about in ("model", "kind", "source")]
    return [by_key[key] for key in keys if key in by_key]


def _text_column(text: str, position: Mapping[str, int], by_key: Mapping[str, str]) -> TextColumn:
    def companion(about: str) -> int | None:
        column = by_key.get(name_key(text) + about)
        return None if column is None else position[column]

    return TextColumn(text, position[text], companion("model"), companion("kind"), companion("source"))


def _read_by_name(found: Mapping[str, Sequence[str]]) -> set[str]:
    """Return the columns of whose objects only the names are read."""
    return {name for field, given in found.items() if field in _OF_PLAIN_WORDS for name in given}


def _keys(words: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name_key(name) for name in words.split()))


_FIELD_OF_KEY = {
    key: (field, rank) for field, usual in listed.USUAL_NAMES.items() for rank, key in enumerate(_keys(usual))
}
_TEXT_STEMS = frozenset(_keys(listed.TEXT_STEMS))
_TEXT_NAMES = frozenset(_keys(listed.TEXT_NAMES))
_ABOUT_TEXT = _keys(listed.ABOUT_TEXT)
_NOT_OF_THE_WORK = _keys(listed.NOT_OF_THE_WORK)
_NOT_OF_THE_WORK_WORDS = frozenset(_keys(listed.NOT_OF_THE_WORK_WORDS))
_NEUTRAL_BEFORE = frozenset(_keys(listed.NEUTRAL_BEFORE))
_NEUTRAL_AFTER = frozenset(_keys(listed.NEUTRAL_AFTER))
_LANGUAGES = frozenset(_keys(listed.LANGUAGES))
_HUMP = re.compile(r"(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_PREFIXES = "|".join([r"dublin\s*core", *listed.NAMESPACES.split(), *listed.WRAPPERS.split()])
_LEADING = re.compile(
    rf"^(?:_*(?:{_PREFIXES})\s*(?:[:./|]|__)+\s*|_*(?:proxy_)?(?:dcterms|dct|dc|edm)(?:_|(?-i:(?=[A-Z]))))",
    re.IGNORECASE,
)
# Begin and end of what, the name does not say.
_ANYBODYS_YEARS = frozenset(
    _keys(
        "begin_date end_date begin_year end_year start_date end_date start_year year_begin year_end "
        "date_begin date_end date_start year_start year_from year_to date_from date_to"
    )
)
_ABOUT_A_PERSON = frozenset(
    _keys(
        "bio biography artist_bio artist_display_bio display_bio artist_biography maker_bio creator_bio "
        "artist_bios biographical_note gender artist_gender"
    )
)
_OWN_LIFE = frozenset(
    _keys(
        "artist_dates life_dates life_date birth_year death_year birth_date death_date born died "
        "artist_begin_date artist_end_date artist_birth_year artist_death_year artist_birth_date "
        "artist_death_date year_of_birth date_of_birth date_birth maker_dates creator_dates artist_years"
    )
)
