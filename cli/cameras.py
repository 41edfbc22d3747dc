"""``lpr cameras``: how watched cameras fare, and whether cameras can be reached."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import click

from lpr.live.health import Health
from lpr.live.state import LIVE, NOT_WATCHED
from lpr.records.schema import open_database
from lpr.records.watches import read_health

from .database import database_option
from .health_table import HEADER, cells, problems
from .output import TEXT, aligned, output_options, write_rows
from .watch import cameras_of

#: Health that is older than this, seconds, was left behind by a watch that was killed: a living one writes each second.
STALE = 10.0
STATUS_COLUMNS = (*(field.name for field in fields(Health)), "watcher")
CHECK_COLUMNS = ("camera", "address", "ok", "description", "seconds", "watched_now", "problem", "picture")


@click.group()
def cameras() -> None:
    """See how watched cameras fare; try whether cameras can be reached.

    \b
    Examples:
      lpr cameras status
      lpr cameras check cameras.toml
    """


@cameras.command()
@database_option
@click.option("--exit-code", is_flag=True, help="Exit with status 1 unless every camera is live.")
@output_options
@click.pass_context
def status(ctx: click.Context, db: Path | None, exit_code: bool, output: str) -> None:
    """How each camera fares that is watched, or was watched last, by any lpr on this database.

    \b
    Examples:
      lpr cameras status
      lpr cameras status --exit-code --nl | jq -r "select(.state != \\"live\\") | .camera"
    """
    with open_database(db, readonly=True) as database:
        rows = [_as_of_now(row) for row in read_health(database)]
    if output == TEXT:
        health = [Health(**{key: row[key] for key in Health.__dataclass_fields__ if key in row}) for row in rows]
        if health:
            click.echo(aligned([list(HEADER), *(cells(one) for one in health)]))
        else:
            click.echo("No camera was ever watched on this database; see: lpr watch --help", err=True)
        for line in problems(health):
            click.echo(line)
    else:
        write_rows(rows, output, STATUS_COLUMNS)
    if exit_code and (not rows or any(row["state"] != LIVE for row in rows)):
        ctx.exit(1)


@cameras.command()
@click.argument("sources", metavar="CAMERA…", nargs=-1, required=True)
@click.option(
    "--save",
    "folder",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the picture of each camera there, black where nothing counts: to draw masks by.",
)
@output_options
@click.pass_context
def check(ctx: click.Context, sources: tuple[str, ...], folder: Path | None, output: str) -> None:
    """Try each camera once: whether the camera file is right, whether it can be reached, what it sends.

    The exit status is 1 when any of them cannot be reached.

    \b
    Examples:
      lpr cameras check cameras.toml --save pictures/
      lpr cameras check rtsp://10.0.0.11/stream1
    """
    found = cameras_of(sources)
    from lpr.live.probe import probe

    rows: list[dict[str, Any]] = []

    def tried() -> Iterator[dict[str, Any]]:
        with ThreadPoolExecutor(8) as pool:
            for number, one in enumerate(pool.map(probe, found), 1):
                picture = None
                if folder is not None and one.image is not None:
                    picture = str(_save(folder, number, one.camera.name, one.image))
                row = {
                    "camera": one.camera.name,
                    "address": one.camera.address.shown,
                    "ok": one.problem is None,
                    "description": one.description,
                    "seconds": round(one.seconds, 2),
                    "watched_now": one.watched_now,
                    "problem": one.problem,
                    "picture": picture,
                }
                rows.append(row)
                yield row

    write_rows(tried(), output, CHECK_COLUMNS)
    if not all(row["ok"] for row in rows):
        ctx.exit(1)


def _as_of_now(row: dict[str, Any]) -> dict[str, Any]:
    """The row with the age that its last frame has by now; a watch that writes no more does not watch."""
    now = datetime.now(timezone.utc)
    row = dict(row)
    if row["last_frame_at"] is not None:
        row["age"] = round((now - datetime.fromisoformat(row["last_frame_at"])).total_seconds(), 3)
    if row["state"] != NOT_WATCHED and (now - datetime.fromisoformat(row["updated_at"])).total_seconds() > STALE:
        row.update(state=NOT_WATCHED, since=row["updated_at"], problem="the lpr that watched it has gone", fps=0.0)
    return row


def _save(folder: Path, number: int, name: str, image: Any) -> Path:
    import cv2

    kept = "".join(c if c.isalnum() or c in "-_" else "-" for c in name).strip("-")
    path = folder / f"{number:02}-{kept}.jpg"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _, encoded = cv2.imencode(".jpg", image)
        path.write_bytes(encoded.tobytes())
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written ({error.strerror}); name another folder") from error
    return path
