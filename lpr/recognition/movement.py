"""Movement: how a vehicle passed, by the places of its plate in the picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lpr.plates import Box

#: A plate that became this many times as wide came nearer; the other way round it went away.
NEARER = 1.15
# A plate that moved less than this many of its widths has no side from which it came.
_MOVED = 0.75

Side = Literal["left", "right", "top", "bottom"]


@dataclass(frozen=True)
class Movement:
    """``direction`` is "approaching" or "leaving", ``entered`` and ``exited`` are sides of the picture; None: neither.

    ``dwell`` is the time in sight, seconds. Sides are those towards which the plate's way points, at its beginning
    backwards: a vehicle that comes from far away enters at the top of the picture, most often.
    """

    direction: Literal["approaching", "leaving"] | None
    entered: Side | None
    exited: Side | None
    dwell: float


def movement(places: Sequence[tuple[float, Box]]) -> Movement:
    """The movement along ``places``: times (seconds, rising) and boxes of one plate, at least one."""
    third = max(1, min(len(places) // 3, 5))
    begin, end = places[:third], places[-third:]
    # Means of several places: one loose box must not turn a vehicle round.
    width_before, width_after = _mean_width(begin), _mean_width(end)
    direction: Literal["approaching", "leaving"] | None = None
    if width_after >= NEARER * width_before:
        direction = "approaching"
    elif width_before >= NEARER * width_after:
        direction = "leaving"
    middle = places[len(places) // 2]
    last = places[-1][0]
    return Movement(
        direction,
        _side(middle[1], places[0][1]),
        _side(middle[1], places[-1][1]),
        last - places[0][0],
    )


def _side(start: Box, end: Box) -> Side | None:
    """The side of the picture to which the way from ``start`` to ``end`` points."""
    dx = (end.x1 + end.x2 - start.x1 - start.x2) / 2
    dy = (end.y1 + end.y2 - start.y1 - start.y2) / 2
    if math.hypot(dx, dy) < _MOVED * min(start.width, end.width) / 2:
        return None
    if abs(dx) >= abs(dy):
        return "right" if dx > 0 else "left"
    return "bottom" if dy > 0 else "top"


def _mean_width(places: Sequence[tuple[float, Box]]) -> float:
    return sum(box.width for _, box in places) / len(places)
