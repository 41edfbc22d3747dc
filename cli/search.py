"""``lpr search``: where has this plate, or a part of one, been?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lpr.investigation.where import Where
from lpr.plates import Sighting
from lpr.purpose import Why

from .database import database_option
from .hotlist_words import number
from .output import TEXT, aligned, output_options, write_rows
from .purpose import purpose_options
from .question import asking, paging_options, where_options

if TYPE_CHECKING:
    from lpr.investigation.search import Answer

COLUMNS = (
    *("id", "tier", "score", "why", "candidate", "differs"),
    *(field.name for field in fields(Sighting)),
    "sha256",
)


@click.command()
@click.argument("plate", metavar="PLATE")
@click.option("--state", metavar="CODE", help="Who issued the plate; reads of another state's plate rank lower.")
@click.option("--near-misses", is_flag=True, help="Also find texts that are one likely misread away.")
@where_options
@paging_options
@output_options
@purpose_options
@database_option
def search(
    plate: str,
    state: str | None,
    near_misses: bool,
    where: Where,
    limit: int,
    offset: int,
    output: str,
    why: Why,
    db: Path | None,
) -> None:
    """Find the sightings that may show PLATE; ? stands for one unknown character, * for any number of them.

    Found are the same text (letter O and zero counted as one), look-alikes (I/1, B/8, S/5, Z/2, …) and reads of which
    PLATE is another candidate, the best first; each row says how it matched and why. "*" alone lists all sightings,
    the newest first. Quote wildcards, so that your shell leaves them alone.

    \b
    Examples:
      lpr search 8MZS536 --from 2026-07-01 --to 2026-07-14
      lpr search "?MZS5*" --near 33.5207,-86.8025 --within 2km
      lpr search "*" --camera gate --from 2h --csv
    """
    from lpr.investigation.search import search as find

    elements = {**where.elements(), "state": state, "near_misses": near_misses or None, "page": offset // limit + 1}
    asked = {name: value for name, value in elements.items() if value is not None}
    with asking(db, "search", asked, why, [plate]) as (database, access):
        answer = find(database, plate, where, state, near_misses, limit, offset)
        rows = list(access.rows(one.row() for one in answer.found))
    if output != TEXT:
        write_rows(rows, output, COLUMNS)
    elif rows:
        click.echo(table(rows))
    click.echo(_told(answer, offset, plate.strip("*") == ""), err=True)
    if not answer.found and not offset and not near_misses and "*" not in plate and "?" not in plate:
        click.echo("--near-misses also finds texts that are one likely misread away", err=True)


def table(rows: list[dict[str, Any]]) -> str:
    """Sightings for people: what was read, how it matched, when, where, why."""
    head = ["ID", "READ", "MATCH", "SCORE", "TIME (UTC)", "WHERE", "WHY"]
    return aligned([head, *([str(row["id"]), row["text"] or "(hash)", row["tier"], score(row), *place(row), row["why"]]
                            for row in rows)])  # fmt: skip


def score(row: Mapping[str, Any]) -> str:
    """Two digits, never rounded up to certainty; none where there was no plate to compare with."""
    if row["tier"] == "any":
        return "-"
    share = row["score"]
    return f"{min(share, 0.999):.2g}" if share < 0.99 else "0.99"


def place(row: Mapping[str, Any]) -> tuple[str, str]:
    """When and where a sighting was made, as far as it is known."""
    taken = row["taken_at"]
    when = "-" if taken is None else str(taken)[:19].replace("T", " ")
    if row["seconds"] is not None and taken is None:
        when = f"{row['seconds']:.1f} s in"
    where = row["camera"] or ("" if row["latitude"] is None else f"{row['latitude']:.5f},{row['longitude']:.5f}")
    return when, where or Path(row["source"]).name


def _told(answer: Answer, offset: int, everything: bool) -> str:
    shown = len(answer.found)
    if not shown:
        return "There is no such page" if offset else "Nothing on record fits"
    if not (answer.more or offset):
        said = number(shown, "sighting")
    else:
        said = f"{offset + 1} to {offset + shown}" + (f" of {answer.total}" if answer.total is not None else "")
    if not answer.ranked:
        said += ", the newest first" + ("" if everything else ": too many fit to rank them all")
    return said + (f"; the next page: --page {offset // shown + 2}" if answer.more else "")
