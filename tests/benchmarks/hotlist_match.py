"""How fast a list comes in and a read is matched, against a plain loop with Levenshtein distance over the same list.

    python -m tests.benchmarks.hotlist_match --entries 100000

The list is generated (invented plates in the format 1AAA111 of California, seed fixed). Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from lpr.hotlist.lists import HotLists
from lpr.normalize import LOOK_ALIKES
from lpr.plates import Candidate
from lpr.records.schema import open_database

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = "0123456789"
ALIKE = {c: [other for other in members if other != c] for members in LOOK_ALIKES for c in members}


def plate(rng: random.Random) -> str:
    return "".join(rng.choice(letters) for letters in (DIGITS, *[LETTERS] * 3, *[DIGITS] * 3))


def misread(text: str, rng: random.Random) -> str:
    """``text`` with one character taken for a look-alike; unchanged where none has one."""
    places = [i for i, c in enumerate(text) if c in ALIKE]
    if not places:
        return text
    at = rng.choice(places)
    return text[:at] + rng.choice(ALIKE[text[at]]) + text[at + 1 :]


def candidates(text: str, rng: random.Random) -> tuple[Candidate, ...]:
    return (Candidate(text, 0.7), *(Candidate(misread(text, rng), 0.3 / 9) for _ in range(9)))


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


def milliseconds(work: Callable[[int], object], times: int) -> list[float]:
    """Sorted."""
    taken = []
    for number in range(times):
        start = time.perf_counter()
        work(number)
        taken.append((time.perf_counter() - start) * 1000)
    return sorted(taken)


def shares(taken: Sequence[float]) -> dict[str, float]:
    return {"median": round(taken[len(taken) // 2], 3), "p99": round(taken[int(len(taken) * 0.99)], 3)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--reads", type=int, default=2_000)
    parser.add_argument("--loops", type=int, default=3, help="reads that the plain loop gets")
    given = parser.parse_args()
    rng = random.Random(7)
    listed = [plate(rng) for _ in range(given.entries)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        with path.open("w") as file:
            file.write("plate,state,reason,case\n")
            file.writelines(f"{text},CA,stolen vehicle,26-{n:06}\n" for n, text in enumerate(listed))
        with open_database(Path(folder) / "lpr.db") as database:
            lists = HotLists(database)
            start = time.perf_counter()
            lists.import_file(path, "list")
            first = time.perf_counter() - start
            start = time.perf_counter()
            lists.import_file(path, "list")
            again = time.perf_counter() - start
            # half of the reads show a listed plate, one in four with a mistake
            seen = [rng.choice(listed) if n % 2 else plate(rng) for n in range(given.reads)]
            texts = [misread(text, rng) if n % 4 == 1 else text for n, text in enumerate(seen)]
            reads = [(text, candidates(text, rng)) for text in texts]
            ours = milliseconds(lambda n: lists.match(*reads[n]), len(reads))
            found = [any(h.plate == seen[n] for h in lists.match(*reads[n])) for n in range(1, len(reads), 2)]
        loop = milliseconds(lambda n: [p for p in listed if within_one_edit(texts[n], p)], given.loops)
    result = {
        "entries": given.entries,
        "import_lines_per_second": round(given.entries / first),
        "import_again_lines_per_second": round(given.entries / again),
        "match_ms": shares(ours),
        "listed_plates_found": round(sum(found) / len(found), 3),
        "levenshtein_loop_ms": shares(loop),
        "times_faster": round(loop[len(loop) // 2] / ours[len(ours) // 2]),
        "peak_memory_mb_with_the_generated_list": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
