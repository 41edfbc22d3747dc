"""``lpr watch``: cameras live, compared with hot lists while vehicles are in sight, on record."""

from __future__ import annotations

import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import fields
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, cast

import click

from lpr.live.camera import Camera, camera_at
from lpr.live.camera_file import read_cameras
from lpr.live.state import CONNECTING
from lpr.lookout import Watched
from lpr.plates import Sighting
from lpr.purpose import Why
from lpr.records.audit import audited
from lpr.records.schema import open_database
from lpr.watch import Watch

from .compare import compare_with, recognizer_of
from .output import TEXT, output_options, write_rows
from .pictures import pictures_of
from .purpose import purpose_options
from .reading import compared_options, read_options
from .watch_view import WatchLines, WatchView

if TYPE_CHECKING:
    from lpr.recognition.engine import Engine

COLUMNS = ("event", *(field.name for field in fields(Sighting)), "hits", "alerts", "delay")


def cameras_of(sources: Sequence[str]) -> list[Camera]:
    """The cameras that somebody named: files, addresses and numbers of webcams. Raises CameraError."""
    cameras: list[Camera] = []
    for source in sources:
        cameras += read_cameras(source) if Path(source).suffix.lower() == ".toml" else [camera_at(source)]
    return cameras


@click.command()
@click.argument("sources", metavar="CAMERA…", nargs=-1, required=True)
@compared_options
@click.option(
    "--rate",
    metavar="N",
    type=click.FloatRange(0.2, 60),
    help="Look at N frames of each camera in a second.  [default: 5, or what the camera file says]",
)
@read_options
@click.option(
    "--metrics", metavar="[HOST:]PORT", help="Serve Prometheus metrics there; without a host to this machine alone."
)
@click.option(
    "--log",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write what happens to the cameras, and each minute how they fare, to FILE as well.",
)
@click.option("--for", "span", metavar="SPAN", help="End after 30s, 10m, 8h …; without it, at Ctrl-C or SIGTERM.")
@click.option("-q", "--quiet", is_flag=True, help="No view and no summary; problems are still told.")
@output_options
@purpose_options
@click.pass_context
def watch(
    ctx: click.Context,
    sources: tuple[str, ...],
    engine: str,
    device: str | None,
    db: Path | None,
    no_db: bool,
    files: tuple[Path, ...],
    lists: tuple[str, ...],
    rate: float | None,
    min_confidence: float | None,
    region: str | None,
    metrics: str | None,
    log: Path | None,
    save_crops: Path | None,
    annotate: Path | None,
    span: str | None,
    quiet: bool,
    output: str,
    why: Why,
) -> None:
    """Read the plates that pass in front of cameras: rtsp:// and http:// addresses, numbers of webcams, or camera
    files (TOML, see samples/cameras.toml).

    A possible match is announced while the vehicle is in sight ("event": "hit"); each vehicle that has passed is one
    row more ("event": "sighting"). A camera that is lost is tried again and stops no other one. Ctrl-C and SIGTERM
    end the watch: vehicles in sight are put on record, the exit status is 0.

    \b
    Examples:
      lpr watch rtsp://10.0.0.11/stream1
      lpr watch cameras.toml --metrics 9090 --log watch.log
      lpr watch 0 --hotlist wanted.csv --save-crops plates/
      lpr watch cameras.toml --nl | jq -c "select(.event == \\"hit\\")"
    """
    host, port = _metrics(metrics)
    seconds = None if span is None else _seconds(span)
    cameras = cameras_of(sources)
    with ExitStack() as stack:
        database = None if no_db else stack.enter_context(open_database(db))
        elements = {"cameras": [f"{camera.name} ({camera.address.shown})" for camera in cameras]}
        access = database and stack.enter_context(audited(database, "watch", elements, why))
        hot_lists, _ = compare_with(database, files, lists)
        view: WatchView | None = None

        def later(operation: Callable[[], None]) -> None:
            watching.write(operation)

        pictures = pictures_of(save_crops, annotate, database, later) if save_crops or annotate else None
        watching = Watch(
            cameras,
            ctx.obj or recognizer_of(cast("Engine", engine), device, min_confidence, region),
            hot_lists,
            database,
            rate,
            on_event=lambda told: view.hear(told) if view is not None else None,
        )
        stack.enter_context(watching)
        if port is not None:
            from lpr.live.metrics import serve_metrics

            stack.callback(serve_metrics(watching.health, port, host))
        view = stack.enter_context(WatchView(watching.health, output == TEXT or not sys.stdout.isatty(), quiet, log))
        stack.enter_context(_ended_by_signals(watching))
        if seconds is not None:
            timer = threading.Timer(seconds, watching.stop)
            timer.daemon = True
            timer.start()
            stack.callback(timer.cancel)
        found = stack.enter_context(closing(iter(watching)))
        saved: set[tuple[str | None, int, str]] = set()

        def shown() -> Iterator[Watched]:
            for seen in found:
                one = (seen.sighting.camera, seen.sighting.frame, seen.sighting.text)
                if pictures is not None and one not in saved:
                    # The picture of a hit is there before anybody is told of it.
                    saved.add(one)
                    crop = pictures.add(seen)
                    if crop is not None:
                        watching.crop_saved(seen, crop)
                if seen.event == "sighting":
                    saved.difference_update([known for known in saved if known[0] == one[0]][:-100])
                if access:
                    access.add(seen.row())
                yield seen

        if output == TEXT:
            lines = WatchLines(view.write)
            for seen in shown():
                lines.add(seen)
        else:
            write_rows((seen.row() for seen in shown()), output, COLUMNS)
        view.stop()
        if not quiet:
            click.echo(view.summary(), err=True)
        never = [one for one in watching.health() if not one.seen and one.state != CONNECTING]
    if never and seconds is not None:
        ctx.exit(1)


@contextmanager
def _ended_by_signals(watching: Watch) -> Iterator[None]:
    """SIGTERM and the first Ctrl-C end the watch in peace; the second one does at once."""

    def end(number: int, _: FrameType | None) -> None:
        watching.stop()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = {one: signal.signal(one, end) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _metrics(given: str | None) -> tuple[str, int | None]:
    if given is None:
        return "", None
    host, _, port = given.rpartition(":")
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise click.UsageError(f"--metrics {given}: write a port, 9090, or HOST:PORT")
    return host or "127.0.0.1", int(port)


def _seconds(span: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd])", span.strip().lower())
    if match is None:
        raise click.UsageError(f"--for {span}: write 30s, 10m, 8h or 2d")
    return float(match[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86_400}[match[2]]
