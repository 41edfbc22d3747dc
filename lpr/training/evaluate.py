"""Measure the whole chain on labelled photos, and the reader alone on labelled crops."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lpr.normalize import fold, normalize
from lpr.plates import Jurisdiction, Transcript
from lpr.recognition.certainty import distance
from lpr.training.confusions import Counts
from lpr.training.dataset import NOT_PLATES, UNREADABLE, LabelledCrop, LabelledPhoto, LabelledPlate, picture_of
from lpr.training.jurisdiction_score import JurisdictionScore, expected_of, groups_of
from lpr.training.score import Corners, Share, accept_curve, bin_of, calibration_error, pair, reliability

if TYPE_CHECKING:
    from lpr.recognition.jurisdiction import PlateJudge
    from lpr.recognition.reader import PlateReader
    from lpr.recognition.recognizer import Recognition, Recognizer
    from lpr.recognition.settings import Settings

#: Reasons for which the recognizer does not count a box as a plate that it found.
_NOT_FOUND = frozenset({"detector below threshold", "overlaps another plate", "weak plate without a serial format"})
#: The reason for which a text was read and not believed.
_DOUBTED = "confidence below threshold"
#: Widths below this are reported, but not part of the headline figures of reading.
LEGIBLE_WIDTH = 60
#: Overlap at which a read counts as the read of a labelled plate.
SAME_PLATE = 0.3


@dataclass(frozen=True)
class Miss:
    """A labelled plate that was not read as labelled; ``read`` is None when nothing was accepted for it.

    ``why`` is "misread", "not found", or the recognizer's reason for rejecting what it found.
    """

    image: Path
    box: Corners
    text: str
    read: str | None
    confidence: float | None
    why: str = "misread"


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
    """All figures of one run; ``as_dict`` is what ``lpr eval --json`` prints.

    ``confidences`` are of every text that was read for a labelled plate, those below the accept threshold too;
    ``readable`` plates have a label to compare with.
    """

    photos: int = 0
    crops: int = 0
    recall: dict[float, Share] = field(default_factory=lambda: {0.3: Share(), 0.5: Share()})
    precision: dict[float, Share] = field(default_factory=lambda: {0.3: Share(), 0.5: Share()})
    recall_by_width: dict[str, Share] = field(default_factory=dict)
    false_plates_on_empty: Counter[str] = field(default_factory=Counter)
    reading: dict[str, ReadingScore] = field(default_factory=dict)
    rejected: Counter[str] = field(default_factory=Counter)
    readable: int = 0
    confidences: list[tuple[float, bool]] = field(default_factory=list)
    confusions: Counts = field(default_factory=Counts)
    jurisdiction: dict[str, JurisdictionScore] = field(default_factory=dict)
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
            "reliability": [
                {"from": b.low, "to": b.high, "confidence": round(b.confidence, 4), "right": b.right.as_dict()}
                for b in reliability(self.confidences)
            ],
            "accept_curve": [
                {"threshold": p.threshold, "accepted": p.accepted.as_dict(), "wrong_among_accepted": p.wrong.as_dict()}
                for p in accept_curve(self.confidences, self.readable)
            ],
            "confusions": {
                "characters": sum(self.confusions.of.values()),
                "read_as": [
                    {"true": true, "read": read, "times": times}
                    for (true, read), times in self.confusions.read.most_common()
                ],
                "missed": dict(self.confusions.missed.most_common()),
                "added": dict(self.confusions.added.most_common()),
            },
            "jurisdiction": {name: score.as_dict() for name, score in sorted(self.jurisdiction.items())},
        }

    def score(self, *names: str) -> list[ReadingScore]:
        return [self.reading.setdefault(name, ReadingScore()) for name in names]

    def judged(self, expected: str, width: float | None, guess: Jurisdiction | None, threshold: float) -> None:
        for name in groups_of(expected, width):
            self.jurisdiction.setdefault(name, JurisdictionScore()).count(expected, guess, threshold)


def evaluate_photos(
    photos: Iterable[LabelledPhoto], recognizer: Recognizer, jurisdiction_threshold: float = 0.0
) -> Evaluation:
    """Detect and read every photo and compare with its labels.

    Recall counts every labelled plate, however small or unreadable; precision only photos whose labels are
    complete, and leaves out boxes on what is labelled as no plate. For the most probable jurisdiction to be scored,
    ``recognizer`` must state every one (``min_jurisdiction_confidence`` 0); as stated counts here what reaches
    ``jurisdiction_threshold``. Raises DatasetError for an unreadable photo.
    """
    result = Evaluation()
    for photo in photos:
        recognition = recognizer.recognize(picture_of(photo.image))
        result.photos += 1
        _count_boxes(photo, recognition, result)
        _count_texts(photo, recognition, result, jurisdiction_threshold)
        result.rejected.update(rejected.reason for rejected in recognition.rejected)
    return result


def evaluate_crops(
    crops: Iterable[LabelledCrop],
    reader: PlateReader,
    judge: PlateJudge | None = None,
    jurisdiction_threshold: float = 0.0,
    settings: Settings | None = None,
) -> Evaluation:
    """Read labelled crops, cut along their labelled box with the usual margin where they have one.

    With ``settings`` serial formats count as they say; without, the reader's word stands.

    A crop without a text, or whose text nobody can read, counts for its jurisdiction alone.
    """
    from lpr.plates import Box
    from lpr.recognition.crop import cut
    from lpr.recognition.region import favour_formats

    result = Evaluation()
    for crop in crops:
        readable = bool(crop.text) and crop.flag not in UNREADABLE
        expected = None if judge is None or crop.flag in NOT_PLATES else expected_of(crop.country, crop.state)
        if not readable and expected is None:
            continue
        image = picture_of(crop.image)
        if crop.box is not None:
            image = cut(image, Box(*(round(value) for value in crop.box)))
        transcript = reader.read([image])[0]
        if settings is not None:
            transcript = favour_formats(transcript, settings.regions, settings.region_margin)
        if expected is not None and judge is not None:
            width = None if crop.box is None else crop.box[2] - crop.box[0]
            result.judged(expected, width, judge.judge(image, transcript), jurisdiction_threshold)
        if not readable:
            continue
        text = normalize(crop.text or "")
        result.crops += 1
        names = ["all crops", f"country {crop.country or 'unknown'}", f"length {len(text)}"]
        names += [f"state {crop.state}"] if crop.state else []
        seen = transcript if transcript.text else None
        _count_text(result, names, text, seen, seen)
        if fold(transcript.text) != fold(text):
            box = crop.box or (0.0, 0.0, float(image.shape[1]), float(image.shape[0]))
            why = "misread" if seen else "no text"
            result.misses.append(Miss(crop.image, box, text, transcript.text or None, transcript.confidence, why))
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


def _count_texts(photo: LabelledPhoto, recognition: Recognition, result: Evaluation, threshold: float) -> None:
    found = [_corners(read.plate.box.as_list()) for read in recognition.reads]
    labelled = [plate.box for plate in photo.plates]
    pairs = pair(found, labelled, SAME_PLATE)
    refused = [rejected for rejected in recognition.rejected if rejected.reason not in _NOT_FOUND]
    refusals = pair([_corners(rejected.plate.box.as_list()) for rejected in refused], labelled, SAME_PLATE)
    for j, plate in enumerate(photo.plates):
        transcript = recognition.reads[pairs[j]].transcript if j in pairs else None
        expected = expected_of(photo.country, plate.state) if plate.flag not in NOT_PLATES else None
        if expected is not None and transcript is not None:
            result.judged(expected, plate.width, transcript.jurisdiction, threshold)
        if not plate.text or plate.flag in UNREADABLE:
            continue
        text = normalize(plate.text)
        rejected = refused[refusals[j]] if j in refusals and transcript is None else None
        doubted = rejected.transcript if rejected is not None and rejected.reason == _DOUBTED else None
        if not _count_text(result, _slices(photo, plate, text), text, transcript, transcript or doubted):
            why = "misread" if transcript else rejected.reason if rejected else "not found"
            read = transcript.text if transcript else None
            confidence = transcript.confidence if transcript else None
            result.misses.append(Miss(photo.image, plate.box, text, read, confidence, why))


def _count_text(
    result: Evaluation, names: list[str], text: str, accepted: Transcript | None, seen: Transcript | None
) -> bool:
    """Count a plate with the label ``text``; ``seen`` is what was read, ``accepted`` that if it was believed."""
    right = False
    for score in result.score(*names):
        right = score.count(text, accepted)
    result.readable += 1
    if seen is not None and seen.text:
        result.confidences.append((seen.confidence, fold(seen.text) == fold(text)))
        result.confusions.add(text, seen)
    return right


def _slices(photo: LabelledPhoto, plate: LabelledPlate, text: str) -> list[str]:
    lines = "two lines" if plate.flag == "two_line" else "one line"
    width = bin_of(plate.width)
    names = ["all", lines, f"width {width}", f"country {photo.country or 'unknown'}", f"length {len(text)}"]
    if plate.state:
        names.append(f"state {plate.state}")
    if plate.width >= LEGIBLE_WIDTH:
        names += [f"at least {LEGIBLE_WIDTH} px wide", f"at least {LEGIBLE_WIDTH} px wide, {lines}"]
    return names


def _by_width(shares: dict[str, Share]) -> list[tuple[str, Share]]:
    order = [bin_of(width) for width in (0, 20, 35, 60, 100, 200)]
    return [(name, shares[name]) for name in order if name in shares]


def _corners(values: list[int]) -> Corners:
    x1, y1, x2, y2 = (float(value) for value in values)
    return x1, y1, x2, y2
