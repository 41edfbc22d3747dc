"""Plate detectors: where in a picture the plates are."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Protocol

import numpy as np

from lpr.plates import Box, PlateBox

#: The picture's longest side as the detector sees it, pixels.
IMGSZ = 640
#: The network's sides are multiples of this, pixels.
STRIDE = 32
#: Of two boxes that overlap by more than this (intersection over union), the network's less certain one is dropped.
#: Plates do not overlap; Ultralytics' own 0.7 leaves two boxes on one plate.
NMS_OVERLAP = 0.5


class PlateDetector(Protocol):
    """Finds plates; any object with this method can be given to Recognizer."""

    def detect(self, image: np.ndarray) -> list[PlateBox]:
        """The plates in ``image`` (height × width × 3, uint8, BGR), the most certain first, [] when there are none.

        Boxes are whole pixels of ``image`` and lie inside it.
        """
        ...


def multiple(side: float) -> int:
    """The least side, in pixels, of the network's input that is not less than ``side``."""
    return max(STRIDE, math.ceil(side / STRIDE) * STRIDE)


def plate_box(corners: tuple[float, float, float, float], confidence: float, shape: tuple[int, ...]) -> PlateBox | None:
    """A network's box (x1, y1, x2, y2) in whole pixels, rounded outward, of a picture of ``shape``, clipped to it.

    None when nothing of it lies inside the picture.
    """
    x1, y1, x2, y2 = corners
    # A hundredth of a pixel is no reason to take in one more row: it is two engines' rounding.
    slack = 0.01
    box = Box(math.floor(x1 + slack), math.floor(y1 + slack), math.ceil(x2 - slack), math.ceil(y2 - slack)).clipped(
        shape[1], shape[0]
    )
    if box.width <= 0 or box.height <= 0:
        return None
    return PlateBox(box, min(1.0, max(0.0, float(confidence))))


def most_certain_first(boxes: Iterable[PlateBox | None]) -> list[PlateBox]:
    """The boxes that there are, by falling confidence; equals from left to right: the order is always the same."""
    return sorted(
        (box for box in boxes if box is not None), key=lambda found: (-found.confidence, found.box.x1, found.box.y1)
    )
