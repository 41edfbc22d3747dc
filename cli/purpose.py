"""``--purpose`` and ``--case``: the same on every command that reads stored plates or changes a list."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

import click

from lpr.purpose import Why

Command = TypeVar("Command", bound=Callable[..., Any])


def purpose_options(command: Command) -> Command:
    """Add ``--purpose`` and ``--case``; the command gets ``why``, for ``lpr.audited`` and what changes lists."""

    @wraps(command)
    def with_why(*args: Any, purpose: str | None, case: str | None, **kwargs: Any) -> Any:
        return command(*args, why=Why(purpose or None, case or None), **kwargs)

    case = click.option(
        "--case", metavar="NUMBER", envvar="LPR_CASE", help="The case that it is for; LPR_CASE says it for all."
    )
    purpose = click.option(
        "--purpose", metavar="TEXT", envvar="LPR_PURPOSE", help="What it is for; LPR_PURPOSE says it for all."
    )
    return cast(Command, purpose(case(with_why)))
