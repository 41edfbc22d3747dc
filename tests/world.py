"""A small record for the tests of questions: cameras on a street, and sightings that each test writes down."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone

import lpr
from lpr.places import Place
from lpr.records.cameras import put_camera
from lpr.records.row import to_record
from lpr.records.schema import now

#: Where and when everything is counted from: a crossing, midnight.
HERE = Place(33.52, -86.80)
START = datetime(2026, 7, 1, tzinfo=timezone.utc)
#: One degree of latitude is 111,195 m: cameras north of HERE by so many metres, looking north, and one without place.
METRES = {"gate": 0.0, "bridge": 500.0, "mall": 2000.0}


def make(database: lpr.Database, name: str = "gate.mp4") -> int:
    """A finished scan with the cameras on record; its id."""
    for camera, metres in METRES.items():
        put_camera(database, camera, Place(HERE.latitude + metres / 111_195, HERE.longitude), heading=0.0)
    put_camera(database, "attic")
    source = {"name": name, "path": f"/{name}", "sha256": name, "bytes": 1, "kind": "footage", "created_at": now()}
    scan = {"source_id": database.insert("sources", source), "lpr_version": "0", "version": "v", "settings": "{}"}
    return database.insert("scans", {**scan, "run": name, "started_at": now(), "status": "done"})


def see(
    database: lpr.Database,
    text: str,
    seconds: float | None = 0.0,
    camera: str | None = "gate",
    candidates: Sequence[tuple[str, float]] = (),
    confidence: float = 0.98,
    direction: str | None = None,
    scan: int = 1,
    state: str | None = None,
) -> int:
    """Put a sighting on record, ``seconds`` after START (None: at an unknown time); its id."""
    place = Place(HERE.latitude + METRES[camera] / 111_195, HERE.longitude) if camera in METRES else None
    sighting = lpr.Sighting(
        source="gate.mp4",
        frame=3,
        seconds=0.1,
        taken_at=None if seconds is None else START + timedelta(seconds=seconds),
        first_seen=0.0,
        last_seen=0.2,
        reads=3,
        raw=text,
        text=text,
        confidence=confidence,
        characters=tuple(lpr.Character(c, confidence) for c in text),
        candidates=tuple(lpr.Candidate(t, p) for t, p in candidates or ((text, confidence),)),
        box=lpr.Box(10, 20, 110, 50),
        detector_confidence=0.9,
        jurisdiction=None if state is None else lpr.Jurisdiction(state, 0.9),
        latitude=None if place is None else place.latitude,
        longitude=None if place is None else place.longitude,
    )
    number = database.rows("SELECT coalesce(max(number), 0) + 1 AS n FROM sightings WHERE scan_id = ?", (scan,))[0]["n"]
    camera_id = None if camera is None else put_camera(database, camera).id
    row = {"scan_id": scan, "number": number, "created_at": now(), **to_record(sighting)}
    return database.insert("sightings", {**row, "camera_id": camera_id, "direction": direction})
