"""Fakes and footage for all tests: plates are coloured rectangles, and a fake reader knows what each colour says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from lpr import Box, Candidate, Character, PlateBox, Recognizer, Transcript

#: Colour (BGR) → what the fake reader says: raw text, confidence, other candidates.
PLATES: dict[tuple[int, int, int], tuple[str, float, tuple[tuple[str, float], ...]]] = {
    (0, 0, 255): ("ABC 1234", 0.98, ()),
    (0, 255, 0): ("XYZ-0O8", 0.75, (("XYZ0O8", 0.7), ("XYZ0OB", 0.2))),
    (255, 0, 0): ("AL 5SHOP", 0.91, (("AL5SHOP", 0.9), ("AL55HOP", 0.08))),
    (255, 255, 0): ("DIM 1", 0.2, ()),  # too uncertain to be a read
    (255, 0, 255): ("", 0.0, ()),  # no text
}


class FakeDetector:
    """Finds the rectangles that ``picture`` draws, whatever their colour."""

    def detect(self, image: np.ndarray) -> list[PlateBox]:
        bright = (image.max(axis=2) > 128).astype(np.uint8)
        contours, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        boxes = sorted(cv2.boundingRect(contour) for contour in contours)
        # All of a picture is no plate, but the ground of a negative.
        boxes = [box for box in boxes if box[2:] != image.shape[1::-1]]
        return [PlateBox(Box(x, y, x + w, y + h), 0.9) for x, y, w, h in boxes]


class FakeReader:
    """Says what PLATES has for the colour in the middle of a crop."""

    def read(self, crops: Sequence[np.ndarray]) -> list[Transcript]:
        return [self._read(crop[crop.shape[0] // 2, crop.shape[1] // 2]) for crop in crops]

    def _read(self, colour: np.ndarray) -> Transcript:
        nearest = min(PLATES, key=lambda known: float(np.abs(np.subtract(known, colour.astype(int))).sum()))
        raw, confidence, others = PLATES[nearest]
        text = "".join(c for c in raw if c.isalnum())
        return Transcript(
            raw=raw,
            text=text,
            confidence=confidence,
            characters=tuple(Character(c, confidence) for c in text),
            candidates=tuple(Candidate(t, p) for t, p in (others or ((text, confidence),))),
        )


def fake_recognizer() -> Recognizer:
    return Recognizer(FakeDetector(), FakeReader(), version="fake 1")


@pytest.fixture
def recognizer() -> Recognizer:
    return fake_recognizer()


def picture(*colours: tuple[int, int, int], left: int = 20) -> np.ndarray:
    """A black picture, 320 × 120, with a plate of 60 × 20 pixels for each colour, side by side."""
    image = np.zeros((120, 320, 3), np.uint8)
    for number, colour in enumerate(colours):
        x = left + 90 * number
        image[50:70, x : x + 60] = colour
    return image


def write_photo(path: Path, *colours: tuple[int, int, int]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), picture(*colours))
    return path


def write_footage(path: Path, passings: Sequence[tuple[tuple[int, int, int], int, int]], frames: int) -> Path:
    """A clip of 10 frames a second. A passing is a colour, its first frame and the frame after its last one."""
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=10)
        stream.width, stream.height, stream.pix_fmt = 320, 120, "yuvj444p"
        for index in range(frames):
            colours = [(colour, index - begin) for colour, begin, end in passings if begin <= index < end]
            image = np.zeros((120, 320, 3), np.uint8)
            for colour, age in colours:
                image = np.maximum(image, picture(colour, left=20 + 4 * age))
            for packet in stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path
