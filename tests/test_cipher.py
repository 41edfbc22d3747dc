"""Encryption at rest: with SQLCipher, nothing in the file can be read without the passphrase."""

from __future__ import annotations

import importlib.util
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

import lpr
from lpr.records.purge import purge
from lpr.records.retention import Retention

needs_sqlcipher = pytest.mark.skipif(
    importlib.util.find_spec("sqlcipher3") is None, reason="SQLCipher is not installed (pip install lpr[cipher])"
)


@pytest.fixture
def passphrase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("LPR_POLICY", "LPR_KEY"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "passphrase"
    path.write_text("correct horse's battery\n")
    monkeypatch.setenv("LPR_CIPHER_KEY_FILE", str(path))
    return path


@needs_sqlcipher
def test_an_encrypted_database_works_and_shows_nothing(passphrase: Path, tmp_path: Path) -> None:
    file = tmp_path / "lpr.db"
    with lpr.open_database(file) as database:
        lists = lpr.HotLists(database)
        lists.add("ABC1234", "bolo", "AL", "test")
        assert [hit.plate for hit in lists.check("ABC 1234")] == ["ABC1234"]
        old = datetime.now(timezone.utc) + timedelta(days=40)
        assert purge(database, moment=old, retention=Retention(timedelta(days=30))).problems == ()
        with pytest.raises(lpr.RecordsError, match="UNIQUE constraint failed"):
            database.insert("hotlists", {"name": "bolo", "created_at": ""})
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("lpr.db*") if path.suffix != ".key")
    assert b"SQLite format 3" not in stored and b"ABC1234" not in stored and b"CREATE TABLE" not in stored
    with lpr.open_database(file, readonly=True) as database:
        assert [one.name for one in lpr.HotLists(database).lists()] == ["bolo"]


@needs_sqlcipher
def test_the_wrong_passphrase_opens_nothing(passphrase: Path, tmp_path: Path) -> None:
    lpr.open_database(tmp_path / "lpr.db").close()
    passphrase.write_text("another")
    with pytest.raises(lpr.RecordsError, match="no usable SQLite database"):
        lpr.open_database(tmp_path / "lpr.db")


@needs_sqlcipher
def test_a_plain_database_is_told_and_left_as_it_is(
    tmp_path: Path, passphrase: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LPR_CIPHER_KEY_FILE")
    lpr.open_database(tmp_path / "lpr.db").close()
    before = (tmp_path / "lpr.db").read_bytes()
    monkeypatch.setenv("LPR_CIPHER_KEY_FILE", str(passphrase))
    with pytest.raises(lpr.RecordsError, match="no usable SQLite database"):
        lpr.open_database(tmp_path / "lpr.db")
    assert (tmp_path / "lpr.db").read_bytes() == before


def test_a_missing_passphrase_file_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LPR_CIPHER_KEY_FILE", str(tmp_path / "none"))
    with pytest.raises(lpr.RecordsError, match=r"passphrase file .*none.* cannot be read|SQLCipher is not installed"):
        lpr.open_database(tmp_path / "lpr.db")
