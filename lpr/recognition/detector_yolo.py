"""The plate detector of the torch engine: Ultralytics' YOLO itself."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

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
        from ultralytics import YOLO

        try:
            self._model = YOLO(str(path), task="detect")
        except (OSError, RuntimeError, ValueError, KeyError, EOFError, pickle.UnpicklingError) as error:
            raise ModelError(f"{path}: Ultralytics cannot load this network; install lpr again") from error
        self._confidence = confidence
        self._imgsz = imgsz
        self._device = device

    def detect(self, image: np.ndarray) -> list[PlateBox]:
        result = self._model.predict(
            image, conf=self._confidence, iou=NMS_OVERLAP, imgsz=self._imgsz, device=self._device, verbose=False
        )[0]
        corners, scores = result.boxes.xyxy.cpu().numpy(), result.boxes.conf.cpu().numpy()
        return most_certain_first(
            plate_box(*(float(v) for v in corner), float(score), image.shape)
            for corner, score in zip(corners, scores, strict=True)
        )
