"""Pure geometry: circles, grids, diagonals, arcs."""

from __future__ import annotations

import numpy as np

from ham_recommend.sample_museum import geometry
from ham_recommend.sample_museum.motifs.sight import Sight
from ham_recommend.sample_museum.palettes import mix
from ham_recommend.sample_museum.scene import Scene


def geometric(scene: Scene, variant: str) -> Sight:
    """Draw pure forms: ``circles``, a ``grid``, ``diagonals`` or ``arcs``."""
    {"circles": _circles, "grid": _grid, "diagonals": _diagonals, "arcs": _arcs}[variant](scene)
    shapes = {
        "circles": "overlapping circles",
        "grid": "rectangles divided by black lines",
        "diagonals": "floating bars and triangles",
        "arcs": "interlocking arcs",
    }[variant]
    return Sight(
        subject=f"a geometric abstraction of {shapes}",
        title=str(
            scene.rng.choice(
                [
                    "Composition",
                    "Construction No. " + str(int(scene.rng.integers(2, 40))),
                    "Untitled",
                    "Kompozícia",
                    "Rhythm",
                ]
            )
        ),
        objects=(shapes, "hard edges", "a plain ground"),
        setting="without any recognisable object",
        composition={
            "circles": "a large circle holds the smaller ones in balance",
            "grid": "a few colours are weighed against open fields",
            "diagonals": "all forms drift along one rising diagonal",
            "arcs": "curves turn around the corners of a hidden grid",
        }[variant],
        mood=("ordered", "musical"),
        subjects=("abstract", "geometric abstraction", variant),
    )


def _circles(scene: Scene) -> None:
    p, wide = scene.palette, scene.wide
    scene.ground(p.paper, p.light(p.stone, 0.4), "slant")
    scene.disc(wide * 0.45, 0.45, 0.34, p.dark(p.water, 0.3), p.water)
    for _ in range(13):
        x, y = scene.chance(0.05, wide - 0.05), scene.chance(0.05, 0.95)
        r = float(scene.rng.choice([0.03, 0.05, 0.08, 0.13]))
        fill = scene.pick(*p.accents)
        scene.disc(x, y, r * 1.2, mix(fill, p.paper, 0.55), None, "flat")
        scene.disc(x, y, r, fill, p.dark(fill, 0.2))
        if r > 0.06:
            scene.disc(x, y, r * 0.5, scene.pick(p.ink, p.paper, p.bright), None, "flat")
    for _ in range(6):
        x = scene.chance(0, wide)
        scene.stroke(
            [(x, scene.chance(0, 0.4)), (x + scene.chance(-0.5, 0.5), scene.chance(0.6, 1))],
            scene.chance(0.003, 0.008),
            p.ink,
        )


def _grid(scene: Scene) -> None:
    p, wide = scene.palette, scene.wide
    scene.ground(p.paper, p.dark(p.paper, 0.03))
    xs = [0.0, *sorted(scene.rng.uniform(0.12, 0.9, 3) * wide), wide]
    ys = [0.0, *sorted(scene.rng.uniform(0.1, 0.9, 3)), 1.0]
    fills = [*p.accents, p.stone, p.light(p.sky, 0.4)]
    for column in range(4):
        for row in range(4):
            if scene.rng.random() < 0.48:
                fill = fills[int(scene.rng.integers(len(fills)))]
                scene.shape(
                    geometry.box(xs[column], ys[row], xs[column + 1] - xs[column], ys[row + 1] - ys[row]),
                    fill,
                    p.dark(fill, 0.06),
                )
    for x in xs[1:-1]:
        scene.shape(geometry.box(x - 0.01, -0.01, 0.02, 1.02), p.ink, p.ink, "flat")
    for y in ys[1:-1]:
        scene.shape(geometry.box(-0.01, y - 0.01, wide + 0.02, 0.02), p.ink, p.ink, "flat")


def _diagonals(scene: Scene) -> None:
    p, wide = scene.palette, scene.wide
    scene.ground(p.paper, p.dark(p.paper, 0.05), "slant")
    tilt = scene.chance(-0.8, -0.4)
    scene.shape(
        geometry.turned(geometry.box(-0.42, -0.09, 0.84, 0.18), tilt) + (wide * 0.48, 0.5),
        scene.pick(p.warm, p.water),
        None,
        "slant",
    )
    for _ in range(11):
        w, h = scene.chance(0.05, 0.4), scene.chance(0.012, 0.07)
        at = (scene.chance(0.1, wide - 0.1), scene.chance(0.1, 0.9))
        turn = tilt if scene.rng.random() < 0.75 else tilt + np.pi / 2
        scene.shape(
            geometry.turned(geometry.box(-w / 2, -h / 2, w, h), turn) + at,
            scene.pick(*p.accents, p.ink, p.ink),
            None,
            "flat",
        )
    x, y = wide * scene.chance(0.2, 0.8), scene.chance(0.15, 0.35)
    scene.disc(x, y, scene.chance(0.07, 0.13), p.ink if scene.rng.random() < 0.5 else p.warm, None, "flat")
    triangle = np.array([(0, -0.16), (0.14, 0.1), (-0.14, 0.1)])
    scene.shape(
        geometry.turned(triangle, tilt) + (wide * scene.chance(0.25, 0.75), 0.76), p.bright, None, "slant"
    )


def _arcs(scene: Scene) -> None:
    p, wide = scene.palette, scene.wide
    scene.ground(p.light(p.sky, 0.4))
    step = 0.34
    fills = [p.ink, p.paper, *p.accents, p.stone]
    for row in range(3):
        for column in range(int(wide / step) + 1):
            corner = int(scene.rng.integers(4))
            x, y = column * step + (corner % 2) * step, row * step + (corner // 2) * step
            ground = scene.pick(*p.accents, p.light(p.stone, 0.3))
            cell = geometry.box(column * step, row * step, step, step)
            scene.shape(cell, ground, p.dark(ground, 0.1))
            shift = int(scene.rng.integers(len(fills)))
            turn = np.linspace(0, np.pi / 2, 16) + (np.pi, -np.pi / 2, np.pi / 2, 0)[3 - corner]
            for ring in range(4):
                r = step * (1 - ring * 0.24)
                arc = np.column_stack([x + r * np.cos(turn), y + r * np.sin(turn)])
                fill = fills[(shift + ring) % len(fills)]
                scene.shape(np.vstack([arc, [(x, y)]]), fill, fill, "flat")
