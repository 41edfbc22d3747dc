"""The thread that looks at the pictures of all cameras, several of them together, with one set of models.

The worker owns the recognizer and each camera's stream; readers only hand it their newest picture, and what happened
goes to the consumer through one bounded queue. When the consumer is slow, the worker waits, pictures are passed over,
and nothing grows. An exception in the worker reaches the consumer as its last message.
"""

from __future__ import annotations

import os
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from lpr.live.camera import Camera
from lpr.live.mask import COVERED, Mask
from lpr.live.pace import Pace
from lpr.live.reader import Reader, Taken
from lpr.live.state import LIVE, State
from lpr.recognition.areas import Areas
from lpr.recognition.batch import Steps, together
from lpr.recognition.passing import Agreed, Event, Looked, Passed, Unread
from lpr.recognition.recognizer import Recognizer
from lpr.recognition.region import narrowed
from lpr.recognition.stream import Stream

#: Messages that may wait for the consumer; each holds at most a few pictures.
WAITING = 400
#: At most so many cameras' pictures are looked at together, or twice as many as there are cores. Together they cost
#: less, but what is in the first is known only when all are done: so many seconds later, at most.
TOGETHER, LATEST = 4, 0.25
# How much of the newest turn goes into what is known of the time that a picture takes.
_FRESHNESS = 0.3
#: Why the reads of a plate that is cut by a mask come to nothing.
MASKED = "masked"


@dataclass(frozen=True, eq=False)
class Happened:
    """What one more picture of camera number ``lane`` brought, or the end of one of its streams.

    ``stream`` counts the streams of the camera: vehicle numbers are those of one stream. ``arrived`` is when the
    picture came, time.monotonic().
    """

    lane: int
    stream: int
    events: Sequence[Event]
    arrived: float


@dataclass(frozen=True, eq=False)
class Over:
    """The worker's last message; ``error`` is what ended it, None when it was asked to end."""

    error: BaseException | None


class Lane:
    """One camera at work: its reader, its stream and its pace."""

    def __init__(self, number: int, camera: Camera, reader: Reader, recognizer: Recognizer, rate: float) -> None:
        self.number, self.camera, self.reader = number, camera, reader
        self.pace = Pace(rate, time.monotonic())
        self.streams = 0
        #: Pictures that the networks looked at: where nothing moves, they need not.
        self.looked = 0
        self.plates = self.reads = 0
        #: Plates that came to no read, by reason. A new dictionary each time, for other threads look at it.
        self.rejected: dict[str, int] = {}
        self.last_taken: float | None = None
        self._rejected = Counter[str]()
        self._mask = Mask(camera.masks, camera.areas)
        self._areas = Areas(include=camera.areas, exclude=camera.masks)
        self._recognizer = recognizer if camera.region is None else of_region(recognizer, camera.region)
        self._stream = Stream(self._recognizer, self._areas)

    def look(self, taken: Taken) -> Steps[Happened]:
        """The steps of looking at a picture, to be taken beside those of other cameras."""
        exposure, mask = taken.picture.exposure, self._mask
        if mask:
            # Masks are for privacy, too: what is in them is in no picture that is kept.
            developed, grey = exposure.develop, exposure.grey
            exposure = replace(exposure, develop=lambda: mask.painted(developed()), grey=lambda: mask.painted(grey()))
        exposure = replace(exposure, source=self.camera.name, index=taken.index, seconds=taken.seconds)
        self.last_taken = taken.picture.arrived
        events = yield from self._stream.steps(exposure)
        return self._happened(events, taken.picture.arrived)

    def end(self) -> Happened:
        """Everything in sight is over; the next picture begins a new stream."""
        happened = self._happened(self._stream.close(), time.monotonic())
        self._rejected += self._stream.rejected
        self._stream = Stream(self._recognizer, self._areas)
        self.streams += 1
        self.last_taken = None
        return happened

    def _happened(self, events: Sequence[Event], arrived: float) -> Happened:
        if self._mask:
            events = [one for event in events if (one := self._uncut(event)) is not None]
        for event in events:
            if isinstance(event, Looked):
                self.looked += 1
                self.plates += event.plates
                self.reads += len(event.reads)
        self.rejected = dict((self._rejected + self._stream.rejected).most_common())
        return Happened(self.number, self.streams, events, arrived)

    def _uncut(self, event: Event) -> Event | None:
        """The event, unless its plate is cut by the mask: what is left of it reads as another plate."""
        if not isinstance(event, (Agreed, Passed)):
            return event
        seen, (height, width) = event.passing.sighting, event.passing.image.shape[:2]
        if self._mask.covered(seen.box, height, width) < COVERED:
            return event
        if isinstance(event, Agreed):
            return None
        self._rejected[MASKED] += seen.reads
        return Unread(event.vehicle, MASKED, seen.reads)


def of_region(recognizer: Recognizer, region: str) -> Recognizer:
    """The same recognizer, with the serial formats of one region; the networks are shared."""
    settings = narrowed(recognizer.settings, region)
    version = f"{recognizer.version} region {region}"
    return recognizer.of_settings(settings, version)


class Worker(threading.Thread):
    """Looks at those cameras that are due longest, until ``stop``. ``tell`` gets (lane, state,
    text, trouble)."""

    def __init__(
        self,
        lanes: Sequence[Lane],
        out: queue.Queue[Happened | Over],
        wake: threading.Event,
        absence: float,
        tell: Callable[[int, State, str, bool], None],
    ) -> None:
        super().__init__(name="lpr recognition", daemon=True)
        self._lanes, self._out, self._wake, self._absence, self._tell = lanes, out, wake, absence, tell
        self._most = max(TOGETHER, 2 * (os.cpu_count() or 1))
        self._cost = 0.0  # seconds that a picture takes of late, when the networks look at it
        self._ended = threading.Event()

    def stop(self) -> None:
        """Close what is in sight and end."""
        self._ended.set()
        self._wake.set()

    def run(self) -> None:
        error: BaseException | None = None
        try:
            while not self._ended.is_set():
                self._wake.clear()
                self._turn()
            for lane in self._lanes:
                self._out.put(lane.end())
        except BaseException as caught:  # noqa: BLE001 - it is raised again by the consumer
            error = caught
        self._out.put(Over(error))

    def _turn(self) -> None:
        """Look at the cameras that are due, those first that are due longest, or wait until one is."""
        now = time.monotonic()
        for lane in self._lanes:
            if lane.last_taken is not None and now - lane.last_taken > self._absence:
                # The camera is lost: what was in sight then is not in sight any more when it comes back.
                self._put(lane.end())
            told = lane.pace.review(now)
            if told is not None:
                self._tell(lane.number, LIVE, told, lane.pace.rate < lane.pace.wanted)
        waiting = [(lane.pace.due, lane) for lane in self._lanes if lane.reader.waiting_since() is not None]
        if not waiting:
            self._wake.wait(0.25)
            return
        waiting.sort(key=lambda one: one[0])
        first, _ = waiting[0]
        if first > now:
            self._wake.wait(first - now)
            return
        looks = []
        for due, lane in waiting[: self._share()]:
            since = lane.reader.waiting_since()
            taken = lane.reader.take() if due <= now else None
            if taken is not None:
                lane.pace.took(now, since or now)
                looks.append(lane.look(taken))
        all_happened = together(looks)
        self._learn((time.monotonic() - now) / max(1, len(looks)), all_happened)
        for happened in all_happened:
            self._put(happened)

    def _share(self) -> int:
        """How many cameras are looked at together: one at a time where the machine is busy."""
        return self._most if not self._cost else max(1, min(self._most, int(LATEST / self._cost)))

    def _learn(self, seconds: float, all_happened: Sequence[Happened]) -> None:
        if any(isinstance(event, Looked) for happened in all_happened for event in happened.events):
            self._cost += (_FRESHNESS if self._cost else 1.0) * (seconds - self._cost)

    def _put(self, happened: Happened) -> None:
        # A look that gave nothing is counted already; most are of that kind.
        if any(not isinstance(event, Looked) or event.reads for event in happened.events):
            self._out.put(happened)
