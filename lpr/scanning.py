"""Scanning: many sources are read, one after the other or several at a time."""

from __future__ import annotations

import json
import logging
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from lpr.errors import SourceError
from lpr.events import Counts, Ended, Event
from lpr.matching import Matching, Where
from lpr.plates import Box
from lpr.reading import Step, Tally, Way, open_source, read
from lpr.recording import Recording
from lpr.scanned import Matcher, Scanned
from lpr.sources import printable

if TYPE_CHECKING:
    from lpr.recognition.frames import Frames
    from lpr.recognition.recognizer import Recognizer
    from lpr.records.schedule import Schedule
    from lpr.records.schema import Database

# Of several files read at a time: steps that wait for each, and for how long a step is waited for. Seconds.
_AHEAD, _PATIENCE = 16, 0.02

_LOG = logging.getLogger("lpr.scan")


class Scanning:
    """One running of ``scan``: what all its sources have in common."""

    def __init__(
        self,
        recognizer: Recognizer | None,
        hot_lists: Matcher | None,
        database: Database | None,
        way: Way,
        again: bool,
        pictures: bool,
        tell: Callable[[Event], None],
        where: Where,
    ) -> None:
        if recognizer is None:
            from lpr.recognition.recognizer import Recognizer

            recognizer = Recognizer()
        if hot_lists is None and database is not None:
            from lpr.hotlist import HotLists

            hot_lists = HotLists(database)
        self._recognizer = recognizer
        self._way = way
        self._tell = tell
        self._matching = Matching(hot_lists, where)
        self._schedule: Schedule | None = None
        self._recording: Recording | None = None
        if database is not None:
            from lpr.records.schedule import Schedule

            self._schedule = Schedule(database, aside=False)
            self._recording = Recording(database, recognizer, way, self._matching, self._steps, tell, again, pictures)
            where.put(database)

    def end(self) -> None:
        """All sources are done: what is due by the policy goes."""
        if self._schedule is not None:
            self._schedule.tick(now=True)
            for problem in self._schedule.problems:
                _LOG.warning("%s", problem)

    def sources(self, names: Sequence[str], jobs: int) -> Iterator[Scanned]:
        """The sightings of several files, up to ``jobs`` of which are read at a time.

        Each file's reading runs on a thread of its own with a recognizer of its own; this thread alone matches and
        writes, now for one file, now for the next. When it stops, the threads are stopped and waited for.
        """
        free = self._recognizer.copies(min(jobs, len(names)))
        if not free:
            for name in names:
                yield from self.source(name)
            return
        left = deque(names)
        active: list[tuple[Recognizer, Generator[Scanned | None, None, None]]] = []
        try:
            while left or active:
                while left and free:
                    recognizer = free.pop()
                    active.append((recognizer, self._source(left.popleft(), recognizer)))
                for one in list(active):
                    recognizer, found = one
                    try:
                        scanned = next(found)
                    except StopIteration:
                        active.remove(one)
                        free.append(recognizer)
                        continue
                    if scanned is not None:
                        yield scanned
        finally:
            for _, found in active:
                found.close()

    def source(self, name: str) -> Iterator[Scanned]:
        """The sightings of one file; whatever keeps it from being read is told as an event."""
        for scanned in self._source(name, None):
            assert scanned is not None  # that only comes where one of several files has to wait
            yield scanned

    def _source(self, name: str, recognizer: Recognizer | None) -> Generator[Scanned | None, None, None]:
        """``source``; with a ``recognizer`` that reads it on another thread, and None comes while it has to wait."""
        if self._schedule is not None:
            self._schedule.tick()
        tally = Tally()
        shown = printable(name)
        try:
            if self._recording is None:
                yield from self._off_record(name, tally, recognizer)
                earlier = None
            else:
                earlier = yield from self._recording.source(name, tally, recognizer)
        except SourceError as error:
            self._tell(Ended(shown, "failed", tally.counts(), printable(str(error))))
            return
        if earlier is None:
            self._tell(Ended(shown, "done", tally.counts()))
        else:
            counts = Counts(**json.loads(earlier["counts"]))
            self._tell(Ended(shown, "skipped", replace(counts, hits=tally.hits)))

    def _off_record(self, name: str, tally: Tally, recognizer: Recognizer | None) -> Iterator[Scanned | None]:
        with open_source(name, self._way, self._tell) as frames:
            for step in self._steps(frames, tally, recognizer):
                if step is None:
                    yield None
                    continue
                for passing in step.passings:
                    yield self._matching.of(passing, tally)

    def _steps(
        self, frames: Frames, tally: Tally, recognizer: Recognizer | None, standing: Sequence[Box] = ()
    ) -> Iterator[Step | None]:
        """The steps of reading ``frames``; by ``recognizer`` on another thread, None while there is none yet."""
        if recognizer is None:
            yield from read(frames, self._recognizer, self._way, tally, self._tell, standing)
            return
        from lpr.recognition.ahead import polled

        # What the other thread tells is told by this one.
        told: deque[Event] = deque()
        steps = polled(read(frames, recognizer, self._way, tally, told.append, standing), _AHEAD, _PATIENCE)
        with closing(steps):
            for step in steps:
                while told:
                    self._tell(told.popleft())
                yield step


def is_footage(name: str | SourceError) -> bool:
    from lpr.recognition.frames import FOOTAGE_SUFFIXES

    return isinstance(name, str) and Path(name).suffix.lower() in FOOTAGE_SUFFIXES
