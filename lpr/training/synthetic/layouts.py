"""Layouts: what a plate of each family looks like, drawn from the tables of serials and colours."""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lpr.normalize import normalize
from lpr.training.synthetic import designs, serials
from lpr.training.synthetic.canvas import Canvas, Colour, random_colour
from lpr.training.synthetic.designs import BLACK, WHITE
from lpr.training.synthetic.fonts import Die, Lettering
from lpr.training.synthetic.stamping import write_serial


@dataclass(frozen=True)
class Plate:
    """A drawn plate, square to the viewer: ``image`` height × width × 3, uint8, BGR; ``text`` normalized.

    ``places`` has the centre x, y (pixels) and the line (0 upper, 1 lower) of each character of ``text``.
    """

    image: np.ndarray
    text: str
    places: tuple[tuple[float, float, int], ...]


class Draughtsman:
    """Draws plates of every family with the given fonts; all chance comes from the ``rng`` that is passed in."""

    def __init__(self, dies: list[Die], letterings: list[Lettering]) -> None:
        self._dies = dies
        self._letterings = letterings
        families: tuple[tuple[Callable[[random.Random], Plate], float], ...] = (
            (self._us, 36), (self._eu, 19), (self._uk, 7), (self._brazil, 9), (self._two_line, 18),
            (self._russia, 3), (self._india, 3), (self._any, 8),
        )  # fmt: skip
        self._families = [family for family, _ in families]
        self._weights = [weight for _, weight in families]

    def draw(self, rng: random.Random) -> Plate:
        return rng.choices(self._families, self._weights)[0](rng)

    def _us(self, rng: random.Random) -> Plate:
        ground, ink = _jitter(rng, rng.choice(designs.US_COLOURS))
        width, height = 256, round(256 / rng.uniform(1.85, 2.15))
        canvas = Canvas(width, height, ground)
        if rng.random() < 0.5:
            canvas.graphic(rng, [random_colour(rng) for _ in range(3)])
        if rng.random() < 0.6:
            canvas.border(rng, ink)
        top = rng.uniform(0.2, 0.3) * height
        bottom = height * (1 - rng.uniform(0.1, 0.24))
        header_ink = ink if rng.random() < 0.5 else random_colour(rng)
        if rng.random() < 0.92:
            inset = rng.uniform(0.08, 0.25) * width
            canvas.small_print(
                self._lettering(rng),
                rng.choice(designs.STATES),
                (inset, height * 0.04, width - inset, top * rng.uniform(0.75, 0.95)),
                header_ink,
            )
        if rng.random() < 0.75:
            inset = rng.uniform(0.1, 0.3) * width
            canvas.small_print(
                self._lettering(rng),
                rng.choice(designs.SLOGANS),
                (inset, bottom + (height - bottom) * 0.2, width - inset, height * 0.96),
                header_ink,
            )
        text = (
            serials.vanity(rng) if rng.random() < 0.25 else serials.serial(rng, serials.US + serials.CANADA_MEXICO_AU)
        )
        left, right = rng.uniform(0.02, 0.1) * width, width * (1 - rng.uniform(0.02, 0.1))
        if rng.random() < 0.18:  # a specialty plate's picture takes one side
            share = rng.uniform(0.14, 0.26) * width
            at_left = rng.random() < 0.75
            x1 = left if at_left else right - share
            place = (x1, top * 0.9, x1 + share * 0.9, bottom)
            if rng.random() < 0.4:
                self._words(canvas, rng, place)
            else:
                canvas.emblem(rng, place, random_colour(rng))
            left, right = (left + share, right) if at_left else (left, right - share)
        if rng.random() < 0.1:  # stacked letters beside the serial: the convention of the labels leaves them out
            left = self._stack(canvas, rng, left, top, bottom, ink)
        write_serial(canvas, rng, self._die(rng), text, (left, top, right, bottom), ink, 0.45)
        self._stickers(canvas, rng)
        canvas.emboss(rng)
        if rng.random() < 0.5:
            canvas.bolts(rng)
        plate = _finish(canvas, text)
        return self._dealer_frame(rng, plate) if rng.random() < 0.3 else plate

    def _eu(self, rng: random.Random) -> Plate:
        ground, ink = _jitter(rng, rng.choice(designs.EU_COLOURS))
        height = 72
        width = round(height * rng.uniform(4.0, 4.9))
        canvas = Canvas(width, height, ground)
        left, right = 0.02 * width, 0.98 * width
        if rng.random() < 0.7:
            left = self._band(canvas, rng, 0, 0.085 * width)
        if rng.random() < 0.15:
            right = width - 0.08 * width
            self._band(canvas, rng, right, width)
        if rng.random() < 0.7:
            canvas.border(rng, ink if rng.random() < 0.8 else (30, 30, 180))
        text = serials.serial(rng, serials.EU)
        top, bottom = rng.uniform(0.1, 0.2) * height, height * (1 - rng.uniform(0.1, 0.2))
        if rng.random() < 0.12:  # a tax sticker or a category's small digit beside the serial
            right -= 0.07 * width
            self._sticker(canvas, rng, right, rng.uniform(top, height / 2), 0.055 * width, 0.3 * height)
        write_serial(
            canvas,
            rng,
            self._die(rng),
            text,
            (left + 0.02 * width, top, right - 0.01 * width, bottom),
            ink,
            0.4,
            (0.85, 1.3),
        )
        canvas.emboss(rng)
        if rng.random() < 0.3:
            canvas.bolts(rng)
        plate = _finish(canvas, text)
        return self._dealer_frame(rng, plate) if rng.random() < 0.25 else plate

    def _uk(self, rng: random.Random) -> Plate:
        ground, ink = _jitter(rng, rng.choice(((WHITE, BLACK), ((30, 200, 240), BLACK), (BLACK, WHITE))))
        height = 72
        canvas = Canvas(round(height * rng.uniform(4.2, 4.8)), height, ground)
        left = self._band(canvas, rng, 0, 0.07 * canvas.width) if rng.random() < 0.35 else 0.03 * canvas.width
        text = serials.serial(rng, serials.UK) if rng.random() < 0.85 else serials.vanity(rng, 7)
        bottom = 0.84 * height
        write_serial(
            canvas,
            rng,
            self._die(rng),
            text,
            (left + 4, 0.14 * height, 0.97 * canvas.width, bottom),
            ink,
            0.0,
            (0.9, 1.3),
        )
        if rng.random() < 0.5:
            middle = canvas.width * rng.uniform(0.3, 0.7)
            canvas.small_print(
                self._lettering(rng),
                rng.choice(designs.DEALERS),
                (middle - 50, 0.88 * height, middle + 50, 0.97 * height),
                ink,
            )
        return _finish(canvas, text)

    def _brazil(self, rng: random.Random) -> Plate:
        mercosur = rng.random() < 0.4
        height = 84
        canvas = Canvas(round(height * rng.uniform(2.8, 3.3)), height, WHITE)
        if mercosur:
            ink: Colour = BLACK if rng.random() < 0.8 else random_colour(rng)
            canvas.fill(0, 0, canvas.width, 0.24 * height, (150, 70, 20))
            canvas.small_print(
                self._lettering(rng),
                rng.choice(("BRASIL", "REPUBLICA ARGENTINA", "URUGUAY", "PARAGUAY")),
                (0.25 * canvas.width, 0.06 * height, 0.75 * canvas.width, 0.19 * height),
                WHITE,
            )
            text = serials.serial(rng, serials.MERCOSUR)
            box = (0.08 * canvas.width, 0.34 * height, 0.95 * canvas.width, 0.9 * height)
        else:
            ground, ink = _jitter(
                rng,
                rng.choice(
                    (
                        ((160, 160, 160), BLACK),
                        ((150, 150, 150), (40, 40, 40)),
                        ((40, 40, 150), WHITE),
                        (WHITE, (30, 30, 160)),
                    )
                ),
            )
            canvas.image[:] = ground
            where = "".join(rng.choices(string.ascii_uppercase, k=2)) + "-" + rng.choice(designs.TOWNS)
            canvas.small_print(
                self._lettering(rng), where, (0.3 * canvas.width, 0.06 * height, 0.7 * canvas.width, 0.2 * height), ink
            )
            text = serials.serial(rng, serials.BR_OLD)
            box = (0.06 * canvas.width, rng.uniform(0.24, 0.32) * height, 0.94 * canvas.width, 0.9 * height)
        write_serial(canvas, rng, self._die(rng), text, box, ink, 0.05, (0.8, 1.2))
        canvas.emboss(rng)
        if rng.random() < 0.5:
            canvas.bolts(rng)
        return _finish(canvas, text)

    def _two_line(self, rng: random.Random) -> Plate:
        ground, ink = _jitter(rng, rng.choice(designs.EU_COLOURS if rng.random() < 0.8 else designs.US_COLOURS))
        height = 128
        canvas = Canvas(round(height * rng.uniform(1.0, 2.0)), height, ground)
        left = 0.05 * canvas.width
        if rng.random() < 0.4:
            band = 0.14 * canvas.width
            self._band(canvas, rng, 0, band, deep=rng.uniform(0.4, 1.0))
            left = band if rng.random() < 0.5 else left
        if rng.random() < 0.6:
            canvas.border(rng, ink)
        text = serials.serial(rng, serials.TWO_LINE)
        if rng.random() < 0.15:
            whole = normalize(serials.anything(rng))
            text = f"{whole[: len(whole) // 2]}|{whole[len(whole) // 2 :]}"
        upper, lower = text.split("|")
        middle = rng.uniform(0.42, 0.56) * height
        right = 0.95 * canvas.width
        die = self._die(rng)
        upper_left = max(left, 0.16 * canvas.width) if rng.random() < 0.3 else left
        write_serial(
            canvas,
            rng,
            die,
            upper,
            (upper_left, rng.uniform(0.05, 0.12) * height, right, middle - 0.03 * height),
            ink,
            0.35,
            (0.8, 1.5),
        )
        write_serial(
            canvas,
            rng,
            die,
            lower,
            (left, middle + 0.03 * height, right, rng.uniform(0.88, 0.95) * height),
            ink,
            0.15,
            (0.8, 1.5),
            line=1,
        )
        canvas.emboss(rng)
        if rng.random() < 0.4:
            canvas.bolts(rng)
        return _finish(canvas, text)

    def _russia(self, rng: random.Random) -> Plate:
        height = 72
        canvas = Canvas(round(height * 4.6), height, _jitter(rng, (WHITE, BLACK))[0])
        text = serials.serial(rng, serials.RUSSIA)
        main, region = text.rsplit(" ", 1)
        part = 0.76 * canvas.width
        die = self._die(rng)
        write_serial(
            canvas,
            rng,
            die,
            main,
            (0.04 * canvas.width, 0.18 * height, part - 4, 0.84 * height),
            BLACK,
            0.0,
            (0.8, 1.3),
        )
        canvas.fill(part, 0, part + 2, height, BLACK)
        write_serial(canvas, rng, die, region, (part + 6, 0.1 * height, 0.97 * canvas.width, 0.62 * height), BLACK, 0.0)
        canvas.small_print(self._lettering(rng), "RUS", (part + 6, 0.72 * height, part + 34, 0.9 * height), BLACK)
        canvas.border(rng, BLACK)
        return _finish(canvas, text)

    def _india(self, rng: random.Random) -> Plate:
        ground, ink = _jitter(rng, rng.choice(((WHITE, BLACK), ((30, 200, 240), BLACK), (BLACK, (30, 200, 240)))))
        height = 72
        canvas = Canvas(round(height * rng.uniform(3.6, 4.6)), height, ground)
        text = serials.serial(rng, serials.INDIA)
        left = 0.03 * canvas.width
        if rng.random() < 0.6:
            canvas.emblem(rng, (2, 0.1 * height, 0.07 * canvas.width, 0.5 * height), (150, 120, 60))
            canvas.small_print(
                self._lettering(rng), "IND", (2, 0.6 * height, 0.07 * canvas.width, 0.85 * height), (160, 90, 30)
            )
            left = 0.08 * canvas.width
        write_serial(
            canvas, rng, self._die(rng), text, (left, 0.17 * height, 0.97 * canvas.width, 0.85 * height), ink, 0.0
        )
        if rng.random() < 0.5:
            canvas.border(rng, ink)
        return _finish(canvas, text)

    def _any(self, rng: random.Random) -> Plate:
        ground, ink = _jitter(rng, rng.choice(designs.EU_COLOURS + designs.US_COLOURS))
        height = 96
        canvas = Canvas(round(height * rng.uniform(1.7, 5.0)), height, ground)
        if rng.random() < 0.4:
            canvas.graphic(rng, [random_colour(rng) for _ in range(3)])
        if rng.random() < 0.5:
            canvas.border(rng, ink)
        text = serials.anything(rng)
        top, bottom = rng.uniform(0.08, 0.3) * height, rng.uniform(0.72, 0.92) * height
        write_serial(
            canvas,
            rng,
            self._die(rng),
            text,
            (rng.uniform(0.02, 0.1) * canvas.width, top, rng.uniform(0.9, 0.98) * canvas.width, bottom),
            ink,
            0.3,
        )
        for y1, y2 in ((0.01, top / height - 0.02), (bottom / height + 0.02, 0.99)):
            if rng.random() < 0.5 and y2 - y1 > 0.06:
                canvas.small_print(
                    self._lettering(rng),
                    rng.choice(designs.SLOGANS + designs.STATES),
                    (0.2 * canvas.width, y1 * height, 0.8 * canvas.width, y2 * height),
                    ink,
                )
        canvas.emboss(rng)
        if rng.random() < 0.4:
            canvas.bolts(rng)
        return _finish(canvas, text)

    def _die(self, rng: random.Random) -> Die:
        return rng.choice(self._dies)

    def _lettering(self, rng: random.Random) -> Lettering:
        return rng.choice(self._letterings)

    def _band(self, canvas: Canvas, rng: random.Random, x1: float, x2: float, deep: float = 1.0) -> float:
        """The blue field with stars and the country's letters; returns where it ends."""
        canvas.fill(x1, 0, x2, deep * canvas.height, (rng.randint(110, 190), rng.randint(40, 90), rng.randint(0, 40)))
        middle, step = (x1 + x2) / 2, (x2 - x1) * 0.32
        if rng.random() < 0.8:
            canvas.emblem(
                rng,
                (middle - step, 0.12 * deep * canvas.height, middle + step, 0.48 * deep * canvas.height),
                (40, 200, 230),
            )
        canvas.small_print(
            self._lettering(rng),
            rng.choice(designs.BANDS),
            (x1 + 1, 0.6 * deep * canvas.height, x2 - 1, 0.9 * deep * canvas.height),
            WHITE,
        )
        return x2

    def _stack(self, canvas: Canvas, rng: random.Random, left: float, top: float, bottom: float, ink: Colour) -> float:
        die = self._die(rng)
        size = (bottom - top) / 2 * 0.9
        for k in range(2):
            y = top + k * (bottom - top) / 2
            write_serial(
                canvas,
                rng,
                die,
                rng.choice(string.ascii_uppercase),
                (left, y, left + 0.07 * canvas.width, y + size),
                ink,
                0.0,
                line=None,
            )
        return left + 0.085 * canvas.width

    def _words(self, canvas: Canvas, rng: random.Random, box: tuple[float, float, float, float]) -> None:
        """What special plates say beside the serial in small letters: an organisation, a wish, a class of vehicle."""
        x1, y1, x2, y2 = box
        lines = rng.choice(designs.BESIDE).split("|")
        ink = random_colour(rng)
        if rng.random() < 0.3:
            canvas.fill(x1, y1 + 0.2 * (y2 - y1), x2, y2 - 0.2 * (y2 - y1), random_colour(rng))
        high = (y2 - y1) * rng.uniform(0.5, 0.9) / len(lines)
        start = (y1 + y2 - high * len(lines)) / 2
        for k, line in enumerate(lines):
            canvas.small_print(self._lettering(rng), line, (x1, start + k * high, x2, start + (k + 0.85) * high), ink)

    def _stickers(self, canvas: Canvas, rng: random.Random) -> None:
        """Registration stickers in the corners, with a month or a year in small print."""
        for x, y in ((0.02, 0.03), (0.84, 0.03), (0.02, 0.78), (0.84, 0.78)):
            if rng.random() < 0.25:
                wide, high = rng.uniform(0.08, 0.14) * canvas.width, rng.uniform(0.12, 0.19) * canvas.height
                self._sticker(canvas, rng, x * canvas.width, y * canvas.height, wide, high)

    def _sticker(self, canvas: Canvas, rng: random.Random, x1: float, y1: float, wide: float, high: float) -> None:
        ground = random_colour(rng)
        canvas.fill(x1, y1, x1 + wide, y1 + high, ground)
        written = rng.choice(("JAN", "FEB", "MAR", "APR", "JUN", "SEP", "DEC", "09", "12", "99", "5", "24", "2", "B"))
        ink = BLACK if sum(ground) > 380 else WHITE
        canvas.small_print(self._lettering(rng), written, (x1 + 1, y1 + 1, x1 + wide - 1, y1 + high - 1), ink)

    def _dealer_frame(self, rng: random.Random, plate: Plate) -> Plate:
        """A frame that hides the plate's edges and carries a dealer's name."""
        height, width = plate.image.shape[:2]
        tone = rng.choice(((20, 20, 20), (60, 60, 60), (190, 190, 190), (230, 230, 230)))
        above, below, side = (round(height * rng.uniform(0.02, 0.13)) for _ in range(3))
        side = side // 3 + 1
        frame = Canvas(width + 2 * side, height + above, tone)
        inner = plate.image[: height - below // 2] if below > 2 else plate.image
        frame.image[above : above + inner.shape[0], side : side + width] = inner
        ink = WHITE if tone[0] < 100 else BLACK
        if above > 5:
            frame.small_print(self._lettering(rng), rng.choice(designs.DEALERS), (side, 1, width, above - 1), ink)
        frame.serial = [(x + side, y + above, line) for x, y, line in plate.places]
        return _finish(frame, plate.text)


def _finish(canvas: Canvas, text: str) -> Plate:
    return Plate(np.clip(canvas.image, 0, 255).astype(np.uint8), normalize(text), tuple(canvas.serial))


def _jitter(rng: random.Random, pair: tuple[Colour, Colour]) -> tuple[Colour, Colour]:
    def near(colour: Colour) -> Colour:
        b, g, r = (min(255, max(0, c + rng.randint(-25, 15))) for c in colour)
        return b, g, r

    return near(pair[0]), near(pair[1])
