"""Records of a delimited text, CSV above all, with line numbers; a lost quotation mark costs one line, not a list."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator, Sequence

#: Line number, fields, and what is wrong with the record as such, or None.
Record = tuple[int, list[str], "str | None"]

#: A quoted field over more lines than this is taken for a quotation mark that was never closed.
_LONGEST_RECORD = 20
_UNCLOSED = "a quotation mark is missing or misplaced"


def records(lines: Iterator[str], delimiter: str, width: int, number: int) -> Iterator[Record]:
    """Every record that is not blank. ``number`` is the first line's, ``width`` how many fields a record has.

    A quotation mark that is never closed costs only its own line: the lines after it are read again, so that no
    entry vanishes inside a field.
    """
    back: deque[str] = deque()
    blank = f' \t\r\n"{delimiter}'
    while True:
        if back:
            line = back.popleft()
        else:
            try:
                line = next(lines)
            except StopIteration:
                return
        if '"' not in line:
            # What csv.reader would make of it, at a third of the time.
            fields = line.rstrip("\r\n").split(delimiter)
            if line.strip(blank):
                yield number, fields, None
            number += 1
            continue
        taken = _Taken(line, back, lines)
        reader = csv.reader(taken, delimiter=delimiter, strict=True)
        problem = None
        fields = []
        try:
            fields = next(reader, [])
        except (csv.Error, _TooLongError) as e:
            strict = "expected after" in str(e) or "unexpected end" in str(e)
            problem = _UNCLOSED if isinstance(e, _TooLongError) or strict else str(e)
        if problem is None and len(taken.lines) > 1 and _swallowed(taken.lines, delimiter, width):
            problem = _UNCLOSED
        if problem is not None:
            back.extendleft(reversed(taken.lines[1:]))
            yield number, [line.rstrip("\r\n")], problem
            number += 1
        else:
            if '="' in line:
                fields = [_unwrapped(field) for field in fields]
            if any(map(str.strip, fields)):
                yield number, fields, None
            number += len(taken.lines)


def _unwrapped(field: str) -> str:
    """``="0123"`` is how programs tell Excel that a number is a text."""
    return field[2:-1] if field.startswith('="') and field.endswith('"') and len(field) > 2 else field


class _TooLongError(Exception):
    """A record that runs over more lines than any real one."""


class _Taken:
    """The lines of one record, kept so that they can be read again."""

    def __init__(self, first: str, back: deque[str], lines: Iterator[str]) -> None:
        self.lines: list[str] = []
        self._first: str | None = first
        self._back = back
        self._more = lines

    def __iter__(self) -> _Taken:
        return self

    def __next__(self) -> str:
        if len(self.lines) >= _LONGEST_RECORD:
            raise _TooLongError
        if self._first is not None:
            line, self._first = self._first, None
        else:
            line = self._back.popleft() if self._back else next(self._more)
        self.lines.append(line)
        return line


def _swallowed(taken: Sequence[str], delimiter: str, width: int) -> bool:
    """Whether a record over several lines holds one that looks like a record of its own."""
    return any(line.count(delimiter) >= width - 1 for line in taken[1:])
