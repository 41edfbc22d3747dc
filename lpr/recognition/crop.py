"""The picture of a plate as the reader gets it: cut with a margin, grey, of one fixed size.

Training and both engines call these functions, so that a network never sees another preparation than it learned.
No filter is applied: contrast equalization and sharpening cost reads (docs/recognition.md).
"""

from __future__ import annotations

import cv2
import numpy as np

from lpr.plates import Box

#: The reader's input, pixels. 192 ÷ 64 is a whole number: EasyOCR pads widths to whole multiples of the height.
INPUT_HEIGHT, INPUT_WIDTH = 64, 192
#: What is added around a detector's box on each side, as a share of its width and height.
MARGIN_X, MARGIN_Y = 0.06, 0.10
#: What of that the reader sees in its first view (second_reading.py); what it learns from lies around it.
SEEN_X, SEEN_Y = 0.02, 0.04


def cut(image: np.ndarray, box: Box, margin_x: float = MARGIN_X, margin_y: float = MARGIN_Y) -> np.ndarray:
    """The part of ``image`` (height × width × 3, uint8, BGR) inside ``box`` and its margin, clipped to the picture."""
    inside = box.padded(margin_x, margin_y).clipped(image.shape[1], image.shape[0])
    return image[inside.y1 : inside.y2, inside.x1 : inside.x2]


def prepare(crop: np.ndarray) -> np.ndarray:
    """``crop`` (height × width × 3, BGR, or height × width, grey; uint8) as INPUT_HEIGHT × INPUT_WIDTH grey, uint8."""
    grey = crop if crop.ndim == 2 else cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    shrinks = grey.shape[0] > INPUT_HEIGHT or grey.shape[1] > INPUT_WIDTH
    method = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return cv2.resize(grey, (INPUT_WIDTH, INPUT_HEIGHT), interpolation=method)


def to_input(prepared: list[np.ndarray]) -> np.ndarray:
    """Prepared pictures as the network's input: n × 1 × height × width, float32, −1 to 1, as EasyOCR scales them."""
    batch = np.stack(prepared)[:, None].astype(np.float32)
    scaled: np.ndarray = batch / np.float32(127.5) - np.float32(1.0)
    return scaled
