"""The networks of a recognizer: those for photos and those for footage, each loaded when it is first needed."""

from __future__ import annotations

from lpr.models import weights as models
from lpr.recognition.detector import PlateDetector
from lpr.recognition.engine import Engine, choose, load_detector, load_quick, load_reader
from lpr.recognition.reader import PlateReader
from lpr.recognition.second_look import SecondLook
from lpr.recognition.second_reading import SecondReading
from lpr.recognition.settings import Settings


class Networks:
    """``detector`` and ``reader`` as given, or the shipped ones for whatever is None.

    The cpu engine computes footage in fewer digits than photos, by networks of their own: a scan of footage alone never
    loads those for photos, and the other way round. ``engine`` is "cpu" or "torch", "given" when both were given.
    Raises EngineError for an engine or device that is not there, ModelError for files that are missing or not the
    shipped ones.
    """

    def __init__(
        self,
        detector: PlateDetector | None,
        reader: PlateReader | None,
        engine: Engine,
        device: str | None,
        settings: Settings,
        threads: int | None,
    ) -> None:
        self._settings, self._threads = settings, threads
        self._detector, self._reader = detector, reader
        self._footage: tuple[PlateDetector, PlateReader] | None = None
        self.engine: str = "given"
        self._two = False
        if detector is not None and reader is not None:
            return
        chosen, torch_device = choose(engine, device)
        self.engine = chosen
        self._two = chosen == "cpu" and detector is None and reader is None
        if self._two:
            # That a file is missing is told now, not with the first picture.
            models.weights("plate_detector.onnx")
            models.weights("plate_reader.onnx")
            return
        self._detector = detector if detector is not None else load_detector(chosen, torch_device, settings, threads)
        self._reader = reader if reader is not None else load_reader(chosen, torch_device, settings, threads)

    @property
    def detector(self) -> PlateDetector:
        """The one for photos."""
        if self._detector is None:
            self._detector = load_detector("cpu", "cpu", self._settings, self._threads)
        return self._detector

    @property
    def reader(self) -> PlateReader:
        """The one for photos."""
        if self._reader is None:
            self._reader = load_reader("cpu", "cpu", self._settings, self._threads)
        return self._reader

    @property
    def footage(self) -> tuple[PlateDetector, PlateReader]:
        """Those for footage; the detector is a SecondLook unless one was given that has none."""
        if self._footage is None:
            if self._two:
                self._footage = load_quick(self._settings, self._threads)
            else:
                # Always the same one: cameras' pictures go through one reader together.
                reader = self.reader
                if isinstance(reader, SecondReading):
                    reader = reader.until(self._settings.sure_reading)
                self._footage = self.detector, reader
        return self._footage


def first_look(detector: PlateDetector) -> PlateDetector:
    """What of ``detector`` looks at a picture first; all of it, where it has no second look."""
    return detector.first if isinstance(detector, SecondLook) else detector
