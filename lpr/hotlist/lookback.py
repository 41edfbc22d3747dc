"""Looking back: which stored sightings may show a plate that was put on a list only now."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from lpr.hotlist import matcher
from lpr.hotlist.entry import Entry, Hit
from lpr.hotlist.index import DatabaseIndex, MemoryIndex
from lpr.hotlist.policy import policies
from lpr.hotlist.store import stamp
from lpr.plates import Jurisdiction
from lpr.records.schema import candidates_from_json, characters_from_json

if TYPE_CHECKING:
    from lpr.records.schema import Database, Row

# Sightings of a scan that another one has replaced are the same passings again.
_SIGHTINGS = """
    SELECT sightings.*, sources.name AS source, coalesce(sightings.taken_at, sightings.created_at) AS seen_at
    FROM sightings JOIN scans ON scans.id = sightings.scan_id JOIN sources ON sources.id = scans.source_id
    WHERE scans.replaced_by IS NULL AND coalesce(sightings.taken_at, sightings.created_at) >= ?
    ORDER BY seen_at, sightings.id
"""


@dataclass(frozen=True)
class HistoricalHit:
    """A stored sighting that may show a listed plate. ``seen_at``: when it was taken, or else put on record."""

    source: str
    frame: int
    seconds: float | None
    seen_at: str
    sighting_id: int
    hit: Hit


def look_back(
    database: Database, span: timedelta, entry: Entry | None = None, change_id: int | None = None
) -> list[HistoricalHit]:
    """Compare the sightings of the last ``span``, candidates included, with one entry or those a change added.

    What is found is put on record as historical hits, each once, and returned, the oldest first.
    """
    found: list[HistoricalHit] = []
    since = stamp(datetime.now(timezone.utc) - span)
    look = _one(database, entry) if entry is not None else _added(database, change_id)
    for row in database.rows(_SIGHTINGS, (since,)):
        for hit in look(row):
            found.append(HistoricalHit(row["source"], row["frame"], row["seconds"], row["seen_at"], row["id"], hit))
    with database.atomic():
        for one in found:
            _record(database, one)
    return found


def _one(database: Database, entry: Entry) -> Callable[[Row], Iterator[Hit]]:
    index = MemoryIndex([entry], policies(database))
    return lambda row: iter(_match(index, row))


def _added(database: Database, change_id: int | None) -> Callable[[Row], Iterator[Hit]]:
    index = DatabaseIndex(database)

    def look(row: Row) -> Iterator[Hit]:
        for hit in _match(index, row):
            if database.rows("SELECT 1 FROM entries WHERE id = ? AND added_in = ?", (hit.entry_id, change_id)):
                yield hit

    return look


def _match(index: matcher.Index, row: Row) -> list[Hit]:
    code = row["jurisdiction"]
    return matcher.match(
        index,
        row["text"],
        candidates_from_json(row["candidates"]),
        None if code is None else Jurisdiction(code, row["jurisdiction_confidence"]),
        characters=characters_from_json(row["characters"]),
    )


def _record(database: Database, one: HistoricalHit) -> None:
    hit = one.hit
    columns = {
        "sighting_id": one.sighting_id,
        "entry_id": hit.entry_id,
        "list": hit.list,
        "plate": hit.plate,
        "state": hit.state,
        "tier": hit.tier,
        "differs": json.dumps([vars(difference) for difference in hit.differs]),
        "score": hit.score,
        "state_agreement": hit.state_agreement,
        "created_at": stamp(datetime.now(timezone.utc)),
        "historical": 1,
        "stale": int(hit.stale),
    }
    database.execute(
        f"INSERT INTO hits ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))}) ON CONFLICT DO NOTHING",  # noqa: S608
        tuple(columns.values()),
    )
