"""Memory over long footage: ``python -m tests.benchmarks.footage_memory CLIP [--minutes 60]``.

CLIP is put behind itself, without being encoded anew, until there are that many minutes of it. The result is scanned
onto a record of its own; prints the memory in use after each twelfth, the time, and the most memory that was in use.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

import av

import lpr
from lpr.events import Event, Went


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clip", type=Path)
    parser.add_argument("--minutes", type=float, default=60)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        long = Path(folder) / "long.mkv"
        frames = repeat(chosen.clip, long, 60 * chosen.minutes)
        print(f"{frames} frames, {long.stat().st_size / 2**20:,.0f} MiB", flush=True)
        measure(long, Path(folder) / "record.db", frames)


def repeat(clip: Path, long: Path, seconds: float) -> int:
    """Write ``clip`` to ``long`` again and again, at least ``seconds`` of it; how many frames that are."""
    begin, frames = 0.0, 0
    with av.open(str(long), "w") as out:
        stream = None
        while begin < seconds:
            with av.open(str(clip)) as source:
                video = source.streams.video[0]
                assert video.time_base is not None and video.duration is not None  # it is a clip that was made
                stream = stream if stream is not None else out.add_stream_from_template(video)
                ticks = round(begin / video.time_base)
                for packet in source.demux(video):
                    if packet.dts is None or packet.pts is None:
                        continue
                    packet.pts, packet.dts, packet.stream = packet.pts + ticks, packet.dts + ticks, stream
                    out.mux(packet)
                    frames += 1
                begin += float(video.duration * video.time_base)
    return frames


def measure(long: Path, record: Path, frames: int) -> None:
    began, processor = time.perf_counter(), time.process_time()
    told = 0

    def hear(event: Event) -> None:
        nonlocal told
        if isinstance(event, Went) and event.frame >= told * frames / 12:
            told += 1
            print(f"frame {event.frame:7,}: {in_use():,.0f} MiB after {time.perf_counter() - began:.0f} s", flush=True)

    with lpr.open_database(record) as database:
        recognizer = lpr.Recognizer(engine="cpu")
        sightings = sum(1 for _ in lpr.scan([str(long)], recognizer, database=database, on_event=hear))
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    spent, used = time.perf_counter() - began, time.process_time() - processor
    print(f"{sightings} sightings in {spent:.0f} s ({used:.0f} s of processor); at most {most:,.0f} MiB")


def in_use() -> float:
    """The memory of this process that is in use, MiB; where the system doesn't tell, the most that was."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
