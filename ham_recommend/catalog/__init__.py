"""Step 2: clean the records into one table of works.

Reads :class:`~ham_recommend.records.RawRecord` from step 1; writes ``2-catalog/works.parquet``. What step 3
sees in the pictures, ``2-catalog/thumbnails.parquet`` and ``2-catalog/pictures/``, is joined to it:
``2-catalog/catalog.parquet``, which is what answers read.
"""

from ham_recommend.catalog.catalog import Catalog, Pictures

__all__ = ["Catalog", "Pictures"]
