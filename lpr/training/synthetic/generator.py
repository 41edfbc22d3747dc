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
    """``image``: INPUT_HEIGHT × INPUT_WIDTH, grey, uint8 (see ``lpr.recognition.crop``); ``text`` may be empty."""

    image: np.ndarray
    text: str


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
        return SyntheticCrop(prepare(camera.photograph(plate.image, self._rng, width, difficulty)), plate.text)
