"""Plates that stand in for others in scenes: they cover them, in the place's light, and the box lies around them."""

from __future__ import annotations

import random

import cv2
import numpy as np
import pytest

from lpr.training.other_plates import OtherPlates, repaint
from lpr.training.scenes import Photo, SceneMaker

WHITE, RED = (235, 235, 235), (0, 0, 255)


def _drawn(width: int, height: int) -> np.ndarray:
    plate = np.full((height, width, 3), WHITE, np.uint8)
    cv2.putText(plate, "AB 123", (width // 10, height * 3 // 4), cv2.FONT_HERSHEY_SIMPLEX, height / 40, (20, 20, 20), 3)
    return plate


def _red(image: np.ndarray) -> np.ndarray:
    b, g, r = (image[:, :, k].astype(int) for k in range(3))
    return (r > 150) & (b < 100) & (g < 100)


@pytest.mark.parametrize("angle", [0.0, 0.3, -0.3])
def test_the_old_plate_is_covered_and_the_box_lies_around_the_new(angle: float) -> None:
    others = OtherPlates([_drawn(320, 70), _drawn(200, 150)])
    for seed in range(30):
        rng = random.Random(seed)
        image = np.full((300, 400, 3), (90, 120, 90), np.uint8)
        turned = cv2.boxPoints(((200.0, 150.0), (110.0, 24.0), float(np.degrees(angle))))
        cv2.fillPoly(image, [turned.round().astype(np.int32)], RED)
        before = image.copy()
        box = others.swap(image, (200.0, 150.0), (110.0, 24.0), angle, 0.4, rng)
        assert box is not None
        assert _red(image).sum() < 0.1 * _red(before).sum()
        x1, y1, x2, y2 = box
        changed = np.argwhere((image != before).any(2))
        (top, left), (bottom, right) = changed.min(0), changed.max(0)
        assert (left, top, right, bottom) == pytest.approx((x1, y1, x2, y2), abs=4)


def test_a_plate_in_the_dark_stays_dark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lpr.training.other_plates.TWO_LINE", 0.0)
    image = np.full((120, 240, 3), 12, np.uint8)
    image[50:70, 70:160] = 30
    others = OtherPlates([_drawn(320, 70)])
    assert others.swap(image, (115.0, 60.0), (90.0, 20.0), 0.0, 0.4, random.Random(1)) is not None
    assert image.max() < 70


def test_no_plate_of_another_shape_and_none_over_the_edge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lpr.training.other_plates.TWO_LINE", 0.0)
    image = np.full((120, 240, 3), 90, np.uint8)
    others = OtherPlates([_drawn(320, 70)])
    assert others.swap(image, (115.0, 60.0), (30.0, 30.0), 0.0, 0.4, random.Random(1)) is None
    assert others.swap(image, (10.0, 60.0), (90.0, 20.0), 0.0, 0.4, random.Random(1)) is None
    assert (image == 90).all()


def test_colours_change_inside_the_plate_only() -> None:
    seen = set()
    for seed in range(20):
        image = np.full((80, 160, 3), 90, np.uint8)
        image[30:50, 40:120] = WHITE
        repaint(image, (40.0, 30.0, 120.0, 50.0), random.Random(seed))
        outside = np.ones((80, 160), bool)
        outside[30:50, 40:120] = False
        assert (image[outside] == 90).all()
        seen.add(bool(image[40, 80].max() < 60))
        assert (image[40, 80] != WHITE).any()
    assert seen == {True, False}  # dark ground, and light ones of other colours


def test_scenes_hold_drawn_plates_in_the_share_that_is_asked_for() -> None:
    image = np.full((300, 400, 3), (90, 120, 90), np.uint8)
    image[140:165, 180:230] = RED
    photo = Photo(image, ((180.0, 140.0, 230.0, 165.0),), True)
    others = OtherPlates([_drawn(300, 150)])
    left = []
    for swapped in (0.0, 1.0):
        maker = SceneMaker([photo], 320, 0.0, 0.0, others=others, swapped=swapped)
        windows = [maker._window(random.Random(seed), 320, 320).image for seed in range(40)]
        left.append(sum(int(_red(window).sum()) for window in windows))
    assert left[1] < 0.4 * left[0]  # those that the window's edge cuts stay
