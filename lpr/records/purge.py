"""Deleting what has outlived its retention, so that it is gone.

Deleted rows are overwritten with zeros (``PRAGMA secure_delete``), the WAL is emptied, picture files are removed, and
plates that somebody asked for go from the audit trail's clear text with the last sighting of them. Counts stay.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from lpr.purpose import UNSAID, Why
from lpr.records import due as lists
from lpr.records.asked import asked_and_on_record, forget
from lpr.records.audit import audited, trail_of
from lpr.records.deletion import Deletion, heal, interrupted
from lpr.records.due import Due
from lpr.records.pictures import orphaned, remove_orphaned
from lpr.records.policy import policy_of
from lpr.records.retention import Retention
from lpr.records.schema import timestamp
from lpr.records.scrub import scrub

if TYPE_CHECKING:
    from lpr.records.schema import Database

_LEAVE = "INSERT INTO purged (day, what, list, count) VALUES ('', 'left behind', '', 1) ON CONFLICT DO NOTHING"
_LEAVE_SQUARES = """
    DELETE FROM squares WHERE camera_id IN (
        SELECT camera_id FROM (SELECT DISTINCT camera_id FROM squares) AS known WHERE NOT EXISTS
        (SELECT 1 FROM sightings WHERE sightings.camera_id IS nullif(known.camera_id, 0)))
"""
_COUNTS = ("sightings", "reads", "hits", "alerts", "pictures", "files", "plates_asked")


@dataclass(frozen=True)
class Purged:
    """What was deleted or, in a dry run, would be.

    ``held`` sightings are due but under a legal hold. ``plates_asked`` went from the clear text of the audit trail.
    ``seconds`` is how long deleting took, ``overwriting`` how long looking through the file for what is left of it;
    ``longest_step`` is the longest time that writers were kept waiting. ``problems`` are files that could not be
    deleted, and a WAL that could not be emptied.
    """

    dry_run: bool
    sightings: int = 0
    reads: int = 0
    hits: int = 0
    alerts: int = 0
    pictures: int = 0
    files: int = 0
    plates_asked: int = 0
    held: int = 0
    longest_step: float = 0.0
    seconds: float = 0.0
    overwriting: float = 0.0
    problems: tuple[str, ...] = ()


def purge(
    database: Database,
    why: Why = UNSAID,
    dry_run: bool = False,
    moment: datetime | None = None,
    retention: Retention | None = None,
    on_step: Callable[[int], None] | None = None,
    overwrite: bool = True,
) -> Purged:
    """Delete what is due at ``moment`` (now) by ``retention`` (that of the deployment's policy).

    The access is on the audit trail with its counts, unless nothing is due. ``on_step`` hears the number of rows after
    each step. Other programs may read and write meanwhile. Without ``overwrite`` what SQLite left behind in unused
    places of the file stays there until the next purge: looking for it takes as long as reading all of the file.
    Raises PolicyError for a policy that cannot be used.
    """
    kept = policy_of(database.file).retention if retention is None else retention
    what = Due(database, kept, moment or datetime.now(timezone.utc))
    if dry_run:
        return _planned(what)
    if not what.anything():
        if interrupted(database):
            heal(database)
        done = Purged(dry_run=False, held=what.count_held())
        return _overwritten(database, done) if overwrite and left_behind(database) else done
    began = time.monotonic()
    deletion = Deletion(what, on_step)
    with _alone(database), audited(database, "purge", {"moment": timestamp(what.at), **_told(kept)}, why) as access:
        try:
            database.execute(_LEAVE)
            asked = asked_and_on_record(database)
            what.list_all()
            held = what.count_held()
            deletion.run()
            problems = _delete_files(what, deletion)
            database.execute("UPDATE holds SET plate = NULL WHERE released_at IS NOT NULL")
            database.execute(_LEAVE_SQUARES)
            deletion.count["plates_asked"] = forget(database, asked, kept, what.at, access.id)
        finally:
            access.note(**{name: deletion.count[name] for name in _COUNTS if deletion.count[name]})
    problems += _empty_wals(database)
    ended = time.monotonic()
    done = _purged(deletion.count, held, problems)
    done = replace(done, longest_step=round(deletion.longest, 4), seconds=round(ended - began, 3))
    return _overwritten(database, done) if overwrite else done


def left_behind(database: Database) -> bool:
    """Whether a purge deleted something and ``overwrite`` was not done, or not to the end, since."""
    return bool(database.rows("SELECT 1 FROM purged WHERE what = 'left behind' LIMIT 1"))


def overwrite(database: Database) -> list[str]:
    """Zero what SQLite left of deleted rows in unused places of the file, and of the trail's; problems, if any."""
    problems = []
    with trail_of(database) as trail:
        for one in {str(db.file): db for db in (database, trail)}.values():
            if not scrub(one):
                problems.append(
                    f"{one.file} could not be overwritten everywhere (another program reads it all the time, or it is "
                    "larger than 64 GB); deleted rows may be left in unused places until the next purge"
                )
    if not problems:
        database.execute("DELETE FROM purged WHERE what = 'left behind'")
    return problems + _empty_wals(database)


def due(database: Database, moment: datetime | None = None) -> bool:
    """Whether anything is due by the deployment's policy; quick, for programs that ask every few seconds."""
    retention = policy_of(database.file).retention
    return Due(database, retention, moment or datetime.now(timezone.utc)).anything()


def _planned(what: Due) -> Purged:
    """What is due, nothing deleted."""
    what.list_all()
    what.list_reads(planned=True)
    shown = f"SELECT path FROM temp.{lists.SIGHTINGS} d CROSS JOIN pictures ON pictures.sighting_id = d.id"  # noqa: S608
    going = {row["path"] for row in what.database.rows(shown)}
    counts = {
        "sightings": what.count(lists.SIGHTINGS),
        "reads": what.count(lists.READS),
        "hits": what.count(lists.HITS),
        "alerts": what.count(lists.ALERTS),
        "pictures": len(going.union(orphaned(what.database))),
        "files": len(what.files()),
    }
    return replace(_purged(counts, what.count_held(), []), dry_run=True)


def _purged(counts: Mapping[str, int], held: int, problems: list[str]) -> Purged:
    return Purged(False, **{name: counts.get(name, 0) for name in _COUNTS}, held=held, problems=tuple(problems))


def _overwritten(database: Database, done: Purged) -> Purged:
    began = time.monotonic()
    problems = (*done.problems, *overwrite(database))
    return replace(done, overwriting=round(time.monotonic() - began, 3), problems=problems)


@contextmanager
def _alone(database: Database) -> Iterator[None]:
    """Inside, nothing is part of the access that runs: what a scan purges is no part of the scan."""
    running, database.access = database.access, None
    try:
        yield
    finally:
        database.access = running


def _delete_files(what: Due, deletion: Deletion) -> list[str]:
    """Delete pictures; those that cannot be deleted, with the reason."""
    problems = []
    for gone in remove_orphaned(what.database):
        if isinstance(gone, OSError):
            problems.append(f"{gone.filename} cannot be deleted ({gone.strerror})")
        else:
            deletion.count["pictures"] += 1
    for path in what.files():
        try:
            path.unlink()
            deletion.count["files"] += 1
        except OSError as error:
            problems.append(f"{path} cannot be deleted ({error.strerror})")
    return problems


def _told(retention: Retention) -> dict[str, str]:
    """The ages, for the trail."""
    ages = {"sightings": retention.sightings, "hits": retention.hits, "asked": retention.asked}
    return {name: str(age) for name, age in ages.items() if age is not None}


def _empty_wals(database: Database) -> list[str]:
    """Empty the WAL of the database and of the trail; problems, if any."""
    problems = []
    with trail_of(database) as trail:
        for one in {id(database): database, id(trail): trail}.values():
            for _ in range(25):
                # All is carried into the file while others write: they wait only while the WAL is cut off.
                one.settled()
                if one.checkpoint(truncate=True):
                    break
                time.sleep(0.02)
            else:
                problems.append(
                    f"{one.file}-wal could not be emptied, because another program reads the database all the time; "
                    "deleted rows stay in it until the next purge"
                )
    return problems
