"""Train the plate detector: an Ultralytics YOLO of nano size with one class, from scratch."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lpr.training.dataset import NOT_PLATES, LabelledPhoto, read_photos

#: The grey that Ultralytics pads with; painted over boxes that are neither plate nor background.
PADDING_GREY = (114, 114, 114)


@dataclass(frozen=True)
class DetectorRecipe:
    """How a detector is trained. ``longest`` is the longest side of the stored training pictures, in pixels."""

    architecture: str = "yolo11n.yaml"
    start: Path | None = None
    imgsz: int = 416
    epochs: int = 20
    batch: int = 16
    seed: int = 0
    longest: int = 800
    workers: int = 1
    learning_rate: float = 0.002
    final_learning_rate: float = 0.02
    close_mosaic: int = 4
    warmup_epochs: float = 1.0
    augment_scale: float = 0.6


def train_detector(
    data: Path, run: Path, recipe: DetectorRecipe, device: str | None = None, resume: bool = False
) -> Path:
    """Train on the ``train`` split of ``data/photos.jsonl``, choose on ``val``; returns the best checkpoint.

    ``run`` receives the data set in Ultralytics' form, checkpoints after every epoch and the curves; with
    ``resume`` the training goes on from its last checkpoint. On a CPU all cores are used.

    Raises DatasetError for photos that cannot be used.
    """
    import torch
    import ultralytics

    yaml = write_yolo(data, run / "data", recipe.longest)
    device = device or ("0" if torch.cuda.is_available() else "cpu")
    last = run / "train" / "weights" / "last.pt"
    resuming = resume and last.exists()
    model = ultralytics.YOLO(str(last) if resuming else recipe.architecture)
    if recipe.start is not None and not resuming:
        model.load(str(recipe.start))
    model.add_callback("on_train_start", _channels_last)
    with full_cpu(device):
        model.train(**({"resume": True, "device": device} if resuming else _arguments(yaml, run, recipe, device)))
    return run / "train" / "weights" / "best.pt"


def _arguments(yaml: Path, run: Path, recipe: DetectorRecipe, device: str) -> dict[str, Any]:
    return {
        "data": str(yaml),
        "imgsz": recipe.imgsz,
        "epochs": recipe.epochs,
        "batch": recipe.batch,
        "nbs": recipe.batch,
        "seed": recipe.seed,
        "device": device,
        "project": str(run.resolve()),
        "name": "train",
        "exist_ok": True,
        "pretrained": recipe.start is not None,
        "single_cls": True,
        "optimizer": "AdamW",
        "lr0": recipe.learning_rate,
        "lrf": recipe.final_learning_rate,
        "cos_lr": True,
        "warmup_epochs": recipe.warmup_epochs,
        "close_mosaic": recipe.close_mosaic,
        "scale": recipe.augment_scale,
        "degrees": 3.0,
        "shear": 2.0,
        "hsv_s": 0.8,
        "hsv_v": 0.5,
        "cache": "ram",
        "workers": recipe.workers,
        "amp": device != "cpu",
        "plots": False,
        "deterministic": False,
    }


@contextlib.contextmanager
def full_cpu(device: str) -> Iterator[None]:
    """While open, Ultralytics' trainer uses every core of a CPU; by itself it leaves one idle.

    The steps stay in float32. Under bfloat16 autocast they are no faster on a CPU whose backward pass is not
    (measured on AVX-512), and the loss then computes box corners with eight bits: on a 416 px picture they fall on a
    grid of 2 px and more, and boxes of small plates stay loose.
    """
    import torch
    from ultralytics.utils import torch_utils

    original = torch_utils.NUM_THREADS
    if device == "cpu":
        torch_utils.NUM_THREADS = torch.get_num_threads()
    try:
        yield
    finally:
        torch_utils.NUM_THREADS = original


def _channels_last(trainer: Any) -> None:
    import torch

    trainer.model = trainer.model.to(memory_format=torch.channels_last)


def write_yolo(data: Path, folder: Path, longest: int) -> Path:
    """Write splits ``train`` and ``val`` of ``data/photos.jsonl`` as an Ultralytics data set; returns its YAML.

    Pictures are stored as JPEG with the longest side at most ``longest`` pixels. Boxes that are no plate are
    painted grey, so that the network learns nothing from them. What is there already is not written again.
    """
    for split in ("train", "val"):
        for photo in read_photos(data / "photos.jsonl", split):
            _write_photo(photo, folder, split, longest)
    yaml = folder / "plates.yaml"
    yaml.write_text(
        f"path: {folder.resolve()}\ntrain: images/train\nval: images/val\nnames:\n  0: plate\n", encoding="utf-8"
    )
    return yaml


def _write_photo(photo: LabelledPhoto, folder: Path, split: str, longest: int) -> None:
    import cv2

    name = photo.image.stem
    label = folder / "labels" / split / f"{name}.txt"
    picture = folder / "images" / split / f"{name}.jpg"
    if label.exists() and picture.exists():
        return
    label.parent.mkdir(parents=True, exist_ok=True)
    picture.parent.mkdir(parents=True, exist_ok=True)
    image = cv2.imread(str(photo.image))
    if image is None:
        from lpr.errors import DatasetError

        raise DatasetError(f"cannot read the photo {photo.image}; restore it or delete its line")
    height, width = image.shape[:2]
    rows = []
    for plate in photo.plates:
        x1, y1, x2, y2 = plate.box
        if plate.flag in NOT_PLATES:
            cv2.rectangle(image, (int(x1), int(y1)), (int(x2), int(y2)), PADDING_GREY, -1)
            continue
        centre = (x1 + x2) / 2 / width, (y1 + y2) / 2 / height
        rows.append(f"0 {centre[0]:.6f} {centre[1]:.6f} {(x2 - x1) / width:.6f} {(y2 - y1) / height:.6f}\n")
    scale = longest / max(height, width)
    if scale < 1:
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(picture), image, [cv2.IMWRITE_JPEG_QUALITY, 92])
    label.write_text("".join(rows), encoding="utf-8")
