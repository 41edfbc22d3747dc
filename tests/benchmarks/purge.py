"""How fast a purge of one day is in a large record, and how long a writer beside it waits.

    python -m tests.benchmarks.purge --sightings 1000000 --days 90
    python -m tests.benchmarks.purge --record /var/tmp/asking.db

Makes the record in --folder (kept there, and used again), with the indexes, readings and texts that a watch makes, or
takes one that ``tests.benchmarks.asking --keep`` made. Puts ``--marked`` more sightings on record into the oldest day
of which more than hits is left, with texts that are nowhere else, then purges that day while another process writes a
sighting every 20 ms by the call that a watch uses, and searches all bytes of the database and its WAL for these texts.
Prints one JSON object: ``seconds`` is the deletion, ``overwriting`` the search for what SQLite left behind,
``writer_ms`` how long each write beside both took; ``load`` other programs' at the end.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import re
import string
import time
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import Any

import lpr
from lpr.ledger import Ledger
from lpr.records.due import UNMATCHED
from lpr.records.purge import purge
from lpr.records.retention import Retention
from lpr.records.row import to_record
from lpr.records.schema import timestamp
from tests.sightings import sighting

END = datetime(2026, 3, 1, tzinfo=timezone.utc)
#: Eleven characters, as no other sighting's text has.
MARK = "MARK"
_LETTERS = string.ascii_uppercase + string.digits


def any_sighting(chance: random.Random, taken_at: datetime, number: int, mark: str = "") -> lpr.Sighting:
    """Of a random text that begins with ``mark``, with another candidate."""
    text = mark + "".join(chance.choices(_LETTERS, k=7))
    place = len(mark) + 3
    return sighting(text, taken_at, number, (text[:place] + chance.choice(_LETTERS) + text[place + 1 :],))


def fill(file: Path, count: int, days: int) -> None:
    chance = random.Random(1)
    with lpr.open_database(file) as database:
        if database.rows("SELECT 1 FROM sightings LIMIT 1"):
            return
        source = {"name": "camera", "path": "camera:1", "sha256": "", "bytes": 0, "kind": "footage"}
        source_id = database.insert("sources", {**source, "created_at": timestamp(END)})
        row: dict[str, Any] = {"lpr_version": "1", "version": "1", "settings": "{}", "run": "r", "status": "running"}
        scan = database.insert("scans", {**row, "source_id": source_id, "started_at": timestamp(END)})
        began = END - timedelta(days=days)
        step = timedelta(days=days) / count
        columns = ""
        for begin in range(0, count, 10_000):
            rows = []
            for number in range(begin, min(count, begin + 10_000)):
                taken_at = began + step * number
                row = {"scan_id": scan, "number": number, "created_at": timestamp(taken_at)}
                row.update(to_record(any_sighting(chance, taken_at, number)))
                columns = f"({', '.join(row)}) VALUES ({', '.join('?' * len(row))})"
                rows.append(tuple(row.values()))
            with database.atomic():
                database.execute_many(f"INSERT INTO sightings {columns}", rows)


def add_marked(database: lpr.Database, day: datetime, count: int) -> list[str]:
    """Sightings of that day with texts of their own; all of them, candidates too."""
    chance = random.Random(3)
    scan, number = _scan(database), _last_number(database)
    texts = []
    with database.atomic():
        for i in range(count):
            seen = any_sighting(chance, day + timedelta(seconds=i % 3600), number + i + 1, MARK)
            row = {"scan_id": scan, "number": number + i + 1, "created_at": timestamp(END), **to_record(seen)}
            database.insert("sightings", row)
            texts += [candidate.text for candidate in seen.candidates]
    return texts


def found(file: Path, texts: list[str]) -> int:
    """How many of the texts stand in the bytes of the database and its WAL."""
    some: set[bytes] = set()
    pattern = re.compile(MARK.encode() + b"[A-Z0-9]{7}")
    for part in filter(Path.exists, (file, Path(f"{file}-wal"))):
        with part.open("rb") as stream:
            end = b""
            while data := stream.read(1 << 24):
                some.update(pattern.findall(end + data))
                end = data[-10:]
    return sum(text.encode() in some for text in texts)


def write(file: Path, ended: Any, told: Any) -> None:
    """Writes a sighting every 20 ms, as a watch does; tells how long each took."""
    chance = random.Random(2)
    waits = []
    with lpr.open_database(file) as database:
        scan, number = _scan(database), _last_number(database)
        ledger = Ledger(database)
        while not ended.is_set():
            number += 1
            row = {"scan_id": scan, "number": number, "created_at": timestamp(END)}
            row.update(to_record(any_sighting(chance, END + timedelta(days=365), number)))
            began = time.perf_counter()
            ledger.write(partial(database.insert, "sightings", row))
            waits.append(time.perf_counter() - began)
            time.sleep(0.02)
        ledger.close()
    told.put(waits)


def _scan(database: lpr.Database) -> int:
    return int(database.rows("SELECT id FROM scans")[0]["id"])


def _last_number(database: lpr.Database) -> int:
    scan = _scan(database)
    return int(database.rows("SELECT max(number) AS n FROM sightings WHERE scan_id = ?", (scan,))[0]["n"])


def measure(file: Path, marked: int) -> dict[str, Any]:
    ended, told = multiprocessing.Event(), multiprocessing.Queue()
    with lpr.open_database(file) as database:
        (oldest,) = database.rows(
            f"SELECT taken_at AS first FROM sightings s WHERE {UNMATCHED} ORDER BY taken_at LIMIT 1"
        )
        day = datetime.fromisoformat(oldest["first"]).replace(hour=0, minute=0, second=0, microsecond=0)
        texts = add_marked(database, day, marked)
        before = found(file, texts)
        baseline = _beside(file, ended, told, lambda: time.sleep(5))
        cpu = time.process_time()
        done = []
        # The day after it is the first that stays.
        retention, moment = Retention(timedelta(days=1)), day + timedelta(days=2)
        waits = _beside(file, ended, told, lambda: done.append(purge(database, moment=moment, retention=retention)))
        cpu = time.process_time() - cpu
        purged = done[0]
        (count,) = database.rows("SELECT max(id) AS n FROM sightings")
    return {
        "sightings": count["n"],
        "purged": purged.sightings,
        "seconds": purged.seconds,
        "overwriting": purged.overwriting,
        "cpu_seconds": round(cpu, 2),
        "longest_step_ms": round(1000 * purged.longest_step, 1),
        "writer_ms": _figures(waits),
        "writer_alone_ms": _figures(baseline),
        "load": round(os.getloadavg()[0], 1),
        "database_bytes": file.stat().st_size,
        "problems": purged.problems,
        "marked_texts": len(texts),
        "marked_texts_in_bytes_before": before,
        "marked_texts_in_bytes_after": found(file, texts),
    }


def _beside(file: Path, ended: Any, told: Any, run: Any) -> list[float]:
    ended.clear()
    writer = multiprocessing.Process(target=write, args=(file, ended, told))
    writer.start()
    time.sleep(1)
    try:
        run()
    finally:
        ended.set()
    waits: list[float] = told.get(timeout=60)
    writer.join()
    return waits


def _figures(waits: list[float]) -> dict[str, float]:
    ordered = sorted(waits)
    at = {"median": 0.5, "p99": 0.99, "max": 1.0}
    found = {
        name: round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1) for name, share in at.items()
    }
    return {"writes": len(ordered), **found, "over_100": sum(wait > 0.1 for wait in ordered)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sightings", type=int, default=200_000)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--folder", type=Path, default=Path("out/purge"))
    parser.add_argument("--record", type=Path, help="a record of tests.benchmarks.asking; it loses its oldest day")
    parser.add_argument("--marked", type=int, default=2000)
    given = parser.parse_args()
    file = given.record
    if file is None:
        given.folder.mkdir(parents=True, exist_ok=True)
        file = given.folder / f"{given.sightings}.db"
        fill(file, given.sightings, given.days)
    print(json.dumps(measure(file, given.marked), indent=1))


if __name__ == "__main__":
    main()
