"""A plate in doubt is read again, and its readings count together."""

from __future__ import annotations

import numpy as np
import pytest

from lpr.plates import Candidate, Character, Transcript
from lpr.recognition.second_reading import SHARPENING, TRIMS, SecondReading, together


def _transcript(*candidates: tuple[str, float]) -> Transcript:
    text = candidates[0][0]
    characters = tuple(Character(c, candidates[0][1]) for c in text)
    return Transcript(text, text, candidates[0][1], characters, tuple(Candidate(*c) for c in candidates))


class Reader:
    """Gives its answers in turn, and keeps the crops."""

    def __init__(self, *answers: Transcript) -> None:
        self.answers = list(answers)
        self.crops: list[np.ndarray] = []

    def read(self, crops: list[np.ndarray]) -> list[Transcript]:
        self.crops += crops
        answers, self.answers = self.answers[: len(crops)], self.answers[len(crops) :]
        return answers


CROP = np.arange(100 * 200 * 3, dtype=np.uint32).astype(np.uint8).reshape(100, 200, 3)


def test_only_plates_in_doubt_are_read_again() -> None:
    sure, doubtful = _transcript(("ABC123", 0.99)), _transcript(("ABC128", 0.5), ("ABC12B", 0.4))
    further = [_transcript(("ABC12B", 0.9))] * (len(TRIMS) - 1)
    reader = Reader(sure, doubtful, *further)
    first, second = SecondReading(reader, 0.97).read([CROP, CROP])
    assert first is sure
    assert second.text == "ABC12B"
    assert [crop.shape[:2] for crop in reader.crops] == [
        *[(90, 186)] * 2,  # first both plates, closer
        *[(100, 200), (76, 180), (72, 200)],
    ]
    assert (reader.crops[0] == CROP[5:95, 7:193]).all()


def test_nothing_is_read_again_where_nothing_is_written_or_when_it_is_switched_off() -> None:
    empty = Transcript("", "", 0.2, (), ())
    reader = Reader(empty)
    assert SecondReading(reader, 0.97).read([CROP]) == [empty]
    reader.answers = [_transcript(("A1", 0.2))]
    assert SecondReading(reader, 0.0).read([CROP])[0].confidence == 0.2
    assert len(reader.crops) == 2


def test_all_are_read_again_where_nothing_is_certain_enough() -> None:
    certain = _transcript(("JTV60", 1.0))
    further = [_transcript(("JTV601", 0.9))] * (len(TRIMS) - 1)
    reader = SecondReading(Reader(certain, *further), 0.97).until(1.01)
    assert reader.read([CROP])[0].text == "JTV601"


def test_tiny_crops_and_none_are_no_trouble() -> None:
    tiny = np.zeros((2, 3, 3), np.uint8)
    reader = Reader(*[_transcript(("A1", 0.2))] * 5)
    assert SecondReading(reader, 0.97).read([tiny])[0].text == "A1"
    assert all(crop.size for crop in reader.crops)
    assert SecondReading(Reader(), 0.97).read([]) == []


def test_probabilities_are_sharpened_means_and_characters_agree_with_them() -> None:
    readings = (_transcript(("A1", 0.6), ("AI", 0.4)), _transcript(("AI", 0.9)), _transcript(("AI", 0.8), ("A1", 0.1)))
    result = together(readings)
    assert [c.text for c in result.candidates] == ["AI", "A1"]
    means = [0.7, 0.7 / 3]
    sharp = [mean**SHARPENING for mean in means]
    # As probable together as before, the more probable one more so.
    assert [c.probability for c in result.candidates] == pytest.approx([p * sum(means) / sum(sharp) for p in sharp])
    assert [c.character for c in result.characters] == ["A", "I"]
    assert result.characters[0].confidence == pytest.approx(1.0)
    assert result.confidence == pytest.approx(sharp[0] / sum(sharp))
    assert result.raw == result.text == "AI"
