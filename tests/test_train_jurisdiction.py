"""The jurisdiction network's training: what it learns from, that it stops, goes on, and ends in files that serve."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import cv2
import matplotlib
import numpy as np
import pytest

from lpr.errors import DatasetError, ModelError
from lpr.plates import Transcript
from lpr.recognition.jurisdiction import Look, OnnxJudge
from lpr.recognition.plate_view import VIEW_HEIGHT, VIEW_WIDTH
from lpr.training.export_jurisdiction import export_jurisdiction
from lpr.training.jurisdiction_data import CLASSES, FOREIGN, load_plates
from lpr.training.jurisdiction_views import seen_anew
from lpr.training.synthetic.state_plates import NAMES
from lpr.training.train_jurisdiction import JurisdictionRecipe, best_temperature, draw_plates, train_jurisdiction

FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
RECIPE = JurisdictionRecipe(views=2, easy_views=1, steps=2, batch=8, warmup=1, decay=1, drawn=10)


@pytest.fixture(scope="module")
def fonts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fonts")
    for name in ("DejaVuSansMono-Bold.ttf", "DejaVuSerif.ttf"):
        (folder / name).write_bytes((FONTS / name).read_bytes())
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plates")

    def crop(name: str, colour: tuple[int, int, int]) -> str:
        image = np.full((64, 128, 3), colour, np.uint8)
        cv2.putText(image, name[:6].upper(), (8, 44), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (20, 20, 20), 2)
        cv2.imwrite(str(folder / f"{name}.png"), image)
        return f"{name}.png"

    def rows(name: str, *content: dict[str, object]) -> None:
        (folder / name).write_text("".join(json.dumps(row) + "\n" for row in content), encoding="utf-8")

    catalogue = [
        {"image": crop(f"{state}{i}", (90 * i, 120, 200)), "split": split, "country": "US", "state": state}
        for i, (state, split) in enumerate((("ALABAMA", "train"), ("HAWAI", "train"), ("ALABAMA", "val")))
    ]
    rows("us_state_crops.jsonl", *catalogue)
    photo = {"photo": "photos/p.jpg", "split": "train", "box": [4, 4, 124, 60], "flag": ""}
    rows(
        "photo_crops.jsonl",
        photo | {"image": crop("kansas", (200, 90, 90)), "plate": 0, "country": "US/mixed", "text": "LOVE"},
        photo | {"image": crop("roman", (240, 240, 240)), "plate": 1, "country": "RO", "text": "B21GSB"},
        photo
        | {"image": crop("long", (240,) * 3), "plate": 2, "country": "mixed", "text": "XX", "box": [0, 20, 120, 50]},
        photo | {"image": crop("nobody", (240, 240, 240)), "plate": 3, "country": "mixed", "text": "XX"},
    )  # fmt: skip
    rows(
        "crops.jsonl", {"image": crop("brasil", (180, 180, 180)), "split": "train", "country": "BR", "text": "AYO9034"}
    )
    (folder / "labels.csv").write_text("image,plate,jurisdiction\nphotos/p.jpg,0,us-ks\n", encoding="utf-8")
    return folder


def test_plates_come_with_what_they_may_be(data: Path) -> None:
    plates = load_plates(data, "train", data / "labels.csv")
    assert [(plate.code, plate.kind) for plate in plates] == [
        ("us-al", "catalogue"),
        ("us-hi", "catalogue"),  # the data set spells it HAWAI
        ("us-ks", "photo"),
        ("ro", "photo"),
        ("foreign", "photo"),  # long: no plate of North America, and that is all that is known
        ("br", "abroad"),
    ]
    by_code = {plate.code: plate.classes for plate in plates}
    assert (by_code["us-ks"], by_code["ro"], by_code["foreign"]) == ({"us-ks"}, {"eu"}, FOREIGN)
    assert "us-ks" not in {plate.code for plate in load_plates(data, "train")}
    with pytest.raises(DatasetError, match="no plate of split test"):
        load_plates(data, "test")


def test_drawn_plates_are_of_every_jurisdiction_and_the_same_each_time(fonts: Path) -> None:
    plates = draw_plates(fonts, len(NAMES), 3)
    assert sorted(plate.code for plate in plates) == sorted(NAMES)
    assert plates == draw_plates(fonts, len(NAMES), 3)
    assert plates[0].jpeg != draw_plates(fonts, 1, 4)[0].jpeg


def test_a_plate_seen_anew_has_the_size_asked_for_and_differs_each_time(data: Path) -> None:
    plate = load_plates(data, "train")[0]
    rng = random.Random(1)
    seen = [seen_anew(plate.image(), plate.box, rng, (VIEW_WIDTH, VIEW_HEIGHT)) for _ in range(6)]
    assert {picture.shape for picture in seen} == {(VIEW_HEIGHT, VIEW_WIDTH, 3)}
    assert len({picture.tobytes() for picture in seen}) == 6


def test_the_temperature_makes_probabilities_as_right_as_they_say() -> None:
    rng = np.random.default_rng(0)
    true = rng.normal(0, 2, (4000, len(CLASSES)))
    chances = np.exp(true) / np.exp(true).sum(1, keepdims=True)
    drawn = (chances.cumsum(1) > rng.random((4000, 1))).argmax(1)
    allowed = [frozenset((CLASSES[k],)) for k in drawn]
    assert best_temperature(3.0 * true, allowed) == pytest.approx(3.0, rel=0.08)


def test_a_training_stops_goes_on_and_ends_in_a_judge(data: Path, fonts: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    seen: list[int] = []
    steps: list[int] = []

    def train(recipe: JurisdictionRecipe, resume: bool) -> Path:
        return train_jurisdiction(
            data, fonts, run, recipe, data / "labels.csv", "cpu", resume, every=1,
            on_progress=lambda progress: steps.append(progress.step), on_view=seen.append,
        )  # fmt: skip

    weights = train(RECIPE, resume=False)
    assert (seen, steps) == ([1, 2], [1, 2])
    train(replace(RECIPE, steps=3), resume=True)
    assert (seen, steps) == ([1, 2], [1, 2, 3])  # nothing is done twice
    described, traced = export_jurisdiction(weights, tmp_path)
    judge = OnnxJudge(traced, Look.read(described), threads=1)
    crop = cv2.imread(str(data / "ALABAMA0.png"))
    assert crop is not None
    guess = judge.judge(crop, Transcript("", "", 0.0, (), ()))
    assert guess is None or guess.code in CLASSES
    (tmp_path / "other.json").write_text(json.dumps({"classes": ["us-al"], "temperature": 1.0}), encoding="utf-8")
    (tmp_path / "other.pt").write_bytes(weights.read_bytes())
    with pytest.raises(ModelError, match="does not fit"):
        export_jurisdiction(tmp_path / "other.pt", tmp_path)
