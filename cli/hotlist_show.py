"""``lpr hotlist show``: all that lists say of a plate, as a card to read before acting."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, timezone
from pathlib import Path

import click

from lpr.errors import HotListError
from lpr.hotlist.details import DETAILS
from lpr.hotlist.entry import ADVICE, Entry
from lpr.hotlist.lists import HotLists
from lpr.hotlist.store import HotList, entries_where
from lpr.hotlist.written import parse_listed, twin_of
from lpr.normalize import key
from lpr.purpose import Why
from lpr.records.audit import audited
from lpr.records.schema import Database, open_database

from .database import database_option
from .hotlist_list import entry_row
from .hotlist_words import minutes
from .output import TEXT, output_options, write_rows
from .purpose import purpose_options

_WIDTH = max(len(label) for label in DETAILS.values())


@click.command()
@click.argument("plate")
@click.option("--list", "list_name", metavar="NAME", help="Only this list.")
@output_options
@purpose_options
@database_option
def show(plate: str, list_name: str | None, output: str, why: Why, db: Path | None) -> None:
    """Show the entries of PLATE, and where they come from, on all lists.

    Only entries of this very plate, letter O and zero counted as the same; lpr hotlist check finds look-alikes, too.

    \b
    Example:
      lpr hotlist show 7KDR482
    """
    text, _ = parse_listed(plate.strip())
    elements = {"list": list_name} if list_name else None
    with (
        open_database(db, readonly=True) as database,
        audited(database, "hotlist show", elements, why, [plate]) as access,
    ):
        where = (
            "entries.key = ? AND entries.active = 1 ORDER BY hotlists.priority IS NULL, hotlists.priority, entries.id"
        )
        found = list(entries_where(database, where, (key(text),)))
        if list_name is not None:
            found = [entry for entry in found if entry.list.lower() == list_name.lower()]
        if not found:
            raise HotListError(f"no list has the plate {plate}; lpr hotlist check {plate!r} looks for similar ones")
        rows = access.rows(entry_row(entry, output) for entry in found)
        if output == TEXT:
            for _ in rows:
                pass
            lists = {one.name: one for one in HotLists(database).lists()}
            click.echo("\n\n".join(card(entry, lists[entry.list], _origin(database, entry)) for entry in found))
        else:
            write_rows(rows, output, [field.name for field in fields(Entry)])


def _origin(database: Database, entry: Entry) -> str:
    """Who put the entry on the list, when, why, and from which line of which file."""
    (row,) = database.rows(
        "SELECT entries.created_at, entries.created_by, entries.line, changes.purpose, changes.case_number, "
        "json_extract(changes.after, '$.file') AS file FROM entries LEFT JOIN changes ON changes.id = added_in "
        "WHERE entries.id = ?",
        (entry.id,),
    )
    by = f"{minutes(row['created_at'])} by {row['created_by'] or 'unknown'}"
    source = f"{row['file']}, line {row['line']}, " if row["file"] else "by hand, " if row["line"] is None else ""
    why = [f"purpose: {row['purpose']}"] if row["purpose"] else []
    why += [f"case {row['case_number']}"] if row["case_number"] else []
    return "; ".join([source + by, *why])


def card(entry: Entry, of: HotList, origin: str) -> str:
    """What a person reads of an entry."""
    head = f"{entry.plate}  {entry.state or 'STATE UNKNOWN'}  {entry.reason or 'no reason given'}"
    priority = f", priority {of.priority}" if of.priority is not None else ""
    stale = f"; STALE: its file is from {minutes(of.dated_at)}" if of.stale else ""
    lines = [("list", f"{of.name} ({of.kind}{priority}){stale}")]
    if entry.partial:
        lines.append(("partial", "? is one unknown character, * any number of them"))
    twin = twin_of(entry.text, entry.state)
    if twin is not None:
        lines.append(("twin", f"{entry.state} issues both letter O and zero: {twin} may be another vehicle"))
    said = dict(entry.details)
    lines += [(label, said.pop(name)) for name, label in DETAILS.items() if name in said]
    lines += sorted(said.items())
    now = datetime.now(timezone.utc)
    for label, moment, past in (("begins", entry.effective, ""), ("expires", entry.expires, "EXPIRED ")):
        if moment is not None:
            gone = past if moment <= now else ""
            lines.append((label, f"{gone}{minutes(moment.astimezone(timezone.utc).isoformat())}"))
    lines.append(("source", origin))
    body = "\n".join(f"  {label:{_WIDTH}}  {' '.join(text.split())}" for label, text in lines)
    return f"{head}\n{body}\n  {ADVICE}"
