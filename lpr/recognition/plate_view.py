"""The picture of a plate as the jurisdiction classifier gets it: in colour, of one fixed size.

Training and recognition call these functions, so that the network never sees another preparation than it learned.
"""

from __future__ import annotations

import cv2
import numpy as np

#: The classifier's input, pixels: taller than a US plate, so that small print is large enough to read.
#: Plates of other shapes are squeezed, which tells them apart.
VIEW_HEIGHT, VIEW_WIDTH = 192, 208


def prepare(crop: np.ndarray, height: int = VIEW_HEIGHT, width: int = VIEW_WIDTH) -> np.ndarray:
    """``crop`` (any size × 3, BGR, uint8, the plate with a small margin) as ``height`` × ``width`` × 3, uint8."""
    shrinks = crop.shape[0] > height or crop.shape[1] > width
    return cv2.resize(crop, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)


def to_input(prepared: list[np.ndarray]) -> np.ndarray:
    """Prepared pictures as the network's input: n × 3 (BGR) × height × width, float32, −1 to 1."""
    batch = np.stack(prepared).transpose(0, 3, 1, 2).astype(np.float32)
    scaled: np.ndarray = batch / np.float32(127.5) - np.float32(1.0)
    return scaled
