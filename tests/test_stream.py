"""The stream, pushed frame by frame: which events come, and when."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import FakeDetector, FakeReader, fake_recognizer, picture

from lpr import Box, Frame, PlateBox, Recognizer
from lpr.plates import Jurisdiction, Transcript
from lpr.recognition.areas import Areas, parse_polygon
from lpr.recognition.passing import Agreed, Event, Looked, Passed, Unread
from lpr.recognition.settings import Settings
from lpr.recognition.stream import Stream

RED, GREEN, BLUE, DIM = (0, 0, 255), (0, 255, 0), (255, 0, 0), (255, 255, 0)


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


class Counting(FakeDetector):
    """Counts its looks, and remembers the sizes of the pictures."""

    def __init__(self) -> None:
        self.shapes: list[tuple[int, int]] = []

    def detect(self, image: np.ndarray) -> list[PlateBox]:
        self.shapes.append(image.shape[:2])
        return super().detect(image)


def street(*plates: tuple[tuple[int, int, int], int, int]) -> np.ndarray:
    """A dark picture, 640 × 360, with a plate of 60 × 20 pixels for each colour, x and y, on a grey vehicle."""
    image = np.full((360, 640, 3), 40, np.uint8)
    for colour, x, y in plates:
        image[max(0, y - 60) : y + 40, max(0, x - 45) : x + 105] = 90
        image[y : y + 20, max(0, x) : x + 60] = colour
    return image


def seen(stream: Stream, pictures: list[np.ndarray], rate: float = 30) -> list[Event]:
    return [event for i, image in enumerate(pictures) for event in push(stream, i, image, rate)] + stream.close()


def passed(events: list[Event]) -> list[str]:
    return [event.passing.sighting.text for event in events if isinstance(event, Passed)]


def test_a_still_picture_is_looked_at_once_a_minute() -> None:
    detector = Counting()
    stream = Stream(Recognizer(detector, FakeReader(), version="fake"))
    for i in range(200):
        push(stream, i, street(), rate=1)
    assert stream.frames == 200
    assert stream.looked == len(detector.shapes) == 4  # at 0, 60, 120 and 180 seconds


def test_only_the_part_that_moves_is_looked_at_and_reads_are_few() -> None:
    detector = Counting()
    stream = Stream(Recognizer(detector, FakeReader(), version="fake"))
    pictures = [street()] * 30 + [street((RED, 12 * i, 200)) for i in range(50)] + [street()] * 60
    events = seen(stream, pictures)
    assert passed(events) == ["ABC1234"]
    assert 3 <= stream.looked <= 20
    assert stream.reads <= 4
    assert all(h * w < 0.6 * 640 * 360 for h, w in detector.shapes[1:])


def test_two_vehicles_at_once_are_two_and_their_movement_is_told() -> None:
    stream = Stream(fake_recognizer())
    events = seen(stream, [street((RED, 12 * i, 100), (BLUE, 560 - 12 * i, 290)) for i in range(45)])
    found = {e.passing.sighting.text: e.passing.sighting for e in events if isinstance(e, Passed)}
    assert {text: (s.entered, s.exited, s.direction) for text, s in found.items()} == {
        "ABC1234": ("left", "right", None),
        "AL5SHOP": ("right", "left", None),
    }
    assert found["ABC1234"].dwell == pytest.approx(1.4, abs=0.3)


def test_a_parked_vehicle_is_read_once_while_others_pass() -> None:
    stream = Stream(fake_recognizer())
    # The other one comes by every twelve seconds.
    pictures = [street((BLUE, 450, 100), *([(RED, 15 * (i % 120), 250)] if i % 120 < 35 else [])) for i in range(360)]
    events = seen(stream, pictures, rate=10)
    assert sorted(passed(events)) == ["ABC1234"] * 3 + ["AL5SHOP"]


def test_what_has_stood_for_long_is_remembered_and_read_no_more() -> None:
    stream = Stream(Recognizer(FakeDetector(), FakeReader(), settings=Settings(max_standing=5.0), version="fake"))
    pictures = [street((BLUE, 450, 100), *([(RED, 15 * (i % 120), 182)] if i % 120 < 35 else [])) for i in range(360)]
    events = seen(stream, pictures, rate=10)
    assert sorted(passed(events)) == ["ABC1234"] * 3 + ["AL5SHOP"]
    assert stream.tracker.standing.places == [Box(450, 100, 510, 120)]
    assert stream.rejected["stands, read before"] > 0


def test_a_vehicle_that_waits_and_drives_on_is_one_sighting() -> None:
    stream = Stream(fake_recognizer())
    places = [12 * i for i in range(20)] + [240] * 150 + [240 + 12 * i for i in range(25)]
    events = seen(stream, [street((RED, x, 200)) for x in places], rate=15)
    assert passed(events) == ["ABC1234"]
    (event,) = [e for e in events if isinstance(e, Passed)]
    assert event.passing.sighting.dwell == pytest.approx(13, abs=1.5)


def test_a_sign_that_the_reader_is_unsure_of_is_no_vehicle() -> None:
    # GREEN is read with 0.75: enough for a vehicle that moves, not for something that has always stood there.
    stream = Stream(fake_recognizer())
    pictures = [street((GREEN, 450, 100), *([(RED, 15 * (i % 60), 250)] if i % 60 < 35 else [])) for i in range(120)]
    assert set(passed(seen(stream, pictures, rate=10))) == {"ABC1234"}
    assert stream.rejected["stands, and is no plate for sure"] + stream.rejected["single weak read"] > 0


def test_a_text_that_changes_where_it_stands_is_a_clock_and_no_vehicle() -> None:
    stream = Stream(fake_recognizer())
    colours = (RED, BLUE, GREEN)
    assert passed(seen(stream, [street((colours[i // 10 % 3], 450, 100)) for i in range(100)], rate=10)) == []
    assert stream.rejected["stands, and is no plate for sure"] > 0


def test_what_is_outside_the_areas_is_not_read() -> None:
    stream = Stream(fake_recognizer(), Areas(exclude=(parse_polygon("0,0 1,0 1,0.5 0,0.5"),)))
    pictures = [street((RED, 12 * i, 80), (BLUE, 560 - 12 * i, 290)) for i in range(45)]
    assert passed(seen(stream, pictures)) == ["AL5SHOP"]


def test_after_a_gap_nothing_is_the_same_vehicle() -> None:
    stream = Stream(fake_recognizer())
    drive = [street((RED, 12 * i, 200)) for i in range(20)]
    events = [e for i, image in enumerate(drive) for e in push(stream, i, image, 30)]
    events += [e for i, image in enumerate(drive) for e in push(stream, 3000 + i, image, 30)]
    assert passed(events + stream.close()) == ["ABC1234", "ABC1234"]


class CountingJudge:
    def __init__(self) -> None:
        self.asked: list[str] = []

    def judge(self, crop: np.ndarray, transcript: Transcript) -> Jurisdiction:
        assert crop.shape[:2] == (24, 68)  # the plate of 60 × 20 pixels with its margin
        self.asked.append(transcript.text)
        return Jurisdiction("us-al", 0.9)


def test_who_issued_a_plate_is_judged_once_when_it_is_told_not_for_each_read() -> None:
    for announcing, times in ((True, 2), (False, 1)):  # with the agreed text, with the end; with the end alone
        judge = CountingJudge()
        stream = Stream(Recognizer(FakeDetector(), FakeReader(), version="fake 1", judge=judge), announcing=announcing)
        events = [event for index in range(5) for event in push(stream, index, picture(RED, left=20 + 4 * index))]
        events += stream.close()
        told = [event.passing.sighting for event in events if isinstance(event, (Agreed, Passed))]
        assert [one.jurisdiction for one in told] == [Jurisdiction("us-al", 0.9)] * times
        assert judge.asked == ["ABC1234"] * times
        assert all(r.transcript.jurisdiction is None for e in events if isinstance(e, Looked) for r in e.reads)
