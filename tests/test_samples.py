"""The samples are what expected.csv says, look like a camera's, and lpr finds and reads their plates."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from datetime import timezone
from pathlib import Path

import pytest

import lpr
from lpr.hotlist import HotLists
from lpr.normalize import normalize

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "samples"


@dataclass(frozen=True)
class Expected:
    text: str
    state: str
    box: lpr.Box | None
    first_seen: float | None
    last_seen: float | None


def _expected() -> dict[str, list[Expected]]:
    rows: dict[str, list[Expected]] = defaultdict(list)
    with (SAMPLES / "expected.csv").open(newline="") as lines:
        for row in csv.DictReader(lines):
            box = lpr.Box(*(int(row[name]) for name in ("x1", "y1", "x2", "y2"))) if row["x1"] else None
            first, last = (float(row[name]) if row[name] else None for name in ("first_seen", "last_seen"))
            rows[row["file"]].append(Expected(row["text"], row["state"], box, first, last))
    return rows


EXPECTED = _expected()
PHOTOS = sorted(name for name in EXPECTED if name.endswith(".jpg"))


def test_every_sample_has_its_row_and_every_row_its_sample() -> None:
    media = {path.name for path in SAMPLES.iterdir() if path.suffix in {".jpg", ".mp4"}}
    assert media == set(EXPECTED)
    assert len(PHOTOS) == 12


def test_together_they_are_small() -> None:
    assert sum(path.stat().st_size for path in SAMPLES.iterdir() if path.is_file()) < 6 * 2**20
    assert (SAMPLES / "clip.mp4").stat().st_size < 1.5 * 2**20


@pytest.mark.parametrize("name", PHOTOS)
def test_a_picture_is_a_cameras_with_its_plates_inside(name: str) -> None:
    with lpr.open_frames(SAMPLES / name) as frames:
        (frame,) = frames
    assert frame.image.shape == (720, 1280, 3)
    assert frame.taken_at is not None and frame.taken_at.astimezone(timezone.utc).year == 2025
    for plate in EXPECTED[name]:
        if plate.box is None:
            assert (plate.text, plate.state) == ("", "")
        else:
            assert plate.text == normalize(plate.text) != ""
            assert plate.box.clipped(1280, 720) == plate.box
            assert plate.box.width >= 50


def test_the_clip_shows_its_plate_for_a_while() -> None:
    (plate,) = EXPECTED["clip.mp4"]
    with lpr.open_frames(SAMPLES / "clip.mp4") as frames:
        seconds = [frame.seconds for frame in frames if frame.image.shape == (720, 1280, 3)]
    assert plate.first_seen is not None and plate.last_seen is not None
    assert 3.5 < seconds[-1] < 6
    assert 0 < plate.first_seen + 1 < plate.last_seen < seconds[-1]


def test_the_example_hot_list_knows_three_of_the_plates() -> None:
    lists = HotLists.from_files([ROOT / "hotlists/example.csv"])
    texts = {plate.text for plates in EXPECTED.values() for plate in plates if plate.text}
    tiers = {text: [hit.tier for hit in lists.check(text)] for text in texts}
    assert {text: tier for text, tier in tiers.items() if tier} == {
        "7KDR482": ["exact"],
        "BXT4019": ["exact"],
        "8MZS536": ["look-alike"],
    }


@pytest.fixture(scope="module")
def rows() -> dict[str, list[dict[str, object]]]:
    """What ``lpr scan`` says of all samples, by file name."""
    done = subprocess.run(
        [sys.executable, "-m", "cli", "scan", "samples/", "--no-db", "--nl", "--engine", "cpu"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, list[dict[str, object]]] = defaultdict(list)
    for line in done.stdout.splitlines():
        row = json.loads(line)
        found[Path(row["source"]).name].append(row)
    return found


def test_lpr_finds_the_plates(rows: dict[str, list[dict[str, object]]]) -> None:
    plates = [(name, plate.box) for name in PHOTOS for plate in EXPECTED[name] if plate.box is not None]
    missed = [
        name
        for name, box in plates
        if not any(box.overlap(lpr.Box(*row["box"])) >= 0.5 for row in rows[name])  # type: ignore[misc]
    ]
    assert len(missed) <= len(plates) * 0.1, f"not found: {missed}"


def test_lpr_reads_the_plates(rows: dict[str, list[dict[str, object]]]) -> None:
    pairs = [(name, plate.text) for name in EXPECTED for plate in EXPECTED[name] if plate.text]
    misread = [
        (name, text, [row["text"] for row in rows[name]])
        for name, text in pairs
        if text not in {row["text"] for row in rows[name]}
    ]
    assert len(misread) <= len(pairs) * 0.25, f"misread: {misread}"


def test_lpr_sees_no_plate_where_there_is_none(rows: dict[str, list[dict[str, object]]]) -> None:
    empty = [name for name in PHOTOS if EXPECTED[name][0].box is None]
    assert empty
    assert {name: [row["text"] for row in rows[name]] for name in empty} == {name: [] for name in empty}
