"""Places on the earth: where a camera stands, where something happened, and how far apart the two are."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from lpr.errors import PlaceError

#: Mean radius of the earth in metres (IUGG). The sphere is off by at most 0.6 % of a distance.
EARTH = 6_371_008.8

_UNITS = {"m": 1.0, "km": 1000.0, "ft": 0.3048, "mi": 1609.344}
_WINDS = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")


@dataclass(frozen=True)
class Place:
    """Degrees north and east, WGS 84. Raises PlaceError for what is no place."""

    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        if not (-90 <= self.latitude <= 90 and -180 <= self.longitude <= 180):
            raise PlaceError(f"{self}: latitude goes from -90 to 90, longitude from -180 to 180")

    def __str__(self) -> str:
        return f"{self.latitude:.6g},{self.longitude:.7g}"

    def distance(self, other: Place) -> float:
        """Metres along the surface (haversine)."""
        north, other_north = math.radians(self.latitude), math.radians(other.latitude)
        east = math.radians(other.longitude - self.longitude)
        half = (
            math.sin((other_north - north) / 2) ** 2 + math.cos(north) * math.cos(other_north) * math.sin(east / 2) ** 2
        )
        return 2 * EARTH * math.asin(min(1.0, math.sqrt(half)))

    def bearing(self, other: Place) -> float:
        """Degrees clockwise from north in which ``other`` lies; 0 when it is the same place."""
        north, other_north = math.radians(self.latitude), math.radians(other.latitude)
        east = math.radians(other.longitude - self.longitude)
        x = math.cos(north) * math.sin(other_north) - math.sin(north) * math.cos(other_north) * math.cos(east)
        return math.degrees(math.atan2(math.sin(east) * math.cos(other_north), x)) % 360


def wind(bearing: float) -> str:
    """The eighth of the compass that a bearing lies in, in words."""
    return _WINDS[round(bearing / 45) % 8]


def parse_place(written: str) -> Place:
    """``33.5207,-86.8025``: latitude, then longitude, in degrees. Raises PlaceError."""
    parts = [part for part in re.split(r"[,;\s]+", written.strip()) if part]
    try:
        latitude, longitude = map(float, parts)
    except ValueError as error:
        raise PlaceError(f"{written!r} is no place; write latitude,longitude in degrees: 33.5207,-86.8025") from error
    return Place(latitude, longitude)


def parse_distance(written: str) -> float:
    """``500m``, ``1.5km``, ``800ft`` or ``2mi`` as metres. Raises PlaceError."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([a-z]+)", written.strip().lower())
    if match is None or match[2] not in _UNITS:
        raise PlaceError(f"{written!r} is no distance; write it with its unit: 500m, 1.5km, 800ft or 2mi")
    return float(match[1]) * _UNITS[match[2]]
