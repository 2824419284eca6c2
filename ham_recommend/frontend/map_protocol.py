"""What travels of a map; the rest of the protocol is in :mod:`ham_recommend.frontend.protocol`."""

from __future__ import annotations

from typing import Literal, TypedDict


class MapRegion(TypedDict):
    """A named part of a map: ``column`` and ``row`` of its middle; ``level`` 0 for the largest ones."""

    level: int
    column: int
    row: int
    works: int
    name: str


class MapFacts(TypedDict):
    """What is to be known of a map before its works.

    ``choices`` are [vectors, what that map is called]; ``size`` and ``origin`` count columns and rows;
    ``scale`` is how many of them are one of the map's first layout, ``page`` how many pixels wide a page of
    tiles is, ``tiles`` their sizes.
    """

    vectors: str
    choices: list[tuple[str, str]]
    works: int
    size: tuple[int, int]
    origin: tuple[int, int]
    scale: int
    page: int
    tiles: list[int]
    regions: list[MapRegion]
    note: str


class MapMessage(MapFacts):
    """A map; its places are the only buffer, as :meth:`ham_recommend.analysis.map.Map.points` has them.

    Where there is none, ``trouble`` says why.
    """

    type: Literal["map"]
    trouble: str
    view: str | None


class TilesMessage(TypedDict):
    """Pages of tiles: JPEG files, one buffer for each."""

    type: Literal["map_tiles"]
    vectors: str
    names: list[str]
    view: str | None


class PlacedTurnMessage(TypedDict):
    """The numbers on a map of a turn's works, best first, and of further ones that answer the same.

    ``start`` is the work that they are like, if there is one.
    """

    type: Literal["map_turn"]
    vectors: str
    turn_id: int
    rows: list[int]
    further: list[int]
    start: int | None
    view: str | None


class LassoMessage(TypedDict):
    """How many works a lasso holds; their numbers and ids, as many as a set can hold."""

    type: Literal["lasso"]
    vectors: str
    works: int
    rows: list[int]
    item_ids: list[str]
    view: str | None
