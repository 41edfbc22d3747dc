"""``lpr convoy``: which vehicles keep appearing with a plate."""

from __future__ import annotations

from pathlib import Path

import click

from lpr.investigation.moments import parse_span
from lpr.investigation.where import Where
from lpr.purpose import Why

from .database import database_option
from .output import TEXT, aligned, output_options, write_rows
from .purpose import purpose_options
from .question import asking, where_options

COLUMNS = ("plate", "cameras", "times", "gap", "seen", "share", "meetings", "why")


@click.command()
@click.argument("plate", metavar="PLATE")
@click.option(
    "--gap", metavar="SPAN", default="60s", show_default=True, help="How long before or after PLATE at one camera."
)
@click.option(
    "--cameras",
    "least",
    metavar="N",
    type=click.IntRange(min=2),
    default=2,
    show_default=True,
    help="At least at so many different cameras.",
)
@where_options
@output_options
@purpose_options
@database_option
def convoy(plate: str, gap: str, least: int, where: Where, output: str, why: Why, db: Path | None) -> None:
    """Find the vehicles that keep appearing within a short time of PLATE at two or more cameras.

    GAP is the median time in seconds by which the other one came later (negative: before). SHARE is the part of all
    its sightings that were with PLATE: small for one that drives around there all day.

    \b
    Example:
      lpr convoy 8MZS536 --gap 30s --from 2026-07-01
    """
    from lpr.investigation.convoy import convoy as find

    span = parse_span(gap)
    elements = {**where.elements(), "gap": span.total_seconds(), "cameras_least": least}
    with asking(db, "convoy", elements, why, [plate]) as (database, access):
        answer = find(database, plate, where, span, least)
        rows = list(access.rows(one.row() for one in answer.companions))
    if output != TEXT:
        write_rows(rows, output, COLUMNS)
    elif rows:
        head = ["PLATE", "CAMERAS", "TIMES", "GAP", "SEEN", "SHARE", "WHERE", "WHY"]
        cells = [[row["plate"], str(len(row["cameras"])), str(row["times"]), f"{row['gap']:+.1f} s", str(row["seen"]),
                  f"{row['share']:.0%}", ", ".join(row["cameras"]), row["why"]] for row in rows]  # fmt: skip
        click.echo(aligned([head, *cells]))
    else:
        click.echo("No vehicle kept appearing with it", err=True)
    told = f"{answer.used} sightings of the plate compared"
    click.echo(told + (f"; {answer.unused} have no camera or no time on record" if answer.unused else ""), err=True)
