"""lpr reads licence plates from photos and footage, compares them with hot lists and keeps the record.

    import lpr

    for found in lpr.scan(["photos/"], hot_lists=lpr.HotLists.from_files(["wanted.csv"])):
        print(found.sighting.source, found.sighting.text, found.hits)

``import lpr`` loads nothing heavy: each name brings its own module when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

# These two functions have the names of their modules. Imported here, they replace the modules as attributes of the
# package for good; loaded later, the modules would replace the functions.
from lpr.normalize import normalize
from lpr.scan import Scanned, scan

__version__ = "0.1.0"

if TYPE_CHECKING:
    from lpr.errors import (
        CameraError,
        DatasetError,
        EngineError,
        EvidenceError,
        FullDiskError,
        HotListError,
        LprError,
        ModelError,
        PlaceError,
        PlateError,
        PolicyError,
        QuestionError,
        RecordsError,
        SourceError,
    )
    from lpr.hotlist import HotLists
    from lpr.investigation.search import search
    from lpr.investigation.where import Where
    from lpr.live.camera import Camera, camera_at
    from lpr.live.camera_file import read_cameras
    from lpr.lookout import Watched
    from lpr.places import Place
    from lpr.plates import Box, Candidate, Character, Jurisdiction, PlateBox, Read, Sighting, Transcript
    from lpr.purpose import Why
    from lpr.recognition.frames import Frame, open_frames
    from lpr.recognition.recognizer import Recognition, Recognizer
    from lpr.records.audit import audited
    from lpr.records.schema import Database, open_database
    from lpr.watch import Watch

__all__ = [
    "Box",
    "Camera",
    "CameraError",
    "Candidate",
    "Character",
    "Database",
    "DatasetError",
    "EngineError",
    "EvidenceError",
    "Frame",
    "FullDiskError",
    "HotListError",
    "HotLists",
    "Jurisdiction",
    "LprError",
    "ModelError",
    "Place",
    "PlaceError",
    "PlateBox",
    "PlateError",
    "PolicyError",
    "QuestionError",
    "Read",
    "Recognition",
    "Recognizer",
    "RecordsError",
    "Scanned",
    "Sighting",
    "SourceError",
    "Transcript",
    "Watch",
    "Watched",
    "Where",
    "Why",
    "audited",
    "camera_at",
    "normalize",
    "open_database",
    "open_frames",
    "read_cameras",
    "scan",
    "search",
]

_MODULES = {
    "lpr.errors": (
        "CameraError",
        "DatasetError",
        "EngineError",
        "EvidenceError",
        "FullDiskError",
        "HotListError",
        "LprError",
        "ModelError",
        "PlaceError",
        "PlateError",
        "PolicyError",
        "QuestionError",
        "RecordsError",
        "SourceError",
    ),
    "lpr.hotlist": ("HotLists",),
    "lpr.investigation.search": ("search",),
    "lpr.investigation.where": ("Where",),
    "lpr.live.camera": ("Camera", "camera_at"),
    "lpr.live.camera_file": ("read_cameras",),
    "lpr.lookout": ("Watched",),
    "lpr.places": ("Place",),
    "lpr.plates": ("Box", "Candidate", "Character", "Jurisdiction", "PlateBox", "Read", "Sighting", "Transcript"),
    "lpr.purpose": ("Why",),
    "lpr.recognition.frames": ("Frame", "open_frames"),
    "lpr.recognition.recognizer": ("Recognition", "Recognizer"),
    "lpr.records.audit": ("audited",),
    "lpr.records.schema": ("Database", "open_database"),
    "lpr.watch": ("Watch",),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
