"""``lpr hotlist import``: a file becomes the content of a list."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lpr.hotlist.lists import HotLists
from lpr.records.schema import open_database

from .database import database_option
from .hotlist_words import kind_option, list_option, number

if TYPE_CHECKING:
    from lpr.hotlist.importer import Imported


@click.command("import")
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
        click.echo(f"  {number(imported.by_hand, 'entry', 'entries')} added by hand, not in the file: kept")
    if imported.repeated:
        click.echo(f"  {number(imported.repeated, 'line')} repeated, counted once")
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
        click.echo(f"{imported.file}: {number(imported.refused, 'line')} refused; {where}", err=True)
