"""What a drawn scene shows, for those who describe it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ham_recommend.sample_museum.scene import Scene


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What can be seen in a scene.

    Parameters
    ----------
    subject : str
        The main thing with its article: ``"a black cat leaping over a wall"``.
    title : str
        What an artist would call it.
    objects : tuple of str
        The other things to be seen, with their articles.
    setting : str
        Where and when: ``"in a garden at dusk"``.
    composition : str
        A sentence without its full stop about how the picture is built.
    mood : tuple of str
        Adjectives.
    subjects : tuple of str
        Plain nouns and verbs that answer "what is it of?".
    """

    subject: str
    title: str
    objects: tuple[str, ...]
    setting: str
    composition: str
    mood: tuple[str, ...]
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Motif:
    """Something that can be drawn.

    Parameters
    ----------
    draw : callable
        ``(scene, variant) -> Sight``.
    variants : tuple of str
        Its kinds.
    formats : tuple of float
        Width ÷ height of the pictures it suits.
    closer : float
        How far one may step closer without losing what matters; 1 for not at all.
    mirrored : bool
        Whether left and right may be swapped.
    """

    draw: Callable[[Scene, str], Sight]
    variants: tuple[str, ...]
    formats: tuple[float, ...]
    closer: float = 1.14
    mirrored: bool = True
