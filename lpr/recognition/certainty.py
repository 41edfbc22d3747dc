"""How certain each character of a text is, in the light of the other texts that it may be."""

from __future__ import annotations

from collections.abc import Sequence

from lpr.plates import Candidate, Character


def characters_of(text: str, candidates: Sequence[Candidate]) -> tuple[Character, ...]:
    """The characters of ``text``, each with the share of the candidates' probability that confirms it there.

    That is the character's posterior marginal, as far as the candidates tell: texts outside of them are taken to
    agree and to disagree as those inside do. ``text`` is one of the candidates.
    """
    total = sum(c.probability for c in candidates)
    if total <= 0.0:
        return tuple(Character(c, 0.0) for c in text)
    agreeing = [0.0] * len(text)
    for candidate in candidates:
        for position in agreeing_positions(text, candidate.text):
            agreeing[position] += candidate.probability
    return tuple(Character(c, min(1.0, share / total)) for c, share in zip(text, agreeing, strict=True))


def agreeing_positions(text: str, other: str) -> list[int]:
    """The positions of ``text`` that ``other`` confirms, when the two are aligned with the fewest edits.

    A substituted or missing character makes its own position differ, not those after it. One too many makes the
    position before it differ, in front of all the first: that nothing more stands there is in doubt as well.
    """
    if len(text) == len(other) and sum(a != b for a, b in zip(text, other, strict=True)) <= 2:
        # One or two substitutions: no alignment is shorter than place by place, or clearer.
        return [i for i, (a, b) in enumerate(zip(text, other, strict=True)) if a == b]
    table = _edits(text, other)
    i, j, positions = len(text), len(other), []
    inserted = set[int]()
    while i and j:
        if text[i - 1] == other[j - 1] and table[i][j] == table[i - 1][j - 1]:
            i, j = i - 1, j - 1
            positions.append(i)
        elif table[i][j] == table[i - 1][j - 1] + 1:
            i, j = i - 1, j - 1
        elif table[i][j] == table[i - 1][j] + 1:
            i -= 1
        else:
            inserted.add(max(0, i - 1))
            j -= 1
    if j:
        inserted.add(0)
    return [position for position in positions[::-1] if position not in inserted]


def distance(text: str, other: str) -> int:
    """The fewest insertions, deletions and substitutions that make ``text`` of ``other`` (Levenshtein)."""
    return _edits(text, other)[-1][-1]


def _edits(text: str, other: str) -> list[list[int]]:
    table = [list(range(len(other) + 1))]
    for i, a in enumerate(text, 1):
        above = table[-1]
        row = [i]
        for j, b in enumerate(other, 1):
            row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a != b)))
        table.append(row)
    return table
