"""Train the plate detector: an Ultralytics YOLO of nano size with one class, on scenes cut from labelled photos."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lpr.training.dataset import LabelledPhoto, read_photos
from lpr.training.other_plates import OtherPlates, draw_others
from lpr.training.photo_corrections import corrected
from lpr.training.precision import fast_bfloat16


@dataclass(frozen=True)
class DetectorRecipe:
    """How a detector is trained.

    ``scenes`` are drawn in each epoch, ``imgsz`` pixels wide and high (``lpr.training.scenes``); ``longest`` is the
    longest side of the photos that they are cut from, ``widest`` that of the widest plate in them, ``natural`` the
    share of windows that show a photo as it comes. With fonts, ``drawn`` plates are drawn first, and the share
    ``swapped`` of the plates in scenes is covered by one of them. ``hours``, when given, ends the training by the
    clock, the learning rate following.
    """

    architecture: str = "yolo11n.yaml"
    start: Path | None = None
    imgsz: int = 640
    epochs: int = 30
    scenes: int = 4000
    batch: int = 8
    seed: int = 0
    hours: float | None = None
    longest: int = 800
    widest: float = 520.0
    workers: int = 1
    learning_rate: float = 0.001
    final_learning_rate: float = 0.01
    warmup_epochs: float = 0.5
    four_in_one: float = 0.5
    natural: float = 0.4
    drawn: int = 4000
    swapped: float = 0.25


def train_detector(
    data: Path,
    run: Path,
    recipe: DetectorRecipe,
    device: str | None = None,
    resume: bool = False,
    threads: int | None = None,
    fonts: Path | None = None,
    corrections: Path | None = None,
) -> Path:
    """Train on the ``train`` split of ``data/photos.jsonl``; returns the last checkpoint's averaged weights.

    ``run`` receives a checkpoint after every epoch, and at the end the measurement of the ``val`` split; with
    ``resume`` the training goes on from its last checkpoint. On a CPU ``threads`` cores are used, by default all.
    ``fonts`` is a folder of fonts for plates that are drawn over those in the photos; without it none are.
    ``corrections`` is a file of labels put right (``lpr.training.photo_corrections``).

    Raises DatasetError for photos, fonts or corrections that cannot be used.
    """
    import torch
    import ultralytics

    yaml = write_yolo(data, run / "data", recipe.longest)
    device = device or ("0" if torch.cuda.is_available() else "cpu")
    last = run / "train" / "weights" / "last.pt"
    resuming = resume and last.exists()
    model = ultralytics.YOLO(str(last if resuming else recipe.start or recipe.architecture))
    model.add_callback("on_train_start", _preparing(fast_bfloat16(device)))
    others = draw_others(fonts, recipe.drawn, recipe.seed) if fonts is not None else None
    photos = read_photos(data / "photos.jsonl", "train")
    if corrections is not None:
        photos = corrected(photos, data, corrections)
    trainer = _trainer(photos, recipe, others)
    with full_cpu(device, threads):
        arguments = {"resume": True, "device": device} if resuming else _arguments(yaml, run, recipe, device)
        model.train(trainer=trainer, **arguments)
    return last


def _arguments(yaml: Path, run: Path, recipe: DetectorRecipe, device: str) -> dict[str, Any]:
    return {
        "data": str(yaml),
        "imgsz": recipe.imgsz,
        "epochs": recipe.epochs,
        "time": recipe.hours,
        "batch": recipe.batch,
        "nbs": recipe.batch,
        "seed": recipe.seed,
        "device": device,
        "project": str(run.resolve()),
        "name": "train",
        "exist_ok": True,
        "pretrained": recipe.start is not None,
        "optimizer": "AdamW",
        "lr0": recipe.learning_rate,
        "lrf": recipe.final_learning_rate,
        "warmup_bias_lr": 0.0,
        "warmup_epochs": recipe.warmup_epochs,
        "close_mosaic": 0,
        "workers": recipe.workers,
        "amp": False,
        "plots": False,
        "val": False,
        "deterministic": False,
    }


def _trainer(photos: list[LabelledPhoto], recipe: DetectorRecipe, others: OtherPlates | None) -> Any:
    """Ultralytics' trainer class with scenes for its training set."""
    import torch
    from ultralytics.data.dataset import YOLODataset
    from ultralytics.models.yolo.detect import DetectionTrainer

    from lpr.training.scenes import SceneMaker, load_photo

    class Scenes(torch.utils.data.Dataset[dict[str, Any]]):
        collate_fn = staticmethod(YOLODataset.collate_fn)

        def __init__(self) -> None:
            self._loaded = [load_photo(photo, recipe.longest) for photo in photos]
            shares = recipe.four_in_one, recipe.natural, recipe.widest
            self._maker = SceneMaker(self._loaded, recipe.imgsz, *shares, others, recipe.swapped)
            self.labels: list[dict[str, Any]] = []

        def __len__(self) -> int:
            return recipe.scenes

        def __getitem__(self, number: int) -> dict[str, Any]:
            import cv2
            import numpy as np

            cv2.setNumThreads(1)
            # The loader reseeds torch's generator for every epoch and worker: the same seed, the same scenes.
            scene = self._maker.make(random.Random(int(torch.randint(2**62, (1,)).item()) ^ number))
            size = recipe.imgsz
            x1, y1, x2, y2 = scene.boxes.T
            boxes = np.stack([(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1], 1) / size
            return {
                "img": torch.from_numpy(np.ascontiguousarray(scene.image[:, :, ::-1].transpose(2, 0, 1))),
                "cls": torch.zeros(len(boxes), 1),
                "bboxes": torch.from_numpy(boxes.astype(np.float32)),
                "batch_idx": torch.zeros(len(boxes)),
                "im_file": str(number),
                "ori_shape": (size, size),
                "resized_shape": (size, size),
            }

    class SceneTrainer(DetectionTrainer):
        def build_dataset(self, img_path: str, mode: str = "train", batch: int | None = None) -> Any:
            return Scenes() if mode == "train" else super().build_dataset(img_path, mode, batch)

    return SceneTrainer


@contextlib.contextmanager
def full_cpu(device: str, threads: int | None = None) -> Iterator[None]:
    """While open, Ultralytics' trainer uses ``threads`` cores of a CPU, by default all; by itself it leaves one."""
    import torch
    from ultralytics.utils import torch_utils

    original = torch_utils.NUM_THREADS
    if device == "cpu":
        torch_utils.NUM_THREADS = threads or torch.get_num_threads()
        torch.set_num_threads(torch_utils.NUM_THREADS)
    try:
        yield
    finally:
        torch_utils.NUM_THREADS = original


def _preparing(bfloat16: bool) -> Callable[[Any], None]:
    """A callback: the network in channels-last order and, where that is faster, in bfloat16, its loss in float32.

    Under bfloat16 the loss would compute box corners with eight bits: on a 416 px picture they fall on a grid of
    2 px and more, and boxes of small plates stay loose. Ultralytics' own bfloat16 does so, and refuses CPUs, where a
    step takes half the time with it (AVX-512 with BF16). The averaged weights are a copy that this does not touch.
    """

    def prepare(trainer: Any) -> None:
        import torch

        model = trainer.model.to(memory_format=torch.channels_last)
        criterion = model.init_criterion()
        kind = trainer.device.type

        def loss(batch: dict[str, Any], preds: Any = None) -> Any:
            with torch.autocast(kind, torch.bfloat16, enabled=bfloat16):
                preds = model.forward(batch["img"]) if preds is None else preds
            with torch.autocast(kind, enabled=False):
                return criterion(_as_float32(preds), batch)

        model.criterion = criterion
        model.loss = loss
        trainer.model = model

    return prepare


def _as_float32(value: Any) -> Any:
    import torch

    if torch.is_tensor(value):
        return value.float()
    if isinstance(value, dict):
        return {key: _as_float32(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_as_float32(part) for part in value)
    return value


def write_yolo(data: Path, folder: Path, longest: int) -> Path:
    """Write split ``val`` of ``data/photos.jsonl`` as an Ultralytics data set for its measurement; returns its YAML.

    Pictures are stored as JPEG with the longest side at most ``longest`` pixels. Boxes that are no plate are
    painted grey. What is there already is not written again. Ultralytics wants a training folder as well and gets the
    same one, from which nothing is trained: scenes come from ``lpr.training.scenes``.
    """
    for photo in read_photos(data / "photos.jsonl", "val"):
        _write_photo(photo, folder, "val", longest)
    yaml = folder / "plates.yaml"
    yaml.write_text(
        f"path: {folder.resolve()}\ntrain: images/val\nval: images/val\nnames:\n  0: plate\n", encoding="utf-8"
    )
    return yaml


def _write_photo(labelled: LabelledPhoto, folder: Path, split: str, longest: int) -> None:
    import cv2

    from lpr.training.scenes import load_photo

    name = labelled.image.stem
    label = folder / "labels" / split / f"{name}.txt"
    picture = folder / "images" / split / f"{name}.jpg"
    if label.exists() and picture.exists():
        return
    label.parent.mkdir(parents=True, exist_ok=True)
    picture.parent.mkdir(parents=True, exist_ok=True)
    photo = load_photo(labelled, longest)
    height, width = photo.image.shape[:2]
    rows = (
        f"0 {(x1 + x2) / 2 / width:.6f} {(y1 + y2) / 2 / height:.6f} {(x2 - x1) / width:.6f} {(y2 - y1) / height:.6f}\n"
        for x1, y1, x2, y2 in photo.plates
    )
    cv2.imwrite(str(picture), photo.image, [cv2.IMWRITE_JPEG_QUALITY, 92])
    label.write_text("".join(rows), encoding="utf-8")
