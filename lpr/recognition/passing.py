"""A passing: one vehicle from coming into sight to leaving it, and what is told of it meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from lpr.plates import Box, Read, Sighting


@dataclass(frozen=True, eq=False)
class Passing:
    """One passing of one vehicle, or one plate in a photo. ``crop`` is the plate as read, ``image`` its picture."""

    sighting: Sighting
    crop: np.ndarray
    image: np.ndarray


@dataclass(frozen=True)
class Place:
    """Where a vehicle's plate was seen in a frame."""

    vehicle: int
    box: Box


@dataclass(frozen=True, eq=False)
class Looked:
    """The networks looked at a frame: ``plates`` were seen, ``reads`` accepted, others rejected by reason.

    A plate that needed no read is neither. ``places`` are those of all plates that are followed.
    """

    frame: int
    seconds: float
    plates: int
    reads: tuple[Read, ...]
    rejected: Mapping[str, int] = field(default_factory=dict)
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, eq=False)
class Agreed:
    """A vehicle in sight has a text that enough of its reads agree on, for the first time or now another one.

    ``before`` is the text that was agreed before, None for the first. ``passing`` is what is known so far: its
    ``last_seen`` is now, more reads may follow. The same ``vehicle`` ends with Passed or Unread.
    """

    vehicle: int
    passing: Passing
    before: str | None


@dataclass(frozen=True, eq=False)
class Passed:
    """A vehicle is out of sight: its sighting is complete."""

    vehicle: int
    passing: Passing


@dataclass(frozen=True, eq=False)
class Unread:
    """A vehicle is over and its ``reads`` came to no sighting, for ``reason``.

    ``into`` is the number of the vehicle that it turned out to be, and that has its reads now, else None.
    """

    vehicle: int
    reason: str
    reads: int
    into: int | None = None


Event = Looked | Agreed | Passed | Unread
