"""``lpr hotlist explain`` and ``lpr hotlist budget``: what the tiers of a list find, and what they cost."""

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path

import click

from lpr.errors import HotListError
from lpr.hotlist.budget import PER, THRESHOLD, Budget
from lpr.hotlist.entry import DEFAULT_TIERS, TIERS
from lpr.hotlist.explain import Misread
from lpr.records.schema import open_database

from .database import database_option
from .output import TEXT, output_options, write_rows

_SHOWN = 20


@click.command()
@click.argument("plate")
@click.option("--tiers", metavar="TIER,…", help=f"Of {', '.join(TIERS)}; by default those of a new list.")
@click.option("--all", "everything", is_flag=True, help=f"All misreads, not the {_SHOWN} likeliest.")
@output_options
def explain(plate: str, tiers: str | None, everything: bool, output: str) -> None:
    """Show the misreads of PLATE that would match its entry, and those that would not.

    How often each happens is told by the table of confusions, of which the second line says where it comes from.

    \b
    Examples:
      lpr hotlist explain 8MZ5536
      lpr hotlist explain 8MZ5536 --tiers exact,look-alike,near --csv
    """
    from lpr.hotlist.confusion import load
    from lpr.hotlist.explain import explain as explained
    from lpr.hotlist.explain import shares

    chosen = DEFAULT_TIERS if tiers is None else tuple(tier.strip() for tier in tiers.split(","))
    unknown = [tier for tier in chosen if tier not in TIERS]
    if unknown:
        raise click.UsageError(f"{unknown[0]!r} is no tier; there are: {', '.join(TIERS)}")
    found = explained(plate, chosen)
    shown = found if everything or output != TEXT else found[: _SHOWN + 1]
    columns = [field.name for field in fields(Misread)]
    if output != TEXT:
        write_rows((asdict(one) for one in shown), output, columns)
        return
    click.echo(f"{plate}, tiers {', '.join(chosen)}")
    click.echo(f"Confusions: {load().about}")
    write_rows(
        ({**asdict(one), "probability": f"{one.probability:.1e}", "tier": one.tier or "MISSED",
          "score": None if one.score is None else f"{one.score:.2g}"} for one in shown),
        output,
        columns,
    )  # fmt: skip
    if len(shown) < len(found):
        click.echo(f"and {len(found) - len(shown):,} less likely ones; --all shows them")
    told = ", ".join(f"{name} {100 * share:.1f} %" for name, share in shares(found).items())
    click.echo(f"Of misreads with one error or two look-alikes: {told}")


@click.command()
@click.option("--list", "list_name", metavar="NAME", help="Only this hot list.")
@click.option("--plates", type=click.IntRange(1), default=PER, show_default=True, help="How many plates to try.")
@click.option("--region", "regions", multiple=True, metavar="CODE", help="us-al, ca-on, gb, …; by default the lists'.")
@click.option("--states-seen", is_flag=True, help="As if the reader saw every plate's state.")
@click.option(
    "--threshold", type=float, default=THRESHOLD, show_default=True, help="Warn above so many in 100,000 plates."
)
@output_options
@database_option
def budget(
    list_name: str | None,
    plates: int,
    regions: tuple[str, ...],
    states_seen: bool,
    threshold: float,
    output: str,
    db: Path | None,
) -> None:
    """Count how many of 100,000 plausible plates on no list would alert, by list and tier.

    Plates are drawn from the usual forms of the regions and read by a simulated reader. 100,000 take a minute; fewer
    are rougher.

    \b
    Examples:
      lpr hotlist budget --plates 10000
      lpr hotlist budget --list bolo --region us-al --region us-ga
    """
    from lpr.hotlist.budget import budget as counted
    from lpr.hotlist.budget import warnings
    from lpr.hotlist.store import existing_list

    with open_database(db, readonly=True) as database:
        if list_name is not None:
            list_name = existing_list(database, list_name)[1]
        found = counted(database, list_name, plates, tuple(region.lower() for region in regions) or None, states_seen)
    if not found:
        raise HotListError("there is no hot list; lpr hotlist import FILE --list NAME makes one")
    columns = [field.name for field in fields(Budget)]
    write_rows((asdict(one) for one in found), output, columns)
    for warning in warnings(found, threshold):
        click.echo(f"Warning: {warning}", err=True)
