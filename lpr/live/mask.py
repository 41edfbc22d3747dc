"""Which part of a camera's picture counts: everything else is painted black before anything looks at it."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from lpr.live.camera import Polygon
from lpr.plates import Box, PlateBox
from lpr.recognition.detector import PlateDetector

#: A plate of which this share is painted over, or more, cannot be read: its text would be a part of it.
COVERED = 0.05


class Mask:
    """The polygons of one camera, made to the size of its pictures. Not for two threads at once."""

    def __init__(self, masks: Sequence[Polygon], areas: Sequence[Polygon]) -> None:
        self._masks, self._areas = masks, areas
        self._made: np.ndarray | None = None

    def __bool__(self) -> bool:
        return bool(self._masks or self._areas)

    def painted(self, image: np.ndarray) -> np.ndarray:
        """A copy of ``image`` (height × width × 3, uint8) with black where nothing counts; itself without polygons."""
        if not self:
            return image
        return cv2.bitwise_and(image, image, mask=self._of(image.shape[0], image.shape[1]))

    def covered(self, box: Box, height: int, width: int) -> float:
        """The share of ``box`` and of a margin around it, in a picture of ``height`` × ``width``, that is black."""
        if not self:
            return 0.0
        around = box.padded(0.05, 0.1).clipped(width, height)
        part = self._of(height, width)[around.y1 : around.y2, around.x1 : around.x2]
        return 1.0 - float(part.mean()) / 255.0 if part.size else 1.0

    def _of(self, height: int, width: int) -> np.ndarray:
        if self._made is None or self._made.shape != (height, width):
            made = np.full((height, width), 0 if self._areas else 255, np.uint8)
            for polygons, value in ((self._areas, 255), (self._masks, 0)):
                for polygon in polygons:
                    corners = np.array([(x * width, y * height) for x, y in polygon], np.float32).round()
                    cv2.fillPoly(made, [corners.astype(np.int32)], value)
            self._made = made
        return self._made


class MaskedDetector:
    """A detector that leaves out what is partly painted over. ``left_out`` counts those."""

    def __init__(self, detector: PlateDetector, mask: Mask) -> None:
        self.left_out = 0
        self._detector, self._mask = detector, mask

    def detect(self, image: np.ndarray) -> list[PlateBox]:
        height, width = image.shape[:2]
        found = self._detector.detect(image)
        whole = [plate for plate in found if self._mask.covered(plate.box, height, width) < COVERED]
        self.left_out += len(found) - len(whole)
        return whole
