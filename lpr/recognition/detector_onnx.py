"""The plate detector of the cpu engine: the exported YOLO network, with Ultralytics' own preparation redone.

Letterboxing follows ``ultralytics.data.augment.LetterBox(auto=True)`` and ``ultralytics.utils.ops.scale_boxes``
to the pixel, so that both engines see the same picture and give the same boxes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from lpr.plates import PlateBox
from lpr.recognition.detector import IMGSZ, NMS_OVERLAP, STRIDE, most_certain_first, plate_box
from lpr.recognition.network import Network, open_network

#: Pictures of one shape that go through the network together. Per picture of 160 × 256 pixels, four take a third less
#: processor time than one, of 256 × 416 a tenth, of 384 × 640 as much; on a busy machine they are sooner done as well.
BATCHES = (4, 2, 1)
#: Pixels of a batch at most, unless it is a single picture: OpenVINO keeps the memory that its largest run took.
LARGEST_BATCH = 2 * 384 * 640

# The grey around the picture.
_GREY = 114


@dataclass(frozen=True)
class Letterbox:
    """How a picture lies in the network's input. Sizes and margins in pixels."""

    width: int
    height: int
    left: int
    top: int
    right: int
    bottom: int

    @staticmethod
    def of(picture_width: int, picture_height: int, imgsz: int) -> Letterbox:
        ratio = min(imgsz / picture_height, imgsz / picture_width)
        width, height = max(round(picture_width * ratio), 1), max(round(picture_height * ratio), 1)
        dw, dh = (imgsz - width) % STRIDE / 2, (imgsz - height) % STRIDE / 2
        return Letterbox(width, height, round(dw - 0.1), round(dh - 0.1), round(dw + 0.1), round(dh + 0.1))

    def fill(self, image: np.ndarray) -> np.ndarray:
        """``image`` scaled and padded: height × width × 3, uint8, BGR."""
        if image.shape[:2] != (self.height, self.width):
            image = cv2.resize(image, (self.width, self.height), interpolation=cv2.INTER_LINEAR)
        return cv2.copyMakeBorder(
            image, self.top, self.bottom, self.left, self.right, cv2.BORDER_CONSTANT, value=(_GREY, _GREY, _GREY)
        )


class OnnxDetector:
    """A YOLO network without built-in suppression, one class: ``images`` n × 3 × H × W in, n × 5 × anchors out.

    ``confidence`` is the least that a box must have to be reported; ``imgsz``, a multiple of 32, the longest side
    that the network sees. Not for two threads at once. Raises ModelError, EngineError.
    """

    def __init__(
        self,
        path: Path,
        confidence: float,
        imgsz: int = IMGSZ,
        threads: int | None = None,
        network: Network | None = None,
    ) -> None:
        if imgsz < STRIDE or imgsz % STRIDE:
            raise ValueError(f"imgsz must be a multiple of {STRIDE}, not {imgsz}")
        self._network = network if network is not None else open_network(path, threads)
        self._confidence = confidence
        self._imgsz = imgsz

    def at(self, imgsz: int) -> OnnxDetector:
        """The same network for pictures whose longest side it is to see in ``imgsz`` pixels."""
        return OnnxDetector(Path(), self._confidence, imgsz, network=self._network)

    @property
    def shared(self) -> Network:
        """The network, which those of other sizes share."""
        return self._network

    def detect(self, image: np.ndarray) -> list[PlateBox]:
        return self._found(self._network(self._prepared(image))[0], image)

    def together(self, wanted: Sequence[tuple[OnnxDetector, np.ndarray]]) -> list[list[PlateBox]]:
        """The plates in each picture, found by the detector beside it; all of these share one network.

        Pictures that fill the same input are one batch. Not several runs at a time: OpenVINO 2026.4 was seen to
        corrupt memory when two threads ran one network on inputs of changing shapes.
        """
        found: list[list[PlateBox]] = [[] for _ in wanted]
        inputs = [detector._prepared(image) for detector, image in wanted]
        alike: dict[tuple[int, ...], list[int]] = {}
        for number, picture in enumerate(inputs):
            alike.setdefault(picture.shape, []).append(number)
        for numbers in alike.values():
            most = LARGEST_BATCH // (inputs[numbers[0]].shape[2] * inputs[numbers[0]].shape[3])
            for batch in _batches(numbers, most):
                answers = self._network(np.concatenate([inputs[number] for number in batch]))
                for number, answer in zip(batch, answers, strict=True):
                    detector, image = wanted[number]
                    found[number] = detector._found(answer, image)
        return found

    def _prepared(self, image: np.ndarray) -> np.ndarray:
        letterbox = Letterbox.of(image.shape[1], image.shape[0], self._imgsz)
        return cv2.dnn.blobFromImage(letterbox.fill(image), scalefactor=1 / 255, swapRB=True)

    def _found(self, found: np.ndarray, image: np.ndarray) -> list[PlateBox]:
        """The plates of the network's answer (5 × anchors) to ``image``."""
        height, width = image.shape[:2]
        letterbox = Letterbox.of(width, height, self._imgsz)
        cx, cy, w, h, scores = found[:, found[4] > self._confidence]
        corners = np.stack([cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2], axis=1)
        kept = suppress(corners, scores, NMS_OVERLAP)
        scale_x, scale_y = letterbox.width / width, letterbox.height / height
        corners = (corners[kept] - [letterbox.left, letterbox.top] * 2) / [scale_x, scale_y, scale_x, scale_y]
        return most_certain_first(
            plate_box((x1, y1, x2, y2), score, image.shape)
            for (x1, y1, x2, y2), score in zip(corners.tolist(), scores[kept].tolist(), strict=True)
        )


def _batches(numbers: Sequence[int], most: int) -> Iterator[Sequence[int]]:
    """``numbers`` in batches of ``most`` at most and of few sizes: the network is prepared anew for each."""
    at = 0
    while at < len(numbers):
        size = next(size for size in BATCHES if size <= max(1, min(most, len(numbers) - at)))
        yield numbers[at : at + size]
        at += size


def suppress(corners: np.ndarray, scores: np.ndarray, overlap: float) -> list[int]:
    """Which of the boxes (n × 4: x1, y1, x2, y2) stay when each gives way to better ones that overlap it by more.

    The order is that of falling score.
    """
    order = np.argsort(-scores, kind="stable")
    areas = (corners[:, 2] - corners[:, 0]) * (corners[:, 3] - corners[:, 1])
    kept: list[int] = []
    while order.size:
        best, rest = int(order[0]), order[1:]
        kept.append(best)
        shared = np.minimum(corners[best, 2:], corners[rest, 2:]) - np.maximum(corners[best, :2], corners[rest, :2])
        intersection = np.clip(shared, 0, None).prod(axis=1)
        union = areas[best] + areas[rest] - intersection
        order = rest[intersection <= overlap * union]
    return kept
