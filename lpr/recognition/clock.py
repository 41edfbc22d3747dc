"""The clock: when footage began, by what was said, by the file's name, or by what the file itself says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lpr.errors import SourceError

# What each directive of strptime stands for in a name.
_DIRECTIVES = {
    "Y": r"\d{4}",
    "y": r"\d{2}",
    "m": r"\d{2}",
    "d": r"\d{2}",
    "H": r"\d{2}",
    "I": r"\d{2}",
    "M": r"\d{2}",
    "S": r"\d{2}",
    "f": r"\d{1,6}",
    "j": r"\d{3}",
    "p": r"[AaPp][Mm]",
    "b": r"[A-Za-z]{3}",
    "z": r"[+-]\d{2}:?\d{2}",
    "%": "%",
}
_OFFSET = re.compile(r"^([+-])(\d{2}):?(\d{2})$")


@dataclass(frozen=True)
class Clock:
    """``start`` (aware) is when the footage began; or ``pattern`` says how its name tells that, in ``zone``."""

    start: datetime | None = None
    pattern: str | None = None
    zone: tzinfo | None = None

    def begin(self, path: Path, created_at: datetime | None) -> datetime | None:
        """When the footage ``path`` began, UTC; ``created_at`` is what its container says, None when it says nothing.

        Raises SourceError when the name does not follow the pattern.
        """
        if self.start is not None:
            return self.start.astimezone(timezone.utc)
        if self.pattern is None:
            return created_at
        moment = by_name(path.stem, self.pattern)
        if moment is None:
            raise SourceError(
                f"{path}: its name does not follow the pattern {self.pattern!r}; give another, or --start"
            )
        if moment.tzinfo is None:
            if self.zone is None:
                raise SourceError(f"{path}: the time in its name has no time zone; say it, for example --zone UTC")
            moment = moment.replace(tzinfo=self.zone)
        return moment.astimezone(timezone.utc)


def by_name(stem: str, pattern: str) -> datetime | None:
    """The time that a file's name (without its ending) tells by ``pattern``, anywhere in it; None when it does not.

    Raises ValueError for a directive that no name can be searched for.
    """
    expression, letters = "", iter(pattern)
    for letter in letters:
        if letter != "%":
            expression += re.escape(letter)
            continue
        directive = next(letters, "")
        if directive not in _DIRECTIVES:
            raise ValueError(f"%{directive} is no part of a name pattern; use {' '.join('%' + d for d in _DIRECTIVES)}")
        expression += _DIRECTIVES[directive]
    for match in re.finditer(f"(?={'(' + expression + ')'})", stem):
        try:
            return datetime.strptime(match.group(1), pattern)
        except ValueError:
            continue
    return None


def parse_zone(written: str) -> tzinfo:
    """A time zone as people write it: ``UTC``, ``local``, ``+02:00`` or a name such as ``America/New_York``.

    Raises ValueError, with a remedy.
    """
    if written.upper() in ("UTC", "Z"):
        return timezone.utc
    if written.casefold() == "local":
        local = datetime.now().astimezone().tzinfo
        assert local is not None  # astimezone() always gives one
        return local
    offset = _OFFSET.match(written)
    if offset is not None:
        sign = 1 if offset[1] == "+" else -1
        return timezone(sign * timedelta(hours=int(offset[2]), minutes=int(offset[3])))
    try:
        return ZoneInfo(written)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{written!r} is no time zone; write UTC, local, +02:00 or Area/City") from None


def parse_moment(written: str, zone: tzinfo | None) -> datetime:
    """A moment as people write it, ISO 8601; without an offset of its own it is in ``zone``.

    Raises ValueError, with a remedy.
    """
    try:
        moment = datetime.fromisoformat(written.strip().replace("Z", "+00:00"))
    except ValueError:
        raise ValueError(f"{written!r} is no time; write for example 2024-05-17T14:03:00+02:00") from None
    if moment.tzinfo is not None:
        return moment
    if zone is None:
        raise ValueError(f"{written!r} has no time zone; add one (…Z, …+02:00) or say it by --zone")
    return moment.replace(tzinfo=zone)


def parse_seconds(written: str) -> float:
    """A place in footage as people write it, in seconds: ``90``, ``1:30``, ``0:01:30.5``. Raises ValueError."""
    parts = written.strip().split(":")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        numbers = []
    if not 1 <= len(numbers) <= 3 or any(n < 0 for n in numbers) or any(n >= 60 for n in numbers[1:]):
        raise ValueError(f"{written!r} is no place in footage; write seconds, or hours:minutes:seconds")
    total = 0.0
    for number in numbers:
        total = 60 * total + number
    return total
