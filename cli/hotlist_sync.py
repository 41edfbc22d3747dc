"""``lpr hotlist sync``: loads the lists that are due, and says how fresh each is."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from lpr.hotlist.sync import Synced, read_registry, sync
from lpr.purpose import Why
from lpr.records.audit import audited
from lpr.records.schema import open_database

from .database import database_option
from .hotlist_words import minutes
from .output import TEXT, output_options, write_rows
from .purpose import purpose_options

_COLUMNS = ("list", "outcome", "added", "removed", "changed", "dated_at", "age", "fresh")


@click.command("sync")
@click.argument("registry", type=click.Path(path_type=Path))
@output_options
@purpose_options
@database_option
@click.pass_context
def sync_(ctx: click.Context, registry: Path, output: str, why: Why, db: Path | None) -> None:
    """Load the lists that REGISTRY names, where their file is new, and show how old each list is.

    Made for cron: the exit status is 1 when a list is over its maximum age, or could not be loaded, or a line was
    refused; standard error says which. A file that needs --force is not loaded: import it by hand.

    \b
    Example:
      lpr hotlist sync hotlists/sources.toml
    """
    failed = False

    def told(one: Synced) -> dict[str, Any]:
        nonlocal failed
        failed = failed or one.stale or one.problem is not None
        if one.problem is not None:
            click.echo(f"Error: list {one.list}: {one.problem}", err=True)
        if one.stale:
            click.echo(f"Error: list {one.list} is stale: its file is from {minutes(one.dated_at)}", err=True)
        return _row(one, output)

    with open_database(db) as database, audited(database, "hotlist sync", {"registry": str(registry)}, why):
        rows = [told(one) for one in sync(database, read_registry(registry), why)]
    write_rows(rows, output, _COLUMNS)
    if failed:
        ctx.exit(1)


def _row(one: Synced, output: str) -> dict[str, Any]:
    row = {name: value for name, value in asdict(one).items() if name != "imported"}
    for name in ("added", "removed", "changed", "unchanged", "refused"):
        row[name] = getattr(one.imported, name) if one.imported is not None else None
    row["fresh"] = "STALE" if one.stale else "fresh" if one.dated_at else None
    if output == TEXT:
        row["dated_at"] = minutes(one.dated_at)
        row["age"] = _age(one.age)
    return row


def _age(seconds: int | None) -> str | None:
    if seconds is None:
        return None
    hours = seconds / 3600
    return f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} d"
