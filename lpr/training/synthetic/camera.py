"""What a camera makes of a plate: angle, distance, light, weather, lens, motion, compression."""

from __future__ import annotations

import random

import cv2
import numpy as np

from lpr.recognition.crop import SEEN_X, SEEN_Y


def photograph(
    image: np.ndarray,
    places: np.ndarray,
    rng: random.Random,
    width: float,
    difficulty: float = 1.0,
) -> tuple[np.ndarray, np.ndarray]:
    """A plate (square to the viewer, uint8, BGR) as cut from a photo in which it is about ``width`` pixels wide.

    ``places`` are points on the plate, n × 2, pixels; they come back as shares of the result's width and height.
    The result is grey, uint8, and holds the margin that the reader's first view leaves around a detector's box, with
    that box's usual errors. ``difficulty``, 0 to 1, tells how much of angle, weather and bad light it has.
    """
    height, full = image.shape[:2]
    quad = _view(rng, full, height, 0.3 + 0.7 * difficulty)
    low, high = quad.min(0), quad.max(0)
    span = high - low
    margin = np.asarray([SEEN_X, SEEN_Y])
    loose = np.asarray([[rng.gauss(0, 0.045), rng.gauss(0, 0.08)], [rng.gauss(0, 0.045), rng.gauss(0, 0.08)]])
    start = low - span * (margin + loose[0])
    size = high + span * (margin + loose[1]) - start
    scale = width / span[0]
    sharp = max(1.0, min(2.0, 320 / (size[0] * scale)))  # drawn larger, then averaged: no aliasing
    out = np.maximum(4, np.round(size * scale * sharp)).astype(int)
    target = ((quad - start) * scale * sharp).astype(np.float32)
    source = np.asarray([(0, 0), (full, 0), (full, height), (0, height)], np.float32)
    shrink = scale * sharp
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY) if rng.random() < 0.85 else image[:, :, rng.randrange(3)]
    if shrink < 0.6:
        smaller = (max(8, round(full * shrink * 1.2)), max(4, round(height * shrink * 1.2)))
        grey = cv2.resize(grey, smaller, interpolation=cv2.INTER_AREA)
        source *= np.asarray([smaller[0] / full, smaller[1] / height], np.float32)
    matrix = cv2.getPerspectiveTransform(source, target)
    picture = _surroundings(rng, int(out[0]), int(out[1]))
    cv2.warpPerspective(
        grey, matrix, (int(out[0]), int(out[1])), dst=picture, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT
    )
    if rng.random() < 0.3 * difficulty:
        _shadow(picture, rng)
    if rng.random() < 0.12 * difficulty:
        _dirt(picture, rng)
    if rng.random() < 0.06 * difficulty:
        _tow_bar(picture, rng)
    final = np.maximum(3, np.round(size * scale)).astype(int)
    picture = cv2.resize(picture, (int(final[0]), int(final[1])), interpolation=cv2.INTER_AREA)
    seen = cv2.perspectiveTransform((places * (source[2] / (full, height)))[None].astype(np.float32), matrix)[0] / out
    return expose(picture, rng) if rng.random() <= difficulty else picture, seen


def expose(picture: np.ndarray, rng: random.Random) -> np.ndarray:
    """Lens, light and compression: grey, uint8, in and out, of one size. Also for pictures of real plates."""
    width = picture.shape[1]
    if rng.random() < 0.35:
        picture = _blur(picture, rng, width)
    picture = picture.astype(np.float32)
    if rng.random() < 0.85:
        picture = _tone(picture, rng)
    if rng.random() < 0.6:
        sigma = rng.choice((2, 4, 6, 10)) * rng.random()
        picture += np.random.default_rng(rng.getrandbits(32)).normal(0, sigma, picture.shape).astype(np.float32)
    result: np.ndarray = np.clip(picture, 0, 255).astype(np.uint8)
    return _compress(result, rng) if rng.random() < 0.5 else result


def _view(rng: random.Random, width: int, height: int, strength: float) -> np.ndarray:
    """The plate's corners after a turn of the vehicle, the camera's height and roll; 4 × 2, plate pixels."""
    quad = np.asarray([(0, 0), (width, 0), (width, height), (0, height)], np.float64)
    quad -= (width / 2, height / 2)
    steep = strength * (1.0 if rng.random() < 0.85 else 2.0)
    quad[:, 0] *= 1 - abs(rng.gauss(0, 0.12)) * steep * 0.8  # yaw narrows
    quad[:, 1] *= 1 - abs(rng.gauss(0, 0.08)) * steep * 0.8  # pitch flattens
    quad[:, 1] += quad[:, 0] * rng.gauss(0, 0.06) * steep  # the slope that a view from the side gives
    quad[:, 0] += quad[:, 1] * rng.gauss(0, 0.1) * steep
    angle = rng.gauss(0, 0.04) * steep
    quad = quad @ np.asarray([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])
    depth = 1 + quad[:, :1] / width * rng.gauss(0, 0.08) * steep
    seen: np.ndarray = quad * depth
    return seen


def _surroundings(rng: random.Random, width: int, height: int) -> np.ndarray:
    """What lies around the plate: paint, bumper, shade; grey, uint8."""
    ramp = np.linspace(rng.uniform(0, 255), rng.uniform(0, 255), height, dtype=np.float32)[:, None]
    picture = np.repeat(ramp, width, 1)
    for _ in range(rng.randint(0, 3)):
        x, y = rng.randint(-width // 2, width), rng.randint(-height // 2, height)
        tone = rng.uniform(0, 255)
        cv2.rectangle(picture, (x, y), (x + rng.randint(1, width), y + rng.randint(1, height)), tone, -1)
    pale: np.ndarray = picture.astype(np.uint8)
    return pale


def _shadow(picture: np.ndarray, rng: random.Random) -> None:
    height, width = picture.shape
    x, y = rng.uniform(0, width), rng.uniform(0, height)
    dx, dy = rng.gauss(0, 1), rng.gauss(0, 1)
    mask = np.zeros((height, width), np.uint8)
    far = 3 * max(width, height)
    corners = [
        (x - dy * far, y + dx * far),
        (x + dy * far, y - dx * far),
        (x + dy * far + dx * far, y - dx * far + dy * far),
        (x - dy * far + dx * far, y + dx * far + dy * far),
    ]
    cv2.fillPoly(mask, [np.asarray(corners, np.int32)], 1)
    soft = cv2.blur(mask.astype(np.float32), (5, 5))
    factor = rng.uniform(0.35, 0.8) if rng.random() < 0.8 else rng.uniform(1.2, 1.6)
    picture[:] = np.clip(picture * (1 + soft * (factor - 1)), 0, 255).astype(np.uint8)


def _dirt(picture: np.ndarray, rng: random.Random) -> None:
    height, width = picture.shape
    for _ in range(rng.randint(2, 30)):
        place = (rng.randrange(width), rng.randrange(height))
        size = max(1, round(abs(rng.gauss(0, 0.02)) * width))
        cv2.circle(picture, place, size, rng.uniform(20, 230), -1, cv2.LINE_AA)


def _tow_bar(picture: np.ndarray, rng: random.Random) -> None:
    height, width = picture.shape
    x, reach = rng.randrange(width), rng.uniform(0.08, 0.3) * height
    cv2.circle(
        picture, (x, round(height - reach / 2)), max(2, round(reach / 1.5)), rng.uniform(20, 160), -1, cv2.LINE_AA
    )


def _blur(picture: np.ndarray, rng: random.Random, width: int) -> np.ndarray:
    if rng.random() < 0.5:
        sigma = rng.uniform(0.3, 0.009 * width + 0.6)
        return cv2.GaussianBlur(picture, (0, 0), sigma)
    length = max(2, round(rng.uniform(0.01, 0.04) * width + 1))
    kernel = np.zeros((length, length), np.float32)
    angle = rng.gauss(0, 0.5) if rng.random() < 0.8 else rng.uniform(0, 3.2)
    middle = (length - 1) / 2
    dx, dy = np.cos(angle) * middle, np.sin(angle) * middle
    start, end = (round(middle - dx), round(middle - dy)), (round(middle + dx), round(middle + dy))
    cv2.line(kernel, start, end, 1.0)
    return cv2.filter2D(picture, -1, kernel / kernel.sum())


def _tone(picture: np.ndarray, rng: random.Random) -> np.ndarray:
    kind = rng.random()
    if kind < 0.55:
        contrast, centre = rng.uniform(0.5, 1.3), rng.uniform(80, 170)
        picture = (picture - 128) * contrast + centre
    elif kind < 0.75:  # night: little light, the plate itself flat
        picture = picture * rng.uniform(0.15, 0.5) + rng.uniform(5, 60)
    elif kind < 0.9:  # overexposed by headlights or infra-red flash
        picture = np.minimum(255, picture * rng.uniform(1.0, 1.5) + rng.uniform(0, 40))
    else:
        picture = (
            255 - picture if rng.random() < 0.3 else 255 * (np.clip(picture, 0, 255) / 255) ** rng.uniform(0.4, 2.2)
        )
    if rng.random() < 0.2:  # glare: a lamp or the sun on one side
        ramp = np.linspace(0, rng.uniform(30, 120), picture.shape[1], dtype=np.float32)[None, :]
        picture = picture + (ramp if rng.random() < 0.5 else ramp[:, ::-1])
    return picture


def _compress(picture: np.ndarray, rng: random.Random) -> np.ndarray:
    """JPEG blocks; video's are coarser, so the picture is at times compressed at half its size."""
    quality = [cv2.IMWRITE_JPEG_QUALITY, rng.randint(15, 80)]
    height, width = picture.shape
    half = rng.random() < 0.15 and width > 80
    small = cv2.resize(picture, (width // 2, max(1, height // 2)), interpolation=cv2.INTER_AREA) if half else picture
    decoded = cv2.imdecode(cv2.imencode(".jpg", small, quality)[1], cv2.IMREAD_GRAYSCALE)
    assert decoded is not None  # it was encoded just now
    return cv2.resize(decoded, (width, height), interpolation=cv2.INTER_CUBIC) if half else decoded
