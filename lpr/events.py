"""What a scan tells while it runs, for progress and for the summary at the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Counts:
    """What came of one source. ``plates`` were seen by the detector: ``reads`` were accepted, the others rejected.

    ``rejected`` counts by reason; of footage it also counts accepted reads that came to no sighting.
    """

    frames: int = 0
    plates: int = 0
    reads: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict)
    sightings: int = 0
    hits: int = 0


@dataclass(frozen=True)
class Listed:
    """``sources`` files will be scanned; told when it is known before the first one is opened."""

    sources: int


@dataclass(frozen=True)
class Opened:
    """A source is open. ``frames`` is how many it has, as far as its header says."""

    source: str
    kind: Literal["photo", "footage"]
    frames: int | None


@dataclass(frozen=True)
class Looked:
    """One more frame was looked at."""

    source: str
    plates: int
    reads: int


@dataclass(frozen=True)
class Went:
    """Footage has been gone through up to frame ``frame``; told now and then."""

    source: str
    frame: int


@dataclass(frozen=True)
class Ended:
    """A source is over: read to its end, on record from an earlier scan, or given up for the reason in ``error``.

    A failed source may have given sightings before it failed. ``counts`` of a skipped source are those of its
    earlier scan, but for the hits, which are today's.
    """

    source: str
    status: Literal["done", "skipped", "failed"]
    counts: Counts
    error: str | None = None


Event = Listed | Opened | Looked | Went | Ended
