"""Boxes: their measures, clipping, padding and overlap."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lpr.plates import Box

edges = st.integers(-50, 200)
boxes = st.builds(lambda x, y, w, h: Box(x, y, x + w, y + h), edges, edges, st.integers(1, 150), st.integers(1, 150))


def test_measures() -> None:
    box = Box(10, 20, 110, 50)
    assert (box.width, box.height, box.area, box.as_list()) == (100, 30, 3000, [10, 20, 110, 50])


def test_an_inverted_box_has_no_area() -> None:
    assert Box(10, 0, 5, 8).area == 0
    # two negative sides must not make a positive area
    assert Box(10, 8, 5, 0).area == 0


@pytest.mark.parametrize(
    ("box", "clipped"),
    [
        (Box(-5, -5, 20, 20), Box(0, 0, 20, 20)),
        (Box(90, 40, 120, 70), Box(90, 40, 100, 50)),
        (Box(10, 10, 20, 20), Box(10, 10, 20, 20)),
        (Box(150, 60, 170, 80), Box(100, 50, 100, 50)),  # outside: nothing is left
    ],
)
def test_clipped_to_a_picture_of_100_by_50(box: Box, clipped: Box) -> None:
    assert box.clipped(100, 50) == clipped


def test_padded_by_shares_of_its_sides() -> None:
    assert Box(100, 100, 200, 140).padded(0.1, 0.25) == Box(90, 90, 210, 150)


@pytest.mark.parametrize(
    ("other", "overlap"),
    [
        (Box(0, 0, 10, 10), 1.0),
        (Box(5, 0, 15, 10), 50 / 150),
        (Box(10, 0, 20, 10), 0.0),  # touching edges share nothing: x2 lies outside
        (Box(2, 2, 4, 4), 0.04),
    ],
)
def test_overlap(other: Box, overlap: float) -> None:
    assert Box(0, 0, 10, 10).overlap(other) == pytest.approx(overlap)


@given(boxes, boxes)
def test_overlap_is_symmetric_and_a_share(a: Box, b: Box) -> None:
    assert a.overlap(b) == b.overlap(a)
    assert 0 <= a.overlap(b) <= 1
    assert a.overlap(a) == 1


@given(boxes)
def test_clipped_lies_inside_and_stays(box: Box) -> None:
    clipped = box.clipped(100, 50)
    assert 0 <= clipped.x1 <= clipped.x2 <= 100
    assert 0 <= clipped.y1 <= clipped.y2 <= 50
    assert clipped.clipped(100, 50) == clipped


def test_boxes_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        Box(0, 0, 1, 1).x1 = 5  # type: ignore[misc]
