"""Reading one source: its frames go through a stream, what is found comes out step by step.

Knows nothing of hot lists and records: ``lpr.scan`` brings the three together.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from lpr.errors import SourceError
from lpr.events import Counts, Event, Looked, Opened, Went
from lpr.sources import printable

if TYPE_CHECKING:
    from lpr.plates import Box, Read
    from lpr.recognition.areas import Areas
    from lpr.recognition.clock import Clock
    from lpr.recognition.frames import Frames
    from lpr.recognition.passing import Event as Happened
    from lpr.recognition.passing import Passing
    from lpr.recognition.recognizer import Recognizer
    from lpr.recognition.stream import Stream

#: Footage between two checkpoints, seconds: what a scan that is killed must read again, at most, and what is in sight.
SEGMENT = 10.0
# Frames between two words on how far it has come.
_OFTEN = 25


@dataclass(frozen=True)
class Way:
    """How footage is read. ``every`` Nth frame as a whole, all plates in it; None: where and when something moves.

    ``begin`` and ``end`` are seconds into it, ``clock`` says when it was taken, ``areas`` what of it is of interest,
    ``hardware`` whether a graphics processor decodes it, where there is one.
    """

    every: int | None = None
    begin: float = 0.0
    end: float | None = None
    clock: Clock | None = None
    areas: Areas | None = None
    hardware: bool = False

    def __post_init__(self) -> None:
        if self.every is not None and self.every < 1:
            raise ValueError(f"every must be 1 or more, not {self.every}")
        if self.begin < 0 or (self.end is not None and self.end <= self.begin):
            raise ValueError(f"there is nothing from second {self.begin} to second {self.end}; end after the beginning")

    def settings(self) -> dict[str, object]:
        """What decides what is found, ready for JSON; what is as usual is left out."""
        said: dict[str, object] = {"every": self.every}
        if self.begin or self.end is not None:
            said["part"] = [self.begin, self.end]
        if self.clock is not None:
            said["clock"] = {name: str(value) for name, value in asdict(self.clock).items() if value is not None}
        if self.areas is not None:
            said["areas"] = asdict(self.areas)
        return said


@dataclass(frozen=True)
class Reached:
    """All that began before ``seconds`` has been given; ``counts`` up to there, and places of what stands."""

    seconds: float
    counts: Counts
    standing: tuple[Box, ...] = ()


@dataclass(frozen=True, eq=False)
class Step:
    """What one more frame brought: its reads, the passings that were over by then, and how far all is complete."""

    reads: Sequence[Read] = ()
    passings: Sequence[Passing] = ()
    reached: Reached | None = None


class Tally:
    """What is counted while one source is read."""

    def __init__(self) -> None:
        self.go_on(Counts())

    def go_on(self, before: Counts) -> None:
        """Count on top of ``before``."""
        self.frames, self.plates, self.reads = before.frames, before.plates, before.reads
        self.sightings, self.hits = before.sightings, before.hits
        self.rejected = Counter(before.rejected)

    def look(self, plates: int, reads: int) -> None:
        self.frames += 1
        self.plates += plates
        self.reads += reads

    def counts(self) -> Counts:
        rejected = {reason: number for reason, number in sorted(self.rejected.items()) if number}
        return Counts(self.frames, self.plates, self.reads, rejected, self.sightings, self.hits)


def open_source(name: str, way: Way, tell: Callable[[Event], None], begin: float | None = None) -> Frames:
    """The frames of the file ``name``, of footage from the second ``begin`` on, ``way.begin`` by default."""
    from lpr.recognition.frames import Part, open_frames

    part = Part(way.begin if begin is None else begin, way.end)
    frames = open_frames(name, way.every or 1, part, way.clock, thin=way.every is None, hardware=way.hardware)
    tell(Opened(printable(name), frames.kind, frames.total))
    return frames


def read(
    frames: Frames,
    recognizer: Recognizer,
    way: Way,
    tally: Tally,
    tell: Callable[[Event], None],
    standing: Sequence[Box] = (),
) -> Iterator[Step]:
    """Read all of ``frames``. Where footage breaks off, what was in sight by then comes before the SourceError."""
    name = printable(frames.source)
    if frames.kind == "photo":
        for frame in frames:
            yield _photo(replace(frame, source=name), recognizer, tally, tell)
        return
    yield from _Footage(frames, recognizer, way, tally, tell, standing).steps()


def _photo(frame: Any, recognizer: Recognizer, tally: Tally, tell: Callable[[Event], None]) -> Step:
    from lpr.recognition.tracker import of_photo

    recognition = recognizer.recognize(frame)
    plates = len(recognition.reads) + len(recognition.rejected)
    tally.rejected.update(rejected.reason for rejected in recognition.rejected)
    tally.look(plates, len(recognition.reads))
    tell(Looked(frame.source, plates, len(recognition.reads)))
    return Step(recognition.reads, [of_photo(read, frame) for read in recognition.reads])


class _Footage:
    """Footage that is being read."""

    def __init__(
        self,
        frames: Frames,
        recognizer: Recognizer,
        way: Way,
        tally: Tally,
        tell: Callable[[Event], None],
        standing: Sequence[Box],
    ) -> None:
        from lpr.recognition.standing import Standing
        from lpr.recognition.stream import Stream

        self._frames = frames
        self._name = printable(frames.source)
        self._tally = tally
        self._tell = tell
        self._stream: Stream = Stream(recognizer, way.areas, thorough=way.every is not None, announcing=False)
        self._stream.tracker.standing = Standing(standing)
        self._rejected = Counter(tally.rejected)
        self._told = 0
        # What was counted up to the end of each frame that was looked at, while something that was seen then is in
        # sight.
        self._history: deque[tuple[float, Counts]] = deque()
        self._reached = way.begin

    def steps(self) -> Iterator[Step]:
        broken: SourceError | None = None
        exposures = iter(self._frames.exposures)
        while True:
            try:
                exposure = next(exposures, None)
            except SourceError as error:
                broken = error
                break
            if exposure is None:
                break
            assert exposure.seconds is not None  # it is footage
            events = self._stream.push(replace(exposure, source=self._name))
            self._heard(exposure.index)
            if events:
                yield self._step(events, exposure.seconds)
        yield self._step(self._stream.close(), None)
        if broken is not None:
            raise broken

    def _heard(self, index: int) -> None:
        if index - self._told >= _OFTEN:
            self._told = index
            self._tell(Went(self._name, index))

    def _step(self, events: Sequence[Happened], seconds: float | None) -> Step:
        """What the events of the frame at ``seconds`` come to; None: of the end."""
        from lpr.recognition import passing

        reads: list[Read] = []
        for event in events:
            if isinstance(event, passing.Looked):
                self._tally.look(event.plates, len(event.reads))
                self._tell(Looked(self._name, event.plates, len(event.reads)))
                reads += event.reads
        self._tally.rejected = self._rejected + self._stream.rejected
        passings = [event.passing for event in events if isinstance(event, passing.Passed)]
        return Step(reads, passings, None if seconds is None else self._reach(seconds))

    def _reach(self, seconds: float) -> Reached | None:
        """How far all is complete, if that is worth telling: a segment further than told before."""
        self._history.append((seconds, self._tally.counts()))
        begins = [vehicle.first_seen for vehicle in self._stream.tracker.vehicles]
        # The frame in which the first one of those came into sight must be read again, those before must not.
        until = min(begins, default=seconds + 1e-3)
        while len(self._history) > 1 and self._history[1][0] < until:
            self._history.popleft()
        if until - self._reached < SEGMENT:
            return None
        last, counts = self._history[0]
        if last >= until:
            return None
        self._reached = until
        return Reached(until, counts, tuple(self._stream.tracker.standing.places))
