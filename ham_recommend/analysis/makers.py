"""Who made a work, as far as the catalog names one person.

What is unknown, or made after somebody or in somebody's workshop, is nobody's: two works by "unknown artist"
have nothing in common. What is attributed to somebody counts as theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ham_recommend.catalog.describe import match_key
from ham_recommend.errors import SettingsError

NOBODY = -1
_SIGNS = re.compile(r"[\W_]+")
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "’": "'"})
"""Letters that no accent makes another, as catalogs write them in plain Latin ones."""
_ASIDE = re.compile(
    r"\s*[(\[（].*?[)\]）]|\s*,?\s*\b(?:b|born|active|fl)\.?\s+.*\d.*$|\s*,?\s*\d{3,4}\s*[-–—].*$"
)
"""What stands beside a name: (American, 1738–1815), b. 1950, 1840–1926."""
_ATTRIBUTED = re.compile(
    r"\b(?:attributed to|attrib\.? to|attr\. to|attribue\w* a|attribuito a|atribuid[oa] a|zugeschrieben|"
    r"toegeschreven aan|tilskrevet|tillskriven)\b[\s:]*",
    re.IGNORECASE,
)
"""Words that leave the name after them as the one most probably right."""
_NO_ONE = re.compile(
    r"\b(?:un(?:known|identified|recorded|named|attributed)|anon(?:ymous|ymus|yme|im|\.)?|various"
    r"|maker not known|after|copy|copies|copyist|circle|follower|followers|school|manner|style|imitator|pupil"
    r"|studio|workshop|atelier|possibly|probably|formerly|nach|werkstatt|umkreis|nachfolger|kopie|unbekannt\w*|d'apres"
    r"|ecole|entourage|inconnu\w*|suiveur|naar|navolger|onbekend\w*|anoniem|omgeving|bottega"
    r"|scuola|seguace|ignoto|anonimo|sconosciuto|taller|escuela|desconocido|seguidor|oficina"
    r"|autor desconhecido|ukendt|efter|okand|okant|ukjent|tuntematon|neznam\w*|nieznany|ismeretlen"
    r"|neizvest\w*|culture|dynasty|n/a|none)\b"
    r"|неизвест\w*|佚名|不詳|不详|作者不明|筆者不明|unknown",
    re.IGNORECASE,
)
"""Words after which no one person is named. Patterns are matched without accents."""


@dataclass(frozen=True, eq=False)
class Makers:
    """The artists of a collection, and whose each work is.

    Parameters
    ----------
    names : tuple of str
        As the catalog writes them most often, without life dates; in the order of the alphabet.
    of : ndarray of int64, shape (n,)
        For each work the place of its artist in ``names``; :data:`NOBODY` where no one person is named.
    """

    names: tuple[str, ...]
    of: npt.NDArray[np.int64]

    @classmethod
    def read(cls, artists: Iterable[str]) -> Makers:
        """Read the names of artists, one text per work, empty where none is named."""
        texts = list(artists)
        named = {text: name_of(text) for text in dict.fromkeys(texts)}
        counts: dict[str, dict[str, int]] = {}
        for text in texts:
            if name := named[text]:
                spelt = counts.setdefault(name_key(name), {})
                spelt[name] = spelt.get(name, 0) + 1
        shown = {key: max(sorted(spelt), key=lambda name: spelt[name]) for key, spelt in counts.items()}
        place = {key: at for at, key in enumerate(sorted(shown))}
        of = [place[name_key(named[text])] if named[text] else NOBODY for text in texts]
        return cls(tuple(shown[key] for key in place), np.array(of, dtype=np.int64))

    @cached_property
    def place_of(self) -> dict[str, int]:
        """Name, folded by :func:`name_key` → its place in ``names``."""
        return {name_key(name): at for at, name in enumerate(self.names)}

    def find(self, name: str) -> int:
        """Return the place of an artist: the very name, or the only one that contains it.

        Raises
        ------
        SettingsError
            Nobody is called so, or several are; the nearest names are listed.
        """
        key = name_key(name_of(name) or name)
        if key in self.place_of:
            return self.place_of[key]
        keys = list(self.place_of)
        holding = [at for at, one in enumerate(keys) if key and key in one]
        if len(holding) == 1:
            return holding[0]
        near = [self.place_of[one] for one in get_close_matches(key, keys, n=5, cutoff=0.5)]
        meant = ", ".join(self.names[at] for at in dict.fromkeys([*holding, *near][:5]))
        found = f"{len(holding)} artists are" if holding else "No artist with dated works is"
        raise SettingsError(f"{found} called {name!r}. {f'Did you mean: {meant}?' if meant else ''}".strip())


def name_key(name: str) -> str:
    """Return what spellings of one name share: no case, accents or punctuation.

    Examples
    --------
    >>> name_key("Jean-Baptiste Siméon Chardin"), name_key("Asger Jørgensen")
    ('jean baptiste simeon chardin', 'asger jorgensen')
    """
    return " ".join(_SIGNS.sub(" ", match_key(name).translate(_PLAIN).replace("'", "")).split())


def name_of(artist: str) -> str:
    """Return the name of the one person a text names, without life dates; empty where it names none.

    Of several artists the first is meant.

    Examples
    --------
    >>> name_of("John Singleton Copley (American, 1738–1815)"), name_of("after Rembrandt")
    ('John Singleton Copley', '')
    """
    first = artist.split(";", maxsplit=1)[0]
    if _NO_ONE.search(match_key(first)):
        return ""
    return " ".join(_ASIDE.sub("", _ATTRIBUTED.sub("", first)).split()).strip(" ,.;:")
