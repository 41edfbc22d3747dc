"""A reader that is not there: what a plate is read as, drawn from the table of confusions, for budgets and benchmarks.

It errs as the table says, and tells of it as the reader does that the table was measured on. Where it is in doubt it
names two characters; it is right as often as it says, and wrong with both as often as errors are ``unforeseen``: the
doubt then shows in what its candidates leave of 1. The share ``unsuspected`` of its errors leaves no trace at all.
"""

from __future__ import annotations

import heapq
import random
from itertools import product
from math import prod

from lpr.hotlist.confusion import FOLDED, Confusions
from lpr.normalize import key
from lpr.plates import Candidate, Character, Transcript

#: How sure the reader is of a character that it doubts: evenly between these.
_DOUBT = (0.5, 0.95)
#: How sure it is of any other.
_SURE = 0.999
_CANDIDATES = 10

#: What the reader takes a place for: characters with their probabilities, the likeliest first; "" is none.
_Place = list[tuple[str, float]]


class SimulatedReader:
    """Reads plates by their text. ``rng`` decides; the same seed gives the same reads."""

    def __init__(self, confusions: Confusions, rng: random.Random) -> None:
        self._rng = rng
        self._confusions = confusions
        # What stands in the place of a character: another one, or nothing.
        self._others = {
            d: (["", *(c for c in FOLDED if c != d)], [confusions.missed[d], *(row[c] for c in FOLDED if c != d)])
            for d, row in confusions.read.items()
        }
        self._added = sum(confusions.added.values())
        suspected = 1.0 - confusions.unsuspected
        self._unforeseen = max(0.0, confusions.unforeseen - confusions.unsuspected) / suspected
        #: Doubts for each error: of so many, one is an error that the reader suspects.
        self._doubts = suspected / (1.0 - sum(_DOUBT) / 2)

    def read(self, plate: str) -> Transcript:
        """What the reader makes of a plate; letter O is read as zero."""
        rng, confusions = self._rng, self._confusions
        places: list[_Place] = []
        for d in key(plate):
            if rng.random() < self._added * self._doubts:
                extra = rng.choices(FOLDED, [confusions.added[c] for c in FOLDED])[0]
                places.append(self._doubtful("", extra, extra))
            others, weights = self._others[d]
            errs = sum(weights)
            chance = rng.random()
            if chance < errs * confusions.unsuspected:
                places.append([(rng.choices(others, weights)[0], _SURE)])
            elif chance < errs * (confusions.unsuspected + self._doubts):
                places.append(self._doubtful(d, *rng.choices(others, weights, k=2)))
            else:
                places.append([(d, _SURE)])
        return _transcript(places)

    def _doubtful(self, true: str, other: str, third: str) -> _Place:
        """A place at which two of the three may stand, the likelier one first; "" is no character."""
        sure, foreseen = self._rng.uniform(*_DOUBT), 1.0 - self._unforeseen
        chance = self._rng.random()
        if chance < sure:
            first, second = true, other
        elif chance < sure + (1.0 - sure) * foreseen:
            first, second = other, true
        else:
            first, second = other, third
        return [(first, sure), (second, (1.0 - sure) * foreseen)]


def _transcript(options: list[_Place]) -> Transcript:
    text = "".join(places[0][0] for places in options)
    # At most six doubts make candidates: more would make thousands, and ten are kept.
    doubted = sorted((i for i, places in enumerate(options) if len(places) > 1), key=lambda i: options[i][0][1])[:6]
    texts = product(*(places if i in doubted else places[:1] for i, places in enumerate(options)))
    found = [Candidate("".join(c for c, _ in way), prod(p for _, p in way)) for way in texts]
    candidates = heapq.nlargest(_CANDIDATES, found, key=lambda candidate: candidate.probability)
    characters = tuple(Character(*places[0]) for places in options if places[0][0])
    confidence = min((c.confidence for c in characters), default=0.0)
    return Transcript(text, text, confidence, characters, tuple(candidates))
