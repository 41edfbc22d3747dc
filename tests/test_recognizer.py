"""The recognizer over a fake detector and a fake reader: what becomes a read, and why the rest does not."""

from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import pytest

from lpr.errors import EngineError, ModelError
from lpr.plates import Box, Candidate, Character, PlateBox, Read, Transcript
from lpr.recognition import engine, network, networks
from lpr.recognition.frames import Frame
from lpr.recognition.recognizer import Recognition, Recognizer, Rejected
from lpr.recognition.second_reading import SecondReading
from lpr.recognition.settings import Settings

PICTURE = np.zeros((480, 640, 3), np.uint8)


class FakeDetector:
    def __init__(self, *plates: PlateBox) -> None:
        self.plates = list(plates)

    def detect(self, image: np.ndarray) -> list[PlateBox]:
        return self.plates


class FakeReader:
    """Reads each crop as the next of its transcripts, and keeps the crops."""

    def __init__(self, *transcripts: Transcript) -> None:
        self.transcripts = list(transcripts)
        self.crops: list[np.ndarray] = []

    def read(self, crops: list[np.ndarray]) -> list[Transcript]:
        self.crops += crops
        said, self.transcripts = self.transcripts[: len(crops)], self.transcripts[len(crops) :]
        return said


def transcript(text: str, confidence: float = 0.9) -> Transcript:
    characters = tuple(Character(c, confidence) for c in text)
    return Transcript(text, text, confidence, characters, (Candidate(text, confidence),))


def plate(x: int, confidence: float = 0.9, width: int = 100, height: int = 30) -> PlateBox:
    return PlateBox(Box(x, 100, x + width, 100 + height), confidence)


def test_a_read_carries_its_frame_plate_and_transcript() -> None:
    taken = datetime(2024, 5, 6, tzinfo=timezone.utc)
    frame = Frame(PICTURE, "clip.mp4", 12, 0.5, taken)
    recognizer = Recognizer(FakeDetector(plate(50)), FakeReader(transcript("AB12")))
    assert recognizer.recognize(frame) == Recognition(
        (Read("clip.mp4", 12, 0.5, taken, plate(50), transcript("AB12")),), ()
    )


def test_the_reader_gets_the_plate_with_its_margin() -> None:
    reader = FakeReader(transcript("AB12"))
    Recognizer(FakeDetector(plate(50)), reader).recognize(PICTURE)
    assert [crop.shape for crop in reader.crops] == [(36, 112, 3)]


@pytest.mark.parametrize(
    ("found", "said", "reason"),
    [
        (plate(50, confidence=0.2), None, "detector below threshold"),
        (plate(50, width=19), None, "too small"),
        (plate(50, height=6), None, "too small"),
        (plate(50), transcript("", 0.99), "no text"),
        (plate(50), transcript("A", 0.99), "text too short"),
        (plate(50), transcript("AB12", 0.39), "confidence below threshold"),
        (plate(50, confidence=0.45), transcript("PASSAGE2"), "weak plate without a serial format"),
    ],
)
def test_what_is_rejected_is_told_with_its_reason(found: PlateBox, said: Transcript | None, reason: str) -> None:
    reader = FakeReader(*([said] if said else []))
    result = Recognizer(FakeDetector(found), reader).recognize(PICTURE)
    assert result == Recognition((), (Rejected(found, reason, said),))


def test_a_box_within_another_gives_no_second_read() -> None:
    whole, line = PlateBox(Box(50, 100, 150, 160), 0.9), PlateBox(Box(52, 100, 148, 128), 0.7)
    beside = PlateBox(Box(150, 100, 250, 160), 0.6)
    reader = FakeReader(transcript("AB12"), transcript("CD34"))
    result = Recognizer(FakeDetector(whole, line, beside), reader).recognize(PICTURE)
    assert [(r.plate, r.transcript.text) for r in result.reads] == [(whole, "AB12"), (beside, "CD34")]
    assert result.rejected == (Rejected(line, "overlaps another plate", None),)


def test_no_plates_means_that_the_reader_is_not_asked() -> None:
    reader = FakeReader()
    assert Recognizer(FakeDetector(), reader).recognize(PICTURE) == Recognition((), ())
    assert reader.crops == []


def test_a_weak_plate_with_a_serial_format_is_a_read_and_a_sure_one_with_any_text() -> None:
    weak, sure = plate(50, confidence=0.4), plate(200, confidence=0.9)
    said = FakeReader(transcript("7KDR482"), transcript("PASSAGE2"))
    reads = Recognizer(FakeDetector(weak, sure), said).recognize(PICTURE).reads
    assert [read.transcript.text for read in reads] == ["7KDR482", "PASSAGE2"]


def test_settings_are_the_thresholds() -> None:
    settings = replace(Settings(), min_confidence=0.95)
    result = Recognizer(FakeDetector(plate(50)), FakeReader(transcript("AB12")), settings=settings).recognize(PICTURE)
    assert [r.reason for r in result.rejected] == ["confidence below threshold"]


@pytest.mark.parametrize(
    "image",
    [PICTURE[:, :, 0], PICTURE.astype(np.float32), np.zeros((0, 5, 3), np.uint8), np.zeros((9, 9, 4), np.uint8)],
)
def test_a_picture_of_another_form_is_refused(image: np.ndarray) -> None:
    with pytest.raises(ValueError, match="a picture must be height × width × 3, uint8, BGR"):
        Recognizer(FakeDetector(), FakeReader()).recognize(image)


def test_the_version_names_models_and_settings() -> None:
    plain = Recognizer(FakeDetector(), FakeReader())
    other = Recognizer(FakeDetector(), FakeReader(), settings=replace(Settings(), min_width=21))
    name = f"detector {__name__}.FakeDetector reader {__name__}.FakeReader settings "
    assert plain.version == name + Settings().version
    assert other.version.startswith(name)
    assert other.version != plain.version
    assert Recognizer(FakeDetector(), FakeReader(), version="mine 3").version == "mine 3"
    assert plain.engine == "given"


def test_the_cpu_engine_is_chosen_where_no_driver_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_DRIVERS", ())
    assert engine.choose("auto", None) == ("cpu", "cpu")
    assert engine.choose("auto", "cpu") == ("cpu", "cpu")
    assert engine.choose("cpu", None) == ("cpu", "cpu")


@pytest.mark.parametrize(
    ("name", "device", "said"),
    [
        ("gpu", None, "there is no engine 'gpu'; use auto, cpu or torch"),
        ("cpu", "cuda:0", "the cpu engine does not run on 'cuda:0'; use the torch engine for it, or no device"),
        ("torch", "kettle", "there is no device 'kettle'; use cpu, cuda:0 or mps"),
        ("torch", "99", "this machine does not offer the device '99'; use --device cpu, or the cpu engine"),
        ("auto", "cuda:99", "this machine does not offer the device 'cuda:99'; use --device cpu, or the cpu engine"),
    ],
)
def test_an_engine_or_device_that_is_not_there_is_named_with_a_remedy(
    name: engine.Engine, device: str | None, said: str
) -> None:
    with pytest.raises(EngineError) as caught:
        engine.choose(name, device)
    assert str(caught.value) == said


def test_footage_and_photos_each_load_their_own_networks_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[bool] = []
    opened = network.open_network

    def opening(path: Path, threads: int | None = None, quick: bool = False) -> network.Network:
        if path.name != "plate_jurisdiction.onnx":
            loaded.append(quick)
        return opened(path, threads, quick)

    monkeypatch.setattr(network, "open_network", opening)
    recognizer = Recognizer(engine="cpu")
    assert loaded == []
    recognizer.glance(PICTURE, 320)
    assert loaded == [True, True]
    recognizer.of_settings(Settings(min_width=30), "other").glance(PICTURE, 320)
    assert loaded == [True, True]
    recognizer.recognize(PICTURE)
    assert loaded == [True, True, False, False]


def test_all_footage_goes_through_one_reader_that_reads_again_in_doubt_only() -> None:
    reader = FakeReader(transcript("ABC123", 0.99))
    own = Recognizer(FakeDetector(plate(10)), SecondReading(reader, 2.0), settings=Settings(sure_reading=0.97))
    both = [own._networks.footage[1] for _ in range(2)]
    assert both[0] is both[1]
    assert both[0].read([PICTURE])[0].text == "ABC123"
    assert len(reader.crops) == 1


def test_a_model_file_that_is_missing_is_told_before_the_first_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Path:
        raise ModelError(f"the model file {name} is missing")

    monkeypatch.setattr(networks.models, "weights", missing)
    with pytest.raises(ModelError, match=r"plate_detector\.onnx is missing"):
        Recognizer(engine="cpu")
