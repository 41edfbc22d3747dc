"""Labels put right before a training: plates added, labels dropped, places hidden."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lpr.errors import DatasetError
from lpr.training import photo_corrections
from lpr.training.dataset import LabelledPhoto, LabelledPlate, read_photos
from lpr.training.photo_corrections import corrected

DATA = Path("plates")
SHIPPED = Path(photo_corrections.__file__).with_suffix(".jsonl")


def _photo(name: str, *boxes: tuple[float, float, float, float]) -> LabelledPhoto:
    plates = tuple(LabelledPlate(box, "AB12", "") for box in boxes)
    return LabelledPhoto(DATA / name, "train", "", "", True, plates)


def _lines(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_plates_are_added_dropped_and_hidden(tmp_path: Path) -> None:
    first = _photo("a.jpg", (10.0, 10.0, 50.0, 20.0), (60.0, 60.0, 90.0, 70.0))
    second = _photo("b.jpg", (1.0, 1.0, 9.0, 5.0))
    line = {"image": "a.jpg", "add": [[12, 12, 48, 22]], "drop": [[10.4, 10, 50, 20]], "hide": [[0, 0, 5, 5]]}
    lines = _lines(tmp_path / "c.jsonl", line, {"image": "elsewhere.jpg", "add": [[0, 0, 1, 1]]})
    a, b = corrected([first, second], DATA, lines)
    assert [(plate.box, plate.flag) for plate in a.plates] == [
        ((60.0, 60.0, 90.0, 70.0), ""),
        ((12.0, 12.0, 48.0, 22.0), "unreadable"),
        ((0.0, 0.0, 5.0, 5.0), "not_plate"),
    ]
    assert b is second


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"add": [[1, 2, 3]]}, "not enough values"),
        ({"add": [[5, 2, 3, 9]]}, "is no box"),
        ({"hide": 4}, "no list"),
        ({"drop": [[200, 10, 240, 20]]}, "no label has the box"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(tmp_path: Path, row: dict[str, object], said: str) -> None:
    path = _lines(tmp_path / "c.jsonl", {"image": "b.jpg"}, {"image": "a.jpg", **row})
    with pytest.raises(DatasetError, match=rf"c\.jsonl line 2: .*{said}"):
        corrected([_photo("a.jpg", (10.0, 10.0, 50.0, 20.0))], DATA, path)


def test_the_shipped_corrections_fit_the_photos_that_the_detector_learned_from() -> None:
    data = Path(__file__).resolve().parents[1] / "../shared/plates"
    if not (data / "photos.jsonl").is_file():
        pytest.skip("no labelled photos in ../shared/plates")
    photos = read_photos(data / "photos.jsonl", "train")
    before = {photo.image.resolve() for photo in photos}
    lines = [json.loads(line) for line in SHIPPED.read_text().splitlines()]
    # Only photos of the training split: the others measure.
    assert all((data / line["image"]).resolve() in before for line in lines)
    changed = [new for old, new in zip(photos, corrected(photos, data, SHIPPED), strict=True) if new is not old]
    assert len(changed) == len(lines)
