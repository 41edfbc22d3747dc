"""Which plates were near several incidents, and how likely that is by chance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from lpr.errors import QuestionError
from lpr.investigation.found import SIGHTINGS
from lpr.investigation.nearby import AFTER, BEFORE, WITHIN, Nearby, plates_near
from lpr.investigation.same import COUNTS, Plate, plates_of
from lpr.investigation.where import Where
from lpr.normalize import look_alike_key
from lpr.records.incidents import Incident

if TYPE_CHECKING:
    from lpr.records.schema import Database


@dataclass(frozen=True)
class Shared:
    """A plate that was near several incidents.

    ``near`` are its sightings there by incident. ``seen`` counts its sightings on record, ``elsewhere`` those of them
    that are near none of the incidents. ``expected`` is near how many of these incidents its usual traffic past the
    same places would bring it by itself; ``chance`` is the probability that it brings it near as many as it was, both
    by a Poisson process with the rate that the record shows apart from the incidents and with one sighting more, so
    that a plate which was never seen there otherwise is not taken for one that never passes.
    """

    plate: Plate
    near: dict[int, tuple[Nearby, ...]]
    seen: int
    elsewhere: int
    expected: float
    chance: float

    def row(self) -> dict[str, Any]:
        return {
            "plate": self.plate.text,
            "incidents": len(self.near),
            "near": [
                {
                    "incident": incident,
                    "sightings": [one.found.id for one in nearby],
                    "texts": sorted({one.found.sighting.text for one in nearby}),
                    "seconds_after": round(nearby[0].seconds_after, 3),
                    "metres": round(nearby[0].metres, 1),
                    "movement": nearby[0].movement,
                }
                for incident, nearby in self.near.items()
            ],
            "seen": self.seen,
            "elsewhere": self.elsewhere,
            "expected": float(f"{self.expected:.3g}"),
            "chance": float(f"{self.chance:.3g}"),
            "why": self.plate.why,
        }


def shared(
    database: Database,
    incidents: Sequence[Incident],
    before: timedelta = BEFORE,
    after: timedelta = AFTER,
    within: float = WITHIN,
    least: int = 2,
) -> list[Shared]:
    """The plates seen near at least ``least`` of the incidents: those near most of them first, then the least likely
    by chance. Raises QuestionError for fewer than two incidents."""
    different = {incident.id: incident for incident in incidents}
    if len(different) < 2:
        raise QuestionError("name at least two different incidents")
    by_incident = {
        incident.id: {one.found.id: one for one in plates_near(database, incident, before, after, within).nearby}
        for incident in different.values()
    }
    # One sighting may be near several incidents, when these are close together.
    near = {one.found.id: one.found for nearby in by_incident.values() for one in nearby.values()}
    answers: dict[str, Shared] = {}
    span = _span(database)
    for plate in plates_of(near.values()):
        met: dict[int, tuple[Nearby, ...]] = {}
        for number, nearby in by_incident.items():
            members = [nearby[one.id] for one in plate.found if one.id in nearby]
            if members:
                assert number is not None
                met[number] = tuple(sorted(members, key=lambda one: -one.closeness))
        if len(met) < least:
            continue
        at_incidents = {one.id for one in plate.found}
        seen, elsewhere, expected = _usual(
            database, plate.text, list(different.values()), before, after, within, at_incidents, span
        )
        ids = ",".join(str(one) for one in sorted(at_incidents))
        answer = Shared(plate, met, seen, elsewhere, expected, _at_least(len(met), expected))
        # Two texts that are candidates of each other make two plates of the same sightings: the better read one stays.
        rival = answers.get(ids)
        if rival is None or _confidence(answer) > _confidence(rival):
            answers[ids] = answer
    return sorted(answers.values(), key=lambda one: (-len(one.near), one.chance, one.plate.text))


def _confidence(one: Shared) -> float:
    return max(found.sighting.confidence for found in one.plate.found if found.sighting.text == one.plate.text)


def _usual(
    database: Database,
    text: str,
    incidents: Sequence[Incident],
    before: timedelta,
    after: timedelta,
    within: float,
    at_incidents: set[int],
    span: float,
) -> tuple[int, int, float]:
    """(times seen at all, times seen elsewhere or at other times, expected number of incidents by usual traffic)."""
    base = (
        f"SELECT s.id FROM texts CROSS JOIN readings r ON r.text_id = texts.id AND {COUNTS} CROSS JOIN {SIGHTINGS} "  # noqa: S608
        "WHERE s.id = r.sighting_id AND texts.look_alike_key = ?"
    )
    all_ids = {row["id"] for row in database.rows(base, (look_alike_key(text),))}
    expected = 0.0
    window = (before + after).total_seconds()
    for incident in incidents:
        condition, values = Where(near=incident.place, within=within).sql()
        there = {row["id"] for row in database.rows(base + condition, (look_alike_key(text), *values))} - at_incidents
        # One more than on record: that it was never seen there otherwise does not mean that it never passes.
        rate = (len(there) + 1) / max(span - window * len(incidents), window)
        expected += 1 - math.exp(-rate * window)
    return len(all_ids), len(all_ids - at_incidents), expected


def _span(database: Database) -> float:
    """Seconds from the first to the last sighting whose time is known."""
    # Two questions: each is one step in the index, both in one would go through all of it.
    (row,) = database.rows(
        "SELECT (SELECT min(taken_at) FROM sightings) AS first, (SELECT max(taken_at) FROM sightings) AS last"
    )
    if row["first"] is None:
        return 0.0
    return (datetime.fromisoformat(row["last"]) - datetime.fromisoformat(row["first"])).total_seconds()


def _at_least(number: int, expected: float) -> float:
    """The probability of ``number`` or more events where ``expected`` are (Poisson)."""
    if expected <= 0:
        return 0.0
    term = math.exp(-expected)
    below = 0.0
    for k in range(number):
        below += term
        term *= expected / (k + 1)
    # For a small expectation the difference from 1 has no digits left: the first term of the tail says it.
    return max(1 - below, term if expected < 1e-3 else 0.0)
