"""The lines of a hot list file, each checked: entries to be, and refused ones with the reason."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import lru_cache
from typing import NamedTuple

from lpr.errors import HotListError, PlateError
from lpr.hotlist.entry import LONGEST, Entry, parse_entry_plate
from lpr.hotlist.expiry import parse_expiry
from lpr.hotlist.formats import ListFile
from lpr.hotlist.states import fold_state, is_known

# Most files hold plates that need no cleaning; the pattern is ten times faster than the full way.
_CLEAN = re.compile(rf"[A-Z0-9]{{1,{LONGEST}}}")

_NO_EXPIRY = frozenset(("", "-", "NONE", "NEVER", "NONEXP"))  # NONEXP is NCIC's


class Line(NamedTuple):
    """A line that makes an entry. ``expires`` is ISO 8601 UTC; ``details`` is a JSON object of the other columns."""

    line: int
    plate: str
    text: str
    state: str | None
    reason: str
    expires: str | None
    details: str

    def entry(self, list_name: str) -> Entry:
        expires = datetime.fromisoformat(self.expires) if self.expires else None
        details: dict[str, str] = json.loads(self.details)
        return Entry(None, list_name, self.plate, self.text, self.state, self.reason, expires, self.line, details)


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
    expired: int = 0

    def sentences(self) -> tuple[str, ...]:
        found = [
            f"state {state!r} is no US or Canadian code, kept as written ({_lines(count)})"
            for state, count in sorted(self.unknown_states.items())
        ]
        if self.expired:
            found.append(f"{_lines(self.expired)} expired already and will match nothing")
        return tuple(found)


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count:,} lines"


def read_lines(file: ListFile, now: datetime, doubts: Doubts) -> Iterator[Line | Refused]:
    """Every line of an open file, checked, in order; ``doubts`` fills on the way. Goes through the file once."""
    columns = file.layout.columns
    width = len(columns)
    of = {name: index for index, name in enumerate(columns)}
    plate_at, state_at, reason_at, expires_at = (of.get(n) for n in ("plate", "state", "reason", "expires"))
    others = [(n, i) for n, i in of.items() if i not in (plate_at, state_at, reason_at, expires_at)]
    assert plate_at is not None  # ListFile refuses a file without
    fold = lru_cache(maxsize=4096)(fold_state)
    ends = _expiry_reader(now)
    present = now.astimezone(timezone.utc).isoformat(timespec="seconds")

    for number, fields, problem in file.records():
        if problem is not None:
            yield Refused(str(file.path), number, problem, tuple(fields))
            continue
        if len(fields) != width:
            if len(fields) > width and any(f.strip() for f in fields[width:]):
                problem = f"{len(fields)} fields where the header has {width}; put text with commas in quotation marks"
                yield Refused(str(file.path), number, problem, tuple(fields))
                continue
            fields = [*fields[:width], *[""] * (width - len(fields))]
        plate = fields[plate_at].strip()
        try:
            text = plate if _CLEAN.fullmatch(plate) else _plate_text(plate)
            expires = ends(fields[expires_at]) if expires_at is not None else None
        except (PlateError, HotListError) as e:
            yield Refused(str(file.path), number, str(e), tuple(fields))
            continue
        state = fold(fields[state_at]) if state_at is not None else None
        if state is not None and len(state) == 2 and not is_known(state):
            doubts.unknown_states[state] += 1
        if expires is not None and expires <= present:
            doubts.expired += 1
        reason = fields[reason_at].strip() if reason_at is not None else ""
        details = {name: value for name, i in others if (value := fields[i].strip())}
        yield Line(number, plate, text, state, reason, expires, _json(details) if details else "{}")


def _plate_text(plate: str) -> str:
    if not plate:
        raise PlateError("the plate is empty")
    return parse_entry_plate(plate)


def _expiry_reader(now: datetime) -> Callable[[str], str | None]:
    @lru_cache(maxsize=4096)
    def read(written: str) -> str | None:
        if written.strip().upper() in _NO_EXPIRY:
            return None
        return parse_expiry(written, now).isoformat(timespec="seconds")

    return read


def _json(details: dict[str, str]) -> str:
    return json.dumps(details, ensure_ascii=False, sort_keys=True)
