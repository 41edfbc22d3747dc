"""Measure the whole chain on labelled photos, and the reader alone on labelled crops."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lpr.errors import DatasetError
from lpr.normalize import fold, normalize
from lpr.plates import Transcript
from lpr.recognition.certainty import distance
from lpr.training.dataset import NOT_PLATES, UNREADABLE, LabelledCrop, LabelledPhoto, LabelledPlate
from lpr.training.score import Corners, Share, bin_of, calibration_error, pair

if TYPE_CHECKING:
    import numpy as np

    from lpr.recognition.reader import PlateReader
    from lpr.recognition.recognizer import Recognition, Recognizer

#: Reasons for which the recognizer does not count a box as a plate that it found.
_NOT_FOUND = frozenset({"detector below threshold", "overlaps another plate"})
#: Widths below this are reported, but not part of the headline figures of reading.
LEGIBLE_WIDTH = 60
#: Overlap at which a read counts as the read of a labelled plate.
SAME_PLATE = 0.3


@dataclass(frozen=True)
class Miss:
    """A labelled plate that was not read as labelled; ``read`` is None when nothing was accepted for it."""

    image: Path
    box: Corners
    text: str
    read: str | None
    confidence: float | None


@dataclass
class ReadingScore:
    """How texts were read; shares are of labelled plates, ``wrong`` of those for which a read was accepted."""

    strict: Share = field(default_factory=Share)
    folded: Share = field(default_factory=Share)
    among_ten: Share = field(default_factory=Share)
    wrong: Share = field(default_factory=Share)
    edits: int = 0
    characters: int = 0

    def count(self, text: str, transcript: Transcript | None) -> bool:
        read = transcript.text if transcript is not None else ""
        right = fold(read) == fold(text)
        self.strict.count(read == text)
        self.folded.count(right)
        candidates = transcript.candidates if transcript is not None else ()
        self.among_ten.count(any(fold(candidate.text) == fold(text) for candidate in candidates))
        if transcript is not None:
            self.wrong.count(not right)
        self.edits += distance(fold(read), fold(text))
        self.characters += len(text)
        return right

    def as_dict(self) -> dict[str, object]:
        return {
            "exact_strict": self.strict.as_dict(),
            "exact_folded": self.folded.as_dict(),
            "among_ten_folded": self.among_ten.as_dict(),
            "wrong_among_accepted": self.wrong.as_dict(),
            "character_error_rate": round(self.edits / self.characters, 4) if self.characters else None,
        }


@dataclass
class Evaluation:
    """All figures of one run; ``as_dict`` is what ``lpr eval --json`` prints."""

    photos: int = 0
    crops: int = 0
    recall: dict[float, Share] = field(default_factory=lambda: {0.3: Share(), 0.5: Share()})
    precision: dict[float, Share] = field(default_factory=lambda: {0.3: Share(), 0.5: Share()})
    recall_by_width: dict[str, Share] = field(default_factory=dict)
    false_plates_on_empty: Counter[str] = field(default_factory=Counter)
    reading: dict[str, ReadingScore] = field(default_factory=dict)
    rejected: Counter[str] = field(default_factory=Counter)
    confidences: list[tuple[float, bool]] = field(default_factory=list)
    misses: list[Miss] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        error = calibration_error(self.confidences)
        return {
            "photos": self.photos,
            "crops": self.crops,
            "detection": {
                f"iou_{least}": {"recall": self.recall[least].as_dict(), "precision": self.precision[least].as_dict()}
                for least in self.recall
            },
            "recall_by_width_iou_0.5": {name: share.as_dict() for name, share in _by_width(self.recall_by_width)},
            "negatives": dict(self.false_plates_on_empty),
            "reading": {name: score.as_dict() for name, score in sorted(self.reading.items())},
            "rejected": dict(self.rejected.most_common()),
            "calibration_error": None if error is None else round(error, 4),
        }

    def score(self, *names: str) -> list[ReadingScore]:
        return [self.reading.setdefault(name, ReadingScore()) for name in names]


def evaluate_photos(photos: Iterable[LabelledPhoto], recognizer: Recognizer) -> Evaluation:
    """Detect and read every photo and compare with its labels.

    Recall counts every labelled plate, however small or unreadable; precision only photos whose labels are
    complete, and leaves out boxes on what is labelled as no plate. Raises DatasetError for an unreadable photo.
    """
    result = Evaluation()
    for photo in photos:
        recognition = recognizer.recognize(_picture(photo.image))
        result.photos += 1
        _count_boxes(photo, recognition, result)
        _count_texts(photo, recognition, result)
        result.rejected.update(rejected.reason for rejected in recognition.rejected)
    return result


def evaluate_crops(crops: Iterable[LabelledCrop], reader: PlateReader) -> Evaluation:
    """Read labelled crops, cut along their labelled box with the usual margin where they have one."""
    from lpr.plates import Box
    from lpr.recognition.crop import cut

    result = Evaluation()
    for crop in crops:
        if not crop.text or crop.flag in UNREADABLE:
            continue
        image = _picture(crop.image)
        if crop.box is not None:
            image = cut(image, Box(*(round(value) for value in crop.box)))
        transcript = reader.read([image])[0]
        text = normalize(crop.text)
        result.crops += 1
        country = f"country {crop.country}"
        for score in result.score("all crops", country, f"length {len(text)}"):
            score.count(text, transcript if transcript.text else None)
        right = fold(transcript.text) == fold(text)
        result.confidences.append((transcript.confidence, right))
        if not right:
            box = crop.box or (0.0, 0.0, float(image.shape[1]), float(image.shape[0]))
            result.misses.append(Miss(crop.image, box, text, transcript.text or None, transcript.confidence))
    return result


def _count_boxes(photo: LabelledPhoto, recognition: Recognition, result: Evaluation) -> None:
    plates = [plate for plate in photo.plates if plate.flag not in NOT_PLATES]
    no_plates = [plate.box for plate in photo.plates if plate.flag in NOT_PLATES]
    labelled = [plate.box for plate in plates]
    found = [_corners(read.plate.box.as_list()) for read in recognition.reads]
    found += [_corners(r.plate.box.as_list()) for r in recognition.rejected if r.reason not in _NOT_FOUND]
    for least in result.recall:
        pairs = pair(found, labelled, least)
        for j, plate in enumerate(plates):
            result.recall[least].count(j in pairs)
            if least == 0.5:
                result.recall_by_width.setdefault(bin_of(plate.width), Share()).count(j in pairs)
        if photo.complete:
            excused = set(pair(found, no_plates, 0.1).values())
            for i in range(len(found)):
                if i in pairs.values():
                    result.precision[least].count(True)
                elif i not in excused:
                    result.precision[least].count(False)
    if photo.complete and not photo.plates:
        result.false_plates_on_empty["photos"] += 1
        result.false_plates_on_empty["plates found"] += len(found)
        result.false_plates_on_empty["reads accepted"] += len(recognition.reads)


def _count_texts(photo: LabelledPhoto, recognition: Recognition, result: Evaluation) -> None:
    found = [_corners(read.plate.box.as_list()) for read in recognition.reads]
    pairs = pair(found, [plate.box for plate in photo.plates], SAME_PLATE)
    for j, plate in enumerate(photo.plates):
        if not plate.text or plate.flag in UNREADABLE:
            continue
        text = normalize(plate.text)
        read = recognition.reads[pairs[j]] if j in pairs else None
        transcript = read.transcript if read is not None else None
        right = False
        for score in result.score(*_slices(photo, plate, text)):
            right = score.count(text, transcript)
        if transcript is not None:
            result.confidences.append((transcript.confidence, right))
        if not right:
            confidence = None if transcript is None else transcript.confidence
            result.misses.append(
                Miss(photo.image, plate.box, text, transcript.text if transcript else None, confidence)
            )


def _slices(photo: LabelledPhoto, plate: LabelledPlate, text: str) -> list[str]:
    lines = "two lines" if plate.flag == "two_line" else "one line"
    width = bin_of(plate.width)
    names = ["all", lines, f"width {width}", f"country {photo.country}", f"length {len(text)}"]
    if plate.width >= LEGIBLE_WIDTH:
        names += [f"at least {LEGIBLE_WIDTH} px wide", f"at least {LEGIBLE_WIDTH} px wide, {lines}"]
    return names


def _by_width(shares: dict[str, Share]) -> list[tuple[str, Share]]:
    order = [bin_of(width) for width in (0, 20, 35, 60, 100, 200)]
    return [(name, shares[name]) for name in order if name in shares]


def _corners(values: list[int]) -> Corners:
    x1, y1, x2, y2 = (float(value) for value in values)
    return x1, y1, x2, y2


def _picture(path: Path) -> np.ndarray:
    import cv2

    image = cv2.imread(str(path))
    if image is None:
        raise DatasetError(f"cannot read the picture {path}; restore it or delete its line")
    return image
