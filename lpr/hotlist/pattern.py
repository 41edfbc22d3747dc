"""Partial plates: patterns with ``?`` for one character and ``*`` for any number, and those that a text fits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from lpr.hotlist.entry import Entry
from lpr.normalize import look_alike_key, normalize

ANY_ONE, ANY_NUMBER = "?", "*"


def pattern_of(plate: str) -> str:
    """The pattern that a partial plate as written makes: its wildcards kept, everything else normalized."""
    return "".join(c if c in (ANY_ONE, ANY_NUMBER) else normalize(c) for c in plate)


@lru_cache(maxsize=65536)
def folded(pattern: str) -> str:
    """A pattern with its literal characters as their class's first, as ``look_alike_key`` does."""
    return look_alike_key(pattern)


def aligned(text: str, pattern: str) -> tuple[int, ...] | None:
    """For each character of ``text`` the index of the one of ``pattern`` that it stands for; None: it does not fit.

    Literals fit their look-alikes. A ``*`` takes as few characters as will do.
    """
    return _fit(look_alike_key(text), folded(pattern), 0, 0)


def _fit(text: str, pattern: str, i: int, j: int) -> tuple[int, ...] | None:
    if j == len(pattern):
        return () if i == len(text) else None
    if pattern[j] == ANY_NUMBER:
        for taken in range(len(text) - i + 1):
            rest = _fit(text, pattern, i + taken, j + 1)
            if rest is not None:
                return (j,) * taken + rest
        return None
    if i == len(text) or pattern[j] not in (ANY_ONE, text[i]):
        return None
    rest = _fit(text, pattern, i + 1, j + 1)
    return None if rest is None else (j, *rest)


class Patterns:
    """Partial entries, filed under one of their literals, so that a text is compared with few of them."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._filed: dict[tuple[int, int, str], list[Entry]] = {}
        self._others: list[Entry] = []
        for entry in entries:
            place = _place(folded(entry.text))
            if place is None:
                self._others.append(entry)
            else:
                self._filed.setdefault(place, []).append(entry)

    def __bool__(self) -> bool:
        return bool(self._filed or self._others)

    def find(self, text: str) -> Iterator[Entry]:
        """The entries whose pattern the normalized ``text`` fits."""
        seen = look_alike_key(text)
        last = len(seen)
        for length in (last, -1):
            for i, c in enumerate(seen):
                yield from self._fitting(self._filed.get((length, i, c)), seen)
        for i, c in enumerate(reversed(seen)):
            yield from self._fitting(self._filed.get((-2, i, c)), seen)
        yield from self._fitting(self._others, seen)

    @staticmethod
    def _fitting(entries: list[Entry] | None, seen: str) -> Iterator[Entry]:
        for entry in entries or ():
            if _fit(seen, folded(entry.text), 0, 0) is not None:
                yield entry


def _place(pattern: str) -> tuple[int, int, str] | None:
    """Where a pattern is filed: (length of the texts, place, literal); -1: any length, -2: place from the end."""
    if ANY_NUMBER not in pattern:
        found = next(((i, c) for i, c in enumerate(pattern) if c != ANY_ONE), None)
        return None if found is None else (len(pattern), *found)
    head = pattern[: pattern.index(ANY_NUMBER)]
    for i, c in enumerate(head):
        if c != ANY_ONE:
            return -1, i, c
    tail = pattern[pattern.rindex(ANY_NUMBER) + 1 :]
    for i, c in enumerate(reversed(tail)):
        if c != ANY_ONE:
            return -2, i, c
    return None
