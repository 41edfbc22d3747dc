"""What is accepted as a read, and what counts as one vehicle: every threshold of recognition in one place."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Settings:
    """Thresholds; they go into the record with every scan. Sizes are pixels of the picture, times are seconds."""

    #: The longest side of the picture as the detector sees it; a multiple of 32.
    imgsz: int = 640
    #: What the detector is less sure of than this is noise and not counted.
    detector_floor: float = 0.10
    #: What the detector is less sure of than this is counted, but not read.
    min_detector_confidence: float = 0.25
    #: The least size of a plate that is read.
    min_width: int = 20
    min_height: int = 7
    #: The least confidence of a read's least certain character.
    min_confidence: float = 0.40
    #: The fewest characters of a read.
    min_length: int = 2
    #: What is less sure of a plate's issuer is not said.
    min_jurisdiction_confidence: float = 0.80
    #: Regions whose serial formats count (codes such as us-al); those of all regions when there is none.
    regions: tuple[str, ...] = ()
    #: How many times as probable a candidate in a format is as one in none; 1: formats do not count.
    region_margin: float = 5.0
    #: Of two boxes, of which the smaller lies in the other with more than this share, the less certain one goes.
    max_overlap: float = 0.6

    #: Reads of one passing that must agree, or else the confidence that a single one must have.
    min_agreeing: int = 2
    min_single_confidence: float = 0.90
    #: How long a vehicle may go unseen and still be found again by its place.
    max_gap: float = 1.0
    #: How long a vehicle may go unseen and still be found again by its text.
    max_absence: float = 5.0

    @property
    def version(self) -> str:
        """Eight hexadecimal digits that differ when any setting differs."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:8]
