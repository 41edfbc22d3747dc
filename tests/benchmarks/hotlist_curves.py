"""What of misreads is found, and what of plates on no list alerts: tiers against a plain distance of at most one.

    python -m tests.benchmarks.hotlist_curves --entries 250000
    python -m tests.benchmarks.hotlist_curves --keep /tmp/five-million.db --reads 10000

The list is ``hotlist_match``'s; misreads are drawn from the table of confusions by a simulated reader
(``lpr.hotlist.simulated``). Prints one JSON object: the share of listed plates that is found and the false alerts of
plates that are on no list, per tier set and least score. ``as_shipped`` is what a list with all tiers does,
``equal_recall`` what it does from the highest score on with which it finds as many as distance ≤ 1 does; both with how
many times fewer false alerts than distance ≤ 1 they have. ``hotlist_reads`` asks the same of real reads.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from lpr.hotlist.confusion import FOLDED
from lpr.hotlist.entry import TIERS
from lpr.hotlist.lists import HotLists
from lpr.normalize import key
from lpr.plates import Transcript
from lpr.records.schema import Database, open_database
from tests.benchmarks.hotlist_match import fill, prepare, reads


def edits(text: str) -> set[str]:
    """All texts at most one edit from ``text``: the loop's answer without the loop."""
    found = {text}
    for i in range(len(text) + 1):
        found.update(text[:i] + d + text[i:] for d in FOLDED)
        if i < len(text):
            found.update(text[:i] + d + text[i + 1 :] for d in FOLDED)
            found.add(text[:i] + text[i + 1 :])
    return found


def number_listed(database: Database, keys: Iterable[str]) -> int:
    """How many active entries have one of these keys."""
    found = "SELECT count(*) AS n FROM json_each(?) AS k CROSS JOIN entries ON entries.key = k.value AND active = 1"
    return int(database.rows(found, (json.dumps(list(keys)),))[0]["n"])


def curves(database: Database, shown: Sequence[tuple[str, Transcript]]) -> dict[str, object]:
    """Recall and false alerts of distance ≤ 1 and of the tiers, over least scores.

    ``recall`` is the share of listed plates that are found; ``false_alerts`` are entries that plates on no list alert
    for, per plate.
    """
    lists = HotLists(database)
    wanted, others = shown[::2], shown[1::2]  # as ``reads`` draws them

    def share(number: int, of: Sequence[object]) -> float:
        return round(number / max(1, len(of)), 5)

    one_edit = {
        "recall": share(sum(key(text) in edits(key(t.text)) for text, t in wanted), wanted),
        "false_alerts": share(sum(number_listed(database, edits(key(t.text))) for _, t in others), others),
    }
    found = [[(h.tier, h.score) for h in lists.match(t) if key(h.plate) == key(text)] for text, t in wanted]
    wrong = [[(h.tier, h.score) for h in lists.match(t) if h.list == "list"] for _, t in others]
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
    # The highest score at which all tiers together find as many as distance ≤ 1 does.
    scores = sorted((max((score for _, score in hits), default=-1.0) for hits in found), reverse=True)
    enough = scores[max(1, round(one_edit["recall"] * len(wanted))) - 1]
    best: dict[str, object] | None = None
    if enough >= 0.0:
        best = {
            "tiers": "all",
            "least_score": enough,
            "recall": share(sum(score >= enough for score in scores), wanted),
            "false_alerts": share(sum(score >= enough for hits in wrong for _, score in hits), others),
        }

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
    parser.add_argument("--entries", type=int, default=250_000)
    parser.add_argument("--reads", type=int, default=40_000)
    parser.add_argument("--keep", type=Path, help="the database; filled when it does not exist, and kept")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path: Path = given.keep or Path(folder) / "lpr.db"
        if not path.exists():
            fill(path, given.entries)
        with open_database(path) as database:
            prepare(database)
        with open_database(path, readonly=True) as database:
            print(json.dumps(curves(database, reads(database, given.reads)), indent=1))


if __name__ == "__main__":
    main()
