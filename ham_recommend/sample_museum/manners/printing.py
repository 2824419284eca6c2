"""Prints and photographs: etching, woodcut, colour woodblock, screenprint, silver print."""

from __future__ import annotations

import numpy as np

from ham_recommend.sample_museum import fields
from ham_recommend.sample_museum.scene import Field, Plate


def etching(plate: Plate) -> Field:
    """Build tones from crossing bitten lines, each shape hatched its own way."""
    tone = fields.larger(_levels(fields.gray(plate.rgb), 0.03, 0.97))
    shape = tone.shape
    y, x = fields.places(shape)
    lean = plate.rng.uniform(-0.5, 0.5, 256).astype(np.float32)[np.repeat(np.repeat(plate.parts, 2, 0), 2, 1)]
    waver = fields.noise(plate.rng, shape, 40) * 7
    darkness = np.clip(1 - tone, 0, 1)
    ink = np.zeros(shape, dtype=np.float32)
    for number, (turn, pitch, start) in enumerate(
        ((0.75, 5.2, 0.1), (-0.75, 5.2, 0.42), (0.05, 4.6, 0.64), (1.5, 4.2, 0.8))
    ):
        turned = turn + lean * (1 if number < 2 else 0.5)
        wave = np.sin((x * np.sin(turned) + y * np.cos(turned) + waver) * np.float32(2 * np.pi / pitch))
        depth = np.clip((darkness - start) / 0.3, 0, 1)
        ink = np.maximum(ink, np.clip((wave - 1 + depth * 1.25) * 2.2 + 0.5, 0, 1) * (depth > 0))
    outline = np.clip(fields.larger(fields.blur(plate.lines, 0.5)) * 1.5, 0, 1)
    ink = fields.smaller(np.maximum(ink * np.float32(0.92), outline * np.float32(0.85)))
    ink = np.clip(ink * (0.9 + 0.3 * (fields.noise(plate.rng, plate.shape, 2) - 0.5)), 0, 1)
    plate_tone = 1 - 0.05 * fields.clouds(plate.rng, plate.shape, 90)
    return _printed(ink, _paper(plate) * plate_tone[..., None], (0.15, 0.11, 0.09), plate, margin=9)


def woodcut(plate: Plate) -> Field:
    """Cut black and white with a gouge: bold contours, tapering cuts for half tones."""
    tone = fields.larger(_levels(fields.blur(fields.gray(plate.rgb), 1.2), 0.05, 0.95))
    shape = tone.shape
    y, x = fields.places(shape)
    parts = np.repeat(np.repeat(plate.parts, 2, 0), 2, 1)
    turn = plate.rng.choice([0.0, 0.35, -0.35, 1.2, 0.8], 256).astype(np.float32)[parts]
    waver = fields.noise(plate.rng, shape, 60) * 22
    wave = np.sin((x * np.sin(turn) + y * np.cos(turn) + waver) * np.float32(2 * np.pi / 11))
    breaks = fields.noise(plate.rng, shape, 9, 3) * 0.5 - 0.25
    cut = np.clip((wave * 0.5 + 0.5 - (1.08 - tone * 1.16) + breaks * 0.35) * 6 + 0.5, 0, 1)
    outline = np.clip(fields.larger(fields.blur(plate.lines, 1.1)) * 2.6 - 0.25, 0, 1)
    ink = fields.smaller(np.maximum(1 - cut, outline))
    grain = fields.noise(plate.rng, plate.shape, 1.6, 24)
    ink = np.clip(ink * (0.86 + 0.22 * grain), 0, 1)
    return _printed(ink, _paper(plate), (0.07, 0.065, 0.07), plate, margin=7)


def colour_woodcut(plate: Plate) -> Field:
    """Print a key block in black over two or three bold, grainy colour blocks."""
    grain = fields.noise(plate.rng, plate.shape, 1.6, 26)
    bold = np.round(plate.base * 4) / 4 * 0.55 + plate.base * 0.45
    paper = _paper(plate)
    laid = bold * (0.86 + 0.14 * grain)[..., None] + paper * (0.14 * (1 - grain))[..., None]
    tone = fields.gray(plate.rgb)
    y, x = fields.places(plate.shape)
    waver = fields.noise(plate.rng, plate.shape, 40) * 9
    wave = np.sin((y + x * 0.25 + waver) * np.float32(2 * np.pi / 6))
    shade = np.clip((wave * 0.5 + 0.5 - tone * 1.9) * 4 + 0.5, 0, 1)
    ink = np.maximum(np.clip(fields.blur(plate.lines, 0.9) * 2.0 - 0.1, 0, 1), shade) * (0.85 + 0.15 * grain)
    return _printed(ink, np.clip(laid, 0, 1), plate.palette.ink, plate, margin=6)


def ukiyo_e(plate: Plate) -> Field:
    """Print flat colours with graded skies and a fine even outline, as in Edo."""
    grain = fields.noise(plate.rng, plate.shape, 1.4, 34) - 0.5
    lit = 0.6 * plate.base + 0.4 * plate.rgb
    aged = lit * np.array([1.0, 0.975, 0.9], dtype=np.float32)
    lightness = fields.gray(aged)[..., None]
    inks = lightness + (aged - lightness) * np.float32(0.88)
    bokashi = np.clip(1 - np.arange(plate.shape[0], dtype=np.float32) / (0.16 * plate.shape[0]), 0, 1) ** 1.3
    deep = np.array(plate.palette.water, dtype=np.float32) * np.float32(0.7)
    band = (bokashi * 0.72)[:, None, None]
    inks = inks * (1 - band) + deep * band
    laid = np.roll(inks, 1, axis=1) * (1 + 0.11 * grain)[..., None]
    mottled = laid + 0.03 * (fields.clouds(plate.rng, plate.shape, 50) - 0.5)[..., None]
    outline = np.clip(fields.blur(plate.lines, 0.55) * 1.7, 0, 0.92)
    return _printed(outline, np.clip(mottled, 0, 1), (0.12, 0.12, 0.16), plate, margin=8)


def screenprint(plate: Plate) -> Field:
    """Print loud flat inks with dots for the shadows, a little out of register."""
    lightness = fields.gray(plate.base)[..., None]
    loud = np.clip(lightness + (plate.base - lightness) * 1.35, 0, 1)
    loud = np.round(loud * 5) / 5
    shape = (plate.shape[0] * 2, plate.shape[1] * 2)
    y, x = fields.places(shape)
    tone = fields.larger(fields.gray(plate.rgb))
    screen = (np.sin((x + y) * np.float32(0.5)) + np.sin((x - y) * np.float32(0.5))) / 4 + 0.5
    dots = fields.smaller(np.clip((screen - tone * 1.5 + 0.05) * 6, 0, 1))
    outline = np.clip(fields.blur(plate.lines, 0.7) * 1.6, 0, 1)
    ink = np.maximum(np.roll(outline, (1, 2), axis=(0, 1)), dots * np.float32(0.75))
    coat = loud + 0.02 * (fields.noise(plate.rng, plate.shape, 1.2) - 0.5)[..., None]
    return _printed(ink, np.clip(coat, 0, 1), plate.palette.ink, plate, margin=8)


def silver_print(plate: Plate) -> Field:
    """Photograph it on black-and-white film."""
    soft = 0.55 * fields.gray(plate.rgb) + 0.45 * fields.blur(fields.gray(plate.rgb), 1.3)
    tone = _levels(soft, 0.03, 0.97)
    curve = tone * tone * (3 - 2 * tone) * np.float32(0.65) + tone * np.float32(0.35)
    light = curve * fields.vignette(plate.shape, 0.5) + 0.06 * (
        fields.clouds(plate.rng, plate.shape, 140) - 0.5
    )
    grain = plate.rng.normal(0, 0.035, plate.shape).astype(np.float32)
    exposed = np.clip(0.04 + 0.93 * light + fields.blur(grain * 0.5 + 0.5, 0.6) * 0.9 - 0.45, 0, 1)
    return _printed(
        1 - exposed,
        np.full((*plate.shape, 3), 0.965, dtype=np.float32),
        (0.045, 0.045, 0.045),
        plate,
        margin=7,
    )


def _levels(tone: Field, low: float, high: float) -> Field:
    """Stretch tones so that the darkest and the lightest are used."""
    start, stop = np.quantile(tone[::4, ::4], [low, high])
    return fields.unit((tone - np.float32(start)) / np.float32(max(stop - start, 0.15)))


def _paper(plate: Plate) -> Field:
    fibres = (
        fields.noise(plate.rng, plate.shape, 2, 5) * 0.03 + fields.clouds(plate.rng, plate.shape, 110) * 0.05
    )
    paper = np.array(plate.palette.paper, dtype=np.float32) * np.float32(0.45) + np.array(
        [0.955, 0.925, 0.85], dtype=np.float32
    ) * np.float32(0.55)
    return fields.unit(paper * (1.03 - fibres)[..., None])


def _printed(
    ink: Field, ground: Field, color: tuple[float, float, float], plate: Plate, margin: int
) -> Field:
    """Print ink on a ground and leave a margin of bare paper around the plate."""
    amount = ink[..., None]
    printed = ground * (1 - amount) + np.array(color, dtype=np.float32) * amount
    paper = _paper(plate) if ground.std() > 0.001 else ground
    sheet = np.array(paper)
    sheet[margin:-margin, margin:-margin] = printed[margin:-margin, margin:-margin]
    return fields.unit(sheet)
