"""A sighting as a row: with JSON keys for output, with the columns of its table for the record."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from lpr.plates import Box, Jurisdiction, Read, Sighting, Transcript
from lpr.records.schema import (
    Row,
    Value,
    candidates_from_json,
    candidates_to_json,
    characters_from_json,
    characters_to_json,
    timestamp,
)

# Digits behind the point: a candidate of one in a million is still told from none, a frame from the next.
_PROBABILITY, _SECONDS = 6, 3


def to_row(sighting: Sighting) -> dict[str, Any]:
    """The fields of ``sighting`` in their order, ready for JSON; ``box`` is ``[x1, y1, x2, y2]``."""
    jurisdiction = sighting.jurisdiction
    return {
        "source": sighting.source,
        "frame": sighting.frame,
        "seconds": _rounded(sighting.seconds),
        "taken_at": None if sighting.taken_at is None else timestamp(sighting.taken_at),
        "first_seen": _rounded(sighting.first_seen),
        "last_seen": _rounded(sighting.last_seen),
        "reads": sighting.reads,
        "raw": sighting.raw,
        "text": sighting.text,
        "confidence": round(sighting.confidence, _PROBABILITY),
        "characters": [
            {"character": c.character, "confidence": round(c.confidence, _PROBABILITY)} for c in sighting.characters
        ],
        "candidates": [
            {"text": c.text, "probability": round(c.probability, _PROBABILITY)} for c in sighting.candidates
        ],
        "box": sighting.box.as_list(),
        "detector_confidence": round(sighting.detector_confidence, _PROBABILITY),
        "jurisdiction": None
        if jurisdiction is None
        else {"code": jurisdiction.code, "confidence": round(jurisdiction.confidence, _PROBABILITY)},
        "camera": sighting.camera,
        "latitude": sighting.latitude,
        "longitude": sighting.longitude,
        "direction": sighting.direction,
        "entered": sighting.entered,
        "exited": sighting.exited,
        "dwell": _rounded(sighting.dwell),
        "picture_sha256": sighting.picture_sha256,
    }


def to_record(sighting: Sighting) -> dict[str, Value]:
    """The columns of the table ``sightings`` that a sighting fills, its source and its camera left out."""
    return {
        "frame": sighting.frame,
        "seconds": sighting.seconds,
        "taken_at": None if sighting.taken_at is None else timestamp(sighting.taken_at),
        "first_seen": sighting.first_seen,
        "last_seen": sighting.last_seen,
        "reads": sighting.reads,
        **_said(sighting),
        "box": json.dumps(sighting.box.as_list()),
        "detector_confidence": sighting.detector_confidence,
        "latitude": sighting.latitude,
        "longitude": sighting.longitude,
        "direction": sighting.direction,
        "entered": sighting.entered,
        "exited": sighting.exited,
        "dwell": sighting.dwell,
        "picture_sha256": sighting.picture_sha256,
    }


def read_to_record(read: Read) -> dict[str, Value]:
    """The columns of the table ``reads`` that a read fills, its source left out."""
    return {
        "frame": read.frame,
        "seconds": read.seconds,
        "taken_at": None if read.taken_at is None else timestamp(read.taken_at),
        **_said(read.transcript),
        "box": json.dumps(read.plate.box.as_list()),
        "detector_confidence": read.plate.confidence,
    }


def from_record(row: Row, source: str) -> Sighting:
    """The sighting that ``to_record`` made ``row`` of, with the name that its source goes by now.

    ``row`` has the name of the camera beside the columns, where there is one.
    """
    code = row["jurisdiction"]
    return Sighting(
        source=source,
        frame=row["frame"],
        seconds=row["seconds"],
        taken_at=None if row["taken_at"] is None else datetime.fromisoformat(row["taken_at"]),
        first_seen=row["first_seen"],
        last_seen=row["last_seen"],
        reads=row["reads"],
        raw=row["raw"],
        text=row["text"],
        confidence=row["confidence"],
        characters=characters_from_json(row["characters"]),
        candidates=candidates_from_json(row["candidates"]),
        box=Box(*json.loads(row["box"])),
        detector_confidence=row["detector_confidence"],
        jurisdiction=None if code is None else Jurisdiction(code, row["jurisdiction_confidence"]),
        camera=row.get("camera"),
        latitude=row["latitude"],
        longitude=row["longitude"],
        direction=row["direction"],
        entered=row["entered"],
        exited=row["exited"],
        dwell=row["dwell"],
        picture_sha256=row["picture_sha256"],
    )


def _said(text: Sighting | Transcript) -> dict[str, Value]:
    return {
        "raw": text.raw,
        "text": text.text,
        "confidence": text.confidence,
        "characters": characters_to_json(text.characters),
        "candidates": candidates_to_json(text.candidates),
        "jurisdiction": None if text.jurisdiction is None else text.jurisdiction.code,
        "jurisdiction_confidence": None if text.jurisdiction is None else text.jurisdiction.confidence,
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, _SECONDS)
