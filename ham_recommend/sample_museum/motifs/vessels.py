"""Vases and jars, one at a time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ham_recommend.sample_museum import geometry
from ham_recommend.sample_museum.geometry import Points, PointsLike
from ham_recommend.sample_museum.motifs.parts import WHITE
from ham_recommend.sample_museum.motifs.sight import Sight
from ham_recommend.sample_museum.palettes import Color, color, mix
from ham_recommend.sample_museum.scene import Scene

Profile = list[tuple[float, float]]

_PROFILES: dict[str, tuple[Profile, ...]] = {
    "chinese porcelain": (
        [(0, 0.08), (0.05, 0.06), (0.12, 0.07), (0.24, 0.2), (0.42, 0.17), (0.58, 0.1), (0.66, 0.12)],
        [(0, 0.05), (0.06, 0.04), (0.28, 0.05), (0.42, 0.16), (0.54, 0.2), (0.64, 0.12), (0.68, 0.13)],
        [(0, 0.13), (0.06, 0.1), (0.16, 0.09), (0.24, 0.18), (0.36, 0.2), (0.56, 0.12), (0.64, 0.14)],
        [(0, 0.06), (0.03, 0.06), (0.09, 0.12), (0.2, 0.24), (0.34, 0.26), (0.5, 0.18), (0.56, 0.14)],
    ),
    "chinese pottery": (
        [(0, 0.1), (0.04, 0.07), (0.1, 0.09), (0.24, 0.25), (0.36, 0.25), (0.52, 0.13), (0.6, 0.1)],
        [(0, 0.14), (0.05, 0.11), (0.12, 0.15), (0.26, 0.28), (0.38, 0.24), (0.5, 0.13), (0.54, 0.11)],
        [(0, 0.07), (0.14, 0.06), (0.2, 0.1), (0.34, 0.22), (0.46, 0.2), (0.6, 0.11), (0.64, 0.1)],
        [(0, 0.18), (0.05, 0.16), (0.16, 0.24), (0.3, 0.27), (0.42, 0.2), (0.5, 0.12), (0.53, 0.12)],
    ),
    "chinese bronze": (
        [(0, 0.16), (0.12, 0.1), (0.24, 0.09), (0.4, 0.17), (0.52, 0.15), (0.58, 0.1), (0.66, 0.14)],
        [(0, 0.19), (0.16, 0.09), (0.32, 0.07), (0.38, 0.085), (0.46, 0.07), (0.6, 0.1), (0.68, 0.15)],
        [(0, 0.1), (0.06, 0.08), (0.18, 0.09), (0.34, 0.2), (0.48, 0.21), (0.58, 0.15), (0.64, 0.16)],
    ),
    "greek": (
        [
            (0, 0.1),
            (0.03, 0.085),
            (0.14, 0.075),
            (0.26, 0.2),
            (0.4, 0.18),
            (0.56, 0.08),
            (0.6, 0.06),
            (0.64, 0.11),
        ],
        [(0, 0.24), (0.05, 0.2), (0.18, 0.19), (0.34, 0.2), (0.46, 0.15), (0.54, 0.06), (0.58, 0.12)],
        [
            (0, 0.07),
            (0.05, 0.05),
            (0.16, 0.045),
            (0.24, 0.14),
            (0.44, 0.14),
            (0.6, 0.07),
            (0.64, 0.06),
            (0.68, 0.1),
        ],
    ),
    "plain": (
        [(0, 0.06), (0.1, 0.05), (0.24, 0.12), (0.42, 0.18), (0.56, 0.15), (0.62, 0.11)],
        [(0, 0.12), (0.05, 0.1), (0.16, 0.2), (0.34, 0.22), (0.5, 0.14), (0.56, 0.12)],
        [(0, 0.04), (0.22, 0.04), (0.32, 0.09), (0.46, 0.19), (0.6, 0.17), (0.66, 0.12)],
        [(0, 0.16), (0.12, 0.14), (0.3, 0.15), (0.48, 0.13), (0.56, 0.1)],
    ),
}
"""Kind → silhouettes as ``(depth below the rim, radius)``."""

_BODIES = {
    "chinese porcelain": "eef1f0 e6ecec f2efe6",
    "chinese pottery": "c98f5c b5734a d0a779 a88a6c",
    "chinese bronze": "5f7f6a 4f7468 6d7350 567d84",
    "greek": "c4703c b5622f cc8249",
}
_INKS = {
    "chinese porcelain": "274f9c 1f3f86 3a62ae",
    "chinese pottery": "3a2218 54231a 2a2320",
    "chinese bronze": "33493d 2c4440 3d4430",
    "greek": "201612 2a1a14",
}


class Vessel:
    """A vessel on a plain ground, whose surface can be painted on.

    Parameters
    ----------
    scene : Scene
        Where it stands.
    kind : str
        A key of the silhouettes.
    """

    def __init__(self, scene: Scene, kind: str) -> None:
        self.scene = scene
        profile = _PROFILES[kind][int(scene.rng.integers(len(_PROFILES[kind])))]
        stout, tall = scene.chance(0.88, 1.16), scene.chance(0.98, 1.16)
        self.profile: Profile = [(d * tall, r * stout * scene.chance(0.97, 1.04)) for d, r in profile]
        self.depth = self.profile[-1][0]
        self.x, self.top = scene.wide / 2, 0.91 - self.depth
        palette = scene.palette
        plain = (palette.leaf, palette.water, palette.warm, palette.land, palette.bright, palette.stone)
        self.body = mix(
            _one_of(scene, _BODIES[kind]) if kind in _BODIES else scene.pick(*plain), palette.glow, 0.1
        )
        self.ink = _one_of(scene, _INKS[kind]) if kind in _INKS else palette.ink
        self._side = geometry.smooth(self.profile, closed=False, steps=10)

    def stand(self) -> None:
        """Draw the body with its shadow on the ground."""
        scene, palette = self.scene, self.scene.palette
        foot = self.profile[-1][1]
        for ring in range(6):
            tone = palette.dark(self.ground, 0.1 + 0.1 * ring)
            scene.disc(
                self.x + 0.05, 0.91, foot * 2.2 - 0.03 * ring, tone, None, "flat", ry=0.035 - 0.004 * ring
            )
        outline = geometry.of_revolution(self.x, self.top, self.profile)
        scene.shape(outline, palette.light(self.body, 0.25), palette.dark(self.body, 0.62), "across")

    def backdrop(self) -> None:
        """Draw the ground it is shown on."""
        scene, palette = self.scene, self.scene.palette
        tone = scene.pick(palette.stone, palette.sky, palette.glow, palette.water, palette.stone)
        self.ground = mix(
            mix(tone, palette.paper, scene.chance(0.15, 0.5)), (0.55, 0.55, 0.55), scene.chance(0.1, 0.5)
        )
        scene.ground(
            palette.light(self.ground, 0.4), palette.dark(self.ground, scene.chance(0.2, 0.55)), "round"
        )
        edge = scene.chance(0.78, 0.86)
        wide = scene.wide
        shelf = [
            (-0.2, edge + 0.04),
            (wide * 0.5, edge - 0.02),
            (wide + 0.2, edge + 0.04),
            (wide + 0.2, 1.2),
            (-0.2, 1.2),
        ]
        scene.blob(shelf, palette.light(self.ground, 0.3), palette.dark(self.ground, 0.2), "down")

    def finish(self) -> None:
        """Draw the mouth and the light on the shoulder."""
        mouth, palette = self.profile[0][1], self.scene.palette
        dark, less = palette.dark(self.body, 0.7), palette.dark(self.body, 0.3)
        self.scene.disc(self.x, self.top, mouth, dark, less, "down", ry=mouth * 0.2)
        body = self._side[(self._side[:, 0] > 0.22 * self.depth) & (self._side[:, 0] < 0.8 * self.depth)]
        depth = float(body[int(body[:, 1].argmax()), 0]) - 0.04
        radius = float(np.interp(depth, self._side[:, 0], self._side[:, 1]))
        light = mix(WHITE, self.body, 0.25)
        self.scene.disc(
            self.x - radius * 0.6, self.top + depth, 0.01, light, None, "flat", ry=0.055, turn=0.12
        )

    def wrapped(self, these: PointsLike) -> Points:
        """Return points ``(turn −1…1, share of the depth)`` as they lie on the round body."""
        flat = geometry.points(these)
        depth = flat[:, 1] * self.depth
        radius = np.interp(depth, self._side[:, 0], self._side[:, 1])
        sag = np.cos(np.clip(flat[:, 0], -1, 1) * np.pi / 2) * radius * 0.13
        return np.column_stack(
            [self.x + np.sin(np.clip(flat[:, 0], -1, 1) * np.pi / 2) * radius, self.top + depth + sag]
        )

    def lay(self, these: PointsLike, fill: Color | None = None) -> None:
        """Paint a shape on the body."""
        tone = self.ink if fill is None else fill
        self.scene.shape(self.wrapped(these), tone, self.scene.palette.dark(tone, 0.45), "across")

    def band(self, start: float, thick: float, fill: Color | None = None) -> None:
        """Paint a ring around the body."""
        across = np.linspace(-0.99, 0.99, 40)
        upper = np.column_stack([across, np.full(40, start)])
        self.lay(np.vstack([upper, upper[::-1] + (0, thick)]), fill)


def vase(scene: Scene, variant: str) -> Sight:
    """Draw a vessel: ``chinese porcelain``, ``chinese pottery``, ``chinese bronze``, ``greek``, ``plain``."""
    vessel = Vessel(scene, variant)
    vessel.backdrop()
    if variant == "greek":
        _handles(vessel)
    vessel.stand()
    painted = _DECORATIONS[variant](vessel)
    vessel.finish()
    subject, titles = _CALLED[variant]
    return Sight(
        subject=subject,
        title=str(scene.rng.choice(titles)),
        objects=painted,
        setting="on a plain ground",
        composition="the vessel stands alone in the middle, lit from one side",
        mood=("simple", "balanced") if variant == "plain" else ("austere", "timeless"),
        subjects=_SUBJECTS[variant],
    )


_CALLED = {
    "chinese porcelain": (
        "a Chinese porcelain vase painted in cobalt blue",
        ["Vase with Peony Scrolls", "Blue-and-White Vase", "Jar with Lotus Petals"],
    ),
    "chinese pottery": (
        "a Chinese pottery vase painted with dark ornament",
        ["Jar with Spiral Decoration", "Painted Jar (guan)", "Storage Jar"],
    ),
    "chinese bronze": (
        "a Chinese bronze wine vase with a green patina",
        ["Ritual Wine Vessel (zun)", "Vase (hu)", "Ritual Vessel with Relief Bands"],
    ),
    "greek": (
        "a Greek vase with figures and two handles",
        ["Amphora with Dancing Figures", "Krater", "Amphora: Procession"],
    ),
    "plain": ("a plain glazed vase", ["Vase", "Tall Vase", "Vessel No. 4", "Bottle Vase"]),
}
_SUBJECTS = {
    "chinese porcelain": ("vase", "vessel", "porcelain", "Chinese vase"),
    "chinese pottery": ("vase", "vessel", "pottery", "Chinese vase"),
    "chinese bronze": ("vase", "vessel", "bronze", "Chinese vase"),
    "greek": ("vase", "vessel", "pottery", "Greek vase"),
    "plain": ("vase", "vessel", "ceramic"),
}


def _plain(vessel: Vessel) -> tuple[str, ...]:
    bright = vessel.scene.palette.light(vessel.body, 0.6)
    if vessel.scene.rng.random() < 0.5:
        vessel.band(0.0, vessel.scene.chance(0.2, 0.5), vessel.scene.palette.dark(vessel.body, 0.4))
        return ("a darker glaze poured over the shoulder",)
    for at in np.linspace(0.35, 0.6, int(vessel.scene.rng.integers(2, 7))):
        vessel.band(float(at), 0.008, bright)
    return ("thin turned rings", "an even glaze")


def _porcelain(vessel: Vessel) -> tuple[str, ...]:
    _bands(vessel, (0.14, 0.3, 0.7, 0.93))
    _petals(vessel, 0.93, 0.74)
    if vessel.scene.rng.random() < 0.5:
        for number, at in enumerate((-0.62, 0.0, 0.62)):
            _spiral(vessel, at, 0.5, 0.11, 2.2, 0.018)
            _blossom(vessel, at + 0.3, 0.5, number)
        return "flowering scrolls", "lotus petals", "cobalt blue bands"
    for number, at in enumerate((-0.7, -0.35, 0.0, 0.35, 0.7)):
        _blossom(vessel, at, 0.44 + 0.12 * (number % 2), number)
        vessel.lay(geometry.limb([(at - 0.12, 0.62), (at, 0.5), (at + 0.12, 0.4)], 0.014))
    return "peony blossoms and branches", "lotus petals", "cobalt blue bands"


def _pottery(vessel: Vessel) -> tuple[str, ...]:
    _bands(vessel, (0.16, 0.3, 0.66))
    kind = int(vessel.scene.rng.integers(3))
    if kind == 0:
        for at in (-0.64, 0.0, 0.64):
            _spiral(vessel, at, 0.48, 0.12, 2.2, 0.022)
        return "painted spirals", "dark bands"
    if kind == 1:
        across = np.linspace(-0.97, 0.97, 60)
        for level in np.linspace(0.36, 0.6, 5):
            wave = np.column_stack([across, level + 0.022 * np.sin(across * 16)])
            vessel.lay(np.vstack([wave, wave[::-1] + (0, 0.012)]))
        return "painted waves", "dark bands"
    for at in (-0.66, -0.22, 0.22, 0.66):
        ring = geometry.oval(at, 0.48, 0.2, 0.12)
        vessel.lay(ring)
        vessel.lay(geometry.oval(at, 0.48, 0.15, 0.09), vessel.body)
        for line in (-0.06, 0.0, 0.06):
            vessel.lay(geometry.box(at + line - 0.008, 0.4, 0.016, 0.16))
            vessel.lay(geometry.box(at - 0.13, 0.475 + line * 0.7, 0.26, 0.01))
    return "netted circles", "dark bands"


def _bronze(vessel: Vessel) -> tuple[str, ...]:
    _bands(vessel, (0.2, 0.34, 0.68, 0.9))
    _meander(vessel, float(vessel.scene.rng.choice([0.25, 0.37])))
    for at in (-0.5, 0.0, 0.5):
        for side in (-0.11, 0.11):
            _spiral(vessel, at + side, 0.56, 0.06, 1.5, 0.014)
        vessel.lay(geometry.box(at - 0.012, 0.44, 0.024, 0.22))
    if vessel.scene.rng.random() < 0.5:
        _petals(vessel, 0.34, 0.06)
    return "relief bands", "an animal mask", "a flared mouth"


def _greek(vessel: Vessel) -> tuple[str, ...]:
    red_figures = bool(vessel.scene.rng.random() < 0.4)
    figures, ground = (vessel.body, vessel.ink) if red_figures else (vessel.ink, vessel.body)
    if red_figures:
        vessel.band(0.0, 0.97)
    else:
        vessel.band(0.0, 0.16)
        vessel.band(0.78, 0.19)
    vessel.ink = figures
    _bands(vessel, (0.3, 0.7))
    _meander(vessel, 0.22)
    for at in np.linspace(-0.6, 0.6, int(vessel.scene.rng.integers(3, 6))):
        _dancing_figure(vessel, float(at))
    vessel.ink = ground if red_figures else figures
    return f"a frieze of {'red' if red_figures else 'black'} figures", "a meander border", "two handles"


_DECORATIONS: dict[str, Callable[[Vessel], tuple[str, ...]]] = {
    "chinese porcelain": _porcelain,
    "chinese pottery": _pottery,
    "chinese bronze": _bronze,
    "greek": _greek,
    "plain": _plain,
}


def _bands(vessel: Vessel, levels: tuple[float, ...]) -> None:
    for at in levels:
        vessel.band(at, 0.013)
        vessel.band(at + 0.02, 0.005)


def _petals(vessel: Vessel, root: float, tip: float) -> None:
    low = root + (tip - root) * 0.6
    for at in np.linspace(-0.9, 0.9, 9):
        vessel.lay([(at - 0.08, root), (at - 0.07, low), (at, tip), (at + 0.07, low), (at + 0.08, root)])


def _blossom(vessel: Vessel, x: float, y: float, turn: float) -> None:
    for angle in np.arange(7) * 2 * np.pi / 7 + turn:
        petal = geometry.oval(0, 0, 0.05, 0.022, float(angle)) + (
            0.055 * np.cos(angle),
            0.035 * np.sin(angle),
        )
        vessel.lay(petal * (1.3, 1.0) + (x, y))
    vessel.lay(geometry.oval(x, y, 0.03, 0.018), vessel.body)


def _spiral(vessel: Vessel, x: float, y: float, r: float, rounds: float, thick: float) -> None:
    turn = np.linspace(0, rounds * 2 * np.pi, 14)
    reach = r * np.linspace(1, 0.08, 14)
    path = np.column_stack([x + reach * np.cos(turn) * 2.2, y + reach * np.sin(turn)])
    vessel.lay(geometry.limb(path, [thick] * 14, steps=3))


def _meander(vessel: Vessel, depth: float) -> None:
    pieces = (
        (0, 0, 0.11, 0.009),
        (0, 0, 0.02, 0.05),
        (0.04, 0.02, 0.02, 0.038),
        (0.04, 0.018, 0.06, 0.009),
        (0.0, 0.058, 0.14, 0.008),
    )
    for at in np.linspace(-0.94, 0.86, 13):
        for dx, dy, wide, high in pieces:
            vessel.lay(geometry.box(at + dx, depth + dy, wide, high))


def _dancing_figure(vessel: Vessel, x: float) -> None:
    scene, foot, high = vessel.scene, 0.68, 0.34
    lean, lift, side = scene.chance(-0.06, 0.06), scene.chance(-0.2, 0.2), float(scene.rng.choice([-1, 1]))
    limbs: tuple[tuple[list[tuple[float, float]], list[float]], ...] = (
        ([(0, -0.45), (0.14, -0.22 + lift * 0.2), (0.06, 0)], [0.13, 0.09, 0.05]),
        ([(0, -0.45), (-0.12, -0.24), (-0.24, -0.02 + lift * 0.4)], [0.13, 0.09, 0.05]),
        ([(0, -0.42), (lean, -0.76)], [0.12, 0.17]),
        ([(lean, -0.74), (0.2, -0.64), (0.26, -0.88 + lift)], [0.07, 0.05, 0.04]),
        ([(lean, -0.74), (-0.2, -0.7), (-0.26, -0.5 - lift)], [0.07, 0.05, 0.04]),
    )
    for path, widths in limbs:
        vessel.lay(geometry.limb(path, widths) * (side * high * 1.8, high) + (x, foot))
    vessel.lay(
        geometry.oval(x + side * lean * high * 1.8, foot - 0.88 * high, 0.075 * high * 1.8, 0.085 * high)
    )


def _handles(vessel: Vessel) -> None:
    neck = vessel.profile[1][1]
    widest = max(vessel.profile, key=lambda knot: knot[1] if knot[0] > 0.1 else 0)
    for side in (-1, 1):
        path = [
            (neck * 0.9, 0.05),
            (widest[1] * 1.1, 0.04),
            (widest[1] * 1.18, widest[0] * 0.5),
            (widest[1] * 0.9, widest[0] * 0.95),
        ]
        outline = [(vessel.x + side * dx, vessel.top + dy) for dx, dy in path]
        vessel.scene.limb(outline, 0.026, vessel.ink)


def _one_of(scene: Scene, codes: str) -> Color:
    return scene.pick(*(color(code) for code in codes.split()))
