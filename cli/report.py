"""``lpr report``: one page, or one file for programs, about a plate, an incident, a scan or an alert."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lpr.investigation.where import Where
from lpr.purpose import Why

from .database import database_option
from .history import time_zone
from .hotlist_words import number
from .incident import window_options
from .purpose import purpose_options
from .question import asking, plate_options, where_options

if TYPE_CHECKING:
    from lpr.investigation.report import Report

Command = TypeVar("Command", bound=Callable[..., Any])

_SUFFIXES = {".html": "html", ".htm": "html", ".json": "json", ".csv": "csv", ".geojson": "geojson", ".kml": "kml"}


def file_options(command: Command) -> Command:
    """Add ``-o``, ``--format``, ``--pictures``, ``--force`` and ``--tz``, and what every question has."""
    for option in (
        database_option,
        purpose_options,
        click.option("--tz", metavar="ZONE", help="Time zone of the usual hours.  [default: this machine's]"),
        click.option("--force", is_flag=True, help="Replace the file where there is one."),
        click.option(
            "--pictures",
            metavar="N",
            type=click.IntRange(min=0),
            default=50,
            show_default=True,
            help="Pictures of at most N sightings in the page.",
        ),
        click.option(
            "--format",
            "form",
            type=click.Choice(["html", "json", "csv", "geojson", "kml"]),
            help="What to write.  [default: by the file's ending]",
        ),
        click.option(
            "-o",
            "--output",
            "target",
            metavar="FILE",
            required=True,
            type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
            help="The file to write; - is standard output.",
        ),
    ):
        command = option(command)
    return command


@click.group()
def report() -> None:
    """Write a report: one HTML file that holds its pictures, timeline, map, candidates and sources with hashes.

    The page asks no server for anything and can be printed. --format or the file's ending make it JSON, CSV, GeoJSON
    or KML instead. A file that is there is not replaced without --force.

    \b
    Examples:
      lpr report plate 8MZS536 -o 8MZS536.html
      lpr report incident 26-0417 -o 26-0417.kml
    """


@report.command()
@click.argument("plate", metavar="PLATE")
@plate_options
@where_options
@file_options
def plate(plate: str, state: str | None, least_score: float, where: Where, tz: str | None, **file: Any) -> None:
    """Report on PLATE: where it was, when, how sure each read is.

    \b
    Example:
      lpr report plate 8MZS536 --from 2026-07-01 -o 8MZS536.html
    """
    from lpr.investigation.report import of_plate

    zone = time_zone(tz)
    _write(lambda database: of_plate(database, plate, where, zone, state, least_score), "report plate",
           where.elements(), [plate], **file)  # fmt: skip


@report.command()
@click.argument("named", metavar="INCIDENT")
@window_options
@file_options
def incident(named: str, before: timedelta, after: timedelta, within: float, tz: str | None, **file: Any) -> None:
    """Report on the sightings near INCIDENT.

    \b
    Example:
      lpr report incident 26-0417 --before 2m --after 5m --within 800m -o 26-0417.html
    """
    from lpr.investigation.report import of_incident
    from lpr.records.incidents import find_incident

    zone = time_zone(tz)
    _write(lambda database: of_incident(database, find_incident(database, named), before, after, within, zone),
           "report incident", {"incident": named}, [], **file)  # fmt: skip


@report.command()
@click.argument("named", metavar="FILE|NUMBER")
@file_options
def scan(named: str, tz: str | None, **file: Any) -> None:
    """Report on one scanned file, or the scan of this number.

    \b
    Example:
      lpr report scan gate.mp4 -o gate.html
    """
    from lpr.investigation.report import of_scan

    zone = time_zone(tz)
    _write(lambda database: of_scan(database, named, zone), "report scan", {"scan": named}, [], **file)


@report.command()
@click.argument("alert_id", metavar="ALERT", type=int)
@file_options
def alert(alert_id: int, tz: str | None, **file: Any) -> None:
    """Report on the sightings that ALERT stands for, beside the entry of the hot list.

    \b
    Example:
      lpr report alert 3 -o alert-3.html
    """
    from lpr.investigation.report import of_alert

    zone = time_zone(tz)
    _write(lambda database: of_alert(database, alert_id, zone), "report alert", {"alert": alert_id}, [], **file)


def _write(
    make: Callable[[Any], Report],
    command: str,
    elements: dict[str, Any],
    plates: list[str],
    target: Path,
    form: str | None,
    pictures: int,
    force: bool,
    why: Why,
    db: Path | None,
) -> None:
    chosen = form or _SUFFIXES.get(target.suffix.lower(), "html" if str(target) == "-" else None)
    if chosen is None:
        raise click.UsageError(f"{target.name} ends in none of {', '.join(_SUFFIXES)}; say --format")
    if str(target) != "-" and target.exists() and not force:
        raise click.ClickException(f"{target} is there already; name another file, or say --force")
    with asking(db, command, {**elements, "format": chosen}, why, plates) as (database, access):
        made = make(database)
        for row in made.rows():
            access.add(row)
        written = made.written(chosen, pictures)
    if str(target) == "-":
        click.echo(written, nl=False)
    else:
        save(target, written.encode("utf-8"))
    click.echo(f"{target}: {number(len(made.found), 'sighting')}, {number(len(made.originals), 'source')}", err=True)


def save(target: Path, content: bytes) -> None:
    """Write a file beside its place and rename it there, readable by its owner only."""
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
            stream.write(content)
        beside.replace(target)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise click.ClickException(f"{target} cannot be written ({error.strerror}); name another place") from error
