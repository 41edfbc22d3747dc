"""Labelled photos and plate crops: JSON lines beside pictures, as values, and as an Ultralytics data set.

The form, one JSON object a line:

* ``photos.jsonl``: ``image split source licence country width height complete plates:[{box, text, flag}]``,
  boxes ``[x1, y1, x2, y2]`` in pixels of the picture.
* ``photo_crops.jsonl``, ``crops.jsonl``, ``us_states.jsonl``: ``image split source licence country text``
  and, for crops with a margin, ``box`` (the plate inside the crop).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lpr.errors import DatasetError, SourceError

if TYPE_CHECKING:
    import numpy as np

#: Flags of boxes that are not a vehicle's plate: show plates, dealer boards, redacted places.
NOT_PLATES = frozenset({"not_plate"})
#: Flags of plates whose text nobody can or should read.
UNREADABLE = frozenset({"unreadable", "cut", "mirrored", "script", "not_plate", "conflict"})
#: Files of labelled crops below a data folder, in the order in which they are read.
CROP_FILES = ("photo_crops.jsonl", "crops.jsonl", "us_states.jsonl")


@dataclass(frozen=True)
class LabelledPlate:
    """One labelled plate of a photo; ``box`` is x1, y1, x2, y2 in pixels; ``text`` is None when nobody can read it."""

    box: tuple[float, float, float, float]
    text: str | None
    flag: str
    state: str | None = None

    @property
    def width(self) -> float:
        return self.box[2] - self.box[0]


@dataclass(frozen=True)
class LabelledPhoto:
    """A photo with its plates; ``complete`` says that every plate in it is labelled."""

    image: Path
    split: str
    source: str
    country: str
    complete: bool
    plates: tuple[LabelledPlate, ...]


@dataclass(frozen=True)
class LabelledCrop:
    """A picture of one plate with its text; ``box`` is the plate inside the picture, or None for a tight crop."""

    image: Path
    split: str
    source: str
    country: str
    text: str | None
    flag: str
    state: str | None
    box: tuple[float, float, float, float] | None


def read_photos(path: Path, split: str | None = None) -> list[LabelledPhoto]:
    """Photos of a JSON lines file, pictures beside it; only those of ``split`` when it is given.

    Raises DatasetError naming the file and line that cannot be used.
    """
    photos = []
    for number, row in json_rows(path):
        if split is not None and row.get("split") != split:
            continue
        try:
            plates = tuple(_plate(plate) for plate in row["plates"])
            photos.append(
                LabelledPhoto(
                    image=path.parent / row["image"],
                    split=str(row.get("split") or ""),
                    source=str(row.get("source") or ""),
                    country=str(row.get("country") or ""),
                    complete=bool(row.get("complete", True)),
                    plates=plates,
                )
            )
        except (KeyError, TypeError, ValueError) as error:
            raise DatasetError(
                f"{path} line {number}: {error!r}; every photo needs image and plates with a box"
            ) from error
    return photos


def read_crops(folder: Path, split: str | None = None, files: Iterable[str] = CROP_FILES) -> list[LabelledCrop]:
    """Labelled crops of the files in ``files`` that exist below ``folder``. Raises DatasetError when none does."""
    crops = []
    found = False
    for name in files:
        path = folder / name
        if not path.is_file():
            continue
        found = True
        for number, row in json_rows(path):
            if split is not None and row.get("split") != split:
                continue
            if "image" not in row:
                raise DatasetError(f"{path} line {number}: no image; every crop needs one")
            box = row.get("box")
            crops.append(
                LabelledCrop(
                    image=path.parent / row["image"],
                    split=str(row.get("split") or ""),
                    source=str(row.get("source") or ""),
                    country=str(row.get("country") or ""),
                    text=row.get("text"),
                    flag=str(row.get("flag") or ""),
                    state=row.get("state"),
                    box=None if box is None else _box(box),
                )
            )
    if not found:
        raise DatasetError(f"{folder} holds none of {', '.join(files)}; give the folder that holds the labelled crops")
    return crops


def picture_of(path: Path) -> np.ndarray:
    """The picture as ``lpr scan`` would see it: height × width × 3, uint8, BGR, upright.

    Raises DatasetError when it cannot be read.
    """
    from lpr.recognition.photo import is_photo, read_photo

    try:
        if not is_photo(path):
            raise SourceError(f"{path}: not a picture")
        return read_photo(path, str(path)).image
    except (OSError, SourceError) as error:
        raise DatasetError(f"cannot read the picture {path} ({error}); restore it or delete its label") from error


def _plate(row: dict[str, Any]) -> LabelledPlate:
    text = row.get("text")
    state = row.get("state")
    return LabelledPlate(
        box=_box(row["box"]),
        text=None if text is None else str(text),
        flag=str(row.get("flag") or ""),
        state=None if state is None else str(state),
    )


def _box(values: object) -> tuple[float, float, float, float]:
    if not isinstance(values, list | tuple) or len(values) != 4:
        raise ValueError(f"box {values!r} is not [x1, y1, x2, y2]")
    x1, y1, x2, y2 = (float(value) for value in values)
    return x1, y1, x2, y2


def json_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a JSON lines file with their line numbers. Raises DatasetError naming the line that is none."""
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    try:
                        yield number, json.loads(line)
                    except json.JSONDecodeError as error:
                        raise DatasetError(f"{path} line {number} is not JSON: {error}") from error
    except OSError as error:
        raise DatasetError(f"cannot read {path}: {error.strerror}; name the folder that holds it") from error
