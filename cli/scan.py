"""``lpr scan``: plates from photos and footage, compared with hot lists, on record."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from lpr.events import Ended, Event
from lpr.hotlist.alert import attach_crop
from lpr.places import parse_place
from lpr.plates import Sighting
from lpr.purpose import Why
from lpr.records.audit import audited
from lpr.records.schema import open_database
from lpr.scan import Scanned
from lpr.scan import scan as scan_sources

from .compare import compare_with, recognizer_of
from .footage import footage_options
from .output import TEXT, output_options, write_rows
from .pictures import pictures_of
from .progress import ScanProgress
from .purpose import purpose_options
from .reading import compared_options, read_options
from .sightings import SightingTable

if TYPE_CHECKING:
    from lpr.reading import Way
    from lpr.recognition.engine import Engine

# More threads than this make one file's networks little faster.
_CORES_PER_FILE = 4

COLUMNS = (*(field.name for field in fields(Sighting)), "hits")


@click.command()
@click.argument("sources", metavar="SOURCE…", nargs=-1, required=True)
@compared_options
@click.option("--again", is_flag=True, help="Read anew what is on record already.")
@click.option("--camera", metavar="NAME", help="The camera that made all of this; put on record with its place.")
@click.option(
    "--place",
    metavar="LAT,LON",
    help="Where it stood, in degrees.  [default: where the photo says, or else the camera's place on record]",
)
@footage_options
@click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(min=1),
    help="Read this many files of footage at a time.  [default: one for each four cores]",
)
@read_options
@click.option("--exit-code", is_flag=True, help="Exit with status 3 when there was a possible match.")
@click.option("-q", "--quiet", is_flag=True, help="No progress and no summary; errors are still told.")
@output_options
@purpose_options
@click.pass_context
def scan(
    ctx: click.Context,
    sources: tuple[str, ...],
    engine: str,
    device: str | None,
    db: Path | None,
    no_db: bool,
    again: bool,
    files: tuple[Path, ...],
    lists: tuple[str, ...],
    camera: str | None,
    place: str | None,
    jobs: int | None,
    min_confidence: float | None,
    region: str | None,
    save_crops: Path | None,
    annotate: Path | None,
    exit_code: bool,
    quiet: bool,
    output: str,
    why: Why,
    way: Way,
) -> None:
    """Read the plates in every SOURCE: photos, folders, patterns, footage, or - for names on standard input.

    Each plate of a photo and each vehicle that passes in footage is one row on standard output. What is on record
    from an earlier scan is not read again, but shown, and compared with the hot lists as they are now; a scan that
    was interrupted goes on where it stopped.

    One source that cannot be read does not stop the others: the exit status is then 1.

    \b
    Examples:
      lpr scan photos/ clip.mp4
      lpr scan photos/ --hotlist wanted.csv --annotate read/
      lpr scan gate/ --camera gate --place 33.5207,-86.8025
      lpr scan gate.mp4 --from 1:30:00 --mask "0,0 1,0 1,0.1 0,0.1" --start 2024-05-17T14:03:00+02:00
      lpr scan gate/ --name-pattern "cam1_%Y%m%d-%H%M%S" --zone America/Chicago
      lpr scan "night/**/*.jpg" --no-db --nl | jq -r .text
      find . -name "*.jpg" | lpr scan - --csv > plates.csv
    """
    with ExitStack() as stack:
        database = None if no_db else stack.enter_context(open_database(db))
        access = database and stack.enter_context(audited(database, "scan", {"sources": list(sources)}, why))
        hot_lists, refused = compare_with(database, files, lists)
        pictures = pictures_of(save_crops, annotate, database) if save_crops or annotate else None
        recognizer = ctx.obj or recognizer_of(cast("Engine", engine), device, min_confidence, region)
        bar = not quiet and (output == TEXT or not sys.stdout.isatty())
        progress = stack.enter_context(ScanProgress(bar))

        def hear(event: Event) -> None:
            if pictures is not None and isinstance(event, Ended):
                pictures.end()
            progress.hear(event)

        found = stack.enter_context(
            closing(
                scan_sources(
                    _named(sources) if "-" in sources else sources,
                    recognizer,
                    hot_lists,
                    database,
                    every=way.every,
                    again=again,
                    pictures=pictures is not None,
                    exclude=[folder for folder in (save_crops, annotate) if folder],
                    on_event=hear,
                    camera=camera,
                    place=None if place is None else parse_place(place),
                    begin=way.begin,
                    end=way.end,
                    clock=way.clock,
                    areas=way.areas,
                    hardware=way.hardware,
                    jobs=jobs or max(1, (os.cpu_count() or 1) // _CORES_PER_FILE),
                )
            )
        )

        def shown() -> Iterator[Scanned]:
            for scanned in found:
                if access:
                    access.add(scanned.row())
                progress.hit(len(scanned.hits))
                crop = None if pictures is None else pictures.add(scanned)
                if crop is not None and database is not None and scanned.alerts:
                    attach_crop(database, scanned.alerts, crop)
                yield scanned

        try:
            if output == TEXT:
                table = SightingTable()
                for scanned in shown():
                    with progress.paused():
                        table.add(scanned)
            else:
                write_rows((scanned.row() for scanned in shown()), output, COLUMNS)
        except KeyboardInterrupt:
            progress.stop()
            kept = "nothing is on record (--no-db)" if no_db else "all rows are on record, the same command goes on"
            click.echo(f"Interrupted: {kept}.", err=True)
            ctx.exit(130)
        progress.stop()
    if not quiet:
        click.echo(progress.summary(), err=True)
    if exit_code and progress.hits:
        ctx.exit(3)
    if progress.failed or refused:
        ctx.exit(1)


def _named(sources: Iterable[str]) -> Iterator[str]:
    """The sources, in the place of each ``-`` the names on standard input, one a line, as they come."""
    for source in sources:
        if source != "-":
            yield source
            continue
        for line in sys.stdin.buffer:
            name = os.fsdecode(line.rstrip(b"\r\n"))
            if name:
                yield name
