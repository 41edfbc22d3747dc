"""The hot lists of a database: which there are, how fresh, and what stands on them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from lpr.errors import HotListError
from lpr.hotlist.entry import Entry
from lpr.hotlist.index import ENTRY_COLUMNS, entry_of

if TYPE_CHECKING:
    from lpr.records.schema import Database, Row, Value

#: What a list is about. Anything else is ``custom``.
KINDS = ("stolen vehicle", "stolen plate", "wanted", "missing", "AMBER", "BOLO", "protection order", "custom")
_LONGEST_NAME = 60


@dataclass(frozen=True)
class HotList:
    """One list. ``entries`` counts those that match now, ``expired`` those that did until they expired.

    ``priority`` 1 is the most urgent. ``dated_at`` is the date of the file, ``max_age`` how many seconds later the list
    is ``stale``. ``tiers`` are those that may hit, None for the usual ones; ``ignored`` are plates as read that raise
    no hit, ``retention`` the days that inactive entries are kept, None for ever. Times are ISO 8601 UTC; what only
    a file brings is None for a list made by hand.
    """

    name: str
    kind: str
    entries: int
    expired: int
    created_at: str | None = None
    imported_at: str | None = None
    source_file: str | None = None
    source_sha256: str | None = None
    priority: int | None = None
    origin: str | None = None
    dated_at: str | None = None
    max_age: int | None = None
    stale: bool = False
    tiers: tuple[str, ...] | None = None
    ignored: tuple[str, ...] = ()
    retention: int | None = None
    format: str | None = None


def check_list_name(name: str) -> str:
    """``name`` without blanks around it. Raises HotListError when nobody could call the list by it."""
    clean = " ".join(name.split())
    if not clean or len(clean) > _LONGEST_NAME or not clean.isprintable() or clean.startswith("-"):
        raise HotListError(f"{name!r} is no name for a hot list; use up to {_LONGEST_NAME} letters and digits")
    return clean


def find_list(database: Database, name: str) -> tuple[int, str] | None:
    """Id and name of a list, upper and lower case alike, or None."""
    rows = database.rows("SELECT id, name FROM hotlists WHERE name = ? COLLATE NOCASE", (check_list_name(name),))
    return (rows[0]["id"], rows[0]["name"]) if rows else None


def existing_list(database: Database, name: str) -> tuple[int, str]:
    """Id and name of a list. Raises HotListError when there is none."""
    found = find_list(database, name)
    if found is None:
        raise HotListError(f"there is no hot list {name!r}; see: lpr hotlist list")
    return found


def make_list(database: Database, name: str, kind: str | None, now: str) -> tuple[int, str]:
    """The list of that name, made when there is none; a ``kind`` that is given becomes its kind."""
    found = find_list(database, name)
    if found is None:
        clean = check_list_name(name)
        row = {"name": clean, "kind": kind or "custom", "created_at": now}
        return database.insert("hotlists", row), clean
    if kind is not None:
        database.execute("UPDATE hotlists SET kind = ? WHERE id = ?", (kind, found[0]))
    return found


def lists(database: Database) -> list[HotList]:
    """All lists, those of the highest priority first, then by name."""
    moment = datetime.now(timezone.utc)
    rows = database.rows(
        "SELECT hotlists.*, "
        "(SELECT count(*) FROM entries WHERE list_id = hotlists.id AND active = 1) AS entries, "
        "(SELECT count(*) FROM entries WHERE list_id = hotlists.id AND active = 1 AND expires_at <= ?) AS expired, "
        "(SELECT json_group_array(plate) FROM ignored WHERE list_id = hotlists.id) AS ignored "
        "FROM hotlists ORDER BY priority IS NULL, priority, name COLLATE NOCASE",
        (stamp(moment),),
    )
    return [_list_of(row, moment) for row in rows]


def _list_of(row: Row, now: datetime) -> HotList:
    return HotList(
        name=row["name"],
        kind=row["kind"] or "custom",
        entries=row["entries"] - row["expired"],
        expired=row["expired"],
        created_at=row["created_at"],
        imported_at=row["imported_at"],
        source_file=row["source_file"],
        source_sha256=row["source_sha256"],
        priority=row["priority"],
        origin=row["origin"],
        dated_at=row["dated_at"],
        max_age=row["max_age"],
        stale=is_stale(row["dated_at"], row["max_age"], now),
        tiers=tuple(json.loads(row["tiers"])) if row["tiers"] else None,
        ignored=tuple(json.loads(row["ignored"])),
        retention=row["retention"],
        format=row["format"],
    )


def is_stale(dated_at: str | None, max_age: int | None, now: datetime) -> bool:
    """Whether a list of that date is over its maximum age (seconds); one without either never is."""
    if dated_at is None or max_age is None:
        return False
    return (now - datetime.fromisoformat(dated_at)).total_seconds() > max_age


def entries(database: Database, name: str) -> Iterator[Entry]:
    """The active entries of a list, expired ones included, by plate. Raises HotListError when there is no such list."""
    list_id, _ = existing_list(database, name)
    yield from entries_where(
        database, "entries.list_id = ? AND entries.active = 1 ORDER BY entries.text, entries.id", (list_id,)
    )


def entries_where(database: Database, where: str, parameters: tuple[Value, ...]) -> Iterator[Entry]:
    """The entries that a condition on the tables ``entries`` and ``hotlists`` finds."""
    for row in database.each(
        f"SELECT {ENTRY_COLUMNS} FROM entries JOIN hotlists ON hotlists.id = entries.list_id WHERE {where}",  # noqa: S608
        parameters,
    ):
        yield entry_of(row)


def stamp(moment: datetime) -> str:
    """A moment as the database writes it."""
    return moment.astimezone(timezone.utc).isoformat(timespec="milliseconds")
