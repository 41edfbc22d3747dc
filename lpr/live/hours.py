"""The hours in which a camera is watched."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, tzinfo

from lpr.errors import CameraError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"(?:([a-z]{3})(?:-([a-z]{3}))?\s+)?(\d\d?):(\d\d)-(\d\d?):(\d\d)", re.IGNORECASE)


@dataclass(frozen=True)
class Span:
    """A span of each of some days (0 is Monday). When it ends before it begins, it ends on the next day."""

    days: frozenset[int]
    begin: time
    end: time

    def holds(self, moment: datetime) -> bool:
        day, now = moment.weekday(), moment.time()
        if self.begin < self.end:
            return day in self.days and self.begin <= now < self.end
        return (day in self.days and now >= self.begin) or ((day - 1) % 7 in self.days and now < self.end)


@dataclass(frozen=True)
class Hours:
    """When a camera is watched: in any of ``spans``, by the clock of ``zone``, None for the machine's own.

    Without spans it is watched at all times.
    """

    spans: tuple[Span, ...] = ()
    zone: tzinfo | None = None

    def hold(self, moment: datetime) -> bool:
        """Whether the camera is watched at ``moment`` (aware)."""
        return not self.spans or any(span.holds(moment.astimezone(self.zone)) for span in self.spans)


ALWAYS = Hours()


def parse_hours(written: Sequence[str], zone: str | None = None) -> Hours:
    """Hours as people write them: ``06:00-22:00``, ``mon-fri 06:00-20:00``, ``sat 22:00-06:00`` (over midnight).

    ``zone`` is a name such as ``America/Chicago``. Raises CameraError.
    """
    return Hours(tuple(_span(text) for text in written), None if zone is None else _zone(zone))


def _zone(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise CameraError(f"there is no time zone {name!r}; write for example America/Chicago or UTC") from error


def _span(text: str) -> Span:
    match = _SPAN.fullmatch(text.strip())
    wrong = CameraError(f"{text!r} are no hours; write 06:00-22:00, or mon-fri 06:00-22:00")
    if match is None:
        raise wrong
    first, last, *clock = match.groups()
    hour, minute, end_hour, end_minute = map(int, clock)
    if first is None:
        days = frozenset(range(7))
    else:
        names = (first.lower(), (last or first).lower())
        if any(name not in DAYS for name in names):
            raise wrong
        begin, end = (DAYS.index(name) for name in names)
        days = frozenset((begin + i) % 7 for i in range((end - begin) % 7 + 1))
    try:
        # 24:00 is the midnight at the end of the day.
        return Span(
            days, time(hour, minute), time(0) if (end_hour, end_minute) == (24, 0) else time(end_hour, end_minute)
        )
    except ValueError as error:
        raise wrong from error
