"""Step 2: clean the records into one table of works.

Reads :class:`~ham_recommend.records.RawRecord` from step 1; writes ``2-catalog/catalog.parquet``. What step 3
sees in the pictures is joined to it: ``2-catalog/thumbnails.parquet`` and ``2-catalog/pictures/``.
"""

from ham_recommend.catalog.catalog import Catalog, Pictures

__all__ = ["Catalog", "Pictures"]
