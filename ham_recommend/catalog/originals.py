"""The pictures of a catalog's works, where their museums keep them."""

from __future__ import annotations

from collections.abc import Collection

import pyarrow as pa
import pyarrow.compute as pc

from ham_recommend.catalog.catalog import Catalog
from ham_recommend.catalog.thumbnails import Original


def originals_of(catalog: Catalog, known: Collection[str] | None = None) -> list[Original]:
    """Return where the picture of each work that has one comes from, in the order of the ids.

    Parameters
    ----------
    catalog : Catalog
        The works.
    known : collection of str or None
        The only ones on the web that are wanted, by their addresses; ``None`` for all.
    """
    pictures = catalog.column("picture")
    wanted = pc.greater(pc.binary_length(pictures), 0)
    if known is not None:
        far = pc.match_substring_regex(pictures, "^https?://", ignore_case=True)
        read = pc.is_in(pictures, value_set=pa.array(sorted(known), pa.string()))
        wanted = pc.and_(wanted, pc.or_(pc.invert(far), read))
    columns = (catalog.column(name) for name in ("item_id", "picture", "copies_allowed"))
    values = (column.filter(wanted).to_pylist() for column in columns)
    return [Original(*each) for each in zip(*values, strict=True)]
