"""The header of a table: which column holds what."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lpr.errors import HotListError
from lpr.hotlist.format import squeeze

_DELIMITERS = ",;\t|"
_SHOWN = 60
#: A header is looked for in so many lines that are not blank; a cell of it is so many lines long.
_LONGEST_PREAMBLE, _LONGEST_CELL = 15, 5
_PLATE = "licen[sc]e|lic|plates?|plt|tags?|lpn?|lpr|registration|reg|vrm|vrn"
#: For names that no table has: the words that a column may be called by, and one of them that must be there.
_MEANT = {
    "plate": (
        re.compile(f"(?:{_PLATE}|vehicles?|veh|car|auto|numbers?|num|no|nbr|nr|text|txt|value|wanted|suspects?|stolen|"
                   "hot|target|subject|full|us|mark|string)+"),
        re.compile(_PLATE),
    ),
    "state": (
        re.compile(f"(?:{_PLATE}|states?|province|provincial|prov|st|jurisdiction|territory|vehicle|veh|issuing|issued?|"
                   "issuer|of|by|code|cd|abbr|abbrev|abbreviation|or|us)+"),
        re.compile("state|prov|jurisdiction|^st|st$"),
    ),
}  # fmt: skip

Names = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Header:
    """What the header told. ``columns`` are the fields' names here, ``cells`` the file's own; it ends at line ``line``.

    ``skipped`` lines before it are no header: a title, a date.
    """

    line: int
    delimiter: str
    cells: tuple[str, ...]
    columns: tuple[str, ...]
    skipped: int = 0


def find_header(
    path: Path, head: Sequence[str], names: Names, delimiter: str | None, mapped: Mapping[str, str]
) -> Header:
    """The header among the first lines of a text.

    It is the first of them that names the plate and something else: titles and dates may stand before it. Else it is
    the first line that is not blank, which must name the plate. ``mapped`` by numbers (``plate=1``) is for files
    without a header. Raises HotListError when there is none, or it lacks a column of ``mapped``.
    """
    delimiters = delimiter or _DELIMITERS
    rows: list[tuple[int, str, Sequence[str]]] = []
    number = 0
    while number < len(head) and len(rows) < _LONGEST_PREAMBLE:
        line, number = head[number], number + 1
        if line.lower().startswith("sep=") and len(line.strip()) == 5:
            delimiters = line[4]  # Excel's own way to name the delimiter
            continue
        if not line.strip(" \t\r\n,;|"):
            continue
        for more in head[number : number + _LONGEST_CELL]:
            if line.count('"') % 2 == 0:
                break
            line, number = line + more, number + 1  # a line break inside a name
        cut = [(sign, next(csv.reader(line.splitlines(True), delimiter=sign), [])) for sign in delimiters]
        sign, cells = max(cut, key=lambda one: ("plate" in columns_for(one[1], names), len(one[1])))
        rows.append((number, sign, cells))
    return header_of(path, rows, names, mapped)


def header_of(
    path: Path, rows: Sequence[tuple[int, str, Sequence[str]]], names: Names, mapped: Mapping[str, str]
) -> Header:
    """The header among the first rows, each with its number and delimiter; see ``find_header``."""
    if not rows:
        raise HotListError(f"{path}: is empty; its first line must be a header such as plate,state,reason")
    found = [
        Header(number, sign, cells, columns_for(cells, with_map(path, names, mapped)), skipped)
        for skipped, (number, sign, cells) in enumerate(
            (n, s, tuple(" ".join(c.split()) for c in r)) for n, s, r in rows
        )
    ]
    best = next((one for one in found if is_header(one.columns, names, mapped)), found[0])
    if mapped and all(name.isdigit() for name in mapped.values()) and not _has(best.cells, mapped):
        return _numbered(path, max(found, key=lambda one: len(one.cells)), found[0], names, mapped)
    if mapped and not _has(best.cells, mapped):
        with_map(path, names, mapped, max(found, key=lambda one: len(one.cells)).cells)
    if "plate" not in best.columns:
        raise HotListError(
            f"{path}: no column for the plate in the first line ({_shortened(found[0])}); it must be a header such as "
            "plate,state,reason (see: lpr hotlist template); or say which column it is: --map plate=NAME, in a file "
            "without header --map plate=1,state=2"
        )
    return best


def is_header(columns: Sequence[str], names: Names, mapped: Mapping[str, str]) -> bool:
    """Whether a line can be nothing but the header: it names the plate and something else."""
    if "plate" not in columns:
        return False
    return sum(column in names for column in columns) > 1 or (bool(mapped) and set(mapped) <= set(columns))


def _has(cells: Sequence[str], mapped: Mapping[str, str]) -> bool:
    return {squeeze(name) for name in mapped.values()} <= {squeeze(cell) for cell in cells}


def _numbered(path: Path, widest: Header, first: Header, names: Names, mapped: Mapping[str, str]) -> Header:
    """The columns of a file without a header by their numbers, which count from 1; a header is passed over."""
    width = len(widest.cells)
    by_number = {int(number): column for column, number in mapped.items()}
    if not all(1 <= number <= width for number in by_number):
        raise HotListError(f"{path}: has {width} columns; --map counts them from 1")
    columns = tuple(by_number.get(number, f"column {number}") for number in range(1, width + 1))
    is_one = "plate" in columns_for(first.cells, names)
    cells = first.cells if is_one and len(first.cells) == width else columns
    return Header(first.line if is_one else 0, widest.delimiter, cells, columns)


def columns_for(cells: Sequence[str], names: Names) -> tuple[str, ...]:
    """The name here of each cell of a header; cells that are not known keep their own, in small letters.

    Where no cell is called what ``names`` has for the plate or the state, the only one whose words can mean it is it.
    """
    squeezed = [squeeze(cell) for cell in cells]
    found = [cell.strip().lower() or f"column {number}" for number, cell in enumerate(cells, 1)]
    taken: set[int] = set()
    for column, synonyms in names.items():
        for synonym in synonyms:
            if synonym in squeezed and (index := squeezed.index(synonym)) not in taken:
                found[index] = column
                taken.add(index)
                break
    for column, (words, core) in _MEANT.items():
        if column in names and column not in found:
            meant = [
                i for i, name in enumerate(squeezed) if i not in taken and words.fullmatch(name) and core.search(name)
            ]
            if len(meant) == 1:
                found[meant[0]] = column
                taken.add(meant[0])
    # A column that carries a known name without being it, and a name that comes twice, keep their content apart.
    return tuple(
        f"{name} {i + 1}" if i not in taken and (name in found[:i] or name in names) else name
        for i, name in enumerate(found)
    )


def with_map(path: Path, names: Names, mapped: Mapping[str, str], cells: Sequence[str] | None = None) -> Names:
    """``names`` where the columns of ``mapped`` are called as the user says; ``cells`` must then have these names."""
    for column, name in mapped.items():
        if cells is not None and squeeze(name) not in [squeeze(cell) for cell in cells]:
            raise HotListError(f"{path}: has no column {name!r} for the {column}; it has: {', '.join(cells)}")
    own = {column: (squeeze(name),) for column, name in mapped.items()}
    claimed = {squeeze(name) for name in mapped.values()}
    rest = {column: tuple(n for n in known if n not in claimed) for column, known in names.items() if column not in own}
    return {**own, **rest}


def _shortened(header: Header) -> str:
    line = header.delimiter.join(header.cells)
    return line if len(line) <= _SHOWN else line[: _SHOWN - 3] + "…"
