"""How likely a slip of the pen, or of the finger, makes one word of another."""

from __future__ import annotations

from itertools import combinations, pairwise
from math import log

DROPPED, ADDED, CHANGED, SWAPPED = 0.34, 0.27, 0.19, 0.125
"""How often a slip is of each kind: of 50,000 in scientific texts (Pollock and Zamora, CACM 1984)."""
TWICE, BESIDE, NEAR = 0.4, 0.4, 0.7
"""Share of letters added that double another, or sound like one beside them or lie beside it on a keyboard,
and of letters changed for one that does. Chosen, by the confusions that Kernighan, Church and Gale (COLING
1990) counted."""

_LETTERS = 26
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_ALIKE = ("aeiouy", "ckqx", "cstxz", "fpvw", "bp", "dt", "gj", "mn", "iy", "uvw", "yz")


def _near_letters() -> dict[str, frozenset[str]]:
    """Return for each letter those that sound alike or lie beside it on a keyboard."""
    near: dict[str, set[str]] = {}
    pairs = [pair for row in _KEYS for pair in pairwise(row)]
    for row, below in pairwise(_KEYS):
        pairs += [*zip(row, below, strict=False), *zip(row[1:], below, strict=False)]
    pairs += [pair for group in _ALIKE for pair in combinations(group, 2)]
    for one, other in pairs:
        near.setdefault(one, set()).add(other)
        near.setdefault(other, set()).add(one)
    return {letter: frozenset(others) for letter, others in near.items()}


_NEAR = _near_letters()
_FEW = sum(map(len, _NEAR.values())) / len(_NEAR)
"""Letters near one, on average."""

LIKELY = log(ADDED * BESIDE / (2 * _FEW))
"""What a letter added that is near one beside it has; what has less is unlikely. So has a letter that is not
on such a keyboard, of which nothing is known."""


def likelihood(word: str, meant: str) -> float:
    """Return how likely who means a word types another, as a logarithm, up to a constant.

    Parameters
    ----------
    word, meant : str
        Folded.

    Returns
    -------
    float
        Less than 0. Of one letter dropped, added or changed, or two swapped; twice the last where the same
        letters stand in another order, and where more differs, twice the least that one slip has.

    Examples
    --------
    >>> likelihood("balloon", "baloon") > likelihood("baloon", "baboon")
    True
    """
    first = next((at for at, (a, b) in enumerate(zip(word, meant, strict=False)) if a != b), None)
    first = min(len(word), len(meant)) if first is None else first
    typed, right = word[first:], meant[first:]
    while typed and right and typed[-1] == right[-1]:
        typed, right = typed[:-1], right[:-1]
    if not typed and len(right) == 1:
        return log(DROPPED)
    if not right and len(typed) == 1:
        return _added(typed, {word[max(0, first - 1)], *word[first + 1 : first + 2]} if first else set())
    if len(typed) == len(right) == 1:
        if typed not in _NEAR:
            return LIKELY
        others = _LETTERS - 1 - _FEW
        return log(CHANGED * NEAR / _FEW if right in _NEAR.get(typed, ()) else CHANGED * (1 - NEAR) / others)
    if sorted(typed) == sorted(right):
        return log(SWAPPED) if len(typed) == 2 else 2 * log(SWAPPED)
    return 2 * log(CHANGED * (1 - NEAR) / _LETTERS)


def _added(letter: str, beside: set[str]) -> float:
    if letter in beside:
        return log(ADDED * TWICE)
    if letter not in _NEAR or any(letter in _NEAR.get(other, ()) for other in beside):
        return LIKELY
    return log(ADDED * (1 - TWICE - BESIDE) / (_LETTERS - 2 * _FEW))
