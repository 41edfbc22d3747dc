"""Layouts: all families of plates, as frequent as the reader shall see them."""

from __future__ import annotations

import random
from collections.abc import Callable

from lpr.training.synthetic.fonts import Die, Lettering
from lpr.training.synthetic.kit import Kit
from lpr.training.synthetic.plate import Plate
from lpr.training.synthetic.plates_americas import brazil, us
from lpr.training.synthetic.plates_elsewhere import anything, india, two_line
from lpr.training.synthetic.plates_europe import eu, russia, uk

#: Families and how often each is drawn.
FAMILIES: tuple[tuple[Callable[[Kit, random.Random], Plate], float], ...] = (
    (us, 33), (eu, 19), (uk, 7), (brazil, 9), (two_line, 18), (russia, 3), (india, 6), (anything, 8),
)  # fmt: skip


class Draughtsman:
    """Draws plates of every family with the given fonts; all chance comes from the ``rng`` that is passed in."""

    def __init__(self, dies: list[Die], letterings: list[Lettering]) -> None:
        self._kit = Kit(dies, letterings)

    def draw(self, rng: random.Random) -> Plate:
        family = rng.choices([family for family, _ in FAMILIES], [weight for _, weight in FAMILIES])[0]
        return family(self._kit, rng)
