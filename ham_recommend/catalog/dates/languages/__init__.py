"""What the words beside a year mean, a table per language.

A language is a dictionary from a meaning to the words and phrases for it, written as museums print them and
separated by commas; capitals, accents, dots and hyphens do not matter. The meanings:

===================== =========================================================================
circa, doubt          *about* and *perhaps*, before a number or behind it
before, after         only the last or the first year is known; *or earlier*, *or later* stand behind
until, from           the ends of a range; *until* without a beginning is *before*
present               behind a dash: the range is open
and                   joins two numbers
century, millennium   what a number counts; *decade word* is that of *années 1960*
half, third, quarter  a fraction, where *ranks* count it; so is *tenth*
early, mid, late      a part; so are *first half* and *second half*
ranks, last           *first / second / third …* and *last*; *tens* before one: *thirty-first* is none
turn                  of a century: the ten years before and after its first day
bce, ce               the era, before a number or behind it; *bce behind* never stands before one
ah, sh, be, …         another calendar, as in :mod:`.calendars`; *ago* counts back; *republic* is *an VII*
dynasty               the number beside it is that of a dynasty of Egypt
life, copy            years of a life, and of a print or cast of a work whose own year stands before
instead               of the years before it; at the beginning it is the Hungarian *i. e.*, BCE
label                 a number behind it is none of a year: *no. 1850*
counted               an ordinal beside it is none of a century: *2nd state*, *plate 12*
month                 the number beside it is a day
plain                 understood, and says nothing about the date: *dated 1650*
===================== =========================================================================

A word that is in no table is not understood, and no date with one is sure.
"""

from ham_recommend.catalog.dates.languages import (
    calendars,
    dutch,
    east_asian,
    english,
    french,
    german,
    greek,
    hungarian_and_romanian,
    italian,
    middle_eastern,
    nordic,
    portuguese,
    slavic,
    south_asian,
    spanish,
    turkish,
)

LANGUAGES = tuple(
    module.WORDS
    for module in (
        english,
        german,
        french,
        italian,
        spanish,
        portuguese,
        dutch,
        nordic,
        slavic,
        hungarian_and_romanian,
        greek,
        turkish,
        east_asian,
        middle_eastern,
        south_asian,
        calendars,
    )
)
"""All that is known; a phrase means the same in all of them."""
