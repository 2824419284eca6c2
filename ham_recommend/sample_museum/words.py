"""What different describers say about one picture: each has its own way, none sees everything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ham_recommend.sample_museum.hues import Hues
from ham_recommend.sample_museum.manners import MANNERS, Manner
from ham_recommend.sample_museum.motifs.sight import Sight
from ham_recommend.sample_museum.plan import Work


@dataclass(frozen=True, slots=True)
class Glance:
    """What a describer has to go by.

    Parameters
    ----------
    work : Work
        For the manner and the time.
    sight : Sight
        What it shows.
    hues : Hues
        Its colours.
    rng : numpy.random.Generator
        What the describer chooses by.
    """

    work: Work
    sight: Sight
    hues: Hues
    rng: np.random.Generator

    def any(self, choices: Sequence[str]) -> str:
        """Return one of several phrases."""
        return choices[int(self.rng.integers(len(choices)))]

    @property
    def manner(self) -> Manner:
        """How it was made."""
        return MANNERS[self.work.manner]

    @property
    def kind(self) -> str:
        """What sort of picture it is, without article."""
        kind = _KINDS.get(self.manner.classification, "image")
        return f"portrait {kind}" if self.work.motif == "portrait" else kind

    @property
    def subject(self) -> str:
        """The main thing; called ancient where it is."""
        ancient = self.work.year < 600
        return f"an ancient {self.sight.subject.split(' ', 1)[1]}" if ancient else self.sight.subject

    @property
    def colours(self) -> str:
        """A phrase that names the colours."""
        if self.hues.colourless:
            return self.any(["black and white", "black, white and shades of grey", "black and white tones"])
        return listed(self.hues.names[:4])

    @property
    def tone(self) -> str:
        """An adjective for the colours as a whole."""
        if self.hues.colourless:
            return "monochrome"
        if self.hues.vivid:
            return self.any(["vibrant", "vivid", "brightly coloured"])
        return (
            self.any(["muted", "subdued", "restrained"])
            if not self.hues.bright
            else self.any(["soft", "light", "harmonious"])
        )


def listed(things: Sequence[str]) -> str:
    """Return things as an English list."""
    return things[0] if len(things) == 1 else f"{', '.join(things[:-1])} and {things[-1]}"


def with_article(noun: str) -> str:
    """Return a noun with ``a`` or ``an``."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def sentence(text: str) -> str:
    """Return a text that starts with a capital and ends with a full stop."""
    return text[0].upper() + text[1:].rstrip(".") + "."


_KINDS = {
    "Paintings": "painting",
    "Drawings": "drawing",
    "Prints": "print",
    "Photographs": "photograph",
    "Mosaics": "mosaic",
}


def caption(glance: Glance) -> str:
    """Return one lower-case line, as a captioning service would."""
    grey = "black and white " if glance.hues.colourless else ""
    blue = f"{glance.hues.ruler} " if glance.hues.ruler == "blue" else ""
    return f"{with_article(f'{grey or blue}{glance.kind}')} of {glance.subject}"


def plain(glance: Glance) -> str:
    """Return a few short sentences: subject, things, colours."""
    sight = glance.sight
    parts = [
        f"The image shows {glance.subject} {sight.setting}",
        f"There are {listed(list(sight.objects[:3]))}"
        if len(sight.objects) > 1
        else f"There is {sight.objects[0]}",
        f"The colors are {glance.tone}: {glance.colours}",
        _ruled(glance, "The whole work is dominated by {0}; it is a {0} {1}"),
    ]
    return " ".join(sentence(part) for part in parts if part)


def thorough(glance: Glance) -> str:
    """Return a paragraph that goes from the manner over the subject to the mood."""
    sight, look = glance.sight, glance.any(glance.manner.seen)
    parts = [
        f"This {glance.kind}, {look}, depicts {glance.subject} {sight.setting}",
        f"In addition one can make out {listed(list(sight.objects))}",
        f"As for the composition, {sight.composition}",
        f"The palette is {glance.tone}, with {glance.colours}",
        _ruled(glance, "Shades of {0} cover almost everything and give the {1} its unity"),
        f"The overall mood is {listed(list(sight.mood))}",
    ]
    return " ".join(sentence(part) for part in parts if part)


def connoisseur(glance: Glance) -> str:
    """Return an opinion: the time it might be from, the manner, the effect."""
    sight = glance.sight
    look = glance.any(glance.manner.seen)
    era = _era(glance.work.year)
    scene = f"{sight.mood[0]} {glance.tone}"
    parts = [
        f"{glance.subject} {sight.setting}, {look}",
        f"The work appears to date from {era}" if glance.rng.random() < 0.6 else "",
        f"{with_article(scene)} treatment: {sight.composition}",
        f"Note {listed(list(sight.objects[-2:]))}" if glance.rng.random() < 0.7 else "",
        f"{listed(list(glance.hues.names[:2]))} prevail"
        if not glance.hues.colourless
        else "Everything is said in black and white",
    ]
    return " ".join(sentence(part) for part in parts if part)


def tags(glance: Glance) -> str:
    """Return a line of key words, as an image tagger would."""
    words = [
        *glance.sight.subjects,
        glance.kind,
        *glance.hues.names[:3],
        glance.work.manner,
        *glance.sight.mood[:1],
    ]
    if glance.hues.colourless:
        words.insert(1, "black and white")
    if glance.hues.vivid:
        words.append("vibrant")
    return ", ".join(dict.fromkeys(words))


def emotional(glance: Glance) -> str:
    """Return what the picture makes one feel."""
    sight, look = glance.sight, glance.any(glance.manner.seen)
    means = (
        f"{look} in black and white"
        if glance.hues.colourless
        else f"{look} and {glance.tone} {glance.colours}"
    )
    subject = f"{sight.mood[-1]} {glance.kind} of {glance.subject}"
    parts = [
        with_article(subject),
        f"{means} make it {listed(list(sight.mood))}",
        f"{sight.setting}, {listed(list(sight.objects[:2]))} complete the scene",
    ]
    return " ".join(sentence(part) for part in parts)


VOICES: tuple[tuple[str, str, Callable[[Glance], str]], ...] = (
    ("Imaginary", "minute-1", thorough),
    ("Imaginary", "connoisseur-1", connoisseur),
    ("Imaginary", "plain-1", plain),
    ("Imaginary", "moved-1", emotional),
    ("Imaginary", "", caption),
    ("Imaginary", "plain-2", plain),
    ("Imaginary", "minute-2", thorough),
    ("Imaginary", "tags-1", tags),
)
"""Who is named as the writer, the model, and how it writes: all invented, as the descriptions are."""

REFUSALS = (
    "Content filtered. Blocked by Bedrock Guardrails",
    "I'm sorry, I can't assist with that request.",
    "I cannot identify or describe people in images.",
    "Sorry, but I can't help with describing this image.",
)


def _ruled(glance: Glance, template: str) -> str:
    return (
        template.format(glance.hues.ruler, glance.kind)
        if glance.hues.ruler and not glance.hues.colourless
        else ""
    )


def _era(year: int) -> str:
    if year < 600:
        return "antiquity"
    century = year // 100 + 1
    return f"the {century}th century"
