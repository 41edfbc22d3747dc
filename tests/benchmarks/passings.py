"""Makes footage with known passings from real photos: ``python -m tests.benchmarks.passings CLIP --count 24``.

The surroundings of a labelled plate, cut from a photo, move over a roadside picture: nearer, away or across, with
motion blur, noise, a time overlay and H.264; plates of one line and of two, several vehicles at once when ``--busy`` is
more than 1. Nothing is shipped: photos are read at run time, the clip goes where it is told to. The truth is written
beside it, ``CLIP.json``: one object per passing, with the plate's box in each frame.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

PHOTOS = Path(__file__).parents[3] / "shared" / "plates"
SIZE, RATE = (1920, 1080), 30
#: Plates of fewer pixels in their photo are not taken, by default.
LEAST = 100.0
#: Traffic is in sight this share of the time; vehicles at a time when it is more than 1.
BUSY = 1 / 3
# How much of a vehicle moves with the plate: left and right, up, down; in widths of the plate.
_BESIDE, _ABOVE, _BELOW = 2.2, 1.8, 1.0
# A photo's plate is enlarged no more than this: there is no more to be seen in it.
_ENLARGED = 1.3
# A plate of which another vehicle hides more than this is not in sight.
_HIDDEN = 0.3


@dataclass(frozen=True)
class Known:
    """One passing as it was made: its text, when its plate was in the picture (seconds), its width at the widest.

    ``kind`` is "approaching", "leaving" or "crossing", ``lines`` how many its plate has. ``boxes`` are the frames in
    which the plate, or a part of it, was in the picture, with its place: frame, x1, y1, x2, y2.
    """

    text: str
    begin: float
    end: float
    width: float
    kind: str
    lines: int = 1
    boxes: tuple[tuple[int, float, float, float, float], ...] = ()


@dataclass(frozen=True, eq=False)
class _Vehicle:
    text: str
    lines: int
    picture: np.ndarray
    alpha: np.ndarray
    plate: tuple[float, float, float, float]  # centre, width and height inside the picture


@dataclass(frozen=True, eq=False)
class _Drive:
    vehicle: _Vehicle
    kind: str
    begin: int
    frames: int
    start: tuple[float, float, float]  # centre and width of the plate in the footage
    end: tuple[float, float, float]

    def at(self, frame: float) -> tuple[float, float, float]:
        t = (frame - self.begin) / self.frames
        (x1, y1, w1), (x2, y2, w2) = self.start, self.end
        width = 1 / ((1 - t) / w1 + t / w2)  # a steady speed towards the camera
        share = (width - w1) / (w2 - w1) if abs(w2 - w1) > 1 else t
        return x1 + share * (x2 - x1), y1 + share * (y2 - y1), width

    def plate(self, frame: float) -> tuple[float, float, float, float]:
        """The plate's box: x1, y1, x2, y2."""
        x, y, w = self.at(frame)
        h = w * self.vehicle.plate[3] / self.vehicle.plate[2]
        return x - w / 2, y - h / 2, x + w / 2, y + h / 2


def vehicles(
    photos: Path, split: str, rng: random.Random, least: float = LEAST, without: Collection[str] = ()
) -> list[_Vehicle]:
    """The legible plates of ``split``, at least ``least`` pixels wide, each text once, in an order that ``rng`` draws.

    Those whose text is in ``without`` are left out.
    """
    found: dict[str, _Vehicle] = {}
    for row in rows(photos, split):
        for plate in row["plates"]:
            if _usable(plate, least) and plate["text"] not in found and plate["text"] not in without:
                others = [other["box"] for other in row["plates"] if other is not plate]
                vehicle = _cut(photos / row["image"], plate, others)
                if vehicle is not None:
                    found[plate["text"]] = vehicle
    chosen = list(found.values())
    rng.shuffle(chosen)
    return chosen


def rows(photos: Path, split: str) -> list[dict[str, Any]]:
    lines = (photos / "photos.jsonl").read_text(encoding="utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row["split"] == split]


def _usable(plate: dict[str, Any], least: float = LEAST) -> bool:
    x1, _, x2, _ = plate["box"]
    return bool(plate["text"] and plate["checked"] and plate["flag"] in ("", "two_line") and x2 - x1 >= least)


def _cut(photo: Path, plate: dict[str, Any], others: list[list[float]]) -> _Vehicle | None:
    """The vehicle around ``plate``, without any of the plates ``others``; None where too little of it is left."""
    image = cv2.imread(str(photo))
    x1, y1, x2, y2 = plate["box"]
    cx, cy, w, h = (x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1
    left, top = max(0, round(cx - _BESIDE * w)), max(0, round(cy - _ABOVE * w))
    right, bottom = min(image.shape[1], round(cx + _BESIDE * w)), min(image.shape[0], round(cy + _BELOW * w))
    for ox1, oy1, ox2, oy2 in others:
        if ox1 < right and ox2 > left and oy1 < bottom and oy2 > top:
            # Cut off at the side on which the other plate lies.
            if ox1 >= x2:
                right = int(ox1)
            elif ox2 <= x1:
                left = int(ox2) + 1
            elif oy1 >= y2:
                bottom = int(oy1)
            else:
                top = int(oy2) + 1
    if min(cx - left, right - cx) < 0.7 * w or min(cy - top, bottom - cy) < h / 2 + 0.15 * w:
        return None
    picture = image[top:bottom, left:right]
    alpha = np.zeros(picture.shape[:2], np.float32)
    edge = max(3, round(0.08 * w))
    alpha[edge:-edge, edge:-edge] = 1
    alpha = cv2.blur(alpha, (2 * edge - 1, 2 * edge - 1))
    lines = 2 if plate["flag"] == "two_line" or w < 1.7 * h else 1
    return _Vehicle(plate["text"], lines, picture, alpha[..., None], (cx - left, cy - top, w, h))


def drives(chosen: list[_Vehicle], rng: random.Random, size: tuple[int, int], busy: float) -> tuple[list[_Drive], int]:
    """A passing for each vehicle, and the number of frames that they take together."""
    width, height = size
    planned: list[_Drive] = []
    now, k = RATE, width / 1920
    for number, vehicle in enumerate(chosen):
        kind = ("approaching", "leaving", "crossing", "approaching")[number % 4]
        frames = round(RATE * rng.uniform(1.2, 2.5))
        lane = (0.2, 0.5, 0.8)[number % 3] if busy > 1 else rng.choice((0.25, 0.5, 0.75))
        most = _ENLARGED * vehicle.plate[2]
        if kind == "crossing":
            w, y = min(most, rng.uniform(80, 150) * k), rng.uniform(0.45, 0.8) * height
            side = rng.random() < 0.5
            start, end = (-0.6 * w, y, w), (width + 0.6 * w, y, 1.02 * w)
            start, end = (start, end) if side else (end, start)
        else:
            far = (width * (0.5 + 0.3 * (lane - 0.5)), 0.33 * height, rng.uniform(28, 40) * k)
            near = (width * lane + rng.uniform(-80, 80) * k, 1.05 * height, min(most, rng.uniform(110, 190) * k))
            start, end = (far, near) if kind == "approaching" else (near, far)
        planned.append(_Drive(vehicle, kind, now, frames, start, end))
        # Where traffic is thin every fifth vehicle is followed by the next one before it is gone.
        now += frames // 2 if busy < 1 and number % 5 == 4 else round(frames / busy)
    return planned, max(drive.begin + drive.frames for drive in planned) + RATE


def make(
    clip: Path,
    photos: Path = PHOTOS,
    split: str = "val",
    count: int | None = None,
    seed: int = 5,
    size: tuple[int, int] = SIZE,
    bframes: int = 3,
    skip: int = 0,
    busy: float = BUSY,
    least: float = LEAST,
    without: Collection[str] = (),
) -> list[Known]:
    """Write ``clip`` with ``count`` passings after ``skip`` (default: all); they are returned in order."""
    rng = random.Random(seed)
    chosen = vehicles(photos, split, rng, least, without)[skip:][:count]
    planned, total = drives(chosen, rng, size, busy)
    backdrops = [row["image"] for row in rows(photos, split) if not row["plates"] and "DarkPlate" in row["source"]]
    ground = cv2.resize(cv2.imread(str(photos / rng.choice(backdrops))), size, interpolation=cv2.INTER_CUBIC)
    noise = np.random.default_rng(seed)
    grains = [noise.normal(0, 3, (size[1], size[0], 1)).astype(np.int8) for _ in range(5)]
    seen: dict[int, list[tuple[int, float, float, float, float]]] = {}
    with av.open(str(clip), "w") as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.options = {"preset": "veryfast", "crf": "24", "bf": str(bframes), "g": str(2 * RATE)}
        for frame in range(total):
            image = ground.copy()
            # Those that are nearer hide those that are farther away.
            there = [n for n, drive in enumerate(planned) if drive.begin <= frame < drive.begin + drive.frames]
            there.sort(key=lambda n: planned[n].at(frame)[2])
            places = {n: _paste(image, planned[n], frame) for n in there}
            for i, number in enumerate(there):
                box = planned[number].plate(frame)
                in_picture = _covered(box, (0, 0, *size))
                if in_picture > 0.0 and all(_covered(box, places[n]) <= _HIDDEN for n in there[i + 1 :]):
                    seen.setdefault(number, []).append((frame, *(round(v, 1) for v in box)))
            _overlay(image, frame)
            grain = np.roll(grains[frame % 5], 37 * frame % 411, axis=1)
            image = cv2.add(image, np.broadcast_to(grain, image.shape), dtype=cv2.CV_8U)
            for packet in stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    known = []
    for number, boxes in sorted(seen.items()):
        whole = [box for box in boxes if _covered(box[1:], (0, 0, *size)) >= 0.999] or boxes
        begin, end, widest = whole[0][0] / RATE, whole[-1][0] / RATE, max(x2 - x1 for _, x1, _, x2, _ in whole)
        vehicle = planned[number].vehicle
        known.append(Known(vehicle.text, begin, end, widest, planned[number].kind, vehicle.lines, tuple(boxes)))
    truth(clip).write_text(json.dumps([asdict(one) for one in known]), encoding="utf-8")
    return known


def truth(clip: Path) -> Path:
    return clip.with_name(clip.name + ".json")


def load(clip: Path) -> list[Known]:
    rows = json.loads(truth(clip).read_text(encoding="utf-8"))
    return [Known(**{**row, "boxes": tuple(map(tuple, row.get("boxes", ())))}) for row in rows]


def _covered(box: tuple[float, ...], by: tuple[float, ...]) -> float:
    """The share of ``box`` that lies in ``by``."""
    w, h = min(box[2], by[2]) - max(box[0], by[0]), min(box[3], by[3]) - max(box[1], by[1])
    return max(0.0, w) * max(0.0, h) / ((box[2] - box[0]) * (box[3] - box[1]))


def _paste(image: np.ndarray, drive: _Drive, frame: int) -> tuple[int, int, int, int]:
    """Draw the vehicle; the part of the picture that it hides: x1, y1, x2, y2."""
    vehicle = drive.vehicle
    x, y, w = drive.at(frame)
    # An exposure of a 1/300 s, as cameras that are to read plates are set.
    before, after = drive.at(frame - 0.05), drive.at(frame + 0.05)
    scale = w / vehicle.plate[2]
    matrix = np.array([[scale, 0, x - scale * vehicle.plate[0]], [0, scale, y - scale * vehicle.plate[1]]], np.float32)
    h0, w0 = vehicle.picture.shape[:2]
    left, top = max(0, int(matrix[0, 2])), max(0, int(matrix[1, 2]))
    right = min(image.shape[1], int(matrix[0, 2] + scale * w0) + 1)
    bottom = min(image.shape[0], int(matrix[1, 2] + scale * h0) + 1)
    if right - left < 2 or bottom - top < 2:
        return left, top, left, top
    # Shrunk first by whole averages: warping alone would leave the aliasing of a bad camera.
    small = cv2.resize(vehicle.picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    mask = cv2.resize(vehicle.alpha, (small.shape[1], small.shape[0]))
    moved = np.array([[1, 0, matrix[0, 2] - left], [0, 1, matrix[1, 2] - top]], np.float32)
    span = (right - left, bottom - top)
    patch = cv2.warpAffine(small, moved, span, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    alpha = cv2.warpAffine(mask, moved, span, flags=cv2.INTER_LINEAR)[..., None]
    dx, dy = round(after[0] - before[0]), round(after[1] - before[1])
    length = max(abs(dx), abs(dy))
    if length > 1:
        kernel = np.zeros((2 * length + 1, 2 * length + 1), np.float32)
        cv2.line(kernel, (length - dx // 2, length - dy // 2), (length + dx // 2, length + dy // 2), 1)
        patch = cv2.filter2D(patch, -1, kernel / kernel.sum())
    under = image[top:bottom, left:right]
    under[:] = (alpha * patch + (1 - alpha) * under).astype(np.uint8)
    return left, top, right, bottom


def _overlay(image: np.ndarray, frame: int) -> None:
    """What a camera writes into its picture: its name, the date, the running time."""
    seconds, hundredths = divmod(frame * 100 // RATE, 100)
    written = f"CAM01 2024-05-17 14:{seconds // 60 % 60:02}:{seconds % 60:02}.{hundredths:02}"
    scale = image.shape[1] / 1920
    for colour, thick in (((0, 0, 0), 6), ((255, 255, 255), 2)):
        place = (round(30 * scale), round(60 * scale))
        cv2.putText(image, written, place, cv2.FONT_HERSHEY_SIMPLEX, 1.3 * scale, colour, max(1, round(thick * scale)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clip", type=Path)
    parser.add_argument("--photos", type=Path, default=PHOTOS)
    parser.add_argument("--split", default="val")
    parser.add_argument("--count", type=int)
    parser.add_argument("--skip", type=int, default=0)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--busy", type=float, default=BUSY)
    parser.add_argument("--least", type=float, default=LEAST, help="the least width of a plate in its photo, pixels")
    parser.add_argument("--without", type=Path, nargs="*", default=(), help="clips whose plates are left out")
    parser.add_argument("--size", type=int, nargs=2, default=SIZE)
    chosen = parser.parse_args()
    known = make(
        chosen.clip,
        chosen.photos,
        chosen.split,
        chosen.count,
        chosen.seed,
        tuple(chosen.size),
        skip=chosen.skip,
        busy=chosen.busy,
        least=chosen.least,
        without={known.text for clip in chosen.without for known in load(clip)},
    )
    print(f"{len(known)} passings in {chosen.clip}, truth in {truth(chosen.clip)}")


if __name__ == "__main__":
    main()
