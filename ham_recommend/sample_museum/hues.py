"""The names of the colours in a picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from ham_recommend.sample_museum.palettes import color

_NAMED = {
    "black": "141212 262220",
    "dark grey": "4c4a48 3a3a3c",
    "grey": "8a8986 9d9d9b",
    "light grey": "c2c1be",
    "white": "f4f3f0 ffffff e9e8e6",
    "cream": "efe6cc f3e3c0 e4d9bf",
    "beige": "cfbd9b d8c8ab bfae8e",
    "brown": "7a5233 8c6844 6a4a34",
    "dark brown": "3d281a 4b3322",
    "ochre": "b98a3e a57f3a",
    "gold": "d9a93f e6bd5c",
    "yellow": "f2d43a ffe26b",
    "orange": "e8812f f29b4c",
    "red": "c4322a d94436",
    "dark red": "7d2220 962f2a",
    "pink": "ecacb0 e58ba0 f3c4c0",
    "magenta": "d6357f c0407a",
    "purple": "6d4a8c 8b6cb0",
    "lavender": "b7a6d0 c9bfe0",
    "navy blue": "1b2550 16204a 24335f",
    "blue": "2f5fae 3d6fb8 2a4f94 4a78c0",
    "light blue": "9cc3e0 7fa9d6 b5d0e8 6e9fd2",
    "grey blue": "6f879c 8aa0b0",
    "turquoise": "3fa9ab 5fb8b5 2f8f93",
    "dark green": "2c4630 24503c",
    "green": "4f8f4c 3da05e 6d9645",
    "light green": "a5c48a b7cfa8",
    "olive": "6f6f35 85853f 5a5a30",
}

_NAMES = [name for name, codes in _NAMED.items() for _ in codes.split()]
_CODES = [code for codes in _NAMED.values() for code in codes.split()]
_PRIMARIES = {"light blue": "blue", "navy blue": "blue", "grey blue": "blue"}


@dataclass(frozen=True, slots=True)
class Hues:
    """The colours of a picture, in words.

    Parameters
    ----------
    names : tuple of str
        Most common first, each at least a few percent of the picture.
    codes : tuple of (str, float)
        Hexadecimal code and share of each.
    colourless : bool
        Black, white and greys only.
    ruler : str
        The colour that covers most of the picture (``"blue"``), or empty.
    vivid : bool
        Whether strong colours cover much of it.
    bright : bool
        Whether it is light rather than dark.
    """

    names: tuple[str, ...]
    codes: tuple[tuple[str, float], ...]
    colourless: bool
    ruler: str
    vivid: bool
    bright: bool


def hues(picture: Image.Image) -> Hues:
    """Name the colours of a picture."""
    pixels = np.asarray(picture.resize((48, 48), Image.Resampling.BOX), dtype=np.float32).reshape(-1, 3) / 255
    known = np.array([color(code) for code in _CODES], dtype=np.float32)
    weights = np.array([0.55, 0.8, 0.42], dtype=np.float32) ** 2
    nearest = ((known**2) @ weights - 2 * (pixels * weights) @ known.T).argmin(axis=1)
    shares: dict[str, float] = {}
    for at, times in zip(*np.unique(nearest, return_counts=True), strict=True):
        shares[_NAMES[at]] = shares.get(_NAMES[at], 0.0) + float(times) / len(pixels)
    ranked = sorted(shares.items(), key=lambda pair: (-pair[1], pair[0]))
    families: dict[str, float] = {}
    for name, share in ranked:
        family = _PRIMARIES.get(name, name)
        families[family] = families.get(family, 0.0) + share
    ruler, most = max(families.items(), key=lambda pair: pair[1])
    spread = pixels.max(axis=1) - pixels.min(axis=1)
    return Hues(
        names=tuple(name for name, share in ranked if share >= 0.05)[:5] or (ranked[0][0],),
        codes=tuple((f"#{_CODES[_NAMES.index(name)]}", round(share, 6)) for name, share in ranked[:8]),
        colourless=bool(np.quantile(spread, 0.95) < 0.16),
        ruler=ruler if most > 0.5 else "",
        vivid=bool((spread > 0.42).mean() > 0.38),
        bright=bool(pixels.mean() > 0.5),
    )
