"""The report of ``ham.bias`` as a page: no script, and text of the catalog escaped."""

from __future__ import annotations

import os
from html import escape
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ham_recommend._version import __version__
from ham_recommend.errors import SettingsError
from ham_recommend.files import cannot_be_written, unwritable, whole_file

if TYPE_CHECKING:
    from ham_recommend.analysis.bias import Bias

HEADINGS = {
    "culture": "Cultures",
    "century": "Centuries",
    "gender": "Gender of the artists",
    "department": "Departments",
    "artist": "Artists",
}
_STYLE = """
:root { color-scheme: light dark; --ink: #1d1b18; --paper: #fff; --line: #8884;
  --here: #3d6b8c; --there: #b4662f; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #edeae4; --paper: #17181a; --here: #7fb2d6; --there: #dd9a68; }
}
body { margin: 0 auto; max-width: 1000px; padding: 4vw; background: var(--paper); color: var(--ink);
  font: 400 15px/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif; overflow-wrap: anywhere; }
h1, h2 { font-family: "Iowan Old Style", Palatino, "Noto Serif", Georgia, serif; font-weight: 400; }
h1 { font-size: 34px; margin: 0 0 8px; }
h2 { font-size: 22px; margin: 44px 0 12px; padding-top: 14px; border-top: 1px solid var(--line); }
p { max-width: 68ch; }
.note { opacity: 0.75; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th { text-align: start; font-weight: 600; font-size: 12px; opacity: 0.8; vertical-align: bottom; }
th, td { padding: 5px 14px 5px 0; border-bottom: 1px solid var(--line); }
td.n, th.n { text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap;
  padding-inline-end: 18px; }
.bars { min-width: 150px; }
.bars i { display: block; height: 6px; margin: 2px 0; background: var(--here); min-width: 1px;
  width: calc(var(--share) * 100%); }
.bars i + i { background: var(--there); }
.key span { margin-inline-end: 18px; }
.key span::before { content: ""; display: inline-block; width: 22px; height: 6px; margin-inline-end: 8px;
  vertical-align: middle; background: var(--here); }
.key span + span::before { background: var(--there); }
b.far { font-weight: 700; }
footer { margin-top: 44px; padding-top: 14px; border-top: 1px solid var(--line); font-size: 12px;
  opacity: 0.75; }
@media print { body { max-width: none; padding: 0; } h2 { break-after: avoid; } }
"""


def write(report: Bias, path: str | os.PathLike[str]) -> Path:
    """Write the report as one HTML file.

    Raises
    ------
    SettingsError
        The name does not end in ``.html``, or its folder is not there.
    ArtifactError
        The file cannot be written.
    """
    target = Path(path)
    if target.suffix.lower() not in {".html", ".htm"}:
        raise SettingsError(f"Give the report a name that ends in .html, not {target.name!r}.")
    if not target.parent.is_dir():
        raise SettingsError(f"There is no folder {target.parent}. Make it, or choose another.")
    try:
        with whole_file(target, "w") as stream:
            stream.write(page(report))
    except OSError as error:
        if not cannot_be_written(error):
            raise
        raise unwritable(target, error) from error
    return target


def page(report: Bias) -> str:
    """Return the report as HTML."""
    name = escape(report.collection)
    parts = [
        f"<h1>What {name} shows, and what it holds</h1>",
        f"<p>{report.works:,} works; {len(report.asked)} questions were asked, and recommendations for works "
        "spread evenly over the catalog. A ratio of 2 means that answers show twice as much as the catalog "
        "holds; it is <b>bold</b> where its 95 % interval leaves 1 out.</p>",
        _fairness(report),
        '<p class="key"><span>in the catalog</span><span>in answers</span></p>',
        *(_table(report, by) for by in HEADINGS if (report.shares["by"] == by).any()),
        _missing(report),
        _hubs(report),
        _questions(report),
        f"<footer>Made with ham_recommend {escape(__version__)}. Shares of what is recorded, by words of the "
        "catalog; “unknown” is counted like any other value.</footer>",
    ]
    csp = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{csp}">'
        f"<title>Bias of {name}</title><style>{_STYLE}</style></head>\n<body>\n"
    ) + "\n".join([*parts, "</body></html>\n"])


def _fairness(report: Bias) -> str:
    if report.fair is None:
        return ""
    return (
        f"<p>Answers were re-ranked by {escape(report.fair)} within their candidates. That took "
        f"{report.cost:.1%} of their closeness.</p>"
    )


def _table(report: Bias, by: str) -> str:
    rows = report.shares[report.shares["by"] == by].to_dict("records")
    seen = [row[name] for row in rows for name in ("catalog", "answers") if not isnan(row[name])]
    widest = max([0.01, *seen])
    shift = report.shift.get(by, float("nan"))
    largest = (
        "" if isnan(shift) else f'<p class="note">Largest shift from catalog to answers: {shift:.3f}.</p>'
    )
    head = (
        "<tr><th>Value<th class=bars><th class=n>Works<th class=n>Catalog<th class=n>Answers<th class=n>Ratio"
        "<th class=n>95 %<th class=n>Recommended<th class=n>Ratio<th class=n>Top 100</tr>"
    )
    body = "\n".join(_row({str(name): held for name, held in row.items()}, widest) for row in rows)
    return (
        f'<section><h2>{HEADINGS[by]}</h2>{largest}<div class="scroll" role="region" tabindex="0" '
        f'aria-label="{HEADINGS[by]}"><table>{head}\n{body}</table></div></section>'
    )


def _row(row: dict[str, Any], widest: float) -> str:
    lengths = (0 if isnan(row[name]) else row[name] / widest for name in ("catalog", "answers"))
    bars = "".join(f'<i style="--share: {length:.4f}"></i>' for length in lengths)
    cells = [
        f'<td dir="auto">{escape(str(row["value"]))}',
        f'<td class="bars" aria-hidden="true">{bars}',
        f'<td class="n">{row["works"]:,}',
        f'<td class="n">{_share(row["catalog"])}',
        f'<td class="n">{_share(row["answers"])}',
        f'<td class="n">{_ratio(row["ratio"], row["low"], row["high"])}',
        f'<td class="n">{_interval(row["low"], row["high"])}',
        f'<td class="n">{_share(row["recommendations"])}',
        f'<td class="n">{_ratio(*(row[f"recommendations_{name}"] for name in ("ratio", "low", "high")))}',
        f'<td class="n">{_share(row["top"])}',
    ]
    return f"<tr>{''.join(cells)}</tr>"


def _share(value: float) -> str:
    return "–" if isnan(value) else f"{value:.1%}"


def _ratio(ratio: float, low: float, high: float) -> str:
    if isnan(ratio):
        return "–"
    return f'<b class="far">{ratio:.2f}</b>' if low > 1 or high < 1 else f"{ratio:.2f}"


def _interval(low: float, high: float) -> str:
    return "–" if isnan(low) else f"{low:.2f}–{high:.2f}"


def _missing(report: Bias) -> str:
    rows = "".join(
        f'<tr><td>{escape(what.capitalize())}<td class="n">{count:,}'
        f'<td class="n">{_share(count / max(report.works, 1))}</tr>'
        for what, count in report.missing.items()
    )
    head = "<tr><th>What<th class=n>Works<th class=n>Share</tr>"
    return f"<section><h2>What is not recorded</h2><table>{head}{rows}</table></section>"


def _hubs(report: Bias) -> str:
    if isnan(report.skew):
        return (
            "<section><h2>Hubs</h2><p>The collection has no picture vectors with dates, so nothing is said "
            "of works that are close to everything.</p></section>"
        )
    rows = "".join(
        f'<tr><td dir="auto">{escape(str(row["title"]) or "Untitled")}<td dir="auto">'
        f'{escape(str(row["artist"]))}<td>{escape(str(row["item_id"]))}<td class="n">{row["lists"]:,}</tr>'
        for row in report.hubs.to_dict("records")
    )
    head = "<tr><th>Work<th>Artist<th>Id<th class=n>Lists of ten nearest</tr>"
    return (
        "<section><h2>Hubs</h2><p>Works that are near very many others crowd answers. How often works are "
        f"among the ten nearest of another has a skew of {report.skew:.2f} (0 is even); {report.anti_hubs:,} "
        'works are among nobody’s.</p><div class="scroll" role="region" tabindex="0" aria-label="Hubs">'
        f"<table>{head}{rows}</table></div></section>"
    )


def _questions(report: Bias) -> str:
    listed = ", ".join(f"“{escape(text)}”" for text in report.asked)
    nothing = ", ".join(f"“{escape(text)}”" for text in report.unanswered)
    found = f" Nothing was found for: {nothing}." if nothing else ""
    return f'<section><h2>What was asked</h2><p dir="auto">{listed}.{found}</p></section>'
