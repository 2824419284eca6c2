"""Fusing channels: what must hold whatever the scores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ham_recommend.errors import SettingsError
from ham_recommend.index.fusion import fuse

# A grid keeps different scores clearly apart, so that rounding cannot turn one order into another.
scores = st.lists(st.integers(-20, 20), min_size=1, max_size=12).map(
    lambda values: np.array(values, dtype=np.float32) / 8
)


@st.composite
def two_channels(draw):
    words = draw(scores)
    grid = st.integers(-20, 20)
    picture = draw(st.lists(grid, min_size=len(words), max_size=len(words)))
    return {"words": words, "picture": np.array(picture, dtype=np.float32) / 8}


weights = st.fixed_dictionaries({"words": st.integers(1, 9), "picture": st.integers(1, 9)})


def order(values):
    return np.argsort(-np.round(values, 5), kind="stable").tolist()


@given(two_channels(), weights, st.sampled_from([0.25, 2.0, 64.0]), st.integers(-3, 3))
def test_the_scale_of_a_channel_does_not_matter(channels, weights, factor, shift):
    moved = {**channels, "picture": channels["picture"] * np.float32(factor) + np.float32(shift)}
    np.testing.assert_allclose(fuse(moved, weights), fuse(channels, weights), atol=1e-5)


@given(two_channels(), weights, st.sampled_from([0.25, 2.0, 64.0]))
def test_only_the_ratio_of_the_weights_matters(channels, weights, factor):
    scaled = {name: weight * factor for name, weight in weights.items()}
    np.testing.assert_allclose(fuse(channels, scaled), fuse(channels, weights), atol=1e-6)


@given(two_channels(), weights)
def test_candidates_and_channels_may_come_in_any_order(channels, weights):
    backwards = {name: channels[name][::-1] for name in reversed(channels)}
    assert np.array_equal(fuse(backwards, weights)[::-1], fuse(channels, weights))


@given(two_channels(), weights)
def test_a_candidate_that_is_better_in_every_channel_is_better(channels, weights):
    fused = fuse(channels, weights)
    assume(len(fused) > 1)
    if all(values[0] > values[1] for values in channels.values()):
        assert fused[0] > fused[1]
    if all(values[0] >= values[1] for values in channels.values()):
        assert fused[0] >= fused[1]


@given(two_channels(), weights, st.integers(1, 16))
def test_a_better_score_never_costs_a_place(channels, weights, gain):
    before = fuse(channels, weights)
    picture = channels["picture"].copy()
    picture[0] += np.float32(gain / 8)
    after = fuse({**channels, "picture": picture}, weights)
    beaten = np.flatnonzero(before[0] > before + 1e-5)
    assert (after[0] >= after[beaten] - 1e-5).all()


@given(two_channels())
def test_a_channel_without_weight_has_no_say(channels):
    alone = fuse({"words": channels["words"]}, {"words": 1.0})
    assert np.array_equal(fuse(channels, {"words": 1.0, "picture": 0.0}), alone)
    assert order(alone) == order(channels["words"])


@given(two_channels(), weights)
def test_scores_lie_between_0_and_1(channels, weights):
    fused = fuse(channels, weights)
    assert fused.dtype == np.float32
    assert (fused >= 0).all()
    assert (fused <= 1 + 1e-6).all()


@given(two_channels(), weights)
def test_saying_nothing_is_as_good_as_the_lower_bound(channels, weights):
    bounds = {"picture": (-3.0, 3.0)}
    lowest, silent = channels["picture"].copy(), channels["picture"].copy()
    lowest[0], silent[0] = -3.0, np.nan
    spoken = fuse({**channels, "picture": lowest}, weights, bounds=bounds)
    np.testing.assert_allclose(
        fuse({**channels, "picture": silent}, weights, bounds=bounds), spoken, atol=1e-6
    )


def test_known_bounds_take_the_place_of_lowest_and_highest():
    channels = {"picture": np.array([0.64, 0.82, np.nan], dtype=np.float32)}
    fused = fuse(channels, {"picture": 3.0}, bounds={"picture": (0.64, 1.0)})
    np.testing.assert_allclose(fused, [0.0, 0.5, 0.0], atol=1e-6)


@pytest.mark.parametrize("weights", [{}, {"words": 0.0}, {"words": -1.0}, {"picture": 1.0}])
def test_weights_that_decide_nothing_are_refused(weights):
    with pytest.raises(SettingsError):
        fuse({"words": np.ones(3, dtype=np.float32)}, weights)
