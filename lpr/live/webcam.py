"""A webcam, by its number, through OpenCV: that knows the webcams of every system by number."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import cv2
import numpy as np

from lpr.live.address import Address
from lpr.live.connection import Lost, Picture
from lpr.recognition.frames import Exposure, Frame

#: A webcam that gives no picture for so many tries in a row is lost.
_MISSES = 10


class Webcam:
    """An open webcam."""

    def __init__(self, address: Address) -> None:
        self.behind = 0.0
        where = address.secret_url
        if where.startswith("/dev/") and not Path(where).exists():
            raise Lost("there is no such device; see which there are: ls /dev/video*", "missing")
        # OpenCV writes each failed attempt to standard error itself.
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
        self._capture = cv2.VideoCapture(int(where)) if where.isdecimal() else cv2.VideoCapture(where)
        if not self._capture.isOpened():
            raise Lost("there is no such webcam, or another program uses it", "missing")
        # The driver would keep several pictures, and each read give the oldest.
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        width, height = (self._capture.get(p) for p in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
        self.description = f"{width:.0f}×{height:.0f} webcam"

    def pictures(self) -> Iterator[Picture | None]:
        began: float | None = None
        misses = 0
        while True:
            there, image = self._capture.read()
            if not there or image is None:
                misses += 1
                if misses >= _MISSES:
                    raise Lost("gives no pictures any more; is it plugged in?", "lost")
                yield None
                time.sleep(0.05)
                continue
            misses = 0
            arrived = time.monotonic()
            began = arrived if began is None else began
            yield _picture(image, arrived, arrived - began)

    def close(self) -> None:
        self._capture.release()


def _picture(image: np.ndarray, arrived: float, seconds: float) -> Picture:
    pixels = image if image.ndim == 3 else cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
    print_ = zlib.crc32(pixels[::16].tobytes())
    moment = datetime.now(timezone.utc)
    return Picture(arrived, moment, seconds, Exposure.of(Frame(pixels, "", 0, seconds, moment)), print_)
