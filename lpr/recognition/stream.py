"""A stream: frames of one camera or clip go in one at a time, what happened to vehicles comes out as events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lpr.plates import Box, PlateBox, Read
from lpr.recognition import parts
from lpr.recognition.areas import Areas
from lpr.recognition.batch import Looks, Steps, alone
from lpr.recognition.frames import Exposure, Frame
from lpr.recognition.motion import BARREN_INTERVAL, MotionGate, Moving, small
from lpr.recognition.passing import Agreed, Event, Looked, Passed, Passing, Place, Unread
from lpr.recognition.recognizer import Recognizer, covered
from lpr.recognition.tracker import Seen, Tracker
from lpr.recognition.vehicle import quality

# Looks in a row that found nothing, after which looks become as rare as when everything is settled.
_EMPTY_LOOKS = 3
# Clocks of cameras and of sums of frame times are not exact: what is due in this share of an interval is due.
_SLACK = 0.9


class Stream:
    """Reads one camera or clip, frame by frame. ``lpr.scan`` and ``lpr watch`` are both built on it.

        stream = Stream(recognizer)
        for frame in frames:                  # in the order of their time, each with ``seconds``
            for event in stream.push(frame):  # Looked, Agreed, Passed, Unread: see lpr.recognition.passing
                ...
        for event in stream.close():          # what is in sight then is over
            ...

    ``push`` decides by itself whether a frame is worth the networks' time: most frames give no event, and a frame
    that was looked at gives one Looked, which comes before what followed from it. Of each vehicle there come any
    number of Agreed while it is in sight (the first as soon as its text is agreed: announce hits then), and one
    Passed or Unread when it is out of sight; ``vehicle`` numbers count within the stream from 1 and say which events
    belong together. A sighting is put on record once, at Passed.

    ``rejected`` counts, by reason, what was seen but came to nothing, so far. ``frames``, ``looked`` and ``reads``
    count the frames pushed, those that the networks looked at, and the reads accepted.

    Frames are looked at where something has moved since the last look, ten times a second at most
    (``settings.look_interval``), less often when all in sight is settled, and as a whole once a minute. Reads are
    spent as Vehicle.wants says. With ``thorough``, every frame pushed is looked at as a whole, and all plates in it
    are read. ``areas`` are the parts of the picture that are of interest. Without ``announcing`` there are no Agreed:
    who waits for the end of a passing anyway saves their cost.

    One stream belongs to one thread at a time. Several may share a Recognizer within one thread; for several threads
    give each a Recognizer of its own, or one whose detector and reader may be called from any thread.
    Frames may be dropped freely (a live camera that is too fast): only their ``seconds`` count, which must not fall.
    After a gap of more than ``settings.max_absence`` everything in sight is over. Raises ValueError for a photo.
    Push Exposures rather than Frames where you have them: what is never looked at is then never converted to BGR.
    """

    def __init__(
        self, recognizer: Recognizer, areas: Areas | None = None, thorough: bool = False, announcing: bool = True
    ) -> None:
        self.rejected: Counter[str] = Counter()
        self.frames = self.looked = self.reads = 0
        self.tracker = Tracker(recognizer.settings)
        self._recognizer = recognizer
        self._settings = recognizer.settings
        self._areas = areas if areas is not None else Areas()
        self._thorough = thorough
        self._announcing = announcing
        self._gate: MotionGate | None = None
        self._size = (0, 0)
        self._gated = self._looked = self._swept = self._barren = float("-inf")
        self._empty = 0
        self._told: dict[int, str] = {}

    def push(self, frame: Frame | Exposure) -> list[Event]:
        """Take in the next frame."""
        return alone(self.steps(frame))

    def steps(self, frame: Frame | Exposure) -> Steps[list[Event]]:
        """What ``push`` does, step by step, to be taken beside the steps of other streams (lpr.recognition.batch)."""
        if frame.seconds is None:
            raise ValueError("a photo has no time; a stream takes frames of footage")
        exposure = Exposure.of(frame) if isinstance(frame, Frame) else frame
        self.frames += 1
        if self._thorough:
            return self._read_all(exposure.frame(), frame.seconds)
        if frame.seconds - self._gated < _SLACK * min(self._interval(), self._settings.look_interval):
            return []
        events: list[Event] = []
        if frame.seconds - self._gated > self._settings.max_absence:
            # Nobody knows what happened meanwhile: nothing that stood need stand there still.
            events += self._over(self.tracker.over(frame.seconds))
            self._gate = None
        self._gated = frame.seconds
        return events + (yield from self._gated_push(exposure, frame.seconds))

    def close(self) -> list[Event]:
        """The stream has ended: everything in sight is over."""
        return self._over(self.tracker.finish())

    def _read_all(self, frame: Frame, seconds: float) -> list[Event]:
        recognition = self._recognizer.recognize(frame)
        height, width = frame.image.shape[:2]
        rejected = Counter(str(one.reason) for one in recognition.rejected)
        reads = [read for read in recognition.reads if self._areas.holds(read.plate.box, width, height)]
        rejected["outside the areas"] += len(recognition.reads) - len(reads)
        over = self._over(self.tracker.over(seconds))
        vehicles = self.tracker.see(frame, [Seen(read.plate, read) for read in reads])
        plates = len(recognition.reads) + len(recognition.rejected)
        places = [Place(v.number, read.plate.box) for v, read in zip(vehicles, reads, strict=True)]
        return [self._told_of(frame, seconds, plates, reads, rejected, places), *over, *self._agreed()]

    def _gated_push(self, exposure: Exposure, seconds: float) -> Steps[list[Event]]:
        width, height = exposure.width, exposure.height
        luma = small(exposure.grey())
        if self._gate is None or self._size != (width, height):
            self._gate, self._size, self._swept = MotionGate(width, height), (width, height), float("-inf")
        moving = [m for m in self._gate.changed(luma, seconds) if self._areas.touches(m.box, width, height)]
        for vehicle in self.tracker.vehicles:
            if not vehicle.missed and not any(covered(vehicle.box, m.box) > 0.0 for m in moving):
                vehicle.stood_until = max(vehicle.stood_until, seconds)
        over = self._over(self.tracker.over(seconds))
        due = self._due(moving, seconds)
        if not due:
            return over
        looked = yield from self._look(exposure.frame(), seconds, due, luma)
        return [*looked, *over, *self._agreed()]

    def _due(self, moving: Sequence[Moving], seconds: float) -> list[parts.Part]:
        """The parts of the picture that must be looked at now."""
        settings = self._settings
        if seconds - self._swept >= settings.sweep_interval:
            self._swept = seconds
            return parts.whole(*self._size, settings)
        if seconds - self._looked < _SLACK * self._interval():
            return []
        barren = seconds - self._barren >= BARREN_INTERVAL
        boxes = [m.box for m in moving if barren or not m.barren]
        if any(m.barren for m in moving) and barren:
            self._barren = seconds
        if not boxes:
            return []
        # A vehicle moves on meanwhile, and its plate is the smallest part of what moves.
        for vehicle in self.tracker.vehicles:
            if vehicle.last_seen >= self._looked and vehicle.stood_until <= vehicle.last_seen:
                x, y = vehicle.expected(seconds)
                w, h = vehicle.box.width, vehicle.box.height
                boxes.append(Box(round(x - w), round(y - h), round(x + w), round(y + h)).clipped(*self._size))
        return parts.around(boxes, *self._size, settings)

    def _interval(self) -> float:
        """How long to wait between looks while something moves."""
        settings = self._settings
        in_sight = [v for v in self.tracker.vehicles if not v.missed and v.last_seen >= self._looked]
        calm = all(vehicle.settled for vehicle in in_sight) if in_sight else self._empty >= _EMPTY_LOOKS
        if calm:
            return settings.settled_interval
        hurried = any(vehicle.hurried for vehicle in in_sight)
        return settings.hurried_interval if hurried else settings.look_interval

    def _look(self, frame: Frame, seconds: float, due: Sequence[parts.Part], luma: np.ndarray) -> Steps[list[Event]]:
        rejected: Counter[str] = Counter()
        found = yield from self._found(frame, due)
        plates = [plate for plate in found if self._fit(plate, rejected)]
        known = self.tracker.match(plates, seconds)
        # Better looks at one place first: a read spent there tells most.
        worth = [quality(frame.image, plate.box) for plate in plates]
        wanted = []
        for i, (plate, vehicle) in enumerate(zip(plates, known, strict=True)):
            if vehicle is None or vehicle.wants(plate.box, worth[i], seconds):
                wanted.append(i)
        read = yield from self._recognizer.reading(frame, [plates[i] for i in wanted])
        results = dict(zip(wanted, read, strict=True))
        seen, reads = [], []
        for i, (plate, vehicle) in enumerate(zip(plates, known, strict=True)):
            result = results.get(i)
            if isinstance(result, Read):
                reads.append(result)
                seen.append(Seen(plate, result, vehicle))
                continue
            if result is not None:
                rejected[result.reason] += 1
            seen.append(Seen(plate, None, vehicle))
        vehicles = self.tracker.see(frame, seen)
        for vehicle, one, value in zip(vehicles, seen, worth, strict=True):
            if one.vehicle is None:
                vehicle.wants(one.plate.box, value, seconds)  # the read just made is the first of its budget
        self._note(seconds, [part.box for part in due], [plate.box for plate in found], luma)
        places = [
            Place(vehicle.number, one.read.plate.box if one.read is not None else one.plate.box)
            for vehicle, one in zip(vehicles, seen, strict=True)
        ]
        return [self._told_of(frame, seconds, len(found), reads, rejected, places)]

    def _found(self, frame: Frame, due: Sequence[parts.Part]) -> Steps[list[PlateBox]]:
        """The plates in the parts ``due``, in pixels of the whole frame, each once, the most certain first."""
        boxes = [part.box for part in due]
        images = [frame.image[box.y1 : box.y2, box.x1 : box.x2] for box in boxes]
        detectors = [self._recognizer.glancer(part.imgsz) for part in due]
        seen: list[list[PlateBox]] = yield Looks(list(zip(detectors, images, strict=True)))
        found: list[PlateBox] = []
        for box, plates in zip(boxes, seen, strict=True):
            for plate in plates:
                moved = Box(plate.box.x1 + box.x1, plate.box.y1 + box.y1, plate.box.x2 + box.x1, plate.box.y2 + box.y1)
                found.append(PlateBox(moved, plate.confidence))
        found.sort(key=lambda plate: -plate.confidence)
        once: list[PlateBox] = []
        for plate in found:
            if all(covered(plate.box, other.box) <= self._settings.max_overlap for other in once):
                once.append(plate)
        return once

    def _fit(self, plate: PlateBox, rejected: Counter[str]) -> bool:
        """Whether the plate is worth following; if not, the reason is counted."""
        settings, box = self._settings, plate.box
        reason = None
        if plate.confidence < settings.min_glance_confidence:
            reason = "detector below threshold"
        elif box.width < settings.min_width or box.height < settings.min_height:
            reason = "too small"
        elif not self._areas.holds(box, *self._size):
            reason = "outside the areas"
        elif self.tracker.standing.holds(box):
            reason = "stands, read before"
        if reason is not None:
            rejected[reason] += 1
        return reason is None

    def _note(self, seconds: float, looked: list[Box], found: list[Box], luma: np.ndarray) -> None:
        assert self._gate is not None  # there is one before the first look
        self._gate.looked(luma, looked, found)
        self.tracker.standing.looked(looked, found, seconds)
        for vehicle in self.tracker.vehicles:
            if vehicle.last_seen < seconds and any(covered(vehicle.box, box) > 0.5 for box in looked):
                vehicle.missed = True
        self._empty = 0 if found else self._empty + 1
        self._looked = seconds

    def _told_of(
        self,
        frame: Frame,
        seconds: float,
        plates: int,
        reads: Sequence[Read],
        rejected: Counter[str],
        places: Sequence[Place],
    ) -> Looked:
        self.looked += 1
        self.reads += len(reads)
        self.rejected.update(rejected)
        return Looked(frame.index, seconds, plates, tuple(reads), +rejected, tuple(places))

    def _agreed(self) -> list[Event]:
        events: list[Event] = []
        if not self._announcing:
            return events
        for vehicle in self.tracker.agreed():
            before, now = self._told.get(vehicle.number), vehicle.verdict.text
            if before != now:
                self._told[vehicle.number] = now
                events.append(Agreed(vehicle.number, self._issued(vehicle.passing()), before))
        return events

    def _over(self, over: Sequence[Passed | Unread]) -> list[Event]:
        self.rejected.update(self.tracker.rejected)
        self.tracker.rejected.clear()
        for one in over:
            self._told.pop(one.vehicle, None)
        return [Passed(one.vehicle, self._issued(one.passing)) if isinstance(one, Passed) else one for one in over]

    def _issued(self, passing: Passing) -> Passing:
        """``passing`` with who issued its plate: judged by the picture that it shows, once, not for each read."""
        if self._thorough:
            return passing
        return replace(passing, sighting=self._recognizer.issued(passing.sighting, passing.crop))
