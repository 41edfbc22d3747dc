"""``--from``, ``--to`` and ``--quarter``: a period of days, UTC, for audits and reports."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import wraps
from typing import Any, cast

import click

from lpr.records.schema import timestamp

from .purpose import Command

_LAST = "last"


@dataclass(frozen=True)
class Period:
    """From ``since`` (included) until ``until`` (not), as the database writes times; None where it is open."""

    since: str | None
    until: str | None
    said: str


def period_options(command: Command) -> Command:
    """Add the three options; the command gets ``period``."""

    @wraps(command)
    def with_period(*args: Any, first: str | None, last: str | None, quarter: str | None, **kwargs: Any) -> Any:
        if quarter and (first or last):
            raise click.UsageError("--quarter stands alone, without --from and --to")
        period = quarter_of(quarter, datetime.now(timezone.utc).date()) if quarter else between(first, last)
        return command(*args, period=period, **kwargs)

    options: list[Callable[..., Any]] = [
        click.option("--from", "first", metavar="DAY", help="The first day, 2026-07-01 (UTC)."),
        click.option("--to", "last", metavar="DAY", help="The last day, included."),
        click.option(
            "--quarter",
            metavar="[2026-Q3]",
            is_flag=False,
            flag_value=_LAST,
            help="This quarter; alone, the last one that is over.",
        ),
    ]
    wrapped: Callable[..., Any] = with_period
    for option in reversed(options):
        wrapped = option(wrapped)
    return cast(Command, wrapped)


def between(first: str | None, last: str | None) -> Period:
    """The days from ``first`` to ``last``, both included; None leaves the side open."""
    begin = None if first is None else parse_day(first)
    end = None if last is None else parse_day(last)
    if begin is not None and end is not None and begin > end:
        raise click.UsageError("--from is after --to")
    said = " ".join(f"{word} {day}" for word, day in (("from", begin), ("to", end)) if day is not None)
    return Period(
        None if begin is None else _stamp(begin),
        None if end is None else _stamp(end + timedelta(days=1)),
        said or "of all time",
    )


def quarter_of(written: str, today: date) -> Period:
    """The quarter that is written as 2026-Q3, or with ``last`` the last one that ended before ``today``."""
    if written == _LAST:
        number = today.year * 4 + (today.month - 1) // 3 - 1
    else:
        found = re.fullmatch(r"(\d{4})-?[Qq]([1-4])", written)
        if found is None:
            raise click.UsageError(f"{written!r} is no quarter; write 2026-Q3")
        number = int(found[1]) * 4 + int(found[2]) - 1
    begin, end = (date(n // 4, n % 4 * 3 + 1, 1) for n in (number, number + 1))
    return Period(_stamp(begin), _stamp(end), f"of {number // 4}-Q{number % 4 + 1}")


def parse_day(written: str) -> date:
    try:
        return datetime.strptime(written, "%Y-%m-%d").date()
    except ValueError as e:
        raise click.UsageError(f"{written!r} is no day; write 2026-07-01") from e


def _stamp(day: date) -> str:
    return timestamp(datetime(day.year, day.month, day.day, tzinfo=timezone.utc))
