"""Write docs/dates.md: the forms of dates in forms.txt, with the years that are read in them.

python tests/catalog/dates/page.py
"""

from __future__ import annotations

from pathlib import Path

from ham_recommend.catalog.dates import parse_date
from ham_recommend.fields import years_in_words

FORMS = Path(__file__).with_name("forms.txt")
PAGE = Path(__file__).parents[3] / "docs" / "dates.md"
HEAD = """# Dates that are read

Forms in which museums and libraries publish dates, each with the years it is read as and how sure they are:
1 for years that are written out and beside which every word was understood, 0 for no date. The source of this
page is `tests/catalog/dates/forms.txt`, every line of which `test_forms.py` beside it checks; write the page
anew with `python tests/catalog/dates/page.py`.
"""


def page() -> str:
    """Return the page."""
    lines = [HEAD]
    for line in FORMS.read_text("utf-8").splitlines()[2:]:
        if not line.strip():
            continue
        if "  " not in line:
            lines += ["", f"## {line}", "", "| written | years | sure |", "|---|---|--:|"]
            continue
        text = line.rsplit("  ", 1)[0].strip()
        found = parse_date(text)
        years = years_in_words(found.begin, found.end) or "–"
        lines.append(f"| `{text.replace('|', chr(92) + '|')}` | {years} | {found.confidence:g} |")
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
