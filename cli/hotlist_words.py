"""What the hot list commands share: options, questions, and how they write entries, times and numbers."""

from __future__ import annotations

import sys

import click

from lpr.hotlist.entry import Entry
from lpr.hotlist.store import KINDS

list_option = click.option("--list", "list_name", metavar="NAME", help="The hot list.")
kind_option = click.option(
    "--kind", type=click.Choice(KINDS, case_sensitive=False), help="What the list is about; custom for a new list."
)
look_back_option = click.option(
    "--look-back",
    metavar="SPAN",
    help="Also compare the stored sightings of the last 30d, 12h, … and show what they may have seen.",
)


def asked(value: str | None, option: str, question: str, default: str | None = None) -> str:
    """``value``, or what the person at the terminal answers; without a terminal a missing option is a usage error.

    With a ``default`` an answer is not needed, and without a terminal neither is the option.
    """
    if value is not None:
        return value
    if on_terminal():
        return str(click.prompt(question, default=default, show_default=False, err=True)).strip()
    if default is not None:
        return default
    raise click.UsageError(f"Missing option '{option}'.")


def on_terminal() -> bool:
    """Whether somebody is there to ask."""
    return sys.stdin.isatty()


def shown(entry: Entry) -> str:
    until = f", until {minutes(entry.expires.isoformat())}" if entry.expires else ""
    return f"{entry.plate} ({entry.state or 'state unknown'}, {entry.reason}{until})"


def minutes(time: str | None) -> str | None:
    """An ISO 8601 UTC time as people read it."""
    return f"{time[:16].replace('T', ' ')} UTC" if time else None


def number(count: int, one: str, many: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"
