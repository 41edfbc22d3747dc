"""Annotation: a clip with boxes and texts drawn in, as a scan reads it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lpr.errors import SourceError
from lpr.plates import Box, Sighting
from lpr.recognition.areas import Areas
from lpr.recognition.draw import Mark, annotate
from lpr.recognition.film import write_film
from lpr.recognition.frames import Frame, open_frames
from lpr.recognition.passing import Event, Looked, Passed, Unread
from lpr.recognition.recognizer import Recognizer
from lpr.recognition.stream import Stream
from lpr.recognition.trace import Trace, joined

# A text stays with its box so long before the first and after the last look: looks are a tenth of a second apart.
_MARGIN = 0.05


@dataclass(frozen=True)
class Annotated:
    """What was done: frames written, and the sightings that were drawn in."""

    frames: int
    sightings: tuple[Sighting, ...]


def annotate_clip(
    clip: str | Path,
    out: Path,
    recognizer: Recognizer,
    areas: Areas | None = None,
    note: Callable[[Sighting], str] | None = None,
    on_frame: Callable[[int], None] | None = None,
) -> Annotated:
    """Write ``clip`` to ``out`` with the plates that a scan of it agrees on, at every frame of their passing.

    ``note`` gives what stands below a text, ``on_frame`` is told each frame of both passes over the clip. Raises
    SourceError; where footage breaks off, after what came before has been written.
    """
    if out.resolve() == Path(clip).resolve():
        raise SourceError(f"{out}: is the clip itself; name another file to write to")
    seen = _Seen()
    stream = Stream(recognizer, areas, announcing=False)
    with open_frames(clip) as frames:
        if frames.kind == "photo":
            raise SourceError(f"{clip}: a photo; lpr scan --annotate draws into photos")
        total, length = frames.total, frames.seconds
        try:
            for exposure in frames.exposures:
                for event in stream.push(exposure):
                    seen.hear(event)
                if on_frame is not None:
                    on_frame(exposure.index)
        except SourceError:
            # It is raised again, at the same place, when the frames are written.
            pass
    for event in stream.close():
        seen.hear(event)
    drawn = seen.traces()

    def change(frame: Frame) -> np.ndarray:
        if on_frame is not None:
            on_frame(frame.index)
        assert frame.seconds is not None  # it is footage
        marks = [
            Mark(box, sighting.text, sighting.confidence, "" if note is None else note(sighting))
            for trace, sighting in drawn
            if (box := trace.at(frame.seconds, _MARGIN)) is not None
        ]
        return annotate(frame.image, marks) if marks else frame.image

    rate = total / length if total and length else None
    with open_frames(clip) as frames:
        written = write_film(out, frames, change, rate)
    return Annotated(written, tuple(sighting for _, sighting in drawn))


class _Seen:
    """Where each vehicle's plate was seen, and what came of it."""

    def __init__(self) -> None:
        self._places: dict[int, list[tuple[float, Box]]] = defaultdict(list)
        self._into: dict[int, int] = {}
        self._passed: dict[int, Sighting] = {}

    def hear(self, event: Event) -> None:
        if isinstance(event, Looked):
            for place in event.places:
                self._places[place.vehicle].append((event.seconds, place.box))
        elif isinstance(event, Passed):
            self._passed[event.vehicle] = event.passing.sighting
        elif isinstance(event, Unread) and event.into is not None:
            self._into[event.vehicle] = event.into

    def traces(self) -> list[tuple[Trace, Sighting]]:
        """The trace of each vehicle that was read, with its sighting, in the order in which they ended."""
        for vehicle, places in list(self._places.items()):
            into = vehicle
            while into in self._into:
                into = self._into[into]
            if into != vehicle:
                self._places[into] += places
        return [(joined(self._places[vehicle]), sighting) for vehicle, sighting in self._passed.items()]
