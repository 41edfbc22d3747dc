"""What stands on a hot list, and what a match with it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lpr.errors import PlateError
from lpr.normalize import parse_plate

#: The wording of every hit that a person sees. A hit is a reason to look, never a statement about a vehicle.
ADVICE = "possible match: verify plate, state and vehicle"

#: Longest plate that an entry may have. The longest US plates have 8 characters, European ones 9, the NCIC field
#: 10 (AAMVA License Plate Standard; FIELD notes 3.3); a VIN in the wrong column has 17.
LONGEST = 12

#: What may stand between the characters of a plate as people write it, beside letters, digits and white space;
#: the last ones are what word processors put for an apostrophe or a hyphen.
_SEPARATORS = frozenset("-.·•'’‐‑–—")

Tier = str
EXACT: Tier = "exact"
LOOK_ALIKE: Tier = "look-alike"
CANDIDATE: Tier = "candidate"
NEAR: Tier = "near"
PARTIAL: Tier = "partial"
#: The tiers, the strongest first.
TIERS: tuple[Tier, ...] = (EXACT, LOOK_ALIKE, CANDIDATE, NEAR, PARTIAL)
#: The tiers of a list that says nothing else. Near is for short lists: on one of 250,000 entries in the format 1AAA111,
#: 16 % of all passing plates are one substitution away from some entry (FIELD notes 3.7).
DEFAULT_TIERS: tuple[Tier, ...] = (EXACT, LOOK_ALIKE, CANDIDATE, PARTIAL)

AGREES = "agrees"
UNKNOWN = "unknown"
CONFLICTS = "conflicts"


@dataclass(frozen=True)
class Entry:
    """One wanted plate of one list.

    ``plate`` is as written, ``text`` its normalized form. ``state`` is a folded code (see ``states.fold_state``) or
    None. ``expires`` and ``effective`` are aware, UTC: the entry matches from the one until the other. ``details``
    holds what else the list says by the names of ``lpr.hotlist.details`` (case, nic, ori, vin, caution, …) and by
    those of the list's own columns. ``id`` is the database's row, None for an entry that was read from a file;
    ``line`` is the line of that file. Of a ``partial`` plate ``text`` is a pattern: ``?`` is one character, ``*`` any
    number of them. ``stale``: the list is over its maximum age, so that the entry may have been taken off since.
    """

    id: int | None
    list: str
    plate: str
    text: str
    state: str | None
    reason: str
    expires: datetime | None = None
    line: int | None = None
    details: Mapping[str, str] = field(default_factory=dict, hash=False)
    effective: datetime | None = None
    partial: bool = False
    stale: bool = False

    def expired(self, now: datetime) -> bool:
        return self.expires is not None and self.expires <= now

    def counts(self, now: datetime) -> bool:
        """Whether it may match now: it has begun and has not expired."""
        return not self.expired(now) and (self.effective is None or self.effective <= now)


@dataclass(frozen=True)
class Difference:
    """One place where a read and an entry differ.

    ``position`` counts the read's characters from 0. ``read`` is empty where the entry has a character more,
    which then stands before ``position``; ``entry`` is empty where the read has one more.
    """

    position: int
    read: str
    entry: str


@dataclass(frozen=True)
class Hit:
    """A possible match of a read with an entry: verify plate, state and vehicle.

    ``plate`` and ``state`` are the entry's. ``differs`` compares ``text``, the best text of the read, with the entry;
    letter O against zero is listed too, although it does not lower the tier. ``score`` (0–1) is the probability that
    the plate is the entry's, see ``lpr.hotlist.matcher``. ``state_agreement`` is ``agrees``, ``unknown`` or
    ``conflicts``. ``candidate`` is the text of the read that led to the entry. ``rule`` says in one sentence why this
    is a hit of its tier. ``stale``: the list is over its maximum age.
    """

    list: str
    plate: str
    state: str | None
    tier: Tier
    differs: tuple[Difference, ...]
    score: float
    state_agreement: str
    reason: str
    entry_id: int | None
    text: str
    candidate: str
    rule: str = ""
    stale: bool = False

    def as_row(self) -> dict[str, Any]:
        """The fields in their order, ready for JSON."""
        return {**vars(self), "differs": [vars(difference).copy() for difference in self.differs]}


def parse_entry_plate(written: str) -> str:
    """The normalized text of a hot list's plate.

    Raises PlateError when it is empty, too long, or holds a character that no plate has: a sign that is silently
    left out would make another plate of it.
    """
    for c in written:
        if not (c.isalnum() or c.isspace() or c in _SEPARATORS):
            remedy = "partial plates are not supported" if c in "?*%_" else "write the plate with A-Z and 0-9"
            raise PlateError(f"{written!r} has the character {c!r}; {remedy}")
    text = parse_plate(written)
    if len(text) > LONGEST:
        raise PlateError(f"{written!r} has {len(text)} characters; a plate has at most {LONGEST}")
    return text
