"""Which works the museum owns: chosen before anything is drawn, each from the seed and its number alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from ham_recommend.sample_museum.artists import ARTISTS, Artist
from ham_recommend.sample_museum.manners import MANNERS
from ham_recommend.sample_museum.motifs import MOTIFS
from ham_recommend.sample_museum.truth import Influence, SampleTruth, WorkTruth

LONG_SIDE = 384
"""Longest side of a picture, in pixels."""

PREFIX = "sample"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One work the museum owns.

    Parameters
    ----------
    number : int
        From 1.
    artist : Artist
        Who made it.
    motif, variant, manner, palette : str
        What to draw, and how.
    size : (int, int)
        Width and height in pixels.
    year : int
        When; negative = BCE.
    plate : int
        Number of the work whose drawing it shares: its own, or that of a print's first impression.
    """

    number: int
    artist: Artist
    motif: str
    variant: str
    manner: str
    palette: str
    size: tuple[int, int]
    year: int
    plate: int

    @property
    def item_id(self) -> str:
        """The id of its record."""
        return f"{PREFIX}:{self.number}"


Wanted = Callable[[Work], bool]

_VIBRANT = {"fauve", "desert", "pop", "primary"}
_COLOURLESS = {"photograph", "woodcut", "etching"}

ANSWERS: dict[str, Wanted] = {
    "circus cat": lambda w: w.motif == "circus" and "cat" in w.variant,
    "jumping cat": lambda w: (w.motif, w.variant) in {("cat", "jumping"), ("circus", "cat through a hoop")},
    "vibrant abstract landscape": lambda w: (
        (w.motif, w.variant) == ("hills", "abstract") and w.palette in _VIBRANT
    ),
    "blue painting": lambda w: w.palette == "ultramarine" and MANNERS[w.manner].classification == "Paintings",
    "ancient Chinese vase": lambda w: w.motif == "vase" and w.artist.culture == "Chinese" and w.year < 600,
    "17th century portrait": lambda w: w.motif == "portrait" and 1600 <= w.year <= 1699,
    "black and white family in a city": lambda w: (
        (w.motif, w.variant) == ("family", "city") and w.manner in _COLOURLESS
    ),
    "ships in a storm": lambda w: (w.motif, w.variant) == ("ships", "storm"),
    "dancer": lambda w: w.motif == "dancer",
}
"""Search text → whether a work is a right answer to it."""

_COMMISSIONS: tuple[tuple[str, str, str], ...] = (
    ("circus", "cat through a hoop", ""),
    ("circus", "cat on a ball", ""),
    ("cat", "jumping", ""),
    ("hills", "abstract", "vibrant"),
    ("", "", "blue"),
    ("vase", "", "ancient Chinese"),
    ("portrait", "", "1600s"),
    ("family", "city", "colourless"),
    ("ships", "storm", ""),
    ("dancer", "", ""),
)
_BLOCK = 30
"""Every so many works the museum owns each commission once; the rest is chance."""


def works(count: int, seed: int) -> Iterator[Work]:
    """Yield the works in order; the first ``n`` are the same whatever the count."""
    owned: list[Work] = []
    for number in range(1, count + 1):
        work = _work(number, seed)
        rng = np.random.default_rng([seed, number, 1])
        prints = [
            earlier
            for earlier in owned
            if MANNERS[earlier.manner].printed and earlier.plate == earlier.number
        ]
        if prints and not _commission(number, seed) and rng.random() < 0.07:
            work = replace(prints[int(rng.integers(len(prints)))], number=number)
        owned.append(work)
        yield work


def truth(count: int, seed: int) -> SampleTruth:
    """Return what is planted in a collection."""
    owned = list(works(count, seed))
    influences = [
        Influence(artist.name, earlier, what)
        for artist in ARTISTS
        for what, earlier in artist.borrowed.items()
    ]
    return SampleTruth(
        seed,
        tuple(influences),
        tuple(_truth_of(work) for work in owned),
        {text: tuple(work.item_id for work in owned if wanted(work)) for text, wanted in ANSWERS.items()},
    )


def _truth_of(work: Work) -> WorkTruth:
    return WorkTruth(
        item_id=work.item_id,
        artist=work.artist.name,
        motif=work.motif,
        variant=work.variant,
        manner=work.manner,
        palette=work.palette,
        year=work.year,
        same_plate_as="" if work.plate == work.number else f"{PREFIX}:{work.plate}",
    )


def _commission(number: int, seed: int) -> tuple[str, str, str] | None:
    """Return what this number has to be, if anything."""
    block, place = divmod(number - 1, _BLOCK)
    order = np.random.default_rng([seed, block, 2]).permutation(_BLOCK)
    return _COMMISSIONS[order[place]] if order[place] < len(_COMMISSIONS) else None


def _work(number: int, seed: int) -> Work:
    rng = np.random.default_rng([seed, number, 3])
    commission = _commission(number, seed)
    if commission is None:
        artist = ARTISTS[int(rng.integers(len(ARTISTS)))]
        return _made(number, rng, artist, *_own_choice(rng, artist))
    motif, variant, kind = commission
    able = [artist for artist in ARTISTS if _able(artist, motif, kind)]
    artist = able[int(rng.integers(len(able)))]
    own_motif, own_variant = _own_choice(rng, artist)
    if motif and motif == own_motif.partition(":")[0]:
        own_motif = motif
    work = _made(
        number,
        rng,
        artist,
        motif or own_motif,
        variant or (own_variant if own_motif == motif or not motif else ""),
        kind,
    )
    return (
        replace(work, year=int(rng.integers(artist.working[0], min(artist.working[1], 1699) + 1)))
        if kind == "1600s"
        else work
    )


def _able(artist: Artist, motif: str, kind: str) -> bool:
    shows = {name.partition(":")[0] for name in artist.motifs}
    return (not motif or motif in shows) and {
        "": not artist.workshop,
        "vibrant": artist.palette in _VIBRANT,
        "blue": artist.palette == "ultramarine" and not artist.workshop,
        "ancient Chinese": artist.culture == "Chinese" and artist.workshop and artist.died < 600,
        "1600s": artist.working[0] < 1680,
        "colourless": any(manner in _COLOURLESS for manner in artist.manners),
    }[kind]


def _own_choice(rng: np.random.Generator, artist: Artist) -> tuple[str, str]:
    weights = 1 / (1 + np.arange(len(artist.motifs)) * 0.35)
    chosen = artist.motifs[int(rng.choice(len(artist.motifs), p=weights / weights.sum()))]
    motif, _, variant = chosen.partition(":")
    return motif, variant


def _made(
    number: int, rng: np.random.Generator, artist: Artist, motif: str, variant: str = "", kind: str = ""
) -> Work:
    first, last = artist.working
    year = int(rng.integers(first, last + 1))
    variants = _variants(motif, year, workshop=artist.workshop)
    manners = [manner for manner in artist.manners if _fits(manner, kind)]
    shape = float(rng.choice(MOTIFS[motif].formats))
    size = (LONG_SIDE, round(LONG_SIDE / shape)) if shape >= 1 else (round(LONG_SIDE * shape), LONG_SIDE)
    if not variant and artist.workshop and motif == "vase":
        variant = next(name.partition(":")[2] for name in artist.motifs)
    return Work(
        number=number,
        artist=artist,
        motif=motif,
        variant=variant or variants[int(rng.integers(len(variants)))],
        manner=manners[0] if rng.random() < 0.7 else manners[-1],
        palette=artist.palette,
        size=size,
        year=year,
        plate=number,
    )


def _fits(manner: str, kind: str) -> bool:
    if kind == "colourless":
        return manner in _COLOURLESS
    return kind != "blue" or MANNERS[manner].classification == "Paintings"


def _variants(motif: str, year: int, *, workshop: bool) -> tuple[str, ...]:
    """Return the kinds of a motif that someone of that time would draw."""
    if motif == "vase" and not workshop:
        return ("plain",)
    if motif == "portrait":
        return ("ruff",) if year < 1660 else ("ruff", "hat") if year < 1720 else ("hat", "plain")
    if motif == "hills" and year < 1900:
        return ("fields", "cypresses")
    return MOTIFS[motif].variants
