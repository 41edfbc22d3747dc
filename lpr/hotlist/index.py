"""Active entries by their look-alike key: in memory for lists from files, by SQL for the database's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lpr.hotlist.entry import Entry
from lpr.normalize import look_alike_key


class MemoryIndex:
    """Entries in a dictionary; for lists of thousands, which a file brings along. The database holds larger ones."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries: dict[str, list[Entry]] = {}
        for entry in entries:
            self._entries.setdefault(look_alike_key(entry.text), []).append(entry)

    def find(self, look_alike_keys: Sequence[str]) -> list[Entry]:
        return [entry for k in look_alike_keys for entry in self._entries.get(k, ())]

    def entries(self) -> list[Entry]:
        return [entry for entries in self._entries.values() for entry in entries]
