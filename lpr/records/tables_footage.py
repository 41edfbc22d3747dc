"""What footage adds to the tables: how a vehicle passed, and how far a scan has come.

Part of the migrations in ``lpr.records.tables``.
"""

from __future__ import annotations

FOOTAGE = (
    # Sides of the picture (left, right, top, bottom), seconds in sight, and the hash of the pixels that were read.
    "ALTER TABLE sightings ADD COLUMN entered TEXT",
    "ALTER TABLE sightings ADD COLUMN exited TEXT",
    "ALTER TABLE sightings ADD COLUMN dwell REAL",
    "ALTER TABLE sightings ADD COLUMN picture_sha256 TEXT",
    # JSON: up to which second everything is on record, the counts up to there, and places of what stands.
    "ALTER TABLE scans ADD COLUMN checkpoint TEXT",
)
