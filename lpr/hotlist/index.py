"""Active entries by their look-alike key: in memory for lists from files, by SQL for the database's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from lpr.hotlist.entry import NEAR, Entry
from lpr.hotlist.pattern import Patterns
from lpr.hotlist.policy import DEFAULT, Policy, policies
from lpr.normalize import look_alike_key

if TYPE_CHECKING:
    from lpr.records.schema import Database, Row

#: What ``entry_of`` needs of a row.
ENTRY_COLUMNS = (
    "entries.id, hotlists.name AS list, entries.plate, entries.text, entries.state, entries.reason, "
    "entries.expires_at, entries.effective_at, entries.line, entries.details, entries.partial, "
    "coalesce(strftime('%s', 'now') - strftime('%s', hotlists.dated_at) > hotlists.max_age, 0) AS stale"
)
_ENTRIES = f"SELECT {ENTRY_COLUMNS} FROM entries JOIN hotlists ON hotlists.id = entries.list_id "  # noqa: S608
# One text of SQL for any number of keys, so that SQLite prepares it once. CROSS JOIN keeps the keys in front: each is
# looked up in the index, and the entries are never gone through.
_BY_KEYS = (
    f"SELECT {ENTRY_COLUMNS} FROM json_each(?) AS wanted "  # noqa: S608 - a constant
    "CROSS JOIN entries ON entries.look_alike_key = wanted.value AND entries.active = 1 AND entries.partial = 0 "
    "JOIN hotlists ON hotlists.id = entries.list_id"
)

# All that can change what is kept in memory; each part is a look-up or a small table.
_VERSION = """
    SELECT (SELECT group_concat(name || coalesce(tiers, '')) FROM hotlists) AS lists,
           (SELECT coalesce(max(id), 0) || '/' || count(*) FROM ignored) AS ignored,
           (SELECT coalesce(max(id), 0) || '/' || count(*) FROM entries WHERE partial = 1 AND active = 1) AS partial,
           (SELECT max(id) FROM changes) AS changes
"""


class MemoryIndex:
    """Entries in a dictionary; for lists of thousands, which a file brings along. The database holds larger ones.

    ``policies`` are the lists' by name; a list without one has the default.
    """

    def __init__(self, entries: Iterable[Entry], policies: Mapping[str, Policy] | None = None) -> None:
        self._by_key: dict[str, list[Entry]] = {}
        self._policies = dict(policies or {})
        partial: list[Entry] = []
        for entry in entries:
            if entry.partial:
                partial.append(entry)
            else:
                self._by_key.setdefault(look_alike_key(entry.text), []).append(entry)
        self._patterns = Patterns(partial)
        self.near = any(NEAR in policy.tiers for policy in self._policies.values())

    def find(self, look_alike_keys: Sequence[str]) -> list[Entry]:
        return [entry for k in look_alike_keys for entry in self._by_key.get(k, ())]

    def fitting(self, text: str) -> Iterator[Entry]:
        return self._patterns.find(text)

    def policy(self, list_name: str) -> Policy:
        return self._policies.get(list_name, DEFAULT)


class DatabaseIndex:
    """Entries of a database, looked up by its index; a change counts at once, whoever makes it.

    In memory are only the partial plates and what the lists ask for, loaded again when the database has changed.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._version: Row | None = None
        self._policies: dict[str, Policy] = {}
        self._patterns = Patterns(())
        self._near = False

    @property
    def near(self) -> bool:
        self._refresh()
        return self._near

    def find(self, look_alike_keys: Sequence[str]) -> list[Entry]:
        return [entry_of(row) for row in self._database.each(_BY_KEYS, (json.dumps(look_alike_keys),))]

    def fitting(self, text: str) -> Iterator[Entry]:
        return self._patterns.find(text) if self._patterns else iter(())

    def policy(self, list_name: str) -> Policy:
        found = self._policies.get(list_name)
        if found is None:  # a list that came since this read began
            self._version = None
            self._refresh()
            found = self._policies.get(list_name, DEFAULT)
        return found

    def _refresh(self) -> None:
        """Loads what is kept in memory anew after a change, by this process or another."""
        database = self._database
        (version,) = database.rows(_VERSION)
        if version == self._version:
            return
        self._policies = policies(database)
        self._near = any(NEAR in policy.tiers for policy in self._policies.values())
        self._patterns = Patterns(
            entry_of(row) for row in database.each(f"{_ENTRIES} WHERE entries.partial = 1 AND entries.active = 1")
        )
        self._version = version


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
        effective=datetime.fromisoformat(row["effective_at"]) if row["effective_at"] else None,
        partial=bool(row["partial"]),
        stale=bool(row["stale"]),
    )
