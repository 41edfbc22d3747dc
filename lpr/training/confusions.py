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
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lpr.errors import DatasetError
from lpr.normalize import ALPHABET, LOOK_ALIKES, normalize
from lpr.plates import Transcript
from lpr.recognition.certainty import distance

if TYPE_CHECKING:
    import numpy as np

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
#: Further from its label than this, a read is of something else: another plate, or a wrong label.
_FURTHEST = 3


@dataclass
class Counts:
    """What was seen: ``of[d]`` true characters d, of which ``read[d, c]`` were read as another c and ``missed[d]`` not.

    ``added[c]`` were read where nothing stands. ``plates`` were compared, ``wrong`` of them misread, ``unforeseen`` of
    these without the true text among the reader's candidates. ``left_out`` were reads of something else.
    """

    of: Counter[str] = field(default_factory=Counter)
    read: Counter[tuple[str, str]] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    added: Counter[str] = field(default_factory=Counter)
    plates: int = 0
    wrong: int = 0
    unforeseen: int = 0
    left_out: int = 0

    def add(self, text: str, transcript: Transcript) -> None:
        """Count one plate whose true text is known."""
        if distance(transcript.text, text) > min(_FURTHEST, len(text) // 2):
            self.left_out += 1
            return
        self.plates += 1
        self.of.update(text)
        if transcript.text != text:
            self.wrong += 1
            self.unforeseen += all(candidate.text != text for candidate in transcript.candidates)
        for seen, true in alignment(transcript.text, text):
            if not seen:
                self.missed[true] += 1
            elif not true:
                self.added[seen] += 1
            elif seen != true:
                self.read[true, seen] += 1


#: EasyOCR 1.7.2 on the 222 plates of OpenALPR's US set: its twelve most frequent confusions, true and read (FIELD
#: notes 5.2). They give the shape; the rate is that of a plate reader on the same plates, 97.96 % of characters right
#: (fast-plate-ocr 1.1.0, ditto).
_PUBLISHED = {
    "6G": 20, "5S": 18, "0O": 15, "4L": 15, "8B": 12, "7Z": 10, "8E": 10, "2Z": 8, "1I": 7, "1L": 7, "MH": 7, "FE": 7,
}  # fmt: skip
_PUBLISHED_RATE = 0.0204
_PUBLISHED_UNFORESEEN = 0.5
_PUBLISHED_ABOUT = (
    "published: EasyOCR's confusions on 222 US plates, scaled to the 2.04 % errors per character of a plate reader; "
    "not measured on lpr's own reader"
)


def published() -> tuple[Counts, str]:
    """The published counts, each character taken as equally frequent, and what they are."""
    counts = Counts(read=Counter({(pair[0], pair[1]): n for pair, n in _PUBLISHED.items()}))
    each = round(sum(_PUBLISHED.values()) / _PUBLISHED_RATE / len(ALPHABET))
    counts.of.update(dict.fromkeys(ALPHABET, each))
    counts.wrong = 100
    counts.unforeseen = round(100 * _PUBLISHED_UNFORESEEN)
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
    unforeseen = (counts.unforeseen + 5) / (counts.wrong + 10)
    return {"about": about, "unforeseen": _short(unforeseen), "missed": missed, "added": added, "read": read}


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


def read_labelled(dataset: Path, split: str | None, crops: bool, engine: str) -> Iterator[tuple[str, Transcript]]:
    """True text and transcript of every labelled plate that was read."""
    from typing import cast

    from lpr.plates import Box
    from lpr.recognition.crop import cut
    from lpr.recognition.engine import Engine, choose, load_reader
    from lpr.recognition.recognizer import Recognizer
    from lpr.training.dataset import UNREADABLE, read_crops, read_photos
    from lpr.training.evaluate import SAME_PLATE
    from lpr.training.score import pair

    if crops:
        reader = load_reader(*choose(cast(Engine, engine), None))
        for crop in read_crops(dataset, split):
            if crop.text and crop.flag not in UNREADABLE:
                image = _picture(crop.image)
                if crop.box is not None:
                    image = cut(image, Box(*(round(value) for value in crop.box)))
                transcript = reader.read([image])[0]
                if transcript.text:
                    yield normalize(crop.text), transcript
        return
    recognizer = Recognizer(engine=cast(Engine, engine))
    for photo in read_photos(dataset / "photos.jsonl", split):
        reads = recognizer.recognize(_picture(photo.image)).reads
        boxes = [read.plate.box for read in reads]
        found = [(float(b.x1), float(b.y1), float(b.x2), float(b.y2)) for b in boxes]
        pairs = pair(found, [plate.box for plate in photo.plates], SAME_PLATE)
        for labelled, index in pairs.items():
            plate = photo.plates[labelled]
            if plate.text and plate.flag not in UNREADABLE:
                yield normalize(plate.text), reads[index].transcript


def _picture(path: Path) -> np.ndarray:
    import cv2

    image = cv2.imread(str(path))
    if image is None:
        raise DatasetError(f"cannot read the picture {path}; restore it or delete its line")
    return image


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
        counts = measure(read_labelled(given.dataset, given.split, given.crops, given.engine))
        about = (
            f"measured on lpr's own reader: {counts.plates} plates of split {given.split}, "
            f"{sum(counts.of.values())} characters, {counts.wrong} plates misread, {counts.left_out} left out"
        )
    write(table(counts, about), given.to)
    most = ", ".join(f"{d} read as {c}: {n}" for (d, c), n in counts.read.most_common(12))
    sys.stderr.write(f"{given.to}: {about}\n{most}\n")


if __name__ == "__main__":
    main()
