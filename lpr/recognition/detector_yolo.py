"""The plate detector of the torch engine: Ultralytics' YOLO itself."""

from __future__ import annotations

import copy
import os
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lpr.errors import ModelError
from lpr.plates import PlateBox
from lpr.recognition.detector import IMGSZ, NMS_OVERLAP, most_certain_first, plate_box


class YoloDetector:
    """``ultralytics.YOLO`` over ``path``, on ``device`` as torch names it. Not for two threads at once.

    ``confidence`` and ``imgsz`` as for OnnxDetector. Raises ModelError.
    """

    def __init__(self, path: Path, confidence: float, imgsz: int = IMGSZ, device: str = "cpu") -> None:
        # Read once, when ultralytics is imported: no look for a network, no installing by itself.
        os.environ.setdefault("YOLO_OFFLINE", "true")
        os.environ.setdefault("YOLO_AUTOINSTALL", "false")
        from ultralytics.models.yolo.model import YOLO

        try:
            # Any: Ultralytics' own annotations allow for every task's results at once.
            self._model: Any = YOLO(str(path), task="detect")
        except (OSError, RuntimeError, ValueError, KeyError, EOFError, pickle.UnpicklingError) as error:
            raise ModelError(f"{path}: Ultralytics cannot load this network; install lpr again") from error
        self._confidence = confidence
        self._imgsz = imgsz
        self._device = device

    def at(self, imgsz: int) -> YoloDetector:
        """The same network for pictures whose longest side it is to see in ``imgsz`` pixels."""
        other = copy.copy(self)
        other._imgsz = imgsz
        return other

    @property
    def shared(self) -> Any:
        """The model, which those of other sizes share."""
        return self._model

    def detect(self, image: np.ndarray) -> list[PlateBox]:
        return self._detect([image])[0]

    def together(self, wanted: Sequence[tuple[YoloDetector, np.ndarray]]) -> list[list[PlateBox]]:
        """The plates in each picture, found by the detector beside it; pictures of one shape make one batch.

        Ultralytics would pad pictures of several shapes to squares, and find other boxes in them than one by one.
        """
        found: dict[int, list[PlateBox]] = {}
        alike: dict[tuple[object, ...], list[int]] = {}
        for number, (one, image) in enumerate(wanted):
            alike.setdefault((one._imgsz, one._confidence, image.shape), []).append(number)
        for numbers in alike.values():
            batch = wanted[numbers[0]][0]._detect([wanted[number][1] for number in numbers])
            found.update(zip(numbers, batch, strict=True))
        return [found[number] for number in range(len(wanted))]

    def _detect(self, images: list[np.ndarray]) -> list[list[PlateBox]]:
        results = self._model.predict(
            images, conf=self._confidence, iou=NMS_OVERLAP, imgsz=self._imgsz, device=self._device, verbose=False
        )
        return [
            most_certain_first(
                plate_box((x1, y1, x2, y2), score, image.shape)
                for (x1, y1, x2, y2), score in zip(result.boxes.xyxy.tolist(), result.boxes.conf.tolist(), strict=True)
            )
            for image, result in zip(images, results, strict=True)
        ]
