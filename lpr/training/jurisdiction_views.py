"""Plates in colour as photos show them: another angle, distance, light and box error each time."""

from __future__ import annotations

import random

import cv2
import numpy as np

from lpr.recognition.crop import MARGIN_X, MARGIN_Y

#: Widths of plates in photos, pixels; drawn log-uniformly between them.
NARROWEST, WIDEST = 56, 240


def seen_anew(
    image: np.ndarray,
    box: tuple[float, float, float, float],
    rng: random.Random,
    size: tuple[int, int],
    strength: float = 1.0,
) -> np.ndarray:
    """The plate ``box`` of ``image`` (BGR, uint8) as a detector and a camera give it, of ``size`` (width, height).

    ``strength``, 0 to 1, tells how far the view departs from a scan.
    """
    x1, y1, x2, y2 = box
    width = x2 - x1
    corners = _corners(x1, y1, x2, y2, rng, strength)
    narrowest = NARROWEST + (WIDEST - NARROWEST) * (1 - strength) * 0.6
    target = narrowest * (WIDEST / narrowest) ** rng.random()
    out = max(16, round(min(target, 1.3 * size[0]))), max(8, round(min(target, 1.3 * size[0]) * size[1] / size[0]))
    shrink = out[0] / max(1.0, width)
    if shrink < 0.7:
        smaller = cv2.resize(image, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        corners *= np.asarray([smaller.shape[1] / image.shape[1], smaller.shape[0] / image.shape[0]], np.float32)
        image = smaller
    goal = np.asarray([(0, 0), (out[0], 0), out, (0, out[1])], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, goal)
    if rng.random() < 0.5:
        around = tuple(rng.randint(0, 255) for _ in range(3)) if rng.random() < 0.5 else (rng.randint(0, 255),) * 3
        picture = cv2.warpPerspective(image, matrix, out, borderMode=cv2.BORDER_CONSTANT, borderValue=around)
    else:
        picture = cv2.warpPerspective(image, matrix, out, borderMode=cv2.BORDER_REPLICATE)
    if rng.random() < 0.25 * strength:
        _frame(picture, rng)
    if rng.random() < 0.25 * strength:
        _erase(picture, rng)
    picture = _light(picture, rng, strength)
    if rng.random() < 0.45 * strength:
        picture = _blur(picture, rng)
    if rng.random() < 0.4:
        noise = np.random.default_rng(rng.getrandbits(32)).normal(0, 9 * strength * rng.random(), picture.shape)
        picture = np.clip(picture + noise, 0, 255).astype(np.uint8)
    if rng.random() < 0.4:
        quality = [cv2.IMWRITE_JPEG_QUALITY, rng.randint(20, 85)]
        decoded = cv2.imdecode(cv2.imencode(".jpg", picture, quality)[1], cv2.IMREAD_COLOR)
        picture = picture if decoded is None else decoded
    shrinks = picture.shape[1] > size[0]
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)


def _corners(x1: float, y1: float, x2: float, y2: float, rng: random.Random, strength: float) -> np.ndarray:
    """The four corners of what is cut: a detector's box with its margin, its errors and the plate's own slant."""
    width, height = x2 - x1, y2 - y1
    edges = [rng.gauss(mean * rng.random(), 0.05 * strength) for mean in (MARGIN_X, MARGIN_X)]
    edges += [rng.gauss(mean * rng.random(), 0.07 * strength) for mean in (MARGIN_Y, MARGIN_Y)]
    left, right = x1 - width * edges[0], x2 + width * edges[1]
    top, bottom = y1 - height * edges[2], y2 + height * edges[3]
    corners = np.asarray([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)
    if rng.random() < 0.7:
        shifts = [(rng.gauss(0, 0.025) * width, rng.gauss(0, 0.05) * height) for _ in range(4)]
        corners += np.asarray(shifts, np.float32) * strength
        corners[:, 1] += (corners[:, 0] - (left + right) / 2) * rng.gauss(0, 0.05) * strength
        corners[:, 0] += (corners[:, 1] - (top + bottom) / 2) * rng.gauss(0, 0.1) * strength
    return corners


def _frame(picture: np.ndarray, rng: random.Random) -> None:
    """A dealer's frame: a strip of one colour over the upper, the lower or every edge."""
    height, width = picture.shape[:2]
    tone = rng.randint(0, 60) if rng.random() < 0.7 else rng.randint(60, 255)
    colour = (tone, tone, tone)
    if rng.random() < 0.6:
        picture[: round(height * rng.uniform(0.02, 0.14))] = colour
    if rng.random() < 0.8:
        picture[height - round(height * rng.uniform(0.03, 0.2)) :] = colour
    side = round(width * rng.uniform(0, 0.05))
    if side:
        picture[:, :side] = colour
        picture[:, width - side :] = colour


def _erase(picture: np.ndarray, rng: random.Random) -> None:
    """Something in front of a part: a tow bar, a sticker, a shadow's edge."""
    height, width = picture.shape[:2]
    w, h = round(width * rng.uniform(0.05, 0.3)), round(height * rng.uniform(0.1, 0.5))
    x, y = rng.randint(0, max(0, width - w)), rng.randint(0, max(0, height - h))
    picture[y : y + h, x : x + w] = tuple(rng.randint(0, 255) for _ in range(3))


def _light(picture: np.ndarray, rng: random.Random, strength: float) -> np.ndarray:
    values: np.ndarray = picture.astype(np.float32)
    if rng.random() < 0.12 * strength:  # infra-red and night cameras see no colour
        values = np.repeat(values.mean(2, keepdims=True), 3, 2)
    elif rng.random() < 0.6:
        grey = values.mean(2, keepdims=True)
        values = grey + (values - grey) * rng.uniform(0.4, 1.4)
        values = values * np.asarray([rng.gauss(1, 0.1 * strength) for _ in range(3)], np.float32)
    if rng.random() < 0.06:
        values = values[:, :, rng.sample((0, 1, 2), 3)]
    if rng.random() < 0.85:
        kind = rng.random()
        if kind < 0.6:
            values = (values - 128) * rng.uniform(0.6, 1.3) + rng.uniform(90, 165)
        elif kind < 0.8:
            values = values * rng.uniform(0.2, 0.6) + rng.uniform(0, 40)
        else:
            values = 255 * (np.clip(values, 0, 255) / 255) ** rng.uniform(0.45, 2.0)
    if rng.random() < 0.15 * strength:
        ramp = np.linspace(0, rng.uniform(30, 110), picture.shape[1], dtype=np.float32)[None, :, None]
        values = values + (ramp if rng.random() < 0.5 else ramp[:, ::-1])
    result: np.ndarray = np.clip(values, 0, 255).astype(np.uint8)
    return result


def _blur(picture: np.ndarray, rng: random.Random) -> np.ndarray:
    width = picture.shape[1]
    if rng.random() < 0.6:
        return cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.3, 0.3 + 0.008 * width))
    length = max(2, round(rng.uniform(0.01, 0.03) * width))
    kernel = np.zeros((length, length), np.float32)
    if rng.random() < 0.7:
        kernel[length // 2] = 1 / length
    else:
        kernel[:, length // 2] = 1 / length
    return cv2.filter2D(picture, -1, kernel)
