"""The tracker: which reads of footage are of one vehicle's passing.

A read is joined to the vehicle whose expected place is nearest, or, after it was lost for a while, to the one with a
similar text. Greedy, best pair first: with a few plates per frame nothing better was needed.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np

from lpr.plates import Box, Read
from lpr.recognition.certainty import distance
from lpr.recognition.crop import cut
from lpr.recognition.frames import Frame
from lpr.recognition.passing import Passed, Passing, Unread
from lpr.recognition.recognizer import Recognition
from lpr.recognition.settings import Settings
from lpr.recognition.vote import Verdict, sighting, vote

# How far from the expected place a plate may be, in its own widths: with any text, and with a similar text.
_REACH, _REACH_SIMILAR = 1.0, 4.0
# How much a plate's width may change between two looks, as a factor.
_GROWTH = 2.0
# How much of the newest movement goes into a vehicle's velocity.
_FRESHNESS = 0.6
# Reads of one vehicle that vote, and texts of it whose picture is kept while it is in sight.
_VOTERS, _SHOTS = 64, 4


@dataclass(frozen=True, eq=False)
class _Shot:
    score: float
    read: Read
    crop: np.ndarray
    image: np.ndarray


class _Track:
    """What is known of one vehicle while it passes.

    ``said`` counts all its reads by text; ``voters`` are a fair part of them, ``shots`` the best pictures of the
    texts with most support. Neither grows without end when a vehicle is parked in view.
    """

    def __init__(self, number: int, read: Read, image: np.ndarray) -> None:
        self.number = number
        self.said = Counter[str]()
        self.voters: list[Read] = []
        self.shots: dict[str, _Shot] = {}
        self.velocity: tuple[float, float] | None = None
        self.first_seen = self.last_seen = _time(read)
        self.box = read.plate.box
        self._keep(read, image)

    def add(self, read: Read, image: np.ndarray) -> None:
        elapsed = _time(read) - self.last_seen
        if elapsed > 0:
            self._move(self.box, read.plate.box, elapsed)
        self.last_seen, self.box = _time(read), read.plate.box
        self._keep(read, image)

    def absorb(self, earlier: _Track) -> None:
        """Take in what ``earlier`` saw of the same vehicle."""
        self.first_seen = min(self.first_seen, earlier.first_seen)
        self.said += earlier.said
        self.voters += earlier.voters
        for text, shot in earlier.shots.items():
            if text not in self.shots or self.shots[text].score < shot.score:
                self.shots[text] = shot
        self._forget()

    def verdict(self) -> Verdict:
        return vote([read.transcript for read in self.voters], among=self.shots)

    def _keep(self, read: Read, image: np.ndarray) -> None:
        text = read.transcript.text
        self.said[text] += 1
        self.voters.append(read)
        crop = cut(image, read.plate.box)
        score = read.plate.box.width * math.sqrt(_sharpness(crop)) * read.transcript.confidence
        if text not in self.shots or self.shots[text].score < score:
            # Copies: views would keep every frame of the footage in memory.
            self.shots[text] = _Shot(score, read, crop.copy(), image.copy())
        self._forget()

    def _forget(self) -> None:
        while len(self.shots) > _SHOTS:
            del self.shots[min(self.shots, key=lambda text: (self.said[text], self.shots[text].score))]
        if len(self.voters) > _VOTERS:
            # Every other one goes, so that each time in view keeps its share of the vote. The reads that have a
            # picture stay: the verdict is one of their texts.
            pictured = {id(shot.read) for shot in self.shots.values()}
            self.voters = [read for i, read in enumerate(self.voters) if i % 2 == 0 or id(read) in pictured]

    def distance(self, box: Box, seconds: float) -> float:
        """How far ``box`` is from where this vehicle's plate is expected, in widths of the plate."""
        (x, y), elapsed = _centre(self.box), seconds - self.last_seen
        if self.velocity is not None:
            x, y = x + self.velocity[0] * elapsed, y + self.velocity[1] * elapsed
        cx, cy = _centre(box)
        return math.hypot(cx - x, cy - y) / max(self.box.width, box.width)

    def resembles(self, read: Read) -> bool:
        return any(similar(read.transcript.text, text) for text in self.shots)

    def _move(self, before: Box, after: Box, elapsed: float) -> None:
        (x1, y1), (x2, y2) = _centre(before), _centre(after)
        newest = (x2 - x1) / elapsed, (y2 - y1) / elapsed
        if self.velocity is None:
            self.velocity = newest
        else:
            self.velocity = (
                _FRESHNESS * newest[0] + (1 - _FRESHNESS) * self.velocity[0],
                _FRESHNESS * newest[1] + (1 - _FRESHNESS) * self.velocity[1],
            )


class Tracker:
    """Joins the reads of one footage file. ``rejected`` counts, by reason, the reads that came to no sighting."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings if settings is not None else Settings()
        self.rejected: Counter[str] = Counter()
        self._tracks: list[_Track] = []
        self._vehicles = 0

    def add(self, frame: Frame, recognition: Recognition) -> list[Passed | Unread]:
        """Take in the next frame; the passings that are over come back, by the time they began."""
        if frame.seconds is None:
            raise ValueError("a photo has no time; the tracker takes frames of footage")
        now = frame.seconds
        # First what is over: a read after a long time must not find the vehicle of before.
        over = self._close([t for t in self._tracks if now - t.last_seen > self.settings.max_absence])
        left = list(recognition.reads)
        for track, read in self._pairs(left, frame.seconds):
            track.add(read, frame.image)
            left.remove(read)
        for read in left:
            self._vehicles += 1
            self._tracks.append(_Track(self._vehicles, read, frame.image))
        return over

    def finish(self) -> list[Passed | Unread]:
        """The passings that were not over when the footage ended."""
        return self._close(list(self._tracks))

    def agreed(self) -> list[tuple[int, Passing]]:
        """Of each vehicle in sight whose reads agree by now: its number and what is known of it."""
        passings = ((track.number, self._passing(track, track.verdict())) for track in self._tracks)
        return [(number, passing) for number, passing in passings if passing is not None]

    def _pairs(self, reads: list[Read], seconds: float) -> Iterator[tuple[_Track, Read]]:
        """Tracks with the reads that continue them, each at most once, the best pair first."""
        costs = [
            (cost, t, r)
            for t, track in enumerate(self._tracks)
            for r, read in enumerate(reads)
            if (cost := self._cost(track, read, seconds)) is not None
        ]
        tracks, taken = set[int](), set[int]()
        pairs = []
        for _, t, r in sorted(costs):
            if t not in tracks and r not in taken:
                tracks.add(t)
                taken.add(r)
                pairs.append((self._tracks[t], reads[r]))
        return iter(pairs)

    def _cost(self, track: _Track, read: Read, seconds: float) -> float | None:
        """How badly ``read`` continues ``track``; None when it does not."""
        resembles = track.resembles(read)
        if seconds - track.last_seen > self.settings.max_gap:
            # Behind another vehicle, or out of the picture and back: only the text can tell.
            return _REACH_SIMILAR + 1.0 if resembles else None
        box = read.plate.box
        if max(track.box.width, box.width) > _GROWTH * min(track.box.width, box.width) and not resembles:
            return None
        away = track.distance(box, seconds)
        if away > (_REACH_SIMILAR if resembles else _REACH) and box.overlap(track.box) == 0.0:
            return None
        return away if resembles else away + 0.5

    def _close(self, over: list[_Track]) -> list[Passed | Unread]:
        """End the tracks ``over``; one that went on as another track is taken in by that."""
        ends: list[Passed | Unread] = []
        for track in sorted(over, key=lambda t: t.first_seen):
            self._tracks.remove(track)
            verdict = track.verdict()
            later = next((t for t in self._tracks if self._goes_on(track, verdict, t)), None)
            if later is not None:
                later.absorb(track)
                ends.append(Unread(track.number, "went on as another", 0, later.number))
                continue
            agreeing, total = track.said[verdict.text], track.said.total()
            if agreeing < total:
                self.rejected["reads disagree"] += total - agreeing
            passing = self._passing(track, verdict)
            if passing is not None:
                ends.append(Passed(track.number, passing))
                continue
            reason = "reads disagree" if total > 1 else "single weak read"
            self.rejected[reason] += agreeing
            ends.append(Unread(track.number, reason, total))
        return ends

    def _goes_on(self, track: _Track, verdict: Verdict, later: _Track) -> bool:
        if later.first_seen - track.last_seen > self.settings.max_absence:
            return False
        said = later.verdict().text
        # At the same time in two places, only the very same text is the same vehicle, seen twice.
        return said == verdict.text or (later.first_seen > track.last_seen and similar(said, verdict.text))

    def _passing(self, track: _Track, verdict: Verdict) -> Passing | None:
        """What is known of ``track``; None while its reads do not agree."""
        agreeing = track.said[verdict.text]
        if agreeing < self.settings.min_agreeing and verdict.confidence < self.settings.min_single_confidence:
            return None
        shot = track.shots[verdict.text]
        seen = sighting(shot.read, verdict, agreeing, track.first_seen, track.last_seen)
        return Passing(seen, shot.crop, shot.image)


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
    return Passing(seen, cut(frame.image, read.plate.box).copy(), frame.image)


def _passings(over: Iterable[Passed | Unread]) -> list[Passing]:
    return [one.passing for one in over if isinstance(one, Passed)]


def similar(text: str, other: str) -> bool:
    """Whether two texts may be reads of one plate: at most a quarter of the longer one differs."""
    return distance(text, other) <= max(len(text), len(other)) // 4


def _time(read: Read) -> float:
    assert read.seconds is not None  # only frames of footage come here
    return read.seconds


def _centre(box: Box) -> tuple[float, float]:
    return (box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2


def _sharpness(crop: np.ndarray) -> float:
    """The variance of the Laplacian: blur takes it away. Never zero, so that a product with it still ranks."""
    return 1.0 + float(cv2.Laplacian(cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY), cv2.CV_32F).var())
