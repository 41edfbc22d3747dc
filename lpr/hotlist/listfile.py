"""A hot list file that is open for reading: its format found, its lines as fields with names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from itertools import chain, islice
from pathlib import Path
from types import TracebackType

from lpr.errors import HotListError
from lpr.hotlist.format import Format, columns_of, find_format, shipped_formats
from lpr.hotlist.header import Header, columns_for, find_header, header_of, with_map
from lpr.hotlist.jsonfile import read_json
from lpr.hotlist.source import BROKEN, open_source
from lpr.hotlist.table import Record, records
from lpr.hotlist.workbook import read_workbook

AUTO = "auto"
#: So many lines are looked at to find out a format; of these, this share must look like it.
_LOOKED_AT = 50
_SHARE = 0.8


class ListFile:
    """A hot list file; use it with ``with``, and go through ``records`` once.

    ``columns`` are the names of a record's fields, ``header`` what the file calls them. ``dated_at`` (aware, UTC) is
    the date that the file gives itself, or else when it was changed. ``shortfall`` says, after all records have been
    read, in which way the file fails its own count, None when it does not. ``skipped`` lines stand before the header.
    Raises HotListError when the file cannot be read, is empty, is no list, or has no column for the plate.
    """

    def __init__(self, path: Path, format_name: str = AUTO, mapped: Mapping[str, str] | None = None) -> None:
        self.path = path
        chosen = None if format_name == AUTO else find_format(format_name)
        self._source = open_source(path)
        self.sha256 = self._source.sha256
        self.dated_at = self._source.changed_at
        self.shortfall: str | None = None
        self.skipped = 0
        self._records: Iterator[Record]
        self._width = 0
        try:
            if self._source.encoding is None:
                self._open_workbook(chosen or find_format("generic"), mapped or {})
            else:
                self._open_text(chosen, mapped or {})
        except BROKEN as e:
            self._source.stream.close()
            raise self._broken(e) from e
        except BaseException:
            self._source.stream.close()
            raise

    def __enter__(self) -> ListFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self._source.stream.close()

    def records(self) -> Iterator[Record]:
        """Every line that is neither header, footer nor blank."""
        try:
            yield from self._records
        except BROKEN as e:
            raise self._broken(e) from e

    def _broken(self, error: Exception) -> HotListError:
        said = error.reason if isinstance(error, UnicodeDecodeError) else error
        return HotListError(f"{self.path}: breaks off or is damaged ({said}); get the file again")

    def _open_workbook(self, format_: Format, mapped: Mapping[str, str]) -> None:
        if format_.kind != "table":
            raise HotListError(f"{self.path}: is an Excel workbook, which format {format_.name} cannot be")
        rows = read_workbook(self.path, self._source.stream, format_.names)
        head = list(islice(rows, _LOOKED_AT))
        header = header_of(self.path, [(number, "", row) for number, row, _ in head], format_.names, mapped)
        self._headed(format_, header)
        self._records = chain((row for row in head if row[0] > header.line), rows)

    def _open_text(self, chosen: Format | None, mapped: Mapping[str, str]) -> None:
        lines: Iterator[str] = self._source.text()
        head = list(islice(lines, _LOOKED_AT))
        lines = chain(head, lines)
        format_ = chosen or _detect(head, bool(mapped))
        if format_.kind == "json":
            keys, found = read_json(self.path, "".join(lines), format_.records)
            self._named(format_, keys, mapped)
            self._records = iter(found)
        elif format_.kind == "table":
            header = find_header(self.path, head, format_.names, format_.delimiter, mapped)
            self._headed(format_, header)
            lines = islice(lines, header.line, None)
            self._records = records(lines, header.delimiter, len(header.columns), header.line + 1)
        else:
            if mapped:
                raise HotListError(f"{self.path}: format {format_.name} has no header, which --map would need")
            self.format, self.columns = format_, columns_of(format_)
            self.header = self.columns
            first = next((line.rstrip("\r\n") for line in head if line.strip()), "")
            if format_.header is not None and _is_header(format_, first):
                self._date(first)
            self._records = self._framed(lines)

    def _headed(self, format_: Format, header: Header) -> None:
        self.format, self.header, self.columns = format_, header.cells, header.columns
        self.skipped = header.skipped

    def _named(self, format_: Format, cells: Sequence[str], mapped: Mapping[str, str]) -> None:
        names = with_map(self.path, format_.names, mapped, cells)
        self.format, self.header, self.columns = format_, tuple(cells), columns_for(cells, names)
        if "plate" not in self.columns:
            raise HotListError(
                f"{self.path}: no column for the plate among {', '.join(cells) or 'none'}; name it: --map plate=NAME"
            )

    def _framed(self, lines: Iterator[str]) -> Iterator[Record]:
        """The records of a format without column names; header and footer are taken from around them."""
        format_, split = self.format, _splitter(self.format)
        header, footer = format_.header, format_.footer
        first = True
        count, told = 0, False
        for number, raw in enumerate(lines, 1):
            line = raw.rstrip("\r\n")
            if not line.strip():
                continue
            if first and header is not None:
                first = False
                if _is_header(format_, line):
                    continue
                if header.required:
                    self.shortfall = "its first line is not the header that this format has"
            if footer is not None and (ended := footer.pattern.match(line)):
                told = True
                if int(ended["count"]) != count:
                    self.shortfall = f"its last line counts {int(ended['count']):,} records, but it has {count:,}"
                continue
            if any(pattern.search(line) for pattern in format_.skip):
                continue
            count += 1
            fields = split(line)
            if fields is None:
                yield number, [line], f"is no line of the format {format_.name}"
            else:
                yield number, fields, None
        if footer is not None and footer.required and not told:
            self.shortfall = "the last line, which counts its records, is missing: the file breaks off"

    def _date(self, line: str) -> None:
        assert self.format.header is not None
        found = self.format.header.pattern.match(line)
        if found is None or self.format.header.date is None or "date" not in found.groupdict():
            return
        try:
            self.dated_at = datetime.strptime(found["date"], self.format.header.date).astimezone(timezone.utc)
        except ValueError as e:
            raise HotListError(f"{self.path}: its date {found['date']!r} is none ({e}); get the file again") from e


def _is_header(format_: Format, line: str) -> bool:
    assert format_.header is not None
    if not format_.header.pattern.match(line):
        return False
    # A header without a pattern is any line that does not look like a record.
    return format_.header.pattern.pattern != ".*" or format_.detect is None or not format_.detect.match(line)


def _splitter(format_: Format) -> Callable[[str], list[str] | None]:
    if format_.kind == "fixed":
        slices = [slice(a, b) for a, b in format_.slices.values()]
        return lambda line: [line[s] for s in slices]
    if format_.kind == "pattern":
        columns = columns_of(format_)
        return lambda line: _fitted(format_.patterns, columns, line)
    width, delimiter, rest = len(format_.order), format_.delimiter or ",", format_.rest

    def split(line: str) -> list[str] | None:
        fields = [field.strip().strip('"') for field in line.split(delimiter, width - 1 if rest else -1)]
        return fields if len(fields) == width else None

    return split


def _fitted(patterns: Sequence[re.Pattern[str]], columns: Sequence[str], line: str) -> list[str] | None:
    for pattern in patterns:
        if found := pattern.match(line):
            groups = found.groupdict()
            return [groups.get(column) or "" for column in columns]
    return None


def _detect(head: Sequence[str], mapped: bool) -> Format:
    """The format that the first lines look like; a table with a header when they look like none."""
    lines = [line.rstrip("\r\n") for line in head if line.strip()]
    if lines and lines[0].lstrip("\ufeff \t")[:1] in ("{", "["):
        return find_format("nj-snap" if '"POIs"' in "".join(lines) else "json")
    for format_ in shipped_formats() if not mapped else ():
        if format_.detect is not None and lines and _looks_like(format_, format_.detect, lines):
            return format_
    return find_format("generic")


def _looks_like(format_: Format, detect: re.Pattern[str], lines: Sequence[str]) -> bool:
    if format_.kind == "table":
        return detect.match(lines[0]) is not None
    body = list(lines)
    if format_.header is not None and _is_header(format_, body[0]):
        body = body[1:]
    elif format_.header is not None and format_.header.required:
        return False
    if format_.footer is not None:
        body = [line for line in body if not format_.footer.pattern.match(line)]
    fitting = sum(detect.match(line) is not None for line in body)
    return bool(body) and fitting >= _SHARE * len(body)
