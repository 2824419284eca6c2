"""How things are shown: name → :class:`Manner`, each turning a plate into a picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ham_recommend.sample_museum.manners import drawing, painting, printing
from ham_recommend.sample_museum.scene import Field, Plate


@dataclass(frozen=True, slots=True)
class Manner:
    """A way of making pictures.

    Parameters
    ----------
    paint : callable
        Plate → picture, float32 of shape (height, width, 3) in 0–1.
    classification, medium, technique : str
        As a museum would file it.
    seen : tuple of str
        Phrases that describe it to someone who cannot see it.
    printed : bool
        Whether several impressions of one work can exist.
    """

    paint: Callable[[Plate], Field]
    classification: str
    medium: str
    technique: str
    seen: tuple[str, ...]
    printed: bool = False


MANNERS: dict[str, Manner] = {
    "oil": Manner(
        painting.oil,
        "Paintings",
        "Oil on canvas",
        "",
        ("painted in oil with visible brush strokes", "soft blended brushwork", "a painterly oil surface"),
    ),
    "impasto": Manner(
        painting.impasto,
        "Paintings",
        "Oil on canvas",
        "Impasto",
        (
            "thick swirling brush strokes",
            "heavy impasto with strong colours",
            "expressive paint laid on in ridges",
        ),
    ),
    "pointillist": Manner(
        painting.dots,
        "Paintings",
        "Oil on canvas",
        "Pointillism",
        (
            "built up from small dots of pure colour",
            "a pointillist shimmer of coloured dots",
            "countless tiny dabs of paint",
        ),
    ),
    "cubist": Manner(
        painting.facets,
        "Paintings",
        "Oil on canvas",
        "",
        (
            "broken into cubist facets",
            "fractured geometric planes",
            "shifting angular planes seen from several sides",
        ),
    ),
    "flat fields": Manner(
        painting.flat_fields,
        "Paintings",
        "Acrylic on canvas",
        "",
        ("flat fields of unmodulated colour", "clean hard-edged shapes", "simplified areas of flat colour"),
    ),
    "watercolour": Manner(
        painting.watercolour,
        "Drawings",
        "Watercolor on white wove paper",
        "Watercolor",
        (
            "transparent watercolour washes",
            "pale washes that bleed into each other",
            "loose watercolour with bare paper at the edge",
        ),
    ),
    "mosaic": Manner(
        painting.tesserae,
        "Mosaics",
        "Glass and stone tesserae",
        "Mosaic",
        ("set in small mosaic stones", "a mosaic of glazed tesserae", "tiny cubes of coloured stone"),
    ),
    "chiaroscuro": Manner(
        painting.chiaroscuro,
        "Paintings",
        "Oil on panel",
        "",
        (
            "strong contrast of light and shadow",
            "a warm light that emerges from darkness",
            "dark, varnished chiaroscuro",
        ),
    ),
    "miniature": Manner(
        painting.gouache,
        "Drawings",
        "Opaque watercolor and gold on paper",
        "",
        (
            "jewel-like opaque colours with fine outlines",
            "a page with a gilded border",
            "the precise colours of a book miniature",
        ),
    ),
    "etching": Manner(
        printing.etching,
        "Prints",
        "Etching on off-white laid paper",
        "Etching",
        ("drawn in fine hatched lines", "cross-hatching in brown-black ink", "a network of etched lines"),
        True,
    ),
    "woodcut": Manner(
        printing.woodcut,
        "Prints",
        "Woodcut on cream wove paper",
        "Woodcut",
        (
            "bold black and white woodcut lines",
            "carved lines and strong contours in black",
            "the rough grain of a woodcut",
        ),
        True,
    ),
    "colour woodcut": Manner(
        printing.colour_woodcut,
        "Prints",
        "Color woodcut on wove paper",
        "Color woodcut",
        (
            "bold contours over grainy flat colours",
            "a woodcut in several colours",
            "colour blocks under a black key block",
        ),
        True,
    ),
    "ukiyo-e": Manner(
        printing.ukiyo_e,
        "Prints",
        "Woodblock print; ink and color on paper",
        "Woodblock print",
        (
            "flat colours with fine outlines and a graded sky",
            "a Japanese woodblock print in the ukiyo-e manner",
            "delicate outlines and softly graded colour",
        ),
        True,
    ),
    "screenprint": Manner(
        printing.screenprint,
        "Prints",
        "Screenprint on white wove paper",
        "Screenprint",
        (
            "loud flat colours with halftone dots",
            "the look of a pop-art screenprint",
            "printed dots and hard outlines",
        ),
        True,
    ),
    "photograph": Manner(
        printing.silver_print,
        "Photographs",
        "Gelatin silver print",
        "Gelatin silver process",
        (
            "a black and white photograph",
            "grainy greys of a gelatin silver print",
            "a monochrome photograph with soft light",
        ),
        True,
    ),
    "ink wash": Manner(
        drawing.ink_wash,
        "Drawings",
        "Ink and light color on paper",
        "",
        (
            "ink washes that bleed into the paper",
            "spontaneous brush and ink",
            "diluted black ink with much empty paper",
        ),
    ),
    "pastel": Manner(
        drawing.pastel,
        "Drawings",
        "Pastel on toned paper",
        "Pastel",
        ("hatched with soft pastel chalks", "powdery pastel strokes", "rubbed and streaked chalk"),
    ),
    "weaving": Manner(
        drawing.woven,
        "Textile Arts",
        "Wool, tapestry weave",
        "Tapestry weave",
        ("woven from dyed threads", "a worn woven surface", "threads passing over and under"),
    ),
    "glazed": Manner(
        drawing.glazed,
        "Tiles",
        "Fritware, painted under clear glaze",
        "Underglaze painted",
        ("painted under a glossy glaze", "a shining, finely crackled glaze", "glazed ceramic tiles"),
    ),
    "object": Manner(
        drawing.studio,
        "Vessels",
        "Ceramic",
        "",
        (
            "photographed in even studio light",
            "a museum photograph of the object",
            "shown alone against a neutral ground",
        ),
    ),
}
