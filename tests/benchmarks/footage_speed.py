"""Footage, measured in one run: ``python -m tests.benchmarks.footage_speed [--passings N] [--skip-plain] [CLIP…]``.

Without CLIP a clip of 1080p30 H.264 with known passings is made (``tests.benchmarks.passings``), traffic in sight a
third of the time. Each clip is decoded alone by PyAV and by OpenCV, then scanned, then read by the plain pipeline: the
detector on every frame, the reader on every box. Times are of wall and of processor; their ratios hold on a loaded
machine where the times themselves do not. Prints the passings found, missed and invented of both, against the truth
and of the scan against the plain pipeline, and the most memory that was in use.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np

import lpr
from lpr.normalize import fold
from lpr.plates import Sighting
from lpr.reading import Tally, Way, open_source, read
from lpr.recognition.certainty import distance
from tests.benchmarks import passings

Value = TypeVar("Value")

#: A sighting may be so far from the time of its passing, seconds.
_SLACK = 0.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", nargs="*", type=Path)
    parser.add_argument("--passings", type=int, default=40)
    parser.add_argument("--split", default="val")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--skip-plain", action="store_true")
    chosen = parser.parse_args()
    recognizer = lpr.Recognizer(engine="cpu")
    # The networks for footage are loaded with the first frame of it; that is start-up, not speed.
    recognizer.glance(np.zeros((384, 640, 3), np.uint8), 640)
    with tempfile.TemporaryDirectory() as folder:
        clips = chosen.clips
        if not clips:
            if not (passings.PHOTOS / "photos.jsonl").exists():
                raise SystemExit(f"{passings.PHOTOS} is not there: name clips")
            clips = [Path(folder) / "made.mp4"]
            passings.make(clips[0], split=chosen.split, count=chosen.passings, seed=chosen.seed)
        for clip in clips:
            measure(clip, recognizer, not chosen.skip_plain)


def measure(clip: Path, recognizer: lpr.Recognizer, plain: bool) -> None:
    print(f"\n{clip.name}")
    frames, pyav = timed(lambda: decode_pyav(clip))
    _, opencv = timed(lambda: decode_opencv(clip))
    print(f"{frames} frames; decoded by PyAV {said(pyav)}, by OpenCV {said(opencv)}: {opencv[1] / pyav[1]:.2f} times")
    found, scan = timed(lambda: sightings(clip, recognizer, Way()))
    print(f"scanned {said(scan)}, decoding times {scan[0] / pyav[0]:.2f} by wall, {scan[1] / pyav[1]:.2f} by processor")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"most memory {memory:,.0f} MiB")
    known = passings.load(clip) if passings.truth(clip).exists() else []
    judge("scan", found, known)
    if plain:
        every, slow = timed(lambda: sightings(clip, recognizer, Way(every=1)))
        print(f"plain pipeline {said(slow)}")
        print(f"the scan is {slow[0] / scan[0]:.1f} times as fast by wall, {slow[1] / scan[1]:.1f} by processor")
        judge("plain", every, known)
        both = [one for one in every if any(same(one, other) for other in found)]
        print(f"of the {len(every)} sightings of the plain pipeline the scan has {len(both)}")
        plates = [one for one in known if any(of(one, other) for other in every)]
        kept = [one for one in plates if any(of(one, other) for other in found)]
        print(f"of the {len(plates)} plates that it found the scan has {len(kept)}")


def judge(name: str, found: Sequence[Sighting], known: Sequence[passings.Known]) -> None:
    """Found: there is a sighting at the time of the passing with at most a quarter of the text wrong."""
    if not known:
        print(f"{name}: {[one.text for one in found]}")
        return
    left = list(found)
    exact = hits = 0
    missed = []
    for one in known:
        near = [s for s in left if _met(s, one.begin, one.end)]
        best = min(near, key=lambda s: distance(fold(s.text), fold(one.text)), default=None)
        if best is None or not _says(best, one.text):
            missed.append(f"{one.text} ({one.kind}, {[s.text for s in near]})")
            continue
        left.remove(best)
        hits += 1
        exact += fold(best.text) == fold(one.text)
    print(f"{name}: {len(known)} passings, {hits} found, {exact} exact, {len(missed)} missed, {len(left)} invented")
    if missed:
        print(f"  missed: {', '.join(missed)}")
    if left:
        print(f"  invented: {', '.join(f'{s.text} at {s.first_seen:.1f}' for s in left)}")


def of(known: passings.Known, found: Sighting) -> bool:
    """Whether ``found`` is a sighting of the passing ``known``."""
    return _met(found, known.begin, known.end) and _says(found, known.text)


def same(one: Sighting, other: Sighting) -> bool:
    return _met(other, one.first_seen, one.last_seen) and _says(other, one.text)


def _met(found: Sighting, begin: float, end: float) -> bool:
    return found.first_seen <= end + _SLACK and found.last_seen >= begin - _SLACK


def _says(found: Sighting, text: str) -> bool:
    return distance(fold(found.text), fold(text)) <= max(1, len(text) // 4)


def sightings(clip: Path, recognizer: lpr.Recognizer, way: Way) -> list[Sighting]:
    with open_source(str(clip), way, lambda event: None) as frames:
        steps = read(frames, recognizer, way, Tally(), lambda event: None)
        # Of the passings the sightings alone: their pictures would fill the memory that is measured.
        return [passing.sighting for step in steps for passing in step.passings]


def decode_pyav(clip: Path) -> int:
    with lpr.open_frames(clip) as frames:
        return sum(1 for _ in frames.exposures)


def decode_opencv(clip: Path) -> int:
    video = cv2.VideoCapture(str(clip))
    count = 0
    while video.grab():
        count += 1
    video.release()
    return count


def timed(work: Callable[[], Value]) -> tuple[Value, tuple[float, float]]:
    wall, processor = time.perf_counter(), time.process_time()
    value = work()
    return value, (time.perf_counter() - wall, time.process_time() - processor)


def said(times: tuple[float, float]) -> str:
    return f"in {times[0]:.1f} s ({times[1]:.1f} s of processor)"


if __name__ == "__main__":
    main()
