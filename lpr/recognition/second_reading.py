"""Plates seen in several ways: closer, and in a few more; the candidates of all readings put together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lpr.plates import Candidate, Transcript
from lpr.recognition.certainty import characters_of
from lpr.recognition.ctc import CANDIDATES
from lpr.recognition.reader import PlateReader

#: What the views leave off on each side of the crop, as shares of width and height; the first is for the first reading.
TRIMS = ((0.036, 0.05), (0.0, 0.0), (0.05, 0.12), (0.0, 0.14))
#: The mean over the views is less sure than it is right: their probabilities are raised to this power.
SHARPENING = 1.3


class SecondReading:
    """A reader that reads each crop closer, and those that it is less certain of than ``sure`` in further views.

    A loose box, a frame or a slope can cost a character; another view of the same plate errs otherwise. What the views
    are worth is in docs/recognition.md.
    """

    def __init__(self, reader: PlateReader, sure: float) -> None:
        self._reader = reader
        self._sure = sure

    def until(self, sure: float) -> SecondReading:
        """The same reader, with another measure of what is certain enough."""
        return SecondReading(self._reader, sure)

    def read(self, crops: list[np.ndarray]) -> list[Transcript]:
        transcripts = self._reader.read([_trimmed(crop, *TRIMS[0]) for crop in crops])
        doubtful = [i for i, first in enumerate(transcripts) if first.text and first.confidence < self._sure]
        views = [_further(crops[i]) for i in doubtful]
        again = iter(self._reader.read([view for seen in views for view in seen]) if views else [])
        for i, seen in zip(doubtful, views, strict=True):
            transcripts[i] = together([transcripts[i], *(next(again) for _ in seen)])
        return transcripts


def together(readings: Sequence[Transcript]) -> Transcript:
    """One transcript of several readings of the same plate in the same picture.

    Each text's probability is its mean over the readings, sharpened: they are one observation seen in several ways,
    not independent ones, so their probabilities are not multiplied. The sum stays what it was.
    The first reading's ``jurisdiction`` stays.
    """
    chances: dict[str, float] = {}
    for reading in readings:
        for candidate in reading.candidates:
            chances[candidate.text] = chances.get(candidate.text, 0.0) + candidate.probability / len(readings)
    total, sharp = sum(chances.values()), sum(p**SHARPENING for p in chances.values())
    written = [Candidate(text, p**SHARPENING * total / sharp) for text, p in chances.items() if text and p > 0.0]
    written.sort(key=lambda candidate: (-candidate.probability, candidate.text))
    if not written:
        return readings[0]
    best = written[0].text
    characters = characters_of(best, written)
    confidence = min(character.confidence for character in characters)
    places = tuple(place for reading in readings for place in reading.places)
    return Transcript(best, best, confidence, characters, tuple(written[:CANDIDATES]), readings[0].jurisdiction, places)


def _further(crop: np.ndarray) -> list[np.ndarray]:
    return [_trimmed(crop, *trim) for trim in TRIMS[1:]]


def _trimmed(crop: np.ndarray, across: float, down: float) -> np.ndarray:
    height, width = crop.shape[:2]
    x, y = int(width * across), int(height * down)
    return crop[y : height - y, x : width - x]
