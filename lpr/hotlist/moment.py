"""Days and moments as hot list files and people write them.

Real exports write one day in many ways: 2026-12-31, 20261231, 12/31/2026, 12/31/26 11:59 PM, 31-DEC-2026, Dec 31, 2026
2359, 1798761599 (Unix time), 46387 (Excel's count of days). All are read; what can be meant in two ways is not.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
#: Zones that US systems name, in hours from UTC.
_ZONES = {
    "Z": 0, "UTC": 0, "GMT": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "AKST": -9, "AKDT": -8, "HST": -10,
}  # fmt: skip
_WEEKDAY = r"(?:(?:MON|TUE|WED|THU|FRI|SAT|SUN)[A-Z]*\.?,? +)?"
_TIME = (
    r"(?:(?:T|,? +|:)(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?"
    r" ?(?P<half>[AP])?\.?(?(half)M)?\.?(?: ?H(?:OU)?RS?\.?)?"
    r"|,? +(?P<military>\d{4})(?: ?H(?:OU)?RS?\.?)?)?"
)
_ZONE = rf" ?(?P<zone>[+-]\d\d:?(?:\d\d)?|{'|'.join(sorted(_ZONES, key=len, reverse=True))})?"
_FORMS = tuple(
    re.compile(_WEEKDAY + day + _TIME + _ZONE)
    for day in (
        r"(?P<year>\d{4})(?P<sign>[-/.])(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})",
        r"(?P<month>\d{1,2})(?P<sign>[-/])(?P<day>\d{1,2})(?P=sign)(?P<year>\d{4}|\d\d)",
        r"(?P<first>\d{1,2})\.(?P<second_number>\d{1,2})\.(?P<year>\d{4})",
        r"(?P<day>\d{1,2})(?:ST|ND|RD|TH)?[- /]?(?P<name>[A-Z]{3,9})\.?,?[- /]?(?P<year>\d{4}|\d\d)",
        r"(?P<name>[A-Z]{3,9})\.? ?(?P<day>\d{1,2})(?:ST|ND|RD|TH)?,? ?(?P<year>\d{4})",
    )
)
_DIGITS = re.compile(r"(\d{4})(\d\d)(\d\d)(?:[T ]?(\d\d)(\d\d)(\d\d)?)?" + _ZONE)
#: Excel counts days from the first; those of 2000 to 2099.
_EXCEL_FIRST, _EXCEL_FROM, _EXCEL_TO = datetime(1899, 12, 30), 36_526, 73_050


def read_moment(written: str, ends: bool, now: datetime) -> datetime | None:
    """The moment that a text says (aware, UTC); of a mere day its beginning, or with ``ends`` its end.

    A time without a zone is the machine's local time; of 03/04/2026 the month comes first. None for the texts with
    which systems say that there is none: a year before 1901 or after 2899, or nothing but zeros.
    Raises ValueError for anything else.
    """
    text = " ".join(written.upper().split())
    if not text.strip("0/-:. T"):
        return None
    if text.replace(".", "", 1).isdigit() and (counted := _counted(text, ends)) is not None:
        return counted
    if digits := _DIGITS.fullmatch(text):
        year, month, day = (int(part) for part in digits.group(1, 2, 3))
        if year < 1900:  # MMDDYYYY
            month, day, year = int(text[:2]), int(text[2:4]), int(text[4:8])
        time = None if digits[4] is None else (int(digits[4]), int(digits[5]), int(digits[6] or 0))
        return _made(year, month, day, time, digits["zone"], ends)
    for form in _FORMS:
        if found := form.fullmatch(text):
            return _of(found.groupdict(), ends, now)
    raise ValueError("is no day")


def _of(said: dict[str, str | None], ends: bool, now: datetime) -> datetime | None:
    year = int(said["year"] or 0)
    if len(said["year"] or "") == 2:
        # 12/31/99 as an end is one that never comes; as a beginning it was in the last century.
        year += 2000 if ends or 2000 + year <= now.year + 10 else 1900
    day = int(said.get("day") or 0)
    if said.get("name"):
        name = str(said["name"])
        month = _MONTHS.index(name[:3]) + 1 if name[:3] in _MONTHS else 0
    elif "first" in said:
        # Americans write the month first, most who write dots do not.
        first, second = int(said["first"] or 0), int(said["second_number"] or 0)
        if first <= 12 and second <= 12 and first != second:
            raise ValueError("may be two days")
        month, day = (first, second) if first <= 12 else (second, first)
    else:
        month = int(said["month"] or 0)
    time: tuple[int, int, int] | None = None
    if said["military"]:
        time = int(said["military"][:2]), int(said["military"][2:]), 0
    elif said["hour"]:
        hour = int(said["hour"])
        if said["half"]:
            if not 1 <= hour <= 12:
                raise ValueError("is no hour")
            hour = hour % 12 + (12 if said["half"] == "P" else 0)
        time = hour, int(said["minute"] or 0), int(said["second"] or 0)
    return _made(year, month, day, time, said["zone"], ends)


def _made(
    year: int, month: int, day: int, time: tuple[int, int, int] | None, zone: str | None, ends: bool
) -> datetime | None:
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        raise ValueError("is no day")
    if not 1900 < year < 2900:
        return None
    moment = datetime(year, month, day)
    if time is None:
        moment += timedelta(days=1) if ends else timedelta()
    elif time == (24, 0, 0):
        moment += timedelta(days=1)
    else:
        moment = moment.replace(hour=time[0], minute=time[1], second=time[2])
    if zone is None:
        return moment.astimezone(timezone.utc)
    if zone in _ZONES:
        offset = timedelta(hours=_ZONES[zone])
    else:
        hours, minutes = int(zone[1:3]), int(zone[3:].lstrip(":") or 0)
        offset = timedelta(hours=hours, minutes=minutes) * (-1 if zone[0] == "-" else 1)
    return moment.replace(tzinfo=timezone(offset)).astimezone(timezone.utc)


def _counted(text: str, ends: bool) -> datetime | None:
    """A count of seconds or milliseconds since 1970, or of Excel's days; None for what is none of these."""
    whole = text.partition(".")[0]
    if len(whole) in (10, 13) and whole[0] != "0":
        return datetime.fromtimestamp(float(text) / (1 if len(whole) == 10 else 1000), timezone.utc)
    if len(whole) == 5 and _EXCEL_FROM <= int(whole) <= _EXCEL_TO:
        day = _EXCEL_FIRST + timedelta(days=float(text))
        if ends and float(text) == int(whole):
            day += timedelta(days=1)
        return day.replace(microsecond=0).astimezone(timezone.utc)
    return None
