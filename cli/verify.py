"""``lpr verify``: is an evidence package what was signed, and what was changed?"""

from __future__ import annotations

from pathlib import Path

import click

from lpr.records.schema import default_path

from .database import database_option
from .output import TEXT, output_options, write_rows

COLUMNS = ("path", "fault", "explanation")


@click.command()
@click.argument("package", metavar="FILE.zip", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--key",
    "keys",
    metavar="PUBLIC",
    multiple=True,
    help="The public key that it must be signed with, as lpr export key prints it. Repeatable.",
)
@output_options
@database_option
@click.pass_context
def verify(ctx: click.Context, package: Path, keys: tuple[str, ...], output: str, db: Path | None) -> None:
    """Check an evidence package: every file against the signed manifest. Needs no record.

    A row for each file that was changed, added, removed or damaged; the exit status is then 1. Whoever changes a
    package can sign it anew with another key: only --key, got by another way, shows whose it is.

    \b
    Examples:
      lpr verify 26-0417.zip --key 3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29
      lpr verify 26-0417.zip --json
    """
    from lpr.investigation.signature import key_file, signing_key
    from lpr.investigation.verify import TRUSTED
    from lpr.investigation.verify import verify as check

    own = key_file(db or default_path())
    known = keys or ((signing_key(own).public,) if own.exists() else ())
    verdict = check(package, keys)
    trusted = verdict.key == TRUSTED or (verdict.public_key in known and verdict.holds)
    if output != TEXT:
        write_rows((fault.row() for fault in verdict.faults), output, COLUMNS)
    for fault in verdict.faults if output == TEXT else ():
        click.echo(f"{fault.fault.upper()}: {fault.path}: {fault.explanation}")
    if not verdict.holds:
        count = len(verdict.faults)
        click.echo(f"{package}: {count} fault{'' if count == 1 else 's'}: this is not what was signed", err=True)
        ctx.exit(1)
    said = verdict.manifest
    click.echo(f"{package}: {verdict.files} files, none changed since {said['made_at'][:19]} UTC", err=True)
    click.echo(f"Made by {said['made_by']} on {said['host']}: {said['title']}", err=True)
    if trusted:
        whose = "the key asked for" if keys else "this record's own key"
        click.echo(f"Signed with {whose}", err=True)
    else:
        click.echo(
            f"Signed with {verdict.public_key}; nothing here says whose that is: compare it, or use --key", err=True
        )
