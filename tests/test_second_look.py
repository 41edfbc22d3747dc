"""The second look tightens boxes and lowers what it does not find again."""

from __future__ import annotations

import numpy as np

from lpr.plates import Box, PlateBox
from lpr.recognition.second_look import SecondLook


class Finds:
    """A detector that finds the same boxes in every picture, and remembers the pictures' sizes."""

    def __init__(self, *plates: PlateBox) -> None:
        self._plates = plates
        self.sizes: list[tuple[int, ...]] = []

    def detect(self, image: np.ndarray) -> list[PlateBox]:
        self.sizes.append(image.shape[:2])
        return list(self._plates)


PICTURE = np.zeros((400, 600, 3), np.uint8)
LOOSE = PlateBox(Box(200, 100, 300, 150), 0.5)


def test_the_closer_box_is_moved_into_the_picture_and_confidences_are_averaged() -> None:
    closer = Finds(PlateBox(Box(70, 64, 150, 104), 0.9), PlateBox(Box(0, 0, 20, 10), 0.95))
    assert SecondLook(Finds(LOOSE), closer).detect(PICTURE) == [PlateBox(Box(210, 104, 290, 144), 0.7)]
    assert closer.sizes == [(170, 220)]  # 50 high and 1.2 of that on both sides; 100 wide and 0.6 of that


def test_what_is_not_found_again_keeps_its_box_and_half_its_confidence() -> None:
    assert SecondLook(Finds(LOOSE), Finds()).detect(PICTURE) == [PlateBox(LOOSE.box, 0.25)]
    elsewhere = Finds(PlateBox(Box(0, 0, 20, 10), 0.95))
    assert SecondLook(Finds(LOOSE), elsewhere).detect(PICTURE) == [PlateBox(LOOSE.box, 0.25)]


def test_the_order_is_that_of_the_new_confidences() -> None:
    lost, kept = PlateBox(Box(0, 0, 50, 20), 0.8), PlateBox(Box(400, 300, 500, 350), 0.6)

    class Closer:
        def detect(self, image: np.ndarray) -> list[PlateBox]:
            return [PlateBox(Box(60, 60, 160, 110), 0.6)] if image.shape[1] > 150 else []

    found = SecondLook(Finds(lost, kept), Closer()).detect(PICTURE)
    assert [plate.confidence for plate in found] == [0.6, 0.4]
