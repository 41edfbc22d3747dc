"""Areas: the parts of a camera's picture in which plates are of interest, and those in which they are not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lpr.plates import Box

#: A polygon's corners, in shares of the picture's width and height, 0 to 1, from the upper left.
Polygon = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Areas:
    """``include``: only inside one of these, everywhere when there are none; ``exclude``: never inside these."""

    include: tuple[Polygon, ...] = ()
    exclude: tuple[Polygon, ...] = ()

    def holds(self, box: Box, width: int, height: int) -> bool:
        """Whether the middle of ``box``, pixels of a picture of ``width`` × ``height``, is of interest."""
        x, y = (box.x1 + box.x2) / 2 / width, (box.y1 + box.y2) / 2 / height
        if any(inside(polygon, x, y) for polygon in self.exclude):
            return False
        return not self.include or any(inside(polygon, x, y) for polygon in self.include)

    def touches(self, box: Box, width: int, height: int) -> bool:
        """Whether any part of ``box`` may be of interest: a grid of points in it is tried."""
        steps = [(i + 0.5) / 8 for i in range(8)]
        for sy in steps:
            for sx in steps:
                x, y = round(box.x1 + sx * box.width), round(box.y1 + sy * box.height)
                if self.holds(Box(x, y, x, y), width, height):
                    return True
        return False


def parse_polygon(written: str) -> Polygon:
    """A polygon as people write it: ``"0,0 0.5,0 0.5,1 0,1"``, in shares of the picture or, each with a %, in percent.

    Raises ValueError, with what is wrong.
    """
    corners = []
    for pair in written.replace(";", " ").split():
        x, comma, y = pair.partition(",")
        if not comma:
            raise ValueError(f"{pair!r} is no corner; write x,y, for example 0.25,0.5")
        corners.append((_share(x), _share(y)))
    if len(corners) < 3:
        raise ValueError(f"{written!r} has {len(corners)} corners; a polygon has three or more: x,y x,y x,y")
    return tuple(corners)


def _share(written: str) -> float:
    number = written.strip()
    scale = 100.0 if number.endswith("%") else 1.0
    try:
        value = float(number.rstrip("%")) / scale
    except ValueError:
        raise ValueError(f"{written!r} is no number") from None
    if not 0.0 <= value <= 1.0:
        raise ValueError(f"{written!r} lies outside the picture; write shares from 0 to 1, or percents with %")
    return value


def inside(polygon: Sequence[tuple[float, float]], x: float, y: float) -> bool:
    """Whether the point lies in the polygon: a ray from it crosses the border an odd number of times."""
    odd = False
    for (x1, y1), (x2, y2) in zip(polygon, (*polygon[1:], polygon[0]), strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            odd = not odd
    return odd
