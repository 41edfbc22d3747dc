"""Sightings for maps: GeoJSON (RFC 7946) and KML 2.2."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree import ElementTree

from lpr.records.incidents import Incident

_KML = "http://www.opengis.net/kml/2.2"


def to_geojson(rows: Iterable[Mapping[str, Any]], incident: Incident | None = None) -> str:
    """A FeatureCollection with a feature for each row, its fields as properties; without a place it has no geometry."""
    features = [] if incident is None else [_feature({**incident.row(), "incident": True})]
    features += [_feature(row) for row in rows]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, indent=1) + "\n"


def _feature(row: Mapping[str, Any]) -> dict[str, Any]:
    latitude, longitude = row["latitude"], row["longitude"]
    return {
        "type": "Feature",
        "id": f"{'incident' if row.get('incident') is True else 'sighting'}-{row['id']}",
        "geometry": None if latitude is None else {"type": "Point", "coordinates": [longitude, latitude]},
        "properties": {name: value for name, value in row.items() if name not in ("latitude", "longitude")},
    }


def to_kml(rows: Iterable[Mapping[str, Any]], title: str, incident: Incident | None = None) -> str:
    """A document with a placemark for each row that has a place."""
    ElementTree.register_namespace("", _KML)
    root = ElementTree.Element(f"{{{_KML}}}kml")
    document = _child(root, "Document")
    _child(document, "name", title)
    if incident is not None:
        said = incident.row()
        name = f"{incident.kind} {incident.reference or incident.id}"
        _placemark(document, name, incident.note or "", said["at"], said)
    for row in rows:
        if row["latitude"] is not None:
            camera = f", {row['camera']}" if row["camera"] else ""
            why = f"{row.get('why') or ''} (sighting {row['id']}{camera}, confidence {row['confidence']:.2f})"
            _placemark(document, row["text"], why.strip(), row["taken_at"], row)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _placemark(
    document: ElementTree.Element, name: str, description: str, when: str | None, row: Mapping[str, Any]
) -> None:
    mark = _child(document, "Placemark")
    _child(mark, "name", name)
    if description:
        _child(mark, "description", description)
    if when is not None:
        _child(_child(mark, "TimeStamp"), "when", when)
    _child(_child(mark, "Point"), "coordinates", f"{row['longitude']},{row['latitude']}")


def _child(parent: ElementTree.Element, name: str, text: str | None = None) -> ElementTree.Element:
    made = ElementTree.SubElement(parent, f"{{{_KML}}}{name}")
    made.text = text
    return made
