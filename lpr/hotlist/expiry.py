"""When an entry begins and ends: what people and files write, as a moment in UTC."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta, timezone

from lpr.errors import HotListError

_SPAN = re.compile(r"(\d+) *(m|min|minutes?|h|hours?|d|days?|w|weeks?)", re.IGNORECASE)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
# ISO, NCIC's YYYYMMDD, and the two ways of US agencies; a day alone ends with that day.
_DAYS = ("%Y-%m-%d", "%Y%m%d", "%m/%d/%Y", "%m-%d-%Y")
_MOMENTS = ("%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M %p", "%m/%d/%Y %I:%M:%S %p")


def parse_expiry(written: str, now: datetime) -> datetime:
    """The moment (aware, UTC) that ``72h``, ``3d``, ``2026-12-31`` or ``12/31/2026 18:00`` mean.

    Spans count from ``now``. A time without a zone is the machine's local time.
    Raises HotListError for anything else.
    """
    try:
        return _after(written, now, ends=True)
    except (ValueError, OverflowError) as e:
        raise HotListError(f"{written!r} is no expiry; write 72h, 3d, 2026-12-31 or 2026-12-31T18:00") from e


def parse_start(written: str, now: datetime) -> datetime:
    """The moment from which an entry counts, written like an expiry; a day begins with that day."""
    try:
        return _after(written, now, ends=False)
    except (ValueError, OverflowError) as e:
        raise HotListError(f"{written!r} is no time to begin; write 2026-12-31 or 2026-12-31T18:00") from e


def _after(written: str, now: datetime, ends: bool) -> datetime:
    """A span from ``now``, or a moment; of a mere day its end or its beginning. Raises ValueError, OverflowError."""
    text = written.strip()
    if (span := _span(text)) is not None:
        return now.astimezone(timezone.utc) + span
    return _moment(text, ends=ends).astimezone(timezone.utc)


def parse_span(written: str) -> timedelta:
    """How long ``30d``, ``12h`` or ``2w`` are. Raises HotListError for anything else."""
    try:
        span = _span(written.strip())
    except OverflowError:
        span = None
    if span is None:
        raise HotListError(f"{written!r} is no span of time; write 12h, 30d or 2w")
    return span


def _span(text: str) -> timedelta | None:
    found = _SPAN.fullmatch(text)
    return timedelta(**{_UNITS[found[2][0].lower()]: int(found[1])}) if found else None


def _moment(text: str, ends: bool) -> datetime:
    for day in _DAYS:
        try:
            date = datetime.strptime(text, day).date()
        except ValueError:
            continue
        return datetime.combine(date + timedelta(days=1) if ends else date, time())
    for moment in _MOMENTS:
        try:
            return datetime.strptime(text, moment)
        except ValueError:
            continue
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
