"""Two texts of nearly one length laid side by side: where they differ, and where one has a character more."""

from __future__ import annotations


def one_gap(a: str, b: str) -> int | None:
    """Where the longer of two texts has its only character more; None when they differ otherwise."""
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    if len(longer) != len(shorter) + 1:
        return None
    for i, c in enumerate(shorter):
        if longer[i] != c:
            return i if longer[i + 1 :] == shorter[i:] else None
    return len(shorter)


def against(text: str, best: str) -> tuple[int | None, list[int]]:
    """Where a candidate differs from the best text: the gap of the best in which it has one more, and the places.

    Their lengths differ by one at most. Of the two ways to lay them side by side that leave the common beginning or the
    common end alone, the one with fewer differences.
    """
    longer = len(text) - len(best)
    if not longer:
        return None, [i for i, (c, d) in enumerate(zip(text, best, strict=True)) if c != d]
    shorter = min(len(text), len(best))
    head = next((i for i in range(shorter) if text[i] != best[i]), shorter)
    tail = next((i for i in range(shorter) if text[-1 - i] != best[-1 - i]), shorter)
    ways: list[tuple[int | None, list[int]]] = []
    for at in {min(head, shorter), max(0, shorter - tail)}:
        if longer > 0:
            ways.append((at, [i for i, d in enumerate(best) if text[i + (i >= at)] != d]))
        else:
            ways.append((None, [at, *(i + (i >= at) for i, c in enumerate(text) if best[i + (i >= at)] != c)]))
    return min(ways, key=lambda way: len(way[1]))


def one_apart(a: str, b: str) -> bool:
    """Whether two texts (O as 0) are one substitution, insertion or deletion apart."""
    if len(a) == len(b):
        return sum(c != d for c, d in zip(a, b, strict=True)) == 1
    return one_gap(a, b) is not None
