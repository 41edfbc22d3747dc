"""``lpr history``: where a plate was, when, and at which hours usually."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lpr.errors import QuestionError
from lpr.investigation.where import Where
from lpr.purpose import Why

from .database import database_option
from .hotlist_words import number
from .output import TEXT, aligned, output_options, write_rows
from .purpose import purpose_options
from .question import asking, plate_options, where_options
from .search import COLUMNS as SIGHTING_COLUMNS
from .search import table

if TYPE_CHECKING:
    from datetime import tzinfo

    from lpr.investigation.history import History

PLACE_COLUMNS = ("place", "latitude", "longitude", "times", "first", "last")
HOUR_COLUMNS = ("hour", "times")


@click.command()
@click.argument("plate", metavar="PLATE")
@plate_options
@click.option("--tz", metavar="ZONE", help="Time zone of the hours: America/Chicago.  [default: this machine's]")
@click.option(
    "--by",
    type=click.Choice(["sighting", "place", "hour"]),
    default="sighting",
    show_default=True,
    help="What a row of --json, --nl and --csv is.",
)
@where_options
@output_options
@purpose_options
@database_option
def history(
    plate: str,
    state: str | None,
    least_score: float,
    tz: str | None,
    by: str,
    where: Where,
    output: str,
    why: Why,
    db: Path | None,
) -> None:
    """Show the sightings of PLATE in the order of time, its places, first and last, and its usual hours.

    \b
    Examples:
      lpr history 8MZS536 --from 2026-07-01 --tz America/Chicago
      lpr history 8MZS536 --by place --csv
    """
    from lpr.investigation.history import history as find

    zone = time_zone(tz)
    elements = {**where.elements(), **({"state": state} if state else {})}
    with asking(db, "history", elements, why, [plate]) as (database, access):
        answer = find(database, plate, where, zone, state, least_score)
        rows = list(access.rows(one.row() for one in answer.found))
    places = [stay.row() for stay in answer.stays]
    hours = [{"hour": hour, "times": times} for hour, times in enumerate(answer.hours)]
    if output == TEXT:
        if rows:
            click.echo(_text(answer, rows, places))
        else:
            click.echo("Nothing on record fits", err=True)
    elif by == "place":
        write_rows(places, output, PLACE_COLUMNS)
    elif by == "hour":
        write_rows(hours, output, HOUR_COLUMNS)
    else:
        write_rows(rows, output, SIGHTING_COLUMNS)
    if answer.left_out:
        told = number(answer.left_out, "less probable sighting")
        click.echo(f"{told} left out; see them with --least-score 0", err=True)
    if not answer.complete:
        click.echo(f"Only the {len(rows)} sightings that fit best are shown", err=True)


def time_zone(name: str | None) -> tzinfo | None:
    if name is None:
        return None
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise QuestionError(f"{name!r} is no time zone; write America/Chicago, Europe/Berlin, UTC, …") from error


def _text(answer: History, rows: list[dict[str, Any]], places: list[dict[str, Any]]) -> str:
    from lpr.investigation.history import WEEKDAYS

    parts = [number(len(rows), "sighting")]
    if answer.first is not None and answer.last is not None:
        parts[0] += f" from {answer.first:%Y-%m-%d %H:%M:%S} to {answer.last:%Y-%m-%d %H:%M:%S} (UTC)"
    parts.append(table(rows))
    parts.append(aligned([["PLACE", "TIMES", "FIRST (UTC)", "LAST (UTC)"], *(
        [row["place"], str(row["times"]), *((str(row[end] or "-"))[:19].replace("T", " ") for end in ("first", "last"))]
        for row in places)]))  # fmt: skip
    if any(answer.hours):
        most = max(answer.hours)
        bars = [[f"{hour:02}-{(hour + 1) % 24:02}", "#" * -(-times * 30 // most), str(times)]
                for hour, times in enumerate(answer.hours) if times]  # fmt: skip
        parts.append(aligned([[f"HOUR ({answer.zone})", "", "TIMES"], *bars]))
        if answer.usual_hours is not None:
            start, end = answer.usual_hours
            parts.append(f"Usually between {start:02}:00 and {end:02}:00; by day: " + ", ".join(
                f"{name} {times}" for name, times in zip(WEEKDAYS, answer.weekdays, strict=True) if times))  # fmt: skip
    return "\n\n".join(parts)
