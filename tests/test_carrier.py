"""The WAL is carried into the file beside whoever writes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import lpr
from lpr.ledger import Ledger
from lpr.records import carrier
from lpr.records.carrier import Carrier
from lpr.records.schema import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    # What makes the tables leaves statements to the garbage collector, until when nobody can empty the WAL.
    lpr.open_database(tmp_path / "lpr.db").close()
    with lpr.open_database(tmp_path / "lpr.db") as database:
        yield database


def add(database: Database, name: str) -> None:
    source = {"name": name, "path": name, "sha256": "0", "bytes": 1, "kind": "photo", "created_at": "2026"}
    database.insert("sources", source)


@pytest.fixture
def in_file(database: Database) -> Iterator[Callable[[str], bool]]:
    """Whether a name stands in the file itself."""
    # Closed last: on POSIX systems, closing any handle of a file drops all locks that the process holds on it.
    with database.file.open("rb") as handle:

        def found(name: str) -> bool:
            handle.seek(0)
            return name.encode() in handle.read()

        yield found
        database.close()


def until(true: Callable[[], bool]) -> bool:
    end = time.monotonic() + 10.0
    while not true() and time.monotonic() < end:
        time.sleep(0.005)
    return true()


def test_what_is_written_gets_into_the_file_while_nobody_carries_it(
    database: Database, in_file: Callable[[str], bool]
) -> None:
    add(database, "written first")
    assert not in_file("written first")
    with Carrier(database, every=0):
        assert until(lambda: in_file("written first"))
        add(database, "written meanwhile")
        assert until(lambda: in_file("written meanwhile"))
    add(database, "written afterwards")
    time.sleep(0.05)
    assert not in_file("written afterwards")


def test_commits_do_not_carry_while_somebody_else_does(database: Database) -> None:
    def carries() -> bool:
        return bool(database.rows("PRAGMA wal_autocheckpoint")[0]["wal_autocheckpoint"])

    assert carries()
    ledger = Ledger(database)
    assert not carries()
    ledger.close()
    assert carries()


def test_a_wal_that_is_caught_up_with_begins_anew(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrier, "_PAGES", 100)
    wal = Path(f"{database.file}-wal")

    def write(what: str, caught_up: Callable[[], None]) -> int:
        for number in range(3000):
            add(database, f"{what} {number}")
            caught_up()
        return wal.stat().st_size

    one = Carrier(database, every=0)
    assert database.checkpoint(truncate=True)
    with one:
        bounded = write("a", one.catch_up)
    database.carry_by_itself(False)
    assert database.checkpoint(truncate=True)
    assert bounded < write("b", lambda: None) / 2


def test_what_fails_is_told_and_tried_again(
    database: Database, in_file: Callable[[str], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Database, truncate: bool = False) -> tuple[int, int]:
        raise lpr.RecordsError("no room")

    def told(one: Carrier) -> bool:
        try:
            one.catch_up()
        except lpr.RecordsError as error:
            return str(error) == "no room"
        return False

    monkeypatch.setattr(carrier, "_AGAIN", 0.01)
    with Carrier(database, every=0) as one:
        with monkeypatch.context() as patched:
            patched.setattr(Database, "carry", fail)
            assert until(lambda: told(one))
        assert until(lambda: not told(one))
        add(database, "written afterwards")
        assert until(lambda: in_file("written afterwards"))
