"""``lpr hotlist import``: a file becomes the content of a list."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lpr.hotlist.budget import import_warning
from lpr.hotlist.expiry import parse_span
from lpr.hotlist.format import parse_map
from lpr.hotlist.importer import How
from lpr.hotlist.lists import HotLists
from lpr.purpose import Why
from lpr.records.audit import audited
from lpr.records.schema import open_database

from .database import database_option
from .hotlist_words import asked, kind_option, list_option, look_back_option, number
from .purpose import purpose_options

if TYPE_CHECKING:
    from lpr.hotlist.importer import Imported
    from lpr.hotlist.lookback import HistoricalHit


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@list_option
@kind_option
@click.option(
    "--format",
    "format_name",
    default="auto",
    metavar="NAME",
    help="auto, a format that lpr knows (lpr hotlist formats), or your own FILE.toml.",
)
@click.option("--map", "mapped", metavar="COLUMN=NAME,…", help="What the file calls a column: plate=LIC,state=LIS.")
@click.option(
    "--mode",
    type=click.Choice(["complete", "incremental"]),
    help="The file is the whole list, or changes it; most formats are complete.",
)
@click.option("--reason", help="The reason of lines that give none.")
@click.option("--state", metavar="CODE", help="The state of lines that give none.")
@click.option(
    "--force",
    is_flag=True,
    help="Load a file that is older than the loaded one, fails its own count, or removes more than 20 %.",
)
@click.option("--dry-run", is_flag=True, help="Only tell what would change.")
@look_back_option
@purpose_options
@database_option
@click.pass_context
def import_(
    ctx: click.Context,
    file: Path,
    list_name: str | None,
    kind: str | None,
    format_name: str,
    mapped: str | None,
    mode: str | None,
    reason: str | None,
    state: str | None,
    force: bool,
    dry_run: bool,
    look_back: str | None,
    why: Why,
    db: Path | None,
) -> None:
    """Make FILE the content of a list.

    FILE is CSV, TSV, XLSX or JSON with names for its columns, or one of the formats of NCIC, states and makers; plain,
    or packed with gzip or zip. It is checked whole first. Lines that make no entry are written to FILE.rejected.csv
    with the reason, the others are imported in one step, and the exit status is 1. Entries of an earlier import that
    are not in FILE any more become inactive; what was added by hand stays.

    \b
    Example:
      lpr hotlist import wanted.csv --list wanted --dry-run
      lpr hotlist import svs.tbl.gz --list clew --format ca-clew --reason "stolen vehicle"
      lpr hotlist import list.xlsx --list bolo --map plate=LIC,state=LIS --look-back 30d
    """
    name = asked(list_name, "--list", "List")
    span = parse_span(look_back) if look_back else None
    columns = parse_map(mapped) if mapped else {}
    how = How(format_name, columns, mode, reason, state, force, why)
    elements = {"list": name, "file": str(file), "look_back": look_back}
    with open_database(db) as database, audited(database, "hotlist import", elements, why):
        lists = HotLists(database)
        imported = lists.import_file(file, name, kind, dry_run, how)
        report(imported)
        if imported.change_id is not None and (imported.added or imported.changed):
            for sentence in import_warning(database, imported.list):
                click.echo(f"Warning: {sentence}", err=True)
        if span is not None and imported.change_id is not None:
            report_history(lists.look_back(span, change_id=imported.change_id), look_back or "")
    if imported.refused or (dry_run and imported.doubts and not force):
        ctx.exit(1)


def report(imported: Imported) -> None:
    """What an import did: its numbers and first changes to standard output, what is odd to standard error."""
    numbers = ", ".join(f"{getattr(imported, n):,} {n}" for n in ("added", "removed", "changed", "unchanged"))
    would = " (dry run, nothing is changed)" if imported.dry_run else ""
    click.echo(f"{imported.file} → list {imported.list}: {numbers}{would}")
    if imported.format != "generic":
        click.echo(f"  read as {imported.format}, {imported.mode}")
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
    for doubt in imported.doubts:
        click.echo(
            f"Warning: {imported.file}: {doubt} ({'needs' if imported.dry_run else 'loaded by'} --force)", err=True
        )
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


def report_history(found: list[HistoricalHit], span: str) -> None:
    """What looking back found, the oldest first."""
    click.echo(f"Looked back {span}: {number(len(found), 'historical hit')}")
    for one in found:
        hit = one.hit
        at = f", {one.seconds:.1f} s" if one.seconds is not None else ""
        how = f"possible match ({hit.tier}, score {hit.score:.2g})"
        click.echo(
            f"  {one.seen_at[:16].replace('T', ' ')} UTC  {hit.text}  {how} with "
            f"{hit.plate} {hit.state or 'state unknown'} on list {hit.list}: {one.source}{at}"
        )
