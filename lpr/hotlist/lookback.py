"""Looking back: which stored sightings may show a plate that was put on a list only now."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from lpr.hotlist import matcher
from lpr.hotlist.confusion import load
from lpr.hotlist.entry import NEAR, Entry, Hit
from lpr.hotlist.index import ENTRY_COLUMNS, DatabaseIndex, MemoryIndex, entry_of
from lpr.hotlist.policy import DEFAULT, Policy, policies
from lpr.hotlist.posterior import Posterior
from lpr.hotlist.store import stamp
from lpr.normalize import look_alike_key
from lpr.plates import Jurisdiction
from lpr.records.schema import candidates_from_json, characters_from_json

if TYPE_CHECKING:
    from lpr.records.schema import Database, Row

#: Up to so many entries, and so many partial plates among them, lead to the texts on record that they may hit; for
#: more, each sighting is compared with the list.
FEW, FEW_PARTIAL = 1000, 20

# Sightings of a scan that another one has replaced are the same passings again. Two spans, because each has its index.
_SIGHTINGS = """
    SELECT sightings.*, sources.name AS source, coalesce(sightings.taken_at, sightings.created_at) AS seen_at
    FROM {} JOIN scans ON scans.id = sightings.scan_id JOIN sources ON sources.id = scans.source_id
    WHERE scans.replaced_by IS NULL AND {}
"""
_SPANS = ("sightings.taken_at >= ?", "sightings.taken_at IS NULL AND sightings.created_at >= ?")
_BY_ID = "json_each(?) AS wanted CROSS JOIN sightings ON sightings.id = wanted.value"
_SAYING = """
    SELECT DISTINCT readings.sighting_id FROM json_each(?) AS wanted
    CROSS JOIN texts ON texts.look_alike_key {} wanted.value CROSS JOIN readings ON readings.text_id = texts.id
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

    What is found is put on record as historical hits, each once, and returned, the oldest first. Few entries lead to
    the sightings by the index of texts, which holds candidates of half a per cent and more.
    """
    since = stamp(datetime.now(timezone.utc) - span)
    entries = [entry] if entry is not None else _added(database, change_id)
    index: matcher.Index
    if entries is None:
        index, rows = DatabaseIndex(database), _all(database, since)
    else:
        told = policies(database)
        index, rows = MemoryIndex(entries, told), _saying(database, entries, told, since)
    found = []
    for row in rows:
        for hit in _match(index, row):
            if entries is not None or _is_added(database, hit, change_id):
                found.append(HistoricalHit(row["source"], row["frame"], row["seconds"], row["seen_at"], row["id"], hit))
    found.sort(key=lambda one: (one.seen_at, one.sighting_id))
    with database.atomic():
        for one in found:
            _record(database, one)
    return found


def _added(database: Database, change_id: int | None) -> list[Entry] | None:
    """The entries that a change added; None when these are many."""
    sql = (
        f"SELECT {ENTRY_COLUMNS} FROM entries JOIN hotlists ON hotlists.id = entries.list_id "  # noqa: S608 - constants
        "WHERE entries.added_in = ? AND entries.active = 1 LIMIT ?"
    )
    rows = database.rows(sql, (change_id, FEW + 1))
    many = len(rows) > FEW or sum(row["partial"] for row in rows) > FEW_PARTIAL
    return None if many else [entry_of(row) for row in rows]


def _is_added(database: Database, hit: Hit, change_id: int | None) -> bool:
    return bool(database.rows("SELECT 1 FROM entries WHERE id = ? AND added_in = ?", (hit.entry_id, change_id)))


def _all(database: Database, since: str) -> Iterator[Row]:
    for condition in _SPANS:
        yield from database.each(_SIGHTINGS.format("sightings", condition), (since,))


def _saying(database: Database, entries: list[Entry], told: Mapping[str, Policy], since: str) -> Iterator[Row]:
    """The sightings since then of which a text may hit one of the entries."""
    keys: set[str] = set()
    patterns: set[str] = set()
    for entry in entries:
        if entry.partial:
            patterns.add(look_alike_key(entry.text))
            continue
        keys.add(look_alike_key(entry.text))
        if NEAR in told.get(entry.list, DEFAULT).tiers:
            listed = Posterior(entry.text, (), (), load())
            keys.update(look_alike_key(text) for text in listed.neighbours(matcher.LEAST_NEAR))
    ids: set[int] = set()
    for operator, wanted in (("=", keys), ("GLOB", patterns)):
        rows = database.each(_SAYING.format(operator), (json.dumps(sorted(wanted)),)) if wanted else ()
        ids.update(row["sighting_id"] for row in rows)
    for condition in _SPANS:
        yield from database.each(_SIGHTINGS.format(_BY_ID, condition), (json.dumps(sorted(ids)), since))


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
