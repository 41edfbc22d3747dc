"""Carrying the WAL into the database file beside a program that writes, so that its commits never wait for the disk."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from lpr.errors import LprError
from lpr.records.schema import open_database

if TYPE_CHECKING:
    from types import TracebackType

    from lpr.records.schema import Database

#: Pages in the WAL from which on ``catch_up`` waits until it can begin anew: 128 MB, which are cut off in 25 ms.
_PAGES = 32_000
#: Seconds between two looks at a WAL to which nothing came, and for which ``catch_up`` waits at most.
_LOOK, _WAIT = 0.001, 1.0
#: Seconds after which it is tried again when something failed.
_AGAIN = 1.0


class Carrier:
    """From ``start`` to ``stop`` a thread carries the WAL of a database into its file, every so many seconds.

    Meanwhile the database's own connection carries nothing. The thread uses a connection that nobody else knows.
    With 0 seconds it carries without pause: SQLite lets one program at a time do so, and the commits of other programs,
    which would find much in the WAL, go on instead. What fails is tried again; ``catch_up`` raises it.
    """

    def __init__(self, database: Database, every: float) -> None:
        self._database, self._every = database, every
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lpr carrier", daemon=True)
        #: Of the last look: pages in the WAL, whether all of them were in the file, what failed. ``_looks`` counts.
        self._pages, self._all, self._looks = 0, True, 0
        self._problem: LprError | None = None

    def start(self) -> None:
        self._database.carry_by_itself(False)
        self._thread.start()

    def stop(self) -> None:
        """The thread ends; what it has not carried yet, the next commit does."""
        self._ended.set()
        self._thread.join()
        self._database.carry_by_itself(True)

    def catch_up(self) -> None:
        """Wait, where the WAL is large, until all of it is in the file: the next write then begins it anew.

        Raises LprError when it could not be carried.
        """
        looks, until = self._looks, time.monotonic() + _WAIT
        # The look that runs began before the last write.
        while self._pages >= _PAGES and time.monotonic() < until and not (self._looks > looks + 1 and self._all):
            time.sleep(_LOOK)
        if self._problem is not None:
            raise self._problem

    def __enter__(self) -> Carrier:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        before = 0
        while not self._ended.is_set():
            try:
                with open_database(self._database.file) as own:
                    while not self._ended.is_set():
                        pages, carried = own.carry()
                        self._pages, self._all, self._problem = max(pages, 0), pages == carried >= 0, None
                        self._looks += 1
                        self._ended.wait(self._every or (_LOOK if carried in (before, -1) else 0))
                        before = carried
            except LprError as error:
                self._problem = error
                self._looks += 1
                self._ended.wait(_AGAIN)
