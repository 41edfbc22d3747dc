"""Makes a file the content of a hot list: checked whole, compared with what stands there, swapped in one go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from lpr.errors import HotListError
from lpr.hotlist.changes import IMPORT, UNSAID, Why, record, user
from lpr.hotlist.comparison import Comparison, EntryChange
from lpr.hotlist.format import INCREMENTAL
from lpr.hotlist.lines import Doubts, Line, Refused, read_lines
from lpr.hotlist.listfile import AUTO, ListFile
from lpr.hotlist.rejected import Rejected
from lpr.hotlist.store import find_list, make_list
from lpr.normalize import key, look_alike_key

if TYPE_CHECKING:
    from lpr.records.schema import Database

#: How many changes of each sort, and how many refused lines, a report shows.
SHOWN = 20

#: So many lines are prepared together.
_AT_ONCE = 1000

#: An import that would remove more than this share of a list's entries needs force: the file is more likely cut off.
MOST_REMOVED = 0.2


@dataclass(frozen=True)
class How:
    """How a file is read and what it may do.

    ``format_name`` is one of ``format_names()``, ``auto`` or a TOML file's; ``mapped`` says what the file calls a
    column. ``mode`` is ``complete`` (the file is the list) or ``incremental`` (the file changes the list), None for
    what its format is. ``reason`` and ``state`` are those of lines that say none. ``force`` loads a file that is older
    than the loaded one, fails its own count, or removes more than ``MOST_REMOVED``.
    """

    format_name: str = AUTO
    mapped: Mapping[str, str] = field(default_factory=dict)
    mode: str | None = None
    reason: str | None = None
    state: str | None = None
    force: bool = False
    why: Why = UNSAID

    def defaults(self) -> dict[str, str]:
        return {name: value for name, value in (("reason", self.reason), ("state", self.state)) if value}


AS_IT_IS = How()


@dataclass(frozen=True)
class Imported:
    """What an import did or, as a ``dry_run``, would do, in numbers of entries.

    ``created``: the list is new. ``repeated`` lines say the same as an earlier one and count once. ``by_hand`` entries
    were added one by one and stay although the file does not have them. ``changes`` and ``problems`` (refused lines)
    are the first ``SHOWN`` of each sort; ``rejected_file`` holds all ``refused`` lines. ``doubts`` need force, which
    was given or, in a dry run, would have to be. ``change_id`` is the import's row in the record, None in a dry run.
    """

    list: str
    file: str
    format: str
    mode: str
    dry_run: bool
    created: bool
    added: int
    removed: int
    changed: int
    unchanged: int
    by_hand: int
    repeated: int
    refused: int
    rejected_file: str | None
    changes: tuple[EntryChange, ...]
    problems: tuple[Refused, ...]
    warnings: tuple[str, ...]
    doubts: tuple[str, ...]
    change_id: int | None


def import_file(
    database: Database,
    path: Path,
    list_name: str,
    kind: str | None = None,
    dry_run: bool = False,
    how: How = AS_IT_IS,
) -> Imported:
    """Make ``path`` the content of a list, which is made when there is none, or change it by the file.

    First the whole file is read and checked; lines that make no entry go to ``FILE.rejected.csv``. Then, in one
    transaction, entries that are not in the file become inactive (kept, so that earlier hits can be explained) and
    new ones are added; a changed entry is a new one in place of the old. Entries that were added by hand stay.
    ``dry_run`` only tells. Raises HotListError when the file as a whole cannot be used, or needs force and has none;
    the list then stays as it is.
    """
    find_list(database, list_name)  # a name that cannot be used is told before a long file is read
    moment = datetime.now(timezone.utc)
    doubts = Doubts()
    with Comparison(database) as compared:
        with (
            ListFile(path, how.format_name, how.mapped) as file,
            Rejected(path, file.header, SHOWN, keep=not dry_run) as rejected,
        ):
            lines = _stage(compared, file, moment, doubts, rejected, how)
            rejected_file = rejected.publish()
            if not lines:
                why = str(rejected.first[0]) if rejected.first else "it holds no line after the header"
                raise HotListError(f"{path}: no line makes an entry ({why}); see: lpr hotlist template")
        incremental = (how.mode or file.format.mode) == INCREMENTAL
        found = find_list(database, list_name)
        compared.compare(found[0] if found else None, incremental)
        with database.atomic():
            # The comparison takes long and keeps nobody waiting; what changed meanwhile is compared again.
            found = find_list(database, list_name)
            compared.renew(found[0] if found else None, incremental)
            needs_force = tuple(_doubts_about(database, file, found, compared, incremental))
            if needs_force and not (how.force or dry_run):
                raise HotListError(
                    f"{path}: {'; '.join(needs_force)}; nothing is changed; lpr hotlist import --force loads it"
                )
            counts = {
                "added": compared.added,
                "removed": compared.removed,
                "changed": compared.changed,
                "unchanged": compared.unchanged,
            }
            changes = tuple(compared.differences(SHOWN))
            change_id = None
            if not dry_run:
                change_id = _swap(database, compared, file, list_name, kind, moment, how, needs_force, counts)
    return Imported(
        list=found[1] if found else list_name,
        file=str(path),
        format=file.format.name,
        mode=INCREMENTAL if incremental else "complete",
        dry_run=dry_run,
        created=found is None,
        **counts,
        by_hand=compared.by_hand,
        repeated=compared.repeated,
        refused=rejected.count,
        rejected_file=str(rejected_file) if rejected_file else None,
        changes=changes,
        problems=tuple(rejected.first),
        warnings=(*_skipped(file), *doubts.sentences(), *compared.warnings()),
        doubts=needs_force,
        change_id=change_id,
    )


def _stage(compared: Comparison, file: ListFile, moment: datetime, doubts: Doubts, rejected: Rejected, how: How) -> int:
    """Reads the whole file; the number of its lines that make an entry."""
    number = 0

    def entries() -> Iterator[Line]:
        for line in read_lines(file, moment, doubts, how.defaults()):
            if isinstance(line, Refused):
                rejected.add(line)
            else:
                yield line

    def rows() -> Iterator[tuple[str | int | None, ...]]:
        nonlocal number
        lines = entries()
        while some := list(islice(lines, _AT_ONCE)):
            number += len(some)
            # One text of many plates is translated five times as fast as many texts of one.
            texts = "\n".join([line.text for line in some])
            for line, exact, alike in zip(some, key(texts).split("\n"), look_alike_key(texts).split("\n"), strict=True):
                yield (*line, exact, alike)

    compared.stage(rows())
    return number


def _doubts_about(
    database: Database, file: ListFile, found: tuple[int, str] | None, compared: Comparison, incremental: bool
) -> Iterator[str]:
    """Why the file should not be loaded without somebody's will."""
    if file.shortfall is not None:
        yield file.shortfall
    if found is None:
        return
    (loaded,) = database.rows("SELECT dated_at FROM hotlists WHERE id = ?", (found[0],))
    dated_at = _stamp(file.dated_at)
    if loaded["dated_at"] and dated_at < loaded["dated_at"]:
        yield f"is from {_minutes(dated_at)}, older than the loaded one of {_minutes(loaded['dated_at'])}"
    if not incremental and compared.removed > MOST_REMOVED * compared.loaded:
        share = compared.removed / compared.loaded
        yield f"would remove {compared.removed:,} of {compared.loaded:,} entries ({share:.0%})"


def _swap(
    database: Database,
    compared: Comparison,
    file: ListFile,
    list_name: str,
    kind: str | None,
    moment: datetime,
    how: How,
    forced: tuple[str, ...],
    counts: Mapping[str, int],
) -> int:
    now = moment.isoformat(timespec="milliseconds")
    of = make_list(database, list_name, kind, now)
    told = {"file": str(file.path.absolute()), "sha256": file.sha256, "dated": _stamp(file.dated_at), **counts}
    if forced:
        told["forced"] = "; ".join(forced)
    change_id = record(database, now, how.why, IMPORT, of, after=told)
    compared.swap(of[0], change_id, now, user())
    database.execute(
        "UPDATE hotlists SET imported_at = ?, source_file = ?, source_sha256 = ?, dated_at = ?, format = ? "
        "WHERE id = ?",
        (now, str(file.path.absolute()), file.sha256, _stamp(file.dated_at), file.format.name, of[0]),
    )
    return change_id


def _skipped(file: ListFile) -> Iterator[str]:
    if file.skipped:
        lines = "1 line before the header was" if file.skipped == 1 else f"{file.skipped} lines before the header were"
        yield f"{lines} passed over"


def _stamp(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).isoformat(timespec="milliseconds")


def _minutes(time: str) -> str:
    return f"{time[:16].replace('T', ' ')} UTC"
