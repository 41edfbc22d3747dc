"""The recognizer: from a picture to the plates read in it, and to those that were not, with the reason."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from lpr.plates import Box, PlateBox, Read, Transcript
from lpr.recognition.crop import cut
from lpr.recognition.detector import PlateDetector
from lpr.recognition.engine import Engine, choose, load_detector, load_reader, models_version
from lpr.recognition.frames import Frame
from lpr.recognition.jurisdiction import PlateJudge
from lpr.recognition.reader import PlateReader
from lpr.recognition.region import favour_formats
from lpr.recognition.settings import Settings

#: Why a plate that the detector saw is no read.
Reason = Literal[
    "detector below threshold",
    "too small",
    "overlaps another plate",
    "no text",
    "text too short",
    "confidence below threshold",
]


@dataclass(frozen=True)
class Rejected:
    """A plate that was seen but gave no read. ``transcript`` is None when it was not looked at by the reader."""

    plate: PlateBox
    reason: Reason
    transcript: Transcript | None


@dataclass(frozen=True)
class Recognition:
    """What one picture shows: the reads, the most certain plate first, and what was rejected."""

    reads: tuple[Read, ...]
    rejected: tuple[Rejected, ...]


class Recognizer:
    """Reads the plates in pictures by the shipped networks, or by the ``detector``, ``reader`` and ``judge`` given.

    ``engine`` is "cpu", "torch" or "auto": torch where a CUDA GPU is there, else cpu. ``device`` is torch's name for
    where to run ("cuda:0"). Objects that are given bring their own: neither applies to them. Without a ``judge``
    nobody says who issued a plate.
    ``version`` names the networks and settings for the record; give one when your own detector or reader changes.

    ``detector``, ``reader`` and ``judge`` (None when nobody judges) are those in use. Use one Recognizer per thread.
    Raises EngineError for an engine or device that is not there, ModelError for model files that are missing or not
    the shipped ones.
    """

    def __init__(
        self,
        detector: PlateDetector | None = None,
        reader: PlateReader | None = None,
        engine: Engine = "auto",
        device: str | None = None,
        settings: Settings | None = None,
        version: str | None = None,
        judge: PlateJudge | None = None,
    ) -> None:
        self.settings = settings if settings is not None else Settings()
        judging = judge is not None
        models = models_version(detector, reader, judge, judging)
        self.version = version or f"{models} settings {self.settings.version}"
        self.engine: str = "given"
        if detector is None or reader is None:
            chosen, torch_device = choose(engine, device)
            self.engine = chosen
            detector = detector if detector is not None else load_detector(chosen, torch_device, self.settings)
            reader = reader if reader is not None else load_reader(chosen, torch_device)
        self.detector = detector
        self.reader = reader
        self.judge = judge

    def recognize(self, picture: Frame | np.ndarray) -> Recognition:
        """The plates in ``picture``; an array is height × width × 3, uint8, BGR, and becomes a frame of no source.

        Raises ValueError for an array of another form.
        """
        frame = picture if isinstance(picture, Frame) else Frame(picture, "", 0, None, None)
        _check(frame.image)
        rejected: list[Rejected] = []
        plates: list[PlateBox] = []
        for plate in self.detector.detect(frame.image):
            reason = self._unfit(plate, plates)
            if reason is None:
                plates.append(plate)
            else:
                rejected.append(Rejected(plate, reason, None))
        reads: list[Read] = []
        crops = [cut(frame.image, plate.box) for plate in plates]
        transcripts = self.reader.read(crops) if crops else []
        for plate, crop, read in zip(plates, crops, transcripts, strict=True):
            transcript = favour_formats(read, self.settings.regions, self.settings.region_margin)
            reason = self._doubtful(transcript)
            if reason is None:
                judged = self._judged(crop, transcript)
                reads.append(Read(frame.source, frame.index, frame.seconds, frame.taken_at, plate, judged))
            else:
                rejected.append(Rejected(plate, reason, transcript))
        return Recognition(tuple(reads), tuple(rejected))

    def _judged(self, crop: np.ndarray, transcript: Transcript) -> Transcript:
        """``transcript`` with the plate's issuer, where that can be told."""
        if self.judge is None:
            return transcript
        guess = self.judge.judge(crop, transcript)
        if guess is None or guess.confidence < self.settings.min_jurisdiction_confidence:
            return transcript
        return replace(transcript, jurisdiction=guess)

    def _unfit(self, plate: PlateBox, better: list[PlateBox]) -> Reason | None:
        """Why ``plate`` is not worth reading, when the plates ``better`` are read."""
        if plate.confidence < self.settings.min_detector_confidence:
            return "detector below threshold"
        if plate.box.width < self.settings.min_width or plate.box.height < self.settings.min_height:
            return "too small"
        if any(_covered(plate.box, other.box) > self.settings.max_overlap for other in better):
            return "overlaps another plate"
        return None

    def _doubtful(self, transcript: Transcript) -> Reason | None:
        if not transcript.text:
            return "no text"
        if len(transcript.text) < self.settings.min_length:
            return "text too short"
        if transcript.confidence < self.settings.min_confidence:
            return "confidence below threshold"
        return None


def _covered(box: Box, other: Box) -> float:
    """The share of the smaller box that lies in the larger. Not IoU: one line of a two-line plate has half of that."""
    width = min(box.x2, other.x2) - max(box.x1, other.x1)
    height = min(box.y2, other.y2) - max(box.y1, other.y1)
    return max(0, width) * max(0, height) / min(box.area, other.area)


def _check(image: np.ndarray) -> None:
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or not image.size:
        raise ValueError(
            f"a picture must be height × width × 3, uint8, BGR, not {image.dtype} of shape {image.shape}; "
            "convert it, for example by cv2.cvtColor"
        )
