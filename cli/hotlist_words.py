"""What the hot list commands share: options, questions, and how they write entries, times and numbers."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from lpr.hotlist.changes import Why
from lpr.hotlist.entry import Entry
from lpr.hotlist.store import KINDS

Command = TypeVar("Command", bound=Callable[..., Any])

list_option = click.option("--list", "list_name", metavar="NAME", help="The hot list.")
kind_option = click.option(
    "--kind", type=click.Choice(KINDS, case_sensitive=False), help="What the list is about; custom for a new list."
)
look_back_option = click.option(
    "--look-back",
    metavar="SPAN",
    help="Also compare the stored sightings of the last 30d, 12h, … and show what they may have seen.",
)


def why_options(command: Command) -> Command:
    """Add ``--purpose`` and ``--case``, kept with the change; the command gets them by these names."""
    command = click.option("--case", envvar="LPR_CASE", help="The case that it is for; LPR_CASE says it for all.")(
        command
    )
    return click.option(
        "--purpose", envvar="LPR_PURPOSE", help="Why the list is changed; LPR_PURPOSE says it for all."
    )(command)


def why(purpose: str | None, case: str | None) -> Why:
    return Why(purpose or None, case or None)


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
