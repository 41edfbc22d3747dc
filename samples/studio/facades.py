"""House fronts painted flat: walls, windows, doors, shops; as pictures with their roughness and their lit windows."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from studio.plates import NARROW, SANS, SCRIPT

DENSITY = 48  # pixels a metre
WALLS = (
    (0.36, 0.16, 0.11),
    (0.52, 0.46, 0.38),
    (0.40, 0.40, 0.39),
    (0.30, 0.12, 0.09),
    (0.58, 0.55, 0.50),
    (0.42, 0.30, 0.21),
)
SIGNS = (
    ("BAKERY", (0.30, 0.06, 0.05)),
    ("LAUNDRY", (0.03, 0.14, 0.30)),
    ("CAFE ROSA", (0.06, 0.18, 0.10)),
    ("FLOWERS", (0.35, 0.10, 0.22)),
    ("HARDWARE", (0.05, 0.05, 0.06)),
    ("BOOKS", (0.20, 0.12, 0.05)),
)


@dataclass(frozen=True)
class Facade:
    """Colours, (roughness) and glow of one front, each (height × width × …), linear, 0 to 1."""

    colour: np.ndarray
    rough: np.ndarray
    glow: np.ndarray


def _cloud(rng: np.random.Generator, shape: tuple[int, int], cells: int) -> np.ndarray:
    small = rng.random((max(2, shape[0] // cells), max(2, shape[1] // cells)), dtype=np.float32)
    return cv2.resize(small, shape[::-1], interpolation=cv2.INTER_CUBIC)


def _bricks(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    high, wide = 6, 17
    tone = np.ones(shape, np.float32)
    for row in range(0, shape[0], high):
        shift = 0 if (row // high) % 2 else wide // 2
        shades = rng.normal(1, 0.10, shape[1] // wide + 2).astype(np.float32)
        columns = (np.arange(shape[1]) + shift) // wide
        tone[row : row + high - 1] = shades[columns][None]
        tone[row + high - 1 : row + high] = 1.35
        joints = ((np.arange(shape[1]) + shift) % wide) == 0
        tone[row : row + high, joints] = 1.3
    return tone


def letters(
    text: str, high: int, colour: tuple[int, int, int], ground: tuple[int, int, int], script: bool = False
) -> np.ndarray:
    """A sign: uint8 RGB."""
    face = ImageFont.truetype(str(SCRIPT if script else (NARROW if len(text) > 9 else SANS)), round(high * 0.7))
    wide = round(face.getlength(text) + high)
    made = Image.new("RGB", (wide, high), ground)
    ImageDraw.Draw(made).text((wide / 2, high / 2), text, font=face, fill=colour, anchor="mm")
    return np.asarray(made)


def paint_facade(
    rng: np.random.Generator, width: float, height: float, lit: float, shop: int | None, shade: float = 1.0
) -> Facade:
    """A front of ``width`` × ``height`` metres; ``lit`` is the share of lit windows; ``shop`` numbers its sign."""
    rows, columns = round(height * DENSITY), round(width * DENSITY)
    base = np.array(WALLS[rng.integers(len(WALLS))], np.float32)
    tone = _bricks(rng, (rows, columns)) if base[0] > 1.6 * base[2] else np.ones((rows, columns), np.float32)
    tone = tone * (0.82 + 0.22 * _cloud(rng, (rows, columns), 60)) * (0.94 + 0.12 * _cloud(rng, (rows, columns), 5))
    colour = base * tone[..., None]
    rough = np.full((rows, columns), 0.85, np.float32)
    glow = np.zeros((rows, columns, 3), np.float32)

    def box(x: float, z: float, w: float, h: float) -> tuple[slice, slice]:
        top = rows - round((z + h) * DENSITY)
        return slice(max(0, top), max(0, top + round(h * DENSITY))), slice(round(x * DENSITY), round((x + w) * DENSITY))

    def pane(x: float, z: float, w: float, h: float, frame: tuple[float, float, float], bars: int) -> None:
        colour[box(x - 0.10, z - 0.10, w + 0.20, h + 0.20)] *= 1.25  # the surround
        colour[box(x - 0.14, z - 0.16, w + 0.28, 0.10)] = (0.45, 0.44, 0.42)  # the sill
        colour[box(x - 0.14, z - 0.24, w + 0.28, 0.08)] *= 0.45  # and its shadow
        colour[box(x, z, w, h)] = frame
        inside = box(x + 0.06, z + 0.06, w - 0.12, h - 0.12)
        colour[inside] = rng.uniform(0.008, 0.03)
        rough[inside] = 0.04
        drawn = rng.random()
        if drawn < 0.55:
            curtain = box(x + 0.06, z + 0.06 + h * rng.uniform(0, 0.6), w - 0.12, h - 0.12)
            part = (slice(curtain[0].start + round(0.12 * DENSITY), min(curtain[0].stop, inside[0].stop)), curtain[1])
            folds = 0.16 + 0.05 * np.sin(np.arange(colour[part].shape[1]) * 0.9)
            colour[part] = (folds[None, :, None] * np.array([1.0, 0.96, 0.88])).astype(np.float32)
        colour[box(x + 0.06, z + h - 0.22, w - 0.12, 0.16)] *= 0.4  # the lintel's shadow
        if rng.random() < lit:
            warm = np.array([1.0, rng.uniform(0.6, 0.8), rng.uniform(0.28, 0.5)], np.float32)
            shape = glow[inside].shape[:2]
            glow[inside] = warm * (0.25 + 0.5 * _cloud(rng, shape, 30))[..., None]
        for bar in range(1, bars):
            colour[box(x + w * bar / bars - 0.03, z, 0.06, h)] = frame
            glow[box(x + w * bar / bars - 0.03, z, 0.06, h)] = 0
        colour[box(x, z + h * 0.62, w, 0.05)] = frame
        glow[box(x, z + h * 0.62, w, 0.05)] = 0

    frame = ((0.65, 0.65, 0.63), (0.10, 0.12, 0.11), (0.28, 0.17, 0.10))[rng.integers(3)]
    storey, bays = 3.1, max(2, round(width / 2.6))
    wide = width / bays
    for floor in range(1, int(height // storey)):
        for bay in range(bays):
            pane(bay * wide + wide / 2 - 0.55, floor * storey + 0.9, 1.1, 1.6, frame, 2)
    if shop is None:
        for bay in range(bays):
            if bay == bays // 2:
                colour[box(bay * wide + wide / 2 - 0.62, 0.0, 1.24, 2.5)] = 0.42
                door = ((0.10, 0.02, 0.02), (0.02, 0.06, 0.05), (0.02, 0.03, 0.09))[rng.integers(3)]
                colour[box(bay * wide + wide / 2 - 0.5, 0.0, 1.0, 2.1)] = door
                colour[box(bay * wide + wide / 2 - 0.5, 2.1, 1.0, 0.3)] = 0.03
            else:
                pane(bay * wide + wide / 2 - 0.6, 1.0, 1.2, 1.5, frame, 2)
    else:
        name, ground = SIGNS[shop % len(SIGNS)]
        colour[box(0.2, 0.0, width - 0.4, 3.25)] = np.array(ground) * shade
        for bay in range(bays):
            at = 0.4 + bay * (width - 0.8) / bays
            wide_pane = (width - 0.8) / bays - 0.2
            low = 0.05 if bay == bays // 2 else 0.55
            inside = box(at + 0.05, low, wide_pane, 2.45 - low)
            shape = colour[inside].shape[:2]
            colour[inside] = (0.02 + 0.10 * np.clip(_cloud(rng, shape, 14) - 0.35, 0, 1))[..., None] * rng.uniform(
                0.6, 1, 3
            )
            rough[inside] = 0.05
            if lit > 0.15:
                glow[inside] = (0.06 + 0.30 * _cloud(rng, shape, 22) ** 2)[..., None] * np.array([1.0, 0.80, 0.52])
                for _ in range(6):  # shelves and goods stand before the light
                    gx, gz = at + rng.uniform(0.1, max(0.2, wide_pane - 0.4)), low + rng.uniform(0, 0.8)
                    glow[box(gx, gz, rng.uniform(0.15, 0.5), rng.uniform(0.2, 0.7))] *= rng.uniform(0.1, 0.6)
        board = (
            letters(name, round(0.62 * DENSITY), (240, 234, 214), (0, 0, 0), script=shop % 3 == 2).astype(np.float32)
            / 255
        )
        area = box(width / 2 - board.shape[1] / DENSITY / 2, 2.58, board.shape[1] / DENSITY, board.shape[0] / DENSITY)
        high, across = colour[area].shape[:2]
        board = cv2.resize(board, (across, high))
        colour[area] = np.maximum(colour[area], board * 0.8)
        if lit > 0.15:
            glow[area] = board * 0.9
    streaks = _cloud(rng, (4, columns), 9)[:1]
    colour *= (0.86 + 0.14 * np.clip(streaks, 0, 1))[..., None]
    colour[box(0, 0, width, 0.5)] *= 0.7
    return Facade(colour.clip(0, 1).astype(np.float32), rough, glow.clip(0, 4).astype(np.float32))
