"""What the reader learns from, and that a training runs, stops and goes on."""

from __future__ import annotations

import json
import random
from pathlib import Path

import cv2
import matplotlib
import numpy as np
import pytest

from lpr.errors import ModelError
from lpr.normalize import ALPHABET
from lpr.training.batches import COLUMNS, IGNORED, ROWS, Examples
from lpr.training.crops import load_negatives, load_real_crops, seen_anew, seen_plainly
from lpr.training.recipe import ReaderRecipe

FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"


@pytest.fixture(scope="module")
def fonts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fonts")
    for name in ("DejaVuSansMono-Bold.ttf", "DejaVuSerif.ttf"):
        (folder / name).write_bytes((FONTS / name).read_bytes())
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in the documented form: two crops to learn from, one held out, one photo."""
    folder = tmp_path_factory.mktemp("plates")
    rows = []
    for name, split, text in (("a", "train", "ABC 123"), ("b", "train", "XYZ789"), ("c", "val", "KLM456")):
        image = np.full((60, 160, 3), 230, np.uint8)
        cv2.putText(image, text, (22, 42), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (20, 20, 20), 2)
        cv2.imwrite(str(folder / f"{name}.png"), image)
        rows.append({"image": f"{name}.png", "split": split, "text": text, "flag": "", "box": [15, 12, 150, 50]})
    rows.append({"image": "missing.png", "split": "train", "text": None, "flag": "unreadable"})
    (folder / "photo_crops.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    noise = np.random.default_rng(0).integers(0, 255, (200, 300, 3), dtype=np.uint8)
    cv2.imwrite(str(folder / "photo.png"), noise)
    plate = {"box": [100, 60, 200, 140], "text": "ABC123", "flag": ""}
    photo = {"image": "photo.png", "split": "train", "complete": True, "plates": [plate]}
    (folder / "photos.jsonl").write_text(json.dumps(photo) + "\n", encoding="utf-8")
    return folder


def test_real_crops_are_the_readable_ones_with_normalized_texts(data: Path) -> None:
    crops = load_real_crops(data, "train")
    assert [crop.text for crop in crops] == ["ABC123", "XYZ789"]
    assert seen_plainly(crops[0]).shape == (64, 192)


def test_a_crop_seen_anew_differs_each_time_and_shows_the_same_plate(data: Path) -> None:
    crop = load_real_crops(data, "train")[0]
    rng = random.Random(4)
    seen = [seen_anew(crop, rng) for _ in range(12)]
    assert len({picture.tobytes() for picture in seen}) == 12
    plain = seen_plainly(crop).astype(np.float32)
    alike = [float(np.corrcoef(plain.ravel(), picture.ravel().astype(np.float32))[0, 1]) for picture in seen]
    assert np.median(np.abs(alike)) > 0.3  # a negative of the picture counts as well


def test_negatives_lie_beside_the_plates(data: Path) -> None:
    pieces = load_negatives(data, "train", 5, 0)
    photo = cv2.imread(str(data / "photo.png"), cv2.IMREAD_GRAYSCALE)
    assert photo is not None
    assert 0 < len(pieces) <= 5
    for piece in pieces:
        (y, x) = np.unravel_index(int(cv2.matchTemplate(photo, piece, cv2.TM_SQDIFF).argmin()), _room(photo, piece))
        assert x + piece.shape[1] <= 100 or x >= 200 or y + piece.shape[0] <= 60 or y >= 140


def _room(photo: np.ndarray, piece: np.ndarray) -> tuple[int, int]:
    return photo.shape[0] - piece.shape[0] + 1, photo.shape[1] - piece.shape[1] + 1


def test_first_examples_are_easy_and_name_the_place_of_every_character(data: Path, fonts: Path) -> None:
    examples = iter(Examples(data, fonts, ReaderRecipe(negative_share=0.0), seed=2, done=0))
    for _ in range(20):
        example = next(examples)
        drawn = [c for c in example.places if c not in (0, IGNORED)]
        assert "".join(ALPHABET[c - 1] for c in drawn) == example.text  # in reading order, row by row
        assert example.places.shape == (ROWS * COLUMNS,)


def test_later_examples_hold_real_crops_and_places_without_a_plate(data: Path, fonts: Path) -> None:
    recipe = ReaderRecipe(easy_steps=1, batch=1)
    examples = iter(Examples(data, fonts, recipe, seed=2, done=1000))
    drawn = [next(examples) for _ in range(150)]
    real = [example for example in drawn if (example.places == IGNORED).all()]
    assert {example.text for example in real} == {"ABC123", "XYZ789"}
    assert any(example.text == "" and (example.places == 0).all() for example in drawn)
    assert 0.25 < len(real) / len(drawn) < 0.6


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    import torch

    from lpr.training.export import export_reader

    torch.save({"module.other": torch.zeros(1)}, tmp_path / "other.pth")
    with pytest.raises(ModelError, match=r"does not fit plate_reader\.yaml"):
        export_reader(tmp_path / "other.pth", tmp_path)
    with pytest.raises(ModelError, match="is no file"):
        export_reader(tmp_path / "none.pth", tmp_path)


@pytest.mark.slow
def test_a_training_runs_is_resumed_and_its_weights_serve_both_engines(data: Path, fonts: Path, tmp_path: Path) -> None:
    from lpr.recognition.reader_easyocr import EasyOcrReader
    from lpr.recognition.reader_onnx import OnnxReader
    from lpr.training.export import export_reader
    from lpr.training.train_reader import Progress, train_reader

    seen: list[Progress] = []
    run = tmp_path / "run"
    train_reader(data, fonts, run, ReaderRecipe(steps=2, batch=4, workers=0), "cpu", every=2, on_progress=seen.append)
    recipe = ReaderRecipe(steps=4, batch=4, workers=0)
    best = train_reader(data, fonts, run, recipe, "cpu", resume=True, every=2, on_progress=seen.append)
    assert [progress.step for progress in seen] == [2, 4]
    assert all(np.isfinite(progress.loss) for progress in seen)
    for name in ("plate_reader.py", "plate_reader.yaml"):
        (tmp_path / name).write_bytes((Path("lpr/models") / name).read_bytes())
    export_reader(best, tmp_path)
    crop = cv2.imread(str(data / "a.png"))
    assert crop is not None
    cpu = OnnxReader(tmp_path / "plate_reader.onnx").read([crop])[0]
    torch_engine = EasyOcrReader(tmp_path, device="cpu").read([crop])[0]
    assert (cpu.text, len(cpu.candidates)) == (torch_engine.text, len(torch_engine.candidates))
    assert cpu.confidence == pytest.approx(torch_engine.confidence, abs=0.01)


def test_the_shipped_networks_stay_under_thirty_megabytes_with_nothing_of_the_exporter_in_them() -> None:
    folder = Path("lpr/models")
    shipped = [path for path in folder.iterdir() if path.suffix in {".onnx", ".pt", ".pth"}]
    assert len(shipped) == 6
    assert sum(path.stat().st_size for path in shipped) < 30e6
    for path in shipped:
        content = path.read_bytes()
        assert b"/home/" not in content and str(Path.cwd()).encode() not in content


def test_a_file_stored_in_half_precision_gives_nearly_the_same_figures_in_half_the_size(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    from lpr.recognition.network import open_network
    from lpr.training.onnx_file import store_in_half

    weight = np.random.default_rng(0).standard_normal((64, 64)).astype(np.float32)
    helper, single = onnx.helper, onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"])],
        "one layer",
        [helper.make_tensor_value_info("x", single, ["n", 64])],
        [helper.make_tensor_value_info("y", single, ["n", 64])],
        [onnx.numpy_helper.from_array(weight, "w")],
    )
    path = tmp_path / "layer.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), str(path))
    before = path.stat().st_size
    store_in_half(path)
    halved = path.read_bytes()
    store_in_half(path)  # what is halved already stays as it is
    assert path.read_bytes() == halved
    assert len(halved) < 0.6 * before
    x = np.random.default_rng(1).standard_normal((2, 64)).astype(np.float32)
    np.testing.assert_allclose(open_network(path)(x), x @ weight, atol=0.02)
