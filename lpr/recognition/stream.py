"""A stream: frames of one camera or clip go in one at a time, what happened to vehicles comes out as events."""

from __future__ import annotations

from collections import Counter

from lpr.recognition.frames import Frame
from lpr.recognition.passing import Agreed, Event, Looked, Passed, Unread
from lpr.recognition.recognizer import Recognizer
from lpr.recognition.tracker import Tracker


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

    One stream belongs to one thread at a time. Several may share a Recognizer within one thread; for several threads
    give each a Recognizer of its own, or one whose detector and reader may be called from any thread.
    Frames may be dropped freely (a live camera that is too fast): only their ``seconds`` count, which must not fall.
    After a gap of more than ``settings.max_absence`` everything in sight is over. Raises ValueError for a photo.
    """

    def __init__(self, recognizer: Recognizer) -> None:
        self.rejected: Counter[str] = Counter()
        self.frames = self.looked = self.reads = 0
        self._recognizer = recognizer
        self._tracker = Tracker(recognizer.settings)
        self._told: dict[int, str] = {}

    def push(self, frame: Frame) -> list[Event]:
        """Take in the next frame."""
        if frame.seconds is None:
            raise ValueError("a photo has no time; a stream takes frames of footage")
        recognition = self._recognizer.recognize(frame)
        self.frames += 1
        self.looked += 1
        self.reads += len(recognition.reads)
        rejected = Counter(str(one.reason) for one in recognition.rejected)
        self.rejected.update(rejected)
        plates = len(recognition.reads) + len(recognition.rejected)
        events: list[Event] = [Looked(frame.index, frame.seconds, plates, recognition.reads, rejected)]
        events += self._over(self._tracker.add(frame, recognition))
        for vehicle, passing in self._tracker.agreed():
            before, now = self._told.get(vehicle), passing.sighting.text
            if before != now:
                self._told[vehicle] = now
                events.append(Agreed(vehicle, passing, before))
        return events

    def close(self) -> list[Event]:
        """The stream has ended: everything in sight is over."""
        return self._over(self._tracker.finish())

    def _over(self, over: list[Passed | Unread]) -> list[Event]:
        self.rejected.update(self._tracker.rejected)
        self._tracker.rejected.clear()
        for one in over:
            self._told.pop(one.vehicle, None)
        return list(over)
