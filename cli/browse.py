"""``lpr browse``: the record in a browser on this machine, by Datasette."""

from __future__ import annotations

import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path

import click

from lpr.purpose import Why
from lpr.records.schema import default_path

from .database import database_option
from .purpose import purpose_options
from .question import asking


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8001, show_default=True, help="The port to listen on.")
@click.option("--open", "opens", is_flag=True, help="Open a browser.")
@click.option("--metadata", "shows_metadata", is_flag=True, help="Print Datasette's metadata file and end.")
@purpose_options
@database_option
def browse(port: int, opens: bool, shows_metadata: bool, why: Why, db: Path | None) -> None:
    """Browse the record in a browser: sightings with their pictures, possible matches, alerts, all tables.

    Needs lpr[browse], which brings Datasette. Only this machine can connect, and nothing can be changed. Each page
    is on the audit trail with this purpose and case. "datasette lpr.db" shows the same and takes LPR_PURPOSE, LPR_CASE.

    \b
    Examples:
      lpr browse --purpose "monthly review"
      lpr browse --metadata > lpr-metadata.json
    """
    if find_spec("datasette") is None:
        raise click.ClickException("Datasette is not installed; pip install 'lpr[browse]' brings it")
    if shows_metadata:
        from lpr.investigation.browse import metadata

        click.echo(json.dumps({"databases": {(db or default_path()).stem: metadata()}}, indent=2))
        return
    with asking(db, "browse", {"port": port}, why) as (database, _):
        file = str(database.file.absolute())
    command = [sys.executable, "-m", "datasette", "serve", file, "--host", "127.0.0.1", "--port", str(port)]
    command += ["--setting", "allow_download", "off", *(["--open"] if opens else [])]
    click.echo(f"http://127.0.0.1:{port}/ until Ctrl-C", err=True)
    # Datasette takes the place of this process, so that Ctrl-C and signals reach it.
    reasons = {"LPR_PURPOSE": why.purpose, "LPR_CASE": why.case}
    environment = {**os.environ, **{name: reason for name, reason in reasons.items() if reason}}
    os.execve(sys.executable, command, environment)  # noqa: S606 - it is this interpreter
