"""Scenes: windows of labelled photos, seen at a distance and in a light of chance, that the detector learns from.

A photo shows its plates at one size. A scene is a window of it, scaled so that one of its plates gets a width drawn
from the whole range that the detector must find; so small plates are as frequent as large ones. Other scenes show
photos as they come, with all their background, and some are four windows in one.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from lpr.errors import DatasetError
from lpr.training.dataset import NOT_PLATES, LabelledPhoto
from lpr.training.other_plates import OtherPlates, repaint
from lpr.training.synthetic.weather import over_a_scene

#: Widths of plates in scenes, pixels, drawn log-uniformly: the whole picture at 640 to 1280 pixels, and close looks.
NARROWEST, WIDEST = 9.0, 520.0
#: A photo is enlarged no more than this: what is not in it cannot be learned from it.
MOST_ENLARGED = 2.0
#: The longest side of photos that are seen as they come, pixels: what ``Settings.imgsz`` may be.
LEAST_WHOLE, MOST_WHOLE = 480.0, 1400.0
#: The share of windows turned as far as motorcycles lean on their stands; others turn by a camera's slight roll.
ASLANT = 0.12
#: Turns below this, in radians, are slight.
SLIGHT = 0.05
#: The grey around pictures, as Ultralytics pads; also painted over what is neither plate nor background.
GREY = (114, 114, 114)
#: Photos of which not every plate is labelled show no more of their surroundings than this, in widths of the plate.
UNLABELLED_REACH = 5.0
#: A photo covers at least this share of a window's width.
LEAST_COVER = 0.6
#: A plate of which less than this share lies in the window is painted over, not labelled.
LEAST_VISIBLE = 0.4
#: Plates narrower than this are not labelled: nobody could tell them from anything else.
LEAST_WIDTH = 5.0
#: The share of plates that get other colours.
REPAINTED = 0.1

Corners = tuple[float, float, float, float]


@dataclass(frozen=True)
class Scene:
    """``image`` size × size × 3, uint8, BGR; ``boxes`` n × 4, float32, x1 y1 x2 y2 in its pixels."""

    image: np.ndarray
    boxes: np.ndarray


@dataclass(frozen=True)
class Photo:
    """A photo in memory: ``image`` height × width × 3, uint8, BGR; ``plates`` and ``complete`` as labelled."""

    image: np.ndarray
    plates: tuple[Corners, ...]
    complete: bool


def load_photo(labelled: LabelledPhoto, longest: int) -> Photo:
    """The photo with its longest side at most ``longest`` pixels; what is labelled as no plate is painted grey.

    Raises DatasetError when the file cannot be read.
    """
    image = cv2.imread(str(labelled.image))
    if image is None:
        raise DatasetError(f"cannot read the photo {labelled.image}; restore it or delete its line")
    for plate in labelled.plates:
        if plate.flag in NOT_PLATES:
            x1, y1, x2, y2 = (round(value) for value in plate.box)
            cv2.rectangle(image, (x1, y1), (x2, y2), GREY, -1)
    scale = min(1.0, longest / max(image.shape[:2]))
    if scale < 1:
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    boxes = (plate.box for plate in labelled.plates if plate.flag not in NOT_PLATES)
    plates = tuple((x1 * scale, y1 * scale, x2 * scale, y2 * scale) for x1, y1, x2, y2 in boxes)
    return Photo(image, plates, labelled.complete)


class SceneMaker:
    """Makes scenes of ``size`` pixels without end from ``photos``; all chance comes from the ``rng`` passed in.

    With ``others`` the share ``swapped`` of the plates is covered by drawn ones.
    """

    def __init__(
        self,
        photos: Sequence[Photo],
        size: int,
        four_in_one: float = 0.35,
        natural: float = 0.5,
        widest: float = WIDEST,
        others: OtherPlates | None = None,
        swapped: float = 0.25,
    ) -> None:
        self._with = [photo for photo in photos if photo.plates]
        self._complete = [photo for photo in photos if photo.complete]
        if not self._with:
            raise DatasetError("no photo has a plate; the detector learns from labelled plates")
        self._size = size
        self._four_in_one = four_in_one
        self._natural = natural
        self._widest = widest
        self._others = others
        self._swapped = swapped

    def make(self, rng: random.Random) -> Scene:
        four = rng.random() < self._four_in_one
        scene = self._four(rng) if four else self._window(rng, self._size, self._size)
        return Scene(over_a_scene(scene.image, rng), scene.boxes)

    def _four(self, rng: random.Random) -> Scene:
        size = self._size
        x, y = (round(size * rng.uniform(0.3, 0.7)) for _ in range(2))
        image = np.empty((size, size, 3), np.uint8)
        boxes = []
        for left, top, right, bottom in ((0, 0, x, y), (x, 0, size, y), (0, y, x, size), (x, y, size, size)):
            part = self._window(rng, right - left, bottom - top)
            image[top:bottom, left:right] = part.image
            boxes.append(part.boxes + np.asarray([left, top, left, top], np.float32))
        return Scene(image, np.concatenate(boxes))

    def _window(self, rng: random.Random, width: int, height: int) -> Scene:
        if self._complete and rng.random() < self._natural:
            return self._as_it_comes(rng, width, height)
        photo = rng.choice(self._with)
        x1, y1, x2, y2 = rng.choice(photo.plates)
        span = max(1.0, x2 - x1)
        most = min(MOST_ENLARGED * span, min(self._widest, 0.95 * width))
        # A photo shrunk to a stamp in a grey field shows no surroundings to learn from.
        least = max(NARROWEST, span * LEAST_COVER * width / photo.image.shape[1])
        if not photo.complete:
            least = max(least, width / UNLABELLED_REACH)
        scale = math.exp(rng.uniform(math.log(min(least, most)), math.log(most))) / span
        # Where in the window the plate lies: anywhere, at times cut by its edge, the window inside the photo if it can.
        wide, high = width / scale, height / scale
        over = 0.15 * span if rng.random() < 0.15 else 0.0
        left = _within(x1 - rng.uniform(-over, wide - span + over), wide, photo.image.shape[1])
        top = _within(y1 - rng.uniform(0, max(0.0, high - (y2 - y1))), high, photo.image.shape[0])
        return self._cut(photo, (left + wide / 2, top + high / 2), scale, rng, width, height)

    def _as_it_comes(self, rng: random.Random, width: int, height: int) -> Scene:
        """A photo as large as the detector sees it whole, so much background for each plate as there really is."""
        photo = rng.choice(self._complete)
        high, wide = photo.image.shape[:2]
        longest = math.exp(rng.uniform(math.log(LEAST_WHOLE), math.log(MOST_WHOLE)))
        scale = min(MOST_ENLARGED, longest / max(high, wide))
        left = _within(rng.uniform(-0.2, 1.0) * wide - width / scale / 2, width / scale, wide)
        top = _within(rng.uniform(-0.2, 1.0) * high - height / scale / 2, height / scale, high)
        return self._cut(photo, (left + width / scale / 2, top + height / scale / 2), scale, rng, width, height)

    def _cut(
        self, photo: Photo, middle: tuple[float, float], scale: float, rng: random.Random, width: int, height: int
    ) -> Scene:
        """The window of ``width`` × ``height`` pixels around ``middle`` (photo pixels), enlarged by ``scale``."""
        stretch = math.exp(rng.gauss(0, 0.12)) if rng.random() < 0.7 else math.exp(rng.uniform(-0.45, 0.45))
        sx, sy = scale * math.sqrt(stretch), scale / math.sqrt(stretch)
        angle = rng.gauss(0, 0.035) if rng.random() < 0.4 else 0.0
        if rng.random() < ASLANT:
            angle = rng.uniform(-0.4, 0.4)
        flip = -1.0 if rng.random() < 0.5 else 1.0
        image = photo.image
        shrink = 1.0
        while max(sx, sy) / shrink < 0.55:  # average before sampling
            image = cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
            shrink *= 0.5
        cos, sin = math.cos(angle), math.sin(angle)
        turn = np.asarray([[flip * sx * cos, -flip * sx * sin], [sy * sin, sy * cos]])
        shift = np.asarray([width / 2, height / 2]) - turn @ np.asarray(middle)
        matrix = np.column_stack([turn / shrink, shift])
        method = cv2.INTER_CUBIC if rng.random() < 0.2 else cv2.INTER_LINEAR
        window = cv2.warpAffine(image, matrix, (width, height), flags=method, borderValue=GREY)
        boxes = []
        for x1, y1, x2, y2 in photo.plates:
            box = _turned((x1, y1, x2, y2), turn, shift, angle)
            inside = (max(0.0, box[0]), max(0.0, box[1]), min(float(width), box[2]), min(float(height), box[3]))
            wide, high = inside[2] - inside[0], inside[3] - inside[1]
            if wide <= 0 or high <= 0:
                continue
            visible = wide * high / max(1e-6, (box[2] - box[0]) * (box[3] - box[1]))
            if visible < LEAST_VISIBLE:
                corner = (math.floor(inside[0]), math.floor(inside[1])), (math.ceil(inside[2]), math.ceil(inside[3]))
                cv2.rectangle(window, *corner, GREY, -1)
            elif box[2] - box[0] >= LEAST_WIDTH:
                if visible > 0.999:
                    size = abs(sx) * (x2 - x1), abs(sy) * (y2 - y1)
                    inside = self._changed(window, inside, size, flip * angle, 0.45 * max(1.0, scale), rng)
                boxes.append(inside)
        return Scene(window, np.asarray(boxes, np.float32).reshape(-1, 4))

    def _changed(
        self,
        window: np.ndarray,
        box: Corners,
        size: tuple[float, float],
        angle: float,
        softness: float,
        rng: random.Random,
    ) -> Corners:
        """The plate in ``box`` as another one, or in other colours, or as it is; returns the box around it."""
        kind = rng.random()
        if self._others is not None and kind < self._swapped:
            middle = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
            return self._others.swap(window, middle, size, angle, softness, rng) or box
        if kind > 1 - REPAINTED:
            repaint(window, box, rng)
        return box


def _within(start: float, length: float, whole: float) -> float:
    """``start`` moved so that ``length`` from it lies inside ``whole``, or ``whole`` inside it."""
    low, high = sorted((0.0, whole - length))
    return min(max(start, low), high)


def _turned(box: Corners, turn: np.ndarray, shift: np.ndarray, angle: float) -> Corners:
    """The box around a labelled box after the turn.

    A labelled box is wider than the plate in it when the plate lies aslant already; so after slight turns half the
    growth that the corners show is left out.
    """
    x1, y1, x2, y2 = box
    corners = np.asarray([(x1, y1), (x2, y1), (x2, y2), (x1, y2)]) @ turn.T + shift
    low, high = corners.min(0), corners.max(0)
    if angle:
        middle = (low + high) / 2
        plain = np.abs(turn) @ np.asarray([x2 - x1, 0.0]), np.abs(turn) @ np.asarray([0.0, y2 - y1])
        size = np.asarray([plain[0][0], plain[1][1]])
        half = (size + (high - low)) / 4
        if abs(angle) < SLIGHT:
            low, high = middle - half, middle + half
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])
