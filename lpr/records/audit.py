"""The audit trail: who asked the record or changed a list, when, from where, what for, and what came of it.

Rows are only ever added: triggers refuse everything else, and each row carries the hash of the one before, so that
``lpr.records.trail.verify`` finds whatever was changed around them. Plates that were asked for stand in the rows as
keyed hashes and beside them in clear, in the table ``audit_plates``: a purge takes the clear text when its time has
come, and the chain still holds.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from lpr.errors import FullDiskError, PolicyError, RecordsError
from lpr.normalize import key, normalize
from lpr.purpose import UNSAID, Why, user
from lpr.records.policy import Policy, policy_of
from lpr.records.schema import Database, now, open_database
from lpr.records.secret import keyed_hash, secret_of

if TYPE_CHECKING:
    from lpr.records.schema import Value

Element = TypeVar("Element", bound=Mapping[str, Any])

#: What a row tells: somebody asks; what was given out; somebody was refused by the policy; a change by a program that
#: calls the library, asked for and done in one.
ASKED, ANSWERED, REFUSED, CHANGED = "asked", "answered", "refused", "changed"
DONE, FAILED, INTERRUPTED = "done", "failed", "interrupted"

#: The columns that a row's hash covers, in order.
HASHED = (
    *("id", "at", "event", "asked_in", "user", "host", "organisation", "command", "elements", "plates", "purpose"),
    *("case_number", "outcome", "rows", "digest", "policy", "previous"),
)
#: What the first row names as the hash before it.
BEGINNING = "0" * 64


class Access:
    """One running access to the record: it counts and digests what is given out.

    ``id`` is that of its first row in the trail. ``unrecorded`` says why a vital access is not on it, or not wholly:
    tell the person.
    """

    def __init__(self, access_id: int) -> None:
        self.id = access_id
        self.unrecorded: str | None = None
        self.count = 0
        self.notes: dict[str, Any] = {}
        self._digest = hashlib.sha256()
        self._changes = hashlib.sha256()
        self._changed = 0

    def rows(self, found: Iterable[Element]) -> Iterator[Element]:
        """``found``, each row counted as it passes. Wrap what is shown in this."""
        for row in found:
            self.add(row)
            yield row

    def add(self, row: Mapping[str, Any]) -> None:
        """Count one row that is given out."""
        self.count += 1
        self._digest.update(row_bytes(row))

    def note(self, **counts: Any) -> None:
        """Have something else stand in the trail with the answer, such as what a purge deleted. No plates here."""
        self.notes.update(counts)

    def change(self, row: Mapping[str, Any]) -> None:
        """Count one change of a list: how many there were, and the SHA-256 of their rows, stand with the answer."""
        self._changed += 1
        self._changes.update(row_bytes(row))
        self.note(changes=self._changed, changes_sha256=self._changes.hexdigest())

    @property
    def digest(self) -> str:
        """SHA-256 of the rows so far, each as ``row_bytes``."""
        return self._digest.hexdigest()


def row_bytes(row: Mapping[str, Any]) -> bytes:
    """A row as it goes into a digest: its JSON with sorted keys, no blanks, UTF-8, and a line's end."""
    written = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return written.encode("utf-8", "surrogatepass") + b"\n"


@contextmanager
def audited(
    database: Database,
    command: str,
    elements: Mapping[str, Any] | None = None,
    why: Why = UNSAID,
    plates: Sequence[str] = (),
    vital: bool = False,
) -> Iterator[Access]:
    """Have an access to stored plates, or a change of a list, on the audit trail.

        why = lpr.Why("stolen vehicle", "26-0417")
        with lpr.audited(database, "search", {"camera": "north"}, why, [plate]) as access:
            for row in access.rows(search(database, plate)):
                print(row)

    ``command`` is what the command line calls it; ``elements`` are what was asked (JSON values, no plates);
    ``plates`` are the plates that were asked for, as written, ``?`` and ``*`` allowed. That it was asked is on the
    trail before the body runs, what came of it afterwards, also after an exception. Inside another access to the same
    database this one is part of it. Works with a database opened read-only, too. ``vital`` is a question on which a
    person's safety may hang: it is answered although a full disk keeps it off the trail, unless the policy demands one.

    Raises PolicyError when the deployment's policy demands a purpose or a case that ``why`` lacks, or does not allow
    the purpose; that is on the trail as well. Raises RecordsError when the trail cannot be written: then nothing is
    shown.
    """
    if database.access is not None:
        assert isinstance(database.access, Access)
        yield database.access
        return
    policy = policy_of(database.file)
    asked = _Row(policy, command, why, dict(elements or {}), tuple(plates))
    with ExitStack() as stack:
        trail, access = None, Access(0)
        try:
            trail = stack.enter_context(_trail(database, policy))
            objection = policy.objection(command, why)
            if objection is not None:
                _append(trail, database, REFUSED, asked)
                raise PolicyError(objection)
            access = Access(_append(trail, database, ASKED, asked))
        except FullDiskError as error:
            access.unrecorded = _tolerated(error, vital, policy, command, why)
        database.access = access
        outcome = INTERRUPTED
        try:
            yield access
            outcome = DONE
        except Exception:
            outcome = FAILED
            raise
        finally:
            database.access = None
            if trail is not None and access.unrecorded is None:
                answer = _Row(policy, command, why, access.notes, (), outcome, access.count, access.digest, access.id)
                try:
                    _append(trail, database, ANSWERED, answer)
                except FullDiskError as error:
                    access.unrecorded = _tolerated(error, vital, policy, command, why)


def _tolerated(error: FullDiskError, vital: bool, policy: Policy, command: str, why: Why) -> str:
    """Why an access stands on no trail, where that may be; raises the error, or PolicyError, where it may not."""
    if not vital:
        raise error
    if policy.demands_trail(command):
        objection = policy.objection(command, why)
        told = (
            objection or f"the policy {policy.file} demands that lpr {command} stands on the audit trail, and {error}"
        )
        raise PolicyError(told) from error
    return str(error)


def changed(database: Database, command: str, row: Mapping[str, Any], why: Why, plates: Sequence[str] = ()) -> int:
    """The id of the access that a change of a list belongs to; one that belongs to none makes one, in a single row.

    ``row`` is the change as the table ``changes`` has it, which the trail counts and digests. Raises PolicyError as
    ``audited`` does.
    """
    if database.access is not None:
        assert isinstance(database.access, Access)
        database.access.change(row)
        return database.access.id
    policy = policy_of(database.file)
    objection = policy.objection(command, why)
    if objection is not None:
        raise PolicyError(objection)
    digest = hashlib.sha256(row_bytes(row)).hexdigest()
    with _trail(database, policy) as trail:
        asked = _Row(policy, command, why, {}, tuple(plates), DONE, 1, digest)
        return _append(trail, database, CHANGED, asked)


@contextmanager
def trail_of(database: Database) -> Iterator[Database]:
    """The database that holds the trail of this one: itself, or the one that the policy names."""
    with _trail(database, policy_of(database.file)) as trail:
        yield trail


def plate_pattern(written: str) -> str:
    """A plate as the trail keeps it: capital letters and digits, ``?`` and ``*`` kept."""
    return "".join(c if c in "?*" else normalize(c) for c in written)


def plate_hash(secret: bytes, written: str) -> str:
    """The keyed hash of a plate, letter O and zero counted as the same."""
    return keyed_hash(secret, key(plate_pattern(written)))


def hash_of(row: Mapping[str, Any]) -> str:
    """The hash of a row of the table ``audit``: SHA-256 of the JSON array of its columns ``HASHED``."""
    written = json.dumps([row[name] for name in HASHED], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()


class _Row:
    """What one row is about."""

    def __init__(
        self,
        policy: Policy,
        command: str,
        why: Why,
        elements: Mapping[str, Any],
        plates: tuple[str, ...],
        outcome: str | None = None,
        rows: int | None = None,
        digest: str | None = None,
        asked_in: int | None = None,
    ) -> None:
        self.policy = policy
        self.plates = tuple(plate_pattern(plate) for plate in plates)
        self.columns: dict[str, Value] = {
            "asked_in": asked_in,
            "user": user(),
            "host": platform.node() or "unknown",
            "organisation": policy.organisation,
            "command": command,
            "elements": json.dumps(elements, ensure_ascii=False, sort_keys=True, default=str) if elements else None,
            "purpose": why.purpose or None,
            "case_number": why.case or None,
            "outcome": outcome,
            "rows": rows,
            "digest": digest,
            "policy": policy.sha256,
        }


@contextmanager
def _trail(database: Database, policy: Policy) -> Iterator[Database]:
    if policy.audit_file is None and not database.readonly:
        yield database
        return
    file = policy.audit_file or database.file
    if policy.audit_file is None and not os.access(file, os.W_OK):
        raise RecordsError(
            f"you may read {file} but not write it, so that this access cannot be put on its audit trail; "
            "have the policy name an audit file that you may write (docs/accountability.md)"
        )
    with open_database(file) as trail:
        yield trail


def _append(trail: Database, database: Database, event: str, row: _Row) -> int:
    """Add a row at the end of the chain; its id."""
    secret = secret_of(database.file, row.policy) if row.plates else None
    hashes = [] if secret is None else [plate_hash(secret, plate) for plate in row.plates]
    # Who looked must survive a power cut; a sighting is found again by its scan.
    with trail.durably(), trail.atomic():
        last = trail.rows("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1")
        columns: dict[str, Value] = {
            "id": last[0]["id"] + 1 if last else 1,
            "at": now(),
            "event": event,
            **row.columns,
            "plates": json.dumps(hashes) if hashes else None,
            "previous": last[0]["hash"] if last else BEGINNING,
        }
        columns["hash"] = hash_of(columns)
        trail.execute(
            f"INSERT INTO audit ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",  # noqa: S608
            tuple(columns.values()),
        )
        for number, plate in enumerate(row.plates, 1):
            trail.execute(
                "INSERT INTO audit_plates (audit_id, number, text) VALUES (?, ?, ?)", (columns["id"], number, plate)
            )
    assert isinstance(columns["id"], int)
    return columns["id"]
