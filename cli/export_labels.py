"""``lpr export labels``: corrections as labelled examples for ``lpr eval`` and ``lpr train``."""

from __future__ import annotations

from pathlib import Path

import click

from lpr.purpose import Why
from lpr.records.audit import audited
from lpr.records.schema import open_database

from .database import database_option
from .hotlist_words import number
from .purpose import purpose_options


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--split", default="train", show_default=True, help="The split of the examples: train, val or test.")
@click.option(
    "--frames", is_flag=True, help="The whole pictures as well, for the detector; they show other plates, too."
)
@purpose_options
@database_option
def labels(folder: Path, split: str, frames: bool, why: Why, db: Path | None) -> None:
    """Write the corrections as labelled examples into FOLDER, with a picture of each plate.

    Pictures are cut out of the files that were scanned, as far as these are unchanged.

    \b
    Examples:
      lpr export labels corrected/
      lpr eval corrected/ --crops
      lpr train reader --data corrected/ --fonts fonts/ --run runs/reader --start plate_reader.pth
    """
    from lpr.investigation.labels import export_labels

    elements = {"folder": str(folder), "frames": frames}
    with open_database(db, readonly=True) as database, audited(database, "export labels", elements, why) as access:
        done = export_labels(database, folder, split, frames)
        for row in done.rows:
            access.add(row)
        access.note(crops=done.crops, frames=done.frames)
    click.echo(f"{folder}: {number(done.crops, 'plate')}" + (f", {number(done.frames, 'picture')}" if frames else ""))
    for sighting_id in done.without_picture:
        click.echo(f"Warning: no picture of sighting {sighting_id}: its file is gone or was changed", err=True)
