"""``lpr hold``: legal holds, which keep what would be deleted."""

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path

import click

from lpr.purpose import Why
from lpr.records.audit import audited
from lpr.records.holds import Hold
from lpr.records.schema import open_database

from .database import database_option
from .output import TEXT, output_options, write_rows
from .period import Period, period_options
from .purpose import purpose_options

_SHOWN = ("id", "placed_at", "placed_by", "reason", "plate", "list", "case", "camera", "source", "sighting", "since")


@click.group()
def hold() -> None:
    """Keep what a court or an inquiry needs, whatever the retention says.

    \b
    Example:
      lpr hold add --plate 8MZS536 --from 2026-07-01 --reason "preservation letter of 2026-07-20" --case 26-0417
    """


@hold.command("add")
@click.option("--reason", required=True, help="Why: the court's order, the preservation letter.")
@click.option("--plate", help="Sightings that may say this plate, look-alikes and other candidates included.")
@click.option("--list", "list_name", metavar="NAME", help="Hits of this hot list.")
@click.option("--camera", metavar="NAME", help="Sightings of this camera.")
@click.option("--source", metavar="FILE", help="Sightings of this file, as it was named.")
@click.option("--sighting", type=int, metavar="ID", help="This sighting.")
@period_options
@purpose_options
@database_option
def add(
    reason: str,
    plate: str | None,
    list_name: str | None,
    camera: str | None,
    source: str | None,
    sighting: int | None,
    period: Period,
    why: Why,
    db: Path | None,
) -> None:
    """Put a hold in force. What is given must all fit; --case alone holds the hits of entries with that case.

    \b
    Examples:
      lpr hold add --plate 8MZS536 --reason "order 26 CV 1187"
      lpr hold add --case 26-0417 --reason "trial"
    """
    from lpr.records.holds import place

    wanted = Hold(
        *(reason, why.case, plate, list_name, camera, source, sighting),
        since=period.since,
        until=period.until,
    )
    elements = {name: value for name, value in asdict(wanted).items() if value is not None and name != "plate"}
    with (
        open_database(db) as database,
        audited(database, "hold add", elements, why, [plate] if plate else []) as access,
    ):
        hold_id = place(database, wanted)
        access.note(hold=hold_id)
    click.echo(f"Hold {hold_id} is in force")


@hold.command("list")
@click.option("--all", "everything", is_flag=True, help="Those that were released, too.")
@output_options
@purpose_options
@database_option
def list_(everything: bool, output: str, why: Why, db: Path | None) -> None:
    """Show the holds in force.

    \b
    Example:
      lpr hold list --all
    """
    from lpr.records.holds import holds

    with open_database(db, readonly=True) as database, audited(database, "hold list", None, why) as access:
        rows = access.rows(asdict(one) for one in holds(database, everything))
        if not write_rows(rows, output, _SHOWN if output == TEXT else [field.name for field in fields(Hold)]):
            click.echo("No hold is in force", err=True)


@hold.command()
@click.argument("hold_id", metavar="ID", type=int)
@purpose_options
@database_option
def release(hold_id: int, why: Why, db: Path | None) -> None:
    """End a hold: what is due goes with the next purge.

    \b
    Example:
      lpr hold release 3 --purpose "case closed"
    """
    from lpr.records.holds import release as end

    with open_database(db) as database, audited(database, "hold release", {"hold": hold_id}, why):
        end(database, hold_id)
    click.echo(f"Hold {hold_id} is released")
