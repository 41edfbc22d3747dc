"""Traces: where plates are in every frame of a clip, from where they were seen in some."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from lpr.plates import Box, PlateBox, Transcript

# How far apart, in widths of the plate, two places of one plate in neighbouring looks may be, and how much the width
# may change, as a factor.
_REACH, _GROWTH = 1.5, 1.6
# How a plate moved where it was first or last seen is told by its places within this time, seconds: from frame to frame
# loose boxes move as much as a plate far away.
_PACE = 0.3


class Trace:
    """One plate's way through a clip. ``places`` are times (seconds, rising) and boxes; ``sure`` the best confidence.

    ``transcripts`` are what it was read as, where somebody asked for that.
    """

    def __init__(self) -> None:
        self.places: list[tuple[float, Box]] = []
        self.sure = 0.0
        self.transcripts: list[Transcript] = []

    def add(self, seconds: float, plate: PlateBox) -> None:
        self.places.append((seconds, plate.box))
        self.sure = max(self.sure, plate.confidence)

    def at(self, seconds: float, margin: float = 0.0) -> Box | None:
        """Where the plate is at ``seconds``, between the places before and after; None when it is not in sight.

        For ``margin`` seconds before it was first and after it was last seen it is where it would be, had it moved
        on as it did then.
        """
        times = [time for time, _ in self.places]
        i = bisect_right(times, seconds)
        if 0 < i < len(times):
            return _between(self.places[i - 1], self.places[i], seconds)
        if i == len(times) and seconds == times[-1]:
            return self.places[-1][1]
        if not times[0] - margin <= seconds <= times[-1] + margin:
            return None
        nearest = self.places[0] if i == 0 else self.places[-1]
        ends = [place for place in self.places if abs(place[0] - nearest[0]) <= _PACE]
        if len(ends) < 2:
            ends = self.places[:2] if i == 0 else self.places[-2:]
        return nearest[1] if len(ends) < 2 else _between(ends[0], ends[-1], seconds)

    def within(self, seconds: float, margin: float) -> Box | None:
        """Where the plate may be at ``seconds``: as ``at``, but before and after it was seen all the way to there.

        What comes nearer seems to move ever faster: its pace when it was first seen leads too far back.
        """
        there = self.at(seconds, margin)
        if there is None or not self.beyond(seconds):
            return there
        seen = self.places[0][1] if seconds < self.places[0][0] else self.places[-1][1]
        return seen.joined(there)

    def beyond(self, seconds: float) -> float:
        """How long before it was first or after it was last seen ``seconds`` is; 0 between."""
        return max(self.places[0][0] - seconds, seconds - self.places[-1][0], 0.0)


class Tracer:
    """Joins plates seen in frame after frame to traces; a plate may go unseen for ``gap`` seconds."""

    def __init__(self, gap: float) -> None:
        self.traces: list[Trace] = []
        self._gap = gap
        self._open: list[Trace] = []

    def add(self, seconds: float, plates: Sequence[PlateBox]) -> list[Trace]:
        """Take in the plates of the next frame; the traces that they belong to, in the same order."""
        self._open = [trace for trace in self._open if seconds - trace.places[-1][0] <= self._gap]
        costs = sorted(
            (cost, t, p)
            for t, trace in enumerate(self._open)
            for p, plate in enumerate(plates)
            if (cost := _cost(trace, plate.box, seconds)) is not None
        )
        owners: dict[int, Trace] = {}
        taken: set[int] = set()
        for _, t, p in costs:
            if t not in taken and p not in owners:
                taken.add(t)
                owners[p] = self._open[t]
        for p in range(len(plates)):
            if p not in owners:
                owners[p] = Trace()
                self._open.append(owners[p])
                self.traces.append(owners[p])
        for p, plate in enumerate(plates):
            owners[p].add(seconds, plate)
        return [owners[p] for p in range(len(plates))]


def joined(places: Iterable[tuple[float, Box]]) -> Trace:
    """The trace of places that are known to be of one plate, in any order."""
    trace = Trace()
    for seconds, box in sorted(places, key=lambda place: place[0]):
        trace.add(seconds, PlateBox(box, 1.0))
    return trace


def _cost(trace: Trace, box: Box, seconds: float) -> float | None:
    last = trace.places[-1][1]
    expected = trace.at(seconds, margin=math.inf) if len(trace.places) > 1 else last
    assert expected is not None  # with an endless margin it always is somewhere
    away = min(_away(last, box), _away(expected, box))
    if away > _REACH or not 1 / _GROWTH <= box.width / max(1, last.width) <= _GROWTH:
        return None
    return away


def _away(box: Box, other: Box) -> float:
    dx, dy = (box.x1 + box.x2 - other.x1 - other.x2) / 2, (box.y1 + box.y2 - other.y1 - other.y2) / 2
    return math.hypot(dx, dy) / max(box.width, other.width, 1)


def _between(before: tuple[float, Box], after: tuple[float, Box], seconds: float) -> Box:
    """The box at ``seconds`` on the straight line through two places; beyond them as well."""
    (t1, a), (t2, b) = before, after
    if t2 <= t1:
        return b
    share = (seconds - t1) / (t2 - t1)
    x, y = _mix(a.x1 + a.x2, b.x1 + b.x2, share) / 2, _mix(a.y1 + a.y2, b.y1 + b.y2, share) / 2
    # Sizes are not carried on: they would become nothing, or everything.
    inside = min(1.0, max(0.0, share))
    w, h = _mix(a.width, b.width, inside) / 2, _mix(a.height, b.height, inside) / 2
    return Box(math.floor(x - w), math.floor(y - h), math.ceil(x + w), math.ceil(y + h))


def _mix(a: float, b: float, share: float) -> float:
    return a + share * (b - a)
