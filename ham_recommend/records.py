"""The frozen records that cross the borders between steps, and the fields of a work, declared once.

A source yields a ``RawRecord`` of each work; the catalog makes it an ``Artwork``, its text a ``Document``;
its pictures become ``Embeddings``. What crosses borders on the way back is in :mod:`ham_recommend.answers`.

An ``item_id`` is ``"<source>:<native id>"``, a string everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, TypedDict, TypeVar

import numpy as np
import numpy.typing as npt

from ham_recommend import fields
from ham_recommend.errors import SettingsError
from ham_recommend.fields import CARD, EVERYWHERE, Field, Place, declared, joined, years_in_words

if TYPE_CHECKING:
    pass

Vectors = npt.NDArray[np.float32]
ItemIds = npt.NDArray[np.object_]
Where = Mapping[str, Any]
"""A filter: field name → wanted value, list of wanted values, or for ``"years"`` a ``(begin, end)`` pair."""

EMPTY: Mapping[str, Any] = MappingProxyType({})
CHANNELS = ("words", "meaning", "picture", "sentences")
"""What an answer is made from: the words of the texts, their meaning, the pictures."""

Texts = TypeVar("Texts")
"""What a field that may have several values holds: in an artwork a text, in a raw record also a tuple."""


@dataclass(frozen=True, slots=True)
class Description:
    """One description of one work.

    Parameters
    ----------
    text : str
        The description.
    source : str
        Who wrote it: a museum, a company.
    model : str
        The model that wrote it; empty for people.
    """

    text: str
    source: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """A record or a picture that was left out.

    Parameters
    ----------
    where : str
        The line, file or item, as the user would look it up.
    reason : str
        Why it was left out.
    """

    where: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Work(Generic[Texts]):
    """What records and artworks have in common: every field of a work, declared once, in the order of tables.

    A new field is one line here; :class:`ham_recommend.fields.Field` explains what a line says. Only
    ``item_id`` is required.

    Parameters
    ----------
    accession_number : str
        The museum's inventory number, as people type it.
    date : str
        As displayed.
    year_begin, year_end : int or None
        First and last possible year, negative = BCE; ``None`` when unknown.
    place : str
        Where it was made or found.
    subjects : tuple of str
        What is depicted.
    picture, page_url : str
        http(s) addresses; of a picture also an absolute path.
    other_pictures : tuple of str
        The same of further pictures.
    popularity : float or None
        Any non-negative number that grows with interest, such as page views.
    copies_allowed : bool
        Whether the terms let us keep and export a thumbnail.
    """

    item_id: str = field(metadata=declared("Identifier", shown=("detail",)))
    title: str = fields.text("Title", weight=2, filter="contain", shown=CARD)
    other_titles: tuple[str, ...] = fields.texts("Other titles", weight=1, filter="contain")
    accession_number: str = fields.text("Accession number", weight=0.5, filter="equal")
    artist: Texts = fields.text("Artist", several=True, weight=0.5, filter="contain", facet=True, shown=CARD)
    culture: Texts = fields.text("Culture", several=True, weight=0.5, filter="equal", facet=True)
    date: str = fields.text("Date", weight=0.5, filter="contain", facet=True, shown=EVERYWHERE)
    year_begin: int | None = fields.year("First year")
    year_end: int | None = fields.year("Last year")
    classification: Texts = fields.text("Kind", several=True, weight=0.5, filter="equal", facet=True)
    medium: Texts = fields.text("Medium", several=True, weight=0.5, filter="contain", facet=True)
    technique: Texts = fields.text("Technique", several=True, weight=0.5, filter="contain", facet=True)
    period: Texts = fields.text("Period", several=True, weight=0.5, filter="equal", facet=True)
    department: Texts = fields.text("Department", several=True, weight=0.5, filter="equal", facet=True)
    place: Texts = fields.text("Place", several=True, weight=0.5, filter="contain", facet=True)
    subjects: tuple[str, ...] = fields.texts("Subjects", weight=1, filter="equal", facet=True)
    descriptions: tuple[Description, ...] = field(
        default=(), metadata=declared("Descriptions", kind="descriptions", filter="contain")
    )
    picture: str = fields.address("Picture", shown=("table", "export"))
    other_pictures: tuple[str, ...] = fields.addresses("Other pictures", shown=("table", "export"))
    page_url: str = fields.address("Page", shown=("table", "export"))
    rights: str = fields.text("Rights", filter="contain", facet=True)
    credit: str = fields.text("Credit", filter="contain", facet=True, shown=EVERYWHERE)
    popularity: float | None = fields.number("Popularity")
    copies_allowed: bool = field(default=True, metadata=declared("Copies allowed", kind="flag"))


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRecord(Work[str | tuple[str, ...]]):
    """One work as a source tells it: text may be hostile HTML, dates are not parsed.

    A field that may hold several values takes them as a tuple; a text is one value, whatever is in it.
    Numeric years win over the date. Descriptions may still be refusals and repeats.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Artwork(Work[str]):
    """One work as the catalog keeps it: plain text, parsed dates.

    A text with several values holds them joined by ``"; "``, as people read them; :meth:`values` tells them
    apart.

    Parameters
    ----------
    date_confidence : float
        0 (no date) to 1 (the record's own years, or an exact year).
    thumbnail : str
        Path of the thumbnail relative to the workspace; empty when there is none.
    several : mapping of str to tuple of str
        The values of each joined text that holds more than one.
    """

    date_confidence: float = fields.number("Date confidence", 0.0)
    thumbnail: str = fields.address("Thumbnail", shown=("table",))
    several: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: EMPTY, repr=False, hash=False)

    def values(self, name: str) -> tuple[str, ...]:
        """Return the values of a text field, each by itself; none when it is empty."""
        held: str | tuple[str, ...] = self.several.get(name) or getattr(self, name)
        if isinstance(held, str):
            return (held,) if held else ()
        return held

    def text(self, name: str) -> str:
        """Return a field as people read it.

        Several values are joined by ``"; "``; known years stand for a missing date, with ``c.`` where they
        are not certain; what is missing is an empty text.
        """
        held = getattr(self, name)
        if name == "date" and not held:
            sure = self.date_confidence == 1.0
            return years_in_words(self.year_begin, self.year_end, sure=sure)
        return joined(held) if isinstance(held, str | tuple) else "" if held is None else str(held)


FIELDS = fields.fields_of(Artwork)
"""Every field of a work, in the order of tables."""


def shown_in(place: Place) -> tuple[Field, ...]:
    """Return the fields that people see in one place."""
    return tuple(each for each in FIELDS if place in each.shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The text of one work, as the text index reads it.

    Parameters
    ----------
    item_id : str
        The work.
    title, artist : str
        Plain text.
    fields : mapping of str to str
        The other catalogue fields worth finding a work by, by name.
    descriptions : tuple of str
        To be read as one voice: each counts for ``1 / len(descriptions)``.
    year_begin, year_end : int or None
        For derived words such as century and decade.
    digest : str
        Hash of all the above; equal digests mean equal documents.
    """

    item_id: str
    title: str = ""
    artist: str = ""
    fields: Mapping[str, str] = field(default_factory=lambda: EMPTY, hash=False)
    descriptions: tuple[str, ...] = ()
    year_begin: int | None = None
    year_end: int | None = None
    digest: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Embeddings:
    """Vectors with the ids they belong to.

    Parameters
    ----------
    item_ids : ndarray of str objects, shape (n,)
        Unique.
    vectors : ndarray of float32, shape (n, dim)
        Unit-length rows.
    model_id : str
        What made them.
    contents : ndarray of str objects, shape (n,), or None
        Hash of what was encoded, so that a changed picture is encoded again.
    """

    item_ids: ItemIds
    vectors: Vectors
    model_id: str
    contents: ItemIds | None = None

    def __len__(self) -> int:
        return len(self.item_ids)


class DialSettings(TypedDict, total=False):
    """The settings of :class:`Dials`, by name."""

    anchor: str
    discovery: float
    popularity: float
    recency: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Dials:
    """What turns a recommendation, beside likes and dislikes; as they are here, the likes decide alone.

    Parameters
    ----------
    anchor : str
        Words that the works should answer too.
    discovery : float
        From 0, what is closest to the likes, to 1, what is far from every single one and still fits them.
    popularity : float
        From -1, works that few people look at, to 1, works that many do.
    recency : float
        From 0, all likes count alike, towards 1: each counts so much less than the one after it.

    Raises
    ------
    SettingsError
        One is no number, or out of range.
    """

    anchor: str = ""
    discovery: float = 0.0
    popularity: float = 0.0
    recency: float = 0.0

    def __post_init__(self) -> None:
        for name, least, most in (("discovery", 0, 1), ("popularity", -1, 1), ("recency", 0, 1)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
                raise SettingsError(f"The {name} is a number from {least} to {most}, not {value!r:.60}.")


AS_LIKED = Dials()
"""Nothing but the likes decides."""
