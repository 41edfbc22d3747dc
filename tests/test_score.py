"""Scores against values worked out by hand."""

from __future__ import annotations

import pytest

from lpr.training.score import Share, accept_curve, bin_of, calibration_error, overlap, pair, reliability


def test_wilson_interval_of_nine_in_ten() -> None:
    low, high = Share(9, 10).interval()
    # (0.9 + 0.19207 ± 1.96·√(0.009 + 0.0096)) / 1.38415
    assert low == pytest.approx(0.5958, abs=1e-3)
    assert high == pytest.approx(0.9821, abs=1e-3)


def test_a_share_of_nothing_is_unknown_not_zero() -> None:
    assert Share().value is None
    assert Share().interval() == (0.0, 1.0)
    assert str(Share()) == "–"


def test_overlap_of_a_box_shifted_by_half() -> None:
    assert overlap((0, 0, 10, 10), (5, 0, 15, 10)) == pytest.approx(1 / 3)
    assert overlap((0, 0, 10, 10), (10, 0, 20, 10)) == 0.0


def test_pairs_take_the_best_overlap_first_and_each_box_once() -> None:
    labelled = [(0.0, 0.0, 10.0, 10.0), (20.0, 0.0, 30.0, 10.0)]
    found = [(1.0, 0.0, 11.0, 10.0), (0.0, 0.0, 10.0, 10.0), (20.0, 0.0, 30.0, 12.0)]
    assert pair(found, labelled, 0.5) == {0: 1, 1: 2}
    assert pair(found, labelled, 0.9) == {0: 1}


@pytest.mark.parametrize(
    ("width", "name"), [(0, "<20"), (19.9, "<20"), (20, "20-34"), (60, "60-99"), (199, "100-199"), (200, ">=200")]
)
def test_width_bins(width: float, name: str) -> None:
    assert bin_of(width) == name


def test_calibration_error_of_overconfidence() -> None:
    # Ten cases at 0.95, six right: |0.95 − 0.6|; none elsewhere.
    assert calibration_error([(0.95, i < 6) for i in range(10)]) == pytest.approx(0.35)
    assert calibration_error([]) is None


def test_the_reliability_diagram_has_the_bins_that_hold_reads() -> None:
    low, high = reliability([(0.95, True), (0.91, False), (1.0, True), (0.25, False)])
    assert (low.low, low.high, low.confidence, low.right.right, low.right.of) == (0.2, pytest.approx(0.3), 0.25, 0, 1)
    assert (high.low, high.right.right, high.right.of) == (0.9, 2, 3)
    assert high.confidence == pytest.approx((0.95 + 0.91 + 1.0) / 3)


def test_the_accept_curve_has_the_cost_of_each_threshold() -> None:
    pairs = [(0.95, True), (0.9, False), (0.5, True), (0.2, False)]
    all_of_it, half, none = accept_curve(pairs, 5, (0.0, 0.9, 0.99))  # of the fifth plate nothing was read
    assert (all_of_it.accepted.right, all_of_it.accepted.of, all_of_it.wrong.right) == (4, 5, 2)
    assert (half.accepted.right, half.wrong.right, half.wrong.of) == (2, 1, 2)
    assert (none.accepted.value, none.wrong.value) == (0.0, None)  # nothing accepted: no share of it is wrong
