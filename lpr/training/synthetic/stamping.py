"""Serials stamped into a plate, with what separates their groups."""

from __future__ import annotations

import math
import random

import cv2
import numpy as np

from lpr.training.synthetic.canvas import Canvas, Colour, random_colour
from lpr.training.synthetic.fonts import Die


def write_serial(
    canvas: Canvas,
    rng: random.Random,
    die: Die,
    text: str,
    box: tuple[float, float, float, float],
    colour: Colour,
    emblem_chance: float,
    stretch: tuple[float, float] = (0.75, 1.25),
    line: int | None = 0,
) -> None:
    """Stamp ``text`` (capitals, digits, separators) into ``box`` (x1, y1, x2, y2), its characters as high as the box.

    Separators are drawn as a gap, a hyphen, a dot or an emblem, whatever the text says. The characters' width
    is chosen within ``stretch`` and shrinks when the text would not fit. ``line`` is the serial's line that this
    is; None for characters that do not belong to it.
    """
    x1, y1, x2, y2 = box
    height = max(6, round(y2 - y1))
    scale = height / next(iter(die.masks.values())).shape[0]
    widen = rng.uniform(*stretch)
    gap = rng.uniform(0.06, 0.22) * height
    pitch = rng.uniform(0.5, 0.75) * height * widen if rng.random() < 0.5 else 0.0  # equal places, as most dies have
    masks = _die_of_its_own(die, rng)
    parts: list[tuple[str, float]] = []
    for c in text:
        if c in masks:
            own = masks[c].shape[1] * scale * widen
            parts.append((c, max(own, pitch) + gap if pitch else own + gap))
        elif c == " ":
            parts.append((" ", rng.uniform(0.2, 0.6) * height))
        else:
            parts.append(("-", rng.uniform(0.3, 0.5) * height))
    total = sum(width for _, width in parts) - gap
    squeeze = min(1.0, (x2 - x1) / max(1.0, total))
    x = x1 + ((x2 - x1) - total * squeeze) * rng.choice((0.5, 0.5, 0.5, rng.random()))
    weight = rng.choice((0, 0, 0, 0, 1, -1))
    for c, place in parts:
        place *= squeeze
        if c in masks:
            width = max(2, round(masks[c].shape[1] * scale * widen * squeeze))
            mask = cv2.resize(masks[c], (width, height), interpolation=cv2.INTER_AREA)
            if weight:
                kernel = np.ones((2, 2), np.uint8)
                mask = cv2.dilate(mask, kernel) if weight > 0 else cv2.erode(mask, kernel)
            left = x + max(0.0, (place - gap * squeeze - width) / 2)
            canvas.stamp(mask, round(left), round(y1), colour)
            if line is not None:
                canvas.serial.append((left + width / 2, (y1 + y2) / 2, line))
        else:
            _separate(canvas, rng, c, (x - gap * squeeze / 2, y1, x + place - gap * squeeze, y2), colour, emblem_chance)
        x += place


def _die_of_its_own(die: Die, rng: random.Random) -> dict[str, np.ndarray]:
    """The face's glyphs as another workshop would cut them: some narrower, some wider, the same all over a plate."""
    if rng.random() < 0.35:
        return die.masks
    masks = {}
    for c, mask in die.masks.items():
        if c == "G" and rng.random() < 0.45:
            mask = die.plain_g
        narrow = rng.uniform(0.5, 1.0) if c in "I1" else math.exp(rng.gauss(0, 0.09))
        masks[c] = mask if 0.95 < narrow < 1.05 else _as_wide(mask, narrow)
    return masks


def _as_wide(mask: np.ndarray, share: float) -> np.ndarray:
    height, width = mask.shape
    return cv2.resize(mask, (max(3, round(width * share)), height), interpolation=cv2.INTER_LINEAR)


def _separate(
    canvas: Canvas,
    rng: random.Random,
    kind: str,
    box: tuple[float, float, float, float],
    colour: Colour,
    emblem_chance: float,
) -> None:
    x1, y1, x2, y2 = box
    height = y2 - y1
    if rng.random() < emblem_chance:
        own = colour if rng.random() < 0.5 else random_colour(rng)
        tall = rng.uniform(0.3, 1.0) * height / 2
        middle = y1 + height * rng.uniform(0.35, 0.65)
        canvas.emblem(rng, (x1, middle - tall, x2, middle + tall), own)
    elif kind == "-":
        middle = y1 + height * rng.uniform(0.42, 0.58)
        if rng.random() < 0.6:
            half = max(1.0, height * rng.uniform(0.03, 0.07))
            canvas.fill(x1 + (x2 - x1) * 0.15, middle - half, x2 - (x2 - x1) * 0.1, middle + half, colour)
        else:
            cv2.circle(
                canvas.image,
                (round((x1 + x2) / 2), round(middle)),
                max(1, round(height * 0.06)),
                colour,
                -1,
                cv2.LINE_AA,
            )
