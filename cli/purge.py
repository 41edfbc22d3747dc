"""``lpr purge``: deletes what has outlived the retention of the policy."""

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path

import click

from lpr.purpose import Why
from lpr.records.policy import policy_of
from lpr.records.purge import Purged
from lpr.records.purge import purge as purge_records
from lpr.records.retention import Preset, presets
from lpr.records.schema import default_path, open_database

from .database import database_option
from .hotlist_words import number
from .output import TEXT, output_options, write_rows
from .purpose import purpose_options

_NAMES = (
    ("sightings", "sighting"),
    ("reads", "read of a single frame", "reads of single frames"),
    ("hits", "hit"),
    ("alerts", "alert"),
    ("pictures", "picture"),
    ("files", "file in the policy's folders", "files in the policy's folders"),
    ("plates_asked", "plate in the audit trail's clear text", "plates in the audit trail's clear text"),
    ("entries", "inactive hot list entry", "inactive hot list entries"),
)


@click.command()
@click.option("--yes", is_flag=True, help="Do it; without, it is only told what would go.")
@click.option("--presets", "only_presets", is_flag=True, help="Show the presets by state, with their sources.")
@output_options
@purpose_options
@database_option
@click.pass_context
def purge(ctx: click.Context, yes: bool, only_presets: bool, output: str, why: Why, db: Path | None) -> None:
    """Delete what has outlived the retention of the policy file: sightings, reads, hits, alerts, pictures.

    Without --yes nothing is deleted. What is deleted is overwritten: neither the database nor its WAL holds it then.
    Legal holds (lpr hold) keep what they name. Others can read and write meanwhile; lpr scan purges by itself when it
    ends, lpr watch while it runs. The exit status is 1 when something could not be deleted.

    \b
    Examples:
      lpr purge
      lpr purge --yes
      lpr purge --presets
    """
    if only_presets:
        write_rows((asdict(one) for one in presets().values()), output, [field.name for field in fields(Preset)])
        doubtful = ", ".join(name for name, one in presets().items() if not one.confirmed)
        click.echo(f"Not confirmed by reading the law, but known from second hand: {doubtful}", err=True)
        click.echo("Laws change: read the law before you rely on any of them", err=True)
        return
    retention = policy_of(db or default_path()).retention
    if not retention:
        click.echo("The policy sets no retention: nothing is ever due (docs/accountability.md)", err=True)
    elif retention.preset is not None and not retention.preset.confirmed:
        told = f"{retention.preset.name} ({retention.preset.age}, {retention.preset.source})"
        click.echo(f"Warning: the preset {told} was not confirmed by reading the law; read it first", err=True)
    with open_database(db) as database:
        done = purge_records(database, why, dry_run=not yes)
        entries = 0
        if yes:
            from lpr.hotlist.attributes import purge as purge_lists

            entries = sum(purge_lists(database).values())
    if output != TEXT:
        row = {**asdict(done), "entries": entries, "problems": list(done.problems)}
        write_rows([row], output, list(row))
    else:
        _tell(done, entries)
    for problem in done.problems:
        click.echo(f"Error: {problem}", err=True)
    if done.problems:
        ctx.exit(1)


def _tell(done: Purged, entries: int) -> None:
    counts = {**asdict(done), "entries": entries}
    told = [number(counts[name], *words) for name, *words in _NAMES if counts[name]]
    if not told:
        click.echo("Nothing is due")
    else:
        click.echo(f"{'Would delete' if done.dry_run else 'Deleted'}: {', '.join(told)}")
        if done.dry_run:
            click.echo("lpr purge --yes does it", err=True)
    if done.held:
        click.echo(f"Held: {number(done.held, 'sighting')}; see: lpr hold list")
