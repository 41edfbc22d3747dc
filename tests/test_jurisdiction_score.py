"""Scores of jurisdictions: what labels say, what counts as wrong, and labels from a file of their own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lpr.errors import DatasetError
from lpr.plates import Jurisdiction
from lpr.training.dataset import LabelledCrop, LabelledPhoto, LabelledPlate
from lpr.training.jurisdiction_data import classes_of, read_labels, state_code
from lpr.training.jurisdiction_score import (
    JurisdictionScore,
    agrees,
    crops_with_labels,
    expected_of,
    groups_of,
    with_labels,
)


@pytest.mark.parametrize(
    ("country", "state", "code"),
    [
        ("US", "AL", "us-al"),
        ("US", "ALABAMA", "us-al"),
        ("US", "MISSIPPI", "us-ms"),  # so in a data set
        ("mixed", "CA", "us-ca"),  # California: Canada's provinces have codes of their own
        ("mixed", "ON", "ca-on"),
        ("mixed", "us-tx", "us-tx"),
        ("US", None, "us"),
        ("CA", None, "ca"),
        ("RO", None, "ro"),
        ("EU", None, "eu"),
        ("US/mixed", None, None),
        ("", None, None),
        ("mixed", "gb", "gb"),
        ("mixed", "Atlantis", None),
    ],
)
def test_what_a_label_stands_for(country: str, state: str | None, code: str | None) -> None:
    assert expected_of(country, state) == code


@pytest.mark.parametrize(
    ("expected", "code", "right"),
    [("us-al", "us-al", True), ("us-al", "us-ga", False), ("us", "us-ga", True), ("us", "ca-on", False),
     ("eu", "de", True), ("eu", "us-ga", False), ("ro", "ro", True), ("ro", "de", False), ("in", "us-in", False)],
)  # fmt: skip
def test_a_label_that_names_a_federation_agrees_with_its_states(expected: str, code: str, right: bool) -> None:
    assert agrees(expected, code) == right


def test_shares_are_of_the_right_plates() -> None:
    score = JurisdictionScore()
    score.count("us-al", Jurisdiction("us-al", 0.9), 0.8)  # stated, right
    score.count("us-al", Jurisdiction("us-al", 0.5), 0.8)  # right, not stated
    score.count("us-al", Jurisdiction("us-ga", 0.9), 0.8)  # stated, wrong
    score.count("us-al", None, 0.8)
    score.count("us", Jurisdiction("us-ga", 0.9), 0.8)  # stated, and who knows: not for the most probable
    assert (score.best.right, score.best.of) == (2, 4)
    assert (score.stated.right, score.stated.of) == (3, 5)
    assert (score.wrong.right, score.wrong.of) == (1, 3)
    assert (score.as_us.right, score.as_us.of) == (3, 5)


def test_plates_count_for_their_country_and_for_the_legible_ones() -> None:
    assert groups_of("us-al", 80) == ["US", "US, at least 80 px wide"]
    assert groups_of("ca", 79) == ["Canada"]
    assert groups_of("ro", None) == ["elsewhere"]


def test_labels_may_come_in_a_file_of_their_own(tmp_path: Path) -> None:
    file = tmp_path / "labels.csv"
    file.write_text("image,plate,jurisdiction\nphotos/a.jpg,1,us-ks\nphotos/a.jpg,0,other\n", encoding="utf-8")
    labels = read_labels(file)
    plates = (LabelledPlate((0, 0, 9, 4), "A", ""), LabelledPlate((0, 0, 9, 4), "B", ""))
    photo = LabelledPhoto(tmp_path / "photos" / "a.jpg", "val", "", "US/mixed", True, plates)
    assert [plate.state for plate in with_labels([photo], labels)[0].plates] == [None, "us-ks"]
    row = {"image": "crops/a_1.jpg", "photo": "photos/a.jpg", "plate": 1}
    (tmp_path / "photo_crops.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    crop = LabelledCrop(tmp_path / "crops" / "a_1.jpg", "val", "", "US/mixed", "B", "", None, None)
    assert [c.state for c in crops_with_labels([crop], labels, tmp_path)] == ["us-ks"]
    file.write_text("image,code\na.jpg,us-ks\n", encoding="utf-8")
    with pytest.raises(DatasetError, match="image,plate,jurisdiction"):
        read_labels(file)


def test_states_are_classes_and_countries_their_look() -> None:
    assert state_code("WASHINGTON DC") == "us-dc"
    assert state_code("Nowhere") is None
    assert classes_of("us-al") == {"us-al"}
    assert classes_of("ro") == {"eu"}
    assert classes_of("ca-mb") == {"other"}
    assert "us-al" not in classes_of("foreign") and "eu" in classes_of("foreign")
