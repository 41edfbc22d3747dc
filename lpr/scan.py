"""The batch composition: photos and footage are read, compared with hot lists and put on record."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from lpr.errors import SourceError
from lpr.events import Counts, Ended, Event, Listed, Looked, Opened
from lpr.places import Place
from lpr.plates import Read, Sighting
from lpr.sources import expand, printable

if TYPE_CHECKING:
    import numpy as np

    from lpr.hotlist import Hit
    from lpr.recognition.frames import Frames
    from lpr.recognition.passing import Event as Happened
    from lpr.recognition.passing import Passing
    from lpr.recognition.recognizer import Recognizer
    from lpr.records.scans import Method, Recorded, Scan
    from lpr.records.schema import Database, Row, Value

#: Of footage each fifth frame is looked at: five or six a second, so that a plate in sight for half a second gives
#: the two reads that must agree, and two cores keep up with a camera.
EVERY = 5


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
    the ids of those that it raised.
    """

    sighting: Sighting
    hits: tuple[Hit, ...]
    crop: np.ndarray | None
    image: np.ndarray | None
    recorded: bool = False
    alerts: tuple[int, ...] = ()

    def row(self) -> dict[str, Any]:
        """The sighting's fields, then ``hits``, ready for JSON."""
        from lpr.records.row import to_row

        return {**to_row(self.sighting), "hits": [hit.as_row() for hit in self.hits]}


def scan(
    sources: str | Path | Iterable[str | Path],
    recognizer: Recognizer | None = None,
    hot_lists: Matcher | None = None,
    database: Database | None = None,
    every: int = EVERY,
    again: bool = False,
    pictures: bool = False,
    exclude: Sequence[str | Path] = (),
    on_event: Callable[[Event], None] | None = None,
    camera: str | None = None,
    place: Place | None = None,
) -> Generator[Scanned, None, None]:
    """Read all plates in ``sources``, one sighting for each passing of a vehicle, in the order in which they end.

    ``sources`` are files, folders and patterns, see ``lpr.sources.expand``, which ``exclude`` goes to as well. Of
    footage each ``every``-th frame is looked at. Sightings are compared with ``hot_lists``; without them, with all of
    the database's.

    With a ``database``, whatever is yielded is already on record. A file that is on record, read by the same recognizer
    with the same settings, is not read again, unless ``again``: its recorded sightings are yielded, compared with the
    hot lists as they are now. A scan that was interrupted starts over with the file in which that happened.
    ``pictures`` brings the pictures of recorded sightings as well, which takes decoding their file.

    ``camera`` is the name of the one that made all the sources, ``place`` where it stood, by default where the photo
    itself says, or else the camera's place on record. Given for files on record, both are put on these sightings, too.

    A source that cannot be read does not stop the others: ``on_event`` gets an ``Ended`` with the reason, without
    ``on_event`` the first such reason is raised as SourceError after all sources are done. Raises RecordsError,
    ModelError, EngineError at once; ValueError when ``every`` is less than 1.
    """
    if every < 1:
        raise ValueError(f"every must be 1 or more, not {every}")
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
    for name in names:
        if isinstance(name, SourceError):
            tell(Ended(str(name), "failed", Counts(), str(name)))
            continue
        if running is None:
            running = _Scanning(recognizer, hot_lists, database, every, again, pictures, tell, where)
        yield from running.source(name)
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


class _Tally:
    """What is counted while one source is read."""

    def __init__(self) -> None:
        self.frames = self.plates = self.reads = self.sightings = self.hits = 0
        self.rejected: Counter[str] = Counter()

    def look(self, plates: int, reads: int) -> None:
        self.frames += 1
        self.plates += plates
        self.reads += reads

    def counts(self) -> Counts:
        rejected = {reason: number for reason, number in sorted(self.rejected.items()) if number}
        return Counts(self.frames, self.plates, self.reads, rejected, self.sightings, self.hits)


@dataclass(frozen=True, eq=False)
class _Step:
    """What one more frame brought: its reads, and the passings that were over by then."""

    reads: Sequence[Read]
    passings: Sequence[Passing]


class _Scanning:
    """One running of ``scan``: what all its sources have in common."""

    def __init__(
        self,
        recognizer: Recognizer | None,
        hot_lists: Matcher | None,
        database: Database | None,
        every: int,
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
        self._every = every
        self._again = again
        self._pictures = pictures
        self._tell = tell
        self._where = where
        if database is not None:
            where.put(database)

    def source(self, name: str) -> Iterator[Scanned]:
        """The sightings of one file; whatever keeps it from being read is told as an event."""
        tally = _Tally()
        shown = printable(name)
        try:
            if self._database is None:
                yield from self._off_record(name, tally)
                earlier = None
            else:
                earlier = yield from self._on_record(name, self._database, tally)
        except SourceError as error:
            self._tell(Ended(shown, "failed", tally.counts(), printable(str(error))))
            return
        if earlier is None:
            self._tell(Ended(shown, "done", tally.counts()))
        else:
            counts = Counts(**json.loads(earlier["counts"]))
            self._tell(Ended(shown, "skipped", replace(counts, hits=tally.hits)))

    def _off_record(self, name: str, tally: _Tally) -> Iterator[Scanned]:
        with self._open(name) as frames:
            for step in self._steps(frames, tally):
                for passing in step.passings:
                    yield self._matched(passing, tally)

    def _on_record(self, name: str, database: Database, tally: _Tally) -> Generator[Scanned, None, Row | None]:
        """Read the file and put it on record, or show what is there. Returns the earlier scan in the second case."""
        from lpr.records import scans

        try:
            file = scans.identify(name)
        except SourceError:
            # The opening of frames says best what is wrong with a name that leads to no file.
            self._open(name).close()
            raise
        file = replace(file, name=printable(file.name), path=printable(file.path))
        method = _method(self._recognizer, self._every)

        def begin(kind: str) -> Scan | None:
            return scans.Scan.begin(database, file, kind, method, self._again)

        earlier = None if self._again else scans.find_done(database, file, method)
        if earlier is None:
            try:
                frames = self._open(name)
            except SourceError as error:
                record = begin("unknown")
                if record is not None:
                    record.finish(asdict(tally.counts()), printable(str(error)))
                raise
            with frames:
                begun = yield from (self._photo if frames.kind == "photo" else self._footage)(frames, begin, tally)
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
        self, frames: Frames, begin: Callable[[str], Scan | None], tally: _Tally
    ) -> Generator[Scanned, None, bool]:
        """A photo is on record as a whole or not at all. Returns False when there was nothing to begin."""
        assert self._database is not None
        steps = list(self._steps(frames, tally))
        with self._database.atomic():
            record = begin(frames.kind)
            if record is None:
                return False
            found = [scanned for step in steps for scanned in self._written(step, record, tally)]
            record.finish(asdict(tally.counts()))
        yield from found
        return True

    def _footage(
        self, frames: Frames, begin: Callable[[str], Scan | None], tally: _Tally
    ) -> Generator[Scanned, None, bool]:
        """Footage is on record as far as it has been read. Returns False when there was nothing to begin."""
        record = begin(frames.kind)
        if record is None:
            return False
        try:
            for step in self._steps(frames, tally):
                yield from self._written(step, record, tally)
        except SourceError as error:
            record.finish(asdict(tally.counts()), printable(str(error)))
            raise
        record.finish(asdict(tally.counts()))
        return True

    def _steps(self, frames: Frames, tally: _Tally) -> Iterator[_Step]:
        """Look at all frames. Where footage breaks off, what was in sight by then comes before the SourceError."""
        from lpr.recognition.stream import Stream
        from lpr.recognition.tracker import of_photo

        name = printable(frames.source)
        stream = Stream(self._recognizer)
        broken: SourceError | None = None
        pictures = iter(frames)
        while True:
            try:
                frame = next(pictures, None)
            except SourceError as error:
                broken = error
                break
            if frame is None:
                break
            frame = replace(frame, source=name)
            if frame.seconds is not None:
                yield self._step(name, stream.push(frame), tally)
                continue
            recognition = self._recognizer.recognize(frame)
            plates = len(recognition.reads) + len(recognition.rejected)
            tally.rejected.update(rejected.reason for rejected in recognition.rejected)
            tally.look(plates, len(recognition.reads))
            self._tell(Looked(name, plates, len(recognition.reads)))
            yield _Step(recognition.reads, [of_photo(read, frame) for read in recognition.reads])
        last = self._step(name, stream.close(), tally)
        tally.rejected.update(stream.rejected)
        yield last
        if broken is not None:
            raise broken

    def _step(self, name: str, events: Sequence[Happened], tally: _Tally) -> _Step:
        """What the events of a frame come to."""
        from lpr.recognition import passing

        reads: list[Read] = []
        for event in events:
            if isinstance(event, passing.Looked):
                tally.look(event.plates, len(event.reads))
                self._tell(Looked(name, event.plates, len(event.reads)))
                reads += event.reads
        return _Step(reads, [event.passing for event in events if isinstance(event, passing.Passed)])

    def _written(self, step: _Step, record: Scan, tally: _Tally) -> list[Scanned]:
        """What a step brought, after it is on record."""
        assert self._database is not None
        record.add_reads(step.reads)
        found = []
        for passing in step.passings:
            scanned = self._matched(passing, tally)
            with self._database.atomic():
                sighting_id = record.add(scanned.sighting, map(hit_record, scanned.hits))
                found.append(self._alerted(sighting_id, scanned))
        return found

    def _alerted(self, sighting_id: int, scanned: Scanned) -> Scanned:
        """The sighting with the alerts that it raised, which are on record."""
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
        with self._open(name, every=1) as frames:
            for frame in frames:
                yield from ((one, frame.image) for one in wanted.pop(frame.index, ()))
                if not wanted:
                    break

    def _matched(self, passing: Passing, tally: _Tally) -> Scanned:
        return self._with_hits(self._where.of(passing.sighting), passing.crop, passing.image, tally, recorded=False)

    def _with_hits(
        self,
        sighting: Sighting,
        crop: np.ndarray | None,
        image: np.ndarray | None,
        tally: _Tally,
        recorded: bool,
    ) -> Scanned:
        if crop is None and image is not None:
            from lpr.recognition.crop import cut

            crop = cut(image, sighting.box)
        hits = () if self._hot_lists is None else tuple(self._hot_lists.match(sighting))
        tally.sightings += 1
        tally.hits += len(hits)
        return Scanned(sighting, hits, crop, image, recorded)

    def _open(self, name: str, every: int | None = None) -> Frames:
        from lpr.recognition.frames import open_frames

        frames = open_frames(name, every or self._every)
        self._tell(Opened(printable(name), frames.kind, frames.total))
        return frames


def _method(recognizer: Recognizer, every: int) -> Method:
    from lpr import __version__
    from lpr.records.scans import Method

    settings: dict[str, object] = {"recognizer": asdict(recognizer.settings)}
    footage = {**settings, "every": every}
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
