"""The database of lpr: opening it, its tables, and the few words in which all rooms speak to it.

The only module that imports sqlite_utils; the tables themselves stand in ``lpr.records.tables``.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import time
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from lpr.errors import FullDiskError, RecordsError
from lpr.plates import Candidate, Character
from lpr.records.cipher import ERRORS, connect
from lpr.records.tables import MIGRATIONS

# sqlite_utils imports numpy for its number types when it is installed, which costs every command 0.1 s.
_NUMPY_IS_LOADED = "numpy" in sys.modules
if not _NUMPY_IS_LOADED:
    sys.modules["numpy"] = None  # type: ignore[assignment]
try:
    import sqlite_utils
finally:
    if not _NUMPY_IS_LOADED:
        del sys.modules["numpy"]

if TYPE_CHECKING:
    from types import TracebackType

#: Seconds that a statement waits for another process which is writing: the swap of a hot list of millions takes half a
#: minute, and a camera's sightings must outlast it.
PATIENCE = 120.0

#: Seconds for which a writer that waits looks for its turn every millisecond, thereafter every twenty.
_EAGER = 0.5

#: How often the WAL is carried until nobody wrote meanwhile.
_ATTEMPTS = 50

#: Pages that stand in the WAL when whoever writes carries them into the file: at most so often does a writer wait for
#: the disk. Purges do it sooner.
PAGES = 2000

Value = str | int | float | None
Row = dict[str, Any]


def _migrations() -> sqlite_utils.Migrations:
    migrations = sqlite_utils.Migrations("lpr")
    for name, statements in MIGRATIONS.items():

        def apply(db: sqlite_utils.Database, statements: tuple[str, ...] = statements) -> None:
            for statement in statements:
                db.execute(statement)

        migrations(name=name)(apply)
    return migrations


_MIGRATIONS = _migrations()


def default_path() -> Path:
    """``LPR_DB``, or else ``lpr.db`` in the user's data folder."""
    named = os.environ.get("LPR_DB")
    if named:
        return Path(named)
    from platformdirs import user_data_path

    return user_data_path("lpr", appauthor=False) / "lpr.db"


def open_database(path: str | Path | None = None, readonly: bool = False) -> Database:
    """The database at ``path`` (``default_path()`` without one), made and brought up to date where needed.

    A new file can be read by its owner only. ``readonly`` makes and changes nothing. Close it, or use it in ``with``.
    Encrypted by SQLCipher where ``LPR_CIPHER_KEY_FILE`` names the passphrase.
    On a full disk what nobody writes can be read all the same.
    Raises RecordsError when it is missing (``readonly``), cannot be written, or is something else than lpr's.
    """
    file = default_path() if path is None else Path(path)
    if readonly and not file.is_file():
        raise RecordsError(f"there is no database {file}; lpr scan and lpr hotlist import make one")
    if not readonly:
        try:
            if path is None:
                file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # SQLite would make it with the mode of the umask; its -wal and -shm files take after it.
            os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise RecordsError(_explain(file, error.strerror or str(error))) from error
    if not readonly:
        return _opened(file, "mode=rw", readonly)
    try:
        return _opened(file, "mode=ro", readonly)
    except FullDiskError:
        # SQLite finds no room for its -shm file, which only the first who opens the database makes: nobody else is
        # there, and when no WAL was left behind, the file itself is all.
        wal = file.with_name(file.name + "-wal")
        if wal.exists() and wal.stat().st_size:
            raise
        return _opened(file, "mode=ro&immutable=1", readonly)


def _opened(file: Path, how: str, readonly: bool) -> Database:
    with _as_records_error(file):
        connection = connect(f"{file.absolute().as_uri()}?{how}", PATIENCE)
        try:
            return Database(connection, file, readonly)
        except BaseException:
            connection.close()
            raise


class Database:
    """An open database of lpr. Each statement outside ``atomic`` is a transaction of its own.

    ``file`` is its path, ``readonly`` how it was opened. All methods raise RecordsError where SQLite fails.
    """

    def __init__(self, connection: sqlite3.Connection, file: Path, readonly: bool) -> None:
        self.file = file
        self.readonly = readonly
        #: The running access to stored plates, which lpr.records.audit puts here.
        self.access: object | None = None
        #: Seconds that a write waits for another program's.
        self.patience = PATIENCE
        self._connection = connection
        self._tables = sqlite_utils.Database(connection, execute_plugins=False, strict=True)
        connection.execute("PRAGMA foreign_keys = ON")
        # 64 MiB instead of 2: the inner pages of a large record's indexes stay in memory.
        connection.execute("PRAGMA cache_size = -65536")
        self._migrate(readonly)
        # Only now is it known to be lpr's: another program's database stays as it is.
        if not readonly:
            # Of two who open a new file at once, SQLite refuses one at once, however patient it is.
            self._in_turn("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(f"PRAGMA wal_autocheckpoint = {PAGES}")
            # What is deleted is overwritten with zeros, by every program that writes: a purge could not do it later.
            connection.execute("PRAGMA secure_delete = ON")

    def _migrate(self, readonly: bool) -> None:
        applied = {migration.name for migration in _MIGRATIONS.applied(self._tables)}
        if applied - MIGRATIONS.keys():
            raise RecordsError(f"the database {self.file} was made by a newer lpr; update lpr")
        if applied == MIGRATIONS.keys():
            return
        if readonly:
            raise RecordsError(
                f"the database {self.file} is not up to date; lpr scan or lpr hotlist import brings it so"
            )
        # Two processes may open a new file at the same moment: the second waits here, then finds nothing to do.
        with self.atomic():
            _MIGRATIONS.apply(self._tables)

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """All statements inside take effect together, or, after an exception, none. May be nested."""
        with _as_records_error(self.file):
            if self._connection.in_transaction:
                with self._tables.atomic():
                    yield
                return
            # A transaction that starts by reading and then writes fails at once when another process wrote meanwhile.
            self._begin()
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def _begin(self) -> None:
        """A transaction that writes begins, as soon as nobody else writes."""
        self._in_turn("BEGIN IMMEDIATE")

    def _in_turn(self, sql: str) -> None:
        """Run a statement as soon as nobody else writes.

        SQLite looks for its turn ever more seldom, at last ten times a second; a purge beside it, which lets others go
        first between its steps, would be back before. Here the first looks come close together.
        """
        self._connection.execute("PRAGMA busy_timeout = 0")
        try:
            waited_since = time.monotonic()
            while True:
                try:
                    self._connection.execute(sql)
                    return
                except tuple(ERRORS) as error:
                    waited = time.monotonic() - waited_since
                    if "locked" not in str(error) or waited > self.patience:
                        raise
                time.sleep(0.001 if waited < _EAGER else 0.02)
        finally:
            self._connection.execute(f"PRAGMA busy_timeout = {int(self.patience * 1000)}")

    def checkpoint(self, truncate: bool = False) -> bool:
        """Carry what was written from the WAL into the database file; with ``truncate`` leave the WAL empty.

        Nobody waits for it, but with ``truncate`` all who write do: do it when ``settled``. Returns False where a
        program that reads or writes prevented it.
        """
        pages, carried = self.carry(truncate)
        return pages == carried >= 0

    def carry(self, truncate: bool = False) -> tuple[int, int]:
        """``checkpoint``, told in numbers: pages in the WAL, and how many of them are in the file now; -1 for both
        where another program is at it."""
        with _as_records_error(self.file):
            self._connection.execute("PRAGMA busy_timeout = 20")
            try:
                mode = "TRUNCATE" if truncate else "PASSIVE"
                busy, pages, carried = self._connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
            finally:
                self._connection.execute(f"PRAGMA busy_timeout = {int(self.patience * 1000)}")
            return (-1, -1) if busy else (pages, carried)

    def settled(self) -> int | None:
        """Carry all of the WAL into the file; the ``version`` that is there then, None where others prevented it.

        What was written while the disk was busy with the rest is carried, too, until nothing was: whoever then asks for
        the write lock and finds the same version need not keep others waiting for the disk.
        """
        for _ in range(_ATTEMPTS):
            version = self.version()
            if self.checkpoint() and self.version() == version:
                return version
            time.sleep(0.001)
        return None

    def version(self) -> int:
        """A number that is another one as soon as another connection has written."""
        with _as_records_error(self.file):
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def carry_by_itself(self, does: bool) -> None:
        """Whether commits of this connection carry the WAL into the file when there is much in it: they do at first."""
        with _as_records_error(self.file):
            self._connection.execute(f"PRAGMA wal_autocheckpoint = {PAGES if does else 0}")

    @contextmanager
    def durably(self) -> Iterator[None]:
        """What is committed inside survives a power cut: each commit waits for the disk. Not inside ``atomic``, where
        the outer commit decides."""
        if self._connection.in_transaction:
            yield
            return
        with _as_records_error(self.file):
            self._connection.execute("PRAGMA synchronous = FULL")
            try:
                yield
            finally:
                if not self._connection.in_transaction:
                    self._connection.execute("PRAGMA synchronous = NORMAL")

    def rows(self, sql: str, parameters: Sequence[Value] = ()) -> list[Row]:
        """All rows that a query finds, as dictionaries by column."""
        return list(self.each(sql, parameters))

    def each(self, sql: str, parameters: Sequence[Value] = ()) -> Generator[Row, None, None]:
        """The rows that a query finds, one by one."""
        with _as_records_error(self.file):
            cursor = self._connection.execute(sql, parameters)
            columns = [column[0] for column in cursor.description]
            for values in cursor:
                yield dict(zip(columns, values, strict=True))

    def execute(self, sql: str, parameters: Sequence[Value] = ()) -> int:
        """Run a statement that returns no rows; the number of rows that it changed."""
        with _as_records_error(self.file):
            return self._connection.execute(sql, parameters).rowcount

    def execute_many(self, sql: str, rows: Iterable[Sequence[Value]]) -> None:
        """Run a statement once for each of ``rows``, all or none. On a temporary table it keeps nobody else waiting."""
        with _as_records_error(self.file):
            if self._connection.in_transaction:
                self._connection.executemany(sql, rows)
                return
            self._connection.execute("BEGIN")
            try:
                self._connection.executemany(sql, rows)
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def insert(self, table: str, row: Mapping[str, Value]) -> int:
        """Add one row; its id."""
        with _as_records_error(self.file):
            sql = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})"  # noqa: S608 - names
            return cast(int, self._connection.execute(sql, tuple(row.values())).lastrowid)

    def insert_all(self, table: str, rows: Iterable[Mapping[str, Value]]) -> None:
        """Add many rows of the same columns, all or none."""
        with self.atomic():
            self._tables.table(table).insert_all(dict(row) for row in rows)

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Database:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def now() -> str:
    """The present as the database writes times: ISO 8601, UTC."""
    return timestamp(datetime.now(timezone.utc))


def timestamp(moment: datetime) -> str:
    """``moment`` (aware) as ISO 8601 in UTC, to the millisecond, so that texts sort as times do."""
    return moment.astimezone(timezone.utc).isoformat(timespec="milliseconds")


def characters_to_json(characters: Iterable[Character]) -> str:
    """The column ``characters``: ``[["A",0.98],…]``, nine digits each, which is all that a float32 has."""
    return _pairs_to_json((c.character, c.confidence) for c in characters)


def characters_from_json(column: str) -> tuple[Character, ...]:
    return tuple(Character(character, confidence) for character, confidence in json.loads(column))


def candidates_to_json(candidates: Iterable[Candidate]) -> str:
    """The column ``candidates``: ``[["ABC1234",0.97],…]``, best first, nine digits each."""
    return _pairs_to_json((c.text, c.probability) for c in candidates)


def candidates_from_json(column: str) -> tuple[Candidate, ...]:
    return tuple(Candidate(text, probability) for text, probability in json.loads(column))


def _pairs_to_json(pairs: Iterable[tuple[str, float]]) -> str:
    return json.dumps([[said, float(f"{share:.9g}")] for said, share in pairs], separators=(",", ":"))


@contextmanager
def _as_records_error(file: Path) -> Iterator[None]:
    try:
        yield
    except tuple(ERRORS) as error:
        kind = FullDiskError if _is_full(str(error)) else RecordsError
        raise kind(_explain(file, str(error))) from error


def _is_full(reason: str) -> bool:
    said = reason.lower()
    return "full" in said or "space" in said or "disk i/o" in said


def _explain(file: Path, reason: str) -> str:
    said = reason.lower()
    if "not a database" in said or "malformed" in said:
        return f"{file} is no usable SQLite database ({reason}); name another one with --db or LPR_DB"
    if "locked" in said:
        return f"the database {file} is in use by another program that is writing; try again when it has finished"
    if "already exists" in said:
        return f"{file} is a database of another program ({reason}); name another one with --db or LPR_DB"
    if _is_full(reason):
        return f"the database {file} cannot grow ({reason}); make room on its disk and on that of temporary files"
    return f"the database {file} cannot be used ({reason}); name a writable place with --db or LPR_DB, or use --no-db"
