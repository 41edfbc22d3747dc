"""Corrections: what a person says that a plate reads, beside what was read, which nothing ever overwrites."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lpr.errors import RecordsError
from lpr.normalize import look_alike_key, parse_plate
from lpr.purpose import UNSAID, Why, user
from lpr.records.schema import now

if TYPE_CHECKING:
    from lpr.records.schema import Database

#: The rank of a correction among the readings of a sighting.
_RANK = -1


@dataclass(frozen=True)
class Correction:
    """One correction. ``read`` is what was read; ``replaced`` says that a later one took its place."""

    id: int
    sighting: int
    read: str
    text: str
    state: str | None
    note: str | None
    purpose: str | None
    case: str | None
    at: str
    by: str
    replaced: bool


def correct(
    database: Database,
    sighting_id: int,
    text: str,
    state: str | None = None,
    note: str | None = None,
    why: Why = UNSAID,
) -> Correction:
    """Put on record what a person reads on the plate of a sighting; searches find it by both texts from now on.

    The read and earlier corrections stay. Saying what was read confirms it. Raises PlateError for what is no plate,
    RecordsError when there is no such sighting, or when its text is not stored.
    """
    said = parse_plate(text)
    with database.atomic():
        rows = database.rows("SELECT text, plate_hash FROM sightings WHERE id = ?", (sighting_id,))
        if not rows:
            raise RecordsError(f"there is no sighting {sighting_id}; lpr search --json tells the id of each")
        if rows[0]["plate_hash"] is not None:
            raise RecordsError(f"the text of sighting {sighting_id} is not stored (policy): it cannot be corrected")
        correction_id = database.insert(
            "corrections",
            {
                "sighting_id": sighting_id,
                "text": said,
                "state": state,
                "note": note,
                "purpose": why.purpose,
                "case_number": why.case,
                "created_at": now(),
                "created_by": user(),
            },
        )
        database.execute(
            "UPDATE corrections SET replaced_by = ? WHERE sighting_id = ? AND replaced_by IS NULL AND id <> ?",
            (correction_id, sighting_id, correction_id),
        )
        _make_searchable(database, sighting_id, said)
    return next(one for one in corrections(database, sighting_id) if one.id == correction_id)


def corrections(database: Database, sighting_id: int | None = None, everything: bool = True) -> Iterator[Correction]:
    """The corrections of all sightings or of one, the oldest first; without ``everything`` only those in force."""
    where = "" if everything else " AND c.replaced_by IS NULL"
    for row in database.rows(
        "SELECT c.*, s.text AS read FROM corrections c JOIN sightings s ON s.id = c.sighting_id "  # noqa: S608
        f"WHERE (?1 IS NULL OR c.sighting_id = ?1){where} ORDER BY c.id",
        (sighting_id,),
    ):
        yield Correction(
            *(row["id"], row["sighting_id"], row["read"], row["text"], row["state"], row["note"], row["purpose"]),
            case=row["case_number"],
            at=row["created_at"],
            by=row["created_by"],
            replaced=row["replaced_by"] is not None,
        )


def _make_searchable(database: Database, sighting_id: int, text: str) -> None:
    # A correction before this one goes; where it was a candidate of the reader as well, that comes back.
    database.execute("DELETE FROM readings WHERE sighting_id = ? AND rank = ?", (sighting_id, _RANK))
    database.execute("UPDATE sightings SET candidates = candidates WHERE id = ?", (sighting_id,))
    if database.rows("SELECT 1 FROM sightings WHERE id = ? AND text = ?", (sighting_id, text)):
        return
    database.execute("INSERT OR IGNORE INTO texts (text) VALUES (?)", (text,))
    database.execute(
        "INSERT INTO readings (text_id, sighting_id, rank, probability) "
        "SELECT id, ?, ?, 1.0 FROM texts WHERE look_alike_key = ? AND text = ? "
        "ON CONFLICT DO UPDATE SET rank = excluded.rank, probability = excluded.probability",
        (sighting_id, _RANK, look_alike_key(text), text),
    )
