"""Numbers of sightings and alerts, each given once: what a report, a hold or a package calls sighting 25 is never
another one.

SQLite gives the number after the largest on record, and so a number again whose sighting was the last and is deleted.
A scan that was interrupted and begins anew does find the same again, and may give it the same number.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from lpr.records.schema import Database, Value

Table = Literal["sightings", "alerts"]


def insert_numbered(database: Database, table: Table, row: Mapping[str, Value]) -> int:
    """Add a row under a number that no other one of its table ever had; the number."""
    (known,) = database.rows(_KNOWN.format(table), (_last(table),))
    if known["gone"] is not None and known["gone"] > (known["last"] or 0):
        row = {"id": known["gone"] + 1, **row}
    return database.insert(table, row)


def remember_last(database: Database, table: Table) -> None:
    """Keep in mind which number was given last. Comes before rows of the table are deleted."""
    database.execute(_REMEMBER.format(table), (_last(table),))


def _last(table: Table) -> str:
    return f"last {table[:-1]}"


_KNOWN = """
    SELECT (SELECT count FROM purged WHERE day = '' AND what = ? AND list = '') AS gone,
        (SELECT max(id) FROM {}) AS last
"""
# The largest by a query of its own, which SQLite answers by the end of the table alone.
_REMEMBER = """
    INSERT INTO purged (day, what, list, count)
    SELECT '', ?, '', last FROM (SELECT (SELECT max(id) FROM {}) AS last) WHERE last NOTNULL
    ON CONFLICT DO UPDATE SET count = max(count, excluded.count)
"""
