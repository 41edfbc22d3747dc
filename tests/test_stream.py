"""The stream, pushed frame by frame: which events come, and when."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import fake_recognizer, picture

from lpr import Frame
from lpr.recognition.passing import Agreed, Event, Looked, Passed, Unread
from lpr.recognition.stream import Stream

RED, GREEN, DIM = (0, 0, 255), (0, 255, 0), (255, 255, 0)


def push(stream: Stream, index: int, image: np.ndarray, rate: float = 10) -> list[Event]:
    return stream.push(Frame(image, "cam", index, index / rate, None))


def test_a_vehicle_is_announced_while_in_sight_and_ends_once() -> None:
    stream = Stream(fake_recognizer())
    told: list[tuple[int, Event]] = []
    for index in range(80):
        image = picture(RED, left=20 + 4 * index) if 10 <= index < 20 else picture()
        told += [(index, event) for event in push(stream, index, image) if not isinstance(event, Looked)]
    (first, agreed), (last, passed) = told
    assert isinstance(agreed, Agreed) and isinstance(passed, Passed)
    assert (agreed.passing.sighting.text, agreed.before, agreed.vehicle) == ("ABC1234", None, passed.vehicle)
    assert 10 <= first < 15 and last > 60
    assert (passed.passing.sighting.first_seen, passed.passing.sighting.last_seen) == (1.0, 1.9)
    assert stream.close() == []


def test_closing_ends_what_is_in_sight() -> None:
    stream = Stream(fake_recognizer())
    for index in range(5):
        push(stream, index, picture(RED, left=20 + 4 * index))
    (passed,) = stream.close()
    assert isinstance(passed, Passed)
    assert passed.passing.sighting.text == "ABC1234"


def test_what_comes_to_nothing_is_counted_by_reason() -> None:
    stream = Stream(fake_recognizer())
    push(stream, 0, picture(GREEN))
    assert [event.reason for event in stream.close() if isinstance(event, Unread)] == ["single weak read"]
    push(stream, 100, picture(DIM))
    assert stream.rejected == {"single weak read": 1, "confidence below threshold": 1}


def test_a_photo_is_refused() -> None:
    with pytest.raises(ValueError, match="a photo has no time"):
        Stream(fake_recognizer()).push(Frame(picture(), "a.jpg", 0, None, None))
