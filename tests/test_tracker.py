"""The tracker, driven frame by frame with reads made by hand."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from lpr.plates import Box, Candidate, Character, PlateBox, Read, Transcript
from lpr.recognition.frames import Frame
from lpr.recognition.passing import Passed, Passing
from lpr.recognition.recognizer import Recognition
from lpr.recognition.settings import Settings
from lpr.recognition.tracker import Tracker, track
from lpr.recognition.vehicle import similar

Seen = tuple[str, float, int, int]  # text, confidence, x and y of the plate's centre


def read(index: int, seconds: float | None, seen: Seen, width: int = 80) -> Read:
    text, confidence, x, y = seen
    box = Box(x - width // 2, y - 10, x + width // 2, y + 10)
    said = Transcript(
        text, text, confidence, tuple(Character(c, confidence) for c in text), (Candidate(text, confidence),)
    )
    return Read("clip.mp4", index, seconds, None, PlateBox(box, 0.9), said)


def sharp(index: int) -> np.ndarray:
    """A picture of its own for each frame, grey, with stripes of a strength that makes it more or less sharp."""
    image = np.full((400, 1200, 3), 100, np.uint8)
    image[:, ::4] += np.uint8(index)
    return image


def frames(*seen: tuple[float, list[Seen]], image: np.ndarray | None = None) -> list[tuple[Frame, Recognition]]:
    return [
        (
            Frame(sharp(i) if image is None else image, "clip.mp4", i, seconds, None),
            Recognition(tuple(read(i, seconds, s) for s in plates), ()),
        )
        for i, (seconds, plates) in enumerate(seen)
    ]


def texts(passings: list[Passing]) -> list[tuple[str, int, float | None, float | None]]:
    return [(p.sighting.text, p.sighting.reads, p.sighting.first_seen, p.sighting.last_seen) for p in passings]


def run(tracker: Tracker, *seen: tuple[float, list[Seen]]) -> list[tuple[str, int, float | None, float | None]]:
    return texts(list(track(frames(*seen), tracker)))


def test_one_vehicle_that_drives_by_is_one_sighting() -> None:
    tracker = Tracker()
    drive = [(i / 10, [("AB12", 0.8, 100 + 60 * i, 200)]) for i in range(10)]
    assert run(tracker, *drive) == [("AB12", 10, 0.0, 0.9)]
    assert tracker.rejected == Counter()


def test_two_vehicles_that_pass_each_other_stay_two() -> None:
    # They meet in the middle; neighbouring lanes, opposite directions.
    both = [(i / 10, [("AB12", 0.8, 100 + 100 * i, 200), ("XY98", 0.8, 1000 - 100 * i, 230)]) for i in range(10)]
    assert sorted(run(Tracker(), *both)) == [("AB12", 10, 0.0, 0.9), ("XY98", 10, 0.0, 0.9)]


def test_a_plate_far_away_with_another_text_is_another_vehicle() -> None:
    found = run(
        Tracker(),
        (0.0, [("AB12", 0.8, 100, 200)]),
        (0.1, [("AB12", 0.8, 105, 200)]),
        (0.2, [("XY98", 0.8, 900, 200)]),
        (0.3, [("XY98", 0.8, 905, 200)]),
    )
    assert found == [("AB12", 2, 0.0, 0.1), ("XY98", 2, 0.2, 0.3)]


def test_large_steps_are_bridged_by_the_velocity() -> None:
    # Every tenth frame: two plate widths from look to look, and the text changes by misreading.
    drive = [
        (i * 0.4, [(text, 0.8, 100 + 150 * i, 200)]) for i, text in enumerate(["AB12", "AB12", "7777", "AB12", "AB12"])
    ]
    tracker = Tracker()
    assert run(tracker, *drive) == [("AB12", 4, 0.0, 1.6)]
    assert tracker.rejected == Counter({"reads disagree": 1})


def test_a_vehicle_that_was_hidden_and_comes_back_is_one_sighting() -> None:
    tracker = Tracker()
    found = run(
        tracker,
        (0.0, [("AB12CD", 0.8, 100, 200)]),
        (0.1, [("AB12CD", 0.8, 110, 200)]),
        (3.0, [("AB12C0", 0.8, 800, 210)]),  # misread on coming back
        (3.1, [("AB12CD", 0.8, 810, 210)]),
    )
    assert found == [("AB12CD", 3, 0.0, 3.1)]


def test_a_vehicle_that_comes_back_after_long_is_seen_twice() -> None:
    seen = [(t, [("AB12CD", 0.8, 100, 200)]) for t in (0.0, 0.1, 9.0, 9.1)]
    assert run(Tracker(), *seen) == [("AB12CD", 2, 0.0, 0.1), ("AB12CD", 2, 9.0, 9.1)]


def test_a_track_that_began_with_a_misread_is_joined_to_what_came_before() -> None:
    found = run(
        Tracker(),
        (0.0, [("AB12CD", 0.8, 100, 200)]),
        (0.1, [("AB12CD", 0.8, 110, 200)]),
        (2.0, [("777777", 0.5, 800, 210)]),
        (2.1, [("AB12CD", 0.8, 810, 210)]),
        (2.2, [("AB12CD", 0.8, 820, 210)]),
        (9.0, []),
    )
    assert found == [("AB12CD", 4, 0.0, 2.2)]


def test_what_was_read_only_once_must_be_certain() -> None:
    tracker = Tracker()
    found = run(tracker, (0.0, [("AB12", 0.79, 100, 200), ("XY98", 0.95, 900, 200)]))
    assert found == [("XY98", 1, 0.0, 0.0)]
    assert tracker.rejected == Counter({"single weak read": 1})


def test_reads_that_all_differ_are_no_sighting() -> None:
    tracker = Tracker()
    seen = [(i / 10, [(text, 0.5, 100, 200)]) for i, text in enumerate(["AB12", "XY98", "7777"])]
    assert run(tracker, *seen) == []
    assert tracker.rejected == Counter({"reads disagree": 3})


def test_every_read_is_counted_once() -> None:
    tracker = Tracker()
    words = ["AB12", "AB12", "A812", "XY98", "AB12", "AB12"]
    found = run(tracker, *((i / 10, [(text, 0.8, 100 + 5 * i, 200)]) for i, text in enumerate(words)))
    assert sum(reads for _, reads, _, _ in found) + sum(tracker.rejected.values()) == len(words)


def test_passings_are_given_when_they_are_over() -> None:
    tracker = Tracker()
    steps = frames((0.0, [("AB12", 0.95, 100, 200)]), (4.9, []), (5.1, []))
    over = [[one.passing for one in tracker.add(*step) if isinstance(one, Passed)] for step in steps]
    assert [texts(passings) for passings in over] == [
        [],
        [],
        [("AB12", 1, 0.0, 0.0)],
    ]
    assert tracker.finish() == []


def test_the_best_read_is_the_widest_sharpest_and_most_certain_that_agrees() -> None:
    tracker = Tracker()
    given = []
    # (stripes' strength, width, text, confidence): the last but one is best, the last is wrong.
    for i, (strength, width, text, confidence) in enumerate(
        [(10, 80, "AB12", 0.8), (40, 80, "AB12", 0.6), (40, 100, "AB12", 0.9), (90, 120, "A812", 0.9)]
    ):
        frame = Frame(sharp(strength), "clip.mp4", i, i / 10, None)
        given.append((frame, Recognition((read(i, i / 10, (text, confidence, 300, 200), width),), ())))
    (passing,) = track(given, tracker)
    assert (passing.sighting.frame, passing.sighting.seconds, passing.sighting.box.width) == (2, 0.2, 100)
    assert passing.sighting.reads == 3
    assert (passing.image == sharp(40)).all()
    assert passing.crop.shape == (24, 112, 3)


def test_pictures_kept_are_copies() -> None:
    image = sharp(9)
    steps = frames((0.0, [("AB12", 0.95, 100, 200)]), image=image)
    tracker = Tracker()
    tracker.add(*steps[0])
    image[:] = 0
    (passed,) = tracker.finish()
    assert isinstance(passed, Passed)
    passing = passed.passing
    assert (passing.image == sharp(9)).all()
    assert passing.crop.any()


def test_a_vehicle_parked_in_view_is_one_sighting_and_fills_no_memory() -> None:
    tracker = Tracker()
    image = sharp(9)
    for i in range(900):
        text = "AB12CD" if i % 3 else f"AB{i % 89 + 10}CD"
        frame = Frame(image, "clip.mp4", i, i / 10, None)
        tracker.add(frame, Recognition((read(i, i / 10, (text, 0.8, 300, 200)),), ()))
    (parked,) = tracker.vehicles
    assert len(parked.voters) <= 64
    assert len(parked.shots) == 4
    assert texts([one.passing for one in tracker.finish() if isinstance(one, Passed)]) == [
        ("AB12CD", parked.said["AB12CD"], 0.0, 89.9)
    ]
    assert parked.said["AB12CD"] >= 600
    assert sum(tracker.rejected.values()) == 900 - parked.said["AB12CD"]


def test_each_read_of_a_photo_is_a_sighting_of_its_own() -> None:
    frame = Frame(sharp(9), "car.jpg", 0, None, None)
    reads = (read(0, None, ("AB12", 0.5, 100, 200)), read(0, None, ("AB12", 0.6, 500, 200)))
    tracker = Tracker()
    found = list(track([(frame, Recognition(reads, ()))], tracker))
    assert texts(found) == [("AB12", 1, None, None), ("AB12", 1, None, None)]
    assert [(p.sighting.confidence, p.sighting.seconds) for p in found] == [(0.5, None), (0.6, None)]
    assert found[0].crop.shape == (24, 90, 3)
    assert tracker.rejected == Counter()


def test_a_photo_is_not_for_the_tracker() -> None:
    with pytest.raises(ValueError, match="a photo has no time"):
        Tracker().add(Frame(sharp(9), "car.jpg", 0, None, None), Recognition((), ()))


def test_settings_say_how_many_must_agree() -> None:
    tracker = Tracker(replace(Settings(), min_agreeing=3))
    seen = [(i / 10, [("AB12", 0.3, 100, 200)]) for i in range(2)]
    assert run(tracker, *seen) == [("AB12", 2, 0.0, 0.1)]  # two reads agree so well that they are certain enough


@pytest.mark.parametrize(
    ("text", "other", "expected"),
    [
        ("AB12CD", "AB12CD", True),
        ("AB12CD", "A812CD", True),
        ("AB12CD", "AB12C", True),
        ("AB12CD", "A8I2CD", False),
        ("AB12CDEF", "A8I2CDEF", True),  # two of eight
        ("AB1", "A81", False),
    ],
)
def test_texts_are_similar_up_to_a_quarter(text: str, other: str, expected: bool) -> None:
    assert similar(text, other) is expected


def test_texts_that_differ_in_one_character_are_one_plate_in_doubt() -> None:
    words = ["SJB418A", "SJB41BA", "SJB418A", "SJB41BA"]
    seen = [(i / 10, [(text, 0.7, 100 + 40 * i, 200)]) for i, text in enumerate(words)]
    ((text, reads, _, _),) = run(Tracker(), *seen)
    assert text in words and reads == 2
    # Of three texts none was read twice, but each differs from the first in one character.
    words = ["IF99STK", "IF999TK", "IF99SYK"]
    seen = [(i / 10, [(text, 0.8 - 0.1 * (i > 0), 100 + 40 * i, 200)]) for i, text in enumerate(words)]
    doubting = Settings(min_single_confidence=1.0)
    assert [text for text, *_ in run(Tracker(doubting), *seen)] == ["IF99STK"]
    assert run(Tracker(replace(doubting, min_alike=4)), *seen) == []


def test_a_plate_seen_wider_counts_more() -> None:
    tracker = Tracker()
    for i, (text, width) in enumerate([("AB12", 40), ("AB12", 40), ("XB12", 120), ("XB12", 120)]):
        frame = Frame(sharp(i), "clip.mp4", i, i / 10, None)
        tracker.add(frame, Recognition((read(i, i / 10, (text, 0.8, 300 + 5 * i, 200), width),), ()))
    (vehicle,) = tracker.vehicles if len(tracker.vehicles) == 1 else tracker.vehicles[-1:]
    assert vehicle.verdict.text == "XB12"


def test_a_vehicle_followed_anew_after_a_part_of_its_plate_was_read_is_one() -> None:
    for part, whole in (("EZE2BE", "EZEZBEH"), ("CNWE", "CNWETALK")):
        for far, expected in ((200, [(whole, 3, 0.0, 0.7)]), (700, [(part, 1, 0.0, 0.0), (whole, 3, 0.5, 0.7)])):
            seen = [(0.0, [(part, 0.95, 100, 200)])]
            seen += [(0.5 + i / 10, [(whole, 0.99, 100 + far + 20 * i, 200)]) for i in range(3)]
            assert run(Tracker(), *seen) == expected


def doubted(*said: tuple[list[tuple[str, float]], float]) -> list[str]:
    """What the tracker agrees on when a plate drives by and the candidates of each read are ``said``, and the
    confidence of its first character; the others have 0.99."""
    tracker, found = Tracker(), []
    for i, (candidates, first) in enumerate(said):
        text = candidates[0][0]
        characters = (Character(text[0], first), *(Character(c, 0.99) for c in text[1:]))
        known = read(i, i / 10, (text, first, 100 + 40 * i, 200))
        transcript = replace(
            known.transcript, characters=characters, candidates=tuple(Candidate(t, p) for t, p in candidates)
        )
        frame = Frame(sharp(i), "clip.mp4", i, i / 10, None)
        found += tracker.add(frame, Recognition((replace(known, transcript=transcript),), ()))
    found += tracker.finish()
    return [one.passing.sighting.text for one in found if isinstance(one, Passed)]


def test_reads_that_leave_nearly_everything_open_agree_on_nothing() -> None:
    # Sure of its characters among its candidates, but these are few of what may be written there.
    assert doubted(*[([("JT080", 0.02), ("JT08O", 0.002)], 0.9)] * 4) == []
    assert doubted(*[([("JT080", 0.90), ("JT08O", 0.002)], 0.9)] * 4) == ["JT080"]


def test_many_reads_that_doubt_the_same_one_character_are_a_plate_in_doubt() -> None:
    one = [("4AGV218", 0.40), ("LAGV218", 0.38), ("AGV218", 0.20)], 0.40
    assert doubted(*[one] * 4) == ["4AGV218"]
    assert doubted(*[one] * 3) == []
    two = [("4AGV218", 0.30), ("LA6V218", 0.29), ("4A6V218", 0.21), ("LAGV218", 0.19)], 0.4
    assert doubted(*[two] * 4) == []
