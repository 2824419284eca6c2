"""The circus: cats through hoops, cats on balls, acrobats."""

from __future__ import annotations

import numpy as np

from ham_recommend.sample_museum import geometry
from ham_recommend.sample_museum.motifs import parts
from ham_recommend.sample_museum.motifs.parts import Placed
from ham_recommend.sample_museum.motifs.sight import Sight
from ham_recommend.sample_museum.palettes import SKINS, Color, mix
from ham_recommend.sample_museum.scene import Scene


def circus(scene: Scene, variant: str) -> Sight:
    """Draw a ring with a ``cat through a hoop``, a ``cat on a ball`` or an ``acrobat``."""
    _tent(scene)
    if variant == "acrobat":
        return _acrobat(scene)
    name, coat = parts.coat_of_cat(scene)
    wide = scene.wide
    if variant == "cat on a ball":
        _ball(scene, wide * 0.5, 0.78, 0.15)
        parts.cat_sitting(Placed(scene, wide * 0.5, 0.65, 0.27), coat)
        _hat(scene, wide * 0.5, 0.65 - 0.27 * 1.36, 0.08)
        doing, extra = "balancing on a striped ball", "a striped ball"
    else:
        _hoop(scene, wide * 0.52, 0.5, 0.25)
        parts.cat_leaping(Placed(scene, wide * 0.5, 0.53, 0.27, turn=-0.08), coat)
        _front_of_hoop(scene, wide * 0.52, 0.5, 0.25)
        for side in (-1, 1):
            _drum(scene, wide * 0.5 + side * 0.4 * min(1, wide), 0.82)
        doing, extra = "jumping through a flaming hoop", "a burning hoop"
    return Sight(
        subject=f"a {name} circus cat {doing}",
        title=str(
            scene.rng.choice(
                ["Circus Cat", "At the Circus", "The Great Felino", "Le cirque", "Under the Big Top"]
            )
        ),
        objects=(extra, "a striped circus tent", "rows of spectators", "spotlights", "a sawdust ring"),
        setting="in a circus ring",
        composition="the performer stands out in the light against the radiating stripes of the tent",
        mood=("festive", "playful"),
        subjects=(
            "circus",
            "cat",
            "circus cat",
            "performance",
            *(("jumping cat",) if "hoop" in extra else ()),
        ),
    )


def _tent(scene: Scene) -> None:
    p, wide = scene.palette, scene.wide
    top = (wide * 0.5, -0.25)
    scene.ground(p.dark(p.warm, 0.3))
    spread = np.linspace(-0.5 * wide - 0.4, 1.5 * wide + 0.4, 19)
    for stripe in range(18):
        fill = p.warm if stripe % 2 else p.light(p.glow, 0.35)
        edge = [top, (spread[stripe], 0.66), (spread[stripe + 1], 0.66)]
        scene.shape(edge, p.dark(fill, 0.08), p.dark(fill, 0.5), "down")
    for swag in range(9):
        x = (swag + 0.5) * wide / 9
        scene.disc(x, 0.49, wide / 17, scene.pick(p.bright, p.water), None, "down", ry=0.04)
    _crowd(scene)
    scene.disc(wide * 0.5, 0.93, wide * 0.62, p.dark(p.warm, 0.25), p.dark(p.warm, 0.6), "down", ry=0.22)
    scene.disc(wide * 0.5, 0.94, wide * 0.585, p.light(p.bright, 0.35), mix(p.bright, p.land, 0.5), ry=0.195)
    scene.disc(wide * 0.5, 0.92, wide * 0.4, p.light(p.bright, 0.62), p.light(p.bright, 0.35), ry=0.12)


def _crowd(scene: Scene) -> None:
    p, wide = scene.palette, scene.wide
    for row in range(4):
        y = 0.53 + row * 0.06
        scene.shape(geometry.box(-0.01, y, wide + 0.02, 0.3), p.dark(p.water, 0.5 - row * 0.08))
        for x in np.arange(-0.02, wide + 0.05, 0.058) + 0.029 * (row % 2):
            coat = p.dark(scene.pick(p.leaf, p.water, p.land, p.stone, p.sky), 0.35)
            scene.disc(x, y + 0.052, 0.027, coat, coat, "flat")
            face = mix(scene.pick(*SKINS[:4]), p.stone, 0.4)
            scene.disc(x, y + 0.016, 0.016, face, face, "flat")


def _ball(scene: Scene, x: float, y: float, r: float) -> None:
    p = scene.palette
    scene.disc(x, y + r, r * 1.1, p.dark(p.bright, 0.5), None, "flat", ry=r * 0.2)
    scene.disc(x, y, r, p.light(p.paper, 0.1), p.dark(p.stone, 0.2))
    for slice_ in range(-2, 3):
        turn = slice_ * 0.55 + 0.25
        outer = geometry.oval(x, y, r, r)
        lens = np.vstack(
            [
                np.column_stack(
                    [
                        x + r * np.sin(turn) * np.cos(np.linspace(-1.57, 1.57, 12)),
                        y + r * np.sin(np.linspace(-1.57, 1.57, 12)),
                    ]
                ),
                np.column_stack(
                    [
                        x + r * np.sin(turn + 0.28) * np.cos(np.linspace(1.57, -1.57, 12)),
                        y + r * np.sin(np.linspace(1.57, -1.57, 12)),
                    ]
                ),
            ]
        )
        scene.shape(np.clip(lens, outer.min(axis=0), outer.max(axis=0)), p.water, p.dark(p.water, 0.4))


def _hat(scene: Scene, x: float, y: float, size: float) -> None:
    p = scene.palette
    scene.shape([(x - size * 0.6, y + 0.02), (x + size * 0.6, y + 0.02), (x, y - size * 1.7)], p.water)
    for dot in range(3):
        scene.disc(x, y - size * (0.1 + 0.5 * dot), size * 0.14, p.bright)
    scene.disc(x, y - size * 1.75, size * 0.26, p.bright)


def _hoop(scene: Scene, x: float, y: float, r: float) -> None:
    p = scene.palette
    for turn in np.linspace(0, 2 * np.pi, 30, endpoint=False):
        reach = r * scene.chance(1.12, 1.38)
        root = np.array([(np.cos(turn + d), np.sin(turn + d)) for d in (-0.13, 0.13)]) * (r * 0.62, r)
        tip = (np.cos(turn) * reach * 0.68, np.sin(turn) * reach - 0.03)
        flame = p.bright if scene.rng.random() < 0.6 else p.warm
        scene.shape(np.vstack([root, [tip]]) + (x, y), flame, p.light(p.bright, 0.5))
    ring = geometry.oval(x, y, r * 0.66, r)
    scene.shape(
        np.vstack([ring, ring[:1], geometry.oval(x, y, r * 0.56, r * 0.9)[::-1]]),
        p.light(p.bright, 0.3),
        p.warm,
    )


def _front_of_hoop(scene: Scene, x: float, y: float, r: float) -> None:
    p = scene.palette
    angle = np.linspace(np.pi / 2, 1.5 * np.pi, 30)
    outer = np.column_stack([x + r * 0.66 * np.cos(angle), y + r * np.sin(angle)])
    inner = np.column_stack([x + r * 0.56 * np.cos(angle), y + r * 0.9 * np.sin(angle)])
    scene.shape(np.vstack([outer, inner[::-1]]), p.light(p.bright, 0.3), p.warm)
    scene.shape(geometry.box(x - 0.012, y + r * 0.95, 0.024, 0.24), p.dark(p.land, 0.3))


def _drum(scene: Scene, x: float, y: float) -> None:
    p = scene.palette
    scene.shape(
        [(x - 0.11, y), (x + 0.11, y), (x + 0.13, y + 0.13), (x - 0.13, y + 0.13)],
        p.water,
        p.dark(p.water, 0.5),
    )
    for at in np.linspace(-0.1, 0.08, 4):
        scene.shape(geometry.star(x + at + 0.01, y + 0.07, 0.024, 0.01, 5), p.bright)
    scene.disc(x, y, 0.11, p.light(p.warm, 0.2), p.warm, ry=0.028)


def _acrobat(scene: Scene) -> Sight:
    p, wide = scene.palette, scene.wide
    x = wide * scene.chance(0.42, 0.58)
    for side in (-1, 1):
        scene.stroke([(x + side * 0.1, -0.05), (x + side * 0.13, 0.3)], 0.008, p.paper)
    scene.stroke([(x - 0.17, 0.3), (x + 0.17, 0.3)], 0.02, p.bright)
    suit: Color = scene.pick(p.water, p.leaf, p.bright)
    skin = SKINS[int(scene.rng.integers(4))]
    pen = Placed(scene, x, 0.3, 0.42, flip=bool(scene.rng.random() < 0.5))
    for side in (-1, 1):
        pen.limb([(side * 0.2, 0.0), (side * 0.13, 0.14), (side * 0.1, 0.32)], [0.06, 0.07, 0.09], skin)
    pen.limb([(0.0, 0.56), (-0.3, 0.72), (-0.58, 0.62)], [0.17, 0.13, 0.07], p.dark(suit, 0.25))
    pen.limb([(0.02, 0.56), (0.22, 0.82), (0.12, 1.12)], [0.17, 0.13, 0.07], suit)
    pen.blob([(-0.13, 0.32), (0.13, 0.32), (0.09, 0.48), (0.11, 0.6), (-0.11, 0.6), (-0.09, 0.48)], suit)
    pen.disc(0, 0.21, 0.085, 0.1, skin)
    pen.blob([(-0.09, 0.22), (-0.07, 0.1), (0.07, 0.1), (0.09, 0.22), (0.0, 0.14)], p.dark(p.land, 0.5))
    for star in range(3):
        pen.shape(geometry.star(-0.06 + 0.06 * star, 0.44, 0.026, 0.01, 5), p.paper)
    return Sight(
        subject="an acrobat swinging from a trapeze",
        title=str(scene.rng.choice(["The Trapeze", "Acrobat", "Trapéziste", "Circus Evening"])),
        objects=("a trapeze", "a striped circus tent", "rows of spectators", "a sawdust ring"),
        setting="high above a circus ring",
        composition="the hanging body swings free above the ring and the crowd",
        mood=("daring", "festive"),
        subjects=("circus", "acrobat", "performance", "people"),
    )
