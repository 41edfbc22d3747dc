"""``lpr hotlist add`` and ``remove``: entries by hand."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import click

from lpr.hotlist.expiry import parse_expiry
from lpr.hotlist.lists import HotLists
from lpr.hotlist.states import is_known
from lpr.records.schema import open_database

from .database import database_option
from .hotlist_words import kind_option, list_option, shown


@click.command()
@click.argument("plate")
@list_option
@click.option("--state", metavar="CODE", help="Who issued the plate: AL, CA, ON, …")
@click.option("--reason", required=True, help="Why the plate is wanted, in a few words.")
@click.option(
    "--expires", metavar="WHEN", help="72h, 3d, 2026-12-31 or 2026-12-31T18:00; afterwards it matches nothing."
)
@click.option("--case", help="Case number of your agency.")
@click.option("--nic", help="NCIC number.")
@click.option("--ori", help="ORI of the agency.")
@click.option("--vehicle", help="Year, make, model, color.")
@click.option("--caution", help="What an officer must know before approaching.")
@click.option("--comment", help="Anything else.")
@kind_option
@database_option
def add(
    plate: str,
    list_name: str,
    state: str | None,
    reason: str,
    expires: str | None,
    kind: str | None,
    db: Path | None,
    **details: str | None,
) -> None:
    """Put PLATE on a list, which is made when there is none. It counts at once.

    \b
    Example:
      lpr hotlist add "ABC 1234" --list bolo --state AL --reason "stolen vehicle" --expires 72h
    """
    until = parse_expiry(expires, datetime.now(timezone.utc)) if expires else None
    given = {name: value for name, value in details.items() if value}
    with open_database(db) as database:
        entry = HotLists(database).add(plate, list_name, state, reason, until, given, kind)
    if entry.state is None:
        click.echo("Warning: no state given; a hit cannot compare it", err=True)
    elif not is_known(entry.state):
        click.echo(f"Warning: state {entry.state!r} is no US or Canadian code, kept as written", err=True)
    click.echo(f"{shown(entry)}: added to list {entry.list}")


@click.command()
@click.argument("plate")
@list_option
@click.option("--state", metavar="CODE", help="Only the entry of this state.")
@database_option
def remove(plate: str, list_name: str, state: str | None, db: Path | None) -> None:
    """Take PLATE off a list. The entry becomes inactive; what it matched stays on record.

    \b
    Example:
      lpr hotlist remove ABC1234 --list bolo
    """
    with open_database(db) as database:
        for entry in HotLists(database).remove(plate, list_name, state):
            click.echo(f"{shown(entry)}: removed from list {entry.list}")
