"""Drawing: a copy with the box, and a label that stays inside the picture and off other labels."""

import numpy as np
import pytest

from lpr.plates import Box
from lpr.recognition.draw import Mark, annotate


def changed(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    return np.asarray((before != after).any(axis=2))


@pytest.mark.parametrize(("width", "height"), [(200, 120), (1280, 720), (4000, 3000)])
def test_the_box_is_framed_and_its_inside_left_as_it_was(width: int, height: int) -> None:
    image = np.full((height, width, 3), 90, np.uint8)
    before = image.copy()
    box = Box(width // 4, height // 2, width // 2, height * 3 // 5)
    drawn = annotate(image, [Mark(box, "AB12CDE", 0.93)])
    assert (image == before).all()  # the caller's picture is not painted on
    assert drawn.shape == image.shape
    difference = changed(image, drawn)
    assert not difference[box.y1 : box.y2, box.x1 : box.x2].any()
    assert difference[box.y1 - 1, box.x1 : box.x2].all()
    assert difference[box.y2, box.x1 : box.x2].all()
    assert difference[: box.y1 - 5].any()  # the label above


@pytest.mark.parametrize(
    "box", [Box(0, 0, 90, 30), Box(1190, 690, 1280, 720), Box(0, 690, 90, 720), Box(1190, 0, 1280, 30)]
)
def test_labels_at_the_edge_are_whole(box: Box) -> None:
    image = np.full((720, 1280, 3), 90, np.uint8)
    centre = annotate(image, [Mark(Box(600, 300, 690, 330), "WWWWWWWW", 0.5)])
    edge = annotate(image, [Mark(box, "WWWWWWWW", 0.5)])
    white = (np.array([255, 255, 255])[None, None] == centre).all(axis=2).sum()
    assert (np.array([255, 255, 255])[None, None] == edge).all(axis=2).sum() == white > 100


def test_two_plates_close_together_have_labels_apart() -> None:
    image = np.full((720, 1280, 3), 90, np.uint8)
    marks = [Mark(Box(600, 300, 640, 312), "WWWWWWWW", 0.5), Mark(Box(660, 300, 700, 312), "WWWWWWWW", 0.5)]
    white = [(annotate(image, m) == 255).all(axis=2).sum() for m in ([marks[0]], [marks[1]], marks)]
    assert white[2] == white[0] + white[1]


def test_a_possible_hit_has_another_colour_and_its_note() -> None:
    image = np.full((720, 1280, 3), 90, np.uint8)
    box = Box(600, 300, 690, 330)
    plain, hit = annotate(image, [Mark(box, "AB12", 0.5)]), annotate(image, [Mark(box, "AB12", 0.5, "possible match")])
    assert plain[299, 640].tolist() == [120, 214, 72]
    assert hit[299, 640].tolist() == [0, 176, 255]
    assert changed(image, hit).sum() > changed(image, plain).sum()


def test_no_marks_is_a_plain_copy() -> None:
    image = np.random.default_rng(0).integers(0, 255, (50, 60, 3), dtype=np.uint8)
    drawn = annotate(image, [])
    assert (drawn == image).all()
    assert drawn is not image
