"""Alerts: possible matches that somebody must look at, from the moment they are raised until they are decided.

One alert for each entry and passing. A hit whose state conflicts raises none by itself: a plate of another state is the
documented cause of wrong stops. While the same entry keeps matching at the same source, nothing new is raised until
``COOLDOWN`` has passed; the repeats are counted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from lpr.errors import HotListError
from lpr.hotlist.changes import user
from lpr.hotlist.entry import CONFLICTS, Difference, Entry, Hit
from lpr.hotlist.store import entries_where
from lpr.plates import Sighting
from lpr.records.numbering import insert_numbered
from lpr.records.schema import now, timestamp

if TYPE_CHECKING:
    from lpr.records.schema import Database, Row, Value

#: Seconds after a match during which the same entry raises no other alert at the same source.
COOLDOWN = 600.0

Status = Literal["new", "seen", "decided"]
NEW: Status = "new"
SEEN: Status = "seen"
DECIDED: Status = "decided"
STATUSES: tuple[Status, ...] = (NEW, SEEN, DECIDED)

#: What an alert can turn out to be, and how people say it.
DECISIONS = {
    "correct": "the plate was read correctly and is the entry's",
    "misread": "the plate was misread",
    "wrong-state": "the plate is another state's",
    "stale": "the entry does not stand any more",
    "other": "something else; the note says what",
}


@dataclass(frozen=True)
class Alert:
    """A possible match: verify plate, state and vehicle. Times are ISO 8601 UTC.

    ``source``, ``frame``, ``seconds``, ``taken_at`` and ``box`` (x1, y1, x2, y2) say where the plate was seen, ``crop``
    is the file with its picture where one was saved. ``text`` was read, ``read_state`` is the jurisdiction that the
    reader saw, ``plate`` and ``state`` are the entry's; the other fields are those of the hit when it was raised.
    ``repeats`` counts the further passings within the cooldown. ``decision`` is one of ``DECISIONS``.
    """

    id: int
    status: str
    raised_at: str
    source: str
    frame: int
    seconds: float | None
    taken_at: str | None
    box: tuple[int, ...]
    crop: str | None
    text: str
    confidence: float
    read_state: str | None
    list: str
    plate: str
    state: str | None
    reason: str
    tier: str
    differs: tuple[Difference, ...]
    score: float
    state_agreement: str
    candidate: str
    rule: str
    stale: bool
    repeats: int
    entry_id: int | None
    sighting_id: int | None
    seen_at: str | None
    seen_by: str | None
    decision: str | None
    decided_at: str | None
    decided_by: str | None
    note: str | None

    def as_row(self) -> dict[str, Any]:
        """The fields in their order, ready for JSON."""
        return {**vars(self), "box": list(self.box), "differs": [vars(one).copy() for one in self.differs]}


def raise_alerts(
    database: Database, sighting_id: int, sighting: Sighting, hits: Iterable[Hit], cooldown: float = COOLDOWN
) -> tuple[int, ...]:
    """Raise what the hits of a recorded sighting call for; the ids of the new alerts.

    May be called again for the same sighting, with the hits that it has by then: no entry raises a second alert for it.
    """
    raised = []
    with database.atomic():
        for hit in hits:
            if hit.state_agreement == CONFLICTS or _is_on_record(database, sighting_id, hit):
                continue
            earlier = _within(database, sighting, hit, cooldown)
            if earlier is None:
                alert_id = insert_numbered(database, "alerts", _columns(sighting_id, sighting, hit))
                database.insert("alert_sightings", {"alert_id": alert_id, "sighting_id": sighting_id})
                raised.append(alert_id)
            else:
                _repeat(database, earlier, sighting_id, sighting)
    return tuple(raised)


def attach_crop(database: Database, alert_ids: Sequence[int], path: Path) -> None:
    """Note where the picture lies that the alerts' plate was read from."""
    for alert_id in alert_ids:
        database.execute("UPDATE alerts SET crop = ? WHERE id = ?", (str(path.absolute()), alert_id))


def alerts(database: Database, status: str | None = None, list_name: str | None = None) -> Iterator[Alert]:
    """The alerts, the newest first, of one status or list where asked for."""
    conditions = [("status = ?", status), ("list = ? COLLATE NOCASE", list_name)]
    given = [(sql, value) for sql, value in conditions if value is not None]
    where = "".join(f" AND {sql}" for sql, _ in given)
    for row in database.each(
        f"SELECT * FROM alerts WHERE 1{where} ORDER BY id DESC",  # noqa: S608 - the constants above
        [value for _, value in given],
    ):
        yield _alert(row)


def find(database: Database, alert_id: int) -> Alert:
    """Raises HotListError when there is no such alert."""
    rows = database.rows("SELECT * FROM alerts WHERE id = ?", (alert_id,))
    if not rows:
        raise HotListError(f"there is no alert {alert_id}; see: lpr alerts list")
    return _alert(rows[0])


def entry_now(database: Database, alert: Alert) -> Entry | None:
    """The entry that an alert is about as it stands now; None when it was taken off, or has expired."""
    moment = datetime.now(timezone.utc)
    found = entries_where(database, "entries.id = ? AND entries.active = 1", (alert.entry_id,))
    return next((entry for entry in found if entry.counts(moment)), None)


def see(database: Database, alert_id: int) -> Alert:
    """Somebody looks at an alert: a new one becomes seen."""
    with database.atomic():
        found = find(database, alert_id)
        if found.status == NEW:
            database.execute(
                "UPDATE alerts SET status = 'seen', seen_at = ?, seen_by = ? WHERE id = ?", (now(), user(), alert_id)
            )
            _event(database, alert_id, SEEN, None, None)
    return find(database, alert_id)


def decide(database: Database, alert_id: int, decision: str, note: str | None = None) -> Alert:
    """Somebody decides what an alert was. A later decision replaces an earlier one; all are kept.

    Raises HotListError for an unknown alert or decision, and for ``other`` without a note.
    """
    if decision not in DECISIONS:
        raise HotListError(f"{decision!r} is no decision; there are: {', '.join(DECISIONS)}")
    if decision == "other" and not (note or "").strip():
        raise HotListError("other needs a note that says what it was")
    # What an officer decided survives a power cut, unlike a sighting, which a scan finds again.
    database.execute("PRAGMA synchronous = FULL")
    with database.atomic():
        find(database, alert_id)
        database.execute(
            "UPDATE alerts SET status = 'decided', decision = ?, decided_at = ?, decided_by = ?, note = ?, "
            "seen_at = coalesce(seen_at, ?), seen_by = coalesce(seen_by, ?) WHERE id = ?",
            (decision, now(), user(), note, now(), user(), alert_id),
        )
        _event(database, alert_id, DECIDED, decision, note)
    return find(database, alert_id)


def _event(database: Database, alert_id: int, event: str, decision: str | None, note: str | None) -> None:
    row: dict[str, Value] = {"alert_id": alert_id, "at": now(), "by": user(), "event": event}
    database.insert("alert_events", {**row, "decision": decision, "note": note})


def _is_on_record(database: Database, sighting_id: int, hit: Hit) -> bool:
    return bool(
        database.rows(
            "SELECT 1 FROM alert_sightings JOIN alerts ON alerts.id = alert_id "  # noqa: S608 - a constant
            f"WHERE alert_sightings.sighting_id = ? AND {_SAME_ENTRY}",
            (sighting_id, *_entry(hit)),
        )
    )


#: An entry by its id, or that of a list which was never imported by what it says.
_SAME_ENTRY = "alerts.entry_id IS ? AND alerts.list = ? AND alerts.plate = ? AND alerts.state IS ?"


def _entry(hit: Hit) -> tuple[Value, ...]:
    return hit.entry_id, hit.list, hit.plate, hit.state


def _within(database: Database, sighting: Sighting, hit: Hit, cooldown: float) -> Row | None:
    """The alert of the same entry at the same source whose last passing is at most the cooldown away."""
    rows = database.rows(
        f"SELECT * FROM alerts WHERE source = ? AND {_SAME_ENTRY} ORDER BY id DESC",  # noqa: S608 - a constant
        (sighting.source, *_entry(hit)),
    )
    return next((row for row in rows if _apart(row, sighting) <= cooldown), None)


def _apart(row: Row, sighting: Sighting) -> float:
    """Seconds between an alert's last passing and this one: by the clock, in the footage, or none within a photo."""
    if row["last_taken_at"] is not None and sighting.taken_at is not None:
        return abs((sighting.taken_at - datetime.fromisoformat(row["last_taken_at"])).total_seconds())
    if row["last_seconds"] is not None and sighting.seconds is not None:
        return abs(sighting.seconds - float(row["last_seconds"]))
    return 0.0


def _repeat(database: Database, row: Row, sighting_id: int, sighting: Sighting) -> None:
    # A scan that was interrupted removes its sightings and finds them again: those are no repeats.
    found_again = row["sighting_id"] is None
    database.execute(
        "UPDATE alerts SET repeats = repeats + ?, sighting_id = coalesce(sighting_id, ?), last_taken_at = ?, "
        "last_seconds = ? WHERE id = ?",
        (0 if found_again else 1, sighting_id, _time(sighting), sighting.seconds, row["id"]),
    )
    database.insert("alert_sightings", {"alert_id": row["id"], "sighting_id": sighting_id})


def _columns(sighting_id: int, sighting: Sighting, hit: Hit) -> dict[str, Value]:
    state = sighting.jurisdiction
    return {
        "sighting_id": sighting_id,
        "status": NEW,
        "raised_at": now(),
        "source": sighting.source,
        "frame": sighting.frame,
        "seconds": sighting.seconds,
        "taken_at": _time(sighting),
        "last_taken_at": _time(sighting),
        "last_seconds": sighting.seconds,
        "box": json.dumps(sighting.box.as_list()),
        "text": sighting.text,
        "confidence": sighting.confidence,
        "read_state": None if state is None else state.code,
        "entry_id": hit.entry_id,
        "list": hit.list,
        "plate": hit.plate,
        "state": hit.state,
        "reason": hit.reason,
        "tier": hit.tier,
        "differs": json.dumps([vars(one) for one in hit.differs]),
        "score": hit.score,
        "state_agreement": hit.state_agreement,
        "candidate": hit.candidate,
        "rule": hit.rule,
        "stale": int(hit.stale),
    }


def _time(sighting: Sighting) -> str | None:
    return None if sighting.taken_at is None else timestamp(sighting.taken_at)


def _alert(row: Row) -> Alert:
    plain = {name: row[name] for name in Alert.__dataclass_fields__ if name not in ("box", "differs", "stale")}
    return Alert(
        **plain,
        box=tuple(json.loads(row["box"])),
        differs=tuple(Difference(**one) for one in json.loads(row["differs"])),
        stale=bool(row["stale"]),
    )
