"""The database: its schema, what it refuses, who may read it, and several programs at once."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest

import lpr
from lpr.records.row import from_record, to_record, to_row
from lpr.records.schema import default_path, timestamp

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
    "ignored",
    "hotlists",
    "entries",
    "alerts",
    "alert_sightings",
    "alert_events",
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
            *("status", "error", "frames", "counts", "replaced_by"),
        ],
        "sightings": [
            *("id", "scan_id", "number", "frame", "seconds", "taken_at", "first_seen", "last_seen", "reads"),
            *(*said[:2], "key", "look_alike_key", *said[2:], *state, "created_at"),
        ],
        "reads": ["id", "scan_id", "number", "frame", "seconds", "taken_at", *said, *state],
        "hits": [
            *("id", "sighting_id", "entry_id", "list", "plate", "state", "tier", "differs", "score"),
            *("state_agreement", "created_at", "historical", "stale"),
        ],
        "changes": [
            *("id", "changed_at", "changed_by", "purpose", "case_number", "action", "list_id", "list", "key", "plate"),
            *("before", "after"),
        ],
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
        "alert_sightings": ["alert_id", "sighting_id"],
        "alert_events": ["id", "alert_id", "at", "by", "event", "decision", "note"],
    }
    assert all(row["strict"] for row in database.rows("PRAGMA table_list") if row["name"] in columns)


@pytest.mark.parametrize(
    "column, value",
    [
        ("text", "AB12"),
        ("key", "AB12"),
        ("look_alike_key", "A812"),
        ("taken_at", NOW),
        ("confidence", 0.5),
    ],
)
def test_the_questions_of_officers_use_an_index(database: lpr.Database, column: str, value: str | float) -> None:
    (plan,) = database.rows(f"EXPLAIN QUERY PLAN SELECT * FROM sightings WHERE {column} = ?", (value,))
    assert f"USING INDEX sightings_{column}" in plan["detail"]


def test_a_sighting_comes_back_as_it_was(database: lpr.Database) -> None:
    add_scan(database)
    database.insert("sightings", {"scan_id": 1, "number": 1, "created_at": NOW, **to_record(SIGHTING)})
    (row,) = database.rows("SELECT * FROM sightings")
    assert from_record(row, "a.jpg") == SIGHTING
    assert (row["key"], row["look_alike_key"], row["taken_at"]) == ("001E5", "001E5", "2026-01-02T03:04:05.678+00:00")


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
