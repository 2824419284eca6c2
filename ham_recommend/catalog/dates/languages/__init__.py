"""What the words beside a year mean, a table per language.

A language is a dictionary from a meaning to the words and phrases for it, written as museums print them and
separated by commas; capitals, accents, dots and hyphens do not matter. The meanings:

=================== ===========================================================================
circa, doubt        *about* and *perhaps*, before a number or behind it
before, after       only the last or the first year is known; *or earlier*, *or later* stand behind
until, from         the ends of a range; *until* without a beginning is *before*
and                 joins two numbers
century, millennium what a number counts; *decade word* is that of *années 1960*
half, third, …      a fraction, when *ranks* count it; *early*, *mid* and *late* are parts, too
ranks, last         *first / second / third …* and *last*
turn                of a century: the ten years before and after its first day
bce, ce             the era, before a number or behind it; *bce behind* never stands before one
life, copy          years of a life, and of a print or cast of a work whose own year stands before
instead             of the years before it; at the beginning it is the Hungarian *i. e.*, BCE
label               a number behind it is none of a year: *no. 1850*
counted             an ordinal before it is none of a century: *2nd state*
month               the number beside it is a day
plain               understood, and says nothing about the date: *dated 1650*
=================== ===========================================================================
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
