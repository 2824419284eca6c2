"""``ham.evolution``: how a group of works changes: what is typical, what is new, how it looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ham_recommend.analysis import CAVEAT
from ham_recommend.analysis.checks import is_whole
from ham_recommend.analysis.dates import as_written, counted_through
from ham_recommend.analysis.groups import Group, Years, checked_years, rows_of
from ham_recommend.analysis.influence import Influence
from ham_recommend.analysis.works import Rows, spread
from ham_recommend.encode._colour import oklab
from ham_recommend.errors import SettingsError
from ham_recommend.fields import years_in_words

if TYPE_CHECKING:
    import pandas as pd

    from ham_recommend.recommend.recommender import Recommender

LEAST = 5
"""Works without which nothing is said of a step."""
_LOOKED_AT = 60
"""Thumbnails of a step that are looked at, evenly through its time."""
LOOKS = ("lightness", "colourfulness", "warmth", "contrast", "width_to_height", "weight_low")
"""What is measured of thumbnails."""


@dataclass(frozen=True, slots=True, eq=False)
class Evolution:
    """How a group of works changes.

    Parameters
    ----------
    name : str
        What the group is.
    steps : pandas.DataFrame
        One row per step, the gaps included: ``first, last`` (years), ``years`` (in words), ``works``; and NaN
        or empty where fewer than five works stand: ``typical`` and ``novel`` (ids), ``novelty``, ``drift``,
        and how the thumbnails look: ``lightness`` 0–1, ``colourfulness`` (mean distance from grey, 0–0.3),
        ``warmth`` (blue to yellow, −0.3 to 0.3), ``contrast`` (spread of lightness), ``width_to_height``, and
        ``weight_low`` (share of darkness in the lower half). Colours are in Oklab.
    left_out : int
        Works of the group without a date or a picture vector.
    """

    name: str
    steps: pd.DataFrame
    left_out: int = 0
    note: str = CAVEAT

    def to_frame(self) -> pd.DataFrame:
        """Return the steps as a table."""
        return self.steps.copy()

    def plot(self) -> Any:
        """Return a matplotlib figure of it; see :mod:`ham_recommend.analysis.plots`."""
        from ham_recommend.analysis.plots import evolution

        return evolution(self)


def evolution(
    recommender: Recommender,
    what: Group,
    years: Years = None,
    step: int = 25,
    *,
    encoder: str | None = None,
) -> Evolution:
    """Show how a group of works changes through time.

    Parameters
    ----------
    recommender : Recommender
        The collection.
    what : str, mapping or list of str
        Words to search for, an artist's name, a filter, or a list of ids.
    years : (int or None, int or None) or None
        From when to when; ``None`` for the time of the group's works.
    step : int
        Years of a step, 1 to 1,000.
    encoder : str or None
        Whose picture vectors, where there are several.

    Returns
    -------
    Evolution
        ``typical`` is the work closest to the others of its step, ``novel`` the one least like any earlier
        work of the group, ``novelty`` 1 less that one's cosine, and ``drift`` 1 less the cosine of the means
        of this step and the last one that has works enough. A work belongs to the step of the middle of its
        date.

    Raises
    ------
    SettingsError
        The group is empty, nothing of it is from those years, or an option is out of range.
    """
    if not is_whole(step, 1, 1000):
        raise SettingsError(f"A step is 1 to 1,000 years, not {step!r}.")
    first, last = checked_years(years)
    found = Influence.open(recommender, encoder=encoder)
    rows = rows_of(found, what)
    middle = found.works.dates.middle
    begin = (
        float(counted_through(first))
        if first is not None
        else float(np.floor(middle[rows].min() / step) * step)
    )
    end = float(counted_through(last)) + 1 if last is not None else float(middle[rows].max()) + 1e-9
    inside = rows[(middle[rows] >= begin) & (middle[rows] < end)]
    if not len(inside):
        raise SettingsError(
            f"No dated work of {_name(what)} is from {years_in_words(first, last)}: they are from "
            f"{years_in_words(*as_written([middle[rows].min(), middle[rows].max()]).tolist())}."
        )
    count = max(1, round((end - begin) / step))  # a rest of less than half a step belongs to the last one
    if count > 500:
        raise SettingsError(f"That makes {count:,} steps of {step} years. Take longer steps, or fewer years.")
    place = np.minimum((middle[inside] - begin) // step, count - 1).astype(np.int64)
    steps: list[dict[str, Any]] = []
    mean_before = None
    for number in range(count):
        mine, past = inside[place == number], rows[middle[rows] < begin + number * step]
        until = np.ceil(end) if number == count - 1 else begin + (number + 1) * step
        span = as_written([begin + number * step, until - 1]).tolist()
        row: dict[str, Any] = {
            "first": span[0],
            "last": span[1],
            "years": years_in_words(*span),
            "works": len(mine),
        }
        row |= {
            "typical": "",
            "novel": "",
            "novelty": np.nan,
            "drift": np.nan,
            **dict.fromkeys(LOOKS, np.nan),
        }
        if len(mine) >= LEAST:
            vectors = found.works.vectors[mine]
            mean = vectors.mean(axis=0)
            row["typical"] = str(found.works.item_ids[mine[(vectors @ mean).argmax()]])
            row |= _novel(found, mine, past)
            if mean_before is not None:
                row["drift"] = 1 - float(mean @ mean_before) / float(
                    np.linalg.norm(mean) * np.linalg.norm(mean_before) or 1.0
                )
            row |= _looks(found, mine)
            mean_before = mean
        steps.append(row)
    import pandas as pd

    return Evolution(_name(what), pd.DataFrame(steps), 0)


def _name(what: Group) -> str:
    if isinstance(what, str):
        return f"“{what}”"
    if isinstance(what, dict):
        return ", ".join(f"{name}: {value}" for name, value in what.items())
    return "these works"


def _novel(found: Influence, mine: Rows, past: Rows) -> dict[str, Any]:
    """Return the work of a step that is least like any earlier one of the group, and how unlike."""
    if not len(past):
        return {}
    vectors = found.works.vectors
    nearest = np.concatenate(
        [
            (vectors[mine] @ vectors[part].T).max(axis=1)[None]
            for part in np.array_split(past, len(past) // 4096 + 1)
        ]
    ).max(axis=0)
    least = int(nearest.argmin())
    return {"novel": str(found.works.item_ids[mine[least]]), "novelty": 1 - float(nearest[least])}


def _looks(found: Influence, mine: Rows) -> dict[str, float]:
    """Return how the thumbnails of a step look, each measure averaged; NaN where none can be read."""
    from ham_recommend.errors import ArtifactError

    workspace = found.recommender.workspace
    works = found.recommender.catalog.get(found.works.item_ids[spread(mine, _LOOKED_AT)].tolist())
    measured = []
    for work in works.values():
        if not work.thumbnail:
            continue
        try:
            measured.append(_look_of(workspace.own(work.thumbnail)))
        except (OSError, ArtifactError):
            continue  # one picture that cannot be read is no reason to say nothing of the others
    if not measured:
        return {}
    means = np.mean(measured, axis=0)
    return dict(zip(LOOKS, map(float, means), strict=True))


def _look_of(path: Any) -> list[float]:
    from PIL import Image

    with Image.open(path) as picture:
        ratio = picture.width / picture.height
        picture.thumbnail((96, 96))
        rgb = np.asarray(picture.convert("RGB"))
    light, red, yellow = oklab(rgb)
    dark = 1 - light
    low = float(dark[len(dark) // 2 :].sum() / (dark.sum() or 1.0))
    chroma = float(np.hypot(red, yellow).mean())
    return [float(light.mean()), chroma, float(yellow.mean()), float(light.std()), ratio, low]
