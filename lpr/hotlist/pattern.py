"""Partial plates: patterns with ``?`` for one character and ``*`` for any number, and those that a text fits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter

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
    """Partial entries, filed by their literals, so that a text is compared only with those that it has in common.

    A pattern's literals before its first ``*`` stand at places counted from the start, those after its last one at
    places counted from the end. Patterns with literals at the same places are filed together, by what these are: there
    are few such places, however many patterns.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._filed: dict[_Places, dict[Literals, list[Entry]]] = {}
        self._others: list[tuple[str, Entry]] = []
        for entry in entries:
            pattern = folded(entry.text)
            places = _places(pattern)
            if places.at:
                literals = places.of(pattern)
                self._filed.setdefault(places, {}).setdefault(literals, []).append(entry)
            else:
                self._others.append((_longest_run(pattern), entry))

    def __bool__(self) -> bool:
        return bool(self._filed or self._others)

    def find(self, text: str) -> Iterator[Entry]:
        """The entries whose pattern the normalized ``text`` fits."""
        seen = look_alike_key(text)
        for places, filed in self._filed.items():
            if places.fit(len(seen)):
                yield from _fitting(filed.get(places.of(seen), ()), seen)
        yield from _fitting([entry for run, entry in self._others if run in seen], seen)


#: The characters at some places: one alone, or several.
Literals = str | tuple[str, ...]


@dataclass(frozen=True)
class _Places:
    """Where patterns have literals: ``at``, negative from the end. ``least`` characters a text must have, ``exact``ly
    where there is no ``*``."""

    at: tuple[int, ...]
    least: int
    exact: bool

    def fit(self, length: int) -> bool:
        return length == self.least if self.exact else length >= self.least

    def of(self, text: str) -> Literals:
        literals: Literals = itemgetter(*self.at)(text)
        return literals


def _fitting(entries: Iterable[Entry], seen: str) -> Iterator[Entry]:
    for entry in entries:
        if _fit(seen, folded(entry.text), 0, 0) is not None:
            yield entry


def _places(pattern: str) -> _Places:
    wild = (ANY_ONE, ANY_NUMBER)
    least = len(pattern.replace(ANY_NUMBER, ""))
    head = pattern.partition(ANY_NUMBER)[0]
    at = [i for i, c in enumerate(head) if c not in wild]
    if ANY_NUMBER not in pattern:
        return _Places(tuple(at), least, exact=True)
    tail = pattern.rpartition(ANY_NUMBER)[2]
    at += [i - len(tail) for i, c in enumerate(tail) if c not in wild]
    return _Places(tuple(at), least, exact=False)


def _longest_run(pattern: str) -> str:
    """The longest piece of a pattern without wildcards: a text that fits has it."""
    return max(pattern.replace(ANY_NUMBER, ANY_ONE).split(ANY_ONE), key=len)
