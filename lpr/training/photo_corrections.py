"""Labels of photos put right: plates that nobody had labelled, boxes beside their plate, places that nobody can judge.

A detector learns that what is not labelled is no plate. One line corrects one photo::

    {"image": "photos/a.jpg", "add": [[x1, y1, x2, y2]], "drop": [[x1, y1, x2, y2]], "hide": [[x1, y1, x2, y2]]}

``add`` are further plates, ``drop`` labels that go, ``hide`` places that count as neither plate nor background: they
are painted over. Boxes are in pixels of the picture; each list may be missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from lpr.errors import DatasetError
from lpr.training.dataset import LabelledPhoto, LabelledPlate, json_rows

#: A label to drop is found again when no corner lies further off, pixels: lists round.
_NEAR = 1.5


def corrected(photos: Iterable[LabelledPhoto], data: Path, corrections: Path) -> list[LabelledPhoto]:
    """``photos`` with the labels of the JSON lines file ``corrections``, with pictures named from ``data``.

    Lines for other pictures count for nothing. Raises DatasetError naming the line that cannot be used, for a label to
    drop that is not there as well.
    """
    rows = {data / str(row.get("image")): (number, row) for number, row in json_rows(corrections)}
    found = []
    for photo in photos:
        if photo.image in rows:
            number, row = rows[photo.image]
            try:
                photo = replace(photo, plates=_corrected(photo.plates, row))
            except (TypeError, ValueError) as error:
                raise DatasetError(
                    f"{corrections} line {number}: {error}; add, drop and hide are lists of boxes x1, y1, x2, y2"
                ) from error
        found.append(photo)
    return found


def _corrected(plates: tuple[LabelledPlate, ...], row: dict[str, object]) -> tuple[LabelledPlate, ...]:
    left = list(plates)
    for box in _boxes(row, "drop"):
        gone = [plate for plate in left if all(abs(a - b) <= _NEAR for a, b in zip(plate.box, box, strict=True))]
        if not gone:
            raise ValueError(f"no label has the box {list(box)} that is to be dropped")
        left.remove(gone[0])
    left += [LabelledPlate(box, None, "unreadable") for box in _boxes(row, "add")]
    return (*left, *(LabelledPlate(box, None, "not_plate") for box in _boxes(row, "hide")))


def _boxes(row: dict[str, object], name: str) -> list[tuple[float, float, float, float]]:
    boxes = row.get(name, [])
    if not isinstance(boxes, list):
        raise ValueError(f"{name} is no list")
    found = []
    for box in boxes:
        x1, y1, x2, y2 = (float(value) for value in box)
        if not (x1 < x2 and y1 < y2):
            raise ValueError(f"{name}: {box} is no box")
        found.append((x1, y1, x2, y2))
    return found
