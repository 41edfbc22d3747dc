"""How fast a hot list comes in, validated, and in how much memory: at first, again unchanged, and with a day's changes.

    python -m tests.benchmarks.hotlist_import --entries 500000
    python -m tests.benchmarks.hotlist_import --entries 5000000 --first --keep /tmp/five-million.db

The list is generated (invented plates in the format 1AAA111 of California, five columns, seed fixed); each import runs
in a process of its own. ``lines_per_second`` is by the clock and includes what other programs took from the machine,
``lines_per_cpu_second`` is by the processor time that the import used. ``resident_mb`` is the process's peak.
``beside``: what a matching read took meanwhile (ms), and how many of its answers were neither the old list's nor the
new one's. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from lpr.hotlist.lists import HotLists
from lpr.records.schema import open_database

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = "0123456789"
SEED = 7
#: The share of a list that is other the next day.
DAILY = 0.02

IMPORT = """
import json, resource, sys, time
from pathlib import Path
from lpr.hotlist.importer import import_file
from lpr.records.schema import open_database
with open_database(sys.argv[1]) as database:
    wall, cpu = time.perf_counter(), time.process_time()
    done = import_file(database, Path(sys.argv[2]), "list")
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
counts = {name: getattr(done, name) for name in ("added", "removed", "changed", "unchanged", "refused")}
print(json.dumps({**counts, "wall_s": round(wall, 1), "cpu_s": round(cpu, 1), "resident_mb": peak}))
"""


def plate(rng: random.Random) -> str:
    return "".join(rng.choice(letters) for letters in (DIGITS, *[LETTERS] * 3, *[DIGITS] * 3))


def write(path: Path, entries: int, day: int) -> None:
    """The list of a day: day 1 has other plates in ``DAILY`` of its lines than day 0."""
    rng, changes = random.Random(SEED), random.Random(SEED + 1)
    with path.open("w") as file:
        file.write("plate,state,reason,case,vehicle\n")
        for n in range(entries):
            text = plate(rng)
            if day and changes.random() < DAILY:
                text = plate(changes)
            file.write(f"{text},CA,stolen vehicle,26-{n:07},2019 Honda Accord gray\n")


def run(database: Path, path: Path, entries: int) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", IMPORT, str(database), str(path)], capture_output=True, text=True, check=True
    )
    figures: dict[str, Any] = json.loads(done.stdout)
    figures["lines_per_second"] = round(entries / max(figures["wall_s"], 0.1))
    figures["lines_per_cpu_second"] = round(entries / max(figures["cpu_s"], 0.1))
    return figures


def beside(database: Path, path: Path, gone: str, stays: str) -> dict[str, Any]:
    """Matches while a list is imported: a plate that both days have, and one that only the old one has."""
    taken: list[float] = []
    wrong = 0
    old = True
    with (
        open_database(database, readonly=True) as opened,
        subprocess.Popen(
            [sys.executable, "-c", IMPORT, str(database), str(path)], stdout=subprocess.DEVNULL
        ) as process,
    ):
        lists = HotLists(opened)
        while process.poll() is None:
            start = time.perf_counter()
            found = bool(lists.check(stays))
            taken.append((time.perf_counter() - start) * 1000)
            there = bool(lists.check(gone))
            # Once the old list is gone it does not come back.
            wrong += not found or (there and not old)
            old = there
            time.sleep(0.01)
    taken.sort()
    return {
        "median_ms": round(taken[len(taken) // 2], 2),
        "p99_ms": round(taken[int(len(taken) * 0.99)], 2),
        "wrong": wrong,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=500_000)
    parser.add_argument("--keep", type=Path, help="Leave the database here.")
    parser.add_argument("--first", action="store_true", help="The first import alone.")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        today, tomorrow = Path(folder, "today.csv"), Path(folder, "tomorrow.csv")
        write(today, given.entries, 0)
        database = given.keep or Path(folder, "lpr.db")
        first = run(database, today, given.entries)
        if given.first:
            print(json.dumps({"entries": given.entries, "first": first}, indent=1))
            return
        again = run(database, today, given.entries)
        write(tomorrow, given.entries, 1)
        old, new = (
            {line.partition(",")[0] for line in path.read_text().splitlines()[1:]} for path in (today, tomorrow)
        )
        meanwhile = beside(database, tomorrow, min(old - new), min(old & new))
    print(json.dumps({"entries": given.entries, "first": first, "again": again, "beside": meanwhile}, indent=1))


if __name__ == "__main__":
    main()
