"""Things that several motifs share: animals, people, skies, trees, water."""

from __future__ import annotations

import numpy as np

from ham_recommend.sample_museum import geometry
from ham_recommend.sample_museum.geometry import Points, PointsLike
from ham_recommend.sample_museum.palettes import SKINS, Color, mix
from ham_recommend.sample_museum.scene import Scene

WHITE: Color = (0.97, 0.96, 0.92)


class Placed:
    """A pen that draws in its own coordinates: turned, scaled and moved onto the scene.

    Parameters
    ----------
    scene : Scene
        Where to draw.
    x, y : float
        Where the origin lands.
    size : float
        Length of one unit; ``flip`` mirrors left and right.
    turn : float
        Radians.
    """

    def __init__(
        self, scene: Scene, x: float, y: float, size: float, *, flip: bool = False, turn: float = 0.0
    ) -> None:
        self.scene, self.x, self.y, self.size, self.turn = scene, x, y, size, turn
        self.mirror = -1.0 if flip else 1.0

    def to(self, these: PointsLike) -> Points:
        """Return points on the scene."""
        local = geometry.turned(geometry.points(these) * (self.mirror, 1.0), self.turn)
        placed: Points = local * self.size + (self.x, self.y)
        return placed

    def limb(self, path: PointsLike, widths: list[float] | float, fill: Color) -> None:
        """Lay a tapering limb."""
        wide = [w * self.size for w in widths] if isinstance(widths, list) else widths * self.size
        self.scene.limb(self.to(path), wide, fill)

    def blob(self, knots: PointsLike, fill: Color, shaded: Color | None = None) -> None:
        """Lay a soft closed curve."""
        self.scene.blob(self.to(knots), fill, shaded)

    def shape(self, outline: PointsLike, fill: Color, shaded: Color | None = None) -> None:
        """Lay a filled outline."""
        self.scene.shape(self.to(outline), fill, shaded)

    def disc(
        self, x: float, y: float, rx: float, ry: float, fill: Color, shaded: Color | None = None
    ) -> None:
        """Lay an ellipse."""
        self.scene.shape(self.to(geometry.oval(x, y, rx, ry)), fill, shaded, "round")


def cat_leaping(pen: Placed, coat: Color) -> None:
    """Draw a cat in full stretch, facing right, about two units long."""
    dark = pen.scene.palette.dark(coat, 0.28)
    pen.limb([(0.36, -0.1), (0.64, 0.1), (0.98, 0.06)], [0.16, 0.11, 0.07], dark)
    pen.limb([(-0.42, 0.0), (-0.6, 0.24), (-1.0, 0.36)], [0.24, 0.13, 0.07], dark)
    pen.limb([(-0.5, -0.05), (-0.86, -0.16), (-1.08, -0.46), (-0.92, -0.72)], [0.12, 0.1, 0.09, 0.05], coat)
    pen.blob(
        [
            (-0.62, 0.02),
            (-0.5, -0.2),
            (-0.1, -0.24),
            (0.3, -0.36),
            (0.54, -0.34),
            (0.58, -0.1),
            (0.34, 0.04),
            (0.0, 0.06),
            (-0.36, 0.16),
        ],
        coat,
    )
    pen.limb([(-0.44, 0.0), (-0.5, 0.26), (-0.84, 0.44)], [0.28, 0.15, 0.08], coat)
    pen.limb([(0.42, -0.16), (0.76, -0.04), (1.06, -0.16)], [0.19, 0.12, 0.08], coat)
    _cat_head(pen, 0.66, -0.38, 0.2, coat)


def cat_sitting(pen: Placed, coat: Color) -> None:
    """Draw a cat that sits and looks at us, one unit wide at the base, feet at the origin."""
    dark = pen.scene.palette.dark(coat, 0.3)
    pen.limb([(0.3, -0.12), (0.62, -0.06), (0.86, -0.2), (0.84, -0.48)], [0.14, 0.13, 0.11, 0.06], coat)
    pen.blob(
        [
            (-0.42, 0.0),
            (-0.46, -0.3),
            (-0.28, -0.72),
            (-0.14, -1.0),
            (0.14, -1.0),
            (0.28, -0.72),
            (0.46, -0.3),
            (0.42, 0.0),
            (0.0, 0.04),
        ],
        coat,
        dark,
    )
    pen.blob(
        [(-0.13, -0.1), (-0.18, -0.5), (0.0, -0.86), (0.18, -0.5), (0.13, -0.1)],
        pen.scene.palette.light(coat, 0.3),
    )
    for side in (-1, 1):
        pen.limb([(side * 0.13, -0.62), (side * 0.12, -0.3), (side * 0.14, 0.0)], [0.16, 0.13, 0.17], coat)
    _cat_head(pen, 0.0, -1.14, 0.29, coat)


def cat_sleeping(pen: Placed, coat: Color) -> None:
    """Draw a curled-up cat, about two units wide, lying on the origin."""
    dark = pen.scene.palette.dark(coat, 0.3)
    pen.blob(
        [(-0.95, -0.1), (-0.8, -0.5), (-0.2, -0.74), (0.5, -0.66), (0.92, -0.3), (0.9, -0.02), (0.0, 0.06)],
        coat,
        dark,
    )
    pen.blob(
        [(0.2, -0.2), (0.3, -0.52), (0.62, -0.5), (0.8, -0.14), (0.5, 0.0)],
        pen.scene.palette.dark(coat, 0.14),
    )
    _cat_head(pen, -0.58, -0.26, 0.27, coat, awake=False)
    pen.limb([(0.88, -0.1), (0.5, 0.05), (0.0, 0.05), (-0.4, 0.02)], [0.17, 0.16, 0.14, 0.08], dark)


def _cat_head(pen: Placed, x: float, y: float, r: float, coat: Color, *, awake: bool = True) -> None:
    palette = pen.scene.palette
    pink = mix(palette.warm, WHITE, 0.35)
    for side in (-1, 1):
        ear = np.array([(0.25, -0.72), (0.86, -1.45), (0.96, -0.35)]) * (side, 1)
        pen.shape(ear * r + (x, y), coat)
        pen.shape(ear * r * 0.6 + (x + side * 0.24 * r, y - 0.28 * r), pink)
    pen.disc(x, y, r * 1.08, r * 0.95, coat)
    pen.disc(x, y + r * 0.42, r * 0.5, r * 0.34, palette.light(coat, 0.35))
    for side in (-1, 1):
        eye = x + side * 0.42 * r
        if awake:
            pen.disc(eye, y - 0.08 * r, r * 0.25, r * 0.22, mix(palette.bright, (0.7, 0.85, 0.3), 0.3))
            pen.disc(eye, y - 0.08 * r, r * 0.08, r * 0.2, palette.ink)
        else:
            pen.limb(
                [(eye - 0.2 * r, y - 0.05 * r), (eye, y + 0.05 * r), (eye + 0.2 * r, y - 0.05 * r)],
                0.07 * r,
                palette.ink,
            )
        for lift in (-0.1, 0.1):
            pen.limb(
                [(x + side * 0.35 * r, y + 0.38 * r), (x + side * 1.5 * r, y + (0.3 + lift * 2) * r)],
                0.035 * r,
                palette.light(coat, 0.6),
            )
    pen.shape([(x - 0.12 * r, y + 0.2 * r), (x + 0.12 * r, y + 0.2 * r), (x, y + 0.36 * r)], pink)


def coat_of_cat(scene: Scene) -> tuple[str, Color]:
    """Return the name and colour of some cat's coat."""
    palette = scene.palette
    coats = {
        "black": mix(palette.ink, (0.12, 0.1, 0.12), 0.5),
        "ginger": mix(palette.bright, (0.85, 0.45, 0.15), 0.6),
        "grey": mix(palette.stone, (0.5, 0.5, 0.54), 0.6),
        "white": mix(palette.paper, WHITE, 0.6),
        "tabby": mix(palette.land, (0.5, 0.36, 0.24), 0.5),
    }
    name = str(scene.rng.choice(list(coats)))
    return name, coats[name]


def person(
    scene: Scene, x: float, foot: float, height: float, *, dress: Color, trousers: Color, kind: str = "man"
) -> None:
    """Draw a standing person seen from the front: a ``man``, ``woman``, ``boy`` or ``girl`` in a coat."""
    palette = scene.palette
    skin = SKINS[int(scene.rng.integers(len(SKINS)))]
    if max(palette.warm) - min(palette.warm) < 0.02:
        skin = mix(palette.paper, palette.stone, 0.35)
    pen = Placed(scene, x, foot, height)
    small = kind in {"boy", "girl"}
    head = 0.095 if small else 0.07
    skirted = kind in {"woman", "girl"}
    for side in (-1, 1):
        leg = palette.dark(skin, 0.15) if skirted else trousers
        pen.limb([(side * 0.055, -0.48), (side * 0.06, -0.2), (side * 0.06, -0.02)], [0.1, 0.08, 0.055], leg)
        pen.disc(side * 0.075, -0.012, 0.055, 0.022, palette.ink)
    hem = 0.2 if skirted else 0.13
    low = -0.26 if skirted else -0.4
    pen.blob(
        [
            (-0.12, -0.8),
            (0, -0.845),
            (0.12, -0.8),
            (0.1, -0.6),
            (hem, low),
            (0, low + 0.03),
            (-hem, low),
            (-0.1, -0.6),
        ],
        dress,
        palette.dark(dress, 0.35),
    )
    for side in (-1, 1):
        pen.limb(
            [(side * 0.12, -0.78), (side * 0.17, -0.6), (side * 0.16, -0.43)],
            [0.07, 0.06, 0.045],
            palette.dark(dress, 0.12),
        )
        pen.disc(side * 0.16, -0.42, 0.025, 0.03, skin)
    pen.limb([(0, -0.86), (0, -0.8)], 0.06, palette.dark(skin, 0.2))
    pen.disc(0, -0.92, head * 0.84, head, skin, palette.dark(skin, 0.3))
    _hair_or_hat(pen, kind, head)
    for side in (-1, 1):
        pen.disc(side * 0.026, -0.918, 0.008, 0.01, palette.ink)
    pen.limb([(-0.018, -0.88), (0, -0.876), (0.018, -0.88)], 0.007, palette.dark(skin, 0.6))


def _hair_or_hat(pen: Placed, kind: str, head: float) -> None:
    palette = pen.scene.palette
    hair = palette.dark(palette.land, 0.5)
    top = -0.92
    if kind == "man":
        pen.disc(0, top - head * 0.45, head * 1.45, head * 0.22, palette.ink)
        pen.shape(
            geometry.box(-head * 0.82, top - head * 1.25, head * 1.64, head * 0.85),
            palette.dark(palette.stone, 0.6),
        )
        return
    knots = [
        (-0.95, 0.3),
        (-1.0, -0.4),
        (-0.5, -1.1),
        (0.5, -1.1),
        (1.0, -0.4),
        (0.95, 0.3),
        (0.7, -0.3),
        (0.2, -0.55),
        (-0.5, -0.4),
    ]
    pen.blob(np.array(knots) * head + (0, top), hair)
    if kind == "woman":
        pen.disc(0, top - head * 1.1, head * 0.5, head * 0.36, hair)


def trees(scene: Scene, x: float, foot: float, height: float, leaf: Color) -> None:
    """Draw a round tree."""
    palette = scene.palette
    scene.limb(
        [(x, foot), (x + height * 0.02, foot - height * 0.6)],
        [height * 0.1, height * 0.05],
        palette.dark(palette.land, 0.45),
    )
    for _ in range(7):
        dx, dy = scene.rng.normal(0, 0.16, 2) * height
        scene.disc(
            x + dx,
            foot - height * 0.68 + dy,
            height * scene.chance(0.16, 0.27),
            mix(leaf, palette.glow, 0.18),
            palette.dark(leaf, 0.45),
        )


def cypress(scene: Scene, x: float, foot: float, height: float, leaf: Color) -> None:
    """Draw a tall narrow tree, a flame against the sky."""
    knots = [(0, -1), (0.09, -0.6), (0.12, -0.25), (0.05, 0), (-0.05, 0), (-0.12, -0.25), (-0.08, -0.6)]
    scene.blob(np.array(knots) * height + (x, foot), leaf, scene.palette.dark(leaf, 0.6), "across")


def clouds(scene: Scene, count: int, low: float, high: float, fill: Color, shaded: Color) -> None:
    """Draw heaped clouds between two heights."""
    for _ in range(count):
        x, y = scene.chance(-0.1, scene.wide + 0.1), scene.chance(low, high)
        size = scene.chance(0.05, 0.12)
        for puff in range(6):
            dx = (puff - 2.5) * size * 0.7
            r = size * (1 - abs(puff - 2.5) * 0.22) * scene.chance(0.8, 1.15)
            scene.disc(x + dx, y - r * 0.4, r, fill, shaded, "down", ry=r * 0.72)


def glow(scene: Scene, x: float, y: float, r: float, light: Color, sky: Color, rings: int = 7) -> None:
    """Draw a halo that fades into the sky, then the light itself."""
    for ring in range(rings, 0, -1):
        scene.disc(x, y, r * (1 + ring * 0.34), mix(light, sky, 0.42 + 0.56 * ring / rings), None, "flat")
    scene.disc(x, y, r, light, mix(light, sky, 0.12))


def reflections(scene: Scene, x: float, top: float, spread: float, light: Color, bottom: float = 1.0) -> None:
    """Draw a broken column of light on water below ``top``."""
    y = top
    while y < bottom:
        deep = (y - top) / max(bottom - top, 1e-6)
        for _ in range(2):
            half = spread * (0.25 + deep) * scene.chance(0.15, 0.75)
            at = x + scene.rng.normal(0, spread * (0.12 + 0.4 * deep))
            scene.disc(at, y, half, light, light, "flat", ry=0.0035 + 0.005 * deep)
        y += 0.012 + 0.022 * deep


def ripples(scene: Scene, top: float, count: int, fill: Color, bottom: float = 1.0) -> None:
    """Scatter flat ripples over water, longer towards us."""
    for _ in range(count):
        deep = scene.rng.random() ** 0.8
        y = top + (bottom - top) * deep
        scene.disc(
            scene.chance(0, scene.wide),
            y,
            0.015 + 0.06 * deep * scene.rng.random(),
            fill,
            fill,
            "flat",
            ry=0.0016 + 0.004 * deep,
        )


def waves(scene: Scene, y: float, swing: float, fill: Color, foam: Color | None, pitch: float = 0.2) -> None:
    """Draw one row of pointed waves that covers everything below it."""
    x = np.linspace(-0.1, scene.wide + 0.1, 160)
    phase = scene.chance(0, 6.3)
    trough = np.abs(np.sin((x / pitch + 0.25 * np.sin(x * 5 + phase)) * np.pi + phase))
    line = np.column_stack([x, y + swing * (trough - 0.5) + swing * 0.4 * np.sin(x * 3 + phase)])
    scene.shape(geometry.down_to(line), fill, scene.palette.dark(fill, 0.45), "down")
    if foam is None:
        return
    thick = (
        swing * (0.05 + 0.5 * np.clip(1 - trough * 2.2, 0, 1) ** 1.5) * scene.rng.uniform(0.55, 1.2, len(x))
    )
    scene.shape(
        np.vstack([line, (line + np.column_stack([swing * 0.12 + 0 * x, thick]))[::-1]]), foam, foam, "flat"
    )
    for _ in range(26):
        at = line[int(scene.rng.integers(len(line)))]
        fleck_y = at[1] + swing * scene.chance(0.15, 0.9)
        pale = scene.palette.light(fill, scene.chance(0.15, 0.5))
        scene.disc(at[0], fleck_y, swing * scene.chance(0.08, 0.3), pale, pale, "flat", ry=0.003)


def frame_floor(scene: Scene, y: float, wall: Color, floor: Color) -> None:
    """Draw a room: wall above ``y``, floor below."""
    palette = scene.palette
    scene.ground(palette.light(wall, 0.12), palette.dark(wall, 0.22), "slant")
    scene.shape(geometry.box(-0.01, y, scene.wide + 0.02, 1.02 - y), floor, palette.dark(floor, 0.35), "down")
