"""Cameras on record: their names, where they stand and which way they look."""

from __future__ import annotations

from dataclasses import dataclass

from lpr.errors import RecordsError
from lpr.places import Place
from lpr.records.schema import Database, Row, now


@dataclass(frozen=True)
class Camera:
    """A camera by the name that people give it. ``heading`` is in degrees clockwise from north: where it looks."""

    id: int
    name: str
    place: Place | None
    heading: float | None


def put_camera(database: Database, name: str, place: Place | None = None, heading: float | None = None) -> Camera:
    """The camera of this name, put on record where it is not yet; a place or heading that is given replaces its own.

    Sightings keep the place at which they were made.
    """
    if not name.strip():
        raise RecordsError("a camera needs a name")
    latitude, longitude = (None, None) if place is None else (place.latitude, place.longitude)
    with database.atomic():
        database.execute(
            "INSERT INTO cameras (name, latitude, longitude, heading, created_at) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (name) DO UPDATE SET latitude = coalesce(excluded.latitude, latitude), "
            "longitude = coalesce(excluded.longitude, longitude), heading = coalesce(excluded.heading, heading)",
            (name.strip(), latitude, longitude, heading, now()),
        )
        return find_camera(database, name)


def find_camera(database: Database, name: str) -> Camera:
    """The camera of this name, however its letters are capitalized. Raises RecordsError when there is none."""
    rows = database.rows("SELECT * FROM cameras WHERE name = ?", (name.strip(),))
    if not rows:
        known = ", ".join(camera.name for camera in cameras(database)) or "none"
        raise RecordsError(f"there is no camera {name!r} on record; there are: {known}")
    return _camera(rows[0])


def cameras(database: Database) -> list[Camera]:
    """All cameras, by name."""
    return [_camera(row) for row in database.rows("SELECT * FROM cameras ORDER BY name")]


def _camera(row: Row) -> Camera:
    known = row["latitude"] is not None and row["longitude"] is not None
    place = Place(row["latitude"], row["longitude"]) if known else None
    return Camera(row["id"], row["name"], place, row["heading"])
