"""Ships and moonlit water."""

from __future__ import annotations

import numpy as np

from ham_recommend.sample_museum import geometry
from ham_recommend.sample_museum.motifs import parts
from ham_recommend.sample_museum.motifs.parts import Placed
from ham_recommend.sample_museum.motifs.sight import Sight
from ham_recommend.sample_museum.palettes import mix
from ham_recommend.sample_museum.scene import Scene


def ships(scene: Scene, variant: str) -> Sight:
    """Draw ships in a ``storm`` or on a ``calm`` sea."""
    return _storm(scene) if variant == "storm" else _calm(scene)


def _storm(scene: Scene) -> Sight:
    scene.palette = p = scene.palette.in_storm()
    wide = scene.wide
    scene.ground(p.dark(p.sky, 0.45), p.glow)
    for _ in range(6):
        x, y = scene.chance(0, wide), scene.chance(0.0, 0.36)
        tone = scene.chance(0.1, 0.6)
        knots = geometry.oval(
            x, y, scene.chance(0.2, 0.42), scene.chance(0.05, 0.13), scene.chance(-0.2, 0.3), 9
        )
        scene.blob(
            knots + scene.rng.normal(0, 0.025, knots.shape),
            p.dark(p.sky, tone),
            p.dark(p.sky, tone + 0.25),
            "down",
        )
    bolt = scene.rng.random() < 0.6
    if bolt:
        x = wide * scene.chance(0.15, 0.85)
        path = [(x + scene.rng.normal(0, 0.035), y) for y in np.linspace(0.1, 0.5, 7)]
        scene.shape(
            geometry.limb(path, [0.012, 0.01, 0.012, 0.008, 0.01, 0.006, 0.003], steps=1),
            p.light(p.bright, 0.6),
        )
    count = int(scene.rng.integers(2, 4))
    parts.waves(scene, 0.55, 0.04, p.light(p.water, 0.12), None, 0.14)
    for number in range(count - 1):
        x = (
            wide * (0.16 + 0.66 * number + scene.chance(-0.05, 0.05))
            if count > 2
            else wide * scene.chance(0.7, 0.85)
        )
        _ship(scene, x, 0.6 + 0.02 * number, 0.24, turn=scene.chance(-0.25, 0.25))
    parts.waves(scene, 0.65, 0.09, p.water, p.light(p.water, 0.7), 0.26)
    _ship(
        scene,
        wide * scene.chance(0.36, 0.6),
        0.74,
        0.5,
        turn=scene.chance(0.1, 0.28) * (-1) ** scene.rng.integers(2),
    )
    parts.waves(scene, 0.8, 0.11, p.dark(p.water, 0.12), p.light(p.water, 0.8), 0.36)
    parts.waves(scene, 0.94, 0.1, p.dark(p.water, 0.35), p.light(p.water, 0.75), 0.5)
    return Sight(
        subject=f"{'three' if count > 2 else 'two'} ships in a storm",
        title=str(
            scene.rng.choice(
                ["Ships in a Storm", "The Gale", "Shipwreck off the Coast", "Tempest", "Der Sturm"]
            )
        ),
        objects=("torn sails", "foaming waves", "dark clouds", *(("a flash of lightning",) if bolt else ())),
        setting="on a raging sea",
        composition="tilted masts and rising waves pull the eye in opposite diagonals",
        mood=("dramatic", "threatening"),
        subjects=("ship", "ships in a storm", "storm", "sea", "waves"),
    )


def _calm(scene: Scene) -> Sight:
    p, wide = scene.palette, scene.wide
    horizon = scene.chance(0.56, 0.66)
    scene.ground(p.sky, p.glow)
    x = wide * scene.chance(0.2, 0.8)
    parts.glow(scene, x, horizon - scene.chance(0.08, 0.2), 0.05, p.light(p.bright, 0.5), p.glow)
    parts.clouds(scene, 4, 0.08, 0.34, p.light(p.sky, 0.6), p.light(p.sky, 0.2))
    scene.shape(
        geometry.box(-0.01, horizon, wide + 0.02, 1), p.light(p.water, 0.35), p.dark(p.water, 0.25), "down"
    )
    far = geometry.ridge(scene.rng, wide * 0.4, horizon - 0.02, 0.02)
    scene.shape(geometry.down_to(far, horizon + 0.002), mix(p.land, p.sky, 0.55))
    parts.reflections(scene, x, horizon + 0.01, 0.07, p.light(p.bright, 0.5))
    count = int(scene.rng.integers(2, 5))
    for number in range(count):
        near = number / max(count - 1, 1)
        size = 0.16 + 0.4 * near
        at = wide * ((0.3 + 0.4 * number + scene.chance(-0.06, 0.06)) % 1)
        foot = horizon + 0.03 + 0.2 * near
        scene.disc(at, foot + 0.01, size * 0.36, p.dark(p.water, 0.4), None, "flat", ry=0.02)
        _ship(scene, at, foot, size)
    parts.ripples(scene, horizon + 0.02, 40, p.light(p.water, 0.5))
    return Sight(
        subject=f"{['two', 'three', 'four'][count - 2]} sailing ships on a calm sea",
        title=str(
            scene.rng.choice(["Calm Sea", "Ships at Anchor", "Harbour at Sunrise", "Becalmed", "Bateaux"])
        ),
        objects=("white sails", "a low sun", "small clouds", "reflections on the water"),
        setting="at sea under a wide sky",
        composition="a low horizon leaves most of the picture to the sky",
        mood=("calm", "luminous"),
        subjects=("ship", "sea", "sailing", "sunset"),
    )


def _ship(scene: Scene, x: float, y: float, size: float, turn: float = 0.0) -> None:
    """Draw a three-masted ship, ``size`` high, waterline at the origin."""
    p = scene.palette
    pen = Placed(scene, x, y, size, flip=bool(scene.rng.random() < 0.5), turn=turn)
    wood, sail = p.dark(p.land, 0.45), p.light(p.glow, 0.45)
    pen.limb([(0.34, -0.16), (0.66, -0.3)], 0.018, wood)
    for mast, high in ((-0.24, 0.72), (0.02, 0.96), (0.26, 0.78)):
        pen.limb([(mast, -0.1), (mast, -high)], [0.03, 0.015], wood)
        for tier in range(3):
            top, low = -high + 0.05 + tier * high * 0.26, -high + 0.03 + (tier + 0.92) * high * 0.26
            half = (0.085 + 0.03 * tier) * (high / 0.8)
            belly = 0.07
            pen.blob(
                [
                    (mast - half, top),
                    (mast + half, top),
                    (mast + half * 1.2 + belly, (top + low) / 2),
                    (mast + half * 1.15, low),
                    (mast - half * 0.95, low),
                    (mast - half * 0.7 + belly * 0.6, (top + low) / 2),
                ],
                sail,
                p.dark(sail, 0.35),
            )
        pen.shape([(mast, -high), (mast + 0.14, -high - 0.015), (mast, -high - 0.05)], p.warm)
    pen.shape([(0.3, -0.75), (0.64, -0.3), (0.33, -0.22)], p.dark(sail, 0.1))
    pen.blob(
        [
            (-0.46, -0.24),
            (-0.36, -0.17),
            (0.0, -0.12),
            (0.3, -0.16),
            (0.46, -0.2),
            (0.38, 0.0),
            (0.3, 0.06),
            (-0.32, 0.06),
            (-0.42, -0.04),
        ],
        wood,
        p.dark(wood, 0.6),
    )
    pen.limb([(-0.42, -0.13), (0.0, -0.07), (0.4, -0.12)], 0.022, p.bright)


def moonlit_water(scene: Scene, variant: str) -> Sight:
    """Draw the moon over a ``lake``, with a ``boat`` or over ``reeds``."""
    p = scene.palette.at_night()
    wide, horizon = scene.wide, scene.chance(0.48, 0.6)
    moon, silver = mix(p.paper, (1.0, 0.97, 0.85), 0.5), mix(p.paper, p.glow, 0.3)
    scene.ground(p.sky, p.glow)
    for _ in range(28):
        scene.disc(
            scene.chance(0, wide),
            scene.chance(0, horizon - 0.15),
            scene.chance(0.0015, 0.004),
            silver,
            silver,
            "flat",
        )
    x, y = wide * scene.chance(0.3, 0.7), scene.chance(0.16, 0.3)
    parts.glow(scene, x, y, scene.chance(0.06, 0.1), moon, mix(p.sky, p.glow, y), 9)
    for layer in range(2):
        far = geometry.ridge(scene.rng, wide, horizon - 0.07 + 0.04 * layer, 0.05)
        scene.shape(
            geometry.down_to(far, horizon + 0.01), mix(p.land, p.glow, 0.6 - 0.3 * layer), None, "down"
        )
    scene.shape(
        geometry.box(-0.01, horizon, wide + 0.02, 1), mix(p.water, p.glow, 0.5), p.dark(p.water, 0.4), "down"
    )
    parts.ripples(scene, horizon, 60, mix(p.water, p.glow, 0.3))
    parts.reflections(scene, x, horizon + 0.008, 0.085, moon)
    if variant == "boat":
        _rowing_boat(scene, wide * scene.chance(0.25, 0.75), 0.78)
    for _ in range(24 if variant == "reeds" else 8):
        _reed(
            scene,
            scene.chance(-0.05, wide * 0.35)
            if scene.rng.random() < 0.7
            else scene.chance(wide * 0.8, wide + 0.05),
        )
    extra = {"boat": "a small rowing boat", "reeds": "tall reeds", "lake": "dark hills"}[variant]
    return Sight(
        subject="the full moon over still water",
        title=str(
            scene.rng.choice(
                ["Moonlight", "Moonlit Water", "Nocturne", "Lake at Night", "Clair de lune", "Måneskin"]
            )
        ),
        objects=("the reflection of the moon", extra, "a starry sky", "distant hills"),
        setting="at night by a lake",
        composition="a column of light joins the moon to its reflection",
        mood=("silent", "dreamy", "melancholy"),
        subjects=("moon", "night", "lake", "water", "landscape", *(("boat",) if variant == "boat" else ())),
    )


def _rowing_boat(scene: Scene, x: float, y: float) -> None:
    p = scene.palette
    pen = Placed(scene, x, y, 0.2)
    pen.scene.disc(x, y + 0.018, 0.2, p.dark(p.water, 0.8), None, "flat", ry=0.018)
    pen.limb([(0.1, -0.1), (0.5, 0.14)], 0.03, p.dark(p.land, 0.4))
    pen.blob([(-0.06, -0.08), (-0.14, -0.4), (0.0, -0.56), (0.14, -0.4), (0.12, -0.08)], p.dark(p.warm, 0.5))
    pen.disc(0, -0.62, 0.09, 0.1, p.dark(p.stone, 0.4))
    pen.disc(0, -0.69, 0.2, 0.05, p.dark(p.bright, 0.45))
    pen.blob(
        [(-1, -0.2), (-0.5, -0.08), (0.5, -0.08), (1, -0.2), (0.7, 0.1), (-0.7, 0.1)],
        p.dark(p.land, 0.55),
        p.ink,
    )


def _reed(scene: Scene, x: float) -> None:
    p, high = scene.palette, scene.chance(0.16, 0.42)
    lean = scene.chance(-0.06, 0.08)
    dark = p.dark(p.leaf, scene.chance(0.6, 0.85))
    scene.limb(
        [(x, 1.02), (x + lean * 0.3, 1 - high * 0.6), (x + lean, 1 - high)], [0.01, 0.007, 0.002], dark
    )
    if scene.rng.random() < 0.35:
        scene.limb([(x + lean * 0.8, 1.05 - high), (x + lean, 0.98 - high)], 0.018, p.dark(p.land, 0.6))
