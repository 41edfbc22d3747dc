"""The two engines over the shipped weights: the same boxes within two pixels, the same texts."""

from pathlib import Path

import pytest

from lpr.models import weights
from lpr.recognition.frames import open_frames
from lpr.recognition.recognizer import Recognizer

PICTURES = sorted((Path(__file__).parent.parent / "samples").glob("*.jpg"))


@pytest.fixture(scope="module")
def engines() -> tuple[Recognizer, Recognizer]:
    pytest.importorskip("ultralytics")
    pytest.importorskip("easyocr")
    return Recognizer(engine="cpu"), Recognizer(engine="torch", device="cpu")


def test_both_engines_find_and_read_the_same_plates(engines: tuple[Recognizer, Recognizer]) -> None:
    cpu, torch = engines
    assert PICTURES
    texts = []
    for path in PICTURES:
        (frame,) = open_frames(path)
        by_cpu, by_torch = cpu.recognize(frame), torch.recognize(frame)
        assert [r.transcript.text for r in by_cpu.reads] == [r.transcript.text for r in by_torch.reads], path
        assert [r.reason for r in by_cpu.rejected] == [r.reason for r in by_torch.rejected], path
        for one, other in zip(by_cpu.reads, by_torch.reads, strict=True):
            for a, b in zip(one.plate.box.as_list(), other.plate.box.as_list(), strict=True):
                assert abs(a - b) <= 2, (path, one.plate, other.plate)
            assert one.plate.confidence == pytest.approx(other.plate.confidence, abs=0.01)
            assert one.transcript.confidence == pytest.approx(other.transcript.confidence, abs=0.01)
            said = one.transcript.jurisdiction, other.transcript.jurisdiction
            if said[0] is not None and said[1] is not None:  # boxes that differ by a pixel may lie around the threshold
                assert said[0].code == said[1].code, path
                assert said[0].confidence == pytest.approx(said[1].confidence, abs=0.1)
        texts += [r.transcript.text for r in by_cpu.reads]
    assert len(texts) >= len(PICTURES) // 2  # two engines that read nothing would agree too


def test_the_version_is_that_of_the_weights_whatever_the_engine(engines: tuple[Recognizer, Recognizer]) -> None:
    cpu, torch = engines
    detector, reader = weights.version("plate_detector.onnx"), weights.version("plate_reader.onnx")
    named = f"detector {detector} reader {reader} jurisdiction {weights.version('plate_jurisdiction.onnx')}"
    named += f" band {weights.version('plate_band.onnx')}"
    assert cpu.version == torch.version == f"{named} settings {cpu.settings.version}"
    assert (cpu.engine, torch.engine) == ("cpu", "torch")
