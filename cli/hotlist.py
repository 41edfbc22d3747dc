"""``lpr hotlist``: lists in, entries by hand, and possible matches of a plate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, fields
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lpr.errors import HotListError, LprError
from lpr.hotlist.entry import ADVICE, CONFLICTS, Difference, Entry, Hit
from lpr.hotlist.expiry import parse_expiry
from lpr.hotlist.formats import TEMPLATE
from lpr.hotlist.lists import HotLists
from lpr.hotlist.states import fold_state, is_known
from lpr.hotlist.store import KINDS, HotList
from lpr.records.schema import default_path, open_database

from .database import database_option
from .output import TEXT, output_options, write_rows

if TYPE_CHECKING:
    from lpr.hotlist.importer import Imported

list_option = click.option("--list", "list_name", metavar="NAME", required=True, help="The hot list.")
kind_option = click.option(
    "--kind", type=click.Choice(KINDS, case_sensitive=False), help="What the list is about; custom for a new list."
)


@click.group()
def hotlist() -> None:
    """Import, edit and check hot lists.

    A match is a reason to look, never a statement about a vehicle: verify plate, state and vehicle.

    \b
    Example:
      lpr hotlist import hotlists/example.csv --list example
      lpr hotlist check 8MZS536
    """


@hotlist.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@list_option
@kind_option
@click.option("--dry-run", is_flag=True, help="Only tell what would change.")
@database_option
@click.pass_context
def import_(ctx: click.Context, file: Path, list_name: str, kind: str | None, dry_run: bool, db: Path | None) -> None:
    """Make FILE, a CSV with a header, the content of a list.

    The whole file is checked first. Lines that make no entry are written to FILE.rejected.csv with the reason, the
    others are imported in one step, and the exit status is 1. Entries of an earlier import that are not in FILE any
    more become inactive; what was added by hand stays.

    \b
    Example:
      lpr hotlist import wanted.csv --list wanted --dry-run
    """
    with open_database(db) as database:
        imported = HotLists(database).import_file(file, list_name, kind, dry_run)
    _report(imported)
    if imported.refused:
        ctx.exit(1)


def _report(imported: Imported) -> None:
    numbers = ", ".join(f"{getattr(imported, n):,} {n}" for n in ("added", "removed", "changed", "unchanged"))
    would = " (dry run, nothing is changed)" if imported.dry_run else ""
    click.echo(f"{imported.file} → list {imported.list}: {numbers}{would}")
    if imported.dry_run or not imported.created:
        for sort, sign in (("added", "+"), ("removed", "-"), ("changed", "~")):
            shown = [change for change in imported.changes if change.kind == sort]
            for change in shown:
                said = " → ".join(text for text in (change.before, change.after) if text is not None)
                click.echo(f"  {sign} {change.plate}  {change.state or '-'}  {' '.join(said.split())}".rstrip())
            if len(shown) < (count := getattr(imported, sort)):
                click.echo(f"  {sign} and {count - len(shown):,} more")
    if imported.by_hand:
        click.echo(f"  {_number(imported.by_hand, 'entry', 'entries')} added by hand, not in the file: kept")
    if imported.repeated:
        click.echo(f"  {_number(imported.repeated, 'line')} repeated, counted once")
    for warning in imported.warnings:
        click.echo(f"Warning: {imported.file}: {warning}", err=True)
    for problem in imported.problems:
        click.echo(f"Refused: {problem}", err=True)
    if imported.refused > len(imported.problems):
        click.echo(f"Refused: {imported.refused - len(imported.problems):,} more lines", err=True)
    if imported.refused:
        where = (
            f"see {imported.rejected_file}, correct them and import again" if imported.rejected_file else "correct them"
        )
        click.echo(f"{imported.file}: {_number(imported.refused, 'line')} refused; {where}", err=True)


@hotlist.command()
@click.argument("plate")
@list_option
@click.option("--state", metavar="CODE", help="Who issued the plate: AL, CA, ON, …")
@click.option("--reason", required=True, help="Why the plate is wanted, in a few words.")
@click.option(
    "--expires", metavar="WHEN", help="72h, 3d, 2026-12-31 or 2026-12-31T18:00; afterwards it matches nothing."
)
@click.option("--case", help="Case number of your agency.")
@click.option("--nic", help="NCIC number.")
@click.option("--ori", help="ORI of the agency.")
@click.option("--vehicle", help="Year, make, model, color.")
@click.option("--caution", help="What an officer must know before approaching.")
@click.option("--comment", help="Anything else.")
@kind_option
@database_option
def add(
    plate: str,
    list_name: str,
    state: str | None,
    reason: str,
    expires: str | None,
    kind: str | None,
    db: Path | None,
    **details: str | None,
) -> None:
    """Put PLATE on a list, which is made when there is none. It counts at once.

    \b
    Example:
      lpr hotlist add "ABC 1234" --list bolo --state AL --reason "stolen vehicle" --expires 72h
    """
    until = parse_expiry(expires, datetime.now(timezone.utc)) if expires else None
    given = {name: value for name, value in details.items() if value}
    with open_database(db) as database:
        entry = HotLists(database).add(plate, list_name, state, reason, until, given, kind)
    if entry.state is None:
        click.echo("Warning: no state given; a hit cannot compare it", err=True)
    elif not is_known(entry.state):
        click.echo(f"Warning: state {entry.state!r} is no US or Canadian code, kept as written", err=True)
    click.echo(f"{_shown(entry)}: added to list {entry.list}")


@hotlist.command()
@click.argument("plate")
@list_option
@click.option("--state", metavar="CODE", help="Only the entry of this state.")
@database_option
def remove(plate: str, list_name: str, state: str | None, db: Path | None) -> None:
    """Take PLATE off a list. The entry becomes inactive; what it matched stays on record.

    \b
    Example:
      lpr hotlist remove ABC1234 --list bolo
    """
    with open_database(db) as database:
        for entry in HotLists(database).remove(plate, list_name, state):
            click.echo(f"{_shown(entry)}: removed from list {entry.list}")


@hotlist.command("list")
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
        row["expires"] = _minutes(row["expires"])
        row["details"] = "; ".join(f"{name}: {' '.join(value.split())}" for name, value in entry.details.items())
    return row


def _list_row(one: HotList, output: str) -> dict[str, Any]:
    row = asdict(one)
    if output == TEXT:
        row["imported_at"] = _minutes(one.imported_at)
    return row


@hotlist.command()
@click.argument("plates", metavar="PLATE…", nargs=-1, required=True)
@click.option(
    "--state", metavar="CODE", help="Who issued the plates, as seen; a different entry is shown as a conflict."
)
@click.option("--exit-code", is_flag=True, help="Exit with status 3 when there was a possible match.")
@output_options
@database_option
@click.pass_context
def check(
    ctx: click.Context, plates: tuple[str, ...], state: str | None, exit_code: bool, output: str, db: Path | None
) -> None:
    """Show the possible matches of each PLATE on all lists.

    Exact ones come first, letter O and zero counted as the same, then look-alikes (I/1, B/8, S/5, Z/2, …).

    \b
    Example:
      lpr hotlist check 8MZS536 --state CA
      lpr hotlist check "ABC 1234" --nl
    """
    failed = 0
    matched = 0

    def rows() -> Iterator[dict[str, Any]]:
        nonlocal failed, matched
        for plate in plates:
            try:
                hits = lists.check(plate, state)
            except LprError as error:
                click.echo(f"Error: {error}", err=True)
                failed += 1
                continue
            matched += len(hits)
            if output == TEXT:
                click.echo(_card(plate, hits))
            yield from (hit.as_row() for hit in hits)

    with open_database(db, readonly=True) as database:
        lists = HotLists(database)
        if not database.rows("SELECT 1 FROM hotlists LIMIT 1"):
            raise HotListError(f"{db or default_path()} has no hot list; lpr hotlist import FILE --list NAME makes one")
        if state and (folded := fold_state(state)) and not is_known(folded):
            click.echo(f"Warning: state {folded!r} is no US or Canadian code, taken as written", err=True)
        if output == TEXT:
            for _ in rows():
                pass
        else:
            write_rows(rows(), output, [field.name for field in fields(Hit)])
    if failed:
        ctx.exit(1)
    if exit_code and matched:
        ctx.exit(3)


def _card(plate: str, hits: list[Hit]) -> str:
    """What a person reads of one plate: every possible match with the characters and the state to verify."""
    if not hits:
        return f"{plate}: no match"
    lines = [f"{plate}: {ADVICE}"]
    for hit in hits:
        lines.append(f"  {hit.tier:10}  {hit.plate}  {hit.state or 'state unknown'}  {hit.reason}".rstrip())
        lines.append(f"              list {hit.list}, score {hit.score:.2g}")
        if hit.state_agreement == CONFLICTS:
            lines[-1] += ", STATE CONFLICTS"
        lines.extend(f"              {_told(difference)}" for difference in hit.differs)
    return "\n".join(lines)


def _told(difference: Difference) -> str:
    read, entry = difference.read or "nothing", difference.entry or "nothing"
    return f"character {difference.position + 1}: given {read}, on the list {entry}"


@hotlist.command()
def template() -> None:
    """Print the header of a hot list file.

    Only the plate must be filled in; state and reason should be.

    \b
    Example:
      lpr hotlist template > bolo.csv
    """
    click.echo(",".join(TEMPLATE))


def _shown(entry: Entry) -> str:
    until = f", until {_minutes(entry.expires.isoformat())}" if entry.expires else ""
    return f"{entry.plate} ({entry.state or 'state unknown'}, {entry.reason}{until})"


def _minutes(time: str | None) -> str | None:
    """An ISO 8601 UTC time as people read it."""
    return f"{time[:16].replace('T', ' ')} UTC" if time else None


def _number(count: int, one: str, many: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"
