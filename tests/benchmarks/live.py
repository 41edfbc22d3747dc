"""Many cameras at once: whether looks are missed, whether memory grows, how soon a lost camera is back, how soon a hit
is announced.

    python tests/benchmarks/live.py --cameras 8 --minutes 10 --rate 5

Streams the sample clip, then twice as long the empty street with a camera's noise, in a loop from a real RTSP server
(see tests/rtsp.py) to one lpr.Watch. In the middle the server of the first camera is killed, and started again ten
seconds later. Prints one JSON object; with --bars exits with 1 when one was missed: looks dropped (1 %), growth of
memory from the second fifth to the last (5 %), return of the killed camera (5 s), median from the arrival of a frame
to the announcement of the hit in it (1 s).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from rtsp import Server, missing, write_units  # noqa: E402

import lpr  # noqa: E402
from lpr.watch import Watch  # noqa: E402

CLIP, PLATE, READABLE_FROM = ROOT / "samples/clip.mp4", "KDP8253", 0.67  # samples/expected.csv
FPS = 12


def pictures(width: int) -> Iterator[np.ndarray]:
    """The clip, then its last picture twice as long with noise; ``width`` pixels wide."""
    chance = np.random.default_rng(1)
    with lpr.open_frames(CLIP) as frames:
        images = [frame.image for frame in frames]
    height = round(images[0].shape[0] * width / images[0].shape[1]) // 2 * 2
    images = [cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA) for image in images]
    # The car is far away in the last picture: paint it over with the street beside it.
    empty = cv2.medianBlur(images[-1], 31)
    noise = [chance.normal(0, 2, empty.shape).astype(np.int16) for _ in range(8)]
    for number in range(3 * len(images)):
        image = images[number] if number < len(images) else empty
        yield np.clip(image + noise[number % len(noise)], 0, 255).astype(np.uint8)


class Blind:
    """A detector that sees nothing, at once: what is left is lpr's own work and the decoding."""

    def detect(self, image: np.ndarray) -> list[lpr.PlateBox]:
        return []


def memory() -> float:
    """What this process has in memory, MiB."""
    with Path("/proc/self/statm").open() as stream:
        return int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def cpu() -> float:
    """Seconds of processor time that this process has had, its networks included, the RTSP servers not."""
    return time.process_time()


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    folder = Path(tempfile.mkdtemp(prefix="lpr-live-"))
    units = write_units(folder / "clip.units", pictures(arguments.width), FPS)
    database = lpr.open_database(folder / "lpr.db")
    lpr.HotLists(database).add(PLATE, "wanted", "TX", "stolen vehicle")
    recognizer = lpr.Recognizer(engine="cpu") if arguments.networks == "shipped" else lpr.Recognizer(Blind())
    names = [f"camera {number}" for number in range(arguments.cameras)]
    mounts = {name.replace(" ", ""): (units, FPS) for name in names}
    first = names[0].replace(" ", "")
    lonely = Server({first: mounts.pop(first)})
    others = Server(mounts) if mounts else None
    seconds, began = arguments.minutes * 60, cpu()
    samples: list[dict[str, float]] = []
    hits: list[tuple[str, float | None, float]] = []
    outage: dict[str, float] = {}
    lonely.start()
    if others is not None:
        others.start()
    try:
        servers = {name: lonely if name == names[0] else others for name in names}
        cameras = [
            replace(lpr.camera_at(server.url(name.replace(" ", ""))), name=name, rate=arguments.rate)
            for name, server in servers.items()
            if server is not None
        ]
        with Watch(cameras, recognizer, None, database) as watch:
            driver = threading.Thread(target=_drive, args=(watch, lonely, seconds, samples, outage), daemon=True)
            driver.start()
            for seen in watch:
                if seen.event == "hit":
                    # Not what was seen itself: its picture would count as growing memory.
                    hits.append((seen.sighting.camera or "", seen.delay, time.time()))
            driver.join(30)
            health = watch.health()
        loops = {name: server.loops[name.replace(" ", "")] for name, server in servers.items() if server is not None}
    finally:
        lonely.kill()
        if others is not None:
            others.kill()
        database.close()
    return _result(arguments, seconds, health, samples, hits, loops, outage, began)


def _drive(
    watch: Watch, lonely: Server, seconds: float, samples: list[dict[str, float]], outage: dict[str, float]
) -> None:
    """Sample each second; kill one camera in the middle; end the watch."""
    while not any(one.seen for one in watch.health()):
        time.sleep(0.1)
    began = time.monotonic()
    while (passed := time.monotonic() - began) < seconds:
        time.sleep(1.0)
        health = watch.health()
        samples.append({
            "at": passed, "memory": memory(), "processed": sum(one.processed for one in health),
            "age": max((one.age or 0.0) for one in health[1:] or health), "behind": max(one.behind for one in health),
        })  # fmt: skip
        if passed > seconds / 2 and "killed" not in outage:
            outage["killed"] = time.monotonic()
            lonely.kill()
        elif "killed" in outage and "started" not in outage and time.monotonic() - outage["killed"] > 10.0:
            lonely.start()
            outage["started"] = time.monotonic()
            while watch.health()[0].state != "live" and time.monotonic() - outage["started"] < 60.0:
                time.sleep(0.02)
            outage["back"] = time.monotonic()
    watch.stop()


def _result(
    arguments: argparse.Namespace,
    seconds: float,
    health: list[Any],
    samples: list[dict[str, float]],
    hits: list[tuple[str, float | None, float]],
    loops: dict[str, list[float]],
    outage: dict[str, float],
    began: float,
) -> dict[str, Any]:
    processed, dropped = sum(one.processed for one in health), sum(one.dropped for one in health)
    fifth = max(1, len(samples) // 5)
    early = statistics.median(one["memory"] for one in samples[fifth : 2 * fifth] or samples)
    late = statistics.median(one["memory"] for one in samples[-fifth:])
    delays = [delay for _, delay, _ in hits if delay is not None]
    waits = [
        min((at - (loop + READABLE_FROM) for loop in loops[camera] if loop <= at), default=0.0)
        for camera, _, at in hits
    ]
    # Without the camera that was killed.
    steady = [one.processed / seconds for one in health[1:] or health]
    return {
        "cameras": arguments.cameras,
        "seconds": seconds,
        "width": arguments.width,
        "networks": arguments.networks,
        "wanted_rate": arguments.rate,
        "rate_least": round(min(steady), 2),
        "rate_mean": round(statistics.mean(steady), 2),
        "processed": processed,
        "looked": sum(one.looked for one in health),
        "dropped": dropped,
        "dropped_share": round(dropped / max(1, processed + dropped), 4),
        "oldest_frame": round(max(one["age"] for one in samples), 2),
        "behind": round(max(one["behind"] for one in samples), 2),
        "memory_early": round(early),
        "memory_late": round(late),
        "memory_each_minute": [round(one["memory"]) for one in samples[::60]],
        "memory_growth": round(late / early - 1, 4),
        "sightings": sum(one.sightings for one in health),
        "hits": len(hits),
        "passed": sum(len(times) for times in loops.values()),
        "cpu_cores": round((cpu() - began) / seconds, 2),
        "alerts": sum(one.alerts for one in health),
        "frame_to_alert": round(statistics.median(delays), 3) if delays else None,
        "readable_to_alert": round(statistics.median(waits), 3) if waits else None,
        "back_after": round(outage["back"] - outage["started"], 2) if "back" in outage else None,
        "load": round(os.getloadavg()[0], 1),
        "cores": os.cpu_count(),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cameras", type=int, default=8)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--rate", type=float, default=5.0)
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--networks", choices=["shipped", "none"], default="shipped")
    parser.add_argument("--bars", action="store_true")
    arguments = parser.parse_args()
    reason = missing()
    if reason is not None:
        print(reason, file=sys.stderr)
        return 2
    result = run(arguments)
    print(json.dumps(result, indent=1))
    missed = [
        name
        for name, bar in (
            ("dropped_share", 0.01),
            ("memory_growth", 0.05),
            ("back_after", 5.0),
            ("frame_to_alert", 1.0),
        )
        if result[name] is None or result[name] > bar
    ]
    for name in missed if arguments.bars else ():
        print(f"missed: {name} is {result[name]}", file=sys.stderr)
    return int(arguments.bars and bool(missed))


if __name__ == "__main__":
    sys.exit(main())
