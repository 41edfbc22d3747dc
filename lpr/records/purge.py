"""Deleting what has outlived its retention: in small steps, so that nobody who writes waits, and so that it is gone.

Deleted rows are overwritten with zeros (``PRAGMA secure_delete``), the WAL is emptied, picture files are removed, and
plates that somebody asked for go from the audit trail's clear text with the last sighting of them. Counts stay.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from lpr.normalize import key, look_alike_key
from lpr.purpose import UNSAID, Why
from lpr.records.audit import audited, trail_of
from lpr.records.holds import held
from lpr.records.pictures import orphaned, remove_orphaned
from lpr.records.policy import policy_of
from lpr.records.retention import Retention, before
from lpr.records.schema import timestamp
from lpr.records.scrub import scrub

if TYPE_CHECKING:
    from lpr.records.schema import Database, Row, Value

#: A step should take so long, seconds, and the pause after it lets a writer that waits go first: a writer then waits
#: for one step. Steps grow and shrink to it.
STEP, PAUSE = 0.025, 0.004
_FIRST_STEP, _LEAST_STEP, _LARGEST_STEP = 50, 20, 2000


@dataclass(frozen=True)
class Purged:
    """What was deleted or, in a dry run, would be.

    ``held`` sightings are due but under a legal hold. ``plates_asked`` went from the clear text of the audit trail.
    ``problems`` are files that could not be deleted, and a WAL that could not be emptied.
    """

    dry_run: bool
    sightings: int = 0
    reads: int = 0
    hits: int = 0
    alerts: int = 0
    pictures: int = 0
    files: int = 0
    plates_asked: int = 0
    held: int = 0
    longest_step: float = 0.0
    problems: tuple[str, ...] = ()


def purge(
    database: Database,
    why: Why = UNSAID,
    dry_run: bool = False,
    moment: datetime | None = None,
    retention: Retention | None = None,
    on_step: Callable[[int], None] | None = None,
) -> Purged:
    """Delete what is due at ``moment`` (now) by ``retention`` (that of the deployment's policy).

    The access is on the audit trail with its counts, unless nothing is due. ``on_step`` hears the number of rows after
    each step. Other programs may read and write meanwhile. Raises PolicyError for a policy that cannot be used.
    """
    at = moment or datetime.now(timezone.utc)
    kept = policy_of(database.file).retention if retention is None else retention
    if dry_run:
        return _Purging(database, kept, at, None).look()
    if not _anything(database, kept, at):
        return Purged(dry_run=False, held=_Purging(database, kept, at, None).count_held())
    with _alone(database), audited(database, "purge", {"moment": timestamp(at), **_told(kept)}, why) as access:
        purging = _Purging(database, kept, at, on_step)
        try:
            done = purging.run(access.id)
        finally:
            access.note(**{name: value for name, value in purging.count.items() if value})
    _empty_wal(database, purging)
    _scrub(database, purging)
    _empty_wal(database, purging)
    return purging.result(done)


@contextmanager
def _alone(database: Database) -> Iterator[None]:
    """Inside, nothing is part of the access that runs: what a scan purges is no part of the scan."""
    running, database.access = database.access, None
    try:
        yield
    finally:
        database.access = running


def due(database: Database, moment: datetime | None = None) -> bool:
    """Whether anything is due by the deployment's policy; quick, for programs that ask every few seconds."""
    at = moment or datetime.now(timezone.utc)
    return _anything(database, policy_of(database.file).retention, at)


class _Purging:
    """One running purge."""

    def __init__(
        self, database: Database, retention: Retention, at: datetime, on_step: Callable[[int], None] | None
    ) -> None:
        self.database = database
        self.retention = retention
        self.at = at
        self.count: Counter[str] = Counter()
        self.longest = 0.0
        self.problems: list[str] = []
        self._on_step = on_step
        self._held, self._held_values = held(database)
        #: Of a dry run: the sightings that would go.
        self._going: set[int] = set()

    def look(self) -> Purged:
        """What is due, nothing deleted."""
        for name, due_ in (("hits", self._due_hits()), ("alerts", self._due_alerts())):
            self.count[name] = len(due_)
        kept_hits = set(self._due_hits())
        kept_alerts = set(self._due_alerts())
        for clock in self._clocks("s"):
            select = f"SELECT s.id FROM sightings s WHERE {clock[0]}"  # noqa: S608 - constants
            for row in self.database.each(select, clock[1]):
                if self._only(row["id"], kept_hits, kept_alerts):
                    self._going.add(row["id"])
        self.count["sightings"] = len(self._going)
        self.count["held"] = self.count_held()
        self.count["reads"] = sum(1 for _ in self._due_reads())
        self.count["files"] = len(self._due_files())
        shown = "SELECT path FROM pictures WHERE sighting_id IN (SELECT value FROM json_each(?))"
        going = {row["path"] for row in self.database.rows(shown, (json.dumps(list(self._going)),))}
        self.count["pictures"] = len(going.union(orphaned(self.database)))
        return self.result(self.count, dry_run=True)

    def _only(self, sighting_id: int, hits: set[int], alerts: set[int]) -> bool:
        """Whether nothing but hits and alerts that go themselves keeps a sighting."""
        (is_held,) = self.database.rows(
            f"SELECT {self._held} AS held FROM sightings s WHERE s.id = ?",  # noqa: S608 - constants
            [*self._held_values, sighting_id],
        )
        found = self.database.rows("SELECT id FROM hits WHERE sighting_id = ?", (sighting_id,))
        told = self.database.rows("SELECT alert_id FROM alert_sightings WHERE sighting_id = ?", (sighting_id,))
        return (
            not is_held["held"]
            and all(row["id"] in hits for row in found)
            and all(row["alert_id"] in alerts for row in told)
        )

    def run(self, access_id: int) -> Mapping[str, int]:
        asked = self._asked_and_on_record()
        self._step_through("alerts", self._due_alerts(), self._delete_alerts)
        self._step_through("hits", self._due_hits(), self._delete_hits)
        self.count["held"] = self.count_held()
        for where, values, order in self._clocks("s"):
            self._delete_sightings(where, values, order)
        self._step_through("reads", list(self._due_reads()), self._delete_reads)
        self._delete_files()
        self.database.execute("UPDATE holds SET plate = NULL WHERE released_at IS NOT NULL")
        self._forget_asked(asked, access_id)
        return self.count

    def result(self, counts: Mapping[str, int], dry_run: bool = False) -> Purged:
        names = ("sightings", "reads", "hits", "alerts", "pictures", "files", "plates_asked", "held")
        return Purged(
            dry_run=dry_run,
            **{name: counts.get(name, 0) for name in names},
            longest_step=round(self.longest, 4),
            problems=tuple(self.problems),
        )

    def _clocks(self, table: str) -> list[tuple[str, list[Value], str]]:
        """Conditions under which rows of a table with ``taken_at`` are due, their values, and an order that an index
        has: so a purge goes through what is due alone."""
        limit = before(self.at, self.retention.sightings)
        if limit is None:
            return []
        until = timestamp(limit)
        if self.retention.clock == "record":
            return [(f"{table}.created_at < ?", [until], "created_at")]
        return [
            (f"{table}.taken_at < ?", [until], "taken_at"),
            (f"{table}.taken_at IS NULL AND {table}.created_at < ?", [until], "id"),
        ]

    def count_held(self) -> int:
        if self._held == "0":
            return 0
        return sum(
            int(self.database.rows(
                f"SELECT count(*) AS n FROM sightings s WHERE {where} AND ({self._held})",  # noqa: S608 - constants
                [*values, *self._held_values],
            )[0]["n"])
            for where, values, _ in self._clocks("s")
        )  # fmt: skip

    def _due_hits(self) -> list[int]:
        return [row["id"] for row in self.database.each(_HITS.format(held=self._held), self._held_values)
                if self._hit_is_due(row)]  # fmt: skip

    def _due_alerts(self) -> list[int]:
        return [row["id"] for row in self.database.each(_ALERTS.format(held=self._held), self._held_values)
                if self._hit_is_due(row)]  # fmt: skip

    def _hit_is_due(self, row: Row) -> bool:
        if row["held"]:
            return False
        limit = before(self.at, self.retention.of_hit(row["list"], row["entry_case"]))
        since = row["created_at"] if self.retention.clock == "record" else row["taken_at"] or row["created_at"]
        return limit is not None and since < timestamp(limit)

    def _due_reads(self) -> Iterator[int]:
        """Reads that are due and do not agree with a sighting that stays. They have no time of recording of their own:
        that of their scan counts for them, and for live cameras, whose scans last, that of the picture."""
        limit = before(self.at, self.retention.sightings)
        if limit is None:
            return
        until = timestamp(limit)
        started = "SELECT {} FROM reads r JOIN scans ON scans.id = r.scan_id WHERE scans.started_at < ?1 AND "
        captured = "SELECT {} FROM reads r WHERE r.taken_at < ?1"
        clocks = (
            (captured, started + "r.taken_at IS NULL")
            if self.retention.clock == "capture"
            else (started + "coalesce(r.taken_at, '') < ?1",)
        )
        for sql in clocks:
            for row in self.database.rows(sql.format("r.id, r.text, r.scan_id, r.seconds"), (until,)):
                if not self._stays(row):
                    yield row["id"]

    def _stays(self, read: Row) -> bool:
        """Whether a read says what a sighting of its scan that stays on record says, while that was in sight."""
        found = self.database.rows(
            "SELECT s.id FROM texts JOIN readings ON readings.text_id = texts.id AND rank = 0 "
            "JOIN sightings s ON s.id = readings.sighting_id WHERE texts.look_alike_key = ?1 AND texts.text = ?2 "
            "AND s.scan_id = ?3 AND (?4 IS NULL OR s.first_seen IS NULL OR ?4 BETWEEN s.first_seen AND s.last_seen)",
            (look_alike_key(read["text"]), read["text"], read["scan_id"], read["seconds"]),
        )
        return any(row["id"] not in self._going for row in found)

    def _step_through(self, name: str, ids: Sequence[int], delete: Callable[[str], None]) -> None:
        size, at = _FIRST_STEP, 0
        while at < len(ids):
            some = ids[at : at + size]
            began = time.monotonic()
            with self.database.atomic():
                delete(json.dumps(some))
            size = self._stepped(name, len(some), size, time.monotonic() - began)
            at += len(some)

    def _stepped(self, name: str, done: int, size: int, seconds: float) -> int:
        """After a step: it is counted, others may write, and the size of the next one is chosen."""
        self.count[name] += done
        self.longest = max(self.longest, seconds)
        if self._on_step is not None:
            self._on_step(done)
        self.database.checkpoint()
        time.sleep(PAUSE)
        return max(_LEAST_STEP, min(_LARGEST_STEP, int(size * min(1.5, STEP / max(seconds, 1e-6)))))

    def _delete_sightings(self, where: str, values: list[Value], order: str) -> None:
        last: tuple[Value, ...] = ("", 0) if order == "taken_at" else (0,)
        after = "(s.taken_at, s.id) > (?, ?)" if order == "taken_at" else "s.id > ?"
        select = (
            f"SELECT s.id, s.taken_at, substr(s.created_at, 1, 10) AS day, scans.replaced_by AS replaced "  # noqa: S608
            f"FROM sightings s JOIN scans ON scans.id = s.scan_id WHERE {where} AND {after} "
            "AND NOT EXISTS (SELECT 1 FROM hits WHERE hits.sighting_id = s.id) "
            "AND NOT EXISTS (SELECT 1 FROM alert_sightings WHERE alert_sightings.sighting_id = s.id) "
            f"AND NOT ({self._held}) ORDER BY s.{order}, s.id LIMIT ?"
        )
        size = _FIRST_STEP
        while True:
            began = time.monotonic()
            with self.database.atomic():
                rows = self.database.rows(select, [*values, *last, *self._held_values, size])
                if not rows:
                    return
                days = Counter(row["day"] for row in rows if row["replaced"] is None)
                self._keep_counts((day, "sightings", "", n) for day, n in days.items())
                self.database.execute(_DELETE.format("sightings"), (json.dumps([row["id"] for row in rows]),))
            end = rows[-1]
            last = (end["taken_at"], end["id"]) if order == "taken_at" else (end["id"],)
            size = self._stepped("sightings", len(rows), size, time.monotonic() - began)

    def _delete_hits(self, ids: str) -> None:
        self._keep_counts(
            (row["day"], row["what"], row["list"], row["n"]) for row in self.database.rows(_COUNT, (ids,))
        )
        self.database.execute(_DELETE.format("hits"), (ids,))

    def _delete_alerts(self, ids: str) -> None:
        rows = self.database.rows(_COUNT_ALERTS, (ids,))
        self._keep_counts((row["day"], row["what"], row["list"], row["n"]) for row in rows)
        # The crop that an alert names may have been saved by a program that puts no pictures on record.
        self.database.execute(_CROPS, (ids,))
        self.database.execute(_DELETE.format("alerts"), (ids,))

    def _delete_reads(self, ids: str) -> None:
        self.database.execute(_DELETE.format("reads"), (ids,))

    def _keep_counts(self, counts: Iterable[tuple[str, str, str, int]]) -> None:
        for row in counts:
            self.database.execute(
                "INSERT INTO purged (day, what, list, count) VALUES (?, ?, ?, ?) "
                "ON CONFLICT DO UPDATE SET count = count + excluded.count",
                row,
            )

    def _due_files(self) -> list[Path]:
        limit = before(self.at, self.retention.sightings)
        found: list[Path] = []
        for folder in self.retention.folders if limit is not None else ():
            kept = {row["path"] for row in self.database.rows("SELECT path FROM pictures WHERE sighting_id NOTNULL")}
            for path in sorted(folder.rglob("*")):
                if path.is_file() and not path.is_symlink() and str(path) not in kept:
                    assert limit is not None
                    if path.stat().st_mtime < limit.timestamp():
                        found.append(path)
        return found

    def _delete_files(self) -> None:
        for gone in remove_orphaned(self.database):
            if isinstance(gone, OSError):
                self.problems.append(f"{gone.filename} cannot be deleted ({gone.strerror})")
            else:
                self.count["pictures"] += 1
        for path in self._due_files():
            try:
                path.unlink()
                self.count["files"] += 1
            except OSError as error:
                self.problems.append(f"{path} cannot be deleted ({error.strerror})")

    def _asked_and_on_record(self) -> set[str]:
        """The plates in the trail's clear text that the record has now."""
        with trail_of(self.database) as trail:
            rows = trail.rows("SELECT DISTINCT text FROM audit_plates WHERE text IS NOT NULL")
        return {row["text"] for row in rows if self._on_record(row["text"])}

    def _on_record(self, text: str) -> bool:
        found = self.database.rows("SELECT text FROM texts WHERE look_alike_key = ?", (look_alike_key(text),))
        return any(key(row["text"]) == key(text) for row in found) or bool(
            self.database.rows("SELECT 1 FROM alerts WHERE text = ? LIMIT 1", (text,))
        )

    def _forget_asked(self, asked: set[str], access_id: int) -> None:
        """Take plates from the trail's clear text: by age where the policy gives one, else with their last sighting."""
        limit = before(self.at, self.retention.asked)
        with trail_of(self.database) as trail, trail.atomic():
            if limit is not None:
                self.count["plates_asked"] += trail.execute(
                    "UPDATE audit_plates SET text = NULL, erased_in = ? WHERE text IS NOT NULL AND audit_id < ? "
                    "AND audit_id <= (SELECT coalesce(max(id), 0) FROM audit WHERE at < ?)",
                    (access_id, access_id, timestamp(limit)),
                )
                return
            for text in asked:
                if not self._on_record(text) and not self._listed(text):
                    self.count["plates_asked"] += trail.execute(
                        "UPDATE audit_plates SET text = NULL, erased_in = ? WHERE text = ?", (access_id, text)
                    )

    def _listed(self, text: str) -> bool:
        return bool(self.database.rows("SELECT 1 FROM entries WHERE key = ? LIMIT 1", (key(text),)))


_DELETE = "DELETE FROM {} WHERE id IN (SELECT value FROM json_each(?))"

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
# What lpr.hotlist.report counts: not what was found by looking back, nor what a newer scan has replaced.
_COUNT = """
    SELECT substr(hits.created_at, 1, 10) AS day, list, what, count(*) AS n
    FROM hits JOIN sightings ON sightings.id = hits.sighting_id JOIN scans ON scans.id = sightings.scan_id
    JOIN (SELECT 'matches' AS what UNION SELECT 'conflicts') ON what = 'matches' OR state_agreement = 'conflicts'
    WHERE hits.id IN (SELECT value FROM json_each(?)) AND historical = 0 AND scans.replaced_by IS NULL
    GROUP BY 1, 2, 3
"""
_COUNT_ALERTS = """
    SELECT substr(raised_at, 1, 10) AS day, list, coalesce(decision, 'undecided') AS what, count(*) AS n FROM alerts
    WHERE id IN (SELECT value FROM json_each(?)) GROUP BY 1, 2, 3
"""


_CROPS = """
    INSERT INTO pictures (sighting_id, kind, path, created_at) SELECT NULL, 'crop', crop, raised_at FROM alerts
    WHERE crop IS NOT NULL AND id IN (SELECT value FROM json_each(?))
    AND NOT EXISTS (SELECT 1 FROM pictures WHERE path = crop)
"""


def _anything(database: Database, retention: Retention, at: datetime) -> bool:
    if not retention:
        return False
    purging = _Purging(database, retention, at, None)
    for where, values, order in purging._clocks("s"):
        if database.rows(
            f"SELECT 1 FROM sightings s WHERE {where} AND NOT EXISTS (SELECT 1 FROM hits WHERE sighting_id = s.id) "  # noqa: S608
            f"AND NOT EXISTS (SELECT 1 FROM alert_sightings WHERE sighting_id = s.id) AND NOT ({purging._held}) "
            f"ORDER BY s.{order} LIMIT 1",
            [*values, *purging._held_values],
        ):
            return True
    if purging._due_hits() or purging._due_alerts() or purging._due_files() or orphaned(database):
        return True
    return next(purging._due_reads(), None) is not None


def _told(retention: Retention) -> dict[str, str]:
    """The ages, for the trail."""
    ages = {"sightings": retention.sightings, "hits": retention.hits, "asked": retention.asked}
    return {name: str(age) for name, age in ages.items() if age is not None}


def _empty_wal(database: Database, purging: _Purging) -> None:
    with trail_of(database) as trail:
        for one in {id(database): database, id(trail): trail}.values():
            for _ in range(25):
                if one.checkpoint(truncate=True):
                    break
                time.sleep(0.02)
            else:
                purging.problems.append(
                    f"{one.file}-wal could not be emptied, because another program reads the database all the time; "
                    "deleted rows stay in it until the next purge"
                )


def _scrub(database: Database, purging: _Purging) -> None:
    with trail_of(database) as trail:
        for one in {str(db.file): db for db in (database, trail)}.values():
            if not scrub(one):
                purging.problems.append(
                    f"{one.file} could not be overwritten everywhere (another program reads it all the time, or it is "
                    "larger than 64 GB); deleted rows may be left in unused places until the next purge"
                )
