"""The hot lists of a database: which there are, what stands on them, and changes by hand."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from lpr.errors import HotListError
from lpr.hotlist.entry import Entry, parse_entry_plate
from lpr.hotlist.index import ENTRY_COLUMNS, entry_of
from lpr.hotlist.states import fold_state
from lpr.normalize import key, look_alike_key

if TYPE_CHECKING:
    from lpr.records.schema import Database

#: What a list is about. Anything else is ``custom``.
KINDS = ("stolen vehicle", "stolen plate", "wanted", "missing", "AMBER", "BOLO", "protection order", "custom")
_LONGEST_NAME = 60


@dataclass(frozen=True)
class HotList:
    """One list. ``entries`` counts those that match now, ``expired`` those that did until they expired.

    Times are ISO 8601 UTC; ``imported_at``, ``source_file`` and ``source_sha256`` are None for a list made by hand.
    """

    name: str
    kind: str
    entries: int
    expired: int
    created_at: str | None
    imported_at: str | None
    source_file: str | None
    source_sha256: str | None


def user() -> str:
    """Who runs this program, for the record: the name that the machine knows."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "unknown"


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
    """All lists by name."""
    rows = database.rows(
        "SELECT name, coalesce(kind, 'custom') AS kind, created_at, imported_at, source_file, source_sha256, "
        "(SELECT count(*) FROM entries WHERE list_id = hotlists.id AND active = 1) AS entries, "
        "(SELECT count(*) FROM entries WHERE list_id = hotlists.id AND active = 1 AND expires_at <= ?) AS expired "
        "FROM hotlists ORDER BY name COLLATE NOCASE",
        (_stamp(datetime.now(timezone.utc)),),
    )
    return [HotList(**{**row, "entries": row["entries"] - row["expired"]}) for row in rows]


def entries(database: Database, name: str) -> Iterator[Entry]:
    """The active entries of a list, expired ones included, by plate. Raises HotListError when there is no such list."""
    list_id, _ = _existing(database, name)
    for row in database.each(
        f"SELECT {ENTRY_COLUMNS} FROM entries JOIN hotlists ON hotlists.id = entries.list_id "  # noqa: S608 - a constant
        "WHERE entries.list_id = ? AND entries.active = 1 ORDER BY entries.text, entries.id",
        (list_id,),
    ):
        yield entry_of(row)


def add(
    database: Database,
    plate: str,
    list_name: str,
    state: str | None,
    reason: str,
    expires: datetime | None = None,
    details: Mapping[str, str] | None = None,
    kind: str | None = None,
) -> Entry:
    """Put one plate on a list, which is made when there is none. The entry counts at once.

    An active entry of the same plate, state and reason is replaced by it. Raises PlateError for what is no plate,
    HotListError for an expiry that has passed.
    """
    text = parse_entry_plate(plate)
    moment = datetime.now(timezone.utc)
    now = _stamp(moment)
    if expires is not None and expires <= moment:
        raise HotListError(f"the entry would have expired at {_stamp(expires)}; give an expiry that is to come")
    folded = fold_state(state)
    with database.atomic():
        list_id, name = make_list(database, list_name, kind, now)
        _deactivate(
            database, "list_id = ? AND text = ? AND state IS ? AND reason = ?", (list_id, text, folded, reason), now
        )
        entry_id = database.insert(
            "entries",
            {
                "list_id": list_id,
                "plate": plate.strip(),
                "text": text,
                "key": key(text),
                "look_alike_key": look_alike_key(text),
                "state": folded,
                "reason": reason,
                "created_at": now,
                "created_by": user(),
                "expires_at": _stamp(expires) if expires else None,
                "details": json.dumps(dict(details or {}), ensure_ascii=False, sort_keys=True),
            },
        )
    return Entry(entry_id, name, plate.strip(), text, folded, reason, expires, None, dict(details or {}))


def remove(database: Database, plate: str, list_name: str, state: str | None = None) -> list[Entry]:
    """Take a plate off a list, of one state or of all; the entries that were taken off, kept inactive.

    Raises HotListError when the list or the plate on it does not exist.
    """
    text = parse_entry_plate(plate)
    folded = fold_state(state)
    with database.atomic():
        list_id, name = _existing(database, list_name)
        where = "entries.list_id = ? AND entries.key = ? AND entries.active = 1"
        parameters: list[str | int] = [list_id, key(text)]
        if folded is not None:
            where += " AND entries.state = ?"
            parameters.append(folded)
        rows = database.rows(
            f"SELECT {ENTRY_COLUMNS} FROM entries JOIN hotlists ON hotlists.id = entries.list_id "  # noqa: S608
            f"WHERE {where} ORDER BY entries.id",
            parameters,
        )
        if not rows:
            of_state = f" of state {folded}" if folded else ""
            raise HotListError(f"list {name!r} has no plate {plate}{of_state}; see: lpr hotlist list {name!r}")
        for row in rows:
            _deactivate(database, "id = ?", (row["id"],), _stamp(datetime.now(timezone.utc)))
    return [entry_of(row) for row in rows]


def _deactivate(database: Database, where: str, parameters: tuple[str | int | None, ...], now: str) -> None:
    database.execute(
        f"UPDATE entries SET active = 0, removed_at = ?, removed_by = ? WHERE active = 1 AND {where}",  # noqa: S608
        (now, user(), *parameters),
    )


def _existing(database: Database, name: str) -> tuple[int, str]:
    found = find_list(database, name)
    if found is None:
        raise HotListError(f"there is no hot list {name!r}; see: lpr hotlist list")
    return found


def _stamp(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).isoformat(timespec="milliseconds")
