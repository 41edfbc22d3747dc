"""Corrections: the read stays, searches find both texts, and examples for training come of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conftest import PLATES, fake_recognizer, write_photo

import lpr
from cli.main import cli
from lpr.records.corrections import correct, corrections
from lpr.records.pictures import add_picture
from lpr.records.schema import Database

RED, GREEN, BLUE, *_ = PLATES
READINGS = (
    "SELECT text, sighting_id, rank, probability FROM readings JOIN texts ON texts.id = text_id "
    "ORDER BY sighting_id, text"
)
WHY = lpr.Why("stolen vehicle", "26-1")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("LPR_POLICY", "LPR_KEY", "LPR_PURPOSE", "LPR_CASE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LPR_DB", str(tmp_path / "lpr.db"))
    monkeypatch.chdir(tmp_path)
    write_photo(Path("photos/a.png"), RED, GREEN)
    write_photo(Path("photos/b.png"), BLUE)
    with lpr.open_database(tmp_path / "lpr.db") as database:
        assert len(list(lpr.scan(["photos"], fake_recognizer(), database=database))) == 3
    return tmp_path / "lpr.db"


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, words, catch_exceptions=False)


def found(plate: str) -> list[int]:
    return [row["id"] for row in json.loads(run("search", plate, "--json").stdout)]


def the(database: Database, text: str) -> int:
    return int(database.rows("SELECT id FROM sightings WHERE text = ?", (text,))[0]["id"])


def test_both_texts_are_found_and_the_read_stays(file: Path) -> None:
    with lpr.open_database(file) as database:
        sighting = the(database, "XYZ0O8")
        before = database.rows("SELECT * FROM sightings")
        made = correct(database, sighting, "kl-77 99", "CA", "sun behind it", WHY)
        assert (made.read, made.text, made.state, made.case, made.replaced) == ("XYZ0O8", "KL7799", "CA", "26-1", False)
        assert database.rows("SELECT * FROM sightings") == before
    assert found("KL7799") == [sighting]
    assert found("XYZ0O8") == [sighting]


def test_a_later_correction_takes_the_place_of_an_earlier_one_which_stays_on_record(file: Path) -> None:
    with lpr.open_database(file) as database:
        sighting = the(database, "XYZ0O8")
        readings = database.rows(READINGS)
        correct(database, sighting, "KL7799")
        correct(database, sighting, "KL7788")
        assert [(one.text, one.replaced) for one in corrections(database)] == [("KL7799", True), ("KL7788", False)]
        assert [one.text for one in corrections(database, everything=False)] == ["KL7788"]
        correct(database, sighting, "XYZ0O8")  # what was read: it is confirmed
        assert database.rows(READINGS) == readings
    assert found("KL7799") == found("KL7788") == []


def test_a_correction_to_a_candidate_of_the_reader_can_be_taken_back(file: Path) -> None:
    with lpr.open_database(file) as database:
        sighting = the(database, "AL5SHOP")
        before = database.rows(READINGS)
        correct(database, sighting, "AL55HOP")
        correct(database, sighting, "AL5SHOP")
        assert database.rows(READINGS) == before


@pytest.mark.parametrize("sighting, text, error", [(99, "ABC1", lpr.RecordsError), (1, "-", lpr.PlateError)])
def test_what_cannot_be_corrected_is_told(file: Path, sighting: int, text: str, error: type[Exception]) -> None:
    with lpr.open_database(file) as database:
        with pytest.raises(error):
            correct(database, sighting, text)
        assert list(corrections(database)) == []


def test_the_command_tells_what_lists_say_of_the_corrected_plate(file: Path) -> None:
    assert run("hotlist", "add", "KL7799", "--list", "bolo", "--reason", "test").exit_code == 0
    told = run("correct", "1", "KL7799", "--case", "26-1")
    assert "read as " in told.stdout and "corrected to KL7799 by" in told.stdout
    assert "on list bolo: KL7799 state unknown, exact; possible match: verify plate, state and vehicle" in told.stdout
    (row,) = json.loads(run("correct", "--json").stdout)
    assert (row["sighting"], row["text"], row["case"]) == (1, "KL7799", "26-1")
    with lpr.open_database(file) as database:
        (asked, *_) = database.rows("SELECT * FROM audit WHERE command = 'correct' ORDER BY id")
        assert (asked["case_number"], json.loads(asked["elements"])["sighting"]) == ("26-1", 1)


def test_corrections_become_examples_that_eval_and_train_read(file: Path, tmp_path: Path) -> None:
    from lpr.training.dataset import picture_of, read_crops, read_photos

    with lpr.open_database(file) as database:
        for text, said in (("XYZ0O8", "KL7799"), ("AL5SHOP", "AL55HOP")):
            correct(database, the(database, text), said, "CA")
    assert run("export", "labels", "corrected", "--split", "val", "--frames").stdout == (
        "corrected: 2 plates, 2 pictures\n"
    )
    crops = read_crops(tmp_path / "corrected", "val")
    assert sorted((crop.text, crop.state) for crop in crops) == [("AL55HOP", "CA"), ("KL7799", "CA")]
    assert all(picture_of(crop.image).size for crop in crops)
    photos = read_photos(tmp_path / "corrected" / "photos.jsonl", "val")
    assert sorted(plate.text or "" for photo in photos for plate in photo.plates) == ["AL55HOP", "KL7799"]
    assert not any(photo.complete for photo in photos)
    assert "is not empty" in run("export", "labels", "corrected").stderr


def test_a_changed_source_gives_no_example_and_says_so(file: Path, tmp_path: Path) -> None:
    with lpr.open_database(file) as database:
        sighting = the(database, "AL5SHOP")
        correct(database, sighting, "AL55HOP")
    write_photo(Path("photos/b.png"), RED)
    with lpr.open_database(file) as database:
        crop = tmp_path / "crop.png"
        crop.write_bytes(Path("photos/a.png").read_bytes())
        other = the(database, "XYZ0O8")
        correct(database, other, "KL7799")
        add_picture(database, crop, "crop", [other])
    Path("photos/a.png").unlink()
    told = run("export", "labels", "corrected")
    assert f"no picture of sighting {sighting}: its file is gone or was changed" in told.stderr
    assert told.stdout == "corrected: 1 plate\n"  # from the saved crop
