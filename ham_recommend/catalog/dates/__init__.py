"""Reading the dates museums write, in the languages they write them in.

==================== ==========================================================================
:mod:`.languages`    what words mean: a table per language
:mod:`.periods`      dynasties, reigns and periods, with their years
:mod:`.vocabulary`   both as one dictionary
:mod:`.text`         one spelling for what is written in many
:mod:`.tokens`       text → numbers, and words by what they mean
:mod:`.reader`       tokens → the times that are named
:mod:`.ranges`       times → first and last year, and how sure they are
:mod:`.weighing`     the date against the record's own years
==================== ==========================================================================
"""

from ham_recommend.catalog.dates.periods import EARLIEST, LATEST
from ham_recommend.catalog.dates.ranges import UNKNOWN, DateRange, parse_date
from ham_recommend.catalog.dates.weighing import years_of

__all__ = ["EARLIEST", "LATEST", "UNKNOWN", "DateRange", "parse_date", "years_of"]
