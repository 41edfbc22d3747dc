"""Incidents as other systems tell them: gunshot detection, computer-aided dispatch, ballistics networks; CSV or JSON.

No two vendors name their columns alike, so that each field goes by several names, small letters and digits counting
alone. What fits none is kept as details.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from lpr.errors import LprError, PlaceError, QuestionError
from lpr.investigation.moments import parse_moment
from lpr.places import parse_place
from lpr.records.incidents import Incident

#: Field → the names that it goes by, letters and digits alone, the surest first.
NAMES = {
    "at": (
        *("at", "time", "timestamp", "datetime", "occurredat", "occurred", "incidenttime", "incidentdatetime"),
        *("eventtime", "eventdatetime", "alerttime", "calltime", "calldatetime", "createtime", "receivedtime"),
        *("dispatchtime", "reporteddate", "offensedate"),
    ),
    "date": ("date", "incidentdate", "eventdate", "alertdate", "calldate"),
    "latitude": ("latitude", "lat", "y", "ycoord", "ycoordinate", "geoy"),
    "longitude": ("longitude", "lon", "lng", "long", "x", "xcoord", "xcoordinate", "geox"),
    "place": ("place", "location", "latlon", "latlong", "coordinates", "geolocation"),
    "kind": (
        *("kind", "type", "incidenttype", "eventtype", "alerttype", "calltype", "nature", "classification", "offense"),
        "calldescription",
    ),
    "reference": (
        *(
            "reference",
            "incidentid",
            "incidentnumber",
            "eventid",
            "eventnumber",
            "alertid",
            "flexid",
            "cadid",
            "cadnumber",
        ),
        *("callnumber", "casenumber", "nibinlead", "leadid", "number", "id"),
    ),
    "address": ("address", "streetaddress", "incidentaddress", "block", "street", "locationtext"),
    "note": ("note", "notes", "comment", "comments", "remarks", "description"),
}
#: Under which key of a JSON object the incidents stand, where it is no array itself.
_LISTS = ("incidents", "alerts", "events", "calls", "leads", "results", "records", "data", "items")
# The two ways of US agencies to write a time, after ISO.
_MOMENTS = (
    *("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p"),
    *("%Y/%m/%d %H:%M:%S", "%m/%d/%Y"),
)


@dataclass(frozen=True)
class RefusedIncident:
    """A line that makes no incident, and why."""

    line: int
    reason: str


def read_incidents(
    path: Path, system: str | None = None, kind: str | None = None
) -> tuple[list[Incident], list[RefusedIncident]]:
    """The incidents of a CSV file with a header, a JSON array or object, JSON lines or GeoJSON.

    ``system`` names where they come from; ``kind`` is what they are where the file does not say it. A time without a
    zone is the machine's local time. Raises QuestionError when the file as a whole cannot be used.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise QuestionError(f"{path}: not UTF-8 text; save it as CSV or JSON in UTF-8") from error
    except OSError as error:
        raise QuestionError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    made: list[Incident] = []
    refused: list[RefusedIncident] = []
    for line, fields in _rows(path, text):
        try:
            made.append(_incident(fields, system, kind))
        except LprError as error:
            refused.append(RefusedIncident(line, str(error)))
    if not made:
        why = f"line {refused[0].line}: {refused[0].reason}" if refused else "it holds none"
        raise QuestionError(f"{path}: no incident in it ({why}); it needs a time, a latitude and a longitude")
    return made, refused


def _rows(path: Path, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """(line or number of the object, its fields)."""
    if text.lstrip()[:1] in ("{", "["):
        yield from enumerate(_objects(path, text), 1)
        return
    reader = csv.DictReader(io.StringIO(text, newline=""), dialect=_dialect(text))
    for row in reader:
        yield reader.line_num, {name: value for name, value in row.items() if name and isinstance(value, str)}


def _dialect(text: str) -> type[csv.Dialect]:
    header = text.splitlines()[0] if text.strip() else ""

    class Found(csv.excel):
        delimiter = max(",;\t|", key=header.count)

    return Found


def _objects(path: Path, text: str) -> Iterable[Mapping[str, Any]]:
    try:
        whole = json.loads(text)
    except json.JSONDecodeError as error:
        try:
            whole = [json.loads(line) for line in text.splitlines() if line.strip()]
        except json.JSONDecodeError:
            raise QuestionError(
                f"{path}: broken JSON (line {error.lineno}: {error.msg}); get the file again"
            ) from error
    if isinstance(whole, dict) and whole.get("type") == "FeatureCollection":
        return [_feature(one) for one in whole.get("features", ()) if isinstance(one, dict)]
    if isinstance(whole, dict):
        listed = next((whole[name] for name in _LISTS if isinstance(whole.get(name), list)), None)
        whole = [whole] if listed is None else listed
    return [one for one in whole if isinstance(one, dict)]


def _feature(feature: Mapping[str, Any]) -> dict[str, Any]:
    fields = dict(feature.get("properties") or {})
    geometry = feature.get("geometry") or {}
    if geometry.get("type") == "Point":
        fields["longitude"], fields["latitude"] = geometry["coordinates"][:2]
    if "id" in feature:
        fields.setdefault("id", feature["id"])
    return fields


def _incident(fields: Mapping[str, Any], system: str | None, kind: str | None) -> Incident:
    flat = _flat(fields)
    plain = {re.sub(r"[^a-z0-9]", "", name.lower()): name for name in reversed(flat)}
    taken: set[str] = set()

    def take(field: str) -> str | None:
        for name in NAMES[field]:
            if name in plain and str(flat[plain[name]] or "").strip():
                taken.add(plain[name])
                return str(flat[plain[name]]).strip()
        return None

    at, date = take("at"), take("date")
    if at is None and date is None:
        raise QuestionError("no time")
    moment = _moment(at or date or "", date)
    latitude, longitude = take("latitude"), take("longitude")
    if latitude is not None and longitude is not None:
        place = parse_place(f"{latitude},{longitude}")
    else:
        written = take("place")
        if written is None:
            raise PlaceError("no latitude and longitude")
        place = parse_place(written.strip("()[]"))
    if (place.latitude, place.longitude) == (0.0, 0.0):
        raise PlaceError("latitude and longitude are 0, which is no place of an incident")
    found_kind = take("kind") or kind
    if found_kind is None:
        raise QuestionError("no kind; name one with --kind")
    reference, address, note = take("reference"), take("address"), take("note")
    details = {name: value for name, value in flat.items() if name not in taken and value not in (None, "")}
    return Incident(found_kind, moment, place, reference, system, address, note, details)


def _flat(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Objects inside an object opened one level: ``location: {lat, lon}`` becomes ``lat`` and ``lon``."""
    flat: dict[str, Any] = {}
    for name, value in fields.items():
        if isinstance(value, dict):
            flat.update({inner: one for inner, one in value.items() if inner not in fields})
        elif isinstance(value, list) and len(value) == 2 and all(isinstance(one, (int, float)) for one in value):
            flat[name] = f"{value[0]},{value[1]}"
        else:
            flat[name] = value
    return flat


def _moment(written: str, date: str | None) -> datetime:
    """A time, put together with the date of another column where it is none by itself."""
    if re.fullmatch(r"\d{10}(\.\d+)?|\d{13}", written):
        seconds = float(written) / (1000 if len(written) == 13 else 1)
        return datetime.fromtimestamp(seconds, timezone.utc)
    candidates = [written] if date is None or date == written else [f"{date} {written}", written]
    for candidate in candidates:
        for form in _MOMENTS:
            try:
                return datetime.strptime(candidate, form).astimezone(timezone.utc)
            except ValueError:
                continue
        if not re.match(r"\d{4}-\d\d-\d\d", candidate):
            continue
        try:
            return parse_moment(candidate)
        except QuestionError:
            continue
    raise QuestionError(f"{written!r} is no time")
