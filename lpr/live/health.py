"""How a camera fares, as views, the record and metrics show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lpr.live.state import CONNECTING, State


@dataclass(frozen=True)
class Health:
    """One camera since its watch began. Times are ISO 8601 UTC; nothing in it is secret.

    ``state`` is one of ``lpr.live.state`` since ``since``; ``problem`` says what is wrong, None when nothing is.
    Frames ``seen`` were decoded, ``damaged`` could not be; ``processed`` were searched for what moves, and ``looked``
    of them went through the networks, because something did; ``dropped`` should have been processed at the camera's
    rate but the machine was busy. ``age`` is that of the last frame, seconds, None before the first.
    ``fps`` come from the camera, ``rate`` a second are processed, ``wanted_rate`` should be; decoding is ``behind`` by
    so many seconds. ``reads`` were accepted, ``rejected`` counts the others by reason. ``delay`` is the median of the
    seconds from the arrival of a frame to the announcement of the hit in it, None before the first.
    """

    camera: str
    address: str
    state: State = CONNECTING
    since: str = ""
    problem: str | None = None
    description: str = ""
    started_at: str = ""
    updated_at: str = ""
    last_frame_at: str | None = None
    age: float | None = None
    connections: int = 0
    fps: float = 0.0
    rate: float = 0.0
    wanted_rate: float = 0.0
    behind: float = 0.0
    seen: int = 0
    damaged: int = 0
    processed: int = 0
    looked: int = 0
    dropped: int = 0
    plates: int = 0
    reads: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict)
    sightings: int = 0
    hits: int = 0
    alerts: int = 0
    delay: float | None = None

    def as_row(self) -> dict[str, Any]:
        """The fields in their order, ready for JSON."""
        return {**vars(self), "rejected": dict(self.rejected)}
