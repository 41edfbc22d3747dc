"""Numbers of sightings, each given once: what a report, a hold or a package calls sighting 25 is never another one.

SQLite gives the number after the largest on record, and so a number again whose sighting was the last and is deleted.
A scan that was interrupted and begins anew does find the same again, and may give it the same number.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lpr.records.schema import Database, Value


def insert_sighting(database: Database, row: Mapping[str, Value]) -> int:
    """Add a sighting under a number that no other one ever had; the number."""
    (known,) = database.rows(_KNOWN)
    if known["gone"] is not None and known["gone"] > (known["last"] or 0):
        row = {"id": known["gone"] + 1, **row}
    return database.insert("sightings", row)


def remember_last(database: Database) -> None:
    """Keep in mind which number was given last. Comes before sightings are deleted."""
    database.execute(_REMEMBER)


_KNOWN = """
    SELECT (SELECT count FROM purged WHERE day = '' AND what = 'last sighting' AND list = '') AS gone,
        (SELECT max(id) FROM sightings) AS last
"""
_REMEMBER = """
    INSERT INTO purged (day, what, list, count)
    SELECT '', 'last sighting', '', max(id) FROM sightings HAVING max(id) NOTNULL
    ON CONFLICT DO UPDATE SET count = max(count, excluded.count)
"""
