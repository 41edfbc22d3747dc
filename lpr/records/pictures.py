"""Pictures that belong to sightings: where they lie, so that they go when their sightings go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from lpr.records.schema import now

if TYPE_CHECKING:
    from lpr.records.schema import Database

Kind = Literal["crop", "annotated", "debug"]


def add_picture(database: Database, path: Path, kind: Kind, sighting_ids: Iterable[int]) -> None:
    """Note that the file shows these sightings; it goes as soon as one of them does."""
    with database.atomic():
        for sighting_id in sighting_ids:
            row = {"sighting_id": sighting_id, "kind": kind, "path": str(path.absolute()), "created_at": now()}
            database.insert("pictures", row)


def orphaned(database: Database) -> list[str]:
    """The files that show a sighting which is no longer on record, those left out that an alert still names."""
    rows = database.rows(
        "SELECT DISTINCT path FROM pictures WHERE sighting_id IS NULL "
        "AND NOT EXISTS (SELECT 1 FROM alerts WHERE crop = path) ORDER BY path"
    )
    return [row["path"] for row in rows]


def remove_orphaned(database: Database) -> Iterator[str | OSError]:
    """Delete those files: each that is gone, or why it cannot be deleted; those are tried again next time.

    A file that is gone already counts as deleted.
    """
    for path in orphaned(database):
        try:
            Path(path).unlink(missing_ok=True)
        except OSError as error:
            yield error
            continue
        database.execute("DELETE FROM pictures WHERE path = ?", (path,))
        yield path
