"""What stands in the picture: parked vehicles and signs that were read once, by their places."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lpr.plates import Box

# Overlap (IoU) from which a plate is the one that stands there, and how long a place may be found empty, or hidden
# behind something that passes, before it is forgotten. Seconds.
_SAME, _EMPTY = 0.4, 20.0
#: Places remembered: the oldest goes first.
LIMIT = 200


class Standing:
    """Places of plates that stand and need no more reads."""

    def __init__(self, places: Iterable[Box] = ()) -> None:
        # Box → since when it has been found empty, None while it is not.
        self._places: dict[Box, float | None] = dict.fromkeys(places)

    @property
    def places(self) -> list[Box]:
        """The places, those first that are remembered the longest."""
        return list(self._places)

    def add(self, box: Box) -> None:
        self._places[box] = None
        while len(self._places) > LIMIT:
            del self._places[next(iter(self._places))]

    def holds(self, box: Box) -> bool:
        """Whether the plate in ``box`` is one that stands there; it is remembered as seen."""
        for place in self._places:
            if place.overlap(box) >= _SAME:
                self._places[place] = None
                return True
        return False

    def looked(self, parts: Sequence[Box], seen: Sequence[Box], seconds: float) -> None:
        """In the ``parts`` of the picture the plates ``seen`` were found: places long empty are forgotten."""
        for place, since in list(self._places.items()):
            if not any(_inside(place, part) for part in parts):
                continue
            if any(place.overlap(box) >= _SAME for box in seen):
                self._places[place] = None
            elif since is None:
                self._places[place] = seconds
            elif seconds - since > _EMPTY:
                del self._places[place]


def _inside(box: Box, other: Box) -> bool:
    return box.x1 >= other.x1 and box.y1 >= other.y1 and box.x2 <= other.x2 and box.y2 <= other.y2
