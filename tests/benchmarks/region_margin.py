"""Do serial formats help the reader? Exact texts of labelled crops for each margin, on the split that chooses.

python -m tests.benchmarks.region_margin ../shared/plates [--split val]

Each crop is read once; then its candidates are weighed anew for each margin, with the formats of all regions, and
with those of the crop's own country (where it is known), as ``--region`` would name it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from lpr.normalize import fold, normalize
from lpr.plates import Transcript
from lpr.recognition.region import favour_formats
from lpr.recognition.region_table import parse_regions, regions
from lpr.training.score import calibration_error

MARGINS = (1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0)
#: What the data sets call countries → regions.
COUNTRIES = {"US": "us", "US/mixed": "us", "CA": "ca-bc", "EU": "eu", "RO": "ro", "ES": "es", "IT": "it", "BR": "br",
             "AR": "ar", "IN": "in"}  # fmt: skip


def read(folder: Path, split: str) -> list[tuple[str, str, Transcript]]:
    """Country, true text and transcript of every readable crop."""
    from lpr.plates import Box
    from lpr.recognition.crop import cut
    from lpr.recognition.engine import load_reader
    from lpr.recognition.settings import Settings
    from lpr.training.dataset import UNREADABLE, picture_of, read_crops

    reader = load_reader("cpu", "cpu", Settings())
    answer = []
    for crop in read_crops(folder, split):
        if crop.text and crop.flag not in UNREADABLE:
            image = picture_of(crop.image)
            if crop.box is not None:
                image = cut(image, Box(*(round(value) for value in crop.box)))
            answer.append((crop.country, normalize(crop.text), reader.read([image])[0]))
    return answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--split", default="val")
    given = parser.parse_args()
    rows = read(given.data, given.split)
    for named in (False, True):
        known = [row for row in rows if not named or COUNTRIES.get(row[0])]
        print(f"{'own country' if named else 'all regions'}: {len(known)} crops of {len(regions())} regions")
        for margin in MARGINS:
            strict = folded = mended = spoiled = 0
            pairs = []
            for country, text, transcript in known:
                codes = parse_regions(COUNTRIES[country]) if named else ()
                after = favour_formats(transcript, codes, margin)
                strict += after.text == text
                folded += fold(after.text) == fold(text)
                mended += after.text == text != transcript.text
                spoiled += after.text != text == transcript.text
                if after.text:
                    pairs.append((after.confidence, fold(after.text) == fold(text)))
            accepted = [right for confidence, right in pairs if confidence >= 0.9]
            share = 100 / len(known)
            print(
                f"  margin {margin:4}: strict {strict * share:.1f} %  folded {folded * share:.1f} %  "
                f"mended {mended}, spoiled {spoiled}  calibration error {calibration_error(pairs):.4f}  "
                f"accepted at 0.9: {len(accepted)}, wrong {len(accepted) - sum(accepted)}"
            )


if __name__ == "__main__":
    main()
