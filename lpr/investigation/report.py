"""A report on a plate, an incident, a scan or an alert: everything that one page, or a program, needs to know of it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lpr.errors import QuestionError
from lpr.investigation.found import Found, fetch, plain
from lpr.investigation.geo import to_geojson, to_kml
from lpr.investigation.history import History, history, history_of
from lpr.investigation.nearby import AFTER, BEFORE, WITHIN, Nearby, plates_near
from lpr.investigation.originals import Original, originals
from lpr.investigation.saved import Saved, saved_pictures
from lpr.investigation.search import asked_for, compare
from lpr.investigation.where import Where
from lpr.records.incidents import Incident
from lpr.records.schema import now

if TYPE_CHECKING:
    from lpr.records.schema import Database, Row

FORMATS = ("html", "json", "csv", "geojson", "kml")


@dataclass(frozen=True)
class Report:
    """``asked`` says in pairs of words what it is about. ``notes`` are what a reader must know beside the rows.

    ``within`` is an incident's radius in metres. ``hits`` are what hot lists said of sightings, and ``saved`` the
    pictures that were saved of them, ``corrections`` what persons say that they read, by sighting.
    """

    kind: str
    title: str
    asked: tuple[tuple[str, str], ...]
    history: History
    nearby: Mapping[int, Nearby]
    incident: Incident | None
    within: float | None
    hits: Mapping[int, Sequence[Row]]
    originals: tuple[Original, ...]
    saved: Mapping[int, Sequence[Saved]]
    corrections: Mapping[int, Sequence[Row]]
    notes: tuple[str, ...]
    made_at: str

    @property
    def found(self) -> tuple[Found, ...]:
        """The sightings: those near an incident the closest first, all others in the order of time."""
        if not self.nearby:
            return self.history.found
        return tuple(one.found for one in self.nearby.values())

    def rows(self) -> list[dict[str, Any]]:
        """One for each sighting, in the order of the report."""
        return [{**(self.nearby[one.id].row() if one.id in self.nearby else {}), **_told(one)} for one in self.found]

    def _whole(self, row: dict[str, Any]) -> dict[str, Any]:
        """A row with what lists and persons say of it."""
        said = {"hits": self.hits, "corrections": self.corrections}
        return {**row, **{name: [dict(one) for one in by.get(row["id"], ())] for name, by in said.items()}}

    def to_json(self) -> str:
        whole = {
            "report": {"kind": self.kind, "title": self.title, "asked": dict(self.asked), "made_at": self.made_at,
                       "notes": list(self.notes)},
            "incident": None if self.incident is None else self.incident.row(),
            "sightings": [self._whole(row) for row in self.rows()],
            "places": [stay.row() for stay in self.history.stays],
            "hours": list(self.history.hours),
            "sources": [original.row() for original in self.originals],
        }  # fmt: skip
        return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"

    def to_csv(self) -> str:
        rows = self.rows()
        written = io.StringIO()
        writer = csv.DictWriter(written, list(rows[0]) if rows else ["id"], lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({name: json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else value
                             for name, value in row.items()})  # fmt: skip
        return written.getvalue()

    def written(self, form: str, pictures: int = 50) -> str:
        """The report as html, json, csv, geojson or kml; ``pictures`` sightings have theirs in html."""
        if form == "html":
            from lpr.investigation.page import page

            return page(self, pictures)
        if form == "geojson":
            return to_geojson(self.rows(), self.incident)
        if form == "kml":
            return to_kml(self.rows(), self.title, self.incident)
        return self.to_json() if form == "json" else self.to_csv()


def of_plate(
    database: Database,
    plate: str,
    where: Where | None = None,
    zone: tzinfo | None = None,
    state: str | None = None,
    least_score: float = 0.05,
) -> Report:
    """The sightings that are ``plate``'s with at least ``least_score``, in time. Raises PlateError, QuestionError."""
    found = history(database, plate, where, zone, state, least_score)
    asked = [("plate", asked_for(plate).text), ("state", state or "any"), *_said(where),
             ("probability", f"at least {least_score:g} that the plate is this one")]  # fmt: skip
    return _made(
        database, "plate", "All sightings" if plate.strip() == "*" else f"Plate {asked_for(plate).text}", asked, found
    )


def of_incident(
    database: Database,
    incident: Incident,
    before: timedelta = BEFORE,
    after: timedelta = AFTER,
    within: float = WITHIN,
    zone: tzinfo | None = None,
) -> Report:
    """The sightings near an incident, in time."""
    near = plates_near(database, incident, before, after, within)
    found = history_of([one.found for one in near.nearby], zone)
    asked = [("incident", f"{incident.kind}, {incident.row()['at'][:19]} UTC"), ("place", str(incident.place)),
             ("reference", incident.reference or "none"),
             ("time", f"{before.total_seconds():g} s before until {after.total_seconds():g} s after"),
             ("distance", f"at most {within:g} m")]  # fmt: skip
    notes = []
    if near.without_place:
        notes.append(f"{near.without_place} sightings of this time have no place on record and are not in this report.")
    title = f"Incident {incident.reference or incident.id}: {incident.kind}"
    made = _made(database, "incident", title, asked, found, notes, incident)
    return Report(**{**vars(made), "nearby": {one.found.id: one for one in near.nearby}, "within": within})


def of_scan(database: Database, named: str, zone: tzinfo | None = None) -> Report:
    """The sightings of one scan, by its number on record or by its file. Raises QuestionError."""
    row = _scan(database, named)
    ids = [one["id"] for one in database.rows("SELECT id FROM sightings WHERE scan_id = ?", (row["id"],))]
    found = history_of([plain(one) for one in fetch(database, ids)], zone)
    counts = json.loads(row["counts"])
    rejected = ", ".join(f"{number} {reason}" for reason, number in counts.get("rejected", {}).items())
    asked = [("file", row["name"]), ("scan", f"{row['id']}, {row['started_at'][:19]} UTC, {row['status']}"),
             ("looked at", f"{row['frames']} frames, {counts.get('plates', 0)} plates found, "
                           f"{counts.get('reads', 0)} reads accepted"), ("rejected", rejected or "none")]  # fmt: skip
    notes = [f"The scan failed: {row['error']}"] if row["error"] else []
    return _made(database, "scan", f"Scan of {Path(row['name']).name}", asked, found, notes)


def of_alert(database: Database, alert_id: int, zone: tzinfo | None = None) -> Report:
    """The sightings that an alert stands for, compared with the entry's plate. Raises HotListError."""
    from lpr.hotlist.alert import find

    alert = find(database, alert_id)
    ids = [row["sighting_id"] for row in
           database.rows("SELECT sighting_id FROM alert_sightings WHERE alert_id = ?", (alert_id,))]  # fmt: skip
    rows = fetch(database, ids)
    compared = {one.id: one for one in compare(asked_for(alert.plate, alert.state), rows, near_misses=True)}
    found = history_of([compared.get(row["id"]) or plain(row) for row in rows], zone)
    asked = [("alert", f"{alert.id}, raised {alert.raised_at[:19]} UTC, {alert.status}"),
             ("list", alert.list), ("entry", f"{alert.plate}, {alert.state or 'state unknown'}"),
             ("reason given", alert.reason or "none"),
             ("match", f"{alert.tier}, score {alert.score:.2g}: {alert.rule}"),
             ("decision", alert.decision or "not decided")]  # fmt: skip
    notes = ["A possible match: verify plate, state and vehicle."]
    if alert.stale:
        notes.append("The list was over its maximum age when the alert was raised.")
    return _made(database, "alert", f"Alert {alert.id}: {alert.plate}", asked, found, notes)


def _made(
    database: Database,
    kind: str,
    title: str,
    asked: Sequence[tuple[str, str]],
    found: History,
    notes: Sequence[str] = (),
    incident: Incident | None = None,
) -> Report:
    hits: dict[int, list[Row]] = {}
    ids = json.dumps([one.id for one in found.found])
    for row in database.rows(
        "SELECT sighting_id, list, plate, state, tier, score, state_agreement, stale FROM json_each(?) AS wanted "
        "CROSS JOIN hits ON hits.sighting_id = wanted.value ORDER BY hits.id",
        (ids,),
    ):
        hits.setdefault(row.pop("sighting_id"), []).append(row)
    files = tuple(originals(database, found.found))
    told = [*notes]
    if not found.complete:
        told.append(f"Only the {len(found.found)} sightings that fit best are in this report; more are on record.")
    saved = saved_pictures(database, (one.id for one in found.found))
    return Report(
        kind,
        title,
        tuple(asked),
        found,
        {},
        incident,
        None,
        hits,
        files,
        saved,
        _corrections(database, ids),
        tuple(told),
        now(),
    )


def _corrections(database: Database, ids: str) -> dict[int, list[Row]]:
    """What persons say that the plates read, by sighting, the oldest first."""
    found: dict[int, list[Row]] = {}
    for row in database.rows(
        "SELECT c.sighting_id, c.id, c.text, c.state, c.note, c.created_at, c.created_by, c.purpose, c.case_number, "
        "c.replaced_by FROM json_each(?) AS wanted CROSS JOIN corrections c ON c.sighting_id = wanted.value "
        "ORDER BY c.id",
        (ids,),
    ):
        found.setdefault(row.pop("sighting_id"), []).append(row)
    return found


def _said(where: Where | None) -> list[tuple[str, str]]:
    said = (where or Where()).elements()
    return [(name, ", ".join(value) if isinstance(value, list) else str(value)) for name, value in said.items()]


def _scan(database: Database, named: str) -> Row:
    columns = "SELECT scans.*, sources.name FROM scans JOIN sources ON sources.id = scans.source_id"
    rows = database.rows(f"{columns} WHERE scans.id = ?", (int(named),)) if named.isascii() and named.isdigit() else []
    rows = rows or database.rows(
        f"{columns} WHERE (sources.name = ?1 OR sources.path = ?2) AND replaced_by IS NULL ORDER BY scans.id DESC",
        (named, str(Path(named).absolute())),
    )
    if not rows:
        raise QuestionError(f"there is no scan of {named} on record; name the file or the number")
    return rows[0]


def _told(one: Found) -> dict[str, Any]:
    row = one.row()
    if one.tier == "any":  # found by time and place: there is no plate that it was compared with
        for name in ("tier", "score", "why", "candidate", "differs"):
            del row[name]
    return row
