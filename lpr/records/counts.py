"""What yearly and half-yearly reports on an agency's use want counted: accesses, changes, corrections, deletions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lpr.records.audit import trail_of

if TYPE_CHECKING:
    from lpr.records.schema import Database


@dataclass(frozen=True)
class Count:
    """One figure: ``what`` is counted, ``of`` whom or which (empty: all), and how many there were."""

    what: str
    of: str
    count: int


_ASKED = "event <> 'answered' AND at >= ?1 AND at < ?2"
_OF_TRAIL = (
    ("accesses", "''", _ASKED),
    ("accesses by command", "command", _ASKED),
    ("accesses by user", "user", _ASKED),
    ("accesses by purpose", "coalesce(purpose, '(none given)')", _ASKED),
    ("accesses refused by the policy", "''", f"{_ASKED} AND event = 'refused'"),
    (
        "accesses without an answer on record",
        "''",
        f"{_ASKED} AND event = 'asked' AND NOT EXISTS (SELECT 1 FROM audit b WHERE b.asked_in = audit.id)",  # noqa: S608
    ),
)
_OF_RECORD = (
    ("list changes by action", "SELECT action AS name, count(*) AS n FROM changes WHERE changed_at >= ?1 "
     "AND changed_at < ?2 GROUP BY 1"),
    ("cameras", "SELECT '' AS name, count(*) AS n FROM cameras WHERE created_at < ?2 AND ?1 NOT NULL"),
    ("corrections", "SELECT '' AS name, count(*) AS n FROM corrections WHERE created_at >= ?1 AND created_at < ?2"),
    ("legal holds in force", "SELECT '' AS name, count(*) AS n FROM holds WHERE placed_at < ?2 "
     "AND (released_at IS NULL OR released_at >= ?1)"),
)  # fmt: skip


def counts(database: Database, since: str, until: str) -> list[Count]:
    """The counts from ``since`` until before ``until`` (ISO 8601 UTC). Corrections of deleted sightings went with them;
    the accesses by command count all that were made."""
    found = []
    with trail_of(database) as trail:
        for what, of, where in _OF_TRAIL:
            sql = f"SELECT {of} AS name, count(*) AS n FROM audit WHERE {where} GROUP BY 1 ORDER BY 2 DESC, 1"  # noqa: S608
            found += [Count(what, row["name"], row["n"]) for row in trail.rows(sql, (since, until))]
    for what, sql in _OF_RECORD:
        found += [Count(what, row["name"], row["n"]) for row in database.rows(sql, (since, until)) if row["n"]]
    gone = "SELECT sum(count) AS n FROM purged WHERE what = 'sightings' AND day >= ? AND day < ?"
    (row,) = database.rows(gone, (since[:10], until[:10]))
    return [*found, Count("sightings of the period deleted since", "", row["n"] or 0)]
