"""The band network's training: what it learns from, that it stops, goes on, and ends in files that serve."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import cv2
import matplotlib
import numpy as np
import pytest
from click.testing import CliRunner

from cli.main import cli
from lpr.errors import DatasetError, ModelError
from lpr.recognition.band import BAND_HEIGHT, BAND_WIDTH, NONE, Bands, OnnxBandReader
from lpr.training.band_data import CLASSES, end_seen_anew, load_bands, load_without
from lpr.training.export_band import export_band
from lpr.training.synthetic.bands import BANDS, BandedPlates
from lpr.training.synthetic.fonts import load_fonts
from lpr.training.train_band import BandDrawer, BandRecipe, draw_bands, train_band

FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
RECIPE = BandRecipe(views=12, steps=2, batch=4, warmup=1, drawn=40)


@pytest.fixture(scope="module")
def fonts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fonts")
    for name in ("DejaVuSansMono-Bold.ttf", "DejaVuSans-Bold.ttf", "DejaVuSerif-Italic.ttf"):
        (folder / name).write_bytes((FONTS / name).read_bytes())
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plates")

    def crop(name: str, colour: tuple[int, int, int]) -> str:
        image = np.full((50, 200, 3), 240, np.uint8)
        image[:, :20] = colour
        cv2.imwrite(str(folder / f"{name}.png"), image)
        return f"{name}.png"

    def rows(name: str, *content: dict[str, object]) -> None:
        (folder / name).write_text("".join(json.dumps(row) + "\n" for row in content), encoding="utf-8")

    blue = (180, 60, 10)
    rows(
        "crops.jsonl",
        {"image": crop("a", blue), "split": "train", "country": "EU", "text": "B21GSB"},
        {"image": crop("b", (240,) * 3), "split": "train", "country": "EU", "text": "AB12"},
        {"image": crop("c", blue), "split": "train", "country": "EU", "text": "AB13"},  # nobody could read it
        {"image": crop("d", (20, 200, 20)), "split": "train", "country": "BR", "text": "AYO9034"},
        {"image": crop("e", blue), "split": "val", "country": "EU", "text": "B1"},
    )
    photo = {"photo": "photos/p.jpg", "split": "train", "box": [4, 4, 196, 46], "flag": "", "country": "RO"}
    rows("photo_crops.jsonl", photo | {"image": crop("f", blue), "plate": 1, "text": "IF99STK"})
    (folder / "bands.csv").write_text(
        "image,plate,jurisdiction\na.png,0,fr\nb.png,0,none\nphotos/p.jpg,1,ro\ne.png,0,it\n", encoding="utf-8"
    )
    return folder


def test_plates_come_with_the_letters_in_their_bands(data: Path, tmp_path: Path) -> None:
    plates = load_bands(data, "train", data / "bands.csv")
    assert [(plate.code, plate.classes, plate.kind) for plate in plates] == [
        ("ro", {"ro"}, "photo"), ("fr", {"fr"}, "crop"), ("none", {"none"}, "crop"),
    ]  # fmt: skip
    assert [plate.code for plate in load_bands(data, "val", data / "bands.csv")] == ["it"]
    assert [(plate.code, plate.classes) for plate in load_without(data, "train")] == [("br", {"none"})]
    (tmp_path / "wrong.csv").write_text("image,plate,jurisdiction\na.png,0,us-al\n", encoding="utf-8")
    with pytest.raises(DatasetError, match=r"wrong\.csv names us-al; lpr knows"):
        load_bands(data, "train", tmp_path / "wrong.csv")


def test_drawn_plates_are_of_every_country_and_the_same_each_time(fonts: Path) -> None:
    plates = draw_bands(fonts, 4 * len(BANDS), 3)
    assert {plate.code for plate in plates} == {*BANDS, NONE}
    assert sum(plate.code == NONE for plate in plates) == len(BANDS)
    assert plates[:9] == draw_bands(fonts, 9, 3)
    assert plates[0].jpeg != draw_bands(fonts, 1, 4)[0].jpeg


@pytest.mark.parametrize("code", sorted(BANDS))
def test_a_drawn_band_lies_at_the_left_end(code: str, fonts: Path) -> None:
    dies, letterings = load_fonts(fonts)
    rng = random.Random(2)
    images = [BandedPlates(dies, letterings).draw(code, rng) for _ in range(3)]
    assert all(image.dtype == np.uint8 and image.ndim == 3 for image in images)
    # More of the left end than of the rest is of one colour that the plate's ground is not.
    ends = [np.abs(image[:, 12].astype(int) - image[:, image.shape[1] // 2].astype(int)).mean() for image in images]
    assert max(ends) > 40


def test_an_end_seen_anew_has_the_size_asked_for_and_differs_each_time(data: Path) -> None:
    plate = load_bands(data, "train", data / "bands.csv")[0]
    rng = random.Random(1)
    seen = [end_seen_anew(plate.image(), plate.box, rng) for _ in range(6)]
    assert {end.shape for end in seen} == {(BAND_HEIGHT, BAND_WIDTH, 3)}
    assert len({end.tobytes() for end in seen}) == 6


def test_the_shares_are_those_of_what_is_drawn(data: Path, fonts: Path) -> None:
    drawer = BandDrawer(data, fonts, data / "bands.csv", replace(RECIPE, views=600))
    _, classes = drawer.views()
    shares = dict(zip(CLASSES, drawer.shares(), strict=True))
    assert sum(shares.values()) == pytest.approx(1, abs=1e-3)
    none = float((classes == CLASSES.index(NONE)).mean())
    assert shares[NONE] == pytest.approx(none, abs=0.08)
    assert shares["fr"] > shares["de"]  # one is among the real plates, too


def test_a_training_stops_goes_on_and_ends_in_a_reader(data: Path, fonts: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    steps: list[int] = []

    def train(recipe: BandRecipe, resume: bool) -> Path:
        return train_band(
            data, fonts, data / "bands.csv", run, recipe, "cpu", resume, every=1,
            on_progress=lambda progress: steps.append(progress.step),
        )  # fmt: skip

    weights = train(RECIPE, resume=False)
    assert steps == [1, 2]
    train(replace(RECIPE, steps=3), resume=True)
    assert steps == [1, 2, 3]  # nothing is done twice
    done = CliRunner().invoke(cli, ["export", "band", str(weights), "--to", str(tmp_path)])
    assert done.exit_code == 0, done.output
    described, traced = tmp_path / "plate_band.json", tmp_path / "plate_band.onnx"
    assert done.stdout.split() == [str(described), str(traced)]
    assert traced.stat().st_size < 320_000
    factors = OnnxBandReader(traced, Bands.read(described), threads=1).read(np.zeros((50, 200, 3), np.uint8))
    assert set(factors) == set(BANDS)
    (tmp_path / "other.json").write_text(
        json.dumps({"classes": ["de", "none"], "shares": [0.5, 0.5], "temperature": 1.0}), encoding="utf-8"
    )
    (tmp_path / "other.pt").write_bytes(weights.read_bytes())
    with pytest.raises(ModelError, match="does not fit"):
        export_band(tmp_path / "other.pt", tmp_path)
