"""Every form of date in forms.txt gives the years that stand beside it."""

from pathlib import Path

import pytest
from page import PAGE, page

from ham_recommend.catalog.dates import UNKNOWN, DateRange, parse_date

TABLE = Path(__file__).with_name("forms.txt").read_text("utf-8").splitlines()
ROWS = [line.rsplit("  ", 1) for line in TABLE if "  " in line]


def found_in(row):
    if row == "unknown":
        return UNKNOWN
    begin, end, confidence = row.split()
    return DateRange(int(begin), int(end), float(confidence))


@pytest.mark.parametrize(("text", "row"), [(text.strip(), row) for text, row in ROWS])
def test_a_form_gives_its_years(text, row):
    assert parse_date(text) == found_in(row)


def test_no_form_stands_twice():
    forms = [text.strip() for text, _ in ROWS]
    assert len(set(forms)) == len(forms) > 800


def test_the_page_of_dates_is_what_is_read():
    assert PAGE.read_text("utf-8") == page(), "write it anew: python tests/catalog/dates/page.py"
