"""Find art by describing it, like what you see, and be led to more.

A folder is a step, and each reads only what the ones before it wrote::

    sources → catalog → encode → index → recommend → analysis → frontend → widget
    museum     one table  vectors   search   answers     insight    messages   people see it
    records    of works             stores
                                   └ builder/ runs everything left of `recommend`, offline
                                     cli/ is the switchboard on top

>>> import ham_recommend as ham
>>> rec = ham.Recommender.load("artifacts/sample")        # doctest: +SKIP
>>> rec.search("ships in a storm").to_frame()             # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ham_recommend._version import __version__ as __version__

if TYPE_CHECKING:
    from ham_recommend.analysis.bias import bias
    from ham_recommend.analysis.enrich import enrich
    from ham_recommend.analysis.evolution import evolution
    from ham_recommend.analysis.fair import fair
    from ham_recommend.analysis.fused import fuse
    from ham_recommend.analysis.influence import influence
    from ham_recommend.analysis.map import map
    from ham_recommend.answers import Hit, Query, Ranking, Turn, WorkSet
    from ham_recommend.builder.build import BuildReport, build
    from ham_recommend.catalog import Catalog
    from ham_recommend.errors import DataWarning, HamRecommendError
    from ham_recommend.recommend.citation import cite, repeat
    from ham_recommend.recommend.classroom import gather
    from ham_recommend.recommend.comparison import compare
    from ham_recommend.recommend.recommender import Recommender
    from ham_recommend.recommend.session import Session
    from ham_recommend.records import Artwork, Description
    from ham_recommend.sample_museum.source import SampleSource
    from ham_recommend.sources.folder import FolderSource
    from ham_recommend.sources.table import TableSource
    from ham_recommend.widget import HAM_recommend

_HOME = {
    "Artwork": "records",
    "BuildReport": "builder.build",
    "Catalog": "catalog",
    "DataWarning": "errors",
    "Description": "records",
    "FolderSource": "sources.folder",
    "HAM_recommend": "widget",
    "HamRecommendError": "errors",
    "Hit": "answers",
    "Query": "answers",
    "Ranking": "answers",
    "Recommender": "recommend.recommender",
    "SampleSource": "sample_museum.source",
    "Session": "recommend.session",
    "TableSource": "sources.table",
    "Turn": "answers",
    "WorkSet": "answers",
    "bias": "analysis.bias",
    "build": "builder.build",
    "cite": "recommend.citation",
    "compare": "recommend.comparison",
    "enrich": "analysis.enrich",
    "evolution": "analysis.evolution",
    "fair": "analysis.fair",
    "fuse": "analysis.fused",
    "gather": "recommend.classroom",
    "influence": "analysis.influence",
    "map": "analysis.map",
    "repeat": "recommend.citation",
}

__all__ = [
    "Artwork",
    "BuildReport",
    "Catalog",
    "DataWarning",
    "Description",
    "FolderSource",
    "HAM_recommend",
    "HamRecommendError",
    "Hit",
    "Query",
    "Ranking",
    "Recommender",
    "SampleSource",
    "Session",
    "TableSource",
    "Turn",
    "WorkSet",
    "bias",
    "build",
    "cite",
    "compare",
    "enrich",
    "evolution",
    "fair",
    "fuse",
    "gather",
    "influence",
    "map",
    "repeat",
]


def __getattr__(name: str) -> Any:
    """Import a public name on first use, so that importing the package stays cheap."""
    if name not in _HOME:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
