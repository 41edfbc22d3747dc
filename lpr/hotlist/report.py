"""The counts that several states' laws ask of agencies: plates scanned, and per list matches and what became of them.

Arkansas Code 12-12-1805 asks every six months for the plates scanned, the names of the lists, confirmed matches per
list and matches that did not correlate; New Hampshire RSA 261:75-b and Virginia § 2.2-5517 for like figures each year.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lpr.records.schema import Database

# Sightings of a scan that another one has replaced are the same passings again.
_SCANNED = """
    SELECT count(*) AS n FROM sightings JOIN scans ON scans.id = sightings.scan_id
    WHERE scans.replaced_by IS NULL AND sightings.created_at >= ? AND sightings.created_at < ?
"""
_MATCHES = """
    SELECT hits.list, count(*) AS matches, sum(state_agreement = 'conflicts') AS conflicts
    FROM hits JOIN sightings ON sightings.id = hits.sighting_id JOIN scans ON scans.id = sightings.scan_id
    WHERE scans.replaced_by IS NULL AND hits.historical = 0 AND hits.created_at >= ? AND hits.created_at < ?
    GROUP BY hits.list
"""
_DECIDED = """
    SELECT list, coalesce(decision, 'undecided') AS decision, count(*) AS n FROM alerts
    WHERE raised_at >= ? AND raised_at < ? GROUP BY 1, 2
"""


@dataclass(frozen=True)
class ListCounts:
    """One list in a period. ``matches`` are hits of sightings, of which ``conflicts`` had another state and raised no
    alert; ``alerts`` are what was raised, and the others what became of those."""

    list: str
    plates_scanned: int
    matches: int
    conflicts: int
    alerts: int
    correct: int
    misread: int
    wrong_state: int
    stale: int
    other: int
    undecided: int


def report(database: Database, since: str, until: str) -> list[ListCounts]:
    """The counts of every list, by name, from ``since`` until before ``until`` (ISO 8601 UTC, as the record writes it).

    Counts what a purge has deleted since, too; for those the period is one of whole days. ``plates_scanned`` is of all
    lists: every plate is compared with every list. Lists without a match are there, too.
    """
    period = (since, until)
    gone = _purged(database, since, until)
    scanned = int(database.rows(_SCANNED, period)[0]["n"]) + gone.get(("", "sightings"), 0)
    names = {row["name"] for row in database.rows("SELECT name FROM hotlists")}
    matches = {row["list"]: row for row in database.rows(_MATCHES, period)}
    decided: dict[str, dict[str, int]] = {}
    for row in database.rows(_DECIDED, period):
        decided.setdefault(row["list"], {})[row["decision"]] = row["n"]
    for (name, what), count in gone.items():
        if name and what not in ("matches", "conflicts"):
            decided.setdefault(name, {})[what] = decided.get(name, {}).get(what, 0) + count
    found = []
    everywhere = names | matches.keys() | decided.keys() | {name for name, _ in gone if name}
    for name in sorted(everywhere, key=str.casefold):
        became = decided.get(name, {})
        found.append(
            ListCounts(
                list=name,
                plates_scanned=scanned,
                matches=(matches[name]["matches"] if name in matches else 0) + gone.get((name, "matches"), 0),
                conflicts=(matches[name]["conflicts"] if name in matches else 0) + gone.get((name, "conflicts"), 0),
                alerts=sum(became.values()),
                correct=became.get("correct", 0),
                misread=became.get("misread", 0),
                wrong_state=became.get("wrong-state", 0),
                stale=became.get("stale", 0),
                other=became.get("other", 0),
                undecided=became.get("undecided", 0),
            )
        )
    return found


def _purged(database: Database, since: str, until: str) -> dict[tuple[str, str], int]:
    """What came on record in the period and was deleted since, by list (empty: none) and what it was."""
    rows = database.rows(
        "SELECT list, what, sum(count) AS n FROM purged WHERE day >= ? AND day < ? GROUP BY 1, 2",
        (since[:10], until[:10]),
    )
    return {(row["list"], row["what"]): row["n"] for row in rows}
