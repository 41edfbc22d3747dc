"""The batch composition: photos and footage are read, compared with hot lists and put on record."""

from __future__ import annotations

import json
import logging
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from lpr.errors import SourceError
from lpr.events import Counts, Ended, Event, Listed
from lpr.places import Place
from lpr.plates import Box, Sighting
from lpr.reading import Reached, Step, Tally, Way, open_source, read
from lpr.sources import expand, printable

if TYPE_CHECKING:
    import numpy as np

    from lpr.hotlist import Hit
    from lpr.recognition.areas import Areas
    from lpr.recognition.clock import Clock
    from lpr.recognition.frames import Frames
    from lpr.recognition.passing import Passing
    from lpr.recognition.recognizer import Recognizer
    from lpr.records.scans import Checkpoint, Method, Recorded, Scan
    from lpr.records.schema import Database, Row, Value


# Of several files read at a time: steps that wait for each, and for how long a step is waited for. Seconds.
_AHEAD, _PATIENCE = 16, 0.02

_LOG = logging.getLogger("lpr.scan")


class Matcher(Protocol):
    """Compares sightings with hot lists; ``lpr.HotLists`` is one."""

    def match(self, read: Sighting) -> list[Hit]:
        """The possible matches, the strongest first; an empty list when there are none."""
        ...


@dataclass(frozen=True, eq=False)
class Scanned:
    """A sighting with its hits.

    ``crop`` is the plate as it was read, ``image`` the picture that it is in (height × width × 3, uint8, BGR); both
    are None for a sighting that comes from the record (``recorded``), unless pictures were asked for. ``alerts`` are
    the ids of those that it raised, ``sighting_id`` is that of the sighting on record, None without a record.
    """

    sighting: Sighting
    hits: tuple[Hit, ...]
    crop: np.ndarray | None
    image: np.ndarray | None
    recorded: bool = False
    alerts: tuple[int, ...] = ()
    sighting_id: int | None = None

    def row(self) -> dict[str, Any]:
        """The sighting's fields, then ``hits``, ready for JSON."""
        from lpr.records.row import to_row

        return {**to_row(self.sighting), "hits": [hit.as_row() for hit in self.hits]}


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
) -> Generator[Scanned, None, None]:
    """Read all plates in ``sources``, one sighting for each passing of a vehicle, in the order in which they end.

    ``sources`` are files, folders and patterns, see ``lpr.sources.expand``, which ``exclude`` goes to as well. Footage
    is looked at where and when something moves, each vehicle read as often as it takes (see
    lpr.recognition.stream.Stream); with ``every``, each ``every``-th frame as a whole, moving or not. ``begin`` and
    ``end`` are seconds into footage, ``clock`` says when it was taken, ``areas`` which parts of it are of interest.
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
    way = Way(every, begin, end, clock, areas)
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
    where = _Where(camera, place)
    running: _Scanning | None = None
    readable: list[str] = []
    together = jobs > 1 and isinstance(names, list) and sum(map(_is_footage, names)) == len(names) > 1
    for name in names:
        if isinstance(name, SourceError):
            tell(Ended(str(name), "failed", Counts(), str(name)))
            continue
        if running is None:
            running = _Scanning(recognizer, hot_lists, database, way, again, pictures, tell, where)
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


class _Where:
    """Which camera made the sources, and where: as given, or as the record knows the camera."""

    def __init__(self, camera: str | None, place: Place | None) -> None:
        self.camera = camera
        self.place = place
        self._usual: Place | None = None

    def put(self, database: Database) -> None:
        """Put the camera on record, and learn where it stands."""
        if self.camera is not None:
            from lpr.records.cameras import put_camera

            self._usual = put_camera(database, self.camera, self.place).place

    def of(self, sighting: Sighting) -> Sighting:
        place = self.place
        if place is None and sighting.latitude is None:
            place = self._usual
        if place is not None:
            sighting = replace(sighting, latitude=place.latitude, longitude=place.longitude)
        return sighting if self.camera is None else replace(sighting, camera=self.camera)


class _Scanning:
    """One running of ``scan``: what all its sources have in common."""

    def __init__(
        self,
        recognizer: Recognizer | None,
        hot_lists: Matcher | None,
        database: Database | None,
        way: Way,
        again: bool,
        pictures: bool,
        tell: Callable[[Event], None],
        where: _Where,
    ) -> None:
        if recognizer is None:
            from lpr.recognition.recognizer import Recognizer

            recognizer = Recognizer()
        if hot_lists is None and database is not None:
            from lpr.hotlist import HotLists

            hot_lists = HotLists(database)
        self._recognizer = recognizer
        self._hot_lists = hot_lists
        self._database = database
        self._way = way
        from lpr.records.privacy import Privacy
        from lpr.records.schedule import Schedule

        self._privacy = Privacy(database)
        self._schedule = None if database is None else Schedule(database, aside=False)
        self._again = again
        self._pictures = pictures
        self._tell = tell
        self._where = where
        if database is not None:
            where.put(database)

    def end(self) -> None:
        """All sources are done: what is due by the policy goes."""
        if self._schedule is not None:
            self._schedule.tick(now=True)
            for problem in self._schedule.problems:
                _LOG.warning("%s", problem)

    def sources(self, names: Sequence[str], jobs: int) -> Iterator[Scanned]:
        """The sightings of several files, up to ``jobs`` of which are read at a time.

        Each file's reading runs on a thread of its own with a recognizer of its own; this thread alone matches and
        writes, now for one file, now for the next. When it stops, the threads are stopped and waited for.
        """
        free = self._recognizer.copies(min(jobs, len(names)))
        if not free:
            for name in names:
                yield from self.source(name)
            return
        left = deque(names)
        active: list[tuple[Recognizer, Generator[Scanned | None, None, None]]] = []
        try:
            while left or active:
                while left and free:
                    recognizer = free.pop()
                    active.append((recognizer, self._source(left.popleft(), recognizer)))
                for one in list(active):
                    recognizer, found = one
                    try:
                        scanned = next(found)
                    except StopIteration:
                        active.remove(one)
                        free.append(recognizer)
                        continue
                    if scanned is not None:
                        yield scanned
        finally:
            for _, found in active:
                found.close()

    def source(self, name: str) -> Iterator[Scanned]:
        """The sightings of one file; whatever keeps it from being read is told as an event."""
        for scanned in self._source(name, None):
            assert scanned is not None  # that only comes where one of several files has to wait
            yield scanned

    def _source(self, name: str, recognizer: Recognizer | None) -> Generator[Scanned | None, None, None]:
        """``source``; with a ``recognizer`` that reads it on another thread, and None comes while it has to wait."""
        if self._schedule is not None:
            self._schedule.tick()
        tally = Tally()
        shown = printable(name)
        try:
            if self._database is None:
                yield from self._off_record(name, tally, recognizer)
                earlier = None
            else:
                earlier = yield from self._on_record(name, self._database, tally, recognizer)
        except SourceError as error:
            self._tell(Ended(shown, "failed", tally.counts(), printable(str(error))))
            return
        if earlier is None:
            self._tell(Ended(shown, "done", tally.counts()))
        else:
            counts = Counts(**json.loads(earlier["counts"]))
            self._tell(Ended(shown, "skipped", replace(counts, hits=tally.hits)))

    def _off_record(self, name: str, tally: Tally, recognizer: Recognizer | None) -> Iterator[Scanned | None]:
        with open_source(name, self._way, self._tell) as frames:
            for step in self._steps(frames, tally, recognizer):
                if step is None:
                    yield None
                    continue
                for passing in step.passings:
                    yield self._matched(passing, tally)

    def _steps(
        self, frames: Frames, tally: Tally, recognizer: Recognizer | None, standing: Sequence[Box] = ()
    ) -> Iterator[Step | None]:
        """The steps of reading ``frames``; by ``recognizer`` on another thread, None while there is none yet."""
        if recognizer is None:
            yield from read(frames, self._recognizer, self._way, tally, self._tell, standing)
            return
        from lpr.recognition.ahead import polled

        # What the other thread tells is told by this one.
        told: deque[Event] = deque()
        steps = polled(read(frames, recognizer, self._way, tally, told.append, standing), _AHEAD, _PATIENCE)
        with closing(steps):
            for step in steps:
                while told:
                    self._tell(told.popleft())
                yield step

    def _on_record(
        self, name: str, database: Database, tally: Tally, recognizer: Recognizer | None
    ) -> Generator[Scanned | None, None, Row | None]:
        """Read the file and put it on record, or show what is there. Returns the earlier scan in the second case."""
        from lpr.records import scans

        try:
            file = scans.identify(name)
        except SourceError:
            # The opening of frames says best what is wrong with a name that leads to no file.
            open_source(name, self._way, self._tell).close()
            raise
        file = replace(file, name=printable(file.name), path=printable(file.path))
        method = _method(self._recognizer, self._way)

        def begin(kind: str) -> Scan | None:
            return scans.Scan.begin(database, file, kind, method, self._again)

        earlier = None if self._again else scans.find_done(database, file, method)
        if earlier is None:
            try:
                frames = open_source(name, self._way, self._tell)
            except SourceError as error:
                record = begin("unknown")
                if record is not None:
                    record.finish(asdict(tally.counts()), printable(str(error)))
                raise
            with frames:
                if frames.kind == "photo":
                    begun = yield from self._photo(frames, begin, tally)
                else:
                    begun = yield from self._footage(frames, begin, tally, recognizer)
            if begun:
                return None
            # Another lpr has finished this file since.
            earlier = scans.find_done(database, file, method)
            if earlier is None:
                raise SourceError(f"{name}: another lpr scans this file; try again when it has finished")
        scans.add_source(database, file, earlier["kind"])
        scans.put_where(database, earlier["id"], self._where.camera, self._where.place)
        for one, image in self._with_pictures(name, scans.sightings(database, earlier["id"], printable(name))):
            scanned = self._with_hits(one.sighting, None, image, tally, recorded=True)
            with database.atomic():
                scans.add_hits(database, one.id, map(hit_record, scanned.hits))
                scanned = self._alerted(one.id, scanned)
            yield scanned
        return earlier

    def _photo(
        self, frames: Frames, begin: Callable[[str], Scan | None], tally: Tally
    ) -> Generator[Scanned, None, bool]:
        """A photo is on record as a whole or not at all. Returns False when there was nothing to begin."""
        assert self._database is not None
        steps = list(read(frames, self._recognizer, self._way, tally, self._tell))
        with self._database.atomic():
            record = begin(frames.kind)
            if record is None:
                return False
            found = [scanned for step in steps for scanned in self._written(step, record, tally)]
            record.finish(asdict(tally.counts()))
        yield from found
        return True

    def _footage(
        self, frames: Frames, begin: Callable[[str], Scan | None], tally: Tally, recognizer: Recognizer | None
    ) -> Generator[Scanned | None, None, bool]:
        """Footage is on record as far as it has been read. Returns False when there was nothing to begin."""
        record = begin(frames.kind)
        if record is None:
            return False
        assert self._database is not None
        standing: Sequence[Box] = ()
        if record.checkpoint is not None:
            frames, standing = self._resumed(frames, record.checkpoint, tally)
            yield from self._repeated(frames, record, tally)
        twice = _Twice(scan_id=record.id, database=self._database, since=record.checkpoint)
        try:
            with frames:
                for step in self._steps(frames, tally, recognizer, standing):
                    if step is None:
                        yield None
                        continue
                    fresh = replace(step, passings=[one for one in step.passings if not twice.holds(one.sighting)])
                    yield from self._written(fresh, record, tally)
                    if step.reached is not None:
                        record.reach(_checkpoint(step.reached))
        except SourceError as error:
            record.finish(asdict(tally.counts()), printable(str(error)))
            raise
        record.finish(asdict(tally.counts()))
        return True

    def _resumed(self, frames: Frames, checkpoint: Checkpoint, tally: Tally) -> tuple[Frames, Sequence[Box]]:
        """The frames from the checkpoint on, and what stood there; ``tally`` goes on from its counts."""
        frames.close()
        tally.go_on(replace(Counts(**checkpoint.counts), sightings=0, hits=0))
        return (
            open_source(frames.source, self._way, self._tell, checkpoint.seconds),
            [Box(*box) for box in checkpoint.standing],
        )

    def _repeated(self, frames: Frames, record: Scan, tally: Tally) -> Iterator[Scanned]:
        """The sightings that an earlier run of this scan put on record."""
        from lpr.records import scans

        assert self._database is not None
        for one in scans.sightings(self._database, record.id, printable(frames.source)):
            yield self._with_hits(one.sighting, None, None, tally, recorded=True)

    def _written(self, step: Step, record: Scan, tally: Tally) -> list[Scanned]:
        """What a step brought, after it is on record."""
        assert self._database is not None
        if self._privacy.reads:
            record.add_reads(step.reads)
        found = []
        for passing in step.passings:
            scanned = self._matched(passing, tally)
            kept = self._privacy.stored(scanned.sighting, bool(scanned.hits))
            if kept is None:
                found.append(scanned)
                continue
            with self._database.atomic():
                sighting_id = record.add(kept[0], map(hit_record, scanned.hits), kept[1])
                found.append(self._alerted(sighting_id, scanned))
        return found

    def _alerted(self, sighting_id: int, scanned: Scanned) -> Scanned:
        """The sighting with the alerts that it raised, which are on record."""
        scanned = replace(scanned, sighting_id=sighting_id)
        if not scanned.hits:
            return scanned
        from lpr.hotlist.alert import raise_alerts

        assert self._database is not None
        raised = raise_alerts(self._database, sighting_id, scanned.sighting, scanned.hits)
        return replace(scanned, alerts=raised)

    def _with_pictures(self, name: str, recorded: Sequence[Recorded]) -> Iterator[tuple[Recorded, np.ndarray | None]]:
        """Recorded sightings with their pictures, where those are asked for: then in the order of the frames."""
        if not self._pictures:
            yield from ((one, None) for one in recorded)
            return
        wanted: dict[int, list[Recorded]] = {}
        for one in recorded:
            wanted.setdefault(one.sighting.frame, []).append(one)
        # All frames are decoded, only those wanted are developed.
        with open_source(name, replace(self._way, every=1), self._tell) as frames:
            for exposure in frames.exposures:
                if exposure.index in wanted:
                    image = exposure.frame().image
                    yield from ((one, image) for one in wanted.pop(exposure.index))
                if not wanted:
                    break

    def _matched(self, passing: Passing, tally: Tally) -> Scanned:
        return self._with_hits(self._where.of(passing.sighting), passing.crop, passing.image, tally, recorded=False)

    def _with_hits(
        self,
        sighting: Sighting,
        crop: np.ndarray | None,
        image: np.ndarray | None,
        tally: Tally,
        recorded: bool,
    ) -> Scanned:
        if crop is None and image is not None:
            from lpr.recognition.crop import cut

            crop = cut(image, sighting.box)
        hits = () if self._hot_lists is None else tuple(self._hot_lists.match(sighting))
        tally.sightings += 1
        tally.hits += len(hits)
        return Scanned(sighting, hits, crop, image, recorded)


class _Twice:
    """Sightings that an interrupted run put on record and that the next one, which begins earlier, finds again."""

    def __init__(self, database: Database, scan_id: int, since: Checkpoint | None) -> None:
        from lpr.records import scans

        recorded = [] if since is None else scans.sightings(database, scan_id, "")
        self._left = [
            one.sighting for one in recorded if since is not None and (one.sighting.last_seen or 0.0) >= since.seconds
        ]

    def holds(self, found: Sighting) -> bool:
        """Whether ``found`` is on record: the same text at the same time. Each one counts once."""
        if not self._left or found.first_seen is None or found.last_seen is None:
            return False
        for one in self._left:
            assert one.first_seen is not None and one.last_seen is not None  # it is of footage
            together = one.first_seen <= found.last_seen and found.first_seen <= one.last_seen
            if together and one.text == found.text:
                self._left.remove(one)
                return True
        return False


def _is_footage(name: str | SourceError) -> bool:
    from lpr.recognition.frames import FOOTAGE_SUFFIXES

    return isinstance(name, str) and Path(name).suffix.lower() in FOOTAGE_SUFFIXES


def _checkpoint(reached: Reached) -> Checkpoint:
    from lpr.records.scans import Checkpoint

    return Checkpoint(reached.seconds, asdict(reached.counts), [box.as_list() for box in reached.standing])


def _method(recognizer: Recognizer, way: Way) -> Method:
    from lpr import __version__
    from lpr.records.scans import Method

    settings: dict[str, object] = {"recognizer": asdict(recognizer.settings)}
    footage = {**settings, **way.settings()}
    return Method(__version__, recognizer.version, json.dumps(settings), json.dumps(footage))


def hit_record(hit: Hit) -> dict[str, Value]:
    """The columns of the table ``hits`` that a hit fills."""
    return {
        "entry_id": hit.entry_id,
        "list": hit.list,
        "plate": hit.plate,
        "state": hit.state,
        "tier": hit.tier,
        "differs": json.dumps([asdict(difference) for difference in hit.differs]),
        "score": hit.score,
        "state_agreement": hit.state_agreement,
        "stale": int(hit.stale),
    }
