"""A street camera's faults, put on a clean picture: softness, over-sharpening, noise, vignette, clock, JPEG."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

CLOCK = Path("/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf")


@dataclass(frozen=True)
class Faults:
    """``softness`` in pixels (σ), ``noise`` in grey levels (σ), ``motion`` in pixels along ``motion_angle`` degrees."""

    softness: float = 0.7
    sharpening: float = 0.6
    noise: float = 2.5
    vignette: float = 0.22
    quality: int = 82
    motion: float = 0.0
    motion_angle: float = 0.0
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    black: float = 6.0  # haze of the lens: the darkest grey
    grey: bool = False
    bloom: float = 0.10
    rain: int = 0


def _rain(picture: np.ndarray, drops: int, rng: np.random.Generator) -> np.ndarray:
    """Streaks in the air, and drops on the camera's window that bend what is behind them."""
    high, wide = picture.shape[:2]
    streaks = np.zeros((high, wide), np.float32)
    for _ in range(drops):
        x, y = rng.uniform(-20, wide), rng.uniform(-40, high)
        length, lean = rng.uniform(10, 34), rng.normal(0.10, 0.02)
        cv2.line(
            streaks,
            (int(x), int(y)),
            (int(x + lean * length), int(y + length)),
            float(rng.uniform(0.1, 0.5)),
            1,
            cv2.LINE_AA,
        )
    picture = picture + (cv2.GaussianBlur(streaks, (0, 0), 0.8) * 46)[..., None]
    soft = cv2.GaussianBlur(picture, (0, 0), 5)
    for _ in range(drops // 24):
        x, y, r = rng.uniform(0, wide), rng.uniform(0, high), rng.uniform(4, 12)
        if abs(x - wide / 2) < wide * 0.22 and abs(y - high * 0.6) < high * 0.25:
            continue  # the drivers of cameras wipe the middle; and a drop on the plate would make the label a guess
        mask = np.zeros((high, wide), np.float32)
        cv2.ellipse(mask, (int(x), int(y)), (int(r), int(r * rng.uniform(1.0, 1.4))), 0, 0, 360, 1.0, -1, cv2.LINE_AA)
        mask = cv2.GaussianBlur(mask, (0, 0), 1.2)[..., None]
        bent = np.roll(soft, (-round(r * 2.2), round(r)), (0, 1)) * 1.08
        picture = picture * (1 - mask * 0.85) + bent * mask * 0.85
    return picture


def _noise(shape: tuple[int, ...], rng: np.random.Generator, sigma: float) -> np.ndarray:
    """A sensor's noise after a camera's own smoothing: finer in brightness, blotchy in colour."""
    fine = cv2.GaussianBlur(rng.normal(0, 1, shape[:2]).astype(np.float32), (0, 0), 0.6)
    blotches = cv2.GaussianBlur(rng.normal(0, 1, (*shape[:2], 3)).astype(np.float32), (0, 0), 1.8)
    return sigma * (1.9 * fine[..., None] + 3.0 * blotches)


def _clock(picture: np.ndarray, name: str, at: datetime) -> np.ndarray:
    made = Image.fromarray(picture)
    pen, face = ImageDraw.Draw(made), ImageFont.truetype(str(CLOCK), 22)
    style = {"font": face, "fill": (242, 242, 242), "stroke_width": 1, "stroke_fill": (20, 20, 20)}
    pen.text((18, 12), at.strftime("%d-%m-%Y %H:%M:%S"), **style)
    pen.text((made.width - 18, made.height - 14), name, anchor="rd", **style)
    return np.asarray(made)


def expose(clean: np.ndarray, faults: Faults, rng: np.random.Generator, name: str, at: datetime) -> np.ndarray:
    """What the camera makes of a clean picture (height × width × 3, uint8, RGB both)."""
    picture = clean.astype(np.float32)
    high, wide = picture.shape[:2]
    bright = np.clip(picture - 205, 0, None)
    picture = picture + faults.bloom * (
        cv2.GaussianBlur(bright, (0, 0), 9) * 3 + cv2.GaussianBlur(bright, (0, 0), 40) * 4
    )
    if faults.rain:
        picture = _rain(picture, faults.rain, rng)
    if faults.motion >= 1:
        size = int(faults.motion) | 1
        kernel = np.zeros((size, size), np.float32)
        kernel[size // 2] = 1
        turn = cv2.getRotationMatrix2D((size / 2 - 0.5, size / 2 - 0.5), faults.motion_angle, 1)
        kernel = cv2.warpAffine(kernel, turn, (size, size))
        picture = cv2.filter2D(picture, -1, kernel / kernel.sum())
    picture = cv2.GaussianBlur(picture, (0, 0), faults.softness)
    y, x = np.mgrid[0:high, 0:wide].astype(np.float32)
    away = ((x - wide / 2) ** 2 + (y - high / 2) ** 2) / ((wide / 2) ** 2 + (high / 2) ** 2)
    picture *= (1 - faults.vignette * away**1.2)[..., None]
    picture = picture * np.array(faults.tint, np.float32) * (1 - faults.black / 255) + faults.black
    if faults.grey:
        picture = np.repeat(picture @ np.array([[0.35], [0.45], [0.20]], np.float32), 3, axis=2)
    shade = 0.55 + 0.75 * (1 - picture.mean(2, keepdims=True).clip(0, 255) / 255)
    noise = _noise(picture.shape, rng, faults.noise)
    picture = picture + (noise.mean(2, keepdims=True) if faults.grey else noise) * shade
    blurred = cv2.GaussianBlur(picture, (0, 0), 1.6)
    picture = picture + faults.sharpening * (picture - blurred)
    return _clock(np.clip(picture, 0, 255).astype(np.uint8), name, at)


def save_jpeg(picture: np.ndarray, path: Path, quality: int, at: datetime) -> None:
    """Writes the photo with its time in Exif, as cameras do; ``at`` is aware."""
    exif = Image.Exif()
    stamp = at.strftime("%Y:%m:%d %H:%M:%S")
    exif[306] = stamp  # DateTime
    offset = at.strftime("%z")
    exif.get_ifd(0x8769).update(
        {36867: stamp, 36881: f"{offset[:3]}:{offset[3:]}"}
    )  # DateTimeOriginal, OffsetTimeOriginal
    Image.fromarray(picture).save(path, "JPEG", quality=quality, subsampling="4:2:0", exif=exif)
