"""The tracker: which plates seen and read in footage are of one vehicle's passing.

A plate is joined to the vehicle whose expected place is nearest, or, after it was lost for a while, to the one with a
similar text. Greedy, best pair first: with a few plates per frame nothing better was needed.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lpr.normalize import look_alike_key
from lpr.plates import PlateBox, Read
from lpr.recognition.crop import cut
from lpr.recognition.frames import Frame
from lpr.recognition.passing import Passed, Passing, Unread
from lpr.recognition.recognizer import Recognition
from lpr.recognition.settings import Settings
from lpr.recognition.standing import Standing
from lpr.recognition.vehicle import Vehicle, similar
from lpr.recognition.vote import sighting, vote

# How far from the expected place a plate may be, in its own widths: with any text, with a similar text, and with any
# text while it is not yet known how fast the vehicle is.
_REACH, _REACH_SIMILAR, _REACH_AT_FIRST = 1.0, 4.0, 2.0
# The same for a vehicle that was followed anew, and whose texts may be a part of each other's.
_REACH_GOING_ON = 3.0
# How much a plate's width may change between two looks, as a factor.
_GROWTH = 2.0


@dataclass(frozen=True, eq=False)
class Seen:
    """A plate seen in a frame, with its read if it was read, and its vehicle if that is known by its place."""

    plate: PlateBox
    read: Read | None
    vehicle: Vehicle | None = None


class Tracker:
    """Joins what is seen in one stream. ``rejected`` counts, by reason, the reads that came to no sighting."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings if settings is not None else Settings()
        self.rejected: Counter[str] = Counter()
        self.vehicles: list[Vehicle] = []
        self.standing = Standing()
        self._numbers = 0

    def add(self, frame: Frame, recognition: Recognition) -> list[Passed | Unread]:
        """Take in the next frame, of which everything was read; what is over comes back, by the time it began."""
        seconds = _time(frame)
        # First what is over: a read after a long time must not find the vehicle of before.
        over = self.over(seconds)
        self.see(frame, [Seen(read.plate, read) for read in recognition.reads])
        return over

    def match(self, plates: Sequence[PlateBox], seconds: float) -> list[Vehicle | None]:
        """The vehicles in sight that ``plates`` belong to by their places alone."""
        found: list[Vehicle | None] = [None] * len(plates)
        for vehicle, i in self._pairs([Seen(plate, None) for plate in plates], seconds):
            found[i] = vehicle
        return found

    def see(self, frame: Frame, seen: Sequence[Seen]) -> list[Vehicle]:
        """Take in what was seen in the next frame; the vehicles that it belongs to, in the same order."""
        seconds = _time(frame)
        vehicles: list[Vehicle | None] = [one.vehicle for one in seen]
        left = [i for i, vehicle in enumerate(vehicles) if vehicle is None]
        taken = {id(vehicle) for vehicle in vehicles}
        for vehicle, n in self._pairs([seen[i] for i in left], seconds):
            if id(vehicle) not in taken:
                vehicles[left[n]] = vehicle
        owners = []
        for one, known in zip(seen, vehicles, strict=True):
            if known is None:
                self._numbers += 1
                known = Vehicle(self._numbers, one.plate, seconds, self.settings)
                self.vehicles.append(known)
            else:
                known.see(one.plate, seconds)
            if one.read is not None:
                known.add(one.read, frame.image)
            owners.append(known)
        return owners

    def over(self, seconds: float) -> list[Passed | Unread]:
        """End what has not been in sight for too long, and what stands for too long; by the time it began."""
        over = []
        for vehicle in self.vehicles:
            if vehicle.stood_until - vehicle.last_seen > self.settings.max_standing:
                self.standing.add(vehicle.box)
                over.append(vehicle)
            elif seconds - vehicle.stood_until > self.settings.max_absence:
                over.append(vehicle)
        return self._close(over)

    def finish(self) -> list[Passed | Unread]:
        """End everything."""
        return self._close(list(self.vehicles))

    def agreed(self) -> list[Vehicle]:
        """The vehicles in sight whose reads agree by now."""
        return [v for v in self.vehicles if v.agreed() and self._drives(v, at_once=True)]

    def _pairs(self, seen: Sequence[Seen], seconds: float) -> Iterator[tuple[Vehicle, int]]:
        """Vehicles with the places in ``seen`` of what continues them, each at most once, the best pair first."""
        costs = [
            (cost, v, i)
            for v, vehicle in enumerate(self.vehicles)
            for i, one in enumerate(seen)
            if (cost := self._cost(vehicle, one, seconds)) is not None
        ]
        vehicles, taken = set[int](), set[int]()
        for _, v, i in sorted(costs):
            if v not in vehicles and i not in taken:
                vehicles.add(v)
                taken.add(i)
                yield self.vehicles[v], i

    def _cost(self, vehicle: Vehicle, seen: Seen, seconds: float) -> float | None:
        """How badly ``seen`` continues ``vehicle``; None when it does not."""
        resembles = seen.read is not None and vehicle.resembles(seen.read)
        box = seen.plate.box
        if seconds - vehicle.stood_until > self.settings.max_gap:
            # Behind another vehicle, or out of the picture and back: only the text can tell.
            return _REACH_SIMILAR + 1.0 if resembles else None
        if max(vehicle.box.width, box.width) > _GROWTH * min(vehicle.box.width, box.width) and not resembles:
            return None
        away = vehicle.distance(box, seconds)
        reach = _REACH_AT_FIRST if vehicle.velocity is None and seen.read is None else _REACH
        if away > (_REACH_SIMILAR if resembles else reach) and box.overlap(vehicle.box) == 0.0:
            return None
        return away if resembles else away + 0.5

    def _close(self, over: list[Vehicle]) -> list[Passed | Unread]:
        """End the vehicles ``over``; one that went on as another one is taken in by that."""
        ends: list[Passed | Unread] = []
        for vehicle in sorted(over, key=lambda v: v.first_seen):
            self.vehicles.remove(vehicle)
            if not vehicle.voters:
                ends.append(Unread(vehicle.number, "never read", 0))
                continue
            later = next((v for v in self.vehicles if self._goes_on(vehicle, v)), None)
            if later is not None:
                later.absorb(vehicle)
                ends.append(Unread(vehicle.number, "went on as another", 0, later.number))
                continue
            agreeing, total = vehicle.said[vehicle.verdict.text], vehicle.said.total()
            if agreeing < total:
                self.rejected["reads disagree"] += total - agreeing
            if not vehicle.agreed():
                reason = "reads disagree" if total > 1 else "single weak read"
            elif not self._drives(vehicle, at_once=False):
                reason = "stands, and is no plate for sure"
            else:
                ends.append(Passed(vehicle.number, hashed(vehicle.passing())))
                continue
            self.rejected[reason] += agreeing
            ends.append(Unread(vehicle.number, reason, total))
        return ends

    def _drives(self, vehicle: Vehicle, at_once: bool) -> bool:
        """Whether it is a vehicle's plate, not a sign's text: it moves, or stands but is beyond doubt."""
        if vehicle.travelled:
            return True
        settings, verdict = self.settings, vehicle.verdict
        if not at_once and vehicle.stood_until - vehicle.first_seen < settings.standing_after:
            return True
        return (
            2 * vehicle.said[verdict.text] > vehicle.said.total()
            and verdict.confidence >= settings.min_standing_confidence
            and vehicle.shots[verdict.text].read.plate.confidence >= settings.min_standing_detector
        )

    def _goes_on(self, vehicle: Vehicle, later: Vehicle) -> bool:
        if not later.voters or later.first_seen - vehicle.last_seen > self.settings.max_absence:
            return False
        said, text = later.verdict.text, vehicle.verdict.text
        # At the same time in two places, only the very same text is the same vehicle, seen twice.
        if said == text or later.first_seen <= vehicle.last_seen:
            return said == text
        if similar(said, text):
            return True
        # Where the one was expected when the other came into sight, a part of the plate was read, or it far away.
        if later.first_seen - vehicle.last_seen > self.settings.max_gap:
            return False
        near = vehicle.distance(later.places[0][1], later.first_seen) <= _REACH_GOING_ON
        return near and (said in text or text in said or similar(look_alike_key(said), look_alike_key(text)))


def track(frames: Iterable[tuple[Frame, Recognition]], tracker: Tracker) -> Iterator[Passing]:
    """The passings in ``frames`` with what was recognized in them, photos or footage of one source, as they end.

    Each read of a photo is a passing of its own.
    """
    for frame, recognition in frames:
        if frame.seconds is None:
            yield from (of_photo(read, frame) for read in recognition.reads)
        else:
            yield from _passings(tracker.add(frame, recognition))
    yield from _passings(tracker.finish())


def of_photo(read: Read, frame: Frame) -> Passing:
    """A read of a photo as a passing of its own."""
    seen = sighting(read, vote([read.transcript]), 1, None, None)
    if frame.place is not None:
        seen = replace(seen, latitude=frame.place.latitude, longitude=frame.place.longitude)
    return hashed(Passing(seen, cut(frame.image, read.plate.box).copy(), frame.image))


def hashed(passing: Passing) -> Passing:
    """``passing`` with the hash of its picture."""
    digest = hashlib.sha256(np.ascontiguousarray(passing.image).data).hexdigest()
    return replace(passing, sighting=replace(passing.sighting, picture_sha256=digest))


def _passings(over: Iterable[Passed | Unread]) -> list[Passing]:
    return [one.passing for one in over if isinstance(one, Passed)]


def _time(frame: Frame) -> float:
    if frame.seconds is None:
        raise ValueError("a photo has no time; the tracker takes frames of footage")
    return frame.seconds
