"""Where a read and an entry differ, and which tier that makes: the explanation of every hit."""

from __future__ import annotations

from lpr.hotlist.entry import CANDIDATE, EXACT, LOOK_ALIKE, Difference, Tier
from lpr.normalize import key, look_alike_key

# Costs of an edit in the alignment. A look-alike is half an edit, so that of two alignments of one length the
# one that a reader's mistake explains is shown.
_GAP = 1.0
_SUBSTITUTION = 1.0
_LOOK_ALIKE = 0.5


def differences(text: str, entry: str) -> tuple[Difference, ...]:
    """Every place where two normalized texts differ, from left to right; applying them to ``text`` gives ``entry``.

    Texts that differ only inside look-alike classes are compared place by place, others are aligned.
    """
    if look_alike_key(text) == look_alike_key(entry):
        pairs = zip(text, entry, strict=True)
        return tuple(Difference(i, a, b) for i, (a, b) in enumerate(pairs) if a != b)
    return _aligned(text, entry)


def tier_of(differs: tuple[Difference, ...]) -> Tier:
    """The tier that differences make: exact while only O and 0 differ, look-alike while only classes do."""
    if all(key(d.read) == key(d.entry) for d in differs):
        return EXACT
    if all(look_alike_key(d.read) == look_alike_key(d.entry) for d in differs):
        return LOOK_ALIKE
    return CANDIDATE


def _cost(a: str, b: str) -> float:
    if a == b:
        return 0.0
    return _LOOK_ALIKE if look_alike_key(a) == look_alike_key(b) else _SUBSTITUTION


def _aligned(text: str, entry: str) -> tuple[Difference, ...]:
    """The cheapest alignment (Needleman and Wunsch); among equals, substitutions before gaps."""
    rows, columns = len(text) + 1, len(entry) + 1
    costs = [[_GAP * (i + j) for j in range(columns)] for i in range(rows)]
    for i in range(1, rows):
        for j in range(1, columns):
            costs[i][j] = min(
                costs[i - 1][j - 1] + _cost(text[i - 1], entry[j - 1]),
                costs[i - 1][j] + _GAP,
                costs[i][j - 1] + _GAP,
            )
    found: list[Difference] = []
    i, j = len(text), len(entry)
    while i or j:
        if i and j and costs[i][j] == costs[i - 1][j - 1] + _cost(text[i - 1], entry[j - 1]):
            i, j = i - 1, j - 1
            if text[i] != entry[j]:
                found.append(Difference(i, text[i], entry[j]))
        elif i and costs[i][j] == costs[i - 1][j] + _GAP:
            i -= 1
            found.append(Difference(i, text[i], ""))
        else:
            j -= 1
            found.append(Difference(i, "", entry[j]))
    return tuple(reversed(found))
