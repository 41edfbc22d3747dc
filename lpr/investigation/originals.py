"""The files that sightings come from: whether they are still there and unchanged, and their pictures."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lpr.errors import SourceError
from lpr.investigation.found import Found
from lpr.records.scans import identify

if TYPE_CHECKING:
    import numpy as np

    from lpr.records.schema import Database

UNCHANGED, MISSING, CHANGED, LIVE = "unchanged", "missing", "changed", "live"


@dataclass(frozen=True)
class Original:
    """A source file as it is on record, with the scan that the sightings come from.

    ``state`` is what the file at ``path`` is now: unchanged (its SHA-256 is ``sha256``), changed or missing; or live:
    the source is a camera that was watched, of which there is no file and no SHA-256.
    ``version`` and ``settings`` are those of the recognizer.
    """

    name: str
    path: str
    sha256: str
    bytes: int
    kind: str
    lpr_version: str
    version: str
    settings: Mapping[str, Any]
    scanned_at: str
    scan_id: int
    state: str

    def row(self) -> dict[str, Any]:
        return {**vars(self), "settings": dict(self.settings)}


@dataclass(frozen=True, eq=False)
class Shown:
    """The picture that a plate was read in, height × width × 3, uint8, BGR, and the plate cut out of it."""

    image: np.ndarray
    crop: np.ndarray


def originals(database: Database, found: Iterable[Found]) -> list[Original]:
    """The source files of sightings, each with its scan, by name. Reads the files to compare their SHA-256."""
    ids = json.dumps(sorted({one.id for one in found}))
    rows = database.rows(
        "SELECT DISTINCT sources.*, scans.id AS scan_id, scans.lpr_version, scans.version, scans.settings, "
        "scans.started_at FROM json_each(?) AS wanted CROSS JOIN sightings s ON s.id = wanted.value "
        "JOIN scans ON scans.id = s.scan_id JOIN sources ON sources.id = scans.source_id "
        "ORDER BY sources.name, scans.id",
        (ids,),
    )
    states: dict[str, str] = {}
    made = []
    for row in rows:
        if row["path"] not in states:
            states[row["path"]] = _state(row["path"], row["sha256"])
        made.append(
            Original(
                row["name"],
                row["path"],
                row["sha256"],
                row["bytes"],
                row["kind"],
                row["lpr_version"],
                row["version"],
                json.loads(row["settings"]),
                row["started_at"],
                row["scan_id"],
                states[row["path"]],
            )
        )
    return made


def _state(path: str, sha256: str) -> str:
    if not sha256:
        return LIVE
    try:
        return UNCHANGED if identify(path).sha256 == sha256 else CHANGED
    except SourceError:
        return MISSING


def pictures(found: Sequence[Found], files: Iterable[Original]) -> Iterator[tuple[Found, Shown]]:
    """Sightings with their pictures, as far as their files are unchanged; footage is decoded up to the last one."""
    from lpr.recognition.crop import cut
    from lpr.recognition.frames import open_frames

    usable = {file.path for file in files if file.state == UNCHANGED}
    wanted: dict[str, dict[int, list[Found]]] = {}
    for one in found:
        if one.path in usable:
            wanted.setdefault(one.path, {}).setdefault(one.sighting.frame, []).append(one)
    for path, by_frame in wanted.items():
        last = max(by_frame)
        try:
            with open_frames(path) as frames:
                for frame in frames:
                    for one in by_frame.get(frame.index, ()):
                        yield one, Shown(frame.image, cut(frame.image, one.sighting.box))
                    if frame.index >= last:
                        break
        except SourceError:
            # It broke off: of the sightings behind that there is no picture, and their cards say so.
            continue
