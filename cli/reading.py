"""The options that ``lpr scan`` and ``lpr watch`` share: what reads, what is compared with, and what is kept."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from .database import database_option

Command = TypeVar("Command", bound=Callable[..., Any])

_FOLDER = click.Path(file_okay=False, path_type=Path)
_COMPARED = (
    click.option("--engine", type=click.Choice(["auto", "cpu", "torch"]), default="auto", show_default=True),
    click.option("--device", metavar="NAME", help="Where the torch engine runs: cpu, cuda:0, mps."),
    database_option,
    click.option("--no-db", is_flag=True, help="Keep no record."),
    click.option(
        "--hotlist",
        "files",
        metavar="FILE",
        type=click.Path(path_type=Path),
        multiple=True,
        help="Compare with this file as well, a list named after it; with a database it is imported first. Repeatable.",
    ),
    click.option("--list", "lists", metavar="NAME", multiple=True, help="Compare with this list only. Repeatable."),
)
_READ = (
    click.option(
        "--min-confidence",
        metavar="P",
        type=click.FloatRange(0, 1),
        help="Reject reads whose least certain character is below P.  [default: the recognizer's own]",
    ),
    click.option(
        "--region",
        metavar="CODES",
        help="Where plates are from, such as us-al,us-ga or eu: their serial formats speak for a reading in doubt.",
    ),
    click.option("--save-crops", metavar="DIR", type=_FOLDER, help="Write each plate as it was read."),
    click.option(
        "--annotate", metavar="DIR", type=_FOLDER, help="Write the pictures that were read, with the reads drawn in."
    ),
)


def compared_options(command: Command) -> Command:
    """Add ``--engine`` to ``--list``. ``--db`` or ``--list`` beside ``--no-db`` is refused."""

    @wraps(command)
    def checked(*arguments: Any, **options: Any) -> Any:
        if options["no_db"] and options["lists"]:
            raise click.UsageError("--list names lists of the database; with --no-db use --hotlist FILE")
        given = click.get_current_context().get_parameter_source("db")
        if options["no_db"] and given is click.core.ParameterSource.COMMANDLINE:
            raise click.UsageError("--db and --no-db exclude each other")
        return command(*arguments, **options)

    for option in reversed(_COMPARED):
        checked = option(checked)
    return cast(Command, checked)


def read_options(command: Command) -> Command:
    """Add ``--min-confidence``, ``--region``, ``--save-crops`` and ``--annotate``."""
    for option in reversed(_READ):
        command = option(command)
    return command
