"""``lpr common``: which plates were near several incidents."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from lpr.purpose import Why
from lpr.records.incidents import find_incident

from .database import database_option
from .incident import window_options
from .output import TEXT, aligned, output_options, write_rows
from .purpose import purpose_options
from .question import asking

COLUMNS = ("plate", "incidents", "near", "seen", "elsewhere", "expected", "chance", "why")


@click.command()
@click.argument("named", metavar="INCIDENT…", nargs=-1, required=True)
@window_options
@click.option(
    "--least",
    metavar="N",
    type=click.IntRange(min=2),
    default=2,
    show_default=True,
    help="Near at least so many of them.",
)
@output_options
@purpose_options
@database_option
def common(
    named: tuple[str, ...],
    before: timedelta,
    after: timedelta,
    within: float,
    least: int,
    output: str,
    why: Why,
    db: Path | None,
) -> None:
    """Find the plates that were near two or more of the INCIDENTs, look-alikes merged, the least accidental first.

    A plate that passes there every day is near many incidents by itself: EXPECTED is near how many of these its usual
    traffic brings it, CHANCE how probable it is that this alone explains what was seen.

    \b
    Example:
      lpr common 26-0417 26-0533 26-0611 --before 5m --after 10m
    """
    from lpr.investigation.shared import shared

    with asking(db, "common", {"incidents": list(named)}, why) as (database, access):
        found = shared(database, [find_incident(database, one) for one in named], before, after, within, least)
        rows = list(access.rows(one.row() for one in found))
    if output != TEXT:
        write_rows(rows, output, COLUMNS)
    elif rows:
        head = ["PLATE", "NEAR", "SEEN", "ELSEWHERE", "EXPECTED", "CHANCE", "INCIDENTS", "WHY"]
        cells = [_cells(row) for row in rows]
        click.echo(aligned([head, *cells]))
    else:
        click.echo(f"No plate was seen near {least} of these incidents", err=True)


def _cells(row: dict[str, Any]) -> list[str]:
    near = ", ".join(f"{one['incident']} ({'/'.join(one['texts'])})" for one in row["near"])
    counts = [str(row[name]) for name in ("incidents", "seen", "elsewhere")]
    return [row["plate"], *counts, f"{row['expected']:.2g}", f"{row['chance']:.1g}", near, row["why"]]
