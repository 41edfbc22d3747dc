"""Areas and masks of a camera's picture."""

from __future__ import annotations

import pytest

from lpr.plates import Box
from lpr.recognition.areas import Areas, inside, parse_polygon

LOWER = parse_polygon("0,0.5 1,0.5 1,1 0,1")
CORNER = parse_polygon("50%,50%; 100%,50%; 100%,100%")


def test_inside_a_polygon() -> None:
    horseshoe = parse_polygon("0,0 1,0 1,1 0.7,1 0.7,0.3 0.3,0.3 0.3,1 0,1")
    assert [inside(horseshoe, x, y) for x, y in ((0.1, 0.9), (0.9, 0.9), (0.5, 0.9), (0.5, 0.1))] == [1, 1, 0, 1]


def test_a_plate_counts_by_its_middle() -> None:
    plate = Box(0, 40, 20, 62)
    assert Areas((LOWER,)).holds(plate, 100, 100)
    assert not Areas((), (LOWER,)).holds(plate, 100, 100)
    assert Areas().holds(plate, 100, 100)
    assert not Areas((LOWER,), (CORNER,)).holds(Box(80, 60, 90, 70), 100, 100)
    assert Areas((LOWER,), (CORNER,)).holds(Box(10, 60, 20, 70), 100, 100)


def test_motion_counts_when_any_of_it_is_inside() -> None:
    assert Areas((LOWER,)).touches(Box(0, 0, 100, 60), 100, 100)
    assert not Areas((LOWER,)).touches(Box(0, 0, 100, 40), 100, 100)


@pytest.mark.parametrize(
    ("written", "wrong"),
    [
        ("0,0 1,1", "has 2 corners"),
        ("0,0 1,1 2,0", "outside the picture"),
        ("0,0 1,1 x,0", "no number"),
        ("0,0 1 1,0", "no corner"),
    ],
)
def test_what_is_no_polygon(written: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        parse_polygon(written)
