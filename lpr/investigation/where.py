"""What narrows a question down: time, cameras, place, hot list, confidence."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from lpr.errors import QuestionError
from lpr.places import EARTH, Place
from lpr.records.schema import timestamp

if TYPE_CHECKING:
    from lpr.records.schema import Database, Value

#: Squares of the table ``squares`` in a degree.
_SQUARES = 10_000
_METRES_PER_DEGREE = math.pi * EARTH / 180


@dataclass(frozen=True)
class Where:
    """Which sightings a question is about. None, and no camera, leave everything in.

    ``since`` and ``until`` are aware; a sighting whose time is unknown is in no span of time. ``cameras`` are names.
    ``near`` asks for at most ``within`` metres from a place. ``list_name``: with a possible match on this hot list.
    ``confidence`` is the least that counts. ``scan_id`` asks for the sightings of one scan.
    """

    since: datetime | None = None
    until: datetime | None = None
    cameras: tuple[str, ...] = ()
    near: Place | None = None
    within: float = 500.0
    list_name: str | None = None
    confidence: float | None = None
    scan_id: int | None = None

    def check(self, database: Database) -> None:
        """Raises QuestionError for an unknown camera or list: that nothing was found would sound like an answer."""
        for table, what, names in (
            ("cameras", "camera", self.cameras),
            ("hotlists", "hot list", () if self.list_name is None else (self.list_name,)),
        ):
            known = [row["name"] for row in database.rows(f"SELECT name FROM {table} ORDER BY name")]  # noqa: S608
            for name in names:
                if name.casefold() not in (one.casefold() for one in known):
                    there = ", ".join(known) or "none"
                    raise QuestionError(f"there is no {what} {name!r} on record; there are: {there}")

    def sql(self) -> tuple[str, list[Value]]:
        """Conditions on the table ``sightings`` as ``s``, each begun with AND, and their parameters."""
        parts: list[str] = []
        values: list[Value] = []

        def add(condition: str, *parameters: Value) -> None:
            parts.append(f" AND {condition}")
            values.extend(parameters)

        if self.since is not None:
            add("s.taken_at >= ?", timestamp(self.since))
        if self.until is not None:
            add("s.taken_at <= ?", timestamp(self.until))
        if len(self.cameras) == 1:
            add("s.camera_id = (SELECT id FROM cameras WHERE name = ?)", *self.cameras)
        elif self.cameras:
            marks = ", ".join("?" * len(self.cameras))
            add(f"s.camera_id IN (SELECT id FROM cameras WHERE name IN ({marks}))", *self.cameras)  # noqa: S608
        if self.near is not None:
            condition, numbers = _circle(self.near, self.within)
            add(condition, *numbers)
        if self.list_name is not None:
            # Lists hit little of what is seen: the hits lead to the sightings, not the other way round.
            add("s.id IN (SELECT sighting_id FROM hits WHERE list = ? COLLATE NOCASE)", self.list_name)
        if self.confidence is not None:
            add("s.confidence >= ?", self.confidence)
        if self.scan_id is not None:
            add("s.scan_id = ?", self.scan_id)
        return "".join(parts), values

    def by_camera(self, database: Database) -> list[tuple[str, list[Value]]]:
        """``sql`` for each camera alone that may have made such sightings, by which an index leads to the newest.

        For all at once where neither cameras nor a place are named, and where a list's hits lead to the sightings.
        """
        if self.list_name is not None or (self.near is None and len(self.cameras) < 2):
            return [self.sql()]
        condition, values = replace(self, cameras=()).sql()
        parts: list[tuple[str, list[Value]]] = []
        for camera_id in self._cameras(database):
            own = "s.camera_id IS NULL" if camera_id == 0 else f"s.camera_id = {camera_id}"
            parts.append((f"{condition} AND {own}", values))
        return parts

    def _cameras(self, database: Database) -> list[int]:
        """The cameras by number, 0 for none, that are asked about and were ever at the place."""
        named: set[int] | None = None
        if self.cameras:
            marks = ", ".join("?" * len(self.cameras))
            rows = database.rows(f"SELECT id FROM cameras WHERE name IN ({marks})", self.cameras)  # noqa: S608
            named = {row["id"] for row in rows}
        if self.near is None:
            return sorted(named or ())
        there = _cameras_at(database, self.near, self.within)
        return sorted(there if named is None else there & named)

    def elements(self) -> dict[str, object]:
        """What is asked for, in JSON's words, for the record of who asked what."""
        said: dict[str, object] = {
            "from": None if self.since is None else timestamp(self.since),
            "to": None if self.until is None else timestamp(self.until),
            "camera": list(self.cameras) or None,
            "near": None if self.near is None else str(self.near),
            "within": None if self.near is None else self.within,
            "list": self.list_name,
            "confidence": self.confidence,
            "scan": self.scan_id,
        }
        return {name: value for name, value in said.items() if value is not None}


def _cameras_at(database: Database, place: Place, metres: float) -> set[int]:
    """The cameras, 0 for none, that made sightings in a square of the table ``squares`` which a circle may touch."""
    north = metres / _METRES_PER_DEGREE
    # As _circle has it. A little more, so that no rounded number leaves a square out.
    stretch = max(0.01, math.cos(math.radians(place.latitude)))
    side, reach = 1 / _SQUARES, north + 1e-6
    rows = database.rows(
        "SELECT north, east, camera_id FROM squares WHERE north BETWEEN ? AND ?",
        [int((place.latitude + way * reach + 90) * _SQUARES) for way in (-1, 1)],
    )
    there = set()
    for row in rows:
        south, west = row["north"] * side - 90 - place.latitude, row["east"] * side - 180 - place.longitude
        # From the place to the nearest point of the square, in degrees of latitude; once around the earth is nothing.
        up = max(0.0, south, -south - side)
        across = min(max(0.0, west + turn, -west - turn - side) for turn in (-360, 0, 360)) * stretch
        if math.hypot(up, across) <= reach:
            there.add(row["camera_id"])
    return there


def _circle(place: Place, metres: float) -> tuple[str, tuple[float, ...]]:
    """Sightings within a circle, on the plane that touches the earth there: right to a thousandth up to 50 km."""
    east = _METRES_PER_DEGREE * max(0.01, math.cos(math.radians(place.latitude)))
    north = metres / _METRES_PER_DEGREE
    turn = "min(abs(s.longitude - ?), 360 - abs(s.longitude - ?))"
    return (
        f"s.latitude BETWEEN ? AND ? AND (s.latitude - ?) * (s.latitude - ?) * ? + {turn} * {turn} * ? <= ?",
        (
            *(place.latitude - north, place.latitude + north, place.latitude, place.latitude, _METRES_PER_DEGREE**2),
            *([place.longitude] * 4),
            *(east**2, metres**2),
        ),
    )
