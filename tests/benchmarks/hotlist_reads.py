"""What of real misreads is found, and what of plates on no list alerts: the reader's own reads of labelled photos.

    python -m tests.benchmarks.hotlist_reads ../shared/plates --split val --entries 250000
    python -m tests.benchmarks.hotlist_reads ../shared/plates --split val --crops

Every labelled plate that was read stands on a list, among ``--entries`` invented ones that have the forms of the
labelled ones. A read should hit its own entry; each other entry that it hits is a false alert. All tiers are on. Prints
one JSON object: ``distance_1`` is a plain distance of at most one over the best texts; ``tiers`` what the tiers find,
over least scores, ``equal_recall`` from the highest score on with which they find as many as the distance does. Letter
O counts as zero everywhere. The table of confusions is measured on the same split: its figures are few and smoothed,
but they have seen these reads.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

from lpr.hotlist.entry import TIERS, Entry
from lpr.hotlist.index import MemoryIndex
from lpr.hotlist.matcher import match
from lpr.hotlist.policy import Policy
from lpr.normalize import key
from lpr.plates import Transcript
from lpr.recognition.certainty import distance
from lpr.training.labelled import read_labelled
from tests.benchmarks.hotlist_curves import edits

DIGITS, LETTERS = "0123456789", "ABCDEFGHJKLMNPRSTUVWXYZ"
SEED = 7
#: Further from its label than this, a read is of something else.
FURTHEST = 3


def alike(text: str, rng: random.Random) -> str:
    """Another plate of the same form."""
    return "".join(rng.choice(DIGITS if c.isdigit() else LETTERS) for c in text)


def measure(reads: list[tuple[str, Transcript]], entries: int) -> dict[str, object]:
    reads = [(key(text), read) for text, read in reads if distance(key(read.text), key(text)) <= FURTHEST]
    rng = random.Random(SEED)
    labels = sorted({text for text, _ in reads})
    listed = {*labels, *(alike(rng.choice(labels), rng) for _ in range(entries))}
    index = MemoryIndex(
        (Entry(None, "list", text, text, None, "") for text in sorted(listed)), {"list": Policy(frozenset(TIERS))}
    )
    folded = {key(text) for text in listed}
    near = [edits(key(read.text)) & folded for _, read in reads]
    found: list[float] = []
    wrong: list[float] = []
    for text, read in reads:
        hits = match(index, read.text, read.candidates, characters=read.characters)
        found.append(max((hit.score for hit in hits if key(hit.plate) == text), default=-1.0))
        wrong += [hit.score for hit in hits if key(hit.plate) != text]
    number = len(reads)
    one_edit = {
        "recall": round(sum(text in texts for (text, _), texts in zip(reads, near, strict=True)) / number, 4),
        "false_alerts": sum(len(texts - {text}) for (text, _), texts in zip(reads, near, strict=True)),
    }
    enough = sorted(found, reverse=True)[max(1, round(one_edit["recall"] * number)) - 1]
    equal = {"least_score": enough, "false_alerts": sum(score >= enough for score in wrong)} if enough >= 0.0 else None
    return {
        "reads": number,
        "misread": sum(key(read.text) != text for text, read in reads),
        "entries": len(listed),
        "distance_1": one_edit,
        "equal_recall": equal,
        "tiers": [
            {
                "least_score": least,
                "recall": round(sum(score >= least for score in found) / number, 4),
                "false_alerts": sum(score >= least for score in wrong),
            }
            for least in (0.0, 3e-4, 1e-3, 3e-3, 1e-2, 0.1)
        ],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--split", default="val")
    parser.add_argument("--crops", action="store_true", help="the folder's labelled crops instead of its photos")
    parser.add_argument("--entries", type=int, default=250_000)
    given = parser.parse_args()
    if not given.dataset.is_dir():
        parser.error(f"{given.dataset} is no folder of labelled plates")
    reads = list(read_labelled(given.dataset, given.split, given.crops, "auto"))
    print(json.dumps(measure(reads, given.entries), indent=1))


if __name__ == "__main__":
    main()
