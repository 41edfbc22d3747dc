"""The header of a table: which column holds what."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lpr.errors import HotListError
from lpr.hotlist.format import squeeze

_DELIMITERS = ",;\t|"
_SHOWN = 60

Names = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Header:
    """What the header told. ``columns`` are the fields' names here, ``cells`` the file's own; it is line ``line``."""

    line: int
    delimiter: str
    cells: tuple[str, ...]
    columns: tuple[str, ...]


def find_header(
    path: Path, lines: Iterator[str], names: Names, delimiter: str | None, mapped: Mapping[str, str]
) -> Header:
    """Reads on to the first line that is not blank, which must be the header.

    Raises HotListError when it is none, or lacks a column of ``mapped``.
    """
    delimiters = delimiter or _DELIMITERS
    header, line = "", 0
    for line, header in enumerate(lines, 1):  # noqa: B007 - the header's line, after the loop
        if header.lower().startswith("sep=") and len(header.strip()) == 5:
            delimiters = header[4]  # Excel's own way to name the delimiter
        elif header.strip(" \t\r\n,;|"):
            break
    else:
        raise HotListError(f"{path}: is empty; its first line must be a header such as plate,state,reason")
    found: list[Header] = []
    for sign in delimiters:
        cells = tuple(c.strip() for c in next(csv.reader([header], delimiter=sign), []))
        found.append(Header(line, sign, cells, columns_for(cells, names)))
    if mapped:
        with_map(path, names, mapped, max(found, key=lambda one: len(one.cells)).cells)
    found = [one for one in found if "plate" in one.columns]
    if not found:
        raise HotListError(
            f"{path}: no column for the plate in the first line ({_shortened(header)}); it must be a header "
            "such as plate,state,reason (see: lpr hotlist template), or name it: --map plate=NAME"
        )
    return max(found, key=lambda one: len(one.cells))


def columns_for(cells: Sequence[str], names: Names) -> tuple[str, ...]:
    """The name here of each cell of a header; cells that are not known keep their own, in small letters."""
    squeezed = [squeeze(cell) for cell in cells]
    found = [cell.strip().lower() or f"column {number}" for number, cell in enumerate(cells, 1)]
    taken: set[int] = set()
    for column, synonyms in names.items():
        for synonym in synonyms:
            if synonym in squeezed and (index := squeezed.index(synonym)) not in taken:
                found[index] = column
                taken.add(index)
                break
    # A column that carries a known name without being it, and a name that comes twice, keep their content apart.
    return tuple(
        f"{name} {i + 1}" if name in found[:i] or (name in names and i not in taken) else name
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


def _shortened(line: str) -> str:
    line = line.strip()
    return line if len(line) <= _SHOWN else line[: _SHOWN - 3] + "…"
