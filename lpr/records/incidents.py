"""Incidents on record: what happened somewhere at some time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lpr.errors import QuestionError
from lpr.places import Place
from lpr.purpose import user
from lpr.records.schema import Database, Row, Value, now, timestamp

_COLUMNS = "id, kind, at, latitude, longitude, reference, system, address, note, details, created_at, created_by"


@dataclass(frozen=True)
class Incident:
    """Something that happened. ``at`` is aware. ``reference`` is its number in ``system``, which told of it.

    ``details`` is whatever else the system said. ``id``, ``created_at`` and ``created_by`` are None until it is on
    record.
    """

    kind: str
    at: datetime
    place: Place
    reference: str | None = None
    system: str | None = None
    address: str | None = None
    note: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict, hash=False)
    id: int | None = None
    created_at: str | None = None
    created_by: str | None = None

    def row(self) -> dict[str, Any]:
        """The fields for JSON; the place as two numbers."""
        return {
            "id": self.id,
            "kind": self.kind,
            "at": timestamp(self.at),
            "latitude": self.place.latitude,
            "longitude": self.place.longitude,
            "reference": self.reference,
            "system": self.system,
            "address": self.address,
            "note": self.note,
            "details": dict(self.details),
            "created_at": self.created_at,
            "created_by": self.created_by,
        }


def put_incidents(database: Database, incidents: Sequence[Incident]) -> tuple[list[Incident], int]:
    """Put incidents on record, all or none; as they are on record now, and how many of them are new.

    One with the system and the reference of one on record replaces what that said.
    """
    ids: list[int] = []
    fresh = 0
    with database.atomic():
        for one in incidents:
            known = [] if one.reference is None else database.rows(
                "SELECT id FROM incidents WHERE coalesce(system, '') = ? AND reference = ?",
                (one.system or "", one.reference),
            )  # fmt: skip
            said: dict[str, Value] = {
                "kind": one.kind,
                "at": timestamp(one.at),
                "latitude": one.place.latitude,
                "longitude": one.place.longitude,
                "reference": one.reference,
                "system": one.system,
                "address": one.address,
                "note": one.note,
                "details": json.dumps(dict(one.details), ensure_ascii=False),
            }
            if known:
                ids.append(known[0]["id"])
                changes = ", ".join(f"{column} = ?" for column in said)
                database.execute(f"UPDATE incidents SET {changes} WHERE id = ?", (*said.values(), ids[-1]))  # noqa: S608
            else:
                fresh += 1
                ids.append(database.insert("incidents", {**said, "created_at": now(), "created_by": user()}))
        return [find_incident(database, str(incident_id)) for incident_id in ids], fresh


def find_incident(database: Database, named: str) -> Incident:
    """The incident of this number on record, or of this reference. Raises QuestionError for none and for several."""
    rows = database.rows(f"SELECT {_COLUMNS} FROM incidents WHERE id = ?", (_number(named),))  # noqa: S608
    rows = rows or database.rows(f"SELECT {_COLUMNS} FROM incidents WHERE reference = ?", (named,))  # noqa: S608
    if not rows:
        raise QuestionError(f"there is no incident {named}; see: lpr incident list")
    if len(rows) > 1:
        numbers = ", ".join(str(row["id"]) for row in rows)
        raise QuestionError(f"several systems have an incident {named}; name one of these instead: {numbers}")
    return _incident(rows[0])


def incidents(
    database: Database, kind: str | None = None, since: datetime | None = None, until: datetime | None = None
) -> list[Incident]:
    """The incidents of a kind and a span of time, the newest first."""
    rows = database.rows(
        f"SELECT {_COLUMNS} FROM incidents WHERE (?1 IS NULL OR kind = ?1 COLLATE NOCASE) AND (?2 IS NULL OR at >= ?2) "  # noqa: S608
        "AND (?3 IS NULL OR at <= ?3) ORDER BY at DESC, id DESC",
        (kind, None if since is None else timestamp(since), None if until is None else timestamp(until)),
    )
    return [_incident(row) for row in rows]


def _number(named: str) -> int | None:
    return int(named) if named.isascii() and named.isdigit() and len(named) < 19 else None


def _incident(row: Row) -> Incident:
    return Incident(
        kind=row["kind"],
        at=datetime.fromisoformat(row["at"]),
        place=Place(row["latitude"], row["longitude"]),
        reference=row["reference"],
        system=row["system"],
        address=row["address"],
        note=row["note"],
        details=json.loads(row["details"]),
        id=row["id"],
        created_at=row["created_at"],
        created_by=row["created_by"],
    )
