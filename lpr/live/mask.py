"""Which part of a camera's picture counts: everything else is painted black before anything looks at it."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from lpr.plates import Box
from lpr.recognition.areas import Polygon

#: A plate of which, with a margin around it, this share or more is painted over may be cut: its text would be a part.
COVERED = 0.05
# Looked at around a box, as a share of it: what a mask cuts ends right beside it.
_MARGIN = 0.1


class Mask:
    """The polygons of one camera, made to the size of its pictures. Not for two threads at once."""

    def __init__(self, masks: Sequence[Polygon], areas: Sequence[Polygon]) -> None:
        self._masks, self._areas = masks, areas
        self._made: np.ndarray | None = None

    def __bool__(self) -> bool:
        return bool(self._masks or self._areas)

    def painted(self, image: np.ndarray) -> np.ndarray:
        """A copy of ``image`` (height × width or height × width × 3, uint8) with black where nothing counts.

        Without polygons it is ``image`` itself.
        """
        if not self:
            return image
        return cv2.bitwise_and(image, image, mask=self._of(image.shape[0], image.shape[1]))

    def covered(self, box: Box, height: int, width: int) -> float:
        """The share of ``box`` and of a margin around it, in a picture of ``height`` × ``width``, that is black."""
        if not self:
            return 0.0
        around = box.padded(_MARGIN, _MARGIN).clipped(width, height)
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
