"""Purging by itself while a scan or a watch runs."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from lpr.errors import LprError
from lpr.purpose import Why
from lpr.records.policy import policy_of
from lpr.records.purge import due, left_behind, overwrite, purge
from lpr.records.schema import open_database

if TYPE_CHECKING:
    from lpr.records.schema import Database

#: Purges are a tenth of the shortest retention apart, within these bounds: three minutes are kept to 18 seconds.
_OFTEN, _SELDOM = timedelta(seconds=10), timedelta(hours=1)
#: Looking through the file for what SQLite left behind takes at most this part of the time, because for a large record
#: that means to read gigabytes; for a small one it is done at once.
_PART = 0.05
#: Seconds that this may take when a watch ends.
_QUICK = 2.0
_WHY = Why(purpose="retention")


class Schedule:
    """Deletes what is due by the deployment's policy whenever ``tick`` is called and enough time has passed.

    ``aside`` does it in a thread of its own, over a connection of its own, so that whoever ticks goes on at once; only
    that thread uses the connection, and ``close`` waits for it. What fails is in ``problems`` and is tried again.
    """

    def __init__(self, database: Database, aside: bool) -> None:
        self.problems: list[str] = []
        self._database, self._aside = database, aside
        retention = policy_of(database.file).retention
        ages = [retention.sightings, retention.hits, *retention.lists.values(), *retention.cases.values()]
        shortest = min((age for age in ages if age is not None), default=None)
        self._every = None if shortest is None else min(_SELDOM, max(_OFTEN, shortest / 10)).total_seconds()
        self._next = time.monotonic()
        self._thread: threading.Thread | None = None
        self._overwrite_at, self._took = self._next, 0.0

    def tick(self, now: bool = False) -> None:
        """Purge, if it is time, or ``now``, as at the end of a scan."""
        if self._every is None or (time.monotonic() < self._next and not now):
            return
        if self._thread is not None and self._thread.is_alive():
            return
        self._next = time.monotonic() + self._every
        if self._aside:
            self._thread = threading.Thread(target=self._purge_aside, name="lpr purge", daemon=True)
            self._thread.start()
        else:
            self._purge(self._database, now)

    def close(self) -> None:
        """Wait for a purge that runs, and overwrite what earlier ones left behind, where that is quickly done; else the
        next run does it."""
        if self._thread is not None:
            self._thread.join()
        if self._every is not None and self._took < _QUICK and left_behind(self._database):
            self._overwrite(self._database)

    def _purge_aside(self) -> None:
        try:
            with open_database(self._database.file) as database:
                self._purge(database)
        except LprError as error:
            self.problems.append(str(error))

    def _purge(self, database: Database, now: bool = False) -> None:
        if due(database):
            self.problems.extend(purge(database, _WHY, overwrite=False).problems)
        if (now or time.monotonic() >= self._overwrite_at) and left_behind(database):
            self._overwrite(database)

    def _overwrite(self, database: Database) -> None:
        began = time.monotonic()
        self.problems.extend(overwrite(database))
        ended = time.monotonic()
        self._took = ended - began
        self._overwrite_at = ended + self._took / _PART
