"""Entries by hand: added, edited and removed one at a time, each change on record. Nothing is lost: an entry that is
edited or removed stays, inactive."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from lpr.errors import HotListError
from lpr.hotlist.changes import ADD, EDIT, REMOVE, UNSAID, Why, record, said_of, user
from lpr.hotlist.entry import Entry
from lpr.hotlist.states import fold_state
from lpr.hotlist.store import entries_where, existing_list, make_list, stamp
from lpr.hotlist.written import parse_listed
from lpr.normalize import key, look_alike_key

if TYPE_CHECKING:
    from lpr.records.schema import Database


def add(
    database: Database,
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
    """Put one plate on a list, which is made when there is none. The entry counts at once.

    An active entry of the same plate, state and reason is replaced by it. ``?`` stands for one unknown character of a
    partial plate, ``*`` for any number. Raises PlateError for what is no plate, HotListError for an expiry that has
    passed or comes before the entry begins.
    """
    text, partial = parse_listed(plate.strip())
    moment = datetime.now(timezone.utc)
    _check_times(effective, expires, moment)
    folded = fold_state(state)
    said = {name: value for name, value in (details or {}).items() if value}
    entry = Entry(None, list_name, plate.strip(), text, folded, reason, expires, None, said, effective, partial)
    with database.atomic():
        of = make_list(database, list_name, kind, stamp(moment))
        entry = replace(entry, list=of[1])
        same = "list_id = ? AND text = ? AND state IS ? AND reason = ? AND active = 1"
        old = database.rows(f"SELECT * FROM entries WHERE {same}", (of[0], text, folded, reason))  # noqa: S608
        before = said_of(old[0]) if old else None
        change = record(database, stamp(moment), why, ADD, of, before, _said(entry), (entry.plate, text))
        for row in old:
            _end(database, row["id"], stamp(moment), change)
        return replace(entry, id=_insert(database, of[0], entry, stamp(moment), change, old[0]["id"] if old else None))


def edit(
    database: Database,
    plate: str,
    list_name: str,
    changes: Mapping[str, Any],
    state: str | None = None,
    entry_id: int | None = None,
    why: Why = UNSAID,
) -> tuple[Entry, Entry]:
    """Change one active entry; what it was and what it is. The old version stays on record, inactive.

    ``changes`` holds new values by name: ``plate``, ``state``, ``reason``, ``expires`` and ``effective`` (datetimes or
    None), and names of details, where an empty text takes the detail away. ``state`` and ``entry_id`` say which entry
    where a plate stands on the list more than once. Raises HotListError when it is not exactly one.
    """
    moment = datetime.now(timezone.utc)
    with database.atomic():
        of = existing_list(database, list_name)
        found = find(database, plate, of, state)
        if entry_id is not None:
            found = [entry for entry in found if entry.id == entry_id]
        if len(found) != 1:
            told = "; ".join(f"--id {e.id}: {e.state or 'state unknown'}, {e.reason}" for e in found)
            raise HotListError(f"list {of[1]!r} has {len(found)} entries {plate}; say which one ({told or 'none'})")
        before = found[0]
        after = _changed(before, changes)
        _check_times(after.effective, after.expires, moment if "expires" in changes else None)
        change = record(database, stamp(moment), why, EDIT, of, _said(before), _said(after), (after.plate, after.text))
        assert before.id is not None
        _end(database, before.id, stamp(moment), change)
        return before, replace(after, id=_insert(database, of[0], after, stamp(moment), change, before.id))


def remove(database: Database, plate: str, list_name: str, state: str | None = None, why: Why = UNSAID) -> list[Entry]:
    """Take a plate off a list, of one state or of all; the entries that were taken off, kept inactive.

    Raises HotListError when the list or the plate on it does not exist.
    """
    now = stamp(datetime.now(timezone.utc))
    with database.atomic():
        of = existing_list(database, list_name)
        found = find(database, plate, of, state)
        for entry in found:
            change = record(database, now, why, REMOVE, of, _said(entry), None, (entry.plate, entry.text))
            assert entry.id is not None
            _end(database, entry.id, now, change)
    return found


def find(database: Database, plate: str, of: tuple[int, str], state: str | None = None) -> list[Entry]:
    """The active entries of a plate on a list. Raises HotListError when there is none."""
    text, _ = parse_listed(plate.strip())
    folded = fold_state(state)
    where = "entries.list_id = ? AND entries.key = ? AND entries.active = 1 AND (? IS NULL OR entries.state = ?)"
    found = list(entries_where(database, f"{where} ORDER BY entries.id", (of[0], key(text), folded, folded)))
    if not found:
        of_state = f" of state {folded}" if folded else ""
        raise HotListError(f"list {of[1]!r} has no plate {plate}{of_state}; see: lpr hotlist list {of[1]!r}")
    return found


def _changed(entry: Entry, changes: Mapping[str, Any]) -> Entry:
    given = dict(changes)
    plate = str(given.pop("plate", entry.plate)).strip()
    text, partial = parse_listed(plate)
    state = fold_state(given.pop("state")) if "state" in given else entry.state
    fields = {name: given.pop(name, getattr(entry, name)) for name in ("reason", "expires", "effective")}
    details = {name: value for name, value in {**entry.details, **given}.items() if value}
    return replace(entry, id=None, plate=plate, text=text, partial=partial, state=state, details=details, **fields)


def _check_times(effective: datetime | None, expires: datetime | None, now: datetime | None) -> None:
    if expires is None:
        return
    if now is not None and expires <= now:
        raise HotListError(f"the entry would have expired at {stamp(expires)}; give an expiry that is to come")
    if effective is not None and expires <= effective:
        raise HotListError(f"the entry would expire ({stamp(expires)}) before it begins ({stamp(effective)})")


def _said(entry: Entry) -> dict[str, Any]:
    times = {name: getattr(entry, name) for name in ("effective", "expires")}
    said = {
        "plate": entry.plate,
        "state": entry.state,
        "reason": entry.reason,
        "line": entry.line,
        **{name: stamp(moment) for name, moment in times.items() if moment is not None},
        **entry.details,
    }
    return {name: value for name, value in said.items() if value not in (None, "")}


def _end(database: Database, entry_id: int, now: str, change: int) -> None:
    database.execute(
        "UPDATE entries SET active = 0, removed_at = ?, removed_by = ?, removed_in = ? WHERE id = ? AND active = 1",
        (now, user(), change, entry_id),
    )


def _insert(database: Database, list_id: int, entry: Entry, now: str, change: int, replaces: int | None) -> int:
    return database.insert(
        "entries",
        {
            "list_id": list_id,
            "plate": entry.plate,
            "text": entry.text,
            "key": key(entry.text),
            "look_alike_key": look_alike_key(entry.text),
            "state": entry.state,
            "reason": entry.reason,
            "line": entry.line,
            "created_at": now,
            "created_by": user(),
            "effective_at": stamp(entry.effective) if entry.effective else None,
            "expires_at": stamp(entry.expires) if entry.expires else None,
            "partial": int(entry.partial),
            "details": json.dumps(dict(entry.details), ensure_ascii=False, sort_keys=True),
            "replaces": replaces,
            "added_in": change,
        },
    )
