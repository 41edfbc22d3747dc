"""A hot list file beside the list that it is to become: what is new, gone, changed and the same, in temporary tables.

Nobody else sees these tables or waits for them; they lie on disk, so that memory does not grow with the file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lpr.records.schema import Database, Row, Value

ADDED, REMOVED, CHANGED = "added", "removed", "changed"

# incoming: the file's lines, without those that say the same as an earlier one. kept: active entries that a line says
# unchanged. gone: active entries to end; by_hand ones stay unless changed. fresh: lines that no entry says, as far as
# they could be a changed entry. changed: pairs of the last two with one plate and state.
_TABLES = {
    "incoming": """
        line INTEGER PRIMARY KEY, plate TEXT, text TEXT, partial INTEGER, state TEXT, reason TEXT, expires_at TEXT,
        effective_at TEXT, details TEXT, removes INTEGER, key TEXT, look_alike_key TEXT
    """,
    "kept": "entry_id INTEGER PRIMARY KEY, line INTEGER UNIQUE",
    "gone": """
        entry_id INTEGER PRIMARY KEY, text TEXT, state TEXT, by_hand INTEGER, number INTEGER,
        asked INTEGER NOT NULL DEFAULT 0
    """,
    "fresh": "line INTEGER PRIMARY KEY, text TEXT, state TEXT, number INTEGER",
    "changed": "entry_id INTEGER PRIMARY KEY, line INTEGER UNIQUE",
}
# Pages of memory in KiB, for sorting and for the indices that grow; SQLite's own choice is 2,000.
_CACHE, _DEFAULT_CACHE = -24_000, -2_000
# Threads that may help sorting; SQLite's own choice is none.
_THREADS = 2

_CONTENT = "text, state, plate, reason, expires_at, effective_at, details, removes"
_REPEATED = f"""
    DELETE FROM incoming WHERE line IN (
        SELECT line FROM (
            SELECT line, row_number() OVER (PARTITION BY {_CONTENT} ORDER BY line) AS number FROM incoming
            WHERE text IN (SELECT text FROM incoming GROUP BY text HAVING count(*) > 1)
        ) WHERE number > 1
    )
"""  # noqa: S608 - a constant
_KEPT = """
    INSERT OR IGNORE INTO kept
    SELECT entries.id, incoming.line FROM entries CROSS JOIN incoming ON incoming.text = entries.text
    WHERE entries.list_id = ? AND entries.active = 1 AND NOT incoming.removes
      AND incoming.state IS entries.state AND incoming.plate = entries.plate
      AND incoming.reason = coalesce(entries.reason, '') AND incoming.expires_at IS entries.expires_at
      AND incoming.effective_at IS entries.effective_at AND incoming.details = entries.details
"""
# An entry of the file's own is paired before one that was added by hand.
_GONE = """
    INSERT INTO gone (entry_id, text, state, by_hand, number)
    SELECT id, text, coalesce(state, ''), line IS NULL,
           row_number() OVER (PARTITION BY text, coalesce(state, '') ORDER BY line IS NULL, id)
    FROM entries WHERE list_id = ? AND active = 1 AND id NOT IN (SELECT entry_id FROM kept)
"""
_FRESH = """
    INSERT INTO fresh
    SELECT line, text, coalesce(state, ''),
           row_number() OVER (PARTITION BY text, coalesce(state, '') ORDER BY line)
    FROM incoming WHERE text IN (SELECT text FROM gone) AND line NOT IN (SELECT line FROM kept) AND NOT removes
"""
_CHANGED = """
    INSERT INTO changed
    SELECT gone.entry_id, fresh.line FROM fresh
    CROSS JOIN gone ON gone.text = fresh.text AND gone.state = fresh.state AND gone.number = fresh.number
"""
# A line that takes a plate off the list ends its entries of that state, or of any when it names none.
_ASKED = """
    UPDATE gone SET asked = 1 WHERE EXISTS (
        SELECT 1 FROM incoming WHERE incoming.text = gone.text AND incoming.removes
        AND (incoming.state IS NULL OR incoming.state = gone.state)
    )
"""
# Systems that number their entries say by the number which one they change, its plate included.
_RENUMBERED = """
    INSERT OR IGNORE INTO gone (entry_id, text, state, by_hand, number, asked)
    SELECT id, text, coalesce(state, ''), 0, 0, 1 FROM entries
    WHERE list_id = ? AND active = 1 AND id NOT IN (SELECT entry_id FROM kept)
      AND json_extract(details, '$.source_id') IN (
          SELECT json_extract(details, '$.source_id') FROM incoming
      )
"""
_INSERT = """
    INSERT INTO entries (list_id, plate, text, key, look_alike_key, state, reason, line, created_at, created_by,
                         expires_at, effective_at, partial, details, added_in, replaces)
    SELECT ?, plate, text, key, look_alike_key, state, reason, line, ?, ?, expires_at, effective_at, partial, details,
           ?, {replaces}
    FROM incoming WHERE NOT removes {fresh} ORDER BY look_alike_key, line
"""


@dataclass(frozen=True)
class EntryChange:
    """One entry that an import adds, removes or changes; ``before`` and ``after`` are what stands beside its plate."""

    kind: str
    plate: str
    state: str | None
    before: str | None
    after: str | None


class Comparison:
    """First ``stage`` the file's lines, then ``compare`` them with a list, then ``swap``; use it with ``with``.

    ``loaded`` counts the list's active entries of earlier files, ``by_hand`` the others that stay.
    """

    added = removed = changed = unchanged = by_hand = repeated = loaded = 0

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: tuple[Value, ...] = ()
        self._unmet = 0

    def __enter__(self) -> Comparison:
        self._drop()
        self._database.execute(f"PRAGMA cache_size = {_CACHE}")
        self._database.execute(f"PRAGMA temp.cache_size = {_CACHE}")
        self._database.rows(f"PRAGMA threads = {_THREADS}")
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self._drop()
        self._database.execute(f"PRAGMA cache_size = {_DEFAULT_CACHE}")
        self._database.rows("PRAGMA threads = 0")

    def stage(self, rows: Iterator[Sequence[Value]]) -> None:
        """Take the file's lines: the fields of ``lines.Line``, the key and the look-alike key."""
        database = self._database
        self._make("incoming")
        database.execute_many(f"INSERT INTO incoming VALUES ({', '.join('?' * 12)})", rows)  # noqa: S608
        database.execute("CREATE INDEX temp.incoming_text ON incoming (text)")
        self.repeated = database.execute(_REPEATED)

    def compare(self, list_id: int | None, incremental: bool) -> None:
        """Find what ``swap`` has to do. ``incremental`` leaves alone what the lines do not name."""
        database = self._database
        self._seen = self._state(list_id)
        for table in ("kept", "gone", "fresh", "changed"):
            database.execute(f"DROP TABLE IF EXISTS temp.{table}")
            self._make(table)
        self.by_hand = self.loaded = 0
        if list_id is not None:
            self.loaded = self._number("entries WHERE list_id = ? AND active = 1 AND line IS NOT NULL", list_id)
            database.execute(_KEPT, (list_id,))
            database.execute(_GONE, (list_id,))
            if self._number("gone"):
                database.execute("CREATE INDEX temp.gone_text ON gone (text, state, number)")
                database.execute(_FRESH)
                database.execute(_CHANGED)
            self._spare(list_id, incremental)
        self.unchanged, self.changed = self._number("kept"), self._number("changed")
        self.removed = self._number("gone") - self.changed
        self.added = self._number("incoming WHERE NOT removes") - self.unchanged - self.changed

    def renew(self, list_id: int | None, incremental: bool) -> None:
        """Compare again if the list has changed since."""
        if self._state(list_id) != self._seen:
            self.compare(list_id, incremental)

    def _spare(self, list_id: int, incremental: bool) -> None:
        """Take out of ``gone`` what stays."""
        database = self._database
        paired = "entry_id NOT IN (SELECT entry_id FROM changed)"
        asked = self._number("incoming WHERE removes")
        if asked:
            database.execute(_ASKED)
            self._unmet = asked - self._number("incoming WHERE removes AND text IN (SELECT text FROM gone WHERE asked)")
        if incremental:
            database.execute(f"DELETE FROM gone WHERE NOT asked AND {paired}")  # noqa: S608
            if self._number("incoming WHERE json_extract(details, '$.source_id') IS NOT NULL"):
                database.execute(_RENUMBERED, (list_id,))
        else:
            self.by_hand = database.execute(f"DELETE FROM gone WHERE by_hand AND NOT asked AND {paired}")  # noqa: S608

    def swap(self, list_id: int, change_id: int, now: str, user: str) -> None:
        """Make the list what was compared, in the caller's transaction."""
        database = self._database
        if self._number("gone"):
            database.execute(
                "UPDATE entries SET active = 0, removed_at = ?, removed_by = ?, removed_in = ? "
                "WHERE id IN (SELECT entry_id FROM gone)",
                (now, user, change_id),
            )
        # Sorted, so that the growing indices are written from left to right and not all over.
        insert = _INSERT.format(
            fresh="AND line NOT IN (SELECT line FROM kept)" if self.unchanged else "",
            replaces="(SELECT entry_id FROM changed WHERE changed.line = incoming.line)" if self.changed else "NULL",
        )
        database.execute(insert, (list_id, now, user, change_id))

    def differences(self, most: int) -> Iterator[EntryChange]:
        """The first differences of each sort, in the file's order, removed ones by plate."""
        new = "line NOT IN (SELECT line FROM kept) AND line NOT IN (SELECT line FROM changed)"
        old = "id IN (SELECT entry_id FROM gone EXCEPT SELECT entry_id FROM changed)"
        fresh = f"incoming WHERE NOT removes AND {new} ORDER BY line LIMIT {most}"
        for row in self._database.rows(f"SELECT * FROM {fresh}"):  # noqa: S608
            yield EntryChange(ADDED, row["plate"], row["state"], None, _said(row))
        for row in self._database.rows(f"SELECT * FROM entries WHERE {old} ORDER BY text LIMIT {most}"):  # noqa: S608
            yield EntryChange(REMOVED, row["plate"], row["state"], _said(row), None)
        for pair in self._database.rows(f"SELECT entry_id, line FROM changed ORDER BY line LIMIT {most}"):  # noqa: S608
            (before,) = self._database.rows("SELECT * FROM entries WHERE id = ?", (pair["entry_id"],))
            (after,) = self._database.rows("SELECT * FROM incoming WHERE line = ?", (pair["line"],))
            yield EntryChange(CHANGED, after["plate"], after["state"], _said(before), _said(after))

    def warnings(self) -> Iterator[str]:
        if self._unmet:
            lines = "1 line takes" if self._unmet == 1 else f"{self._unmet:,} lines take"
            yield f"{lines} a plate off the list that does not stand there"

    def _state(self, list_id: int | None) -> tuple[Value, ...]:
        """What is different after any change of the list's entries."""
        (row,) = self._database.rows("SELECT max(id) AS last FROM changes WHERE list_id = ?", (list_id,))
        return list_id, row["last"]

    def _number(self, of: str, *parameters: Value) -> int:
        return int(self._database.rows(f"SELECT count(*) AS n FROM {of}", parameters)[0]["n"])  # noqa: S608

    def _make(self, table: str) -> None:
        self._database.execute(f"CREATE TEMP TABLE {table} ({_TABLES[table]})")

    def _drop(self) -> None:
        for table in _TABLES:
            self._database.execute(f"DROP TABLE IF EXISTS temp.{table}")


def _said(row: Row) -> str:
    """What an entry says beside its plate and state."""
    details: dict[str, str] = json.loads(row["details"] or "{}")
    if row["expires_at"]:
        details = {"expires": row["expires_at"], **details}
    return "; ".join([row["reason"] or "", *(f"{name}: {value}" for name, value in details.items())]).removeprefix("; ")
