"""Compares what was read with the entries of hot lists, in tiers, with a score that can be explained.

A hit's tier says how the read's best text relates to the entry: ``exact`` (equal, letter O and zero counted as the
same), ``look-alike`` (one length, and only characters of one class of ``normalize.LOOK_ALIKES`` differ), ``candidate``
(neither, but another of the reader's candidates is the entry's plate or its look-alike).

The score is the probability that the plate in the picture is the entry's. The reader gives a probability to each
candidate; candidates that are equal up to O and 0 are added up. A candidate with n look-alike differences counts with
its probability times ``CONFUSION`` to the power of n. The entry's score is the largest of these, times
``CONFLICT`` where the states conflict. Exact and look-alike hits are always reported, however low they score.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timezone
from typing import Protocol

from lpr.hotlist.differences import differences, tier_of
from lpr.hotlist.entry import AGREES, CANDIDATE, CONFLICTS, EXACT, TIERS, UNKNOWN, Entry, Hit
from lpr.hotlist.states import jurisdiction_of
from lpr.normalize import differing, key, look_alike_key, normalize
from lpr.plates import Candidate, Jurisdiction

#: Probability that one character of a plate was read as a given look-alike. Chosen, not measured: it is to stay above
#: what readers report, who are too sure of themselves exactly where two characters look alike.
CONFUSION = 0.1

#: Factor on the score when the read's state and the entry's are both known and differ. A reader's view of the state
#: is itself a guess, and entries carry wrong states, so that a conflict lowers a hit and does not remove it.
CONFLICT = 0.1

#: A jurisdiction that the reader is less sure of counts as unknown.
SURE_OF_STATE = 0.5

#: A hit of the candidate tier needs this score before states are compared: one chance in fifty.
LEAST_CANDIDATE = 0.02


class Index(Protocol):
    """Finds active entries without looking at every one."""

    def find(self, look_alike_keys: Sequence[str]) -> Iterable[Entry]:
        """The entries whose text has one of the keys. Texts that are equal up to O and 0 share this key, too."""
        ...


def match(
    index: Index,
    text: str,
    candidates: Sequence[Candidate] = (),
    jurisdiction: Jurisdiction | None = None,
    now: datetime | None = None,
) -> list[Hit]:
    """The possible matches of one read: one hit per entry, the strongest first.

    ``text`` is the read's best text; without ``candidates`` it counts as certain. ``now`` (aware) decides which
    entries have expired, the present by default.
    """
    best = normalize(text)
    if not best:
        return []
    chances = _chances(best, candidates)
    by_class: dict[str, list[str]] = {}
    for candidate in chances:
        by_class.setdefault(look_alike_key(candidate), []).append(candidate)
    moment = now or datetime.now(timezone.utc)
    hits: list[Hit] = []
    for entry in index.find(tuple(by_class)):
        if entry.expired(moment):
            continue
        scored = {c: _share(chances[c], c, entry.text) for c in by_class[look_alike_key(entry.text)]}
        led = max(scored, key=lambda c: scored[c])
        differs = differences(best, entry.text)
        tier = tier_of(differs)
        if tier == CANDIDATE and scored[led] < LEAST_CANDIDATE:
            continue
        agreement = state_agreement(jurisdiction, entry.state)
        score = min(1.0, scored[led]) * (CONFLICT if agreement == CONFLICTS else 1.0)
        hits.append(
            Hit(
                list=entry.list,
                plate=entry.plate,
                state=entry.state,
                tier=tier,
                differs=differs,
                score=round(score, 6),
                state_agreement=agreement,
                reason=entry.reason,
                entry_id=entry.id,
                text=best,
                candidate=best if tier == EXACT else led,
            )
        )
    return sorted(hits, key=_order)


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


def _chances(best: str, candidates: Sequence[Candidate]) -> dict[str, float]:
    """Probability per text, texts that differ only in O and 0 added up under the likeliest; ``best`` is always there.

    A best text that the candidates leave out gets what they leave of 1.
    """
    weighed = [(normalize(c.text), c.probability) for c in candidates]
    if all(key(text) != key(best) for text, _ in weighed):
        weighed.append((best, max(0.0, 1.0 - sum(p for _, p in weighed))))
    names: dict[str, str] = {key(best): best}
    chances: dict[str, float] = {}
    for text, probability in sorted(weighed, key=lambda pair: -pair[1]):
        if text:
            name = names.setdefault(key(text), text)
            chances[name] = chances.get(name, 0.0) + probability
    return chances


def _share(chance: float, candidate: str, entry: str) -> float:
    """What a candidate's probability contributes to an entry with the same look-alike key."""
    return float(chance * CONFUSION ** len(differing(candidate, entry)))


def _order(hit: Hit) -> tuple[int, float, str, str, int]:
    return TIERS.index(hit.tier), -hit.score, hit.list, hit.plate, hit.entry_id or 0
