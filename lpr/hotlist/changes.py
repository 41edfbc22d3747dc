"""What was changed on hot lists: who, when, why, before and after. Only the retention rule
of a list takes anything away here, and says so."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lpr.hotlist.entry import parse_entry_plate
from lpr.normalize import key
from lpr.purpose import UNSAID as UNSAID
from lpr.purpose import Why as Why
from lpr.purpose import user as user
from lpr.records.audit import changed

if TYPE_CHECKING:
    from lpr.records.schema import Database, Row

Said = Mapping[str, Any]

IMPORT, ADD, EDIT, REMOVE, SET, IGNORE, UNIGNORE, PURGE = (
    *("import", "add", "edit", "remove", "set", "ignore", "unignore", "purge"),
)
#: Actions that the command line calls otherwise.
_COMMANDS = {IGNORE: SET, UNIGNORE: SET}


@dataclass(frozen=True)
class Change:
    """One change. ``action`` is import, add, edit, remove, set, ignore, unignore or purge.

    ``before`` and ``after`` are what it changed, by name: an entry's fields, a list's attributes, or an import's file
    and counts. ``plate`` is None for a change of a whole list. ``at`` is ISO 8601 UTC.
    """

    id: int
    at: str
    by: str
    action: str
    list: str
    plate: str | None
    purpose: str | None
    case: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def record(
    database: Database,
    at: str,
    why: Why,
    action: str,
    of: tuple[int, str],
    before: Said | None = None,
    after: Said | None = None,
    plate: tuple[str, str] | None = None,
) -> int:
    """Put a change on record and on the audit trail, in the caller's transaction; its id.

    ``of`` is the list, ``plate`` its two forms. Raises PolicyError when the policy asks for another ``why``.
    """
    row = {
        "changed_at": at,
        "changed_by": user(),
        "purpose": why.purpose,
        "case_number": why.case,
        "action": action,
        "list_id": of[0],
        "list": of[1],
        "plate": plate[0] if plate else None,
        "key": key(plate[1]) if plate else None,
        "before": _json(before),
        "after": _json(after),
    }
    audit_id = changed(database, f"hotlist {_COMMANDS.get(action, action)}", row, why, plate[1:] if plate else ())
    return database.insert("changes", {**row, "audit_id": audit_id})


def changes(database: Database, list_name: str | None = None, plate: str | None = None) -> Iterator[Change]:
    """The changes of all lists or of one, the oldest first.

    With ``plate``, whatever became of entries of this plate: what imports did to them, too.
    """
    where, parameters = ["1 = 1"], []
    if list_name is not None:
        where.append("changes.list = ? COLLATE NOCASE")
        parameters.append(list_name)
    if plate is None:
        rows = database.each(f"SELECT * FROM changes WHERE {' AND '.join(where)} ORDER BY id", parameters)  # noqa: S608
        yield from (_change(row) for row in rows)
        return
    wanted = key(parse_entry_plate(plate))
    found = [
        _change(row)
        for row in database.each(
            f"SELECT * FROM changes WHERE {' AND '.join(where)} AND key = ?",  # noqa: S608
            [*parameters, wanted],
        )
    ]
    found += _of_imports(database, " AND ".join(where), parameters, wanted)
    yield from sorted(found, key=lambda change: change.id)


def of_access(database: Database, audit_id: int) -> Iterator[Change]:
    """The changes that one access made, see ``lpr.records.audit``, the oldest first."""
    for row in database.each("SELECT * FROM changes WHERE audit_id = ? ORDER BY id", (audit_id,)):
        yield _change(row)


def _of_imports(database: Database, where: str, parameters: list[str], wanted: str) -> Iterator[Change]:
    """What imports did to entries with a key: an entry remembers which change brought and which one took it."""
    entries = database.rows("SELECT * FROM entries WHERE key = ?", (wanted,))
    replaced = {entry["replaces"]: entry for entry in entries if entry["replaces"] is not None}
    by_id = {entry["id"]: entry for entry in entries}
    for entry in entries:
        for column, gone in (("added_in", False), ("removed_in", True)):
            if entry[column] is None or (gone and entry["id"] in replaced):
                continue  # what replaces an entry tells of it
            for row in database.rows(
                f"SELECT * FROM changes WHERE {where} AND id = ? AND key IS NULL",  # noqa: S608
                [*parameters, entry[column]],
            ):
                old = entry if gone else by_id.get(entry["replaces"])
                yield _change(
                    {
                        **row,
                        "plate": entry["plate"],
                        "before": None if old is None else _json(said_of(old)),
                        "after": None if gone else _json(said_of(entry)),
                    }
                )


def said_of(row: Row) -> dict[str, Any]:
    """What a row of the table ``entries`` says, without what is empty."""
    said = {
        **{name: row[name] for name in ("plate", "state", "reason", "line")},
        "effective": row["effective_at"],
        "expires": row["expires_at"],
        **json.loads(row["details"]),
    }
    return {name: value for name, value in said.items() if value not in (None, "")}


def _change(row: Row) -> Change:
    before, after = (json.loads(row[side]) if row[side] else None for side in ("before", "after"))
    return Change(
        id=row["id"],
        at=row["changed_at"],
        by=row["changed_by"],
        action=row["action"],
        list=row["list"],
        plate=row["plate"],
        purpose=row["purpose"],
        case=row["case_number"],
        before=before,
        after=after,
    )


def _json(said: Said | None) -> str | None:
    return None if said is None else json.dumps(said, ensure_ascii=False)
