"""``lpr incident``: what happened where and when, by hand or from other systems, and which plates were near."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from lpr.errors import QuestionError
from lpr.investigation.moments import parse_moment, parse_span
from lpr.places import parse_distance, parse_place
from lpr.plates import Sighting
from lpr.purpose import Why
from lpr.records.incidents import Incident, find_incident, incidents, put_incidents

from .database import database_option
from .output import TEXT, aligned, output_options, write_rows
from .purpose import purpose_options
from .question import asking
from .search import place as when_and_where

Command = TypeVar("Command", bound=Callable[..., Any])

COLUMNS = (
    *("id", "kind", "at", "latitude", "longitude", "reference", "system", "address", "note", "details"),
    *("created_at", "created_by"),
)
NEAR_COLUMNS = (
    *("id", "closeness", "seconds_after", "metres", "travel", "movement", "why"),
    *(field.name for field in fields(Sighting)),
    "sha256",
)


def window_options(command: Command) -> Command:
    """Add ``--before``, ``--after`` and ``--within``; the command gets two spans, and ``within`` in metres."""

    @wraps(command)
    def with_window(*args: Any, before: str, after: str, within: str, **kwargs: Any) -> Any:
        spans: dict[str, timedelta] = {"before": parse_span(before), "after": parse_span(after)}
        return command(*args, **spans, within=parse_distance(within), **kwargs)

    decorated: Any = with_window
    for name, default, text in (
        ("--within", "800m", "How far from it: 500m, 1.5km, 2mi."),
        ("--after", "5m", "How long after it."),
        ("--before", "2m", "How long before it: 90s, 2m, 1h."),
    ):
        decorated = click.option(name, metavar="SPAN", default=default, show_default=True, help=text)(decorated)
    return cast(Command, decorated)


@click.group()
def incident() -> None:
    """Put incidents on record, and find the plates that were near.

    \b
    Example:
      lpr incident add --kind shooting --at 2026-07-01T23:14:05-05:00 --place 33.5207,-86.8025
      lpr incident plates 1 --before 2m --after 5m --within 800m
    """


@incident.command()
@click.option("--kind", metavar="TEXT", required=True, help="What happened: shooting, robbery, …")
@click.option(
    "--at", metavar="TIME", required=True, help="When: 2026-07-01T23:14:05-05:00; without a zone, local time."
)
@click.option("--place", metavar="LAT,LON", required=True, help="Where, in degrees.")
@click.option("--reference", metavar="NUMBER", help="Its number where it comes from; the same again changes it.")
@click.option("--system", metavar="NAME", help="Where it comes from: shotspotter, cad, nibin, …")
@click.option("--address", metavar="TEXT", help="Where, in words.")
@click.option("--note", metavar="TEXT", help="What else is to be said.")
@output_options
@purpose_options
@database_option
def add(
    kind: str,
    at: str,
    place: str,
    reference: str | None,
    system: str | None,
    address: str | None,
    note: str | None,
    output: str,
    why: Why,
    db: Path | None,
) -> None:
    """Put an incident on record.

    \b
    Example:
      lpr incident add --kind shooting --at 2026-07-01T23:14:05-05:00 --place 33.5207,-86.8025 --reference 26-0417
    """
    one = Incident(kind, parse_moment(at), parse_place(place), reference, system, address, note)
    with asking(db, "incident add", {"kind": kind}, why, readonly=False) as (database, access):
        (made,), fresh = put_incidents(database, [one])
        access.add(made.row())
    if output != TEXT:
        write_rows([made.row()], output, COLUMNS)
        return
    click.echo(f"Incident {made.id} {'added' if fresh else 'changed'}: {_line(made)}")


@incident.command("import")
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--system", metavar="NAME", help="Where they come from.  [default: the file's name]")
@click.option("--kind", metavar="TEXT", help="What they are, where the file does not say it.")
@click.option("--plates", is_flag=True, help="Then show the plates near each of them.")
@window_options
@output_options
@purpose_options
@database_option
@click.pass_context
def import_(
    ctx: click.Context,
    files: tuple[Path, ...],
    system: str | None,
    kind: str | None,
    plates: bool,
    before: timedelta,
    after: timedelta,
    within: float,
    output: str,
    why: Why,
    db: Path | None,
) -> None:
    """Put the incidents of each FILE on record: CSV with a header, JSON, JSON lines or GeoJSON.

    As gunshot detection, computer-aided dispatch and ballistics networks export them: columns for time, latitude,
    longitude, kind, number and address are known by many names, all others are kept as details. Importing the same
    numbers of the same system again changes what is on record. Lines that make no incident are told.

    \b
    Examples:
      lpr incident import alerts.csv --system shotspotter --kind shooting
      lpr incident import alert.json --system shotspotter --plates --before 2m --after 5m
    """
    from lpr.investigation.incident_file import read_incidents

    failed = False
    made: list[Incident] = []
    with asking(db, "incident import", {"files": [file.name for file in files]}, why, readonly=False) as opened:
        database, access = opened
        for file in files:
            try:
                found, refused = read_incidents(file, system or file.stem, kind)
                stored, fresh = put_incidents(database, found)
            except QuestionError as error:
                click.echo(f"Error: {error}", err=True)
                failed = True
                continue
            made += stored
            for line in refused:
                click.echo(f"Refused: {file}, line {line.line}: {line.reason}", err=True)
            failed = failed or bool(refused)
            told = f"{file}: {fresh} added, {len(stored) - fresh} changed, {len(refused)} refused"
            click.echo(told, err=True)
        if plates:
            _show_plates(database, access, made, before, after, within, output)
        else:
            rows = list(access.rows(one.row() for one in made))
            if output == TEXT:
                click.echo(aligned([_HEAD, *map(_cells, made)]) if made else "", nl=bool(made))
            else:
                write_rows(rows, output, COLUMNS)
    if failed:
        ctx.exit(1)


@incident.command("list")
@click.option("--kind", metavar="TEXT", help="Only of this kind.")
@click.option("--from", "since", metavar="TIME", help="Only since then.")
@click.option("--to", "until", metavar="TIME", help="Only until then; a day alone is included.")
@output_options
@purpose_options
@database_option
def list_(kind: str | None, since: str | None, until: str | None, output: str, why: Why, db: Path | None) -> None:
    """List the incidents on record, the newest first.

    \b
    Example:
      lpr incident list --kind shooting --from 2026-07-01
    """
    span = (None if since is None else parse_moment(since), None if until is None else parse_moment(until, ends=True))
    with asking(db, "incident list", {"kind": kind} if kind else {}, why) as (database, access):
        found = incidents(database, kind, *span)
        rows = list(access.rows(one.row() for one in found))
    if output != TEXT:
        write_rows(rows, output, COLUMNS)
    elif found:
        click.echo(aligned([_HEAD, *map(_cells, found)]))
    else:
        click.echo("There are no such incidents", err=True)


@incident.command()
@click.argument("named", metavar="INCIDENT")
@output_options
@purpose_options
@database_option
def show(named: str, output: str, why: Why, db: Path | None) -> None:
    """Show an incident, by its number on record or its reference.

    \b
    Example:
      lpr incident show 26-0417
    """
    with asking(db, "incident show", {"incident": named}, why) as (database, access):
        one = find_incident(database, named)
        access.add(one.row())
    if output != TEXT:
        write_rows([one.row()], output, COLUMNS)
        return
    for name, value in one.row().items():
        if value not in (None, {}):
            click.echo(f"{name:>11}  {value}")


@incident.command()
@click.argument("named", metavar="INCIDENT…", nargs=-1, required=True)
@window_options
@output_options
@purpose_options
@database_option
def plates(
    named: tuple[str, ...],
    before: timedelta,
    after: timedelta,
    within: float,
    output: str,
    why: Why,
    db: Path | None,
) -> None:
    """Rank the sightings around an INCIDENT by closeness in time and place, direction of travel included.

    Closeness is 1 there and then and 0 at the edge of the span or the circle; a vehicle that went away from the place
    before, or towards it afterwards, counts less. That a vehicle was near says nothing about who was in it.

    \b
    Example:
      lpr incident plates 26-0417 --before 2m --after 5m --within 800m
    """
    with asking(db, "incident plates", {"incident": list(named)}, why) as (database, access):
        found = [find_incident(database, one) for one in named]
        _show_plates(database, access, found, before, after, within, output)


def _show_plates(
    database: Any, access: Any, found: list[Incident], before: timedelta, after: timedelta, within: float, output: str
) -> None:
    from lpr.investigation.nearby import plates_near

    near = [plates_near(database, one, before, after, within) for one in found]
    rows = list(access.rows({"incident": one.incident.id, **nearby.row()} for one in near for nearby in one.nearby))
    if output != TEXT:
        write_rows(rows, output, ("incident", *NEAR_COLUMNS))
    for one in near:
        if output == TEXT:
            click.echo(f"Incident {one.incident.id}: {_line(one.incident)}")
            mine = [row for row in rows if row["incident"] == one.incident.id]
            head = ["ID", "READ", "SURE", "CLOSE", "TIME (UTC)", "WHERE", "WHY"]
            lines = [[str(row["id"]), row["text"], f"{int(row['confidence'] * 100)}%", f"{row['closeness']:.2f}",
                      *when_and_where(row), row["why"]] for row in mine]  # fmt: skip
            click.echo(aligned([head, *lines]) if mine else "  nothing was seen near it")
        if one.without_place:
            click.echo(
                f"Incident {one.incident.id}: {one.without_place} sightings of this time have no place on record and "
                "are left out; lpr scan --camera NAME --place LAT,LON says where",
                err=True,
            )


_HEAD = ["ID", "KIND", "TIME (UTC)", "PLACE", "REFERENCE", "SYSTEM", "ADDRESS"]


def _cells(one: Incident) -> list[str]:
    row = one.row()
    return [str(one.id), one.kind, row["at"][:19].replace("T", " "), str(one.place), one.reference or "-",
            one.system or "-", one.address or "-"]  # fmt: skip


def _line(one: Incident) -> str:
    reference = f" ({one.system or 'reference'} {one.reference})" if one.reference else ""
    return f"{one.kind}, {one.row()['at'][:19].replace('T', ' ')} UTC, {one.address or one.place}{reference}"
