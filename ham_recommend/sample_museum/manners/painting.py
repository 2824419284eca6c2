"""Paint: oil, impasto, dots, facets, flat fields, watercolour, tesserae, the dark old masters."""

from __future__ import annotations

import numpy as np

from ham_recommend.sample_museum import fields
from ham_recommend.sample_museum.scene import Field, Plate


def oil(plate: Plate) -> Field:
    """Paint with visible but patient brush strokes that follow the forms."""
    angles = fields.flow(fields.gray(plate.rgb), plate.rng)
    broad, _ = fields.strokes(plate.rgb, plate.rng, 7, 1.45, 0.6, angles=angles, varied=0.03)
    fine, relief = fields.strokes(
        0.35 * plate.rgb + 0.65 * broad, plate.rng, 4, 1.45, 0.55, angles=angles, varied=0.022, under=broad
    )
    detail = np.clip(fields.blur(plate.lines, 1.2) * 1.8, 0, 0.75)[..., None]
    painted = fine * (1 - detail) + plate.rgb * detail
    return _canvas(painted * fields.lit(relief, 0.28)[..., None], plate.rng, 0.035)


def impasto(plate: Plate) -> Field:
    """Lay on thick paint in swirling strokes, colours stronger than life."""
    lightness = fields.gray(plate.rgb)
    strong = np.clip(lightness[..., None] + (plate.rgb - lightness[..., None]) * 1.3, 0, 1)
    angles = fields.flow(lightness, plate.rng)
    broad, rough = fields.strokes(strong, plate.rng, 11, 1.4, 0.5, angles=angles, varied=0.06)
    thick, relief = fields.strokes(
        0.5 * strong + 0.5 * broad, plate.rng, 6, 1.5, 0.48, angles=angles, varied=0.055, under=broad
    )
    edge = np.clip(fields.blur(plate.lines, 0.8) * 1.3, 0, 0.55)[..., None]
    painted = thick * (1 - edge) + plate.palette.ink * edge * 0.55 + strong * edge * 0.45
    return fields.unit(painted * fields.lit(0.7 * relief + 0.3 * rough, 0.75)[..., None])


def dots(plate: Plate) -> Field:
    """Set small dots of broken colour side by side."""

    def broken(colors: Field) -> Field:
        shift = plate.rng.normal(0, 0.055, colors.shape).astype(np.float32)
        spread = colors - colors.mean(axis=1, keepdims=True)
        return fields.unit(colors + shift + 0.25 * spread)

    paper = np.float32(0.25) * np.array(plate.palette.paper, dtype=np.float32) + np.float32(0.75) * plate.rgb
    under, _ = fields.strokes(plate.rgb, plate.rng, 6, 0.8, 0.8, varied=0.05, under=paper, tint=broken)
    over, relief = fields.strokes(plate.rgb, plate.rng, 4, 0.62, 0.62, varied=0.05, under=under, tint=broken)
    return fields.unit(over * fields.lit(relief, 0.15)[..., None])


def facets(plate: Plate) -> Field:
    """Break the picture into tilted planes, each seen from a slightly different side."""
    height, width = plate.shape
    y, x = fields.places(plate.shape)
    faces = np.zeros(plate.shape, dtype=np.int64)
    near = np.full(plate.shape, 99.0, dtype=np.float32)
    for line in range(11):
        turn = plate.rng.uniform(0, np.pi)
        through = plate.rng.uniform(0.1, 0.9, 2) * (width, height)
        side = (x - np.float32(through[0])) * np.float32(np.sin(turn)) - (
            y - np.float32(through[1])
        ) * np.float32(np.cos(turn))
        faces |= (side > 0).astype(np.int64) << line
        near = np.minimum(near, np.abs(side))
    _, face = np.unique(faces, return_inverse=True)
    face = face.reshape(plate.shape)
    count = int(face.max()) + 1
    shift = plate.rng.normal(0, 0.016 * height, (2, count)).astype(np.float32)
    seen = fields.sampled(plate.rgb, y + shift[0][face], x + shift[1][face])
    tilt = plate.rng.uniform(-1, 1, (3, count)).astype(np.float32)
    shade = (
        1
        + 0.16 * tilt[0][face]
        + 0.26 * (tilt[1][face] * (x / width - 0.5) + tilt[2][face] * (y / height - 0.5))
    )
    earthy = fields.gray(seen)[..., None] * np.array([1.06, 1.0, 0.88], dtype=np.float32)
    muted = np.clip(0.66 * seen + 0.34 * earthy, 0, 1) ** 0.7
    outline = np.clip(1.4 - near, 0, 1) * np.float32(0.55)
    contour = fields.sampled(plate.lines, y + shift[0][face], x + shift[1][face]) * np.float32(0.4)
    dark = np.clip(outline + contour, 0, 0.85)[..., None]
    painted = muted * shade[..., None] * (1 - dark) + np.array(plate.palette.ink, dtype=np.float32) * dark
    brushed, relief = fields.strokes(
        np.clip(painted, 0, 1), plate.rng, 4, 1.4, 0.6, angles=(shade * 7).astype(np.float32), varied=0.03
    )
    return _canvas((0.45 * painted + 0.55 * brushed) * fields.lit(relief, 0.2)[..., None], plate.rng, 0.04)


def flat_fields(plate: Plate) -> Field:
    """Lay unmodulated areas of colour edge to edge, like cut paper."""
    soft = fields.blur(plate.lines, 2.2)
    shadow = np.roll(np.roll(soft, 2, axis=0), 1, axis=1) * np.float32(0.22)
    grain = fields.noise(plate.rng, plate.shape, 1.2) - 0.5
    fibre = fields.noise(plate.rng, plate.shape, 2, 9) - 0.5
    flat = 0.85 * plate.base + 0.15 * plate.rgb
    return fields.unit(flat * (1 - shadow)[..., None] + (0.035 * grain + 0.03 * fibre)[..., None])


def watercolour(plate: Plate) -> Field:
    """Let thin washes run: pale colour, darker rims, granulation, white paper at the edge."""
    paper = np.array([0.975, 0.96, 0.92], dtype=np.float32)
    run = fields.wobbled(plate.rgb, plate.rng, 22, 4)
    run = 0.55 * run + 0.45 * fields.blur(run, 3.5)
    rims = np.clip(fields.blur(fields.wobbled(plate.lines, plate.rng, 22, 4), 1.1) * 1.6, 0, 1)
    pools = fields.clouds(plate.rng, plate.shape, 60) - 0.5
    grain = (fields.noise(plate.rng, plate.shape, 1.6) - 0.5) * (
        fields.noise(plate.rng, plate.shape, 3) + 0.3
    )
    strength = np.clip(0.8 + 0.75 * pools + 0.28 * rims + 0.4 * grain, 0.18, 1.25)
    washed = 1 - (1 - run) * strength[..., None] * np.float32(0.92)
    bare = _bare_edge(plate)
    return fields.unit(washed * (1 - bare) + bare) * paper


def tesserae(plate: Plate) -> Field:
    """Set little glazed stones in mortar."""
    size = 6.5
    y, x = fields.places(plate.shape)
    drift = fields.noise(plate.rng, plate.shape, 70) * 9
    along, across = x + drift, y + np.roll(drift, 40, axis=1)
    column, row = np.floor(along / size), np.floor(across / size)
    inside_x, inside_y = along / size - column, across / size - row
    middle_y, middle_x = y + (0.5 - inside_y) * size, x + (0.5 - inside_x) * size
    stone = fields.sampled(plate.rgb, middle_y, middle_x)
    chance = plate.rng.normal(0, 0.05, 4096).astype(np.float32)
    key = (column.astype(np.int64) * 73 + row.astype(np.int64) * 151) % 4096
    stone = stone * (1 + chance[key])[..., None] + chance[(key * 7) % 4096][..., None] * 0.5
    edge = np.minimum(np.minimum(inside_x, 1 - inside_x), np.minimum(inside_y, 1 - inside_y))
    grout = np.clip((0.12 - edge) * 9, 0, 1)[..., None]
    bevel = 1 + 0.13 * (0.5 - inside_x) + 0.15 * (0.5 - inside_y)
    mortar = np.array(plate.palette.stone, dtype=np.float32) * 0.72
    return fields.unit(stone * bevel[..., None] * (1 - grout) + mortar * grout)


def chiaroscuro(plate: Plate) -> Field:
    """Let the light fall on the middle and sink the rest in brown shadow, varnished and finely cracked."""
    soft = 0.6 * plate.rgb + 0.4 * fields.blur(plate.rgb, 2)
    beam = fields.vignette(plate.shape, 1.25) + 0.22 * (fields.noise(plate.rng, plate.shape, 120) - 0.5)
    lit = soft * np.clip(beam, 0.16, 1.12)[..., None]
    lightness = fields.gray(lit)[..., None]
    shadow = np.array([0.11, 0.07, 0.04], dtype=np.float32)
    deep = lit * lightness**0.22 + shadow * (1 - lightness) * np.float32(0.6)
    varnish = deep * np.array([1.08, 1.0, 0.84], dtype=np.float32)
    angles = fields.flow(lightness[..., 0], plate.rng)
    brushed, relief = fields.strokes(
        np.clip(varnish, 0, 1), plate.rng, 3, 1.4, 0.6, angles=angles, varied=0.012
    )
    painted = (0.6 * varnish + 0.4 * brushed) * fields.lit(relief, 0.14)[..., None]
    cracks = np.abs(fields.clouds(plate.rng, plate.shape, 26, 3) - 0.5) < 0.006
    return _canvas(painted * (1 - 0.16 * cracks)[..., None], plate.rng, 0.03)


def gouache(plate: Plate) -> Field:
    """Paint opaque jewel colours with fine dark outlines and a gilded border, as in a book."""
    outline = np.clip(fields.blur(plate.lines, 0.6) * 1.35, 0, 0.85)[..., None]
    lightness = fields.gray(plate.rgb)[..., None]
    jewel = np.clip(lightness + (0.5 * plate.rgb + 0.5 * plate.base - lightness) * 1.22, 0, 1)
    stipple = (fields.noise(plate.rng, plate.shape, 1.3) - 0.5) * np.float32(0.06)
    painted = (jewel + stipple[..., None]) * (1 - outline) + np.array(
        plate.palette.ink, dtype=np.float32
    ) * outline
    return _bordered(painted, plate, 11)


def _bordered(rgb: Field, plate: Plate, thick: int) -> Field:
    framed = np.array(rgb)
    gold = np.array([0.8, 0.64, 0.32], dtype=np.float32)
    sheen = 0.85 + 0.3 * fields.noise(plate.rng, plate.shape, 7)
    bands: tuple[tuple[int, int, Field], ...] = (
        (0, thick, np.array(plate.palette.paper, dtype=np.float32)),
        (thick - 5, thick - 1, gold),
        (thick - 1, thick, np.array(plate.palette.ink, dtype=np.float32)),
    )
    for start, stop, fill in bands:
        band = np.zeros(plate.shape, dtype=bool)
        band[start : -start or None, start : -start or None] = True
        band[stop:-stop, stop:-stop] = False
        framed[band] = fill * sheen[band][:, None] if fill is gold else fill
    return fields.unit(framed)


def _bare_edge(plate: Plate) -> Field:
    height, width = plate.shape
    y, x = fields.places(plate.shape)
    inset = np.minimum(np.minimum(x, width - 1 - x), np.minimum(y, height - 1 - y))
    ragged = fields.clouds(plate.rng, plate.shape, 40) * 16
    edge: Field = np.clip((ragged + 1 - inset) / 2.5, 0, 1)[..., None]
    return edge


def _canvas(rgb: Field, rng: np.random.Generator, strength: float) -> Field:
    height, width = rgb.shape[:2]
    weave = (
        np.sin(np.arange(width, dtype=np.float32) * 2.1)[None, :]
        * np.sin(np.arange(height, dtype=np.float32) * 2.1)[:, None]
    )
    uneven = 0.5 + fields.noise(rng, (height, width), 30)
    return fields.unit(rgb * (1 + np.float32(strength) * weave * uneven)[..., None])
