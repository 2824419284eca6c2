"""The colours an artist thinks in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

Color = tuple[float, float, float]
"""Red, green and blue, 0–1."""


def mix(one: Color, other: Color, share: float) -> Color:
    """Return ``one`` moved towards ``other`` by ``share`` (0–1)."""
    red, green, blue = (a + (b - a) * share for a, b in zip(one, other, strict=True))
    return red, green, blue


def color(code: str) -> Color:
    """Return the colour of six hexadecimal digits."""
    red, green, blue = (int(code[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return red, green, blue


@dataclass(frozen=True, slots=True)
class Palette:
    """Ten colours by the part they play in a picture.

    Parameters
    ----------
    ink, paper : Color
        The darkest and the lightest.
    sky, glow, water, land, leaf, stone : Color
        ``glow`` is the light at the horizon.
    warm, bright : Color
        The accents.
    """

    ink: Color
    paper: Color
    sky: Color
    glow: Color
    water: Color
    land: Color
    leaf: Color
    warm: Color
    bright: Color
    stone: Color

    @property
    def accents(self) -> tuple[Color, ...]:
        """The colours that stand out, strongest first."""
        return self.warm, self.bright, self.leaf, self.water, self.sky

    def dark(self, base: Color, share: float) -> Color:
        """Return a colour moved towards the ink."""
        return mix(base, self.ink, share)

    def light(self, base: Color, share: float) -> Color:
        """Return a colour moved towards the paper."""
        return mix(base, self.paper, share)

    def moved(self, towards: Color, share: float) -> Palette:
        """Return every colour moved towards one: the same palette in another light."""
        return replace(self, **{f.name: mix(getattr(self, f.name), towards, share) for f in fields(self)})

    def shuffled(self, order: Sequence[int]) -> Palette:
        """Return the palette with its four strong colours in other parts, as ``order`` (0–3) says."""
        strong = (self.warm, self.bright, self.leaf, self.water)
        warm, bright, leaf, water = (strong[at] for at in order)
        return replace(self, warm=warm, bright=bright, leaf=leaf, water=water)

    def at_night(self) -> Palette:
        """Return the palette after dark: deep sky and land, warm and bright accents kept."""
        deep = mix(mix(self.ink, self.water, 0.35), color("0b1430"), 0.45)
        return replace(
            self,
            sky=mix(self.sky, deep, 0.88),
            glow=mix(self.glow, deep, 0.62),
            water=mix(self.water, deep, 0.7),
            land=mix(self.land, deep, 0.72),
            leaf=mix(self.leaf, deep, 0.68),
            stone=mix(self.stone, deep, 0.6),
        )

    def in_storm(self) -> Palette:
        """Return the palette under heavy clouds."""
        lead = mix(self.ink, self.stone, 0.3)
        return replace(
            self,
            sky=mix(self.sky, lead, 0.65),
            glow=mix(self.glow, self.stone, 0.35),
            water=mix(self.water, lead, 0.45),
        )


def _palette(codes: str) -> Palette:
    return Palette(*(color(code) for code in codes.split()))


PALETTES: dict[str, Palette] = {
    #                   ink    paper  sky    glow   water  land   leaf   warm   bright stone
    "amber": _palette("1a120c efdfba 8d8b7c e3bf7c 4f5f5c 6e5430 4b4c27 963c1e dfa83f 9c8a68"),
    "candle": _palette("120b08 f4dfae 2f2a26 c98b3a 33393a 4a3220 33361f a8321c e9b24a 7d6647"),
    "lagoon": _palette("2a2b3a f7efdc 9cc3d2 f6d9b0 5ea6a8 b79a68 6f8f5a c5573c e8b64c c9b79a"),
    "meadow": _palette("27322b fbf4dd a9d0df fbe5a8 6fa8b5 a5a952 6d9645 d8613c f3c33f b9ad94"),
    "indigo": _palette("16203a f2e8d0 7fa3bd f3cfae 2f5b8c 8f9a6c 4f7a5c c8452f e7a93c a39a86"),
    "rice": _palette("1c1b1a f1e9d6 d7d0bd ebe0c6 b7b5a6 8d8a7a 6c7060 a8352a b98f4f a29c8b"),
    "fauve": _palette("22183f fff1d0 3fa7d6 ff9f6b 1f6fb2 f2c230 2fa35b e8384f ff8a1f b57edc"),
    "ultramarine": _palette("0a1030 e4ecf6 5d8fd0 a9c8ea 1f4ea3 2c5f9e 2f7396 3a55c4 8fb8ee 6f8fbc"),
    "smoke": _palette("171513 ece3d0 a79f8e cdbb98 6d7069 7a6a4e 5d6148 8a5a3a c29a5b 958a76"),
    "clay": _palette("231611 f3e3c8 d9b58a eecb95 5f7d7e b3703f 75713c b4482a e0a044 c4a27c"),
    "jade": _palette("14251f f1f0dc b9d3c0 f2e3b3 4c8f86 9a9a5c 3c7d58 b5462f d9b24c a8ad97"),
    "rose": _palette("2b1c2c fdf0e6 d5b8d0 fbd2b9 8fa6c8 c99a8c 87a07a d1476b f2b84b c9b3b0"),
    "primary": _palette("15151a f6f2e6 2f66b3 f4ead0 2a5fb0 e7b92c 2f8a57 d4302a f5c71a c9c4b6"),
    "pop": _palette("17131f fff7e8 25b7d3 ffd84d 1b8fc4 ff7f50 3dbd6e f0308a ffe03a b7b2c9"),
    "silver": _palette("0d0d0d f5f5f3 b9b9b7 dededb 777775 6a6a68 4c4c4b 8d8d8b e9e9e6 a5a5a3"),
    "desert": _palette("2a1a20 fbecd2 88c0c4 f9c58d 3f8d93 d98e4a 8a8a3f c2412d f2a93b d8b48f"),
    "dusk": _palette("1b1633 f6e3d0 6d5c9c f49a6c 3f4d86 5c4a68 46605c d9475a f7b54a 8f86a3"),
    "earth": _palette("1f1712 efe4cf c9b99a dcc08c 7d8578 8c5a35 6b6a42 9c3f24 c98a3a a68f72"),
}
"""Name → palette."""

SKINS = tuple(color(code) for code in ("f0c9a4", "e3b18a", "c98f66", "a56d48", "7d4e33", "f4d6bb"))
"""Complexions."""
