"""A drawn plate, and what every layout does to make one."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np

from lpr.normalize import normalize
from lpr.training.synthetic.canvas import Canvas, Colour


@dataclass(frozen=True)
class Plate:
    """A drawn plate, square to the viewer: ``image`` height × width × 3, uint8, BGR; ``text`` normalized.

    ``places`` has the centre x, y (pixels) and the line (0 upper, 1 lower) of each character of ``text``.
    """

    image: np.ndarray
    text: str
    places: tuple[tuple[float, float, int], ...]


def finish(canvas: Canvas, text: str) -> Plate:
    """The canvas as a plate that says ``text``."""
    return Plate(np.clip(canvas.image, 0, 255).astype(np.uint8), normalize(text), tuple(canvas.serial))


def near(rng: random.Random, pair: tuple[Colour, Colour]) -> tuple[Colour, Colour]:
    """Ground and ink a little off, as batches of paint and years in the sun make them."""

    def one(colour: Colour) -> Colour:
        b, g, r = (min(255, max(0, c + rng.randint(-25, 15))) for c in colour)
        return b, g, r

    return one(pair[0]), one(pair[1])
