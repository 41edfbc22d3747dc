"""A reader that is not there: what a plate is read as, drawn from the table of confusions, for budgets and benchmarks.

Errors are of two sorts. A *blind* one (the share ``unforeseen`` of the table) leaves no trace in the reader's
candidates. Of the others the reader is in doubt, and right as often as it says: to each doubt in which it errs belong
others in which it does not.
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


class SimulatedReader:
    """Reads plates by their text. ``rng`` decides; the same seed gives the same reads."""

    def __init__(self, confusions: Confusions, rng: random.Random) -> None:
        self._rng = rng
        self._confusions = confusions
        self._others = {
            d: ([c for c in FOLDED if c != d], [row[c] for c in FOLDED if c != d]) for d, row in confusions.read.items()
        }
        self._added = sum(confusions.added.values())

    def read(self, plate: str) -> Transcript:
        """What the reader makes of a plate; letter O is read as zero."""
        rng, confusions = self._rng, self._confusions
        foreseen = (1.0 - confusions.unforeseen) / (1.0 - sum(_DOUBT) / 2)
        options: list[list[tuple[str, float]]] = []
        for d in key(plate):
            if rng.random() < self._added:
                (extra,) = rng.choices(FOLDED, [confusions.added[c] for c in FOLDED])
                options.append([(extra, _SURE)])
            if rng.random() < confusions.missed[d]:
                continue
            letters, weights = self._others[d]
            errs = sum(weights)
            chance = rng.random()
            if chance < errs * confusions.unforeseen:
                options.append([(rng.choices(letters, weights)[0], _SURE)])
            elif chance < errs * confusions.unforeseen + errs * foreseen:
                sure = rng.uniform(*_DOUBT)
                (other,) = rng.choices(letters, weights)
                best, second = (d, other) if rng.random() < sure else (other, d)
                options.append([(best, sure), (second, 1.0 - sure)])
            else:
                options.append([(d, _SURE)])
        return _transcript(options)


def _transcript(options: list[list[tuple[str, float]]]) -> Transcript:
    text = "".join(places[0][0] for places in options)
    # At most six doubts make candidates: more would make thousands, and ten are kept.
    doubted = sorted((i for i, places in enumerate(options) if len(places) > 1), key=lambda i: options[i][0][1])[:6]
    texts = product(*(places if i in doubted else places[:1] for i, places in enumerate(options)))
    found = [Candidate("".join(c for c, _ in way), prod(p for _, p in way)) for way in texts]
    candidates = heapq.nlargest(_CANDIDATES, found, key=lambda candidate: candidate.probability)
    characters = tuple(Character(places[0][0], places[0][1]) for places in options)
    confidence = min((c.confidence for c in characters), default=0.0)
    return Transcript(text, text, confidence, characters, tuple(candidates))
