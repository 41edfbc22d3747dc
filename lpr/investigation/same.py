"""Which sightings may be of one plate: texts that are look-alikes, or that the reader held for possible, are merged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lpr.investigation.found import Found
from lpr.normalize import look_alike_key

if TYPE_CHECKING:
    from lpr.records.schema import Database

#: A candidate must be this probable to join a sighting to another plate: one chance in twenty.
LEAST = 0.05
#: SQL: whether a reading ``r`` counts a sighting to the plates of its text.
COUNTS = f"(r.rank <= 0 OR r.probability >= {LEAST})"


@dataclass(frozen=True)
class Plate:
    """Sightings that may be of one plate. ``text`` is the one that was read best; ``why`` says what was merged."""

    text: str
    found: tuple[Found, ...]
    why: str


def plates_of(found: Iterable[Found]) -> list[Plate]:
    """Sightings by the plate that they may show.

    Sightings whose texts are look-alikes are of one plate. A sighting is also counted to another plate where its
    reader held that one's text, or a look-alike, for a candidate of ``LEAST``: it then stands under both.
    """
    all_found = list(found)
    groups: dict[str, list[Found]] = {}
    for one in all_found:
        groups.setdefault(look_alike_key(one.sighting.text), []).append(one)
    reasons: dict[str, list[str]] = {key: [] for key in groups}
    for one in all_found:
        own = look_alike_key(one.sighting.text)
        for candidate in one.sighting.candidates:
            key = look_alike_key(candidate.text)
            if key == own or key not in groups or candidate.probability < LEAST or one in groups[key]:
                continue
            groups[key].append(one)
            reasons[key].append(
                f"{one.sighting.text} of sighting {one.id} is {candidate.text} by {candidate.probability:.0%}"
            )
    return [_plate(members, reasons[key]) for key, members in groups.items()]


def _plate(members: Sequence[Found], reasons: list[str]) -> Plate:
    key = look_alike_key(members[0].sighting.text)
    own = [one for one in members if look_alike_key(one.sighting.text) == key]
    best = max(own, key=lambda one: one.sighting.confidence).sighting.text
    others = sorted({one.sighting.text for one in own} - {best})
    alike = [f"{text} differs from {best} only in look-alikes" for text in others]
    return Plate(best, tuple(members), "; ".join([*alike, *reasons]) or "one text")


def times_seen(database: Database, text: str) -> int:
    """How many sightings on record may be of this plate, by the same rule."""
    (row,) = database.rows(
        f"SELECT count(DISTINCT s.id) AS n FROM texts CROSS JOIN readings r ON r.text_id = texts.id AND {COUNTS} "  # noqa: S608
        "CROSS JOIN sightings s ON s.id = r.sighting_id "
        "JOIN scans ON scans.id = s.scan_id AND scans.replaced_by IS NULL WHERE texts.look_alike_key = ?",
        (look_alike_key(text),),
    )
    return int(row["n"])
