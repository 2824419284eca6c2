"""Hills and mountains."""

from __future__ import annotations

from ham_recommend.sample_museum import geometry
from ham_recommend.sample_museum.motifs import parts
from ham_recommend.sample_museum.motifs.sight import Sight
from ham_recommend.sample_museum.palettes import Color, mix
from ham_recommend.sample_museum.scene import Scene


def hills(scene: Scene, variant: str) -> Sight:
    """Draw ``fields``, an ``abstract`` landscape of bands, or ``cypresses``."""
    return _abstract(scene) if variant == "abstract" else _fields(scene, cypresses=variant == "cypresses")


def _fields(scene: Scene, *, cypresses: bool) -> Sight:
    p, wide = scene.palette, scene.wide
    scene.ground(p.sky, p.glow)
    x = wide * scene.chance(0.15, 0.85)
    parts.glow(scene, x, scene.chance(0.14, 0.26), 0.055, p.light(p.bright, 0.4), mix(p.sky, p.glow, 0.3), 5)
    parts.clouds(scene, 3, 0.08, 0.3, p.light(p.glow, 0.55), p.light(p.sky, 0.15))
    layers = 5
    for layer in range(layers):
        near = layer / (layers - 1)
        line = geometry.ridge(scene.rng, wide, 0.42 + 0.42 * near**1.2, 0.06 + 0.03 * near)
        ground = (p.sky, p.leaf, p.land, p.bright, p.leaf)[layer]
        ground = mix(mix(ground, p.land, 0.25), p.glow, 0.5 * (1 - near))
        scene.shape(geometry.down_to(line), p.light(ground, 0.15), p.dark(ground, 0.3), "down")
        if layer in {2, 3}:
            _furrows(scene, line, ground, near)
        if layer in {1, 2, 3}:
            _trees_on(scene, line, 0.06 + 0.16 * near, cypresses=cypresses)
    house = wide * scene.chance(0.2, 0.75)
    _house(scene, house, 0.66, 0.12)
    return Sight(
        subject="rolling hills and fields" + (" with cypress trees" if cypresses else ""),
        title=str(
            scene.rng.choice(["Hills in Summer", "Fields", "Valley with a Farmhouse", "Colline", "Paysage"])
        ),
        objects=(
            "a farmhouse with a red roof",
            "cypresses" if cypresses else "round trees",
            "ploughed fields",
            "a low sun",
        ),
        setting="in open country",
        composition="overlapping ridges lead step by step into the distance",
        mood=("tranquil", "warm"),
        subjects=("landscape", "hills", "fields", "trees", "house"),
    )


def _furrows(scene: Scene, line: geometry.Points, ground: Color, near: float) -> None:
    p = scene.palette
    focus = scene.chance(0, scene.wide)
    for at in range(0, len(line), 6):
        x, y = line[at]
        end = (focus + (x - focus) * 2.6, y + 0.3)
        scene.limb(
            [(x, y + 0.004), ((x * 2 + end[0]) / 3, y + 0.08), end],
            [0.002, 0.005, 0.012 + 0.01 * near],
            p.dark(ground, 0.28),
            p.dark(ground, 0.4),
        )


def _trees_on(scene: Scene, line: geometry.Points, high: float, *, cypresses: bool) -> None:
    for _ in range(int(scene.rng.integers(3, 7))):
        x, y = line[int(scene.rng.integers(len(line)))]
        draw = parts.cypress if cypresses else parts.trees
        draw(scene, x, y + high * 0.12, high * scene.chance(0.7, 1.2), scene.palette.leaf)


def _house(scene: Scene, x: float, y: float, size: float) -> None:
    p = scene.palette
    scene.shape(geometry.box(x, y, size, size * 0.6), p.light(p.stone, 0.5), p.stone, "across")
    scene.shape(
        [
            (x - size * 0.08, y),
            (x + size * 0.2, y - size * 0.42),
            (x + size * 0.9, y - size * 0.42),
            (x + size * 1.08, y),
        ],
        p.warm,
        p.dark(p.warm, 0.3),
    )
    for window in (0.14, 0.62):
        scene.shape(
            geometry.box(x + size * window, y + size * 0.15, size * 0.15, size * 0.18), p.dark(p.water, 0.5)
        )
    scene.shape(geometry.box(x + size * 0.4, y + size * 0.25, size * 0.14, size * 0.35), p.dark(p.land, 0.4))


def _abstract(scene: Scene) -> Sight:
    p, wide = scene.palette, scene.wide
    scene.ground(p.glow, p.light(p.sky, 0.1))
    x, y, r = wide * scene.chance(0.2, 0.8), scene.chance(0.18, 0.34), scene.chance(0.11, 0.18)
    scene.disc(x, y, r * 1.35, mix(p.bright, p.glow, 0.45), None, "flat")
    scene.disc(x, y, r, scene.pick(p.warm, p.bright), None, "flat")
    for band in range(3):
        top = 0.1 + 0.1 * band + scene.chance(-0.03, 0.03)
        knots = [
            (-0.1, top),
            (wide * 0.35, top - 0.05),
            (wide + 0.1, top + scene.chance(-0.06, 0.06)),
            (wide + 0.1, top + 0.035),
            (wide * 0.5, top + 0.02),
            (-0.1, top + 0.05),
        ]
        scene.blob(knots, mix(p.sky, p.glow, scene.chance(0.0, 0.5)))
    colors = [p.water, p.leaf, p.bright, p.warm, p.stone, p.land, p.leaf, p.water, p.warm]
    shift = int(scene.rng.integers(len(colors)))
    count = int(scene.rng.integers(6, 9))
    for layer in range(count):
        base = 0.42 + 0.56 * layer / count
        heights = base + scene.rng.normal(0, 0.055, 5)
        knots = [(wide * at / 4 + (0.08 * (at - 2)), float(high)) for at, high in enumerate(heights)]
        line = geometry.smooth(knots, closed=False)
        fill = colors[(layer + shift) % len(colors)]
        scene.shape(geometry.down_to(line), fill, mix(fill, p.paper, 0.18), "across")
        if layer % 3 == 1:
            scene.limb(line[::4], scene.chance(0.006, 0.016), scene.pick(p.paper, p.ink, p.bright))
    return Sight(
        subject="an abstract landscape of curving colour bands beneath a disc of sun",
        title=str(
            scene.rng.choice(
                [
                    "Landscape in Motion",
                    "Abstract Landscape",
                    "Sun and Earth",
                    "Field Composition",
                    "Horizonte",
                    "Vibrant Valley",
                ]
            )
        ),
        objects=("a great sun disc", "bands like hills and fields", "bold outlines"),
        setting="between recognisable nature and pure abstraction",
        composition="broad shapes of pure colour are stacked from the horizon to the lower edge",
        mood=("vibrant", "energetic", "joyful"),
        subjects=("abstract landscape", "landscape", "abstract", "hills", "sun"),
    )


def mountains(scene: Scene, variant: str) -> Sight:
    """Draw ``misty`` peaks or one ``volcano``."""
    p, wide = scene.palette, scene.wide
    scene.ground(p.sky, p.light(p.glow, 0.2))
    if variant == "volcano":
        return _volcano(scene)
    parts.glow(scene, wide * scene.chance(0.2, 0.8), 0.18, 0.06, p.light(p.warm, 0.1), p.sky, 4)
    for layer in range(5):
        near = layer / 4
        tone = mix(mix(p.water, p.leaf, near), p.ink, 0.15 + 0.35 * near)
        _peaks(
            scene,
            0.34 + 0.16 * layer,
            0.26 - 0.02 * layer,
            mix(tone, p.glow, 0.72 * (1 - near)),
            p.light(p.glow, 0.35),
        )
    for pine in range(3):
        _pine(scene, wide * (0.06 + 0.1 * pine), 1.0, scene.chance(0.28, 0.46))
    _pavilion(scene, wide * 0.72, 0.86, 0.13)
    return Sight(
        subject="misty mountains rising one behind the other",
        title=str(
            scene.rng.choice(
                [
                    "Mountains in Mist",
                    "After Rain",
                    "Autumn Peaks",
                    "Lofty Scholar's Retreat",
                    "山水 Landscape",
                ]
            )
        ),
        objects=("drifting mist", "crooked pine trees", "a small pavilion", "a pale sun"),
        setting="in a remote valley",
        composition="peaks fade upwards into empty paper",
        mood=("contemplative", "remote"),
        subjects=("landscape", "mountains", "mist", "pine"),
    )


def _peaks(scene: Scene, y: float, high: float, fill: Color, mist: Color) -> None:
    x = -0.2
    while x < scene.wide + 0.1:
        w, h = scene.chance(0.2, 0.42), high * scene.chance(0.5, 1.2)
        jag = scene.rng.normal(0, 0.012, 7)
        knots = [
            (x, y + 0.2),
            (x + w * 0.2, y - h * 0.35 + jag[0]),
            (x + w * 0.38, y - h * 0.82 + jag[1]),
            (x + w * 0.48, y - h + jag[2]),
            (x + w * 0.6, y - h * 0.86 + jag[3]),
            (x + w * 0.78, y - h * 0.4 + jag[4]),
            (x + w, y + 0.2),
        ]
        scene.shape(geometry.smooth(knots, closed=False), fill, mix(fill, mist, 0.85), "down")
        x += w * scene.chance(0.5, 0.75)


def _pine(scene: Scene, x: float, foot: float, high: float) -> None:
    p = scene.palette
    dark = p.dark(p.leaf, 0.5)
    scene.limb(
        [(x, foot), (x + high * 0.06, foot - high * 0.5), (x - high * 0.04, foot - high)],
        [high * 0.07, high * 0.05, high * 0.02],
        p.dark(p.land, 0.6),
    )
    for tier in range(5):
        y = foot - high * (0.4 + 0.15 * tier)
        side = 1 if tier % 2 else -1
        scene.disc(
            x + side * high * 0.11,
            y,
            high * (0.24 - 0.025 * tier),
            p.dark(p.leaf, 0.3),
            dark,
            "down",
            ry=high * 0.05,
        )


def _pavilion(scene: Scene, x: float, y: float, size: float) -> None:
    p = scene.palette
    for post in (-0.32, -0.1, 0.1, 0.32):
        scene.shape(
            geometry.box(x + post * size - 0.004, y - size * 0.45, 0.008, size * 0.45), p.dark(p.warm, 0.3)
        )
    scene.blob(
        [
            (x - size * 0.7, y - size * 0.4),
            (x - size * 0.25, y - size * 0.6),
            (x, y - size),
            (x + size * 0.25, y - size * 0.6),
            (x + size * 0.7, y - size * 0.4),
            (x, y - size * 0.47),
        ],
        p.dark(p.stone, 0.5),
        p.ink,
    )
    scene.shape(geometry.box(x - size * 0.5, y, size, size * 0.1), p.dark(p.stone, 0.3))


def _volcano(scene: Scene) -> Sight:
    p, wide = scene.palette, scene.wide
    top, x = scene.chance(0.2, 0.3), wide * scene.chance(0.4, 0.62)
    for strip in range(4):
        y = 0.1 + 0.13 * strip
        scene.limb(
            [(wide * scene.chance(-0.1, 0.3), y), (wide * scene.chance(0.6, 1.1), y + 0.01)],
            [0.004, 0.03 * scene.chance(0.6, 1.3)],
            p.light(p.sky, 0.5),
        )
    slope = geometry.smooth(
        [
            (x - 0.75, 0.82),
            (x - 0.32, 0.6),
            (x - 0.1, top + 0.06),
            (x - 0.045, top),
            (x + 0.04, top + 0.005),
            (x + 0.1, top + 0.07),
            (x + 0.34, 0.61),
            (x + 0.8, 0.82),
        ],
        closed=False,
    )
    scene.shape(geometry.down_to(slope, 0.9), mix(p.water, p.warm, 0.35), mix(p.water, p.glow, 0.55), "down")
    snow = [
        (x - 0.1, top + 0.062),
        (x - 0.045, top),
        (x + 0.04, top + 0.005),
        (x + 0.1, top + 0.072),
        (x + 0.2, top + 0.24),
        (x + 0.12, top + 0.17),
        (x + 0.07, top + 0.25),
        (x + 0.01, top + 0.15),
        (x - 0.06, top + 0.24),
        (x - 0.1, top + 0.16),
        (x - 0.19, top + 0.25),
    ]
    scene.shape(snow, p.light(p.paper, 0.5), p.light(p.sky, 0.7))
    scene.shape(
        geometry.down_to(geometry.ridge(scene.rng, wide, 0.76, 0.03)), p.leaf, p.dark(p.leaf, 0.4), "down"
    )
    scene.shape(geometry.box(-0.01, 0.84, wide + 0.02, 0.2), p.light(p.water, 0.2), p.water, "down")
    parts.ripples(scene, 0.85, 26, p.light(p.water, 0.55))
    for pine in range(4):
        _pine(scene, wide * (0.74 + 0.09 * pine), 0.9 + 0.03 * pine, scene.chance(0.2, 0.34))
    return Sight(
        subject="a snow-capped volcano above a lake",
        title=str(
            scene.rng.choice(["The Mountain from the Lake", "Clear Morning", "View of the Sacred Mountain"])
        ),
        objects=("snow on the summit", "bands of cloud", "pine trees", "a lake"),
        setting="on a clear day",
        composition="one symmetrical peak rules the picture",
        mood=("majestic", "clear"),
        subjects=("landscape", "mountains", "volcano", "lake", "snow"),
    )
