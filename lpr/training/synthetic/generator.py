"""The generator: from a folder of fonts and a seed to endless pictures of plates as the reader gets them."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lpr.recognition.crop import prepare
from lpr.training.synthetic import camera
from lpr.training.synthetic.fonts import load_fonts
from lpr.training.synthetic.layouts import Draughtsman

#: Widths of plates in their photos, pixels; drawn log-uniformly between them.
NARROWEST, WIDEST = 26, 260
#: Below this width no plate of difficulty 0 is drawn.
EASY_WIDTH = 140


@dataclass(frozen=True)
class SyntheticCrop:
    """``image``: INPUT_HEIGHT × INPUT_WIDTH, grey, uint8 (see ``lpr.recognition.crop``).

    ``places`` has where each character of ``text`` stands: its centre across the picture, 0 to 1, and its line.
    """

    image: np.ndarray
    text: str
    places: tuple[tuple[float, int], ...]


class PlateGenerator:
    """Makes plates without end; the same fonts and seed give the same plates.

    Raises DatasetError when ``fonts`` holds no usable font.
    """

    def __init__(self, fonts: Path, seed: int) -> None:
        self._rng = random.Random(seed)
        self._draughtsman = Draughtsman(*load_fonts(fonts))

    def crop(self, difficulty: float = 1.0) -> SyntheticCrop:
        """One plate as the reader gets it; ``difficulty`` 0 is large, square to the viewer and well lit."""
        plate = self._draughtsman.draw(self._rng)
        narrowest = NARROWEST if plate.image.shape[1] < 2.2 * plate.image.shape[0] else NARROWEST * 1.4
        narrowest += (EASY_WIDTH - narrowest) * (1 - difficulty)
        width = math.exp(self._rng.uniform(math.log(narrowest), math.log(WIDEST)))
        centres = np.asarray([(x, y) for x, y, _ in plate.places])
        picture, seen = camera.photograph(plate.image, centres, self._rng, width, difficulty)
        lines = (line for _, _, line in plate.places)
        places = tuple((float(x), line) for (x, _), line in zip(seen, lines, strict=True))
        return SyntheticCrop(prepare(picture), plate.text, places)
