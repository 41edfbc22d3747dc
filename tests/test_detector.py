"""The cpu engine's detector: Ultralytics' preparation redone, boxes back in the picture's own pixels."""

from pathlib import Path

import numpy as np
import pytest

from lpr.plates import Box, PlateBox
from lpr.recognition.detector import most_certain_first, plate_box
from lpr.recognition.detector_onnx import Letterbox, OnnxDetector, suppress


class FakeNetwork:
    """Answers with the given rows (cx, cy, w, h, score in the network's pixels) and keeps what it was shown."""

    def __init__(self, *rows: tuple[float, float, float, float, float]) -> None:
        self.rows = rows
        self.seen: list[np.ndarray] = []

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        self.seen.append(batch)
        return np.array(self.rows, np.float32).reshape(-1, 5).T[None]


def detector(network: FakeNetwork, confidence: float = 0.25, imgsz: int = 640) -> OnnxDetector:
    return OnnxDetector(Path("none.onnx"), confidence, imgsz, network=network)


@pytest.mark.parametrize(
    ("width", "height", "imgsz", "expected"),
    [
        (1280, 720, 640, Letterbox(640, 360, 0, 12, 0, 12)),
        (640, 640, 640, Letterbox(640, 640, 0, 0, 0, 0)),
        (720, 1280, 640, Letterbox(360, 640, 12, 0, 12, 0)),
        (1152, 648, 640, Letterbox(640, 360, 0, 12, 0, 12)),
        (100, 37, 640, Letterbox(640, 237, 0, 9, 0, 10)),  # enlarged; an odd margin is larger below
        (3000, 1, 640, Letterbox(640, 1, 0, 15, 0, 16)),  # nothing vanishes
        (1920, 1080, 1280, Letterbox(1280, 720, 0, 8, 0, 8)),
    ],
)
def test_the_letterbox_is_the_smallest_multiple_of_32(width: int, height: int, imgsz: int, expected: Letterbox) -> None:
    assert Letterbox.of(width, height, imgsz) == expected
    filled = expected.fill(np.zeros((height, width, 3), np.uint8))
    assert [side % 32 for side in filled.shape[:2]] == [0, 0]
    assert max(filled.shape[:2]) == imgsz


def test_the_network_sees_rgb_between_0_and_1_on_grey() -> None:
    network = FakeNetwork()
    image = np.zeros((360, 640, 3), np.uint8)
    image[:] = (255, 0, 51)  # blue, green, red
    assert detector(network).detect(image) == []
    (batch,) = network.seen
    assert (batch.shape, batch.dtype) == ((1, 3, 384, 640), np.float32)
    assert batch[0, :, 200, 300] == pytest.approx([0.2, 0.0, 1.0])
    assert batch[0, :, 5, 5] == pytest.approx([114 / 255] * 3)


def test_boxes_come_back_in_the_pictures_pixels_the_most_certain_first() -> None:
    # Half size, 12 rows of margin above: (cx, cy, w, h) = (100, 112, 40, 20) is x 80–120, y 102–122 → 90–110.
    network = FakeNetwork((100, 112, 40, 20, 0.6), (400, 212, 60, 30, 0.9), (500, 300, 60, 30, 0.2))
    assert detector(network).detect(np.zeros((720, 1280, 3), np.uint8)) == [
        PlateBox(Box(740, 370, 860, 430), pytest.approx(0.9)),
        PlateBox(Box(160, 180, 240, 220), pytest.approx(0.6)),
    ]


def test_boxes_end_at_the_pictures_edge_and_are_plain_python() -> None:
    network = FakeNetwork((5, 22, 40, 40, 0.8), (320, 3, 20, 6, 0.7))  # over the corner; wholly in the margin
    (found,) = detector(network).detect(np.zeros((720, 1280, 3), np.uint8))
    assert found.box == Box(0, 0, 50, 60)
    assert {type(v) for v in found.box.as_list()} == {int}
    assert type(found.confidence) is float


def test_overlapping_boxes_of_one_plate_give_the_most_certain_one() -> None:
    network = FakeNetwork((100, 112, 40, 20, 0.6), (104, 112, 40, 20, 0.9), (300, 112, 40, 20, 0.5))
    found = detector(network).detect(np.zeros((720, 1280, 3), np.uint8))
    assert [(p.box.x1, round(p.confidence, 2)) for p in found] == [(168, 0.9), (560, 0.5)]


def test_suppression_keeps_the_best_of_each_heap() -> None:
    corners = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [20, 0, 30, 10], [0, 0, 10, 4]], np.float32)
    scores = np.array([0.5, 0.9, 0.7, 0.8], np.float32)
    assert suppress(corners, scores, 0.5) == [1, 3, 2]
    assert suppress(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), 0.5) == []


def test_boxes_are_rounded_outward() -> None:
    shape = (100, 100, 3)
    assert plate_box((10.4, 10.6, 20.2, 20.9), 0.5, shape) == PlateBox(Box(10, 10, 21, 21), 0.5)
    assert plate_box((9.995, 10.0, 20.004, 20.0), 0.5, shape) == PlateBox(Box(10, 10, 20, 20), 0.5)
    assert plate_box((-5, 90, 5, 120), 0.5, shape) == PlateBox(Box(0, 90, 5, 100), 0.5)
    assert plate_box((100, 10, 120, 20), 0.5, shape) is None


def test_equally_certain_boxes_keep_one_order() -> None:
    left, right = PlateBox(Box(0, 0, 5, 5), 0.5), PlateBox(Box(9, 0, 15, 5), 0.5)
    assert most_certain_first([right, None, left]) == most_certain_first([left, right]) == [left, right]


def test_imgsz_must_fit_the_network() -> None:
    with pytest.raises(ValueError, match="imgsz must be a multiple of 32, not 600"):
        detector(FakeNetwork(), imgsz=600)
