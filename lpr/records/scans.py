"""Scans on record: which source was read with what, how far that came, and what it gave."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from lpr.errors import SourceError
from lpr.places import Place
from lpr.plates import Read, Sighting
from lpr.records.cameras import put_camera
from lpr.records.numbering import insert_numbered
from lpr.records.row import from_record, read_to_record, to_record
from lpr.records.schema import Database, Row, Value, now


@dataclass(frozen=True)
class File:
    """A source file as the record knows it: by content, and by where it lies."""

    name: str
    path: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class Method:
    """How a source is scanned: two scans with equal methods find the same.

    ``version`` is the recognizer's, ``settings`` those of photos, ``footage_settings`` those of footage.
    """

    lpr_version: str
    version: str
    settings: str
    footage_settings: str


@dataclass(frozen=True)
class Checkpoint:
    """How far a scan of footage has come: all that began before ``seconds`` is on record, sightings too.

    ``counts`` are those of ``lpr.events.Counts`` up to there; ``standing`` places of what stands, as
    ``[x1, y1, x2, y2]``. Sightings that began later may be on record as well.
    """

    seconds: float
    counts: dict[str, Any]
    standing: list[list[int]]


@dataclass(frozen=True)
class Recorded:
    """A sighting on record."""

    id: int
    sighting: Sighting


def identify(name: str) -> File:
    """The file ``name`` with its SHA-256. Raises SourceError when there is none, or it cannot be read."""
    digest = hashlib.sha256()
    size = 0
    try:
        with Path(name).open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
                size += len(block)
    except (OSError, ValueError) as error:
        # ValueError: a name with a NUL character.
        raise SourceError(f"{name}: cannot be read ({error}); check the file and its disk") from error
    return File(name, str(Path(name).absolute()), digest.hexdigest(), size)


def find_done(database: Database, file: File, method: Method) -> Row | None:
    """The finished scan of a file with this content by this method; None also when a newer one was interrupted."""
    scans = _scans(database, file, method)
    if any(scan["status"] == "running" for scan in scans):
        return None
    return next((scan for scan in scans if scan["status"] == "done"), None)


def sightings(database: Database, scan_id: int, source: str) -> list[Recorded]:
    """What a scan gave, in the order in which it was found, under the name that the source goes by now."""
    rows = database.rows(
        "SELECT sightings.*, cameras.name AS camera FROM sightings LEFT JOIN cameras ON cameras.id = camera_id "
        "WHERE scan_id = ? ORDER BY number",
        (scan_id,),
    )
    return [Recorded(row["id"], from_record(row, source)) for row in rows]


def add_source(database: Database, file: File, kind: str) -> int:
    """Put the file on record, unless it is; its id."""
    database.execute(
        "INSERT INTO sources (name, path, sha256, bytes, kind, created_at) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (sha256, path) DO UPDATE SET kind = excluded.kind WHERE kind = 'unknown'",
        (file.name, file.path, file.sha256, file.bytes, kind, now()),
    )
    found = database.rows("SELECT id FROM sources WHERE sha256 = ? AND path = ?", (file.sha256, file.path))
    return int(found[0]["id"])


def put_where(database: Database, scan_id: int, camera: str | None, place: Place | None) -> None:
    """Say of the sightings of a scan which camera made them, and where; None leaves what is on record."""
    if camera is not None:
        camera_id = put_camera(database, camera).id
        database.execute("UPDATE sightings SET camera_id = ? WHERE scan_id = ?", (camera_id, scan_id))
    if place is not None:
        database.execute(
            "UPDATE sightings SET latitude = ?, longitude = ? WHERE scan_id = ?",
            (place.latitude, place.longitude, scan_id),
        )


def add_hits(database: Database, sighting_id: int, hits: Iterable[Mapping[str, Value]]) -> None:
    """Put hits of a sighting on record, those left out that are on record already."""
    for hit in hits:
        columns = {"sighting_id": sighting_id, **hit, "created_at": now()}
        database.execute(
            f"INSERT INTO hits ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))}) ON CONFLICT DO NOTHING",  # noqa: S608
            tuple(columns.values()),
        )


class Scan:
    """A scan that is being written: begin it, add what is found, finish it.

    Each method is one transaction, or part of the caller's. A scan that was interrupted goes on from its last
    ``checkpoint``, what came later and is not complete removed; without one it is begun again from nothing. Where two
    lpr scan one file at a time, the one that began last goes on; the other one's next write raises SourceError.
    """

    def __init__(self, database: Database, scan_id: int, run: str, file: File, method: Method) -> None:
        self.id = scan_id
        self._database = database
        self._run = run
        self._file = file
        self._method = method
        #: What ``reach`` put on record in an earlier run; None when there is nothing to go on from.
        self.checkpoint: Checkpoint | None = None
        self._number = 0
        self._cameras: dict[str, int] = {}

    @classmethod
    def begin(cls, database: Database, file: File, kind: str, method: Method, again: bool) -> Scan | None:
        """A new scan, or the unfinished one anew; None when one is done and ``again`` asks for no other."""
        run = uuid4().hex
        with database.atomic():
            if not again and find_done(database, file, method) is not None:
                return None
            fresh: dict[str, Value] = {
                "source_id": add_source(database, file, kind),
                "lpr_version": method.lpr_version,
                "version": method.version,
                "settings": method.footage_settings if kind == "footage" else method.settings,
                "run": run,
                "started_at": now(),
                "finished_at": None,
                "status": "running",
                "error": None,
                "frames": 0,
                "counts": "{}",
                "checkpoint": None,
            }
            unfinished = [scan for scan in _scans(database, file, method) if scan["status"] != "done"]
            if not unfinished:
                return cls(database, database.insert("scans", fresh), run, file, method)
            scan_id = int(unfinished[0]["id"])
            if kind == "footage" and unfinished[0]["status"] == "running" and unfinished[0]["checkpoint"] is not None:
                return cls._go_on(database, unfinished[0], run, file, method)
            database.execute(
                "DELETE FROM hits WHERE sighting_id IN (SELECT id FROM sightings WHERE scan_id = ?)", (scan_id,)
            )
            database.execute("DELETE FROM sightings WHERE scan_id = ?", (scan_id,))
            database.execute("DELETE FROM reads WHERE scan_id = ?", (scan_id,))
            database.execute(
                f"UPDATE scans SET {', '.join(f'{column} = ?' for column in fresh)} WHERE id = ?",  # noqa: S608
                (*fresh.values(), scan_id),
            )
            return cls(database, scan_id, run, file, method)

    @classmethod
    def _go_on(cls, database: Database, row: Row, run: str, file: File, method: Method) -> Scan:
        scan = cls(database, int(row["id"]), run, file, method)
        scan.checkpoint = Checkpoint(**json.loads(row["checkpoint"]))
        database.execute("DELETE FROM reads WHERE scan_id = ? AND seconds >= ?", (scan.id, scan.checkpoint.seconds))
        database.execute("UPDATE scans SET run = ? WHERE id = ?", (run, scan.id))
        found = database.rows("SELECT max(number) AS number FROM sightings WHERE scan_id = ?", (scan.id,))
        scan._number = int(found[0]["number"] or 0)
        return scan

    def reach(self, checkpoint: Checkpoint) -> None:
        """Everything up to ``checkpoint`` is on record: an interrupted scan goes on from there."""
        with self._database.atomic():
            self._check_run()
            self._database.execute(
                "UPDATE scans SET checkpoint = ? WHERE id = ?", (json.dumps(asdict(checkpoint)), self.id)
            )

    def add_reads(self, reads: Iterable[Read]) -> None:
        """The reads of one or several whole frames."""
        numbers: dict[int, int] = {}
        with self._database.atomic():
            self._check_run()
            for read in reads:
                number = numbers[read.frame] = numbers.get(read.frame, 0) + 1
                self._database.insert("reads", {"scan_id": self.id, "number": number, **read_to_record(read)})

    def add(self, sighting: Sighting, hits: Iterable[Mapping[str, Value]], plate_hash: str | None = None) -> int:
        """A sighting with its hits, as columns of the table ``hits``; the sighting's id.

        ``plate_hash`` stands for the text where the policy stores none.
        """
        with self._database.atomic():
            self._check_run()
            (sighting_id,) = self._insert([sighting], plate_hash)
            add_hits(self._database, sighting_id, hits)
        return sighting_id

    def add_all(self, sightings: Iterable[Sighting]) -> list[int]:
        """Many sightings without hits at once; their ids."""
        with self._database.atomic():
            self._check_run()
            return self._insert(sightings)

    def _insert(self, sightings: Iterable[Sighting], plate_hash: str | None = None) -> list[int]:
        ids: list[int] = []
        moment = now()
        for sighting in sightings:
            self._number += 1
            row: dict[str, Value] = {"scan_id": self.id, "number": self._number, "created_at": moment}
            row.update(to_record(sighting), camera_id=self._camera(sighting.camera), plate_hash=plate_hash)
            # All others of one transaction follow the first.
            if ids:
                ids.append(self._database.insert("sightings", row))
            else:
                ids.append(insert_numbered(self._database, "sightings", row))
        return ids

    def _camera(self, name: str | None) -> int | None:
        if name is None:
            return None
        if name not in self._cameras:
            self._cameras[name] = put_camera(self._database, name).id
        return self._cameras[name]

    def finish(self, counts: Mapping[str, object], error: str | None = None) -> None:
        """The scan is done, or failed by ``error``. A finished one replaces those of the same file and method.

        ``counts`` are those of ``lpr.events.Counts``.
        """
        with self._database.atomic():
            self._check_run()
            self._database.execute(
                "UPDATE scans SET finished_at = ?, status = ?, error = ?, counts = ?, checkpoint = NULL, "
                "frames = json_extract(?, '$.frames') WHERE id = ?",
                (now(), "failed" if error else "done", error, json.dumps(counts), json.dumps(counts), self.id),
            )
            if error is None:
                for scan in _scans(self._database, self._file, self._method):
                    if scan["id"] != self.id:
                        self._database.execute("UPDATE scans SET replaced_by = ? WHERE id = ?", (self.id, scan["id"]))

    def _check_run(self) -> None:
        if not self._database.rows("SELECT 1 FROM scans WHERE id = ? AND run = ?", (self.id, self._run)):
            raise SourceError(f"{self._file.name}: another lpr began to scan this file; what it finds is on record")


def _scans(database: Database, file: File, method: Method) -> list[Row]:
    """The scans of a file with this content by this method that no other one replaced, the newest first."""
    return database.rows(
        "SELECT scans.*, sources.kind FROM scans JOIN sources ON sources.id = source_id WHERE sha256 = ? "
        "AND version = ? AND settings IN (?, ?) AND replaced_by IS NULL ORDER BY scans.id DESC",
        (file.sha256, method.version, method.settings, method.footage_settings),
    )
