"""``lpr correct``: what a person reads on a plate, beside what was read."""

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path

import click

from lpr.hotlist.entry import ADVICE
from lpr.hotlist.lists import HotLists
from lpr.hotlist.states import fold_state
from lpr.purpose import Why
from lpr.records.audit import audited
from lpr.records.corrections import Correction
from lpr.records.schema import open_database

from .database import database_option
from .output import output_options, write_rows
from .purpose import purpose_options


@click.command()
@click.argument("sighting", type=int, required=False)
@click.argument("text", required=False)
@click.option("--state", metavar="CODE", help="Who issued the plate, as seen.")
@click.option("--note", metavar="TEXT", help="What else is to be said; no plates here.")
@output_options
@purpose_options
@database_option
def correct(
    sighting: int | None, text: str | None, state: str | None, note: str | None, output: str, why: Why, db: Path | None
) -> None:
    """Say that the plate of SIGHTING reads TEXT; without both, show all corrections.

    What was read stays as it is: the correction is a record of its own, with your name and the time, and searches find
    the sighting by both texts. Saying again replaces a correction; the earlier one stays on record. Corrections become
    labelled examples by lpr export labels.

    \b
    Examples:
      lpr correct 1024 8ABC123 --state CA --case 26-0417
      lpr correct --json
    """
    from lpr.records.corrections import correct as put
    from lpr.records.corrections import corrections

    if sighting is None:
        with open_database(db, readonly=True) as database, audited(database, "correct", None, why) as access:
            rows = access.rows(asdict(one) for one in corrections(database))
            if not write_rows(rows, output, [field.name for field in fields(Correction)]):
                click.echo("There are no corrections", err=True)
        return
    if text is None:
        raise click.UsageError("Missing argument 'TEXT': what the plate reads.")
    with (
        open_database(db) as database,
        audited(database, "correct", {"sighting": sighting, "state": state}, why, [text]) as access,
    ):
        made = put(database, sighting, text, fold_state(state), note, why)
        access.add(asdict(made))
        hits = HotLists(database).check(made.text, state)
    click.echo(f"Sighting {sighting}: read as {made.read}, corrected to {made.text} by {made.by}")
    for hit in hits:
        click.echo(
            f"  {made.text} on list {hit.list}: {hit.plate} {hit.state or 'state unknown'}, {hit.tier}; {ADVICE}"
        )
