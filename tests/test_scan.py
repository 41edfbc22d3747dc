"""lpr.scan: what it yields, what it puts on record, what it does not do twice, and what survives a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import FakeDetector, FakeReader, fake_recognizer, write_footage, write_photo

import lpr
from lpr.events import Counts, Ended, Event, Looked, Opened
from lpr.records.schema import Database

ROOT = Path(__file__).parents[1]
RED, GREEN, BLUE, DIM, BLANK = (0, 0, 255), (0, 255, 0), (255, 0, 0), (255, 255, 0), (255, 0, 255)
LIST = "plate,state,reason\nABC1234,AL,wanted\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_photo(Path("photos/a.png"), RED, GREEN)
    write_photo(Path("photos/b.png"), DIM, BLANK, BLUE)
    Path("wanted.csv").write_text(LIST)
    return tmp_path


class Scans:
    """Scans with one database and keeps the events of the newest."""

    def __init__(self, database: Database | None) -> None:
        self.database = database
        self.events: list[Event] = []

    def __call__(self, *sources: str, **options: Any) -> list[lpr.Scanned]:
        self.events = []
        options = {"recognizer": fake_recognizer(), "database": self.database, **options}
        return list(lpr.scan(sources, on_event=self.events.append, **options))

    def ended(self) -> list[tuple[str, str]]:
        return [(event.source, event.status) for event in self.events if isinstance(event, Ended)]

    def count(self, table: str) -> int:
        assert self.database is not None
        return int(self.database.rows(f"SELECT count(*) AS n FROM {table}")[0]["n"])


@pytest.fixture
def scans(folder: Path) -> Scans:
    return Scans(lpr.open_database(folder / "lpr.db"))


def texts(found: Sequence[lpr.Scanned]) -> list[str]:
    return [scanned.sighting.text for scanned in found]


def test_photos_give_a_sighting_for_each_plate_that_was_read(folder: Path) -> None:
    scans = Scans(None)
    found = scans("photos", hot_lists=lpr.HotLists.from_files(["wanted.csv"]))
    assert texts(found) == ["ABC1234", "XYZ0O8", "AL5SHOP"]
    assert [(hit.list, hit.tier) for hit in found[0].hits] == [("wanted", "exact")]
    assert found[1].hits == ()
    assert [event for event in scans.events if isinstance(event, (Opened, Looked))] == [
        Opened("photos/a.png", "photo", 1),
        Looked("photos/a.png", 2, 2),
        Opened("photos/b.png", "photo", 1),
        Looked("photos/b.png", 3, 1),
    ]
    assert [event for event in scans.events if isinstance(event, Ended)] == [
        Ended("photos/a.png", "done", Counts(1, 2, 2, {}, 2, 1)),
        Ended("photos/b.png", "done", Counts(1, 3, 1, {"confidence below threshold": 1, "no text": 1}, 1, 0)),
    ]


def test_the_row_is_the_contract(folder: Path) -> None:
    (found, _) = Scans(None)("photos/a.png", hot_lists=lpr.HotLists.from_files(["wanted.csv"]))
    row = found.row()
    (hit,) = row.pop("hits")
    assert {name: hit[name] for name in ("list", "plate", "state", "tier", "differs", "score")} == {
        "list": "wanted",
        "plate": "ABC1234",
        "state": "AL",
        "tier": "exact",
        "differs": [],
        "score": 0.98,
    }
    assert found.image is not None
    assert list(row.items()) == [
        ("source", "photos/a.png"),
        ("frame", 0),
        ("seconds", None),
        ("taken_at", None),
        ("first_seen", None),
        ("last_seen", None),
        ("reads", 1),
        ("raw", "ABC 1234"),
        ("text", "ABC1234"),
        ("confidence", 0.98),
        ("characters", [{"character": c, "confidence": 0.98} for c in "ABC1234"]),
        ("candidates", [{"text": "ABC1234", "probability": 0.98}]),
        ("box", [20, 50, 80, 70]),
        ("detector_confidence", 0.9),
        ("jurisdiction", None),
        ("camera", None),
        ("latitude", None),
        ("longitude", None),
        ("direction", None),
        ("entered", None),
        ("exited", None),
        ("dwell", None),
        ("picture_sha256", sha256(found.image.tobytes()).hexdigest()),
    ]


def test_footage_gives_one_sighting_for_a_passing(folder: Path) -> None:
    write_footage(Path("clip.mkv"), [(BLUE, 2, 14), (RED, 60, 70)], 80)
    found = Scans(None)("clip.mkv", every=2)
    assert [(s.sighting.text, s.sighting.first_seen, s.sighting.last_seen, s.sighting.reads) for s in found] == [
        ("AL5SHOP", 0.2, 1.2, 6),
        ("ABC1234", 6.0, 6.8, 5),
    ]
    # The picture is the one that the sighting's frame and box speak of.
    for scanned in found:
        box = scanned.sighting.box
        assert scanned.image is not None
        assert scanned.image.shape == (120, 320, 3)
        assert scanned.image[box.y1 + 3 : box.y2 - 3, box.x1 + 3 : box.x2 - 3].max(axis=2).min() > 128


def test_footage_that_breaks_off_gives_what_came_before_and_is_read_again(scans: Scans) -> None:
    whole = write_footage(Path("whole.mp4.mkv"), [(RED, 0, 30)], 60).read_bytes()
    Path("clip.mkv").write_bytes(whole[: len(whole) * 2 // 3])
    assert texts(scans("clip.mkv", every=1)) == ["ABC1234"]
    (ended,) = [event for event in scans.events if isinstance(event, Ended)]
    assert ended.status == "failed"
    assert ended.error is not None
    assert ended.error.startswith("clip.mkv: ")
    assert texts(scans("clip.mkv", every=1)) == ["ABC1234"]
    assert (scans.count("scans"), scans.count("sightings")) == (1, 1)
    assert scans.database is not None
    (scan,) = scans.database.rows("SELECT status, error FROM scans")
    assert scan == {"status": "failed", "error": ended.error}


def test_what_is_on_record_is_shown_and_not_read_again(scans: Scans) -> None:
    class Blind(FakeDetector):
        def detect(self, image: np.ndarray) -> list[lpr.PlateBox]:
            raise AssertionError("this must not be read")

    first = scans("photos")
    assert [s.recorded for s in first] == [False] * 3
    again = scans("photos", recognizer=lpr.Recognizer(Blind(), FakeReader(), version="fake 1"))
    assert [s.recorded for s in again] == [True] * 3
    assert [s.sighting for s in again] == [s.sighting for s in first]
    assert scans.ended() == [("photos/a.png", "skipped"), ("photos/b.png", "skipped")]
    assert (scans.count("scans"), scans.count("sightings"), scans.count("reads")) == (2, 3, 3)


def test_what_is_on_record_is_compared_with_the_lists_of_today(scans: Scans) -> None:
    assert scans.database is not None
    assert [s.hits for s in scans("photos/a.png")] == [(), ()]
    lpr.HotLists(scans.database).import_file("wanted.csv", "wanted")
    for _ in range(2):
        assert [len(s.hits) for s in scans("photos/a.png")] == [1, 0]
        assert scans.database.rows("SELECT list, plate, tier, entry_id FROM hits") == [
            {"list": "wanted", "plate": "ABC1234", "tier": "exact", "entry_id": 1}
        ]


def test_pictures_of_recorded_sightings_come_when_asked_for(scans: Scans) -> None:
    write_footage(Path("clip.mkv"), [(BLUE, 2, 14)], 20)
    before = scans("photos/a.png", "clip.mkv", every=1)
    assert [s.image for s in scans("photos/a.png", "clip.mkv", every=1)] == [None] * 3
    for recorded, fresh in zip(scans("photos/a.png", "clip.mkv", every=1, pictures=True), before, strict=True):
        assert recorded.recorded
        assert recorded.image is not None and fresh.image is not None
        assert recorded.crop is not None and fresh.crop is not None
        assert np.array_equal(recorded.image, fresh.image)
        assert np.array_equal(recorded.crop, fresh.crop)


@pytest.mark.parametrize(
    "change",
    [
        lambda options: options.update(recognizer=lpr.Recognizer(FakeDetector(), FakeReader(), version="fake 2")),
        lambda options: options.update(every=3),
        lambda options: options.update(again=True),
    ],
    ids=["another recognizer", "another step", "again"],
)
def test_another_way_of_reading_reads_again(scans: Scans, change: Callable[[dict[str, Any]], None]) -> None:
    write_footage(Path("clip.mkv"), [(BLUE, 2, 14)], 20)
    scans("clip.mkv")
    options: dict[str, Any] = {}
    change(options)
    assert not any(s.recorded for s in scans("clip.mkv", **options))
    assert scans.ended() == [("clip.mkv", "done")]
    assert scans.count("scans") == 2


def test_the_step_through_footage_does_not_matter_to_photos(scans: Scans) -> None:
    scans("photos")
    scans("photos", every=9)
    assert {status for _, status in scans.ended()} == {"skipped"}


def test_again_replaces_the_earlier_scan(scans: Scans) -> None:
    assert scans.database is not None
    scans("photos/a.png")
    scans("photos/a.png", again=True)
    assert scans.database.rows("SELECT id, status, replaced_by FROM scans") == [
        {"id": 1, "status": "done", "replaced_by": 2},
        {"id": 2, "status": "done", "replaced_by": None},
    ]
    # What both gave stays; what counts is the newer one's.
    assert scans.count("sightings") == 4
    assert len(scans("photos/a.png")) == 2


def test_a_copy_is_skipped_and_both_places_are_on_record(scans: Scans) -> None:
    assert scans.database is not None
    write_photo(Path("copy.png"), RED, GREEN)
    assert [s.sighting.source for s in scans("photos/a.png", "copy.png")] == ["photos/a.png"] * 2 + ["copy.png"] * 2
    assert scans.ended() == [("photos/a.png", "done"), ("copy.png", "skipped")]
    assert [row["name"] for row in scans.database.rows("SELECT name FROM sources")] == ["photos/a.png", "copy.png"]


def test_a_changed_file_is_read_again(scans: Scans) -> None:
    scans("photos/a.png")
    write_photo(Path("photos/a.png"), BLUE)
    assert texts(scans("photos/a.png")) == ["AL5SHOP"]


def test_bad_sources_do_not_stop_the_others(scans: Scans) -> None:
    Path("bad.jpg").write_bytes(b"nothing")
    Path("empty").mkdir()
    Path("broken\udcff.jpg").write_bytes(b"\xff\xd8\xff")
    assert len(scans("bad.jpg", "missing.png", "empty", "none*.jpg", "broken\udcff.jpg", "photos/a.png")) == 2
    assert [event.error for event in scans.events if isinstance(event, Ended)] == [
        "bad.jpg: neither a photo nor footage that lpr can read; leave it out, or convert it to JPEG or MP4",
        "missing.png: no such file; check the path",
        "empty: the folder holds no photos or footage; name another folder, or the files themselves",
        "none*.jpg: no file matches this pattern; check the path",
        r"broken\xff.jpg: the photo is cut off or damaged (not identified by this driver); "
        "copy it again from where it came from",
        None,
    ]


def test_without_listener_the_failure_comes_at_the_end(folder: Path) -> None:
    found: list[lpr.Scanned] = []
    with pytest.raises(lpr.SourceError, match=r"^nix.png: no such file; check the path \(and 1 more\)$"):
        for scanned in lpr.scan(["nix.png", "photos/a.png", "nox.png"], fake_recognizer()):
            found.append(scanned)
    assert texts(found) == ["ABC1234", "XYZ0O8"]


def test_names_that_come_one_by_one_are_scanned_one_by_one(folder: Path) -> None:
    asked: list[str] = []

    def names() -> Any:
        for name in ("photos/a.png", "photos/b.png"):
            asked.append(name)
            yield name

    found = lpr.scan(names(), fake_recognizer())
    next(found)
    assert asked == ["photos/a.png"]
    found.close()


def test_the_last_one_to_scan_a_file_goes_on(scans: Scans, folder: Path) -> None:
    """Two lpr at once: the first one's rows go, its next write fails, nothing is there twice."""
    write_footage(Path("clip.mkv"), [(BLUE, 2, 14), (RED, 70, 80), (GREEN, 140, 150)], 210)
    events: list[Event] = []
    first = lpr.scan(["clip.mkv"], fake_recognizer(), database=scans.database, every=1, on_event=events.append)
    assert next(first).sighting.text == "AL5SHOP"
    with lpr.open_database(folder / "lpr.db") as other:
        assert texts(Scans(other)("clip.mkv", every=1)) == ["AL5SHOP", "ABC1234", "XYZ0O8"]
    assert list(first) == []
    (ended,) = [event for event in events if isinstance(event, Ended)]
    assert ended.error == "clip.mkv: another lpr began to scan this file; what it finds is on record"
    assert (scans.count("scans"), scans.count("sightings")) == (1, 3)


class Several(lpr.Recognizer):
    """A recognizer of which there are as many as one likes."""

    def copies(self, count: int) -> list[lpr.Recognizer]:
        return [fake_recognizer() for _ in range(count)]


def test_several_files_at_a_time_come_to_the_same_as_one_by_one(folder: Path) -> None:
    names = []
    for number, colour in enumerate((BLUE, RED, GREEN)):
        names.append(f"clip{number}.mkv")
        write_footage(Path(names[-1]), [(colour, 2, 14)], 40 + 20 * number)
    Path("broken.mkv").write_bytes(b"no film")
    ways: dict[int, list[str]] = {}
    for jobs in (1, 2):
        scans = Scans(lpr.open_database(folder / f"jobs{jobs}.db"))
        several = Several(FakeDetector(), FakeReader(), version="fake 1")
        found = scans(*names, "broken.mkv", recognizer=several, jobs=jobs)
        ways[jobs] = sorted(texts(found))
        assert sorted(scans.ended()) == [("broken.mkv", "failed"), *((name, "done") for name in names)]
        assert [scans.count(table) for table in ("scans", "sightings")] == [4, 3]
    assert ways[1] == ways[2] == ["ABC1234", "AL5SHOP", "XYZ0O8"]
    assert "lpr decode" not in [thread.name for thread in threading.enumerate()]


KILLED = """
import sys, time
sys.path[:0] = [{root!r}, {tests!r}]
import conftest
from cli.main import cli

class Slow(conftest.FakeDetector):
    def detect(self, image):
        time.sleep({delay})
        return super().detect(image)

cli(["scan", "photos", "clip.mkv", "--every", "1", "--nl"],
    obj=conftest.Recognizer(Slow(), conftest.FakeReader(), version="fake 1"), prog_name="lpr")
"""


def _start(folder: Path, delay: float) -> subprocess.Popen[str]:
    code = KILLED.format(root=str(ROOT), tests=str(ROOT / "tests"), delay=delay)
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, "LPR_DB": str(folder / "lpr.db")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _record(file: Path) -> list[list[dict[str, Any]]]:
    """All that a scan leaves, but for row numbers and clocks."""
    own = {"id", "created_at", "started_at", "finished_at", "run", "imported_at", "path"}
    with lpr.open_database(file, readonly=True) as database:
        return [
            [
                {column: value for column, value in row.items() if column not in own}
                for row in database.rows(f"SELECT * FROM {table} ORDER BY id")
            ]
            for table in ("sources", "scans", "sightings", "reads", "hits")
        ]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_scan_that_was_stopped_goes_on_and_nothing_is_there_twice(folder: Path, how: signal.Signals) -> None:
    write_footage(Path("clip.mkv"), [(BLUE, 2, 14), (RED, 70, 80), (GREEN, 140, 150)], 210)
    for name in ("whole.db", "lpr.db"):
        with lpr.open_database(name) as database:
            lpr.HotLists(database).import_file("wanted.csv", "wanted")
    with lpr.open_database("whole.db") as database:
        assert len(list(lpr.scan(["photos", "clip.mkv"], fake_recognizer(), database=database, every=1))) == 6

    process = _start(folder, 0.02)
    assert process.stdout is not None
    # Three plates of the photos, then the first passing in the footage.
    printed = [process.stdout.readline() for _ in range(4)]
    assert "AL5SHOP" in printed[-1]
    process.send_signal(how)
    _, stderr = process.communicate(timeout=20)
    if how == signal.SIGINT:
        assert (process.returncode, stderr) == (
            130,
            "Interrupted: all rows are on record, the same command goes on.\n",
        )
    with lpr.open_database("lpr.db", readonly=True) as database:
        assert [row["status"] for row in database.rows("SELECT status FROM scans")] == ["done", "done", "running"]
        assert len(database.rows("SELECT 1 FROM sightings")) == 4

    began = time.monotonic()
    process = _start(folder, 0)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 0, stderr
    assert len(stdout.splitlines()) == 6
    assert "2 files skipped" in stderr
    assert time.monotonic() - began < 30
    assert _record(folder / "lpr.db") == _record(folder / "whole.db")
