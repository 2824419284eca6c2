"""Facts about artists from a table of one's own: life years, culture, gender, movement, each with its source.

Artists are matched by their names without case, accents and life dates, also as ``Surname, Forename`` and
under the other names that the table gives. Nothing is guessed: a name that two rows of the table share with
different facts is left out and said. Written to ``5-analysis/artists.parquet``; it stays true when the
collection is built again, as it is about artists and not about works.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ham_recommend.analysis.makers import Makers, name_key, name_of
from ham_recommend.analysis.stored import ARTISTS, read_table, write_tables
from ham_recommend.catalog.describe import match_key
from ham_recommend.errors import SettingsError
from ham_recommend.manifest import sha256
from ham_recommend.workspace import Workspace

if TYPE_CHECKING:
    from ham_recommend.recommend.recommender import Recommender

FACTS = ("born", "died", "culture", "gender", "movement")
"""What can be known of an artist."""
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "artist": ("artist", "name", "artist name", "creator", "maker", "artist display name"),
    "other names": ("other names", "alternatives", "aliases", "alias", "other name", "alternative names"),
    "born": ("born", "birth", "birth year", "year of birth", "begin date", "artist begin date"),
    "died": ("died", "death", "death year", "year of death", "end date", "artist end date"),
    "culture": ("culture", "nationality", "citizenship", "country", "artist nationality"),
    "gender": ("gender", "sex", "artist gender"),
    "movement": ("movement", "movements", "style", "school"),
    "source": ("source", "reference", "url", "wikidata"),
}
"""What is read, and the headings it is found under."""
_SHOWN = 12


@dataclass(frozen=True, slots=True, eq=False)
class Artists:
    """What is known of artists.

    Parameters
    ----------
    facts : mapping of str to mapping
        Name without case and accents → what of :data:`FACTS` is known, and ``source``.
    """

    facts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def read(cls, workspace: Workspace) -> Artists:
        """Return what ``ham enrich`` has written into a collection; nothing where it has not."""
        table = read_table(workspace, ARTISTS)
        if table is None:
            return cls()
        rows = table.to_pylist()
        return cls({row.pop("key"): {name: held for name, held in row.items() if held} for row in rows})

    def __len__(self) -> int:
        return len(self.facts)

    def of(self, artist: str) -> Mapping[str, Any]:
        """Return what is known of the artist that a work's text names; nothing where it is nobody."""
        name = name_of(artist)
        return self.facts.get(name_key(name), {}) if name and self.facts else {}

    def life(self, artist: str) -> tuple[int, int] | None:
        """Return the years of birth and death, where both are known."""
        facts = self.of(artist)
        return (facts["born"], facts["died"]) if facts.get("born") and facts.get("died") else None


@dataclass(frozen=True, slots=True)
class Enriched:
    """What came of joining a table.

    Parameters
    ----------
    artists : int
        Artists that the collection names.
    matched : int
        Of how many of them something is known now.
    works, matched_works : int
        The same of works: all, and those by matched artists.
    known : mapping of str to int
        Fact → works by artists of whom it is known.
    ambiguous : tuple of str
        Names that several rows share with different facts; nothing is taken from those.
    unmatched : tuple of str
        Artists the table does not have, those of most works first.
    columns : mapping of str to str
        What was read → the heading it was found under.
    """

    artists: int
    matched: int
    works: int
    matched_works: int
    known: Mapping[str, int]
    ambiguous: tuple[str, ...]
    unmatched: tuple[str, ...]
    columns: Mapping[str, str]


def enrich(recommender: Recommender, table: str | os.PathLike[str], *, on: str = "artist") -> Enriched:
    """Join facts about artists to a collection.

    Parameters
    ----------
    recommender : Recommender
        The collection; its folder must be writable.
    table : path-like
        A CSV file, UTF-8, with headings: artist, and any of born, died, culture, gender, movement, source and
        other names (several separated by ``;``).
    on : str
        The heading of the artists' names.

    Returns
    -------
    Enriched
        How much is known now.

    Raises
    ------
    SettingsError
        The table cannot be read, has no such heading, holds no fact about artists, or names none of the
        collection's.
    ArtifactError
        The collection's folder cannot be written.
    """
    path = Path(table)
    headings, rows = _read(path)
    columns = _columns(headings, on, path)
    facts, ambiguous = _facts(rows, columns, path.name)
    texts = recommender.catalog.to_frame()["artist"].astype(str).tolist()
    makers = Makers.read(texts)
    known = Artists(facts)
    counts: dict[str, int] = {}
    for place in makers.of[makers.of >= 0].tolist():
        counts[makers.names[place]] = counts.get(makers.names[place], 0) + 1
    matched = {name for name in makers.names if known.of(name)}
    if not matched:
        first = ", ".join(sorted(counts, key=lambda name: -counts[name])[:3])
        raise SettingsError(
            f"{path} has none of the collection's artists{f', such as {first}' if first else ''}. "
            f"Its names are read from the column {columns['artist']!r}; name another with --on."
        )
    used = {key: facts[key] for key in sorted(facts)}
    write_tables(
        recommender.workspace,
        {ARTISTS: [{"key": key, **dict.fromkeys((*FACTS, "source")), **row} for key, row in used.items()]},
        settings={"table": path.name, "sha256": sha256(path), "on": columns["artist"]},
        parents={},
    )
    works = {
        fact: sum(counts[name] for name in matched if fact in known.of(name))
        for fact in FACTS
        if fact in columns
    }
    unmatched = sorted(set(makers.names) - matched, key=lambda name: (-counts[name], name))
    return Enriched(
        artists=len(makers.names),
        matched=len(matched),
        works=len(texts),
        matched_works=sum(counts[name] for name in matched),
        known=works,
        ambiguous=tuple(sorted({name for name in ambiguous if name in {*map(name_key, makers.names)}})),
        unmatched=tuple(unmatched),
        columns=columns,
    )


def _read(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            rows = [{key: value or "" for key, value in row.items() if key is not None} for row in reader]
            return list(reader.fieldnames or ()), rows
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SettingsError(
            f"{path} cannot be read as a table ({error}). Give a CSV file in UTF-8 with headings."
        ) from error


def _columns(headings: list[str], on: str, path: Path) -> dict[str, str]:
    """Return which heading holds what."""
    plain = {" ".join(match_key(heading).replace("_", " ").split()): heading for heading in headings}
    wanted = " ".join(match_key(on).replace("_", " ").split())
    columns = {}
    for fact, names in COLUMNS.items():
        found = next((plain[name] for name in names if name in plain), None)
        if found is not None:
            columns[fact] = found
    if wanted in plain:
        columns["artist"] = plain[wanted]
    elif wanted != "artist" or "artist" not in columns:
        raise SettingsError.unknown("column of artists' names", on, headings)
    if not set(FACTS) & columns.keys():
        raise SettingsError(
            f"{path} says nothing about artists: none of its columns is called "
            f"{', '.join(FACTS[:-1])} or {FACTS[-1]}. It has: {', '.join(headings)}."
        )
    return columns


def _facts(
    rows: Iterable[Mapping[str, str]], columns: Mapping[str, str], source: str
) -> tuple[dict[str, dict[str, Any]], set[str]]:
    """Return what is known under each name, and the names under which rows contradict each other."""
    facts: dict[str, dict[str, Any]] = {}
    own: set[str] = set()
    ambiguous: set[str] = set()
    for row in rows:
        name = name_of(row[columns["artist"]])
        if not name:
            continue
        held = {fact: value for fact in FACTS if (value := _value(fact, row.get(columns.get(fact, ""), "")))}
        if not held:
            continue
        held["source"] = row.get(columns.get("source", ""), "").strip() or source
        others = row.get(columns.get("other names", ""), "").split(";")
        for at, key in enumerate(_keys(name, others)):
            before = facts.get(key)
            if before is None or (at == 0 and key not in own):
                facts[key] = held  # an artist's own name counts more than another's other name
            elif before != held and (key in own) == (at == 0):
                ambiguous.add(key)
            if at == 0:
                own.add(key)
    return {key: held for key, held in facts.items() if key not in ambiguous}, ambiguous


def _keys(name: str, others: Iterable[str]) -> list[str]:
    """Return the names under which an artist is found, the own one first."""
    names = [name]
    for one in (name, *(other.strip() for other in others)):
        surname, comma, forename = one.partition(",")
        names += [one, *([f"{forename.strip()} {surname.strip()}"] if comma else [])]
        words = one.split()
        if not comma and len(words) > 1:
            names.append(f"{words[-1]}, {' '.join(words[:-1])}")
    return list(dict.fromkeys(name_key(one) for one in names if one))


def _value(fact: str, text: str) -> str | int | None:
    """Return a fact as it is kept; a year that is none is nothing."""
    words = " ".join(text.split())
    if fact not in {"born", "died"}:
        return words or None
    try:
        return int(float(words)) or None
    except (ValueError, OverflowError):
        return None
