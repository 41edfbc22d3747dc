"""Pseudo-labels: only what the reader says the same way, surely, every time, in a serial's form."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np

from lpr.plates import Transcript
from lpr.training.pseudolabels import MARGINS, label


class Reader:
    """Gives the answers it was told, one list of texts with confidences for each picture."""

    def __init__(self, *answers: list[tuple[str, float]]) -> None:
        self.answers = list(answers)
        self.shapes: list[tuple[int, ...]] = []

    def read(self, crops: list[np.ndarray]) -> list[Transcript]:
        self.shapes += [crop.shape[:2] for crop in crops]
        return [Transcript(text, text, confidence, (), ()) for text, confidence in self.answers.pop(0)]


def test_only_agreeing_sure_and_well_formed_readings_are_labels(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "p.png"), np.full((40, 100, 3), 200, np.uint8))
    rows = [{"image": "p.png", "country": country} for country in ("BR", "BR", "BR", "BR", "ZZ")]
    path = tmp_path / "unlabelled.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    reader = Reader(
        [("ABC1234", 0.9)] * 3,
        [("ABC1234", 0.9), ("ABC1234", 0.9), ("ABC1Z34", 0.9)],  # a margin changes the text
        [("ABC1234", 0.9), ("ABC1234", 0.9), ("ABC1234", 0.5)],  # not sure
        [("AB12345", 0.99)] * 3,  # no Brazilian serial
        [("AB12345", 0.99)] * 3,  # a country of which no form is known
    )
    found = list(label(path, reader))
    assert [(row["country"], row["text"], row["split"]) for row in found] == [
        ("BR", "ABC1234", "train"),
        ("ZZ", "AB12345", "train"),
    ]
    assert Path(found[0]["image"]) == (tmp_path / "p.png").resolve()
    assert reader.shapes[: len(MARGINS)] == [(40, 100), (36, 94), (44, 106)]
