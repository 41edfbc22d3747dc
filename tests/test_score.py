"""Scores against values worked out by hand."""

from __future__ import annotations

import pytest

from lpr.training.score import Share, bin_of, calibration_error, overlap, pair


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
