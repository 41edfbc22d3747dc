"""Redaction: a clip with every plate made illegible, in every frame, for release to the public."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from lpr.errors import SourceError
from lpr.normalize import key
from lpr.plates import Box, PlateBox, Read
from lpr.recognition import parts
from lpr.recognition.detector import multiple
from lpr.recognition.film import write_film
from lpr.recognition.frames import Frame, open_frames
from lpr.recognition.recognizer import Recognizer, covered
from lpr.recognition.region import format_factor
from lpr.recognition.settings import Settings
from lpr.recognition.trace import Trace, Tracer
from lpr.recognition.vote import vote

#: A plate may go unseen for so long between two places, and is hidden so long before the first and after the last.
GAP, MARGIN = 1.0, 1.0
#: What is hidden around a plate, as shares of its width and height, on each side.
AROUND_X, AROUND_Y = 0.25, 0.45
# What the detector is less sure of, at its best, is hidden only when it was seen more than once.
_ONCE = 0.25
#: What the detector is less sure of is not hidden, when the recognizer's ``settings.detector_floor`` says so too.
FLOOR = 0.05
# What takes up more than this share of the picture's width must be surer than ``_ONCE``: a wall is no plate.
_LARGE = 0.25
# Beside the usual look the whole picture is looked at with its sides times this, up to a number of pixels: in a made
# clip the larger look alone found 75, the usual one 62 of 86 plates of 30 pixels and more.
_FINE_SCALE, _FINEST = 2 / 3, 1920
# A hidden plate is this many patches of colour wide: nothing of its characters is left to be computed back.
_PATCHES = 3
# Every so many frames the plates are read, when some are to stay.
_READ_EVERY = 3


@dataclass(frozen=True)
class Redacted:
    """What was done: frames written, plates hidden (one per trace), and plates kept, by text."""

    frames: int
    hidden: int
    kept: tuple[str, ...]


def redact(
    clip: str | Path,
    out: Path,
    recognizer: Recognizer,
    keep: Collection[str] = (),
    on_frame: Callable[[int], None] | None = None,
) -> Redacted:
    """Write ``clip`` to ``out`` with every plate hidden but those whose normalized text is in ``keep``.

    Every frame is looked at, at the detector's floor, which may be as low as ``FLOOR``: hiding too much harms nobody.
    A plate is hidden between the frames in which it was seen, and a second before and after. One is kept only
    when two reads of it agree.
    ``on_frame`` is told each frame, of both passes over the clip. Raises SourceError; where footage breaks off, after
    what came before has been written.
    """
    if out.resolve() == Path(clip).resolve():
        raise SourceError(f"{out}: is the clip itself; name another file to write to")
    wanted = {key(text) for text in keep}
    tracer = Tracer(GAP)
    with open_frames(clip) as frames:
        if frames.kind == "photo":
            raise SourceError(f"{clip}: a photo; lpr redact takes footage")
        total, length = frames.total, frames.seconds
        try:
            for number, frame in enumerate(frames):
                _see(frame, number, recognizer, tracer, bool(wanted))
                if on_frame is not None:
                    on_frame(number)
        except SourceError:
            # It is raised again, at the same place, when the frames are written.
            pass
    hidden: list[Trace] = []
    kept: list[str] = []
    for trace in tracer.traces:
        text = _text(trace, recognizer.settings)
        if text is not None and key(text) in wanted:
            kept.append(text)
        elif trace.sure >= _ONCE or len(trace.places) > 1:
            hidden.append(trace)

    def change(frame: Frame) -> np.ndarray:
        if on_frame is not None:
            on_frame(frame.index)
        assert frame.seconds is not None  # it is footage
        boxes = []
        for trace in hidden:
            box = trace.within(frame.seconds, MARGIN)
            if box is not None:
                # Where a plate is that is not seen yet, or no more, is the less certain the longer that is.
                beyond = trace.beyond(frame.seconds)
                boxes.append(box.padded(beyond, beyond))
        return hide(frame.image, boxes)

    rate = total / length if total and length else None
    with open_frames(clip) as frames:
        written = write_film(out, frames, change, rate)
    return Redacted(written, len(hidden), tuple(sorted(set(kept))))


def hide(image: np.ndarray, boxes: Sequence[Box]) -> np.ndarray:
    """A copy of ``image`` (height × width × 3, uint8, BGR) with ``boxes`` and what is around them as patches of colour.

    Not a blur: that can be computed back. What is left are means over a third of a plate each.
    """
    hidden: np.ndarray = image.copy()
    for box in boxes:
        inside = box.padded(AROUND_X, AROUND_Y).clipped(image.shape[1], image.shape[0])
        if not inside.area:
            continue
        part = image[inside.y1 : inside.y2, inside.x1 : inside.x2]
        patches = cv2.resize(part, (_PATCHES, 1), interpolation=cv2.INTER_AREA)
        hidden[inside.y1 : inside.y2, inside.x1 : inside.x2] = cv2.resize(
            patches, (inside.width, inside.height), interpolation=cv2.INTER_LINEAR
        )
    return hidden


def _see(frame: Frame, number: int, recognizer: Recognizer, tracer: Tracer, reading: bool) -> None:
    plates = _plates(frame.image, recognizer)
    assert frame.seconds is not None  # it is footage
    traces = tracer.add(frame.seconds, plates)
    if reading and plates and number % _READ_EVERY == 0:
        for trace, result in zip(traces, recognizer.read(frame, plates), strict=True):
            if isinstance(result, Read):
                trace.transcripts.append(result.transcript)


def _plates(image: np.ndarray, recognizer: Recognizer) -> list[PlateBox]:
    """All plates in ``image``, whatever the detector is unsure of too."""
    found: list[PlateBox] = []
    height, width = image.shape[:2]
    fine = min(_FINEST, multiple(max(width, height) * _FINE_SCALE))
    looks = parts.whole(width, height, recognizer.settings)
    if fine > max(look.imgsz for look in looks):
        looks.append(parts.Part(Box(0, 0, width, height), fine))
    # Plates of light signs on dark ground are rare among those that detectors have seen: in the negative they are not.
    negative = cv2.bitwise_not(image)
    for part, picture in [(part, image) for part in looks] + [(looks[-1], negative)]:
        box = part.box
        for plate in recognizer.glance(picture[box.y1 : box.y2, box.x1 : box.x2], part.imgsz):
            if plate.confidence < _ONCE and plate.box.width > _LARGE * width:
                continue
            x1, y1, x2, y2 = plate.box.as_list()
            found.append(PlateBox(Box(x1 + box.x1, y1 + box.y1, x2 + box.x1, y2 + box.y1), plate.confidence))
    found.sort(key=lambda plate: -plate.confidence)
    once: list[PlateBox] = []
    for plate in found:
        if all(covered(plate.box, other.box) <= recognizer.settings.max_overlap for other in once):
            once.append(plate)
    return once


def _text(trace: Trace, settings: Settings) -> str | None:
    if not trace.transcripts:
        return None
    verdict = vote(trace.transcripts, favour=format_factor(settings))
    return verdict.text if len(verdict.agreeing) > 1 else None
