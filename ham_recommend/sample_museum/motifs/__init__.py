"""What is shown: name → :class:`~ham_recommend.sample_museum.motifs.sight.Motif`."""

from __future__ import annotations

from ham_recommend.sample_museum.motifs import (
    abstraction,
    animals,
    circus,
    grounds,
    land,
    ornament,
    people,
    sea,
    things,
    town,
    vessels,
)
from ham_recommend.sample_museum.motifs.sight import Motif

WIDE, TALL, SQUARE = (1.34, 1.5), (0.72, 0.78), (1.0,)

MOTIFS: dict[str, Motif] = {
    "cat": Motif(animals.cat, ("jumping", "sitting", "sleeping"), (*WIDE, *SQUARE)),
    "carp": Motif(animals.carp, ("lilies", "clear"), (*TALL, *SQUARE, 1.34)),
    "bird": Motif(animals.bird, ("blossom", "bamboo"), (*TALL, *SQUARE)),
    "circus": Motif(
        circus.circus, ("cat through a hoop", "cat on a ball", "acrobat"), (*SQUARE, 0.78, 1.34), 1.06
    ),
    "ships": Motif(sea.ships, ("storm", "calm"), (*WIDE, *SQUARE)),
    "moonlit water": Motif(sea.moonlit_water, ("lake", "boat", "reeds"), (*WIDE, *SQUARE, 0.78)),
    "hills": Motif(land.hills, ("fields", "abstract", "cypresses"), (*WIDE, *SQUARE)),
    "mountains": Motif(land.mountains, ("misty", "volcano"), (*WIDE, *SQUARE, 0.78)),
    "castle": Motif(grounds.castle, ("day", "night"), (*WIDE, *SQUARE, 0.78)),
    "garden": Motif(grounds.garden, ("spring", "autumn"), (*SQUARE, 1.34, 0.78)),
    "city": Motif(town.city, ("night", "street"), (*WIDE, *SQUARE)),
    "family": Motif(town.family, ("city", "beach"), (*WIDE, *SQUARE), 1.06),
    "portrait": Motif(people.portrait, ("ruff", "hat", "plain"), TALL, 1.08),
    "dancer": Motif(people.dancer, ("ballet", "skirt"), (*TALL, *SQUARE), 1.03),
    "fruit": Motif(things.fruit, ("bowl", "jug"), (*WIDE, *SQUARE)),
    "flowers": Motif(things.flowers, ("mixed", "sunflowers", "tulips"), (*TALL, *SQUARE), 1.03),
    "vase": Motif(
        vessels.vase,
        ("chinese porcelain", "chinese pottery", "chinese bronze", "greek", "plain"),
        (*TALL, *SQUARE),
        1.04,
    ),
    "calligraphy": Motif(ornament.calligraphy, ("circle", "columns", "sign"), TALL, 1.0, mirrored=False),
    "textile": Motif(ornament.textile, ("diamonds", "rosettes", "stripes"), (*TALL, *SQUARE, 1.34), 1.5),
    "tile": Motif(ornament.tile, ("stars", "arabesque"), (*SQUARE, 1.34), 1.3),
    "geometric": Motif(
        abstraction.geometric, ("circles", "grid", "diagonals", "arcs"), (*SQUARE, 0.78, 1.34)
    ),
}
