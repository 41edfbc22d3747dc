"""One picture of an evaluation: whether to trust the confidence, what a threshold costs, and the worst failures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from lpr.errors import DatasetError
from lpr.plates import Box
from lpr.training.dataset import picture_of
from lpr.training.score import accept_curve, calibration_error, reliability

if TYPE_CHECKING:
    from lpr.training.evaluate import Evaluation, Miss

#: Failures shown, and how many beside each other.
MOST, COLUMNS = 60, 6
#: Size of the two diagrams and of a failure's picture, pixels; around a plate this share of its size is shown.
_PLOT, _CELL, _AROUND = (440, 300), (210, 105), 0.25
#: Height of what is written below a failure's picture, the gap to the next row included.
_WRITING = 68
_GROUND, _INK, _FAINT, _GRID = (250, 250, 248), (28, 30, 36), (120, 124, 132), (224, 226, 228)
_BLUE, _ORANGE = (38, 98, 173), (214, 106, 18)
_GAP, _MARGIN = 18, 28
# Thresholds of the accept curve: enough that steps do not show.
_STEPS = 200


def worst(misses: Sequence[Miss], most: int = MOST) -> list[Miss]:
    """Confident misreads first, then what was read and not believed or not found, the widest plates first."""

    def rank(miss: Miss) -> tuple[int, float]:
        width = miss.box[2] - miss.box[0]
        return (0, -(miss.confidence or 0.0)) if miss.why == "misread" else (1, -width)

    return sorted(misses, key=rank)[:most]


def write_sheet(result: Evaluation, path: Path, title: str) -> int:
    """Write the sheet of ``result`` to ``path`` (its ending tells the format); how many failures it shows.

    Raises DatasetError when the file cannot be written or a picture not be read.
    """
    shown = worst(result.misses)
    rows = -(-len(shown) // COLUMNS)
    width = 2 * _MARGIN + COLUMNS * _CELL[0] + (COLUMNS - 1) * _GAP
    top = 84 + _PLOT[1] + 76
    picture = Image.new("RGB", (width, top + rows * (_CELL[1] + _WRITING) + _MARGIN), _GROUND)
    drawing = ImageDraw.Draw(picture)
    drawing.text((_MARGIN, 18), title, _INK, ImageFont.load_default(24))
    _reliability(drawing, (_MARGIN + 46, 84), result)
    _accepting(drawing, (_MARGIN + 46 + _PLOT[0] + 130, 84), result)
    told = f"The worst {len(shown)} of {len(result.misses)} failures" if shown else "No failures"
    drawing.text((_MARGIN, top - 34), told, _INK, ImageFont.load_default(20))
    for number, miss in enumerate(shown):
        x = _MARGIN + number % COLUMNS * (_CELL[0] + _GAP)
        _failure(picture, drawing, miss, (x, top + number // COLUMNS * (_CELL[1] + _WRITING)))
    try:
        picture.save(path)
    except (OSError, ValueError, KeyError) as error:
        raise DatasetError(f"cannot write {path}: {error}; name a file that ends in .png, .jpg or .webp") from error
    return len(shown)


def _failure(picture: Image.Image, drawing: ImageDraw.ImageDraw, miss: Miss, at: tuple[int, int]) -> None:
    image = picture_of(miss.image)
    box = Box(*(round(value) for value in miss.box)).padded(_AROUND, _AROUND).clipped(image.shape[1], image.shape[0])
    if box.area:
        part = Image.fromarray(np.ascontiguousarray(image[box.y1 : box.y2, box.x1 : box.x2, ::-1]))
        scale = min(_CELL[0] / part.width, _CELL[1] / part.height)
        size = max(1, round(part.width * scale)), max(1, round(part.height * scale))
        part = part.resize(size, Image.Resampling.BICUBIC)
        picture.paste(part, (at[0] + (_CELL[0] - size[0]) // 2, at[1] + (_CELL[1] - size[1]) // 2))
    drawing.rectangle((*at, at[0] + _CELL[0], at[1] + _CELL[1]), outline=_GRID)
    below = at[1] + _CELL[1]
    drawing.text((at[0], below + 3), miss.text, _INK, ImageFont.load_default(16))
    said = miss.why
    if miss.why == "misread":
        sure = "" if miss.confidence is None else f"  {100 * miss.confidence:.0f} %"
        said = f"read {miss.read}{sure}"
    drawing.text((at[0], below + 22), said, _ORANGE, ImageFont.load_default(14))
    about = f"{miss.box[2] - miss.box[0]:.0f} px wide, {miss.image.stem}"
    drawing.text((at[0], below + 40), about[:36], _FAINT, ImageFont.load_default(11))


def _reliability(drawing: ImageDraw.ImageDraw, at: tuple[int, int], result: Evaluation) -> None:
    """Confidence across, share right upward; the 95 % interval of each bin, and how many reads it holds."""
    error = calibration_error(result.confidences)
    told = "" if error is None else f"calibration error {error:.3f}, "
    _axes(drawing, at, "Share right against confidence", f"{told}{len(result.confidences)} reads; bars: 95 %", 1.0)
    drawing.line((*_point(at, 0, 0), *_point(at, 1, 1)), _FAINT, 1)
    for group in reliability(result.confidences):
        value = group.right.value or 0.0
        low, high = group.right.interval()
        x, y = _point(at, group.confidence, value)
        left, right = _point(at, group.low, 0)[0] + 3, _point(at, group.high, 0)[0] - 3
        drawing.rectangle((left, y, right, at[1] + _PLOT[1]), (203, 219, 238))
        drawing.line((x, _point(at, 0, low)[1], x, _point(at, 0, high)[1]), _BLUE, 2)
        drawing.ellipse((x - 4, y - 4, x + 4, y + 4), _BLUE)
        _centred(drawing, ((left + right) / 2, at[1] + _PLOT[1] - 14), str(group.right.of), _FAINT, 11)


def _accepting(drawing: ImageDraw.ImageDraw, at: tuple[int, int], result: Evaluation) -> None:
    """Share of plates accepted across, share wrong among them upward, as the threshold falls from 1 to 0."""
    points = accept_curve(result.confidences, result.readable, [k / _STEPS for k in range(_STEPS + 1)])
    known = [(p.accepted.value or 0.0, p.wrong.value or 0.0, p.threshold) for p in points if p.accepted.right]
    highest = max(0.05, min(1.0, 1.15 * max((wrong for _, wrong, _ in known), default=0.0)))
    _axes(drawing, at, "Wrong among accepted against share accepted", "marks: accepted from this confidence", highest)
    line = [_point(at, accepted, wrong / highest) for accepted, wrong, _ in known]
    if len(line) > 1:
        drawing.line([value for point in line for value in point], _ORANGE, 2)
    for threshold in (0.0, 0.4, 0.6, 0.8, 0.9, 0.95, 0.99):
        near = [k for k in known if abs(k[2] - threshold) < 0.5 / _STEPS]
        if near:
            x, y = _point(at, near[0][0], near[0][1] / highest)
            drawing.ellipse((x - 3, y - 3, x + 3, y + 3), _ORANGE)
            drawing.text((x - 30, y - 14), f"{threshold:g}", _INK, ImageFont.load_default(12))


def _axes(drawing: ImageDraw.ImageDraw, at: tuple[int, int], title: str, note: str, highest: float) -> None:
    x, y = at
    drawing.rectangle((x, y, x + _PLOT[0], y + _PLOT[1]), (255, 255, 255), _GRID)
    drawing.text((x, y - 24), title, _INK, ImageFont.load_default(16))
    drawing.text((x, y + _PLOT[1] + 22), note, _FAINT, ImageFont.load_default(12))
    for k in range(6):
        share = k / 5
        px, py = _point(at, share, share)
        drawing.line((x, py, x + _PLOT[0], py), _GRID)
        drawing.line((px, y, px, y + _PLOT[1]), _GRID)
        _centred(drawing, (px, y + _PLOT[1] + 12), f"{share:g}", _FAINT, 12)
        written = f"{100 * share * highest:.3g} %"
        drawing.text((x - 44, py - 8), written, _FAINT, ImageFont.load_default(12))


def _point(at: tuple[int, int], across: float, upward: float) -> tuple[float, float]:
    return at[0] + across * _PLOT[0], at[1] + (1 - upward) * _PLOT[1]


def _centred(
    drawing: ImageDraw.ImageDraw, at: tuple[float, float], text: str, colour: tuple[int, int, int], size: int
) -> None:
    font = ImageFont.load_default(size)
    left, top, right, bottom = drawing.textbbox((0, 0), text, font)
    drawing.text((at[0] - (right - left) / 2, at[1] - (bottom - top) / 2 - top), text, colour, font)
