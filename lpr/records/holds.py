"""Legal holds: what must not be deleted, whatever the retention says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lpr.errors import RecordsError
from lpr.normalize import look_alike_key, parse_plate
from lpr.purpose import user
from lpr.records.schema import now

if TYPE_CHECKING:
    from lpr.records.schema import Database, Value


@dataclass(frozen=True)
class Hold:
    """One hold. What is given must all fit; look-alikes of ``plate`` and the reader's other candidates are held, too.

    ``list`` and ``case`` hold hits of a list, and of entries with that case. ``since`` (included) and ``until`` (not)
    are ISO 8601 UTC; ``source`` is a file as it was named.
    """

    reason: str
    case: str | None = None
    plate: str | None = None
    list: str | None = None
    camera: str | None = None
    source: str | None = None
    sighting: int | None = None
    since: str | None = None
    until: str | None = None
    id: int | None = None
    placed_at: str | None = None
    placed_by: str | None = None
    released_at: str | None = None
    released_by: str | None = None


def place(database: Database, hold: Hold) -> int:
    """Put a hold in force; its id. Raises RecordsError for one that holds nothing or gives no reason."""
    if not any((hold.plate, hold.list, hold.case, hold.camera, hold.source, hold.sighting, hold.since, hold.until)):
        raise RecordsError("a hold needs something to hold: a plate, case, list, camera, source, sighting or period")
    if not hold.reason.strip():
        raise RecordsError("a hold needs a reason, such as the court's order")
    return database.insert(
        "holds",
        {
            "placed_at": now(),
            "placed_by": user(),
            "reason": hold.reason,
            "case_number": hold.case,
            "plate": None if hold.plate is None else look_alike_key(parse_plate(hold.plate)),
            "list": hold.list,
            "camera": hold.camera,
            "source": hold.source,
            "sighting_id": hold.sighting,
            "since": hold.since,
            "until": hold.until,
        },
    )


def release(database: Database, hold_id: int) -> None:
    """End a hold: what it held goes with the next purge, if it is due. Raises RecordsError when none is in force."""
    done = database.execute(
        "UPDATE holds SET released_at = ?, released_by = ? WHERE id = ? AND released_at IS NULL",
        (now(), user(), hold_id),
    )
    if not done:
        raise RecordsError(f"there is no hold {hold_id} in force; see: lpr hold list")


def holds(database: Database, everything: bool = False) -> list[Hold]:
    """The holds in force, or all there ever were, the oldest first."""
    where = "" if everything else "WHERE released_at IS NULL"
    return [
        Hold(
            **{name: row[name] for name in ("reason", "plate", "list", "camera", "source", "since", "until", "id")},
            **{name: row[name] for name in ("placed_at", "placed_by", "released_at", "released_by")},
            case=row["case_number"],
            sighting=row["sighting_id"],
        )
        for row in database.rows(f"SELECT * FROM holds {where} ORDER BY id")  # noqa: S608 - a constant
    ]


def held(database: Database) -> tuple[str, list[Value]]:
    """SQL that tells whether a sighting ``s`` of ``sightings`` is held, with its parameters."""
    told: list[str] = []
    values: list[Value] = []
    for hold in holds(database):
        conditions = []
        for value, sql in (
            (hold.sighting, "s.id = ?"),
            (hold.plate, _SAYS),
            (hold.list, "EXISTS (SELECT 1 FROM hits WHERE hits.sighting_id = s.id AND hits.list = ? COLLATE NOCASE)"),
            (hold.case if _needs_case(hold) else None, _OF_CASE),
            (hold.camera, "s.camera_id = (SELECT id FROM cameras WHERE name = ?)"),
            (hold.source, _OF_SOURCE),
            (hold.since, "coalesce(s.taken_at, s.created_at) >= ?"),
            (hold.until, "coalesce(s.taken_at, s.created_at) < ?"),
        ):
            if value is not None:
                conditions.append(sql)
                values.append(value)
        told.append(f"({' AND '.join(conditions)})")
    return (" OR ".join(told) or "0"), values


_SAYS = (
    "EXISTS (SELECT 1 FROM readings JOIN texts ON texts.id = readings.text_id "
    "WHERE readings.sighting_id = s.id AND texts.look_alike_key = ?)"
)
_OF_CASE = (
    "EXISTS (SELECT 1 FROM hits JOIN entries ON entries.id = hits.entry_id "
    "WHERE hits.sighting_id = s.id AND json_extract(entries.details, '$.case') = ?)"
)
_OF_SOURCE = (
    "EXISTS (SELECT 1 FROM scans JOIN sources ON sources.id = scans.source_id "
    "WHERE scans.id = s.scan_id AND sources.name = ?)"
)


def _needs_case(hold: Hold) -> bool:
    """Whether the case says what is held; beside anything else it only says what the hold is for."""
    return not any((hold.plate, hold.list, hold.camera, hold.source, hold.sighting, hold.since, hold.until))
