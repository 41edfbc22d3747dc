"""Who issued a plate: look and text together, unknown where neither tells, and what of it reaches a read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lpr.errors import ModelError
from lpr.models.weights import weights
from lpr.plates import Box, Candidate, Jurisdiction, PlateBox, Transcript
from lpr.recognition.jurisdiction import Look, OnnxJudge, most_probable
from lpr.recognition.plate_view import VIEW_HEIGHT, VIEW_WIDTH, prepare, to_input
from lpr.recognition.recognizer import Recognizer
from lpr.recognition.settings import Settings

LOOK = Look(("us-al", "us-ca", "us-ny", "eu", "gb", "other"), 2.0)


def logits(**scores: float) -> np.ndarray:
    """The network's figures: 0 but for the classes named (us_ca is us-ca)."""
    return np.asarray([scores.get(code.replace("-", "_"), 0.0) for code in LOOK.classes], np.float32)


def texts(*candidates: tuple[str, float]) -> tuple[Candidate, ...]:
    return tuple(Candidate(text, p) for text, p in candidates)


def test_the_look_decides_and_the_temperature_says_how_surely() -> None:
    guess = most_probable(logits(us_ny=8.0), LOOK, ())
    assert guess is not None
    assert guess.code == "us-ny"
    assert guess.confidence == pytest.approx(np.exp(4) / (np.exp(4) + 5))


def test_a_text_alone_never_makes_a_state_probable() -> None:
    # 7KDR482 is Californian to every American; the picture tells nothing.
    guess = most_probable(logits(), LOOK, texts(("7KDR482", 0.95)))
    assert guess is None or guess.confidence < Settings().min_jurisdiction_confidence


def test_a_text_in_the_state_s_form_speaks_for_it() -> None:
    look = logits(us_ca=4.0, us_ny=4.0)
    guess = most_probable(look, LOOK, texts(("7KDR482", 0.95)))
    assert guess is not None and guess.code == "us-ca"
    other = most_probable(look, LOOK, texts(("ABC1234", 0.95)))
    assert other is not None and other.code == "us-ny"


def test_a_european_look_gets_its_country_from_the_text() -> None:
    look = logits(eu=14.0)
    romanian = most_probable(look, LOOK, texts(("IF99STK", 0.9)))
    assert romanian is not None and (romanian.code, romanian.confidence > 0.8) == ("ro", True)
    # Swedish, Finnish, Hungarian, Lithuanian, Maltese, Cypriot: nobody can say.
    doubtful = most_probable(look, LOOK, texts(("ABC123", 0.9)))
    assert doubtful is None or doubtful.confidence < Settings().min_jurisdiction_confidence
    assert most_probable(look, LOOK, ()) is None


def test_what_the_network_does_not_know_is_of_nobody() -> None:
    assert most_probable(logits(other=9.0, us_ca=1.0), LOOK, texts(("7KDR482", 0.9))) is None


def test_plates_become_the_network_s_input_in_colour() -> None:
    crop = np.zeros((30, 60, 3), np.uint8)
    crop[..., 2] = 255
    batch = to_input([prepare(crop), prepare(crop)])
    assert batch.shape == (2, 3, VIEW_HEIGHT, VIEW_WIDTH) and batch.dtype == np.float32
    assert batch[0, :, 5, 5].tolist() == [-1.0, -1.0, 1.0]


def test_the_shipped_judge_knows_all_states_and_answers_the_same_each_time() -> None:
    look = Look.read(weights("plate_jurisdiction.json"))
    assert {"us-ca", "us-dc", "us-pr", "ca-bc", "eu", "other"} <= set(look.classes)
    judge = OnnxJudge(weights("plate_jurisdiction.onnx"), look, threads=1)
    crop = np.random.default_rng(1).integers(0, 255, (60, 120, 3), dtype=np.uint8)
    read = Transcript("AB12", "AB12", 0.9, (), texts(("AB12", 0.9)))
    assert judge.judge(crop, read) == judge.judge(crop, read)


def test_a_description_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "look.json").write_text('{"classes": 3}', encoding="utf-8")
    with pytest.raises(ModelError, match=r"look\.json does not describe"):
        Look.read(tmp_path / "look.json")


class Finds:
    def detect(self, image: np.ndarray) -> list[PlateBox]:
        return [PlateBox(Box(10, 10, 70, 40), 0.9)]


class Says:
    def read(self, crops: list[np.ndarray]) -> list[Transcript]:
        return [Transcript("7KDR482", "7KDR482", 0.9, (), texts(("7KDR482", 0.9))) for _ in crops]


class Judges:
    """States what it was made with, and remembers what it saw."""

    def __init__(self, guess: Jurisdiction | None) -> None:
        self.guess = guess
        self.seen: list[tuple[tuple[int, ...], str]] = []

    def judge(self, crop: np.ndarray, transcript: Transcript) -> Jurisdiction | None:
        self.seen.append((crop.shape, transcript.text))
        return self.guess


@pytest.mark.parametrize(
    ("guess", "least", "stated"),
    [
        (Jurisdiction("us-ca", 0.9), 0.8, Jurisdiction("us-ca", 0.9)),
        (Jurisdiction("us-ca", 0.7), 0.8, None),  # too doubtful to be said
        (None, 0.0, None),
    ],
)
def test_a_read_has_the_issuer_where_it_is_sure_enough(
    guess: Jurisdiction | None, least: float, stated: Jurisdiction | None
) -> None:
    judge = Judges(guess)
    settings = replace(Settings(), min_jurisdiction_confidence=least)
    recognizer = Recognizer(Finds(), Says(), settings=settings, judge=judge)
    (read,) = recognizer.recognize(np.zeros((60, 90, 3), np.uint8)).reads
    assert read.transcript.jurisdiction == stated
    assert judge.seen == [((36, 68, 3), "7KDR482")]


def test_nobody_judges_where_detector_and_reader_are_given() -> None:
    recognizer = Recognizer(Finds(), Says())
    assert recognizer.judge is None
    assert " jurisdiction " not in recognizer.version
    assert "Judges" in Recognizer(Finds(), Says(), judge=Judges(None)).version
