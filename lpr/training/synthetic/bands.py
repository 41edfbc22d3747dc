"""Plates of Europe with their countries' letters in the band, and ends that only look like one, in colour.

What the band shows, and where, follows the countries' own rules as Wikipedia's article on each country's plates gives
them, and photos: letters under a ring of stars; under a flag in older and in other countries' bands.
"""

from __future__ import annotations

import math
import random

import cv2
import numpy as np

from lpr.training.synthetic import designs, serials
from lpr.training.synthetic.canvas import Canvas, Colour, random_colour
from lpr.training.synthetic.designs import BLACK, WHITE
from lpr.training.synthetic.fonts import Die, Lettering
from lpr.training.synthetic.plate import near
from lpr.training.synthetic.stamping import write_serial

_RED, _YELLOW, _GREEN, _BLUE, _ORANGE = (40, 30, 200), (40, 205, 240), (60, 130, 30), (150, 60, 20), (30, 120, 240)
#: Code → what stands in the band, and the stripes of the flag that may stand over it instead of the stars.
#: Stripes lie one above the other, or side by side where the first is "|".
BANDS: dict[str, tuple[tuple[str, ...], tuple[object, ...]]] = {
    "at": (("A",), ()), "be": (("B",), ()), "bg": (("BG",), (WHITE, _GREEN, _RED)), "cy": (("CY",), ()),
    "cz": (("CZ",), ()), "de": (("D",), ()), "dk": (("DK",), ()), "ee": (("EST",), ()), "es": (("E",), ()),
    "fi": (("FIN",), ()), "fr": (("F",), ()), "gr": (("GR",), ()), "hr": (("HR",), ()),
    "hu": (("H",), (_RED, WHITE, _GREEN)), "ie": (("IRL",), ()), "it": (("I",), ()),
    "lt": (("LT",), (_YELLOW, _GREEN, _RED)), "lu": (("L",), ()), "lv": (("LV",), (_RED, WHITE, _RED)),
    "mt": (("M",), ()), "nl": (("NL",), ()), "pl": (("PL",), (WHITE, _RED)), "pt": (("P",), ()),
    "ro": (("RO",), ("|", _BLUE, _YELLOW, _RED)), "se": (("S",), ()), "si": (("SLO",), ()), "sk": (("SK",), ()),
    "gb": (("GB", "GB", "UK", "ENG", "SCO", "CYM"), ("cross", WHITE, _RED)), "no": (("N",), ("cross", _RED, WHITE)),
    "ua": (("UA",), (_BLUE, _YELLOW)), "tr": (("TR",), ("plain",)), "rs": (("SRB",), ("plain",)),
    "ba": (("BIH",), ("plain",)), "me": (("MNE",), ("plain",)), "mk": (("MK", "NMK"), ("plain",)),
    "al": (("AL",), ("plain",)), "md": (("MD",), ("|", _BLUE, _YELLOW, _RED)),
}  # fmt: skip
#: Countries with stars in the band; what others have is their flag, or the letters alone.
_STARRED = frozenset("at be bg cy cz de dk ee es fi fr gr hr hu ie it lt lu lv mt nl pl pt ro se si sk gb".split())
#: What else stands in a field at the left end: no country of the above.
_OTHERWISE = (
    "", "", "", "USA", "GE", "AM", "AZ", "KZ", "RUS", "RKS", "MA", "DZ", "EUR", "12", "2", "08", "FO", "GBM", "GBJ",
    "FL", "75", "97", "WA", "IND", "BR", "RA", "VIP", "TAXI", "CD",
)  # fmt: skip


class BandedPlates:
    """Draws plates with a country's letters, or with none; all chance comes from the ``rng`` that is passed in."""

    def __init__(self, dies: list[Die], letterings: list[Lettering]) -> None:
        self._dies, self._letterings = dies, letterings

    def draw(self, code: str, rng: random.Random) -> np.ndarray:
        """A plate square to the viewer, height × width × 3, uint8, BGR; ``code`` is a key of BANDS, or "none"."""
        two_lines = rng.random() < 0.15
        ground, ink = near(rng, rng.choice(designs.EU_COLOURS))
        height = 96
        canvas = Canvas(round(height * (rng.uniform(1.3, 1.6) if two_lines else rng.uniform(4.0, 5.0))), height, ground)
        # Of plates of two lines the band is beside the upper one; both are drawn in the same number of pixels.
        deep = rng.uniform(0.48, 0.62) * height if two_lines else float(height)
        wide = deep * rng.uniform(0.34, 0.5)
        left = 0.02 * canvas.width
        if code in BANDS:
            left = self._band(canvas, code, wide, deep, rng)
        elif rng.random() < 0.55:
            left = self._otherwise(canvas, wide, deep, rng)
        if rng.random() < 0.25 and not two_lines:
            canvas.fill(canvas.width - wide, 0, canvas.width, height, _band_colour(rng))
        if rng.random() < 0.6:
            canvas.border(rng, ink if rng.random() < 0.7 else rng.choice((_RED, _GREEN, BLACK)))
        self._serial(canvas, left, ink, two_lines, rng)
        canvas.press(rng, bolted=0.3)
        image = np.clip(canvas.image, 0, 255).astype(np.uint8)
        return _framed(image, rng) if rng.random() < 0.35 else image

    def _serial(self, canvas: Canvas, left: float, ink: Colour, two_lines: bool, rng: random.Random) -> None:
        height, right = canvas.height, 0.97 * canvas.width
        text = serials.serial(rng, serials.EU if rng.random() < 0.8 else serials.UK)
        die = rng.choice(self._dies)
        if two_lines:
            half = max(1, len(text) // 2)
            write_serial(canvas, rng, die, text[:half], (left + 3, 8, right, 0.46 * height), ink, 0.2)
            write_serial(canvas, rng, die, text[half:], (5, 0.54 * height, right, 0.92 * height), ink, 0.2)
        else:
            top, bottom = rng.uniform(0.1, 0.2) * height, rng.uniform(0.8, 0.9) * height
            gap = rng.uniform(0.01, 0.04) * canvas.width
            write_serial(canvas, rng, die, text, (left + gap, top, right, bottom), ink, 0.3, (0.85, 1.3))

    def _band(self, canvas: Canvas, code: str, wide: float, deep: float, rng: random.Random) -> float:
        """The band with the letters of ``code``; returns where it ends."""
        words, flag = BANDS[code]
        plain = rng.random() < 0.04  # older plates: letters in the plate's own colours
        colour = _plate_colour(canvas) if plain else _band_colour(rng)
        canvas.fill(0, 0, wide, deep, colour)
        light = sum(colour) > 450
        ink = BLACK if light else WHITE if rng.random() < 0.93 else _YELLOW
        under = rng.uniform(0.55, 0.68) * deep
        flagged = bool(flag) and (code not in _STARRED or rng.random() < 0.4)
        area = (0.18 * wide, 0.1 * deep, 0.82 * wide, under - 0.08 * deep)
        if flagged:
            _flag(canvas, area, flag, rng)
        elif rng.random() < 0.95:
            stars(canvas, area, _YELLOW if not light else _BLUE, rng)
        word = rng.choice(words)
        high = rng.uniform(0.16, 0.24) * deep * (rng.uniform(1.0, 1.6) if len(word) == 1 else 1.0)
        top = min(under + rng.uniform(0, 0.12) * deep, deep - high - 0.04 * deep)
        side = rng.uniform(0.04, 0.14) * wide
        letters = rng.choice(self._letterings)
        canvas.small_print(letters, word, (side, top, wide - side, top + high), ink)
        return wide

    def _otherwise(self, canvas: Canvas, wide: float, deep: float, rng: random.Random) -> float:
        """A field that names no country: stars alone, a sticker, a shield, another word; returns where it ends."""
        kind = rng.random()
        if kind < 0.6:
            colour = _band_colour(rng) if rng.random() < 0.6 else random_colour(rng)
            canvas.fill(0, 0, wide, deep, colour)
            if rng.random() < 0.5:
                stars(canvas, (0.18 * wide, 0.1 * deep, 0.82 * wide, 0.9 * deep), _YELLOW, rng)
            word = rng.choice(_OTHERWISE)
            if word:
                high, top = rng.uniform(0.16, 0.3) * deep, rng.uniform(0.3, 0.66) * deep
                canvas.small_print(rng.choice(self._letterings), word, (1, top, wide - 1, top + high), WHITE)
        elif kind < 0.8:
            canvas.emblem(rng, (0.1 * wide, 0.15 * deep, 0.9 * wide, 0.7 * deep), random_colour(rng))
        else:
            top = rng.uniform(0.05, 0.5) * deep
            canvas.fill(0.15 * wide, top, 0.85 * wide, top + 0.4 * deep, random_colour(rng))
            word = rng.choice(("12", "5", "97", "08", "B", "CAR", "OK"))
            canvas.small_print(
                rng.choice(self._letterings),
                word,
                (0.2 * wide, top + 2, 0.8 * wide, top + 0.36 * deep),
                random_colour(rng),
            )
        return wide


def stars(canvas: Canvas, area: tuple[float, float, float, float], colour: Colour, rng: random.Random) -> None:
    """A ring of twelve stars within ``area`` (x1, y1, x2, y2)."""
    x1, y1, x2, y2 = area
    radius = min(x2 - x1, y2 - y1) / 2 * rng.uniform(0.8, 1.05)
    size = max(1, round(radius * rng.uniform(0.1, 0.2)))
    for k in range(12):
        turn = math.pi * k / 6
        place = round((x1 + x2) / 2 + radius * math.sin(turn)), round((y1 + y2) / 2 - radius * math.cos(turn))
        cv2.circle(canvas.image, place, size, colour, -1, cv2.LINE_AA)


def _flag(
    canvas: Canvas, area: tuple[float, float, float, float], flag: tuple[object, ...], rng: random.Random
) -> None:
    x1, y1, x2, y2 = area
    y2 = min(y2, y1 + (x2 - x1) * rng.uniform(0.6, 0.9))
    if flag[0] == "plain":
        return
    colours = [c for c in flag if isinstance(c, tuple)]
    if flag[0] == "cross":
        canvas.fill(x1, y1, x2, y2, colours[0])
        thick = (y2 - y1) * 0.16
        middle = (x1 + x2) / 2 if colours[0] == WHITE else x1 + 0.38 * (x2 - x1)
        canvas.fill(middle - thick, y1, middle + thick, y2, colours[1])
        canvas.fill(x1, (y1 + y2) / 2 - thick, x2, (y1 + y2) / 2 + thick, colours[1])
        return
    for k, colour in enumerate(colours):
        start, end = k / len(colours), (k + 1) / len(colours)
        if flag[0] == "|":
            canvas.fill(x1 + start * (x2 - x1), y1, x1 + end * (x2 - x1), y2, colour)
        else:
            canvas.fill(x1, y1 + start * (y2 - y1), x2, y1 + end * (y2 - y1), colour)


def _band_colour(rng: random.Random) -> Colour:
    """Blue as it is painted, and as it fades."""
    return rng.randint(100, 235), rng.randint(35, 150), rng.randint(0, 70)


def _plate_colour(canvas: Canvas) -> Colour:
    b, g, r = (int(v) for v in canvas.image[canvas.height // 2, canvas.width // 2])
    return b, g, r


def _framed(image: np.ndarray, rng: random.Random) -> np.ndarray:
    """In a dealer's frame, or a holder's edge."""
    edge = [rng.randint(1, 8) for _ in range(4)]
    tone = rng.choice((15, 30, 60, 190, 235))
    return cv2.copyMakeBorder(image, edge[0], edge[1], edge[2], edge[3], cv2.BORDER_CONSTANT, value=(tone, tone, tone))
