"""Retention: what goes and what stays, that it is gone from every byte, and that its counts and the trail remain."""

from __future__ import annotations

import json
import random
import string
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sightings import sighting

import lpr
from cli.main import cli
from lpr.hotlist.alert import attach_crop, decide, raise_alerts
from lpr.hotlist.report import report
from lpr.records import numbering
from lpr.records.cameras import put_camera
from lpr.records.holds import Hold, place, release
from lpr.records.pictures import add_picture
from lpr.records.policy import parse_policy
from lpr.records.purge import purge
from lpr.records.retention import Retention, parse_age, presets
from lpr.records.row import read_to_record, to_record
from lpr.records.scans import File, Method, Scan
from lpr.records.schedule import Schedule
from lpr.records.schema import Database, now, timestamp
from lpr.records.scrub import scrub
from lpr.records.trail import ERASED, accesses
from lpr.records.verify import anchor, verify
from lpr.scanned import hit_record

TODAY = datetime(2026, 3, 1, tzinfo=timezone.utc)
DAY = timedelta(days=1)
MONTH = Retention(sightings=30 * DAY)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("LPR_POLICY", "LPR_KEY", "LPR_PURPOSE", "LPR_CASE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LPR_DB", str(tmp_path / "lpr.db"))
    return tmp_path / "lpr.db"


@pytest.fixture
def database(file: Path) -> Iterator[Database]:
    with lpr.open_database(file) as database:
        yield database


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, words, catch_exceptions=False)


class Filler:
    """Puts sightings on record as a scan does, with their reads, hits, alerts and pictures."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.folder = database, folder
        self.number = 0
        source = {"name": "north.mp4", "path": "/north.mp4", "sha256": "0", "bytes": 1, "kind": "footage"}
        row = {"lpr_version": "1", "version": "1", "settings": "{}", "run": "r", "status": "done"}
        source_id = database.insert("sources", {**source, "created_at": now()})
        self.scan = database.insert("scans", {**row, "source_id": source_id, "started_at": timestamp(TODAY - 90 * DAY)})

    def add(
        self, text: str, taken_at: datetime | None, others: tuple[str, ...] = (), created_at: datetime | None = None
    ) -> int:
        self.number += 1
        seen = sighting(text, taken_at, self.number, others)
        row = {"scan_id": self.scan, "number": self.number, "created_at": timestamp(created_at or TODAY - 60 * DAY)}
        sighting_id = self.database.insert("sightings", {**row, **to_record(seen)})
        transcript = lpr.Transcript(seen.raw, text, 0.9, seen.characters, seen.candidates)
        read = lpr.Read("north.mp4", self.number, float(self.number), taken_at, lpr.PlateBox(seen.box, 0.9), transcript)
        self.database.insert("reads", {"scan_id": self.scan, "number": 1, **read_to_record(read)})
        hits = lpr.HotLists(self.database).match(seen)
        for hit in hits:
            columns = {"sighting_id": sighting_id, **hit_record(hit), "created_at": row["created_at"]}
            self.database.insert("hits", columns)
        crop = self.folder / f"{text}-{self.number}.png"
        crop.write_bytes(text.encode())
        add_picture(self.database, crop, "crop", [sighting_id])
        if alerts := raise_alerts(self.database, sighting_id, seen, hits, cooldown=-1.0):
            attach_crop(self.database, alerts, crop)
            self.database.execute("UPDATE alerts SET raised_at = ? WHERE id = ?", (row["created_at"], alerts[0]))
        return sighting_id


@pytest.fixture
def filler(database: Database, tmp_path: Path) -> Filler:
    (tmp_path / "crops").mkdir()
    return Filler(database, tmp_path / "crops")


def texts(database: Database) -> list[str]:
    return [row["text"] for row in database.rows("SELECT text FROM sightings ORDER BY id")]


#: Columns that may hold a plate that was read, and how a purge deals with them.
PURGED = {
    "sightings": {"raw", "text", "characters", "candidates"},
    "texts": {"text"},
    "reads": {"raw", "text", "characters", "candidates"},
    "hits": {"plate", "differs"},
    "alerts": {"text", "plate", "candidate", "differs", "crop", "rule", "note"},
    "alert_events": {"note"},
    "pictures": {"path"},
    "audit_plates": {"text"},
    "corrections": {"text", "note"},
}
#: Columns of texts that hold no plate that was read: times, names, hashes, and what people say on lists and in holds,
#: which have retentions of their own.
FREE = {
    "sources": {"name", "path", "sha256", "kind", "created_at"},
    "scans": {
        *("lpr_version", "version", "settings", "run", "started_at", "finished_at", "status", "error", "counts"),
        "checkpoint",  # counts and places
    },
    "sightings": {
        "taken_at",
        "box",
        "jurisdiction",
        "created_at",
        "direction",
        "plate_hash",
        "entered",
        "exited",
        "picture_sha256",
    },
    "reads": {"taken_at", "box", "jurisdiction"},
    "hits": {"list", "state", "tier", "state_agreement", "created_at"},
    "alerts": {
        *("status", "raised_at", "source", "taken_at", "last_taken_at", "box", "read_state", "list", "state", "reason"),
        *("tier", "state_agreement", "seen_at", "seen_by", "decision", "decided_at", "decided_by"),
    },
    "alert_events": {"at", "by", "event", "decision"},
    "pictures": {"kind", "created_at"},
    "corrections": {"created_at", "created_by", "state", "purpose", "case_number"},
    "holds": {
        *("placed_at", "placed_by", "reason", "case_number", "plate", "list", "camera", "source", "since", "until"),
        *("released_at", "released_by"),
    },
    "purged": {"day", "what", "list"},
    "audit": {
        *("at", "event", "user", "host", "organisation", "command", "elements", "plates", "purpose", "case_number"),
        *("outcome", "digest", "policy", "previous", "hash"),
    },
    "hotlists": {
        *("name", "kind", "created_at", "imported_at", "source_file", "source_sha256", "origin", "dated_at", "tiers"),
        *("format",),
    },
    "entries": {
        *("plate", "text", "key", "look_alike_key", "state", "reason", "created_at", "created_by", "removed_at"),
        *("removed_by", "expires_at", "details", "effective_at"),
    },
    "changes": {
        *("changed_at", "changed_by", "purpose", "case_number", "action", "list", "key", "plate", "before", "after"),
    },
    "ignored": {"plate", "key", "reason", "created_at", "created_by"},
    "cameras": {"name", "created_at", "address", "region"},
    "camera_health": {"watcher", "updated_at", "health"},
    "incidents": {
        *("kind", "at", "reference", "system", "address", "note", "details", "created_at", "created_by"),
    },
}


def test_every_column_of_texts_is_known_to_the_purge(database: Database) -> None:
    """A new table or column fails here until somebody says how a purge deals with it."""
    tables = [
        row["name"]
        for row in database.rows("PRAGMA table_list")
        if row["schema"] == "main" and "sqlite" not in row["name"] and row["type"] in ("table", "virtual", "shadow")
    ]
    unknown = [
        f"{table}.{column['name']}"
        for table in tables
        for column in database.rows(f"PRAGMA table_xinfo({table})")
        if column["type"] in ("TEXT", "BLOB", "ANY", "") and column["hidden"] != 2  # generated: never stored alone
        if column["name"] not in PURGED.get(table, set()) | FREE.get(table, set())
    ]
    assert unknown == [], "say in lpr/records/purge.py how these go, and then here"


def random_plate(chance: random.Random) -> str:
    return "".join(chance.choices(string.ascii_uppercase + string.digits, k=7))


def test_after_a_purge_no_purged_plate_is_in_any_byte(database: Database, filler: Filler, file: Path) -> None:
    chance = random.Random(3)
    gone: set[str] = set()
    kept: set[str] = set()
    lists = lpr.HotLists(database)
    with database.atomic():
        for number in range(1200):
            old = chance.random() < 0.5
            text, other = random_plate(chance), random_plate(chance)
            if number % 100 == 0:
                lists.add(text, "bolo", "AL", "test")
            taken_at = TODAY - (40 if old else 10) * DAY + timedelta(seconds=number)
            filler.add(text, taken_at, (other,))
            (gone if old and number % 100 else kept).update((text, other))
    for text in sorted(gone)[:50]:
        with lpr.audited(database, "search", {"camera": "north"}, lpr.Why("test"), [text.lower()]):
            pass
    for alert in database.rows("SELECT id, text FROM alerts"):
        decide(database, alert["id"], "other", "looked at")
    head = anchor(database)
    assert head is not None

    done = purge(database, moment=TODAY, retention=MONTH)
    assert done.problems == ()
    assert done.sightings == done.reads == done.pictures == len(gone) // 2
    assert done.plates_asked == 50

    for path in file.parent.rglob("*"):
        assert not any(text in path.name for text in gone), path
        if path.is_file():
            data = path.read_bytes()
            assert [text for text in gone if text.encode() in data] == [], path
            # Nor as the parts of a raw text or of a list of characters.
            assert [text for text in gone if f"{text[:3]}-{text[3:]}".encode() in data] == [], path
    assert all(text.encode() in file.read_bytes() for text in kept)
    assert verify(database, [head]) == []
    asked = [one for one in accesses(database) if one.command == "search"]
    assert {one.plates for one in asked} == {(ERASED,)}
    (told,) = [one for one in accesses(database) if one.command == "purge"]
    assert told.notes["sightings"] == done.sightings
    assert database.rows("PRAGMA integrity_check") == [{"integrity_check": "ok"}]


def test_what_is_overwritten_beside_a_writer_is_what_was_deleted(
    database: Database, filler: Filler, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lpr.records.scrub._STEP", 8)
    chance = random.Random(6)
    with database.atomic():
        for number in range(800):
            filler.add(random_plate(chance), TODAY - (40 if number % 3 else 10) * DAY, (random_plate(chance),))
    gone = {
        row["text"]
        for row in database.rows("SELECT text FROM sightings WHERE taken_at < ?", (timestamp(TODAY - 30 * DAY),))
    }
    written: list[str] = []
    ended = threading.Event()

    def write() -> None:
        with lpr.open_database(file) as other:
            while not ended.is_set():
                written.append(f"{len(written)}")
                other.execute("UPDATE sources SET name = ?", (written[-1],))
                row = {"scan_id": filler.scan, "number": 10_000 + len(written), "created_at": timestamp(TODAY)}
                seen = sighting(f"NEW{len(written):04}", TODAY)
                other.insert("sightings", {**row, **to_record(seen)})
                time.sleep(0.003)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        done = purge(database, moment=TODAY, retention=MONTH)
    finally:
        ended.set()
        writer.join()
    assert done.problems == ()
    assert done.sightings == len(gone)
    assert database.rows("PRAGMA integrity_check") == [{"integrity_check": "ok"}]
    assert database.rows("SELECT name FROM sources") == [{"name": written[-1]}]
    (new,) = database.rows("SELECT count(*) AS n FROM sightings WHERE number > 10000")
    assert new["n"] == len(written)
    database.checkpoint(truncate=True)
    data = file.read_bytes()
    assert [text for text in gone if text.encode() in data] == []


def test_scrubbing_leaves_everything_as_it_is(database: Database, filler: Filler) -> None:
    chance = random.Random(4)
    with database.atomic():
        for _ in range(300):
            filler.add(random_plate(chance), TODAY, (random_plate(chance),))
    database.execute("DELETE FROM readings WHERE sighting_id % 3 = 0")
    tables = ("sightings", "texts", "readings", "reads", "pictures")
    before = {table: database.rows(f"SELECT * FROM {table}") for table in tables}
    assert scrub(database)
    with lpr.open_database(database.file) as fresh:
        assert {table: fresh.rows(f"SELECT * FROM {table}") for table in tables} == before
        assert fresh.rows("PRAGMA integrity_check") == [{"integrity_check": "ok"}]


@pytest.mark.parametrize(
    "taken, created, clock, goes",
    [
        (31, 5, "capture", True),
        (31, 5, "record", False),
        (None, 31, "capture", True),
        (None, 5, "capture", False),
        (5, 31, "capture", False),
        (5, 31, "record", True),
        (30, 30, "capture", False),  # not older than the age
    ],
)
def test_from_when_ages_count(
    database: Database, filler: Filler, taken: int | None, created: int, clock: str, goes: bool
) -> None:
    filler.add("ABC1234", None if taken is None else TODAY - taken * DAY, created_at=TODAY - created * DAY)
    retention = replace(MONTH, clock=clock)
    assert purge(database, dry_run=True, moment=TODAY, retention=retention).sightings == int(goes)
    assert purge(database, moment=TODAY, retention=retention).sightings == int(goes)
    assert texts(database) == ([] if goes else ["ABC1234"])


def test_hits_are_kept_by_list_and_case(database: Database, filler: Filler) -> None:
    lists = lpr.HotLists(database)
    lists.add("AAA1111", "stolen", "AL", "test")
    lists.add("BBB2222", "parking", "AL", "test")
    lists.add("CCC3333", "parking", "AL", "test", details={"case": "26-1"})
    for text in ("AAA1111", "BBB2222", "CCC3333", "DDD4444"):
        filler.add(text, TODAY - 60 * DAY)
    retention = Retention(30 * DAY, hits=365 * DAY, lists={"Parking": 45 * DAY}, cases={"26-1": None})
    planned = purge(database, dry_run=True, moment=TODAY, retention=retention)
    assert (planned.sightings, planned.hits, planned.alerts) == (2, 1, 1)
    assert len(texts(database)) == 4
    done = purge(database, moment=TODAY, retention=retention)
    assert (done.sightings, done.hits, done.alerts, done.reads, done.pictures) == (2, 1, 1, 2, 2)
    assert texts(database) == ["AAA1111", "CCC3333"]
    assert sorted(path.name for path in filler.folder.iterdir()) == ["AAA1111-1.png", "CCC3333-3.png"]
    later = purge(database, moment=TODAY + 400 * DAY, retention=retention)
    assert (later.hits, texts(database)) == (1, ["CCC3333"])


@pytest.mark.parametrize(
    "hold",
    [
        Hold("order", plate="abc-1234"),
        Hold("order", plate="A8C1234"),  # a look-alike
        Hold("order", plate="XYZ9999"),  # another candidate
        Hold("order", source="north.mp4"),
        Hold("order", sighting=1),
        Hold("order", since=timestamp(TODAY - 41 * DAY), until=timestamp(TODAY - 39 * DAY)),
        Hold("order", case="26-1", plate="ABC1234"),
    ],
)
def test_a_hold_keeps_what_is_due_until_it_is_released(database: Database, filler: Filler, hold: Hold) -> None:
    filler.add("ABC1234", TODAY - 40 * DAY, ("XYZ9999",))
    hold_id = place(database, hold)
    planned = purge(database, dry_run=True, moment=TODAY, retention=MONTH)
    assert (planned.sightings, planned.held) == (0, 1)
    purge(database, moment=TODAY, retention=MONTH)
    assert texts(database) == ["ABC1234"]
    assert len(database.rows("SELECT * FROM reads")) == 1
    release(database, hold_id)
    assert purge(database, moment=TODAY, retention=MONTH).sightings == 1


def test_a_hold_of_a_case_keeps_its_hits(database: Database, filler: Filler) -> None:
    lpr.HotLists(database).add("ABC1234", "bolo", "AL", "test", details={"case": "26-1"})
    filler.add("ABC1234", TODAY - 40 * DAY)
    place(database, Hold("trial", case="26-1"))
    assert purge(database, moment=TODAY, retention=replace(MONTH, hits=DAY)).hits == 0
    assert texts(database) == ["ABC1234"]


def test_a_hold_must_hold_something_and_say_why(database: Database) -> None:
    with pytest.raises(lpr.RecordsError, match="needs something to hold"):
        place(database, Hold("order"))
    with pytest.raises(lpr.RecordsError, match="needs a reason"):
        place(database, Hold(" ", plate="ABC1234"))
    with pytest.raises(lpr.RecordsError, match="there is no hold 7 in force"):
        release(database, 7)


def test_the_counts_of_yearly_reports_stay(database: Database, filler: Filler) -> None:
    lpr.HotLists(database).add("AAA1111", "stolen", "AL", "test")
    for text in ("AAA1111", "BBB2222", "CCC3333"):
        filler.add(text, TODAY - 60 * DAY)
    decide(database, 1, "misread")
    period = (timestamp(TODAY - 61 * DAY), timestamp(TODAY - 59 * DAY))
    before = report(database, *period)
    assert (before[0].plates_scanned, before[0].matches, before[0].alerts, before[0].misread) == (3, 1, 1, 1)
    assert purge(database, moment=TODAY, retention=replace(MONTH, hits=30 * DAY)).sightings == 3
    assert report(database, *period) == before


def test_a_plate_that_was_asked_for_stays_while_it_is_on_record_or_listed(database: Database, filler: Filler) -> None:
    lpr.HotLists(database).add("LST1111", "bolo", "AL", "test")
    filler.add("OLD1111", TODAY - 60 * DAY)
    filler.add("OLD1111", TODAY - 1 * DAY)
    for plate in ("OLD1111", "LST1111", "NVR1111"):
        with lpr.audited(database, "search", None, lpr.Why("test"), [plate]):
            pass
    assert purge(database, moment=TODAY, retention=MONTH).plates_asked == 0
    assert purge(database, moment=TODAY + 60 * DAY, retention=MONTH).plates_asked == 1
    assert [one.plates for one in accesses(database) if one.command == "search"] == [
        (ERASED,),
        ("LST1111",),
        ("NVR1111",),
    ]


def test_plates_asked_for_go_by_age_where_the_policy_says_so(database: Database, filler: Filler) -> None:
    filler.add("OLD1111", TODAY - 60 * DAY)
    with lpr.audited(database, "search", None, lpr.Why("test"), ["OLD1111"]):
        pass
    year = replace(MONTH, asked=365 * DAY)
    assert purge(database, moment=TODAY, retention=year).plates_asked == 0
    filler.add("NEW1111", TODAY)
    assert purge(database, moment=datetime.now(timezone.utc) + 366 * DAY, retention=year).plates_asked == 1
    assert verify(database) == []


def test_writers_get_their_turn_while_a_purge_runs(
    database: Database, filler: Filler, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The figures are those of the benchmark; here only that a writer is never kept until the end."""
    monkeypatch.setattr("lpr.records.deletion.STEP", 0.002)
    chance = random.Random(5)
    with database.atomic():
        for number in range(1500):
            filler.add(random_plate(chance), TODAY - 40 * DAY + timedelta(seconds=number))
    waits: list[float] = []
    steps: list[int] = []
    ended = threading.Event()

    def write() -> None:
        with lpr.open_database(file) as other:
            while not ended.is_set():
                began = time.monotonic()
                with other.atomic():
                    other.execute("UPDATE scans SET frames = frames + 1")
                waits.append(time.monotonic() - began)
                time.sleep(0.005)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert purge(database, moment=TODAY, retention=MONTH, on_step=steps.append).sightings == 1500
    finally:
        ended.set()
        writer.join()
    assert len(steps) > 3
    assert len(waits) > 5


def test_what_a_killed_purge_left_is_found_again_or_goes_with_the_next(database: Database, filler: Filler) -> None:
    for number in range(300):
        filler.add(f"ABC{number:04}", TODAY - 40 * DAY + timedelta(seconds=number), (f"XYZ{number:04}",))

    def die(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        purge(database, moment=TODAY, retention=MONTH, on_step=die)
    # Some are no longer found by their text, but still there.
    assert len(texts(database)) == 300
    assert len(database.rows("SELECT * FROM readings")) < 600
    # By another policy they stay: they are found again.
    assert purge(database, moment=TODAY, retention=Retention(sightings=90 * DAY)).sightings == 0
    assert len(database.rows("SELECT * FROM readings")) == 600
    with pytest.raises(KeyboardInterrupt):
        purge(database, moment=TODAY, retention=MONTH, on_step=die)
    assert purge(database, moment=TODAY, retention=MONTH).sightings == 300
    assert database.rows("SELECT text FROM texts UNION ALL SELECT text FROM sightings") == []


def test_a_sighting_that_hits_while_the_purge_runs_stays_and_is_found(database: Database, filler: Filler) -> None:
    for number in range(300):
        filler.add(f"ABC{number:04}", TODAY - 40 * DAY + timedelta(seconds=number), ("XYZ9999",))
    columns = "list, plate, tier, differs, score, state_agreement, created_at"
    hit = f"INSERT INTO hits (sighting_id, {columns}) SELECT 300, 'bolo', 'ABC0299', 'exact', '[]', 1, 'unknown', ?"
    with lpr.open_database(database.file) as other:

        def look_back(_: int) -> None:
            other.execute(f"{hit} WHERE NOT EXISTS (SELECT 1 FROM hits)", (timestamp(TODAY),))

        assert purge(database, moment=TODAY, retention=MONTH, on_step=look_back).sightings == 299
    said = "SELECT text FROM texts JOIN readings ON text_id = texts.id WHERE sighting_id = 300 ORDER BY rank"
    assert [row["text"] for row in database.rows(said)] == ["ABC0299", "XYZ9999"]
    assert len(database.rows("SELECT * FROM texts")) == 2


def test_a_schedule_overwrites_what_an_earlier_run_left_behind(
    database: Database, filler: Filler, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (file.parent / "lpr-policy.toml").write_text('[retention]\nsightings = "1d"\n')
    filler.add("ABC1234", TODAY - 40 * DAY)
    looked: list[Path] = []
    monkeypatch.setattr("lpr.records.purge.scrub", lambda one: looked.append(one.file) or True)
    assert purge(database, overwrite=False).sightings == 1
    assert looked == []
    schedule = Schedule(database, aside=True)
    schedule.tick()
    schedule.close()
    assert (looked, schedule.problems) == ([file], [])
    schedule = Schedule(database, aside=True)
    schedule.tick()
    schedule.close()
    assert looked == [file]


def test_the_number_of_a_purged_sighting_is_not_given_again(database: Database) -> None:
    file, method = File("a.mp4", "/a.mp4", "0", 1), Method("0", "v", "{}", "{}")
    scan = Scan.begin(database, file, "footage", method, again=False)
    assert scan is not None
    old = [sighting(f"ABC{number:04}", TODAY - 40 * DAY, number) for number in range(3)]
    assert scan.add_all(old) == [1, 2, 3]
    assert purge(database, moment=TODAY, retention=MONTH).sightings == 3
    assert scan.add_all(old) == [4, 5, 6]
    assert report(database, timestamp(TODAY - 90 * DAY), "2100") == []  # no list, and no count of any


def test_the_number_of_a_purged_alert_is_not_given_again(database: Database, filler: Filler) -> None:
    run("hotlist", "add", "ABC1234", "--list", "bolo", "--reason", "stolen vehicle")
    for _ in range(2):
        filler.add("ABC1234", TODAY - 40 * DAY)
    assert [row["id"] for row in database.rows("SELECT id FROM alerts")] == [1, 2]
    assert purge(database, moment=TODAY, retention=Retention(30 * DAY, hits=30 * DAY)).alerts == 2
    filler.add("ABC1234", TODAY)
    assert [row["id"] for row in database.rows("SELECT id FROM alerts")] == [3]


def test_the_last_number_is_found_without_looking_at_all_sightings(database: Database) -> None:
    """It is looked up while nobody else can write."""
    plan = database.rows("EXPLAIN QUERY PLAN " + numbering._REMEMBER.format("sightings"), ("last sighting",))
    assert not [row["detail"] for row in plan if row["detail"].startswith("SCAN sightings")]


def test_squares_go_with_the_last_sighting_of_their_camera(database: Database, filler: Filler) -> None:
    old, new = filler.add("ABC1234", TODAY - 40 * DAY), filler.add("ABC1235", TODAY)
    put_camera(database, "left")
    put_camera(database, "stays")
    for camera, sighting_id in ((1, old), (2, new)):
        database.execute(
            "UPDATE sightings SET camera_id = ?, latitude = 10, longitude = 20 WHERE id = ?", (camera, sighting_id)
        )
    known = "SELECT camera_id FROM squares ORDER BY 1"
    assert [row["camera_id"] for row in database.rows(known)] == [1, 2]
    assert purge(database, moment=TODAY, retention=MONTH).sightings == 1
    assert [row["camera_id"] for row in database.rows(known)] == [2]


def test_nothing_due_leaves_nothing_on_the_trail(database: Database, filler: Filler) -> None:
    filler.add("ABC1234", TODAY)
    assert purge(database, moment=TODAY, retention=MONTH).sightings == 0
    assert purge(database, moment=TODAY, retention=Retention()).sightings == 0
    assert [one.command for one in accesses(database)] == []


def test_files_of_the_policys_folders_go(database: Database, tmp_path: Path) -> None:
    import os

    folder = tmp_path / "debug"
    (folder / "deep").mkdir(parents=True)
    for name, age in (("old.png", 40), ("deep/old.jpg", 40), ("new.png", 1)):
        path = folder / name
        path.write_bytes(b"x")
        moment = (TODAY - age * DAY).timestamp()
        os.utime(path, (moment, moment))
    retention = replace(MONTH, folders=(folder,))
    assert purge(database, dry_run=True, moment=TODAY, retention=retention).files == 2
    assert purge(database, moment=TODAY, retention=retention).files == 2
    assert [path.name for path in folder.rglob("*.*")] == ["new.png"]


def test_the_command_tells_first_and_deletes_with_yes(database: Database, filler: Filler, file: Path) -> None:
    (file.parent / "lpr-policy.toml").write_text('[retention]\npreset = "us-va"\n')
    filler.add("ABC1234", TODAY - 400 * DAY)
    told = run("purge")
    assert told.stdout == "Would delete: 1 sighting, 1 read of a single frame, 1 picture\n"
    assert texts(database) == ["ABC1234"]
    assert run("hold", "add", "--plate", "ABC1234", "--reason", "order").stdout == "Hold 1 is in force\n"
    assert "Held: 1 sighting" in run("purge", "--yes").stdout
    assert json.loads(run("hold", "list", "--json").stdout)[0]["plate"] == "A8C1234"
    assert run("hold", "release", "1").exit_code == 0
    assert run("purge", "--yes").stdout == (
        "Deleted: 1 sighting, 1 read of a single frame, 1 picture, 1 plate in the audit trail's clear text\n"
    )
    assert texts(database) == []
    assert json.loads(run("hold", "list", "--all", "--json").stdout)[0]["plate"] is None
    assert run("purge").stdout == "Nothing is due\n"


def test_without_a_policy_nothing_is_due(file: Path, database: Database, filler: Filler) -> None:
    filler.add("ABC1234", TODAY - 4000 * DAY)
    told = run("purge", "--yes")
    assert (told.stdout, "sets no retention" in told.stderr) == ("Nothing is due\n", True)


def test_presets_that_nobody_confirmed_are_told(file: Path, database: Database) -> None:
    assert (
        "Not confirmed by reading the law, but known from second hand: us-me, us-va, us-wa"
        in run("purge", "--presets").stderr
    )
    for preset, warns in (("us-va", True), ("us-nh", False), ("us-tn", False)):
        (file.parent / "lpr-policy.toml").write_text(f'[retention]\npreset = "{preset}"\n')
        assert (f"the preset {preset} (" in run("purge").stderr) == warns
    (file.parent / "lpr-policy.toml").write_text('[retention]\npreset = "us-va"\nsightings = "10d"\n')
    assert "us-va" not in run("purge").stderr


def test_presets_have_ages_and_sources() -> None:
    assert parse_age(presets()["us-nh"].age) == timedelta(minutes=3)
    for preset in presets().values():
        assert parse_age(preset.age) is not None and preset.source


@pytest.mark.parametrize(
    "written, told",
    [
        ('preset = "us-xx"', "there is no preset 'us-xx'"),
        ("sightings = 30", 'write "21d", in quotation marks'),
        ('sightings = "30"', "'30' is no age; write 3min"),
        ('clock = "mine"', "not capture or record"),
        ('days = "1d"', r"\[retention\] has no 'days'"),
    ],
)
def test_a_retention_that_is_wrong_says_where(tmp_path: Path, written: str, told: str) -> None:
    with pytest.raises(lpr.PolicyError, match=told):
        parse_policy(tmp_path / "p.toml", f"[retention]\n{written}\n".encode())


def test_an_own_age_goes_before_the_presets(tmp_path: Path) -> None:
    said = b'[retention]\npreset = "us-nh"\nhits = "2y"\n[retention.lists]\nbolo = "forever"\n[audit]\nplates = "1y"\n'
    found = parse_policy(tmp_path / "p.toml", said).retention
    assert (found.sightings, found.hits, found.asked) == (timedelta(minutes=3), 730 * DAY, 365 * DAY)
    assert found.of_hit("BOLO", None) is None
    assert (
        parse_policy(tmp_path / "p.toml", said.replace(b'hits = "2y"', b'sightings = "1d"')).retention.sightings == DAY
    )


def test_the_example_policy_is_one() -> None:
    path = Path(__file__).resolve().parent.parent / "hotlists" / "policy.toml"
    found = parse_policy(path, path.read_bytes())
    assert found.organisation and found.retention.sightings == timedelta(minutes=3)


def test_the_statutory_counts_hold_accesses_and_what_is_gone(file: Path, database: Database, filler: Filler) -> None:
    lpr.HotLists(database).add("AAA1111", "stolen", "AL", "test")
    for text in ("AAA1111", "BBB2222"):
        filler.add(text, TODAY - 60 * DAY)
    purge(database, moment=TODAY, retention=replace(MONTH, hits=30 * DAY))
    assert run("hotlist", "check", "AAA1111", "--purpose", "training").exit_code == 0
    rows = json.loads(run("audit", "report", "--json").stdout)
    found = {(row["what"], row["of"]): row["count"] for row in rows}
    assert found["plates scanned", ""] == found["sightings of the period deleted since", ""] == 2
    assert found["matches by list", "stolen"] == found["undecided by list", "stolen"] == 1
    assert found["accesses by command", "hotlist check"] == found["accesses by purpose", "training"] == 1
    assert found["accesses by command", "purge"] == 1
