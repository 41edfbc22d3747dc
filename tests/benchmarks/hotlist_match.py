"""How fast a read is matched with a large hot list, in how much memory, and what of misreads and false alerts.

    python -m tests.benchmarks.hotlist_match --entries 500000
    python -m tests.benchmarks.hotlist_match --entries 5000000 --keep /tmp/five-million.db

The list is generated (invented plates in the format 1AAA111 of California, seed fixed) and written into a database
without an import, which ``hotlist_import`` measures. All tiers are on, near included. Prints one JSON object:

* ``match_ms``: one sighting with 10 candidates, in a process of its own that does nothing else, whose memory is
  ``resident_mb``.
* ``check_s``: ``lpr hotlist check PLATE`` from the shell.
* ``loop_ms``: the same reads by a plain loop with Levenshtein distance over the list, which is what is done
  elsewhere, and ``rapidfuzz_ms``: by that library's loop in C++, where it is installed. Both see the best text alone.
* ``curves``: of listed plates as a simulated reader reads them (``lpr.hotlist.simulated``) the share that is found, and
  the false alerts of plates that are on no list, per tier set and least score. ``as_shipped`` is what a list with all
  tiers does, ``equal_recall`` the best point of the curve that finds as many as distance ≤ 1 does; both with how many
  times fewer false alerts than distance ≤ 1. ``hotlist_reads`` asks the same of real reads.
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
from lpr.records.schema import now, open_database

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = "0123456789"
SEED = 7


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


def reads(entries: int, number: int) -> list[tuple[str, Transcript]]:
    """Plates and what they are read as; every other plate is a listed one."""
    listed_rng, rng = random.Random(SEED), random.Random(SEED + 1)
    wanted = sorted(rng.sample(range(entries), min(entries, number // 2)))
    listed: list[str] = []
    for n in range(wanted[-1] + 1):
        text = plate(listed_rng)
        if n == wanted[len(listed)]:
            listed.append(text)
    rng.shuffle(listed)
    reader = SimulatedReader(load(), rng)
    plates = [text for pair in zip(listed, (plate(rng) for _ in listed), strict=True) for text in pair]
    return [(text, with_ten(reader.read(text), rng)) for text in plates]


def matching_process(path: Path, entries: int, number: int) -> dict[str, object]:
    """Runs in a process of its own: matches, and nothing else; then says how long that took and how large it is."""
    shown = [transcript for _, transcript in reads(entries, number)]
    with open_database(path, readonly=True) as database:
        lists = HotLists(database)
        for transcript in shown[:20]:
            lists.match(transcript)
        taken = milliseconds(lambda n: lists.match(shown[n]), len(shown))
        worked = milliseconds(lambda n: lists.match(shown[n]), len(shown), time.process_time)
    return {
        "wall": shares(taken),
        "processor": shares(worked),
        "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def milliseconds(
    work: Callable[[int], object], times: int, clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    """Sorted. A machine that is busy with something else takes longer by the wall clock than in processor time."""
    taken = []
    for number in range(times):
        start = clock()
        work(number)
        taken.append((clock() - start) * 1000)
    return sorted(taken)


def shares(taken: Sequence[float]) -> dict[str, float]:
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


def edits(text: str) -> set[str]:
    """All texts at most one edit from ``text``: the loop's answer without the loop."""
    found = {text}
    for i in range(len(text) + 1):
        found.update(text[:i] + d + text[i:] for d in FOLDED)
        if i < len(text):
            found.update(text[:i] + d + text[i + 1 :] for d in FOLDED)
            found.add(text[:i] + text[i + 1 :])
    return found


def curves(lists: HotLists, listed: set[str], shown: Sequence[tuple[str, Transcript]]) -> dict[str, object]:
    """Recall and false alerts of distance ≤ 1 and of the tiers, over least scores.

    ``recall`` is the share of listed plates that are found; ``false_alerts`` are entries that plates on no list alert
    for, per plate.
    """
    wanted = [(text, transcript) for text, transcript in shown if text in listed]
    others = [(text, transcript) for text, transcript in shown if text not in listed]
    folded = {key(text) for text in listed}

    def share(number: int, of: Sequence[object]) -> float:
        return round(number / max(1, len(of)), 5)

    one_edit = {
        "recall": share(sum(key(text) in edits(key(t.text)) for text, t in wanted), wanted),
        "false_alerts": share(sum(len(folded & edits(key(t.text))) for _, t in others), others),
    }
    found = [[(h.tier, h.score) for h in lists.match(t) if key(h.plate) == key(text)] for text, t in wanted]
    wrong = [[(h.tier, h.score) for h in lists.match(t)] for _, t in others]
    sets = {"exact": 1, "exact, look-alike": 2, "exact, look-alike, candidate": 3, "all": 4}
    points = []
    for name, size in sets.items():
        for least in (0.0, 1e-4, 3e-4, 5e-4, 7e-4, 1e-3, 3e-3, 1e-2, 0.1):

            def kept(hits: list[tuple[str, float]], size: int = size, least: float = least) -> int:
                return sum(tier in TIERS[:size] and score >= least for tier, score in hits)

            points.append(
                {
                    "tiers": name,
                    "least_score": least,
                    "recall": share(sum(kept(hits) > 0 for hits in found), wanted),
                    "false_alerts": share(sum(map(kept, wrong)), others),
                }
            )
    equal = [point for point in points if float(str(point["recall"])) >= one_edit["recall"]]
    best = min(equal, key=lambda point: float(str(point["false_alerts"])), default=None)

    def times_fewer(point: dict[str, object]) -> float:
        return round(one_edit["false_alerts"] / max(float(str(point["false_alerts"])), 1 / len(others)), 1)

    return {
        "listed_reads": len(wanted),
        "unlisted_reads": len(others),
        "misread": share(sum(key(text) != key(t.text) for text, t in wanted), wanted),
        "distance_1": one_edit,
        "curve": points,
        "as_shipped": next({**p, "times_fewer": times_fewer(p)} for p in points if p["tiers"] == "all"),
        "equal_recall": best and {**best, "times_fewer": times_fewer(best)},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=500_000)
    parser.add_argument("--reads", type=int, default=4_000)
    parser.add_argument("--curve-reads", type=int, default=40_000)
    parser.add_argument("--loops", type=int, default=3, help="reads that the plain loop gets")
    parser.add_argument("--keep", type=Path, help="the database; filled when it does not exist, and kept")
    parser.add_argument("--matching-process", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.matching_process:
        print(json.dumps(matching_process(given.keep, given.entries, given.reads)))
        return
    with tempfile.TemporaryDirectory() as folder:
        path: Path = given.keep or Path(folder) / "lpr.db"
        if not path.exists():
            fill(path, given.entries)
        print(json.dumps(measure(path, given), indent=1))


def measure(path: Path, given: argparse.Namespace) -> dict[str, object]:
    same = ["--entries", str(given.entries), "--reads", str(given.reads), "--keep", str(path)]
    alone = [sys.executable, "-m", "tests.benchmarks.hotlist_match", "--matching-process", *same]
    matched = json.loads(subprocess.run(alone, check=True, capture_output=True, text=True).stdout)
    rng = random.Random(SEED)
    listed = [plate(rng) for _ in range(given.entries)]
    command = [sys.executable, "-m", "cli", "hotlist", "check", listed[-1], "--db", str(path)]
    checks = milliseconds(lambda _: subprocess.run(command, check=True, capture_output=True), 5)
    shown = reads(given.entries, max(given.curve_reads, 2 * given.loops))
    loop = milliseconds(lambda n: [p for p in listed if within_one_edit(shown[n][1].text, p)], given.loops)
    result: dict[str, object] = {
        "entries": given.entries,
        "match_ms": matched["wall"],
        "match_processor_ms": matched["processor"],
        "resident_mb": matched["mb"],
        "check_s": round(checks[len(checks) // 2] / 1000, 3),
        "loop_ms": shares(loop),
        "times_faster_than_the_loop": round(loop[len(loop) // 2] / matched["wall"]["median"]),
    }
    if find_spec("rapidfuzz"):
        from rapidfuzz import process
        from rapidfuzz.distance import Levenshtein

        def fast(n: int) -> object:
            return process.extract(shown[n][1].text, listed, scorer=Levenshtein.distance, score_cutoff=1, limit=None)

        library = milliseconds(fast, given.loops)
        result["rapidfuzz_ms"] = shares(library)
        result["times_faster_than_rapidfuzz"] = round(library[len(library) // 2] / matched["wall"]["median"])
    with open_database(path, readonly=True) as database:
        result["curves"] = curves(HotLists(database), set(listed), shown)
    return result


if __name__ == "__main__":
    main()
