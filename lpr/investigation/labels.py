"""Labelled examples out of corrections: plates as they were seen, with what people read on them.

The folder that comes of it is one for ``lpr eval`` and ``lpr train``: ``photo_crops.jsonl`` with a picture of each
plate and, with frames, ``photos.jsonl`` with the pictures that they are in.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lpr.errors import RecordsError
from lpr.investigation.found import fetch, plain
from lpr.investigation.originals import originals, pictures
from lpr.investigation.saved import CROP, saved_pictures
from lpr.records.corrections import corrections

if TYPE_CHECKING:
    import numpy as np

    from lpr.records.schema import Database

CROPS, PHOTOS = "photo_crops.jsonl", "photos.jsonl"
_LICENCE = "own record"


@dataclass(frozen=True)
class Labelled:
    """What came of an export; ``rows`` are the labels of the ``crops``.

    ``without_picture`` are sightings whose source is gone or changed.
    """

    crops: int
    frames: int
    without_picture: tuple[int, ...]
    rows: tuple[dict[str, Any], ...] = ()


def export_labels(database: Database, folder: Path, split: str = "train", frames: bool = False) -> Labelled:
    """Write the corrections in force as labelled examples into ``folder``, which must be new or empty.

    Pictures are cut out of the source files, as far as these are unchanged; else saved crops are taken. A frame's other
    plates are not labelled: it is marked as incomplete. Raises RecordsError when the folder has anything in it or
    cannot be written, and when there is no correction.
    """
    said = {one.sighting: one for one in corrections(database, everything=False)}
    if not said:
        raise RecordsError("there is no correction on record; lpr correct SIGHTING TEXT makes one")
    found = sorted((plain(row) for row in fetch(database, said)), key=lambda one: one.id)
    crops: list[dict[str, Any]] = []
    photos: dict[str, dict[str, Any]] = {}
    seen: set[int] = set()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise RecordsError(f"{folder} is not empty; name a new folder")
        for one, shown in pictures(found, originals(database, found)):
            label = said[one.id]
            about = {"split": split, "source": one.sighting.source, "licence": _LICENCE, "country": ""}
            name = f"crops/{one.id}.png"
            _write(folder / name, shown.crop)
            crops.append({"image": name, **about, "text": label.text, "state": label.state})
            seen.add(one.id)
            if frames:
                name = f"frames/{one.sha256[:16]}-{one.sighting.frame}.png"
                if name not in photos:
                    _write(folder / name, shown.image)
                    height, width = shown.image.shape[:2]
                    size = {"width": int(width), "height": int(height), "complete": False}
                    photos[name] = {"image": name, **about, **size, "plates": []}
                plate = {"box": one.sighting.box.as_list(), "text": label.text, "state": label.state}
                photos[name]["plates"].append(plate)
        # Of a live camera there is no file, but perhaps the crop that its watch saved.
        for sighting_id, saved in saved_pictures(database, said.keys() - seen).items():
            if saved[0].kind == CROP:
                name = f"crops/{sighting_id}{saved[0].path.suffix}"
                (folder / "crops").mkdir(exist_ok=True)
                shutil.copyfile(saved[0].path, folder / name)
                about = {"split": split, "source": "camera", "licence": _LICENCE, "country": ""}
                label = said[sighting_id]
                crops.append({"image": name, **about, "text": label.text, "state": label.state})
                seen.add(sighting_id)
        _write_rows(folder / CROPS, iter(crops))
        if frames:
            _write_rows(folder / PHOTOS, iter(photos.values()))
    except OSError as error:
        raise RecordsError(f"{folder} cannot be written ({error.strerror}); name another folder") from error
    missing = tuple(one.id for one in found if one.id not in seen)
    return Labelled(len(crops), len(photos), missing, tuple(crops))


def _write(path: Path, image: np.ndarray) -> None:
    import cv2

    path.parent.mkdir(exist_ok=True)
    path.write_bytes(cv2.imencode(".png", image)[1].tobytes())


def _write_rows(path: Path, rows: Iterator[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
