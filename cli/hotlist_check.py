"""``lpr hotlist check``: the possible matches of a plate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import click

from lpr.errors import HotListError, LprError
from lpr.hotlist.entry import ADVICE, CONFLICTS, Difference, Hit
from lpr.hotlist.lists import HotLists
from lpr.hotlist.states import fold_state, is_known
from lpr.hotlist.store import entries_where
from lpr.purpose import Why
from lpr.records.audit import audited
from lpr.records.schema import Database, default_path, open_database

from .database import database_option
from .output import TEXT, output_options, write_rows
from .purpose import purpose_options


@click.command()
@click.argument("plates", metavar="PLATE…", nargs=-1, required=True)
@click.option(
    "--state", metavar="CODE", help="Who issued the plates, as seen; a different entry is shown as a conflict."
)
@click.option("--exit-code", is_flag=True, help="Exit with status 3 when there was a possible match.")
@output_options
@purpose_options
@database_option
@click.pass_context
def check(
    ctx: click.Context,
    plates: tuple[str, ...],
    state: str | None,
    exit_code: bool,
    output: str,
    why: Why,
    db: Path | None,
) -> None:
    """Show the possible matches of each PLATE on all lists.

    Exact ones come first, letter O and zero counted as the same, then look-alikes (I/1, B/8, S/5, Z/2, …).

    \b
    Example:
      lpr hotlist check 8MZS536 --state CA
      lpr hotlist check "ABC 1234" --nl
    """
    failed = 0
    matched = 0

    def rows() -> Iterator[dict[str, Any]]:
        nonlocal failed, matched
        for plate in plates:
            try:
                hits = lists.check(plate, state)
            except LprError as error:
                click.echo(f"Error: {error}", err=True)
                failed += 1
                continue
            matched += len(hits)
            if output == TEXT:
                click.echo(_card(plate, hits, _cautions(database, hits)))
            yield from access.rows(hit.as_row() for hit in hits)

    with (
        open_database(db, readonly=True) as database,
        audited(database, "hotlist check", {"state": state} if state else None, why, plates, vital=True) as access,
    ):
        lists = HotLists(database)
        if not database.rows("SELECT 1 FROM hotlists LIMIT 1"):
            raise HotListError(f"{db or default_path()} has no hot list; lpr hotlist import FILE --list NAME makes one")
        if state and (folded := fold_state(state)) and not is_known(folded):
            click.echo(f"Warning: state {folded!r} is no US or Canadian code, taken as written", err=True)
        if output == TEXT:
            for _ in rows():
                pass
        else:
            write_rows(rows(), output, [field.name for field in fields(Hit)])
    if access.unrecorded:
        click.echo(f"Warning: this check is not on the audit trail: {access.unrecorded}", err=True)
    if failed:
        ctx.exit(1)
    if exit_code and matched:
        ctx.exit(3)


def _cautions(database: Database, hits: list[Hit]) -> dict[int | None, str]:
    """What the entries say that an officer must know before approaching."""
    numbers = ",".join(str(hit.entry_id) for hit in hits)
    found = entries_where(database, f"entries.id IN ({numbers})", ()) if hits else ()
    return {entry.id: entry.details["caution"] for entry in found if entry.details.get("caution")}


def _card(plate: str, hits: list[Hit], cautions: Mapping[int | None, str]) -> str:
    """What a person reads of one plate: every possible match with the characters and the state to verify."""
    if not hits:
        return f"{plate}: no match"
    lines = [f"{plate}: {ADVICE}"]
    for hit in hits:
        lines.append(f"  {hit.tier:10}  {hit.plate}  {hit.state or 'state unknown'}  {hit.reason}".rstrip())
        lines.append(f"              list {hit.list}, score {hit.score:.2g}")
        if hit.state_agreement == CONFLICTS:
            lines[-1] += ", STATE CONFLICTS"
        if hit.stale:
            lines[-1] += ", LIST IS STALE"
        if hit.entry_id in cautions:
            lines.append(f"              CAUTION: {cautions[hit.entry_id]}")
        lines.extend(f"              {_told(difference)}" for difference in hit.differs)
    return "\n".join(lines)


def _told(difference: Difference) -> str:
    read, entry = difference.read or "nothing", difference.entry or "nothing"
    return f"character {difference.position + 1}: given {read}, on the list {entry}"
