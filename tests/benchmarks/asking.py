"""How fast a large record answers and grows: sightings of 90 days by 200 cameras, generated, and officers' questions.

    python -m tests.benchmarks.asking --sightings 1000000
    python -m tests.benchmarks.asking --sightings 20000000 --keep /var/tmp/asking.db

A city of one plate for each ten sightings (format 1AAA111, seed fixed), some seen far more often than others; one
read in seven is doubtful and has other candidates, one in twenty-five is read as a look-alike. The record is filled in
bulk (``build_seconds``), then ``insert`` adds sightings by the same call that a scan uses, in transactions of 500, all
indexes and triggers in place. Each question is asked ``--times`` times about different plates, times and places in
one process; ``ms`` is the median by the clock, ``cpu_ms`` the median of processor time, which other programs
do not change. ``found`` is the median number of rows. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np

import lpr
from lpr.investigation.convoy import convoy
from lpr.investigation.history import history
from lpr.investigation.nearby import plates_near
from lpr.investigation.search import search
from lpr.investigation.shared import shared
from lpr.investigation.where import Where
from lpr.normalize import LOOK_ALIKES, look_alike_key
from lpr.places import Place
from lpr.records.cameras import put_camera
from lpr.records.incidents import Incident, put_incidents
from lpr.records.scans import File, Method, Scan
from lpr.records.schema import Database, now

LETTERS, DIGITS = "ABCDEFGHJKLMNPRSTUVWXYZ", "0123456789"
START = datetime(2026, 1, 1, tzinfo=timezone.utc)
DAYS, CAMERAS, SEED = 90, 200, 7
#: Every so many sightings there is one that hit a list.
EACH_HIT = 500
_OTHER = {c: [d for d in members if d != c] for members in LOOK_ALIKES for c in members}
#: What the bulk load does without, and makes at the end.
_TRIGGERS = ("sightings_read", "sightings_reread", "readings_forgotten")
_INDEXES = (
    "sightings_taken_at",
    "sightings_created_at",
    "sightings_camera",
    "readings_sighting_id",
    "texts_look_alike_key",
    "texts_reversed_key",
)


class City:
    """Plates and the sightings of them, always the same for the same number."""

    def __init__(self, sightings: int) -> None:
        self.random = random.Random(SEED)
        self.number = sightings
        self.plates = max(1000, sightings // 10)
        self.step = DAYS * 86400 / sightings

    def plate(self, number: int) -> str:
        """The plate of this number; each has its own."""
        number = number * 7919 % (10 * 23**3 * 1000)
        number, last = divmod(number, 1000)
        letters = ""
        for _ in range(3):
            number, index = divmod(number, 23)
            letters += LETTERS[index]
        return f"{number % 10}{letters}{last:03}"

    def often(self) -> str:
        """A plate, some far more often than others."""
        return self.plate(int(self.plates * self.random.random() ** 2))

    def read(self, plate: str) -> tuple[str, list[tuple[str, float]]]:
        """What a reader says: text and candidates."""
        chance = self.random.random
        places = [i for i, c in enumerate(plate) if c in _OTHER]
        if chance() < 0.04 and places:
            plate = self._changed(plate, self.random.choice(places))
        sure = chance() < 0.86
        rest = 0.001 + 0.004 * chance() if sure else 0.05 + 0.4 * chance()
        candidates = [(plate, 1 - rest)]
        for _ in range(9):
            rest /= 2
            candidates.append((self._changed(plate, int(chance() * 7)), rest))
        return plate, candidates

    def _changed(self, plate: str, place: int) -> str:
        others = _OTHER.get(plate[place]) or (DIGITS if plate[place].isdigit() else LETTERS)
        return plate[:place] + self.random.choice(others) + plate[place + 1 :]


def place_of(camera: int) -> Place:
    """Cameras on a grid, 700 metres apart."""
    return Place(33.4 + camera // 15 * 0.0063, -86.9 + camera % 15 * 0.0075)


@dataclass
class Readings:
    """Which sighting may say which text, in four columns; texts by number, in the order of their first appearance."""

    texts: dict[str, int] = field(default_factory=dict)
    text: array[int] = field(default_factory=lambda: array("I"))
    sighting: array[int] = field(default_factory=lambda: array("I"))
    rank: array[int] = field(default_factory=lambda: array("B"))
    probability: array[float] = field(default_factory=lambda: array("d"))

    def add(self, sighting: int, candidates: Sequence[tuple[str, float]]) -> None:
        """What the trigger of the table does."""
        own = look_alike_key(candidates[0][0])
        for rank, (text, probability) in enumerate(candidates):
            if rank and probability < 0.005:
                break
            if not rank or look_alike_key(text) != own:
                self.text.append(self.texts.setdefault(text, len(self.texts) + 1))
                self.sighting.append(sighting)
                self.rank.append(rank)
                self.probability.append(probability)

    def rows(self) -> Iterator[tuple[int, int, int, float]]:
        """For the table, in its order."""
        columns = [np.asarray(column) for column in (self.text, self.sighting, self.rank, self.probability)]
        order = np.lexsort((columns[1], columns[0]))
        for begin in range(0, len(order), 1 << 20):
            some = order[begin : begin + (1 << 20)]
            yield from zip(*(column[some].tolist() for column in columns), strict=True)


def rows(city: City, scan_id: int, readings: Readings) -> Iterator[tuple[Any, ...]]:
    chance = city.random.random
    places = [place_of(camera) for camera in range(CAMERAS)]
    second = timedelta(seconds=1)
    for number in range(1, city.number + 1):
        text, candidates = city.read(city.often())
        readings.add(number, candidates)
        camera = int(chance() * CAMERAS)
        at = START + timedelta(seconds=city.step * (number - 1))
        place = places[camera]
        share = candidates[0][1]
        rounded = f"{share:.9f}"
        yield (
            number, scan_id, number, number, 0.0, at.isoformat(timespec="milliseconds"), 0.0, 1.0, 3, text, text, share,
            "[" + ",".join([f'["{c}",{rounded}]' for c in text]) + "]",
            "[" + ",".join([f'["{c}",{p:.9g}]' for c, p in candidates]) + "]",
            "[100, 200, 260, 240]", 0.9, (at + second).isoformat(timespec="milliseconds"), camera + 1,
            place.latitude, place.longitude,
        )  # fmt: skip


def build(database: Database, city: City) -> int:
    """Fill the record in bulk; the number of its scan."""
    began = time.monotonic()

    def step(what: str) -> None:
        print(f"{time.monotonic() - began:6.0f} s  {what}", file=sys.stderr, flush=True)

    for camera in range(CAMERAS):
        put_camera(database, f"camera {camera:03}", place_of(camera), heading=float(camera * 37 % 360))
    scan = Scan.begin(database, File("made", "/made", "0" * 64, 1), "footage", Method("0", "v", "{}", "{}"), False)
    assert scan is not None
    later = [
        row["sql"]
        for name in (*_INDEXES, *_TRIGGERS)
        for row in database.rows("SELECT sql FROM sqlite_schema WHERE name = ?", (name,))
    ]
    for name in _TRIGGERS:
        database.execute(f"DROP TRIGGER {name}")
    for name in _INDEXES:
        database.execute(f"DROP INDEX {name}")
    database.execute("PRAGMA cache_size = -400000")
    # Nobody else reads the file yet: written once instead of twice.
    database.rows("PRAGMA journal_mode = OFF")
    database.execute("PRAGMA synchronous = OFF")
    sql = (
        "INSERT INTO sightings (id, scan_id, number, frame, seconds, taken_at, first_seen, last_seen, reads, raw, "
        "text, confidence, characters, candidates, box, detector_confidence, created_at, camera_id, latitude, "
        "longitude) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    )
    readings = Readings()
    database.execute_many(sql, rows(city, scan.id, readings))
    step(f"{city.number} sightings")
    # What the triggers would have written, sorted, so that the tables are filled from left to right.
    database.execute_many("INSERT INTO texts (text, id) VALUES (?, ?)", readings.texts.items())
    step(f"{len(readings.texts)} texts")
    readings.texts.clear()
    database.execute_many("INSERT OR IGNORE INTO readings VALUES (?, ?, ?, ?)", readings.rows())
    step(f"{len(readings.text)} readings")
    database.insert("hotlists", {"name": "stolen", "kind": "stolen", "created_at": now()})
    some = range(EACH_HIT, city.number + 1, EACH_HIT)
    hit = (
        "INSERT INTO hits (sighting_id, list, plate, tier, differs, score, state_agreement, created_at) "
        "SELECT id, 'stolen', text, 'exact', '[]', 1.0, 'unknown', created_at FROM sightings WHERE id = ?"
    )
    database.execute_many(hit, ((number,) for number in some))
    for statement in later:
        database.execute(statement)
        step(" ".join(statement.split())[:60])
    database.rows("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute("PRAGMA cache_size = -65536")
    return scan.id


def insert(database: Database, city: City, number: int) -> dict[str, float]:
    """Sightings a second by the call that a scan uses."""
    file = File("more", "/more", "1" * 64, 1)
    scan = Scan.begin(database, file, "footage", Method("0", "v", "{}", "{}"), False)
    assert scan is not None
    made = []
    for i in range(number):
        text, candidates = city.read(city.often())
        camera = city.random.randrange(CAMERAS)
        place = place_of(camera)
        made.append(
            lpr.Sighting(
                "more", i, 0.1, START + timedelta(days=DAYS, seconds=i * city.step), 0.0, 0.2, 3, text, text,
                candidates[0][1], tuple(lpr.Character(c, candidates[0][1]) for c in text),
                tuple(lpr.Candidate(t, p) for t, p in candidates), lpr.Box(1, 2, 61, 22), 0.9, None,
                f"camera {camera:03}", place.latitude, place.longitude,
            )
        )  # fmt: skip
    wall, cpu = time.perf_counter(), time.process_time()
    for begin in range(0, number, 500):
        scan.add_all(made[begin : begin + 500])
    took, used = time.perf_counter() - wall, time.process_time() - cpu
    load = round(os.getloadavg()[0], 1)
    return {
        "sightings": number,
        "per_second": round(number / took),
        "per_cpu_second": round(number / used),
        "load": load,
    }


def ask(times: int, question: Callable[[int], int]) -> dict[str, float]:
    """The medians of a question that is asked many times; the first time is not counted."""
    question(times)
    walls, cpus, found = [], [], []
    for number in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        found.append(question(number))
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return {
        "ms": round(statistics.median(walls) * 1000, 2),
        "cpu_ms": round(statistics.median(cpus) * 1000, 2),
        "found": statistics.median(found),
    }


def questions(database: Database, city: City, times: int) -> dict[str, Any]:
    city.random.seed(SEED + 1)
    plates = [city.often() for _ in range(times + 1)]
    alike = [plate for plate in (city.often() for _ in range(100 * times)) if sum(c in _OTHER for c in plate) >= 3]
    incidents: Sequence[Incident]
    made = []
    for _ in range(times + 1):
        at = START + timedelta(seconds=city.random.random() * DAYS * 86400)
        made.append(Incident("shooting", at, place_of(city.random.randrange(CAMERAS))))
    incidents, _ = put_incidents(database, made)

    def found(pattern: str, where: Where | None = None) -> int:
        return len(search(database, pattern, where or Where(), limit=100).found)

    return {
        "exact": ask(times, lambda i: found(plates[i])),
        "look-alike": ask(times, lambda i: found(alike[i])),
        "wildcard ? in front": ask(times, lambda i: found("?" + plates[i][1:])),
        "wildcard * in front": ask(times, lambda i: found("*" + plates[i][2:])),
        "wildcard in the middle": ask(times, lambda i: found(plates[i][:3] + "*" + plates[i][5:])),
        "wildcards at both ends": ask(times, lambda i: found("*" + plates[i][2:6] + "*")),
        "plate near a place in a week": ask(
            times,
            lambda i: found(
                plates[i], Where(START, START + timedelta(days=7), near=place_of(i % CAMERAS), within=3000)
            ),
        ),
        "a camera's newest": ask(
            min(times, 10), lambda i: found("*", Where(cameras=(f"camera {i:03}", f"camera {i + 50:03}")))
        ),
        "a list's newest": ask(min(times, 10), lambda i: found("*", Where(list_name="stolen"))),
        "one letter known, near a place": ask(
            min(times, 5), lambda i: found(f"?{LETTERS[i]}*", Where(near=place_of(i), within=800))
        ),
        "one letter known, where no camera is": ask(
            min(times, 5), lambda i: found(f"?{LETTERS[i]}*", Where(near=Place(32.0 + i / 100, -86.0), within=800))
        ),
        "incident": ask(times, lambda i: len(plates_near(database, incidents[i]).nearby)),
        "common to three incidents": ask(
            min(times, 10), lambda i: len(shared(database, [incidents[(i + k) % times] for k in range(3)]))
        ),
        "convoy": ask(min(times, 10), lambda i: len(convoy(database, plates[i]).companions)),
        "history": ask(times, lambda i: len(history(database, plates[i]).found)),
    }


def cold(path: Path, city: City, times: int) -> dict[str, dict[str, float]]:
    """Questions while nothing of the record is in memory, as after a restart: each by a fresh connection."""
    city.random.seed(SEED + 2)
    plates = [city.often() for _ in range(times + 1)]
    incidents = [
        Incident("shooting", START + timedelta(seconds=city.random.random() * DAYS * 86400), place_of(i % CAMERAS))
        for i in range(times + 1)
    ]

    def fresh(question: Callable[[Database, int], int]) -> dict[str, float]:
        walls, found = [], []
        for number in range(times):
            with path.open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            with lpr.open_database(path, readonly=True) as database:
                wall = time.perf_counter()
                found.append(question(database, number))
                walls.append(time.perf_counter() - wall)
        return {"ms": round(statistics.median(walls) * 1000, 1), "found": statistics.median(found)}

    return {
        "exact": fresh(lambda database, i: len(search(database, plates[i], limit=100).found)),
        "wildcard ? in front": fresh(lambda database, i: len(search(database, "?" + plates[i][1:], limit=100).found)),
        "incident": fresh(lambda database, i: len(plates_near(database, incidents[i]).nearby)),
    }


def size(database: Database, sightings: int, parts: bool) -> dict[str, Any]:
    """Bytes a sighting, whole and, with ``parts``, by table and index as far as SQLite can tell."""
    told: dict[str, Any] = {"mb_per_million": round(database.file.stat().st_size / sightings, 1)}
    if not parts:
        return told
    try:
        rows = database.rows("SELECT name, sum(pgsize) AS bytes FROM dbstat GROUP BY name ORDER BY bytes DESC LIMIT 12")
    except lpr.RecordsError:
        return told  # this SQLite was built without it
    return {**told, "bytes_per_sighting": {row["name"]: round(row["bytes"] / sightings, 1) for row in rows}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sightings", type=int, default=1_000_000)
    parser.add_argument("--insert", type=int, default=20_000, help="sightings to add afterwards")
    parser.add_argument("--times", type=int, default=50, help="of each question; 0 fills the record only")
    parser.add_argument("--cold", type=int, default=0, help="how often to ask with nothing of the record in memory")
    parser.add_argument("--keep", type=Path, help="keep the record there; one that is there is used again")
    parser.add_argument(
        "--no-parts", action="store_true", help="do not ask how large each table is, which reads it all"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = given.keep or Path(folder) / "asking.db"
        city = City(given.sightings)
        told: dict[str, Any] = {"sightings": given.sightings, "days": DAYS, "cameras": CAMERAS}
        fresh = not path.exists()
        with lpr.open_database(path) as database:
            if fresh:
                wall, cpu = time.perf_counter(), time.process_time()
                build(database, city)
                told["build_seconds"] = round(time.perf_counter() - wall, 1)
                told["build_cpu_seconds"] = round(time.process_time() - cpu, 1)
            if given.times:
                told.update(measure(database, city, given))
        if given.times and given.cold:
            told["cold"] = cold(path, city, given.cold)
        print(json.dumps(told, indent=1))


def measure(database: Database, city: City, given: argparse.Namespace) -> dict[str, Any]:
    counts = "SELECT (SELECT count(*) FROM texts) AS texts, (SELECT count(*) FROM readings) AS readings"
    told: dict[str, Any] = dict(database.rows(counts)[0])
    told["size"] = size(database, given.sightings, not given.no_parts)
    told["questions"] = questions(database, city, given.times)
    told["insert"] = insert(database, city, given.insert)
    return told


if __name__ == "__main__":
    main()
