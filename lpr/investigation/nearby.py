"""Which plates were seen near an incident: sightings around its time and place, the closest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from lpr.investigation.found import SIGHTINGS, Found, fetch, plain
from lpr.investigation.where import Where
from lpr.normalize import look_alike_key
from lpr.places import Place, wind
from lpr.records.incidents import Incident
from lpr.records.schema import timestamp

if TYPE_CHECKING:
    from lpr.records.schema import Database

BEFORE, AFTER, WITHIN = timedelta(minutes=2), timedelta(minutes=5), 800.0

TOWARDS, AWAY, ACROSS = "towards", "away", "across"
#: What the direction of travel makes of the closeness: a vehicle that came towards the incident before it, or left it
#: afterwards, fits; one that did the opposite fits less.
_FITS, _UNKNOWN, _CONTRARY = 1.0, 0.8, 0.6
# Within this angle of the incident's bearing a vehicle goes towards it, beyond the other one away from it.
_TOWARDS, _AWAY = 60.0, 120.0


@dataclass(frozen=True)
class Nearby:
    """A sighting near an incident.

    ``seconds_after`` counts from the incident, negative before it; ``metres`` is the distance of the camera.
    ``travel`` is the bearing in which the vehicle went, in degrees, ``movement`` what that is to the incident: towards,
    away or across; both None where nothing tells. ``closeness`` is (1 - share of the time span) × (1 - share of the
    radius), times 0.8 when the direction is unknown or across and 0.6 when it is contrary: 1 is there and then.
    """

    found: Found
    seconds_after: float
    metres: float
    travel: float | None
    movement: str | None
    closeness: float

    @property
    def why(self) -> str:
        """The reason in a sentence."""
        when = f"{abs(self.seconds_after):.0f} s {'before' if self.seconds_after < 0 else 'after'}"
        if self.travel is None:
            return f"{when}, {self.metres:.0f} m away, direction unknown"
        went = {TOWARDS: "towards it", AWAY: "away from it", ACROSS: "past it"}[self.movement or ACROSS]
        return f"{when}, {self.metres:.0f} m away, going {wind(self.travel)}, {went}"

    def row(self) -> dict[str, Any]:
        """For JSON: how near it was, then the sighting."""
        said = self.found.row()
        return {
            "id": said.pop("id"),
            "closeness": round(self.closeness, 4),
            "seconds_after": round(self.seconds_after, 3),
            "metres": round(self.metres, 1),
            "travel": None if self.travel is None else round(self.travel, 1),
            "movement": self.movement,
            "why": self.why,
            **{
                name: value
                for name, value in said.items()
                if name not in ("tier", "score", "why", "candidate", "differs")
            },
        }


@dataclass(frozen=True)
class Neighbourhood:
    """What was seen near an incident, the closest first, and how many sightings of that time have no place."""

    incident: Incident
    nearby: tuple[Nearby, ...]
    without_place: int


def plates_near(
    database: Database,
    incident: Incident,
    before: timedelta = BEFORE,
    after: timedelta = AFTER,
    within: float = WITHIN,
) -> Neighbourhood:
    """The sightings from ``before`` until ``after`` an incident, at most ``within`` metres from it.

    The direction of travel comes from the camera's heading and the sighting's direction, or else from where the same
    plate was seen next or before in this time.
    """
    since, until = incident.at - before, incident.at + after
    condition, values = Where(since, until, near=incident.place, within=within).sql()
    rows = database.rows(f"SELECT s.id FROM {SIGHTINGS} WHERE 1{condition}", values)  # noqa: S608
    found = [plain(row) for row in fetch(database, (row["id"] for row in rows))]
    span = (timestamp(since), timestamp(until))
    without = database.rows(
        f"SELECT count(*) AS n FROM {SIGHTINGS} WHERE s.taken_at BETWEEN ? AND ? AND s.latitude IS NULL",  # noqa: S608
        span,
    )
    routes: dict[str, list[Found]] = {}
    for one in sorted(found, key=lambda one: one.sighting.taken_at):  # type: ignore[arg-type, return-value]
        routes.setdefault(look_alike_key(one.sighting.text), []).append(one)
    nearby = [_nearby(one, incident, before, after, within, routes[look_alike_key(one.sighting.text)]) for one in found]
    nearby.sort(key=lambda one: (-one.closeness, one.metres, abs(one.seconds_after), one.found.id))
    return Neighbourhood(incident, tuple(nearby), without[0]["n"])


def _nearby(
    one: Found, incident: Incident, before: timedelta, after: timedelta, within: float, route: list[Found]
) -> Nearby:
    sighting = one.sighting
    assert sighting.taken_at is not None  # the question was about a span of time
    seconds = (sighting.taken_at - incident.at).total_seconds()
    place = place_of(one)
    assert place is not None
    metres = place.distance(incident.place)
    side = (before if seconds < 0 else after).total_seconds()
    closeness = (1 - abs(seconds) / side if side else 1.0) * (1 - min(1.0, metres / within) if within else 1.0)
    travel = travel_of(one, route)
    movement = None if travel is None else movement_of(place, travel, incident.place)
    return Nearby(one, seconds, metres, travel, movement, closeness * _factor(movement, seconds))


def place_of(one: Found) -> Place | None:
    """Where a sighting was made."""
    sighting = one.sighting
    if sighting.latitude is None or sighting.longitude is None:
        return None
    return Place(sighting.latitude, sighting.longitude)


def travel_of(one: Found, route: list[Found]) -> float | None:
    """The bearing in which a vehicle went, in degrees: by the camera, or else by its ``route``, its other sightings in
    the order of time."""
    if one.heading is not None and one.direction in ("approaching", "leaving"):
        return (one.heading + (180 if one.direction == "approaching" else 0)) % 360
    place = place_of(one)
    if place is None:
        return None
    i = next(i for i, other in enumerate(route) if other.id == one.id)
    for other, comes_later in ((route[i + 1 : i + 2], True), (route[i - 1 : i] if i else [], False)):
        elsewhere = place_of(other[0]) if other else None
        if elsewhere is not None and place.distance(elsewhere) > 30:
            return place.bearing(elsewhere) if comes_later else elsewhere.bearing(place)
    return None


def movement_of(place: Place, travel: float, target: Place) -> str:
    """Whether who goes by the bearing ``travel`` at ``place`` goes towards ``target``, away from it or past it."""
    off = abs((travel - place.bearing(target) + 180) % 360 - 180)
    return TOWARDS if off <= _TOWARDS else AWAY if off >= _AWAY else ACROSS


def _factor(movement: str | None, seconds: float) -> float:
    if movement is None or movement == ACROSS:
        return _UNKNOWN
    return _FITS if (movement == TOWARDS) == (seconds < 0) else _CONTRARY
