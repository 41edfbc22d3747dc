"""How fast a read is matched with a large hot list, and in how much memory.

    python -m tests.benchmarks.hotlist_match --entries 500000
    python -m tests.benchmarks.hotlist_match --entries 5000000 --keep /tmp/five-million.db

The list is generated (invented plates in the format 1AAA111 of California, seed fixed) and written into a database
without an import, which ``hotlist_import`` measures; a database that this program or that one left with ``--keep`` is
taken as it is. All tiers are on, near included, and 1,000 partial plates stand on a second list. Prints one JSON
object:

* ``match_ms``: one sighting with 10 candidates, in a process of its own that does nothing else, whose memory is
  ``resident_mb``.
* ``check_s``: ``lpr hotlist check PLATE`` from the shell.
* ``loop_ms``: the same reads by a plain loop with Levenshtein distance over the list, which is what is done
  elsewhere, and ``rapidfuzz_ms``: by that library's loop in C++, where it is installed. Both see the best text alone.

Times are by the clock (``wall``) and in ``processor`` time, which other programs on the machine do not lengthen; how
many times faster the matching is, is told in processor time. What is found and what alerts falsely: ``hotlist_curves``.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from lpr.hotlist.confusion import FOLDED, load
from lpr.hotlist.entry import TIERS
from lpr.hotlist.lists import HotLists
from lpr.hotlist.simulated import SimulatedReader
from lpr.normalize import key, look_alike_key
from lpr.plates import Candidate, Transcript
from lpr.records.schema import Database, now, open_database

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = "0123456789"
SEED = 7
#: Partial plates beside the list.
PARTIAL = 1_000


def plate(rng: random.Random) -> str:
    return "".join(rng.choice(letters) for letters in (DIGITS, *[LETTERS] * 3, *[DIGITS] * 3))


def fill(path: Path, entries: int) -> None:
    """A database with one list that has all tiers and ``entries`` plates."""
    rng = random.Random(SEED)
    with open_database(path) as database:
        moment = now()
        list_id = database.insert(
            "hotlists", {"name": "list", "kind": "custom", "created_at": moment, "tiers": json.dumps(TIERS)}
        )

        def rows() -> Iterator[tuple[str | int, ...]]:
            for n in range(entries):
                text = plate(rng)
                details = f'{{"case": "26-{n:07}", "vehicle": "2019 Honda Accord gray"}}'
                yield list_id, text, text, key(text), look_alike_key(text), n + 2, moment, details

        # Random keys into indices of millions take hours: these are made afterwards, sorted.
        indices = database.rows("SELECT name, sql FROM sqlite_master WHERE tbl_name = 'entries' AND type = 'index'")
        for index in indices:
            database.execute(f"DROP INDEX {index['name']}")
        database.execute_many(
            "INSERT INTO entries (list_id, plate, text, key, look_alike_key, state, reason, line, created_at, details) "
            "VALUES (?, ?, ?, ?, ?, 'CA', 'stolen vehicle', ?, ?, ?)",
            rows(),
        )
        for index in indices:
            database.execute(index["sql"])


def prepare(database: Database) -> None:
    """All tiers for the list, and ``PARTIAL`` partial plates on another one."""
    lists = HotLists(database)
    lists.set("list", {"tiers": list(TIERS)})
    rng = random.Random(SEED + 2)
    if all(one.name != "partial" for one in lists.lists()):
        with database.atomic():
            for _ in range(PARTIAL):
                text = plate(rng)
                lists.add(f"{text[:2]}?{text[3:5]}*", "partial", "CA", "left the scene")


def with_ten(transcript: Transcript, rng: random.Random) -> Transcript:
    """The transcript with ten candidates, as the real reader always gives; those beyond its doubts are improbable."""
    candidates = list(transcript.candidates)
    left = 2e-4
    while len(candidates) < 10 and transcript.text:
        at = rng.randrange(len(transcript.text))
        other = transcript.text[:at] + rng.choice(FOLDED) + transcript.text[at + 1 :]
        left /= 2
        candidates.append(Candidate(other, left))
    return Transcript(transcript.raw, transcript.text, transcript.confidence, transcript.characters, tuple(candidates))


def reads(database: Database, number: int) -> list[tuple[str, Transcript]]:
    """``number`` plates, and what a simulated reader makes of them; every other plate is a listed one."""
    rng = random.Random(SEED + 1)
    (row,) = database.rows("SELECT min(id) AS first, max(id) AS last FROM entries WHERE active = 1 AND partial = 0")
    if row["first"] is None:
        sys.exit("the database has no active entry; let hotlist_import --keep or this program make another one")
    listed: list[str] = []
    while len(listed) < (number + 1) // 2:  # numbers may be missing, and partial plates may lie between
        one = "SELECT text FROM entries WHERE id = ? AND partial = 0 AND active = 1"
        listed += [found["text"] for found in database.rows(one, (rng.randint(row["first"], row["last"]),))]
    others = []
    while len(others) < len(listed):
        text = plate(rng)
        if not is_listed(database, text):
            others.append(text)
    reader = SimulatedReader(load(), rng)
    plates = [text for pair in zip(listed, others, strict=True) for text in pair][:number]
    return [(text, with_ten(reader.read(text), rng)) for text in plates]


def is_listed(database: Database, text: str) -> bool:
    return bool(database.rows("SELECT 1 FROM entries WHERE key = ? AND active = 1 LIMIT 1", (key(text),)))


def matching_process(path: Path, number: int) -> dict[str, object]:
    """Runs in a process of its own: matches, and nothing else; then says how long that took and how large it is."""
    with open_database(path, readonly=True) as database:
        shown = [transcript for _, transcript in reads(database, number)]
        lists = HotLists(database)
        for transcript in shown[:20]:
            lists.match(transcript)
        taken = times(lambda n: lists.match(shown[n]), len(shown))
    return {**taken, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}


def times(work: Callable[[int], object], number: int) -> dict[str, dict[str, float]]:
    """Milliseconds of each call, by the clock and in processor time."""
    walls, processor = [], []
    for n in range(number):
        wall, worked = time.perf_counter(), time.process_time()
        work(n)
        walls.append((time.perf_counter() - wall) * 1000)
        processor.append((time.process_time() - worked) * 1000)
    return {"wall": shares(walls), "processor": shares(processor)}


def shares(taken: Sequence[float]) -> dict[str, float]:
    taken = sorted(taken)
    return {"median": round(taken[len(taken) // 2], 3), "p99": round(taken[int(len(taken) * 0.99)], 3)}


def within_one_edit(a: str, b: str) -> bool:
    """Levenshtein distance of at most one, by the plain table; lengths that rule it out are skipped."""
    if abs(len(a) - len(b)) > 1:
        return False
    row = list(range(len(b) + 1))
    for i, c in enumerate(a, 1):
        above, row[0] = row[0], i
        for j, d in enumerate(b, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (c != d))
    return row[-1] <= 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=500_000)
    parser.add_argument("--reads", type=int, default=4_000)
    parser.add_argument("--loops", type=int, default=3, help="reads that the plain loop gets")
    parser.add_argument("--keep", type=Path, help="the database; filled when it does not exist, and kept")
    parser.add_argument("--matching-process", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.matching_process:
        print(json.dumps(matching_process(given.keep, given.reads)))
        return
    with tempfile.TemporaryDirectory() as folder:
        path: Path = given.keep or Path(folder) / "lpr.db"
        if not path.exists():
            fill(path, given.entries)
        with open_database(path) as database:  # brought up to date, where an older lpr left it
            prepare(database)
        print(json.dumps(measure(path, given), indent=1))


def measure(path: Path, given: argparse.Namespace) -> dict[str, object]:
    same = ["--reads", str(given.reads), "--keep", str(path)]
    alone = [sys.executable, "-m", "tests.benchmarks.hotlist_match", "--matching-process", *same]
    matched = json.loads(subprocess.run(alone, check=True, stdout=subprocess.PIPE, text=True).stdout)
    with open_database(path, readonly=True) as database:
        shown = reads(database, max(1, given.loops))
        (count,) = database.rows("SELECT count(*) AS entries FROM entries WHERE active = 1 AND partial = 0")
        texts = "SELECT text FROM entries WHERE active = 1 AND partial = 0"
        listed = [row["text"] for row in database.each(texts)] if given.loops else []
    command = [sys.executable, "-m", "cli", "hotlist", "check", shown[0][0], "--db", str(path)]
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    checks = times(lambda _: subprocess.run(command, check=True, capture_output=True), 5)
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = spent.ru_utime + spent.ru_stime - used.ru_utime - used.ru_stime
    result: dict[str, object] = {
        "entries": count["entries"],
        "match_ms": {name: matched[name] for name in ("wall", "processor")},
        "resident_mb": matched["mb"],
        "check_s": {"wall": round(checks["wall"]["median"] / 1000, 3), "processor": round(processor / 5, 3)},
    }
    if given.loops:
        loops = {"loop": lambda n: [p for p in listed if within_one_edit(shown[n][1].text, p)]}
        if find_spec("rapidfuzz"):
            from rapidfuzz import process
            from rapidfuzz.distance import Levenshtein

            loops["rapidfuzz"] = lambda n: process.extract(
                shown[n][1].text, listed, scorer=Levenshtein.distance, score_cutoff=1, limit=None
            )
        for name, loop in loops.items():
            taken = times(loop, given.loops)
            result[f"{name}_ms"] = {clock: figures["median"] for clock, figures in taken.items()}
            faster = taken["processor"]["median"] / matched["processor"]["median"]
            result[f"times_faster_than_{name}"] = round(faster)
    return result


if __name__ == "__main__":
    main()
