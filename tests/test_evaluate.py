"""Evaluation against a recognizer whose answers are known."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from lpr.plates import Box, Candidate, Character, PlateBox, Transcript
from lpr.recognition.recognizer import Recognizer
from lpr.training.dataset import LabelledPhoto, LabelledPlate
from lpr.training.evaluate import evaluate_photos


class Finds:
    """A detector that finds the boxes it was made with, in every picture."""

    def __init__(self, *boxes: Box) -> None:
        self._boxes = boxes

    def detect(self, image: np.ndarray) -> list[PlateBox]:
        return [PlateBox(box, 0.9) for box in self._boxes]


class Says:
    """A reader that reads the same texts for the first, second, … crop."""

    def __init__(self, *texts: str) -> None:
        self._texts = texts

    def read(self, crops: list[np.ndarray]) -> list[Transcript]:
        return [
            Transcript(
                text,
                text,
                0.95,
                tuple(Character(c, 0.95) for c in text),
                (Candidate(text, 0.9), Candidate("ABC123", 0.05)),
            )
            for text in self._texts[: len(crops)]
        ]


@pytest.fixture
def photo(tmp_path: Path) -> LabelledPhoto:
    path = tmp_path / "photo.png"
    cv2.imwrite(str(path), np.zeros((200, 400, 3), np.uint8))
    plates = (
        LabelledPlate((10, 10, 110, 60), "ABCI23", ""),  # 100 px wide
        LabelledPlate((200, 100, 230, 112), None, "unreadable"),
        LabelledPlate((300, 20, 380, 60), None, "not_plate"),
    )
    return LabelledPhoto(path, "val", "test", "US", True, plates)


def test_boxes_texts_and_what_is_no_plate_are_counted(photo: LabelledPhoto) -> None:
    found = Box(10, 10, 108, 60), Box(300, 20, 380, 60), Box(5, 150, 60, 170)
    result = evaluate_photos([photo], Recognizer(Finds(*found), Says("ABC123", "", ""))).as_dict()
    detection = result["detection"]
    assert isinstance(detection, dict)
    half = detection["iou_0.5"]
    assert (half["recall"]["right"], half["recall"]["of"]) == (1, 2)  # the unreadable one is a plate and was missed
    assert (half["precision"]["right"], half["precision"]["of"]) == (1, 2)  # the show plate is nobody's fault
    reading = result["reading"]
    assert isinstance(reading, dict)
    score = reading["at least 60 px wide, one line"]
    assert score["exact_strict"]["right"] == 0  # 1 is not I …
    assert score["exact_folded"]["right"] == 1  # … but no eye could tell
    assert score["wrong_among_accepted"]["right"] == 0
    assert result["rejected"] == {"no text": 2}


def test_a_misread_is_wrong_among_accepted_and_kept_as_a_miss(photo: LabelledPhoto) -> None:
    result = evaluate_photos([photo], Recognizer(Finds(Box(10, 10, 110, 60)), Says("A8C123")))
    score = result.reading["all"]
    assert (score.folded.right, score.wrong.right, score.among_ten.right) == (0, 1, 1)
    assert score.edits == 1
    (miss,) = result.misses
    assert (miss.text, miss.read, miss.confidence) == ("ABCI23", "A8C123", 0.95)


def test_a_plate_that_was_not_found_is_a_miss_without_a_read(photo: LabelledPhoto) -> None:
    result = evaluate_photos([photo], Recognizer(Finds(), Says()))
    assert result.reading["all"].wrong.of == 0
    assert [miss.read for miss in result.misses] == [None]
