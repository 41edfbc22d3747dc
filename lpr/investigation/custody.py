"""The chain of custody: what happened to the sources and sightings of a report since they came on record."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lpr.investigation.report import Report
    from lpr.records.schema import Database

_SOURCES = """
    SELECT DISTINCT sources.created_at AS at, sources.name, sources.path, sources.sha256, sources.bytes
    FROM json_each(?) AS wanted CROSS JOIN sightings s ON s.id = wanted.value
    JOIN scans ON scans.id = s.scan_id JOIN sources ON sources.id = scans.source_id
"""
_SCANS = """
    SELECT DISTINCT scans.id, scans.started_at, scans.finished_at, scans.status, scans.lpr_version, scans.version,
    scans.settings, sources.name FROM json_each(?) AS wanted CROSS JOIN sightings s ON s.id = wanted.value
    JOIN scans ON scans.id = s.scan_id JOIN sources ON sources.id = scans.source_id
"""
_SIGHTINGS = """
    SELECT s.created_at AS at, s.id, s.text, s.confidence
    FROM json_each(?) AS wanted CROSS JOIN sightings s ON s.id = wanted.value
"""
_ALERTS = """
    SELECT DISTINCT alert_events.at, alert_events.by, alert_events.event, alert_events.decision, alert_events.note,
    alert_events.alert_id AS alert FROM json_each(?) AS wanted
    CROSS JOIN alert_sightings ON alert_sightings.sighting_id = wanted.value
    JOIN alert_events ON alert_events.alert_id = alert_sightings.alert_id
"""
_RAISED = """
    SELECT DISTINCT alerts.raised_at AS at, alerts.id AS alert, alerts.list, alerts.plate, alerts.tier, alerts.score
    FROM json_each(?) AS wanted CROSS JOIN alert_sightings ON alert_sightings.sighting_id = wanted.value
    JOIN alerts ON alerts.id = alert_sightings.alert_id
"""


def custody(database: Database, report: Report, manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The events in the order of time: a file comes on record by its SHA-256, is scanned, gives sightings, raises
    alerts that people look at and decide, and is found unchanged when this package is made."""
    ids = (json.dumps([one.id for one in report.found]),)
    events: list[dict[str, Any]] = []
    for row in database.rows(_SOURCES, ids):
        events.append({"at": row.pop("at"), "event": "source on record", **row})
    for row in database.rows(_SCANS, ids):
        started, finished, status = row.pop("started_at"), row.pop("finished_at"), row.pop("status")
        row["settings"] = json.loads(row["settings"])
        events.append({"at": started, "event": "scan begun", "scan": row.pop("id"), **row})
        if finished is not None:
            events.append({"at": finished, "event": f"scan {status}", "scan": events[-1]["scan"], "name": row["name"]})
    for row in database.rows(_SIGHTINGS, ids):
        events.append({"at": row.pop("at"), "event": "sighting on record", "sighting": row.pop("id"), **row})
    for row in database.rows(_RAISED, ids):
        events.append({"at": row.pop("at"), "event": "alert raised", **row})
    for row in database.rows(_ALERTS, ids):
        events.append({"at": row.pop("at"), "event": f"alert {row.pop('event')}", **row})
    for sighting_id, corrections in report.corrections.items():
        for row in corrections:
            said = {"by": row["created_by"], "text": row["text"], "note": row["note"], "case": row["case_number"]}
            events.append({"at": row["created_at"], "event": "corrected", "sighting": sighting_id, **said})
    events.sort(key=lambda event: str(event["at"]))  # stable: what happened in one millisecond stays in this order
    for original in report.originals:
        events.append({"at": manifest["made_at"], "event": f"source found {original.state}", "name": original.name,
                       "path": original.path, "sha256": original.sha256})  # fmt: skip
    by = {name: manifest[name] for name in ("made_by", "host", "purpose", "case", "audit", "lpr", "public_key")}
    events.append({"at": manifest["made_at"], "event": "evidence exported", **by})
    return events
