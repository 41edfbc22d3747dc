"""The recognizer: from a picture to the plates read in it, and to those that were not, with the reason."""

from __future__ import annotations

import copy
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from lpr.plates import Box, PlateBox, Read, Sighting, Transcript
from lpr.recognition.batch import Crops, Steps, alone
from lpr.recognition.crop import cut
from lpr.recognition.detector import PlateDetector
from lpr.recognition.engine import Engine, load_judge, models_version
from lpr.recognition.frames import Frame
from lpr.recognition.jurisdiction import PlateJudge
from lpr.recognition.networks import Networks, first_look
from lpr.recognition.reader import PlateReader
from lpr.recognition.region import favour_formats, has_format
from lpr.recognition.second_look import SecondLook
from lpr.recognition.settings import Settings

#: Why a plate that the detector saw is no read.
Reason = Literal[
    "detector below threshold",
    "too small",
    "overlaps another plate",
    "no text",
    "text too short",
    "confidence below threshold",
    "weak plate without a serial format",
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
    the shipped one says who issued each plate, unless both others are given: then nobody does.
    ``version`` names the networks and settings for the record; give one when your own detector or reader changes.

    ``threads`` is how many the cpu engine uses, by default one per core.

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
        threads: int | None = None,
    ) -> None:
        self.settings = settings if settings is not None else Settings()
        judging = judge is not None or detector is None or reader is None
        models = models_version(detector, reader, judge, judging)
        self.version = version or f"{models} settings {self.settings.version}"
        # What is all the networks' own can be loaded once more, for another thread.
        self._own = detector is None and reader is None and judge is None
        self._threads = threads
        self._networks = Networks(detector, reader, engine, device, self.settings, threads)
        self.engine = self._networks.engine
        self.judge = judge if judge is not None or not judging else load_judge(threads)

    @property
    def detector(self) -> PlateDetector:
        return self._networks.detector

    @property
    def reader(self) -> PlateReader:
        return self._networks.reader

    def copies(self, count: int) -> list[Recognizer]:
        """``count`` of the same kind, each for a thread of its own, the processor's cores divided among them.

        [] for one with a detector, reader or judge that was given, and for one that runs on a GPU: those there is once.
        """
        if not self._own or self.engine != "cpu":
            return []
        threads = max(1, (os.cpu_count() or 1) // count)
        return [
            Recognizer(engine="cpu", settings=self.settings, version=self.version, threads=threads)
            for _ in range(count)
        ]

    def recognize(self, picture: Frame | np.ndarray) -> Recognition:
        """The plates in ``picture``; an array is height × width × 3, uint8, BGR, and becomes a frame of no source.

        Raises ValueError for an array of another form.
        """
        frame = picture if isinstance(picture, Frame) else Frame(picture, "", 0, None, None)
        _check(frame.image)
        results = alone(self._results(frame, self.detector.detect(frame.image), self.reader, judging=True))
        return Recognition(
            tuple(result for result in results if isinstance(result, Read)),
            tuple(
                # Those that the reader never saw first.
                sorted(
                    (result for result in results if isinstance(result, Rejected)),
                    key=lambda rejected: rejected.transcript is not None,
                )
            ),
        )

    def glance(self, image: np.ndarray, imgsz: int) -> list[PlateBox]:
        """Where plates may be in ``image``, or a part of a picture: the detector's first look alone.

        ``imgsz`` is the longest side as the detector sees it, a multiple of 32; a detector that was given and has no
        ``at`` uses its own.
        """
        return self.glancer(imgsz).detect(image)

    def glancer(self, imgsz: int) -> PlateDetector:
        """The detector's first look in that size."""
        first = first_look(self._networks.footage[0])
        # Detectors of others have one size only.
        sized = getattr(first, "at", None)
        found: PlateDetector = first if sized is None else sized(imgsz)
        return found

    def read(self, frame: Frame, plates: Sequence[PlateBox]) -> list[Read | Rejected]:
        """What ``plates``, which ``glance`` found in ``frame``, come to after a second look, in their order.

        The reads name no jurisdiction: of many reads of one vehicle it is judged once, by ``issued``.
        """
        return alone(self.reading(frame, plates))

    def reading(self, frame: Frame, plates: Sequence[PlateBox]) -> Steps[list[Read | Rejected]]:
        """The steps of ``read``, to be taken beside those of other frames (lpr.recognition.batch)."""
        _check(frame.image)
        detector, reader = self._networks.footage
        if isinstance(detector, SecondLook):
            plates = yield from detector.looking(frame.image, plates)
        return (yield from self._results(frame, plates, reader))

    def issued(self, sighting: Sighting, crop: np.ndarray) -> Sighting:
        """``sighting`` with the issuer of the plate in ``crop``, its picture, where that can be told."""
        said = Transcript(
            sighting.raw, sighting.text, sighting.confidence, sighting.characters, sighting.candidates, None
        )
        return replace(sighting, jurisdiction=self._judged(crop, said).jurisdiction)

    def of_settings(self, settings: Settings, version: str) -> Recognizer:
        """One with other thresholds and regions, for the same thread; the networks are shared."""
        other = copy.copy(self)
        other.settings, other.version = settings, version
        return other

    def _results(
        self, frame: Frame, plates: Sequence[PlateBox], reader: PlateReader, judging: bool = False
    ) -> Steps[list[Read | Rejected]]:
        better: list[PlateBox] = []
        results: list[Read | Rejected | None] = []
        for plate in plates:
            reason = self._unfit(plate, better)
            results.append(None if reason is None else Rejected(plate, reason, None))
            if reason is None:
                better.append(plate)
        crops = [cut(frame.image, plate.box) for plate in better]
        said: list[Transcript] = (yield Crops(reader, crops)) if crops else []
        transcripts = iter(zip(better, crops, said, strict=True))
        return [self._read(frame, *next(transcripts), judging) if result is None else result for result in results]

    def _read(
        self, frame: Frame, plate: PlateBox, crop: np.ndarray, said: Transcript, judging: bool
    ) -> Read | Rejected:
        transcript = favour_formats(said, self.settings.regions, self.settings.region_margin)
        reason = self._doubtful(plate, transcript)
        if reason is not None:
            return Rejected(plate, reason, transcript)
        if judging:
            transcript = self._judged(crop, transcript)
        return Read(frame.source, frame.index, frame.seconds, frame.taken_at, plate, transcript)

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
        if any(covered(plate.box, other.box) > self.settings.max_overlap for other in better):
            return "overlaps another plate"
        return None

    def _doubtful(self, plate: PlateBox, transcript: Transcript) -> Reason | None:
        if not transcript.text:
            return "no text"
        if len(transcript.text) < self.settings.min_length:
            return "text too short"
        if transcript.confidence < self.settings.min_confidence:
            return "confidence below threshold"
        weak = plate.confidence < self.settings.sure_detector_confidence
        if weak and not has_format(transcript.text, self.settings.regions):
            return "weak plate without a serial format"
        return None


def covered(box: Box, other: Box) -> float:
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
