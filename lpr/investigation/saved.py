"""Pictures that a scan or a watch saved: all there is of what a live camera saw."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lpr.records.schema import Database

CROP, SCENE = "crop", "annotated"


@dataclass(frozen=True)
class Saved:
    """A picture file that shows a sighting: ``crop``, the plate as it was read, or ``annotated``, the scene with the
    read drawn in."""

    kind: str
    path: Path

    def content(self) -> bytes | None:
        """The file's bytes; None when it is gone or cannot be read."""
        try:
            return self.path.read_bytes()
        except OSError:
            return None


def saved_pictures(database: Database, sighting_ids: Iterable[int]) -> dict[int, list[Saved]]:
    """The saved pictures by sighting, crops first; files that are gone are left out."""
    ids = (json.dumps(sorted(set(sighting_ids))),)
    asked = [
        "SELECT alert_sightings.sighting_id AS id, 'crop' AS kind, crop AS path FROM json_each(?) AS wanted "
        "CROSS JOIN alert_sightings ON alert_sightings.sighting_id = wanted.value "
        "JOIN alerts ON alerts.id = alert_id AND alerts.sighting_id = wanted.value WHERE crop IS NOT NULL"
    ]
    if database.rows("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'pictures'"):
        asked.append(
            "SELECT pictures.sighting_id AS id, kind, pictures.path AS path FROM json_each(?) AS wanted "
            "CROSS JOIN pictures ON pictures.sighting_id = wanted.value WHERE kind IN ('crop', 'annotated')"
        )
    found: dict[int, dict[str, Saved]] = {}
    for sql in asked:
        for row in database.rows(sql, ids):
            if Path(row["path"]).is_file():
                found.setdefault(row["id"], {})[row["path"]] = Saved(row["kind"], Path(row["path"]))
    return {one: sorted(paths.values(), key=lambda saved: saved.kind != CROP) for one, paths in found.items()}
