"""Scenes: that boxes lie on the plates, in every size, and that a detector learns from them."""

from __future__ import annotations

import json
import random
from pathlib import Path

import cv2
import numpy as np
import pytest

from lpr.errors import DatasetError
from lpr.training import scenes
from lpr.training.dataset import read_photos
from lpr.training.scenes import GREY, NARROWEST, WIDEST, Photo, SceneMaker, load_photo
from lpr.training.synthetic.weather import over_a_scene

RED = (0, 0, 255)


def _street(plates: list[tuple[int, int, int, int]], complete: bool = True) -> Photo:
    """A grey-green field with red plates: where red is, a plate is."""
    image = np.full((300, 400, 3), (90, 120, 90), np.uint8)
    for x1, y1, x2, y2 in plates:
        image[y1:y2, x1:x2] = RED
    return Photo(image, tuple((float(a), float(b), float(c), float(d)) for a, b, c, d in plates), complete)


def _red(image: np.ndarray) -> np.ndarray:
    b, g, r = (image[:, :, k].astype(int) for k in range(3))
    return (r > 150) & (b < 100) & (g < 100)


@pytest.mark.parametrize("aslant", [0.0, 1.0], ids=["upright", "aslant"])
@pytest.mark.parametrize("four", [0.0, 1.0], ids=["window", "four in one"])
def test_boxes_lie_on_the_plates(four: float, aslant: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenes, "ASLANT", aslant)
    monkeypatch.setattr(scenes, "REPAINTED", 0.0)
    maker = SceneMaker([_street([(100, 120, 180, 145)])], 320, four_in_one=four, natural=0.0)
    rng = random.Random(5)
    for _ in range(60):
        scene = maker._four(rng) if four else maker._window(rng, 320, 320)
        red = _red(scene.image)
        inside = np.zeros_like(red)
        for x1, y1, x2, y2 in scene.boxes:
            assert 0 <= x1 < x2 <= 320
            assert 0 <= y1 < y2 <= 320
            inside[max(0, int(y1) - 2) : int(y2) + 3, max(0, int(x1) - 2) : int(x2) + 3] = True
            if x2 - x1 > 12 and y2 - y1 > 5:
                least = 0.2 if aslant else 0.6  # the box around a plate that leans holds more than the plate
                assert red[int(y1) + 2 : int(y2) - 1, int(x1) + 2 : int(x2) - 1].mean() > least
        assert not (red & ~inside).any()  # no plate without a box


def test_widths_span_the_whole_range() -> None:
    maker = SceneMaker([_street([(100, 100, 260, 150)])], 320, four_in_one=0.0, natural=0.0)
    rng = random.Random(1)
    widths = [box[2] - box[0] for _ in range(200) for box in maker.make(rng).boxes]
    assert min(widths) < 90
    assert max(widths) > 200
    small = SceneMaker([_street([(100, 100, 130, 108)])], 320, four_in_one=0.0, natural=0.0)
    widths = [box[2] - box[0] for _ in range(200) for box in small.make(rng).boxes]
    assert min(widths) < 2.5 * NARROWEST
    assert max(widths) < WIDEST


def test_photos_with_unlabelled_plates_are_seen_close_up_only() -> None:
    maker = SceneMaker([_street([(100, 100, 180, 125)], complete=False)], 320, four_in_one=0.0, natural=0.5)
    rng = random.Random(2)
    widths = [box[2] - box[0] for _ in range(100) for box in maker._window(rng, 320, 320).boxes]
    assert len(widths) > 90  # no windows without a plate either: there may be one that nobody labelled
    assert min(widths) > 320 / 5 * 0.5  # aspect and clipping take a part


def test_the_same_chance_gives_the_same_scene() -> None:
    maker = SceneMaker([_street([(100, 100, 180, 125)])], 160)
    one, two = (maker.make(random.Random(9)) for _ in range(2))
    assert (one.image == two.image).all()
    assert (one.boxes == two.boxes).all()


def test_weather_changes_the_picture_and_keeps_its_size() -> None:
    image = np.random.default_rng(0).integers(0, 255, (160, 200, 3), dtype=np.uint8)
    seen = {over_a_scene(image, random.Random(seed)).tobytes() for seed in range(40)}
    assert len(seen) > 30
    assert over_a_scene(image, random.Random(3)).shape == image.shape


def test_without_a_plate_there_is_nothing_to_learn() -> None:
    with pytest.raises(DatasetError, match="no photo has a plate"):
        SceneMaker([_street([])], 320)


def _data(folder: Path) -> Path:
    rows = []
    for name, split in (("a", "train"), ("b", "train"), ("c", "val")):
        photo = _street([(100, 120, 180, 145)])
        cv2.imwrite(str(folder / f"{name}.png"), photo.image)
        plates = [{"box": list(photo.plates[0]), "text": "ABC123", "flag": ""}]
        plates.append({"box": [10, 10, 60, 40], "text": None, "flag": "not_plate"})
        rows.append({"image": f"{name}.png", "split": split, "complete": True, "plates": plates})
    (folder / "photos.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return folder


def test_what_is_no_plate_is_painted_over_and_large_photos_shrink(tmp_path: Path) -> None:
    (labelled, _) = read_photos(_data(tmp_path) / "photos.jsonl", "train")
    photo = load_photo(labelled, 200)
    assert photo.image.shape == (150, 200, 3)
    assert photo.plates == ((50.0, 60.0, 90.0, 72.5),)
    assert tuple(photo.image[10, 20]) == GREY


@pytest.mark.slow
def test_a_training_learns_and_another_goes_on_from_its_weights(tmp_path: Path) -> None:
    import torch
    import ultralytics

    from lpr.training.train_detector import DetectorRecipe, train_detector

    recipe = DetectorRecipe(imgsz=64, epochs=1, scenes=8, batch=4, widest=60)
    train_detector(_data(tmp_path), tmp_path / "run", recipe, "cpu")
    first = torch.load(tmp_path / "run/train/weights/last.pt", weights_only=False)
    assert first["epoch"] == -1  # finished
    last = train_detector(
        _data(tmp_path),
        tmp_path / "run2",
        DetectorRecipe(imgsz=64, epochs=1, scenes=8, batch=4, widest=60, start=tmp_path / "run/train/weights/last.pt"),
        "cpu",
    )
    model = ultralytics.YOLO(str(last))
    assert model.names == {0: "plate"}
    before = first["model" if first["model"] is not None else "ema"].float().state_dict()
    after = model.model.float().state_dict()
    changed = [key for key in before if "running" not in key and not torch.equal(before[key], after[key])]
    assert changed  # it went on from the first one's weights and learned
    assert all(torch.isfinite(value).all() for value in after.values())
