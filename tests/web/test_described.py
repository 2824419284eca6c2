"""The description of the API is true: whatever it allows to be asked is answered as it says."""

from __future__ import annotations

import shutil

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance
from schemathesis.specs.openapi.schemas import OpenApiSchema

from ham_recommend import Recommender
from ham_recommend.analysis.map import Map
from ham_recommend.web.app import make_app
from ham_recommend.web.settings import Limits, Settings

pytestmark = pytest.mark.slow

WITHOUT_END = r"/stream$"
"""The one path that is left out: what it answers does not end."""
KNOWN_BY_NOBODY = [positive_data_acceptance]
"""No form can say which works, fields of a filter and codes exist: what has the right form may be refused."""


@pytest.fixture(scope="module")
def described(museum, tmp_path_factory):
    state, folder = tmp_path_factory.mktemp("state"), tmp_path_factory.mktemp("described") / "sample"
    shutil.copytree(museum, folder)
    Map.fresh(Recommender.load(folder), method="pca").build(
        keep=True
    )  # UMAP would take too long for an answer
    unlimited = Limits(rate=1e9, burst=1e9, new_visitors=1e9)
    served = Settings(places=(folder,), sessions=state, names=("testserver",), limits=unlimited)
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", make_app(served))
    # Imported above, not on the way: Python 3.11 fails when two threads parse, and the page has several.
    assert isinstance(schema, OpenApiSchema)
    return [operation.ok() for operation in schema.exclude(path_regex=WITHOUT_END).get_all_operations()]


def test_whatever_is_asked_is_answered_as_described(described):
    for operation in described:

        @given(case=operation.as_strategy())
        @settings(max_examples=10, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        def answered_as_described(case):
            if "collection" in case.path_parameters:
                case.path_parameters["collection"] = "sample"
            case.call_and_validate(excluded_checks=KNOWN_BY_NOBODY)

        answered_as_described()


def test_every_way_to_ask_is_described(described):
    ways = {operation.label for operation in described}
    assert len(ways) > 20
    assert all(operation.definition.raw.get("summary") for operation in described)
