"""Other plates in labelled photos: drawn ones in the place of those that are there, and those in other colours.

Photos of a few countries show the plates of a few countries. Without this a detector misses what it saw seldom: white
on black, yellow, green, plates of two lines.
"""

from __future__ import annotations

import bisect
import math
import random
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

#: How much wider or narrower for its height, as a factor, a plate may be than the one whose place it takes.
MOST_STRETCH = 1.5
#: The share of plates that are swapped for one of two lines, whatever stood there.
TWO_LINE = 0.15
#: Up to this width for its height a plate is one of two lines.
TWO_LINE_ASPECT = 1.8
#: Factors of blue, green and red that turn white to the colours of plates.
_TINTS = ((0.15, 0.8, 1.0), (0.1, 0.55, 1.0), (0.6, 0.9, 0.55), (1.0, 0.55, 0.3), (0.3, 0.3, 0.9), (0.35, 0.65, 0.3))

Corners = tuple[float, float, float, float]


class OtherPlates:
    """Puts plates drawn beforehand (height × width × 3, uint8, BGR) over those in a picture."""

    def __init__(self, drawn: Sequence[np.ndarray]) -> None:
        self._drawn = sorted(drawn, key=_aspect)
        self._aspects = [_aspect(plate) for plate in self._drawn]

    def swap(
        self,
        image: np.ndarray,
        middle: tuple[float, float],
        size: tuple[float, float],
        angle: float,
        softness: float,
        rng: random.Random,
    ) -> Corners | None:
        """Cover the plate around ``middle``, ``size`` pixels wide and high, turned by ``angle`` radians, with another.

        ``softness`` is the picture's blur in pixels. Returns the box around the new plate; None when no plate fits.
        """
        plate = self._fitting(size[0] / size[1], rng)
        if plate is None:
            return None
        width = size[0] * rng.uniform(1.0, 1.08)
        height = max(width / _aspect(plate), size[1] * 1.02)
        quad = _turned_quad(middle, width, height, angle, rng)
        x1, y1 = (math.floor(v) - 2 for v in quad.min(0))
        x2, y2 = (math.ceil(v) + 3 for v in quad.max(0))
        if x1 < 0 or y1 < 0 or x2 > image.shape[1] or y2 > image.shape[0]:
            return None
        place = image[y1:y2, x1:x2]
        while plate.shape[1] > 2 * width:
            plate = cv2.resize(plate, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        high, wide = plate.shape[:2]
        source = np.asarray([(0, 0), (wide, 0), (wide, high), (0, high)], np.float32)
        turn = cv2.getPerspectiveTransform(source, (quad - (x1, y1)).astype(np.float32))
        shape = x2 - x1, y2 - y1
        seen = cv2.warpPerspective(plate, turn, shape, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        mask = cv2.warpPerspective(np.ones((high, wide), np.float32), turn, shape, flags=cv2.INTER_LINEAR)
        blur = max(0.3, softness * rng.uniform(0.6, 1.4))
        seen = cv2.GaussianBlur(seen, (0, 0), blur).astype(np.float32) * _gain(place, seen, rng)
        _blend(place, seen, cv2.GaussianBlur(mask, (0, 0), blur))
        low, top = quad.min(0)
        right, bottom = quad.max(0)
        return float(low), float(top), float(right), float(bottom)

    def _fitting(self, aspect: float, rng: random.Random) -> np.ndarray | None:
        if rng.random() < TWO_LINE:
            low, high = 0.0, TWO_LINE_ASPECT
        else:
            low, high = aspect / MOST_STRETCH, aspect * MOST_STRETCH
        first, last = bisect.bisect_left(self._aspects, low), bisect.bisect_right(self._aspects, high)
        return self._drawn[rng.randrange(first, last)] if last > first else None


def draw_others(fonts: Path, count: int, seed: int) -> OtherPlates:
    """``count`` plates of all families of ``lpr.training.synthetic``. Raises DatasetError for no usable font."""
    from lpr.training.synthetic.fonts import load_fonts
    from lpr.training.synthetic.layouts import Draughtsman

    rng = random.Random(seed)
    draughtsman = Draughtsman(*load_fonts(fonts))
    return OtherPlates([draughtsman.draw(rng).image for _ in range(count)])


def repaint(image: np.ndarray, box: Corners, rng: random.Random) -> None:
    """Give the plate in ``box`` other colours: light signs on dark ground, or another ground."""
    x1, y1, x2, y2 = (round(value) for value in box)
    place = image[max(0, y1) : y2, max(0, x1) : x2]
    if min(place.shape[:2]) < 4:
        return
    if rng.random() < 0.6:
        seen = (255.0 - place.astype(np.float32)) * rng.uniform(0.6, 1.0)
    else:
        seen = place.astype(np.float32) * np.asarray(rng.choice(_TINTS), np.float32)
    rim = max(1, round(0.08 * place.shape[0]))
    mask = np.zeros(place.shape[:2], np.float32)
    mask[rim:-rim, rim:-rim] = 1.0
    _blend(place, seen, cv2.blur(mask, (2 * rim + 1, 2 * rim + 1)))


def _aspect(plate: np.ndarray) -> float:
    height, width = plate.shape[:2]
    return float(width / height)


def _turned_quad(
    middle: tuple[float, float], width: float, height: float, angle: float, rng: random.Random
) -> np.ndarray:
    """The corners of a plate (4 × 2), each moved a little as a view from aside would."""
    cos, sin = math.cos(angle), math.sin(angle)
    half = np.asarray([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * (width / 2, height / 2)
    moved = half + [(rng.gauss(0, 0.04) * height, rng.gauss(0, 0.04) * height) for _ in range(4)]
    quad: np.ndarray = moved @ np.asarray([[cos, sin], [-sin, cos]]) + middle
    return quad


def _gain(place: np.ndarray, seen: np.ndarray, rng: random.Random) -> float:
    """How bright the new plate must be made to lie in the light of the place."""
    old, new = (float(np.percentile(picture.max(2), 85)) for picture in (place, seen))
    gain = min(1.6, max(0.2, old / max(1.0, new))) * rng.uniform(0.8, 1.2)
    return float(gain)


def _blend(place: np.ndarray, seen: np.ndarray, mask: np.ndarray) -> None:
    weight = mask[:, :, None]
    place[:] = np.clip(place * (1 - weight) + seen * weight + 0.5, 0, 255).astype(np.uint8)
