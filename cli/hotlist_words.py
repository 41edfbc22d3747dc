"""What the hot list commands share: the options that name a list, and how they write entries, times and numbers."""

from __future__ import annotations

import click

from lpr.hotlist.entry import Entry
from lpr.hotlist.store import KINDS

list_option = click.option("--list", "list_name", metavar="NAME", required=True, help="The hot list.")
kind_option = click.option(
    "--kind", type=click.Choice(KINDS, case_sensitive=False), help="What the list is about; custom for a new list."
)


def shown(entry: Entry) -> str:
    until = f", until {minutes(entry.expires.isoformat())}" if entry.expires else ""
    return f"{entry.plate} ({entry.state or 'state unknown'}, {entry.reason}{until})"


def minutes(time: str | None) -> str | None:
    """An ISO 8601 UTC time as people read it."""
    return f"{time[:16].replace('T', ' ')} UTC" if time else None


def number(count: int, one: str, many: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"
