"""Frames between two rendered ones: the car's picture is moved as its rear face moves, and one fades into the other.

Rendering each frame of a clip takes hours on two busy cores. A few do, since a car that drives away hardly turns.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np


@dataclass(frozen=True)
class Key:
    """A rendered frame (height × width × 3, uint8) and where the car's rear face is in it (4 × 2 pixels)."""

    picture: np.ndarray
    rear: np.ndarray


def _changed(still: np.ndarray, picture: np.ndarray) -> np.ndarray:
    """Where the picture shows the car or its shadow, 0 to 1, softly."""
    away = np.abs(picture.astype(np.float32) - still).max(2)
    mask = (cv2.GaussianBlur(away, (0, 0), 1.5) > 14).astype(np.uint8)
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((41, 41), np.uint8))
    # What else differs, at leaves and edges, is the renderer's noise.
    _, labels, sizes, _ = cv2.connectedComponentsWithStats(mask)
    mask = (labels == 1 + np.argmax(sizes[1:, cv2.CC_STAT_AREA])).astype(np.uint8) if len(sizes) > 1 else mask
    return cv2.GaussianBlur(cv2.dilate(mask, np.ones((9, 9), np.uint8)).astype(np.float32), (0, 0), 3)


def between(still: np.ndarray, first: Key, second: Key, rear: np.ndarray, share: float) -> np.ndarray:
    """The frame in which the rear face is at ``rear``, ``share`` (0 to 1) of the way from ``first`` to ``second``."""
    share = float(np.clip((share - 0.5) / 0.3 + 0.5, 0, 1))  # a short fade: two mirrors seen at once betray it
    high, wide = still.shape[:2]
    total = np.zeros((high, wide, 1), np.float32)
    colour = np.zeros((high, wide, 3), np.float32)
    cover = np.zeros((high, wide, 1), np.float32)
    for key, weight in ((first, 1 - share), (second, share)):
        if weight <= 0:
            continue
        move = cv2.getPerspectiveTransform(key.rear.astype(np.float32), rear.astype(np.float32))
        known = cv2.warpPerspective(np.ones((high, wide), np.float32), move, (wide, high))
        # Past the picture's lower edge the car goes on: what a frame did not show, the other one must.
        known = (cv2.erode(known, np.ones((5, 5), np.uint8)) * weight + 1e-4)[..., None]
        moved = cv2.warpPerspective(
            key.picture, move, (wide, high), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
        mask = cv2.warpPerspective(_changed(still, key.picture), move, (wide, high), borderMode=cv2.BORDER_REPLICATE)
        colour += moved.astype(np.float32) * known
        cover += mask[..., None] * known
        total += known
    share_of_car = np.clip(cover / total, 0, 1)
    return (still * (1 - share_of_car) + colour / total * share_of_car).clip(0, 255).astype(np.uint8)
