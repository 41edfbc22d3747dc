"""Recording: a file is read and put on record as far as it has been read, or what is on record is shown."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from lpr.errors import SourceError
from lpr.events import Counts, Event
from lpr.matching import Matching
from lpr.plates import Box, Sighting
from lpr.reading import Reached, Step, Tally, Way, open_source, read
from lpr.scanned import Scanned, hit_record
from lpr.sources import printable

if TYPE_CHECKING:
    import numpy as np

    from lpr.recognition.frames import Frames
    from lpr.recognition.recognizer import Recognizer
    from lpr.records.scans import Checkpoint, Method, Recorded, Scan
    from lpr.records.schema import Database, Row

#: Reads frames: by a recognizer on another thread, then with None while there is no step yet; from what stands on.
Steps = Callable[["Frames", Tally, "Recognizer | None", Sequence[Box]], Iterator["Step | None"]]


class Recording:
    """What the files of one scan that go on record have in common.

    ``steps`` reads the frames of footage; ``again`` reads what is on record, too, ``pictures`` brings the pictures of
    recorded sightings.
    """

    def __init__(
        self,
        database: Database,
        recognizer: Recognizer,
        way: Way,
        matching: Matching,
        steps: Steps,
        tell: Callable[[Event], None],
        again: bool,
        pictures: bool,
    ) -> None:
        from lpr.records.privacy import Privacy

        self._database = database
        self._recognizer = recognizer
        self._way = way
        self._matching = matching
        self._steps = steps
        self._tell = tell
        self._again = again
        self._pictures = pictures
        self._privacy = Privacy(database)

    def source(
        self, name: str, tally: Tally, recognizer: Recognizer | None
    ) -> Generator[Scanned | None, None, Row | None]:
        """Read the file and put it on record, or show what is there. Returns the earlier scan in the second case."""
        from lpr.records import scans

        database = self._database
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
        scans.put_where(database, earlier["id"], self._matching.where.camera, self._matching.where.place)
        for one, image in self._with_pictures(name, scans.sightings(database, earlier["id"], printable(name))):
            scanned = self._matching.with_hits(one.sighting, None, image, tally, recorded=True)
            with database.atomic():
                scans.add_hits(database, one.id, map(hit_record, scanned.hits))
                scanned = self._alerted(one.id, scanned)
            yield scanned
        return earlier

    def _photo(
        self, frames: Frames, begin: Callable[[str], Scan | None], tally: Tally
    ) -> Generator[Scanned, None, bool]:
        """A photo is on record as a whole or not at all. Returns False when there was nothing to begin."""
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

        for one in scans.sightings(self._database, record.id, printable(frames.source)):
            yield self._matching.with_hits(one.sighting, None, None, tally, recorded=True)

    def _written(self, step: Step, record: Scan, tally: Tally) -> list[Scanned]:
        """What a step brought, after it is on record."""
        if self._privacy.reads:
            record.add_reads(step.reads)
        found = []
        for passing in step.passings:
            scanned = self._matching.of(passing, tally)
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


def _checkpoint(reached: Reached) -> Checkpoint:
    from lpr.records.scans import Checkpoint

    return Checkpoint(reached.seconds, asdict(reached.counts), [box.as_list() for box in reached.standing])


def _method(recognizer: Recognizer, way: Way) -> Method:
    from lpr import __version__
    from lpr.records.scans import Method

    settings: dict[str, object] = {"recognizer": asdict(recognizer.settings)}
    footage = {**settings, **way.settings()}
    return Method(__version__, recognizer.version, json.dumps(settings), json.dumps(footage))
