"""Plates of two lines, of India, and of no country at all."""

from __future__ import annotations

import random

from lpr.normalize import normalize
from lpr.training.synthetic import designs, serials
from lpr.training.synthetic.canvas import Canvas, random_colour
from lpr.training.synthetic.designs import BLACK, WHITE
from lpr.training.synthetic.kit import Kit
from lpr.training.synthetic.plate import Plate, finish, near
from lpr.training.synthetic.stamping import write_serial


def two_line(kit: Kit, rng: random.Random) -> Plate:
    """Two lines in the manner of motorcycles, lorries and imports."""
    ground, ink = near(rng, rng.choice(designs.EU_COLOURS if rng.random() < 0.8 else designs.US_COLOURS))
    height = 128
    canvas = Canvas(round(height * rng.uniform(1.0, 2.0)), height, ground)
    left = 0.05 * canvas.width
    if rng.random() < 0.4:
        band = 0.14 * canvas.width
        kit.band(canvas, rng, 0, band, deep=rng.uniform(0.4, 1.0))
        left = band if rng.random() < 0.5 else left
    if rng.random() < 0.6:
        canvas.border(rng, ink)
    chance = rng.random()
    text = serials.serial(rng, serials.TWO_LINE)
    if chance < 0.2:
        text = serials.indian(rng, serials.INDIA_TWO_LINE)
    elif chance < 0.35:
        whole = normalize(serials.anything(rng))
        text = f"{whole[: len(whole) // 2]}|{whole[len(whole) // 2 :]}"
    upper, lower = text.split("|")
    middle = rng.uniform(0.42, 0.56) * height
    right = 0.95 * canvas.width
    die = kit.die(rng)
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
    canvas.press(rng, bolted=0.4)
    return finish(canvas, text)


def india(kit: Kit, rng: random.Random) -> Plate:
    """India: the hologram and IND at the left, white or yellow or black."""
    ground, ink = near(rng, rng.choice(((WHITE, BLACK), ((30, 200, 240), BLACK), (BLACK, (30, 200, 240)))))
    height = 72
    canvas = Canvas(round(height * rng.uniform(3.2, 5.0)), height, ground)
    text = serials.indian(rng, serials.INDIA)
    left = 0.03 * canvas.width
    if rng.random() < 0.6:
        canvas.emblem(rng, (2, 0.1 * height, 0.07 * canvas.width, 0.5 * height), (150, 120, 60))
        canvas.small_print(
            kit.lettering(rng), "IND", (2, 0.6 * height, 0.07 * canvas.width, 0.85 * height), (160, 90, 30)
        )
        left = 0.08 * canvas.width
    write_serial(canvas, rng, kit.die(rng), text, (left, 0.17 * height, 0.97 * canvas.width, 0.85 * height), ink, 0.0)
    if rng.random() < 0.5:
        canvas.border(rng, ink)
    return finish(canvas, text)


def anything(kit: Kit, rng: random.Random) -> Plate:
    """No country's: any characters in any colours."""
    ground, ink = near(rng, rng.choice(designs.EU_COLOURS + designs.US_COLOURS))
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
        kit.die(rng),
        text,
        (rng.uniform(0.02, 0.1) * canvas.width, top, rng.uniform(0.9, 0.98) * canvas.width, bottom),
        ink,
        0.3,
    )
    for y1, y2 in ((0.01, top / height - 0.02), (bottom / height + 0.02, 0.99)):
        if rng.random() < 0.5 and y2 - y1 > 0.06:
            canvas.small_print(
                kit.lettering(rng),
                rng.choice(designs.SLOGANS + designs.STATES),
                (0.2 * canvas.width, y1 * height, 0.8 * canvas.width, y2 * height),
                ink,
            )
    canvas.press(rng, bolted=0.4)
    return finish(canvas, text)
