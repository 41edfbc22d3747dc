"""The motion gate, and the parts of a picture that are looked at for it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from lpr.plates import Box
from lpr.recognition import parts
from lpr.recognition.motion import MotionGate, small
from lpr.recognition.settings import Settings

WIDTH, HEIGHT = 1920, 1080
WHOLE = Box(0, 0, WIDTH, HEIGHT)


def street(x: int | None = None, light: float = 1.0, seed: int = 0, size: int = 200) -> np.ndarray:
    """A grey street with noise of its own, and a vehicle of ``size`` pixels at ``x``."""
    image = cv2.resize(np.random.default_rng(1).integers(60, 160, (27, 48), np.uint8), (WIDTH, HEIGHT))
    if x is not None:
        image[500 : 500 + size // 2, x : x + size] = 220
        image[500 : 500 + size // 2, x : x + size : 20] = 20
    noise = np.random.default_rng(seed).normal(0, 3, (HEIGHT // 4, WIDTH // 4))
    grain = cv2.resize(noise, (WIDTH, HEIGHT), interpolation=cv2.INTER_NEAREST)
    return np.clip(image * light + grain, 0, 255).astype(np.uint8)


@pytest.fixture
def gate() -> MotionGate:
    gate = MotionGate(WIDTH, HEIGHT)
    luma = small(street())
    assert [moving.box for moving in gate.changed(luma, 0.0)] == [WHOLE]
    gate.looked(luma, [WHOLE], [])
    return gate


def test_the_small_copy() -> None:
    assert small(street()).shape == (135, 240)
    assert small(np.zeros((120, 320, 3), np.uint8)).shape == (120, 320)


def test_noise_and_light_are_no_motion(gate: MotionGate) -> None:
    for i, light in enumerate((1.0, 0.9, 1.1, 1.15)):
        assert gate.changed(small(street(light=light, seed=i + 1)), 0.1 * (i + 1)) == []


def test_a_vehicle_is_found_where_it_is(gate: MotionGate) -> None:
    (moving,) = gate.changed(small(street(900, seed=2)), 0.1)
    assert moving.box.x1 <= 900 and moving.box.x2 >= 1100
    assert moving.box.y1 <= 500 and moving.box.y2 >= 600
    assert moving.box.area < 0.1 * WHOLE.area


def test_what_stands_is_quiet_once_it_was_looked_at(gate: MotionGate) -> None:
    standing = small(street(900, seed=2))
    (moving,) = gate.changed(standing, 0.1)
    gate.looked(standing, [moving.box], [])
    assert gate.changed(small(street(900, seed=3)), 0.2) == []
    # Leaving, it is noticed again.
    assert gate.changed(small(street(seed=4)), 0.3) != []


def test_something_slow_adds_up(gate: MotionGate) -> None:
    first = small(street(900, seed=2))
    gate.changed(first, 0.0)
    gate.looked(first, [WHOLE], [])
    noticed = [gate.changed(small(street(900 + 3 * i, seed=i)), 0.1 * i) != [] for i in range(1, 12)]
    assert any(noticed)


def test_places_that_move_and_never_show_a_plate_become_barren(gate: MotionGate) -> None:
    for i in range(20):
        luma = small(street(900 if i % 2 else 930, seed=i))
        found = gate.changed(luma, 0.1 * i)
        gate.looked(luma, [moving.box for moving in found], [])
    (moving,) = gate.changed(small(street(930, seed=99)), 5.0)
    assert moving.barren
    gate.looked(luma, [moving.box], [Box(950, 520, 1050, 550)])
    assert not any(moving.barren for moving in gate.changed(small(street(960, seed=98)), 5.1))


def test_parts_are_around_what_moves_and_the_whole_for_much() -> None:
    settings = Settings()
    (part,) = parts.around([Box(900, 500, 1100, 600)], WIDTH, HEIGHT, settings)
    assert part.box.x1 < 900 and part.box.x2 > 1100
    assert part.imgsz <= settings.part_imgsz
    assert len(parts.around([Box(0, 0, 100, 100), Box(1800, 900, 1900, 1000)], WIDTH, HEIGHT, settings)) == 2
    assert parts.around([Box(0, 0, 1500, 1000)], WIDTH, HEIGHT, settings) == [parts.Part(WHOLE, 640)]


def test_large_pictures_are_tiled_and_nothing_is_left_out() -> None:
    tiles = parts.whole(3840, 2160, Settings())
    assert len(tiles) == 2
    covered = np.zeros((2160, 3840), bool)
    for tile in tiles:
        covered[tile.box.y1 : tile.box.y2, tile.box.x1 : tile.box.x2] = True
        assert tile.imgsz >= 0.25 * max(tile.box.width, tile.box.height)
    assert covered.all()


def test_where_everything_moves_that_is_no_noise(gate: MotionGate) -> None:
    # A hand-held camera: the whole street has moved by a third of its stripes.
    rng = np.random.default_rng(3)
    tall = np.repeat(np.repeat(rng.integers(0, 255, (27, 48), np.uint8), 40, 0), 40, 1)
    gate.changed(small(tall), 0.1)
    gate.looked(small(tall), [WHOLE], [])
    assert gate.changed(small(np.roll(tall, 23, axis=1)), 0.2) != []
