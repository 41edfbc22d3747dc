"""Compares what was read with the entries of hot lists, in tiers, with a score that can be explained.

A hit's tier says how the read relates to the entry; the first that fits counts, and lists choose which may hit:

* ``exact``: the read's best text is the entry's, letter O and zero counted as the same.
* ``look-alike``: one length, and only characters of one class of ``normalize.LOOK_ALIKES`` differ.
* ``candidate``: neither, but another of the reader's candidates is the entry's text or its look-alike.
* ``near``: the best text or a candidate is one substitution, insertion or deletion from the entry, one that the table
  of confusions or the reader's own doubt makes likely.
* ``partial``: the entry is a partial plate, and the best text or a candidate fits it.

The score is the probability that the plate in the picture says what the entry says, see ``lpr.hotlist.posterior``,
times what the states say. Exact and look-alike hits are always reported, however low they score.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Protocol

from lpr.hotlist.alignment import one_apart
from lpr.hotlist.confusion import Confusions, load
from lpr.hotlist.differences import differences, tier_of
from lpr.hotlist.entry import (
    AGREES,
    CANDIDATE,
    CONFLICTS,
    EXACT,
    LOOK_ALIKE,
    NEAR,
    PARTIAL,
    TIERS,
    UNKNOWN,
    Difference,
    Entry,
    Hit,
    Tier,
)
from lpr.hotlist.pattern import ANY_NUMBER, ANY_ONE, aligned, pattern_of
from lpr.hotlist.policy import Policy
from lpr.hotlist.posterior import Posterior
from lpr.hotlist.rules import rule
from lpr.hotlist.states import jurisdiction_of
from lpr.normalize import key, look_alike_key, normalize
from lpr.plates import Candidate, Character, Jurisdiction

#: Factor on the score when the read's state and the entry's are both known and differ, the reader being certain. Its
#: view of the state is itself a guess, and entries carry wrong states, so that a conflict lowers a hit and does not
#: remove it; but it raises no alert.
CONFLICT = 0.1

#: A jurisdiction that the reader is less sure of counts as unknown.
SURE_OF_STATE = 0.5

#: A hit of the candidate tier, or a partial plate that only a candidate fits, needs this score before states are
#: compared: one chance in two hundred. At 0.02 simulated misreads are found less often and false alerts are as many
#: (tests/benchmarks/hotlist_curves.py).
LEAST_CANDIDATE = 0.005

#: A substitution, insertion or deletion less probable than this makes no hit of the near tier: then it finds what
#: distance 1 finds, with a tenth of its false alerts or fewer (tests/benchmarks/hotlist_curves.py).
LEAST_NEAR = 1.85e-4


class Index(Protocol):
    """Finds active entries without looking at every one."""

    @property
    def near(self) -> bool:
        """Whether any list has the near tier: without one nobody looks for neighbours."""
        ...

    def find(self, look_alike_keys: Sequence[str]) -> Iterable[Entry]:
        """The whole plates whose text has one of the keys. Texts that are equal up to O and 0 share this key, too."""
        ...

    def fitting(self, text: str) -> Iterable[Entry]:
        """The partial plates that a normalized text fits, look-alikes counted as the same."""
        ...

    def policy(self, list_name: str) -> Policy:
        """What a list asks of the matching."""
        ...


def match(
    index: Index,
    text: str,
    candidates: Sequence[Candidate] = (),
    jurisdiction: Jurisdiction | None = None,
    now: datetime | None = None,
    characters: Sequence[Character] = (),
    confusions: Confusions | None = None,
) -> list[Hit]:
    """The possible matches of one read: one hit per entry, the strongest first.

    ``text`` is the read's best text; without ``candidates`` it is all that is known. ``characters`` say where the
    reader was in doubt. ``now`` (aware) decides which entries have expired, the present by default; ``confusions`` are
    the shipped ones.
    """
    read = Posterior(text, candidates, characters, confusions or load())
    if not read.best:
        return []
    near = read.neighbours(LEAST_NEAR) if index.near else {}
    looking = _Looking(read, {look_alike_key(c): c for c in reversed(read.chances)}, near, index)
    moment = now or datetime.now(timezone.utc)
    found = {look_alike_key(neighbour) for neighbour in near}.union(looking.classes)
    hits = [looking.hit(entry, jurisdiction) for entry in index.find(sorted(found)) if entry.counts(moment)]
    partial: dict[int, Entry] = {}
    for candidate in read.chances:
        partial.update((id(entry), entry) for entry in index.fitting(candidate) if entry.counts(moment))
    hits += [looking.partial(entry, jurisdiction) for entry in partial.values()]
    return sorted((hit for hit in hits if hit is not None), key=_order)


@dataclass(frozen=True, eq=False)
class _Looking:
    """One read on its way through the entries. ``classes``: look-alike key → the first candidate that has it."""

    read: Posterior
    classes: dict[str, str]
    near: dict[str, str]
    index: Index

    def hit(self, entry: Entry, jurisdiction: Jurisdiction | None) -> Hit | None:
        policy = self.index.policy(entry.list)
        if key(self.read.best) in policy.ignored:
            return None
        differs = differences(self.read.best, entry.text)
        score, led = self.read.score(entry.text)
        tier = self._tier(entry, differs, score, policy)
        if tier is None:
            return None
        if tier in (EXACT, LOOK_ALIKE):
            led = self.read.best if tier == EXACT or look_alike_key(led) != look_alike_key(entry.text) else led
        elif tier == CANDIDATE:
            led = self.classes[look_alike_key(entry.text)]
        else:
            led = self.near.get(key(entry.text), self.read.best)
        return self._made(entry, tier, differs, score, led, jurisdiction)

    def partial(self, entry: Entry, jurisdiction: Jurisdiction | None) -> Hit | None:
        policy = self.index.policy(entry.list)
        if PARTIAL not in policy.tiers or key(self.read.best) in policy.ignored:
            return None
        fits: dict[str, tuple[Difference, ...]] = {}
        told: dict[str, float] = {}
        for candidate in self.read.chances:
            places = aligned(candidate, entry.text)
            if places is not None:
                beside = tuple(zip(candidate, (entry.text[j] for j in places), strict=True))
                literals = [(i, c, d) for i, (c, d) in enumerate(beside) if d not in (ANY_ONE, ANY_NUMBER)]
                fits[candidate] = tuple(Difference(i, c, d) for i, c, d in literals if c != d)
                told[candidate] = self.read.told(candidate, [(c, d) for _, c, d in literals])
        score = sum(told.values())
        if not fits or (self.read.best not in fits and score < LEAST_CANDIDATE):
            return None
        led = max(told, key=lambda candidate: told[candidate])
        return self._made(entry, PARTIAL, fits[led], min(1.0, score), led, jurisdiction)

    def _tier(self, entry: Entry, differs: tuple[Difference, ...], score: float, policy: Policy) -> Tier | None:
        """The strongest tier that fits and that the list has."""
        tier = tier_of(differs)
        if tier in (EXACT, LOOK_ALIKE) and tier in policy.tiers:
            return tier
        if tier in (EXACT, LOOK_ALIKE):
            return None
        if CANDIDATE in policy.tiers and look_alike_key(entry.text) in self.classes and score >= LEAST_CANDIDATE:
            return CANDIDATE
        if NEAR not in policy.tiers:
            return None
        # A look-alike of a candidate that is too improbable for that tier is still beside the best text.
        beside = score >= LEAST_NEAR and one_apart(key(self.read.best), key(entry.text))
        return NEAR if beside or key(entry.text) in self.near else None

    def _made(
        self,
        entry: Entry,
        tier: Tier,
        differs: tuple[Difference, ...],
        score: float,
        led: str,
        jurisdiction: Jurisdiction | None,
    ) -> Hit:
        agreement = state_agreement(jurisdiction, entry.state)
        return Hit(
            list=entry.list,
            plate=entry.plate,
            state=entry.state,
            tier=tier,
            differs=differs,
            score=float(f"{score * state_factor(jurisdiction, agreement):.4g}"),
            state_agreement=agreement,
            reason=entry.reason,
            entry_id=entry.id,
            text=self.read.best,
            candidate=led,
            rule=rule(tier, self.read, entry, led, agreement),
            stale=entry.stale,
        )


def recompute_tier(hit: Hit) -> Tier | None:
    """The tier that a hit's own explanation makes: its plate, its texts and their differences, and nothing else.

    Differs from ``hit.tier`` only when the explanation is wrong; None when it explains nothing.
    """
    if ANY_ONE in hit.plate or ANY_NUMBER in hit.plate:
        return PARTIAL if aligned(hit.candidate, pattern_of(hit.plate)) is not None else None
    text = normalize(hit.plate)
    if hit.differs != differences(hit.text, text):
        return None
    tier = tier_of(hit.differs)
    if tier == CANDIDATE and look_alike_key(hit.candidate) != look_alike_key(text):
        return NEAR if one_apart(key(hit.candidate), key(text)) else None
    return tier


def state_agreement(jurisdiction: Jurisdiction | None, state: str | None) -> str:
    """``agrees`` or ``conflicts`` when both sides are known, else ``unknown``.

    A jurisdiction that names only the country (``us``) conflicts with another country's state; for its own it is
    ``unknown``.
    """
    if jurisdiction is None or state is None or jurisdiction.confidence < SURE_OF_STATE:
        return UNKNOWN
    seen, listed = jurisdiction.code.lower(), jurisdiction_of(state)
    if seen == listed:
        return AGREES
    if "-" not in listed or listed.startswith(f"{seen}-"):
        # A state outside the tables says nothing about its country, so that nothing can be held against it.
        return UNKNOWN
    return CONFLICTS


def state_factor(jurisdiction: Jurisdiction | None, agreement: str) -> float:
    """What the states make of the score: 1 unless they conflict, and then the less the surer the reader is."""
    if jurisdiction is None or agreement != CONFLICTS:
        return 1.0
    return 1.0 - min(1.0, jurisdiction.confidence) * (1.0 - CONFLICT)


def _order(hit: Hit) -> tuple[int, float, str, str, int]:
    return TIERS.index(hit.tier), -hit.score, hit.list, hit.plate, hit.entry_id or 0
