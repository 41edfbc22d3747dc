"""The motion gate: where a picture has changed since it was last looked at, found out on a small grey copy.

The copy costs a hundredth of what decoding the frame costs. What is compared is the last picture that the detector
saw, not the last frame: something slow adds up until it is noticed, and what stands still is left alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from lpr.plates import Box

#: Width of the small copy, about, pixels; the factor is a whole number.
LUMA_WIDTH = 240
# Cells of the small copy, pixels. A cell has changed when so many of its pixels have.
_CELL, _CHANGED = 4, 4
# A pixel has changed when it differs by this many grey levels, or by so many times what pixels differ by anyhow; but
# where everything moves, in dense traffic or a hand, that is no noise: by no more than the last number.
_LEVELS, _NOISES, _MOST_LEVELS = 10.0, 5.0, 24.0
# A change of fewer cells is no vehicle whose plate can be read.
_LEAST_CELLS = 3
# Slow changes of light: after this time half of the difference is taken for light. Seconds.
_LIGHT = 10.0
# Looks in a row that found no plate where something moved, after which looks there become rare; and how rare. Seconds.
_BARREN, BARREN_INTERVAL = 15, 0.5


@dataclass(frozen=True)
class Moving:
    """A part of the picture, in pixels of the full picture, in which something has changed."""

    box: Box
    barren: bool


class MotionGate:
    """Compares small grey copies with the one of the last look. ``width`` × ``height``: the full picture's."""

    def __init__(self, width: int, height: int) -> None:
        self._size = width, height
        self._looked: np.ndarray | None = None
        self._seconds = 0.0
        self._barren = np.zeros((0, 0), np.int32)

    def changed(self, luma: np.ndarray, seconds: float) -> list[Moving]:
        """Where ``luma`` (height × width, uint8, see ``small``) differs from the last look; all of it at the first."""
        grey = cv2.blur(luma, (3, 3)).astype(np.float32)
        everything = Box(0, 0, *self._size)
        if self._looked is None or self._looked.shape != grey.shape:
            self._looked, self._seconds = grey, seconds
            self._barren = np.zeros((-(-grey.shape[0] // _CELL), -(-grey.shape[1] // _CELL)), np.int32)
            return [Moving(everything, False)]
        difference = grey - self._looked
        # The whole picture became lighter or darker: an exposure, not a vehicle.
        difference -= np.median(difference[::3, ::3])
        share = 1.0 - 0.5 ** (max(0.0, seconds - self._seconds) / _LIGHT)
        self._looked += share * (grey - self._looked)
        self._seconds = seconds
        difference = np.abs(difference)
        noise = 1.4826 * float(np.median(difference[::3, ::3]))
        mask = (difference > max(_LEVELS, min(_NOISES * noise, _MOST_LEVELS))).astype(np.float32)
        rows, columns = self._barren.shape
        padded = np.zeros((rows * _CELL, columns * _CELL), np.float32)
        padded[: mask.shape[0], : mask.shape[1]] = mask
        cells = padded.reshape(rows, _CELL, columns, _CELL).sum(axis=(1, 3)) >= _CHANGED
        return self._components(cells)

    def looked(self, luma: np.ndarray, boxes: list[Box], plates: list[Box]) -> None:
        """The detector looked at the parts ``boxes`` of the full picture and found ``plates``."""
        grey = cv2.blur(luma, (3, 3)).astype(np.float32)
        if self._looked is None or self._looked.shape != grey.shape:
            self._looked = grey
            return
        for box in boxes:
            x1, y1, x2, y2 = self._scaled(box, grey.shape[1], grey.shape[0])
            self._looked[y1:y2, x1:x2] = grey[y1:y2, x1:x2]
            x1, y1, x2, y2 = self._scaled(box, self._barren.shape[1], self._barren.shape[0])
            self._barren[y1:y2, x1:x2] += 1
        for plate in plates:
            # A plate stands for its vehicle, and for where that drives.
            x1, y1, x2, y2 = self._scaled(plate.padded(2.0, 4.0), self._barren.shape[1], self._barren.shape[0])
            self._barren[y1:y2, x1:x2] = 0

    def _components(self, cells: np.ndarray) -> list[Moving]:
        if not cells.any():
            return []
        grown = cv2.dilate(cells.astype(np.uint8), np.ones((3, 3), np.uint8))
        count, labels, stats, _ = cv2.connectedComponentsWithStats(grown, connectivity=8)
        found = []
        for label in range(1, count):
            inside = cells & (labels == label)
            if int(inside.sum()) < _LEAST_CELLS:
                continue
            x, y, w, h = (int(v) for v in stats[label][:4])
            kx, ky = self._size[0] / cells.shape[1], self._size[1] / cells.shape[0]
            box = Box(int(x * kx), int(y * ky), int(np.ceil((x + w) * kx)), int(np.ceil((y + h) * ky)))
            found.append(Moving(box, bool(np.median(self._barren[inside]) >= _BARREN)))
        return found

    def _scaled(self, box: Box, width: int, height: int) -> tuple[int, int, int, int]:
        """``box`` of the full picture in a copy of ``width`` × ``height``, clipped."""
        kx, ky = width / self._size[0], height / self._size[1]
        whole = Box(int(box.x1 * kx), int(box.y1 * ky), int(np.ceil(box.x2 * kx)), int(np.ceil(box.y2 * ky)))
        inside = whole.clipped(width, height)
        return inside.x1, inside.y1, inside.x2, inside.y2


def small(picture: np.ndarray) -> np.ndarray:
    """A small grey copy of ``picture`` (height × width or height × width × 3, BGR; uint8).

    Every second or fourth pixel, then averages: averages of all would take as long as all else here.
    """
    factor = max(1, round(picture.shape[1] / LUMA_WIDTH))
    step = max(1, factor // 2)
    thin = np.ascontiguousarray(picture[::step, ::step])
    if thin.ndim == 3:
        thin = cv2.cvtColor(thin, cv2.COLOR_BGR2GRAY)
    rest = factor / step
    size = max(1, round(thin.shape[1] / rest)), max(1, round(thin.shape[0] / rest))
    return cv2.resize(thin, size, interpolation=cv2.INTER_AREA)
