"""Looking at a picture in two sizes: which sizes, and one box for each plate."""

from __future__ import annotations

import numpy as np
import pytest

from lpr.plates import Box, PlateBox
from lpr.recognition.scales import TwoScales


class Look:
    """Finds what it was told for each size."""

    def __init__(self, found: dict[int, list[PlateBox]], imgsz: int = 0) -> None:
        self.found = found
        self.imgsz = imgsz

    def at(self, imgsz: int) -> Look:
        return Look(self.found, imgsz)

    def detect(self, image: np.ndarray) -> list[PlateBox]:
        return self.found.get(self.imgsz, [])


@pytest.mark.parametrize(
    ("longest", "sizes"),
    [
        (1280, (832, 320)),
        (1920, (960, 320)),  # half of the picture
        (3840, (1920, 320)),
        (8000, (1920, 320)),  # the largest
        (400, (800, 320)),  # enlarged twice at most
        (150, (320,)),  # no coarser look than that
        (10, (32,)),
    ],
)
def test_sizes_follow_the_picture(longest: int, sizes: tuple[int, ...]) -> None:
    assert TwoScales(Look({}), 832, 320, 0.5, 1920).sizes(longest) == sizes


def test_each_plate_has_one_box_the_more_certain() -> None:
    near, near_too = PlateBox(Box(100, 100, 300, 200), 0.9), PlateBox(Box(104, 100, 300, 204), 0.95)
    far = PlateBox(Box(500, 100, 530, 110), 0.4)
    looks = TwoScales(Look({832: [near, far], 320: [near_too]}), 832, 320, 0.5, 1920)
    assert looks.detect(np.zeros((720, 1280, 3), np.uint8)) == [near_too, far]
    assert looks.at(320).detect(np.zeros((720, 1280, 3), np.uint8)) == [near_too]
