"""The lines of a hot list file, each checked: entries to be, and refused ones with the reason."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import lru_cache
from json.encoder import encode_basestring
from typing import NamedTuple

from lpr.errors import HotListError, PlateError
from lpr.hotlist.entry import LONGEST, Entry
from lpr.hotlist.expiry import is_never, parse_expiry, parse_start
from lpr.hotlist.listfile import ListFile
from lpr.hotlist.states import fold_state, is_known
from lpr.hotlist.written import parse_listed, twin_of

# Most files hold plates that need no cleaning; the pattern is ten times faster than the full way.
_CLEAN = re.compile(rf"[A-Z0-9]{{1,{LONGEST}}}").fullmatch

#: What Excel makes of a plate such as MAR12 or 1DEC: the plate itself is gone.
_EXCEL_DATE = re.compile(
    r"\d{4}-\d\d-\d\d([T ].*)?|\d{1,2}-(MMM)(-\d\d)?|(MMM)-\d\d".replace(
        "MMM", "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
    )
).fullmatch

_OWN = ("plate", "state", "reason", "effective", "expires", "action")


class Line(NamedTuple):
    """A line that makes an entry, or, where it ``removes``, ends one.

    ``expires`` and ``effective`` are ISO 8601 UTC; ``details`` is a JSON object of the other columns.
    """

    line: int
    plate: str
    text: str
    partial: bool
    state: str | None
    reason: str
    expires: str | None
    effective: str | None
    details: str
    removes: bool

    def entry(self, list_name: str) -> Entry:
        expires, effective = (datetime.fromisoformat(t) if t else None for t in (self.expires, self.effective))
        details: dict[str, str] = json.loads(self.details)
        return Entry(
            None, list_name, self.plate, self.text, self.state, self.reason, expires, self.line, details, effective,
            self.partial,
        )  # fmt: skip


@dataclass(frozen=True)
class Refused:
    """A line that makes no entry. ``fields`` are as in the file; a line that is no record has one, the whole line."""

    file: str
    line: int
    problem: str
    fields: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.problem}"


@dataclass
class Doubts:
    """What is odd about a file's lines without being wrong: counted while they are read."""

    unknown_states: Counter[str] = field(default_factory=Counter)
    twins: Counter[str] = field(default_factory=Counter)
    expired: int = 0

    def sentences(self) -> tuple[str, ...]:
        found = [
            f"state {state!r} is no US or Canadian code, kept as written ({_lines(count)})"
            for state, count in sorted(self.unknown_states.items())
        ]
        found += [
            f"{state} issues both letter O and zero: {_lines(count)} may stand for two vehicles; verify the plate"
            for state, count in sorted(self.twins.items())
        ]
        if self.expired:
            found.append(f"{_lines(self.expired)} expired already and will match nothing")
        return tuple(found)


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count:,} lines"


def read_lines(
    file: ListFile, now: datetime, doubts: Doubts, defaults: Mapping[str, str] | None = None
) -> Iterator[Line | Refused]:
    """Every line of an open file, checked, in order; ``doubts`` fills on the way. Goes through the file once.

    ``defaults`` are the reason and the state of lines that say none.
    """
    layout, columns = file.format, file.columns
    width = len(columns)
    of = {name: index for index, name in enumerate(columns)}
    plate_at, state_at, reason_at, expires_at, effective_at, action_at = (
        of.get(n) for n in ("plate", "state", "reason", "expires", "effective", "action")
    )
    assert plate_at is not None  # ListFile refuses a file without
    constants = {**(defaults or {}), **layout.constants}
    fold = lru_cache(maxsize=4096)(fold_state)
    ends, begins = _time_reader(parse_expiry, now), _time_reader(parse_start, now)
    present = now.astimezone(timezone.utc).isoformat(timespec="seconds")
    meanings = {column: _meaning(table) for column, table in layout.codes.items()}
    default_state = fold_state(constants.get("state"))
    default_reason = constants.get("reason", "")
    reason_codes, reason_meaning = meanings.pop("reason_code", None), meanings.pop("reason", None)
    details_of = _details_writer(columns, layout.derived, meanings)
    code_at = of.get("reason_code")
    derived_code = layout.derived.get("reason_code")
    path = str(file.path)

    for number, fields, problem in file.records():
        if problem is not None:
            yield Refused(path, number, problem, tuple(fields))
            continue
        if len(fields) != width:
            if len(fields) > width and any(f.strip() for f in fields[width:]):
                problem = f"{len(fields)} fields where the header has {width}; put text with commas in quotation marks"
                yield Refused(path, number, problem, tuple(fields))
                continue
            fields = [*fields[:width], *[""] * (width - len(fields))]
        plate = fields[plate_at].strip()
        partial = False
        try:
            if _CLEAN(plate):
                text = plate
            elif _EXCEL_DATE(plate):
                raise PlateError(f"{plate!r} is a date, which Excel made of a plate; write the plate as text")
            else:
                text, partial = parse_listed(plate)
            expires = ends(fields[expires_at]) if expires_at is not None else None
            effective = begins(fields[effective_at]) if effective_at is not None else None
        except (PlateError, HotListError) as e:
            yield Refused(path, number, str(e), tuple(fields))
            continue
        state = fold(fields[state_at]) if state_at is not None else None
        if state is None:
            state = default_state
        if state is not None:
            if len(state) == 2 and not is_known(state):
                doubts.unknown_states[state] += 1
            elif twin_of(text, state) is not None:
                doubts.twins[state] += 1
        if expires is not None and expires <= present:
            doubts.expired += 1
        reason = fields[reason_at].strip() if reason_at is not None else ""
        if reason_meaning is not None:
            reason = reason_meaning(reason)
        if not reason and reason_codes is not None:
            if code_at is not None:
                reason = reason_codes(fields[code_at].strip())
            elif derived_code is not None:
                name, start, end = derived_code
                reason = reason_codes(fields[of[name]].strip()[start:end])
        removes = action_at is not None and fields[action_at].strip().upper() in layout.remove
        yield Line(
            number,
            plate,
            text,
            partial,
            state,
            reason or default_reason,
            expires,
            effective,
            details_of(fields),
            removes,
        )


def _details_writer(
    columns: tuple[str, ...],
    derived: Mapping[str, tuple[str, int, int]],
    meanings: Mapping[str, Callable[[str], str]],
) -> Callable[[list[str]], str]:
    """Makes the JSON object of all columns that are not the entry's own, names sorted, without what is empty.

    Three times as fast as json.dumps, which would cost more than everything else that happens to a line.
    """
    places: list[tuple[str, int, slice, Callable[[str], str] | None]] = [
        (name, index, slice(None), meanings.get(name)) for index, name in enumerate(columns) if name not in _OWN
    ]
    for name, (of, start, end) in derived.items():
        places.append((name, columns.index(of), slice(start, end), meanings.get(name)))
    whole = slice(None)
    prepared = [
        (f"{encode_basestring(name)}: ", index, None if cut == whole else cut, meaning)
        for name, index, cut, meaning in sorted(places, key=lambda place: place[0])
    ]

    def write(fields: list[str]) -> str:
        said = []
        for label, index, cut, meaning in prepared:
            value = fields[index].strip()
            if cut is not None:
                value = value[cut]
            if value:
                said.append(label + encode_basestring(meaning(value) if meaning is not None else value))
        return "{" + ", ".join(said) + "}" if said else "{}"

    return write


def _meaning(table: Mapping[str, str]) -> Callable[[str], str]:
    """What a code means: looked up as it is, with zeros as the letter O, and each side of a slash by itself."""

    def of(code: str) -> str:
        known = code.upper()
        return table.get(known) or table.get(known.replace("0", "O")) or code

    @lru_cache(maxsize=4096)
    def read(written: str) -> str:
        found = of(written)
        if found != written or "/" not in written:
            return found
        parts = [of(part.strip()) for part in written.split("/")]
        return "/".join(dict.fromkeys(part for part in parts if part))

    return read


def _time_reader(parse: Callable[[str, datetime], datetime], now: datetime) -> Callable[[str], str | None]:
    @lru_cache(maxsize=4096)
    def read(written: str) -> str | None:
        if not written.strip() or is_never(written):
            return None
        return parse(written, now).isoformat(timespec="seconds")

    return read
