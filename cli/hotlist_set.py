"""``lpr hotlist set``: what a list is besides its entries."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from lpr.hotlist.expiry import parse_span
from lpr.hotlist.lists import HotLists
from lpr.purpose import Why
from lpr.records.audit import audited
from lpr.records.schema import open_database

from .database import database_option
from .hotlist_words import kind_option
from .purpose import purpose_options

_NONE = "none"


@click.command("set")
@click.argument("name")
@kind_option
@click.option("--priority", type=click.IntRange(1, 100), help="1 is the most urgent; hits are shown in this order.")
@click.option("--origin", help="Who gives the list out.")
@click.option("--max-age", metavar="SPAN", help="How old its file may be: 24h, 2d; older, its hits are stale. Or none.")
@click.option("--tiers", metavar="TIER,…", help="Which may hit: exact,look-alike,candidate,near,partial. Or none.")
@click.option("--retention", metavar="SPAN", help="How long removed and expired entries are kept: 90d. Or none.")
@click.option("--ignore", metavar="PLATE", multiple=True, help="Reads of this plate raise no hit: a known false alert.")
@click.option("--unignore", metavar="PLATE", multiple=True, help="They raise hits again.")
@click.option("--because", default="", help="Why a plate is ignored.")
@purpose_options
@database_option
def set_(
    name: str,
    kind: str | None,
    priority: int | None,
    origin: str | None,
    max_age: str | None,
    tiers: str | None,
    retention: str | None,
    ignore: tuple[str, ...],
    unignore: tuple[str, ...],
    because: str,
    why: Why,
    db: Path | None,
) -> None:
    """Change what the list NAME is, which is made when there is none. Each change is on record.

    \b
    Example:
      lpr hotlist set ncic --kind "stolen vehicle" --priority 2 --max-age 24h --tiers exact,look-alike
      lpr hotlist set ncic --ignore "ABC 1234" --because "read as ABC 1284 every day"
    """
    given: dict[str, Any] = {n: v for n, v in (("kind", kind), ("priority", priority), ("origin", origin)) if v}
    if max_age:
        given["max_age"] = None if max_age == _NONE else int(parse_span(max_age).total_seconds())
    if tiers:
        given["tiers"] = None if tiers == _NONE else [tier.strip() for tier in tiers.split(",")]
    if retention:
        given["retention"] = None if retention == _NONE else parse_span(retention).days
    if not (given or ignore or unignore):
        raise click.UsageError("Nothing to change: give an option such as --max-age.")
    with open_database(db) as database, audited(database, "hotlist set", {"list": name}, why, [*ignore, *unignore]):
        from lpr.hotlist import attributes

        if given and HotLists(database).set(name, given, why):
            click.echo(f"list {name}: {', '.join(sorted(given)).replace('_', ' ')} changed")
        elif given:
            click.echo(f"list {name}: is so already")
        for plate in ignore:
            attributes.ignore(database, name, plate, because, why)
            click.echo(f"list {name}: reads of {plate} raise no hit any more")
        for plate in unignore:
            attributes.unignore(database, name, plate, why)
            click.echo(f"list {name}: reads of {plate} raise hits again")
