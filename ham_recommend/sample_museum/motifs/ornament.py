"""Calligraphy, textiles and tiles."""

from __future__ import annotations

import numpy as np

from ham_recommend.sample_museum import geometry
from ham_recommend.sample_museum.motifs.sight import Sight
from ham_recommend.sample_museum.palettes import mix
from ham_recommend.sample_museum.scene import Scene


def calligraphy(scene: Scene, variant: str) -> Sight:
    """Draw a brushed ``circle``, ``columns`` of signs or one great ``sign``."""
    p, wide = scene.palette, scene.wide
    scene.ground(p.paper, p.dark(p.paper, 0.08), "slant")
    if variant == "circle":
        start, r = scene.chance(0, 6.3), 0.31 * min(1.0, wide)
        turn = start + np.linspace(0, 5.9, 30)
        path = np.column_stack([wide / 2 + r * np.cos(turn), 0.47 + r * np.sin(turn) * 1.04])
        widths = (0.035 + 0.045 * np.sin(np.linspace(0.5, 2.9, 30)) ** 2) * np.linspace(1.35, 0.5, 30)
        scene.limb(path, widths.tolist(), p.ink, p.dark(p.stone, 0.7))
        _bristles(scene, path[-9:], 0.05)
    elif variant == "columns":
        columns = max(2, round(wide * 5))
        for column in range(columns):
            x = wide * (column + 0.5) / columns
            for row in range(5):
                _sign(scene, x, 0.13 + row * 0.165, 0.058)
    else:
        _sign(scene, wide / 2, 0.46, 0.27 * min(1.0, wide + 0.15))
    _seal(scene, wide * 0.84, 0.86)
    subject = {
        "circle": "a circle painted with one stroke of the brush",
        "columns": "columns of brushed characters",
        "sign": "a single great character brushed in ink",
    }[variant]
    return Sight(
        subject=subject,
        title={
            "circle": "Circle",
            "columns": str(scene.rng.choice(["Poem", "Letter in Running Script", "Sūtra Fragment"])),
            "sign": str(scene.rng.choice(["Wind", "Heart", "Dragon"])),
        }[variant],
        objects=("black ink", "a red seal", "dry brush marks"),
        setting="on bare paper",
        composition="black strokes stand alone on the empty sheet",
        mood=("meditative", "spontaneous"),
        subjects=("calligraphy", "ink", "writing", "seal"),
    )


def _sign(scene: Scene, x: float, y: float, size: float) -> None:
    p = scene.palette
    ink = p.dark(p.ink, 0.2)
    for _ in range(int(scene.rng.integers(4, 7))):
        kind, at = scene.rng.random(), scene.rng.uniform(-0.75, 0.75, 2)
        if kind < 0.36:
            path = [(-0.9, at[1]), (0.0, at[1] - 0.1), (0.85, at[1] - 0.06)]
        elif kind < 0.6:
            path = [(at[0], -0.95), (at[0] + 0.04, 0.0), (at[0] - 0.05, 0.95)]
        elif kind < 0.82:
            path = [(0.05, -0.5 + at[1] * 0.3), (-0.3, 0.3), (-0.9, 0.85)]
        else:
            path = [(0.0, -0.2), (0.35, 0.4), (0.95, 0.85)]
        knots = np.array(path) * size * scene.chance(0.7, 1.0) + (x, y)
        thick = size * scene.chance(0.15, 0.26)
        scene.limb(
            knots,
            [thick * 1.25, thick * 0.7, thick * (0.25 if kind > 0.6 else 1.0)],
            ink,
            mix(ink, p.stone, 0.25),
        )
    scene.disc(
        x + size * scene.chance(-0.6, 0.6),
        y - size * 0.9,
        size * 0.12,
        ink,
        ink,
        "flat",
        ry=size * 0.16,
        turn=0.5,
    )


def _bristles(scene: Scene, path: geometry.Points, wide: float) -> None:
    for offset in np.linspace(-0.5, 0.5, 7):
        shift = offset * wide
        scene.stroke(path + (shift * 0.6, shift), 0.003, scene.palette.paper)


def _seal(scene: Scene, x: float, y: float) -> None:
    p = scene.palette
    red = mix(p.warm, (0.75, 0.12, 0.1), 0.7) if max(p.warm) - min(p.warm) > 0.03 else p.dark(p.stone, 0.6)
    scene.shape(geometry.box(x - 0.03, y - 0.034, 0.06, 0.068), red, red, "flat")
    for row in range(3):
        scene.stroke(
            [(x - 0.018, y - 0.018 + row * 0.018), (x + 0.018, y - 0.02 + row * 0.019)], 0.006, p.paper
        )
    scene.stroke([(x + 0.002, y - 0.022), (x - 0.002, y + 0.022)], 0.006, p.paper)


def textile(scene: Scene, variant: str) -> Sight:
    """Draw a woven pattern: ``diamonds``, ``rosettes`` or ``stripes``."""
    scene.palette = p = scene.palette.shuffled(scene.rng.permutation(4).tolist())
    wide = scene.wide
    scene.ground(p.dark(p.warm, 0.25))
    border = 0.1
    for inset, fill in (
        (0.0, p.water),
        (0.02, p.bright),
        (0.035, p.dark(p.water, 0.4)),
        (border - 0.02, p.bright),
        (border, p.warm),
    ):
        scene.shape(geometry.box(inset, inset, wide - 2 * inset, 1 - 2 * inset), fill, fill, "flat")
    _border_motifs(scene, border)
    if variant == "stripes":
        _stripes(scene, border)
    else:
        _repeats(scene, border, variant)
    return Sight(
        subject={
            "diamonds": "a woven carpet with stepped diamonds",
            "rosettes": "a textile with rows of rosettes",
            "stripes": "a striped woven cloth with zigzags",
        }[variant],
        title={
            "diamonds": "Carpet Fragment",
            "rosettes": "Textile with Rosettes",
            "stripes": "Mantle Fragment",
        }[variant],
        objects=(
            "a patterned border",
            "repeating medallions" if variant != "stripes" else "zigzag bands",
            "interlaced colours",
        ),
        setting="filling the whole surface",
        composition="a border encloses a field of strictly repeated units",
        mood=("ornamental", "rhythmic"),
        subjects=("textile", "ornament", "pattern", "weaving"),
    )


def _border_motifs(scene: Scene, border: float) -> None:
    p, wide = scene.palette, scene.wide
    size = border * 0.24
    for at in np.arange(border / 2 + 0.005, wide, border * 0.52):
        for y in (border * 0.57, 1 - border * 0.57):
            scene.shape(
                [(at - size, y), (at, y - size), (at + size, y), (at, y + size)],
                p.light(p.bright, 0.4),
                p.paper,
                "flat",
            )
    for y in np.arange(border * 1.1, 1 - border, border * 0.52):
        for at in (border * 0.57, wide - border * 0.57):
            scene.shape(
                [(at - size, y), (at, y - size), (at + size, y), (at, y + size)],
                p.light(p.bright, 0.4),
                p.paper,
                "flat",
            )


def _repeats(scene: Scene, border: float, variant: str) -> None:
    p, wide = scene.palette, scene.wide
    columns, rows = max(2, round((wide - 2 * border) / 0.2)), 4
    step_x, step_y = (wide - 2 * border) / columns, (1 - 2 * border) / rows
    fills = [p.water, p.leaf, p.bright, p.stone]
    for row in range(rows):
        for column in range(columns):
            x, y = border + (column + 0.5) * step_x, border + (row + 0.5) * step_y
            fill = fills[(row + column) % len(fills)]
            if variant == "diamonds":
                _stepped_diamond(scene, x, y, step_x * 0.5, step_y * 0.5, fill)
            else:
                _rosette(scene, x, y, min(step_x, step_y) * 0.45, fill)


def _stepped_diamond(
    scene: Scene, x: float, y: float, half_x: float, half_y: float, fill: tuple[float, float, float]
) -> None:
    p = scene.palette
    for size, tone in (
        (1.0, p.dark(fill, 0.35)),
        (0.84, p.paper),
        (0.72, fill),
        (0.42, p.bright),
        (0.24, p.ink),
    ):
        steps = 5
        corner = []
        for step in range(steps):
            corner += [(step / steps, 1 - step / steps), ((step + 1) / steps, 1 - step / steps)]
        quarter = np.array(corner)
        outline = np.vstack(
            [
                quarter * (sx, sy) if sx * sy > 0 else (quarter * (sx, sy))[::-1]
                for sx, sy in ((1, 1), (1, -1), (-1, -1), (-1, 1))
            ]
        )
        scene.shape(outline * (half_x * size, half_y * size) + (x, y), tone, tone, "flat")


def _rosette(scene: Scene, x: float, y: float, r: float, fill: tuple[float, float, float]) -> None:
    p = scene.palette
    scene.disc(x, y, r, p.dark(p.warm, 0.5), None, "flat")
    scene.disc(x, y, r * 0.92, p.light(p.paper, 0.1), None, "flat")
    for turn in np.arange(12) * np.pi / 6:
        scene.disc(
            x + r * 0.58 * np.cos(turn),
            y + r * 0.58 * np.sin(turn),
            r * 0.3,
            fill,
            fill,
            "flat",
            ry=r * 0.14,
            turn=turn,
        )
    scene.disc(x, y, r * 0.26, p.bright, None, "flat")
    scene.disc(x, y, r * 0.13, p.warm, None, "flat")


def _stripes(scene: Scene, border: float) -> None:
    p, wide = scene.palette, scene.wide
    y, number = border, 0
    fills = [p.leaf, p.paper, p.water, p.bright, p.land, p.stone]
    while y < 1 - border - 0.02:
        high = min(float(scene.rng.choice([0.02, 0.05, 0.09])), 1 - border - y)
        fill = fills[number % len(fills)]
        scene.shape(geometry.box(border, y, wide - 2 * border, high), fill, fill, "flat")
        if high > 0.04:
            x = np.linspace(border, wide - border, 33)
            up = np.where(np.arange(33) % 2 == 0, 0.15, 0.75) * high
            line = np.vstack([np.column_stack([x, y + up]), np.column_stack([x, y + up + high * 0.2])[::-1]])
            scene.shape(line, fills[(number + 3) % len(fills)], None, "flat")
        y, number = y + high, number + 1


def tile(scene: Scene, variant: str) -> Sight:
    """Draw tiles: ``stars`` and crosses, or ``arabesque`` flowers."""
    scene.palette = p = scene.palette.shuffled(scene.rng.permutation(4).tolist())
    wide = scene.wide
    scene.ground(p.light(p.paper, 0.1))
    count = int(scene.rng.integers(3, 7))
    step = wide / count
    for row in range(round(1 / step) + 1):
        for column in range(count + 1):
            if variant == "stars":
                _star_tile(scene, column * step, row * step, step, (row + column) % 2 == 0)
            else:
                _flower_tile(scene, column * step, row * step, step)
    return Sight(
        subject="a tile panel of eight-pointed stars and crosses"
        if variant == "stars"
        else "tiles with arabesque flowers",
        title="Star Tiles"
        if variant == "stars"
        else str(scene.rng.choice(["Tile Panel", "Azulejos", "Çini Panel"])),
        objects=("eight-pointed stars", "crosses")
        if variant == "stars"
        else ("stylised tulips and carnations", "curling leaves"),
        setting="covering the whole surface",
        composition="one unit repeats in all directions without a centre",
        mood=("ornamental", "serene"),
        subjects=("tile", "ornament", "pattern", "ceramic"),
    )


def _star_tile(scene: Scene, x: float, y: float, step: float, even: bool) -> None:
    p = scene.palette
    half = step * 0.5
    scene.shape(geometry.star(x, y, half * 0.98, half * 0.75, 8), p.dark(p.water, 0.35), None, "flat")
    scene.shape(geometry.star(x, y, half * 0.9, half * 0.69, 8), p.water if even else p.leaf)
    scene.shape(geometry.star(x, y, half * 0.62, half * 0.3, 8, np.pi / 8), p.paper, None, "flat")
    scene.shape(geometry.star(x, y, half * 0.5, half * 0.2, 8), p.bright)
    scene.disc(x, y, half * 0.14, p.warm)
    for dx, dy in ((0.5, 0.5), (0.5, -0.5)):
        cx, cy = x + dx * step, y + dy * step
        scene.shape(geometry.star(cx, cy, half * 0.52, half * 0.16, 4), p.warm)
        scene.shape(geometry.star(cx, cy, half * 0.3, half * 0.09, 4), p.light(p.bright, 0.3))


def _flower_tile(scene: Scene, x: float, y: float, step: float) -> None:
    p = scene.palette
    scene.shape(
        geometry.box(x, y, step * 0.992, step * 0.992), mix(p.paper, p.sky, 0.06), p.light(p.sky, 0.75)
    )
    cx, cy = x + step / 2, y + step / 2
    for quarter in range(4):
        turn = quarter * np.pi / 2 + np.pi / 4

        def lay(these: geometry.PointsLike, fill: tuple[float, float, float], turn: float = turn) -> None:
            scene.blob(
                geometry.turned(geometry.points(these) * step, turn) + (cx, cy),
                fill,
                scene.palette.dark(fill, 0.25),
            )

        stem = geometry.limb([(0, 0), (0.03, -0.2), (0, -0.4)], 0.018)
        scene.shape(geometry.turned(stem * step, turn) + (cx, cy), p.leaf, None, "flat")
        for side in (-1, 1):
            lay([(0, -0.12), (side * 0.1, -0.14), (side * 0.2, -0.26), (side * 0.08, -0.24)], p.leaf)
        lay(
            [
                (-0.11, -0.58),
                (-0.12, -0.42),
                (0, -0.34),
                (0.12, -0.42),
                (0.11, -0.58),
                (0.05, -0.5),
                (0, -0.62),
                (-0.05, -0.5),
            ],
            p.warm,
        )
        lay([(0, -0.56), (0.04, -0.46), (0, -0.38), (-0.04, -0.46)], p.light(p.warm, 0.5))
    for turn in np.arange(8) * np.pi / 4:
        scene.disc(
            cx + step * 0.1 * np.cos(turn),
            cy + step * 0.1 * np.sin(turn),
            step * 0.075,
            p.water,
            p.dark(p.water, 0.3),
            ry=step * 0.04,
            turn=turn,
        )
    scene.disc(cx, cy, step * 0.05, p.bright)
