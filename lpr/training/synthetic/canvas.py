"""A blank of metal that plates are drawn on: fields of colour, stamped characters, small print, emblems."""

from __future__ import annotations

import math
import random

import cv2
import numpy as np

from lpr.training.synthetic.fonts import Lettering

Colour = tuple[int, int, int]


def random_colour(rng: random.Random) -> Colour:
    return rng.randint(0, 255), rng.randint(0, 255), rng.randint(0, 255)


class Canvas:
    """A plate in the making; ``image`` is height × width × 3, float32, BGR, 0 to 255.

    ``serial`` has the centre of each character of the serial, in pixels, and its line (0 upper, 1 lower).
    """

    def __init__(self, width: int, height: int, colour: Colour) -> None:
        self.image = np.empty((height, width, 3), np.float32)
        self.image[:] = colour
        self.stamped = np.zeros((height, width), np.float32)
        self.serial: list[tuple[float, float, int]] = []

    @property
    def width(self) -> int:
        return self.image.shape[1]

    @property
    def height(self) -> int:
        return self.image.shape[0]

    def blend(self, mask: np.ndarray, x: int, y: int, colour: Colour) -> None:
        """Paint ``colour`` through ``mask`` (rows × columns, 0 to 1) with its upper left corner at x, y; clipped."""
        x1, y1 = max(x, 0), max(y, 0)
        x2, y2 = min(x + mask.shape[1], self.width), min(y + mask.shape[0], self.height)
        if x2 <= x1 or y2 <= y1:
            return
        part = mask[y1 - y : y2 - y, x1 - x : x2 - x, None]
        place = self.image[y1:y2, x1:x2]
        place += part * (np.asarray(colour, np.float32) - place)

    def fill(self, x1: float, y1: float, x2: float, y2: float, colour: Colour) -> None:
        cv2.rectangle(self.image, (round(x1), round(y1)), (round(x2) - 1, round(y2) - 1), colour, -1)

    def border(self, rng: random.Random, colour: Colour) -> None:
        """A rim as pressed into most plates: a line a little inside the edge."""
        inset = rng.randint(0, 4)
        thickness = rng.randint(1, 3)
        cv2.rectangle(
            self.image,
            (inset, inset),
            (self.width - 1 - inset, self.height - 1 - inset),
            colour,
            thickness,
            cv2.LINE_AA,
        )

    def small_print(
        self, lettering: Lettering, text: str, box: tuple[float, float, float, float], colour: Colour
    ) -> None:
        """``text`` centred in ``box`` (x1, y1, x2, y2) as large as it fits."""
        line = lettering.line(text)
        x1, y1, x2, y2 = box
        scale = min((y2 - y1) / line.shape[0], (x2 - x1) / line.shape[1])
        width, height = max(1, round(line.shape[1] * scale)), max(1, round(line.shape[0] * scale))
        if width < 2 or height < 2:
            return
        small = cv2.resize(line, (width, height), interpolation=cv2.INTER_AREA)
        self.blend(small, round((x1 + x2 - width) / 2), round((y1 + y2 - height) / 2), colour)

    def stamp(self, mask: np.ndarray, x: int, y: int, colour: Colour) -> None:
        """Like ``blend``, and remembered for ``emboss``."""
        self.blend(mask, x, y, colour)
        x1, y1 = max(x, 0), max(y, 0)
        x2, y2 = min(x + mask.shape[1], self.width), min(y + mask.shape[0], self.height)
        if x2 > x1 and y2 > y1:
            place = self.stamped[y1:y2, x1:x2]
            np.maximum(place, mask[y1 - y : y2 - y, x1 - x : x2 - x], out=place)

    def press(self, rng: random.Random, bolted: float) -> None:
        """Press what is stamped into the plate, and screw it on, at times: ``bolted`` is the share."""
        self._emboss(rng)
        if rng.random() < bolted:
            self._bolts(rng)

    def _emboss(self, rng: random.Random) -> None:
        """Light on one flank of every stamped character, shadow on the other."""
        strength = rng.uniform(15, 90)
        dx, dy = rng.choice((-1, 1)), rng.choice((-1, 1))
        edge = np.roll(self.stamped, (dy, dx), (0, 1)) - np.roll(self.stamped, (-dy, -dx), (0, 1))
        self.image += (edge * strength)[..., None]

    def _bolts(self, rng: random.Random) -> None:
        """Screws or their holes, at the usual four places or two."""
        size = max(2, round(self.height * rng.uniform(0.025, 0.05)))
        across = rng.uniform(0.12, 0.3)
        down = rng.uniform(0.07, 0.12)
        dark = rng.random() < 0.6
        for x in (across, 1 - across):
            for y in (down, 1 - down) if rng.random() < 0.6 else (down,):
                place = (round(x * self.width), round(y * self.height))
                tone = rng.randint(10, 70) if dark else rng.randint(120, 230)
                cv2.circle(self.image, place, size, (tone, tone, tone), -1, cv2.LINE_AA)

    def emblem(self, rng: random.Random, box: tuple[float, float, float, float], colour: Colour) -> None:
        """Something that is no character: seal, shield, star, tree, map, flag, silhouette. Fits into ``box``."""
        x1, y1, x2, y2 = box
        if x2 - x1 < 3 or y2 - y1 < 3:
            return
        centre = (round((x1 + x2) / 2), round((y1 + y2) / 2))
        radius = max(2, round(min(x2 - x1, y2 - y1) / 2))
        other = random_colour(rng)
        kind = rng.randrange(7)
        if kind == 0:
            cv2.circle(self.image, centre, radius, colour, -1, cv2.LINE_AA)
            cv2.circle(
                self.image, centre, round(radius * rng.uniform(0.4, 0.85)), other, rng.choice((-1, 1)), cv2.LINE_AA
            )
        elif kind == 1:
            shield = [(-0.8, -1), (0.8, -1), (0.8, 0.2), (0, 1), (-0.8, 0.2)]
            self._polygon(shield, centre, radius, colour)
            self._polygon(shield, centre, round(radius * 0.6), other)
        elif kind == 2:
            inner = rng.uniform(0.35, 0.5)
            star = [
                (r * math.sin(math.pi * k / 5), -r * math.cos(math.pi * k / 5)) for k, r in enumerate([1, inner] * 5)
            ]
            self._polygon(star, centre, radius, colour)
        elif kind in (3, 4):  # an irregular outline: a state's map, a tree, an animal
            count = rng.randint(6, 14)
            shape = [
                (
                    rng.uniform(0.4, 1) * math.cos(2 * math.pi * k / count),
                    rng.uniform(0.4, 1) * math.sin(2 * math.pi * k / count),
                )
                for k in range(count)
            ]
            self._polygon(shape, centre, radius, colour)
        elif kind == 5:
            for k in range(rng.randint(2, 4)):
                y = y1 + (y2 - y1) * k / 4
                self.fill(x1, y, x2, y + max(1, (y2 - y1) / 9), colour)
        else:
            cv2.ellipse(
                self.image,
                centre,
                (max(1, round((x2 - x1) / 2)), radius),
                0,
                0,
                360,
                colour,
                rng.choice((-1, 2)),
                cv2.LINE_AA,
            )
            cv2.line(self.image, (centre[0], round(y1)), (centre[0], round(y2)), other, 1, cv2.LINE_AA)

    def _polygon(self, shape: list[tuple[float, float]], centre: tuple[int, int], radius: int, colour: Colour) -> None:
        points = np.asarray([(centre[0] + x * radius, centre[1] + y * radius) for x, y in shape], np.int32)
        cv2.fillPoly(self.image, [points], colour, cv2.LINE_AA)

    def graphic(self, rng: random.Random, colours: list[Colour]) -> None:
        """A background picture, pale enough to leave the serial readable: gradients, hills, sun, stripes."""
        paint = self.image.copy()
        kind = rng.randrange(5)
        one, two = rng.choice(colours), rng.choice(colours)
        if kind in (0, 1):
            ramp = np.linspace(0, 1, self.height, dtype=np.float32)[:, None, None]
            if kind == 1:
                ramp = np.linspace(0, 1, self.width, dtype=np.float32)[None, :, None]
            if rng.random() < 0.5:
                ramp = np.abs(ramp * 2 - 1)
            paint = paint * (1 - ramp) + np.asarray(one, np.float32) * ramp
        elif kind == 2:
            xs = np.linspace(0, self.width, rng.randint(4, 9))
            base = self.height * rng.uniform(0.4, 0.9)
            ridge = [(x, base - rng.uniform(0, 0.4) * self.height) for x in xs]
            outline = np.asarray([(0, self.height), *ridge, (self.width, self.height)], np.int32)
            cv2.fillPoly(paint, [outline], one, cv2.LINE_AA)
        elif kind == 3:
            for _ in range(rng.randint(1, 4)):
                place = (rng.randrange(self.width), rng.randrange(self.height))
                cv2.circle(paint, place, rng.randint(6, self.height // 2), rng.choice(colours), -1, cv2.LINE_AA)
        else:
            cv2.rectangle(paint, (0, 0), (self.width, round(self.height * rng.uniform(0.1, 0.3))), one, -1)
            cv2.rectangle(paint, (0, round(self.height * rng.uniform(0.75, 0.95))), (self.width, self.height), two, -1)
        weight = rng.uniform(0.15, 0.8)
        self.image = self.image * (1 - weight) + paint.astype(np.float32) * weight
