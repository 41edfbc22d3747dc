"""The history of a plate: its sightings in time, its places, its usual hours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

from lpr.investigation.found import Found
from lpr.investigation.nearby import place_of
from lpr.investigation.search import search
from lpr.investigation.where import Where
from lpr.places import Place
from lpr.records.schema import timestamp

if TYPE_CHECKING:
    from lpr.records.schema import Database

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
#: Sightings that a history holds at most, the best matches.
MOST = 10_000
#: Places that are nearer than this, in degrees, count as one where there is no camera: about 50 metres.
_GRID = 5e-4


@dataclass(frozen=True)
class Stay:
    """One place in a history: a camera, or coordinates, or where neither is known the source."""

    name: str
    place: Place | None
    times: int
    first: datetime | None
    last: datetime | None
    found: tuple[Found, ...]

    def row(self) -> dict[str, Any]:
        return {
            "place": self.name,
            "latitude": None if self.place is None else self.place.latitude,
            "longitude": None if self.place is None else self.place.longitude,
            "times": self.times,
            "first": None if self.first is None else timestamp(self.first),
            "last": None if self.last is None else timestamp(self.last),
        }


@dataclass(frozen=True)
class History:
    """``found`` in the order of time, those without a time at the end. ``stays`` by how often, ``hours`` has 24 counts,
    ``weekdays`` seven from Monday on, both in the time zone ``zone``. ``complete``: not more fit than a history holds;
    ``left_out`` are the plate's with less probability than was asked for."""

    found: tuple[Found, ...]
    stays: tuple[Stay, ...]
    first: datetime | None
    last: datetime | None
    hours: tuple[int, ...]
    weekdays: tuple[int, ...]
    zone: str
    complete: bool
    left_out: int = 0

    @property
    def usual_hours(self) -> tuple[int, int] | None:
        """The shortest span of hours, (from, until), in which at least three quarters of the sightings lie."""
        total = sum(self.hours)
        if total < 4:
            return None
        for length in range(1, 25):
            best = max(range(24), key=lambda start: self._within(start, length))
            if self._within(best, length) * 4 >= total * 3:
                return best, (best + length) % 24
        return None

    def _within(self, start: int, length: int) -> int:
        return sum(self.hours[(start + i) % 24] for i in range(length))


def history(
    database: Database,
    plate: str,
    where: Where | None = None,
    zone: tzinfo | None = None,
    state: str | None = None,
    least_score: float = 0.0,
) -> History:
    """What the record says of a plate; ``zone`` is for hours and weekdays, this machine's by default. Sightings that
    are the plate's with less probability than ``least_score`` are left out. Raises PlateError."""
    answer = search(database, plate, where or Where(), state, limit=MOST)
    found = [one for one in answer.found if one.score >= least_score]
    return replace(history_of(found, zone, not answer.more), left_out=len(answer.found) - len(found))


def history_of(found: Sequence[Found], zone: tzinfo | None = None, complete: bool = True) -> History:
    """The history that sightings make."""
    ordered = sorted(found, key=lambda one: (one.sighting.taken_at is None, _moment(one), one.id))
    times = [one.sighting.taken_at for one in ordered if one.sighting.taken_at is not None]
    local = [moment.astimezone(zone) for moment in times]
    hours, days = Counter(moment.hour for moment in local), Counter(moment.weekday() for moment in local)
    stays: dict[str, list[Found]] = {}
    for one in ordered:
        stays.setdefault(_name(one), []).append(one)
    return History(
        tuple(ordered),
        tuple(
            sorted((_stay(name, members) for name, members in stays.items()), key=lambda one: (-one.times, one.name))
        ),
        times[0] if times else None,
        times[-1] if times else None,
        tuple(hours[hour] for hour in range(24)),
        tuple(days[day] for day in range(7)),
        str(zone) if zone is not None else datetime.now().astimezone().tzname() or "local time",
        complete,
    )


def _moment(one: Found) -> float:
    return 0.0 if one.sighting.taken_at is None else one.sighting.taken_at.timestamp()


def _name(one: Found) -> str:
    place = place_of(one)
    if one.sighting.camera is not None:
        return one.sighting.camera
    if place is not None:
        return str(Place(round(place.latitude / _GRID) * _GRID, round(place.longitude / _GRID) * _GRID))
    return one.sighting.source


def _stay(name: str, members: Sequence[Found]) -> Stay:
    times = [one.sighting.taken_at for one in members if one.sighting.taken_at is not None]
    places = [place for place in map(place_of, members) if place is not None]
    place = places[-1] if places else None
    return Stay(name, place, len(members), min(times, default=None), max(times, default=None), tuple(members))
