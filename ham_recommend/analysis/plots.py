"""Pictures for a notebook: what came before and after, pairs of artists, change, reception and bias.

Each function returns a matplotlib figure, which a notebook shows and ``figure.savefig`` writes.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ham_recommend.analysis.reception import reception as reception_of
from ham_recommend.errors import MissingExtraError, SettingsError

if TYPE_CHECKING:
    from ham_recommend.analysis.bias import Bias
    from ham_recommend.analysis.evolution import Evolution
    from ham_recommend.analysis.influence import Influence

INK, QUIET, BEFORE, AFTER = "#1d1b18", "#8a857c", "#3d6b8c", "#b4662f"
_LONGEST = 42
_DPI = 80


def timeline(found: Influence, item: str, k: int = 6) -> Any:
    """Draw a work between earlier works and echoes; bars are as wide as dates are vague."""
    row, works = found.row(item), found.works
    before, after = found.before(item, k), found.after(item, k)
    hits = [*((hit, BEFORE) for hit in before), *((hit, AFTER) for hit in after)]
    rows = sorted(((works.row_of[hit.item_id], colour) for hit, colour in hits))
    rows.insert(sum(at < row for at, _ in rows), (row, INK))
    figure, axes = _figure(9, 1.4 + 0.34 * len(rows))
    place = {at: number for number, (at, _) in enumerate(rows)}
    titles = found.table([at for at, _ in rows])
    own = works.dates.middle[row]
    for number, (at, colour) in enumerate(rows):
        begin, end = works.dates.begin[at], works.dates.end[at]
        if at != row:
            axes.plot(
                [works.dates.middle[at], own], [number, place[row]], color=colour, alpha=0.25, lw=1, zorder=1
            )
        axes.barh(number, max(end - begin, 1), left=begin, height=0.5, color=colour, zorder=2)
        named = (str(titles[name].iat[number]) for name in ("title", "artist"))
        words = ", ".join(text for text in named if text)
        axes.annotate(
            _short(words or str(titles["item_id"].iat[number])),
            (end, number),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
            fontweight="bold" if at == row else "normal",
            color=INK,
        )
    axes.set_yticks([])
    axes.invert_yaxis()
    left, right = axes.get_xlim()
    left -= (right - left) * 0.01  # else the first bar lies on the axis
    axes.set_xlim(left, right + (right - left) * 0.45)  # room for the last words
    _years(axes)
    axes.set_xticks([year for year in axes.get_xticks() if left <= year <= right])
    axes.set_title("Earlier works it resembles, and echoes", loc="left", color=INK)
    return figure


def artists(found: Influence, k: int = 15, *, draws: int | None = None) -> Any:
    """Draw the pairs of artists that are most alike, with how often chance would do as well."""
    table = found.artists(k=k, draws=draws)
    figure, axes = _figure(9, 1.2 + 0.32 * len(table))
    sure = table["p_corrected"].to_numpy() <= 0.05
    axes.barh(np.arange(len(table)), table["score"], color=np.where(sure, BEFORE, "#b8b2a6"), height=0.6)
    names = [
        f"{_short(b, 24)} ← {_short(a, 24)}" for a, b in zip(table["earlier"], table["later"], strict=True)
    ]
    axes.set_yticks(np.arange(len(table)), names, fontsize=9)
    axes.invert_yaxis()
    axes.set_xlabel("score; blue: chance would hardly do it (corrected p ≤ 0.05)")
    axes.set_title("Whose works resemble whose earlier ones", loc="left", color=INK)
    return figure


def reception(found: Influence, item: str) -> Any:
    """Draw how often later works resemble a work, decade by decade, with 95 % intervals."""
    table = reception_of(found, item)
    if not len(table):
        raise SettingsError(
            f"No later work by another artist follows {item}, so there is no reception to draw."
        )
    figure, axes = _figure(9, 3.4)
    share = table["share"].to_numpy()
    reach = np.vstack([share - table["low"], table["high"] - share])
    axes.bar(table["decade"] + 5, share, width=8, color=AFTER)
    axes.errorbar(table["decade"] + 5, share, yerr=reach, fmt="none", ecolor=QUIET, lw=1, capsize=2)
    axes.set_ylabel("echoes per work")
    _years(axes)
    axes.set_title("Reception: echoes for as many works as each decade has", loc="left", color=INK)
    return figure


def evolution(found: Evolution) -> Any:
    """Draw how a group's look changes; gaps stay gaps."""
    measures = {"lightness": "lightness", "colourfulness": "colour", "warmth": "warmth", "novelty": "novelty"}
    from matplotlib.figure import Figure

    steps = found.steps
    figure = Figure(figsize=(9, 1.1 + 1.35 * len(measures)), dpi=_DPI, layout="constrained")
    middle = (steps["first"] + steps["last"]) / 2
    axes = figure.subplots(len(measures), 1, sharex=True)
    for axis, (column, label) in zip(axes, measures.items(), strict=True):
        axis.plot(middle, steps[column], "o-", color=BEFORE, lw=1.5, ms=4)
        axis.set_ylabel(label)
        _plain(axis)
    _years(axes[-1])
    axes[0].set_title(
        f"{found.name} through time; steps with fewer than five works are left open", loc="left"
    )
    return figure


def bias(report: Bias, by: str = "culture") -> Any:
    """Draw shares in catalog, answers and recommendations."""
    table = report.shares[report.shares["by"] == by]
    if not len(table):
        raise SettingsError.unknown("field to draw", by, report.shares["by"].unique().tolist())
    figure, axes = _figure(9, 1.4 + 0.42 * len(table))
    place = np.arange(len(table))
    for at, (column, colour) in enumerate(
        {"catalog": QUIET, "answers": AFTER, "recommendations": BEFORE}.items()
    ):
        axes.barh(place + (at - 1) * 0.26, table[column].fillna(0), height=0.24, color=colour, label=column)
    axes.set_yticks(place, [_short(str(value)) for value in table["value"]], fontsize=9)
    axes.invert_yaxis()
    axes.set_xlabel("share")
    axes.legend(frameon=False)
    axes.set_title(f"Shares by {by}", loc="left", color=INK)
    return figure


def _figure(width: float, height: float) -> tuple[Any, Any]:
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError.needing("Plots", "analysis") from error
    figure = Figure(figsize=(width, height), dpi=_DPI, layout="constrained")
    axes = figure.subplots()
    _plain(axes)
    return figure, axes


def _plain(axes: Any) -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(QUIET)
    axes.tick_params(colors=QUIET, labelcolor=INK)


def _years(axes: Any) -> None:
    """Write years before our era as people do."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda year, _: f"{year:.0f}" if year > 0 else f"{1 - year:.0f} BCE")
    )


def _short(text: str, longest: int = _LONGEST) -> str:
    # a dollar sign would begin a formula, and a letter that the font lacks a warning for each drawing
    line = " ".join("".join(letter for letter in text if _has(letter)).split()).replace("$", r"\$")
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


@cache
def _has(letter: str) -> bool:
    """Return whether the font that is drawn with has a letter."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    return bool(get_font(findfont(FontProperties())).get_char_index(ord(letter)))
