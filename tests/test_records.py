"""The database: its schema, what it refuses, who may read it, and several programs at once."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest

import lpr
from lpr.normalize import ALPHABET, look_alike_key
from lpr.records.row import from_record, to_record, to_row
from lpr.records.schema import default_path, timestamp
from lpr.records.tables import MIGRATIONS

NOW = "2026-01-02T03:04:05.000+00:00"
SIGHTING = lpr.Sighting(
    source="a.jpg",
    frame=7,
    seconds=0.28,
    taken_at=datetime(2026, 1, 2, 4, 4, 5, 678000, timezone(timedelta(hours=1))),
    first_seen=0.0,
    last_seen=1 / 3,
    reads=3,
    raw="0O1-E5",
    text="0O1E5",
    confidence=0.5,
    characters=(lpr.Character("0", 0.5), lpr.Character("O", 0.75)),
    candidates=(lpr.Candidate("0O1E5", 0.4), lpr.Candidate("001E5", 1e-9)),
    box=lpr.Box(1, 2, 30, 12),
    detector_confidence=0.875,
    jurisdiction=lpr.Jurisdiction("us-al", 0.25),
    camera="gate",
    latitude=33.5207,
    longitude=-86.8025,
    direction="leaving",
    entered="left",
    exited="top",
    dwell=1 / 3,
    picture_sha256="ab" * 32,
)


@pytest.fixture
def database(tmp_path: Path) -> lpr.Database:
    return lpr.open_database(tmp_path / "lpr.db")


TABLES = (
    "sources",
    "scans",
    "sightings",
    "reads",
    "hits",
    "changes",
    "audit",
    "audit_plates",
    "ignored",
    "hotlists",
    "entries",
    "alerts",
    "alert_sightings",
    "alert_events",
    "cameras",
    "camera_health",
    "texts",
    "readings",
    "incidents",
    "pictures",
    "holds",
    "purged",
    "corrections",
)


def test_the_schema(database: lpr.Database) -> None:
    """What the migrations make, so that none of them changes unnoticed."""
    columns = {
        row["name"]: [column["name"] for column in database.rows(f"PRAGMA table_info({row['name']})")]
        for row in database.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%sqlite%'")
    }
    said = ["raw", "text", "confidence", "characters", "candidates", "box", "detector_confidence"]
    state = ["jurisdiction", "jurisdiction_confidence"]
    assert {name: columns[name] for name in TABLES} == {
        "sources": ["id", "name", "path", "sha256", "bytes", "kind", "created_at"],
        "scans": [
            *("id", "source_id", "lpr_version", "version", "settings", "run", "started_at", "finished_at"),
            *("status", "error", "frames", "counts", "replaced_by", "checkpoint"),
        ],
        "sightings": [
            *("id", "scan_id", "number", "frame", "seconds", "taken_at", "first_seen", "last_seen", "reads"),
            *(*said, *state, "created_at", "camera_id", "latitude", "longitude", "direction"),
            *("entered", "exited", "dwell", "picture_sha256", "plate_hash"),
        ],
        "pictures": ["id", "sighting_id", "kind", "path", "created_at"],
        "holds": [
            *("id", "placed_at", "placed_by", "reason", "case_number", "plate", "list", "camera", "source"),
            *("sighting_id", "since", "until", "released_at", "released_by"),
        ],
        "purged": ["day", "what", "list", "count"],
        "corrections": [
            *("id", "sighting_id", "text", "state", "note", "purpose", "case_number", "created_at", "created_by"),
            *("replaced_by",),
        ],
        "reads": ["id", "scan_id", "number", "frame", "seconds", "taken_at", *said, *state],
        "hits": [
            *("id", "sighting_id", "entry_id", "list", "plate", "state", "tier", "differs", "score"),
            *("state_agreement", "created_at", "historical", "stale"),
        ],
        "changes": [
            *("id", "changed_at", "changed_by", "purpose", "case_number", "action", "list_id", "list", "key", "plate"),
            *("before", "after", "audit_id"),
        ],
        "audit": [
            *("id", "at", "event", "asked_in", "user", "host", "organisation", "command", "elements", "plates"),
            *("purpose", "case_number", "outcome", "rows", "digest", "policy", "previous", "hash"),
        ],
        "audit_plates": ["audit_id", "number", "text", "erased_in"],
        "ignored": ["id", "list_id", "plate", "key", "reason", "created_at", "created_by"],
        "hotlists": [
            *("id", "name", "kind", "created_at", "imported_at", "source_file", "source_sha256", "priority", "origin"),
            *("dated_at", "max_age", "tiers", "retention", "format"),
        ],
        "entries": [
            *("id", "list_id", "plate", "text", "key", "look_alike_key", "state", "reason", "line", "active"),
            *("created_at", "created_by", "removed_at", "removed_by", "expires_at", "details", "effective_at"),
            *("partial", "replaces", "added_in", "removed_in"),
        ],
        "alerts": [
            *("id", "sighting_id", "entry_id", "status", "raised_at", "source", "frame", "seconds", "taken_at"),
            *("last_taken_at", "last_seconds", "box", "crop", "text", "confidence", "read_state", "list", "plate"),
            *("state", "reason", "tier", "differs", "score", "state_agreement", "candidate", "rule", "stale"),
            *("repeats", "seen_at", "seen_by", "decision", "decided_at", "decided_by", "note"),
        ],
        "cameras": [
            *("id", "name", "latitude", "longitude", "heading", "created_at", "address", "region"),
        ],
        "camera_health": ["camera_id", "watcher", "updated_at", "health"],
        "texts": ["id", "text"],
        "readings": ["text_id", "sighting_id", "rank", "probability"],
        "incidents": [
            *("id", "kind", "at", "latitude", "longitude", "reference", "system", "address", "note", "details"),
            *("created_at", "created_by"),
        ],
        "alert_sightings": ["alert_id", "sighting_id"],
        "alert_events": ["id", "alert_id", "at", "by", "event", "decision", "note"],
    }
    assert all(row["strict"] for row in database.rows("PRAGMA table_list") if row["name"] in columns)


@pytest.mark.parametrize(
    "question, index",
    [
        ("sightings WHERE taken_at BETWEEN '2026' AND '2027'", "INDEX sightings_taken_at"),
        ("sightings WHERE camera_id = 1 AND taken_at BETWEEN '2026' AND '2027'", "INDEX sightings_camera"),
        ("texts WHERE look_alike_key = 'A812'", "INDEX texts_look_alike_key"),
        ("texts WHERE look_alike_key GLOB 'A8*'", "INDEX texts_look_alike_key"),
        ("texts WHERE reversed_key GLOB '218*'", "INDEX texts_reversed_key"),
        ("readings WHERE text_id = 1", "PRIMARY KEY"),
        ("readings WHERE sighting_id = 1", "INDEX readings_sighting_id"),
        ("incidents WHERE at BETWEEN '2026' AND '2027'", "INDEX incidents_at"),
    ],
)
def test_the_questions_of_officers_use_an_index(database: lpr.Database, question: str, index: str) -> None:
    (plan,) = database.rows(f"EXPLAIN QUERY PLAN SELECT * FROM {question}")
    assert "SEARCH" in plan["detail"] and index in plan["detail"]


def readings(database: lpr.Database) -> list[tuple[str, int, float]]:
    rows = database.rows("SELECT text, rank, probability FROM readings JOIN texts ON texts.id = text_id ORDER BY rank")
    return [(row["text"], row["rank"], row["probability"]) for row in rows]


DOUBTFUL = replace(
    SIGHTING,
    text="8ABC12",
    candidates=(
        lpr.Candidate("8ABC12", 0.7),
        lpr.Candidate("BABC12", 0.2),  # a look-alike: the key of the text read finds it
        lpr.Candidate("8ABC72", 0.08),
        lpr.Candidate("8ABC77", 0.004),  # hardly probable
    ),
)


def test_a_sighting_makes_its_texts_searchable_and_takes_them_along(database: lpr.Database) -> None:
    add_scan(database)
    for number in (1, 2):
        database.insert("sightings", {"scan_id": 1, "number": number, "created_at": NOW, **to_record(DOUBTFUL)})
    assert readings(database) == [("8ABC12", 0, 0.7)] * 2 + [("8ABC72", 2, 0.08)] * 2
    keys = database.rows("SELECT look_alike_key, reversed_key FROM texts ORDER BY id")
    assert [(row["look_alike_key"], row["reversed_key"]) for row in keys] == [
        ("8A8C12", "21C8A8"),
        ("8A8C72", "27C8A8"),
    ]
    database.execute("UPDATE sightings SET text = '8ABC72' WHERE id = 2")
    assert sorted(readings(database)) == [
        ("8ABC12", 0, 0.7),
        ("8ABC12", 0, 0.7),
        ("8ABC72", 0, 0.08),
        ("8ABC72", 2, 0.08),
        ("BABC12", 1, 0.2),  # no look-alike of the text any more
    ]
    database.execute("DELETE FROM sightings WHERE id = 1")
    database.execute("DELETE FROM sightings WHERE id = 2")
    assert readings(database) == database.rows("SELECT * FROM texts") == []


def test_the_keys_of_texts_are_those_of_the_matching(database: lpr.Database) -> None:
    for text in (ALPHABET[:18], ALPHABET[18:], "OOQD0"):
        database.insert("texts", {"text": text})
    for row in database.rows("SELECT text, look_alike_key, reversed_key FROM texts"):
        assert row["look_alike_key"] == look_alike_key(row["text"])
        assert row["reversed_key"] == look_alike_key(row["text"][::-1])


def test_a_record_of_before_becomes_searchable(tmp_path: Path) -> None:
    """The tables of version 3, one sighting in them, opened by today's lpr."""
    old = sqlite3.connect(tmp_path / "old.db")
    old.execute(
        "CREATE TABLE _sqlite_migrations (id INTEGER PRIMARY KEY, migration_set TEXT, name TEXT, applied_at TEXT)"
    )
    for name in ("m001_first", "m002_hot_lists", "m003_alerts"):
        for statement in MIGRATIONS[name]:
            old.execute(statement)
        old.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('lpr', ?, ?)", (name, NOW)
        )
    old.execute("INSERT INTO sources VALUES (1, 'a.jpg', '/a.jpg', '0', 1, 'photo', ?)", (NOW,))
    old.execute(
        "INSERT INTO scans (id, source_id, lpr_version, version, settings, run, started_at, status) "
        "VALUES (1, 1, '0', 'v', '{}', 'r', ?, 'done')",
        (NOW,),
    )
    old.execute(
        "INSERT INTO sightings VALUES (1, 1, 1, 7, 0.28, ?, 0.0, 1.0, 3, '8ABC12', '8ABC12', '8ABC12', '8A8C12', 0.5, "
        """'[{"character": "8", "confidence": 0.5}]', '[{"text": "8ABC12", "probability": 0.7}, """
        """{"text": "8ABC72", "probability": 0.08}]', '[1, 2, 30, 12]', 0.875, NULL, NULL, ?)""",
        (NOW, NOW),
    )
    old.commit()
    old.close()
    with lpr.open_database(tmp_path / "old.db") as database:
        assert readings(database) == [("8ABC12", 0, 0.7), ("8ABC72", 1, 0.08)]
        (row,) = database.rows("SELECT * FROM sightings")
    sighting = from_record(row, "a.jpg")
    assert sighting.characters == (lpr.Character("8", 0.5),)
    assert sighting.candidates == (lpr.Candidate("8ABC12", 0.7), lpr.Candidate("8ABC72", 0.08))


def test_a_sighting_comes_back_as_it_was(database: lpr.Database) -> None:
    add_scan(database)
    database.insert("sightings", {"scan_id": 1, "number": 1, "created_at": NOW, **to_record(SIGHTING)})
    (row,) = database.rows("SELECT *, 'gate' AS camera FROM sightings")
    assert from_record(row, "a.jpg") == SIGHTING
    assert row["taken_at"] == "2026-01-02T03:04:05.678+00:00"


def test_a_row_for_output_rounds_and_keeps_the_order() -> None:
    row = to_row(SIGHTING)
    assert row["last_seen"] == 0.333
    assert row["candidates"] == [{"text": "0O1E5", "probability": 0.4}, {"text": "001E5", "probability": 0.0}]
    assert row["jurisdiction"] == {"code": "us-al", "confidence": 0.25}
    assert list(row) == list(lpr.Sighting.__dataclass_fields__)


def test_plates_stay_texts_and_numpy_numbers_are_refused(database: lpr.Database) -> None:
    add_scan(database)
    for number, text in enumerate(("0012345", "1E5", "1234567")):
        row = {**to_record(SIGHTING), "raw": text, "text": text}
        database.insert("sightings", {"scan_id": 1, "number": number, "created_at": NOW, **row})
    assert [row["text"] for row in database.rows("SELECT text FROM sightings ORDER BY id")] == [
        "0012345",
        "1E5",
        "1234567",
    ]
    with pytest.raises(lpr.RecordsError, match="cannot store BLOB value in REAL column"):
        row = {**to_record(SIGHTING), "confidence": np.float32(0.5)}
        database.insert("sightings", {"scan_id": 1, "number": 9, "created_at": NOW, **row})


def test_nothing_is_written_twice(database: lpr.Database) -> None:
    add_scan(database)
    row = {"scan_id": 1, "number": 1, "created_at": NOW, **to_record(SIGHTING)}
    database.insert("sightings", row)
    with pytest.raises(lpr.RecordsError, match="UNIQUE constraint failed"):
        database.insert("sightings", row)


def test_a_row_needs_what_it_refers_to(database: lpr.Database) -> None:
    with pytest.raises(lpr.RecordsError, match="FOREIGN KEY constraint failed"):
        database.insert("sightings", {"scan_id": 5, "number": 1, "created_at": NOW, **to_record(SIGHTING)})


def test_atomic_takes_effect_as_a_whole_or_not_at_all(database: lpr.Database) -> None:
    with pytest.raises(KeyError), database.atomic():
        add_scan(database)
        raise KeyError
    assert database.rows("SELECT * FROM scans") == []
    with database.atomic():
        add_scan(database)
        with pytest.raises(KeyError), database.atomic():
            database.execute("DELETE FROM scans")
            raise KeyError
    assert len(database.rows("SELECT * FROM scans")) == 1


def test_only_the_owner_can_read_the_file(tmp_path: Path) -> None:
    with lpr.open_database(tmp_path / "new.db") as database:
        add_scan(database)
        for suffix in ("", "-wal", "-shm"):
            assert stat.S_IMODE((tmp_path / f"new.db{suffix}").stat().st_mode) == 0o600


def test_readonly_makes_and_changes_nothing(tmp_path: Path) -> None:
    with pytest.raises(
        lpr.RecordsError, match=r"^there is no database .*none.db; lpr scan and lpr hotlist import make"
    ):
        lpr.open_database(tmp_path / "none.db", readonly=True)
    assert list(tmp_path.iterdir()) == []
    lpr.open_database(tmp_path / "some.db").close()
    with (
        lpr.open_database(tmp_path / "some.db", readonly=True) as database,
        pytest.raises(lpr.RecordsError, match="attempt to write a readonly database"),
    ):
        add_scan(database)


def test_what_is_no_database_of_this_lpr_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "text.db"
    text.write_text("this is a letter, no database, and long enough to be taken for one" * 20)
    with pytest.raises(lpr.RecordsError, match=r"text.db is no usable SQLite database \(file is not a database\)"):
        lpr.open_database(text)
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE sources (feed TEXT)")
    other.close()
    with pytest.raises(lpr.RecordsError, match=r"other\.db is a database of another program"):
        lpr.open_database(tmp_path / "other.db")
    newer = lpr.open_database(tmp_path / "newer.db")
    newer.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('lpr', 'm999_later', ?)", (NOW,)
    )
    newer.close()
    with pytest.raises(lpr.RecordsError, match=r"newer\.db was made by a newer lpr; update lpr"):
        lpr.open_database(tmp_path / "newer.db")
    with pytest.raises(lpr.RecordsError, match=r"nowhere.x.db cannot be used \(No such file or directory\)"):
        lpr.open_database(tmp_path / "nowhere" / "x.db")


def test_the_default_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LPR_DB", str(tmp_path / "named.db"))
    assert default_path() == tmp_path / "named.db"
    monkeypatch.delenv("LPR_DB")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_path().name == "lpr.db"
    if sys.platform == "linux":
        lpr.open_database().close()
        assert (tmp_path / "data/lpr/lpr.db").is_file()
        assert stat.S_IMODE((tmp_path / "data/lpr").stat().st_mode) == 0o700


def test_programs_that_open_a_new_database_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    code = (
        "import lpr\nwith lpr.open_database('lpr.db') as d:\n for i in range(20):\n  with d.atomic():\n"
        "   n = d.rows('SELECT count(*) AS n FROM hotlists')[0]['n']\n"
        "   d.insert('hotlists', {'name': str(n), 'created_at': ''})"
    )
    root = str(Path(__file__).parents[1])
    started = [subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, env={"PYTHONPATH": root}) for _ in range(3)]
    assert [process.wait(60) for process in started] == [0, 0, 0]
    with lpr.open_database(tmp_path / "lpr.db") as database:
        assert len(database.rows("SELECT * FROM hotlists")) == 60


def test_times_sort_as_texts() -> None:
    zone = timezone(timedelta(hours=-5))
    earlier, later = datetime(2026, 1, 1, 23, 0, tzinfo=zone), datetime(2026, 1, 2, 4, 0, 0, 1000, timezone.utc)
    assert timestamp(earlier) == "2026-01-02T04:00:00.000+00:00" < timestamp(later)


def test_opening_loads_no_numpy() -> None:
    code = "import sys, lpr\nlpr.open_database\nassert 'sqlite_utils' in sys.modules\nassert 'numpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[1])


def add_scan(database: lpr.Database) -> None:
    source = {"name": "a", "path": "/a", "sha256": "0", "bytes": 1, "kind": "photo", "created_at": NOW}
    scan = {"source_id": database.insert("sources", source), "lpr_version": "0", "version": "v", "settings": "{}"}
    database.insert("scans", {**scan, "run": "r", "started_at": NOW, "status": "running"})
