"""Labelled photos in each form that lpr eval takes, and what is refused."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from lpr.errors import DatasetError
from lpr.training.dataset import LabelledPlate
from lpr.training.labels import detect, read_dataset, read_labelled_crops


def picture(path: Path, width: int = 200, height: int = 100) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.zeros((height, width, 3), np.uint8))
    return path


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_openalpr_form_has_one_plate_of_each_photo_and_says_nothing_of_others(tmp_path: Path) -> None:
    picture(tmp_path / "us" / "car1.png")
    picture(tmp_path / "us" / "car2.png")
    write(tmp_path / "us" / "car1.txt", "car1.png\t20\t30\t60\t25\tABC0123\n")
    assert detect(tmp_path) == "openalpr"
    (photo,) = read_dataset(tmp_path)  # car2 has no labels
    assert (photo.image, photo.country, photo.complete) == (tmp_path / "us" / "car1.png", "US", False)
    assert photo.plates == (LabelledPlate((20, 30, 80, 55), "ABC0123", ""),)
    with pytest.raises(DatasetError, match="name no splits"):
        read_dataset(tmp_path, "val")


def test_yolo_has_shares_of_the_picture_and_the_text_after_them(tmp_path: Path) -> None:
    picture(tmp_path / "images" / "val" / "a.png")
    picture(tmp_path / "images" / "val" / "empty.png")
    picture(tmp_path / "images" / "train" / "b.png")
    write(tmp_path / "labels" / "val" / "a.txt", "0 0.5 0.5 0.4 0.2 AB 123\n0 0.1 0.1 0.1 0.1\n")
    assert detect(tmp_path) == "yolo"
    photos = read_dataset(tmp_path, "val")
    assert [photo.image.name for photo in photos] == ["a.png", "empty.png"]
    first, second = photos[0].plates
    assert first.box == pytest.approx((60, 40, 140, 60))
    assert first.text == "AB 123"
    assert (second.text, second.flag) == (None, "unreadable")  # a plate all the same
    assert photos[1].plates == () and photos[1].complete
    with pytest.raises(DatasetError, match="no folder test"):
        read_dataset(tmp_path, "test")


def test_yolo_text_files_may_lie_beside_the_photos(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    write(tmp_path / "a.txt", "0 0.5 0.5 1 1 XYZ\n")
    ((plate,),) = (photo.plates for photo in read_dataset(tmp_path))
    assert plate == LabelledPlate((0, 0, 200, 100), "XYZ", "")


def test_a_csv_has_a_plate_a_row_by_corners_or_by_size(tmp_path: Path) -> None:
    write(
        tmp_path / "labels.csv",
        "image;x1;y1;x2;y2;text;state;split\na.jpg;1;2;31;12;AB1;GA;val\na.jpg;5;6;9;8;;;val\nb.jpg;;;;;;;val\n"
        "c.jpg;1;1;9;9;C;;train\n",
    )
    photos = read_dataset(tmp_path, "val")
    assert [(p.image.name, len(p.plates)) for p in photos] == [("a.jpg", 2), ("b.jpg", 0)]
    assert photos[0].plates[0] == LabelledPlate((1, 2, 31, 12), "AB1", "", "GA")
    assert photos[0].plates[1].text is None
    by_size = write(tmp_path / "other.csv", "file,x,y,w,h,plate\na.jpg,1,2,30,10,AB1\n")
    assert read_dataset(by_size)[0].plates[0].box == (1, 2, 31, 12)


def test_json_lines_are_found_first(tmp_path: Path) -> None:
    write(tmp_path / "labels.csv", "image,text\n")
    write(tmp_path / "photos.jsonl", '{"image": "a.jpg", "plates": [{"box": [1, 2, 3, 4], "text": "A1"}]}\n')
    assert read_dataset(tmp_path)[0].plates[0].text == "A1"


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.txt", "a.png\t20\t30\tx\t25\tABC\n", r"a\.txt line 1: '20 30 x 25' is not x, y, w, h in pixels"),
        ("a.txt", "0 120 50 40 20 ABC\n", r"line 1: YOLO's boxes are shares of the picture's size, not pixels"),
        ("a.txt", "0 0.5 0.5 0 0.2 ABC\n", r"line 1: a box without an area"),
        ("a.txt", "0 0.5 0.5\n", r"line 1: not class, cx, cy, w, h"),
        ("labels.csv", "image,text\na.png,ABC\n", r"labels\.csv line 2: a text without a box"),
        ("labels.csv", "name,text\na.png,ABC\n", r"labels\.csv: no column image"),
        ("labels.csv", "image,x1,y1,x2,y2,text\n,1,2,3,4,ABC\n", r"line 2: no picture named"),
        ("labels.csv", "image,x1,y1,x2,y2,text\na.png,1,2,three,4,ABC\n", r"line 2: '1 2 three 4' is not x1"),
        ("notes.md", "nothing", r"holds no labels: neither photos\.jsonl"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_line(tmp_path: Path, name: str, content: str, told: str) -> None:
    picture(tmp_path / "a.png")
    write(tmp_path / name, content)
    with pytest.raises(DatasetError, match=told):
        read_dataset(tmp_path)


def test_crops_may_come_as_a_csv(tmp_path: Path) -> None:
    file = write(tmp_path / "labels.csv", "image,text,state\n1.png,AB 12,us-ga\n2.png,,\n")
    first, second = read_labelled_crops(tmp_path)
    assert (first.image, first.text, first.state, first.flag) == (tmp_path / "1.png", "AB 12", "us-ga", "")
    assert (second.text, second.flag) == (None, "unreadable")
    assert read_labelled_crops(file) == [first, second]
