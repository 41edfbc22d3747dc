"""Which vehicles keep appearing within a short time of a plate at several cameras."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING, Any

from lpr.investigation.found import SIGHTINGS, Found, fetch, plain
from lpr.investigation.same import Plate, plates_of, times_seen
from lpr.investigation.search import search
from lpr.investigation.where import Where
from lpr.normalize import look_alike_key
from lpr.records.row import to_row
from lpr.records.schema import timestamp

if TYPE_CHECKING:
    from lpr.records.schema import Database

GAP = timedelta(seconds=60)
#: Sightings of the plate that are looked at, the newest of those that fit best.
_MOST = 1000
#: Sightings of the plate that are read this well take part: a candidate of one per cent makes no convoy.
_LEAST_SCORE = 0.05


@dataclass(frozen=True)
class Meeting:
    """One time that both were at a camera. ``gap`` is in seconds, positive when the other one came later."""

    leader: Found
    other: Found
    gap: float


@dataclass(frozen=True)
class Companion:
    """A vehicle that kept appearing with the plate. ``seen`` counts its sightings on record, ``share`` is the part of
    them that were with the plate: a taxi is often seen, a companion mostly together."""

    plate: Plate
    meetings: tuple[Meeting, ...]
    seen: int

    @property
    def cameras(self) -> tuple[str, ...]:
        return tuple(sorted({one.other.sighting.camera or "" for one in self.meetings}))

    @property
    def share(self) -> float:
        return min(1.0, len({one.other.id for one in self.meetings}) / self.seen) if self.seen else 0.0

    def row(self) -> dict[str, Any]:
        return {
            "plate": self.plate.text,
            "cameras": list(self.cameras),
            "times": len(self.meetings),
            "gap": round(median(one.gap for one in self.meetings), 1),
            "seen": self.seen,
            "share": round(self.share, 4),
            "meetings": [
                {
                    "camera": one.other.sighting.camera,
                    "at": to_row(one.other.sighting)["taken_at"],
                    "gap": round(one.gap, 3),
                    "sighting": one.other.id,
                    "with": one.leader.id,
                    "text": one.other.sighting.text,
                }
                for one in self.meetings
            ],
            "why": self.plate.why,
        }


@dataclass(frozen=True)
class Convoy:
    """Who accompanied a plate, and how many of its sightings could be used: those with a camera and a time."""

    companions: tuple[Companion, ...]
    used: int
    unused: int


def convoy(
    database: Database, plate: str, where: Where | None = None, gap: timedelta = GAP, least_cameras: int = 2
) -> Convoy:
    """The vehicles seen at most ``gap`` before or after ``plate`` at ``least_cameras`` or more cameras.

    Those at most cameras stand first, then those seen together most often, then those seldom seen without. Raises
    PlateError.
    """
    answer = search(database, plate, where or Where(), limit=_MOST)
    own = [one for one in answer.found if one.score >= _LEAST_SCORE]
    usable = [one for one in own if one.sighting.camera is not None and one.sighting.taken_at is not None]
    own_keys = {look_alike_key(one.sighting.text) for one in own} | {look_alike_key(one.candidate) for one in own}
    ids = {one.id for one in own}
    met: list[tuple[Found, int]] = []
    for leader in usable:
        taken = leader.sighting.taken_at
        assert taken is not None
        rows = database.rows(
            f"SELECT s.id FROM {SIGHTINGS} WHERE s.camera_id = (SELECT camera_id FROM sightings WHERE id = ?) "  # noqa: S608
            "AND s.taken_at BETWEEN ? AND ?",
            (leader.id, timestamp(taken - gap), timestamp(taken + gap)),
        )
        met += [(leader, row["id"]) for row in rows if row["id"] not in ids]
    others = {row["id"]: plain(row) for row in fetch(database, {sighting_id for _, sighting_id in met})}
    leaders: dict[int, list[Found]] = {}
    for leader, sighting_id in met:
        leaders.setdefault(sighting_id, []).append(leader)
    companions = []
    for group in plates_of(others.values()):
        if look_alike_key(group.text) in own_keys:
            continue
        meetings = _meetings(group, leaders)
        if len({one.other.sighting.camera for one in meetings}) >= least_cameras:
            companions.append(Companion(group, meetings, times_seen(database, group.text)))
    companions.sort(key=lambda one: (-len(one.cameras), -len(one.meetings), -one.share, one.plate.text))
    return Convoy(tuple(companions), len(usable), len(own) - len(usable))


def _meetings(group: Plate, leaders: dict[int, list[Found]]) -> tuple[Meeting, ...]:
    """Each sighting of a group with the nearest of the plate's, by time."""
    found = []
    for other in group.found:
        gaps = [(leader, _time(other) - _time(leader)) for leader in leaders[other.id]]
        leader, gap = min(gaps, key=lambda pair: abs(pair[1]))
        found.append(Meeting(leader, other, gap))
    return tuple(sorted(found, key=lambda one: _time(one.other)))


def _time(one: Found) -> float:
    assert one.sighting.taken_at is not None  # it was found by its time
    return one.sighting.taken_at.timestamp()
