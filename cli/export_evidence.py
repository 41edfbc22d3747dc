"""``lpr export evidence``: a signed package that a court can check; ``lpr export key``: what it is checked with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lpr.investigation.where import Where
from lpr.purpose import Why
from lpr.records.schema import default_path

from .database import database_option
from .hotlist_words import number
from .incident import window_options
from .purpose import purpose_options
from .question import asking, plate_options, where_options

if TYPE_CHECKING:
    from lpr.investigation.report import Report

Command = TypeVar("Command", bound=Callable[..., Any])


def package_options(command: Command) -> Command:
    """Add ``-o``, ``--footage``, ``--force``, and what every question has."""
    for option in (
        database_option,
        purpose_options,
        click.option("--force", is_flag=True, help="Replace the file where there is one."),
        click.option("--footage", is_flag=True, help="Put whole footage files in, not only the frames that were read."),
        click.option(
            "-o",
            "--output",
            "target",
            metavar="FILE.zip",
            required=True,
            type=click.Path(dir_okay=False, path_type=Path),
            help="The package to write.",
        ),
    ):
        command = option(command)
    return command


@click.group()
def evidence() -> None:
    """Write what is known of a plate, an incident, a scan or an alert into one signed zip.

    In it are the original photos byte by byte, of footage the frames that were read, crops, all reads with their
    candidates, the sources' SHA-256, model versions and settings, the chain of custody, and a manifest with the
    SHA-256 of every file, signed with this record's Ed25519 key (made beside the database when it is first needed;
    LPR_SIGNING_KEY names another). Original files must lie where they were scanned, unchanged.

    \b
    Examples:
      lpr export evidence alert 3 -o alert-3.zip --case 26-0417
      lpr export evidence plate 8MZS536 --from 2026-07-01 --to 2026-07-02 -o 8MZS536.zip
    """


@evidence.command()
@click.argument("plate", metavar="PLATE")
@plate_options
@where_options
@package_options
def plate(plate: str, state: str | None, least_score: float, where: Where, **package: Any) -> None:
    """The sightings of PLATE.

    \b
    Example:
      lpr export evidence plate 8MZS536 --from 2026-07-01 -o 8MZS536.zip
    """
    from lpr.investigation.report import of_plate

    _export(lambda database: of_plate(database, plate, where, timezone.utc, state, least_score),
            "plate", where.elements(), [plate], **package)  # fmt: skip


@evidence.command()
@click.argument("named", metavar="INCIDENT")
@window_options
@package_options
def incident(named: str, before: timedelta, after: timedelta, within: float, **package: Any) -> None:
    """The sightings near INCIDENT.

    \b
    Example:
      lpr export evidence incident 26-0417 --before 2m --after 5m -o 26-0417.zip
    """
    from lpr.investigation.report import of_incident
    from lpr.records.incidents import find_incident

    _export(lambda database: of_incident(database, find_incident(database, named), before, after, within, timezone.utc),
            "incident", {"incident": named}, [], **package)  # fmt: skip


@evidence.command()
@click.argument("named", metavar="FILE|NUMBER")
@package_options
def scan(named: str, **package: Any) -> None:
    """The sightings of one scanned file, or of the scan of this number.

    \b
    Example:
      lpr export evidence scan gate.mp4 --footage -o gate.zip
    """
    from lpr.investigation.report import of_scan

    _export(lambda database: of_scan(database, named, timezone.utc), "scan", {"scan": named}, [], **package)


@evidence.command()
@click.argument("alert_id", metavar="ALERT", type=int)
@package_options
def alert(alert_id: int, **package: Any) -> None:
    """The sightings that ALERT stands for.

    \b
    Example:
      lpr export evidence alert 3 -o alert-3.zip
    """
    from lpr.investigation.report import of_alert

    _export(lambda database: of_alert(database, alert_id, timezone.utc), "alert", {"alert": alert_id}, [], **package)


def _export(
    make: Callable[[Any], Report],
    subject: str,
    elements: dict[str, Any],
    plates: list[str],
    target: Path,
    footage: bool,
    force: bool,
    why: Why,
    db: Path | None,
) -> None:
    from lpr.investigation.evidence import export_evidence
    from lpr.investigation.signature import key_file, signing_key

    if target.exists() and not force:
        raise click.ClickException(f"{target} is there already; name another file, or say --force")
    with asking(db, f"export evidence {subject}", elements, why, plates) as (database, access):
        report = make(database)
        if not report.found:
            raise click.ClickException("nothing on record fits; there is no evidence to export")
        for row in report.rows():
            access.add(row)
        signing = signing_key(key_file(database.file))
        manifest = export_evidence(database, report, target, signing, why, access.id, footage)
    click.echo(
        f"{target}: {number(len(report.found), 'sighting')}, {number(len(manifest['files']), 'file')}, signed", err=True
    )
    click.echo(f"Public key, to be handed over by another way: {signing.public}", err=True)


@click.command()
@database_option
def key(db: Path | None) -> None:
    """Print the public key that evidence packages of this record are signed with; it is made where there is none.

    Hand it over by another way than the packages: lpr verify --key checks that a package is from its holder.

    \b
    Example:
      lpr export key
    """
    from lpr.investigation.signature import key_file, signing_key

    click.echo(signing_key(key_file(db or default_path())).public)
