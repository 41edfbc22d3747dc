"""``lpr hotlist list``, ``export``, ``template`` and ``formats``: what there is, and what files look like."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import click

from lpr.hotlist.details import COLUMNS, TEMPLATE
from lpr.hotlist.entry import Entry
from lpr.hotlist.lists import HotLists
from lpr.hotlist.store import HotList
from lpr.purpose import Why
from lpr.records.audit import audited
from lpr.records.schema import open_database

from .database import database_option
from .hotlist_words import minutes
from .output import CSV, TEXT, output_options, write_rows
from .purpose import purpose_options

_OF_LIST = ("name", "kind", "priority", "entries", "expired", "dated_at", "fresh", "source_file")
_OF_ENTRY = ("plate", "state", "reason", "expires", "details")


@click.command("list")
@click.argument("name", required=False)
@output_options
@purpose_options
@database_option
def list_(name: str | None, output: str, why: Why, db: Path | None) -> None:
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
            with audited(database, "hotlist list", {"list": name}, why) as access:
                rows = access.rows(entry_row(entry, output) for entry in lists.entries(name))
                write_rows(rows, output, _OF_ENTRY if output == TEXT else columns)
            return
        found = lists.lists()
        columns = [field.name for field in fields(HotList)]
        write_rows((_list_row(one, output) for one in found), output, _OF_LIST if output == TEXT else columns)
    if not found:
        click.echo("There are no hot lists yet; lpr hotlist import FILE --list NAME makes one", err=True)


def entry_row(entry: Entry, output: str) -> dict[str, Any]:
    """An entry as a row, its times as texts."""
    row = asdict(entry)
    for name in ("expires", "effective"):
        moment = getattr(entry, name)
        row[name] = moment.isoformat() if moment else None
    if output == TEXT:
        row["expires"] = minutes(row["expires"])
        row["details"] = "; ".join(f"{name}: {' '.join(value.split())}" for name, value in entry.details.items())
    return row


def _list_row(one: HotList, output: str) -> dict[str, Any]:
    row = asdict(one)
    if output == TEXT:
        row["dated_at"] = minutes(one.dated_at)
        row["fresh"] = None if one.max_age is None or one.dated_at is None else "STALE" if one.stale else "fresh"
    return row


@click.command()
@click.argument("name")
@output_options
@purpose_options
@database_option
def export(name: str, output: str, why: Why, db: Path | None) -> None:
    """Write the entries of the list NAME as a file that lpr hotlist import reads; CSV by default.

    \b
    Example:
      lpr hotlist export bolo > bolo.csv
    """
    with (
        open_database(db, readonly=True) as database,
        audited(database, "hotlist export", {"list": name}, why) as access,
    ):
        entries = HotLists(database).entries(name)
        known = set(COLUMNS)
        own: dict[str, None] = {}
        for entry in entries:
            own.update(dict.fromkeys(n for n in entry.details if n not in known))
        rows = access.rows(_exported(entry) for entry in HotLists(database).entries(name))
        write_rows(rows, CSV if output == TEXT else output, [*COLUMNS, *own])


def _exported(entry: Entry) -> dict[str, Any]:
    times = {n: m.isoformat() if m else None for n, m in (("effective", entry.effective), ("expires", entry.expires))}
    return {"plate": entry.plate, "state": entry.state, "reason": entry.reason, **times, **entry.details}


@click.command()
@click.option("--all", "everything", is_flag=True, help="All columns that an import understands.")
def template(everything: bool) -> None:
    """Print the header of a hot list file.

    Only the plate must be filled in; state and reason should be.

    \b
    Example:
      lpr hotlist template > bolo.csv
    """
    click.echo(",".join(COLUMNS if everything else TEMPLATE))


@click.command()
@click.argument("name", required=False)
@output_options
def formats(name: str | None, output: str) -> None:
    """Show the formats that an import knows, or the TOML file of the format NAME, to start your own from.

    \b
    Example:
      lpr hotlist formats
      lpr hotlist formats ncic > mine.toml
    """
    from lpr.hotlist.format import FOLDER, find_format, shipped_formats

    if name is not None:
        click.echo((FOLDER / f"{find_format(name).name}.toml").read_text(encoding="utf-8"), nl=False)
        return

    def rows() -> Iterator[dict[str, Any]]:
        for one in shipped_formats():
            yield {"name": one.name, "kind": one.kind, "mode": one.mode, "title": one.title}

    write_rows(rows(), output, ("name", "kind", "mode", "title"))
