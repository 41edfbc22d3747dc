"""The record in Datasette: a plugin that says what the tables are and shows crops as pictures.

Installed as an entry point, so that ``datasette lpr.db`` has it. It reads the database that Datasette opened, and of
the pictures only those that the record names. Imported by Datasette alone.
"""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any

import markupsafe
from datasette import hookimpl
from datasette.utils.asgi import Response

from lpr.errors import LprError
from lpr.investigation.browse_trail import recorded

#: Columns of the views that hold the number of a sighting whose crop is shown.
PICTURE = "picture"
_TABLES = {"sightings", "scans", "sources", "hits", "entries", "readings"}
_LABELS = {
    "sources": "name",
    "scans": "started_at",
    "sightings": "text",
    "reads": "text",
    "hotlists": "name",
    "entries": "plate",
    "alerts": "plate",
    "cameras": "name",
    "texts": "text",
    "incidents": "kind",
}
_TOLD = {
    "sources": "The files that were read, by SHA-256 and path.",
    "scans": "One reading of a source: models, settings, status, what was counted.",
    "sightings": "One plate of a photo, or one passing of a vehicle. The view seen is made for people.",
    "reads": "One plate in one frame, before the vote.",
    "hotlists": "Hot lists.",
    "entries": "Entries of hot lists; those taken off have active 0.",
    "hits": "Possible matches as they were found: verify plate, state and vehicle.",
    "alerts": "Possible matches that somebody must look at.",
    "cameras": "Cameras with their places.",
    "texts": "Every text that some sighting may say.",
    "readings": "Which sighting may say which text: rank 0 was read, 1 to 9 are other candidates.",
    "incidents": "What happened somewhere at some time.",
    "squares": "Which cameras made sightings in which square of a ten thousandth of a degree.",
    "seen": "Sightings for people: the plate as it was read, when, where, possible matches.",
    "possible_matches": "Possible matches for people: the read beside the entry.",
    "open_alerts": "Alerts that nobody has decided yet.",
}
_CARD = "A read says that a plate may have been seen, not who was in the vehicle. Verify plate, state and vehicle."


def metadata() -> dict[str, Any]:
    """Datasette's metadata of one database: what its tables are, and which column names a row."""
    tables: dict[str, dict[str, Any]] = {}
    for name, told in _TOLD.items():
        tables[name] = {"description": told}
        if name in _LABELS:
            tables[name]["label_column"] = _LABELS[name]
    tables["seen"]["sort_desc"] = tables["possible_matches"]["sort_desc"] = "time"
    for internal in ("_sqlite_migrations", "alert_sightings"):
        tables[internal] = {"hidden": True}
    return {"title": "The record of lpr", "description": _CARD, "tables": tables}


@hookimpl  # type: ignore[untyped-decorator]
def get_metadata(datasette: Any, key: str | None, database: str | None, table: str | None) -> dict[str, Any]:
    """For Datasette 0.6x. Databases of other programs have no tables of these names, or get a wrong description."""
    found = metadata()
    return {"databases": {name: found for name in datasette.databases if not name.startswith("_")}}


@hookimpl  # type: ignore[untyped-decorator]
def render_cell(value: Any, column: str, table: str | None, database: str) -> Any:
    """A crop for the number of a sighting; boxes, characters and candidates as people read them."""
    if column == PICTURE and isinstance(value, int):
        address = f"/-/lpr-crop/{escape(database)}/{value}.png"
        picture = f'<img src="{address}" loading="lazy" style="max-width:220px;max-height:70px" alt="crop">'
        link = f'<a href="/{escape(database)}/sightings/{value}">{picture}</a>'
        return markupsafe.Markup(link)  # noqa: S704 - of a number and an escaped name
    if column in ("characters", "candidates") and isinstance(value, str):
        return _pairs(value)
    return None


def _pairs(value: str) -> str | None:
    try:
        pairs = json.loads(value)
        return ", ".join(f"{said} {min(share, 0.999):.1%}" for said, share in pairs)
    except (ValueError, TypeError):
        return None


@hookimpl  # type: ignore[untyped-decorator]
def asgi_wrapper(datasette: Any) -> Any:
    """Each page is on the audit trail, and without one there is none."""
    return lambda app: recorded(app, lambda: dict(datasette.databases))


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, Any]]:
    return [(r"^/-/lpr-crop/(?P<database>[^/]+)/(?P<sighting>\d+)\.png$", crop)]


async def crop(request: Any, datasette: Any) -> Any:
    """The plate of a sighting as PNG: a saved crop, or else cut out of its source while that is unchanged."""
    database = datasette.databases.get(request.url_vars["database"])
    if database is None or not set(await database.table_names()) >= _TABLES:
        return Response.text("no database of lpr", status=404)
    content = await database.execute_fn(lambda connection: _crop(connection, int(request.url_vars["sighting"])))
    if content is None:
        return Response.text("no picture of this sighting", status=404)
    return Response(content, content_type="image/png", headers={"Cache-Control": "private, max-age=600"})


def _crop(connection: Any, sighting_id: int) -> bytes | None:
    row = connection.execute(
        "SELECT sources.path, sources.sha256, s.frame, s.box FROM sightings s JOIN scans ON scans.id = s.scan_id "
        "JOIN sources ON sources.id = scans.source_id WHERE s.id = ?",
        (sighting_id,),
    ).fetchone()
    if row is None:
        return None
    return _saved(connection, sighting_id) or _cut(*row)


def _saved(connection: Any, sighting_id: int) -> bytes | None:
    """A crop that a scan saved, from the tables that note one."""
    asked = [
        ("alerts", "SELECT crop FROM alerts WHERE sighting_id = ? AND crop IS NOT NULL"),
        ("pictures", "SELECT path FROM pictures WHERE sighting_id = ? AND kind = 'crop'"),
    ]
    for table, sql in asked:
        if connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchone():
            for (path,) in connection.execute(sql, (sighting_id,)):
                if Path(path).suffix == ".png" and Path(path).is_file():
                    return Path(path).read_bytes()
    return None


def _cut(path: str, sha256: str, frame: int, box: str) -> bytes | None:
    from lpr.plates import Box
    from lpr.records.scans import identify

    try:
        if identify(path).sha256 != sha256:
            return None
        return _png(path, frame, Box(*json.loads(box)))
    except LprError:
        return None


def _png(path: str, number: int, box: Any) -> bytes | None:
    import cv2

    from lpr.recognition.crop import cut
    from lpr.recognition.frames import open_frames

    with open_frames(path) as frames:
        for frame in frames:
            if frame.index >= number:
                _, encoded = cv2.imencode(".png", cut(frame.image, box))
                return bytes(encoded.tobytes())
    return None
