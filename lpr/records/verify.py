"""Whether the audit trail is whole: nothing edited, taken out, put in or moved, and nothing cut off the end.

The chain alone cannot tell that its last rows are missing, nor that all of it was written anew by somebody who hashed
everything again. Anchors can: the number and hash of a row, kept where who could change the database cannot write.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lpr.errors import RecordsError
from lpr.records.audit import ANSWERED, ASKED, BEGINNING, CHANGED, hash_of, plate_hash, row_bytes, trail_of
from lpr.records.policy import policy_of
from lpr.records.secret import secret_of
from lpr.records.tables_audit import TRIGGERS

if TYPE_CHECKING:
    from lpr.records.schema import Database, Row

_ANCHOR = re.compile(r"\b([0-9]{1,18}):([0-9a-f]{64})\b")


@dataclass(frozen=True)
class Anchor:
    """A row of the trail as it was: its id and its hash. ``at`` is the row's time."""

    id: int
    hash: str
    at: str | None = None

    def __str__(self) -> str:
        return f"{self.id}:{self.hash}"


@dataclass(frozen=True)
class Problem:
    """Something that no honest program does: ``id`` is the row of the trail, None for the whole."""

    id: int | None
    what: str


def anchor(database: Database) -> Anchor | None:
    """The last row of the trail, to be kept elsewhere; None of an empty trail."""
    with trail_of(database) as trail:
        rows = trail.rows("SELECT id, hash, at FROM audit ORDER BY id DESC LIMIT 1")
    return Anchor(**rows[0]) if rows else None


def parse_anchors(written: str) -> list[Anchor]:
    """All anchors in a text, such as a file to which ``lpr audit anchor`` was written each night.

    Raises RecordsError when there is none.
    """
    found = [Anchor(int(number), digest) for number, digest in _ANCHOR.findall(written)]
    if not found:
        raise RecordsError("there is no anchor in it; an anchor is 12:5f3a… as lpr audit anchor prints it")
    return found


def verify(database: Database, anchors: Iterable[Anchor] = ()) -> list[Problem]:
    """All that is wrong with the trail; an empty list when it is whole."""
    with trail_of(database) as trail:
        return [
            *_triggers(trail),
            *_chain(trail),
            *_anchored(trail, anchors),
            *_plates(database, trail),
            *_changes(database, trail),
        ]


def _triggers(trail: Database) -> Iterator[Problem]:
    there = {row["name"]: row["sql"] for row in trail.rows("SELECT name, sql FROM sqlite_master WHERE type='trigger'")}
    for name, sql in TRIGGERS.items():
        if name not in there:
            yield Problem(None, f"the trigger {name}, which refuses changes, is missing")
        elif " ".join(there[name].split()) != " ".join(sql.split()):
            yield Problem(None, f"the trigger {name}, which refuses changes, is another one")


def _chain(trail: Database) -> Iterator[Problem]:
    last, expected = BEGINNING, 1
    open_: set[int] = set()
    for row in trail.each("SELECT * FROM audit ORDER BY id"):
        if row["id"] != expected:
            yield Problem(row["id"], f"row {expected} should come here; rows are missing or were put in")
        if row["previous"] != last:
            yield Problem(row["id"], "does not follow the row before it; one of the two was changed, moved or put in")
        if hash_of(row) != row["hash"]:
            yield Problem(row["id"], "was changed: its hash does not fit what it says")
        if row["event"] == ASKED:
            open_.add(row["id"])
        elif row["event"] == ANSWERED:
            if row["asked_in"] not in open_:
                yield Problem(row["id"], f"answers row {row['asked_in']}, which asked nothing or was answered before")
            open_.discard(row["asked_in"])
        last, expected = row["hash"], row["id"] + 1


def _anchored(trail: Database, anchors: Iterable[Anchor]) -> Iterator[Problem]:
    end = trail.rows("SELECT coalesce(max(id), 0) AS id FROM audit")[0]["id"]
    for one in anchors:
        rows = trail.rows("SELECT hash FROM audit WHERE id = ?", (one.id,))
        if one.id > end:
            yield Problem(one.id, f"was anchored, but the trail ends at row {end}: its end was cut off")
        elif not rows or rows[0]["hash"] != one.hash:
            yield Problem(one.id, "is not the row that was anchored: the trail was written anew")


def _plates(database: Database, trail: Database) -> Iterator[Problem]:
    """Whether the plates in clear are those of the chain, and only purges took any away."""
    secret = secret_of(database.file, policy_of(database.file), make=False)
    purges = {row["id"] for row in trail.rows("SELECT id FROM audit WHERE command = 'purge' AND event = 'asked'")}
    in_clear: dict[int, list[Row]] = {}
    for row in trail.each("SELECT * FROM audit_plates ORDER BY audit_id, number"):
        in_clear.setdefault(row["audit_id"], []).append(row)
    if in_clear and secret is None:
        yield Problem(None, "the key file is not there: plates in clear cannot be compared with their hashes")
    for row in trail.each("SELECT id, plates FROM audit WHERE plates IS NOT NULL"):
        try:
            hashes = json.loads(row["plates"])
        except ValueError:
            continue  # the row was changed, which its hash tells
        found = in_clear.pop(row["id"], [])
        if len(found) != len(hashes):
            yield Problem(row["id"], f"asked for {len(hashes)} plates, of which {len(found)} are there")
            continue
        for one, digest in zip(found, hashes, strict=True):
            if one["text"] is None and one["erased_in"] not in purges:
                yield Problem(row["id"], f"plate {one['number']} was erased, and by no purge")
            elif one["text"] is not None and secret is not None and plate_hash(secret, one["text"]) != digest:
                yield Problem(row["id"], f"plate {one['number']} in clear is not the one that was asked for")
    for access_id in in_clear:
        yield Problem(access_id, "asked for no plate, but has plates in clear")


def _changes(database: Database, trail: Database) -> Iterator[Problem]:
    """Whether the changes of lists are those that their accesses made, as far as the retention of lists keeps them."""
    purged = bool(database.rows("SELECT 1 FROM changes WHERE action = 'purge' LIMIT 1"))
    made: dict[int, list[Row]] = {}
    for row in database.each("SELECT * FROM changes WHERE audit_id IS NOT NULL ORDER BY id"):
        made.setdefault(row["audit_id"], []).append(row)
    end = trail.rows("SELECT coalesce(max(id), 0) AS id FROM audit")[0]["id"]
    for row in trail.each(_TOLD, (CHANGED, ANSWERED)):
        count, digest = _told(row)
        rows = made.pop(row["asked"], [])
        if len(rows) > count or (len(rows) < count and not purged):
            yield Problem(row["asked"], f"made {count} changes of lists, but {len(rows)} are on record")
        elif len(rows) == count and count and _digest(rows) != digest:
            yield Problem(row["asked"], "made other changes of lists than those on record")
    for access_id in made:
        if access_id > end:
            yield Problem(access_id, f"changed a list, but the trail ends at row {end}: its end was cut off")
        elif not trail.rows("SELECT 1 FROM audit WHERE id = ? AND event = ?", (access_id, ASKED)):
            yield Problem(access_id, "is said to have changed a list, which it did not")
        # Otherwise it was killed between the change and its answer.


_TOLD = """
    SELECT id, coalesce(asked_in, id) AS asked, event, elements, rows, digest FROM audit
    WHERE event = ? OR (event = ? AND elements LIKE '%changes%')
"""


def _told(row: Row) -> tuple[int, str | None]:
    """How many changes a row tells of, and their digest; a row that was changed itself is told by its hash."""
    if row["event"] == CHANGED:
        return int(row["rows"] or 0), row["digest"]
    try:
        notes = json.loads(row["elements"])
        return int(notes.get("changes", 0)), notes.get("changes_sha256")
    except (ValueError, TypeError, AttributeError):
        return 0, None


def _digest(rows: Iterable[Row]) -> str:
    digest = hashlib.sha256()
    for row in rows:
        digest.update(row_bytes({name: row[name] for name in row if name not in ("id", "audit_id")}))
    return digest.hexdigest()
