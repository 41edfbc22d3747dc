"""Makes footage with known passings from real photos: ``python -m tests.benchmarks.passings CLIP [PHOTOS] [SPLIT]``.

The surroundings of a labelled plate, cut from a photo, move over a roadside picture: nearer, away or across, with
motion blur, noise, a time overlay and H.264. Nothing is shipped: photos are read at run time, the clip goes where it is
told to. The truth is written beside it, ``CLIP.json``: one object per passing.
"""

from __future__ import annotations

import json
import random
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import av
import cv2
import numpy as np

PHOTOS = Path(__file__).parents[3] / "shared" / "plates"
SIZE, RATE = (1920, 1080), 30
#: Traffic is in sight this share of the time.
BUSY = 1 / 3
# How much of a vehicle moves with the plate: left and right, up, down; in widths of the plate.
_BESIDE, _ABOVE, _BELOW = 2.2, 1.8, 1.0


@dataclass(frozen=True)
class Known:
    """One passing as it was made: its text, when its plate was in the picture (seconds), its width at the widest."""

    text: str
    begin: float
    end: float
    width: float
    kind: str


@dataclass(frozen=True, eq=False)
class _Vehicle:
    text: str
    picture: np.ndarray
    alpha: np.ndarray
    plate: tuple[float, float, float]  # centre and width inside the picture


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


def vehicles(photos: Path, split: str, rng: random.Random) -> list[_Vehicle]:
    """The photos of ``split`` with one legible plate, at least 110 pixels wide, each plate once."""
    found: dict[str, _Vehicle] = {}
    for row in map(json.loads, (photos / "photos.jsonl").read_text(encoding="utf-8").splitlines()):
        if row["split"] != split or len(row["plates"]) != 1:
            continue
        (plate,) = row["plates"]
        x1, y1, x2, y2 = plate["box"]
        wide = x2 - x1 >= 110 and x2 - x1 > 1.7 * (y2 - y1)
        if not plate["text"] or plate["flag"] or not plate["checked"] or not wide or plate["text"] in found:
            continue
        image = cv2.imread(str(photos / row["image"]))
        cx, cy, w = (x1 + x2) / 2, (y1 + y2) / 2, x2 - x1
        left, top = max(0, round(cx - _BESIDE * w)), max(0, round(cy - _ABOVE * w))
        right, bottom = min(image.shape[1], round(cx + _BESIDE * w)), min(image.shape[0], round(cy + _BELOW * w))
        if min(cx - left, right - cx) < 0.7 * w or min(cy - top, bottom - cy) < 0.3 * w:
            continue
        picture = image[top:bottom, left:right]
        alpha = np.zeros(picture.shape[:2], np.float32)
        edge = max(3, round(0.08 * w))
        alpha[edge:-edge, edge:-edge] = 1
        alpha = cv2.blur(alpha, (2 * edge - 1, 2 * edge - 1))[..., None]
        found[plate["text"]] = _Vehicle(plate["text"], picture, alpha, (cx - left, cy - top, w))
    chosen = list(found.values())
    rng.shuffle(chosen)
    return chosen


def drives(chosen: list[_Vehicle], rng: random.Random, size: tuple[int, int]) -> tuple[list[_Drive], int]:
    """A passing for each vehicle, and the number of frames that they take together."""
    width, height = size
    planned: list[_Drive] = []
    now, k = RATE, width / 1920
    for number, vehicle in enumerate(chosen):
        kind = ("approaching", "leaving", "crossing", "approaching")[number % 4]
        frames = round(RATE * rng.uniform(1.2, 2.5))
        lane = rng.choice((0.25, 0.5, 0.75))
        if kind == "crossing":
            w, y = rng.uniform(80, 150) * k, rng.uniform(0.45, 0.8) * height
            side = rng.random() < 0.5
            start, end = (-0.6 * w, y, w), (width + 0.6 * w, y, 1.02 * w)
            start, end = (start, end) if side else (end, start)
        else:
            far = (width * (0.5 + 0.3 * (lane - 0.5)), 0.33 * height, rng.uniform(28, 40) * k)
            near = (width * lane + rng.uniform(-80, 80) * k, 1.05 * height, rng.uniform(110, 190) * k)
            start, end = (far, near) if kind == "approaching" else (near, far)
        planned.append(_Drive(vehicle, kind, now, frames, start, end))
        # Every fifth vehicle is followed by the next one before it is gone.
        now += frames // 2 if number % 5 == 4 else round(frames / BUSY)
    return planned, now + RATE


def make(
    clip: Path,
    photos: Path = PHOTOS,
    split: str = "val",
    count: int | None = None,
    seed: int = 5,
    size: tuple[int, int] = SIZE,
    bframes: int = 3,
) -> list[Known]:
    """Write ``clip`` with ``count`` passings (default: all that the photos give); they are returned in order."""
    rng = random.Random(seed)
    chosen = vehicles(photos, split, rng)[:count]
    planned, total = drives(chosen, rng, size)
    backdrops = [
        photos / row["image"]
        for row in map(json.loads, (photos / "photos.jsonl").read_text(encoding="utf-8").splitlines())
        if row["split"] == split and not row["plates"] and "DarkPlate" in row["source"]
    ]
    ground = cv2.resize(cv2.imread(str(rng.choice(backdrops))), size, interpolation=cv2.INTER_CUBIC)
    noise = np.random.default_rng(seed)
    grains = [noise.normal(0, 3, (size[1], size[0], 1)).astype(np.int8) for _ in range(5)]
    seen: dict[int, list[tuple[int, float]]] = {}
    with av.open(str(clip), "w") as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.options = {"preset": "veryfast", "crf": "24", "bf": str(bframes), "g": str(2 * RATE)}
        for frame in range(total):
            image = ground.copy()
            for number, drive in enumerate(planned):
                if drive.begin <= frame < drive.begin + drive.frames:
                    x, y, w = _paste(image, drive, frame)
                    if 0.5 * w <= x <= size[0] - 0.5 * w and 0.2 * w <= y <= size[1] - 0.2 * w:
                        seen.setdefault(number, []).append((frame, w))
            _overlay(image, frame)
            grain = np.roll(grains[frame % 5], 37 * frame % 411, axis=1)
            image = cv2.add(image, np.broadcast_to(grain, image.shape), dtype=cv2.CV_8U)
            for packet in stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    known = [
        Known(
            planned[number].vehicle.text,
            frames[0][0] / RATE,
            frames[-1][0] / RATE,
            max(w for _, w in frames),
            planned[number].kind,
        )
        for number, frames in sorted(seen.items())
    ]
    truth(clip).write_text(json.dumps([asdict(one) for one in known], indent=1), encoding="utf-8")
    return known


def truth(clip: Path) -> Path:
    return clip.with_name(clip.name + ".json")


def load(clip: Path) -> list[Known]:
    return [Known(**row) for row in json.loads(truth(clip).read_text(encoding="utf-8"))]


def _paste(image: np.ndarray, drive: _Drive, frame: int) -> tuple[float, float, float]:
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
        return x, y, w
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
    return x, y, w


def _overlay(image: np.ndarray, frame: int) -> None:
    """What a camera writes into its picture: its name, the date, the running time."""
    seconds, hundredths = divmod(frame * 100 // RATE, 100)
    written = f"CAM01 2024-05-17 14:{seconds // 60 % 60:02}:{seconds % 60:02}.{hundredths:02}"
    scale = image.shape[1] / 1920
    for colour, thick in (((0, 0, 0), 6), ((255, 255, 255), 2)):
        place = (round(30 * scale), round(60 * scale))
        cv2.putText(image, written, place, cv2.FONT_HERSHEY_SIMPLEX, 1.3 * scale, colour, max(1, round(thick * scale)))


def main() -> None:
    clip = Path(sys.argv[1])
    photos = Path(sys.argv[2]) if len(sys.argv) > 2 else PHOTOS
    known = make(clip, photos, *sys.argv[3:4], *map(int, sys.argv[4:5]))
    print(f"{len(known)} passings in {clip}, truth in {truth(clip)}")


if __name__ == "__main__":
    main()
