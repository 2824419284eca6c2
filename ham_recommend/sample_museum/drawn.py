"""One work, drawn: the picture and what can be seen in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageEnhance

from ham_recommend.sample_museum.manners import MANNERS
from ham_recommend.sample_museum.motifs import MOTIFS
from ham_recommend.sample_museum.motifs.sight import Motif, Sight
from ham_recommend.sample_museum.palettes import PALETTES, Palette, color, mix
from ham_recommend.sample_museum.plan import Work
from ham_recommend.sample_museum.scene import Scene, View


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A finished picture.

    Parameters
    ----------
    picture : PIL.Image.Image
        RGB.
    sight : Sight
        What it shows.
    """

    picture: Image.Image
    sight: Sight


def draw(work: Work, seed: int) -> Drawn:
    """Draw a work; the same work and seed give the same pixels."""
    rng = np.random.default_rng([seed, work.plate, 4])
    motif = MOTIFS[work.motif]
    scene = Scene(work.size, _mixed(PALETTES[work.palette], rng), rng, _view(motif, rng))
    sight = motif.draw(scene, work.variant)
    painted = MANNERS[work.manner].paint(scene.plate(rng))
    picture = Image.fromarray((np.clip(painted, 0, 1) * 255 + 0.5).astype(np.uint8))
    return Drawn(picture if work.plate == work.number else _pulled_again(picture, work, seed), sight)


def _view(motif: Motif, rng: np.random.Generator) -> View:
    zoom, x, y = rng.uniform(1, motif.closer), rng.uniform(0.2, 0.8), rng.uniform(0.35, 0.75)
    return View(float(zoom), float(x), float(y), motif.mirrored and bool(rng.random() < 0.5))


def _mixed(palette: Palette, rng: np.random.Generator) -> Palette:
    """Return the palette as it came off the board that day: a little warmer or cooler."""
    day = mix(color("f2b36b"), color("6f9fd0"), float(rng.random()))
    return palette if palette == PALETTES["silver"] else palette.moved(day, float(rng.uniform(0, 0.09)))


def _pulled_again(picture: Image.Image, work: Work, seed: int) -> Image.Image:
    """Return another impression: paper, pressure and trimming differ by a hair."""
    rng = np.random.default_rng([seed, work.number, 5])
    turned = picture.rotate(
        float(rng.uniform(-0.35, 0.35)), Image.Resampling.BICUBIC, fillcolor=(240, 235, 224)
    )
    inked = ImageEnhance.Contrast(turned).enhance(float(rng.uniform(0.94, 1.05)))
    return ImageEnhance.Brightness(inked).enhance(float(rng.uniform(0.97, 1.03)))
