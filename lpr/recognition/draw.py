"""Drawing what was read into a copy of the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from lpr.plates import Box

# RGB. Read, possible hit, and the label's ground and letters; amber and green differ for the colour-blind too.
_READ, _HIT, _GROUND, _LETTERS = (72, 214, 120), (255, 176, 0), (18, 20, 24), (255, 255, 255)


@dataclass(frozen=True)
class Mark:
    """A plate to draw. ``note`` stands under the text, for example the list that may hold the plate."""

    box: Box
    text: str
    confidence: float
    note: str = ""


def annotate(image: np.ndarray, marks: Sequence[Mark]) -> np.ndarray:
    """A copy of ``image`` (height × width × 3, uint8, BGR) with ``marks``: box, text and confidence on a dark ground.

    Lines and letters grow with the picture. A mark with a note is amber, others are green.
    """
    picture = Image.fromarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
    drawing = ImageDraw.Draw(picture)
    short = min(picture.size)
    line = max(2, round(short / 270))
    large, small = ImageFont.load_default(max(13, short / 24)), ImageFont.load_default(max(10, short / 40))
    taken: list[Box] = []
    for mark in sorted(marks, key=lambda m: m.box.y1):
        colour = _HIT if mark.note else _READ
        box = mark.box
        around = (box.x1 - line, box.y1 - line, box.x2 + line - 1, box.y2 + line - 1)
        drawing.rectangle(around, outline=colour, width=line)
        taken.append(_label(drawing, mark, colour, line, (large, small), picture.size, taken))
    return cv2.cvtColor(np.asarray(picture), cv2.COLOR_RGB2BGR)


_Fonts = tuple["ImageFont.FreeTypeFont | ImageFont.ImageFont", "ImageFont.FreeTypeFont | ImageFont.ImageFont"]


def _label(
    drawing: ImageDraw.ImageDraw,
    mark: Mark,
    colour: tuple[int, int, int],
    line: int,
    fonts: _Fonts,
    size: tuple[int, int],
    taken: Sequence[Box],
) -> Box:
    """Write the mark's label near its box and return where it lies."""
    large, small = fonts
    percent = f"{int(100 * mark.confidence)}%"  # rounded down: 99.6 % is not certainty
    gap = 3 * line
    left, top, right, bottom = drawing.textbbox((0, 0), mark.text, font=large)
    text_width, text_height = right - left, bottom - top
    percent_width = drawing.textlength(percent, font=small)
    note_box = drawing.textbbox((0, 0), mark.note, font=small) if mark.note else (0, 0, 0, 0)
    note_width, note_height = note_box[2] - note_box[0], note_box[3] - note_box[1]
    width = int(max(text_width + gap + percent_width, note_width) + 2 * gap)
    height = int(text_height + 2 * gap + (note_height + gap if mark.note else 0))
    place = _place(mark.box, width, height, line, size, taken)
    drawing.rectangle((place.x1, place.y1, place.x2 - 1, place.y2 - 1), fill=_GROUND)
    drawing.rectangle((place.x1, place.y1, place.x1 + line - 1, place.y2 - 1), fill=colour)
    x, baseline = place.x1 + gap + line, place.y1 + gap + text_height
    drawing.text((x - left, place.y1 + gap - top), mark.text, font=large, fill=_LETTERS)
    drawing.text((x + text_width + gap, baseline), percent, font=small, fill=colour, anchor="ls")
    if mark.note:
        drawing.text((x - note_box[0], baseline + gap - note_box[1]), mark.note, font=small, fill=colour)
    return place


def _place(box: Box, width: int, height: int, line: int, size: tuple[int, int], taken: Sequence[Box]) -> Box:
    """Where a label of this size goes: above the box, else below it, inside the picture and clear of other labels."""
    x = max(0, min(box.x1 - line, size[0] - width))
    above, below = box.y1 - 2 * line - height, box.y2 + 2 * line
    choices = [Box(x, y, x + width, y + height) for y in (above, below, above - height, below + height)]
    inside = [c for c in choices if c.y1 >= 0 and c.y2 <= size[1]]
    clear = [c for c in inside if all(c.overlap(other) == 0.0 for other in taken)]
    if clear or inside:
        return (clear or inside)[0]
    return Box(x, 0, x + width, height)
