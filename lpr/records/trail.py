"""Reading the audit trail: what was asked, and random samples of it for those who audit the askers."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lpr.records.audit import ASKED, CHANGED, REFUSED, plate_hash, trail_of
from lpr.records.policy import policy_of
from lpr.records.secret import secret_of

if TYPE_CHECKING:
    from lpr.records.schema import Database, Row, Value

#: Outcomes beside those that an answer has: refused by the policy; asked, and then killed or cut off.
UNANSWERED = "unanswered"
#: What stands for a plate that was asked for and whose text a purge has taken.
ERASED = "(erased)"


@dataclass(frozen=True)
class Asked:
    """One access: who asked what, when, from where and what for, and what came of it.

    ``at`` is ISO 8601 UTC. ``plates`` are those asked for, ``ERASED`` where a purge has taken the text. ``outcome`` is
    done, failed, interrupted, refused or unanswered; ``rows`` and ``digest`` (SHA-256) are of what was given out,
    ``notes`` of what else the answer says, such as the counts of a purge.
    """

    id: int
    at: str
    user: str
    host: str
    organisation: str | None
    command: str
    elements: dict[str, Any]
    plates: tuple[str, ...]
    purpose: str | None
    case: str | None
    outcome: str
    rows: int | None
    digest: str | None
    notes: dict[str, Any]
    policy: str | None


@dataclass(frozen=True)
class Wanted:
    """Which accesses: from ``since`` (included) until ``until`` (not), ISO 8601 UTC; the other fields as they stand.

    ``command`` is a command or a group. ``plate`` finds those that asked for this plate, erased or not.
    """

    since: str | None = None
    until: str | None = None
    user: str | None = None
    command: str | None = None
    purpose: str | None = None
    case: str | None = None
    plate: str | None = None


#: Every access there is.
ALL = Wanted()


def accesses(database: Database, wanted: Wanted = ALL) -> Iterator[Asked]:
    """The accesses that are wanted, the oldest first."""
    with trail_of(database) as trail:
        for row in trail.each(*_query(database, wanted)):
            yield _asked(trail, row)


def find(database: Database, access_id: int) -> Asked | None:
    """The access with that id; None when no access begins there."""
    with trail_of(database) as trail:
        rows = trail.rows(f"{_SELECT} WHERE a.id = ? AND a.event <> 'answered'", (access_id,))
        return _asked(trail, rows[0]) if rows else None


def sample(database: Database, count: int, wanted: Wanted, seed: int, before: int | None = None) -> list[Asked]:
    """``count`` accesses drawn at random from those wanted, the oldest first; all where there are fewer.

    The same seed draws the same ones from the same accesses, so that others can see that nobody chose them. With
    ``before`` only from those before this id: an access that draws is none to draw from.
    """
    with trail_of(database) as trail:
        sql, values = _query(database, wanted, "SELECT a.id FROM audit a")
        ids = [row["id"] for row in trail.rows(sql, values) if before is None or row["id"] < before]
        drawn = sorted(random.Random(seed).sample(ids, min(count, len(ids))))  # noqa: S311 - not for secrecy
        rows = (trail.rows(f"{_SELECT} WHERE a.id = ?", (one,))[0] for one in drawn)
        return [_asked(trail, row) for row in rows]


_SELECT = """
    SELECT a.*, b.outcome AS answered, b.rows AS given, b.digest AS given_digest, b.elements AS notes
    FROM audit a LEFT JOIN audit b ON b.asked_in = a.id
"""


def _query(database: Database, wanted: Wanted, select: str = _SELECT) -> tuple[str, Sequence[Value]]:
    conditions = ["a.event <> 'answered'"]
    values: list[Value] = []
    for sql, value in (
        ("a.at >= ?", wanted.since),
        ("a.at < ?", wanted.until),
        ("a.user = ?", wanted.user),
        ("a.purpose = ? COLLATE NOCASE", wanted.purpose),
        ("a.case_number = ?", wanted.case),
    ):
        if value is not None:
            conditions.append(sql)
            values.append(value)
    if wanted.command is not None:
        conditions.append("(a.command = ? OR substr(a.command, 1, length(?) + 1) = ? || ' ')")
        values += [wanted.command] * 3
    if wanted.plate is not None:
        secret = secret_of(database.file, policy_of(database.file), make=False)
        conditions.append("instr(a.plates, ?) > 0")
        values.append("no secret, no plate" if secret is None else plate_hash(secret, wanted.plate))
    return f"{select} WHERE {' AND '.join(conditions)} ORDER BY a.id", values


def _asked(trail: Database, row: Row) -> Asked:
    plates = trail.rows("SELECT text FROM audit_plates WHERE audit_id = ? ORDER BY number", (row["id"],))
    alone = row["event"] in (CHANGED, REFUSED)
    return Asked(
        id=row["id"],
        at=row["at"],
        user=row["user"],
        host=row["host"],
        organisation=row["organisation"],
        command=row["command"],
        elements=json.loads(row["elements"] or "{}"),
        plates=tuple(ERASED if one["text"] is None else one["text"] for one in plates),
        purpose=row["purpose"],
        case=row["case_number"],
        outcome=_outcome(row),
        rows=row["rows"] if alone else row["given"],
        digest=row["digest"] if alone else row["given_digest"],
        notes=json.loads(row["notes"] or "{}"),
        policy=row["policy"],
    )


def _outcome(row: Row) -> str:
    if row["event"] == ASKED:
        return row["answered"] or UNANSWERED
    return str(row["outcome"] or row["event"])
