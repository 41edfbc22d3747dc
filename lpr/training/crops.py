"""Real pictures for the reader's training: labelled crops seen anew each time, and places that hold no plate."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from lpr.errors import DatasetError
from lpr.normalize import normalize
from lpr.recognition.crop import SEEN_X, SEEN_Y, prepare
from lpr.training.dataset import CROP_FILES, UNREADABLE, LabelledPhoto, read_crops, read_photos
from lpr.training.synthetic.camera import expose

#: Longest side at which crops are kept in memory, pixels; more than the reader ever sees.
_LONGEST = 400


@dataclass(frozen=True)
class RealCrop:
    """``image`` grey, uint8; ``box`` the plate inside it, x1, y1, x2, y2; ``text`` normalized; ``weight`` relative."""

    image: np.ndarray
    box: tuple[float, float, float, float]
    text: str
    weight: float


def load_real_crops(folder: Path, split: str, files: Iterable[str] = CROP_FILES) -> list[RealCrop]:
    """The readable crops of ``split`` in ``files`` of ``folder``, each text weighted down by how often it occurs.

    Raises DatasetError for a picture that cannot be read.
    """
    rows = [
        row
        for row in read_crops(folder, split, files)
        if row.text and normalize(row.text) and row.flag not in UNREADABLE
    ]
    count: dict[str, int] = {}
    for row in rows:
        count[row.text or ""] = count.get(row.text or "", 0) + 1
    crops = []
    for row in rows:
        image = cv2.imread(str(row.image), cv2.IMREAD_GRAYSCALE)
        if image is None:
            raise DatasetError(f"cannot read the crop {row.image}; restore it or delete its line")
        height, width = image.shape
        box = row.box or (0.0, 0.0, float(width), float(height))
        scale = min(1.0, _LONGEST / max(height, width))
        if scale < 1:
            image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            box = tuple(value * scale for value in box)
        crops.append(RealCrop(image, box, normalize(row.text or ""), count[row.text or ""] ** -0.5))
    return crops


def seen_anew(crop: RealCrop, rng: random.Random) -> np.ndarray:
    """The crop under another angle, distance, light and box error, prepared for the reader."""
    x1, y1, x2, y2 = crop.box
    width, height = x2 - x1, y2 - y1
    if width * height < 1:
        return prepare(crop.image)
    edges = [rng.gauss(*edge) for edge in 2 * ((SEEN_X, 0.045), (SEEN_Y, 0.08))]
    left, top = x1 - width * edges[0], y1 - height * edges[1]
    right, bottom = x2 + width * edges[2], y2 + height * edges[3]
    corners = np.asarray([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)
    if rng.random() < 0.6:
        corners += np.asarray([(rng.gauss(0, 0.02) * width, rng.gauss(0, 0.04) * height) for _ in range(4)], np.float32)
        slope = rng.gauss(0, 0.03)
        corners[:, 1] += (corners[:, 0] - (left + right) / 2) * slope
    target = right - left
    if rng.random() < 0.45 and target > 50:
        target = max(36.0, target * rng.uniform(0.3, 1.0))
    target = min(target, 260.0)
    out = max(8, round(target)), max(4, round(target * (bottom - top) / (right - left)))
    image = crop.image
    shrink = target / (right - left)
    if shrink < 0.7:  # average before sampling
        image = cv2.resize(image, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        corners *= np.asarray([image.shape[1] / crop.image.shape[1], image.shape[0] / crop.image.shape[0]], np.float32)
    goal = np.asarray([(0, 0), (out[0], 0), out, (0, out[1])], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, goal)
    picture = cv2.warpPerspective(image, matrix, out, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return prepare(expose(picture, rng) if rng.random() < 0.7 else picture)


def seen_plainly(crop: RealCrop) -> np.ndarray:
    """The crop as the reader first sees it when the labelled box is the detector's, prepared for it."""
    x1, y1, x2, y2 = crop.box
    dx, dy = (x2 - x1) * SEEN_X, (y2 - y1) * SEEN_Y
    height, width = crop.image.shape
    left, top = max(0, round(x1 - dx)), max(0, round(y1 - dy))
    return prepare(crop.image[top : min(height, round(y2 + dy)), left : min(width, round(x2 + dx))])


def load_negatives(folder: Path, split: str, count: int, seed: int) -> list[np.ndarray]:
    """``count`` grey pieces of photos that hold no plate, of plates' shapes and sizes."""
    rng = random.Random(seed)
    photos = [photo for photo in read_photos(folder / "photos.jsonl", split) if photo.complete]
    if not photos:
        return []
    negatives: list[np.ndarray] = []
    rng.shuffle(photos)
    each = max(1, round(1.5 * count / len(photos)))
    for photo in photos:
        if len(negatives) >= count:
            break
        negatives.extend(_background(photo, rng, each))
    return negatives[:count]


def _background(photo: LabelledPhoto, rng: random.Random, count: int) -> list[np.ndarray]:
    image = cv2.imread(str(photo.image), cv2.IMREAD_GRAYSCALE)
    if image is None:
        raise DatasetError(f"cannot read the photo {photo.image}; restore it or delete its line")
    height, width = image.shape
    pieces: list[np.ndarray] = []
    for _ in range(6 * count):
        w = round(width * rng.uniform(0.05, 0.3))
        h = max(6, round(w / rng.uniform(1.2, 5)))
        if w >= width or h >= height:
            continue
        x, y = rng.randrange(width - w), rng.randrange(height - h)
        if any(x < p.box[2] and x + w > p.box[0] and y < p.box[3] and y + h > p.box[1] for p in photo.plates):
            continue
        piece = image[y : y + h, x : x + w]
        if piece.std() > 12 or rng.random() < 0.1:  # plain sky and road teach little
            pieces.append(piece.copy())
        if len(pieces) == count:
            break
    return pieces
