"""The options of commands that read footage: which part of it, when it was taken, where in the picture to look."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from lpr.reading import Way

Command = TypeVar("Command", bound=Callable[..., Any])

_PARTS = (
    click.option("--from", "begin", metavar="TIME", help="Begin here: seconds into the footage, or h:m:s."),
    click.option("--to", "end", metavar="TIME", help="End before this."),
)
_AREAS = (
    click.option(
        "--area",
        "areas",
        metavar="POLYGON",
        multiple=True,
        help="Look only inside this part of the picture: corners as shares of it, '0,0.4 1,0.4 1,1 0,1'. Repeatable.",
    ),
    click.option("--mask", "masks", metavar="POLYGON", multiple=True, help="Never look inside this part. Repeatable."),
)
_TIMES = (
    click.option(
        "--start",
        metavar="TIME",
        help="When the footage began, 2024-05-17T14:03:00+02:00.  [default: what the file itself says]",
    ),
    click.option(
        "--name-pattern",
        metavar="PATTERN",
        help="How file names tell when their footage began: 'cam1_%Y%m%d-%H%M%S'.",
    ),
    click.option(
        "--zone",
        metavar="ZONE",
        help="The time zone of --start and --name-pattern: UTC, local, +02:00, America/Chicago.",
    ),
    click.option(
        "--every",
        metavar="N",
        type=click.IntRange(min=1),
        help="Look at each Nth frame of footage as a whole, moving or not, and read all plates in it.  [default: look "
        "where and when something moves]",
    ),
    click.option(
        "--hardware",
        is_flag=True,
        help="Decode footage by a graphics processor, where one is there that can; else as always, which is told once.",
    ),
)


def footage_options(command: Command) -> Command:
    """Add the options of all footage; the command gets ``way``, a Way."""

    @wraps(command)
    def with_way(*arguments: Any, **options: Any) -> Any:
        start, pattern, zone = options.pop("start"), options.pop("name_pattern"), options.pop("zone")
        sources = options.get("sources", ())
        if start is not None and (len(sources) != 1 or Path(sources[0]).is_dir() or sources[0] == "-"):
            raise click.UsageError("--start says when one file began; for several use --name-pattern")
        way = Way(
            every=options.pop("every"),
            **_part(options.pop("begin"), options.pop("end")),
            clock=_clock(start, pattern, zone),
            areas=areas(options.pop("areas"), options.pop("masks")),
            hardware=options.pop("hardware"),
        )
        return command(*arguments, way=way, **options)

    for option in reversed((*_TIMES, *_PARTS, *_AREAS)):
        with_way = option(with_way)
    return with_way  # type: ignore[return-value]


def area_options(command: Command) -> Command:
    """Add ``--area`` and ``--mask`` alone; the command gets both as they were written."""
    for option in reversed(_AREAS):
        command = option(command)
    return command


def areas(include: tuple[str, ...], exclude: tuple[str, ...]) -> Any:
    """What ``--area`` and ``--mask`` say; None when nothing. Raises click.UsageError."""
    if not include and not exclude:
        return None
    from lpr.recognition.areas import Areas, parse_polygon

    try:
        return Areas(tuple(map(parse_polygon, include)), tuple(map(parse_polygon, exclude)))
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _part(begin: str | None, end: str | None) -> dict[str, Any]:
    from lpr.recognition.clock import parse_seconds

    try:
        part = {
            "begin": 0.0 if begin is None else parse_seconds(begin),
            "end": None if end is None else parse_seconds(end),
        }
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    if part["end"] is not None and part["end"] <= (part["begin"] or 0.0):
        raise click.UsageError(f"--to {end} is not after --from {begin or 0}")
    return part


def _clock(start: str | None, pattern: str | None, zone: str | None) -> Any:
    if start is None and pattern is None:
        if zone is not None:
            raise click.UsageError("--zone is the time zone of --start or --name-pattern; give one of them")
        return None
    if start is not None and pattern is not None:
        raise click.UsageError("--start and --name-pattern exclude each other")
    from lpr.recognition.clock import Clock, by_name, parse_moment, parse_zone

    try:
        known = None if zone is None else parse_zone(zone)
        if pattern is not None:
            by_name("", pattern)  # whether it can be searched for at all
        return Clock(None if start is None else parse_moment(start, known), pattern, known)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
