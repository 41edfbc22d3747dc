"""A sighting that a question found, and how it was fetched from the record."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lpr.hotlist.entry import Difference
from lpr.plates import Sighting
from lpr.records.row import from_record, to_row

if TYPE_CHECKING:
    from lpr.records.schema import Database, Row

#: FROM and WHERE of every question: sightings of a scan that another one has replaced are the same passings again.
SIGHTINGS = "sightings s JOIN scans ON scans.id = s.scan_id AND scans.replaced_by IS NULL"

_BY_ID = """
    SELECT s.*, sources.name AS source, sources.sha256, sources.path, cameras.name AS camera, cameras.heading
    FROM json_each(?) AS wanted CROSS JOIN sightings s ON s.id = wanted.value
    JOIN scans ON scans.id = s.scan_id JOIN sources ON sources.id = scans.source_id
    LEFT JOIN cameras ON cameras.id = s.camera_id
"""


@dataclass(frozen=True)
class Found:
    """A sighting with how it answers the question.

    ``tier`` and ``differs`` are those of a hot list's hit, the plate that was asked for taking the entry's place;
    ``score`` is the probability that the plate says what was asked for; ``candidate`` is the text that led to it and
    ``why`` says all that in a sentence. ``id`` is the sighting's on record, ``sha256`` and ``path`` are its source's.
    ``heading`` is the camera's, in degrees; ``direction`` is ``approaching`` or ``leaving``.
    """

    id: int
    tier: str
    score: float
    why: str
    candidate: str
    differs: tuple[Difference, ...]
    sighting: Sighting
    sha256: str
    path: str
    heading: float | None = None
    direction: str | None = None

    def row(self) -> dict[str, Any]:
        """The fields for JSON: how it was found, then the sighting's as every row has them."""
        return {
            "id": self.id,
            "tier": self.tier,
            "score": self.score,
            "why": self.why,
            "candidate": self.candidate,
            "differs": [vars(difference).copy() for difference in self.differs],
            **to_row(self.sighting),
            "sha256": self.sha256,
        }


def fetch(database: Database, ids: Iterable[int]) -> list[Row]:
    """The rows of sightings with what else is known of them, in no order."""
    return database.rows(_BY_ID, (json.dumps(list(ids)),))


def plain(row: Row) -> Found:
    """A sighting that was found by time and place, whatever its plate."""
    return made(row, "any", 1.0, "", row["text"], ())


def made(row: Row, tier: str, score: float, why: str, candidate: str, differs: tuple[Difference, ...]) -> Found:
    """A ``Found`` of a row that ``fetch`` gave."""
    return Found(
        row["id"],
        tier,
        score,
        why,
        candidate,
        differs,
        from_record(row, row["source"]),
        row["sha256"],
        row["path"],
        row["heading"],
        row["direction"],
    )
