"""The batch composition: photos and footage are read, compared with hot lists and put on record."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lpr.errors import SourceError
from lpr.events import Counts, Ended, Event, Listed
from lpr.matching import Where
from lpr.places import Place
from lpr.reading import Way
from lpr.scanned import Matcher, Scanned
from lpr.scanning import Scanning, is_footage
from lpr.sources import expand

if TYPE_CHECKING:
    from lpr.recognition.areas import Areas
    from lpr.recognition.clock import Clock
    from lpr.recognition.recognizer import Recognizer
    from lpr.records.schema import Database

__all__ = ["Matcher", "Scanned", "scan"]


def scan(
    sources: str | Path | Iterable[str | Path],
    recognizer: Recognizer | None = None,
    hot_lists: Matcher | None = None,
    database: Database | None = None,
    every: int | None = None,
    again: bool = False,
    pictures: bool = False,
    exclude: Sequence[str | Path] = (),
    on_event: Callable[[Event], None] | None = None,
    camera: str | None = None,
    place: Place | None = None,
    begin: float = 0.0,
    end: float | None = None,
    clock: Clock | None = None,
    areas: Areas | None = None,
    jobs: int = 1,
    hardware: bool = False,
) -> Generator[Scanned, None, None]:
    """Read all plates in ``sources``, one sighting for each passing of a vehicle, in the order in which they end.

    ``sources`` are files, folders and patterns, see ``lpr.sources.expand``, which ``exclude`` goes to as well. Footage
    is looked at where and when something moves, each vehicle read as often as it takes (see
    lpr.recognition.stream.Stream); with ``every``, each ``every``-th frame as a whole, moving or not. ``begin`` and
    ``end`` are seconds into footage, ``clock`` says when it was taken, ``areas`` which parts of it are of interest;
    ``hardware`` decodes it by a graphics processor where there is one.
    Sightings are compared with ``hot_lists``; without them, with all of the database's.

    With a ``database``, whatever is yielded is already on record. A file that is on record, read by the same recognizer
    with the same settings, is not read again, unless ``again``: its recorded sightings are yielded, compared with the
    hot lists as they are now. A scan that was interrupted goes on, within
    footage, from the last segment that is on record.
    ``pictures`` brings the pictures of recorded sightings as well, which takes decoding their file.

    ``camera`` is the name of the one that made all the sources, ``place`` where it stood, by default where the photo
    itself says, or else the camera's place on record. Given for files on record, both are put on these sightings, too.

    Up to ``jobs`` files of footage are read at a time, when all sources are such by their names; their sightings then
    come as they end, of all files mixed. Photos, and recognizers of which there is one only, are read one by one.

    A source that cannot be read does not stop the others: ``on_event`` gets an ``Ended`` with the reason, without
    ``on_event`` the first such reason is raised as SourceError after all sources are done. Raises RecordsError,
    ModelError, EngineError at once; ValueError when ``every`` is less than 1 or ``end`` not after ``begin``.
    """
    way = Way(every, begin, end, clock, areas, hardware)
    errors: list[str] = []

    def tell(event: Event) -> None:
        if on_event is not None:
            on_event(event)
        elif isinstance(event, Ended) and event.error is not None:
            errors.append(event.error)

    names: Iterable[str | SourceError] = expand([sources] if isinstance(sources, (str, Path)) else sources, exclude)
    if isinstance(sources, (str, Path, Sequence)):
        names = list(names)
        tell(Listed(len(names)))
    where = Where(camera, place)
    running: Scanning | None = None
    readable: list[str] = []
    together = jobs > 1 and isinstance(names, list) and sum(map(is_footage, names)) == len(names) > 1
    for name in names:
        if isinstance(name, SourceError):
            tell(Ended(str(name), "failed", Counts(), str(name)))
            continue
        if running is None:
            running = Scanning(recognizer, hot_lists, database, way, again, pictures, tell, where)
        if together:
            readable.append(name)
        else:
            yield from running.source(name)
    if running is not None and readable:
        yield from running.sources(readable, jobs)
    if running is not None:
        running.end()
    if errors:
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise SourceError(errors[0] + more)
