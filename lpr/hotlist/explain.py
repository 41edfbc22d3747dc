"""Which misreads of a plate would match its entry: what a list's tiers are worth, shown on one plate.

Every misread is put through the matcher itself, as a text without candidates, so that nothing here can promise
what matching does not keep.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from math import prod

from lpr.hotlist.confusion import FOLDED, Confusions, load
from lpr.hotlist.entry import CANDIDATE, DEFAULT_TIERS, TIERS, Entry, Hit, Tier, parse_entry_plate
from lpr.hotlist.index import MemoryIndex
from lpr.hotlist.matcher import match
from lpr.hotlist.policy import Policy
from lpr.normalize import LOOK_ALIKES, key

#: Look-alikes that are tried at once: three are rarer than one misread in a hundred thousand.
_ALIKE_AT_ONCE = 2


@dataclass(frozen=True)
class Misread:
    """A text that the plate may be read as. ``probability``: how often it is; ``tier`` None: it would be missed."""

    read: str
    probability: float
    tier: Tier | None
    score: float | None
    rule: str | None


def explain(plate: str, tiers: tuple[Tier, ...] = DEFAULT_TIERS, confusions: Confusions | None = None) -> list[Misread]:
    """All misreads of a plate with one error or two look-alikes, the correct read first, then the likeliest.

    ``tiers`` are those of the list. Raises PlateError for what is no plate.
    """
    text = parse_entry_plate(plate)
    table = confusions or load()
    entry = Entry(None, "explained", plate, text, None, "")
    policy = Policy(frozenset(tiers) - {CANDIDATE})
    index = MemoryIndex([entry], {entry.list: policy})
    found = []
    for read, probability in _misreads(key(text), table).items():
        hits: list[Hit] = match(index, read, confusions=table)
        hit = hits[0] if hits else None
        found.append(
            Misread(
                read,
                float(f"{probability:.3g}"),
                hit.tier if hit else None,
                hit.score if hit else None,
                hit.rule if hit else None,
            )
        )
    found.sort(key=lambda one: (key(one.read) != key(text), -one.probability, one.read))
    return [replace(found[0], read=text), *found[1:]]


def shares(misreads: list[Misread]) -> dict[str, float]:
    """The share of all these misreads that each tier finds, and ``missed``; the correct read is none."""
    wrong = misreads[1:]
    whole = sum(one.probability for one in wrong) or 1.0
    found = {tier: sum(one.probability for one in wrong if one.tier == tier) / whole for tier in TIERS}
    missed = sum(one.probability for one in wrong if one.tier is None) / whole
    return {**{tier: share for tier, share in found.items() if share}, "missed": missed}


def _misreads(text: str, table: Confusions) -> dict[str, float]:
    """Texts (O as 0) that ``text`` may be read as, with their probabilities; itself among them."""
    right = [table.read[c][c] for c in text]
    whole = prod(right)
    found: dict[str, float] = {text: whole}
    for read, factor in _one_error(text, table, right):
        found[read] = found.get(read, 0.0) + whole * factor
    for read in _look_alikes(text):
        places = [i for i, (c, d) in enumerate(zip(read, text, strict=True)) if c != d]
        if len(places) == _ALIKE_AT_ONCE:
            found[read] = whole * prod(table.read[text[i]][read[i]] / right[i] for i in places)
    return found


def _one_error(text: str, table: Confusions, right: list[float]) -> Iterator[tuple[str, float]]:
    for i, d in enumerate(text):
        before, after = text[:i], text[i + 1 :]
        for c in FOLDED:
            if c != d:
                yield before + c + after, table.read[d][c] / right[i]
            yield before + c + text[i:], table.added[c]
        if len(text) > 1:
            yield before + after, table.missed[d] / right[i]
    for c in FOLDED:
        yield text + c, table.added[c]


def _look_alikes(text: str) -> Iterator[str]:
    classes = {c: [m for m in members if m != "O"] for members in LOOK_ALIKES for c in members}
    places = [i for i, c in enumerate(text) if c in classes]
    for first, i in enumerate(places):
        for j in places[first + 1 :]:
            for a, b in product(classes[text[i]], classes[text[j]]):
                if a != text[i] and b != text[j]:
                    yield text[:i] + a + text[i + 1 : j] + b + text[j + 1 :]
