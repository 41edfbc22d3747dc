"""What is due: which rows of the record have outlived their retention, and which of them a legal hold keeps.

What is found is listed in temporary tables of the connection, ``due_sightings``, ``due_hits``, ``due_alerts`` and
``due_reads``: numbers alone, no plates, in the order in which they are best deleted. ``n`` counts from 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lpr.records.holds import held
from lpr.records.pictures import orphaned
from lpr.records.retention import Retention, before
from lpr.records.schema import timestamp
from lpr.records.tables_asking import folded

if TYPE_CHECKING:
    from lpr.records.schema import Database, Row, Value

#: The lists, in temporary tables.
SIGHTINGS, HITS, ALERTS, READS = "due_sightings", "due_hits", "due_alerts", "due_reads"


class Due:
    """What is due in a record at a moment by a retention."""

    def __init__(self, database: Database, retention: Retention, at: datetime) -> None:
        self.database, self.retention, self.at = database, retention, at
        self.held, self.held_values = held(database)

    def anything(self) -> bool:
        """Whether anything is due; quick, for programs that ask every few seconds."""
        if not self.retention:
            return False
        for where, values, order in self.clocks():
            if self.database.rows(
                f"SELECT 1 FROM sightings s WHERE {where} AND {UNMATCHED} AND NOT ({self.held}) "  # noqa: S608
                f"ORDER BY s.{order} LIMIT 1",
                [*values, *self.held_values],
            ):
                return True
        if self._hits(_HITS) or self._hits(_ALERTS) or self.files() or orphaned(self.database):
            return True
        return any(self.database.rows(f"{sql} LIMIT 1", values) for sql, values in self._reads(""))

    def clocks(self) -> list[tuple[str, list[Value], str]]:
        """Conditions under which sightings ``s`` are due, their values, and the column of the index that leads to them:
        so a purge goes through what is due alone."""
        limit = before(self.at, self.retention.sightings)
        if limit is None:
            return []
        until = timestamp(limit)
        if self.retention.clock == "record":
            return [("s.created_at < ?", [until], "created_at")]
        return [
            ("s.taken_at < ?", [until], "taken_at"),
            ("s.taken_at IS NULL AND s.created_at < ?", [until], "id"),
        ]

    def list_all(self) -> None:
        """Fill the lists. A sighting goes when no hit or alert keeps it that is not due itself."""
        for name in (SIGHTINGS, HITS, ALERTS, READS):
            self.database.execute(
                f"CREATE TEMP TABLE IF NOT EXISTS {name} (n INTEGER PRIMARY KEY, id INTEGER NOT NULL)"
            )
            self.database.execute(f"DELETE FROM temp.{name}")  # noqa: S608 - constants
        for name, sql in ((HITS, _HITS), (ALERTS, _ALERTS)):
            self._list(name, self._hits(sql))
            self.database.execute(f"CREATE INDEX IF NOT EXISTS temp.{name}_id ON {name}(id)")
        for where, values, order in self.clocks():
            self.database.execute(
                f"INSERT INTO temp.{SIGHTINGS} (id) SELECT s.id FROM sightings s WHERE {where} "  # noqa: S608
                f"AND {_KEPT_BY_NOTHING} AND NOT ({self.held}) ORDER BY s.{order}, s.id",
                [*values, *self.held_values],
            )

    def list_reads(self, planned: bool) -> None:
        """Fill the list of reads: those that say what no sighting says that is on record, or, with ``planned``, that
        is on record and not listed."""
        self.database.execute(f"CREATE INDEX IF NOT EXISTS temp.{SIGHTINGS}_id ON {SIGHTINGS}(id)")
        stays = f"AND NOT EXISTS (SELECT 1 FROM temp.{SIGHTINGS} WHERE {SIGHTINGS}.id = s.id)"  # noqa: S608 - constants
        for sql, values in self._reads(stays if planned else ""):
            self.database.execute(f"INSERT INTO temp.{READS} (id) {sql}", values)

    def count(self, name: str) -> int:
        """How much is on a list."""
        return int(self.database.rows(f"SELECT count(*) AS n FROM temp.{name}")[0]["n"])  # noqa: S608 - constants

    def count_held(self) -> int:
        """The sightings that are due, and that a legal hold keeps."""
        if self.held == "0":
            return 0
        return sum(
            int(self.database.rows(
                f"SELECT count(*) AS n FROM sightings s WHERE {where} AND ({self.held})",  # noqa: S608 - constants
                [*values, *self.held_values],
            )[0]["n"])
            for where, values, _ in self.clocks()
        )  # fmt: skip

    def files(self) -> list[Path]:
        """Other pictures, in the folders of the policy, that are due."""
        limit = before(self.at, self.retention.sightings)
        if limit is None or not self.retention.folders:
            return []
        kept = {row["path"] for row in self.database.rows("SELECT path FROM pictures WHERE sighting_id NOTNULL")}
        return [
            path
            for folder in self.retention.folders
            for path in sorted(folder.rglob("*"))
            if path.is_file() and not path.is_symlink() and str(path) not in kept
            if path.stat().st_mtime < limit.timestamp()
        ]

    def _hits(self, sql: str) -> list[int]:
        """The hits, or the alerts, that are due."""
        kept = self.retention
        if not any(age is not None for age in (kept.hits, *kept.lists.values(), *kept.cases.values())):
            return []  # none ever is, and there may be many
        found = self.database.each(sql.format(held=self.held), self.held_values)
        return [row["id"] for row in found if self._hit_is_due(row)]

    def _hit_is_due(self, row: Row) -> bool:
        if row["held"]:
            return False
        limit = before(self.at, self.retention.of_hit(row["list"], row["entry_case"]))
        since = row["created_at"] if self.retention.clock == "record" else row["taken_at"] or row["created_at"]
        return limit is not None and since < timestamp(limit)

    def _reads(self, staying: str) -> list[tuple[str, list[Value]]]:
        """SQL for the reads that are due and do not agree with a sighting ``s`` that stays.

        Reads have no time of recording of their own: that of their scan counts for them, and for live cameras, whose
        scans last, that of the picture.
        """
        limit = before(self.at, self.retention.sightings)
        if limit is None:
            return []
        stays = f"{_STAYS} {staying}"
        started = (
            "SELECT r.id FROM scans JOIN reads r ON r.scan_id = scans.id "  # noqa: S608 - constants
            f"WHERE scans.started_at < ?1 AND {{}} AND NOT EXISTS ({stays})"
        )
        captured = f"SELECT r.id FROM reads r WHERE r.taken_at < ?1 AND NOT EXISTS ({stays})"  # noqa: S608 - constants
        if self.retention.clock == "record":
            found = [started.format("coalesce(r.taken_at, '') < ?1")]
        else:
            found = [captured, started.format("r.taken_at IS NULL")]
        return [(sql, [timestamp(limit)]) for sql in found]

    def _list(self, name: str, ids: Iterable[int]) -> None:
        self.database.execute_many(f"INSERT INTO temp.{name} (id) VALUES (?)", ((one,) for one in ids))  # noqa: S608


#: Of a sighting ``s``: it has no hit and no alert.
UNMATCHED = (
    "NOT EXISTS (SELECT 1 FROM hits WHERE hits.sighting_id = s.id) "
    "AND NOT EXISTS (SELECT 1 FROM alert_sightings WHERE alert_sightings.sighting_id = s.id)"
)
_KEPT_BY_NOTHING = (
    "NOT EXISTS (SELECT 1 FROM hits WHERE hits.sighting_id = s.id "
    "AND NOT EXISTS (SELECT 1 FROM temp.due_hits WHERE due_hits.id = hits.id)) "
    "AND NOT EXISTS (SELECT 1 FROM alert_sightings WHERE alert_sightings.sighting_id = s.id "
    "AND NOT EXISTS (SELECT 1 FROM temp.due_alerts WHERE due_alerts.id = alert_sightings.alert_id))"
)
_HITS = """
    SELECT h.id, h.list, h.created_at, s.taken_at, ({held}) AS held,
        (SELECT json_extract(details, '$.case') FROM entries WHERE entries.id = h.entry_id) AS entry_case
    FROM hits h JOIN sightings s ON s.id = h.sighting_id
"""
_ALERTS = """
    SELECT a.id, a.list, a.raised_at AS created_at, a.taken_at, coalesce(({held}), 0) AS held,
        (SELECT json_extract(details, '$.case') FROM entries WHERE entries.id = a.entry_id) AS entry_case
    FROM alerts a LEFT JOIN sightings s ON s.id = a.sighting_id
"""
# A sighting of the read's own scan says what the read says, while the read's moment was within its time in sight.
_STAYS = f"""
    SELECT 1 FROM texts CROSS JOIN readings ON readings.text_id = texts.id AND rank = 0
    CROSS JOIN sightings s ON s.id = readings.sighting_id
    WHERE texts.look_alike_key = {folded("r.text")} AND texts.text = r.text AND s.scan_id = r.scan_id
    AND (r.seconds IS NULL OR s.first_seen IS NULL OR r.seconds BETWEEN s.first_seen AND s.last_seen)
"""  # noqa: S608 - constants
