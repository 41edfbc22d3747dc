"""Plate readers: what a cut-out plate says."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from lpr.plates import Transcript
from lpr.recognition import crop, ctc

#: Pictures that go through the network together: more of them bring no speed on a CPU, and cost memory.
BATCH = 16


class PlateReader(Protocol):
    """Reads plates; any object with this method can be given to Recognizer."""

    def read(self, crops: list[np.ndarray]) -> list[Transcript]:
        """What each of ``crops`` (height × width × 3, uint8, BGR, the plate with a small margin) says, in their order.

        A crop without text gives a Transcript with an empty ``raw``.
        """
        ...


class Logits(Protocol):
    """The plate network itself: n × 1 × 64 × 192 float32 in −1…1 to n × places × 37 float32, unscaled."""

    def __call__(self, batch: np.ndarray) -> np.ndarray: ...


def transcribe(crops: list[np.ndarray], network: Logits, temperature: float) -> list[Transcript]:
    """Prepare ``crops``, run them through ``network`` in batches and decode: what both engines' readers do."""
    transcripts: list[Transcript] = []
    for start in range(0, len(crops), BATCH):
        prepared = [crop.prepare(picture) for picture in crops[start : start + BATCH]]
        transcripts += [ctc.decode(logits, temperature) for logits in network(crop.to_input(prepared))]
    return transcripts
