"""Plates of the Americas: the states of the US, Canada and Mexico, and Brazil with its neighbours."""

from __future__ import annotations

import random
import string

from lpr.training.synthetic import designs, serials
from lpr.training.synthetic.canvas import Canvas, Colour, random_colour
from lpr.training.synthetic.designs import BLACK, WHITE
from lpr.training.synthetic.kit import Kit
from lpr.training.synthetic.plate import Plate, finish, near
from lpr.training.synthetic.stamping import write_serial


def us(kit: Kit, rng: random.Random) -> Plate:
    """A US state, Canada, Mexico or Australia: small print, pictures, stickers, a dealer's frame."""
    ground, ink = near(rng, rng.choice(designs.US_COLOURS))
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
            kit.lettering(rng),
            rng.choice(designs.STATES),
            (inset, height * 0.04, width - inset, top * rng.uniform(0.75, 0.95)),
            header_ink,
        )
    if rng.random() < 0.75:
        inset = rng.uniform(0.1, 0.3) * width
        canvas.small_print(
            kit.lettering(rng),
            rng.choice(designs.SLOGANS),
            (inset, bottom + (height - bottom) * 0.2, width - inset, height * 0.96),
            header_ink,
        )
    text = serials.vanity(rng) if rng.random() < 0.25 else serials.serial(rng, serials.US + serials.CANADA_MEXICO_AU)
    left, right = rng.uniform(0.02, 0.1) * width, width * (1 - rng.uniform(0.02, 0.1))
    if rng.random() < 0.18:  # a specialty plate's picture takes one side
        share = rng.uniform(0.14, 0.26) * width
        at_left = rng.random() < 0.75
        x1 = left if at_left else right - share
        place = (x1, top * 0.9, x1 + share * 0.9, bottom)
        if rng.random() < 0.4:
            kit.words(canvas, rng, place)
        else:
            canvas.emblem(rng, place, random_colour(rng))
        left, right = (left + share, right) if at_left else (left, right - share)
    if rng.random() < 0.1:  # stacked letters beside the serial: the convention of the labels leaves them out
        left = kit.stack(canvas, rng, left, top, bottom, ink)
    write_serial(canvas, rng, kit.die(rng), text, (left, top, right, bottom), ink, 0.45)
    kit.stickers(canvas, rng)
    canvas.press(rng, bolted=0.5)
    plate = finish(canvas, text)
    return kit.dealer_frame(rng, plate) if rng.random() < 0.3 else plate


def brazil(kit: Kit, rng: random.Random) -> Plate:
    """Brazil before and with Mercosur, and its neighbours."""
    mercosur = rng.random() < 0.4
    height = 84
    canvas = Canvas(round(height * rng.uniform(2.8, 3.3)), height, WHITE)
    if mercosur:
        ink: Colour = BLACK if rng.random() < 0.8 else random_colour(rng)
        canvas.fill(0, 0, canvas.width, 0.24 * height, (150, 70, 20))
        canvas.small_print(
            kit.lettering(rng),
            rng.choice(("BRASIL", "REPUBLICA ARGENTINA", "URUGUAY", "PARAGUAY")),
            (0.25 * canvas.width, 0.06 * height, 0.75 * canvas.width, 0.19 * height),
            WHITE,
        )
        text = serials.serial(rng, serials.MERCOSUR)
        box = (0.08 * canvas.width, 0.34 * height, 0.95 * canvas.width, 0.9 * height)
    else:
        ground, ink = near(
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
            kit.lettering(rng), where, (0.3 * canvas.width, 0.06 * height, 0.7 * canvas.width, 0.2 * height), ink
        )
        text = serials.serial(rng, serials.BR_OLD)
        box = (0.06 * canvas.width, rng.uniform(0.24, 0.32) * height, 0.94 * canvas.width, 0.9 * height)
    write_serial(canvas, rng, kit.die(rng), text, box, ink, 0.05, (0.8, 1.2))
    canvas.press(rng, bolted=0.5)
    return finish(canvas, text)
