"""Invented plates drawn flat, each a picture of one layout, with the paint's relief."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

# Debian packages fonts-roadgeek, fonts-opendin, fonts-liberation, fonts-dejavu-core; none of them is in the repository.
FONTS = Path("/usr/share/fonts/truetype")
GOTHIC_C = FONTS / "roadgeek/RG2014C.ttf"
GOTHIC_D = FONTS / "roadgeek/RG2014D.ttf"
DIN = FONTS / "opendin/OSP-DIN.ttf"
NARROW = FONTS / "liberation/LiberationSansNarrow-Bold.ttf"
SANS = FONTS / "liberation/LiberationSans-Bold.ttf"
SCRIPT = FONTS / "dejavu/DejaVuSerifCondensed-BoldItalic.ttf"

SCALE = 3  # pixels a millimetre


@dataclass(frozen=True)
class Layout:
    """Size in millimetres and colours of one kind of plate."""

    width: int
    height: int
    ground: tuple[int, int, int]
    ink: tuple[int, int, int]
    font: Path
    glyph_height: int  # of a capital letter, mm
    squeeze: float  # widths of the characters, × the font's own
    swell: float  # mm by which strokes are thicker than the road sign fonts' strokes


WHITE, YELLOW = (236, 236, 230), (243, 196, 24)
LAYOUTS = {
    "ca": Layout(305, 152, WHITE, (28, 38, 104), GOTHIC_C, 63, 0.86, 2.0),
    "tx": Layout(305, 152, WHITE, (22, 22, 24), GOTHIC_C, 63, 0.86, 2.0),
    "fl": Layout(305, 152, (240, 240, 234), (18, 84, 50), GOTHIC_C, 63, 0.86, 2.0),
    "ny": Layout(305, 152, (238, 172, 40), (20, 34, 80), GOTHIC_C, 63, 0.86, 2.0),
    "eu": Layout(520, 110, WHITE, (18, 18, 20), DIN, 75, 1.0, 0.8),
    "eu2": Layout(340, 200, WHITE, (18, 18, 20), DIN, 75, 1.0, 0.8),
    "uk": Layout(520, 111, YELLOW, (16, 16, 18), GOTHIC_D, 79, 0.84, 3.0),
    "ukfront": Layout(520, 111, WHITE, (16, 16, 18), GOTHIC_D, 79, 0.84, 3.0),
    "br": Layout(400, 130, WHITE, (18, 18, 20), DIN, 65, 1.05, 2.0),
}


def _glyphs(text: str, font: Path, height_mm: float, squeeze: float, tracking_mm: float) -> np.ndarray:
    """One line of characters as a mask, 0 to 255, exactly ``height_mm`` high."""
    face = ImageFont.truetype(str(font), 600)
    capital = face.getbbox("H")[3] - face.getbbox("H")[1]
    tops = face.getbbox("H")[1]
    pieces = []
    for c in text:
        if c == " ":
            pieces.append(np.zeros((capital, round(capital * 0.30)), np.uint8))
            continue
        left, _, right, _ = face.getbbox(c)
        cell = Image.new("L", (right - left, capital), 0)
        if c in "-·":
            middle = capital // 2
            half = round(capital * 0.07)
            wide = max(cell.width, 4 * half) if c == "-" else 2 * half
            cell = Image.new("L", (wide, capital), 0)
            pen = ImageDraw.Draw(cell)
            pen.rounded_rectangle([0, middle - half, wide - 1, middle + half], half if c == "·" else 4, fill=255)
        else:
            ImageDraw.Draw(cell).text((-left, -tops), c, font=face, fill=255)
        pieces.append(np.asarray(cell))
    gap = np.zeros((capital, round(tracking_mm / height_mm * capital / squeeze)), np.uint8)
    row = np.hstack([part for piece in pieces for part in (piece, gap)][:-1])
    high = round(height_mm * SCALE)
    wide = round(row.shape[1] * high / capital * squeeze)
    return cv2.resize(row, (wide, high), interpolation=cv2.INTER_AREA)


def _stamp(
    ground: np.ndarray, mask: np.ndarray, centre_x: float, centre_y: float, ink: tuple[int, int, int]
) -> np.ndarray:
    """Puts ink where the mask is, the mask's centre at a place given in millimetres; returns the mask full size."""
    full = np.zeros(ground.shape[:2], np.uint8)
    room = ground.shape[1] - 2 * 11 * SCALE
    if mask.shape[1] > room:  # a long text is set narrower, as plate makers do
        mask = cv2.resize(mask, (room, mask.shape[0]), interpolation=cv2.INTER_AREA)
    x = round(centre_x * SCALE - mask.shape[1] / 2)
    y = round(centre_y * SCALE - mask.shape[0] / 2)
    full[y : y + mask.shape[0], x : x + mask.shape[1]] = mask
    share = full[..., None].astype(np.float32) / 255
    ground[:] = ground * (1 - share) + np.array(ink, np.float32) * share
    return full


def _small(
    ground: np.ndarray, text: str, font: Path, height: float, x: float, y: float, ink: tuple[int, int, int]
) -> None:
    face = ImageFont.truetype(str(font), round(height * SCALE * 1.35))
    picture = Image.fromarray(ground.clip(0, 255).astype(np.uint8))
    ImageDraw.Draw(picture).text((x * SCALE, y * SCALE), text, font=face, fill=ink, anchor="mm")
    ground[:] = np.asarray(picture)


def _star(ground: np.ndarray, x: float, y: float, radius: float, ink: tuple[int, int, int]) -> None:
    turns = np.arange(10) * np.pi / 5 - np.pi / 2
    far = np.where(np.arange(10) % 2 == 0, radius, radius * 0.4) * SCALE
    points = np.stack([x * SCALE + far * np.cos(turns), y * SCALE + far * np.sin(turns)], 1)
    cv2.fillPoly(ground, [points.round().astype(np.int32)], ink, lineType=cv2.LINE_AA)


def _euro_band(ground: np.ndarray, country: str, height: int) -> None:
    cv2.rectangle(ground, (0, 0), (44 * SCALE, height * SCALE), (16, 50, 140), -1)
    for turn in np.arange(12) * np.pi / 6:
        _star(ground, 23 + 13 * np.cos(turn), height * 0.34 + 13 * np.sin(turn), 3, (250, 214, 40))
    _small(ground, country, SANS, 21, 23, height * 0.77, (240, 240, 240))


def _dress(ground: np.ndarray, kind: str, country: str, layout: Layout) -> None:
    """What is printed on a plate beside its text: the state's name, stickers, bands, stars."""
    wide = layout.width
    if kind == "ca":
        _small(ground, "California", SCRIPT, 18, wide / 2, 19, (190, 30, 40))
        cv2.rectangle(ground, (252 * SCALE, 10 * SCALE), (286 * SCALE, 32 * SCALE), (232, 120, 30), -1)
        cv2.rectangle(ground, (20 * SCALE, 10 * SCALE), (54 * SCALE, 32 * SCALE), (70, 130, 190), -1)
    elif kind == "tx":
        _small(ground, "TEXAS", SANS, 16, wide / 2, 19, (24, 24, 30))
        _star(ground, 60, 20, 12, (24, 24, 30))
        _small(ground, "The Lone Star State", SCRIPT, 8, wide / 2, 139, (40, 40, 44))
    elif kind == "fl":
        _small(ground, "FLORIDA", SANS, 17, wide / 2, 18, (18, 84, 50))
        cv2.circle(ground, (round(wide / 2 * SCALE), 78 * SCALE), 21 * SCALE, (240, 150, 30), -1, cv2.LINE_AA)
        cv2.circle(ground, (round((wide / 2 - 5) * SCALE), 73 * SCALE), 6 * SCALE, (250, 190, 90), -1, cv2.LINE_AA)
        _small(ground, "SUNSHINE STATE", SANS, 10, wide / 2, 139, (18, 84, 50))
    elif kind == "ny":
        cv2.rectangle(ground, (0, 0), (wide * SCALE, 34 * SCALE), layout.ink, -1)
        _small(ground, "NEW YORK", SANS, 16, wide / 2, 19, (238, 180, 50))
        _small(ground, "EMPIRE STATE", SANS, 10, wide / 2, 139, layout.ink)
    elif kind in ("eu", "eu2"):
        _euro_band(ground, country, layout.height if kind == "eu" else 110)
    elif kind == "br":
        cv2.rectangle(ground, (0, 0), (wide * SCALE, 30 * SCALE), (20, 60, 150), -1)
        _small(ground, "BRASIL", SANS, 15, wide / 2, 15, (240, 240, 240))
        cv2.rectangle(ground, (352 * SCALE, 6 * SCALE), (382 * SCALE, 24 * SCALE), (30, 130, 60), -1)
        cv2.circle(ground, (367 * SCALE, 15 * SCALE), 7 * SCALE, (230, 200, 30), -1, cv2.LINE_AA)
    if kind.startswith("uk"):
        _small(ground, "HOLLOW LANE MOTORS", SANS, 5, wide / 2, 104, layout.ink)


def draw_plate(kind: str, written: str, country: str, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The plate's colours (height × width × 3, uint8, RGB) and its relief (height × width, uint8, 128 is flat).

    ``written`` has spaces, hyphens and ``/`` between two lines as they stand on the plate.
    """
    layout = LAYOUTS[kind]
    ground = np.empty((layout.height * SCALE, layout.width * SCALE, 3), np.float32)
    ground[:] = layout.ground
    _dress(ground, kind, country, layout)
    left = 44 if kind in ("eu",) else 0
    centre_x = left + (layout.width - left) / 2
    lines = written.split("/")
    if len(lines) == 2:
        rows = [(lines[0], 56.0, centre_x + 22), (lines[1], 146.0, centre_x)]
    else:
        middle = {"ca": 82, "tx": 80, "fl": 78, "ny": 84, "br": 80}.get(kind, layout.height / 2)
        rows = [(written, float(middle), centre_x)]
    relief = np.zeros(ground.shape[:2], np.uint8)
    for line, y, x in rows:
        if kind == "fl":
            line = line.replace(" ", "   ")  # round the orange
        mask = _glyphs(line, layout.font, layout.glyph_height, layout.squeeze, 9.0 if layout.width > 400 else 6.5)
        swell = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (round(layout.swell * SCALE) | 1,) * 2)
        mask = cv2.dilate(cv2.copyMakeBorder(mask, 8, 8, 8, 8, cv2.BORDER_CONSTANT), swell)
        relief |= _stamp(ground, mask, x, y, layout.ink)
    edge = np.zeros_like(relief)
    cv2.rectangle(edge, (2 * SCALE, 2 * SCALE), (edge.shape[1] - 2 * SCALE, edge.shape[0] - 2 * SCALE), 255, 2 * SCALE)
    if kind.startswith("eu"):
        share = edge[..., None] / np.float32(255)
        ground[:] = ground * (1 - share) + np.array(layout.ink, np.float32) * share
    dirt = cv2.resize(rng.random((14, 30), dtype=np.float32), ground.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    speckle = cv2.GaussianBlur(rng.random(ground.shape[:2], dtype=np.float32), (0, 0), 3)
    low = np.linspace(0, 1, ground.shape[0], dtype=np.float32)[:, None] ** 2
    ground *= (1 - 0.05 * dirt - 0.12 * low * dirt - 1.2 * np.clip(speckle - 0.56, 0, 1))[..., None]
    if layout.width == 305:  # four bolt holes, two of them with bolts
        for x, y in ((62, 14), (243, 14), (62, 140), (243, 140)):
            cv2.circle(ground, (x * SCALE, y * SCALE), 4 * SCALE, (70, 70, 72), -1, cv2.LINE_AA)
            cv2.circle(ground, (x * SCALE, y * SCALE), 2 * SCALE, (140, 140, 140), -1, cv2.LINE_AA)
    height = cv2.GaussianBlur(np.maximum(relief, edge).astype(np.float32), (0, 0), SCALE * 0.8)
    return ground.clip(0, 255).astype(np.uint8), (128 + height * 0.49).astype(np.uint8)
