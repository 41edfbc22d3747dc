"""How probable it is that a reader takes one character for another: the measured table, and what follows from it.

The table is ``confusions.json``, written by ``python -m lpr.training.confusions``: per true character, the probability
that another one is read in its place, that none is read, and that it is read where nothing stands; and how much of its
errors the reader itself tells of. Nothing here
knows a plate: ``lpr.hotlist.posterior`` puts these figures together for whole texts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lpr.errors import HotListError
from lpr.normalize import ALPHABET

#: The characters when letter O counts as zero.
FOLDED = ALPHABET.replace("O", "")
#: The table that comes with lpr.
SHIPPED = Path(__file__).with_name("confusions.json")


@dataclass(frozen=True, eq=False)
class Confusions:
    """The figures of one reader, probabilities per character as ``normalize.key`` folds them: letter O is a zero.

    ``read[d][c]``: the true character d was read as c. ``missed[d]``: it was not read at all. ``added[c]``: c was read,
    in one gap between characters, where none stands. ``truth[c][d]``: what was read as c is d, every character being
    equally frequent on plates: Bayes' rule over ``read``. ``likely[c]`` are the others that c may be, with ``doubt``,
    the likeliest first. ``gap[c]`` is how easily c comes or goes, in the direction in which it happens more often, the
    likeliest first. ``most`` is the greatest of all these.
    ``unforeseen`` is the share of errors whose true character none of the reader's candidates has, ``unsuspected`` of
    those that the reader did not even leave room for: it gave its candidates 0.99 or more together. When none of the
    candidates is the true text, this has one error against the best with probability ``single``, and of such errors the
    share ``gaps`` is a character that came or went.
    ``about`` says where the figures come from.
    """

    about: str
    unforeseen: float
    unsuspected: float
    single: float
    gaps: float
    read: Mapping[str, Mapping[str, float]]
    missed: Mapping[str, float]
    added: Mapping[str, float]
    truth: Mapping[str, Mapping[str, float]]
    likely: Mapping[str, Sequence[tuple[str, float]]]
    gap: Mapping[str, float]
    most: float

    def doubt(self, a: str, b: str) -> float:
        """How easily ``a`` and ``b`` are taken for each other, in the direction in which it happens more often."""
        return max(self.truth[a][b], self.truth[b][a])

    def come(self, c: str) -> float:
        """Probability that a character ``c`` of a read is none.

        It is the ratio of two explanations; texts with one character more are one of 36 times as many.
        """
        return min(1.0, self.added[c] * len(ALPHABET))

    def lost(self, d: str) -> float:
        """Probability that a character ``d`` stands in a certain gap of a read, unread."""
        return self.missed[d] / len(ALPHABET)


@lru_cache(maxsize=4)
def load(path: Path = SHIPPED) -> Confusions:
    """The table of a file. Raises HotListError when it is none."""
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        about = str(table["about"])
        shares = {name: float(table[name]) for name in ("unforeseen", "unsuspected", "single", "gaps")}
        missed = {c: float(table["missed"][c]) for c in ALPHABET}
        added = {c: float(table["added"][c]) for c in ALPHABET}
        read = {d: {c: float(table["read"][d][c]) for c in ALPHABET if c != d} for d in ALPHABET}
        figures = [
            *shares.values(),
            *missed.values(),
            *added.values(),
            *(p for row in read.values() for p in row.values()),
        ]
        sums = [sum(row.values()) + missed[d] for d, row in read.items()]
        if not all(0.0 < p < 1.0 for p in figures) or max(sums) >= 0.9:
            raise ValueError("a figure is no probability")
    except (OSError, ValueError, KeyError, TypeError) as e:
        raise HotListError(
            f"{path} is no table of confusions ({e!r}); python -m lpr.training.confusions makes one"
        ) from e
    for d, row in read.items():
        row[d] = 1.0 - sum(row.values()) - missed[d]
    return _folded(about, shares, read, missed, added)


def _folded(
    about: str,
    shares: Mapping[str, float],
    read: Mapping[str, Mapping[str, float]],
    missed: Mapping[str, float],
    added: Mapping[str, float],
) -> Confusions:
    members = {c: ("0", "O") if c == "0" else (c,) for c in FOLDED}
    folded = {
        d: {c: sum(read[m][n] for m in members[d] for n in members[c]) / len(members[d]) for c in FOLDED}
        for d in FOLDED
    }
    totals = {c: sum(folded[d][c] for d in FOLDED) for c in FOLDED}
    truth = {c: {d: folded[d][c] / totals[c] for d in FOLDED} for c in FOLDED}
    likely = {
        c: sorted(((d, max(truth[c][d], truth[d][c])) for d in FOLDED if d != c), key=lambda pair: -pair[1])
        for c in FOLDED
    }
    lost = {d: sum(missed[m] for m in members[d]) / len(members[d]) for d in FOLDED}
    extra = {c: sum(added[m] for m in members[c]) for c in FOLDED}
    gaps = [(c, max(min(1.0, extra[c] * len(ALPHABET)), lost[c] / len(ALPHABET))) for c in FOLDED]
    gaps.sort(key=lambda pair: -pair[1])
    most = max([gaps[0][1], *(pairs[0][1] for pairs in likely.values())])
    return Confusions(
        about=about,
        unforeseen=shares["unforeseen"],
        unsuspected=shares["unsuspected"],
        single=shares["single"],
        gaps=shares["gaps"],
        read=folded,
        missed=lost,
        added=extra,
        truth=truth,
        likely=likely,
        gap=dict(gaps),
        most=most,
    )
