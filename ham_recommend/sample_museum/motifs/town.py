"""Cities by night and day, and families in them."""

from __future__ import annotations

import numpy as np

from ham_recommend.sample_museum import geometry
from ham_recommend.sample_museum.motifs import parts
from ham_recommend.sample_museum.motifs.sight import Sight
from ham_recommend.sample_museum.palettes import Color, mix
from ham_recommend.sample_museum.scene import Scene


def city(scene: Scene, variant: str) -> Sight:
    """Draw a city at ``night`` by the river or a ``street`` by day."""
    return _night(scene) if variant == "night" else _street(scene)


def _night(scene: Scene) -> Sight:
    scene.palette = p = scene.palette.at_night()
    wide, quay = scene.wide, 0.72
    scene.ground(p.dark(p.sky, 0.2), mix(p.glow, p.warm, 0.3))
    x = wide * scene.chance(0.2, 0.8)
    parts.glow(scene, x, 0.18, 0.055, mix(p.paper, p.bright, 0.15), p.sky, 8)
    for _ in range(24):
        scene.disc(scene.chance(0, wide), scene.chance(0, 0.4), 0.003, p.paper, p.paper, "flat")
    for row in range(3):
        _skyline(
            scene,
            quay,
            0.44 - 0.1 * row,
            mix(p.dark(p.water, 0.2 + 0.25 * row), p.glow, 0.3 - 0.15 * row),
            lit=0.25 + 0.2 * row,
        )
    _dome(scene, wide * scene.chance(0.3, 0.7), quay, 0.12)
    scene.shape(
        geometry.box(-0.01, quay, wide + 0.02, 1), p.dark(p.water, 0.15), p.dark(p.water, 0.6), "down"
    )
    for at in np.linspace(0.06, wide - 0.06, 8):
        parts.reflections(scene, at, quay + 0.02, 0.02, mix(p.bright, p.water, 0.25))
        scene.stroke([(at, quay), (at, quay - 0.07)], 0.005, p.ink)
        parts.glow(scene, at, quay - 0.075, 0.009, p.light(p.bright, 0.4), p.dark(p.water, 0.3), 3)
    scene.shape(geometry.box(-0.01, quay - 0.008, wide + 0.02, 0.02), p.dark(p.stone, 0.5))
    return Sight(
        subject="a city at night seen across a river",
        title=str(
            scene.rng.choice(
                ["City at Night", "Night Lights", "Embankment", "Nachtstadt", "La ville, la nuit"]
            )
        ),
        objects=(
            "lighted windows",
            "street lamps",
            "a domed building",
            "reflections in the river",
            "a pale moon",
        ),
        setting="after dark",
        composition="a dark band of houses with dotted lights divides sky and river",
        mood=("mysterious", "romantic"),
        subjects=("city", "night city", "night", "river", "buildings", "lights"),
    )


def _skyline(scene: Scene, foot: float, high: float, wall: Color, lit: float) -> None:
    p, x = scene.palette, -0.03
    while x < scene.wide:
        w, h = scene.chance(0.07, 0.15), high * scene.chance(0.5, 1.1)
        top = foot - h
        scene.shape(geometry.box(x, top, w, h), wall, p.dark(wall, 0.35), "across")
        if scene.rng.random() < 0.4:
            scene.shape([(x - 0.006, top), (x + w / 2, top - 0.05), (x + w + 0.006, top)], p.dark(wall, 0.3))
        else:
            scene.shape(geometry.box(x + w * 0.6, top - 0.03, w * 0.14, 0.04), p.dark(wall, 0.3))
        _windows(scene, x, top, w, foot, wall, lit)
        x += w + scene.chance(-0.004, 0.012)


def _windows(scene: Scene, x: float, top: float, w: float, foot: float, wall: Color, lit: float) -> None:
    p = scene.palette
    glass = p.dark(wall, 0.35)
    warm = (p.bright, p.light(p.bright, 0.4), mix(p.bright, p.warm, 0.4))
    for y in np.arange(top + 0.025, foot - 0.03, 0.043):
        for at in np.arange(x + 0.013, x + w - 0.018, 0.027):
            fill = warm[int(scene.rng.integers(3))] if scene.rng.random() < lit else glass
            scene.shape(geometry.box(at, y, 0.013, 0.022), fill, fill, "flat")


def _dome(scene: Scene, x: float, foot: float, size: float) -> None:
    p = scene.palette
    stone = p.dark(p.stone, 0.2)
    scene.shape(
        geometry.box(x - size, foot - size * 1.5, size * 2, size * 1.5), stone, p.dark(stone, 0.5), "across"
    )
    arc = np.linspace(np.pi, 2 * np.pi, 24)
    dome = np.column_stack([x + size * 0.8 * np.cos(arc), foot - size * 1.5 + size * 1.1 * np.sin(arc)])
    scene.shape(dome, p.dark(p.leaf, 0.1), p.dark(p.leaf, 0.55), "across")
    scene.shape(geometry.box(x - size * 0.1, foot - size * 3.0, size * 0.2, size * 0.5), stone)
    for column in np.linspace(-0.8, 0.8, 6):
        scene.shape(
            geometry.box(x + column * size - size * 0.06, foot - size * 1.3, size * 0.12, size * 1.3),
            p.light(stone, 0.25),
        )


def _street(scene: Scene) -> Sight:
    wide = scene.wide
    _street_walls(scene)
    for _ in range(int(scene.rng.integers(5, 9))):
        deep = scene.rng.random() ** 1.4
        x = wide * (0.5 + scene.chance(-0.28, 0.28) * (0.3 + deep))
        _passer_by(scene, x, 0.66 + 0.3 * deep, 0.12 + 0.26 * deep)
    for side in (-1, 1):
        _lamp(scene, wide * 0.5 + side * 0.33 * wide, 0.92, 0.46)
    return Sight(
        subject="a busy city street between tall houses",
        title=str(scene.rng.choice(["The Street", "Boulevard", "Rue animée", "Afternoon in Town", "Straße"])),
        objects=("rows of windows", "street lamps", "people walking", "shop awnings"),
        setting="by day",
        composition="the house fronts rush together towards a vanishing point",
        mood=("bustling", "modern"),
        subjects=("city", "street", "people", "buildings"),
    )


def _street_walls(scene: Scene) -> None:
    p, wide = scene.palette, scene.wide
    scene.ground(p.sky, p.glow)
    far = (wide * 0.5, 0.64)
    for step in range(5):
        x = far[0] + (step - 2.5) * 0.07
        scene.shape(geometry.box(x, far[1] - 0.2 - 0.05 * (step % 2), 0.068, 0.3), mix(p.stone, p.glow, 0.5))
    scene.shape(
        [(-0.05, 1.02), (far[0] - 0.08, far[1]), (far[0] + 0.08, far[1]), (wide + 0.05, 1.02)],
        p.light(p.stone, 0.25),
        p.stone,
        "down",
    )
    for side in (-1, 1):
        edge = far[0] + side * (wide * 0.5 + 0.02)
        fronts = [0.0, 0.3, 0.54, 0.72, 0.86]
        for number in reversed(range(4)):
            _front(
                scene,
                edge,
                far,
                fronts[number],
                fronts[number + 1],
                (p.warm, p.stone, p.land, p.bright, p.sky)[(number + side) % 5],
            )


def _front(
    scene: Scene, edge: float, far: tuple[float, float], near: float, deep: float, wall: Color
) -> None:
    """Draw one house front in perspective between two depths, 0 at the picture's edge, 1 far away."""
    p = scene.palette

    def at(depth: float, height: float) -> tuple[float, float]:
        x = edge + (far[0] - edge) * depth
        return x, (1.0 + (far[1] - 1.0) * depth) - height * (1 - depth * 0.86)

    tall = scene.chance(0.95, 1.2)
    wall = mix(mix(wall, p.stone, 0.35), p.glow, 0.35 * deep)
    scene.shape([at(near, 0), at(near, tall), at(deep, tall), at(deep, 0)], wall, p.dark(wall, 0.3), "across")
    for level in np.arange(0.3, tall - 0.12, 0.2):
        for part in np.linspace(near, deep, 4)[:-1] + (deep - near) * 0.09:
            end = part + (deep - near) * 0.2
            scene.shape(
                [at(part, level), at(part, level + 0.12), at(end, level + 0.12), at(end, level)],
                p.dark(p.water, 0.45),
            )
    awning = mix(p.warm, p.bright, scene.chance(0, 1))
    scene.shape([at(near, 0.16), at(near, 0.26), at(deep, 0.26), at(deep, 0.16)], awning)
    scene.shape([at(near, 0), at(near, 0.15), at(deep, 0.15), at(deep, 0)], p.dark(wall, 0.55))


def _passer_by(scene: Scene, x: float, foot: float, high: float) -> None:
    p = scene.palette
    coat = p.dark(scene.pick(p.ink, p.warm, p.water, p.land), 0.3)
    parts.person(
        scene, x, foot, high, dress=coat, trousers=p.ink, kind=str(scene.rng.choice(["man", "woman"]))
    )


def _lamp(scene: Scene, x: float, foot: float, high: float) -> None:
    p = scene.palette
    scene.limb([(x, foot), (x, foot - high)], [0.018, 0.008], p.ink)
    scene.shape(
        [
            (x - 0.02, foot - high - 0.05),
            (x + 0.02, foot - high - 0.05),
            (x + 0.012, foot - high),
            (x - 0.012, foot - high),
        ],
        p.light(p.bright, 0.5),
    )
    scene.shape(
        [(x - 0.028, foot - high - 0.05), (x, foot - high - 0.075), (x + 0.028, foot - high - 0.05)], p.ink
    )


def family(scene: Scene, variant: str) -> Sight:
    """Draw a family in a ``city`` street or by the ``sea``."""
    p, wide = scene.palette, scene.wide
    if variant == "city":
        _street_walls(scene)
        for side in (-1, 1):
            _lamp(scene, wide * 0.5 + side * 0.42 * wide, 0.94, 0.5)
    else:
        scene.ground(p.sky, p.glow)
        parts.clouds(scene, 3, 0.1, 0.3, p.light(p.sky, 0.6), p.light(p.sky, 0.3))
        scene.shape(geometry.box(-0.01, 0.52, wide + 0.02, 0.6), p.water, p.light(p.water, 0.3), "down")
        parts.ripples(scene, 0.53, 30, p.light(p.water, 0.6), 0.75)
        scene.shape(
            geometry.down_to(geometry.ridge(scene.rng, wide, 0.76, 0.015)),
            p.light(p.land, 0.5),
            p.land,
            "down",
        )
    children = int(scene.rng.integers(1, 4))
    group: list[tuple[str, float]] = [("man", 0.7), ("woman", 0.64)]
    group += [(str(scene.rng.choice(["boy", "girl"])), scene.chance(0.36, 0.46)) for _ in range(children)]
    group = [group[0], *group[2:], group[1]]
    gap = min(0.2, (wide - 0.2) / len(group))
    for number, (kind, high) in enumerate(group):
        x = wide / 2 + (number - (len(group) - 1) / 2) * gap
        scene.disc(x, 0.965, high * 0.2, p.dark(p.stone, 0.5), None, "flat", ry=0.018)
        parts.person(
            scene,
            x,
            0.965,
            high,
            dress=p.dark(scene.pick(p.warm, p.water, p.leaf, p.land), scene.chance(0, 0.4)),
            trousers=p.dark(p.ink, 0.2),
            kind=kind,
        )
    town = variant == "city"
    many = ("a child", "two children", "three children")[children - 1]
    return Sight(
        subject=f"a family with {many} standing in a city street"
        if town
        else f"a family with {many} on a beach",
        title=str(
            scene.rng.choice(
                ["Family in the City", "Sunday in Town", "Famille", "Neighbours"]
                if town
                else ["At the Beach", "Holiday"]
            )
        ),
        objects=(
            "a father in a hat",
            "a mother in a long coat",
            "tall houses" if town else "the sea",
            "street lamps" if town else "small clouds",
        ),
        setting="in a city" if town else "by the sea",
        composition="the parents stand at either side and hold the group together",
        mood=("dignified", "affectionate"),
        subjects=(
            "family",
            "people",
            "children",
            *(("city", "street", "family in a city") if town else ("beach", "sea")),
        ),
    )
