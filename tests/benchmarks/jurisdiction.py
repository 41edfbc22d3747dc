"""How well jurisdictions are told on labelled crops, for each weight of the text and each threshold.

python -m tests.benchmarks.jurisdiction ../shared/plates [--split val] [--weights 0 0.25 0.5]

Plates are those that ``lpr train jurisdiction`` holds out, the labels of ``photo_jurisdictions.csv`` and of
``european_bands.csv`` included; each is read by the shipped reader. ``--no-band`` leaves the bands unread. Printed are
the share whose most probable code is right, and for each threshold the share stated, and the share of these that is
wrong (abroad also: stated to be of a US state).
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

import numpy as np

from lpr.models.weights import weights
from lpr.plates import Candidate, Jurisdiction
from lpr.recognition.band import Bands, OnnxBandReader
from lpr.recognition.jurisdiction import Look, most_probable
from lpr.recognition.network import open_network
from lpr.recognition.plate_view import prepare, to_input
from lpr.recognition.settings import Settings
from lpr.training.jurisdiction_data import EUROPEAN, PlateOf, load_plates
from lpr.training.jurisdiction_score import LEGIBLE_WIDTH, JurisdictionScore, expected_of
from lpr.training.train_jurisdiction import seen_plainly

LABELS = Path(__file__).parent / "photo_jurisdictions.csv"
BANDS = Path(__file__).parent / "european_bands.csv"
THRESHOLDS = (0.0, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)


def group(plate: PlateOf) -> str:
    """What a plate counts for: catalogue crops, US and Canadian plates in photos by width, plates from elsewhere."""
    if plate.kind in ("catalogue", "state"):
        return "US catalogue crops" if plate.kind == "catalogue" else "US frontal crops with a text"
    if plate.kind == "banded":
        return "European crops, country known by the band"
    if not plate.code.startswith(("us-", "ca-")):
        return "elsewhere, country known" if expected(plate) not in (None, "eu") else "elsewhere"
    wide = plate.width >= LEGIBLE_WIDTH
    return (
        f"{'US' if plate.code.startswith('us-') else 'Canada'} in photos, {'at least' if wide else 'under'} 80 px wide"
    )


def expected(plate: PlateOf) -> str | None:
    if plate.code in ("foreign", "other"):
        return None
    return expected_of(plate.code, None) if plate.code == "eu" else plate.code


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--split", default="val")
    parser.add_argument("--weights", type=float, nargs="*", default=[0.0, 0.25, 0.5, 0.75, 1.0])
    parser.add_argument("--no-band", action="store_true")
    given = parser.parse_args()
    from lpr.recognition.engine import load_reader

    reader = load_reader("cpu", "cpu", Settings())
    look = Look.read(weights("plate_jurisdiction.json"))
    network = open_network(weights("plate_jurisdiction.onnx"))
    bands = OnnxBandReader(weights("plate_band.onnx"), Bands.read(weights("plate_band.json")))
    rows: list[tuple[PlateOf, np.ndarray, tuple[Candidate, ...], dict[str, float]]] = []
    for plate in load_plates(given.data, given.split, LABELS, BANDS):
        crop = seen_plainly(plate)
        logits = network(to_input([prepare(crop)]))[0]
        rows.append((plate, logits, reader.read([crop])[0].candidates, bands.read(crop)))
    for weight in given.weights:
        guesses = [
            most_probable(logits, look, candidates, weight, None if given.no_band else partial(dict, band))
            for _, logits, candidates, band in rows
        ]
        print(f"\nweight of the text {weight}")
        report([plate for plate, _, _, _ in rows], guesses)


def report(plates: list[PlateOf], guesses: list[Jurisdiction | None]) -> None:
    groups: dict[str, list[tuple[PlateOf, Jurisdiction | None]]] = {}
    for plate, guess in zip(plates, guesses, strict=True):
        groups.setdefault(group(plate), []).append((plate, guess))
        if group(plate).startswith("US "):
            groups.setdefault("US, all", []).append((plate, guess))
        if plate.kind == "photo" and plate.code in EUROPEAN:
            groups.setdefault(f"{plate.code} in photos, {_wide(plate.width)}", []).append((plate, guess))
    for name, members in sorted(groups.items()):
        print(f"  {name}: {len(members)}")
        for threshold in THRESHOLDS:
            score = JurisdictionScore()
            for plate, guess in members:
                score.count(expected(plate) or "nobody", guess, threshold)
            best = f"most probable right {score.best}  " if not threshold else ""
            if name.startswith("elsewhere"):
                best += f"stated as a US state {score.as_us}  "
            print(f"    from {threshold:<4} {best}stated {score.stated}  wrong {score.wrong}")


def _wide(width: float) -> str:
    return "under 80 px wide" if width < 80 else "80 to 159 px wide" if width < 160 else "from 160 px wide"


if __name__ == "__main__":
    main()
