"""Active entries by their look-alike key: in memory for lists from files, by SQL for the database's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from lpr.hotlist.entry import Entry
from lpr.normalize import look_alike_key

if TYPE_CHECKING:
    from lpr.records.schema import Database

#: What ``entry_of`` needs of a row.
ENTRY_COLUMNS = (
    "entries.id, hotlists.name AS list, entries.plate, entries.text, entries.state, entries.reason, "
    "entries.expires_at, entries.line, entries.details"
)


class MemoryIndex:
    """Entries in a dictionary; for lists of thousands, which a file brings along. The database holds larger ones."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._by_key: dict[str, list[Entry]] = {}
        for entry in entries:
            self._by_key.setdefault(look_alike_key(entry.text), []).append(entry)

    def find(self, look_alike_keys: Sequence[str]) -> list[Entry]:
        return [entry for k in look_alike_keys for entry in self._by_key.get(k, ())]


class DatabaseIndex:
    """Entries of a database, looked up by its index; nothing is kept in memory, so that a change counts at once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, look_alike_keys: Sequence[str]) -> list[Entry]:
        rows = self._database.rows(
            f"SELECT {ENTRY_COLUMNS} FROM entries JOIN hotlists ON hotlists.id = entries.list_id "  # noqa: S608 - a constant
            f"WHERE entries.look_alike_key IN ({', '.join('?' * len(look_alike_keys))}) AND entries.active = 1",
            look_alike_keys,
        )
        return [entry_of(row) for row in rows]


def entry_of(row: dict[str, Any]) -> Entry:
    """The entry that a row of ``ENTRY_COLUMNS`` holds."""
    return Entry(
        id=row["id"],
        list=row["list"],
        plate=row["plate"],
        text=row["text"],
        state=row["state"],
        reason=row["reason"] or "",
        expires=datetime.fromisoformat(row["expires_at"]) if row["expires_at"] else None,
        line=row["line"],
        details=json.loads(row["details"]),
    )
