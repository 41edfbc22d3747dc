"""Redaction, measured on made clips: ``python -m tests.benchmarks.redaction CLIP… [--keep FOLDER]``.

Each CLIP has its truth beside it (``tests.benchmarks.passings``). It is redacted, and then the reader is given the
place of every plate in every frame of the redacted film, as the truth knows it: no detector stands between. A plate is
legible where at most a quarter of what is read differs from its text. The same reads of the clip itself say how many
were legible before. ``--keep`` leaves the redacted films in a folder, to be looked at.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np

import lpr
from lpr.normalize import fold
from lpr.plates import Box
from lpr.recognition.certainty import distance
from lpr.recognition.crop import cut
from lpr.recognition.redaction import FLOOR, redact
from lpr.recognition.settings import Settings
from tests.benchmarks import passings

#: Places of fewer pixels are not read: nothing narrower is legible.
_LEAST_WIDTH = 24


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", nargs="+", type=Path)
    parser.add_argument("--keep", type=Path)
    chosen = parser.parse_args()
    recognizer = lpr.Recognizer(engine="cpu", settings=Settings(detector_floor=FLOOR))
    with tempfile.TemporaryDirectory() as folder:
        for clip in chosen.clips:
            measure(clip, (chosen.keep or Path(folder)) / f"{clip.stem}-redacted.mp4", recognizer)


def measure(clip: Path, out: Path, recognizer: lpr.Recognizer) -> None:
    known = passings.load(clip)
    done = redact(clip, out, recognizer)
    before, after = legible(clip, known, recognizer), legible(out, known, recognizer)
    print(
        f"{clip.name}: {done.frames} frames, {len(known)} plates, {done.hidden} hidden; legible in "
        f"{len({frame for frame, _ in before})} frames before, in {len({frame for frame, _ in after})} after"
    )
    for text, count in Counter(text for _, text in after).most_common():
        print(f"  {text}: legible in {count} of {sum(t == text for _, t in before)} frames")


def legible(clip: Path, known: list[passings.Known], recognizer: lpr.Recognizer) -> list[tuple[int, str]]:
    """The frames of ``clip`` in which plates can be read, with their texts."""
    places: dict[int, list[tuple[str, Box]]] = {}
    for one in known:
        for frame, x1, y1, x2, y2 in one.boxes:
            places.setdefault(frame, []).append((one.text, Box(round(x1), round(y1), round(x2), round(y2))))
    found = []
    with lpr.open_frames(clip) as frames:
        for exposure in frames.exposures:
            if exposure.index in places:
                image = exposure.frame().image
                found += [(exposure.index, text) for text in _read(image, places[exposure.index], recognizer)]
    return found


def _read(image: np.ndarray, places: list[tuple[str, Box]], recognizer: lpr.Recognizer) -> list[str]:
    crops = [(text, cut(image, box)) for text, box in places if box.width >= _LEAST_WIDTH]
    crops = [(text, crop) for text, crop in crops if crop.size and crop.shape[1] >= _LEAST_WIDTH / 2]
    said = recognizer.reader.read([crop for _, crop in crops]) if crops else []
    pairs = zip((text for text, _ in crops), said, strict=True)
    return [text for text, read in pairs if distance(fold(read.text), fold(text)) <= max(1, len(text) // 4)]


if __name__ == "__main__":
    main()
