"""A vehicle in sight: where its plate was seen, what it was read as, and whether another read would be worth it."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace

import cv2
import numpy as np

from lpr.normalize import fold
from lpr.plates import Box, PlateBox, Read, Sighting
from lpr.recognition.certainty import distance
from lpr.recognition.crop import cut, prepare
from lpr.recognition.likelihood import Likelihoods
from lpr.recognition.movement import Movement, movement
from lpr.recognition.passing import Passing
from lpr.recognition.region import format_factor
from lpr.recognition.settings import Settings
from lpr.recognition.vote import Verdict, sighting, vote

# How much of the newest movement goes into a vehicle's velocity.
_FRESHNESS = 0.6
# Reads of one vehicle that vote, texts of it whose picture is kept, and places kept, while it is in sight.
_VOTERS, _SHOTS, _PLACES = 24, 4, 400
# Reads are of independent pictures when the plate has moved by this share of its width, or after so many seconds.
_MOVED, _LATER = 0.04, 0.5
# What stands is read again after this time, when something changes there; what is not agreed after half. Seconds.
_AGAIN = 1.0
# A crop of less than this share of the best one's quality is not worth a read of the budget.
_QUALITY = 0.6


class Shot:
    """The best picture of one text."""

    def __init__(self, score: float, read: Read, image: np.ndarray) -> None:
        self.score = score
        self.read = read
        # Copies: views would keep every frame of the footage in memory, and cameras write into theirs.
        self.crop = cut(image, read.plate.box).copy()
        self.image = image.copy()


class Vehicle:
    """What is known of one vehicle while it passes.

    ``said`` counts all its reads by text; ``voters`` are a fair part of them, ``shots`` the best pictures of the
    texts with most support. Neither grows without end when a vehicle is parked in view. ``first_seen``,
    ``last_seen`` and ``stood_until`` are seconds: up to the last it is known to have stood where it was last seen.
    """

    def __init__(self, number: int, plate: PlateBox, seconds: float, settings: Settings) -> None:
        self.number = number
        self.said = Counter[str]()
        self.voters: list[Read] = []
        self.shots: dict[str, Shot] = {}
        self.velocity: tuple[float, float] | None = None
        self.growth = 1.0
        self.first_seen = self.last_seen = self.stood_until = seconds
        self.box = plate.box
        self.missed = False
        self.places: list[tuple[float, Box]] = [(seconds, plate.box)]
        self._settings = settings
        self._granted = 0  # the width at which the present budget was given
        self._spent = 0
        self._best = 0.0
        self._asked, self._asked_times = seconds, 0
        # What the reads say together, until another one comes.
        self._verdict: Verdict | None = None
        self._agreed: bool | None = None
        self._favour, self._likelihoods = format_factor(settings), Likelihoods()

    def see(self, plate: PlateBox, seconds: float) -> None:
        """The plate is seen again."""
        elapsed = seconds - self.last_seen
        if elapsed > 0:
            self._move(self.box, plate.box, elapsed)
        self.last_seen, self.box, self.missed = seconds, plate.box, False
        self.stood_until = max(self.stood_until, seconds)
        self.places.append((seconds, plate.box))
        if len(self.places) > _PLACES:
            self.places = self.places[::2]

    def add(self, read: Read, image: np.ndarray) -> None:
        """The plate was read where it was seen last."""
        text = read.transcript.text
        self.said[text] += 1
        self.voters.append(read)
        self._verdict = self._agreed = None
        self.box = read.plate.box
        score = quality(image, read.plate.box) * read.transcript.confidence
        if text not in self.shots or self.shots[text].score < score:
            self.shots[text] = Shot(score, read, image)
        self._forget()

    def absorb(self, earlier: Vehicle) -> None:
        """Take in what ``earlier`` saw of the same vehicle."""
        self.first_seen = min(self.first_seen, earlier.first_seen)
        self.said += earlier.said
        self.voters = earlier.voters + self.voters
        self.places = sorted(earlier.places + self.places, key=lambda place: place[0])
        for text, shot in earlier.shots.items():
            if text not in self.shots or self.shots[text].score < shot.score:
                self.shots[text] = shot
        self._verdict = self._agreed = None
        self._forget()

    def wants(self, box: Box, worth: float, seconds: float) -> bool:
        """Whether a read of the plate in ``box`` of the quality ``worth`` is within the budget.

        Reads are spent until the text is settled, not on crops clearly worse than the best one so far, and again
        when the plate has become wider. A text that is not agreed by then is tried again now and then, and so is what
        stands where something changes: the text of a clock changes, a plate's does not.
        """
        if self._due(box, worth, seconds):
            self._asked = seconds
            self._asked_times += 1
            return True
        return False

    def _due(self, box: Box, worth: float, seconds: float) -> bool:
        if box.width >= self._settings.renewal * self._granted:
            self._granted, self._spent, self._best = box.width, 0, 0.0
        allowed = self._settings.reads_when_settled if self.settled else self._settings.reads_per_vehicle
        if self._spent >= allowed or (self.voters and worth < _QUALITY * self._best):
            return self._again(seconds)
        self._spent += 1
        self._best = max(self._best, worth)
        return True

    @property
    def hurried(self) -> bool:
        """Whether reads are left of the budget of a plate that can be read, and does not become wider by waiting."""
        (_, before), (_, now) = self.places[-2:] if len(self.places) > 1 else self.places * 2
        legible, growing = self.box.width >= self._settings.hurried_width, now.width > 1.02 * before.width
        return legible and not growing and not self.settled and self._spent < self._settings.reads_per_vehicle

    def _again(self, seconds: float) -> bool:
        """Whether another read is worth it though the budget is spent: of what is not agreed yet, or stands."""
        if self.agreed() and self.travelled:
            return False
        pause, most = (_AGAIN, 2) if self.agreed() else (_AGAIN / 2, 6)
        return seconds - self._asked >= pause and self._asked_times < most * self._settings.reads_per_vehicle

    @property
    def verdict(self) -> Verdict:
        """What the reads, of which there must be one, say together."""
        if self._verdict is None:
            # A plate half as wide shows a quarter of the pixels, and its read counts a quarter.
            widest = max(read.plate.box.width for read in self.voters)
            weights = [(read.plate.box.width / widest) ** 2 for read in self.voters]
            transcripts = [read.transcript for read in self.voters]
            self._verdict = vote(transcripts, self.shots, weights, self._favour, self._likelihoods)
        return self._verdict

    @property
    def settled(self) -> bool:
        """No more reads are needed: the text is agreed, and with certainty."""
        return self.agreed() and self.verdict.confidence >= self._settings.min_settled_confidence

    def agreed(self) -> bool:
        """Whether enough independent reads agree, or one is very certain, and the text leads over the next other one.

        Texts that differ in one character are taken for one text in doubt: between them the vote decides, and both are
        kept as candidates; they are no reason to say that there was nobody.
        """
        if self._agreed is None:
            self._agreed = bool(self.voters) and self._agree()
        return self._agreed

    def _agree(self) -> bool:
        verdict, settings = self.verdict, self._settings
        alike = math.fsum(c.probability for c in verdict.candidates if _alike(c.text, verdict.text))
        rivals = [c.probability for c in verdict.candidates if not _alike(c.text, verdict.text)]
        lead = math.inf if not rivals else alike / max(rivals[0], 1e-9)
        if lead < settings.min_lead or alike < settings.min_alike_probability:
            return False
        if verdict.confidence < settings.min_agreed_confidence:
            _, *others = sorted(character.confidence for character in verdict.characters)
            sure = bool(others) and others[0] >= settings.min_other_confidence
            return sure and self.independent(verdict.text, edits=1) > settings.min_alike
        if verdict.confidence >= settings.min_single_confidence:
            return True
        if self.independent(verdict.text) >= settings.min_agreeing:
            return True
        return self.independent(verdict.text, edits=1) >= settings.min_alike

    def independent(self, text: str, edits: int = 0) -> int:
        """How many independent pictures were read as ``text``, or with O for 0 or I for 1 in it; of those that vote.

        With ``edits`` so many characters may be other ones, missing or too many.
        """
        count, before = 0, None
        for read in self.voters:
            if distance(fold(read.transcript.text), fold(text)) > edits:
                continue
            if before is None or _independent(before, read):
                count, before = count + 1, read
        return count

    def passing(self) -> Passing:
        """What is known so far; there must be a read."""
        verdict = self.verdict
        shot = self.shots[verdict.text]
        seen = sighting(shot.read, verdict, self.said[verdict.text], self.first_seen, self.stood_until)
        return Passing(with_movement(seen, self.movement()), shot.crop, shot.image)

    def movement(self) -> Movement:
        return movement(self.places)

    @property
    def travelled(self) -> bool:
        """Whether the plate has moved at all: a sign, an overlay and a parked vehicle never do."""
        _, first = self.places[0]
        for _, box in self.places:
            moved = math.hypot(*(a - b for a, b in zip(centre(box), centre(first), strict=True)))
            if moved > 0.4 * first.width or not 0.8 <= box.width / first.width <= 1.25:
                return True
        return False

    def expected(self, seconds: float) -> tuple[float, float]:
        """Where the middle of the plate is expected."""
        (x, y), elapsed = centre(self.box), seconds - self.last_seen
        if self.velocity is None or self.stood_until > self.last_seen:
            return x, y
        return x + self.velocity[0] * elapsed, y + self.velocity[1] * elapsed

    def distance(self, box: Box, seconds: float) -> float:
        """How far ``box`` is from where this vehicle's plate is expected, in widths of the plate."""
        (x, y), (cx, cy) = self.expected(seconds), centre(box)
        return math.hypot(cx - x, cy - y) / max(self.box.width, box.width)

    def resembles(self, read: Read) -> bool:
        return any(similar(read.transcript.text, text) for text in self.shots)

    def _move(self, before: Box, after: Box, elapsed: float) -> None:
        (x1, y1), (x2, y2) = centre(before), centre(after)
        newest = (x2 - x1) / elapsed, (y2 - y1) / elapsed
        if self.velocity is None:
            self.velocity = newest
        else:
            self.velocity = (
                _FRESHNESS * newest[0] + (1 - _FRESHNESS) * self.velocity[0],
                _FRESHNESS * newest[1] + (1 - _FRESHNESS) * self.velocity[1],
            )

    def _forget(self) -> None:
        while len(self.shots) > _SHOTS:
            del self.shots[min(self.shots, key=lambda text: (self.said[text], self.shots[text].score))]
        if len(self.voters) > _VOTERS:
            # Every other one goes, so that each time in view keeps its share of the vote. The reads that have a
            # picture stay: the verdict is one of their texts.
            pictured = {id(shot.read) for shot in self.shots.values()}
            self.voters = [read for i, read in enumerate(self.voters) if i % 2 == 0 or id(read) in pictured]


def with_movement(seen: Sighting, moved: Movement) -> Sighting:
    return replace(seen, direction=moved.direction, entered=moved.entered, exited=moved.exited, dwell=moved.dwell)


def quality(image: np.ndarray, box: Box) -> float:
    """How well a plate can be read: the root of its width times its sharpness, the variance of the Laplacian.

    The sharpness is that of the reader's view: in its own pixels a plate far away is the sharpest.
    """
    crop = cut(image, box)
    if not crop.size:
        return 0.0
    # Never zero, so that a product with it still ranks.
    sharpness = 1.0 + float(cv2.Laplacian(prepare(crop), cv2.CV_32F).var())
    return math.sqrt(box.width * sharpness)


def similar(text: str, other: str) -> bool:
    """Whether two texts may be reads of one plate: at most a quarter of the longer one differs."""
    return distance(text, other) <= max(len(text), len(other)) // 4


def _alike(text: str, other: str) -> bool:
    return distance(text, other) <= 1


def centre(box: Box) -> tuple[float, float]:
    return (box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2


def _independent(before: Read, after: Read) -> bool:
    assert before.seconds is not None and after.seconds is not None  # only frames of footage come here
    if after.seconds - before.seconds >= _LATER:
        return True
    (x1, y1), (x2, y2) = centre(before.plate.box), centre(after.plate.box)
    moved = math.hypot(x2 - x1, y2 - y1) + abs(after.plate.box.width - before.plate.box.width)
    return after.frame != before.frame and moved >= _MOVED * after.plate.box.width
