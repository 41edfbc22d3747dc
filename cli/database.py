"""The ``--db`` option, the same on every command that reads or writes the record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def database_option(command: Command) -> Command:
    """Add ``--db``; the command gets ``db``, a path for ``open_database`` or None for the default."""
    return click.option(
        "--db",
        type=click.Path(dir_okay=False, path_type=Path),
        envvar="LPR_DB",
        help="The database; LPR_DB names another default than lpr.db in your data folder.",
    )(command)
