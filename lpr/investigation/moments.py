"""Moments and spans of time as people write them in a question."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta, timezone

from lpr.errors import QuestionError

_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(s|sec|seconds?|m|min|minutes?|h|hours?|d|days?|w|weeks?)", re.IGNORECASE)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_span(written: str) -> timedelta:
    """How long ``90s``, ``2m``, ``12h``, ``3d`` or ``2w`` are. Raises QuestionError."""
    span = _span(written)
    if span is None:
        raise QuestionError(f"{written!r} is no span of time; write 90s, 5m, 12h or 3d")
    return span


def parse_moment(written: str, ends: bool = False, now: datetime | None = None) -> datetime:
    """The moment (aware, UTC) of ``2026-07-01``, ``2026-07-01 14:30``, ``2026-07-01T14:30:05-05:00`` or ``12h`` (ago).

    A time without a zone is the machine's local time. A day alone is its beginning, or with ``ends`` its end.
    Raises QuestionError.
    """
    text = written.strip()
    try:
        span = _span(text)
        if span is not None:
            return (now or datetime.now(timezone.utc)) - span
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            day = datetime.strptime(text, "%Y-%m-%d").date()
            moment = datetime.combine(day + timedelta(days=1) if ends else day, time())
            return moment.astimezone(timezone.utc) - timedelta(milliseconds=1 if ends else 0)
        # Python 3.10 knows neither Z nor +0000.
        text = re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", re.sub(r"\s*Z$", "+00:00", text))
        return datetime.fromisoformat(text).astimezone(timezone.utc)
    except (ValueError, OverflowError) as error:
        raise QuestionError(
            f"{written!r} is no time; write 2026-07-01, 2026-07-01T14:30, 2026-07-01T14:30-05:00, or 12h (ago)"
        ) from error


def _span(written: str) -> timedelta | None:
    found = _SPAN.fullmatch(written.strip())
    return timedelta(**{_UNITS[found[2][0].lower()]: float(found[1])}) if found else None
