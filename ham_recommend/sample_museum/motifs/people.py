"""Portraits and dancers."""

from __future__ import annotations

import numpy as np

from ham_recommend.sample_museum import geometry
from ham_recommend.sample_museum.motifs.parts import WHITE, Placed
from ham_recommend.sample_museum.motifs.sight import Sight
from ham_recommend.sample_museum.palettes import SKINS, Color, mix
from ham_recommend.sample_museum.scene import Scene


def portrait(scene: Scene, variant: str) -> Sight:
    """Draw a ``ruff`` portrait of the 1600s, a portrait with a ``hat``, or a ``plain`` one."""
    p, wide, old = scene.palette, scene.wide, variant == "ruff"
    woman = bool(scene.rng.random() < 0.5)
    behind = _behind_sitter(scene, old=old)
    coat = p.dark(scene.pick(p.warm, p.water, p.leaf, p.land), 0.55 if old else 0.25)
    if old and scene.rng.random() < 0.5:
        coat = p.dark(p.ink, 0.1)
    skin = mix(
        SKINS[int(scene.rng.choice([0, 1, 5])) if old else int(scene.rng.integers(len(SKINS)))], p.glow, 0.22
    )
    if max(p.warm) - min(p.warm) < 0.02:
        skin = mix(p.paper, p.stone, 0.3)
    hair = p.dark(scene.pick(p.land, p.stone, p.bright, p.ink), 0.35)
    size = 0.25 * min(1.0, wide / 0.75) * scene.chance(0.9, 1.06)
    at = wide * scene.chance(0.45, 0.55)
    pen = Placed(scene, at, 0.44, size, flip=bool(scene.rng.random() < 0.5), turn=scene.chance(-0.07, 0.07))
    if woman:
        pen.blob(_SHORT_HAIR if old and scene.rng.random() < 0.6 else _LONG_HAIR, hair)
    pen.blob(_SHOULDERS, coat, p.dark(coat, 0.6))
    pen.limb([(0.0, 0.5), (0.02, 1.2)], [0.62, 0.72], p.dark(skin, 0.22))
    wearing = _collar(pen, variant, coat)
    _face(pen, skin, hair, woman=woman)
    if variant == "hat":
        _wide_hat(pen)
    who = "woman" if woman else "man"
    titles = [
        f"Portrait of a {who.capitalize()}",
        f"{who.capitalize()} with {wearing.split(' ', 1)[1].title()}",
        "Bildnis",
        "Retrato",
        f"Portrait of the Artist's {'Sister' if woman else 'Brother'}",
    ]
    return Sight(
        subject=f"a {who} wearing {wearing}",
        title=str(scene.rng.choice(titles)),
        objects=(wearing, "a dark coat" if old else "a coat", behind),
        setting=f"before {behind}",
        composition="the head and shoulders fill the upright format",
        mood=("dignified", "introspective"),
        subjects=("portrait", who, "people", "face"),
    )


_SHOULDERS = [
    (-2.0, 2.5),
    (-1.75, 1.75),
    (-1.1, 1.35),
    (-0.4, 1.12),
    (0.4, 1.12),
    (1.1, 1.35),
    (1.75, 1.75),
    (2.0, 2.5),
    (0, 3.2),
]
_SHORT_HAIR = [(-0.8, 0.1), (-0.85, -0.6), (-0.4, -1.12), (0.4, -1.12), (0.8, -0.6), (0.76, 0.2)]
_LONG_HAIR = [
    (-0.85, 0.1),
    (-0.9, -0.6),
    (-0.45, -1.15),
    (0.4, -1.18),
    (0.82, -0.6),
    (0.8, 0.2),
    (0.95, 1.3),
    (0.5, 1.5),
    (-0.5, 1.5),
    (-1.0, 1.25),
]


def _behind_sitter(scene: Scene, *, old: bool) -> str:
    p, wide = scene.palette, scene.wide
    wall = scene.pick(p.stone, p.land, p.leaf, p.water, p.warm)
    wall = p.dark(wall, 0.4) if old else wall
    scene.ground(p.light(wall, 0.18), p.dark(wall, 0.45), "round")
    chance = scene.rng.random()
    if chance < 0.22:
        left = wide * scene.chance(0.0, 0.1)
        scene.shape(geometry.box(left, 0.08, wide * 0.26, 0.4), p.light(p.sky, 0.1), p.glow, "down")
        scene.blob(
            [
                (left, 0.48),
                (left, 0.38),
                (left + wide * 0.12, 0.34),
                (left + wide * 0.26, 0.4),
                (left + wide * 0.26, 0.48),
            ],
            p.leaf,
        )
        scene.stroke(geometry.box(left, 0.08, wide * 0.26, 0.4)[[0, 1, 2, 3, 0]], 0.014, p.dark(p.land, 0.5))
        return "a wall with a window"
    if chance < 0.45:
        drape = p.dark(p.warm, 0.3)
        for fold in range(5):
            x = wide * (0.62 + 0.09 * fold)
            path = [(x - 0.02, -0.05), (x + 0.05, 0.3), (x + 0.01, 0.7), (x + 0.06, 1.05)]
            scene.limb(
                path, [0.08, 0.1, 0.08, 0.12], p.dark(drape, 0.12 * (fold % 2)), p.dark(drape, 0.5), "across"
            )
        return "a heavy red curtain" if max(p.warm) == p.warm[0] else "a heavy curtain"
    return "a plain background"


def _collar(pen: Placed, variant: str, coat: Color) -> str:
    p = pen.scene.palette
    white = mix(p.paper, WHITE, 0.6)
    if variant == "ruff" and pen.scene.rng.random() < 0.4:
        _lace_collar(pen, white)
        return "a lace collar"
    if variant == "ruff":
        pen.disc(0, 1.1, 1.28, 0.46, white, p.dark(white, 0.25))
        for turn in np.linspace(0, 2 * np.pi, 44, endpoint=False):
            outer = (1.28 * np.cos(turn), 1.1 + 0.46 * np.sin(turn))
            inner = (0.42 * np.cos(turn), 1.02 + 0.14 * np.sin(turn))
            pen.limb([inner, outer], [0.015, 0.05], p.dark(white, 0.32))
        pen.disc(0, 0.98, 0.44, 0.15, p.dark(white, 0.5))
        for button in range(4):
            pen.disc(0.0, 1.72 + button * 0.22, 0.05, 0.05, p.bright)
        return "a white ruff collar"
    pen.shape([(-0.5, 1.0), (0, 1.75), (-0.8, 1.5)], white)
    pen.shape([(0.5, 1.0), (0, 1.75), (0.8, 1.5)], white)
    if variant == "hat":
        pen.blob([(0, 1.5), (0.2, 1.62), (0.08, 2.3), (-0.08, 2.3), (-0.2, 1.62)], p.warm)
    else:
        pen.limb([(0, 1.7), (0, 2.6)], 0.03, p.dark(coat, 0.5))
    return "a wide-brimmed hat" if variant == "hat" else "a simple collar"


def _lace_collar(pen: Placed, white: Color) -> None:
    p = pen.scene.palette
    for x in np.linspace(-1.45, 1.45, 13):
        pen.disc(x, 1.95 - 0.22 * x * x, 0.15, 0.13, p.dark(white, 0.08))
        pen.disc(x, 1.97 - 0.22 * x * x, 0.05, 0.05, p.dark(white, 0.4))
    for side in (-1, 1):
        wing = np.array([(0.02, 1.02), (0.5, 0.98), (1.15, 1.3), (1.5, 1.55), (1.0, 1.78), (0.06, 1.95)])
        pen.blob(wing * (side, 1), white, p.dark(white, 0.22))
    for bead in np.linspace(0.2, np.pi - 0.2, 11):
        pen.disc(
            0.46 * np.cos(bead), 0.98 + 0.3 * np.sin(bead), 0.045, 0.045, p.light(p.bright, 0.5), p.bright
        )


def _face(pen: Placed, skin: Color, hair: Color, *, woman: bool) -> None:
    p = pen.scene.palette
    shadow, rose = mix(p.dark(skin, 0.35), p.warm, 0.12), mix(skin, p.warm, 0.4)
    jaw = (0.92 if woman else 1.0) * pen.scene.chance(0.92, 1.06)
    face = [
        (-0.62, -0.3),
        (-0.66, 0.1),
        (-0.5 * jaw, 0.58),
        (-0.2 * jaw, 0.86),
        (0.18 * jaw, 0.87),
        (0.5 * jaw, 0.6),
        (0.64, 0.1),
        (0.6, -0.35),
        (0.3, -0.82),
        (-0.3, -0.82),
    ]
    pen.blob(face, p.light(skin, 0.12), shadow)
    pen.blob(
        [(0.3, -0.6), (0.62, -0.25), (0.62, 0.2), (0.44, 0.66), (0.16, 0.86), (0.38, 0.4), (0.4, 0.0)],
        mix(skin, shadow, 0.55),
    )
    for side in (-1, 1):
        pen.disc(side * 0.36, 0.3, 0.16, 0.12, mix(skin, rose, 0.3), mix(skin, rose, 0.2))
        eye = side * 0.27 + 0.02
        pen.blob(
            [(eye - 0.17, -0.02), (eye, -0.13), (eye + 0.17, -0.02), (eye, 0.06)],
            p.light(WHITE, 0.2),
            mix(WHITE, skin, 0.4),
        )
        pen.disc(eye + 0.02, -0.035, 0.08, 0.085, p.dark(mix(p.water, (0.25, 0.3, 0.28), 0.5), 0.45))
        pen.disc(eye + 0.02, -0.035, 0.038, 0.042, p.ink)
        pen.disc(eye + 0.05, -0.065, 0.018, 0.018, WHITE)
        pen.limb(
            [(eye - 0.19, -0.0), (eye - 0.02, -0.14), (eye + 0.19, -0.01)],
            [0.02, 0.045, 0.02],
            p.dark(skin, 0.75),
        )
        pen.limb(
            [(eye - 0.2, -0.24), (eye, -0.31), (eye + 0.2, -0.24)],
            [0.03, 0.07 if not woman else 0.045, 0.02],
            p.dark(hair, 0.3),
        )
    pen.blob(
        [(0.0, -0.16), (0.1, 0.16), (0.17, 0.3), (0.06, 0.37), (-0.06, 0.36), (0.03, 0.2)],
        mix(skin, shadow, 0.5),
    )
    pen.limb([(-0.1, 0.34), (0.03, 0.39), (0.15, 0.34)], [0.02, 0.05, 0.02], shadow)
    pen.blob(
        [(-0.22, 0.575), (-0.07, 0.53), (0.01, 0.55), (0.09, 0.53), (0.24, 0.575), (0.02, 0.68)],
        mix(rose, p.warm, 0.35),
        p.dark(rose, 0.25),
    )
    pen.limb([(-0.21, 0.58), (0.01, 0.595), (0.23, 0.58)], [0.01, 0.03, 0.01], p.dark(rose, 0.55))
    top = [
        (-0.68, 0.12),
        (-0.78, -0.4),
        (-0.5, -0.98),
        (0.05, -1.12),
        (0.55, -0.95),
        (0.76, -0.4),
        (0.66, 0.12),
        (0.56, -0.3),
        (0.2, -0.68),
        (-0.2, -0.62),
        (-0.52, -0.32),
    ]
    pen.blob(top, p.light(hair, 0.12), p.dark(hair, 0.5))
    if not woman and pen.scene.rng.random() < 0.5:
        pen.blob([(-0.26, 0.5), (0.0, 0.44), (0.28, 0.5), (0.3, 0.54), (0.02, 0.52), (-0.28, 0.54)], hair)
        pen.blob([(-0.14, 0.74), (0.16, 0.74), (0.08, 1.0), (-0.02, 1.05)], hair)


def _wide_hat(pen: Placed) -> None:
    p = pen.scene.palette
    felt = p.dark(p.warm, 0.55)
    pen.blob([(-0.7, -0.62), (-0.62, -1.3), (0.0, -1.5), (0.62, -1.3), (0.7, -0.62)], felt)
    pen.blob(
        [(-1.35, -0.5), (-0.7, -0.82), (0.7, -0.86), (1.4, -0.66), (0.7, -0.52), (-0.6, -0.46)],
        p.light(felt, 0.08),
        p.dark(felt, 0.5),
    )
    pen.blob([(-0.7, -0.84), (0.7, -0.88), (0.7, -0.72), (-0.7, -0.68)], p.bright)


def dancer(scene: Scene, variant: str) -> Sight:
    """Draw a ``ballet`` dancer on stage or a dancer with a ``skirt`` whirling."""
    return _ballet(scene) if variant == "ballet" else _skirt(scene)


def _stage(scene: Scene) -> None:
    p, wide = scene.palette, scene.wide
    scene.ground(mix(p.water, p.sky, 0.3), p.dark(p.water, 0.3), "slant")
    for tree in range(5):
        x = wide * (tree + scene.chance(0.1, 0.9)) / 5
        scene.disc(
            x,
            scene.chance(0.3, 0.6),
            scene.chance(0.14, 0.26),
            mix(p.leaf, p.water, 0.5),
            p.dark(p.leaf, 0.3),
        )
    scene.shape(
        geometry.box(-0.01, 0.74, wide + 0.02, 0.3),
        mix(p.land, p.glow, 0.5),
        mix(p.land, p.warm, 0.2),
        "down",
    )
    scene.disc(wide * 0.5, 0.9, 0.4, mix(p.glow, p.paper, 0.3), p.glow, ry=0.085)
    for side in (-1, 1):
        edge = wide * (0.5 + side * 0.5)
        for fold in range(4):
            x = edge - side * fold * wide * 0.045
            knots = [
                (x + side * 0.1, -0.05),
                (x - side * 0.06, -0.05),
                (x - side * 0.035, 0.4),
                (x - side * 0.07, 0.92),
                (x + side * 0.1, 0.92),
            ]
            curtain = p.dark(p.warm, 0.15 + 0.12 * (fold % 2))
            scene.shape(geometry.smooth(knots, closed=False), curtain, p.dark(curtain, 0.5), "across")


def _ballet(scene: Scene) -> Sight:
    p, wide = scene.palette, scene.wide
    _stage(scene)
    skin = mix(SKINS[int(scene.rng.integers(len(SKINS)))], p.glow, 0.2)
    dress = p.light(scene.pick(p.sky, p.warm, p.paper, p.bright), 0.55)
    pen = Placed(scene, wide * 0.5, 0.47, 0.4 * min(1.0, wide * 1.15), flip=bool(scene.rng.random() < 0.5))
    scene.disc(wide * 0.5, 0.93, 0.16, p.dark(p.land, 0.3), None, "flat", ry=0.016)
    kick = scene.chance(-0.18, 0.3)
    pen.limb(
        [(0.0, 0.15), (0.45, 0.2 + kick * 0.3), (0.98, 0.12 + kick)], [0.17, 0.12, 0.04], p.dark(skin, 0.12)
    )
    pen.limb([(-0.02, 0.15), (-0.03, 0.6), (0.0, 1.0), (0.0, 1.13)], [0.17, 0.12, 0.075, 0.025], skin)
    for layer in range(3):
        rim = geometry.turned(
            geometry.oval(0, 0.16 + 0.02 * layer, 0.62 - 0.07 * layer, 0.17 - 0.025 * layer), -0.12
        )
        frill = rim * (1 + 0.05 * np.cos(np.arange(len(rim)) * 2.3))[:, None]
        pen.shape(frill, p.light(dress, 0.25 * layer), p.dark(dress, 0.25))
    for fold in np.linspace(0.2, 2.9, 14):
        pen.limb(
            [(0.08 * np.cos(fold), 0.15), (0.56 * np.cos(fold), 0.17 + 0.15 * np.sin(fold))],
            [0.004, 0.016],
            p.dark(dress, 0.2),
        )
    pen.blob(
        [(-0.14, 0.17), (-0.1, -0.08), (-0.16, -0.36), (0.16, -0.36), (0.1, -0.08), (0.14, 0.17)],
        dress,
        p.dark(dress, 0.35),
    )
    pen.limb([(0.14, -0.38), (0.44, -0.56), (0.4, -0.86), (0.16, -1.03)], [0.09, 0.07, 0.055, 0.03], skin)
    pen.limb([(-0.14, -0.38), (-0.44, -0.5), (-0.76, -0.42)], [0.09, 0.07, 0.03], skin)
    pen.blob([(-0.15, -0.38), (-0.06, -0.44), (0.06, -0.44), (0.15, -0.38), (0, -0.3)], skin)
    pen.limb([(0.0, -0.38), (0.01, -0.55)], 0.075, p.dark(skin, 0.12))
    _small_head(pen, 0.02, -0.66, skin)
    return Sight(
        subject="a ballet dancer on one foot with raised arms",
        title=str(scene.rng.choice(["Dancer", "Ballerina", "Danseuse", "On Stage", "Arabesque"])),
        objects=(
            "a white tutu" if min(dress) > 0.75 else "a tutu",
            "stage curtains",
            "painted scenery",
            "footlights",
        ),
        setting="on a stage",
        composition="one leg and both arms spread like the spokes of a wheel",
        mood=("graceful", "weightless"),
        subjects=("dancer", "ballet", "stage", "woman", "people"),
    )


def _small_head(pen: Placed, x: float, y: float, skin: Color) -> None:
    p = pen.scene.palette
    hair = p.dark(p.land, 0.5)
    pen.disc(x - 0.05, y - 0.12, 0.08, 0.07, hair)
    pen.disc(x, y, 0.1, 0.13, skin)
    pen.blob(
        [
            (x - 0.12, y + 0.02),
            (x - 0.11, y - 0.1),
            (x, y - 0.16),
            (x + 0.1, y - 0.09),
            (x + 0.02, y - 0.07),
            (x - 0.07, y - 0.02),
        ],
        hair,
    )
    for eye in (0.01, 0.07):
        pen.disc(x + eye, y - 0.01, 0.012, 0.01, p.ink)
    pen.limb([(x + 0.02, y + 0.065), (x + 0.07, y + 0.06)], 0.014, p.warm)


def _skirt(scene: Scene) -> Sight:
    p, wide = scene.palette, scene.wide
    scene.ground(p.light(p.land, 0.1), p.dark(p.land, 0.5), "round")
    scene.disc(wide * 0.5, 0.92, 0.5, p.light(p.land, 0.3), p.land, ry=0.1)
    skin = mix(SKINS[int(scene.rng.integers(1, 5))], p.glow, 0.15)
    dress = scene.pick(p.warm, p.bright, p.leaf, p.water)
    pen = Placed(scene, wide * 0.5, 0.5, 0.42 * min(1.0, wide * 1.15), flip=bool(scene.rng.random() < 0.5))
    for foot in (-0.12, 0.1):
        pen.limb([(foot * 0.5, 0.5), (foot, 0.98), (foot + 0.08, 1.03)], [0.1, 0.06, 0.05], skin)
    reach = [
        (-0.1, 0.0),
        (-0.5, 0.45),
        (-1.0, 0.5),
        (-0.85, 0.78),
        (-0.5, 0.72),
        (-0.3, 0.92),
        (0.05, 0.82),
        (0.35, 0.95),
        (0.6, 0.75),
        (0.95, 0.72),
        (1.05, 0.36),
        (0.5, 0.3),
        (0.1, 0.0),
    ]
    pen.blob(reach, dress, p.dark(dress, 0.4))
    for tip in (-0.8, -0.45, -0.15, 0.2, 0.5, 0.85):
        pen.limb([(tip * 0.1, 0.05), (tip * 0.6, 0.4), (tip, 0.68)], [0.01, 0.05, 0.03], p.light(dress, 0.3))
        pen.limb(
            [(tip * 0.14, 0.08), (tip * 0.7 + 0.08, 0.45), (tip + 0.1, 0.72)],
            [0.01, 0.05, 0.02],
            p.dark(dress, 0.3),
        )
    pen.blob(
        [(-0.13, 0.05), (-0.1, -0.12), (-0.17, -0.38), (0.17, -0.38), (0.1, -0.12), (0.13, 0.05)],
        p.dark(dress, 0.15),
        p.dark(dress, 0.5),
    )
    pen.limb([(0.15, -0.36), (0.42, -0.62), (0.24, -0.98)], [0.09, 0.07, 0.04], skin)
    pen.limb([(-0.15, -0.36), (-0.5, -0.36), (-0.72, -0.08)], [0.09, 0.07, 0.04], skin)
    pen.limb([(0.0, -0.38), (0.02, -0.55)], 0.08, p.dark(skin, 0.12))
    _small_head(pen, 0.03, -0.66, skin)
    pen.disc(-0.06, -0.78, 0.05, 0.05, p.light(p.warm, 0.2))
    return Sight(
        subject="a dancer whirling in a wide skirt",
        title=str(scene.rng.choice(["The Dance", "Flamenco", "Bailadora", "Tarantella", "Whirl"])),
        objects=("a wide skirt", "a flower in her hair", "bare wooden boards"),
        setting="on a dark stage",
        composition="the skirt opens like a fan around the upright body",
        mood=("passionate", "rhythmic"),
        subjects=("dancer", "dance", "woman", "people"),
    )
