"""Makes a file the content of a hot list: checked whole, compared with what stands there, swapped in one go."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from lpr.errors import HotListError
from lpr.hotlist.formats import ListFile
from lpr.hotlist.lines import Doubts, Refused, read_lines
from lpr.hotlist.rejected import Rejected
from lpr.hotlist.store import find_list, make_list, user
from lpr.normalize import key, look_alike_key

if TYPE_CHECKING:
    from lpr.records.schema import Database, Row

#: How many changes of each sort, and how many refused lines, a report shows.
SHOWN = 20

ADDED, REMOVED, CHANGED = "added", "removed", "changed"

# The file's lines (``incoming``; a line that says the same as an earlier one is left out), the active entries that
# stand in it unchanged (``kept``), those that do not (``gone``), the lines that no entry says (``fresh``), and the
# pairs of the last two with one plate and state (``changed``). Temporary: nobody else waits for them or sees them.
_TEMPORARY = ("incoming", "kept", "gone", "fresh", "changed")
_INCOMING = """
    CREATE TEMP TABLE incoming (
        line INTEGER PRIMARY KEY, plate TEXT, text TEXT, state TEXT, reason TEXT, expires_at TEXT, details TEXT,
        key TEXT, look_alike_key TEXT
    )
"""
_ONCE = """
    CREATE UNIQUE INDEX temp.incoming_once
    ON incoming (text, coalesce(state, ''), plate, reason, coalesce(expires_at, ''), details)
"""
_KEPT = """
    INSERT OR IGNORE INTO kept
    SELECT entries.id, incoming.line FROM entries CROSS JOIN incoming
    WHERE entries.list_id = ? AND entries.active = 1
      AND incoming.text = entries.text AND coalesce(incoming.state, '') = coalesce(entries.state, '')
      AND incoming.plate = entries.plate AND incoming.reason = coalesce(entries.reason, '')
      AND coalesce(incoming.expires_at, '') = coalesce(entries.expires_at, '') AND incoming.details = entries.details
"""
# An entry of the file's own is paired before one that was added by hand.
_GONE = """
    INSERT INTO gone
    SELECT id, text, coalesce(state, ''), line IS NULL,
           row_number() OVER (PARTITION BY text, coalesce(state, '') ORDER BY line IS NULL, id)
    FROM entries WHERE list_id = ? AND active = 1 AND id NOT IN (SELECT entry_id FROM kept)
"""
_FRESH = """
    INSERT INTO fresh
    SELECT line, text, coalesce(state, ''),
           row_number() OVER (PARTITION BY text, coalesce(state, '') ORDER BY line)
    FROM incoming WHERE line NOT IN (SELECT line FROM kept)
"""
_CHANGED = """
    INSERT INTO changed
    SELECT gone.entry_id, fresh.line FROM gone
    JOIN fresh ON fresh.text = gone.text AND fresh.state = gone.state AND fresh.number = gone.number
"""


@dataclass(frozen=True)
class Change:
    """One entry that an import adds, removes or changes; ``before`` and ``after`` are what stands beside its plate."""

    kind: str
    plate: str
    state: str | None
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Imported:
    """What an import did or, as a ``dry_run``, would do, in numbers of entries.

    ``created``: the list is new. ``repeated`` lines say the same as an earlier one and count once. ``by_hand`` entries
    were added one by one and stay although the file does not have them. ``changes`` and ``problems`` (refused lines)
    are the first ``SHOWN`` of each sort; ``rejected_file`` holds all ``refused`` lines.
    """

    list: str
    file: str
    dry_run: bool
    created: bool
    added: int
    removed: int
    changed: int
    unchanged: int
    by_hand: int
    repeated: int
    refused: int
    rejected_file: str | None
    changes: tuple[Change, ...]
    problems: tuple[Refused, ...]
    warnings: tuple[str, ...]


def import_file(
    database: Database, path: Path, list_name: str, kind: str | None = None, dry_run: bool = False
) -> Imported:
    """Make ``path`` the content of a list, which is made when there is none.

    First the whole file is read and checked; lines that make no entry go to ``FILE.rejected.csv``. Then, in one
    transaction, entries that are not in the file become inactive (kept, so that earlier hits can be explained) and
    new ones are added; a changed entry is a new one in place of the old. Entries that were added by hand stay.
    ``dry_run`` only tells. Raises HotListError when the file as a whole cannot be used; the list then stays as it is.
    """
    find_list(database, list_name)  # a name that cannot be used is told before a long file is read
    moment = datetime.now(timezone.utc)
    doubts = Doubts()
    _drop(database)
    try:
        with ListFile(path) as file, Rejected(path, file.layout.header, SHOWN, keep=not dry_run) as rejected:
            lines = _stage(database, file, moment, doubts, rejected)
            rejected_file = rejected.publish()
            if not lines:
                why = str(rejected.first[0]) if rejected.first else "it holds no line after the header"
                raise HotListError(f"{path}: no line makes an entry ({why}); see: lpr hotlist template")
        with database.atomic():
            found = find_list(database, list_name)
            by_hand = _compare(database, found[0] if found else None)
            imported = Imported(
                list=found[1] if found else list_name,
                file=str(path),
                dry_run=dry_run,
                created=found is None,
                added=_count(database, "fresh") - _count(database, "changed"),
                removed=_count(database, "gone") - _count(database, "changed"),
                changed=_count(database, "changed"),
                unchanged=_count(database, "kept"),
                by_hand=by_hand,
                repeated=lines - _count(database, "incoming"),
                refused=rejected.count,
                rejected_file=str(rejected_file) if rejected_file else None,
                changes=tuple(_changes(database)),
                problems=tuple(rejected.first),
                warnings=doubts.sentences(),
            )
            if not dry_run:
                _swap(database, path, file.sha256, list_name, kind, moment)
    finally:
        _drop(database)
    return imported


def _stage(database: Database, file: ListFile, moment: datetime, doubts: Doubts, rejected: Rejected) -> int:
    """Reads the whole file into ``incoming``; the number of its lines that make an entry."""
    database.execute(_INCOMING)
    database.execute(_ONCE)
    lines = 0

    def rows() -> Iterator[tuple[str | int | None, ...]]:
        nonlocal lines
        for line in read_lines(file, moment, doubts):
            if isinstance(line, Refused):
                rejected.add(line)
            else:
                lines += 1
                yield (*line, key(line.text), look_alike_key(line.text))

    database.execute_many(
        "INSERT OR IGNORE INTO incoming (line, plate, text, state, reason, expires_at, details, key, look_alike_key) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows(),
    )
    return lines


def _compare(database: Database, list_id: int | None) -> int:
    """Fills ``kept``, ``gone``, ``fresh`` and ``changed``; the number of entries by hand that stay beside the file."""
    database.execute("CREATE TEMP TABLE kept (entry_id INTEGER PRIMARY KEY, line INTEGER UNIQUE)")
    database.execute(
        "CREATE TEMP TABLE gone (entry_id INTEGER PRIMARY KEY, text TEXT, state TEXT, by_hand INTEGER, number INTEGER)"
    )
    database.execute("CREATE TEMP TABLE fresh (line INTEGER PRIMARY KEY, text TEXT, state TEXT, number INTEGER)")
    database.execute("CREATE TEMP TABLE changed (entry_id INTEGER PRIMARY KEY, line INTEGER UNIQUE)")
    database.execute(_KEPT, (list_id,))
    database.execute(_GONE, (list_id,))
    database.execute(_FRESH)
    database.execute("CREATE INDEX temp.fresh_text ON fresh (text, state, number)")
    database.execute(_CHANGED)
    return database.execute("DELETE FROM gone WHERE by_hand AND entry_id NOT IN (SELECT entry_id FROM changed)")


def _swap(database: Database, path: Path, sha256: str, list_name: str, kind: str | None, moment: datetime) -> None:
    now = moment.isoformat(timespec="milliseconds")
    list_id, _ = make_list(database, list_name, kind, now)
    database.execute(
        "UPDATE entries SET active = 0, removed_at = ?, removed_by = ? WHERE id IN (SELECT entry_id FROM gone)",
        (now, user()),
    )
    database.execute(
        "INSERT INTO entries (list_id, plate, text, key, look_alike_key, state, reason, line, created_at, created_by, "
        "expires_at, details) SELECT ?, plate, text, key, look_alike_key, state, reason, line, ?, ?, expires_at, "
        "details FROM incoming WHERE line IN (SELECT line FROM fresh) ORDER BY line",
        (list_id, now, user()),
    )
    database.execute(
        "UPDATE entries SET line = kept.line FROM kept "
        "WHERE kept.entry_id = entries.id AND entries.line IS NOT kept.line"
    )
    database.execute(
        "UPDATE hotlists SET imported_at = ?, source_file = ?, source_sha256 = ? WHERE id = ?",
        (now, str(path.absolute()), sha256, list_id),
    )


def _changes(database: Database) -> Iterator[Change]:
    """The first changes of each sort, in the file's order, removed ones by plate."""
    sorts = (
        (ADDED, "incoming WHERE line IN (SELECT line FROM fresh) AND line NOT IN (SELECT line FROM changed)"),
        (
            REMOVED,
            "entries WHERE id IN (SELECT entry_id FROM gone EXCEPT SELECT entry_id FROM changed) ORDER BY text",
        ),
    )
    for kind, where in sorts:
        for row in database.rows(f"SELECT * FROM {where} LIMIT {SHOWN}"):  # noqa: S608 - the constants above
            said = _said(row)
            before, after = (None, said) if kind == ADDED else (said, None)
            yield Change(kind, row["plate"], row["state"], before, after)
    for pair in database.rows(f"SELECT entry_id, line FROM changed ORDER BY line LIMIT {SHOWN}"):  # noqa: S608
        (old,) = database.rows("SELECT * FROM entries WHERE id = ?", (pair["entry_id"],))
        (new,) = database.rows("SELECT * FROM incoming WHERE line = ?", (pair["line"],))
        yield Change(CHANGED, new["plate"], new["state"], _said(old), _said(new))


def _said(row: Row) -> str:
    """What an entry says beside its plate and state."""
    details: dict[str, str] = json.loads(row["details"] or "{}")
    if row["expires_at"]:
        details = {"expires": row["expires_at"], **details}
    return "; ".join([row["reason"] or "", *(f"{name}: {value}" for name, value in details.items())]).removeprefix("; ")


def _count(database: Database, table: str) -> int:
    return int(database.rows(f"SELECT count(*) AS n FROM {table}")[0]["n"])  # noqa: S608 - constants of this module


def _drop(database: Database) -> None:
    for table in _TEMPORARY:
        database.execute(f"DROP TABLE IF EXISTS temp.{table}")
