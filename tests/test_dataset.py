"""Labelled photos and crops are read as they stand, and a bad line is named."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from lpr.errors import DatasetError
from lpr.training.dataset import LabelledPlate, read_crops, read_photos
from lpr.training.scenes import GREY
from lpr.training.train_detector import write_yolo


def _photo(folder: Path, name: str, split: str, plates: list[dict[str, object]]) -> dict[str, object]:
    image = np.full((100, 200, 3), 30, np.uint8)
    (folder / "photos").mkdir(exist_ok=True)
    cv2.imwrite(str(folder / "photos" / name), image)
    return {"image": f"photos/{name}", "split": split, "country": "US", "complete": True, "plates": plates}


def _write(path: Path, rows: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def test_photos_of_a_split_with_their_plates(tmp_path: Path) -> None:
    plate = {"box": [10, 20, 60, 40], "text": "ABC123", "flag": "", "state": "AL"}
    _write(
        tmp_path / "photos.jsonl", [_photo(tmp_path, "a.png", "train", [plate]), _photo(tmp_path, "b.png", "val", [])]
    )
    (photo,) = read_photos(tmp_path / "photos.jsonl", "train")
    assert photo.plates == (LabelledPlate((10.0, 20.0, 60.0, 40.0), "ABC123", "", "AL"),)
    assert photo.plates[0].width == 50
    assert len(read_photos(tmp_path / "photos.jsonl")) == 2


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", r"photos\.jsonl line 1 is not JSON"),
        ('{"image": "a.png"}', r"line 1: .*every photo needs image and plates"),
        ('{"image": "a.png", "plates": [{"box": [1, 2, 3]}]}', r"box \[1, 2, 3\] is not \[x1, y1, x2, y2\]"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    (tmp_path / "photos.jsonl").write_text(line + "\n", encoding="utf-8")
    with pytest.raises(DatasetError, match=message):
        read_photos(tmp_path / "photos.jsonl")


def test_a_missing_file_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="name the folder that holds it"):
        read_photos(tmp_path / "photos.jsonl")
    with pytest.raises(DatasetError, match=r"holds none of photo_crops\.jsonl"):
        read_crops(tmp_path)


def test_the_ultralytics_form_has_shares_and_hides_what_is_no_plate(tmp_path: Path) -> None:
    plates = [
        {"box": [50, 25, 100, 50], "text": "ABC123", "flag": ""},
        {"box": [120, 60, 160, 80], "text": None, "flag": "not_plate"},
    ]
    _write(tmp_path / "photos.jsonl", [_photo(tmp_path, "a.png", "val", plates)])
    write_yolo(tmp_path, tmp_path / "yolo", longest=100)
    assert (tmp_path / "yolo/labels/val/a.txt").read_text() == "0 0.375000 0.375000 0.250000 0.250000\n"
    picture = cv2.imread(str(tmp_path / "yolo/images/val/a.jpg"))
    assert picture.shape == (50, 100, 3)
    assert abs(picture[35, 70].astype(int) - GREY).max() < 6  # the middle of the box that is no plate
    assert abs(picture[5, 5].astype(int) - 30).max() < 6
