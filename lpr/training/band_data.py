"""Left ends of real plates whose letters in the band somebody has read, and of plates that have no band."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np

from lpr.errors import DatasetError
from lpr.recognition.band import NONE, left_end
from lpr.recognition.crop import MARGIN_X, MARGIN_Y
from lpr.training.jurisdiction_data import PlateOf, load_plates, plate_of, plate_rows, read_labels
from lpr.training.jurisdiction_views import seen_anew
from lpr.training.synthetic.bands import BANDS

#: What the network tells apart: the countries' letters, and none.
CLASSES = (*sorted(BANDS), NONE)
#: Width of a crop before its left end is taken, pixels.
_WIDTH = 240
#: Plates of these have no band at their left end.
_WITHOUT = ("us-", "ca-", "br", "ar")


def load_bands(folder: Path, split: str, labels: Path) -> list[PlateOf]:
    """The plates of ``split`` below ``folder`` (photo_crops.jsonl, crops.jsonl) that ``labels`` names.

    ``labels`` is a CSV ``image,plate,jurisdiction`` (see read_labels): the code of the country whose letters are in
    the band, or "none" where no country's letters are; plates whose letters nobody could read are not in it.
    Raises DatasetError for a code that is none, for a picture that cannot be read.
    """
    codes = read_labels(labels)
    unknown = sorted(set(codes.values()) - set(CLASSES))
    if unknown:
        raise DatasetError(f"{labels} names {', '.join(unknown)}; lpr knows the bands of {', '.join(CLASSES)}")
    plates = []
    for row in plate_rows(folder / "photo_crops.jsonl", split):
        code = codes.get((row["photo"], row["plate"]))
        if code is not None:
            box = tuple(float(value) for value in row["box"])
            plates.append(_labelled(plate_of(folder / row["image"], box, code, "photo", row.get("text"))))
    for row in plate_rows(folder / "crops.jsonl", split):
        code = codes.get((row["image"], 0))
        if code is not None:
            plates.append(_labelled(plate_of(folder / row["image"], None, code, "crop", row.get("text"))))
    return plates


def load_without(folder: Path, split: str) -> list[PlateOf]:
    """Plates of countries that have no band at the left end. Raises DatasetError."""
    plates = (plate for plate in load_plates(folder, split) if plate.code.startswith(_WITHOUT))
    return [replace(plate, classes=frozenset((NONE,))) for plate in plates]


def end_seen_anew(
    image: np.ndarray, box: tuple[float, float, float, float], rng: random.Random, strength: float = 1.0
) -> np.ndarray:
    """The left end of the plate ``box`` of ``image`` as another photo would show it: see ``left_end``."""
    wide, high = (box[2] - box[0]) * (1 + 2 * MARGIN_X), (box[3] - box[1]) * (1 + 2 * MARGIN_Y)
    size = _WIDTH, max(16, round(_WIDTH * high / wide * rng.uniform(0.9, 1.1)))
    end = left_end(seen_anew(image, box, rng, size, strength))
    return _tinted(end, rng) if rng.random() < 0.2 else end


def _tinted(end: np.ndarray, rng: random.Random) -> np.ndarray:
    """As a camera without an infra-red filter sees, or the light of tail lamps colours: pink, red, pale."""
    gains = np.asarray([rng.uniform(0.5, 1.0), rng.uniform(0.3, 0.9), rng.uniform(0.9, 1.5)], np.float32)
    values = end.astype(np.float32) * gains + rng.uniform(0, 70)
    tinted: np.ndarray = np.clip(values, 0, 255).astype(np.uint8)
    return tinted


def _labelled(plate: PlateOf) -> PlateOf:
    return replace(plate, classes=frozenset((plate.code,)))
