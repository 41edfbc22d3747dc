"""When an entry begins and ends: what people and files write, as a moment in UTC."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from lpr.errors import HotListError
from lpr.hotlist.moment import read_moment

_SPAN = re.compile(r"(\d+) *(m|min|minutes?|h|hours?|d|days?|w|weeks?)", re.IGNORECASE)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
#: What files write where there is no such time, in capital letters; NONEXP is NCIC's.
_NEVER = frozenset(
    (
        *(
            "",
            "-",
            "--",
            "?",
            "N/A",
            "NA",
            "NIL",
            "NONE",
            "NULL",
            "NAN",
            "NAT",
            "UNK",
            "UNKNOWN",
            "TBD",
            "NEVER",
            "UFN",
        ),
        *("NONEXP", "NON-EXP", "NON EXPIRING", "NO EXP", "NO EXPIRY", "NO EXPIRATION", "NO EXPIRATION DATE", "INDEF"),
        *("INDEFINITE", "INDEFINITELY", "PERMANENT", "OPEN", "OPEN ENDED", "DOES NOT EXPIRE", "UNTIL CANCELLED"),
        *("UNTIL CANCELED", "UNTIL REMOVED", "UNTIL RECOVERED", "UNTIL FURTHER NOTICE", "FOREVER"),
    )
)


def is_never(written: str) -> bool:
    """Whether a text says that there is no such time: nothing, ``never``, ``N/A``, ``NONEXP``, zeros, the year 9999."""
    text = " ".join(written.upper().split())
    if text.rstrip(".") in _NEVER:
        return True
    try:
        return read_moment(text, True, datetime.now(timezone.utc)) is None
    except (ValueError, OverflowError, OSError):
        return False


def parse_expiry(written: str, now: datetime) -> datetime:
    """The moment (aware, UTC) that ``72h``, ``3d``, ``2026-12-31`` or ``12/31/2026 18:00`` mean, see ``moment``.

    Spans count from ``now``. A time without a zone is the machine's local time.
    Raises HotListError for anything else.
    """
    try:
        return _after(written, now, ends=True)
    except (ValueError, OverflowError, OSError) as e:
        raise HotListError(f"{written!r} is no expiry; write 72h, 3d, 2026-12-31 or 2026-12-31T18:00") from e


def parse_start(written: str, now: datetime) -> datetime:
    """The moment from which an entry counts, written like an expiry; a day begins with that day."""
    try:
        return _after(written, now, ends=False)
    except (ValueError, OverflowError, OSError) as e:
        raise HotListError(f"{written!r} is no time to begin; write 2026-12-31 or 2026-12-31T18:00") from e


def _after(written: str, now: datetime, ends: bool) -> datetime:
    """A span from ``now``, or a moment; of a mere day its end or its beginning. Raises ValueError, OverflowError."""
    text = written.strip()
    if (span := _span(text)) is not None:
        return now.astimezone(timezone.utc) + span
    moment = read_moment(text, ends, now)
    if moment is None:
        raise ValueError("says that there is none")
    return moment


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
