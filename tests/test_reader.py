"""Readers over the plate network with random weights: the cpu engine, the torch engine and EasyOCR itself agree."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from lpr import models
from lpr.errors import ModelError
from lpr.normalize import ALPHABET
from lpr.recognition.crop import INPUT_HEIGHT, INPUT_WIDTH, prepare
from lpr.recognition.reader import BATCH, transcribe
from lpr.recognition.reader_easyocr import EasyOcrReader
from lpr.recognition.reader_onnx import OnnxReader

CROPS = [
    np.random.default_rng(i).integers(0, 255, (20 + 9 * i, 90 + 50 * i, 3), dtype=np.uint8).repeat(2, 0).repeat(2, 1)
    for i in range(4)
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The network as EasyOCR wants it, its weights random but sharp enough to say something, and the same as ONNX."""
    torch = pytest.importorskip("torch")
    from lpr.models.plate_reader import Model

    folder = tmp_path_factory.mktemp("reader")
    for name in ("plate_reader.py", "plate_reader.yaml"):
        shutil.copy(Path(models.__file__).parent / name, folder)
    torch.manual_seed(3)
    model = Model(37, widths=(24, 48, 96, 128, 192), layers=2, heads=4).eval()
    model.place.data.zero_()  # what is written counts, not where
    model.head.weight.data *= 12
    torch.save({f"module.{name}": value for name, value in model.state_dict().items()}, folder / "plate_reader.pth")
    torch.onnx.export(
        model,
        (torch.zeros(1, 1, INPUT_HEIGHT, INPUT_WIDTH),),
        str(folder / "plate_reader.onnx"),
        input_names=["plates"],
        output_names=["logits"],
        dynamic_axes={"plates": {0: "n"}, "logits": {0: "n"}},
        dynamo=False,
    )
    return folder


@pytest.fixture(scope="module")
def easyocr_reader(folder: Path) -> EasyOcrReader:
    pytest.importorskip("easyocr")
    return EasyOcrReader(folder)


def test_both_engines_read_the_same(folder: Path, easyocr_reader: EasyOcrReader) -> None:
    by_cpu, by_torch = OnnxReader(folder / "plate_reader.onnx").read(CROPS), easyocr_reader.read(CROPS)
    assert [t.text for t in by_cpu] == [t.text for t in by_torch]
    assert len({t.text for t in by_cpu}) > 1  # the pictures do make a difference
    for cpu, torch in zip(by_cpu, by_torch, strict=True):
        assert [c.text for c in cpu.candidates[:3]] == [c.text for c in torch.candidates[:3]]
        assert cpu.confidence == pytest.approx(torch.confidence, abs=1e-3)


def test_easyocr_itself_sees_what_our_network_is_shown(easyocr_reader: EasyOcrReader) -> None:
    """EasyOCR's own ``recognize`` on the prepared picture gives the network's most probable path."""
    for crop in CROPS:
        grey = prepare(crop)
        ((_, text, _),) = easyocr_reader.easyocr.recognize(
            grey, horizontal_list=[[0, INPUT_WIDTH, 0, INPUT_HEIGHT]], free_list=[], detail=1, contrast_ths=0.0
        )
        logits = easyocr_reader._logits((grey[None, None] / 127.5 - 1).astype(np.float32))[0]
        path = logits.argmax(axis=1)
        changes = path[np.insert(path[1:] != path[:-1], 0, True)]
        assert text == "".join(ALPHABET[i - 1] for i in changes if i)
        assert text


def test_easyocr_leaves_the_import_path_as_it_was(folder: Path) -> None:
    import sys

    before = list(sys.path)
    EasyOcrReader(folder)
    assert sys.path == before


def test_a_folder_without_the_network_is_a_model_error(tmp_path: Path) -> None:
    pytest.importorskip("easyocr")
    with pytest.raises(ModelError, match="EasyOCR cannot load plate_reader from here; install lpr again"):
        EasyOcrReader(tmp_path)


class FakeNetwork:
    """Says one character per picture, the darker the later in the alphabet; keeps the sizes of its batches."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        assert batch.dtype == np.float32
        assert -1 <= batch.min() <= batch.max() <= 1
        self.sizes.append(len(batch))
        logits = np.zeros((len(batch), 96, 37), np.float32)
        logits[:, :, 0] = 20
        for i, picture in enumerate(batch):
            darkness = round((1 - float(picture.mean())) * 127.5)
            logits[i, 4, 1 + darkness] = 40
        return logits


def test_many_plates_go_through_in_batches_and_come_back_in_order() -> None:
    network = FakeNetwork()
    crops = [np.full((20, 60, 3), 255 - i, np.uint8) for i in range(36)]
    assert "".join(t.text for t in transcribe(crops, network, 1.0)) == ALPHABET
    assert network.sizes == [BATCH, BATCH, 36 - 2 * BATCH]


def test_no_plates_need_no_network() -> None:
    network = FakeNetwork()
    assert transcribe([], network, 1.0) == []
    assert network.sizes == []
