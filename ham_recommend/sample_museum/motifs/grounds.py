"""Castles and gardens."""

from __future__ import annotations

import numpy as np

from ham_recommend.sample_museum import geometry
from ham_recommend.sample_museum.motifs import parts
from ham_recommend.sample_museum.motifs.animals import flower
from ham_recommend.sample_museum.motifs.sight import Sight
from ham_recommend.sample_museum.palettes import Color, mix
from ham_recommend.sample_museum.scene import Scene


def castle(scene: Scene, variant: str) -> Sight:
    """Draw a castle by ``day`` or at ``night``."""
    night = variant == "night"
    if night:
        scene.palette = scene.palette.at_night()
    p, wide = scene.palette, scene.wide
    scene.ground(p.sky, p.glow)
    light = mix(p.paper, p.bright, 0.2)
    parts.glow(
        scene, wide * scene.chance(0.14, 0.3), 0.2, 0.06, light if night else p.light(p.bright, 0.3), p.sky, 6
    )
    if not night:
        parts.clouds(scene, 3, 0.1, 0.32, p.light(p.sky, 0.6), p.light(p.sky, 0.25))
    scene.shape(
        geometry.down_to(geometry.ridge(scene.rng, wide, 0.62, 0.05)), mix(p.leaf, p.glow, 0.55), None, "down"
    )
    x = wide * scene.chance(0.48, 0.6)
    rock = [
        (x - 0.55, 1.05),
        (x - 0.42, 0.82),
        (x - 0.3, 0.68),
        (x, 0.64),
        (x + 0.3, 0.67),
        (x + 0.42, 0.8),
        (x + 0.6, 1.05),
    ]
    scene.blob(rock, p.land, p.dark(p.land, 0.5))
    window = p.bright if night else p.dark(p.stone, 0.7)
    for at, half, top in (
        (-0.24, 0.055, 0.42),
        (0.25, 0.06, 0.38),
        (-0.1, 0.045, 0.3),
        (0.12, 0.05, 0.24),
        (0.0, 0.07, 0.34),
    ):
        _tower(scene, x + at, half, top, 0.72, window)
    wall = p.light(p.stone, 0.1)
    scene.shape(geometry.box(x - 0.3, 0.56, 0.6, 0.17), wall, p.dark(wall, 0.4), "across")
    for tooth in range(10):
        scene.shape(geometry.box(x - 0.3 + tooth * 0.063, 0.535, 0.034, 0.03), wall)
    scene.blob([(x - 0.05, 0.735), (x - 0.05, 0.65), (x, 0.61), (x + 0.05, 0.65), (x + 0.05, 0.735)], p.ink)
    scene.shape(
        geometry.down_to(geometry.ridge(scene.rng, wide, 0.92, 0.025)),
        p.dark(p.leaf, 0.2),
        p.dark(p.leaf, 0.6),
        "down",
    )
    for _ in range(7):
        parts.trees(
            scene,
            scene.chance(0, wide),
            scene.chance(0.92, 1.0),
            scene.chance(0.1, 0.2),
            p.dark(p.leaf, 0.15),
        )
    return Sight(
        subject="a castle with pointed towers on a rock",
        title=str(scene.rng.choice(["The Castle", "Castle on a Rock", "Burg am Abend", "Château", "Zámek"])),
        objects=(
            "pointed towers",
            "a battlement",
            "flags",
            "lit windows" if night else "small clouds",
            "woods",
        ),
        setting="above a forest at night" if night else "above a forest by day",
        composition="the towers rise to a peak a little off the centre",
        mood=("mysterious", "romantic") if night else ("romantic", "proud"),
        subjects=("castle", "architecture", "landscape", *(("night",) if night else ())),
    )


def _tower(scene: Scene, x: float, half: float, top: float, foot: float, window: Color) -> None:
    p = scene.palette
    stone = p.light(p.stone, scene.chance(0.0, 0.25))
    scene.shape(geometry.box(x - half, top, half * 2, foot - top), stone, p.dark(stone, 0.5), "across")
    scene.shape(
        geometry.box(x - half * 1.2, top - 0.012, half * 2.4, 0.03),
        p.dark(stone, 0.15),
        p.dark(stone, 0.5),
        "across",
    )
    peak = top - half * 3
    scene.shape(
        [(x - half * 1.3, top - 0.01), (x, peak), (x + half * 1.3, top - 0.01)],
        p.warm,
        p.dark(p.warm, 0.5),
        "across",
    )
    scene.stroke([(x, peak), (x, peak - 0.05)], 0.004, p.ink)
    scene.shape([(x, peak - 0.05), (x + 0.045, peak - 0.038), (x, peak - 0.025)], p.bright)
    for y in np.arange(top + 0.05, foot - 0.06, 0.085):
        scene.blob(
            [
                (x - 0.009, y + 0.03),
                (x - 0.009, y + 0.008),
                (x, y),
                (x + 0.009, y + 0.008),
                (x + 0.009, y + 0.03),
            ],
            window,
        )


def garden(scene: Scene, variant: str) -> Sight:
    """Draw a blossoming tree in ``spring`` or a bare garden path in ``autumn``."""
    p, wide = scene.palette, scene.wide
    scene.ground(p.light(p.sky, 0.15), p.light(p.glow, 0.25))
    for layer in range(2):
        line = geometry.ridge(scene.rng, wide, 0.62 + 0.1 * layer, 0.03)
        scene.shape(geometry.down_to(line), mix(p.leaf, p.glow, 0.5 - 0.3 * layer), None, "down")
    scene.blob(
        [
            (wide * 0.44, 0.72),
            (wide * 0.5, 0.72),
            (wide * 0.6, 0.86),
            (wide * 0.9, 1.1),
            (wide * 0.2, 1.1),
            (wide * 0.42, 0.86),
        ],
        p.light(p.land, 0.45),
        p.light(p.land, 0.15),
        "down",
    )
    x = wide * float(scene.rng.choice([0.27, 0.72]))
    _spreading_tree(scene, x, 0.9, 0.26, -np.pi / 2, 0.055)
    crown = p.light(p.warm, 0.45) if variant == "spring" else p.bright
    second = p.light(p.warm, 0.7) if variant == "spring" else p.warm
    for _ in range(120):
        dx, dy = scene.rng.normal(0, 0.16), scene.rng.normal(0, 0.12)
        scene.disc(
            x + dx,
            0.34 + dy,
            scene.chance(0.012, 0.036),
            scene.pick(crown, second, p.dark(crown, 0.15)),
            None,
            "flat",
        )
    for _ in range(46):
        y = scene.chance(0.8, 1.0)
        scene.disc(scene.chance(0, wide), y, 0.008 * y, scene.pick(crown, second), None, "flat", ry=0.005)
    for _ in range(12):
        flower(scene, scene.chance(0, wide), scene.chance(0.86, 0.99), 0.016)
    spring = variant == "spring"
    return Sight(
        subject="a tree in full blossom beside a garden path"
        if spring
        else "a golden autumn tree beside a path",
        title=str(
            scene.rng.choice(
                ["Spring Garden", "Orchard in Bloom", "Cherry Tree"]
                if spring
                else ["Autumn", "October Garden"]
            )
        ),
        objects=(
            "a winding path",
            "fallen petals" if spring else "fallen leaves",
            "flower beds",
            "low hills",
        ),
        setting="in a garden in spring" if spring else "in a garden in autumn",
        composition="the tree stands to one side and the path leads the eye inwards",
        mood=("fresh", "tender") if spring else ("golden", "wistful"),
        subjects=("garden", "tree", "flowers" if spring else "autumn", "landscape"),
    )


def _spreading_tree(scene: Scene, x: float, y: float, length: float, turn: float, thick: float) -> None:
    tip = (x + length * np.cos(turn), y + length * np.sin(turn))
    scene.limb(
        [(x, y), ((x + tip[0]) / 2 + thick * 0.3, (y + tip[1]) / 2), tip],
        [thick, thick * 0.8, thick * 0.62],
        scene.palette.dark(scene.palette.land, 0.5),
    )
    if thick > 0.009:
        for lean in (-0.55, 0.5):
            _spreading_tree(scene, *tip, length * 0.72, turn + lean * scene.chance(0.7, 1.3), thick * 0.58)
