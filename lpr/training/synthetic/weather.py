"""Light, weather, lens and compression over a whole scene in colour, for the detector."""

from __future__ import annotations

import functools
import random
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

#: The share of scenes that carry a camera's own writing.
OVERLAID = 0.15
#: Faces that overlays are written in.
_FACES = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf", "cmtt10.ttf")
#: What cameras are called.
_PLACES = (
    "PASSAGE",
    "KAMERA",
    "CAMERA",
    "ZUFAHRT",
    "PARKPLATZ",
    "STREET",
    "ENTRANCE",
    "SALIDA",
    "SAIDA",
    "FRONT",
    "GATE",
    "ENTRADA",
    "PORTARIA",
    "LANE",
    "PARKING",
    "NORTH",
    "EXIT",
    "EINFAHRT",
    "SORTIE",
    "LOBBY",
)


def over_a_scene(image: np.ndarray, rng: random.Random) -> np.ndarray:
    """``image`` (height × width × 3, uint8, BGR) as another camera, hour and codec would have it; same size."""
    kind = rng.random()
    if kind < 0.70:
        image = _colours(image, rng)
    elif kind < 0.80:
        image = _night(image, rng)
    elif kind < 0.88:
        image = _infrared(image, rng)
    if rng.random() < 0.2:
        image = _blur(image, rng)
    if rng.random() < 0.3:
        sigma = rng.uniform(1, 12) * rng.random()
        noise = np.empty(image.shape, np.int16)
        cv2.setRNGSeed(rng.getrandbits(31))
        cv2.randn(noise, 0, sigma)  # type: ignore[call-overload]
        image = cv2.add(image, noise, dtype=cv2.CV_8U)
    if rng.random() < OVERLAID:
        _overlay(image, rng)
    if rng.random() < 0.35:
        image = _compress(image, rng)
    return image


def _colours(image: np.ndarray, rng: random.Random) -> np.ndarray:
    contrast, light = rng.uniform(0.6, 1.4), rng.uniform(-45, 45)
    gains = np.asarray([rng.gauss(1, 0.07) for _ in range(3)]) * contrast
    levels: np.ndarray = np.arange(256, dtype=np.float32)
    if rng.random() < 0.3:
        levels = 255 * (levels / 255) ** rng.uniform(0.5, 1.9)
    table = np.clip((levels[:, None] - 128) * gains[None] + 128 + light, 0, 255).astype(np.uint8)
    image = cv2.LUT(image, np.ascontiguousarray(table[None]))
    if rng.random() < 0.4:
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)[:, :, None]
        share = rng.uniform(0, 1.6)
        image = cv2.addWeighted(image, share, np.repeat(grey, 3, 2), 1 - share, 0)
    return image


def _night(image: np.ndarray, rng: random.Random) -> np.ndarray:
    """Little light, with the blooming circles of lamps."""
    dark = image.astype(np.float32) * rng.uniform(0.12, 0.5) + rng.uniform(0, 20)
    height, width = image.shape[:2]
    for _ in range(rng.randint(0, 3)):
        lamp: np.ndarray = np.zeros((height, width), np.float32)
        radius = round(rng.uniform(0.01, 0.06) * width) + 1
        cv2.circle(lamp, (rng.randrange(width), rng.randrange(height)), radius, 1.0, -1)
        lamp = cv2.GaussianBlur(lamp, (0, 0), radius * rng.uniform(0.6, 2.0))
        tint = np.asarray([rng.uniform(140, 255), rng.uniform(200, 255), 255], np.float32)
        dark += lamp[:, :, None] * tint * rng.uniform(0.7, 1.6)
    darkened: np.ndarray = np.clip(dark, 0, 255).astype(np.uint8)
    return darkened


def _infrared(image: np.ndarray, rng: random.Random) -> np.ndarray:
    """One channel of chance as grey, with hard contrast, as night cameras with their own lamp see."""
    grey = image[:, :, rng.randrange(3)].astype(np.float32)
    grey = (grey - grey.mean()) * rng.uniform(0.5, 1.3) + rng.uniform(40, 130)
    seen = np.clip(grey, 0, 255).astype(np.uint8)
    in_three: np.ndarray = cv2.cvtColor(seen, cv2.COLOR_GRAY2BGR)
    return in_three


def _blur(image: np.ndarray, rng: random.Random) -> np.ndarray:
    if rng.random() < 0.6:
        return cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.6))
    length = rng.randint(2, 7)
    kernel = np.zeros((length, length), np.float32)
    middle = (length - 1) / 2
    angle = rng.uniform(0, 3.2)
    dx, dy = np.cos(angle) * middle, np.sin(angle) * middle
    cv2.line(kernel, (round(middle - dx), round(middle - dy)), (round(middle + dx), round(middle + dy)), 1.0)
    return cv2.filter2D(image, -1, kernel / kernel.sum())


def _overlay(image: np.ndarray, rng: random.Random) -> None:
    """A line of text as cameras write it into their pictures: the time, a place; it is no plate. Painted in place."""
    from PIL import Image, ImageDraw

    day, month, hour, minute = rng.randint(1, 28), rng.randint(1, 12), rng.randint(0, 23), rng.randint(0, 59)
    place = rng.choice(_PLACES) + rng.choice(("", " 2", " 01", f" {rng.randint(1, 99)}", " B", "-3"))
    text = rng.choice(
        (
            f"{rng.randint(2005, 2030)}-{month:02}-{day:02} {hour:02}:{minute:02}",
            f"CAM {rng.randint(1, 40):02}  {day:02}.{month:02}",
            place,
            place,
            f"{hour:02}:{minute:02}:{rng.randint(0, 59):02}",
        )
    )
    font = _face(rng.randrange(len(_FACES)), rng.choice((11, 14, 18, 22, 27, 33, 40)))
    left, top, right, bottom = font.getbbox(text, stroke_width=2)
    width, height = round(right - left), round(bottom - top)
    x = rng.choice((4, max(4, image.shape[1] - width - 6), rng.randint(0, max(1, image.shape[1] - width))))
    y = rng.choice((4, max(4, image.shape[0] - height - 6)))
    part = image[y : y + height, x : x + width]
    if not part.size:
        return
    if rng.random() < 0.3:
        part[:] = rng.choice(((0, 0, 0), (40, 40, 40), (255, 255, 255)))
    drawn = Image.fromarray(np.ascontiguousarray(part))
    shade = rng.choice(((255, 255, 255), (0, 255, 255), (230, 230, 230), (0, 0, 255), (20, 20, 20)))
    edge = rng.choice((0, 0, 1, 2))
    contrast = (0, 0, 0) if sum(shade) > 200 else (255, 255, 255)
    ImageDraw.Draw(drawn).text((-left, -top), text, fill=shade, font=font, stroke_width=edge, stroke_fill=contrast)
    part[:] = np.asarray(drawn)


@functools.cache
def _face(number: int, size: int) -> FreeTypeFont:
    """One of matplotlib's own faces, which are there wherever Ultralytics is."""
    import matplotlib
    from PIL import ImageFont

    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / _FACES[number]), size)


def _compress(image: np.ndarray, rng: random.Random) -> np.ndarray:
    decoded = cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, rng.randint(20, 85)])[1], 1)
    assert decoded is not None  # it was encoded just now
    return decoded
