"""Makes the sample pictures, the clip and expected.csv again. Everything in them is invented and drawn by this program.

Needs what lpr itself does not (see README.md beside this file)::

    python3.11 -m venv studio-env && studio-env/bin/pip install bpy==5.0.1 pillow "opencv-python-headless<4.12" av
    apt-get install fonts-roadgeek fonts-opendin fonts-liberation fonts-dejavu-core
    studio-env/bin/python samples/make_samples.py            # everything, about half an hour on two cores
    studio-env/bin/python samples/make_samples.py 03 clip    # only what starts so

The same seeds give the same scenes, plates and labels; the renderer's noise may differ between processors.
"""

from __future__ import annotations

import argparse
import csv
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from studio.camera import expose, save_jpeg
from studio.motion import Key, between
from studio.recipes import CLIP, PHOTOS, Clip, Photo
from studio.scene import HEIGHT, WIDTH, Part, Stage, build

HERE = Path(__file__).parent
COLUMNS = ("file", "text", "state", "x1", "y1", "x2", "y2", "first_seen", "last_seen")
SOFT = 0.6  # share of the pixels each way that is rendered where there is no plate
Row = dict[str, object]


def _box(corners: list[tuple[float, float]]) -> Part:
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return round(min(xs)), round(min(ys)), round(max(xs)), round(max(ys))


def _text(written: str) -> str:
    return "".join(c for c in written if c.isalnum())


def _rows(stage: Stage, file: str, states: tuple[str, ...]) -> list[Row]:
    """One row a plate that the picture shows whole; a picture without one has a row without text."""
    rows: list[Row] = []
    plates = [(car, plate) for car, _, plate in stage.cars if plate is not None]
    for (car, plate), state in zip(plates, states, strict=True):
        x1, y1, x2, y2 = _box(stage.corners(plate))
        if x1 < 0 or y1 < 0 or x2 > WIDTH or y2 > HEIGHT:
            raise ValueError(f"{file}: the plate {car.plate} is cut off at {x1, y1, x2, y2}; move the camera")
        rows.append({"file": file, "text": _text(car.plate), "state": state, "x1": x1, "y1": y1, "x2": x2, "y2": y2})
    return rows or [{"file": file, "text": ""}]


def make_photo(photo: Photo, samples: int, threads: int) -> list[Row]:
    """Renders and writes one picture: softly as a whole, sharply where the plates are."""
    stage = build(photo.scene)
    rows = _rows(stage, photo.file, photo.states)
    clean = stage.render(samples or photo.samples, threads, SOFT)
    for row in rows:
        if row["text"]:
            x1, y1, x2, y2 = (int(str(row[name])) for name in ("x1", "y1", "x2", "y2"))
            wide = x2 - x1
            part = _inside((x1 - wide, y1 - wide // 2, x2 + wide, y2 + wide // 2))
            clean = _blended(clean, stage.render(2 * (samples or photo.samples), threads, part=part), part)
    rng = np.random.default_rng(photo.scene.seed)
    at = datetime.fromisoformat(photo.taken_at)
    save_jpeg(expose(clean, photo.faults, rng, photo.camera, at), HERE / photo.file, photo.faults.quality, at)
    return rows


def _inside(part: Part) -> Part:
    x1, y1, x2, y2 = part
    return max(0, x1), max(0, y1), min(WIDTH, x2), min(HEIGHT, y2)


def _part(stage: Stage, margin: int) -> Part | None:
    """Where the moving car and its shadow fall in the picture; None: nowhere."""
    import bpy
    import mathutils
    from bpy_extras.object_utils import world_to_camera_view

    bpy.context.view_layer.update()
    points = []
    for piece in stage.cars[0][1].children_recursive:
        for corner in piece.bound_box if piece.type == "MESH" else ():
            p = world_to_camera_view(bpy.context.scene, stage.camera, piece.matrix_world @ mathutils.Vector(corner))
            if p.z > 0.2:
                points.append((p.x * WIDTH, (1 - p.y) * HEIGHT))
    if not points:
        return None
    x1, y1, x2, y2 = _box(points)
    x1, y1, x2, y2 = x1 - 2 * margin, y1 - margin, x2 + 2 * margin, y2 + margin
    x1, y1, x2, y2 = _inside((x1, y1, x2, y2))
    return (x1, y1, x2, y2) if x2 - x1 > 8 and y2 - y1 > 8 else None


def _blended(still: np.ndarray, piece: np.ndarray, part: Part) -> np.ndarray:
    """The rendered piece laid over the empty street, its edges faded so that no seam shows."""
    x1, y1, x2, y2 = part
    high, wide = piece.shape[:2]
    fade_x = np.minimum(np.arange(wide) if x1 else 99, np.arange(wide)[::-1] if x2 < WIDTH else 99)
    fade_y = np.minimum(np.arange(high) if y1 else 99, np.arange(high)[::-1] if y2 < HEIGHT else 99)
    share = np.clip(
        np.minimum(np.broadcast_to(fade_x, (wide,))[None], np.broadcast_to(fade_y, (high,))[:, None]) / 20, 0, 1
    )
    whole = still.astype(np.float32)
    whole[y1:y2, x1:x2] = whole[y1:y2, x1:x2] * (1 - share[..., None]) + piece * share[..., None]
    return whole.astype(np.uint8)


def make_clip(clip: Clip, samples: int, threads: int) -> list[Row]:
    """Renders the street once and the part with the car in a few frames, moves the rest; writes H.264."""
    import av

    stage = build(clip.scene)
    _, root, plate = stage.cars[0]
    assert plate is not None
    rears, boxes = [], []
    for number in range(clip.frames):
        root.location = clip.place(number)
        rears.append(stage.rear_face(0))
        x1, y1, x2, y2 = _box(stage.corners(plate))
        whole = x1 >= 0 and y1 >= 0 and x2 <= WIDTH and y2 <= HEIGHT
        boxes.append((x1, y1, x2, y2) if whole and x2 - x1 >= clip.readable else None)
    root.location = (0, -400, 0)
    still = stage.render(samples or clip.samples, threads, SOFT)
    keys: dict[int, Key] = {}
    for number in clip.rendered:
        root.location = clip.place(number)
        part = _part(stage, 24)
        picture = still
        if part is not None:
            picture = _blended(still, stage.render(samples or clip.samples, threads, SOFT, part), part)
            box = boxes[number]
            if box is not None:
                wide = box[2] - box[0]
                part = _inside((box[0] - wide, box[1] - wide // 2, box[2] + wide, box[3] + wide // 2))
                picture = _blended(picture, stage.render(2 * (samples or clip.samples), threads, part=part), part)
        keys[number] = Key(picture, rears[number])
        print(f"{clip.file}: frame {number}", flush=True)
    rng = np.random.default_rng(clip.scene.seed)
    start = datetime.fromisoformat(clip.taken_at)
    with av.open(str(HERE / clip.file), "w", options={"movflags": "+faststart"}) as out:
        stream = out.add_stream("libx264", rate=clip.rate)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.options = {"crf": str(clip.crf), "preset": "slow", "threads": "1"}
        for number in range(clip.frames):
            before = max(key for key in keys if key <= number)
            after = min(key for key in keys if key >= number)
            share = (number - before) / max(1, after - before)
            frame = between(still, keys[before], keys[after], rears[number], share)
            at = start + timedelta(seconds=number / clip.rate)
            shown = expose(frame, clip.faults, rng, clip.camera, at)
            for packet in stream.encode(av.VideoFrame.from_ndarray(shown, format="rgb24")):
                out.mux(packet)
        for packet in stream.encode():
            out.mux(packet)
    seen = [number for number, box in enumerate(boxes) if box is not None]
    best = max(seen, key=lambda number: boxes[number][2] - boxes[number][0])  # type: ignore[index]
    x1, y1, x2, y2 = boxes[best]  # type: ignore[misc]
    return [
        {
            "file": clip.file,
            "text": _text(clip.scene.cars[0].plate),
            "state": clip.state,
            "x1": x1,
            "y1": y1,
            "x2": x2,
            "y2": y2,
            "first_seen": round(seen[0] / clip.rate, 2),
            "last_seen": round(seen[-1] / clip.rate, 2),
        }
    ]


def main() -> None:
    ask = argparse.ArgumentParser(description="Makes the sample pictures and the clip again.")
    ask.add_argument("only", nargs="*", help="beginnings of file names; none: all")
    ask.add_argument("--samples", type=int, default=0, help="light paths a pixel, for a quick look")
    ask.add_argument("--threads", type=int, default=2)
    options = ask.parse_args()
    table = HERE / "expected.csv"
    known: dict[str, list[Row]] = {}
    if table.exists():
        with table.open(newline="") as lines:
            for row in csv.DictReader(lines):
                known.setdefault(row["file"], []).append(dict(row))
    for photo in PHOTOS:
        if not options.only or photo.file.startswith(tuple(options.only)):
            known[photo.file] = make_photo(photo, options.samples, options.threads)
            _write(table, known)
            print(photo.file, flush=True)
    if not options.only or CLIP.file.startswith(tuple(options.only)):
        known[CLIP.file] = make_clip(CLIP, options.samples, options.threads)
        _write(table, known)


def _write(table: Path, known: dict[str, list[Row]]) -> None:
    files = [photo.file for photo in PHOTOS] + [CLIP.file]
    beside = table.with_suffix(".csv.part")
    with beside.open("w", newline="") as lines:
        writer = csv.DictWriter(lines, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        for file in files:
            writer.writerows(known.get(file, []))
    beside.replace(table)


if __name__ == "__main__":
    main()
