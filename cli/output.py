"""The output formats that all row-producing commands share: text for people, JSON, one object a line, CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

TEXT, JSON, NL, CSV = "text", "json", "nl", "csv"


def output_options(command: Command) -> Command:
    """Add ``--json``, ``--nl`` and ``--csv``; the command gets ``output``: TEXT, JSON, NL or CSV."""
    for name, value, text in (
        ("--csv", CSV, "CSV with a header; nested values as JSON in their cell."),
        ("--nl", NL, "One JSON object a line."),
        ("--json", JSON, "One JSON array."),
    ):
        command = click.option(name, "output", flag_value=value, default=TEXT, help=text)(command)
    return command


def write_rows(rows: Iterable[Mapping[str, Any]], output: str, columns: Sequence[str]) -> int:
    """Write ``rows`` to standard output, each as soon as it comes (text: at the end, aligned); how many there were.

    ``columns`` are CSV's columns and the text table's, in order; JSON has all keys of a row.
    """
    writers = {TEXT: _text, JSON: _json, NL: _nl, CSV: _csv}
    return writers[output](rows, columns)


def _nl(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> int:
    count = 0
    for row in rows:
        click.echo(_dumps(row))
        count += 1
    return count


def _json(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> int:
    count = 0
    try:
        for row in rows:
            click.echo((",\n " if count else "[") + _dumps(row), nl=False)
            count += 1
    finally:
        # What was written before an error or Ctrl-C is whole; the exit status tells that there would be more.
        click.echo("]" if count else "[]")
    return count


def _csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> int:
    click.echo(_csv_line(columns), nl=False)
    count = 0
    for row in rows:
        click.echo(_csv_line([_cell(row.get(column)) for column in columns]), nl=False)
        count += 1
    return count


def _text(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> int:
    lines = [[_plain(row.get(column)) for column in columns] for row in rows]
    if lines:
        click.echo(aligned([list(columns), *lines]))
    return len(lines)


def aligned(lines: Sequence[Sequence[str]]) -> str:
    """Cells as columns, two spaces between them, no blanks at the end of a line."""
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    padded = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
    return "\n".join(line.rstrip() for line in padded)


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _cell(value: Any) -> Any:
    """A CSV cell: nested values as JSON, an unknown value empty."""
    return _dumps(value) if isinstance(value, (dict, list, bool)) else value


def _plain(value: Any) -> str:
    if value is None:
        return "-"
    return _dumps(value) if isinstance(value, (dict, list, bool)) else str(value)


def _csv_line(cells: Sequence[Any]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()
