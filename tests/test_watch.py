"""Watching cameras: real HTTP streams from this machine, fake networks; one camera's trouble is no other's."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from urllib.request import urlopen

import numpy as np
import pytest
from conftest import FakeDetector, FakeReader, fake_recognizer, picture
from mjpeg import BLUE, GREEN, RED, Camera, until

import lpr
from lpr.hotlist import Hit
from lpr.live.connection import Timeouts
from lpr.live.health import Health
from lpr.live.hours import parse_hours
from lpr.live.metrics import serve_metrics
from lpr.live.reader import Patience
from lpr.live.worker import Happened
from lpr.lookout import Lookout, Watched
from lpr.places import Place
from lpr.recognition.frames import Frame
from lpr.recognition.passing import Agreed, Passed
from lpr.recognition.tracker import of_photo
from lpr.records.watches import read_health
from lpr.watch import Told, Watch

#: So that tests need not wait long. A busy machine may send a picture late.
QUICK = Patience(Timeouts(5.0, 2.0), first=0.1, longest=0.4, refused=0.5, frozen=1.5, garbled=1.0)


class Run:
    """A watch that goes on in a thread of its own, as a program's would; its database is opened there."""

    def __init__(self, cameras: list[lpr.Camera], file: Path | None, recognizer: lpr.Recognizer | None = None) -> None:
        self.seen: list[Watched] = []
        self.told: list[Told] = []
        self.error: BaseException | None = None
        self.watch: Watch | None = None
        self._arguments = cameras, file, recognizer or fake_recognizer()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._ready.wait(20)

    def _run(self) -> None:
        cameras, file, recognizer = self._arguments
        try:
            database = None if file is None else lpr.open_database(file)
            with Watch(cameras, recognizer, None, database, on_event=self.told.append, patience=QUICK) as self.watch:
                self._ready.set()
                for seen in self.watch:
                    self.seen.append(seen)
            if database is not None:
                database.close()
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            self.error = error
        finally:
            self._ready.set()

    def end(self) -> None:
        if self.watch is not None:
            self.watch.stop()
        self._thread.join(30)
        assert not self._thread.is_alive()
        if self.error is not None:
            raise self.error

    def health(self, name: str) -> Health:
        assert self.watch is not None
        return next(one for one in self.watch.health() if one.camera == name)

    def state(self, name: str) -> str:
        assert self.watch is not None
        return next((one.state for one in self.watch.health() if one.camera == name), "")

    def texts(self, event: str) -> list[str]:
        return [seen.sighting.text for seen in self.seen if seen.event == event]

    def lines(self, name: str) -> list[str]:
        return [told.text for told in self.told if told.camera == name]


@contextmanager
def watching(*cameras: lpr.Camera, file: Path | None = None, recognizer: lpr.Recognizer | None = None) -> Iterator[Run]:
    run = Run(list(cameras), file, recognizer)
    try:
        yield run
    finally:
        run.end()


def named(name: str, url: str, **more: object) -> lpr.Camera:
    return replace(lpr.camera_at(url), name=name, **more)


def wanted(file: Path, plate: str = "ABC1234", name: str = "wanted") -> None:
    with lpr.open_database(file) as database:
        lpr.HotLists(database).add(plate, name, "AL", "stolen vehicle")


def test_a_hit_comes_while_the_vehicle_is_in_sight_and_a_row_when_it_has_passed(tmp_path: Path) -> None:
    file = tmp_path / "lpr.db"
    wanted(file)
    with Camera(RED) as source:
        gate = named("gate", source.url, place=Place(33.5, -86.8), heading=90.0)
        with watching(gate, file=file) as run:
            assert until(lambda: run.texts("hit"))
            hit = run.seen[0]
            assert run.texts("sighting") == [], "it is still in sight"
            with lpr.open_database(file, readonly=True) as database:
                (alert,) = database.rows("SELECT id, source, text, status FROM alerts")
            assert alert == {"id": hit.alerts[0], "source": "gate", "text": "ABC1234", "status": "new"}
            assert hit.delay is not None and 0 <= hit.delay < 5
            source.colours = ()
            assert until(lambda: run.texts("sighting"))
    (passed,) = [seen for seen in run.seen if seen.event == "sighting"]
    row = passed.row()
    assert (row["event"], row["camera"], row["latitude"], row["longitude"]) == ("sighting", "gate", 33.5, -86.8)
    assert row["source"] == "gate" and [h["plate"] for h in row["hits"]] == ["ABC1234"] and row["alerts"] == [1]
    assert passed.crop.shape[0] < passed.image.shape[0]
    age = datetime.now(timezone.utc) - datetime.fromisoformat(row["taken_at"])
    assert timedelta(0) <= age < timedelta(seconds=60)
    with lpr.open_database(file, readonly=True) as database:
        (scan,) = database.rows("SELECT status, error, counts FROM scans")
        (sighting,) = database.rows("SELECT text, reads, latitude, camera_id FROM sightings")
        (source_row,) = database.rows("SELECT name, path, sha256, kind FROM sources")
        (camera,) = database.rows("SELECT id, name, heading, address FROM cameras")
        assert database.rows("SELECT count(*) AS n FROM reads")[0]["n"] >= passed.sighting.reads
        assert len(database.rows("SELECT * FROM hits")) == 1
    assert (scan["status"], scan["error"]) == ("done", None)
    assert sighting == {"text": "ABC1234", "reads": passed.sighting.reads, "latitude": 33.5, "camera_id": camera["id"]}
    assert source_row == {"name": "gate", "path": f"camera:{camera['id']}", "sha256": "", "kind": "footage"}
    assert (camera["name"], camera["heading"], camera["address"]) == ("gate", 90.0, source.url)


def test_the_end_closes_what_is_in_sight(tmp_path: Path) -> None:
    file = tmp_path / "lpr.db"
    with Camera(GREEN) as source, watching(named("gate", source.url), file=file) as run:
        assert until(lambda: run.health("gate").reads >= 2 if run.state("gate") else False)
    assert run.texts("sighting") == ["XYZ0O8"]
    with lpr.open_database(file, readonly=True) as database:
        assert [row["text"] for row in database.rows("SELECT text FROM sightings")] == ["XYZ0O8"]
        (health,) = read_health(database)
    assert (health["state"], health["camera"], health["sightings"]) == ("not watched", "gate", 1)


def test_an_entry_counts_at_once_for_a_vehicle_in_sight_too(tmp_path: Path) -> None:
    file = tmp_path / "lpr.db"
    with Camera(RED) as source, watching(named("gate", source.url), file=file) as run:
        assert until(lambda: bool(run.state("gate")) and run.health("gate").reads >= 3)
        time.sleep(0.5)
        assert run.seen == []
        began = time.monotonic()
        wanted(file)
        assert until(lambda: run.texts("hit"))
        assert time.monotonic() - began < 3.0, "a second, on a machine that does nothing else"
        assert run.seen[0].alerts and run.seen[0].delay is None
    assert len(run.texts("hit")) == 1, "the same entry is announced once for each passing"


def test_a_lost_camera_is_told_once_and_stops_no_other_one(tmp_path: Path) -> None:
    with Camera(RED) as first, Camera(GREEN) as second:  # noqa: SIM117
        with watching(named("one", first.url), named("two", second.url)) as run:
            assert until(lambda: run.state("one") == run.state("two") == "live")
            first.stop()
            assert until(lambda: run.state("one") == "lost")
            before = run.health("two").processed
            time.sleep(2.0)
            assert run.health("two").processed > before and run.state("two") == "live"
            assert len([line for line in run.lines("one") if line.startswith("lost")]) <= 2, run.lines("one")
            first.start()
            began = time.monotonic()
            assert until(lambda: run.state("one") == "live")
            assert time.monotonic() - began < 5.0
            assert until(lambda: any("live again" in line for line in run.lines("one")))
            assert run.health("one").connections == 2 and run.health("one").problem is None
    assert not any("lost" in line for line in run.lines("two"))


def test_vehicles_in_sight_of_a_camera_that_is_lost_have_passed(tmp_path: Path) -> None:
    recognizer = lpr.Recognizer(FakeDetector(), FakeReader(), version="fake", settings=_settings(max_absence=1.0))
    with Camera(RED) as source, watching(named("one", source.url), recognizer=recognizer) as run:
        assert until(lambda: bool(run.state("one")) and run.health("one").reads >= 2)
        source.stop()
        assert until(lambda: run.texts("sighting") == ["ABC1234"], 10)


def _settings(**changes: float) -> object:
    from lpr.recognition.settings import Settings

    return Settings(**changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(("wrong", "state"), [("frozen", "frozen"), ("still", "frozen"), ("garbled", "garbled")])
def test_a_camera_that_sends_no_new_pictures_is_found_out(wrong: str, state: str) -> None:
    with Camera(RED) as source, Camera(RED) as other:
        with watching(named("one", source.url), named("two", other.url)) as run:
            assert until(lambda: run.state("one") == "live" and run.state("two") == "live")
            setattr(source, wrong, True)
            assert until(lambda: any(line.startswith(f"{state}: ") for line in run.lines("one"))), run.lines("one")
            if wrong == "garbled":
                assert run.health("one").damaged > 0
            setattr(source, wrong, False)
            assert until(lambda: run.state("one") == "live")
        assert run.state("two") == "live" and len(run.lines("two")) == 1, run.lines("two")


def test_a_wrong_password_is_told_and_shown_nowhere(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    file = tmp_path / "lpr.db"
    with Camera(RED, login="joe:right") as source:
        bad = named("one", source.with_login("joe:hunter2"))
        good = named("two", source.with_login("joe:right"))
        with watching(bad, good, file=file) as run:
            assert until(lambda: run.state("one") == "lost" and run.state("two") == "live")
            time.sleep(1.5)
            health = repr(run.watch.health()) if run.watch else ""
    assert run.lines("one") == ["lost: refuses user name and password; check them"]
    everything = health + repr(run.told) + repr(run.seen) + repr([bad, good]) + caplog.text + _dump(file)
    assert "127.0.0.1" in everything, "the address without them is there"
    assert [secret for secret in ("hunter2", "joe", "right") if secret in everything] == []


def _dump(file: Path) -> str:
    import sqlite3

    with sqlite3.connect(file) as connection:
        return "\n".join(connection.iterdump())


def test_masks_hide_what_is_in_them_and_count_what_they_cut() -> None:
    left = ((0.0, 0.0), (0.22, 0.0), (0.22, 1.0), (0.0, 1.0))  # always cuts the first plate
    with Camera(RED, BLUE) as source, watching(named("one", source.url, masks=(left,))) as run:
        assert until(lambda: bool(run.state("one")) and run.health("one").processed >= 25)
    assert run.health("one").rejected.get("masked", 0) > 0, "what sticks out of the mask reads as another plate"
    assert run.texts("sighting") == ["AL5SHOP"]
    assert not run.seen[0].image[:, :68].any(), "black in the pictures that are kept, too"


def test_only_areas_are_looked_at() -> None:
    right = ((0.33, 0.0), (1.0, 0.0), (1.0, 1.0), (0.33, 1.0))
    with Camera(RED, BLUE) as source, watching(named("one", source.url, areas=(right,))) as run:
        assert until(lambda: bool(run.state("one")) and run.health("one").processed >= 8)
    assert run.texts("sighting") == ["AL5SHOP"]


def test_a_camera_is_compared_with_its_own_lists(tmp_path: Path) -> None:
    file = tmp_path / "lpr.db"
    wanted(file, name="wanted")
    wanted(file, name="other")
    with Camera(RED) as source:
        one, two = named("one", source.url, lists=("Wanted",)), named("two", source.url, lists=())
        with watching(one, two, file=file) as run:
            assert until(lambda: run.texts("hit"))
            assert until(lambda: run.health("two").reads >= 3)
    assert [(seen.sighting.camera, seen.hits[0].list) for seen in run.seen if seen.event == "hit"] == [
        ("one", "wanted")
    ]
    with lpr.open_database(file) as database, pytest.raises(lpr.HotListError, match=r"camera x: there is no hot list"):
        Watch([named("x", "http://127.0.0.1:9/", lists=("wantd",))], fake_recognizer(), None, database)


def test_a_hit_is_announced_again_when_its_state_no_longer_conflicts() -> None:
    frame = Frame(picture(RED), "gate", 0, None, None)
    passing = of_photo(fake_recognizer().recognize(frame).reads[0], frame)
    views = iter(["conflicts", "conflicts", "unknown", "conflicts", "agrees"])

    class Unsure:
        def match(self, read: lpr.Sighting) -> list[Hit]:
            known = ("wanted", read.text, "AL", "exact", (), 1.0, next(views), "stolen", 7, read.text, read.text)
            return [Hit(*known)]

    post = Lookout(named("gate", "http://127.0.0.1:9/"), Unsure(), None, None)
    found = []
    for event in (*[Agreed(1, passing, None)] * 4, Passed(1, passing)):
        found += post.happened(Happened(0, 0, [event], 0.0))
    assert [(seen.event, seen.hits[0].state_agreement) for seen in found] == [
        ("hit", "conflicts"),
        ("hit", "unknown"),
        ("sighting", "agrees"),
    ]
    assert (post.hits, post.sightings) == (1, 1)


def test_a_camera_out_of_its_hours_is_left_alone() -> None:
    later = datetime.now(timezone.utc) + timedelta(hours=3)
    hours = parse_hours([f"{later:%H:%M}-{later + timedelta(hours=1):%H:%M}"], "UTC")
    with Camera(RED) as source, watching(named("one", source.url, hours=hours)) as run:
        assert until(lambda: run.state("one") == "off hours")
        time.sleep(0.5)
    assert source.connections == 0
    assert run.lines("one") == ["outside its hours, not watched"]


class Broken:
    """A detector that works a few times, then fails."""

    def __init__(self) -> None:
        self.left = 3

    def detect(self, image: np.ndarray) -> list[lpr.PlateBox]:
        self.left -= 1
        if self.left < 0:
            raise MemoryError("no room for the picture")
        return []


def test_a_failure_of_the_networks_reaches_whoever_watches() -> None:
    with (
        Camera(RED) as source,
        pytest.raises(MemoryError, match="no room"),
        watching(named("one", source.url), recognizer=lpr.Recognizer(Broken(), FakeReader(), version="broken")) as run,
    ):
        assert until(lambda: run.error is not None)


class Slow(FakeDetector):
    """A detector that takes its time."""

    def detect(self, image: np.ndarray) -> list[lpr.PlateBox]:
        time.sleep(0.5)
        return super().detect(image)


@pytest.mark.slow
def test_a_machine_that_cannot_keep_up_says_so_and_looks_more_rarely() -> None:
    recognizer = lpr.Recognizer(Slow(), FakeReader(), version="slow")
    with Camera(RED) as source, watching(named("one", source.url, rate=8.0), recognizer=recognizer) as run:
        assert until(lambda: any("cannot keep up" in line for line in run.lines("one")), 40)
        health = run.health("one")
        assert health.rate < health.wanted_rate == 8.0 and health.dropped > 0
        assert health.age is not None and health.age < 2, "the newest picture is looked at, not the oldest"


def test_whoever_stops_listening_ends_all_threads(tmp_path: Path) -> None:
    file = tmp_path / "lpr.db"
    wanted(file)
    before = threading.active_count()
    with Camera(RED) as source, lpr.open_database(file) as database:
        watch = Watch([named("one", source.url)], fake_recognizer(), None, database, patience=QUICK)
        for seen in watch:
            assert seen.event == "hit"
            break
        (scan,) = database.rows("SELECT status, error FROM scans")
        assert scan == {"status": "done", "error": None}
    assert until(lambda: threading.active_count() <= before)


def test_metrics_are_what_health_says(tmp_path: Path) -> None:
    rows = [
        Health(
            "gate", "rtsp://h/1", "live", seen=30, processed=6, dropped=1, age=0.2, reads=3, rejected={"no text": 2}
        ),
        Health("yard", "rtsp://h/2", "lost", problem="refuses the connection"),
    ]
    with _served(lambda: rows) as url, urlopen(url, timeout=10) as answer:  # noqa: S310 - this machine
        text = answer.read().decode()
    for line in (
        'lpr_camera_up{camera="gate"} 1.0',
        'lpr_camera_up{camera="yard"} 0.0',
        'lpr_camera_state{camera="yard",state="lost"} 1.0',
        'lpr_camera_frames_seen_total{camera="gate"} 30.0',
        'lpr_camera_frames_processed_total{camera="gate"} 6.0',
        'lpr_camera_frames_dropped_total{camera="gate"} 1.0',
        'lpr_camera_last_frame_age_seconds{camera="gate"} 0.2',
        'lpr_camera_reads_total{camera="gate"} 3.0',
        'lpr_camera_rejected_total{camera="gate",reason="no text"} 2.0',
    ):
        assert line in text.splitlines()
    assert 'lpr_camera_last_frame_age_seconds{camera="yard"}' not in text, "unknown is not zero"


@contextmanager
def _served(health: Callable[[], list[Health]]) -> Iterator[str]:
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    close = serve_metrics(health, port)
    try:
        with pytest.raises(lpr.CameraError, match=f"metrics cannot be served at 127.0.0.1:{port}"):
            serve_metrics(health, port)
        yield f"http://127.0.0.1:{port}/metrics"
    finally:
        close()


def test_cameras_need_names_of_their_own() -> None:
    one = named("gate", "rtsp://h/1")
    with pytest.raises(lpr.CameraError, match="two cameras are called 'gate'"):
        Watch([one, replace(one, name="gate")], fake_recognizer())
    with pytest.raises(lpr.CameraError, match="no camera"):
        Watch([], fake_recognizer())


def test_a_hit_does_not_wait_for_another_program_that_writes(tmp_path: Path) -> None:
    file = tmp_path / "lpr.db"
    wanted(file)
    with Camera() as source, watching(named("one", source.url), file=file) as run:
        assert until(lambda: bool(run.state("one")) and run.health("one").processed >= 2)
        with lpr.open_database(file) as other, other.atomic():  # as the import of a long list does
            source.colours = (RED,)
            began = time.monotonic()
            assert until(lambda: run.texts("hit"), 30)
            assert time.monotonic() - began < 10 and run.seen[0].alerts == ()
            time.sleep(1.0)
            with lpr.open_database(file, readonly=True) as database:
                assert database.rows("SELECT * FROM sightings") == []
        with lpr.open_database(file, readonly=True) as database:
            assert until(lambda: len(database.rows("SELECT * FROM alerts")) == 1), "on record as soon as that ends"
    with lpr.open_database(file, readonly=True) as database:
        assert [row["text"] for row in database.rows("SELECT text FROM sightings")] == ["ABC1234"]
        assert len(database.rows("SELECT * FROM hits")) == 1
