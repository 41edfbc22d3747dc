"""What a policy lets be stored, and scans that delete by themselves what is due."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conftest import PLATES, fake_recognizer, write_footage, write_photo

import lpr
from cli.main import cli
from lpr.records.audit import plate_hash
from lpr.records.policy import policy_of
from lpr.records.purge import due
from lpr.records.schedule import Schedule
from lpr.records.schema import timestamp
from lpr.records.secret import secret_of

RED, GREEN, BLUE, *_ = PLATES


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("LPR_POLICY", "LPR_KEY", "LPR_PURPOSE", "LPR_CASE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LPR_DB", str(tmp_path / "lpr.db"))
    monkeypatch.chdir(tmp_path)
    write_photo(Path("photos/a.png"), RED, GREEN)
    write_footage(Path("photos/clip.mkv"), [(BLUE, 2, 14)], 30)
    with lpr.open_database(tmp_path / "lpr.db") as database:
        lpr.HotLists(database).add("ABC1234", "bolo", "AL", "test")
    return tmp_path / "lpr.db"


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, words, obj=fake_recognizer(), catch_exceptions=False)


def mode(file: Path, name: str) -> None:
    (file.parent / "lpr-policy.toml").write_text(f'[store]\nmode = "{name}"\n')


def all_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file() and "lpr.db" in path.name)


def test_only_hits_are_stored_where_the_policy_says_so(file: Path) -> None:
    mode(file, "hits")
    shown = run("scan", "photos", "--csv", "--save-crops", "crops", "--annotate", "read")
    assert shown.exit_code == 0 and shown.stdout.count("\n") == 4  # all are shown, with the header
    with lpr.open_database(file) as database:
        assert [row["text"] for row in database.rows("SELECT text FROM sightings")] == ["ABC1234"]
        assert database.rows("SELECT * FROM reads") == []
    assert [path.name for path in Path("crops").iterdir()] == ["a-ABC1234.png"]
    assert [path.name for path in Path("read").iterdir()] == ["a.jpg"]
    stored = all_bytes(file.parent)
    assert not [text for text in (b"XYZ0O8", b"XYZ-0O8", b"XYZ0OB", b"AL5SHOP", b"AL 5SHOP") if text in stored]
    assert run("scan", "photos", "--csv").stdout.count("\n") == 2  # what is on record is all that is left


def test_hashes_tell_the_same_plate_and_no_text(file: Path) -> None:
    mode(file, "hashes")
    assert run("scan", "photos", "-q").exit_code == 0
    with lpr.open_database(file) as database:
        rows = database.rows("SELECT text, raw, candidates, plate_hash FROM sightings ORDER BY id")
        assert [row["text"] for row in rows] == ["ABC1234", "", ""]
        assert database.rows("SELECT * FROM reads") == []
    secret = secret_of(file, policy_of(file), make=False)
    assert secret is not None
    assert [row["plate_hash"] for row in rows] == [None, plate_hash(secret, "XYZ008"), plate_hash(secret, "AL5SHOP")]
    stored = all_bytes(file.parent)
    assert not [text for text in (b"XYZ0O8", b"XYZ-0O8", b"XYZ0OB", b"AL5SHOP", b"AL 5SHOP") if text in stored]


def test_a_scan_purges_what_is_due_and_the_pictures_with_it(file: Path) -> None:
    assert run("scan", "photos", "-q", "--save-crops", "crops", "--annotate", "read").exit_code == 0
    assert len(list(Path("crops").iterdir())) == 3
    old = timestamp(datetime.now(timezone.utc) - timedelta(days=22))
    with lpr.open_database(file) as database:
        database.execute("UPDATE sightings SET created_at = ?", (old,))
        database.execute("UPDATE scans SET started_at = ?", (old,))
    (file.parent / "lpr-policy.toml").write_text('[retention]\npreset = "us-me"\n')
    assert run("scan", "photos", "-q").exit_code == 0
    with lpr.open_database(file) as database:
        assert [row["text"] for row in database.rows("SELECT text FROM sightings")] == ["ABC1234"]
        assert not due(database)
    assert [path.name for path in Path("crops").iterdir()] == ["a-ABC1234.png"]
    assert list(Path("read").iterdir()) == []  # the photo showed a plate that is gone
    stored = all_bytes(file.parent)
    assert not [text for text in (b"XYZ0O8", b"XYZ-0O8", b"XYZ0OB", b"AL5SHOP", b"AL 5SHOP") if text in stored]


def test_a_purge_aside_has_its_own_thread_and_ends_with_its_owner(file: Path) -> None:
    assert run("scan", "photos", "-q").exit_code == 0
    (file.parent / "lpr-policy.toml").write_text('[retention]\nsightings = "1min"\nclock = "record"\n')
    with lpr.open_database(file) as database:
        database.execute("UPDATE sightings SET created_at = '2026-01-01T00:00:00.000+00:00'")
        schedule = Schedule(database, aside=True)
        schedule.tick()
        schedule.close()
        assert schedule.problems == []
        assert [row["text"] for row in database.rows("SELECT text FROM sightings")] == ["ABC1234"]
