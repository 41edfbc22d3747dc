"""``lpr alerts``: possible matches that somebody must look at, what they turned out to be, and the counts."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime, timedelta, timezone
from pathlib import Path

import click

from lpr.errors import HotListError
from lpr.hotlist.alert import DECISIONS, STATUSES, Alert
from lpr.hotlist.report import ListCounts
from lpr.purpose import Why
from lpr.records.audit import audited
from lpr.records.schema import open_database, timestamp

from .alert_card import card
from .database import database_option
from .hotlist_words import minutes, number
from .output import TEXT, output_options, write_rows
from .purpose import purpose_options


@click.group()
def alerts() -> None:
    """Look at alerts, decide them, count them.

    An alert is a possible match: verify plate, state and vehicle before anything else is done. A match of which the
    states conflict raises none.

    \b
    Example:
      lpr alerts list
      lpr alerts show 3
      lpr alerts decide 3 misread
    """


@alerts.command("list")
@click.option("--status", type=click.Choice(STATUSES), help="Only alerts that are this far.")
@click.option("--list", "list_name", metavar="NAME", help="Only alerts of this hot list.")
@output_options
@purpose_options
@database_option
def list_(status: str | None, list_name: str | None, output: str, why: Why, db: Path | None) -> None:
    """Show the alerts, the newest first.

    \b
    Examples:
      lpr alerts list --status new
      lpr alerts list --list bolo --nl
    """
    from lpr.hotlist.alert import alerts as find_alerts

    columns = [field.name for field in fields(Alert)]
    shown = [
        "id",
        "status",
        "raised_at",
        "text",
        "plate",
        "state",
        "state_agreement",
        "tier",
        "score",
        "list",
        "source",
    ]
    elements = {name: value for name, value in (("status", status), ("list", list_name)) if value}
    with (
        open_database(db, readonly=True) as database,
        audited(database, "alerts list", elements, why) as access,
    ):
        found = access.rows(alert.as_row() for alert in find_alerts(database, status, list_name))
        if output != TEXT:
            write_rows(found, output, columns)
            return
        rows = ({**row, "raised_at": minutes(row["raised_at"]), "score": f"{row['score']:.2g}"} for row in found)
        if not write_rows(rows, output, shown):
            click.echo("There are no such alerts", err=True)


@alerts.command()
@click.argument("alert_id", metavar="ALERT", type=int)
@output_options
@purpose_options
@database_option
def show(alert_id: int, output: str, why: Why, db: Path | None) -> None:
    """Show one alert: the read and the entry side by side, where the picture is, and what to verify.

    A new alert becomes seen, by you.

    \b
    Example:
      lpr alerts show 3
    """
    from lpr.hotlist.alert import entry_now, see

    with open_database(db) as database, audited(database, "alerts show", {"alert": alert_id}, why) as access:
        alert = see(database, alert_id)
        access.add(alert.as_row())
        if output != TEXT:
            write_rows([alert.as_row()], output, [field.name for field in fields(Alert)])
            return
        click.echo(card(alert, entry_now(database, alert)))


@alerts.command()
@click.argument("alert_id", metavar="ALERT", type=int)
@click.argument("decision", type=click.Choice(list(DECISIONS)))
@click.option("--note", metavar="TEXT", help="What else is to be said; needed with other.")
@purpose_options
@database_option
def decide(alert_id: int, decision: str, note: str | None, why: Why, db: Path | None) -> None:
    """Say what an alert turned out to be: correct, misread, wrong-state, stale or other.

    Your name and the time are kept with it. Deciding again replaces a decision; the earlier one stays on record.

    \b
    Examples:
      lpr alerts decide 3 misread
      lpr alerts decide 4 other --note "plate on a trailer"
    """
    from lpr.hotlist.alert import decide as decide_alert

    elements = {"alert": alert_id, "decision": decision}
    with open_database(db) as database, audited(database, "alerts decide", elements, why):
        alert = decide_alert(database, alert_id, decision, note)
    click.echo(f"Alert {alert.id}: {DECISIONS[decision]} (decided by {alert.decided_by})")


@alerts.command()
@click.option("--since", metavar="DAY", help="The first day, 2026-07-01; by default 182 days before --until.")
@click.option("--until", metavar="DAY", help="The last day, included; by default today.")
@output_options
@database_option
def report(since: str | None, until: str | None, output: str, db: Path | None) -> None:
    """Count plates scanned, and per list matches, alerts and decisions, as several states' laws ask.

    Days are those of UTC, by when lpr read the plates. Every list is there, those without a match too.

    \b
    Examples:
      lpr alerts report --since 2026-01-01 --until 2026-06-30
      lpr alerts report --csv
    """
    from lpr.hotlist.report import report as count

    last = _day(until) if until else datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
    first = _day(since) if since else last - timedelta(days=181)
    if first > last:
        raise click.UsageError("--since is after --until")
    with open_database(db, readonly=True) as database:
        found = count(database, timestamp(first), timestamp(last + timedelta(days=1)))
    columns = [field.name for field in fields(ListCounts)]
    if output == TEXT:
        scanned = found[0].plates_scanned if found else 0
        click.echo(f"{first:%Y-%m-%d} to {last:%Y-%m-%d} (UTC): {number(scanned, 'plate')} scanned")
        columns.remove("plates_scanned")
    write_rows((asdict(line) for line in found), output, columns)
    if not found:
        click.echo("There are no hot lists", err=True)


def _day(written: str) -> datetime:
    try:
        return datetime.strptime(written, "%Y-%m-%d").replace(tzinfo=timezone.utc)
    except ValueError as e:
        raise HotListError(f"{written!r} is no day; write 2026-07-01") from e
