"""``lpr hotlist add``, ``edit`` and ``remove``: entries by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import click

from lpr.hotlist.byhand import find
from lpr.hotlist.details import DETAILS
from lpr.hotlist.entry import Entry
from lpr.hotlist.expiry import parse_expiry, parse_span, parse_start
from lpr.hotlist.lists import HotLists
from lpr.hotlist.states import is_known
from lpr.hotlist.store import existing_list
from lpr.purpose import Why
from lpr.records.audit import audited
from lpr.records.schema import open_database

from .database import database_option
from .hotlist_words import asked, kind_option, list_option, look_back_option, minutes, shown
from .purpose import Command, purpose_options

#: What the options for details say of themselves. ``--case`` is the case of the entry and of the change.
_HELP = {
    "vehicle": "Year, make, model, color in one text.",
    "caution": "What an officer must know before approaching: armed, hold for prints, …",
    "contact": "Whom to call.",
    "comment": "Anything else.",
}


def detail_options(command: Command) -> Command:
    """Add an option for each detail of an entry, ``--case`` left out, which ``purpose_options`` brings."""
    for name, label in reversed(list(DETAILS.items())):
        if name != "case":
            told = _HELP.get(name, f"{label[0].upper()}{label[1:]}.")
            command = click.option(f"--{name.replace('_', '-')}", name, help=told)(command)
    return command


def time_options(command: Command) -> Command:
    """Add ``--effective`` and ``--expires``."""
    expires = "72h, 3d, 2026-12-31 or 2026-12-31T18:00; afterwards it matches nothing."
    command = click.option("--expires", metavar="WHEN", help=expires)(command)
    return click.option("--effective", metavar="WHEN", help="From when it matches; at once without.")(command)


@click.command()
@click.argument("plate", required=False)
@list_option
@click.option("--state", metavar="CODE", help="Who issued the plate: AL, CA, ON, …")
@click.option("--reason", help="Why the plate is wanted, in a few words.")
@time_options
@detail_options
@kind_option
@look_back_option
@purpose_options
@database_option
def add(
    plate: str | None,
    list_name: str | None,
    state: str | None,
    reason: str | None,
    effective: str | None,
    expires: str | None,
    kind: str | None,
    look_back: str | None,
    why: Why,
    db: Path | None,
    **details: str | None,
) -> None:
    """Put PLATE on a list, which is made when there is none. It counts at once.

    Of a partial plate write ? for each unknown character and * for any number of them. On a terminal, what is missing
    is asked for.

    \b
    Example:
      lpr hotlist add "ABC 1234" --list bolo --state AL --reason "stolen vehicle" --expires 72h
      lpr hotlist add "AB?12*" --list bolo --state AL --reason "left the scene" --look-back 30d
    """
    given = asked(plate, "PLATE", "Plate")
    name = asked(list_name, "--list", "List")
    issued = asked(state, "--state", "State (two letters, empty when not known)", default="")
    told = asked(reason, "--reason", "Reason")
    now = datetime.now(timezone.utc)
    until = parse_expiry(expires, now) if expires else None
    begins = parse_start(effective, now) if effective else None
    span = parse_span(look_back) if look_back else None
    said = {name: value for name, value in {**details, "case": _case_of_entry(why)}.items() if value}
    with open_database(db) as database, audited(database, "hotlist add", {"list": name}, why, [given]):
        lists = HotLists(database)
        entry = lists.add(given, name, issued, told, until, said, kind, begins, why)
        _warn(entry.state, entry.text)
        click.echo(f"{shown(entry)}: added to list {entry.list}")
        if span is not None:
            from .hotlist_import import report_history

            report_history(lists.look_back(span, entry), look_back or "")


def _case_of_entry(why: Why) -> str | None:
    """The case of the change is the entry's as well when it is given here, not when the environment says it."""
    source = click.get_current_context().get_parameter_source("case")
    return why.case if source is click.core.ParameterSource.COMMANDLINE else None


def _warn(state: str | None, text: str) -> None:
    from lpr.hotlist.written import twin_of

    if state is None:
        click.echo("Warning: no state given; a hit cannot compare it", err=True)
    elif not is_known(state):
        click.echo(f"Warning: state {state!r} is no US or Canadian code, kept as written", err=True)
    elif (twin := twin_of(text, state)) is not None:
        click.echo(
            f"Warning: {state} issues both letter O and zero: {text} and {twin} may be two vehicles, and a hit cannot "
            "tell them apart",
            err=True,
        )


@click.command()
@click.argument("plate")
@list_option
@click.option("--state", metavar="CODE", help="Only the entry of this state.")
@click.option("--id", "entry_id", type=int, help="Only this entry, where the plate stands on the list more than once.")
@click.option("--new-plate", help="Another plate, as when it was mistyped.")
@click.option("--new-state", metavar="CODE", help="Another state.")
@click.option("--new-case", metavar="NUMBER", help="Another case of the entry; --case is the case of the change.")
@click.option("--reason", help="Another reason.")
@time_options
@detail_options
@purpose_options
@database_option
def edit(
    plate: str,
    list_name: str | None,
    state: str | None,
    entry_id: int | None,
    new_plate: str | None,
    new_state: str | None,
    new_case: str | None,
    reason: str | None,
    effective: str | None,
    expires: str | None,
    why: Why,
    db: Path | None,
    **details: str | None,
) -> None:
    """Change what the entry of PLATE says; an empty text takes a detail away. The old version stays on record.

    The next import of a file that has the plate makes it what the file says. `--expires never` takes the expiry away.

    \b
    Example:
      lpr hotlist edit ABC1234 --list bolo --caution armed --expires 24h --purpose "new information"
    """
    name = asked(list_name, "--list", "List")
    now = datetime.now(timezone.utc)
    changes: dict[str, Any] = {
        **{n: v for n, v in details.items() if v is not None},
        **{n: v for n, v in (("plate", new_plate), ("state", new_state), ("reason", reason)) if v is not None},
    }
    parsers: dict[str, tuple[str | None, Callable[[str, datetime], datetime]]] = {
        "effective": (effective, parse_start),
        "expires": (expires, parse_expiry),
    }
    for field, (written, parse) in parsers.items():
        if written is not None:
            changes[field] = None if written.lower() == "never" else parse(written, now)
    if new_case is not None:
        changes["case"] = new_case
    of_change = _case_of_entry(why)
    if not changes and of_change is None:
        raise click.UsageError("Nothing to change: give an option such as --reason or --expires.")
    with open_database(db) as database, audited(database, "hotlist edit", {"list": name}, why, [plate]):
        # An entry that has no case takes that of the change; another one keeps its own.
        if of_change and not any(e.details.get("case") for e in find(database, plate, existing_list(database, name))):
            changes.setdefault("case", of_change)
        before, after = HotLists(database).edit(plate, name, changes, state, entry_id, why)
    if after.state != before.state or after.text != before.text:
        _warn(after.state, after.text)
    click.echo(f"{shown(before)} → {shown(after)}: changed on list {after.list}")
    for line in _other_details(before, after):
        click.echo(f"  {line}")


def _other_details(before: Entry, after: Entry) -> Iterator[str]:
    """What an edit changed beside the plate and what is shown with it."""
    for name in {**before.details, **after.details}:
        old, new = before.details.get(name), after.details.get(name)
        if old != new:
            yield f"{name}: {old or '-'} → {new or '-'}"
    if before.effective != after.effective:
        old, new = (minutes(e.effective.isoformat()) if e.effective else None for e in (before, after))
        yield f"effective: {old or '-'} → {new or '-'}"


@click.command()
@click.argument("plate")
@list_option
@click.option("--state", metavar="CODE", help="Only the entry of this state.")
@purpose_options
@database_option
def remove(plate: str, list_name: str | None, state: str | None, why: Why, db: Path | None) -> None:
    """Take PLATE off a list. The entry becomes inactive; what it matched stays on record.

    \b
    Example:
      lpr hotlist remove ABC1234 --list bolo --purpose "vehicle recovered"
    """
    name = asked(list_name, "--list", "List")
    with open_database(db) as database, audited(database, "hotlist remove", {"list": name}, why, [plate]):
        for entry in HotLists(database).remove(plate, name, state, why):
            click.echo(f"{shown(entry)}: removed from list {entry.list}")
