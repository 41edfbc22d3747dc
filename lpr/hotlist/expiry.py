"""When an entry ends: what people and files write, as a moment in UTC."""

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
    text = written.strip()
    span = _SPAN.fullmatch(text)
    try:
        if span:
            return now.astimezone(timezone.utc) + timedelta(**{_UNITS[span[2][0].lower()]: int(span[1])})
        return _moment(text).astimezone(timezone.utc)
    except (ValueError, OverflowError) as e:
        raise HotListError(f"{written!r} is no expiry; write 72h, 3d, 2026-12-31 or 2026-12-31T18:00") from e


def _moment(text: str) -> datetime:
    for day in _DAYS:
        try:
            date = datetime.strptime(text, day).date()
        except ValueError:
            continue
        return datetime.combine(date + timedelta(days=1), time())
    for moment in _MOMENTS:
        try:
            return datetime.strptime(text, moment)
        except ValueError:
            continue
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
