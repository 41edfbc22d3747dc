"""Writes to the record that must not keep anybody waiting: while another program writes, they stand in a queue."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from lpr.errors import RecordsError

if TYPE_CHECKING:
    from lpr.records.schema import Database

#: Seconds that a write may take to find out that another program is writing.
PATIENCE = 0.25
#: Seconds after which what was written is carried from the WAL into the file.
_CARRIED = 5.0


class Ledger:
    """The writes of one watch. Until ``close`` the database's own patience is shortened, and its commits leave it to a
    thread to wait for the disk."""

    def __init__(self, database: Database) -> None:
        from lpr.records.carrier import Carrier

        self.database = database
        self._waiting: deque[Callable[[], None]] = deque()
        self._waiting_since: float | None = None
        self._be_patient(PATIENCE)
        self._carrier = Carrier(database, _CARRIED)
        self._carrier.start()

    def write(self, operation: Callable[[], None]) -> bool:
        """Carry out ``operation``, a transaction, after those that wait; False when it waits as well.

        Raises RecordsError for whatever is no lock, and for a lock that outlasts the records' own patience.
        """
        self._waiting.append(operation)
        return self.flush()

    def flush(self) -> bool:
        """Carry out what waits; whether nothing is left."""
        from lpr.records import schema

        while self._waiting:
            try:
                with self.database.atomic():
                    self._waiting[0]()
            except RecordsError as error:
                # SQLite's own words; its numbers are known to Python from 3.11 on.
                if "locked" not in str(error.__cause__):
                    raise
                now = time.monotonic()
                self._waiting_since = self._waiting_since or now
                if now - self._waiting_since > schema.PATIENCE:
                    raise
                return False
            self._waiting.popleft()
            self._waiting_since = None
        return True

    def close(self) -> None:
        """Carry out what waits, however long that takes, and give the database its patience back."""
        from lpr.records import schema

        self._be_patient(schema.PATIENCE)
        self._waiting_since = None
        try:
            self.flush()
        finally:
            self._carrier.stop()

    def _be_patient(self, seconds: float) -> None:
        self.database.patience = seconds
        self.database.rows(f"PRAGMA busy_timeout = {round(1000 * seconds)}")
