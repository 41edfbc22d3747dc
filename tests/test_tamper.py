"""A thousand random edits to a copy of the database: each one that touches the trail is found."""

from __future__ import annotations

import random
import shutil
import sqlite3
import string
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import lpr
from lpr.records.audit import HASHED, hash_of
from lpr.records.schema import Database
from lpr.records.tables_audit import TRIGGERS
from lpr.records.verify import Anchor, anchor, parse_anchors, verify

EDITS = 1000


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database whose trail has searches, refusals, list changes by commands and by programs."""
    file = tmp_path_factory.mktemp("whole") / "lpr.db"
    chance = random.Random(1)
    with lpr.open_database(file) as database:
        lists = lpr.HotLists(database)
        for number in range(40):
            plates = ["".join(chance.choices(string.ascii_uppercase, k=7)) for _ in range(chance.randrange(3))]
            why = lpr.Why(chance.choice(["stolen vehicle", "missing person", None]), chance.choice(["26-1", None]))
            with lpr.audited(database, "search", {"camera": f"c{number}"}, why, plates) as access:
                for row in range(chance.randrange(4)):
                    access.add({"id": row, "text": "XYZ"})
            if number % 5 == 0:
                with lpr.audited(database, "hotlist add", {"list": "bolo"}, why, [f"ABC{number}"]):
                    lists.add(f"ABC{number}", "bolo", "AL", "test", why=why)
            if number % 7 == 0:
                lists.add(f"XYZ{number}", "other", "AL", "test", why=why)
        (file.parent / "lpr-policy.toml").write_text("[purpose]\ndemand = ['search']\n")
        for _ in range(3):
            with pytest.raises(lpr.PolicyError), lpr.audited(database, "search"):
                pass
    return file


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    for file in whole.parent.iterdir():
        shutil.copy(file, tmp_path / file.name)
    return tmp_path / "lpr.db"


def drop_triggers(database: Database) -> None:
    for name in TRIGGERS:
        database.execute(f"DROP TRIGGER {name}")


def restore_triggers(database: Database) -> None:
    for sql in TRIGGERS.values():
        database.execute(sql)


COLUMNS = (*HASHED, "hash")
Edit = Callable[[Database, random.Random, int], None]


def other(value: Any, chance: random.Random) -> Any:
    """Another value that the column can hold."""
    if isinstance(value, int):
        return value + chance.choice([-1, 1, 10])
    if value is None:
        return None
    place = chance.randrange(len(value)) if value else 0
    return value[:place] + chance.choice("0123456789abcdef ") + value[place + 1 :]


def edit_row(database: Database, chance: random.Random, last: int) -> None:
    one = chance.randint(1, last)
    (row,) = database.rows("SELECT * FROM audit WHERE id = ?", (one,))
    name = chance.choice([c for c in COLUMNS if c not in ("id", "event", "outcome") and row[c] is not None])
    value = row[name]
    while value == row[name]:
        value = other(row[name], chance)
    database.execute(f"UPDATE audit SET {name} = ? WHERE id = ?", (value, one))


def empty_cell(database: Database, chance: random.Random, last: int) -> None:
    one = chance.randint(1, last)
    (row,) = database.rows("SELECT * FROM audit WHERE id = ?", (one,))
    names = ("organisation", "elements", "plates", "purpose", "case_number", "outcome", "rows", "digest", "policy")
    name = chance.choice([c for c in names if row[c] is not None] or ["user"])
    database.execute(f"UPDATE audit SET {name} = ? WHERE id = ?", ("" if name == "user" else None, one))


def edit_and_hash(database: Database, chance: random.Random, last: int) -> None:
    """Changes what a row says, and its own hash with it."""
    one = chance.randint(1, last - 1)
    (row,) = database.rows("SELECT * FROM audit WHERE id = ?", (one,))
    row["user"] += "x"
    database.execute("UPDATE audit SET user = ?, hash = ? WHERE id = ?", (row["user"], hash_of(row), one))


def edit_and_hash_all_after(database: Database, chance: random.Random, last: int) -> None:
    """Changes what a row says and writes the whole chain after it anew: only an anchor tells."""
    one = chance.randint(1, last)
    database.execute("UPDATE audit SET user = user || 'x' WHERE id = ?", (one,))
    rewrite(database)


def delete_and_renumber(database: Database, chance: random.Random, last: int) -> None:
    """Takes a row out and closes the gap, hashes included."""
    one = chance.randint(1, last)
    database.execute("DELETE FROM audit WHERE id = ?", (one,))
    for row in database.rows("SELECT id FROM audit WHERE id > ? ORDER BY id", (one,)):
        database.execute("UPDATE audit SET id = id - 1 WHERE id = ?", (row["id"],))
    rewrite(database)


def rewrite(database: Database) -> None:
    previous = "0" * 64
    for row in database.rows("SELECT * FROM audit ORDER BY id"):
        row["previous"] = previous
        previous = hash_of(row)
        database.execute("UPDATE audit SET previous = ?, hash = ? WHERE id = ?", (row["previous"], previous, row["id"]))


def delete_rows(database: Database, chance: random.Random, last: int) -> None:
    first = chance.randint(1, last)
    database.execute("DELETE FROM audit WHERE id BETWEEN ? AND ?", (first, first + chance.randrange(3)))


def swap_rows(database: Database, chance: random.Random, last: int) -> None:
    one, two = chance.sample(range(1, last + 1), 2)
    for number, to in ((one, -1), (two, one), (-1, two)):
        database.execute("UPDATE audit SET id = ? WHERE id = ?", (to, number))


def swap_contents(database: Database, chance: random.Random, last: int) -> None:
    while True:
        one, two = chance.sample(range(1, last + 1), 2)
        rows = [database.rows("SELECT at, user, command, digest FROM audit WHERE id = ?", (n,))[0] for n in (one, two)]
        if rows[0] != rows[1]:
            break
    for number, row in ((one, rows[1]), (two, rows[0])):
        assigned = ", ".join(f"{name} = ?" for name in row)
        database.execute(f"UPDATE audit SET {assigned} WHERE id = ?", (*row.values(), number))


def insert_row(database: Database, chance: random.Random, last: int) -> None:
    """Puts a row in, later ones moved on."""
    one = chance.randint(1, last)
    for row in database.rows("SELECT id FROM audit WHERE id >= ? ORDER BY id DESC", (one,)):
        database.execute("UPDATE audit SET id = id + 1 WHERE id = ?", (row["id"],))
    (row,) = database.rows("SELECT * FROM audit WHERE id = ?", (one + 1,))
    row.update(id=one, user="nobody")
    row["hash"] = hash_of(row)
    database.execute(f"INSERT INTO audit VALUES ({', '.join('?' * len(row))})", tuple(row.values()))


def cut_end(database: Database, chance: random.Random, last: int) -> None:
    database.execute("DELETE FROM audit WHERE id > ?", (last - chance.randint(1, last),))


def edit_plate(database: Database, chance: random.Random, last: int) -> None:
    row = chance.choice(database.rows("SELECT * FROM audit_plates"))
    text = row["text"]
    while text == row["text"]:
        text = other(row["text"], chance).upper().replace(" ", "7")
    database.execute(
        "UPDATE audit_plates SET text = ? WHERE audit_id = ? AND number = ?", (text, row["audit_id"], row["number"])
    )


def erase_plate(database: Database, chance: random.Random, last: int) -> None:
    row = chance.choice(database.rows("SELECT * FROM audit_plates"))
    which = "WHERE audit_id = ? AND number = ?", (row["audit_id"], row["number"])
    if chance.random() < 0.5:
        database.execute(f"DELETE FROM audit_plates {which[0]}", which[1])
    else:
        erased_in = chance.choice([None, chance.randint(1, last)])
        database.execute(f"UPDATE audit_plates SET text = NULL, erased_in = ? {which[0]}", (erased_in, *which[1]))


def edit_change(database: Database, chance: random.Random, last: int) -> None:
    row = chance.choice(database.rows("SELECT * FROM changes"))
    if chance.random() < 0.3:
        database.execute("DELETE FROM changes WHERE id = ?", (row["id"],))
        return
    names = [name for name in row if isinstance(row[name], str) and name not in ("list_id",)]
    name = chance.choice(names)
    value = row[name]
    while value == row[name]:
        value = other(row[name], chance)
    database.execute(f"UPDATE changes SET {name} = ? WHERE id = ?", (value, row["id"]))


def drop_trigger(database: Database, chance: random.Random, last: int) -> None:
    """Leaves the trail as it is, but open to the next edit."""
    restore_triggers(database)
    name = chance.choice(list(TRIGGERS))
    database.execute(f"DROP TRIGGER {name}")
    if chance.random() < 0.5:
        database.execute(f"CREATE TRIGGER {name} BEFORE UPDATE ON audit BEGIN SELECT 1; END")


EVERY: list[Edit] = [
    *(edit_row, edit_row, edit_row, empty_cell, edit_and_hash, edit_and_hash_all_after, delete_and_renumber),
    *(delete_rows, swap_rows, swap_contents, insert_row, cut_end, edit_plate, erase_plate, edit_change, drop_trigger),
]


def test_each_of_a_thousand_edits_is_found(copy: Path) -> None:
    missed: Counter[str] = Counter()
    with lpr.open_database(copy) as database:
        head = anchor(database)
        assert head is not None and verify(database, [head]) == []
        database.execute("PRAGMA foreign_keys = OFF")  # as an attacker would
        for number in range(EDITS):
            chance = random.Random(number)
            edit = EVERY[number % len(EVERY)]
            database.execute("BEGIN")
            drop_triggers(database)
            edit(database, chance, head.id)
            if edit is not drop_trigger:
                restore_triggers(database)
            if not verify(database, [head]):
                missed[f"{edit.__name__} {number}"] += 1
            database.execute("ROLLBACK")
        assert verify(database, [head]) == []
    assert missed == {}


def test_every_flipped_byte_of_the_trail_is_found(copy: Path) -> None:
    """Edits of the file itself, past SQLite: whatever reads differently afterwards is told."""
    sqlite3.connect(copy).execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with lpr.open_database(copy) as database:
        head = anchor(database)
        before = database.rows("SELECT * FROM audit")
    assert head is not None
    original = copy.read_bytes()
    found = same = 0
    for number in range(150):
        chance = random.Random(number)
        row = chance.choice(before)
        # A byte of a text that stands in the row: at one of the places where the file has it.
        wanted = str(chance.choice([row[c] for c in ("at", "user", "command", "hash", "previous", "digest") if row[c]]))
        place = original.find(wanted.encode())
        assert place >= 0
        at = place + chance.randrange(len(wanted))
        copy.with_name("lpr.db-wal").unlink(missing_ok=True)
        copy.write_bytes(original[:at] + bytes([original[at] ^ 1]) + original[at + 1 :])
        try:
            with lpr.open_database(copy, readonly=True) as database:
                changed = database.rows("SELECT * FROM audit") != before
                told = bool(verify(database, [head]))
        except lpr.RecordsError:
            changed = told = True
        assert told or not changed, (number, wanted)
        found, same = found + told, same + (not changed)
    assert found > 60, (found, same)


def test_a_cut_off_end_is_seen_with_an_anchor_alone(copy: Path) -> None:
    with lpr.open_database(copy) as database:
        head = anchor(database)
        assert head is not None
        drop_triggers(database)
        database.execute("DELETE FROM audit WHERE id > ?", (head.id - 3,))
        restore_triggers(database)
        assert verify(database) == []
        (problem,) = verify(database, [head])
    assert f"the trail ends at row {head.id - 3}: its end was cut off" in problem.what


def test_anchors_are_read_from_whatever_text_holds_them() -> None:
    digest = "ab" * 32
    assert parse_anchors(f"2026-01-01T00:00 1:{digest}\nSubject: 22:{digest}.") == [
        Anchor(1, digest),
        Anchor(22, digest),
    ]
    with pytest.raises(lpr.RecordsError, match="there is no anchor in it"):
        parse_anchors("12:34")
