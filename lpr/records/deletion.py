"""Deleting what is due in small steps, so that nobody who writes waits for long."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from lpr.records import due, holds
from lpr.records.carrier import Carrier
from lpr.records.numbering import remember_last

if TYPE_CHECKING:
    from lpr.records.due import Due
    from lpr.records.schema import Database, Value

#: A step deletes for so long, seconds, and the pause after it lets a writer that waits go first: a writer then waits
#: for one step.
STEP, PAUSE = 0.03, 0.004
#: Rows that are deleted at once, between two looks at the clock: few while the disk is slow to bring them.
_FEW, _SOME = 8, 128


class Deletion:
    """Deletes what is listed as due, and counts it. ``longest`` is the longest step, in seconds.

    What steps write is carried into the file beside them (``Carrier``).
    """

    def __init__(self, what: Due, on_step: Callable[[int], None] | None) -> None:
        self.count: Counter[str] = Counter()
        self.longest = 0.0
        self._due, self._database, self._on_step = what, what.database, on_step

    def run(self) -> None:
        """Delete the alerts, hits, sightings and reads that are listed; ``Due.list_all`` comes before."""
        with Carrier(self._database, every=0) as self._carrier:
            if self._due.count(due.ALERTS):
                remember_last(self._database, "alerts")
            self._step_through("alerts", due.ALERTS, self._alerts)
            self._step_through("hits", due.HITS, self._hits)
            self._sightings()
            heal(self._database)
            self._due.list_reads(planned=False)
            self._step_through("reads", due.READS, self._reads)
        for name in (due.ALERTS, due.HITS, due.SIGHTINGS, due.READS):
            self._database.execute(f"DELETE FROM temp.{name}")  # noqa: S608 - constants

    def _sightings(self) -> None:
        """First what texts the sightings may say, in the order of the texts, then the sightings, in that of time: each
        page of the file is then written once, not once for every sighting."""
        database = self._database
        if not self._due.count(due.SIGHTINGS):
            return
        _begin(self._due)
        remember_last(database, "sightings")
        database.execute("CREATE TEMP TABLE IF NOT EXISTS leaving (n INTEGER PRIMARY KEY, text_id, sighting_id)")
        database.execute("DELETE FROM temp.leaving")
        database.execute(_LEAVING)
        self._step_through("readings", "leaving", self._forget)
        database.execute("DELETE FROM temp.leaving")
        self._step_through("sightings", due.SIGHTINGS, self._some_sightings)

    def _some_sightings(self, begin: int, end: int) -> int:
        # A hit, an alert or a hold may have come since they were listed.
        held, held_values = holds.held(self._database)
        going = _STILL.format(held=held)
        self._keep_counts(_COUNT_SIGHTINGS.format(going), [begin, end, *held_values])
        return self._run(f"DELETE FROM sightings WHERE id IN ({going})", begin, end, *held_values)  # noqa: S608

    def _alerts(self, begin: int, end: int) -> int:
        self._keep_counts(_COUNT_ALERTS, [begin, end])
        # The crop that an alert names may have been saved by a program that puts no pictures on record.
        self._run(_CROPS, begin, end)
        return self._run(_DELETE.format("alerts", due.ALERTS), begin, end)

    def _hits(self, begin: int, end: int) -> int:
        self._keep_counts(_COUNT_HITS, [begin, end])
        return self._run(_DELETE.format("hits", due.HITS), begin, end)

    def _reads(self, begin: int, end: int) -> int:
        return self._run(_DELETE.format("reads", due.READS), begin, end)

    def _forget(self, begin: int, end: int) -> int:
        return self._run(_FORGET, begin, end)

    def _run(self, sql: str, *values: Value) -> int:
        return self._database.execute(sql, values)

    def _step_through(self, name: str, listed: str, delete: Callable[[int, int], int]) -> None:
        """``delete`` the rows of a list from after one number up to another, some at a time, in steps of ``STEP``."""
        total, at, some = self._due.count(listed), 0, _SOME
        while at < total:
            self._carrier.catch_up()
            done = 0
            with self._database.atomic():
                began = now = time.monotonic()
                while at < total and now < began + STEP:
                    done += delete(at, at + some)
                    at, before, now = at + some, now, time.monotonic()
                    some = max(_FEW, some // 2) if now - before > STEP / 8 else min(_SOME, some * 2)
            self.longest = max(self.longest, time.monotonic() - began)
            self.count[name] += done
            if self._on_step is not None:
                self._on_step(done)
            time.sleep(PAUSE)

    def _keep_counts(self, sql: str, values: Sequence[Value]) -> None:
        for row in self._database.rows(sql, values):
            self._database.execute(
                "INSERT INTO purged (day, what, list, count) VALUES (?, ?, ?, ?) "
                "ON CONFLICT DO UPDATE SET count = count + excluded.count",
                (row["day"], row["what"], row["list"], row["n"]),
            )


def interrupted(database: Database) -> bool:
    """Whether a purge began and did not end."""
    return bool(database.rows("SELECT 1 FROM purged WHERE what LIKE 'begun %' LIMIT 1"))


def heal(database: Database) -> None:
    """Make sightings searchable again whose texts went, but which stayed: because of a hit that came meanwhile, or
    because a purge was killed."""
    for begun in database.rows("SELECT day, what FROM purged WHERE what LIKE 'begun %'"):
        for condition in _REACHED[begun["what"]]:
            ids = [row["id"] for row in database.rows(_UNSAID.format(condition), (begun["day"],))]
            for at in range(0, len(ids), _SOME):
                some = json.dumps(ids[at : at + _SOME])
                database.execute(
                    "UPDATE sightings SET text = text WHERE id IN (SELECT value FROM json_each(?))", (some,)
                )
                time.sleep(PAUSE)
    database.execute("DELETE FROM purged WHERE what LIKE 'begun %'")


def _begin(what: Due) -> None:
    """Note up to when sightings will lose their texts, for ``heal``."""
    for _, (until, *_), _ in what.clocks()[:1]:
        what.database.execute(
            "INSERT INTO purged (day, what, list, count) VALUES (?, ?, '', 1) ON CONFLICT DO NOTHING",
            (until, f"begun {what.retention.clock}"),
        )


_RANGE = "SELECT id FROM temp.{} WHERE n > ? AND n <= ?"
_DELETE = f"DELETE FROM {{}} WHERE id IN ({_RANGE})"  # noqa: S608 - constants
_LEAVING = f"""
    INSERT INTO temp.leaving (text_id, sighting_id)
    SELECT r.text_id, r.sighting_id FROM temp.{due.SIGHTINGS} d CROSS JOIN readings r ON r.sighting_id = d.id
    WHERE NOT EXISTS (SELECT 1 FROM corrections WHERE corrections.sighting_id = d.id)
    ORDER BY r.text_id, r.sighting_id
"""  # noqa: S608 - constants
_FORGET = """
    DELETE FROM readings WHERE (text_id, sighting_id) IN
    (SELECT text_id, sighting_id FROM temp.leaving WHERE n > ? AND n <= ?)
"""
_STILL = f"""
    SELECT s.id FROM temp.{due.SIGHTINGS} d CROSS JOIN sightings s ON s.id = d.id
    WHERE d.n > ? AND d.n <= ? AND {due.UNMATCHED} AND NOT ({{held}})
"""  # noqa: S608 - constants
_REACHED = {
    "begun capture": ("s.taken_at < ?", "s.taken_at IS NULL AND s.created_at < ?"),
    "begun record": ("s.created_at < ?",),
}
_UNSAID = """
    SELECT s.id FROM sightings s WHERE {} AND s.text <> ''
    AND NOT EXISTS (SELECT 1 FROM readings WHERE readings.sighting_id = s.id AND rank = 0)
"""
_COUNT_SIGHTINGS = """
    SELECT substr(sightings.created_at, 1, 10) AS day, 'sightings' AS what, '' AS list, count(*) AS n
    FROM sightings JOIN scans ON scans.id = sightings.scan_id AND scans.replaced_by IS NULL
    WHERE sightings.id IN ({}) GROUP BY 1
"""
# What lpr.hotlist.report counts: not what was found by looking back, nor what a newer scan has replaced.
_COUNT_HITS = f"""
    SELECT substr(hits.created_at, 1, 10) AS day, list, what, count(*) AS n
    FROM hits JOIN sightings ON sightings.id = hits.sighting_id JOIN scans ON scans.id = sightings.scan_id
    JOIN (SELECT 'matches' AS what UNION SELECT 'conflicts') ON what = 'matches' OR state_agreement = 'conflicts'
    WHERE hits.id IN ({_RANGE.format(due.HITS)}) AND historical = 0 AND scans.replaced_by IS NULL
    GROUP BY 1, 2, 3
"""  # noqa: S608 - constants
_COUNT_ALERTS = f"""
    SELECT substr(raised_at, 1, 10) AS day, list, coalesce(decision, 'undecided') AS what, count(*) AS n FROM alerts
    WHERE id IN ({_RANGE.format(due.ALERTS)}) GROUP BY 1, 2, 3
"""  # noqa: S608 - constants
_CROPS = f"""
    INSERT INTO pictures (sighting_id, kind, path, created_at) SELECT NULL, 'crop', crop, raised_at FROM alerts
    WHERE crop IS NOT NULL AND id IN ({_RANGE.format(due.ALERTS)})
    AND NOT EXISTS (SELECT 1 FROM pictures WHERE path = crop)
"""  # noqa: S608 - constants
