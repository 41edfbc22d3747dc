"""Plates that somebody asked for, in the audit trail's clear text, and when they go from there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lpr.normalize import key, look_alike_key
from lpr.records.audit import trail_of
from lpr.records.retention import before
from lpr.records.schema import timestamp

if TYPE_CHECKING:
    from datetime import datetime

    from lpr.records.retention import Retention
    from lpr.records.schema import Database


def asked_and_on_record(database: Database) -> set[str]:
    """The plates in the trail's clear text that the record has now."""
    with trail_of(database) as trail:
        rows = trail.rows("SELECT DISTINCT text FROM audit_plates WHERE text IS NOT NULL")
    return {row["text"] for row in rows if _on_record(database, row["text"])}


def forget(database: Database, asked: set[str], retention: Retention, at: datetime, access_id: int) -> int:
    """Take plates from the trail's clear text; how many went.

    By age where the policy gives one; else those of ``asked``, which were on record before, that are neither on record
    nor on a list any more. ``access_id`` is the access that does it.
    """
    limit = before(at, retention.asked)
    with trail_of(database) as trail, trail.atomic():
        if limit is not None:
            return trail.execute(
                "UPDATE audit_plates SET text = NULL, erased_in = ? WHERE text IS NOT NULL AND audit_id < ? "
                "AND audit_id <= (SELECT coalesce(max(id), 0) FROM audit WHERE at < ?)",
                (access_id, access_id, timestamp(limit)),
            )
        return sum(
            trail.execute("UPDATE audit_plates SET text = NULL, erased_in = ? WHERE text = ?", (access_id, text))
            for text in asked
            if not _on_record(database, text) and not _listed(database, text)
        )


def _on_record(database: Database, text: str) -> bool:
    found = database.rows("SELECT text FROM texts WHERE look_alike_key = ?", (look_alike_key(text),))
    return any(key(row["text"]) == key(text) for row in found) or bool(
        database.rows("SELECT 1 FROM alerts WHERE text = ? LIMIT 1", (text,))
    )


def _listed(database: Database, text: str) -> bool:
    return bool(database.rows("SELECT 1 FROM entries WHERE key = ? LIMIT 1", (key(text),)))
