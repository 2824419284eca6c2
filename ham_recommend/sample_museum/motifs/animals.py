"""Cats, carp and birds."""

from __future__ import annotations

import numpy as np

from ham_recommend.sample_museum import geometry
from ham_recommend.sample_museum.motifs import parts
from ham_recommend.sample_museum.motifs.parts import Placed
from ham_recommend.sample_museum.motifs.sight import Sight
from ham_recommend.sample_museum.palettes import mix
from ham_recommend.sample_museum.scene import Scene


def cat(scene: Scene, variant: str) -> Sight:
    """Draw a cat ``jumping``, ``sitting`` or ``sleeping``."""
    return {"jumping": _jumping, "sitting": _sitting, "sleeping": _sleeping}[variant](scene)


def _jumping(scene: Scene) -> Sight:
    p, wide = scene.palette, scene.wide
    name, coat = parts.coat_of_cat(scene)
    scene.ground(p.sky, p.glow)
    x, y = wide * scene.chance(0.72, 0.86), scene.chance(0.16, 0.26)
    parts.glow(scene, x, y, 0.065, p.light(p.bright, 0.35), mix(p.sky, p.glow, y), 5)
    scene.shape(
        geometry.down_to(geometry.ridge(scene.rng, wide, 0.62, 0.05)), p.light(p.leaf, 0.3), p.leaf, "down"
    )
    for _ in range(4):
        parts.trees(scene, scene.chance(0, wide), 0.68, scene.chance(0.16, 0.28), p.leaf)
    scene.shape(
        geometry.down_to(geometry.ridge(scene.rng, wide, 0.86, 0.02)), p.land, p.dark(p.land, 0.5), "down"
    )
    wall = scene.chance(0.42, 0.56) * wide
    for row in range(5):
        for brick in range(3):
            at = wall + (brick - 1.5) * 0.1 + (row % 2) * 0.03
            stone = p.light(p.stone, 0.15) if (row + brick) % 2 else p.dark(p.stone, 0.15)
            scene.shape(geometry.box(at, 0.66 + row * 0.052, 0.096, 0.048), stone)
    pen = Placed(
        scene,
        wall,
        0.45,
        0.27 * min(1.0, wide),
        flip=bool(scene.rng.random() < 0.4),
        turn=scene.chance(-0.25, 0.1),
    )
    parts.cat_leaping(pen, coat)
    _grass(scene)
    return Sight(
        subject=f"a {name} cat jumping over a stone wall",
        title=str(scene.rng.choice(["Leaping Cat", "The Jump", "Cat over the Wall", "Le chat qui saute"])),
        objects=("a low stone wall", "a sun low in the sky", "rounded trees", "blades of grass"),
        setting="in a garden with hills behind",
        composition="the stretched body of the animal makes one long diagonal across the picture",
        mood=("playful", "lively"),
        subjects=("cat", "jumping cat", "garden", "wall", "animal"),
    )


def _grass(scene: Scene) -> None:
    p = scene.palette
    for _ in range(26):
        x, high = scene.chance(0, scene.wide), scene.chance(0.04, 0.12)
        blade = [(x, 1.01), (x + 0.01, 1 - high * 0.6), (x + scene.chance(-0.05, 0.05), 1 - high)]
        scene.limb(
            blade, [0.012, 0.008, 0.002], scene.pick(p.leaf, p.dark(p.leaf, 0.3), p.light(p.leaf, 0.2))
        )


def _window(scene: Scene, x: float, y: float, w: float, h: float) -> None:
    p = scene.palette
    scene.shape(geometry.box(x - 0.025, y - 0.025, w + 0.05, h + 0.05), p.dark(p.land, 0.2))
    scene.shape(geometry.box(x, y, w, h), p.sky, p.glow, "down")
    hill = geometry.smooth(
        [
            (x, y + h),
            (x, y + h * 0.7),
            (x + w * 0.3, y + h * 0.55),
            (x + w * 0.7, y + h * 0.72),
            (x + w, y + h * 0.6),
            (x + w, y + h),
        ],
        steps=6,
    )
    scene.shape(np.clip(hill, (x, y), (x + w, y + h)), p.leaf)
    scene.shape(geometry.box(x + w / 2 - 0.008, y, 0.016, h), p.dark(p.land, 0.2))
    scene.shape(geometry.box(x, y + h / 2 - 0.008, w, 0.016), p.dark(p.land, 0.2))


def _sitting(scene: Scene) -> Sight:
    p, wide = scene.palette, scene.wide
    name, coat = parts.coat_of_cat(scene)
    parts.frame_floor(scene, 0.78, p.stone if name != "grey" else p.warm, p.land)
    _window(scene, wide * 0.56, 0.1, wide * 0.34, 0.42)
    scene.disc(wide * 0.46, 0.9, 0.36, p.warm, p.dark(p.warm, 0.4), ry=0.075)
    scene.disc(wide * 0.46, 0.9, 0.28, p.bright, p.warm, ry=0.052)
    parts.cat_sitting(
        Placed(scene, wide * 0.44, 0.92, 0.5 * min(1, wide + 0.2), flip=bool(scene.rng.random() < 0.5)), coat
    )
    return Sight(
        subject=f"a {name} cat sitting on a round carpet",
        title=str(
            scene.rng.choice([f"{name.capitalize()} Cat", "Cat by the Window", "Portrait of a Cat", "Neko"])
        ),
        objects=("a window with a view of hills", "a patterned carpet", "a plain wall"),
        setting="in a quiet room",
        composition="the animal sits in the middle and looks straight at the viewer",
        mood=("calm", "watchful"),
        subjects=("cat", "sitting cat", "window", "interior", "animal"),
    )


def _sleeping(scene: Scene) -> Sight:
    p, wide = scene.palette, scene.wide
    name, coat = parts.coat_of_cat(scene)
    scene.ground(p.light(p.sky, 0.2), p.stone, "slant")
    for stripe in range(9):
        scene.shape(geometry.box(stripe * wide / 8 - 0.02, 0, wide / 22, 0.7), p.light(p.sky, 0.4))
    scene.blob(
        [(-0.1, 1.1), (0.0, 0.62), (wide * 0.25, 0.56), (wide * 0.75, 0.58), (wide, 0.64), (wide + 0.1, 1.1)],
        p.warm,
        p.dark(p.warm, 0.5),
        "down",
    )
    scene.blob(
        [
            (wide * 0.1, 0.84),
            (wide * 0.16, 0.7),
            (wide * 0.5, 0.72),
            (wide * 0.85, 0.69),
            (wide * 0.9, 0.84),
            (wide * 0.5, 0.9),
        ],
        p.bright,
        p.dark(p.bright, 0.4),
        "down",
    )
    parts.cat_sleeping(
        Placed(scene, wide * 0.5, 0.8, 0.36 * min(1.2, wide), flip=bool(scene.rng.random() < 0.5)), coat
    )
    return Sight(
        subject=f"a {name} cat asleep on a cushion",
        title=str(scene.rng.choice(["Sleeping Cat", "Afternoon Nap", "Le sommeil du chat", "Siesta"])),
        objects=("a cushion", "a sofa", "striped wallpaper"),
        setting="indoors",
        composition="the curled animal forms a closed oval in the lower half",
        mood=("peaceful", "drowsy"),
        subjects=("cat", "sleeping cat", "cushion", "interior", "animal"),
    )


def carp(scene: Scene, variant: str) -> Sight:
    """Draw carp in a pond, with ``lilies`` or in ``clear`` water."""
    p, wide = scene.palette, scene.wide
    scene.ground(p.water, p.dark(p.water, 0.45), "slant")
    for _ in range(5):
        x, y, r = scene.chance(0, wide), scene.chance(0, 1), scene.chance(0.06, 0.2)
        for ring in (1.0, 0.93):
            scene.disc(
                x,
                y,
                r * ring,
                p.light(p.water, 0.22) if ring == 1 else p.dark(p.water, 0.12),
                ry=r * ring * 0.8,
            )
    count = int(scene.rng.integers(3, 6))
    for fish in range(count):
        _fish(scene, wide * (0.2 + 0.6 * ((fish * 0.618) % 1)), 0.18 + 0.66 * fish / max(count - 1, 1), fish)
    if variant == "lilies":
        for _ in range(8):
            _lily(
                scene,
                scene.chance(0, wide),
                float(scene.rng.choice([scene.chance(0, 0.2), scene.chance(0.8, 1)])),
            )
    return Sight(
        subject=f"{['three', 'four', 'five'][count - 3]} carp swimming in a pond",
        title=str(scene.rng.choice(["Carp", "Koi in a Pond", "Fish at Play", "Red Carp"])),
        objects=("water lilies", "lily pads", "ripples")
        if variant == "lilies"
        else ("clear water", "ripples"),
        setting="seen from above",
        composition="the curved bodies of the fish turn around each other without a horizon",
        mood=("serene", "graceful"),
        subjects=("fish", "carp", "pond", "water", "animal"),
    )


def _fish(scene: Scene, x: float, y: float, number: int) -> None:
    p = scene.palette
    body = (p.warm, p.paper, p.bright)[number % 3]
    patch = (p.paper, p.warm, p.ink)[number % 3]
    pen = Placed(scene, x, y, 0.19, flip=number % 2 == 0, turn=scene.chance(-0.7, 0.7))
    bend = scene.chance(-0.25, 0.25)
    spine = [(0.95, 0.0), (0.5, bend * 0.3), (0.0, bend), (-0.6, bend * 0.5), (-0.95, -bend)]
    for side in (-1, 1):
        pen.blob(
            [(0.42, side * 0.14), (0.2, side * 0.46), (0.02, side * 0.5), (0.16, side * 0.16)],
            p.light(body, 0.35),
        )
    pen.blob(
        [(-0.85, -bend * 0.8), (-1.4, -bend * 1.5 - 0.3), (-1.2, -bend * 1.3), (-1.4, -bend * 1.5 + 0.3)],
        p.light(body, 0.25),
    )
    pen.limb(spine, [0.16, 0.36, 0.38, 0.2, 0.06], body)
    pen.blob(
        [(0.35, -0.12 + bend * 0.4), (0.05, -0.15 + bend), (0.0, 0.1 + bend), (0.3, 0.1 + bend * 0.4)], patch
    )
    pen.disc(-0.45, bend * 0.65, 0.16, 0.1, patch)
    for side in (-1, 1):
        pen.disc(0.84, side * 0.08, 0.03, 0.03, p.ink)


def _lily(scene: Scene, x: float, y: float) -> None:
    p, r = scene.palette, scene.chance(0.05, 0.09)
    start = scene.chance(0, 6.3)
    angle = start + np.linspace(0.25, 2 * np.pi - 0.25, 30)
    rim = np.column_stack([x + r * np.cos(angle), y + r * 0.8 * np.sin(angle)])
    scene.shape(np.vstack([rim, [(x, y)]]), p.leaf, p.dark(p.leaf, 0.4))
    if scene.rng.random() < 0.45:
        for petal in range(8):
            turn = petal * np.pi / 4
            scene.disc(
                x + 0.03 * np.cos(turn),
                y - 0.01 + 0.022 * np.sin(turn),
                0.026,
                p.light(p.warm, 0.55),
                p.light(p.warm, 0.2),
                ry=0.011,
                turn=turn,
            )
        scene.disc(x, y - 0.01, 0.012, p.bright)


def bird(scene: Scene, variant: str) -> Sight:
    """Draw a bird on a branch in ``blossom`` or among ``bamboo``."""
    p, wide = scene.palette, scene.wide
    scene.ground(p.light(p.sky, 0.35), p.light(p.glow, 0.35))
    if scene.rng.random() < 0.6:
        scene.disc(wide * 0.68, 0.3, 0.19, p.light(p.bright, 0.35), p.light(p.glow, 0.2))
    perch = _bamboo(scene) if variant == "bamboo" else _blossoming_branch(scene)
    pen = Placed(scene, perch[0], perch[1], 0.2, flip=bool(scene.rng.random() < 0.5))
    back, belly = scene.pick(p.water, p.warm, p.ink, p.leaf), p.light(p.glow, 0.4)
    pen.limb([(-0.4, 0.0), (-0.8, 0.35), (-1.05, 0.66)], [0.2, 0.17, 0.09], p.dark(back, 0.4))
    pen.blob(
        [(-0.55, 0.1), (-0.3, -0.42), (0.1, -0.72), (0.42, -0.5), (0.4, -0.1), (0.1, 0.2), (-0.25, 0.2)],
        belly,
    )
    pen.blob([(-0.62, 0.16), (-0.42, -0.38), (-0.05, -0.66), (0.12, -0.4), (0.05, -0.05), (-0.3, 0.12)], back)
    pen.disc(0.24, -0.78, 0.25, 0.23, back)
    pen.disc(0.32, -0.7, 0.12, 0.11, belly)
    pen.shape([(0.45, -0.84), (0.72, -0.74), (0.45, -0.7)], p.bright)
    pen.disc(0.32, -0.84, 0.04, 0.04, p.paper)
    pen.disc(0.33, -0.84, 0.025, 0.025, p.ink)
    for foot in (-0.02, 0.14):
        pen.limb([(foot, 0.12), (foot + 0.02, 0.3)], 0.05, p.ink)
    plant = "bamboo stalks and leaves" if variant == "bamboo" else "plum blossoms"
    return Sight(
        subject="a small bird perched among bamboo"
        if variant == "bamboo"
        else "a bird on a flowering branch",
        title="Bird and Bamboo"
        if variant == "bamboo"
        else str(scene.rng.choice(["Bird on a Plum Branch", "Early Spring"])),
        objects=(plant, "an empty sky"),
        setting="against an open ground",
        composition="the branch enters from one side and leaves much of the sheet empty",
        mood=("delicate", "quiet"),
        subjects=("bird", "bamboo" if variant == "bamboo" else "blossom", "flowers", "animal"),
    )


def _blossoming_branch(scene: Scene) -> tuple[float, float]:
    p, wide = scene.palette, scene.wide
    bark = p.dark(p.land, 0.55)
    knots = [(-0.05, 0.92), (wide * 0.2, 0.74), (wide * 0.45, 0.68), (wide * 0.7, 0.52), (wide * 0.98, 0.5)]
    scene.limb(knots, [0.06, 0.045, 0.035, 0.022, 0.008], bark)
    tips = [knots[1], knots[2], knots[3], knots[4]]
    for x, y in knots[1:4]:
        lean = scene.chance(-0.02, 0.18)
        tip = (x + lean, y - scene.chance(0.16, 0.34))
        scene.limb([(x, y), (x + lean * 0.2, (y + tip[1]) / 2), tip], [0.022, 0.014, 0.006], bark)
        tips += [tip, (x + lean * 0.3, (y + tip[1]) / 2)]
    for x, y in tips:
        for _ in range(3):
            flower(
                scene,
                x + scene.rng.normal(0, 0.035),
                y + scene.rng.normal(0, 0.03),
                scene.chance(0.018, 0.034),
            )
    return wide * 0.45, 0.6


def flower(scene: Scene, x: float, y: float, r: float) -> None:
    """Draw a five-petalled blossom."""
    p = scene.palette
    petal = p.light(p.warm, scene.chance(0.35, 0.8))
    start = scene.chance(0, 1.2)
    for turn in start + np.arange(5) * 2 * np.pi / 5:
        scene.disc(x + r * 0.7 * np.cos(turn), y + r * 0.7 * np.sin(turn), r * 0.62, petal)
    scene.disc(x, y, r * 0.34, p.bright)


def _bamboo(scene: Scene) -> tuple[float, float]:
    p, wide = scene.palette, scene.wide
    for stalk in range(3):
        x, lean = wide * (0.24 + 0.2 * stalk), scene.chance(-0.08, 0.08)
        for joint in range(6):
            y = 1.02 - joint * 0.18
            at = x + lean * joint / 5
            scene.limb(
                [(at, y), (at + lean / 6, y - 0.165)],
                0.04 - 0.005 * stalk,
                p.leaf,
                p.dark(p.leaf, 0.5),
                "across",
            )
        for _ in range(9):
            tip_x, tip_y = x + lean + scene.rng.normal(0, 0.14), scene.chance(0.05, 0.6)
            turn = scene.chance(0.3, 1.3) * (1 if scene.rng.random() < 0.5 else -1) + np.pi / 2
            blade = np.array([(0, 0), (0.06, -0.014), (0.15, 0), (0.06, 0.014)])
            scene.blob(
                geometry.turned(blade, turn) + (tip_x, tip_y), scene.pick(p.leaf, p.dark(p.leaf, 0.35))
            )
    branch_y = 0.62
    scene.limb(
        [(wide * 0.25, branch_y + 0.02), (wide * 0.8, branch_y - 0.01)], [0.02, 0.01], p.dark(p.leaf, 0.3)
    )
    return wide * 0.56, branch_y - 0.055
