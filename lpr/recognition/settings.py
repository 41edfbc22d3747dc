"""What is accepted as a read, and what counts as one vehicle: every threshold of recognition in one place."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Settings:
    """Thresholds; they go into the record with every scan. Sizes are pixels of the picture, times are seconds."""

    #: The longest side of a frame of footage as the detector sees it; a multiple of 32.
    imgsz: int = 640
    #: The same for photos, which are looked at twice: for plates far away, and for those that fill the picture.
    photo_imgsz: int = 832
    coarse_imgsz: int = 320
    #: Photos too large for that are seen at this share of their size, up to so many pixels.
    photo_scale: float = 0.5
    largest_imgsz: int = 1920
    #: What the detector is less sure of than this is noise and not counted.
    detector_floor: float = 0.10
    #: What the detector is less sure of than this is counted, but not read.
    min_detector_confidence: float = 0.40
    #: What the detector is less sure of than this is a read only if its text has a known serial format: signs and
    #: cameras' own writing have none.
    sure_detector_confidence: float = 0.55
    #: The least size of a plate that is read.
    min_width: int = 20
    min_height: int = 7
    #: The least confidence of a read's least certain character.
    min_confidence: float = 0.40
    #: A read in footage less certain than this is read again in other views (second_reading.py); 0: never.
    sure_reading: float = 0.97
    #: The same in photos, where no other frame can contradict; more than 1: each is read in all views.
    photo_sure_reading: float = 1.01
    #: The fewest characters of a read.
    min_length: int = 2
    #: What is less sure of a plate's issuer is not said.
    min_jurisdiction_confidence: float = 0.80
    #: Regions whose serial formats count (codes such as us-al); those of all regions when there is none.
    regions: tuple[str, ...] = ()
    #: How many times as probable a text in a format is as one in none, once for each photo or passing; 1: formats do
    #: not count.
    region_margin: float = 5.0
    #: Of two boxes, of which the smaller lies in the other with more than this share, the less certain one goes.
    max_overlap: float = 0.6

    #: Reads of independent pictures of one passing that must agree, or else the confidence that one must have.
    min_agreeing: int = 2
    min_single_confidence: float = 0.80
    #: Or so many that differ from the text in one character at most.
    min_alike: int = 3
    #: What an agreed text's least certain character must have.
    min_agreed_confidence: float = 0.50
    #: Or, when one character alone is in doubt, its next one; then one read more must differ in one at most.
    min_other_confidence: float = 0.80
    #: The probability that an agreed text and those that differ from it in one character must have together: what is
    #: left over is that of texts without number, each improbable.
    min_alike_probability: float = 0.60
    #: How many times as probable as the next one an agreed text must be.
    min_lead: float = 1.5
    #: The confidence of an agreed text with which a vehicle needs no more reads, until it comes closer.
    min_settled_confidence: float = 0.90
    #: Reads that a vehicle is given, those of one whose text is settled, and by how many times its plate must have
    #: become wider for more.
    reads_per_vehicle: int = 6
    reads_when_settled: int = 1
    renewal: float = 1.25
    #: How long a vehicle may go unseen and still be found again by its place.
    max_gap: float = 1.0
    #: How long a vehicle may go unseen and still be found again by its text.
    max_absence: float = 5.0

    #: What the detector's first look must be sure of for a vehicle to be followed.
    min_glance_confidence: float = 0.15
    #: How often a picture in which something moves is looked at, how often while a plate of at least so many pixels is
    #: in sight that is within its budget of reads, and how often once all in it are settled.
    look_interval: float = 0.1
    hurried_interval: float = 0.05
    hurried_width: int = 50
    settled_interval: float = 0.25
    #: The longest side of a part of the picture as the detector sees it, when only a part has moved.
    part_imgsz: int = 416
    #: A larger picture is looked at in tiles, so that it never shrinks to less than this share.
    min_scale: float = 0.25
    #: How often the whole picture is looked at, moving or not: for what came unnoticed.
    sweep_interval: float = 60.0
    #: What has not moved for this long stands; longer than the second, its sighting is closed and its place remembered.
    standing_after: float = 2.0
    max_standing: float = 60.0
    #: What stands from the beginning must be read with this confidence, and the detector be this sure: else it is a
    #: sign, painted text or a time overlay.
    min_standing_confidence: float = 0.80
    min_standing_detector: float = 0.45

    @property
    def version(self) -> str:
        """Eight hexadecimal digits that differ when any setting differs."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:8]
