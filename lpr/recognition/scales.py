"""One look at a picture in two sizes: fine for plates that are far away, coarse for those that fill the picture."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from lpr.plates import PlateBox
from lpr.recognition.detector import NMS_OVERLAP, PlateDetector, most_certain_first, multiple

#: A picture is enlarged no more than this for the fine look; nor did the network learn from more.
MOST_ENLARGED = 2.0


class Sized(PlateDetector, Protocol):
    """A detector that can be had for another size of its input, at no cost: the network is the same."""

    def at(self, imgsz: int) -> PlateDetector:
        """The same for pictures whose longest side it is to see in ``imgsz`` pixels, a multiple of 32."""
        ...


class TwoScales:
    """Looks at a picture with its longest side in ``fine`` pixels, and again in ``coarse`` ones.

    Pictures so large that ``fine`` is less than ``least_scale`` of them are seen larger, up to ``largest`` pixels.
    Of two boxes on one plate the more certain one stays. On photos of the validation split the coarse look
    finds a quarter more of the plates over 200 px wide at equal precision (docs/recognition.md).
    """

    def __init__(self, look: Sized, fine: int, coarse: int, least_scale: float, largest: int) -> None:
        self._look = look
        self._fine, self._coarse = fine, coarse
        self._least_scale, self._largest = least_scale, largest

    def at(self, imgsz: int) -> PlateDetector:
        """A single look of that size."""
        return self._look.at(imgsz)

    def detect(self, image: np.ndarray) -> list[PlateBox]:
        sizes = self.sizes(max(image.shape[:2]))
        found = most_certain_first(plate for size in sizes for plate in self.at(size).detect(image))
        kept: list[PlateBox] = []
        for plate in found:
            if all(plate.box.overlap(better.box) <= NMS_OVERLAP for better in kept):
                kept.append(plate)
        return kept

    def sizes(self, longest: int) -> tuple[int, ...]:
        """The sizes, in pixels, at which a picture of ``longest`` pixels is looked at, the largest first."""
        wanted = max(self._fine, min(self._largest, longest * self._least_scale))
        fine = multiple(min(wanted, longest * MOST_ENLARGED))
        return (fine, self._coarse) if fine > self._coarse else (fine,)
