"""The live composition: cameras are read, compared with hot lists while vehicles pass, and put on record."""

from __future__ import annotations

import logging
import os
import platform
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from lpr.errors import CameraError, HotListError
from lpr.ledger import Ledger
from lpr.lookout import Lookout, Watched
from lpr.scanned import Matcher

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from lpr.live.camera import Camera
    from lpr.live.health import Health
    from lpr.live.reader import Patience
    from lpr.live.worker import Happened, Lane, Over
    from lpr.recognition.recognizer import Recognizer
    from lpr.records.schedule import Schedule
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


@dataclass(frozen=True)
class Told:
    """A camera's state changed, or there is something to say about it; ``text`` is one line without secrets.

    ``trouble``: somebody should look after the camera, or after the machine.
    """

    camera: str
    state: str
    text: str
    trouble: bool


class Watch:
    """Watches cameras until ``stop``: iterate over it once, in ``with``.

        with lpr.Watch(lpr.read_cameras("cameras.toml"), database=database) as watch:
            for seen in watch:
                if seen.event == "hit":
                    print(seen.sighting.camera, seen.sighting.text, seen.hits)

    Vehicles are compared with ``hot_lists``, without them with all of the database's; an entry that is added counts at
    once, for vehicles in sight as well. With a ``database``, whatever is yielded is already on record, unless another
    program is just writing to it (the import of a long list): then hits are announced all the same, without alerts, and
    put on record as soon as that ends. ``rate`` is how many frames of each camera are looked at in a second, in place
    of the cameras' own.

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
        self._ledger: Ledger | None = None
        self._ended = threading.Event()
        self._wake = threading.Event()
        self._lookouts: list[Lookout] = []
        self._lanes: list[Lane] = []
        self._told: queue.SimpleQueue[Told] = queue.SimpleQueue()
        self._schedule: Schedule | None = None
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

    def write(self, operation: Callable[[], None]) -> None:
        """Carry out a write to the record, as soon as no other program writes to it."""
        if self._ledger is not None:
            self._ledger.write(operation)

    def crop_saved(self, seen: Watched, path: Path) -> None:
        """Note on record where the picture lies that the plate of ``seen`` was read from, for its alerts."""
        if self._ledger is not None and seen.alerts:
            from lpr.hotlist.alert import attach_crop

            database = self._ledger.database
            self._ledger.write(lambda: attach_crop(database, seen.alerts, path))

    def health(self) -> list[Health]:
        """How each camera fares now, in their order."""
        return [_health(lane, post, self._began_at) for lane, post in zip(self._lanes, self._lookouts, strict=False)]

    def __iter__(self) -> Generator[Watched, None, None]:
        from lpr.live.reader import Reader
        from lpr.live.worker import WAITING, Lane, Worker

        out: queue.Queue[Happened | Over] = queue.Queue(WAITING)
        began = time.monotonic()

        def teller(name: str) -> Callable[[str, str, bool], None]:
            return lambda *said: self._told.put(Told(name, *said))

        rates = [camera.rate if self._rate is None else self._rate for camera in self.cameras]
        records = [self._begin(camera, rate) for camera, rate in zip(self.cameras, rates, strict=True)]
        if self._database is not None:
            self._ledger = Ledger(self._database)
        for number, (camera, rate, record) in enumerate(zip(self.cameras, rates, records, strict=True)):
            reader = Reader(camera, began, self._wake, teller(camera.name), self._patience)
            self._lookouts.append(Lookout(camera, self._hot_lists, record, self._ledger))
            self._lanes.append(Lane(number, camera, reader, self._recognizer, rate))
        worker = Worker(
            self._lanes,
            out,
            self._wake,
            self._recognizer.settings.max_absence,
            lambda lane, *said: self._told.put(Told(self.cameras[lane].name, *said)),
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
        if self._database is not None:
            from lpr.records.schedule import Schedule

            self._schedule = Schedule(self._database, aside=True)
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
                yield from self._lookouts[message.lane].happened(message)
            self._pass_on()
            self._retain()
            if ticks.lists_changed():
                for post in self._lookouts:
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
        for lane, post in zip(self._lanes, self._lookouts, strict=True):
            post.finish(lane, reason)
        self._write_health(ended=True)
        if self._ledger is not None:
            self._ledger.close()
        if self._schedule is not None:
            self._schedule.close()

    def _retain(self) -> None:
        """Let what is due by the deployment's policy go, aside; tell what could not."""
        if self._schedule is None:
            return
        self._schedule.tick()
        while self._schedule.problems:
            _LOG.warning("%s", self._schedule.problems.pop())

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
            _LOG.log(logging.WARNING if told.trouble else logging.INFO, "%s: %s", told.camera, told.text)
            if self._tell_user is not None:
                self._tell_user(told)

    def _write_health(self, ended: bool = False) -> None:
        ledger = self._ledger
        if ledger is None or not (ledger.flush() or ended):
            return
        from lpr.live.state import NOT_WATCHED
        from lpr.records.watches import write_health

        rows = [(post.camera_id, one.as_row()) for post, one in zip(self._lookouts, self.health(), strict=True)]
        for _, row in rows if ended else ():
            row.update(state=NOT_WATCHED, since=row["updated_at"], fps=0.0)
        ledger.write(lambda: write_health(ledger.database, f"{os.getpid()}@{platform.node()}", rows))


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


def _health(lane: Lane, post: Lookout, began_at: str) -> Health:
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
        looked=lane.looked,
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
        f"{one.camera}: {one.state}, {age}, {one.seen} frames seen, {one.processed} processed, "
        f"{one.looked} of them by the networks, {one.dropped} dropped, "
        f"{one.reads} reads, {rejected} rejected, {one.sightings} sightings, {one.hits} hits"
    )


def _now() -> str:
    from lpr.records.schema import timestamp

    return timestamp(datetime.now(timezone.utc))
