"""How long a photo takes, stage by stage, on both engines: ``python -m tests.benchmarks.photo_speed [FOLDER]``.

Every picture is resized to 1280 × 720 and goes through each engine in turn, so that the ratio holds on a machine whose
speed drifts. FOLDER holds photos; the default is the project's own samples.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from lpr.recognition.crop import cut
from lpr.recognition.engine import Engine, choose, load_detector, load_reader
from lpr.recognition.settings import Settings

SIZE = (1280, 720)
ROUNDS = 3
SAMPLES = Path(__file__).parents[2] / "samples"


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLES
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in {".jpg", ".jpeg", ".png", ".webp"})[:40]
    pictures = [cv2.resize(image, SIZE) for image in map(_read, files) if image is not None]
    engines = {name: _stages(name) for name in ("cpu", "torch")}
    times: dict[str, list[float]] = {}
    for number in range(ROUNDS + 1):  # the first round warms up
        for picture in pictures:
            for name, (detect, read) in engines.items():
                began = time.perf_counter()
                boxes = detect(picture)
                detected = time.perf_counter()
                read(picture, boxes)
                ended = time.perf_counter()
                if number:
                    plates = f"{name} read {len(boxes) if len(boxes) < 2 else '2+'} plates"
                    for stage, seconds in (
                        (f"{name} detect", detected - began),
                        (plates, ended - detected),
                        (f"{name} whole photo", ended - began),
                    ):
                        times.setdefault(stage, []).append(1000 * seconds)
    print(f"{len(pictures)} photos of {SIZE[0]} × {SIZE[1]}, {ROUNDS} rounds; ms, median (10th to 90th percentile)")
    for stage, values in sorted(times.items()):
        low, high = np.percentile(values, (10, 90))
        print(f"{stage:24} {statistics.median(values):7.1f} ({low:.1f} to {high:.1f})")
    ratio = statistics.median(times["torch whole photo"]) / statistics.median(times["cpu whole photo"])
    print(f"the cpu engine is {ratio:.1f} times as fast as the torch engine")


def _read(path: Path) -> np.ndarray | None:
    return cv2.imread(str(path))


def _stages(name: Engine) -> tuple[Callable[[np.ndarray], list], Callable[[np.ndarray, list], None]]:
    engine, device = choose(name, "cpu")
    settings = Settings()
    detector, reader = load_detector(engine, device, settings), load_reader(engine, device, settings)

    def detect(picture: np.ndarray) -> list:
        return [p for p in detector.detect(picture) if p.confidence >= settings.min_detector_confidence]

    def read(picture: np.ndarray, plates: list) -> None:
        if plates:
            reader.read([cut(picture, plate.box) for plate in plates])

    return detect, read


if __name__ == "__main__":
    main()
