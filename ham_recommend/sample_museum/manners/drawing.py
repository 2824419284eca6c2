"""Ink, pastel and thread: wash, pastel chalks, weaving, and the plain museum photograph."""

from __future__ import annotations

import numpy as np

from ham_recommend.sample_museum import fields
from ham_recommend.sample_museum.scene import Field, Plate


def ink_wash(plate: Plate) -> Field:
    """Let black ink bloom in wet paper, a breath of colour left, a red seal."""
    paper = np.array([0.945, 0.915, 0.85], dtype=np.float32)
    rgb = fields.wobbled(plate.rgb, plate.rng, 16, 3.2)
    tone = fields.gray(rgb)
    wet = 0.4 * tone + 0.35 * fields.blur(tone, 4) + 0.25 * fields.blur(tone, 11)
    low, high = np.quantile(wet[::4, ::4], [0.04, 0.86])
    dark = np.clip((high - wet) / max(high - low, 0.15), 0, 1) ** 1.35
    rims = fields.blur(fields.wobbled(plate.lines, plate.rng, 10, 2.4), 0.9)
    dry = np.clip(fields.noise(plate.rng, plate.shape, 2.2, 7) * 2.4 - 0.5, 0, 1)
    ink = np.clip(
        dark * (0.74 + 0.4 * (fields.clouds(plate.rng, plate.shape, 50) - 0.5)) + rims * dry * 0.62, 0, 0.95
    )
    tint = 0.3 * (rgb - tone[..., None])
    black = np.array([0.09, 0.09, 0.1], dtype=np.float32)
    fibres = 0.03 * (fields.noise(plate.rng, plate.shape, 1.5, 6) - 0.5)
    sheet = paper * (1 - ink)[..., None] + black * ink[..., None] + tint * (0.35 + 0.65 * ink)[..., None]
    return _sealed(np.clip(sheet + fibres[..., None], 0, 1), plate)


def pastel(plate: Plate) -> Field:
    """Rub and hatch with chalks on toned paper."""
    toned = np.array(plate.palette.stone, dtype=np.float32) * 0.75 + np.float32(0.12)
    angles = np.full(plate.shape, plate.rng.uniform(0.7, 1.1), dtype=np.float32) + (
        fields.noise(plate.rng, plate.shape, 80) - 0.5
    )
    rubbed = fields.blur(plate.rgb, 1.8)
    chalk, relief = fields.strokes(
        plate.rgb, plate.rng, 5, 1.5, 0.32, angles=angles, varied=0.075, under=rubbed
    )
    tooth = np.clip(fields.noise(plate.rng, plate.shape, 1.5) * 2.6 - 0.35 + 0.4 * relief, 0, 1)[..., None]
    drawn = chalk * (0.62 + 0.38 * tooth) + toned * (0.38 * (1 - tooth))
    contour = np.clip(fields.blur(plate.lines, 0.8) * 1.3, 0, 1) * fields.noise(plate.rng, plate.shape, 12)
    drawn = (
        drawn * (1 - 0.62 * contour)[..., None]
        + np.array(plate.palette.ink, dtype=np.float32) * (0.62 * contour)[..., None]
    )
    return fields.unit(drawn * 1.04)


def woven(plate: Plate) -> Field:
    """Weave it: every thread passes over and under, dyes a little uneven, the cloth worn."""
    pitch = 3.0
    y, x = fields.places(plate.shape)
    bent = y + 2.5 * fields.noise(plate.rng, plate.shape, 60)
    thread_x, thread_y = np.floor(x / pitch), np.floor(bent / pitch)
    cloth = fields.sampled(plate.rgb, (thread_y + 0.5) * pitch - (bent - y), (thread_x + 0.5) * pitch)
    over = ((thread_x + thread_y) % 2).astype(np.float32)
    round_x = 1 - (2 * (x / pitch - thread_x) - 1) ** 2
    round_y = 1 - (2 * (bent / pitch - thread_y) - 1) ** 2
    relief = over * round_y + (1 - over) * round_x
    dyes = plate.rng.normal(0, 0.035, 512).astype(np.float32)[thread_y.astype(np.int64) % 512]
    wear = np.clip(fields.clouds(plate.rng, plate.shape, 70) * 1.7 - 0.75, 0, 1) * np.float32(0.45)
    wool = cloth * (0.78 + 0.3 * relief + dyes)[..., None]
    linen = np.array([0.76, 0.69, 0.56], dtype=np.float32) * (0.8 + 0.25 * relief)[..., None]
    return fields.unit(wool * (1 - wear)[..., None] + linen * wear[..., None])


def glazed(plate: Plate) -> Field:
    """Fire it as tiles: joints, crackle, and light sliding over the glaze."""
    crackle = np.abs(fields.clouds(plate.rng, plate.shape, 18, 3) - 0.5) < 0.007
    shine = np.clip(fields.clouds(plate.rng, plate.shape, 120) * 2.6 - 1.35, 0, 1) * np.float32(0.3)
    pooled = plate.rgb * (1 - 0.3 * fields.blur(plate.lines, 1.4))[..., None]
    uneven = pooled * (0.93 + 0.16 * fields.clouds(plate.rng, plate.shape, 34))[..., None]
    fired = uneven * (1 - 0.14 * crackle)[..., None]
    return fields.unit(fired + (1 - fired) * shine[..., None])


def studio(plate: Plate) -> Field:
    """Photograph an object as museums do: soft light, every grain of the surface."""
    grain = (fields.noise(plate.rng, plate.shape, 1.4) - 0.5) * np.float32(0.035)
    stains = (fields.clouds(plate.rng, plate.shape, 30) - 0.5) * np.float32(0.1)
    surface = plate.rgb * (1 + grain + stains * (plate.parts > 8))[..., None]
    return fields.unit(
        (0.75 * surface + 0.25 * fields.blur(np.clip(surface, 0, 1), 1))
        * fields.vignette(plate.shape, 0.25)[..., None]
    )


def _sealed(rgb: Field, plate: Plate) -> Field:
    height, width = plate.shape
    side = max(10, round(0.05 * height))
    top, left = round(height * 0.86) - side // 2, round(width * float(plate.rng.choice([0.08, 0.88])))
    stamped = np.array(rgb)
    worn = fields.noise(plate.rng, (side, side), 2)[..., None] > 0.22
    marks = fields.noise(plate.rng, (side, side), 4)[..., None] > 0.62
    patch = stamped[top : top + side, left : left + side]
    fits = patch.shape[:2]
    red = np.array([0.7, 0.14, 0.1], dtype=np.float32)
    inked = (worn & ~marks)[: fits[0], : fits[1]]
    stamped[top : top + side, left : left + side] = np.where(inked, 0.85 * red + 0.15 * patch, patch)
    return stamped
