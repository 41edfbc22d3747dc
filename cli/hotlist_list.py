"""``lpr hotlist list`` and ``template``: what there is, and what a file looks like."""

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import click

from lpr.hotlist.entry import Entry
from lpr.hotlist.formats import TEMPLATE
from lpr.hotlist.lists import HotLists
from lpr.hotlist.store import HotList
from lpr.records.schema import open_database

from .database import database_option
from .hotlist_words import minutes
from .output import TEXT, output_options, write_rows


@click.command("list")
@click.argument("name", required=False)
@output_options
@database_option
def list_(name: str | None, output: str, db: Path | None) -> None:
    """Show all lists, or the entries of the list NAME.

    \b
    Example:
      lpr hotlist list
      lpr hotlist list bolo --csv
    """
    with open_database(db, readonly=True) as database:
        lists = HotLists(database)
        if name is not None:
            columns = [field.name for field in fields(Entry)]
            shown = [c for c in columns if c not in ("id", "list", "text", "line")] if output == TEXT else columns
            write_rows((_entry_row(entry, output) for entry in lists.entries(name)), output, shown)
            return
        found = lists.lists()
        columns = [field.name for field in fields(HotList)]
        shown = ["name", "kind", "entries", "expired", "imported_at", "source_file"] if output == TEXT else columns
        write_rows((_list_row(one, output) for one in found), output, shown)
    if not found:
        click.echo("There are no hot lists yet; lpr hotlist import FILE --list NAME makes one", err=True)


def _entry_row(entry: Entry, output: str) -> dict[str, Any]:
    row = asdict(entry)
    row["expires"] = entry.expires.isoformat() if entry.expires else None
    if output == TEXT:
        row["expires"] = minutes(row["expires"])
        row["details"] = "; ".join(f"{name}: {' '.join(value.split())}" for name, value in entry.details.items())
    return row


def _list_row(one: HotList, output: str) -> dict[str, Any]:
    row = asdict(one)
    if output == TEXT:
        row["imported_at"] = minutes(one.imported_at)
    return row


@click.command()
def template() -> None:
    """Print the header of a hot list file.

    Only the plate must be filled in; state and reason should be.

    \b
    Example:
      lpr hotlist template > bolo.csv
    """
    click.echo(",".join(TEMPLATE))
