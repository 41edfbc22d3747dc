"""Plates of Europe: with and without the band, British, Russian."""

from __future__ import annotations

import random

from lpr.training.synthetic import designs, serials
from lpr.training.synthetic.canvas import Canvas
from lpr.training.synthetic.designs import BLACK, WHITE
from lpr.training.synthetic.kit import Kit
from lpr.training.synthetic.plate import Plate, finish, near
from lpr.training.synthetic.stamping import write_serial


def eu(kit: Kit, rng: random.Random) -> Plate:
    """A country of Europe in one line, the band on most."""
    ground, ink = near(rng, rng.choice(designs.EU_COLOURS))
    height = 72
    width = round(height * rng.uniform(4.0, 4.9))
    canvas = Canvas(width, height, ground)
    left, right = 0.02 * width, 0.98 * width
    if rng.random() < 0.7:
        left = kit.band(canvas, rng, 0, 0.085 * width)
    if rng.random() < 0.15:
        right = width - 0.08 * width
        kit.band(canvas, rng, right, width)
    if rng.random() < 0.7:
        canvas.border(rng, ink if rng.random() < 0.8 else (30, 30, 180))
    text = serials.serial(rng, serials.EU)
    top, bottom = rng.uniform(0.1, 0.2) * height, height * (1 - rng.uniform(0.1, 0.2))
    if rng.random() < 0.12:  # a tax sticker or a category's small digit beside the serial
        right -= 0.07 * width
        kit.sticker(canvas, rng, right, rng.uniform(top, height / 2), 0.055 * width, 0.3 * height)
    write_serial(
        canvas,
        rng,
        kit.die(rng),
        text,
        (left + rng.uniform(0.0, 0.03) * width, top, right - 0.01 * width, bottom),
        ink,
        0.4,
        (0.85, 1.3),
    )
    canvas.press(rng, bolted=0.3)
    plate = finish(canvas, text)
    return kit.dealer_frame(rng, plate) if rng.random() < 0.25 else plate


def uk(kit: Kit, rng: random.Random) -> Plate:
    """Britain: white, yellow or the old silver on black, a dealer's name below."""
    ground, ink = near(rng, rng.choice(((WHITE, BLACK), ((30, 200, 240), BLACK), (BLACK, WHITE))))
    height = 72
    canvas = Canvas(round(height * rng.uniform(4.2, 4.8)), height, ground)
    left = kit.band(canvas, rng, 0, 0.07 * canvas.width) if rng.random() < 0.35 else 0.03 * canvas.width
    text = serials.serial(rng, serials.UK) if rng.random() < 0.85 else serials.vanity(rng, 7)
    bottom = 0.84 * height
    write_serial(
        canvas,
        rng,
        kit.die(rng),
        text,
        (left + 4, 0.14 * height, 0.97 * canvas.width, bottom),
        ink,
        0.0,
        (0.9, 1.3),
    )
    if rng.random() < 0.5:
        middle = canvas.width * rng.uniform(0.3, 0.7)
        canvas.small_print(
            kit.lettering(rng),
            rng.choice(designs.DEALERS),
            (middle - 50, 0.88 * height, middle + 50, 0.97 * height),
            ink,
        )
    return finish(canvas, text)


def russia(kit: Kit, rng: random.Random) -> Plate:
    """Russia: the region in a field of its own."""
    height = 72
    canvas = Canvas(round(height * 4.6), height, near(rng, (WHITE, BLACK))[0])
    text = serials.serial(rng, serials.RUSSIA)
    main, region = text.rsplit(" ", 1)
    part = 0.76 * canvas.width
    die = kit.die(rng)
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
    canvas.small_print(kit.lettering(rng), "RUS", (part + 6, 0.72 * height, part + 34, 0.9 * height), BLACK)
    canvas.border(rng, BLACK)
    return finish(canvas, text)
