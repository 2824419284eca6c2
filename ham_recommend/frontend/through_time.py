"""One work through time, as a view shows it: earlier works it resembles, its echoes, and a tour."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from ham_recommend.analysis import CAVEAT
from ham_recommend.analysis.dates import date_in_words
from ham_recommend.errors import SettingsError
from ham_recommend.frontend import messages
from ham_recommend.frontend.events import ShowThroughTime
from ham_recommend.frontend.protocol import ThroughTimeMessage, TimedWork
from ham_recommend.recommend.recommender import Recommender
from ham_recommend.recommend.session import Session
from ham_recommend.showing import showable

if TYPE_CHECKING:
    from ham_recommend.analysis.influence import Influence

EACH_SIDE = 8
"""Works before and after that are shown."""
STOPS = 6
"""Stops of a tour, both ends included."""

_opened: WeakKeyDictionary[Recommender, Influence] = WeakKeyDictionary()
_lock = Lock()


def through_time_reply(session: Session, event: ShowThroughTime) -> ThroughTimeMessage:
    """Return what came before and after a work; ``trouble`` says why there is nothing to show."""
    work = session.recommender.catalog[event.item_id]
    reply: ThroughTimeMessage = {
        "type": "through_time",
        "work": messages.work_card(work),
        "years": None,
        "before": [],
        "after": [],
        "tour": [],
        "note": CAVEAT,
        "trouble": "",
        "view": event.view,
    }
    try:
        found = opened(session.recommender)
        row = found.row(event.item_id)
    except SettingsError as error:
        return {**reply, "trouble": showable(str(error), messages.FACT_LENGTH)}
    before, after = (
        [
            _timed(found, hit.item_id, hit.channels["p_earlier"], hit.channels["picture"])
            for hit in ranking
            if hit.channels["picture"]
            > 0  # what is less like it than chance would be resembles it in nothing
        ]
        for ranking in (found.before(event.item_id, EACH_SIDE), found.after(event.item_id, EACH_SIDE))
    )
    tour = _tour(found, event.item_id, before, after)
    return {**reply, "years": _years(found, row), "before": before, "after": after, "tour": tour}


def opened(recommender: Recommender) -> Influence:
    """Return a collection's map of resemblance, opened once; nobody waits for it to be built."""
    from ham_recommend.analysis.influence import Influence

    with _lock:
        if recommender not in _opened:
            _opened[recommender] = Influence.open(recommender)
        return _opened[recommender]


def _years(found: Influence, row: int) -> tuple[int, int]:
    """Return a work's interval as whole years that are counted through, the last one included."""
    dates = found.works.dates
    return int(dates.begin[row]), int(dates.end[row]) - 1


def _timed(found: Influence, item_id: str, p_earlier: float, likeness: float) -> TimedWork:
    work = found.recommender.catalog[item_id]
    return {
        **messages.work_card(work),
        "date": showable(date_in_words(work), messages.FACT_LENGTH),
        "years": _years(found, found.works.row_of[item_id]),
        "p_earlier": round(p_earlier, 3),
        "likeness": round(likeness, 3),
    }


def _tour(found: Influence, item_id: str, before: list[TimedWork], after: list[TimedWork]) -> list[TimedWork]:
    """Return the stops of a tour: from the oldest work that is shown, by way of this one, to the newest."""
    first = min((work["years"], work["item_id"]) for work in before)[1] if before else item_id
    last = max((work["years"], work["item_id"]) for work in after)[1] if after else item_id
    stops: list[TimedWork] = []
    for start, end in ((first, item_id), (item_id, last)):
        if start == end:
            continue
        way = found.tour(start, end, STOPS // 2 + 1).fillna(1.0).to_dict("records")
        part = [_timed(found, stop["item_id"], stop["p_earlier"], stop["cosine"]) for stop in way]
        stops += part if not stops else part[1:]
    return stops
