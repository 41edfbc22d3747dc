"""Sightings of footage as a scan brings them, made up."""

from __future__ import annotations

from datetime import datetime

import lpr


def sighting(text: str, taken_at: datetime | None, number: int = 0, others: tuple[str, ...] = ()) -> lpr.Sighting:
    """A passing that was read as ``text`` and may be any of the ``others``; ``number`` is its frame and second."""
    return lpr.Sighting(
        source="north.mp4",
        frame=number,
        seconds=float(number),
        taken_at=taken_at,
        first_seen=float(number),
        last_seen=number + 1.0,
        reads=3,
        raw=f"{text[:3]}-{text[3:]}",
        text=text,
        confidence=0.9,
        characters=tuple(lpr.Character(c, 0.9) for c in text),
        candidates=(lpr.Candidate(text, 0.8), *(lpr.Candidate(other, 0.05) for other in others)),
        box=lpr.Box(1, 2, 30, 12),
        detector_confidence=0.9,
        jurisdiction=None,
    )
