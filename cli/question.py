"""What all questions to the record share: what narrows them down, pages, and the one place where the record is opened.

Every command that shows stored sightings opens the record by ``asking``: there it is put on the audit trail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from lpr.investigation.moments import parse_moment
from lpr.investigation.where import Where
from lpr.places import parse_distance, parse_place
from lpr.purpose import Why
from lpr.records.audit import audited
from lpr.records.schema import open_database

if TYPE_CHECKING:
    from lpr.records.audit import Access
    from lpr.records.schema import Database

Command = TypeVar("Command", bound=Callable[..., Any])


@contextmanager
def asking(
    db: Path | None,
    command: str,
    elements: Mapping[str, Any],
    why: Why,
    plates: Sequence[str] = (),
    readonly: bool = True,
) -> Iterator[tuple[Database, Access]]:
    """The record, open for one question that is on the audit trail; what is shown goes through the access."""
    with (
        open_database(db, readonly=readonly) as database,
        audited(database, command, dict(elements), why, list(plates)) as access,
    ):
        yield database, access


def plate_options(command: Command) -> Command:
    """Add the options of questions about one plate; the command gets ``state`` and ``least_score``."""
    for option in (
        click.option(
            "--least-score",
            metavar="P",
            type=click.FloatRange(0, 1),
            default=0.05,
            show_default=True,
            help="Leave out sightings that are the plate's with less probability.",
        ),
        click.option(
            "--state", metavar="CODE", help="Who issued the plate; reads of another state's plate rank lower."
        ),
    ):
        command = option(command)
    return command


def where_options(command: Command) -> Command:
    """Add the options that narrow a question down; the command gets ``where``."""

    @wraps(command)
    def with_where(
        *args: Any,
        since: str | None,
        until: str | None,
        cameras: tuple[str, ...],
        near: str | None,
        within: str | None,
        list_name: str | None,
        confidence: float | None,
        **kwargs: Any,
    ) -> Any:
        if within is not None and near is None:
            raise click.UsageError("--within needs --near LAT,LON")
        where = Where(
            since=None if since is None else parse_moment(since),
            until=None if until is None else parse_moment(until, ends=True),
            cameras=cameras,
            near=None if near is None else parse_place(near),
            within=parse_distance(within or "500m"),
            list_name=list_name,
            confidence=confidence,
        )
        if where.since is not None and where.until is not None and where.since > where.until:
            raise click.UsageError("--from is after --to")
        return command(*args, where=where, **kwargs)

    decorated: Any = with_where
    for option in (
        click.option(
            "--confidence", metavar="P", type=click.FloatRange(0, 1), help="Only reads at least this confident."
        ),
        click.option("--list", "list_name", metavar="NAME", help="Only with a possible match on this hot list."),
        click.option("--within", metavar="DISTANCE", help="How far from --near: 500m, 1.5km, 2mi.  [default: 500m]"),
        click.option("--near", metavar="LAT,LON", help="Only near this place, in degrees."),
        click.option("--camera", "cameras", metavar="NAME", multiple=True, help="Only by this camera. Repeatable."),
        click.option("--to", "until", metavar="TIME", help="Only until then; a day alone is included."),
        click.option(
            "--from",
            "since",
            metavar="TIME",
            help="Only since then: 2026-07-01, 2026-07-01T14:30 (this machine's time zone), …T14:30-05:00, or 12h for "
            "the last 12 hours. What has no time is left out.",
        ),
    ):
        decorated = option(decorated)
    return cast(Command, decorated)


def paging_options(command: Command) -> Command:
    """Add ``--limit`` and ``--page``; the command gets ``limit`` and ``offset``."""

    @wraps(command)
    def with_page(*args: Any, limit: int, page: int, **kwargs: Any) -> Any:
        return command(*args, limit=limit, offset=(page - 1) * limit, **kwargs)

    page = click.option(
        "--page", metavar="N", type=click.IntRange(min=1), default=1, show_default=True, help="Show the Nth page."
    )
    limit = click.option(
        "--limit", metavar="N", type=click.IntRange(min=1), default=100, show_default=True, help="Rows on a page."
    )
    return cast(Command, limit(page(with_page)))
