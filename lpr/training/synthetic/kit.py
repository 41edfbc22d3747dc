"""What layouts are drawn with: dies and lettering, and what stands on a plate beside the serial."""

from __future__ import annotations

import random
import string

from lpr.training.synthetic import designs
from lpr.training.synthetic.canvas import Canvas, Colour, random_colour
from lpr.training.synthetic.designs import BLACK, WHITE
from lpr.training.synthetic.fonts import Die, Lettering
from lpr.training.synthetic.plate import Plate, finish
from lpr.training.synthetic.stamping import write_serial


class Kit:
    """Dies for serials and lettering for small print, and the furniture of plates."""

    def __init__(self, dies: list[Die], letterings: list[Lettering]) -> None:
        self._dies = dies
        self._letterings = letterings

    def die(self, rng: random.Random) -> Die:
        return rng.choice(self._dies)

    def lettering(self, rng: random.Random) -> Lettering:
        return rng.choice(self._letterings)

    def band(self, canvas: Canvas, rng: random.Random, x1: float, x2: float, deep: float = 1.0) -> float:
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
            self.lettering(rng),
            rng.choice(designs.BANDS),
            (x1 + 1, 0.6 * deep * canvas.height, x2 - 1, 0.9 * deep * canvas.height),
            WHITE,
        )
        return x2

    def stack(self, canvas: Canvas, rng: random.Random, left: float, top: float, bottom: float, ink: Colour) -> float:
        """Two small letters, one above the other; returns where they end."""
        die = self.die(rng)
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

    def words(self, canvas: Canvas, rng: random.Random, box: tuple[float, float, float, float]) -> None:
        """What special plates say beside the serial in small letters: an organisation, a wish, a class of vehicle."""
        x1, y1, x2, y2 = box
        lines = rng.choice(designs.BESIDE).split("|")
        ink = random_colour(rng)
        if rng.random() < 0.3:
            canvas.fill(x1, y1 + 0.2 * (y2 - y1), x2, y2 - 0.2 * (y2 - y1), random_colour(rng))
        high = (y2 - y1) * rng.uniform(0.5, 0.9) / len(lines)
        start = (y1 + y2 - high * len(lines)) / 2
        for k, line in enumerate(lines):
            canvas.small_print(self.lettering(rng), line, (x1, start + k * high, x2, start + (k + 0.85) * high), ink)

    def stickers(self, canvas: Canvas, rng: random.Random) -> None:
        """Registration stickers in the corners, with a month or a year in small print."""
        for x, y in ((0.02, 0.03), (0.84, 0.03), (0.02, 0.78), (0.84, 0.78)):
            if rng.random() < 0.25:
                wide, high = rng.uniform(0.08, 0.14) * canvas.width, rng.uniform(0.12, 0.19) * canvas.height
                self.sticker(canvas, rng, x * canvas.width, y * canvas.height, wide, high)

    def sticker(self, canvas: Canvas, rng: random.Random, x1: float, y1: float, wide: float, high: float) -> None:
        ground = random_colour(rng)
        canvas.fill(x1, y1, x1 + wide, y1 + high, ground)
        written = rng.choice(("JAN", "FEB", "MAR", "APR", "JUN", "SEP", "DEC", "09", "12", "99", "5", "24", "2", "B"))
        ink = BLACK if sum(ground) > 380 else WHITE
        canvas.small_print(self.lettering(rng), written, (x1 + 1, y1 + 1, x1 + wide - 1, y1 + high - 1), ink)

    def dealer_frame(self, rng: random.Random, plate: Plate) -> Plate:
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
            frame.small_print(self.lettering(rng), rng.choice(designs.DEALERS), (side, 1, width, above - 1), ink)
        frame.serial = [(x + side, y + above, line) for x, y, line in plate.places]
        return finish(frame, plate.text)
