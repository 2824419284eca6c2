"""Still lifes: fruit and flowers on a table."""

from __future__ import annotations

import numpy as np

from ham_recommend.sample_museum import geometry
from ham_recommend.sample_museum.motifs.parts import WHITE
from ham_recommend.sample_museum.motifs.sight import Sight
from ham_recommend.sample_museum.palettes import Color, color, mix
from ham_recommend.sample_museum.scene import Scene


def _table(scene: Scene, edge: float, *, cloth: bool) -> None:
    p, wide = scene.palette, scene.wide
    wall = scene.pick(p.stone, p.land, p.sky, p.leaf)
    scene.ground(p.light(wall, 0.1), p.dark(wall, 0.45), "slant")
    scene.shape(
        geometry.box(-0.01, edge, wide + 0.02, 1.02 - edge), p.dark(p.land, 0.1), p.dark(p.land, 0.5), "down"
    )
    if not cloth:
        return
    white = mix(p.paper, p.sky, 0.12)
    left = wide * scene.chance(0.05, 0.2)
    scene.blob(
        [
            (left, edge + 0.02),
            (wide * 0.55, edge + 0.01),
            (wide * 0.85, edge + 0.04),
            (wide * 0.78, 0.9),
            (wide * 0.7, 1.08),
            (wide * 0.3, 1.04),
            (left + 0.05, 0.95),
        ],
        white,
        p.dark(white, 0.3),
    )
    for fold in range(5):
        x = left + (fold + 0.6) * wide * 0.13
        scene.limb(
            [(x, edge + 0.06), (x + 0.03, 0.86), (x - 0.02, 1.02)], [0.002, 0.012, 0.03], p.dark(white, 0.2)
        )


def fruit(scene: Scene, variant: str) -> Sight:
    """Draw a still life with a ``bowl`` of fruit or with a ``jug``."""
    wide = scene.wide
    edge = scene.chance(0.54, 0.62)
    _table(scene, edge, cloth=True)
    names: list[str] = []
    if variant == "jug":
        jug(scene, wide * 0.28, edge + 0.14, 0.44)
    else:
        _pile(scene, wide * 0.48, edge + 0.06, names)
        _bowl(scene, wide * 0.48, edge + 0.06, 0.26)
    spots = np.linspace(0.22, 0.85, 5) if variant == "bowl" else np.linspace(0.48, 0.86, 4)
    for at in spots:
        _fruit(
            scene,
            wide * at + scene.chance(-0.02, 0.02),
            edge + scene.chance(0.22, 0.3),
            scene.chance(0.065, 0.085),
            names,
        )
    _knife(scene, wide * scene.chance(0.35, 0.6), 0.93)
    kinds = list(dict.fromkeys(names))
    return Sight(
        subject="a still life with fruit" + (" in a bowl" if variant == "bowl" else " and a jug"),
        title=str(
            scene.rng.choice(
                [
                    "Still Life with Fruit",
                    "Still Life",
                    "Nature morte",
                    "Bodegón",
                    f"{kinds[0].capitalize()} on a Table",
                ]
            )
        ),
        objects=(
            *kinds,
            "a white tablecloth",
            "a knife",
            "a bowl" if variant == "bowl" else "an earthenware jug",
        ),
        setting="on a table",
        composition="rounded forms are gathered along the edge of the table",
        mood=("quiet", "abundant"),
        subjects=("still life", "fruit", *kinds, "table"),
    )


_FRUITS = ("apples", "lemons", "pears", "oranges", "grapes", "plums")


def _fruit(scene: Scene, x: float, y: float, r: float, names: list[str]) -> None:
    p = scene.palette
    kind = str(scene.rng.choice(_FRUITS))
    names.append(kind)
    scene.disc(x + r * 0.3, y + r * 0.82, r * 1.25, p.dark(p.stone, 0.45), None, "flat", ry=r * 0.25)
    natural = {
        "apples": "b8322a",
        "lemons": "e8c63a",
        "pears": "a9a840",
        "oranges": "e07f2a",
        "grapes": "5a2f5e",
        "plums": "4d3a72",
    }[kind]
    base: Color = {
        "apples": p.warm,
        "lemons": p.bright,
        "pears": p.leaf,
        "oranges": mix(p.warm, p.bright, 0.6),
        "grapes": p.water,
        "plums": p.water,
    }[kind]
    fill = mix(base, color(natural), 0.6)
    lightest, dark = p.light(fill, 0.4), p.dark(fill, 0.55)
    if kind == "pears":
        scene.blob(
            [
                (x, y - r * 1.7),
                (x + r * 0.4, y - r * 1.2),
                (x + r, y),
                (x + r * 0.6, y + r * 0.9),
                (x - r * 0.6, y + r * 0.9),
                (x - r, y),
                (x - r * 0.4, y - r * 1.2),
            ],
            lightest,
            dark,
            "round",
        )
        scene.limb([(x, y - r * 1.6), (x + r * 0.15, y - r * 2.1)], r * 0.12, p.dark(p.land, 0.5))
    elif kind == "grapes":
        for row in range(4):
            for at in range(4 - row):
                scene.disc(
                    x + (at - (3 - row) / 2) * r * 0.72, y + r * 0.7 - row * r * 0.6, r * 0.42, lightest, dark
                )
        scene.limb([(x, y - r * 1.2), (x + r * 0.2, y - r * 1.8)], r * 0.1, p.dark(p.leaf, 0.4))
    elif kind == "lemons":
        scene.disc(x, y, r * 1.15, lightest, dark, ry=r * 0.85, turn=scene.chance(-0.4, 0.4))
    else:
        scene.disc(x, y, r, lightest, dark)
    if kind in {"apples", "oranges", "plums"}:
        scene.limb([(x, y - r * 0.85), (x + r * 0.12, y - r * 1.3)], r * 0.11, p.dark(p.land, 0.5))
        if kind == "apples":
            scene.blob(
                [
                    (x + r * 0.1, y - r * 1.15),
                    (x + r * 0.5, y - r * 1.45),
                    (x + r * 0.85, y - r * 1.25),
                    (x + r * 0.5, y - r * 1.1),
                ],
                p.leaf,
            )
    scene.disc(x - r * 0.32, y - r * 0.38, r * 0.14, mix(lightest, WHITE, 0.6), None, "flat", ry=r * 0.1)


def _pile(scene: Scene, x: float, y: float, names: list[str]) -> None:
    for row in range(3):
        for at in range(4 - row):
            _fruit(
                scene,
                x + (at - (3 - row) / 2) * 0.115,
                y - 0.01 - row * 0.085,
                scene.chance(0.06, 0.072),
                names,
            )


def _bowl(scene: Scene, x: float, y: float, r: float) -> None:
    p = scene.palette
    china = mix(p.paper, p.sky, 0.25)
    arc = np.linspace(0, np.pi, 30)
    scene.disc(x, y + r * 0.72, r * 0.8, p.dark(p.stone, 0.5), None, "flat", ry=0.03)
    scene.shape(
        np.column_stack([x + r * np.cos(arc), y + r * 0.7 * np.sin(arc) ** 0.8]),
        china,
        p.dark(china, 0.45),
        "across",
    )
    scene.limb([(x - r, y), (x, y + 0.03), (x + r, y)], 0.018, p.light(china, 0.3))
    scene.limb([(x - r * 0.93, y + 0.06), (x, y + 0.1), (x + r * 0.93, y + 0.06)], 0.014, p.water)


def _knife(scene: Scene, x: float, y: float) -> None:
    p = scene.palette
    scene.limb([(x, y), (x + 0.12, y - 0.03)], [0.024, 0.02], p.dark(p.land, 0.6))
    scene.limb([(x + 0.12, y - 0.03), (x + 0.3, y - 0.07)], [0.022, 0.004], mix(WHITE, p.sky, 0.4))


def jug(scene: Scene, x: float, foot: float, high: float) -> None:
    """Draw a jug standing on ``foot``."""
    p = scene.palette
    clay = mix(p.warm, p.land, 0.4)
    handle = geometry.smooth(
        [
            (x + high * 0.16, foot - high * 0.86),
            (x + high * 0.42, foot - high * 0.75),
            (x + high * 0.28, foot - high * 0.35),
        ],
        closed=False,
    )
    scene.disc(x + 0.04, foot, high * 0.34, p.dark(p.land, 0.5), None, "flat", ry=0.025)
    scene.limb(handle[::4], high * 0.06, p.dark(clay, 0.2))
    outline = geometry.of_revolution(
        x,
        foot - high,
        [
            (0, high * 0.16),
            (high * 0.1, high * 0.13),
            (high * 0.25, high * 0.14),
            (high * 0.6, high * 0.32),
            (high * 0.9, high * 0.24),
            (high, high * 0.2),
        ],
    )
    scene.shape(outline, p.light(clay, 0.2), p.dark(clay, 0.6), "across")
    scene.disc(x, foot - high, high * 0.16, p.dark(clay, 0.6), None, "flat", ry=high * 0.04)
    scene.disc(
        x - high * 0.13, foot - high * 0.5, high * 0.035, mix(WHITE, clay, 0.3), None, "flat", ry=high * 0.12
    )


def flowers(scene: Scene, variant: str) -> Sight:
    """Draw a vase of ``mixed`` flowers, ``sunflowers`` or ``tulips``."""
    p, wide = scene.palette, scene.wide
    _table(scene, 0.74, cloth=False)
    x, foot, high = wide * 0.5, 0.9, 0.36
    heads = _stems(scene, x, foot - high * 0.85)
    glaze = scene.pick(p.water, p.paper, p.warm)
    scene.disc(x + 0.05, foot, 0.16, p.dark(p.land, 0.65), None, "flat", ry=0.024)
    outline = geometry.of_revolution(
        x, foot - high, [(0, 0.075), (0.03, 0.06), (0.09, 0.075), (0.2, 0.13), (0.31, 0.1), (high, 0.075)]
    )
    scene.shape(outline, p.light(glaze, 0.25), p.dark(glaze, 0.55), "across")
    scene.limb(
        [(x - 0.125, foot - high + 0.19), (x, foot - high + 0.21), (x + 0.125, foot - high + 0.19)],
        0.012,
        p.bright,
    )
    scene.disc(x - 0.06, foot - 0.2, 0.012, mix(WHITE, glaze, 0.3), None, "flat", ry=0.05)
    for head_x, head_y in sorted(heads, key=lambda at: -abs(at[0] - x)):
        _bloom(scene, head_x, head_y, variant)
    for _ in range(4):
        at = x + scene.chance(-0.3, 0.3)
        scene.disc(
            at, scene.chance(0.9, 0.96), 0.022, p.light(p.warm, 0.4), p.warm, ry=0.01, turn=scene.chance(0, 3)
        )
    kinds = {"mixed": "roses, daisies and tulips", "sunflowers": "sunflowers", "tulips": "tulips"}[variant]
    return Sight(
        subject=f"a vase with {kinds}",
        title=str(
            scene.rng.choice(
                [
                    f"{variant.capitalize() if variant != 'mixed' else 'Summer'} Bouquet",
                    "Vase with Flowers",
                    "Bouquet",
                    "Flores",
                    "Blumenstück",
                ]
            )
        ),
        objects=("a glazed vase", "green leaves", "fallen petals", "a wooden table"),
        setting="on a table before a plain wall",
        composition="the bouquet spreads from the narrow neck of the vase like a fan",
        mood=("cheerful", "fragrant"),
        subjects=("flowers", "vase", "still life", *kinds.replace(" and", ",").split(", ")),
    )


def _stems(scene: Scene, x: float, y: float) -> list[tuple[float, float]]:
    p = scene.palette
    heads = []
    for number in range(11):
        turn = -np.pi / 2 + (number - 5) * 0.24 + scene.chance(-0.08, 0.08)
        reach = scene.chance(0.2, 0.42) if number % 2 else scene.chance(0.32, 0.46)
        head = (x + reach * np.cos(turn) * 0.95, y + reach * np.sin(turn))
        scene.limb(
            [(x, y + 0.05), (x + (head[0] - x) * 0.35, y + (head[1] - y) * 0.6), head],
            [0.012, 0.01, 0.008],
            p.dark(p.leaf, 0.25),
        )
        heads.append((float(head[0]), float(head[1])))
    for _ in range(16):
        turn, reach = scene.chance(-3.0, -0.1), scene.chance(0.1, 0.36)
        leaf = np.array([(0, 0), (0.04, -0.022), (0.1, 0), (0.04, 0.022)]) * scene.chance(0.8, 1.3)
        scene.blob(
            geometry.turned(leaf, turn) + (x + reach * np.cos(turn), y + reach * np.sin(turn)),
            p.leaf,
            p.dark(p.leaf, 0.5),
        )
    return heads


def _bloom(scene: Scene, x: float, y: float, variant: str) -> None:
    p = scene.palette
    kind = variant if variant != "mixed" else str(scene.rng.choice(["rose", "daisy", "tulips"]))
    fill = scene.pick(p.warm, p.bright, p.light(p.warm, 0.5), p.light(p.sky, 0.3), p.paper)
    r = scene.chance(0.05, 0.072)
    start = scene.chance(0, 1)
    if kind == "sunflowers":
        for turn in start + np.arange(16) * np.pi / 8:
            scene.disc(
                x + r * 0.95 * np.cos(turn),
                y + r * 0.95 * np.sin(turn),
                r * 0.5,
                p.bright,
                mix(p.bright, p.warm, 0.4),
                ry=r * 0.17,
                turn=turn,
            )
        scene.disc(x, y, r * 0.66, p.dark(p.land, 0.25), p.dark(p.land, 0.7))
    elif kind == "daisy":
        for turn in start + np.arange(11) * 2 * np.pi / 11:
            scene.disc(
                x + r * 0.6 * np.cos(turn),
                y + r * 0.6 * np.sin(turn),
                r * 0.45,
                p.light(fill, 0.5),
                fill,
                ry=r * 0.17,
                turn=turn,
            )
        scene.disc(x, y, r * 0.28, p.bright, p.warm)
    elif kind == "tulips":
        tone = scene.pick(p.warm, p.bright, p.light(p.warm, 0.4))
        scene.blob(
            [
                (x - r * 0.7, y - r),
                (x - r * 0.75, y + r * 0.2),
                (x, y + r),
                (x + r * 0.75, y + r * 0.2),
                (x + r * 0.7, y - r),
                (x + r * 0.35, y - r * 0.5),
                (x, y - r * 1.15),
                (x - r * 0.35, y - r * 0.5),
            ],
            p.light(tone, 0.15),
            p.dark(tone, 0.45),
        )
        scene.blob(
            [(x, y - r * 1.05), (x + r * 0.35, y), (x, y + r * 0.85), (x - r * 0.35, y)],
            p.light(tone, 0.3),
            tone,
        )
    else:
        for ring in range(5):
            size = r * (1 - ring * 0.19)
            at = start + ring * 2.2
            scene.disc(
                x + size * 0.12 * np.cos(at),
                y + size * 0.12 * np.sin(at),
                size,
                p.light(fill, 0.1 * ring),
                p.dark(fill, 0.4 - 0.05 * ring),
            )
