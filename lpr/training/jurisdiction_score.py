"""How well the issuer of a plate is told: right, stated, wrong among what is stated."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from lpr.plates import Jurisdiction
from lpr.recognition.region_table import regions
from lpr.training.dataset import LabelledCrop, LabelledPhoto
from lpr.training.jurisdiction_data import EUROPEAN, state_code
from lpr.training.score import Share

#: Labels that name no issuer: none that lpr knows, none that could be told.
_NOBODY = (None, "other", "none")
#: Plates at least this wide are a slice of their own: below, small print is gone.
LEGIBLE_WIDTH = 80


@dataclass
class JurisdictionScore:
    """``best`` is the most probable code's share right, ``stated`` that of plates for which a code was given.

    ``wrong`` is of those stated; ``as_us`` the share of plates that were stated to be of a US state.
    """

    best: Share = field(default_factory=Share)
    stated: Share = field(default_factory=Share)
    wrong: Share = field(default_factory=Share)
    as_us: Share = field(default_factory=Share)

    def count(self, expected: str, guess: Jurisdiction | None, threshold: float) -> None:
        """Count a plate of ``expected`` for which ``guess`` was the most probable code."""
        if is_exact(expected):
            self.best.count(guess is not None and guess.code == expected)
        stated = guess if guess is not None and guess.confidence >= threshold else None
        self.stated.count(stated is not None)
        self.as_us.count(stated is not None and stated.code.startswith("us-"))
        if stated is not None:
            self.wrong.count(not agrees(expected, stated.code))

    def as_dict(self) -> dict[str, object]:
        return {
            "top_1": self.best.as_dict(),
            "stated": self.stated.as_dict(),
            "wrong_among_stated": self.wrong.as_dict(),
            "stated_as_us_state": self.as_us.as_dict(),
        }


def expected_of(country: str, state: str | None) -> str | None:
    """The code that a label stands for; ``us``, ``ca`` or ``eu`` when only that is known, None when nothing is.

    ``state`` is one of our codes in small letters (``us-al``, ``gb``), a postal code in capitals, or a state's name.
    """
    if state:
        table = regions()
        if state in table:
            return state
        codes = [f"{federation}-{state.lower()}" for federation in ("us", "ca")]
        return next((code for code in codes if code in table), None) or state_code(state)
    word = country.strip().lower()
    return word if len(word) == 2 and word.isalpha() else None


def is_exact(expected: str) -> bool:
    """Whether a label names one issuer, not a federation or a union of them."""
    return expected not in ("us", "ca", "eu")


def agrees(expected: str, code: str) -> bool:
    """Whether ``code`` may be right for a plate labelled ``expected``."""
    if expected == "eu":
        return code in EUROPEAN
    return code == expected or code.startswith(f"{expected}-")


def groups_of(expected: str, width: float | None) -> list[str]:
    """The slices that a plate counts for; ``width`` is in pixels, None for a crop."""
    if expected.startswith("us"):
        name = "US"
    elif expected.startswith("ca"):
        name = "Canada"
    else:
        name = "elsewhere"
    wide = [f"{name}, at least {LEGIBLE_WIDTH} px wide"] if width is not None and width >= LEGIBLE_WIDTH else []
    return [name, *wide]


def with_labels(photos: Iterable[LabelledPhoto], labels: dict[tuple[str, int], str]) -> list[LabelledPhoto]:
    """``photos`` with the jurisdictions of ``labels`` as their plates' states."""
    answer = []
    for photo in photos:
        plates = []
        for number, plate in enumerate(photo.plates):
            code = next((labels[key] for key in _keys(photo.image, number) if key in labels), None)
            plates.append(plate if code in _NOBODY else replace(plate, state=code))
        answer.append(replace(photo, plates=tuple(plates)))
    return answer


def crops_with_labels(
    crops: Iterable[LabelledCrop], labels: dict[tuple[str, int], str], folder: Path
) -> list[LabelledCrop]:
    """``crops`` with the jurisdictions of ``labels`` as their states.

    A crop that was cut from a photo (photo_crops.jsonl in ``folder``) has the label of its plate there.
    """
    of_crop = photo_plates(folder)
    answer = []
    for crop in crops:
        keys = [*_keys(crop.image, 0)]
        if crop.image in of_crop:
            keys.append(of_crop[crop.image])
        code = next((labels[key] for key in keys if key in labels), None)
        answer.append(crop if code in _NOBODY else replace(crop, state=code))
    return answer


def photo_plates(folder: Path) -> dict[Path, tuple[str, int]]:
    """Crop → the photo that it was cut from and the number of its plate there, by ``folder``'s photo_crops.jsonl."""
    file = folder / "photo_crops.jsonl"
    if not file.is_file():
        return {}
    rows = (json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip())
    return {folder / row["image"]: (row["photo"], row["plate"]) for row in rows if "photo" in row}


def _keys(image: Path, number: int) -> list[tuple[str, int]]:
    return [("/".join(image.parts[-2:]), number), (image.name, number)]
