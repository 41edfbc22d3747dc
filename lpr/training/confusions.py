"""Measures which characters the reader takes for which, and writes the table that hot list matching scores with.

    python -m lpr.training.confusions PLATES --split val
    python -m lpr.training.confusions --published

The first reads the labelled photos of a folder (``--crops``: its crops) as ``lpr eval`` does, and counts, over all
plates that were read, what stands in the read for each true character. The second uses published counts of other
readers, for a reader that has not been measured. Both write ``lpr/hotlist/confusions.json`` unless ``--to`` names
another file.

Few characters are seen often enough to count each pair. So that a confusion that did not happen to occur is improbable
and not impossible, ``PRIOR`` characters are added to what was seen of each, read with the overall rate of errors,
errors being spread over look-alikes, similar shapes and all characters by ``_SHARES``.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lpr.errors import DatasetError
from lpr.normalize import ALPHABET, LOOK_ALIKES, key
from lpr.plates import Transcript
from lpr.recognition.certainty import distance
from lpr.training.labelled import read_labelled

#: The table that lpr ships; by its place, since training knows nothing of hot lists.
SHIPPED = Path(__file__).parents[1] / "hotlist" / "confusions.json"
#: Characters added to what was seen of each.
PRIOR = 100
#: Characters that are mistaken for each other outside the classes of look-alikes (FIELD notes 3.6, 3.7 and 5.2).
_SIMILAR = ("38", "17", "27", "37", "VY", "MN", "MH", "NH", "EF", "4L", "4A", "PR", "CG", "UV", "8E", "7T", "1T", "1J",
            "IT", "IJ", "69", "3B", "68", "89", "KX", "VW", "0U", "0C", "9P", "FP", "HW", "MW", "LE", "5G",
            "39")  # fmt: skip
#: How errors are spread beforehand: over the class of look-alikes, over similar shapes, over all others.
_SHARES = (0.6, 0.25, 0.15)
#: Errors beforehand: characters that are left out, and characters read in a gap; thin ones three times as often,
#: since bolts and frames look like them. Chosen, not published.
_MISSED, _ADDED, _THIN = 0.002, 0.00002, "1IJLT7"
#: A read whose candidates have this much together leaves no room for another text.
SURE = 0.99
#: Further from its label than this, a read is of something else: another plate, or a wrong label.
_FURTHEST = 3


@dataclass
class Counts:
    """What was seen: ``of[d]`` true characters d, of which ``read[d, c]`` were read as another c and ``missed[d]`` not.

    ``added[c]`` were read where nothing stands. ``plates`` were compared, ``wrong`` of them misread. ``left_out`` were
    reads of something else. What follows takes letter O for zero, as matching does: of ``errors`` none of the reader's
    candidates set ``unforeseen`` right, and of these ``unsuspected`` are in reads whose candidates have ``SURE`` or
    more together. ``lost`` plates are said by no candidate, ``single`` of them with one error in the best one, which in
    ``gaps`` is a character more or less.
    """

    of: Counter[str] = field(default_factory=Counter)
    read: Counter[tuple[str, str]] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    added: Counter[str] = field(default_factory=Counter)
    plates: int = 0
    wrong: int = 0
    left_out: int = 0
    errors: int = 0
    unforeseen: int = 0
    unsuspected: int = 0
    lost: int = 0
    single: int = 0
    gaps: int = 0

    def add(self, text: str, transcript: Transcript) -> None:
        """Count one plate whose true text is known."""
        if distance(transcript.text, text) > min(_FURTHEST, len(text) // 2):
            self.left_out += 1
            return
        self.plates += 1
        self.of.update(text)
        self.wrong += transcript.text != text
        self._add_candidates(key(text), transcript)
        for seen, true in alignment(transcript.text, text):
            if not seen:
                self.missed[true] += 1
            elif not true:
                self.added[seen] += 1
            elif seen != true:
                self.read[true, seen] += 1

    def _add_candidates(self, text: str, transcript: Transcript) -> None:
        """Count which errors the reader tells of. ``text`` has letter O as zero, as everything here."""
        read = key(transcript.text)
        candidates = [key(candidate.text) for candidate in transcript.candidates]
        sure = sum(candidate.probability for candidate in transcript.candidates) >= SURE
        place = wrong = 0
        for c, d in alignment(read, text):
            if c != d:
                wrong += 1
                foreseen = any(_sets_right(candidate, read, place, c, d) for candidate in candidates)
                self.errors += 1
                self.unforeseen += not foreseen
                self.unsuspected += sure and not foreseen
            place += len(c)
        if read != text and text not in candidates:
            self.lost += 1
            self.single += wrong == 1
            self.gaps += wrong == 1 and len(read) != len(text)


def _sets_right(candidate: str, read: str, place: int, c: str, d: str) -> bool:
    """Whether a candidate says ``d`` where the read at ``place`` says ``c``; one of them may be nothing."""
    if c and d:
        return len(candidate) == len(read) and candidate[place] == d
    return candidate == read[:place] + d + read[place + len(c) :]


#: EasyOCR 1.7.2 on the 222 plates of OpenALPR's US set: its twelve most frequent confusions, true and read (FIELD
#: notes 5.2). They give the shape; the rate is that of a plate reader on the same plates, 97.96 % of characters right
#: (fast-plate-ocr 1.1.0, ditto).
_PUBLISHED = {
    "6G": 20, "5S": 18, "0O": 15, "4L": 15, "8B": 12, "7Z": 10, "8E": 10, "2Z": 8, "1I": 7, "1L": 7, "MH": 7, "FE": 7,
}  # fmt: skip
_PUBLISHED_RATE = 0.0204
_PUBLISHED_ABOUT = (
    "published: EasyOCR's confusions on 222 US plates, scaled to the 2.04 % errors per character of a plate reader; "
    "not measured on lpr's own reader"
)


def published() -> tuple[Counts, str]:
    """The published counts, each character taken as equally frequent, and what they are."""
    counts = Counts(read=Counter({(pair[0], pair[1]): n for pair, n in _PUBLISHED.items()}))
    each = round(sum(_PUBLISHED.values()) / _PUBLISHED_RATE / len(ALPHABET))
    counts.of.update(dict.fromkeys(ALPHABET, each))
    counts.errors, counts.unforeseen, counts.unsuspected = 100, 50, 20
    counts.lost, counts.single, counts.gaps = 50, 40, 4
    return counts, _PUBLISHED_ABOUT


def table(counts: Counts, about: str) -> dict[str, object]:
    """The table as ``lpr.hotlist.confusion`` loads it."""
    total = sum(counts.of.values())
    if not total:
        raise DatasetError("no labelled plate was read; see: lpr eval PLATES --split val")
    rate = (sum(counts.read.values()) + 1) / (total + 1)
    read = {}
    missed = {}
    added = {}
    for d in ALPHABET:
        seen = counts.of[d] + PRIOR
        read[d] = {c: _short((counts.read[d, c] + PRIOR * rate * share) / seen) for c, share in _spread(d).items()}
        thin = 3 if d in _THIN else 1
        missed[d] = _short((counts.missed[d] + PRIOR * _MISSED * thin) / seen)
        added[d] = _short((counts.added[d] + PRIOR * len(ALPHABET) * _ADDED * thin) / (total + PRIOR * len(ALPHABET)))
    return {
        "about": about,
        # Few errors are seen: what is expected of any reader counts as ten more.
        "unforeseen": _short((counts.unforeseen + 3) / (counts.errors + 10)),
        "unsuspected": _short((counts.unsuspected + 0.5) / (counts.errors + 10)),
        "single": _short((counts.single + 5) / (counts.lost + 10)),
        "gaps": _short((counts.gaps + 2) / (counts.single + 10)),
        "missed": missed,
        "added": added,
        "read": read,
    }


def _spread(d: str) -> dict[str, float]:
    """How the errors on a true character are spread over the others beforehand; adds up to 1."""
    alike = {c for members in LOOK_ALIKES if d in members for c in members if c != d}
    similar = {c for pair in _SIMILAR if d in pair for c in pair if c != d} - alike
    all_others = [c for c in ALPHABET if c != d]
    groups = [(share, group) for share, group in zip(_SHARES, (alike, similar, all_others), strict=True) if group]
    whole = sum(share for share, _ in groups)
    return {c: sum(share / whole / len(group) for share, group in groups if c in group) for c in all_others}


def _short(probability: float) -> float:
    """Three digits: more would be a claim."""
    return float(f"{probability:.3g}")


def alignment(read: str, text: str) -> list[tuple[str, str]]:
    """The characters of a read beside the true ones, with the fewest errors; "" where one of the two has none."""
    if len(read) == len(text) and sum(a != b for a, b in zip(read, text, strict=True)) <= 2:
        return list(zip(read, text, strict=True))
    best: list[list[tuple[int, list[tuple[str, str]]]]] = [[(0, [])]]
    for j, d in enumerate(text):
        best[0].append((j + 1, [*best[0][j][1], ("", d)]))
    for i, c in enumerate(read):
        row = [(i + 1, [*best[i][0][1], (c, "")])]
        for j, d in enumerate(text):
            ways = (
                (best[i][j][0] + (c != d), [*best[i][j][1], (c, d)]),
                (best[i][j + 1][0] + 1, [*best[i][j + 1][1], (c, "")]),
                (row[j][0] + 1, [*row[j][1], ("", d)]),
            )
            row.append(min(ways, key=lambda way: way[0]))
        best.append(row)
    return best[-1][-1][1]


def measure(pairs: Iterable[tuple[str, Transcript]]) -> Counts:
    counts = Counts()
    for text, transcript in pairs:
        counts.add(text, transcript)
    return counts


def reliability(pairs: Iterable[tuple[str, Transcript]]) -> list[tuple[str, float, int, float, float]]:
    """Whether plates say what candidates tell as often as they tell it.

    Rows of: what is told (``candidate`` the probability of one; ``rest`` what they leave of 1), the least of the bin,
    how many were in it, what they told on average, and how often it was so: the candidate was the plate's text; no
    candidate was. Letter O counts as zero.
    """
    bins: dict[tuple[str, float], list[float]] = {}
    for text, transcript in pairs:
        if distance(transcript.text, text) > min(_FURTHEST, len(text) // 2):
            continue
        told: dict[str, float] = {}
        for candidate in transcript.candidates:
            told[key(candidate.text)] = told.get(key(candidate.text), 0.0) + candidate.probability
        rows = [("candidate", chance, said == key(text)) for said, chance in told.items()]
        rows.append(("rest", max(0.0, 1.0 - sum(told.values())), key(text) not in told))
        for what, chance, so in rows:
            least = next((edge for edge in (0.3, 0.1, 0.03, 0.01, 0.003) if chance >= edge), 0.0)
            found = bins.setdefault((what, least), [0, 0.0, 0])
            found[0] += 1
            found[1] += chance
            found[2] += so
    return [(*of, int(n), told / n, so / n) for of, (n, told, so) in sorted(bins.items())]


def write(made: Mapping[str, object], path: Path) -> None:
    """Written beside and renamed into place: a matcher that starts meanwhile sees the old table or the new one."""
    beside = path.with_name(path.name + ".new")
    head = {name: value for name, value in made.items() if name != "read"}
    rows = made["read"]
    assert isinstance(rows, dict)
    lines = ",\n".join(f"  {json.dumps(d)}: {json.dumps(row)}" for d, row in rows.items())
    text = "".join(f"{json.dumps(name)}: {json.dumps(value)},\n" for name, value in head.items())
    beside.write_text(f'{{{text}"read": {{\n{lines}\n}}}}\n', encoding="utf-8")
    beside.replace(path)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m lpr.training.confusions", description=__doc__.splitlines()[0])
    parser.add_argument("dataset", type=Path, nargs="?", help="a folder with photos.jsonl (--crops: crops.jsonl)")
    parser.add_argument("--split", default="val", help="rows to read; never those that the reader was trained on")
    parser.add_argument("--crops", action="store_true", help="the folder's labelled crops instead of its photos")
    parser.add_argument("--engine", default="auto", choices=["auto", "cpu", "torch"])
    parser.add_argument("--published", action="store_true", help="the published counts, for a reader not yet measured")
    parser.add_argument("--to", type=Path, default=SHIPPED)
    given = parser.parse_args()
    if given.published:
        counts, about = published()
    elif given.dataset is None:
        parser.error("name the folder with the labelled plates, or --published")
    else:
        pairs = list(read_labelled(given.dataset, given.split, given.crops, given.engine))
        counts = measure(pairs)
        for what, least, number, told, so in reliability(pairs):
            sys.stderr.write(f"{what:9} from {least:<5}: {number:5}, told {told:.3f}, was so {so:.3f}\n")
        about = (
            f"measured on lpr's own reader: {counts.plates} plates of split {given.split}, "
            f"{sum(counts.of.values())} characters, {counts.wrong} plates misread, {counts.left_out} left out"
        )
    write(table(counts, about), given.to)
    most = ", ".join(f"{d} read as {c}: {n}" for (d, c), n in counts.read.most_common(12))
    sys.stderr.write(f"{given.to}: {about}\n{most}\n")


if __name__ == "__main__":
    main()
