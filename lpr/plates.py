"""The values that cross every boundary of lpr: boxes, reads, sightings. Frozen, of plain Python values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Box:
    """A rectangle in whole pixels of the picture; ``x2`` and ``y2`` lie just outside."""

    x1: int
    y1: int
    x2: int
    y2: int

    @property
    def width(self) -> int:
        return self.x2 - self.x1

    @property
    def height(self) -> int:
        return self.y2 - self.y1

    @property
    def area(self) -> int:
        return max(0, self.width) * max(0, self.height)

    def clipped(self, width: int, height: int) -> Box:
        """The part of the box inside a picture of ``width`` × ``height`` pixels."""
        return Box(
            min(max(self.x1, 0), width),
            min(max(self.y1, 0), height),
            min(max(self.x2, 0), width),
            min(max(self.y2, 0), height),
        )

    def padded(self, share_x: float, share_y: float) -> Box:
        """The box widened on each side by ``share_x`` of its width and ``share_y`` of its height."""
        dx, dy = round(self.width * share_x), round(self.height * share_y)
        return Box(self.x1 - dx, self.y1 - dy, self.x2 + dx, self.y2 + dy)

    def joined(self, other: Box) -> Box:
        """The smallest box around both."""
        return Box(min(self.x1, other.x1), min(self.y1, other.y1), max(self.x2, other.x2), max(self.y2, other.y2))

    def overlap(self, other: Box) -> float:
        """Intersection over union, 0 to 1."""
        width = min(self.x2, other.x2) - max(self.x1, other.x1)
        height = min(self.y2, other.y2) - max(self.y1, other.y1)
        if width <= 0 or height <= 0:
            return 0.0
        shared = width * height
        return shared / (self.area + other.area - shared)

    def as_list(self) -> list[int]:
        return [self.x1, self.y1, self.x2, self.y2]


@dataclass(frozen=True)
class PlateBox:
    """Where a detector saw a plate. ``corners`` run clockwise from the upper left, in pixels, when they are known."""

    box: Box
    confidence: float
    corners: tuple[tuple[float, float], ...] | None = None


@dataclass(frozen=True)
class Character:
    """One character of a read with its probability."""

    character: str
    confidence: float


@dataclass(frozen=True)
class Candidate:
    """One whole text that the picture may show, with its probability among all texts."""

    text: str
    probability: float


@dataclass(frozen=True)
class Jurisdiction:
    """Who issued the plate (``us-al``, ``de``, …) and how sure that is."""

    code: str
    confidence: float


@dataclass(frozen=True)
class Transcript:
    """What a reader made of one plate picture.

    ``raw`` is what the network said, ``text`` its normalized form. ``confidence`` is the smallest character's.
    ``candidates`` are the ten best texts, best first; the first is ``text``. An empty ``raw`` means: no text here.

    ``places`` is what the reader saw, for the vote over the reads of one passing: for each view of the plate an array
    of some number of places × 37, float32, the probability in each place of "nothing here" and of each character of
    ``lpr.normalize.ALPHABET``. A reader need not give it; then the vote goes by the candidates. It is for the memory
    of a scan only: on no record and in no row, and no part of what makes two transcripts equal.
    """

    raw: str
    text: str
    confidence: float
    characters: tuple[Character, ...]
    candidates: tuple[Candidate, ...]
    jurisdiction: Jurisdiction | None = None
    places: tuple[np.ndarray, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True)
class Read:
    """One plate read in one frame. ``seconds`` is its time in the footage, None for a photo; ``taken_at`` is in UTC."""

    source: str
    frame: int
    seconds: float | None
    taken_at: datetime | None
    plate: PlateBox
    transcript: Transcript


@dataclass(frozen=True)
class Sighting:
    """One passing of one vehicle (a photo: one plate in it), as rows, JSON and CSV show it.

    ``frame``, ``seconds``, ``taken_at``, ``box`` and ``detector_confidence`` are those of the best read, whose
    picture is kept. ``first_seen`` and ``last_seen`` are seconds into the footage, None for a photo.
    ``reads`` counts the reads that agreed on ``text``. ``raw`` is the best read's own. ``camera`` is its name,
    ``latitude`` and ``longitude`` are where it stood, in degrees; None when nobody said so, nor the photo itself.

    Of footage: ``direction`` is "approaching" or "leaving", ``entered`` and ``exited`` are the sides of the picture
    ("left", "right", "top", "bottom") from which the vehicle came and to which it went, each None when it did neither;
    ``dwell`` is the time in sight, seconds. ``picture_sha256`` is the hash of the picture that was read: of its
    pixels, row by row, blue, green, red, one byte each.
    """

    source: str
    frame: int
    seconds: float | None
    taken_at: datetime | None
    first_seen: float | None
    last_seen: float | None
    reads: int
    raw: str
    text: str
    confidence: float
    characters: tuple[Character, ...]
    candidates: tuple[Candidate, ...]
    box: Box
    detector_confidence: float
    jurisdiction: Jurisdiction | None
    camera: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    direction: str | None = None
    entered: str | None = None
    exited: str | None = None
    dwell: float | None = None
    picture_sha256: str | None = None
