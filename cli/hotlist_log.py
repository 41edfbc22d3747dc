"""``lpr hotlist log``: who changed what on hot lists, when and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import click

from lpr.hotlist.changes import Change
from lpr.hotlist.lists import HotLists
from lpr.hotlist.store import existing_list
from lpr.purpose import Why
from lpr.records.audit import audited
from lpr.records.schema import open_database

from .database import database_option
from .hotlist_words import minutes
from .output import TEXT, output_options, write_rows
from .purpose import purpose_options

_SHOWN = ("at", "by", "action", "list", "plate", "purpose", "case", "change")


@click.command()
@click.argument("name", required=False)
@click.option("--plate", help="Whatever became of entries of this plate, by imports as well.")
@output_options
@purpose_options
@database_option
def log(name: str | None, plate: str | None, output: str, why: Why, db: Path | None) -> None:
    """Show the changes of all lists, or of the list NAME, the oldest first: who, when, why, before and after.

    \b
    Example:
      lpr hotlist log bolo
      lpr hotlist log --plate ABC1234 --json
    """
    elements = {"list": name} if name else None
    with (
        open_database(db, readonly=True) as database,
        audited(database, "hotlist log", elements, why, [plate] if plate else []) as access,
    ):
        if name is not None:
            existing_list(database, name)
        rows = access.rows(_rows(HotLists(database).log(name, plate), output))
        write_rows(rows, output, _SHOWN if output == TEXT else [field.name for field in fields(Change)])


def _rows(changes: Iterator[Change], output: str) -> Iterator[dict[str, Any]]:
    for change in changes:
        row = asdict(change)
        if output == TEXT:
            row["at"] = minutes(change.at)
            row["change"] = _told(change)
        yield row


def _told(change: Change) -> str:
    """What is different, name by name."""
    before, after = change.before or {}, change.after or {}
    if change.before is None or change.after is None:
        return "; ".join(_pairs({n: v for n, v in {**before, **after}.items() if n not in ("plate", "sha256")}))
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return "; ".join(f"{name}: {_said(before.get(name))} → {_said(after.get(name))}" for name in names)


def _pairs(said: dict[str, Any]) -> Iterator[str]:
    return (f"{name}: {_said(value)}" for name, value in said.items())


def _said(value: object) -> str:
    return "-" if value is None else " ".join(str(value).split())
