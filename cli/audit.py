"""``lpr audit``: who asked the record or changed a list, whether that trail is whole, and what laws ask to count."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import click

from lpr.purpose import Why
from lpr.records.audit import audited
from lpr.records.schema import open_database
from lpr.records.trail import Asked, Wanted

from .database import database_option
from .hotlist_words import minutes, number
from .output import TEXT, output_options, write_rows
from .period import Period, period_options
from .purpose import Command, purpose_options

_SHOWN = ("id", "at", "user", "command", "plates", "purpose", "case", "outcome", "rows")
_ALL = [field.name for field in fields(Asked)]


@click.group()
def audit() -> None:
    """See who asked the record or changed a list, and prove that this trail is whole.

    \b
    Examples:
      lpr audit list --from 2026-07-01 --user jdoe
      lpr audit sample 25 --quarter
      lpr audit anchor >> /mnt/elsewhere/anchors.txt
      lpr audit verify --anchors /mnt/elsewhere/anchors.txt
    """


def wanted_options(command: Command) -> Command:
    """Add the options that narrow accesses down."""
    for option, name, metavar, text in (
        ("--plate", "plate", "PLATE", "Only those that asked for this plate, erased since or not."),
        ("--of-case", "of_case", "NUMBER", "Only those for this case."),
        ("--of-purpose", "of_purpose", "TEXT", "Only those for this purpose."),
        ("--command", "command", "COMMAND", "Only these: search, or a group such as hotlist."),
        ("--user", "user", "NAME", "Only this user's."),
    ):
        command = click.option(option, name, metavar=metavar, help=text)(command)
    return command


def _wanted(period: Period, given: dict[str, Any]) -> Wanted:
    return Wanted(
        *(period.since, period.until, given["user"], given["command"], given["of_purpose"], given["of_case"]),
        plate=given["plate"],
    )


@audit.command("list")
@wanted_options
@period_options
@output_options
@purpose_options
@database_option
def list_(period: Period, output: str, why: Why, db: Path | None, **given: Any) -> None:
    """Show accesses, the oldest first: who, when, what, why, and how many rows were given out.

    \b
    Examples:
      lpr audit list --from 2026-07-01 --to 2026-07-31 --csv
      lpr audit list --plate 8MZS536
    """
    from lpr.records.trail import accesses

    wanted = _wanted(period, given)
    elements = {name: value for name, value in asdict(wanted).items() if value and name != "plate"}
    with (
        open_database(db, readonly=True) as database,
        audited(database, "audit list", elements, why, [wanted.plate] if wanted.plate else []) as access,
    ):
        rows = access.rows(asdict(one) for one in accesses(database, wanted) if one.id != access.id)
        _write(rows, output)


@audit.command()
@click.argument("access_id", metavar="ID", type=int)
@output_options
@purpose_options
@database_option
def show(access_id: int, output: str, why: Why, db: Path | None) -> None:
    """Show one access with all it says, and what it changed on lists.

    \b
    Example:
      lpr audit show 12
    """
    from lpr.hotlist.changes import of_access
    from lpr.records.trail import find

    with (
        open_database(db, readonly=True) as database,
        audited(database, "audit show", {"access": access_id}, why) as access,
    ):
        found = find(database, access_id)
        if found is None:
            raise click.ClickException(f"no access begins with row {access_id} of the trail; see: lpr audit list")
        changes = [asdict(change) for change in of_access(database, access_id)]
        row = {**asdict(found), "changes": changes}
        access.add(row)
        if output != TEXT:
            write_rows([row], output, [*_ALL, "changes"])
            return
        for name in _ALL:
            value = row[name]
            if name == "plates":
                value = ", ".join(value)
            told = ", ".join(f"{n}: {v}" for n, v in value.items()) if isinstance(value, dict) else value
            click.echo(f"{name:13} {'-' if told in (None, '') else told}")
        for change in changes:
            click.echo(f"{'change':13} {change['id']}: {change['action']} {change['plate'] or ''} on {change['list']}")


@audit.command()
@click.argument("count", type=click.IntRange(1))
@click.option("--seed", type=int, help="Draw the sample with this seed again; standard error says it.")
@wanted_options
@period_options
@output_options
@purpose_options
@database_option
def sample(count: int, seed: int | None, period: Period, output: str, why: Why, db: Path | None, **given: Any) -> None:
    """Draw COUNT accesses at random, as the yearly and quarterly audits of several states ask.

    The seed is on the trail: the same sample can be drawn again, which shows that nobody chose.

    \b
    Examples:
      lpr audit sample 25 --quarter
      lpr audit sample 25 --quarter 2026-Q3 --command search --csv
    """
    from lpr.records.trail import sample as drawn

    chosen = secrets.randbelow(10**9) if seed is None else seed
    wanted = _wanted(period, given)
    elements = {"count": count, "seed": chosen, **{n: v for n, v in asdict(wanted).items() if v and n != "plate"}}
    with (
        open_database(db, readonly=True) as database,
        audited(database, "audit sample", elements, why, [wanted.plate] if wanted.plate else []) as access,
    ):
        found = drawn(database, count, wanted, chosen, before=access.id)
        _write(access.rows(map(asdict, found)), output)
    click.echo(f"{number(len(found), 'access', 'accesses')} {period.said}, drawn with --seed {chosen}", err=True)


def _write(rows: Iterator[dict[str, Any]], output: str) -> None:
    if output != TEXT:
        write_rows(rows, output, _ALL)
        return
    told = ({**row, "at": minutes(row["at"]), "plates": ", ".join(row["plates"]) or None} for row in rows)
    if not write_rows(told, output, _SHOWN):
        click.echo("There are no such accesses", err=True)


@audit.command()
@period_options
@output_options
@purpose_options
@database_option
def report(period: Period, output: str, why: Why, db: Path | None) -> None:
    """Count what laws and auditors ask for: accesses by command, user and purpose, plates scanned, matches by list.

    Plates and matches are those of lpr alerts report; what a purge has deleted since is counted, too. Days are UTC.

    \b
    Examples:
      lpr audit report --quarter 2026-Q3
      lpr audit report --from 2026-01-01 --to 2026-12-31 --csv
    """
    from lpr.hotlist.report import report as of_lists
    from lpr.records.counts import Count, counts

    since, until = period.since or "0001", period.until or "9999"
    with (
        open_database(db, readonly=True) as database,
        audited(database, "audit report", {"since": since, "until": until}, why) as access,
    ):
        found = counts(database, since, until)
        lists = of_lists(database, since, until)
        if lists:
            found.insert(0, Count("plates scanned", "", lists[0].plates_scanned))
        for one in lists:
            row = {name: n for name, n in asdict(one).items() if name not in ("list", "plates_scanned")}
            found += [Count(f"{name.replace('_', ' ')} by list", one.list, n) for name, n in row.items()]
        write_rows(access.rows(map(asdict, found)), output, [field.name for field in fields(Count)])


@audit.command()
@output_options
@database_option
def anchor(output: str, db: Path | None) -> None:
    """Print the number and hash of the trail's last row, to be kept where nobody can change it.

    \b
    Example:
      lpr audit anchor | mail -s "lpr anchor" auditor@example.org
    """
    from lpr.records.verify import anchor as last

    with open_database(db, readonly=True) as database:
        found = last(database)
    if found is None:
        raise click.ClickException("the trail is empty: there is nothing to anchor yet")
    if output == TEXT:
        click.echo(f"{found.at} {found}")
    else:
        write_rows([{**asdict(found), "anchor": str(found)}], output, ("id", "hash", "at", "anchor"))


@audit.command()
@click.option("--anchor", "given", metavar="ID:HASH", multiple=True, help="A row as it was anchored. Repeatable.")
@click.option(
    "--anchors",
    "files",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    multiple=True,
    help="A file with all that lpr audit anchor printed. Repeatable.",
)
@output_options
@database_option
@click.pass_context
def verify(ctx: click.Context, given: tuple[str, ...], files: tuple[Path, ...], output: str, db: Path | None) -> None:
    """Check the trail: nothing edited, taken out, put in or moved, and, with anchors, nothing cut off its end.

    The exit status is 1 when anything is wrong.

    \b
    Example:
      lpr audit verify --anchors /mnt/elsewhere/anchors.txt
    """
    from lpr.records.verify import anchor as last
    from lpr.records.verify import parse_anchors
    from lpr.records.verify import verify as problems_of

    written = [*given, *(click.open_file(str(file), encoding="utf-8").read() for file in files)]
    anchors = [one for text in written for one in parse_anchors(text)]
    with open_database(db, readonly=True) as database:
        problems = problems_of(database, anchors)
        end = last(database)
    if output != TEXT:
        write_rows((asdict(one) for one in problems), output, ("id", "what"))
    for one in problems if output == TEXT else ():
        click.echo(f"row {one.id}: {one.what}" if one.id is not None else one.what)
    rows = number(0 if end is None else end.id, "row")
    unanchored = "" if anchors else "; without anchors a cut-off end is not seen (lpr audit anchor)"
    click.echo(f"{rows}: {number(len(problems), 'problem') if problems else 'whole'}{unanchored}", err=True)
    if problems:
        ctx.exit(1)
