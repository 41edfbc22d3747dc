"""What is known of one camera that is watched: its vehicles in sight, its counts, its part of the record."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from statistics import median
from typing import TYPE_CHECKING, Any, Literal

from lpr.events import Counts
from lpr.plates import Sighting
from lpr.scanned import Matcher, hit_record

if TYPE_CHECKING:
    import numpy as np

    from lpr.hotlist import Hit
    from lpr.ledger import Ledger
    from lpr.live.camera import Camera
    from lpr.live.worker import Happened, Lane
    from lpr.plates import Read
    from lpr.recognition.passing import Passing, Unread
    from lpr.records.watches import WatchRecord


@dataclass(frozen=True, eq=False)
class Watched:
    """Something that came of watching.

    ``event`` is "hit" as soon as the text of a vehicle in sight is agreed and on a list, with the new hits alone;
    "sighting" when the vehicle has passed, with all that its text hits. ``crop`` is the plate as it was read, ``image``
    its picture (height × width × 3, uint8, BGR). ``alerts`` are the ids of those that were raised. ``delay`` is, of a
    hit, the seconds since its frame came in, None when a list changed afterwards.
    """

    event: Literal["hit", "sighting"]
    sighting: Sighting
    hits: tuple[Hit, ...]
    crop: np.ndarray
    image: np.ndarray
    alerts: tuple[int, ...] = ()
    delay: float | None = None
    vehicle: _Vehicle | None = None

    @property
    def sighting_id(self) -> int | None:
        """The id of the sighting on record; None while, or where, there is none."""
        return None if self.vehicle is None else self.vehicle.sighting_id

    def row(self) -> dict[str, Any]:
        """``event``, the sighting's fields, ``hits``, ``alerts``, ``delay``, ready for JSON."""
        from lpr.records.row import to_row

        return {
            "event": self.event,
            **to_row(self.sighting),
            "hits": [hit.as_row() for hit in self.hits],
            "alerts": list(self.alerts),
            "delay": None if self.delay is None else round(self.delay, 3),
        }


class Lookout:
    """What the consumer knows of one camera: its vehicles in sight, its counts, its record."""

    def __init__(
        self, camera: Camera, hot_lists: Matcher | None, record: WatchRecord | None, ledger: Ledger | None
    ) -> None:
        self.sightings = self.hits = self.alerts = 0
        #: The median of the seconds from frame to announcement, of the last hits.
        self.delay: float | None = None
        self._delays: deque[float] = deque(maxlen=200)
        self.camera_id = 0 if record is None else record.camera_id
        self._camera, self._hot_lists, self._record, self._ledger = camera, hot_lists, record, ledger
        self._lists = None if camera.lists is None else {name.casefold() for name in camera.lists}
        from lpr.records.privacy import Privacy

        self._privacy = Privacy(None if record is None else record.database)
        self._stream = 0
        self._vehicles: dict[tuple[int, int], _Vehicle] = {}

    def happened(self, message: Happened) -> Iterator[Watched]:
        """Put what happened on record, then yield it."""
        from lpr.recognition.passing import Agreed, Looked, Passed, Unread

        self._stream = message.stream
        for event in message.events:
            if isinstance(event, Looked):
                self._add_reads(event.reads)
                continue
            key = message.stream, event.vehicle
            if isinstance(event, Agreed):
                vehicle = self._vehicles.setdefault(key, _Vehicle(event.passing))
                vehicle.passing = self._placed(event.passing)
                yield from self._compare(vehicle, message.arrived)
            elif isinstance(event, Passed):
                vehicle = self._vehicles.pop(key, _Vehicle(event.passing))
                vehicle.passing = self._placed(event.passing)
                yield from self._passed(vehicle)
            elif isinstance(event, Unread):
                self._unread(self._vehicles.pop(key, None), event)

    def compare_again(self) -> Iterator[Watched]:
        """A hot list changed: vehicles in sight may be on it now."""
        for vehicle in list(self._vehicles.values()):
            yield from self._compare(vehicle, None)

    def finish(self, lane: Lane, error: str | None) -> None:
        if self._record is None:
            return
        assert self._ledger is not None
        record = self._record
        counts = Counts(lane.pace.processed, lane.plates, lane.reads, lane.rejected, self.sightings, self.hits)
        self._ledger.write(lambda: record.finish(asdict(counts), error))

    def _placed(self, passing: Passing) -> Passing:
        """With the camera and where it stands."""
        camera, place = self._camera, self._camera.place
        latitude, longitude = (None, None) if place is None else (place.latitude, place.longitude)
        sighting = replace(passing.sighting, camera=camera.name, latitude=latitude, longitude=longitude)
        return replace(passing, sighting=sighting)

    def _compare(self, vehicle: _Vehicle, arrived: float | None) -> Iterator[Watched]:
        """Announce the hits that are new for a vehicle in sight; they are on record before, if that is possible now."""
        fresh = tuple(hit for hit in self._match(vehicle.passing.sighting) if vehicle.is_news(hit))
        if not fresh:
            return
        alerts = self._write(vehicle, fresh)
        self.hits += vehicle.announce(fresh)
        delay = None if arrived is None else time.monotonic() - arrived
        if delay is not None:
            self._delays.append(delay)
            self.delay = round(median(self._delays), 3)
        yield self._watched("hit", vehicle, fresh, alerts, delay)

    def _passed(self, vehicle: _Vehicle) -> Iterator[Watched]:
        hits = tuple(self._match(vehicle.passing.sighting))
        fresh = tuple(hit for hit in hits if vehicle.is_news(hit))
        alerts = self._write(vehicle, hits)
        self.sightings += 1
        self.hits += vehicle.announce(fresh)
        if fresh:
            # Agreed only at the end, or the list changed meanwhile.
            yield self._watched("hit", vehicle, fresh, alerts, None)
        yield self._watched("sighting", vehicle, hits, tuple(vehicle.alerts), None)

    def _unread(self, vehicle: _Vehicle | None, event: Unread) -> None:
        """A vehicle came to no sighting. What was announced stays on record; where another goes on with it, as that."""
        if vehicle is None or not vehicle.announced or event.into is None:
            return
        into = self._vehicles.setdefault((self._stream, event.into), _Vehicle(vehicle.passing))
        into.announced |= vehicle.announced
        if self._record is None or self._ledger is None:
            return
        record = self._record

        def join() -> None:
            into.alerts = vehicle.alerts + into.alerts
            if into.sighting_id is None:
                into.sighting_id = vehicle.sighting_id
            elif vehicle.sighting_id is not None:
                record.remove(vehicle.sighting_id)

        self._ledger.write(join)

    def _add_reads(self, reads: Sequence[Read]) -> None:
        if self._record is not None and self._ledger is not None and reads and self._privacy.reads:
            record = self._record
            self._ledger.write(lambda: record.add_reads(reads))

    def _write(self, vehicle: _Vehicle, hits: Sequence[Hit]) -> tuple[int, ...]:
        """Put the vehicle as it is known now on record, with its hits; the ids of the alerts that are new.

        None are known yet while another program writes to the database.
        """
        if self._record is None or self._ledger is None:
            return ()
        from lpr.hotlist.alert import raise_alerts

        record, sighting, before = self._record, vehicle.passing.sighting, vehicle.alerts

        def write() -> None:
            if vehicle.sighting_id is None:
                kept = self._privacy.stored(sighting, bool(hits))
                if kept is None:
                    return
                vehicle.sighting_id = record.add(kept[0], map(hit_record, hits), kept[1])
            else:
                record.change(vehicle.sighting_id, sighting, map(hit_record, hits))
            if hits:
                raised = raise_alerts(record.database, vehicle.sighting_id, sighting, hits)
                vehicle.alerts += raised
                self.alerts += len(raised)

        self._ledger.write(write)
        return vehicle.alerts[len(before) :]

    def _match(self, sighting: Sighting) -> list[Hit]:
        if self._hot_lists is None:
            return []
        hits = self._hot_lists.match(sighting)
        return hits if self._lists is None else [hit for hit in hits if hit.list.casefold() in self._lists]

    def _watched(
        self,
        event: Literal["hit", "sighting"],
        vehicle: _Vehicle,
        hits: tuple[Hit, ...],
        alerts: tuple[int, ...],
        delay: float | None,
    ) -> Watched:
        seen = vehicle.passing
        return Watched(event, seen.sighting, hits, seen.crop, seen.image, alerts, delay, vehicle)


class _Vehicle:
    """One vehicle in sight whose text is agreed."""

    def __init__(self, passing: Passing) -> None:
        self.passing = passing
        self.announced: set[tuple[tuple[object, ...], bool]] = set()
        self.sighting_id: int | None = None
        self.alerts: tuple[int, ...] = ()

    def is_news(self, hit: Hit) -> bool:
        """Whether the hit was not announced, or only as one whose state conflicts: that raised no alert."""
        entry, conflicts = _entry(hit)
        return (entry, False) not in self.announced and (entry, conflicts) not in self.announced

    def announce(self, hits: Sequence[Hit]) -> int:
        """Remember what is announced now; of how many entries nothing was announced before."""
        new = len({_entry(hit)[0] for hit in hits} - {entry for entry, _ in self.announced})
        self.announced.update(map(_entry, hits))
        return new


def _entry(hit: Hit) -> tuple[tuple[object, ...], bool]:
    return (hit.entry_id, hit.list, hit.plate, hit.state), hit.state_agreement == "conflicts"
