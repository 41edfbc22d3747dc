"""Plates whose issuer is known, for the jurisdiction classifier: from catalogues, photos and other countries.

Every plate has the set of classes that it may be: one for a plate whose state is known, all that are not North
American for a long plate of which only that is known.
"""

from __future__ import annotations

import csv
import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from lpr.errors import DatasetError
from lpr.training.dataset import read_crops, read_photos
from lpr.training.synthetic.state_plates import NAMES

#: What the classifier tells apart: US states, territories and two provinces; the look of European, British,
#: Brazilian, Argentine and Indian plates; everything else.
CLASSES = (*sorted(code for code in NAMES if code != "other"), "eu", "gb", "br", "ar", "in", "other")
FOREIGN = frozenset(("eu", "gb", "br", "ar", "in", "other"))
#: Countries whose plates the class ``eu`` stands for: long, with dies and bands that look alike.
EUROPEAN = frozenset("at be bg ch cz de dk ee es fi fr gr hr hu ie it lt lu lv nl no pl pt ro rs se si sk".split())
#: Crops longer than this are no North American plate.
LONG = 3.3
#: Longest side at which crops are kept in memory, pixels.
_LONGEST = 320
_GB = re.compile(r"[A-Z]{2}\d{2}[A-Z]{3}")
_STATE_FILES = ("us_state_crops.jsonl",)


@dataclass(frozen=True)
class PlateOf:
    """``jpeg`` the plate's picture; ``box`` the plate in it; ``classes`` what it may be; ``kind`` its source.

    ``code`` is the label as it was given, ``text`` the serial where it is known, ``width`` the plate's in its photo.
    """

    jpeg: bytes
    box: tuple[float, float, float, float]
    classes: frozenset[str]
    kind: str
    code: str
    text: str | None = None
    width: float = 0.0

    def image(self) -> np.ndarray:
        """Height × width × 3, uint8, BGR."""
        picture = cv2.imdecode(np.frombuffer(self.jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None  # it was encoded by load_plates
        return picture


def load_plates(folder: Path, split: str, labels: Path | None = None, bands: Path | None = None) -> list[PlateOf]:
    """The plates of ``split`` below ``folder`` whose issuer is known.

    ``us_state_crops.jsonl`` and ``us_states.jsonl`` name the state in each row, photos.jsonl at some plates;
    ``labels`` is a CSV ``image,plate,jurisdiction`` for others, see ``read_labels``; ``bands`` is another one, that
    names the countries of crops whose row only says that they are European ("none" where nobody can say).
    Raises DatasetError for a picture that cannot be read, or when there is none at all.
    """
    plates = list(_catalogue(folder, split))
    states = _photo_states(folder, split) | (read_labels(labels) if labels is not None else {})
    for row in plate_rows(folder / "photo_crops.jsonl", split):
        code = states.get((row["photo"], row["plate"]))
        x1, y1, x2, y2 = row["box"]
        if code is None and row.get("country") == "RO":
            code = "ro"
        if code is None and _GB.fullmatch(row.get("text") or ""):
            code = "gb"
        if code is None and row.get("country") in ("IT", "ES", "RU"):
            code = str(row["country"]).lower()
        if code is None and row.get("country") == "mixed" and x2 - x1 > LONG * (y2 - y1):
            code = "foreign"
        if code is not None:
            plates.append(plate_of(folder / row["image"], (x1, y1, x2, y2), code, "photo", row.get("text")))
    named = read_labels(bands) if bands is not None else {}
    for row in plate_rows(folder / "crops.jsonl", split):
        country = str(row.get("country") or "").lower()
        if country in ("eu", "br", "ar"):
            code = named.get((row["image"], 0), "none")
            kind = "abroad" if code == "none" else "banded"
            code = country if code == "none" else code
            plates.append(plate_of(folder / row["image"], None, code, kind, row.get("text")))
    if not plates:
        raise DatasetError(f"{folder} has no plate of split {split} whose state or country is known")
    return plates


def classes_of(code: str) -> frozenset[str]:
    """What a plate labelled ``code`` may be among CLASSES."""
    if code == "foreign":
        return FOREIGN
    if code in CLASSES:
        return frozenset((code,))
    return frozenset(("eu",)) if code in EUROPEAN else frozenset(("other",))


def _catalogue(folder: Path, split: str) -> Iterator[PlateOf]:
    for name in (*_STATE_FILES, "us_states.jsonl"):
        if not (folder / name).is_file():
            continue
        for row in read_crops(folder, split, (name,)):
            code = state_code(row.state or "")
            if code is not None:
                yield plate_of(row.image, row.box, code, "catalogue" if name in _STATE_FILES else "state", row.text)


def state_code(written: str) -> str | None:
    """The code of a state as the data sets write it: a postal code, or a name (three of them misspelled)."""
    word = " ".join(written.upper().replace(".", "").split())
    if f"us-{word.lower()}" in CLASSES:
        return f"us-{word.lower()}"
    odd = {"MISSIPPI": "us-ms", "HAWAI": "us-hi", "U S VIRGIN ISLANDS": "us-vi", "WASHINGTON DC": "us-dc"}
    names = {names[0].upper(): code for code, (names, _) in NAMES.items()}
    return odd.get(word) or names.get(word)


def _photo_states(folder: Path, split: str) -> dict[tuple[str, int], str]:
    states: dict[tuple[str, int], str] = {}
    if not (folder / "photos.jsonl").is_file():
        return states
    for photo in read_photos(folder / "photos.jsonl", split):
        for number, plate in enumerate(photo.plates):
            if plate.state:
                key = (photo.image.relative_to(folder).as_posix(), number)
                states[key] = photo_code(plate.state)
    return states


def photo_code(state: str) -> str:
    """The code of a state or province as photos.jsonl writes it; ``other`` for what is neither."""
    for country in ("us", "ca"):
        if f"{country}-{state.lower()}" in CLASSES:
            return f"{country}-{state.lower()}"
    return "other"


def read_labels(path: Path) -> dict[tuple[str, int], str]:
    """A CSV ``image,plate,jurisdiction``: the picture as its row names it, the number of its plate (from 0), the code.

    Raises DatasetError for a file that is not like that.
    """
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = csv.DictReader(stream)
            return {(row["image"], int(row.get("plate") or 0)): row["jurisdiction"] for row in rows}
    except (OSError, KeyError, ValueError) as error:
        raise DatasetError(f"{path} cannot be read as a CSV with image,plate,jurisdiction: {error!r}") from error


def plate_rows(path: Path, split: str) -> Iterator[dict[str, Any]]:
    """The rows of ``split`` in a JSON lines file, those that are no plates left out; none where there is no file."""
    if not path.is_file():
        return
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row.get("split") == split and row.get("flag") != "not_plate":
                yield row


def plate_of(path: Path, box: object, code: str, kind: str, text: object) -> PlateOf:
    """The plate ``box`` in the picture ``path``, all of it for None. Raises DatasetError."""
    image = cv2.imread(str(path))
    if image is None:
        raise DatasetError(f"cannot read the crop {path}; restore it or delete its line")
    height, width = image.shape[:2]
    x1, y1, x2, y2 = box if isinstance(box, tuple) else (0.0, 0.0, float(width), float(height))
    scale = min(1.0, _LONGEST / max(height, width))
    if scale < 1:
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()
    place = (x1 * scale, y1 * scale, x2 * scale, y2 * scale)
    return PlateOf(jpeg, place, classes_of(code), kind, code, str(text) if text else None, x2 - x1)


def drawn_plate(image: np.ndarray, classes: frozenset[str], code: str) -> PlateOf:
    """A plate that was drawn, and fills ``image`` (height × width × 3, BGR, uint8)."""
    jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes()
    return PlateOf(jpeg, (0.0, 0.0, float(image.shape[1]), float(image.shape[0])), classes, "drawn", code)


def balanced(plates: Sequence[PlateOf]) -> list[float]:
    """Cumulated weights of ``plates``: a code counts by the root of its number of plates."""
    number = Counter(plate.code for plate in plates)
    return list(itertools.accumulate(number[plate.code] ** -0.5 for plate in plates))
