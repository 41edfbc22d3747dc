"""``lpr annotate`` and ``lpr redact``: a clip written anew, with its plates drawn in, or hidden."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from lpr.errors import PlateError
from lpr.normalize import parse_plate

from .footage import area_options
from .footage import areas as parse_areas
from .progress import number

if TYPE_CHECKING:
    from lpr.recognition.engine import Engine
    from lpr.recognition.recognizer import Recognizer

_CLIP = click.argument("clip", type=click.Path(path_type=Path))
_OUT = click.option(
    "-o",
    "--output",
    "out",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The MP4 file to write.",
)
_ENGINE = click.option("--engine", type=click.Choice(["auto", "cpu", "torch"]), default="auto", show_default=True)
_DEVICE = click.option("--device", metavar="NAME", help="Where the torch engine runs: cpu, cuda:0, mps.")
_QUIET = click.option("-q", "--quiet", is_flag=True, help="No progress and no summary; errors are still told.")


@click.command()
@_CLIP
@_OUT
@area_options
@_ENGINE
@_DEVICE
@_QUIET
@click.pass_context
def annotate(
    ctx: click.Context,
    clip: Path,
    out: Path | None,
    areas: tuple[str, ...],
    masks: tuple[str, ...],
    engine: str,
    device: str | None,
    quiet: bool,
) -> None:
    """Write CLIP anew with boxes and texts drawn in, as a scan reads it.

    The new film has the old one's pictures and times, no sound; its name is written to standard output. By default it
    is CLIP-annotated.mp4 in this folder. Nothing is overwritten, and nothing is put on record.

    \b
    Examples:
      lpr annotate gate.mp4
      lpr annotate gate.mp4 --mask "0,0 1,0 1,0.1 0,0.1" -o read.mp4
    """
    chosen = parse_areas(areas, masks)
    recognizer = ctx.obj or _recognizer(engine, device)
    from lpr.recognition.annotation import annotate_clip

    target = out or Path(f"{clip.stem}-annotated.mp4")
    with _progress(quiet) as on_frame:
        done = annotate_clip(clip, target, recognizer, chosen, on_frame=on_frame)
    click.echo(target)
    if not quiet:
        texts = ", ".join(sighting.text for sighting in done.sightings)
        click.echo(f"{number(done.frames, 'frame')}, {number(len(done.sightings), 'sighting')}: {texts}", err=True)


@click.command()
@_CLIP
@_OUT
@click.option(
    "--except",
    "kept",
    metavar="PLATE",
    multiple=True,
    help="Leave this plate to be seen, where two reads of it agree. Repeatable.",
)
@_ENGINE
@_DEVICE
@_QUIET
@click.pass_context
def redact(
    ctx: click.Context,
    clip: Path,
    out: Path | None,
    kept: tuple[str, ...],
    engine: str,
    device: str | None,
    quiet: bool,
) -> None:
    """Write CLIP anew with every plate hidden in every frame, for release to the public.

    Plates become patches of colour, also a second before the first and after the last frame in which each was
    found. The new film has no sound and none of the old one's metadata; its name is written to standard output. By
    default it is CLIP-redacted.mp4 in this folder. Nothing is overwritten. Look at it before you give it away: what no
    detector finds is not hidden, and faces and other writing are left as they are.

    \b
    Examples:
      lpr redact gate.mp4
      lpr redact gate.mp4 --except "ABC 1234" -o release.mp4
    """
    try:
        keep = [parse_plate(plate) for plate in kept]
    except PlateError as error:
        raise click.UsageError(f"--except: {error}") from error
    from lpr.recognition.redaction import FLOOR
    from lpr.recognition.redaction import redact as redact_clip

    recognizer = ctx.obj or _recognizer(engine, device, FLOOR)

    target = out or Path(f"{clip.stem}-redacted.mp4")
    with _progress(quiet) as on_frame:
        done = redact_clip(clip, target, recognizer, keep, on_frame)
    click.echo(target)
    missing = sorted(set(keep) - set(done.kept))
    if not quiet:
        left = f", left to be seen: {', '.join(done.kept)}" if done.kept else ""
        click.echo(f"{number(done.frames, 'frame')}, {number(done.hidden, 'plate')} hidden{left}.", err=True)
    if missing:
        click.echo(f"Not found with certainty, and so not left to be seen: {', '.join(missing)}.", err=True)


def _recognizer(engine: str, device: str | None, floor: float | None = None) -> Recognizer:
    """``floor`` is what the detector must be sure of at least, by default what it is for a scan."""
    from lpr.recognition.recognizer import Recognizer
    from lpr.recognition.settings import Settings

    settings = Settings() if floor is None else Settings(detector_floor=floor)
    return Recognizer(engine=cast("Engine", engine), device=device, settings=settings)


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[int], None] | None]:
    """Frames as they are gone through, on a terminal; there are two passes over the clip, the second one writes."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.status import Status

    passes = 0
    with Status("starting", console=Console(stderr=True)) as status:

        def on_frame(index: int) -> None:
            nonlocal passes
            passes += index == 0
            if index % 10 == 0:
                status.update(f"{'looking' if passes < 2 else 'writing'}: frame {index:,}")

        yield on_frame
