"""Several streams in lockstep: the same results as one by one, in fewer runs of the networks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from conftest import FakeDetector, FakeReader, picture

from lpr import PlateBox, Recognizer, Transcript
from lpr.models import weights
from lpr.recognition.batch import Crops, Looks, Steps, alone, together
from lpr.recognition.detector_onnx import OnnxDetector
from lpr.recognition.frames import Frame, open_frames
from lpr.recognition.stream import Stream

ROOT = Path(__file__).parents[1]
RED, GREEN, BLUE = (0, 0, 255), (0, 255, 0), (255, 0, 0)


class Shared(FakeDetector):
    """Counts how many pictures come at a time."""

    def __init__(self) -> None:
        self.shared = self
        self.runs: list[int] = []

    def together(self, wanted: Sequence[tuple[Shared, np.ndarray]]) -> list[list[PlateBox]]:
        self.runs.append(len(wanted))
        return [one.detect(image) for one, image in wanted]


class Counting(FakeReader):
    def __init__(self) -> None:
        self.runs: list[int] = []

    def read(self, crops: Sequence[np.ndarray]) -> list[Transcript]:
        self.runs.append(len(crops))
        return super().read(crops)


def frames(*colours: tuple[int, int, int]) -> list[Frame]:
    return [Frame(picture(*colours, left=20 + 8 * n), "clip", n, n / 5, None) for n in range(6)]


def test_streams_side_by_side_find_what_each_finds_alone() -> None:
    clips = [frames(RED), frames(GREEN, BLUE), frames(), frames(BLUE)]
    recognizer = Recognizer(FakeDetector(), FakeReader(), version="fake 1")
    apart = [Stream(recognizer) for _ in clips]
    expected = [[event for frame in clip for event in one.push(frame)] for one, clip in zip(apart, clips, strict=True)]
    detector, reader = Shared(), Counting()
    several = Recognizer(detector, reader, version="fake 1")
    beside = [Stream(several) for _ in clips]
    found: list[list[object]] = [[] for _ in clips]
    for number in range(6):
        events = together([one.steps(clip[number]) for one, clip in zip(beside, clips, strict=True)])
        for mine, new in zip(found, events, strict=True):
            mine += new
    for one, other, mine, theirs in zip(beside, apart, found, expected, strict=True):
        assert [type(event) for event in mine] == [type(event) for event in theirs]
        assert one.rejected == other.rejected and (one.looked, one.reads) == (other.looked, other.reads)
        ends = [[v.passing.sighting.text for v in stream.close() if hasattr(v, "passing")] for stream in (one, other)]
        assert ends[0] == ends[1]
    assert detector.runs[0] == 4, "the first pictures of all four go through the network together"
    assert reader.runs[0] == 4, "and all their plates"


def test_looks_come_before_reads_and_answers_go_to_who_asked() -> None:
    detector, reader = Shared(), Counting()

    def steps(colour: tuple[int, int, int], looks: int) -> Steps[str]:
        image = picture(colour)
        for _ in range(looks):
            ((plate,),) = yield Looks([(detector, image)])
        box = plate.box
        (said,) = yield Crops(reader, [image[box.y1 : box.y2, box.x1 : box.x2]])
        return str(said.text)

    def nothing() -> Steps[str]:
        return "at once"
        yield Looks([])

    assert together([steps(RED, 1), nothing(), steps(BLUE, 2)]) == ["ABC1234", "at once", "AL5SHOP"]
    assert (detector.runs, reader.runs) == ([2, 1], [2])
    assert alone(steps(RED, 1)) == "ABC1234" and together([]) == []


def test_a_failure_of_one_closes_the_others() -> None:
    closed: list[str] = []

    def broken() -> Steps[None]:
        yield Looks([])
        raise RuntimeError("gave up")

    def other() -> Steps[None]:
        try:
            while True:
                yield Looks([])
        finally:
            closed.append("other")

    with pytest.raises(RuntimeError, match="gave up"):
        together([other(), broken()])
    assert closed == ["other"]


def test_the_shipped_detector_sees_the_same_in_many_pictures_as_in_each() -> None:
    detector = OnnxDetector(weights.weights("plate_detector.onnx"), 0.1, 320)
    chance = np.random.default_rng(1)
    with open_frames(ROOT / "samples/clip.mp4") as frames_:
        clip = [frame.image for frame in frames_][20:27]
    images = [*clip, chance.integers(0, 255, (240, 320, 3), np.uint8), chance.integers(0, 255, (90, 90, 3), np.uint8)]
    wanted = [(detector.at(640 if number < 6 else 160), image) for number, image in enumerate(images)]
    expected = [one.detect(image) for one, image in wanted]
    assert sum(map(len, expected)) >= 6, "the plate of the clip is seen"
    found = detector.together(wanted)
    assert [[plate.box for plate in plates] for plates in found] == [[p.box for p in plates] for plates in expected]


class Network:
    """Remembers the shapes of its inputs, and finds nothing."""

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        self.shapes.append(batch.shape)
        return np.zeros((len(batch), 5, 8), np.float32)


def test_pictures_that_fill_the_same_input_are_one_batch_of_few_sizes() -> None:
    network = Network()
    detector = OnnxDetector(Path(), 0.1, 320, network=network)
    wide, high = np.zeros((160, 320, 3), np.uint8), np.zeros((320, 160, 3), np.uint8)
    wanted = [(detector, wide), (detector.at(160), high), *[(detector, wide)] * 6]
    assert detector.together(wanted) == [[]] * 8
    assert network.shapes == [(4, 3, 160, 320), (2, 3, 160, 320), (1, 3, 160, 320), (1, 3, 160, 96)]
    network.shapes.clear()
    assert detector.at(640).together([(detector.at(640), wide)] * 3) == [[]] * 3
    assert network.shapes == [(2, 3, 320, 640), (1, 3, 320, 640)], "large pictures are few at a time: for the memory"
