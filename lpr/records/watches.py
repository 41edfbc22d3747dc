"""Cameras on record: where each stands, what its watch gives while it goes on, and how it fares."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import uuid4

from lpr.places import Place
from lpr.plates import Read, Sighting
from lpr.records.cameras import put_camera
from lpr.records.numbering import insert_numbered, remember_last
from lpr.records.row import read_to_record, to_record
from lpr.records.scans import add_hits
from lpr.records.schema import Database, Row, Value, now


def add_camera(
    database: Database, name: str, place: Place | None, heading: float | None, address: str, region: str | None
) -> tuple[int, int]:
    """Put a camera that is watched on record as it is now: its id, and that of its source."""
    with database.atomic():
        camera = put_camera(database, name, place, heading)
        database.execute("UPDATE cameras SET address = ?, region = ? WHERE id = ?", (address, region, camera.id))
        path = f"camera:{camera.id}"
        found = database.rows("SELECT id FROM sources WHERE sha256 = '' AND path = ?", (path,))
        if found:
            return camera.id, int(found[0]["id"])
        source: dict[str, Value] = {"name": name, "path": path, "sha256": "", "bytes": 0, "kind": "footage"}
        return camera.id, database.insert("sources", {**source, "created_at": now()})


class WatchRecord:
    """What one camera gives from the begin of a watch to its end: a row of ``scans`` and all that belongs to it.

    Each method is one transaction, or part of the caller's. After a power cut or a kill, what was written stays; the
    scan is then still "running", and ``begin`` of the next watch of the same source says that it broke off.
    """

    def __init__(self, database: Database, scan_id: int, camera_id: int) -> None:
        self.id = scan_id
        self.camera_id = camera_id
        self.database = database
        self._number = 0

    @classmethod
    def begin(
        cls,
        database: Database,
        camera_id: int,
        source_id: int,
        lpr_version: str,
        version: str,
        settings: Mapping[str, object],
    ) -> WatchRecord:
        with database.atomic():
            database.execute(
                "UPDATE scans SET status = 'failed', error = 'broke off', finished_at = ? "
                "WHERE source_id = ? AND status = 'running'",
                (now(), source_id),
            )
            scan_id = database.insert(
                "scans",
                {
                    "source_id": source_id,
                    "lpr_version": lpr_version,
                    "version": version,
                    "settings": json.dumps(settings),
                    "run": uuid4().hex,
                    "started_at": now(),
                    "status": "running",
                },
            )
        return cls(database, scan_id, camera_id)

    def add_reads(self, reads: Iterable[Read]) -> None:
        """The reads of one or several whole frames."""
        numbers: dict[int, int] = {}
        with self.database.atomic():
            for read in reads:
                number = numbers[read.frame] = numbers.get(read.frame, 0) + 1
                self.database.insert("reads", {"scan_id": self.id, "number": number, **read_to_record(read)})

    def add(self, sighting: Sighting, hits: Iterable[Mapping[str, Value]], plate_hash: str | None = None) -> int:
        """A sighting, complete or of a vehicle that is still in sight, with its hits; the sighting's id.

        ``plate_hash`` stands for the text where the policy stores none.
        """
        with self.database.atomic():
            self._number += 1
            row: dict[str, Value] = {"scan_id": self.id, "number": self._number, "created_at": now()}
            row.update(to_record(sighting), camera_id=self.camera_id, plate_hash=plate_hash)
            sighting_id = insert_numbered(self.database, "sightings", row)
            add_hits(self.database, sighting_id, hits)
        return sighting_id

    def change(self, sighting_id: int, sighting: Sighting, hits: Iterable[Mapping[str, Value]]) -> None:
        """More is known of a sighting that was added while its vehicle was in sight; hits that it had stay."""
        columns = to_record(sighting)
        with self.database.atomic():
            self.database.execute(
                f"UPDATE sightings SET {', '.join(f'{column} = ?' for column in columns)} WHERE id = ?",  # noqa: S608
                (*columns.values(), sighting_id),
            )
            add_hits(self.database, sighting_id, hits)

    def remove(self, sighting_id: int) -> None:
        """A sighting turned out to be a part of another one, which has its hits and alerts by now."""
        with self.database.atomic():
            self.database.execute("DELETE FROM hits WHERE sighting_id = ?", (sighting_id,))
            alerts = self.database.rows("SELECT id FROM alerts WHERE sighting_id = ?", (sighting_id,))
            remember_last(self.database, "sightings")
            self.database.execute("DELETE FROM sightings WHERE id = ?", (sighting_id,))
            for alert in alerts:
                self.database.execute(
                    "UPDATE alerts SET sighting_id = (SELECT min(sighting_id) FROM alert_sightings WHERE alert_id = ?) "
                    "WHERE id = ?",
                    (alert["id"], alert["id"]),
                )

    def finish(self, counts: Mapping[str, object], error: str | None = None) -> None:
        """The watch is over. ``counts`` are those of ``lpr.events.Counts``."""
        with self.database.atomic():
            self.database.execute(
                "UPDATE scans SET finished_at = ?, status = ?, error = ?, counts = ?, "
                "frames = json_extract(?, '$.frames') WHERE id = ?",
                (now(), "failed" if error else "done", error, json.dumps(counts), json.dumps(counts), self.id),
            )


def write_health(database: Database, watcher: str, rows: Iterable[tuple[int, Mapping[str, Any]]]) -> None:
    """Put down how cameras fare now: by their ids, the rows of ``lpr.live.health.Health``.

    ``watcher`` says which process watches them.
    """
    with database.atomic():
        for camera_id, row in rows:
            database.execute(
                "INSERT INTO camera_health (camera_id, watcher, updated_at, health) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (camera_id) DO UPDATE SET watcher = excluded.watcher, updated_at = excluded.updated_at, "
                "health = excluded.health",
                (camera_id, watcher, row["updated_at"], json.dumps(row)),
            )


def read_health(database: Database) -> Sequence[Row]:
    """The last health of each camera that was ever watched, by name, with ``watcher``."""
    rows = database.rows(
        "SELECT watcher, health FROM camera_health JOIN cameras ON cameras.id = camera_id ORDER BY cameras.name"
    )
    return [{**json.loads(row["health"]), "watcher": row["watcher"]} for row in rows]
