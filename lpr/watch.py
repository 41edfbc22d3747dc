"""The live composition: cameras are read, compared with hot lists while vehicles pass, and put on record."""

from __future__ import annotations

import logging
import os
import platform
import queue
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timezone
from statistics import median
from typing import TYPE_CHECKING, Any, Literal

from lpr.errors import CameraError, HotListError
from lpr.events import Counts
from lpr.plates import Sighting
from lpr.scan import Matcher, hit_record

if TYPE_CHECKING:
    from types import TracebackType

    import numpy as np

    from lpr.hotlist import Hit
    from lpr.live.camera import Camera
    from lpr.live.health import Health
    from lpr.live.reader import Patience
    from lpr.live.worker import Happened, Lane, Over
    from lpr.recognition.passing import Passing, Unread
    from lpr.recognition.recognizer import Recognizer
    from lpr.records.schema import Database
    from lpr.records.watches import WatchRecord

#: Seconds between two looks at what is not a picture: hot lists that changed, health that is to be written.
TICK = 0.25
#: Seconds between two notes of health on record, and between two summaries in the log.
HEALTH_EVERY, LOG_EVERY = 1.0, 60.0
#: Seconds that the end of a watch waits for cameras that do not answer.
_PATIENCE_AT_END = 1.0

_LOG = logging.getLogger("lpr.watch")
# Who wants the log asks for it; Python would write warnings to standard error.
_LOG.addHandler(logging.NullHandler())


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


@dataclass(frozen=True)
class Told:
    """A camera's state changed, or there is something to say about it; ``text`` is one line without secrets."""

    camera: str
    state: str
    text: str


class Watch:
    """Watches cameras until ``stop``: iterate over it once, in ``with``.

        with lpr.Watch(lpr.read_cameras("cameras.toml"), database=database) as watch:
            for seen in watch:
                if seen.event == "hit":
                    print(seen.sighting.camera, seen.sighting.text, seen.hits)

    Vehicles are compared with ``hot_lists``, without them with all of the database's; an entry that is added counts at
    once, for vehicles in sight as well. With a ``database``, whatever is yielded is already on record. ``rate`` is how
    many frames of each camera are looked at in a second, in place of the cameras' own.

    A camera that is lost stops no other one: what happens to it is told by ``on_event``, in the log (``lpr.watch``)
    and by ``health``. ``stop`` and ``health`` may be called from any thread and from signal handlers; then the
    vehicles in sight are closed, yielded, and the iteration ends. Raises CameraError for no cameras or two of one
    name, HotListError for a camera's list that does not exist, and what the recognizer raises.
    """

    def __init__(
        self,
        cameras: Sequence[Camera],
        recognizer: Recognizer | None = None,
        hot_lists: Matcher | None = None,
        database: Database | None = None,
        rate: float | None = None,
        on_event: Callable[[Told], None] | None = None,
        patience: Patience | None = None,
    ) -> None:
        names = Counter(camera.name.casefold() for camera in cameras)
        twice = next((c.name for c in cameras if names[c.name.casefold()] > 1), None)
        if not cameras or twice is not None:
            raise CameraError(f"two cameras are called {twice!r}; give each its own name" if twice else "no camera")
        if recognizer is None:
            from lpr.recognition.recognizer import Recognizer

            recognizer = Recognizer()
        if hot_lists is None and database is not None:
            from lpr.hotlist import HotLists

            hot_lists = HotLists(database)
        self.cameras = tuple(cameras)
        self._recognizer, self._hot_lists, self._database = recognizer, hot_lists, database
        self._rate, self._tell_user, self._patience = rate, on_event, patience
        _check_lists(cameras, database)
        self._ended = threading.Event()
        self._wake = threading.Event()
        self._posts: list[_Post] = []
        self._lanes: list[Lane] = []
        self._told: queue.SimpleQueue[Told] = queue.SimpleQueue()
        self._began_at = _now()

    def __enter__(self) -> Watch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Ask the watch to end: vehicles in sight are closed and yielded, then the iteration is over."""
        self._ended.set()

    def health(self) -> list[Health]:
        """How each camera fares now, in their order."""
        return [_health(lane, post, self._began_at) for lane, post in zip(self._lanes, self._posts, strict=True)]

    def __iter__(self) -> Generator[Watched, None, None]:
        from lpr.live.reader import Reader
        from lpr.live.worker import WAITING, Lane, Worker

        out: queue.Queue[Happened | Over] = queue.Queue(WAITING)
        began = time.monotonic()

        def teller(name: str) -> Callable[[str, str], None]:
            return lambda state, text: self._told.put(Told(name, state, text))

        for number, camera in enumerate(self.cameras):
            reader = Reader(camera, began, self._wake, teller(camera.name), self._patience)
            rate = camera.rate if self._rate is None else self._rate
            self._posts.append(_Post(camera, self._hot_lists, self._begin(camera, rate)))
            self._lanes.append(Lane(number, camera, reader, self._recognizer, rate))
        worker = Worker(
            self._lanes,
            out,
            self._wake,
            self._recognizer.settings.max_absence,
            lambda lane, state, text: self._told.put(Told(self.cameras[lane].name, state, text)),
        )
        error: BaseException | None = None
        try:
            for lane in self._lanes:
                lane.reader.start()
            worker.start()
            yield from self._drained(out, worker)
        except BaseException as caught:
            error = caught
            raise
        finally:
            self._ended.set()
            worker.stop()
            self._close(out, worker, error)

    def _drained(self, out: queue.Queue[Happened | Over], worker: Any) -> Iterator[Watched]:
        """What the worker brings, until it is over."""
        from lpr.live.worker import Over

        ticks = _Ticks(self._database)
        stopping = False
        while True:
            if self._ended.is_set() and not stopping:
                stopping = True
                worker.stop()
            try:
                message = out.get(timeout=TICK)
            except queue.Empty:
                message = None
            if isinstance(message, Over):
                if message.error is not None:
                    raise message.error
                return
            if message is not None:
                yield from self._posts[message.lane].happened(message)
            self._pass_on()
            if ticks.lists_changed():
                for post in self._posts:
                    yield from post.compare_again()
            if ticks.health_is_due():
                self._write_health()
            if ticks.log_is_due():
                for one in self.health():
                    _LOG.info("%s", _summary(one))

    def _close(self, out: queue.Queue[Happened | Over], worker: Any, error: BaseException | None) -> None:
        """End all threads, and say on record how it ended."""
        for lane in self._lanes:
            lane.reader.stop()
        until = time.monotonic() + _PATIENCE_AT_END
        while worker.is_alive() and time.monotonic() < until + 30.0:
            # The worker may wait for room in the queue.
            try:
                out.get(timeout=0.05)
            except queue.Empty:
                continue
        for lane in self._lanes:
            if lane.reader.is_alive():
                lane.reader.join(max(0.0, until - time.monotonic()))
        self._pass_on()
        reason = None if error is None or isinstance(error, GeneratorExit) else f"{type(error).__name__}: {error}"
        for lane, post in zip(self._lanes, self._posts, strict=True):
            post.finish(lane, reason)
        self._write_health(ended=True)

    def _begin(self, camera: Camera, rate: float) -> WatchRecord | None:
        if self._database is None:
            return None
        from lpr import __version__
        from lpr.records.watches import WatchRecord, add_camera

        camera_id, source_id = add_camera(
            self._database, camera.name, camera.place, camera.heading, camera.address.shown, camera.region
        )
        settings = {"recognizer": asdict(self._recognizer.settings), "rate": rate, "region": camera.region}
        return WatchRecord.begin(self._database, camera_id, source_id, __version__, self._recognizer.version, settings)

    def _pass_on(self) -> None:
        """Tell what the threads have told, in the thread of whoever iterates."""
        while True:
            try:
                told = self._told.get_nowait()
            except queue.Empty:
                return
            _LOG.log(logging.INFO if told.state == "live" else logging.WARNING, "%s: %s", told.camera, told.text)
            if self._tell_user is not None:
                self._tell_user(told)

    def _write_health(self, ended: bool = False) -> None:
        if self._database is None:
            return
        from lpr.live.state import NOT_WATCHED
        from lpr.records.watches import write_health

        rows = [(post.camera_id, one.as_row()) for post, one in zip(self._posts, self.health(), strict=True)]
        for _, row in rows if ended else ():
            row.update(state=NOT_WATCHED, since=row["updated_at"], fps=0.0)
        write_health(self._database, f"{os.getpid()}@{platform.node()}", rows)


class _Post:
    """What the consumer knows of one camera: its vehicles in sight, its counts, its record."""

    def __init__(self, camera: Camera, hot_lists: Matcher | None, record: WatchRecord | None) -> None:
        self.sightings = self.hits = self.alerts = 0
        #: The median of the seconds from frame to announcement, of the last hits.
        self.delay: float | None = None
        self._delays: deque[float] = deque(maxlen=200)
        self.camera_id = 0 if record is None else record.camera_id
        self._camera, self._hot_lists, self._record = camera, hot_lists, record
        self._lists = None if camera.lists is None else {name.casefold() for name in camera.lists}
        self._stream = 0
        self._vehicles: dict[tuple[int, int], _Vehicle] = {}

    def happened(self, message: Happened) -> Iterator[Watched]:
        """Put what happened on record, then yield it."""
        from lpr.recognition.passing import Agreed, Looked, Passed, Unread

        self._stream = message.stream
        for event in message.events:
            if isinstance(event, Looked):
                if self._record is not None and event.reads:
                    self._record.add_reads(event.reads)
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
        counts = Counts(lane.pace.processed, lane.plates, lane.reads, lane.rejected, self.sightings, self.hits)
        self._record.finish(asdict(counts), error)

    def _placed(self, passing: Passing) -> Passing:
        """With the camera and where it stands."""
        camera, place = self._camera, self._camera.place
        latitude, longitude = (None, None) if place is None else (place.latitude, place.longitude)
        sighting = replace(passing.sighting, camera=camera.name, latitude=latitude, longitude=longitude)
        return replace(passing, sighting=sighting)

    def _compare(self, vehicle: _Vehicle, arrived: float | None) -> Iterator[Watched]:
        """Announce the hits that are new for a vehicle in sight; they are on record before."""
        fresh = tuple(hit for hit in self._match(vehicle.passing.sighting) if _entry(hit) not in vehicle.announced)
        if not fresh:
            return
        alerts = self._write(vehicle, fresh)
        vehicle.announced.update(map(_entry, fresh))
        self.hits += len(fresh)
        self.alerts += len(alerts)
        delay = None if arrived is None else time.monotonic() - arrived
        if delay is not None:
            self._delays.append(delay)
            self.delay = round(median(self._delays), 3)
        yield self._watched("hit", vehicle.passing, fresh, alerts, delay)

    def _passed(self, vehicle: _Vehicle) -> Iterator[Watched]:
        hits = tuple(self._match(vehicle.passing.sighting))
        fresh = tuple(hit for hit in hits if _entry(hit) not in vehicle.announced)
        alerts = self._write(vehicle, hits)
        self.sightings += 1
        self.hits += len(fresh)
        self.alerts += len(alerts)
        if fresh:
            # Agreed only at the end, or the list changed meanwhile.
            yield self._watched("hit", vehicle.passing, fresh, alerts, None)
        yield self._watched("sighting", vehicle.passing, hits, tuple(vehicle.alerts), None)

    def _unread(self, vehicle: _Vehicle | None, event: Unread) -> None:
        """A vehicle came to no sighting. What was announced stays on record; where another goes on with it, as that."""
        if vehicle is None or vehicle.sighting_id is None or event.into is None:
            return
        assert self._record is not None
        into = self._vehicles.setdefault((self._stream, event.into), _Vehicle(vehicle.passing))
        into.announced |= vehicle.announced
        into.alerts = vehicle.alerts + into.alerts
        if into.sighting_id is None:
            into.sighting_id = vehicle.sighting_id
        else:
            self._record.remove(vehicle.sighting_id)

    def _write(self, vehicle: _Vehicle, hits: Sequence[Hit]) -> tuple[int, ...]:
        """Put the vehicle as it is known now on record, with its hits; the ids of the alerts that are new."""
        if self._record is None:
            return ()
        from lpr.hotlist.alert import raise_alerts

        database, sighting = self._record.database, vehicle.passing.sighting
        with database.atomic():
            if vehicle.sighting_id is None:
                vehicle.sighting_id = self._record.add(sighting, map(hit_record, hits))
            else:
                self._record.change(vehicle.sighting_id, sighting, map(hit_record, hits))
            alerts = raise_alerts(database, vehicle.sighting_id, sighting, hits) if hits else ()
        vehicle.alerts += alerts
        return alerts

    def _match(self, sighting: Sighting) -> list[Hit]:
        if self._hot_lists is None:
            return []
        hits = self._hot_lists.match(sighting)
        return hits if self._lists is None else [hit for hit in hits if hit.list.casefold() in self._lists]

    def _watched(
        self,
        event: Literal["hit", "sighting"],
        passing: Passing,
        hits: tuple[Hit, ...],
        alerts: tuple[int, ...],
        delay: float | None,
    ) -> Watched:
        return Watched(event, passing.sighting, hits, passing.crop, passing.image, alerts, delay)


class _Vehicle:
    """One vehicle in sight whose text is agreed."""

    def __init__(self, passing: Passing) -> None:
        self.passing = passing
        self.announced: set[tuple[object, ...]] = set()
        self.sighting_id: int | None = None
        self.alerts: tuple[int, ...] = ()


class _Ticks:
    """What is due now and then."""

    def __init__(self, database: Database | None) -> None:
        self._database = database
        self._version = self._data_version()
        self._asked = self._health = self._log = time.monotonic()

    def lists_changed(self) -> bool:
        """Whether another process has written to the database since this was asked last."""
        if self._database is None or time.monotonic() - self._asked < TICK:
            return False
        self._asked = time.monotonic()
        before, self._version = self._version, self._data_version()
        return before != self._version

    def health_is_due(self) -> bool:
        if time.monotonic() - self._health < HEALTH_EVERY:
            return False
        self._health = time.monotonic()
        return True

    def log_is_due(self) -> bool:
        if time.monotonic() - self._log < LOG_EVERY:
            return False
        self._log = time.monotonic()
        return True

    def _data_version(self) -> int | None:
        if self._database is None:
            return None
        return int(self._database.rows("PRAGMA data_version")[0]["data_version"])


def _entry(hit: Hit) -> tuple[object, ...]:
    return hit.entry_id, hit.list, hit.plate, hit.state


def _check_lists(cameras: Sequence[Camera], database: Database | None) -> None:
    """Raises HotListError: a name that is written wrongly would mean no alerts, without a word."""
    if database is None:
        return
    known = {row["name"].casefold() for row in database.rows("SELECT name FROM hotlists")}
    for camera in cameras:
        for name in camera.lists or ():
            if name.casefold() not in known:
                there = ", ".join(sorted(known)) or "none"
                raise HotListError(f"camera {camera.name}: there is no hot list {name!r}; there are: {there}")


def _health(lane: Lane, post: _Post, began_at: str) -> Health:
    from lpr.live.health import Health
    from lpr.records.schema import timestamp

    read, now = lane.reader.health(), time.monotonic()
    return Health(
        camera=lane.camera.name,
        address=lane.camera.address.shown,
        state=read.state,
        since=timestamp(read.since),
        problem=read.problem,
        description=read.description,
        started_at=began_at,
        updated_at=_now(),
        last_frame_at=None if read.last_at is None else timestamp(read.last_at),
        age=None if read.arrived is None else round(now - read.arrived, 3),
        connections=read.connections,
        fps=round(read.fps, 1),
        rate=round(lane.pace.rate, 2),
        wanted_rate=lane.pace.wanted,
        behind=round(read.behind, 2),
        seen=read.seen,
        damaged=read.damaged,
        processed=lane.pace.processed,
        dropped=lane.pace.dropped,
        plates=lane.plates,
        reads=lane.reads,
        rejected=lane.rejected,
        sightings=post.sightings,
        hits=post.hits,
        alerts=post.alerts,
        delay=post.delay,
    )


def _summary(one: Health) -> str:
    rejected = sum(one.rejected.values())
    age = "no frame yet" if one.age is None else f"last frame {one.age:.1f} s ago"
    return (
        f"{one.camera}: {one.state}, {age}, {one.seen} frames seen, {one.processed} processed, {one.dropped} dropped, "
        f"{one.reads} reads, {rejected} rejected, {one.sightings} sightings, {one.hits} hits"
    )


def _now() -> str:
    from lpr.records.schema import timestamp

    return timestamp(datetime.now(timezone.utc))
