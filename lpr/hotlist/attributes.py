"""What a list is besides its entries: kind, priority, age, tiers, false alerts; and how long its past is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from lpr.errors import HotListError
from lpr.hotlist.changes import IGNORE, PURGE, SET, UNIGNORE, UNSAID, Why, record, user
from lpr.hotlist.entry import TIERS, parse_entry_plate
from lpr.hotlist.store import existing_list, make_list, stamp
from lpr.normalize import key

if TYPE_CHECKING:
    from lpr.records.schema import Database

#: What ``set_attributes`` takes: kind and origin as texts, priority (1 is the most urgent), max_age in seconds,
#: retention in days, tiers as a sequence of names. None takes an attribute away.
ATTRIBUTES = ("kind", "priority", "origin", "max_age", "tiers", "retention")


def set_attributes(database: Database, list_name: str, given: Mapping[str, Any], why: Why = UNSAID) -> bool:
    """Change attributes of a list, which is made when there is none; whether anything is different now."""
    now = stamp(datetime.now(timezone.utc))
    values = {name: _stored(name, value) for name, value in given.items()}
    if not values:
        return False
    with database.atomic():
        of = make_list(database, list_name, None, now)
        (row,) = database.rows("SELECT * FROM hotlists WHERE id = ?", (of[0],))
        different = {name: value for name, value in values.items() if row[name] != value}
        if not different:
            return False
        record(database, now, why, SET, of, {name: row[name] for name in different}, different)
        for name, value in different.items():
            database.execute(f"UPDATE hotlists SET {name} = ? WHERE id = ?", (value, of[0]))  # noqa: S608 - ATTRIBUTES
    return True


def _stored(name: str, value: Any) -> str | int | None:
    if name not in ATTRIBUTES:
        raise HotListError(f"a list has no {name!r}; it has: {', '.join(ATTRIBUTES)}")
    if name == "tiers" and value is not None:
        tiers: Sequence[str] = value
        unknown = [tier for tier in tiers if tier not in TIERS]
        if unknown or not tiers:
            raise HotListError(f"{', '.join(unknown) or 'none'} is no tier; tiers are {', '.join(TIERS)}")
        return json.dumps([tier for tier in TIERS if tier in tiers])
    if value is None or isinstance(value, (str, int)):
        return value
    raise HotListError(f"{value!r} is no {name}")


def ignore(database: Database, list_name: str, plate: str, reason: str = "", why: Why = UNSAID) -> None:
    """Let reads of ``plate`` raise no hit of this list any more: a known false alert."""
    text = parse_entry_plate(plate)
    now = stamp(datetime.now(timezone.utc))
    with database.atomic():
        of = existing_list(database, list_name)
        if database.rows("SELECT 1 FROM ignored WHERE list_id = ? AND key = ?", (of[0], key(text))):
            return
        record(database, now, why, IGNORE, of, after={"plate": plate.strip(), "reason": reason}, plate=(plate, text))
        database.insert(
            "ignored",
            {
                "list_id": of[0],
                "plate": plate.strip(),
                "key": key(text),
                "reason": reason,
                "created_at": now,
                "created_by": user(),
            },
        )


def unignore(database: Database, list_name: str, plate: str, why: Why = UNSAID) -> None:
    """Let reads of ``plate`` raise hits again. Raises HotListError when they were not ignored."""
    text = parse_entry_plate(plate)
    with database.atomic():
        of = existing_list(database, list_name)
        if not database.execute("DELETE FROM ignored WHERE list_id = ? AND key = ?", (of[0], key(text))):
            raise HotListError(f"list {of[1]!r} does not ignore {plate}; see: lpr hotlist list --json")
        now = stamp(datetime.now(timezone.utc))
        record(database, now, why, UNIGNORE, of, before={"plate": plate.strip()}, plate=(plate, text))


def purge(database: Database, now: datetime | None = None) -> dict[str, int]:
    """Forget the entries that have been inactive for longer than their list's retention; how many of each list.

    Entries that a hit refers to stay with it. What the record of changes says of forgotten plates goes as well; that,
    and how many, it was done is itself on record.
    """
    moment = now or datetime.now(timezone.utc)
    forgotten: dict[str, int] = {}
    with database.atomic():
        for row in database.rows("SELECT id, name, retention FROM hotlists WHERE retention IS NOT NULL"):
            before = stamp(moment - timedelta(days=row["retention"]))
            count = database.execute(
                "DELETE FROM entries WHERE list_id = ? AND id NOT IN (SELECT entry_id FROM hits WHERE entry_id NOTNULL)"
                " AND ((active = 0 AND removed_at < ?) OR expires_at < ?)",
                (row["id"], before, before),
            )
            count_told = database.execute(
                "DELETE FROM changes WHERE list_id = ? AND key IS NOT NULL AND changed_at < ? "
                "AND key NOT IN (SELECT key FROM entries WHERE list_id = ?)",
                (row["id"], before, row["id"]),
            )
            if count or count_told:
                record(database, stamp(moment), UNSAID, PURGE, (row["id"], row["name"]), after={"entries": count})
                forgotten[row["name"]] = count
    return forgotten
