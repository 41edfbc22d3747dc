"""Parts of a picture to look at: around what moved, at no more pixels than it takes to find a plate there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lpr.plates import Box
from lpr.recognition.settings import Settings

# What is added around something that moved: a share of it, and of the picture's longest side.
_PAD_SHARE, _PAD_SIDE = 0.15, 0.02
# The least size of a part, as shares of the picture's longest side: a plate needs its surroundings.
_LEAST_WIDTH, _LEAST_HEIGHT = 0.2, 0.14
# From this share of the picture on, and with more parts than this, the whole is looked at instead.
_WHOLE, _MANY = 0.5, 4
# A part's height as a share of its width, and the sizes in which parts are seen. Few, for a network's first run on
# pictures of a new shape takes as long as three more, and each change of shape a quarter longer.
_ASPECT, _SIZES = 0.6, (320, 416, 512, 640)
# Tiles overlap by this share, so that a plate on a border is whole in one of them.
_OVERLAP = 0.12


@dataclass(frozen=True)
class Part:
    """``box`` of the picture goes through the detector, its longest side in ``imgsz`` pixels."""

    box: Box
    imgsz: int


def whole(width: int, height: int, settings: Settings) -> list[Part]:
    """The picture of ``width`` × ``height``, in tiles where it would shrink to less than ``settings.min_scale``."""
    longest = max(width, height)
    if settings.imgsz >= settings.min_scale * longest:
        return [Part(Box(0, 0, width, height), settings.imgsz)]
    side = settings.imgsz / settings.min_scale
    columns, rows = _count(width, side), _count(height, side)
    tile_width, tile_height = _tile(width, columns), _tile(height, rows)
    parts = []
    for row in range(rows):
        for column in range(columns):
            x = round(column * (width - tile_width) / max(1, columns - 1))
            y = round(row * (height - tile_height) / max(1, rows - 1))
            box = Box(x, y, x + tile_width, y + tile_height)
            parts.append(Part(box, _sized(max(tile_width, tile_height) * settings.min_scale, settings)))
    return parts


def around(moving: Sequence[Box], width: int, height: int, settings: Settings) -> list[Part]:
    """The parts that ``moving`` lies in, apart from each other; the whole picture where that comes to the same."""
    longest = max(width, height)
    merged: list[Box] = []
    for moved in moving:
        box = _shaped(_roomy(moved, longest), width, height)
        while (other := next((m for m in merged if _meets(m, box)), None)) is not None:
            merged.remove(other)
            box = _shaped(box.joined(other), width, height)
        merged.append(box)
    if len(merged) > _MANY or sum(box.area for box in merged) > _WHOLE * width * height:
        return whole(width, height, settings)
    parts = []
    for box in merged:
        side = max(box.width, box.height)
        # At least as large as in a look at the whole, and no larger than it is.
        scale = min(1.0, max(settings.imgsz / longest, settings.part_imgsz / side, settings.min_scale))
        parts.append(Part(box, _sized(side * scale, settings)))
    return parts


def _roomy(box: Box, longest: int) -> Box:
    side = round(_PAD_SIDE * longest)
    padded = box.padded(_PAD_SHARE, _PAD_SHARE)
    dx = max(side, math.ceil((_LEAST_WIDTH * longest - padded.width) / 2))
    dy = max(side, math.ceil((_LEAST_HEIGHT * longest - padded.height) / 2))
    return Box(padded.x1 - dx, padded.y1 - dy, padded.x2 + dx, padded.y2 + dy)


def _shaped(box: Box, width: int, height: int) -> Box:
    """``box`` made wider or higher to the shape of all parts, and moved inside the picture as far as it fits."""
    inside = box.clipped(width, height)
    w = min(width, max(inside.width, math.ceil(inside.height / _ASPECT)))
    h = min(height, max(inside.height, round(w * _ASPECT)))
    x = min(max(0, (inside.x1 + inside.x2 - w) // 2), width - w)
    y = min(max(0, (inside.y1 + inside.y2 - h) // 2), height - h)
    return Box(x, y, x + w, y + h)


def _meets(box: Box, other: Box) -> bool:
    return min(box.x2, other.x2) > max(box.x1, other.x1) and min(box.y2, other.y2) > max(box.y1, other.y1)


def _sized(longest: float, settings: Settings) -> int:
    """The detector's side for a part that is to be ``longest`` pixels long."""
    return min(settings.imgsz, next((size for size in _SIZES if size >= longest), settings.imgsz))


def _count(length: int, side: float) -> int:
    return 1 if length <= side else math.ceil((length - _OVERLAP * side) / ((1 - _OVERLAP) * side))


def _tile(length: int, count: int) -> int:
    return length if count == 1 else math.ceil(length / (count - (count - 1) * _OVERLAP))
