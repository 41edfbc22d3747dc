"""Evaluation against a recognizer whose answers are known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from lpr.errors import DatasetError
from lpr.plates import Box, Candidate, Character, Jurisdiction, PlateBox, Transcript
from lpr.recognition.recognizer import Recognizer
from lpr.recognition.settings import Settings
from lpr.training.dataset import LabelledCrop, LabelledPhoto, LabelledPlate
from lpr.training.evaluate import Evaluation, Miss, evaluate_crops, evaluate_photos
from lpr.training.sheet import MOST, worst, write_sheet


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
    assert [(miss.read, miss.why) for miss in result.misses] == [(None, "not found")]


def test_a_text_that_was_not_believed_counts_for_the_curve_and_not_as_accepted(photo: LabelledPhoto) -> None:
    settings = Settings(min_confidence=0.99)
    result = evaluate_photos([photo], Recognizer(Finds(Box(10, 10, 110, 60)), Says("ABC123"), settings=settings))
    assert result.reading["all"].wrong.of == 0
    assert [miss.why for miss in result.misses] == ["confidence below threshold"]
    assert result.confidences == [(0.95, True)]
    curve = result.as_dict()["accept_curve"]
    assert isinstance(curve, list)
    assert curve[0]["accepted"] == {"value": 1.0, "right": 1, "of": 1, "low": pytest.approx(0.2065), "high": 1.0}


def test_confusions_are_counted_by_what_stands_there_and_what_was_read(photo: LabelledPhoto) -> None:
    result = evaluate_photos([photo], Recognizer(Finds(Box(10, 10, 110, 60)), Says("A8C12")))
    assert dict(result.confusions.read) == {("B", "8"): 1, ("I", "1"): 1}
    assert dict(result.confusions.missed) == {"3": 1}


class Judges:
    """Says that every plate is of one jurisdiction."""

    def judge(self, crop: np.ndarray, transcript: Transcript) -> Jurisdiction:
        return Jurisdiction("us-al", 0.7)


def test_jurisdictions_are_scored_on_plates_that_were_read(photo: LabelledPhoto) -> None:
    plates = (replace(photo.plates[0], state="GA"), replace(photo.plates[1], state="AL"))
    settings = Settings(min_jurisdiction_confidence=0.0)
    recognizer = Recognizer(Finds(Box(10, 10, 110, 60)), Says("ABC123"), settings=settings, judge=Judges())
    score = evaluate_photos([replace(photo, plates=plates)], recognizer, 0.6).jurisdiction
    assert set(score) == {"US", "US, at least 80 px wide"}
    assert (score["US"].best.right, score["US"].best.of) == (0, 1)  # the plate from Alabama was not found
    assert (score["US"].stated.right, score["US"].wrong.right, score["US"].as_us.right) == (1, 1, 1)
    doubtful = evaluate_photos([replace(photo, plates=plates)], recognizer, 0.8).jurisdiction
    assert (doubtful["US"].stated.right, doubtful["US"].wrong.of) == (0, 0)


def test_crops_without_a_text_count_for_their_state_alone(photo: LabelledPhoto) -> None:
    crop = LabelledCrop(photo.image, "val", "", "US", None, "", "ALABAMA", None)
    result = evaluate_crops([crop], Says("ABC123"), Judges(), 0.6)
    assert (result.crops, result.reading, result.misses) == (0, {}, [])
    assert (result.jurisdiction["US"].best.right, result.jurisdiction["US"].best.of) == (1, 1)


def test_the_sheet_shows_confident_misreads_first_then_the_widest_that_were_not_found(photo: LabelledPhoto) -> None:
    def miss(text: str, why: str, confidence: float | None, width: float) -> Miss:
        return Miss(photo.image, (10.0, 10.0, 10.0 + width, 60.0), text, None, confidence, why)

    misses = [
        miss("SMALL", "not found", None, 30),
        miss("DOUBT", "misread", 0.5, 90),
        miss("WIDE", "not found", None, 300),
        miss("SURE", "misread", 0.99, 40),
    ]
    assert [m.text for m in worst(misses)] == ["SURE", "DOUBT", "WIDE", "SMALL"]
    assert len(worst(misses * 30)) == MOST


@pytest.mark.parametrize("name", ["sheet.png", "sheet.jpg"])
def test_a_sheet_is_a_picture_that_grows_with_the_failures(photo: LabelledPhoto, tmp_path: Path, name: str) -> None:
    result = evaluate_photos([photo], Recognizer(Finds(Box(10, 10, 110, 60)), Says("A8C123")))
    assert write_sheet(result, tmp_path / name, "photo") == 1
    picture = cv2.imread(str(tmp_path / name))
    assert picture is not None
    empty = Evaluation()
    assert write_sheet(empty, tmp_path / "empty.png", "nothing") == 0
    blank = cv2.imread(str(tmp_path / "empty.png"))
    assert blank is not None and blank.shape[0] < picture.shape[0]
    assert blank.shape[1] == picture.shape[1]
    with pytest.raises(DatasetError, match=r"cannot write .*\.txt"):
        write_sheet(result, tmp_path / "sheet.txt", "photo")
