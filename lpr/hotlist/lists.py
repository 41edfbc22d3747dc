"""The hot lists that reads are compared with: those of a database, or those of files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lpr.errors import HotListError
from lpr.hotlist import matcher, store
from lpr.hotlist.changes import UNSAID, Change, Why
from lpr.hotlist.entry import Entry, Hit, parse_entry_plate
from lpr.hotlist.index import DatabaseIndex, MemoryIndex
from lpr.hotlist.states import fold_state, jurisdiction_of
from lpr.hotlist.store import HotList
from lpr.plates import Candidate, Jurisdiction, Sighting, Transcript

if TYPE_CHECKING:
    from lpr.hotlist.importer import How, Imported
    from lpr.hotlist.lines import Refused
    from lpr.hotlist.lookback import HistoricalHit
    from lpr.records.schema import Database


class HotLists:
    """Compares reads with the entries of all hot lists.

        with lpr.open_database() as database:
            for hit in lpr.HotLists(database).check("ABC 1234", state="AL"):
                print(hit.list, hit.plate, hit.tier, hit.differs)

    Every hit is a possible match: verify plate, state and vehicle. ``refused`` are the lines of files that made no
    entry; it is empty for a database, whose import writes them to a file.
    """

    refused: tuple[Refused, ...] = ()

    def __init__(self, database: Database) -> None:
        self._database: Database | None = database
        self._index: matcher.Index = DatabaseIndex(database)
        self._lists: tuple[HotList, ...] = ()
        self._entries: tuple[Entry, ...] = ()

    @classmethod
    def from_files(cls, paths: Iterable[str | Path]) -> HotLists:
        """Lists in memory, one for each file, named after it. Lines that make no entry are in ``refused``: look there.

        Raises HotListError when a file as a whole is no hot list, or fails its own count.
        """
        from lpr.hotlist.lines import Doubts, Refused, read_lines
        from lpr.hotlist.listfile import ListFile

        made = cls.__new__(cls)
        made._database = None
        moment = datetime.now(timezone.utc)
        found: list[HotList] = []
        entries: list[Entry] = []
        refused: list[Refused] = []
        for path in map(Path, paths):
            name = path.stem
            before, at_first = len(entries), len(refused)
            told: set[tuple[str | int | None, ...]] = set()
            with ListFile(path) as file:
                for line in read_lines(file, moment, Doubts()):
                    if isinstance(line, Refused):
                        refused.append(line)
                    elif (
                        not line.removes and line[1:] not in told
                    ):  # a repeated line would be a second hit for one entry
                        told.add(line[1:])
                        entries.append(line.entry(name))
                if file.shortfall is not None:
                    raise HotListError(f"{path}: {file.shortfall}; get the file again")
            if len(entries) == before:
                why = str(refused[at_first]) if len(refused) > at_first else "it holds no line after the header"
                raise HotListError(f"{path}: no line makes an entry ({why}); see: lpr hotlist template")
            expired = sum(entry.expired(moment) for entry in entries[before:])
            count = len(entries) - before - expired
            found.append(HotList(name, "custom", count, expired, source_file=str(path), source_sha256=file.sha256))
        made.refused = tuple(refused)
        made._lists = tuple(found)
        made._entries = tuple(entries)
        made._index = MemoryIndex(entries)
        return made

    def match(
        self,
        read: Sighting | Transcript | str,
        candidates: Sequence[Candidate] = (),
        jurisdiction: Jurisdiction | None = None,
    ) -> list[Hit]:
        """The possible matches of a read, those of the strongest tier first; none: an empty list.

        A sighting or transcript brings its own candidates and jurisdiction; a text alone counts as certain.
        """
        if isinstance(read, str):
            return matcher.match(self._index, read, candidates, jurisdiction)
        return matcher.match(self._index, read.text, read.candidates, read.jurisdiction, characters=read.characters)

    def check(self, plate: str, state: str | None = None) -> list[Hit]:
        """The possible matches of a plate that a person gives, as written. Raises PlateError for what is no plate."""
        folded = fold_state(state)
        jurisdiction = Jurisdiction(jurisdiction_of(folded), 1.0) if folded else None
        return matcher.match(self._index, parse_entry_plate(plate), (), jurisdiction)

    def lists(self) -> list[HotList]:
        """All lists with their counts."""
        return list(self._lists) if self._database is None else store.lists(self._database)

    def entries(self, list_name: str) -> list[Entry]:
        """The active entries of a list, expired ones included."""
        if self._database is not None:
            return list(store.entries(self._database, list_name))
        return [entry for entry in self._entries if entry.list == list_name]

    def import_file(
        self,
        path: str | Path,
        list_name: str,
        kind: str | None = None,
        dry_run: bool = False,
        how: How | None = None,
    ) -> Imported:
        """Make a file the content of a list, see ``lpr.hotlist.importer``."""
        from lpr.hotlist.importer import AS_IT_IS, import_file

        return import_file(self._writable(), Path(path), list_name, kind, dry_run, how or AS_IT_IS)

    def add(
        self,
        plate: str,
        list_name: str,
        state: str | None,
        reason: str,
        expires: datetime | None = None,
        details: Mapping[str, str] | None = None,
        kind: str | None = None,
        effective: datetime | None = None,
        why: Why = UNSAID,
    ) -> Entry:
        """Put one plate on a list, see ``byhand.add``."""
        from lpr.hotlist import byhand

        return byhand.add(self._writable(), plate, list_name, state, reason, expires, details, kind, effective, why)

    def edit(
        self,
        plate: str,
        list_name: str,
        changes: Mapping[str, Any],
        state: str | None = None,
        entry_id: int | None = None,
        why: Why = UNSAID,
    ) -> tuple[Entry, Entry]:
        """Change one entry, see ``byhand.edit``; what it was and what it is."""
        from lpr.hotlist import byhand

        return byhand.edit(self._writable(), plate, list_name, changes, state, entry_id, why)

    def remove(self, plate: str, list_name: str, state: str | None = None, why: Why = UNSAID) -> list[Entry]:
        """Take a plate off a list, see ``byhand.remove``."""
        from lpr.hotlist import byhand

        return byhand.remove(self._writable(), plate, list_name, state, why)

    def set(self, list_name: str, attributes: Mapping[str, Any], why: Why = UNSAID) -> bool:
        """Change attributes of a list, see ``attributes.set_attributes``; whether anything is different now."""
        from lpr.hotlist.attributes import set_attributes

        return set_attributes(self._writable(), list_name, attributes, why)

    def look_back(
        self, span: timedelta, entry: Entry | None = None, change_id: int | None = None
    ) -> list[HistoricalHit]:
        """The stored sightings that may show an entry, or those that an import added, see ``lpr.hotlist.lookback``."""
        from lpr.hotlist.lookback import look_back

        return look_back(self._writable(), span, entry, change_id)

    def log(self, list_name: str | None = None, plate: str | None = None) -> Iterator[Change]:
        """What was changed, by whom and why, the oldest first, see ``lpr.hotlist.changes``."""
        from lpr.hotlist.changes import changes

        return changes(self._writable(), list_name, plate)

    def _writable(self) -> Database:
        if self._database is None:
            raise HotListError("these hot lists come from files; edit the files, or use HotLists(lpr.open_database())")
        return self._database
